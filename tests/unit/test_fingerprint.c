/* SPDX-License-Identifier: MIT
 *
 * Banners, os.uname() texts and version tags as they were seen on boards (WIRE.md 4),
 * and the ones that must be refused.
 */
#include "common/fingerprint.h"
#include "tests/tap.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define X16    "xxxxxxxxxxxxxxxx"

static const struct {
	const char *name;
	const char *line;
	const char *tag, *date, *board, *mcu; /* tag NULL: refused */
} banners[] = {
	{"plain", "MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n", "v1.8.7",
		"2017-01-08", "WiPy", "CC3200"},
	{"modified build",
		"MicroPython v1.8.6-63-gc28fed6-dirty on 2016-11-18; "
		"WiPy with CC3200\r\n",
		"v1.8.6-63-gc28fed6-dirty", "2016-11-18", "WiPy", "CC3200"},
	{"two words, before v1.5",
		"Micro Python v1.4.3-102-ga546acd on 2015-06-03; LaunchPad with "
		"CC3200\r\n",
		"v1.4.3-102-ga546acd", "2015-06-03", "LaunchPad", "CC3200"},
	{"no name in front, no line end", "v1.8.7 on 2017-01-08; WiPy with CC3200",
		"v1.8.7", "2017-01-08", "WiPy", "CC3200"},
	{"LF alone", "MicroPython v1.9 on 2017-05-26; WiPy with CC3200\n", "v1.9",
		"2017-05-26", "WiPy", "CC3200"},
	{"board with blanks",
		"MicroPython v1.8.7-2-ge45035d-dirty on 2017-01-11; "
		"ESP module with ESP8266\r\n",
		"v1.8.7-2-ge45035d-dirty", "2017-01-11", "ESP module", "ESP8266"},
	{"board with the word with in it",
		"v1.8.7 on 2017-01-08; Box with lid with CC3200", "v1.8.7",
		"2017-01-08", "Box with lid", "CC3200"},
	{"Pycom tag",
		"MicroPython v1.20.1.r2-392-g172cf5d0-dirty on 2021-01-19; "
		"Heltec Wireless Stick with ESP32",
		"v1.20.1.r2-392-g172cf5d0-dirty", "2021-01-19", "Heltec Wireless Stick",
		"ESP32"},
	{"bare hash", "MicroPython bc42ea7 on 2016-11-14; LoPy with ESP32\r\n",
		"bc42ea7", "2016-11-14", "LoPy", "ESP32"},
	{"longest tag that fits",
		X16 X16 X16 "xxxxxxxxxxxxxxx on 2017-01-08; WiPy with CC3200",
		X16 X16 X16 "xxxxxxxxxxxxxxx", "2017-01-08", "WiPy", "CC3200"},
	{"tag one too long", X16 X16 X16 X16 " on 2017-01-08; WiPy with CC3200", NULL,
		NULL, NULL, NULL},
	{"board too long", "v1 on 2017-01-08; " X16 X16 X16 " with CC3200", NULL, NULL,
		NULL, NULL},
	{"mcu too long", "v1 on 2017-01-08; WiPy with " X16 "xxxxxxxx", NULL, NULL,
		NULL, NULL},
	{"nothing", "", NULL, NULL, NULL, NULL},
	{"line end only", "\r\n", NULL, NULL, NULL, NULL},
	{"name only", "MicroPython ", NULL, NULL, NULL, NULL},
	{"no tag", "MicroPython  on 2017-01-08; WiPy with CC3200", NULL, NULL, NULL,
		NULL},
	{"no date", "MicroPython v1.8.7; WiPy with CC3200", NULL, NULL, NULL, NULL},
	{"short date", "v1.8.7 on 2017-1-08; WiPy with CC3200", NULL, NULL, NULL, NULL},
	{"date of letters", "v1.8.7 on 2017-ab-08; WiPy with CC3200", NULL, NULL, NULL,
		NULL},
	{"date at the end", "v1.8.7 on 2017-01-08", NULL, NULL, NULL, NULL},
	{"no board", "v1.8.7 on 2017-01-08;  with CC3200", NULL, NULL, NULL, NULL},
	{"no mcu", "v1.8.7 on 2017-01-08; WiPy with ", NULL, NULL, NULL, NULL},
	{"mcu with a blank", "v1.8.7 on 2017-01-08; WiPy with CC 3200", NULL, NULL,
		NULL, NULL},
	{"cut off", "MicroPython v1.8.7 on 2017-01-08; WiPy wi", NULL, NULL, NULL,
		NULL},
	{"control character", "v1.8.7 on 2017-01-08; Wi\033Py with CC3200", NULL, NULL,
		NULL, NULL},
	{"high byte", "v1.8.7 on 2017-01-08; Wi\xc3\xa4 with CC3200", NULL, NULL, NULL,
		NULL},
	{"line end in the middle", "v1.8.7 on 2017-01-08; WiPy\r\n with CC3200", NULL,
		NULL, NULL, NULL},
	{"Pycom REPL banner is another form",
		"Pycom MicroPython 1.20.2.r4 [v1.11-ffb0e1c] on 2021-01-12; WiPy with "
		"ESP32",
		NULL, NULL, NULL, NULL},
};

static const struct {
	const char *name;
	const char *version, *machine;
	const char *text; /* NULL: refused */
} unames[] = {
	{"wipy", "v1.8.6-63-gc28fed6-dirty on 2016-11-18", "WiPy with CC3200",
		"v1.8.6-63-gc28fed6-dirty on 2016-11-18; WiPy with CC3200"},
	{"esp", "v1.22.2 on 2024-02-22", "Generic ESP32 module with ESP32",
		"v1.22.2 on 2024-02-22; Generic ESP32 module with ESP32"},
	{"more behind the date", "v1.22.2 on 2024-02-22 x", "WiPy with CC3200", NULL},
	{"no date", "v1.22.2", "WiPy with CC3200", NULL},
	{"no mcu", "v1.22.2 on 2024-02-22", "WiPy", NULL},
	{"empty", "", "", NULL},
};

static const struct {
	const char *tag;
	bool good, has_base;
	uint32_t part[3];
	int stage;
	uint32_t commits;
	const char *hash;
	bool modified;
} tags[] = {
	{"v1.8.6", true, true, {1, 8, 6}, 0, 0, "", false},
	{"v1.9", true, true, {1, 9, 0}, 0, 0, "", false},
	{"v1.20.0", true, true, {1, 20, 0}, 0, 0, "", false},
	{"v1.8.7-dirty", true, true, {1, 8, 7}, 0, 0, "", true},
	{"v1.8.6-5-gabc1234", true, true, {1, 8, 6}, 1, 5, "abc1234", false},
	{"v1.8.7-219-g0c821f7-dirty", true, true, {1, 8, 7}, 1, 219, "0c821f7", true},
	{"v1.9-1-g0123abcd", true, true, {1, 9, 0}, 1, 1, "0123abcd", false},
	{"v1.23.0-preview", true, true, {1, 23, 0}, -1, 0, "", false},
	{"v1.23.0-preview.121.gabc1234567", true, true, {1, 23, 0}, -1, 121,
		"abc1234567", false},
	{"v1.23.0-preview.121.gabc1234567.dirty", true, true, {1, 23, 0}, -1, 121,
		"abc1234567", true},
	{"v1.11-ffb0e1c", true, true, {1, 11, 0}, 1, 0, "ffb0e1c", false},
	{"v1.9.4-2841220", true, true, {1, 9, 4}, 1, 0, "2841220", false},
	{"v1.8.6-849-d1c5ea9", true, true, {1, 8, 6}, 1, 0, "d1c5ea9", false},
	{"bc42ea7", true, false, {0, 0, 0}, 0, 0, "bc42ea7", false},
	{"bc42ea7-dirty", true, false, {0, 0, 0}, 0, 0, "bc42ea7", true},
	{.tag = ""},
	{.tag = "v"},
	{.tag = "v1"},
	{.tag = "v1."},
	{.tag = "v1.8."},
	{.tag = "v1.8.6.1"},
	{.tag = "v1.8.6-"},
	{.tag = "v1.8.6-5"},
	{.tag = "v1.8.6-5-"},
	{.tag = "v1.8.6-5-g"},
	{.tag = "v1.8.6-5-gxyz1234"},
	{.tag = "v1.8.6-5-gABC1234"},
	{.tag = "v1.8.6 "},
	{.tag = "v1.8.x"},
	{.tag = "v1.23.0-previewx"},
	{.tag = "v1.23.0-preview."},
	{.tag = "v1.23.0-preview.121"},
	{.tag = "v1.23.0-preview-121-gabc1234"},
	{.tag = "v1.20.1.r2-392-g172cf5d0-dirty"},
	{.tag = "v99999999999.1.1"},
	{.tag = "1.8.6"},
	{.tag = "abc"},
	{.tag = "hello"},
	{.tag = "-dirty"},
};

static const struct {
	const char *a, *b;
	enum wipy_order order;
} orders[] = {
	{"v1.8.6", "v1.8.6", WIPY_ORDER_SAME},
	{"v1.8.6", "v1.8.7", WIPY_ORDER_OLDER},
	{"v1.8.6", "v1.10.0", WIPY_ORDER_OLDER},
	{"v1.8.9", "v2.0.0", WIPY_ORDER_OLDER},
	{"v1.8.6", "v1.8.6-5-gabc1234", WIPY_ORDER_OLDER},
	{"v1.8.6-5-gabc1234", "v1.8.6-63-gc28fed6", WIPY_ORDER_OLDER},
	{"v1.8.6-63-gc28fed6-dirty", "v1.8.7-219-g0c821f7-dirty", WIPY_ORDER_OLDER},
	{"v1.8.6-63-gc28fed6", "v1.8.7", WIPY_ORDER_OLDER},
	{"v1.23.0-preview", "v1.23.0", WIPY_ORDER_OLDER},
	{"v1.22.2", "v1.23.0-preview", WIPY_ORDER_OLDER},
	{"v1.23.0-preview", "v1.23.0-preview.121.gabc1234567", WIPY_ORDER_OLDER},
	{"v1.23.0-preview.121.gabc1234567", "v1.23.0", WIPY_ORDER_OLDER},
	{"v1.8.7-dirty", "v1.8.7-1-gabc1234", WIPY_ORDER_OLDER},
	{"v1.9", "v1.9.0", WIPY_ORDER_DIFFERENT},
	{"v1.8.7", "v1.8.7-dirty", WIPY_ORDER_DIFFERENT},
	{"v1.8.6-5-gabc1234", "v1.8.6-5-gdef5678", WIPY_ORDER_DIFFERENT},
	{"v1.8.6-849-d1c5ea9", "v1.8.6-849-fcbbfe3", WIPY_ORDER_DIFFERENT},
	{"bc42ea7", "v1.8.6", WIPY_ORDER_DIFFERENT},
	{"bc42ea7", "bc42ea8", WIPY_ORDER_DIFFERENT},
	{"bc42ea7", "bc42ea7", WIPY_ORDER_SAME},
	{"strange", "v1.8.6", WIPY_ORDER_DIFFERENT},
	{"strange", "strange", WIPY_ORDER_SAME},
};

static const struct {
	const char *tag, *base;
	bool has;
} bases[] = {
	{"v1.8.7", "v1.8.7", true},
	{"v1.8.7-219-g0c821f7-dirty", "v1.8.7", true},
	{"v1.8.7-dirty", "v1.8.7", true},
	{"v1.11-ffb0e1c", "v1.11", true},
	{"v1.8.70", "v1.8.7", false},
	{"v1.8.7", "v1.8.70", false},
	{"v1.8.7", "v1.8", false},
	{"v1.8.7", "v1.8.7-219-g0c821f7-dirty", false},
	{"v1.23.0-preview", "v1.23.0", false},
	{"v1.23.0-preview.121.gabc1234567", "v1.23.0", false},
	{"v1.23.0-preview.121.gabc1234567", "v1.23.0-preview", true},
	{"v1.23.0", "v1.23.0-preview", false},
	{"v1.8.7-219-g0c821f7-dirty", "v1.8.7-219-g0c821f7", true},
	{"v1.8.7-220-g0c821f8", "v1.8.7-219-g0c821f7", false},
	{"v1.8.7-219-g0c821f7", "v1.8.7-dirty", false},
	{"bc42ea7", "bc42ea7", true},
	{"bc42ea7-dirty", "bc42ea7", false},
	{"v1.8.7", "", false},
	{"", "", false},
};

static void test_banners(void)
{
	for (size_t i = 0; i < LEN(banners); i++) {
		struct wipy_fingerprint fp = {.tag = "untouched"};
		int error = wipy_fingerprint_parse_banner(
			banners[i].line, strlen(banners[i].line), &fp);

		if (banners[i].tag == NULL) {
			OK(error == WIPY_E_GARBAGE && strcmp(fp.tag, "untouched") == 0,
				banners[i].name);
			continue;
		}
		OK(error == 0 && strcmp(fp.tag, banners[i].tag) == 0 &&
				strcmp(fp.date, banners[i].date) == 0 &&
				strcmp(fp.board, banners[i].board) == 0 &&
				strcmp(fp.mcu, banners[i].mcu) == 0,
			banners[i].name);
	}
}

static void test_unames(void)
{
	for (size_t i = 0; i < LEN(unames); i++) {
		struct wipy_fingerprint fp;
		char text[WIPY_FINGERPRINT_MAX] = "";
		int error = wipy_fingerprint_parse_uname(
			unames[i].version, unames[i].machine, &fp);

		if (error == 0)
			wipy_fingerprint_format(&fp, text);
		if (unames[i].text == NULL)
			EQ_INT(error, WIPY_E_GARBAGE, unames[i].name);
		else
			EQ_STR(text, unames[i].text, unames[i].name);
	}
}

static void test_equal(void)
{
	struct wipy_fingerprint a, b;
	static const char text[] = "v1.8.7 on 2017-01-08; WiPy with CC3200";

	memset(&b, 'x', sizeof(b));
	OK(wipy_fingerprint_parse_banner(text, strlen(text), &a) == 0 &&
			wipy_fingerprint_parse_uname(
				"v1.8.7 on 2017-01-08", "WiPy with CC3200", &b) == 0,
		"banner and uname are read");
	OK(wipy_fingerprint_equal(&a, &b), "banner and uname are the same fingerprint");
	strcpy(b.date, "2017-01-09");
	OK(!wipy_fingerprint_equal(&a, &b), "another date is another image");
	b = a;
	strcpy(b.board, "LaunchPad");
	OK(!wipy_fingerprint_equal(&a, &b), "another board is another image");
	b = a;
	strcpy(b.mcu, "ESP32");
	OK(!wipy_fingerprint_equal(&a, &b), "another mcu is another image");
	b = a;
	strcpy(b.tag, "v1.8.7-dirty");
	OK(!wipy_fingerprint_equal(&a, &b), "another tag is another image");
}

static void test_tags(void)
{
	for (size_t i = 0; i < LEN(tags); i++) {
		struct wipy_version v = {.stage = 42};
		int error = wipy_version_parse(tags[i].tag, &v);

		if (!tags[i].good) {
			tap_ok(error == WIPY_E_GARBAGE && v.stage == 42,
				"tag \"%s\" is refused", tags[i].tag);
			continue;
		}
		tap_ok(error == 0 && v.has_base == tags[i].has_base &&
				memcmp(v.part, tags[i].part, sizeof(v.part)) == 0 &&
				v.stage == tags[i].stage &&
				v.commits == tags[i].commits &&
				strcmp(v.hash, tags[i].hash) == 0 &&
				v.modified == tags[i].modified,
			"tag \"%s\" is taken apart", tags[i].tag);
	}
}

static enum wipy_order turned_around(enum wipy_order order)
{
	if (order == WIPY_ORDER_OLDER)
		return WIPY_ORDER_NEWER;
	return order == WIPY_ORDER_NEWER ? WIPY_ORDER_OLDER : order;
}

int main(void)
{
	test_banners();
	test_unames();
	test_equal();
	test_tags();
	for (size_t i = 0; i < LEN(orders); i++) {
		EQ_INT(wipy_version_compare(orders[i].a, orders[i].b), orders[i].order,
			orders[i].a);
		EQ_INT(wipy_version_compare(orders[i].b, orders[i].a),
			turned_around(orders[i].order), orders[i].b);
	}
	for (size_t i = 0; i < LEN(bases); i++)
		tap_ok(wipy_version_has_base(bases[i].tag, bases[i].base) ==
				bases[i].has,
			"\"%s\" %s base \"%s\"", bases[i].tag,
			bases[i].has ? "has the" : "has not the", bases[i].base);
	return tap_done();
}
