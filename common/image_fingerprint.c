/* SPDX-License-Identifier: MIT
 *
 * The version in the bytes of an image: all that firmware needs of the inspection.
 */
#include "common/image.h"
#include "common/text.h"

int wipy_image_find_fingerprint(
	const uint8_t *data, size_t len, struct wipy_fingerprint *ret_fp)
{
	static const char mark[] = "MicroPython ";
	const size_t mark_len = sizeof(mark) - 1;
	const uint8_t *end, *at = data;

	if (len < mark_len)
		return WIPY_E_IMAGE_NO_VERSION;
	end = data + len;
	while ((at = wipy_text_find(at, (size_t)(end - at), mark, mark_len)) != NULL) {
		size_t text_len = 0;

		at += mark_len;
		while (text_len < WIPY_FINGERPRINT_MAX && at + text_len < end &&
			at[text_len] != '\r' && at[text_len] != '\n' &&
			at[text_len] != '\0')
			text_len++;
		/* A text that the end of the file cuts off may lack its last part. */
		if (text_len < WIPY_FINGERPRINT_MAX && at + text_len < end &&
			wipy_fingerprint_parse_banner(
				(const char *)at, text_len, ret_fp) == 0)
			return 0;
	}
	return WIPY_E_IMAGE_NO_VERSION;
}
