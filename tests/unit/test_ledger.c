/* SPDX-License-Identifier: MIT
 *
 * What the ledger says in cases with a name; random lives are in test_ledger_walk.c.
 */
#include "common/ledger.h"
#include "tests/tap.h"

static struct wipy_fingerprint image(const char *tag)
{
	struct wipy_fingerprint fp = {
		.date = "2016-11-18", .board = "WiPy", .mcu = "CC3200"};

	snprintf(fp.tag, sizeof(fp.tag), "%s", tag);
	return fp;
}

/* The worlds of the text form. */
static const char *worlds(const struct ledger *ledger)
{
	static char text[LEDGER_TEXT_MAX];

	ledger_format(ledger, text);
	text[strcspn(text, "\t")] = '\0';
	return text;
}

/* "A", "A or !", "?": by the tags, which are single letters here. */
static const char *guess_text(
	const struct ledger *ledger, const struct ledger_guess *guess)
{
	static char text[100];
	size_t len = 0;

	text[0] = '\0';
	for (int i = 0; i < guess->count; i++) {
		uint8_t content = guess->content[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
			i ? " or " : "",
			ledger_is_image(content)
				? ledger->image[ledger_image_at(content)].tag
			: content == LEDGER_UNKNOWN ? "?"
			: content == LEDGER_EMPTY   ? "-"
						    : "!");
	}
	return text;
}

static const char *boots(const struct ledger *ledger, enum ledger_pick pick)
{
	struct ledger_guess guess;

	ledger_boots(ledger, pick, &guess);
	return guess_text(ledger, &guess);
}

static const char *overwrites(const struct ledger *ledger)
{
	static struct ledger_next_push next;

	ledger_next_push(ledger, &next);
	return guess_text(ledger, &next.holds);
}

static bool burns(const struct ledger *ledger)
{
	struct ledger_next_push next;

	ledger_next_push(ledger, &next);
	return next.burns;
}

static enum ledger_news see(
	struct ledger *ledger, enum ledger_kind kind, const char *tag, bool proven)
{
	struct wipy_fingerprint fp = image(tag);

	return ledger_seen(ledger, kind, &fp, proven);
}

static void push(struct ledger *ledger, const char *tag, enum ledger_push outcome)
{
	struct wipy_fingerprint fp = image(tag);

	ledger_push_begun(ledger, &fp);
	ledger_push_ended(ledger, outcome);
}

/* From being enrolled to the third update of a classic board. */
static void ordinary_life(void)
{
	struct ledger ledger = {0};
	const char *name = "ordinary life";

	EQ_STR(boots(&ledger, LEDGER_PLAIN), "", "nothing is known before a look");
	EQ_INT(see(&ledger, LEDGER_CLASSIC, "A", false), LEDGER_FORGOT, name);
	EQ_INT(see(&ledger, LEDGER_CLASSIC, "A", false), LEDGER_NOTHING_NEW, name);
	OK(!burns(&ledger), name);
	OK(ledger_slot(&ledger, 1) == LEDGER_UNKNOWN, "enrolled: no slot is known");
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "B or A", "pushed: its check decides");
	OK(!burns(&ledger), name);
	EQ_INT(see(&ledger, LEDGER_CLASSIC, "B", false), LEDGER_LEARNT, name);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "B", "after one update");
	EQ_STR(boots(&ledger, LEDGER_WINDOW_PREVIOUS), "A", "after one update");
	EQ_STR(boots(&ledger, LEDGER_WINDOW_FACTORY), "A or ?", "after one update");
	OK(!burns(&ledger), name);
	push(&ledger, "C", LEDGER_PUSH_COMPLETE);
	see(&ledger, LEDGER_CLASSIC, "C", false);
	EQ_STR(boots(&ledger, LEDGER_WINDOW_PREVIOUS), "B", "after two");
	EQ_STR(overwrites(&ledger), "B", "after two: both update slots are known");
	OK(!burns(&ledger), "C runs and stays");
	for (char next[] = "D"; next[0] < 'Z'; next[0]++) {
		push(&ledger, next, LEDGER_PUSH_COMPLETE);
		see(&ledger, LEDGER_CLASSIC, next, next[0] % 2);
	}
	EQ_STR(boots(&ledger, LEDGER_WINDOW_PREVIOUS), "X", "after many");
	EQ_INT(ledger.image_count <= 4, 1, "images that are gone are forgotten");
	OK(!burns(&ledger), "after many");
}

static struct ledger known_board(void)
{
	struct ledger ledger = {0};

	/* update 1 holds A, update 2 B, which runs */
	(void)!ledger_parse("1wB--|2R12?AB\tA on 2016-11-18; WiPy with CC3200\t"
			    "B on 2016-11-18; WiPy with CC3200",
		&ledger);
	return ledger;
}

static void broken_pushes(void)
{
	struct ledger ledger = known_board();

	push(&ledger, "C", LEDGER_PUSH_REFUSED);
	EQ_STR(worlds(&ledger), "1wB--|2R12?AB", "refused: as before");
	push(&ledger, "C", LEDGER_PUSH_BROKEN);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "B", "broken: a reset falls back");
	EQ_STR(boots(&ledger, LEDGER_WINDOW_PREVIOUS), "A or ! or ?",
		"broken: what is previous is open");
	OK(!burns(&ledger), "broken: B stays");
	push(&ledger, "C", LEDGER_PUSH_COMPLETE);
	see(&ledger, LEDGER_CLASSIC, "C", false);
	EQ_STR(worlds(&ledger), "1wB--|1R21?BA", "the repair ends all doubt");
	(void)!ledger_parse("1tB--|1T21?BA,1R21?BA\tA on 2016-11-18; WiPy with CC3200\t"
			    "B on 2016-11-18; WiPy with CC3200",
		&ledger);
	push(&ledger, "C", LEDGER_PUSH_BROKEN);
	OK(strchr(worlds(&ledger), 'T'), "broken: it may be on trial and have refused");
	push(&ledger, "C", LEDGER_PUSH_TORN);
	OK(!strchr(worlds(&ledger), 'T'), "torn: it took bytes, so it is on no trial");
	ledger = known_board();
	push(&ledger, "C", LEDGER_PUSH_COMPLETE);
	see(&ledger, LEDGER_CLASSIC, "B", true);
	EQ_STR(worlds(&ledger), "1wA--|2R02?-A", "fell back: the slot is empty");
}

static void killed_daemon(void)
{
	struct wipy_fingerprint c = image("C");
	struct ledger ledger = known_board(), again;
	char text[LEDGER_TEXT_MAX];

	ledger_push_begun(&ledger, &c);
	ledger_format(&ledger, text);
	EQ_INT(ledger_parse(text, &again), 0, "a push under way is kept");
	ledger_push_ended(&again, LEDGER_PUSH_UNKNOWN);
	EQ_STR(boots(&again, LEDGER_PLAIN), "B or C", "killed: either may be");
	ledger_push_ended(&again, LEDGER_PUSH_COMPLETE);
	EQ_STR(boots(&again, LEDGER_PLAIN), "B or C", "an end without a push is none");
}

/* One update slot, which each upload overwrites: also where what runs came from there.
 * What a hand shows may have been uploaded as well, so a person has to say that the
 * factory image is good. */
static void launchpad(void)
{
	struct ledger ledger = {0};
	struct ledger_next_push next;

	see(&ledger, LEDGER_CLASSIC_ONE, "A", false);
	OK(burns(&ledger), "LaunchPad: it may run from its update slot");
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	see(&ledger, LEDGER_CLASSIC_ONE, "B", false);
	ledger_next_push(&ledger, &next);
	OK(next.burns && next.hits && next.slots == 2, "LaunchPad: now it does");
	see(&ledger, LEDGER_CLASSIC_ONE, "F", false);
	OK(!ledger_keeps(&ledger), "LaunchPad: a hand shows another image");
}

/* A hand started what runs: the record says another image. */
static const struct {
	const char *name, *ledger;
	bool keeps, leaves, hits, burns, kills;
} by_pin[] = {
	{"a plain start", "1wB--|1R00AB-", true, false, false, false, false},
	{"the factory image, after one update", "1wA--|1R00Ab-", false, false, false,
		false, false},
	{"the previous image, after two", "1wB--|2R11?Bc", false, false, true, true,
		false},
	{"... with a factory image that was seen", "1wB--|2R11ABc", false, false, true,
		false, false},
	{"... after which the latest one was seen too", "1wB--|2R11?BC", false, true,
		true, false, false},
	{"from a slot that is not known", "1wA--|1R0?Ab-", false, false, true, false,
		false},
	{"pushed, not yet reset", "1wA--|1C00Ab-", false, false, false, false, false},
	{"what runs, pushed once more and never started", "1wA--|1C22?aA", false, false,
		false, false, false},
	{"pycom: the upload goes to what executes", "1pA--|1R00Ab-", false, false, true,
		true, true},
	{"pycom: a plain start", "1pB--|1R01AB-", true, false, false, false, false},
	{"on trial", "1tB--|1T01AB-", false, true, false, false, false},
	{"on trial, kept from it by the pin", "1tA--|1C00Ab-", false, false, false,
		false, false},
};

static void started_by_pin(void)
{
	for (size_t i = 0; i < sizeof(by_pin) / sizeof(by_pin[0]); i++) {
		const char *name = by_pin[i].name;
		bool pycom = strncmp(by_pin[i].ledger, "1p", 2) == 0;
		struct ledger_next_push next;
		struct ledger ledger = {0};
		char text[400];

		snprintf(text, sizeof(text),
			"%s\tA on 2016-11-18; WiPy with %s\tB on 2016-11-18; WiPy with "
			"%s%s",
			by_pin[i].ledger, pycom ? "ESP32" : "CC3200",
			pycom ? "ESP32" : "CC3200",
			strpbrk(by_pin[i].ledger, "cC")
				? "\tC on 2016-11-18; WiPy with CC3200"
				: "");
		EQ_INT(ledger_parse(text, &ledger), 0, name);
		ledger_next_push(&ledger, &next);
		EQ_INT(ledger_keeps(&ledger), by_pin[i].keeps, name);
		EQ_INT(ledger_leaves(&ledger), by_pin[i].leaves, name);
		EQ_INT(next.hits, by_pin[i].hits, name);
		EQ_INT(next.burns, by_pin[i].burns, name);
		EQ_INT(next.kills, by_pin[i].kills, name);
	}
	OK(!ledger_keeps(&(struct ledger){0}) && !ledger_leaves(&(struct ledger){0}),
		"of a stranger nothing is certain");
}

/* C crashes at its start; a hand boots the image before it. */
static void lost_and_back(void)
{
	struct wipy_fingerprint c = image("C");
	struct ledger ledger = known_board();

	push(&ledger, "C", LEDGER_PUSH_COMPLETE);
	ledger_lost(&ledger, &c);
	EQ_STR(boots(&ledger, LEDGER_WINDOW_PREVIOUS), "B or ?",
		"lost: the previous image");
	see(&ledger, LEDGER_CLASSIC, "B", false);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "C or B or !",
		"by hand: C may still be active");
	OK(burns(&ledger), "an upload may now hit the slot that holds B");
	see(&ledger, LEDGER_CLASSIC, "A", false);
	EQ_INT(see(&ledger, LEDGER_CLASSIC, "Z", false), LEDGER_BY_HAND,
		"an image that nobody here knows");
}

static void trials(void)
{
	struct ledger ledger = {0};

	(void)!ledger_parse(
		"1tA--|0R00A--\tA on 2016-11-18; WiPy with CC3200", &ledger);
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	see(&ledger, LEDGER_TRIAL, "B", false);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "A", "on trial: a reset falls back");
	ledger_confirmed(&ledger);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "B", "confirmed: it stays");
	/* Two slots are free: what came before is kept. */
	(void)!ledger_parse(
		"1tA--|0R10A--\tA on 2016-11-18; WiPy with CC3200", &ledger);
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	EQ_STR(worlds(&ledger), "1tA--|2C00A-b", "previous is update 1: into update 2");
}

static void pycom(void)
{
	struct ledger ledger = {0};
	struct ledger_next_push next;

	see(&ledger, LEDGER_PYCOM, "A", false);
	ledger_next_push(&ledger, &next);
	OK(!next.kills && !next.burns, "a board just enrolled may be pushed to");
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	ledger_next_push(&ledger, &next);
	OK(next.kills, "once, before its reset");
	(void)!ledger_parse("1pA--|1R01BA-\tA on 2016-11-18; WiPy with ESP32\t"
			    "B on 2016-11-18; WiPy with ESP32",
		&ledger);
	ledger_next_push(&ledger, &next);
	OK(!next.kills, "the first upload goes to the other slot");
	push(&ledger, "C", LEDGER_PUSH_COMPLETE);
	EQ_STR(worlds(&ledger), "1pA--|2C11bA-", "into slot 0, as update 2");
	ledger_next_push(&ledger, &next);
	OK(next.kills, "the second one can hit what executes");
	OK(next.burns, "and that is the last good one");
}

static void another_board(void)
{
	struct ledger ledger = known_board();

	EQ_INT(see(&ledger, LEDGER_PYCOM, "A", false), LEDGER_FORGOT, "another kind");
	OK(ledger_slot(&ledger, 1) != LEDGER_UNKNOWN || ledger.world_count > 1,
		"all is open again");
	see(&ledger, LEDGER_NO_KIND, "A", false);
	EQ_STR(worlds(&ledger), "", "of a stranger nothing is known");
	push(&ledger, "B", LEDGER_PUSH_COMPLETE);
	EQ_STR(worlds(&ledger), "", "and nothing is learnt");
	EQ_INT(ledger_kind_of(WIPY_FAMILY_WIPY, "WiPy"), LEDGER_CLASSIC, "kind");
	EQ_INT(ledger_kind_of(WIPY_FAMILY_WIPY, "LaunchPad"), LEDGER_CLASSIC_ONE,
		"kind");
	EQ_INT(ledger_kind_of(WIPY_FAMILY_ESP8266, "x"), LEDGER_TRIAL, "kind");
	EQ_INT(ledger_kind_of(WIPY_FAMILY_UNKNOWN, "x"), LEDGER_NO_KIND, "kind");
}

#define A_LINE "\tA on 2016-11-18; WiPy with CC3200"
static const struct {
	const char *text;
	bool right;
} texts[] = {
	{"", true},
	{"1wA--|1R01?A?" A_LINE, true},
	{"1w-A!|1C0???a" A_LINE, true},
	{"2wA--|1R01?A?" A_LINE, false},
	{"1xA--|1R01?A?" A_LINE, false},
	{"1 A--|1R01?A?" A_LINE, false},
	{"1wB--|1R01?A?" A_LINE, false},
	{"1wA-?|1R01?A?" A_LINE, false},
	{"1wA--|1R01?B?" A_LINE, false},
	{"1wA--|1R01?A" A_LINE, false},
	{"1wA--|1R01?A?," A_LINE, false},
	{"1wA--|1R01?A?,1R01?A?" A_LINE, false},
	{"1wA--|1R01?A?;1R11?A?" A_LINE, false},
	{"1wA--|3R01?A?" A_LINE, false},
	{"1wA--|1X01?A?" A_LINE, false},
	{"1wA--|1R04?A?" A_LINE, false},
	{"1wA--|" A_LINE, false},
	{"1wA--" A_LINE, false},
	{"1wA--|1R01?A?", false},
	{"1wA--|1R01?A?" A_LINE "\t", false},
	{"1wA--|1R01?A?\tA on 2016; WiPy", false},
	{"1wA--|1R01?A?" A_LINE A_LINE A_LINE A_LINE A_LINE A_LINE A_LINE, false},
	{"1wA--|1R01?A?\tMicroPython A on 2016-11-18; WiPy with CC3200", false},
};

static void as_text(void)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ledger ledger;

		tap_ok((ledger_parse(texts[i].text, &ledger) == 0) == texts[i].right,
			"%s: '%.30s'", texts[i].right ? "read" : "refused",
			texts[i].text);
	}
}

/* More images than the list holds: contents are forgotten, never mixed up. */
static void many_images(void)
{
	struct ledger ledger = {0};

	(void)!ledger_parse(
		"1wA--|1R21fbc,2R1?def,1C0?dec\tA on 2016-11-18; WiPy with "
		"CC3200\tB on 2016-11-18; WiPy with CC3200\tC on 2016-11-18; WiPy "
		"with CC3200\tD on 2016-11-18; WiPy with CC3200\tE on 2016-11-18; "
		"WiPy with CC3200\tF on 2016-11-18; WiPy with CC3200",
		&ledger);
	EQ_INT(ledger.image_count, 6, "a full list");
	push(&ledger, "G", LEDGER_PUSH_COMPLETE);
	EQ_STR(boots(&ledger, LEDGER_PLAIN), "G or ?", "the rest is forgotten");
}

static int number_for(const struct ledger *ledger, const char *tag)
{
	struct wipy_fingerprint fp = image(tag);
	uint8_t number = 99;

	return ledger_switch(ledger, &fp, &number) == 0 ? number : -1;
}

static void update_to(struct ledger *ledger, enum ledger_kind kind, const char *tag)
{
	push(ledger, tag, LEDGER_PUSH_COMPLETE);
	see(ledger, kind, tag, true);
	ledger_confirmed(ledger);
}

/* Told to start what sits in another slot: only where every world agrees, and what comes
 * of it is known whether it was heard or not. */
static void switches(void)
{
	static const struct {
		enum ledger_kind kind;
		const char *name;
		int settled; /* the number for B, of a board that runs C */
	} rows[] = {
		{LEDGER_CLASSIC, "classic: has no such call", -1},
		{LEDGER_TRIAL, "trial: what window 2 would start", 2},
		{LEDGER_PYCOM, "pycom: the other partition", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum ledger_kind kind = rows[i].kind;
		struct ledger ledger = {0}, heard;
		struct wipy_fingerprint b = image("B");
		int last;

		see(&ledger, kind, "A", false);
		EQ_INT(number_for(&ledger, "A"), -1, rows[i].name);
		update_to(&ledger, kind, "B");
		update_to(&ledger, kind, "C");
		update_to(&ledger, kind, "D");
		update_to(&ledger, kind, "B");
		update_to(&ledger, kind, "C");
		EQ_INT(number_for(&ledger, "X"), -1, rows[i].name);
		EQ_INT(number_for(&ledger, "C"), -1, "never what runs");
		last = number_for(&ledger, "B");
		if (rows[i].settled < 0) {
			EQ_INT(last, -1, rows[i].name);
			continue;
		}
		EQ_INT(last, rows[i].settled, rows[i].name);
		push(&ledger, "E", LEDGER_PUSH_REFUSED);
		EQ_INT(number_for(&ledger, "B"), last,
			"a refused push changes nothing");
		heard = ledger;
		ledger_switched(&heard, &b);
		EQ_STR(boots(&heard, LEDGER_PLAIN), "C or B", "heard or not");
		EQ_INT(number_for(&heard, "C"), -1, "and said again only by who knows");
		see(&heard, kind, "B", true);
		if (kind == LEDGER_TRIAL)
			EQ_STR(boots(&heard, LEDGER_PLAIN), "C", "it is on trial");
		ledger_confirmed(&heard);
		EQ_STR(boots(&heard, LEDGER_PLAIN), "B", "it was heard");
		EQ_STR(boots(&heard, LEDGER_WINDOW_PREVIOUS), "C",
			"the other way back");
		OK(number_for(&heard, "C") >= 0, "and there is a way forward");
		heard = ledger;
		ledger_switched(&heard, &b);
		see(&heard, kind, "C", true);
		EQ_STR(boots(&heard, LEDGER_PLAIN), "C", "it was not");
		push(&ledger, "E", LEDGER_PUSH_BROKEN);
		EQ_INT(number_for(&ledger, "B"), -1, "the slot may be torn");
	}
}

int main(void)
{
	switches();
	ordinary_life();
	broken_pushes();
	killed_daemon();
	lost_and_back();
	trials();
	pycom();
	another_board();
	as_text();
	many_images();
	started_by_pin();
	launchpad();
	return tap_done();
}
