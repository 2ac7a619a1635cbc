/* SPDX-License-Identifier: MIT
 *
 * The table of commands and what each does.
 */
#include "config.h"

#include "firmware/ports/linux/commands.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"
#include "firmware/ports/linux/clock.h"
#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"
#include "firmware/ports/linux/status.h"

#define WORDS_MAX    6
#define BOARD_WORDS  2 /* the command's own name and the board */
#define SECONDS_1970 946684800

__attribute__((format(printf, 1, 2))) static json_t *refuse(const char *format, ...)
{
	char text[320];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return json_pack("{s:s}", "error", text);
}

/* ---- what is done to one board ------------------------------------------------ */

/* `words` are those behind the board's number. NULL: done; otherwise the refusal. */
typedef json_t *(*board_command)(struct hal *hal, const char *const *words);

static json_t *do_power_off(struct hal *hal, const char *const *words)
{
	(void)words;
	fleet_power_off(hal);
	return NULL;
}

static json_t *do_power_on(struct hal *hal, const char *const *words)
{
	(void)words;
	fleet_power_on(hal);
	return NULL;
}

static json_t *do_reset(struct hal *hal, const char *const *words)
{
	(void)words;
	if (!hal->powered)
		return refuse("a board has no power: use power-on");
	fleet_reset(hal);
	return NULL;
}

static json_t *do_pin(struct hal *hal, const char *const *words)
{
	if (strcmp(words[0], "high") != 0 && strcmp(words[0], "low") != 0)
		return refuse("a pin is high or low, not '%.60s'", words[0]);
	hal->pin_high = strcmp(words[0], "high") == 0;
	return NULL;
}

static json_t *do_fault(struct hal *hal, const char *const *words)
{
	struct errtext error;

	return faults_arm(hal, words[0], &error) < 0 ? refuse("%s", error.text) : NULL;
}

static json_t *do_wlan_event(struct hal *hal, const char *const *words)
{
	(void)words;
	wlan_event(hal);
	return NULL;
}

static json_t *do_rtc(struct hal *hal, const char *const *words)
{
	struct tm tm = {0};
	const char *end = strptime(words[0], "%Y-%m-%dT%H:%M:%S", &tm);

	if (!end || *end != '\0' || tm.tm_year < 100 || tm.tm_year >= 200)
		return refuse("a time reads 2015-08-09T00:00:00, from 2000 to 2099, "
			      "not '%.60s'",
			words[0]);
	hal_rtc_set(hal, timegm(&tm) - SECONDS_1970);
	return NULL;
}

static json_t *cannot_write(int err)
{
	return err < 0 ? refuse("the flash file cannot be written: %s",
				 wipy_strerror(err))
		       : NULL;
}

/* The record as 8 hex digits, in the order of its bytes. */
static json_t *do_record(struct hal *hal, const char *const *words)
{
	unsigned bytes[BOOT_RECORD_LEN];
	uint8_t raw[BOOT_RECORD_LEN];
	struct boot_record record;
	int err;

	if (strcmp(words[0], "none") == 0)
		return cannot_write(flash_erase_by_hand(hal, HAL_AREA_RECORD));
	if (strlen(words[0]) != 2 * BOOT_RECORD_LEN ||
		strspn(words[0], "0123456789abcdefABCDEF") != 2 * BOOT_RECORD_LEN ||
		sscanf(words[0], "%2x%2x%2x%2x", &bytes[0], &bytes[1], &bytes[2],
			&bytes[3]) != BOOT_RECORD_LEN)
		return refuse(
			"a boot record is 8 hex digits or none, not '%.60s'", words[0]);
	for (int i = 0; i < BOOT_RECORD_LEN; i++)
		raw[i] = (uint8_t)bytes[i];
	boot_record_decode(raw, sizeof(raw), &record);
	hal->by_hand = true;
	err = boot_record_save(hal, hal->fleet->options->profile.family->boot, &record);
	hal->by_hand = false;
	flash_rest(hal);
	return cannot_write(err);
}

static json_t *do_slot(struct hal *hal, const char *const *words)
{
	static const struct {
		const char *name;
		enum hal_area area;
	} slots[] = {{"factory", HAL_AREA_FACTORY}, {"update1", HAL_AREA_UPDATE1},
		{"update2", HAL_AREA_UPDATE2}};
	struct errtext error;

	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (strcmp(words[0], slots[i].name) == 0)
			return flash_put_slot(hal, slots[i].area, words[1], &error) < 0
				       ? refuse("%s", error.text)
				       : NULL;
	return refuse("a slot is factory, update1 or update2, not '%.60s'", words[0]);
}

static const struct command {
	const char *name;
	int words; /* behind the board's number */
	const char *usage;
	board_command run;
} commands[] = {
	{"fault", 1, "a board's number or all, and a fault", do_fault},
	{"pin", 1, "a board's number or all, and high or low", do_pin},
	{"power-off", 0, "a board's number or all", do_power_off},
	{"power-on", 0, "a board's number or all", do_power_on},
	{"record", 1, "a board's number or all, and 8 hex digits or none", do_record},
	{"reset", 0, "a board's number or all", do_reset},
	{"rtc", 1, "a board's number or all, and a time", do_rtc},
	{"slot", 2,
		"a board's number or all, a slot's name, and a file, absent or "
		"torn",
		do_slot},
	{"wlan-event", 0, "a board's number or all", do_wlan_event},
};

/* The boards that K names: [*ret_first, *ret_end) as numbers. */
static int boards_named(
	const struct fleet *fleet, const char *word, int *ret_first, int *ret_end)
{
	uint64_t number;

	if (strcmp(word, "all") == 0) {
		*ret_first = 1;
		*ret_end = fleet->count + 1;
		return 0;
	}
	if (wipy_text_parse_u64(word, strlen(word), (uint64_t)fleet->count, &number) <
			0 ||
		number == 0)
		return -EINVAL;
	*ret_first = (int)number;
	*ret_end = *ret_first + 1;
	return 0;
}

static json_t *no_such_board(const struct fleet *fleet, const char *word)
{
	return refuse("there is no board '%.40s': they are numbered 1 to %d", word,
		fleet->count);
}

static json_t *run_board_command(struct fleet *fleet, const struct command *command,
	const char *const *words, int count)
{
	int first, end;

	if (count != BOARD_WORDS + command->words)
		return refuse("%s wants %s", command->name, command->usage);
	if (boards_named(fleet, words[1], &first, &end) < 0)
		return no_such_board(fleet, words[1]);
	for (int k = first; k < end; k++) {
		json_t *refusal =
			command->run(&fleet->boards[k - 1], words + BOARD_WORDS);

		if (refusal)
			return refusal;
	}
	return json_pack("{s:i}", "boards", end - first);
}

/* ---- what is asked of the fleet ----------------------------------------------- */

static json_t *run_status(struct fleet *fleet, const char *const *words, int count)
{
	int first, end;
	json_t *boards;

	if (count > 2)
		return refuse("status wants one board's number or all");
	if (boards_named(fleet, count == 2 ? words[1] : "all", &first, &end) < 0)
		return no_such_board(fleet, words[1]);
	if (count == 2 && strcmp(words[1], "all") != 0)
		return status_of_board(&fleet->boards[first - 1]);
	boards = json_array();
	for (int k = first; k < end; k++)
		json_array_append_new(boards, status_of_board(&fleet->boards[k - 1]));
	return json_pack("{s:o}", "boards", boards);
}

json_t *commands_clock_reply(const struct fleet *fleet)
{
	return json_pack("{s:I, s:s}", "clock_ms", (json_int_t)fleet->now_ms, "clock",
		fleet->is_virtual ? "virtual" : "real");
}

/* NULL: the clock is on its way. */
static json_t *run_clock(struct fleet *fleet, const char *const *words, int count)
{
	int64_t span_ms;

	if (count == 1)
		return commands_clock_reply(fleet);
	if (count > 2 || clock_parse_span(words[1], &span_ms) < 0)
		return refuse("clock wants how far to go, as +250 (ms), +10s or +5m");
	switch (clock_send(fleet, span_ms)) {
	case 0:
		return NULL;
	case -EBUSY:
		return refuse("the clock is on its way already");
	default:
		return refuse("the clock is a real one: start the boards with --clock "
			      "virtual");
	}
}

static json_t *run_words(struct fleet *fleet, const char *const *words, int count)
{
	if (count == 0)
		return refuse("a command is missing: see wipyboard --help");
	if (strcmp(words[0], "clock") == 0)
		return run_clock(fleet, words, count);
	if (strcmp(words[0], "status") == 0)
		return run_status(fleet, words, count);
	if (strcmp(words[0], "quit") == 0) {
		fleet->quit = true;
		return json_pack("{s:i}", "boards", fleet->count);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(words[0], commands[i].name) == 0)
			return run_board_command(fleet, &commands[i], words, count);
	return refuse("there is no command '%.60s': see wipyboard --help", words[0]);
}

json_t *commands_refuse_line(const char *why)
{
	return refuse("the line %s: a request is one line of JSON", why);
}

json_t *commands_run(struct fleet *fleet, const char *line, size_t len)
{
	json_error_t error;
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_object_get(request, "words");
	const char *words[WORDS_MAX];
	int count = (int)json_array_size(list);
	json_t *reply = NULL;
	bool understood = json_is_array(list) && count <= WORDS_MAX;

	for (int i = 0; understood && i < count; i++) {
		words[i] = json_string_value(json_array_get(list, (size_t)i));
		understood = words[i] != NULL;
	}
	reply = understood ? run_words(fleet, words, count)
			   : refuse("the request is not understood");
	json_decref(request);
	return reply;
}
