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
	const char *said[10]; /* in some line each */
	const char *unsaid;
	const char *brief; /* in the short form; NULL: there is none */
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
			"It is not stored", "hub sags",
			"--release rA --select name=b-01. Ask for this card again",
			"which pattern does the LED show? Every 4 s: it runs, leave "
			"the pin alone."},
		"Do not power-cycle",
		"Press its reset switch. If it stays silent: GP28 to its own 3V3 "
		"during a reset, let go at 5.0 s (window 2): it boots A (2016-11-18) "
		"or an image that is not known."},
	{"lost with an image that was good", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS,
		REASON_LOST_IN_UPDATE, "1wB-!|2R12?AB" WIPY_A WIPY_B, 1,
		{"let go of GP28 2.0 s later, while the LED toggles every 500 ms: "
		 "window 1. It boots B (2016-11-18).",
			"--release rB --select"},
		"--burn-last-good", "let go at 2.0 s (window 1): it boots B"},
	{"dirty and deaf", WIPY_FAMILY_WIPY, CONDITION_DIRTY | CONDITION_NEEDS_HANDS,
		REASON_PUSH_NOT_REPAIRED, "1wA-!|2C11?A!" WIPY_A, 1,
		{"It is dirty", "A power cycle or reset boots A (2016-11-18).",
			"Do not power-cycle or reset it",
			"a complete upload cures it without a reset"},
		"Press its reset switch", "Do not power-cycle it: start a rollout"},
	{"armed", WIPY_FAMILY_WIPY, CONDITION_ARMED, REASON_NONE,
		"1wA--|2C11?Ab" WIPY_A WIPY_B, 2,
		{"It is armed", "Do not power-cycle or reset it",
			"start a rollout of the one that it runs"},
		"Press its reset switch",
		"Do not power-cycle it: its next reset boots B (2016-11-18) or A "
		"(2016-11-18)."},
	{"back by the pin", WIPY_FAMILY_WIPY, CONDITION_ARMED | CONDITION_NEEDS_HANDS,
		REASON_NOT_LASTING, "1wA--|2R11?Ab" WIPY_A WIPY_B, 2,
		{"--release rA --select name=b-01 --burn-last-good. The upload "
		 "overwrites A (2016-11-18).",
			"A hand has brought the board back", "Do not power-cycle",
			"there is nothing to press"},
		"It is armed",
		"its next reset boots B (2016-11-18) or nothing that works. Its card"},
	{"repaired in vain", WIPY_FAMILY_WIPY, CONDITION_ARMED | CONDITION_NEEDS_HANDS,
		REASON_NOT_LASTING, "1wA--|2R11?Ab" WIPY_A WIPY_B, 2,
		{"as often as it does by itself, and pushes nothing more"},
		"pushes what runs by itself", "Its card"},
	{"nothing wrong", WIPY_FAMILY_WIPY, 0, REASON_NONE, "1wA--|1R01?A-" WIPY_A, 1,
		{"Nothing is known to be wrong"}, "Do not power-cycle", NULL},
	{"unknown", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS, REASON_NO_RETURN, "", 2,
		{"boots what is not known.", "window 2. It boots what is not known.",
			"--release v9 --select name=b-01"},
		"(2016", "it boots what is not known."},
	{"pycom, dirty", WIPY_FAMILY_PYCOM, CONDITION_DIRTY, REASON_PUSH_BROKEN_RESET,
		"1pA--|2C11!A-" ESP_A, 1,
		{"Connect P12", "let go of P12 1.6 s later", "only a reset helps",
			"key www.pycom.io, at 192.168.4.1", "A short blue flash",
			"slot 0"},
		"a complete upload cures it", "Upload nothing by hand"},
	{"pycom, back by the pin", WIPY_FAMILY_PYCOM,
		CONDITION_ARMED | CONDITION_NEEDS_HANDS, REASON_NOT_LASTING,
		"1pA--|1R00Ab-" ESP_A ESP_B, 2,
		{"No upload now", "pycom.bootmgr(boot_partition=0)",
			"wipyctl boards accept b-01"},
		"wipyctl rollout --release", "Its card says"},
	{"on trial", WIPY_FAMILY_ESP8266, CONDITION_NEEDS_HANDS, REASON_NO_RETURN,
		"1tA-!|1C00Ab-" ESP_A ESP_B, 2,
		{"the boot pin", "It boots A (2016-11-18)", "GPIO0"}, "GP28",
		"the boot pin to its own 3V3"},
	{"a LaunchPad", WIPY_FAMILY_WIPY, CONDITION_NEEDS_HANDS, REASON_NO_RETURN,
		"1lA-!|1C00Ab-" WIPY_A WIPY_B, 2,
		{"Connect GP22 to the board's own 3V3 pin", "the LED at GP9"}, "GP28",
		"GP22 to its own 3V3"},
};

static bool says(const struct card *card, const char *text)
{
	for (size_t i = 0; i < card->lines.count; i++)
		if (strstr(card->lines.line[i].text, text))
			return true;
	return false;
}

static bool has_led(const struct card *card, const char *seen)
{
	for (size_t i = 0; i < card->lines.count; i++)
		if (card->lines.line[i].part == CARD_LED &&
			strcmp(card->lines.line[i].seen, seen) == 0)
			return true;
	return false;
}

static void try_row(const struct row *row)
{
	struct board board = {.name = "b-01", .conditions = row->conditions};
	bool launchpad = strcmp(row->name, "a LaunchPad") == 0;
	struct card_facts facts = {.board = &board,
		.family = row->family,
		.reason = row->reason,
		.image_release = {"rA", "rB", "", "", "", ""},
		.release = "v9"};
	struct card card;
	char longest[CARD_TEXT_MAX], brief[CARD_TEXT_MAX];

	strcpy(board.fingerprint.board, launchpad ? "LaunchPad" : "WiPy");

	if (strcmp(row->name, "repaired in vain") == 0)
		board.failed_repairs = 3;
	EQ_INT(ledger_parse(row->ledger, &board.ledger), 0, row->name);
	card_make(&facts, &card);
	EQ_INT(card.window, row->window, row->name);
	for (size_t i = 0; i < 10 && row->said[i]; i++)
		tap_ok(says(&card, row->said[i]), "%s: '%s'", row->name, row->said[i]);
	tap_ok(!says(&card, row->unsaid), "%s: not '%s'", row->name, row->unsaid);
	EQ_STR(card.release, "v9", row->name);
	OK(has_led(&card, "steady") && has_led(&card, "fast") &&
			has_led(&card, "every 4 s"),
		row->name);
	for (size_t i = 0; i < card.lines.count; i++) {
		snprintf(longest, sizeof(longest), "%s", card.lines.line[i].text);
		if (strlen(longest) + 1 >= CARD_TEXT_MAX ||
			longest[strlen(longest) - 1] != '.')
			if (!strstr(longest, "wipyctl poll"))
				tap_ok(false, "%s: cut: %s", row->name, longest);
	}
	OK(card.lines.count < CARD_LINES_MAX, row->name);
	card_brief(&facts, brief);
	if (row->brief)
		tap_ok(strstr(brief, row->brief) != NULL, "%s: in short '%s'",
			row->name, brief);
	else
		EQ_STR(brief, "", row->name);
	EQ_INT(card.windows[1].to_ms - card.windows[1].from_ms, 3000, row->name);
}

/* While the daemon works on a board nobody is sent to its switch. */
static void hands_off(void)
{
	static const struct {
		enum task_state state;
		bool touched, off;
		uint32_t conditions;
		const char *why, *brief;
	} works[] = {
		{TASK_PUSHING, false, true, 0, "Do not touch it: an upload", ""},
		{TASK_DISARMING, false, true, CONDITION_ARMED, "an upload to it",
			"Do not touch it: an upload to it is under way."},
		{TASK_STAGED, false, true, CONDITION_ARMED, "resets it itself",
			"Do not touch it: an update of it is under way, and the daemon "
			"resets it itself."},
		{TASK_RESETTING, false, true, CONDITION_NEEDS_HANDS, "resets it itself",
			"Do not touch it: an update of it is under way, and the daemon "
			"resets it itself."},
		{TASK_BACKOFF, true, true, CONDITION_DIRTY, "to be repeated",
			"Do not touch it: an upload to it broke off and is about to be "
			"repeated."},
		{TASK_WAITING, false, false, CONDITION_DIRTY,
			"Wait for its rollout, which uploads to it again",
			"Do not power-cycle it: its rollout uploads to it again, and a "
			"complete upload cures it."},
		{TASK_BACKOFF, false, false, 0, "Nothing is known to be wrong", ""},
		{TASK_SOAKING, false, false, 0, "Nothing is known to be wrong", ""},
	};

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		struct board board = {
			.name = "b-01", .conditions = works[i].conditions};
		struct task task = {
			.state = works[i].state, .touched = works[i].touched};
		struct card_facts facts = {.board = &board,
			.family = WIPY_FAMILY_WIPY,
			.task = &task,
			.image_release = {"rA", "rB", "", "", "", ""},
			.release = "v9"};
		const char *name = task_state_name(task.state);
		char brief[CARD_TEXT_MAX];
		struct card card;

		EQ_INT(ledger_parse("1wA--|1R01?A-" WIPY_A, &board.ledger), 0, name);
		card_make(&facts, &card);
		OK(says(&card, works[i].why), name);
		EQ_INT(says(&card, "Press its reset switch"),
			!works[i].off && !works[i].conditions, name);
		OK(!says(&card, "start a rollout"), name);
		EQ_INT(says(&card, "power cycle or reset boots"), !works[i].off, name);
		card_brief(&facts, brief);
		EQ_STR(brief, works[i].brief, name);
	}
}

/* What a bench is given: what the board should run, else what the window boots. */
static void what_a_bench_brings(void)
{
	struct board board = {.name = "b-01", .conditions = CONDITION_NEEDS_HANDS};
	struct card_facts facts = {.board = &board,
		.family = WIPY_FAMILY_WIPY,
		.reason = REASON_NO_RETURN,
		.image_release = {"rA", "rB", "", "", "", ""},
		.release = "v9"};
	struct card card;

	EQ_INT(ledger_parse("1wA-!|2C11?Ab" WIPY_A WIPY_B, &board.ledger), 0, "bench");
	card_make(&facts, &card);
	EQ_STR(card.release, "v9", "bench: what the board should run");
	facts.release = "";
	card_make(&facts, &card);
	EQ_STR(card.release, "rA", "bench: else what its window boots");
	OK(says(&card, "--release rA"), "bench: as the card says");
	facts.image_release[0] = "";
	card_make(&facts, &card);
	EQ_STR(card.release, "", "bench: else nothing is known to belong there");
}

int main(void)
{
	what_a_bench_brings();
	hands_off();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(&rows[i]);
	return tap_done();
}
