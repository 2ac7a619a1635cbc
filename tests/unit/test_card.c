/* SPDX-License-Identifier: MIT
 *
 * Safe-boot cards: what each board's card must say, and what it must not.
 */
#include "daemon/core/card.h"
#include "tests/tap.h"

#define WIPY_A "\tA on 2016-11-18; WiPy with CC3200"
#define WIPY_B "\tB on 2016-11-18; WiPy with CC3200"
#define ESP_A  "\tA on 2016-11-18; WiPy with ESP32"
#define ESP_B  "\tB on 2016-11-18; WiPy with ESP32"

static const struct row {
	const char *name;
	enum wipy_family family;
	uint32_t conditions;
	enum reason reason;
	const char *ledger;
	int window;
	const char *said[8]; /* in some line each */
	const char *unsaid;
} rows[] = {
	{"lost with a new image", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS,
		REASON_NO_RETURN, "1wA-!|2C11?Ab" WIPY_A WIPY_B, 2,
		{"boots B (2016-11-18) or A (2016-11-18).", "Press its reset switch",
			"Connect GP28 to the board's own 3V3 pin, never to 5 V: over "
			"3.6 V destroys it.",
			"let go of GP28 5.0 s later, while the LED toggles every 250 "
			"ms: window 2. It boots A (2016-11-18) or an image that is not "
			"known.",
			"hold on for 8.0 s: window 3",
			"access point named wipy-wlan-..., key www.wipy.io, at "
			"192.168.1.1, login micro / python",
			"It is not stored", "hub sags"},
		"Do not power-cycle"},
	{"lost with an image that was good", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS,
		REASON_LOST_IN_UPDATE, "1wB-!|2R12?AB" WIPY_A WIPY_B, 1,
		{"let go of GP28 2.0 s later, while the LED toggles every 500 ms: "
		 "window 1. It boots B (2016-11-18)."},
		"--burn-last-good"},
	{"dirty and deaf", WIPY_FAMILY_WIPY, CONDITION_DIRTY | CONDITION_NEEDS_HANDS,
		REASON_PUSH_NOT_REPAIRED, "1wA-!|2C11?A!" WIPY_A, 1,
		{"It is dirty", "A power cycle or reset boots A (2016-11-18).",
			"Do not power-cycle or reset it",
			"a complete upload cures it without a reset"},
		"Press its reset switch"},
	{"armed", WIPY_FAMILY_WIPY, CONDITION_ARMED, REASON_NONE,
		"1wA--|2C11?Ab" WIPY_A WIPY_B, 2,
		{"It is armed", "Do not power-cycle or reset it",
			"start a rollout of the one that it runs"},
		"Press its reset switch"},
	{"back by the pin", WIPY_FAMILY_WIPY, 0, REASON_NONE,
		"1wA--|2R11?Ab" WIPY_A WIPY_B, 2,
		{"--release v9 --select name=b-01 --burn-last-good. The upload "
		 "overwrites A (2016-11-18).",
			"Nothing is known to be wrong"},
		"Do not power-cycle"},
	{"unknown", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS, REASON_NO_RETURN, "", 2,
		{"boots what is not known.", "window 2. It boots what is not known."},
		"(2016"},
	{"pycom, dirty", WIPY_FAMILY_PYCOM, CONDITION_DIRTY, REASON_PUSH_BROKEN_RESET,
		"1pA--|2C11!A-" ESP_A, 1,
		{"Connect P12", "let go of P12 1.6 s later", "only a reset helps",
			"key www.pycom.io, at 192.168.4.1",
			"Reset it before any upload"},
		"a complete upload cures it"},
	{"on trial", WIPY_FAMILY_ESP8266, CONDITION_NEEDS_HANDS, REASON_NO_RETURN,
		"1tA-!|1C00Ab-" ESP_A ESP_B, 2,
		{"the boot pin", "It boots A (2016-11-18)"}, "GP28"},
};

static bool says(const struct card *card, const char *text)
{
	for (size_t i = 0; i < card->line_count; i++)
		if (strstr(card->line[i].text, text))
			return true;
	return false;
}

static bool has_led(const struct card *card, const char *seen)
{
	for (size_t i = 0; i < card->line_count; i++)
		if (card->line[i].part == CARD_LED &&
			strcmp(card->line[i].seen, seen) == 0)
			return true;
	return false;
}

static void try_row(const struct row *row)
{
	struct board board = {.name = "b-01", .conditions = row->conditions};
	struct card_facts facts = {.board = &board,
		.family = row->family,
		.reason = row->reason,
		.release = "v9"};
	struct card card;
	char longest[CARD_TEXT_MAX];

	EQ_INT(ledger_parse(row->ledger, &board.ledger), 0, row->name);
	card_make(&facts, &card);
	EQ_INT(card.window, row->window, row->name);
	for (size_t i = 0; i < 8 && row->said[i]; i++)
		tap_ok(says(&card, row->said[i]), "%s: '%s'", row->name, row->said[i]);
	tap_ok(!says(&card, row->unsaid), "%s: not '%s'", row->name, row->unsaid);
	OK(has_led(&card, "steady") && has_led(&card, "fast") &&
			has_led(&card, "every 4 s"),
		row->name);
	for (size_t i = 0; i < card.line_count; i++) {
		snprintf(longest, sizeof(longest), "%s", card.line[i].text);
		if (strlen(longest) + 1 >= CARD_TEXT_MAX ||
			longest[strlen(longest) - 1] != '.')
			if (!strstr(longest, "wipyctl poll"))
				tap_ok(false, "%s: cut: %s", row->name, longest);
	}
	OK(card.line_count < CARD_LINES_MAX, row->name);
	EQ_INT(card.windows[1].to_ms - card.windows[1].from_ms, 3000, row->name);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(&rows[i]);
	return tap_done();
}
