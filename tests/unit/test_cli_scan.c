/* SPDX-License-Identifier: MIT
 *
 * What a scan is told, and the inventory that it makes.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/scan_range.h"
#include "cli/scan_yaml.h"
#include "tests/tap.h"

static const struct {
	const char *text;
	const char *first, *last; /* NULL: an error */
	uint32_t count;
} ranges[] = {
	{"10.1.2.0/24", "10.1.2.1", "10.1.2.254", 254},
	{"10.1.0.0/16", "10.1.0.1", "10.1.255.254", 65534},
	{"10.1.2.4/30", "10.1.2.5", "10.1.2.6", 2},
	{"10.1.2.4/31", "10.1.2.4", "10.1.2.5", 2},
	{"10.1.2.7/32", "10.1.2.7", "10.1.2.7", 1},
	{"255.255.255.255/32", "255.255.255.255", "255.255.255.255", 1},
	{"255.255.0.0/16", "255.255.0.1", "255.255.255.254", 65534},
	{"0.0.0.0/16", "0.0.0.1", "0.0.255.254", 65534},
	{"10.0.0.0/15", NULL, NULL, 0},
	{"0.0.0.0/0", NULL, NULL, 0},
	{"10.1.2.0/33", NULL, NULL, 0},
	{"10.1.2.0/18446744073709551640", NULL, NULL, 0},
	{"10.1.2.0/4294967320", NULL, NULL, 0},
	{"10.1.2.0/-8", NULL, NULL, 0},
	{"10.1.2.0/+24", NULL, NULL, 0},
	{"10.1.2.0/ 24", NULL, NULL, 0},
	{"10.1.2.0/24 ", NULL, NULL, 0},
	{"10.1.2.0/24/24", NULL, NULL, 0},
	{"10.1.2.0/", NULL, NULL, 0},
	{"10.1.2.0", NULL, NULL, 0},
	{"/24", NULL, NULL, 0},
	{"", NULL, NULL, 0},
	{"10.1.2/24", NULL, NULL, 0},
	{"10.1.2.256/32", NULL, NULL, 0},
	{"10.1.2.3.4/32", NULL, NULL, 0},
	{"1000000000.1000000000.1.1/32", NULL, NULL, 0},
	{"fd00::/64", NULL, NULL, 0},
	{"lab/24", NULL, NULL, 0},
};

static void test_ranges(void)
{
	struct scan_range range;
	struct errtext error;
	char first[SCAN_ADDRESS_MAX], last[SCAN_ADDRESS_MAX];

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		int err = scan_range_parse(ranges[i].text, &range, &error);

		EQ_INT(err, ranges[i].first ? 0 : -EINVAL, ranges[i].text);
		if (err < 0 || ranges[i].first == NULL)
			continue;
		scan_address_format(range.first, first);
		scan_address_format(range.last, last);
		EQ_STR(first, ranges[i].first, ranges[i].text);
		EQ_STR(last, ranges[i].last, ranges[i].text);
		EQ_INT(scan_range_count(&range), ranges[i].count, ranges[i].text);
	}
	OK(scan_range_parse("10.1.2.7/24", &range, &error) == -EINVAL, "in the middle");
	EQ_STR(error.text,
		"'10.1.2.7/24' does not begin at a network's own address (did you mean "
		"10.1.2.0/24?)",
		"what was meant");
}

static const struct {
	const char *text;
	int rate; /* 0: an error */
} rates[] = {
	{"1/s", 1},
	{"50/s", 50},
	{"1000/s", 1000},
	{"0/s", 0},
	{"1001/s", 0},
	{"18446744073709551617/s", 0},
	{"4294967297/s", 0},
	{"-5/s", 0},
	{"+5/s", 0},
	{" 5/s", 0},
	{"5 /s", 0},
	{"5/m", 0},
	{"5/s/s", 0},
	{"5/", 0},
	{"/s", 0},
	{"5", 0},
	{"1.5/s", 0},
	{"", 0},
};

static void test_rates(void)
{
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		int rate = 0, err = scan_rate_parse(rates[i].text, &rate);

		EQ_INT(err, rates[i].rate ? 0 : -EINVAL, rates[i].text);
		EQ_INT(rate, rates[i].rate, rates[i].text);
	}
}

#define AT(c, d) (UINT32_C(10) << 24 | 1u << 16 | (c) << 8 | (d))

struct folding {
	const char *name;
	struct scan_entry entries[6];
	size_t count;
	uint16_t telnet_port;
	const char *yaml; /* behind "boards:" */
};

static const struct folding foldings[] = {
	{"nothing", {{0, WIPY_FAMILY_UNKNOWN, false}}, 0, 23, " []\n"},
	{"one", {{AT(2, 7), WIPY_FAMILY_WIPY, false}}, 1, 23,
		"\n  - {name: wipy-10-1-2-7, address: 10.1.2.7, family: wipy}\n"},
	{"neighbours",
		{{AT(2, 8), WIPY_FAMILY_WIPY, false},
			{AT(2, 9), WIPY_FAMILY_WIPY, false},
			{AT(2, 10), WIPY_FAMILY_WIPY, false}},
		3, 23,
		"\n  - {name: \"wipy-10-1-2-[8:10]\", address: \"10.1.2.[8:10]\", "
		"family: wipy}\n"},
	{"a gap",
		{{AT(2, 1), WIPY_FAMILY_WIPY, false},
			{AT(2, 2), WIPY_FAMILY_WIPY, false},
			{AT(2, 4), WIPY_FAMILY_WIPY, false}},
		3, 23,
		"\n  - {name: \"wipy-10-1-2-[1:2]\", address: \"10.1.2.[1:2]\", "
		"family: wipy}\n"
		"  - {name: wipy-10-1-2-4, address: 10.1.2.4, family: wipy}\n"},
	{"another family",
		{{AT(2, 1), WIPY_FAMILY_WIPY, false},
			{AT(2, 2), WIPY_FAMILY_ESP8266, false}},
		2, 23,
		"\n  - {name: wipy-10-1-2-1, address: 10.1.2.1, family: wipy}\n"
		"  - {name: esp8266-10-1-2-2, address: 10.1.2.2, family: esp8266}\n"},
	{"over the end of a byte",
		{{AT(2, 255), WIPY_FAMILY_WIPY, false},
			{AT(3, 0), WIPY_FAMILY_WIPY, false}},
		2, 23,
		"\n  - {name: wipy-10-1-2-255, address: 10.1.2.255, family: wipy}\n"
		"  - {name: wipy-10-1-3-0, address: 10.1.3.0, family: wipy}\n"},
	{"names that are taken",
		{{AT(2, 1), WIPY_FAMILY_WIPY, false},
			{AT(2, 2), WIPY_FAMILY_WIPY, true},
			{AT(2, 3), WIPY_FAMILY_WIPY, false}},
		3, 23,
		"\n  - {name: wipy-10-1-2-1, address: 10.1.2.1, family: wipy}\n"
		"  - {name: wipy-10-1-2-2-new, address: 10.1.2.2, family: wipy}\n"
		"  - {name: wipy-10-1-2-3, address: 10.1.2.3, family: wipy}\n"},
	{"ports", {{AT(2, 7), WIPY_FAMILY_PYCOM, false}}, 1, 2323,
		"\n  - {name: pycom-10-1-2-7, address: 10.1.2.7, family: pycom, ports: "
		"{telnet: 2323, ftp: 21}}\n"},
};

static void test_yaml(void)
{
	static const char begins[] = "version: 1\nboards:";

	for (size_t i = 0; i < sizeof(foldings) / sizeof(foldings[0]); i++) {
		const struct folding *f = &foldings[i];
		char *text = scan_yaml(f->entries, f->count, f->telnet_port, 21);

		if (OK(text != NULL && strncmp(text, begins, strlen(begins)) == 0,
			    f->name))
			EQ_STR(text + strlen(begins), f->yaml, f->name);
		free(text);
	}
}

static const struct {
	const char *banner;
	enum wipy_family family;
} banners[] = {
	{"MicroPython v1.8.6 on 2016-11-10; WiPy with CC3200", WIPY_FAMILY_WIPY},
	{"MicroPython v1.8.6-849 on 2018-01-04; WiPy with ESP32", WIPY_FAMILY_PYCOM},
	{"MicroPython v1.8.6-849 on 2018-01-04; LoPy4 with ESP32", WIPY_FAMILY_PYCOM},
	{"MicroPython v1.22.2 on 2024-02-22; Generic ESP32 module with ESP32",
		WIPY_FAMILY_ESP32},
	{"MicroPython v1.8.7 on 2017-01-09; ESP module with ESP8266",
		WIPY_FAMILY_ESP8266},
	{"MicroPython v1.8.7 on 2017-01-09; PYBv1.0 with STM32F405RG",
		WIPY_FAMILY_UNKNOWN},
};

static void test_families(void)
{
	struct wipy_fingerprint seen;

	for (size_t i = 0; i < sizeof(banners) / sizeof(banners[0]); i++) {
		EQ_INT(wipy_fingerprint_parse_banner(
			       banners[i].banner, strlen(banners[i].banner), &seen),
			0, banners[i].banner);
		EQ_INT(scan_family(&seen), banners[i].family, banners[i].banner);
	}
}

int main(void)
{
	test_ranges();
	test_rates();
	test_yaml();
	test_families();
	return tap_done();
}
