/* SPDX-License-Identifier: MIT
 *
 * Ranges of versions: what is one, and what lies in it.
 */
#include "daemon/core/version_range.h"

#include <errno.h>

#include "tests/tap.h"

static const struct {
	const char *range, *tag;
	bool holds;
} rows[] = {
	{"v1.8.4..v1.8.6", "v1.8.4", true},
	{"v1.8.4..v1.8.6", "v1.8.3-66-gf24af95", false},
	{"v1.8.4..v1.8.6", "v1.8.4-57-g099c7b4", true},
	{"v1.8.4..v1.8.6", "v1.8.5-71-g6ed5583-dirty", true},
	{"v1.8.4..v1.8.6", "v1.8.6", true},
	{"v1.8.4..v1.8.6", "v1.8.6-63-gc28fed6-dirty", true},
	{"v1.8.4..v1.8.6", "v1.8.7-219-g0c821f7-dirty", false},
	{"v1.8.4..v1.8.6", "v1.10", false},
	{"v1.8.4-57-g099c7b4..", "v1.8.4", false},
	{"v1.8.4-57-g099c7b4..", "v1.8.4-57-g099c7b4", true},
	{"v1.8.4-57-g099c7b4..", "v1.8.4-58-g1234567", true},
	{"v1.8.7..", "v1.24.1", true},
	{"v1.8.7..", "v1.8.6-63-gc28fed6", false},
	{"..v1.8.6", "v1.5", true},
	{"..v1.8.6", "v1.8.60", false},
	{"..v1.8.6", "v1.9-preview", false},
	{"v1.8.6", "v1.8.6", true},
	{"v1.8.6", "v1.8.6-dirty", true},
	{"v1.8.6", "v1.8.6-9-g30cfdc2", true},
	{"v1.8.6", "v1.8.7", false},
	{"v1.8.6", "v1.8.5-800-g30cfdc2", false},
	{"..v1.8.6", "6fdbd0a", false},
	{"v1.8.4..", "any words", false},
	{"v1.8.4..", "", false},
};

static void test_rows(void)
{
	struct version_ranges ranges = {.count = 1};
	struct errtext error;
	char name[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(name, sizeof(name), "%s in %s", rows[i].tag, rows[i].range);
		EQ_INT(version_range_parse(rows[i].range, &ranges.range[0], &error), 0,
			name);
		EQ_INT(version_ranges_hold(&ranges, rows[i].tag), rows[i].holds, name);
	}
}

static void test_several(void)
{
	struct version_ranges ranges = {.count = 0};
	struct errtext error;

	OK(version_ranges_hold(&ranges, "any words"), "nothing is asked for");
	ranges.count = 2;
	EQ_INT(version_range_parse("v1.8.3", &ranges.range[0], &error), 0, "first");
	EQ_INT(version_range_parse("v1.8.6..", &ranges.range[1], &error), 0, "second");
	OK(version_ranges_hold(&ranges, "v1.8.3-66-gf24af95"), "in the first");
	OK(!version_ranges_hold(&ranges, "v1.8.4"), "between them");
	OK(version_ranges_hold(&ranges, "v1.9"), "in the second");
}

static void test_texts(void)
{
	static const char *const good[] = {
		"v1.8.4..v1.8.6", "v1.8.4..", "..v1.8.6", "v1.8.6"};
	static const char *const bad[] = {"", "..", "1..2..3", "words",
		"v1.8.6..v1.8.4", "v1.8.4 .. v1.8.6", "6fdbd0a", "..6fdbd0a",
		"v1.8.4...v1.8.6",
		"v1.8.4-0000000000000000000000000000000000000000000000000000000000000"};
	struct version_range range;
	char text[VERSION_RANGE_TEXT_MAX];
	struct errtext error;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		EQ_INT(version_range_parse(good[i], &range, &error), 0, good[i]);
		version_range_format(&range, text);
		EQ_STR(text, good[i], "written as it was read");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error.text[0] = '\0';
		EQ_INT(version_range_parse(bad[i], &range, &error), -EINVAL, bad[i]);
		OK(strstr(error.text, "is not a range of versions") != NULL, bad[i]);
	}
}

int main(void)
{
	test_rows();
	test_several();
	test_texts();
	return tap_done();
}
