/* SPDX-License-Identifier: MIT
 *
 * What types of boards accept: where it comes from, and every fault with its place.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"
#include "tests/unit/inventory_fixture.h"

#define TYPE(accept) WIPY "types: {t: {accept: " accept "}}\n" BOARDS(", type: t")

static void describe(const struct fit_rules *rules, char *buf, size_t cap)
{
	char range[VERSION_RANGE_TEXT_MAX];
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; rules && i < rules->entry_count; i++)
		len += (size_t)snprintf(buf + len, cap - len, "0x%08x ",
			(unsigned)rules->entry_point[i]);
	for (size_t i = 0; rules && i < rules->version.count; i++) {
		version_range_format(&rules->version.range[i], range);
		len += (size_t)snprintf(buf + len, cap - len, "%s ", range);
	}
	if (rules && rules->size)
		snprintf(buf + len, cap - len, "%lldB", (long long)rules->size);
}

static const struct {
	const char *name, *yaml, *expected;
} rows[] =
	{
		{"no type", WIPY BOARDS(""), ""},
		{"a type that accepts all", WIPY "types: {t: {}}\n" BOARDS(", type: t"),
			""},
		{"an entry point", TYPE("{entry-point: [0x40100004]}"), "0x40100004 "},
		{"two entry points and a version",
			TYPE("{entry-point: [0x40100004, 0x401006C0], version: "
			     "v1.8.4}"),
			"0x40100004 0x401006c0 v1.8.4 "},
		{"versions", TYPE("{version: [..v1.8.4, v1.9..]}"), "..v1.8.4 v1.9.. "},
		{"a size", TYPE("{size: 1404KiB}"), "1437696B"},
		{"a size, and a version", TYPE("{version: v1.9.., size: 4KiB}"),
			"v1.9.. 4096B"},
		{"another type's board",
			WIPY "types: {t: {accept: {version: v1.9}}, u: {}}\n" BOARDS(
				", type: u"),
			""},
},
  faults[] = {
	  {"nothing in it", TYPE("{}"), "'accept' says nothing"},
	  {"nothing", TYPE(""), "'accept' says nothing"},
	  {"an unknown key", TYPE("{entrypoint: [0x1]}"),
		  "unknown key 'entrypoint' (did you mean 'entry-point'?)"},
	  {"no list", TYPE("{entry-point: 0x40100004}"),
		  "'entry-point': expected a list"},
	  {"an empty list", TYPE("{entry-point: []}"), "there can be 1 to 8, found 0"},
	  {"a decimal number", TYPE("{entry-point: [1074790404]}"),
		  "expected an address such as 0x40100004"},
	  {"no digits", TYPE("{entry-point: [0x]}"), "expected an address"},
	  {"too many digits", TYPE("{entry-point: [0x140100004]}"),
		  "expected an address"},
	  {"zero", TYPE("{entry-point: [0x0]}"), "expected an address"},
	  {"a size without a unit", TYPE("{size: 1404}"),
		  "'size': expected a size such as 512KiB or 1MiB"},
	  {"a size that no image has", TYPE("{size: 0B}"),
		  "'size' must be between 4KiB and 4MiB"},
	  {"no version", TYPE("{version: new}"), "'new' is not a range of versions"},
	  {"a version that is a list of lists", TYPE("{version: [[v1.9]]}"),
		  "'versions': expected a text, found a list"},
	  {"a text", TYPE("all"), "expected keys with values"},
};

int main(void)
{
	struct fixture fixture;
	struct outcome got;
	char text[256];

	fixture_init(&fixture);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = read_as(&fixture, rows[i].yaml, NULL);
		EQ_STR(got.faults, "", rows[i].name);
		if (got.rc == 0)
			describe(got.inventory->board[0].accept, text, sizeof(text));
		EQ_STR(text, rows[i].expected, rows[i].name);
		outcome_done(&got);
	}
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		got = read_as(&fixture, faults[i].yaml, NULL);
		OK(got.rc == WIPY_E_CONFIG && !got.inventory, faults[i].name);
		if (!OK(strstr(got.faults, faults[i].expected) != NULL, faults[i].name))
			printf("# said: %s\n", got.faults);
		outcome_done(&got);
	}
	fixture_done(&fixture);
	return tap_done();
}
