/* SPDX-License-Identifier: MIT
 *
 * Banners, os.uname() texts and version tags. What is accepted must survive being
 * written and read again; the order of two tags must turn around with them. The input
 * up to the first NUL is the first text, the rest the second.
 */
#include <string.h>

#include "common/fingerprint.h"
#include "tests/fuzz/fuzz.h"

static void check_again(const struct wipy_fingerprint *fp)
{
	struct wipy_fingerprint again;
	char text[WIPY_FINGERPRINT_MAX];

	wipy_fingerprint_format(fp, text);
	FUZZ_CHECK(wipy_fingerprint_parse_banner(text, strlen(text), &again) == 0);
	FUZZ_CHECK(wipy_fingerprint_equal(fp, &again));
	FUZZ_CHECK(memcmp(fp, &again, sizeof(again)) == 0);
}

static void check_tag(const char *tag)
{
	struct wipy_version version;

	FUZZ_CHECK(wipy_version_compare(tag, tag) == WIPY_ORDER_SAME);
	if (wipy_version_parse(tag, &version) < 0)
		return;
	FUZZ_CHECK(wipy_version_has_base(tag, tag));
	FUZZ_CHECK(version.has_base || version.hash[0] != '\0');
	FUZZ_CHECK(version.stage >= -1 && version.stage <= 1);
}

static void check_pair(const char *a, const char *b)
{
	enum wipy_order there = wipy_version_compare(a, b);
	enum wipy_order back = wipy_version_compare(b, a);

	FUZZ_CHECK((there == WIPY_ORDER_OLDER) == (back == WIPY_ORDER_NEWER));
	FUZZ_CHECK((there == WIPY_ORDER_NEWER) == (back == WIPY_ORDER_OLDER));
	FUZZ_CHECK((there == WIPY_ORDER_SAME) == (strcmp(a, b) == 0));
	/* A build that grew out of another is never older. */
	if (wipy_version_has_base(a, b))
		FUZZ_CHECK(there != WIPY_ORDER_OLDER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wipy_fingerprint fp;
	char *first = malloc(size + 2);
	const char *second;

	FUZZ_CHECK(first != NULL);
	if (size > 0)
		memcpy(first, data, size);
	first[size] = '\0';
	first[size + 1] = '\0';
	second = first + strlen(first) + 1;
	if (wipy_fingerprint_parse_banner((const char *)data, size, &fp) == 0)
		check_again(&fp);
	if (wipy_fingerprint_parse_uname(first, second, &fp) == 0)
		check_again(&fp);
	check_tag(first);
	check_tag(second);
	check_pair(first, second);
	free(first);
	return 0;
}
