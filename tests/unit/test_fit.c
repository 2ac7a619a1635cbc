/* SPDX-License-Identifier: MIT
 *
 * Whether an image belongs on a board, as a table.
 */
#include "daemon/core/fit.h"

#include "common/image.h"
#include "tests/tap.h"

#define ENTRY 0x40100004u
#define OTHER 0x401006c0u

static const struct {
	const char *name;
	uint32_t entry;
	const char *tag;
	bool one_way;
	const char *accept_version; /* NULL: the type says nothing of it */
	uint32_t accept_entry;      /* 0: the same */
	const char *from, *through; /* NULL: the release says nothing */
	const char *runs;           /* NULL: nothing was seen */
	bool may_one_way;
	enum fit fit;
} rows[] = {
	{"nothing is asked for", OTHER, "v1.8.7", false, NULL, 0, NULL, NULL, NULL,
		false, FIT_GOOD},
	{"its entry point", ENTRY, "v1.8.4", false, NULL, ENTRY, NULL, NULL, NULL,
		false, FIT_GOOD},
	{"another entry point", OTHER, "v1.8.6", false, NULL, ENTRY, NULL, NULL, NULL,
		false, FIT_ENTRY_POINT},
	{"no entry point was recorded", 0, "v1.8.6", false, NULL, ENTRY, NULL, NULL,
		NULL, false, FIT_ENTRY_POINT},
	{"its version", OTHER, "v1.8.4-108-ge085861", false, "v1.8.3..v1.8.4", 0, NULL,
		NULL, NULL, false, FIT_GOOD},
	{"another version", OTHER, "v1.8.6-9-g30cfdc2-dirty", false, "v1.8.3..v1.8.4",
		0, NULL, NULL, NULL, false, FIT_VERSION},
	{"both wrong: the entry point is said", OTHER, "v1.8.6", false,
		"v1.8.3..v1.8.4", ENTRY, NULL, NULL, NULL, false, FIT_ENTRY_POINT},
	{"one way", ENTRY, "v1.8.4", true, NULL, ENTRY, NULL, NULL, NULL, false,
		FIT_ONE_WAY},
	{"one way, as a person wants it", ENTRY, "v1.8.4", true, NULL, ENTRY, NULL,
		NULL, NULL, true, FIT_GOOD},
	{"one way does not change the entry point", OTHER, "v1.8.6", true, NULL, ENTRY,
		NULL, NULL, NULL, true, FIT_ENTRY_POINT},
	{"from there", OTHER, "v1.8.7", false, NULL, 0, "v1.8.4..v1.8.6", NULL,
		"v1.8.6-63-gc28fed6", false, FIT_GOOD},
	{"not from there", OTHER, "v1.8.7", false, NULL, 0, "v1.8.4..v1.8.6", NULL,
		"v1.8.3", false, FIT_FROM},
	{"from what nobody has seen", OTHER, "v1.8.7", false, NULL, 0, "v1.8.4..v1.8.6",
		NULL, NULL, false, FIT_FROM},
	{"from a bare hash", OTHER, "v1.8.7", false, NULL, 0, "v1.8.4..v1.8.6", NULL,
		"6fdbd0a", false, FIT_FROM},
	{"it is pushed once more", OTHER, "v1.8.7", false, NULL, 0, "v1.8.4..v1.8.6",
		"v1.8.6", "v1.8.7", false, FIT_GOOD},
	{"past what it must pass through", OTHER, "v1.8.7", false, NULL, 0, NULL,
		"v1.8.6", "v1.8.5", false, FIT_THROUGH},
	{"it has passed through", OTHER, "v1.8.7", false, NULL, 0, NULL, "v1.8.6",
		"v1.8.6-9-g30cfdc2", false, FIT_GOOD},
	{"it is beyond", OTHER, "v1.8.8", false, NULL, 0, NULL, "v1.8.6", "v1.8.7",
		false, FIT_GOOD},
	{"it is the version itself", OTHER, "v1.8.6-63-gc28fed6", false, NULL, 0, NULL,
		"v1.8.6", "v1.8.4", false, FIT_GOOD},
	{"nobody knows what it runs", OTHER, "v1.8.7", false, NULL, 0, NULL, "v1.8.6",
		NULL, false, FIT_THROUGH},
	{"it runs what cannot be put in order", OTHER, "v1.8.7", false, NULL, 0, NULL,
		"v1.8.6", "6fdbd0a", false, FIT_THROUGH},
};

static const struct {
	const char *name;
	enum wipy_family family;
	int64_t size, slot; /* of the image; 0: the type says nothing */
	uint32_t warnings;
	enum fit fit;
} sizes[] = {
	{"the type says nothing", WIPY_FAMILY_PYCOM, 1500000, 0, 0, FIT_GOOD},
	{"to the last byte", WIPY_FAMILY_PYCOM, 1437696, 1437696, 0, FIT_GOOD},
	{"a byte too many", WIPY_FAMILY_PYCOM, 1437697, 1437696, 0, FIT_SIZE},
	{"a WiPy's file has its MD5", WIPY_FAMILY_WIPY, 65536, 65536, 0, FIT_GOOD},
	{"room for the MD5 of a push", WIPY_FAMILY_ESP8266, 65504, 65536, 0, FIT_GOOD},
	{"no room for it", WIPY_FAMILY_ESP8266, 65505, 65536, 0, FIT_SIZE},
	{"no room for it, ESP32", WIPY_FAMILY_ESP32, 65505, 65536, 0, FIT_SIZE},
	{"before its endpoints", WIPY_FAMILY_ESP32, 65536, 65536,
		WIPY_IMAGE_WARN_ONE_WAY, FIT_SIZE},
};

static void test_sizes(void)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct release_image image = {.family = sizes[i].family,
			.size = sizes[i].size,
			.warnings = sizes[i].warnings};
		struct fit_rules rules = {.size = sizes[i].slot};
		struct fit_facts facts = {.image = &image, .accept = &rules};

		EQ_INT(fit_judge(&facts), sizes[i].fit, sizes[i].name);
	}
}

int main(void)
{
	test_sizes();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct release_image image = {.entry_point = rows[i].entry};
		struct fit_rules rules = {.entry_count = rows[i].accept_entry != 0};
		struct fit_facts facts = {.image = &image,
			.accept = &rules,
			.runs = rows[i].runs,
			.may_one_way = rows[i].may_one_way};
		struct errtext error;
		int bad = 0;

		rules.entry_point[0] = rows[i].accept_entry;
		strcpy(image.fingerprint.tag, rows[i].tag);
		strcpy(image.through, rows[i].through ? rows[i].through : "");
		image.warnings = rows[i].one_way ? WIPY_IMAGE_WARN_ONE_WAY : 0;
		image.from.count = rows[i].from != NULL;
		rules.version.count = rows[i].accept_version != NULL;
		if (rows[i].from)
			bad += version_range_parse(
				       rows[i].from, &image.from.range[0], &error) < 0;
		if (rows[i].accept_version)
			bad += version_range_parse(rows[i].accept_version,
				       &rules.version.range[0], &error) < 0;
		EQ_INT(bad, 0, rows[i].name);
		EQ_INT(fit_judge(&facts), rows[i].fit, rows[i].name);
		if (!rows[i].accept_version && !rows[i].accept_entry) {
			facts.accept = NULL;
			EQ_INT(fit_judge(&facts), rows[i].fit, "of a board of no type");
		}
	}
	return tap_done();
}
