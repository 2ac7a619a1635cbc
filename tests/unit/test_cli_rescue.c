/* SPDX-License-Identifier: MIT
 *
 * The bench: the windows of a pin at each moment, files that were cut or edited, boards
 * that are not the card's.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "cli/rescue_bench.h"
#include "cli/rescue_file.h"
#include "cli/rescue_pin.h"
#include "tests/tap.h"

#define WINDOW(n, from, to, release, blink)                                            \
	"{\"number\":" #n ",\"from_ms\":" #from ",\"to_ms\":" #to                      \
	",\"release_ms\":" #release ",\"blink_ms\":" #blink                            \
	",\"boots\":{\"text\":\"v" #n "\"}}"
#define CARD(use, windows)                                                             \
	"{\"pin\":\"GP28\",\"window\":" #use ",\"windows\":[" windows "]}"
#define GOOD                                                                           \
	WINDOW(1, 500, 3500, 2000, 500)                                                \
	"," WINDOW(2, 3500, 6500, 5000, 250) "," WINDOW(3, 6500, 8000, 7250, 100)

static json_t *load(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	if (!json)
		abort();
	return json;
}

static int read_pin(const char *text, struct rescue_pin *ret_pin)
{
	json_t *card = load(text);
	int rc = rescue_pin_read(card, ret_pin);

	json_decref(card);
	return rc;
}

/* ---- the pin ----------------------------------------------------------------------- */

static void moments(void)
{
	static const struct {
		int ms, window;
		bool led, let_go, over;
	} rows[] = {
		/* WIRE.md 0.4: on at 0.5 s, off at 1.0; on 3.5, off 3.75; on 6.5. */
		{0, 0, false, false, false},
		{499, 0, false, false, false},
		{500, 1, true, false, false},
		{999, 1, true, false, false},
		{1000, 1, false, false, false},
		{3499, 1, false, false, false},
		{3500, 2, true, false, false},
		{3750, 2, false, false, false},
		{4999, 2, false, false, false},
		{5000, 2, true, true, false},
		{6499, 2, false, true, false},
		{6500, 3, true, true, true},
		{6600, 3, false, true, true},
		{8000, 4, false, true, true},
	};
	struct rescue_pin pin;

	EQ_INT(read_pin(CARD(2, GOOD), &pin), 0, "pin: a card's windows");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rescue_moment got = rescue_pin_at(&pin, rows[i].ms);

		tap_ok(got.window == rows[i].window && got.led == rows[i].led &&
				got.let_go == rows[i].let_go &&
				got.over == rows[i].over,
			"pin: at %d ms", rows[i].ms);
	}
	EQ_INT(read_pin(CARD(3, GOOD), &pin), 0, "pin: window 3");
	OK(!rescue_pin_at(&pin, 7999).let_go && rescue_pin_at(&pin, 8000).let_go,
		"pin: no release ends window 3: it is held to its end");
}

static void bars(void)
{
	char bar[RESCUE_BAR_MAX];
	struct rescue_pin pin;

	EQ_INT(read_pin(CARD(2, GOOD), &pin), 0, "bar: a card's windows");
	rescue_pin_bar(&pin, 0, 16, bar);
	EQ_STR(bar, ".111111222!22333", "bar: at the reset");
	rescue_pin_bar(&pin, 2000, 16, bar);
	EQ_STR(bar, "####111222!22333", "bar: two seconds later");
	rescue_pin_bar(&pin, 9000, 16, bar);
	EQ_STR(bar, "##########!#####", "bar: over");
	rescue_pin_bar(&pin, 0, 100000, bar);
	EQ_INT(strlen(bar), RESCUE_BAR_MAX - 1, "bar: never longer than its room");
	rescue_pin_bar(&pin, 0, -1, bar);
	EQ_STR(bar, "", "bar: no cells");
}

static void bad_windows(void)
{
	static const struct {
		const char *name, *card;
	} rows[] = {
		{"none", "{}"},
		{"no list", "{\"window\":1,\"windows\":5}"},
		{"two", CARD(1, WINDOW(1, 500, 3500, 2000, 500) "," WINDOW(
					2, 3500, 6500, 5000, 250))},
		{"a fourth is used", CARD(4, GOOD)},
		{"none is used", CARD(0, GOOD)},
		{"one ends before it begins",
			CARD(1, WINDOW(1, 500, 400, 450, 10) "," WINDOW(2, 3500, 6500,
					5000,
					250) "," WINDOW(3, 6500, 8000, 7250, 100))},
		{"they overlap", CARD(1, WINDOW(1, 500, 3500, 2000, 500) "," WINDOW(
						 2, 3000, 6500, 5000, 250) "," WINDOW(3,
						 6500, 8000, 7250, 100))},
		{"let go outside", CARD(1, WINDOW(1, 500, 3500, 9000, 500) "," WINDOW(2,
						   3500, 6500, 5000, 250) "," WINDOW(3,
						   6500, 8000, 7250, 100))},
		{"an LED that never toggles",
			CARD(1, WINDOW(1, 500, 3500, 2000, 0) "," WINDOW(2, 3500, 6500,
					5000,
					250) "," WINDOW(3, 6500, 8000, 7250, 100))},
		{"hours", CARD(1, WINDOW(1, 500, 3500, 2000, 500) "," WINDOW(
					  2, 3500, 6500, 5000, 250) "," WINDOW(3, 6500,
					  3600000, 7250, 100))},
	};
	struct rescue_pin pin;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tap_ok(read_pin(rows[i].card, &pin) < 0, "windows: %s", rows[i].name);
}

/* ---- files ------------------------------------------------------------------------- */

static json_t *open_text(enum rescue_file kind, const char *text, size_t len)
{
	struct errtext fault = {.text = ""};
	json_t *object = rescue_file_open(kind, text, len, &fault);

	if (!object && fault.text[0] == '\0')
		tap_ok(false, "files: a refusal without a sentence");
	return object;
}

static void every_cut(const char *text)
{
	size_t taken = 0;

	for (size_t len = 0; len < strlen(text); len++) {
		json_t *object = open_text(RESCUE_CARD, text, len);

		taken += object != NULL;
		json_decref(object);
	}
	EQ_INT(taken, 0, "files: cut anywhere it is no card");
}

/* In what it says; blanks between are nobody's business. */
static void every_edit(const char *text)
{
	char *edited = strdup(text);
	json_t *whole = open_text(RESCUE_CARD, text, strlen(text));
	size_t wrong = 0;

	for (size_t i = 0; i < strlen(text); i++) {
		json_t *object;

		edited[i] = text[i] == 'x' ? 'y' : 'x';
		object = open_text(RESCUE_CARD, edited, strlen(edited));
		wrong += object && !json_equal(object, whole);
		json_decref(object);
		edited[i] = text[i];
	}
	EQ_INT(wrong, 0, "files: no edit is taken for what was written");
	json_decref(whole);
	free(edited);
}

static void files(void)
{
	static const char *const rubbish[] = {"", "card", "[]", "{}", "null",
		"{\"format\":\"wipyctl rescue card 1\"}",
		"{\"format\":\"wipyctl rescue card 1\",\"sha256\":\"\",\"card\":{}}",
		"{\"format\":\"wipyctl rescue card 1\",\"sha256\":3,\"card\":[]}",
		"{\"format\":\"wipyctl rescue card 2\",\"sha256\":\"\",\"card\":{}}",
		"\xff\xfe"};
	json_t *card = load("{\"board\":\"b-01\",\"code\":\"ab\",\"n\":[1,2]}"), *back;
	char *text = rescue_file_seal(RESCUE_CARD, card);

	OK(text != NULL, "files: sealed");
	back = open_text(RESCUE_CARD, text, strlen(text));
	OK(back && json_equal(back, card), "files: what was sealed comes back");
	json_decref(back);
	back = open_text(RESCUE_RECEIPT, text, strlen(text));
	OK(!back, "files: a card is no receipt");
	every_cut(text);
	every_edit(text);
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		back = open_text(RESCUE_CARD, rubbish[i], strlen(rubbish[i]));
		tap_ok(!back, "files: rubbish %zu", i);
		json_decref(back);
	}
	free(text);
	json_decref(card);
}

/* ---- who it is --------------------------------------------------------------------- */

static void others(void)
{
	static const struct {
		const char *name, *identity, *board, *mcu, *unique_id, *fault;
	} rows[] = {
		{"the right one", "WiPy", "WiPy", "CC3200", "ab", NULL},
		{"its id could not be read", "WiPy", "WiPy", "CC3200", "", NULL},
		{"its type was never seen", "", "LaunchPad", "CC3200", "ab", NULL},
		{"another id", "WiPy", "WiPy", "CC3200", "cd",
			"it has another unique id"},
		{"another type", "WiPy", "LaunchPad", "CC3200", "ab",
			"it is another type of board"},
		{"another family", "WiPy", "WiPy", "ESP8266", "ab",
			"it has another microcontroller"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wipy_fingerprint shows = {.tag = "v1"};
		json_t *card = json_pack("{s:{s:s, s:s, s:s}}", "identity", "unique_id",
			"ab", "board", rows[i].identity, "mcu", "CC3200");
		const char *fault;

		strcpy(shows.board, rows[i].board);
		strcpy(shows.mcu, rows[i].mcu);
		fault = bench_is_other(card, &shows, rows[i].unique_id);
		EQ_STR(fault ? fault : "", rows[i].fault ? rows[i].fault : "",
			rows[i].name);
		json_decref(card);
	}
}

int main(void)
{
	moments();
	bars();
	bad_windows();
	files();
	others();
	return tap_done();
}
