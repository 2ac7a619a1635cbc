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

int main(void)
{
	ordinary_life();
	broken_pushes();
	killed_daemon();
	lost_and_back();
	trials();
	pycom();
	another_board();
	as_text();
	many_images();
	return tap_done();
}
