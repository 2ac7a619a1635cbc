/* SPDX-License-Identifier: MIT
 *
 * Image inspection: any bytes give a verdict, and a good verdict has its reasons.
 */
#include <string.h>

#include "common/image.h"
#include "tests/fuzz/fuzz.h"

static void check_good(const struct wipy_image_info *info)
{
	FUZZ_CHECK(info->family == WIPY_FAMILY_WIPY);
	FUZZ_CHECK(info->size > WIPY_MD5_HEX_LEN && info->size <= 196608);
	FUZZ_CHECK(info->has_md5 && info->md5_right && info->has_fingerprint);
	FUZZ_CHECK(strcmp(info->fingerprint.mcu, "CC3200") == 0);
	FUZZ_CHECK(info->entry_point % 2 == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wipy_image_info info, again;
	struct wipy_fingerprint fp;

	wipy_image_inspect(data, size, &info);
	wipy_image_inspect(data, size, &again);
	FUZZ_CHECK(info.verdict == again.verdict && info.kind == again.kind);
	FUZZ_CHECK(info.kind != NULL && info.size == size);
	FUZZ_CHECK(info.verdict == 0 || (info.verdict <= WIPY_E_IMAGE_EMPTY &&
						info.verdict >= WIPY_E_IMAGE_KIND));
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
