/* SPDX-License-Identifier: MIT
 *
 * The lines of a card.
 */
#include "daemon/core/card.h"

#include <string.h>

#include "common/text.h"
#include "daemon/core/axes.h"
#include "daemon/core/card_bench.h"
#include "daemon/core/reason.h"

/* ---- contents as text ------------------------------------------------------------ */

static void add_content(
	struct wipy_text *text, const struct ledger *ledger, uint8_t content)
{
	const struct wipy_fingerprint *fp;

	if (!ledger_is_image(content)) {
		wipy_text_str(text, content == LEDGER_EMPTY    ? "nothing"
				    : content == LEDGER_BROKEN ? "nothing that works"
							       : "unknown");
		return;
	}
	fp = &ledger->image[ledger_image_at(content)];
	wipy_text_str(text, fp->tag);
	wipy_text_str(text, " (");
	wipy_text_str(text, fp->date);
	wipy_text_char(text, ')');
}

void card_content_text(
	const struct ledger *ledger, uint8_t content, char ret_text[CARD_GUESS_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, CARD_GUESS_MAX);
	add_content(&text, ledger, content);
}

void card_guess_text(const struct ledger *ledger, const struct ledger_guess *guess,
	char ret_text[CARD_GUESS_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, CARD_GUESS_MAX);
	for (size_t i = 0; i < guess->count; i++) {
		if (i > 0)
			wipy_text_str(&text, " or ");
		if (guess->content[i] == LEDGER_UNKNOWN)
			wipy_text_str(&text, "an image that is not known");
		else
			add_content(&text, ledger, guess->content[i]);
	}
	if (guess->count == 0)
		wipy_text_str(&text, "what is not known");
}

/* ---- lines ----------------------------------------------------------------------- */

/* 1600 ms: "1.6" */
static const char *seconds(int ms, char ret_text[16])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, 16);
	wipy_text_int(&text, ms / 1000);
	wipy_text_char(&text, '.');
	wipy_text_int(&text, ms % 1000 / 100);
	return ret_text;
}

static const char *number(int value, char ret_text[16])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, 16);
	wipy_text_int(&text, value);
	return ret_text;
}

/* ---- the windows ----------------------------------------------------------------- */

static void fill_windows(
	const struct ledger *ledger, const struct card_bench *bench, struct card *card)
{
	static const int blinks_ms[CARD_WINDOWS] = {500, 250, 100};
	static const int lengths_ms[CARD_WINDOWS] = {3000, 3000, 1500};
	int at_ms = bench->debounce_ms;

	for (int i = 0; i < CARD_WINDOWS; i++) {
		struct card_window *window = &card->windows[i];

		window->from_ms = at_ms;
		window->to_ms = at_ms + lengths_ms[i];
		window->release_ms = at_ms + lengths_ms[i] / 2;
		window->blink_ms = blinks_ms[i];
		ledger_boots(ledger, (enum ledger_pick)(LEDGER_WINDOW_LATEST + i),
			&window->boots);
		card_guess_text(ledger, &window->boots, window->boots_text);
		at_ms = window->to_ms;
	}
}

static bool is_good_guess(const struct ledger_guess *guess)
{
	return ledger_certain(guess) && ledger_is_good(guess->content[0]);
}

/* The latest image where that is known to be good: then it is boot.py or the network.
 * Else the first window that is known to lead to a good one; else the previous image. */
static int choose_window(const struct card *card)
{
	for (int i = 0; i < CARD_WINDOWS; i++)
		if (is_good_guess(&card->windows[i].boots))
			return i + 1;
	return 2;
}

/* A hand has brought it back; the next reset may undo that. */
static bool is_back(const struct card_facts *facts)
{
	return facts->reason == REASON_NOT_LASTING &&
	       !(facts->board->conditions & CONDITION_DIRTY);
}

/* ---- an update at work ----------------------------------------------------------- */

/* What the daemon is doing to the board that a hand would spoil, or NULL. */
static const char *work_of(const struct card_facts *facts)
{
	const struct task *task = facts->task;
	enum task_state state = task ? task->state : TASK_PLANNED;

	if (state == TASK_PUSHING || state == TASK_DISARMING)
		return "an upload to it is under way";
	if (state == TASK_STAGED || state == TASK_RESETTING)
		return "an update of it is under way, and the daemon resets it itself";
	if (task && task->touched && (state == TASK_CHECKING || state == TASK_BACKOFF))
		return "an upload to it broke off and is about to be repeated";
	return NULL;
}

/* Instead of steps and of what comes after them. */
static void say_hands_off(const struct card_facts *facts, struct card *card)
{
	CARD_SAY(&card->lines, CARD_STEP,
		"Press nothing. Once its update has ended ask for this card again: "
		"wipyctl rescue card ",
		facts->board->name, " tells what is left to do.");
}

/* ---- the parts ------------------------------------------------------------------- */

static void say_why(const struct card_facts *facts, struct card *card)
{
	uint32_t conditions = facts->board->conditions;
	const char *work = work_of(facts);

	if (work)
		CARD_SAY(&card->lines, CARD_WHY, "Do not touch it: ", work, ".");
	if (conditions & CONDITION_DIRTY)
		card_say(&card->lines, CARD_WHY,
			"It is dirty: an upload broke off, and its next reset springs "
			"what that left.");
	if ((conditions & CONDITION_ARMED) && !is_back(facts))
		card_say(&card->lines, CARD_WHY,
			"It is armed: an image has been pushed, and its next reset "
			"starts it.");
	if (facts->reason != REASON_NONE)
		card_say(&card->lines, CARD_WHY, reason_what(facts->reason));
	if (card->lines.count == 0)
		card_say(&card->lines, CARD_WHY,
			"Nothing is known to be wrong with it.");
}

static void say_power(const struct card_facts *facts, struct card *card)
{
	const struct ledger *ledger = &facts->board->ledger;
	struct ledger_guess plain;
	char boots[CARD_GUESS_MAX];

	if (work_of(facts)) {
		card_say(&card->lines, CARD_POWER,
			"Do not power-cycle or reset it: that would spoil the update, "
			"and nobody knows what it boots then.");
		return;
	}
	ledger_boots(ledger, LEDGER_PLAIN, &plain);
	card_guess_text(ledger, &plain, boots);
	CARD_SAY(&card->lines, CARD_POWER, "A power cycle or reset boots ", boots, ".");
	if (facts->board->conditions & (CONDITION_DIRTY | CONDITION_ARMED))
		card_say(&card->lines, CARD_POWER,
			"Do not power-cycle or reset it before you have decided.");
}

static void say_checks(const struct card_bench *bench, struct card *card)
{
	card_say(&card->lines, CARD_CHECK,
		"Power: the supply of a USB hub sags when the radio sends. Give the "
		"board a supply of its own.");
	CARD_SAY(&card->lines, CARD_CHECK, "Pin: nothing may connect ", bench->pin,
		" to 3V3 now, or every start is a safe boot.");
	card_say(&card->lines, CARD_CHECK,
		"Network: its access point and the DHCP lease; it may run at another "
		"address.");
}

static void say_pin(const struct card_bench *bench, struct card *card, int which)
{
	const struct card_window *window = &card->windows[which - 1];
	char second[16], blink[16], nth[16];

	CARD_SAY(&card->lines, CARD_STEP, "Connect ", bench->pin,
		" to the board's own 3V3 pin, never to 5 V: over 3.6 V destroys it.");
	CARD_SAY(&card->lines, CARD_STEP, "Reset the board and let go of ", bench->pin,
		" ", seconds(window->release_ms, second), " s later, while ",
		bench->led, " toggles every ", number(window->blink_ms, blink),
		" ms: window ", number(which, nth), ". It boots ", window->boots_text,
		".");
	if (which == CARD_WINDOWS)
		return;
	window = &card->windows[CARD_WINDOWS - 1];
	CARD_SAY(&card->lines, CARD_STEP,
		"If it stays silent do the same again and hold on for ",
		seconds(window->to_ms, second),
		" s: window 3, which no release ends. It boots ", window->boots_text,
		".");
}

/* What to do before anybody takes the pin. */
static void say_first(const struct card_facts *facts, struct card *card)
{
	uint32_t conditions = facts->board->conditions;

	if (conditions & CONDITION_DIRTY) {
		if (wipy_family_facts(facts->family)->push_again_cures)
			card_say(&card->lines, CARD_STEP,
				facts->task ? "Wait for its rollout, which uploads to "
					      "it again: a complete upload cures it "
					      "without a reset."
					    : "If it still takes uploads start a "
					      "rollout for it: a complete upload cures "
					      "it without a reset.");
		card_say(&card->lines, CARD_STEP,
			"If it does not, only a reset helps: see above what it boots, "
			"and use the pin as follows if that must be another image.");
	} else if (conditions & CONDITION_ARMED) {
		card_say(&card->lines, CARD_STEP,
			"If the pushed image must not start, start a rollout of the "
			"one that it runs; if it may, reset it.");
	} else {
		CARD_SAY(&card->lines, CARD_STEP,
			"Press its reset switch, wait a minute, and ask: wipyctl poll ",
			facts->board->name);
	}
}

static void say_steps(const struct card_facts *facts, const struct card_bench *bench,
	struct card *card)
{
	if (work_of(facts)) {
		say_hands_off(facts, card);
		return;
	}
	if (is_back(facts)) {
		card_say(&card->lines, CARD_STEP,
			"It runs: there is nothing to press, and a reset now would "
			"undo what has brought it back. Make that lasting first, as "
			"said below.");
		return;
	}
	say_first(facts, card);
	CARD_SAY(&card->lines, CARD_STEP,
		"If it stays silent: which pattern does the LED show? Every 4 s: it "
		"runs, leave the pin alone. Fast all the time: take ",
		bench->pin,
		" off 3V3 and reset it. Steady, frozen or off: go on with the next "
		"step.");
	say_pin(bench, card, card->window);
	CARD_SAY(&card->lines, CARD_STEP,
		"If no window brings it back: ", bench->serial, ".");
}

static void say_leds(const struct card_bench *bench, struct card *card)
{
	CARD_SAY(&card->lines, CARD_LED, bench->beat,
		": it runs and idles. Look at its network and its boot.py; do not push "
		"to it by hand.")
		->seen = "every 4 s";
	card_say(&card->lines, CARD_LED,
		"It runs with the heartbeat turned off, or a program never idles; or "
		"it has no power.")
		->seen = "off";
	CARD_SAY(&card->lines, CARD_LED, bench->fatal,
		": no network. Use the pin; if window 3 shows the same only the last "
		"step above is left.")
		->seen = "steady";
	CARD_SAY(&card->lines, CARD_LED, "Toggling all the time: ", bench->pin,
		" is connected to 3V3. Toggling for a second once: boot.py or main.py "
		"ended with an exception.")
		->seen = "fast";
	card_say(&card->lines, CARD_LED,
		"It has crashed and stays so until its power is cut for ten seconds.")
		->seen = "frozen";
}

static void say_safe(const struct card_bench *bench, struct card *card)
{
	CARD_SAY(&card->lines, CARD_SAFE,
		"It is a safe boot: boot.py and main.py do not run, and the board is "
		"an access point named ",
		bench->ap, ", key ", bench->key, ", at ", bench->address,
		", login micro / python.");
	card_say(&card->lines, CARD_SAFE,
		"It is not stored: the next plain reset boots as said above.");
}

/* What makes lasting what runs, or what the window is to boot. */
static const char *release_for(const struct card_facts *facts, const struct card *card)
{
	const struct ledger *ledger = &facts->board->ledger;
	const struct ledger_guess *boots = &card->windows[card->window - 1].boots;
	const char *release = NULL;

	if (is_back(facts))
		return ledger->running ? facts->image_release[ledger->running - 1]
				       : NULL;
	if (boots->count > 0 && ledger_is_image(boots->content[0]))
		release = facts->image_release[ledger_image_at(boots->content[0])];
	return release && release[0] ? release : facts->release;
}

static const char *bench_release(
	const struct card_facts *facts, const struct card *card)
{
	const char *release =
		facts->release[0] ? facts->release : release_for(facts, card);

	return release ? release : "";
}

/* Silent until now: what an upload overwrites is known once it is seen. */
static bool is_away(const struct card_facts *facts)
{
	return (facts->board->conditions & CONDITION_NEEDS_HANDS) && !is_back(facts) &&
	       !(facts->board->conditions & CONDITION_DIRTY);
}

static void say_lasting(const struct card_facts *facts, struct card *card)
{
	const char *release = release_for(facts, card);
	struct ledger_next_push next;
	bool away = is_away(facts), known = release && release[0];
	char holds[CARD_GUESS_MAX];

	ledger_next_push(&facts->board->ledger, &next);
	if (next.kills && !away) {
		card_say(&card->lines, CARD_NEXT,
			"No upload now: it could overwrite the image that executes. "
			"pycom.bootmgr(boot_partition=0), or 1, at its prompt makes "
			"the image of that slot lasting: it is checked and started.");
		if (is_back(facts))
			CARD_SAY(&card->lines, CARD_NEXT,
				"No look can tell that: once it has come up after a "
				"reset, wipyctl boards accept ",
				facts->board->name, " --reason TEXT says so.");
		return;
	}
	card_guess_text(&facts->board->ledger, &next.holds, holds);
	CARD_SAY(&card->lines, CARD_NEXT, "To make a good image lasting: ",
		known ? "wipyctl rollout --release "
		      : "it is in no release, or in several that look the same. Add it "
			"with wipyctl release add, or choose one, and roll it out to ",
		known ? release : "", known ? " --select name=" : "",
		facts->board->name, away || !next.burns ? "" : " --burn-last-good",
		away ? ". Ask for this card again before that: by then it says what "
		       "the upload overwrites."
		     : ". The upload overwrites ",
		away ? "" : holds, away ? "" : ".");
}

static void say_next(const struct card_facts *facts, const struct card_bench *bench,
	struct card *card)
{
	if (work_of(facts))
		return;
	if (!is_back(facts) && card->release[0] &&
		wipy_family_facts(facts->family)->push_again_cures)
		CARD_SAY(&card->lines, CARD_NEXT,
			"At a bench all of this is one command: take the files of "
			"wipyctl rescue card ",
			facts->board->name,
			" --save FILE there, and type wipyctl rescue run FILE.");
	if (!is_back(facts))
		CARD_SAY(&card->lines, CARD_NEXT,
			"Join that network and repair boot.py by FTP to ",
			bench->address,
			" if that is what keeps it away; a reset then ends the safe "
			"boot.");
	say_lasting(facts, card);
	if (facts->board->failed_repairs >= AXES_REPAIRS_MAX) {
		card_say(&card->lines, CARD_NEXT,
			"The daemon has tried that in vain as often as it does by "
			"itself, and pushes nothing more: find out what breaks its "
			"uploads first. The end is recorded as rescued or reverted.");
		return;
	}
	card_say(&card->lines, CARD_NEXT,
		"Once the daemon sees it at its address it looks what the next reset "
		"boots. Where that is another image, and where it is certain to do no "
		"harm, it pushes what runs by itself; else this card says what is "
		"left. The end is recorded as rescued or reverted.");
}

/* ---- in short -------------------------------------------------------------------- */

static void brief_trap(const struct card_facts *facts, struct wipy_text *text)
{
	const struct ledger *ledger = &facts->board->ledger;
	struct ledger_guess plain;
	char boots[CARD_GUESS_MAX];

	ledger_boots(ledger, LEDGER_PLAIN, &plain);
	card_guess_text(ledger, &plain, boots);
	if (!(facts->board->conditions & CONDITION_DIRTY)) {
		wipy_text_str(text, "Do not power-cycle it: its next reset boots ");
		wipy_text_str(text, boots);
		wipy_text_str(text, is_back(facts) ? ". Its card says what makes the "
						     "image that it runs lasting."
						   : ".");
	} else if (wipy_family_facts(facts->family)->push_again_cures) {
		wipy_text_str(text, "Do not power-cycle it: ");
		wipy_text_str(text,
			facts->task ? "its rollout uploads to it again, and a "
				      "complete upload cures it."
				    : "start a rollout for it as soon as it takes "
				      "uploads, a complete upload cures it.");
	} else {
		wipy_text_str(text,
			"Upload nothing by hand: a rollout resets it first, and its "
			"loader checks what it boots.");
	}
}

void card_brief(const struct card_facts *facts, char ret_text[CARD_TEXT_MAX])
{
	uint32_t conditions = facts->board->conditions;
	const struct card_bench *bench =
		card_bench_of(facts->family, facts->board->fingerprint.board);
	struct card card = {.pin = bench->pin};
	const struct card_window *window;
	struct wipy_text text;
	char second[16], which[16];

	wipy_text_init(&text, ret_text, CARD_TEXT_MAX);
	if (conditions && work_of(facts)) {
		wipy_text_str(&text, "Do not touch it: ");
		wipy_text_str(&text, work_of(facts));
		wipy_text_char(&text, '.');
		return;
	}
	if (conditions & (CONDITION_DIRTY | CONDITION_ARMED)) {
		brief_trap(facts, &text);
		return;
	}
	if (!(conditions & CONDITION_NEEDS_HANDS))
		return;
	fill_windows(&facts->board->ledger, bench, &card);
	card.window = choose_window(&card);
	window = &card.windows[card.window - 1];
	wipy_text_str(&text, "Press its reset switch. If it stays silent: ");
	wipy_text_str(&text, bench->pin);
	wipy_text_str(&text, " to its own 3V3 during a reset, let go at ");
	wipy_text_str(&text, seconds(window->release_ms, second));
	wipy_text_str(&text, " s (window ");
	wipy_text_str(&text, number(card.window, which));
	wipy_text_str(&text, "): it boots ");
	wipy_text_str(&text, window->boots_text);
	wipy_text_char(&text, '.');
}

void card_make(const struct card_facts *facts, struct card *ret_card)
{
	const struct card_bench *bench =
		card_bench_of(facts->family, facts->board->fingerprint.board);

	memset(ret_card, 0, sizeof(*ret_card));
	ret_card->pin = bench->pin;
	fill_windows(&facts->board->ledger, bench, ret_card);
	ret_card->window = choose_window(ret_card);
	ret_card->release = bench_release(facts, ret_card);
	say_why(facts, ret_card);
	say_power(facts, ret_card);
	say_checks(bench, ret_card);
	say_steps(facts, bench, ret_card);
	say_leds(bench, ret_card);
	say_safe(bench, ret_card);
	say_next(facts, bench, ret_card);
}
