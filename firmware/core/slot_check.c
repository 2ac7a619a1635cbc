/* SPDX-License-Identifier: MIT
 *
 * A classic image ends in the digits of its MD5. An ESP image proves itself; on this
 * project's own firmware the digits may follow it, and nothing else may.
 */
#include "firmware/core/slot_check.h"

#include <errno.h>
#include <string.h>

#include "firmware/core/slot.h"

#define CHECK_CHUNK  512
#define CHECK_CHUNKS 16 /* a step: 8 KiB */

bool slot_check_start(struct slot_check *check, struct hal *hal, enum hal_area area,
	enum wipy_proof proof)
{
	size_t len;

	if (slot_state(hal, area, &len) != SLOT_WHOLE || len <= WIPY_MD5_HEX_LEN)
		return false;
	check->area = area;
	check->proof = proof;
	check->len = len;
	check->done_len = 0;
	check->md5_len = proof == WIPY_PROOF_PYCOM ? 0 : len - WIPY_MD5_HEX_LEN;
	wipy_md5_init(&check->md5);
	wipy_esp_image_init(&check->esp, proof != WIPY_PROOF_ESP8266);
	return true;
}

static int check_trailer(struct slot_check *check, struct hal *hal)
{
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	char stored[WIPY_MD5_HEX_LEN];
	int err;

	err = slot_read(hal, check->area, check->md5_len, stored, sizeof(stored));
	if (err < 0)
		return err;
	wipy_md5_final(&check->md5, digest);
	wipy_md5_hex(digest, hex);
	return memcmp(hex, stored, sizeof(stored)) == 0 ? 0 : WIPY_E_IMAGE_MD5;
}

static int finish(struct slot_check *check, struct hal *hal)
{
	int err;

	if (check->proof == WIPY_PROOF_MD5)
		return check_trailer(check, hal);
	err = wipy_esp_image_verdict(&check->esp);
	/* a flag that was turned off must not turn the hash off with it */
	if (err == 0 && check->proof == WIPY_PROOF_ESP32 && !check->esp.has_hash)
		err = WIPY_E_GARBAGE;
	if (err < 0)
		return err;
	/* Pycom's loader does not look behind the image's end */
	if (check->proof == WIPY_PROOF_PYCOM || check->esp.total_len == check->len)
		return 0;
	return check_trailer(check, hal);
}

static void take(struct slot_check *check, const uint8_t *bytes, size_t len)
{
	size_t hashed =
		check->md5_len > check->done_len ? check->md5_len - check->done_len : 0;

	wipy_md5_update(&check->md5, bytes, hashed < len ? hashed : len);
	if (check->proof != WIPY_PROOF_MD5)
		wipy_esp_image_update(&check->esp, bytes, len);
	check->done_len += len;
}

int slot_check_step(struct slot_check *check, struct hal *hal)
{
	uint8_t chunk[CHECK_CHUNK];

	for (int i = 0; i < CHECK_CHUNKS && check->done_len < check->len; i++) {
		size_t n = check->len - check->done_len;
		int err;

		if (n > sizeof(chunk))
			n = sizeof(chunk);
		err = slot_read(hal, check->area, check->done_len, chunk, n);
		if (err < 0)
			return err;
		take(check, chunk, n);
	}
	return check->done_len < check->len ? -EAGAIN : finish(check, hal);
}

int slot_check_run(struct slot_check *check, struct hal *hal)
{
	int err;

	do
		err = slot_check_step(check, hal);
	while (err == -EAGAIN);
	return err;
}
