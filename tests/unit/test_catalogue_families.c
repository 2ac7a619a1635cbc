/* SPDX-License-Identifier: MIT
 *
 * Images of the ESP families in the catalogue: a release of several, what is kept of
 * them, and the MD5 that goes to the board behind the file.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"

static uv_loop_t loop;
static const struct minisign_trust nobody = {.policy = SIGNATURES_OFF};
static struct catalogue *catalogue;
static char dir[64];

struct answer {
	int status;
	char sha256[SHA256_HEX_MAX];
	char text[320];
	uint32_t warnings;
	const struct release *release;
	const struct catalogue_bytes *bytes;
};

static void on_image(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct answer *answer = arg;

	answer->warnings = info->warnings;
	answer->status = status;
	snprintf(answer->sha256, sizeof(answer->sha256), "%s", sha256);
	snprintf(answer->text, sizeof(answer->text), "%s", error->text);
}

static void on_release(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct answer *answer = arg;

	(void)warning;
	answer->status = status;
	answer->release = release;
	snprintf(answer->text, sizeof(answer->text), "%s", error->text);
}

static void on_bytes(void *arg, int status, const struct catalogue_bytes *bytes,
	const struct errtext *error)
{
	struct answer *answer = arg;

	(void)error;
	answer->status = status;
	answer->bytes = bytes;
}

static struct answer add(const uint8_t *bytes, size_t len)
{
	struct answer answer = {.status = 1};
	uint8_t *copy = malloc(len);

	memcpy(copy, bytes, len);
	catalogue_add_image(catalogue, copy, len, NULL, on_image, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	return answer;
}

static const struct {
	const char *name;
	struct esp_fixture image;
	bool added; /* the board gets an MD5 that the file has not */
} rows[] = {
	{"ESP32", {true, true, false, "v1.11", 3200}, true},
	{"ESP8266", {false, false, false, "v1.11", 3200}, true},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* What a board's loader checks: the digits at the end are right. */
static bool ends_in_md5(const struct catalogue_bytes *bytes)
{
	size_t len = bytes->len - WIPY_MD5_HEX_LEN;
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	struct wipy_md5 md5;

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, bytes->data, len);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, hex);
	return memcmp(bytes->data + len, hex, WIPY_MD5_HEX_LEN) == 0;
}

static void test_bytes(const char *sha256, const uint8_t *file, size_t len, bool added)
{
	struct answer answer = {.status = 1}, again = {.status = 1};

	catalogue_get_bytes(catalogue, sha256, on_bytes, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	catalogue_get_bytes(catalogue, sha256, on_bytes, &again);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.bytes->len, len + (added ? WIPY_MD5_HEX_LEN : 0), "its length");
	OK(memcmp(answer.bytes->data, file, len) == 0, "begins with the file");
	OK(ends_in_md5(answer.bytes), "ends in its MD5");
	EQ_INT(again.bytes->len, answer.bytes->len, "which is put there once");
	catalogue_release_bytes(catalogue, answer.bytes);
	catalogue_release_bytes(catalogue, again.bytes);
}

/* As esptool takes it, by the bytes of the header. */
static void test_flash(const struct release *release)
{
	static const struct {
		enum wipy_family family;
		struct release_flash flash;
	} headers[] = {
		{WIPY_FAMILY_ESP32, {"qio", "40m", "1MB"}},
		{WIPY_FAMILY_ESP8266, {"qio", "40m", "512KB"}},
	};

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const struct release_flash *flash =
			&release_image_for(release, headers[i].family, "")->flash;

		EQ_STR(flash->mode, headers[i].flash.mode, "mode of the flash");
		EQ_STR(flash->frequency, headers[i].flash.frequency, "its frequency");
		EQ_STR(flash->size, headers[i].flash.size, "its size");
	}
}

static void test_families(void)
{
	static uint8_t file[ESP_FIXTURE_MAX];
	char sha256[ROWS][SHA256_HEX_MAX];
	const char *all[ROWS];
	struct catalogue_offer offer = {
		.name = "all", .sha256 = all, .count = ROWS, .now_s = 1};
	struct answer answer;
	struct errtext error;

	for (size_t i = 0; i < ROWS; i++) {
		struct esp_fixture with_trailer = rows[i].image;
		size_t len = esp_fixture_make(&rows[i].image, file);

		answer = add(file, len);
		EQ_INT(answer.status, 0, rows[i].name);
		memcpy(sha256[i], answer.sha256, sizeof(sha256[i]));
		all[i] = sha256[i];
		test_bytes(sha256[i], file, len, rows[i].added);
		with_trailer.trailer = true;
		len = esp_fixture_make(&with_trailer, file);
		answer = add(file, len);
		EQ_INT(answer.status, 0, rows[i].name);
		test_bytes(answer.sha256, file, len, false);
	}
	answer.status = 1;
	catalogue_add_release(catalogue, &offer, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.status, 0, "a release of several families");
	OK(release_image_for(answer.release, WIPY_FAMILY_ESP32, "") &&
			release_image_for(answer.release, WIPY_FAMILY_ESP8266, "") &&
			!release_image_for(answer.release, WIPY_FAMILY_PYCOM, ""),
		"has one image for each");
	catalogue = catalogue_free(catalogue);
	EQ_INT(catalogue_open(&loop, dir, &nobody, &catalogue, &error), 0,
		"opened again");
	EQ_INT(catalogue_at(catalogue, 0)->image_count, ROWS, "it has them");
	EQ_INT(catalogue_at(catalogue, 0)->image[1].entry_point, 0x40100004,
		"with their entry points");
	test_flash(catalogue_at(catalogue, 0));
}

/* Nobody who runs a stock image can be reached again. */
static void test_stock(void)
{
	static uint8_t file[ESP_FIXTURE_MAX];
	size_t len = esp_fixture_make(&rows[1].image, file);
	uint8_t *mark = NULL;
	struct answer answer;

	for (size_t i = 0; i + sizeof(WIPY_FIRMWARE_MARK) < len && !mark; i++)
		if (memcmp(file + i, WIPY_FIRMWARE_MARK, strlen(WIPY_FIRMWARE_MARK)) ==
			0)
			mark = file + i;
	/* Two letters change places: the checksum stays. */
	mark[0] = WIPY_FIRMWARE_MARK[1];
	mark[1] = WIPY_FIRMWARE_MARK[0];
	answer = add(file, len);
	EQ_INT(answer.status, 0, "a stock image is kept");
	EQ_INT(answer.warnings, WIPY_IMAGE_WARN_ONE_WAY, "with a warning");
	file[len - 1] ^= 1;
	answer = add(file, len);
	EQ_INT(answer.status, WIPY_E_IMAGE_CHECKSUM, "a damaged one");
}

int main(void)
{
	struct errtext error;
	char command[128];

	strcpy(dir, "catalogue.XXXXXX");
	OK(mkdtemp(dir) != NULL, "a folder");
	uv_loop_init(&loop);
	EQ_INT(catalogue_open(&loop, dir, &nobody, &catalogue, &error), 0, "opened");
	test_families();
	test_stock();
	(void)catalogue_free(catalogue);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	snprintf(command, sizeof(command), "rm -r %s", dir);
	EQ_INT(system(command), 0, "the folder is gone");
	return tap_done();
}
