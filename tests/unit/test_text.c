/* SPDX-License-Identifier: MIT
 *
 * Bounded text: cutting at the cap, numbers at their limits, searching at the edges.
 */
#include <errno.h>

#include "common/text.h"
#include "common/utf8.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	int64_t value;
	const char *text;
} ints[] = {
	{"zero", 0, "0"},
	{"one digit", 7, "7"},
	{"negative", -120, "-120"},
	{"largest", INT64_MAX, "9223372036854775807"},
	{"smallest", INT64_MIN, "-9223372036854775808"},
};

static const struct {
	const char *name;
	uint64_t value;
	int width;
	const char *text;
} hexes[] = {
	{"padded", 0x1f, 4, "001f"},
	{"exact", 0xbeef, 4, "beef"},
	{"more digits than asked for", 0x12345, 2, "45"},
	{"full width", UINT64_MAX, 16, "ffffffffffffffff"},
	{"width below 1", 0xab, 0, "b"},
	{"width above 16", 1, 17, "0000000000000001"},
};

static const struct {
	const char *name;
	const char *text;
	uint64_t max;
	int error;
	uint64_t value;
} numbers[] = {
	{"zero", "0", 10, 0, 0},
	{"plain", "1234", 100000, 0, 1234},
	{"leading zeros", "0007", 10, 0, 7},
	{"at the limit", "255", 255, 0, 255},
	{"above the limit", "256", 255, -EINVAL, 0},
	{"a digit above a small limit", "9", 3, -EINVAL, 0},
	{"largest", "18446744073709551615", UINT64_MAX, 0, UINT64_MAX},
	{"one too large", "18446744073709551616", UINT64_MAX, -EINVAL, 0},
	{"far too large", "99999999999999999999999", UINT64_MAX, -EINVAL, 0},
	{"empty", "", 10, -EINVAL, 0},
	{"sign", "+1", 10, -EINVAL, 0},
	{"minus", "-1", 10, -EINVAL, 0},
	{"blank in front", " 1", 10, -EINVAL, 0},
	{"blank behind", "1 ", 10, -EINVAL, 0},
	{"letter", "1a", 100, -EINVAL, 0},
	{"high byte", "\xb1", 100, -EINVAL, 0},
};

static const struct {
	const char *name;
	const char *haystack;
	const char *needle;
	int at; /* -1: not there */
} finds[] = {
	{"in front", "abcdef", "abc", 0},
	{"at the end", "abcdef", "def", 3},
	{"the whole", "abc", "abc", 0},
	{"after a false start", "aabaac", "aac", 3},
	{"longer than the text", "ab", "abc", -1},
	{"cut off at the end", "xxab", "abc", -1},
	{"not there", "abcdef", "x", -1},
	{"empty needle", "abc", "", 0},
	{"empty text", "", "a", -1},
};

static void test_tables(void)
{
	struct wipy_text t;
	char buf[32];

	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		wipy_text_init(&t, buf, sizeof(buf));
		wipy_text_int(&t, ints[i].value);
		EQ_STR(buf, ints[i].text, ints[i].name);
	}
	for (size_t i = 0; i < sizeof(hexes) / sizeof(hexes[0]); i++) {
		wipy_text_init(&t, buf, sizeof(buf));
		wipy_text_hex(&t, hexes[i].value, hexes[i].width);
		EQ_STR(buf, hexes[i].text, hexes[i].name);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		uint64_t value = 4711;
		int error = wipy_text_parse_u64(numbers[i].text,
			strlen(numbers[i].text), numbers[i].max, &value);

		OK(error == numbers[i].error &&
				value == (error == 0 ? numbers[i].value : 4711),
			numbers[i].name);
	}
	for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		const uint8_t *text = (const uint8_t *)finds[i].haystack;
		const uint8_t *hit = wipy_text_find(text, strlen(finds[i].haystack),
			finds[i].needle, strlen(finds[i].needle));

		EQ_INT(hit == NULL ? -1 : hit - text, finds[i].at, finds[i].name);
	}
}

static void test_cutting(void)
{
	struct wipy_text t;
	char buf[8];

	wipy_text_init(&t, buf, sizeof(buf));
	wipy_text_str(&t, "1234567");
	OK(!t.cut && t.len == 7, "exactly full is not cut");
	wipy_text_char(&t, '8');
	OK(t.cut && t.len == 7, "one more is cut");
	EQ_STR(buf, "1234567", "a cut text stays whole");
	wipy_text_init(&t, buf, sizeof(buf));
	wipy_text_str(&t, "12345");
	wipy_text_str(&t, "678");
	EQ_STR(buf, "1234567", "what fits of a piece is kept");
	wipy_text_init(&t, buf, 1);
	wipy_text_int(&t, 5);
	OK(t.cut && buf[0] == '\0', "a buffer of one byte holds the end only");
	OK(wipy_text_copy(buf, sizeof(buf), "1234567", 7), "copy that fits");
	OK(!wipy_text_copy(buf, sizeof(buf), "abcdefgh", 8), "copy that does not");
	EQ_STR(buf, "abcdefg", "copy that does not fit is cut");
}

static void test_names(void)
{
	OK(wipy_text_is_name("v1.8.7-219-g0c821f7_x", 64), "a name");
	OK(wipy_text_is_name("abc", 4), "one that just fits");
	OK(!wipy_text_is_name("abcd", 4), "one that does not");
	OK(!wipy_text_is_name("", 4), "nothing");
	OK(!wipy_text_is_name("a/b", 64), "a path");
	OK(!wipy_text_is_name("a b", 64), "words");
	OK(!wipy_text_is_name("\xc3\xa4", 64), "another letter");
}

static void test_utf8(void)
{
	static const struct {
		const char *text, *mended;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8d",
			"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8d"},
		{"caf\xe9", "caf?"},
		{"\x80", "?"},
		{"\xc0\xaf", "??"},
		{"\xe0\x80\x80", "???"},
		{"\xed\xa0\x80", "???"},
		{"\xf4\x90\x80\x80", "????"},
		{"\xf5\x80", "??"},
		{"\xe2\x82", "??"},
		{"\xe2\x82x", "??x"},
	};
	char text[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "%s", rows[i].text);
		wipy_utf8_mend(text);
		EQ_STR(text, rows[i].mended, rows[i].mended);
	}
}

int main(void)
{
	test_tables();
	test_cutting();
	test_names();
	test_utf8();
	return tap_done();
}
