/* SPDX-License-Identifier: MIT
 *
 * The table of faults: words, values, and what is to be done when one comes or goes.
 */
#include "config.h"

#include "firmware/ports/linux/faults.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

#define STALL_MAX_S 86400

/* The first never ends and lets nobody in; the second cannot be interrupted. */
static const char hog[] = "while True:\n    pass\n";
static const char deaf[] = "import time\n"
			   "while True:\n"
			   "    try:\n"
			   "        while True:\n"
			   "            time.sleep_ms(100)\n"
			   "    except KeyboardInterrupt:\n"
			   "        pass\n";

enum value { VALUE_NONE, VALUE_NUMBER, VALUE_STALL, VALUE_ADDRESS };

struct row {
	const char *word;
	enum value value;
	enum fault fault; /* FAULT_COUNT: it happens, and that is all */
	uint32_t max;     /* of a number */
	int (*come)(struct hal *hal);
	int (*go)(struct hal *hal); /* nothing is left of it behind this */
};

/* ---- coming and going --------------------------------------------------------- */

static int cut_power(struct hal *hal)
{
	if (hal->powered)
		hal->hurt.power_taken = true;
	fleet_power_off(hal);
	return 0;
}

static int reset_servers(struct hal *hal)
{
	wlan_event(hal);
	return 0;
}

static int step(struct hal *hal)
{
	fleet_step(hal);
	return 0;
}

static int free_line(struct hal *hal)
{
	faults_free_line(hal);
	return 0;
}

static int listen_again(struct hal *hal)
{
	net_listen_again(hal, false);
	return 0;
}

static int watch_anew(struct hal *hal)
{
	net_apply_all(hal);
	return 0;
}

static int let_pass(struct hal *hal)
{
	net_release(hal);
	return 0;
}

static int swap(struct hal *hal)
{
	faults_swap(hal);
	return 0;
}

static int move_home(struct hal *hal)
{
	faults_move(hal, hal->home);
	return 0;
}

static int let_join(struct hal *hal)
{
	if (hal->powered && hal->board.state == WIPY_BOARD_RUNNING)
		wlan_begin(hal);
	return 0;
}

static int stay_up(struct hal *hal)
{
	hal->timers[TIMER_HANG] = WIPY_NEVER;
	return 0;
}

static int drop_garbage(struct hal *hal)
{
	faults_machine_off(hal);
	return 0;
}

static int run_hog(struct hal *hal)
{
	return faults_run_program(hal, hog);
}

static int run_deaf(struct hal *hal)
{
	return faults_run_program(hal, deaf);
}

#define FLAG(word, fault, come, go)                                                    \
	{                                                                              \
		word, VALUE_NONE, fault, 0, come, go                                   \
	}
#define NUMBER(word, fault, max, go)                                                   \
	{                                                                              \
		word, VALUE_NUMBER, fault, max, NULL, go                               \
	}

static const struct row rows[] = {
	FLAG("busy", FAULT_BUSY, step, free_line),
	FLAG("corrupt-image", FAULT_CORRUPT_IMAGE, NULL, NULL),
	NUMBER("crash-after", FAULT_CRASH_AFTER, STALL_MAX_S, stay_up),
	FLAG("crash-at-boot", FAULT_CRASH_AT_BOOT, NULL, NULL),
	NUMBER("drop-after", FAULT_DROP_AFTER, UINT32_MAX, NULL),
	FLAG("eat-interrupt", FAULT_EAT_INTERRUPT, run_deaf, faults_end_program),
	FLAG("garbage", FAULT_GARBAGE, NULL, drop_garbage),
	FLAG("hog-repl", FAULT_HOG_REPL, run_hog, faults_end_program),
	{"move", VALUE_ADDRESS, FAULT_MOVE, 0, NULL, move_home},
	FLAG("never-join", FAULT_NEVER_JOIN, NULL, let_join),
	FLAG("no-226", FAULT_NO_226, NULL, NULL),
	FLAG("no-quit", FAULT_NO_QUIT, NULL, NULL),
	FLAG("power-cut", FAULT_COUNT, cut_power, NULL),
	NUMBER("power-cut-at", FAULT_POWER_CUT_AT, UINT32_MAX, NULL),
	FLAG("refuse-login", FAULT_REFUSE_LOGIN, NULL, NULL),
	FLAG("refuse-telnet", FAULT_REFUSE_TELNET, listen_again, listen_again),
	NUMBER("rst-after", FAULT_RST_AFTER, UINT32_MAX, NULL),
	FLAG("silent", FAULT_SILENT, NULL, NULL),
	{"stall", VALUE_STALL, FAULT_STALL, STALL_MAX_S, watch_anew, let_pass},
	FLAG("swap", FAULT_SWAP, swap, swap),
	FLAG("wlan-event", FAULT_COUNT, reset_servers, NULL),
	FLAG("wrong-banner", FAULT_WRONG_BANNER, NULL, NULL),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- words -------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static int refuse(
	struct errtext *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return -EINVAL;
}

/* The row and what stands behind the "=", or NULL. */
static const struct row *find_row(const char *word, const char **ret_value)
{
	size_t len = strcspn(word, "=");

	for (size_t i = 0; i < ROWS; i++) {
		bool wants = rows[i].value != VALUE_NONE;

		if (strlen(rows[i].word) != len ||
			memcmp(rows[i].word, word, len) != 0 ||
			wants != (word[len] == '='))
			continue;
		*ret_value = wants ? word + len + 1 : "";
		return &rows[i];
	}
	return NULL;
}

static bool parse_number(const char *text, size_t len, uint32_t max, uint32_t *ret)
{
	uint64_t number;

	if (wipy_text_parse_u64(text, len, max, &number) < 0 || number == 0)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool parse_stall(struct hurt *hurt, const char *text)
{
	const char *colon = strchr(text, ':');
	uint32_t seconds;

	if (!colon ||
		!parse_number(colon + 1, strlen(colon + 1), STALL_MAX_S, &seconds))
		return false;
	for (int i = 0; i < WIRE_OTHER; i++) {
		const char *name = wire_phase_name((enum wire_phase)i);

		if (strlen(name) != (size_t)(colon - text) ||
			memcmp(name, text, strlen(name)) != 0)
			continue;
		hurt->stall_s[i] = seconds;
		return true;
	}
	return false;
}

/* The kernel would let a board listen at addresses that are nobody's own, too. */
static bool parse_address(const char *text, struct in_addr *ret)
{
	return inet_pton(AF_INET, text, ret) == 1 && ret->s_addr != INADDR_ANY &&
	       ret->s_addr != INADDR_BROADCAST && !IN_MULTICAST(ntohl(ret->s_addr));
}

static int take_value(
	struct hal *hal, const struct row *row, const char *text, struct errtext *error)
{
	struct in_addr address;
	int err;

	switch (row->value) {
	case VALUE_NUMBER:
		if (!parse_number(text, strlen(text), row->max,
			    &hal->hurt.number[row->fault]))
			return refuse(error,
				"%s= wants a number from 1 to %lu, not "
				"'%.40s'",
				row->word, (unsigned long)row->max, text);
		break;
	case VALUE_STALL:
		if (!parse_stall(&hal->hurt, text))
			return refuse(error,
				"stall= wants a phase and seconds, as "
				"pasv:7, not '%.40s': see wipyboard --help",
				text);
		break;
	case VALUE_ADDRESS:
		if (!parse_address(text, &address))
			return refuse(error,
				"move= wants the IPv4 address of one machine, not "
				"'%.40s'",
				text);
		err = net_try_listen(hal, address);
		if (err < 0)
			return refuse(error, "board %d cannot listen at %.40s: %s",
				hal->number, text, strerror(-err));
		faults_move(hal, address);
		break;
	case VALUE_NONE:
		break;
	}
	return 0;
}

/* What cannot be taken back stays armed. */
static int take_back(struct hal *hal, const struct row *row)
{
	uint32_t bit = 1u << row->fault;
	int err;

	if (row->fault == FAULT_COUNT || !hurt_by(&hal->hurt, row->fault))
		return 0;
	hal->hurt.armed &= ~bit;
	hal->hurt.number[row->fault] = 0;
	if (row->value == VALUE_STALL)
		memset(hal->hurt.stall_s, 0, sizeof(hal->hurt.stall_s));
	err = row->go ? row->go(hal) : 0;
	if (err < 0)
		hal->hurt.armed |= bit;
	life_wake(hal);
	return err;
}

static int clear(struct hal *hal, struct errtext *error)
{
	int result = 0;

	for (size_t i = 0; i < ROWS; i++) {
		int err = take_back(hal, &rows[i]);

		if (err < 0)
			result = refuse(error, "board %d keeps the fault '%s': %s",
				hal->number, rows[i].word, wipy_strerror(err));
	}
	return result;
}

int faults_arm(struct hal *hal, const char *word, struct errtext *ret_error)
{
	const struct row *row;
	const char *value;
	bool was_there;
	int err;

	if (strcmp(word, "clear") == 0)
		return clear(hal, ret_error);
	row = find_row(word, &value);
	if (!row)
		return refuse(ret_error,
			"there is no fault '%.60s': see wipyboard --help", word);
	err = take_value(hal, row, value, ret_error);
	if (err < 0)
		return err;
	was_there = row->fault < FAULT_COUNT && hurt_by(&hal->hurt, row->fault);
	if (row->fault < FAULT_COUNT)
		hal->hurt.armed |= 1u << row->fault;
	err = row->come && !was_there ? row->come(hal) : 0;
	if (err < 0) {
		hal->hurt.armed &= ~(1u << row->fault);
		return refuse(ret_error, "board %d cannot have the fault '%.60s': %s",
			hal->number, word, wipy_strerror(err));
	}
	life_wake(hal);
	return 0;
}

void faults_disarm(struct hal *hal, const char *word)
{
	const char *value;
	const struct row *row = find_row(word, &value);

	if (row)
		(void)take_back(hal, row);
}

void faults_each(const struct hal *hal, void (*tell)(void *context, const char *word),
	void *context)
{
	const struct hurt *hurt = &hal->hurt;
	char text[FAULT_WORD_MAX], address[INET_ADDRSTRLEN];

	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];

		if (row->fault == FAULT_COUNT || !hurt_by(hurt, row->fault))
			continue;
		switch (row->value) {
		case VALUE_NONE:
			tell(context, row->word);
			break;
		case VALUE_NUMBER:
			snprintf(text, sizeof(text), "%s=%lu", row->word,
				(unsigned long)hurt->number[row->fault]);
			tell(context, text);
			break;
		case VALUE_ADDRESS:
			inet_ntop(AF_INET, &hal->address, address, sizeof(address));
			snprintf(text, sizeof(text), "%s=%s", row->word, address);
			tell(context, text);
			break;
		case VALUE_STALL:
			for (int k = 0; k < WIRE_OTHER; k++) {
				if (hurt->stall_s[k] == 0)
					continue;
				snprintf(text, sizeof(text), "stall=%s:%lu",
					wire_phase_name((enum wire_phase)k),
					(unsigned long)hurt->stall_s[k]);
				tell(context, text);
			}
			break;
		}
	}
}
