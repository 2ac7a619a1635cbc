/* SPDX-License-Identifier: MIT
 *
 * Ranges taken apart and put together, names, credentials, addresses.
 */
#include "config.h"

#include <errno.h>

#include "daemon/edge/inventory_range.h"
#include "tests/tap.h"

#define LIMIT 1000

struct range_row {
	const char *text;
	uint32_t count;
	const char *first, *last;
};

static const struct range_row ranges[] = {
	{"roof", 1, "roof", "roof"},
	{"", 1, "", ""},
	{"lab-[01:40]", 40, "lab-01", "lab-40"},
	{"lab-[1:40]", 40, "lab-1", "lab-40"},
	{"lab-[1:100]", 100, "lab-1", "lab-100"},
	{"lab-[001:100]", 100, "lab-001", "lab-100"},
	{"lab-[0:9]-x", 10, "lab-0-x", "lab-9-x"},
	{"[7:7]", 1, "7", "7"},
	{"[00:00]", 1, "00", "00"},
	{"10.1.[2:5].1", 4, "10.1.2.1", "10.1.5.1"},
	{"fd00::[1:9]", 9, "fd00::1", "fd00::9"},
	{"[999999000:999999999]", 1000, "999999000", "999999999"},
};

static void test_ranges(void)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct range_row *row = &ranges[i];
		struct inventory_range range;
		struct errtext error;
		char buf[64];

		if (!OK(inventory_range_parse(row->text, LIMIT, &range, &error) == 0,
			    row->text)) {
			printf("# %s\n", error.text);
			continue;
		}
		EQ_INT(range.count, row->count, row->text);
		OK(inventory_range_format(&range, 0, buf, sizeof(buf)) == 0, row->text);
		EQ_STR(buf, row->first, row->text);
		OK(inventory_range_format(&range, range.count - 1, buf, sizeof(buf)) ==
				0,
			row->text);
		EQ_STR(buf, row->last, row->text);
	}
}

struct error_row {
	const char *text, *expected;
};

#define TWO_NUMBERS "a range is two numbers of at most nine digits, such as [1:40]"
#define PARTNER     "a bracket without its partner, a range looks like [1:40]"
#define ZEROS                                                                          \
	"with leading zeros both ends of a range need the same number of digits, "     \
	"such "                                                                        \
	"as [001:100]"

static const struct error_row errors[] = {
	{"a[1:2][3:4]", "'a[1:2][3:4]': only one range is allowed"},
	{"a[1:2]]", "'a[1:2]]': only one range is allowed"},
	{"a[5:1]", "'a[5:1]': the range runs backwards, write [1:5]"},
	{"a[]", "'a[]': a range looks like [1:40], with a colon"},
	{"a[12]", "'a[12]': a range looks like [1:40], with a colon"},
	{"a[:]", "'a[:]': " TWO_NUMBERS},
	{"a[1:]", "'a[1:]': " TWO_NUMBERS},
	{"a[:9]", "'a[:9]': " TWO_NUMBERS},
	{"a[1:2:3]", "'a[1:2:3]': " TWO_NUMBERS},
	{"a[-1:2]", "'a[-1:2]': " TWO_NUMBERS},
	{"a[a:f]", "'a[a:f]': " TWO_NUMBERS},
	{"a[1: 2]", "'a[1: 2]': " TWO_NUMBERS},
	{"a[1:1000000000]", "'a[1:1000000000]': " TWO_NUMBERS},
	{"a[00000000000000000001:00000000000000000002]",
		"'a[00000000000000000001:00000000000000000002]': " TWO_NUMBERS},
	{"a[1:1001]",
		"'a[1:1001]': the range has 1001 values, at most 1000 are allowed"},
	{"a[01:100]", "'a[01:100]': " ZEROS},
	{"a[1:010]", "'a[1:010]': " ZEROS},
	{"a[1:2", "'a[1:2': " PARTNER},
	{"a]", "'a]': " PARTNER},
	{"a]1:2[", "'a]1:2[': " PARTNER},
};

static void test_errors(void)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct inventory_range range = {.count = 99};
		struct errtext error = {""};

		OK(inventory_range_parse(errors[i].text, LIMIT, &range, &error) ==
					-EINVAL &&
				range.count == 99,
			errors[i].text);
		EQ_STR(error.text, errors[i].expected, errors[i].text);
	}
}

static void test_small_buffer(void)
{
	struct inventory_range range;
	struct errtext error;
	char buf[7] = "before";

	OK(inventory_range_parse("lab-[1:40]", LIMIT, &range, &error) == 0, "buffer");
	EQ_INT(inventory_range_format(&range, 39, buf, 6), -ENAMETOOLONG, "buffer");
	EQ_STR(buf, "before", "buffer untouched");
	EQ_INT(inventory_range_format(&range, 39, buf, 7), 0, "buffer just fits");
	EQ_STR(buf, "lab-40", "buffer just fits");
}

#define DIGITS_60 "123456789012345678901234567890123456789012345678901234567890"

struct verdict_row {
	const char *text;
	bool expected;
};

static const struct verdict_row names[] = {
	{"a", true},
	{"lab-01_x.Y", true},
	{DIGITS_60 "123", true},
	{DIGITS_60 "1234", false},
	{"", false},
	{"a b", false},
	{"caf\xc3\xa9", false},
	{"a/b", false},
	{"a\n", false},
};
static const struct verdict_row credentials[] = {
	{"python", true},
	{"!\"#$~", true},
	{"1234567890123456789012345678901", true},
	{"12345678901234567890123456789012", false},
	{"", false},
	{"a b", false},
	{"a\t", false},
	{"a\x7f", false},
	{"\xc3\xa9", false},
};

static void test_verdicts(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tap_ok(inventory_name_valid(names[i].text) == names[i].expected,
			"name %zu is %s", i, names[i].expected ? "good" : "bad");
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]); i++)
		tap_ok(inventory_credential_valid(credentials[i].text) ==
				credentials[i].expected,
			"credential %zu is %s", i,
			credentials[i].expected ? "good" : "bad");
}

#define LABEL_63 DIGITS_60 "abc"

/* expected NULL: no address. */
static const struct error_row addresses[] = {
	{"10.1.2.3", "10.1.2.3"},
	{"::1", "::1"},
	{"FD00:0:0:0:0:0:0:1", "fd00::1"},
	{"Roof.Example.NET", "roof.example.net"},
	{"localhost", "localhost"},
	{"a-b", "a-b"},
	{"3com.example", "3com.example"},
	{LABEL_63, LABEL_63},
	{LABEL_63 "." LABEL_63 "." LABEL_63 "." DIGITS_60 "a",
		LABEL_63 "." LABEL_63 "." LABEL_63 "." DIGITS_60 "a"},
	{LABEL_63 "." LABEL_63 "." LABEL_63 "." DIGITS_60 "ab", NULL},
	{LABEL_63 "d", NULL},
	{"", NULL},
	{"10.1.2.256", NULL},
	{"10.1.2", NULL},
	{"10.1.2.01", NULL},
	{"[::1]", NULL},
	{"::g", NULL},
	{"-a", NULL},
	{"a-", NULL},
	{"a..b", NULL},
	{".a", NULL},
	{"a.", NULL},
	{"a_b", NULL},
	{"a b", NULL},
	{"10.1.2.3:23", NULL},
	{"caf\xc3\xa9", NULL},
};

static void test_addresses(void)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char address[ADDRESS_MAX_LEN] = "untouched";
		const char *expected = addresses[i].expected;
		int rc = inventory_address_normalize(addresses[i].text, address);

		EQ_INT(rc, expected ? 0 : -EINVAL, addresses[i].text);
		EQ_STR(address, expected ? expected : "untouched", addresses[i].text);
	}
}

int main(void)
{
	test_ranges();
	test_errors();
	test_small_buffer();
	test_verdicts();
	test_addresses();
	return tap_done();
}
