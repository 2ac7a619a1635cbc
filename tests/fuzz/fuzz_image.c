/* SPDX-License-Identifier: MIT
 *
 * Image inspection: any bytes give a verdict, and a good verdict has its reasons.
 */
#include <string.h>

#include "common/image.h"
#include "tests/fuzz/fuzz.h"

static void check_good(const struct wipy_image_info *info)
{
	const struct wipy_family_facts *family = wipy_family_facts(info->family);

	FUZZ_CHECK(info->family != WIPY_FAMILY_UNKNOWN);
	FUZZ_CHECK(info->size > WIPY_MD5_HEX_LEN);
	FUZZ_CHECK(info->size + wipy_image_added_len(info) <= family->image_max);
	FUZZ_CHECK(info->has_fingerprint);
	FUZZ_CHECK(strcmp(info->fingerprint.mcu, family->mcu) == 0);
	FUZZ_CHECK(info->md5_right || !info->has_md5);
	if (wipy_image_is_esp(info)) {
		FUZZ_CHECK(info->esp.checksum_right);
		FUZZ_CHECK(!info->esp.has_sha256 || info->esp.sha256_right);
		FUZZ_CHECK(!family->mark[0] || info->esp.marked);
	} else {
		FUZZ_CHECK(info->has_md5);
		FUZZ_CHECK(info->entry_point % 2 == 1);
	}
}

/* No length in the file is believed. */
static void check_lengths(const struct wipy_image_info *info)
{
	const struct wipy_image_esp *esp = &info->esp;

	FUZZ_CHECK(esp->covered_len <= info->size && esp->flash_len <= info->size);
	FUZZ_CHECK(strlen(esp->app_version) < sizeof(esp->app_version));
	FUZZ_CHECK(strlen(esp->app_project) < sizeof(esp->app_project));
	FUZZ_CHECK(strlen(esp->idf_version) < sizeof(esp->idf_version));
	FUZZ_CHECK(strlen(esp->pycom_release) < sizeof(esp->pycom_release));
	FUZZ_CHECK(wipy_image_is_esp(info) || esp->segments == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wipy_image_info info, again;
	struct wipy_fingerprint fp;

	wipy_image_inspect(data, size, &info);
	wipy_image_inspect(data, size, &again);
	FUZZ_CHECK(info.verdict == again.verdict && info.kind == again.kind);
	FUZZ_CHECK(info.kind != NULL && info.size == size);
	FUZZ_CHECK(info.verdict == 0 ||
		   (info.verdict <= WIPY_E_IMAGE_EMPTY &&
			   info.verdict >= WIPY_E_IMAGE_NO_ENDPOINTS));
	check_lengths(&info);
	FUZZ_CHECK(!info.md5_right || info.has_md5);
	FUZZ_CHECK(strlen(info.md5_computed) == WIPY_MD5_HEX_LEN);
	FUZZ_CHECK(info.has_fingerprint ==
		   (wipy_image_find_fingerprint(data, size, &fp) == 0));
	if (info.has_fingerprint)
		FUZZ_CHECK(wipy_fingerprint_equal(&fp, &info.fingerprint));
	if (info.verdict == 0)
		check_good(&info);
	return 0;
}
