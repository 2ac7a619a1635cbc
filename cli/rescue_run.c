/* SPDX-License-Identifier: MIT
 *
 * The steps at the bench. They keep the rules that the daemon keeps (DESIGN.md 1.4): a
 * dirty board whose family a push cures is pushed to before anything resets it; a Pycom
 * is reset first, and then pushed to once, since a second upload before a reset can kill
 * it (WIRE.md 3.4).
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/rescue_bench.h"
#include "cli/shape.h"

#define TRIES      3
#define LOOK_MS    250
#define FIRST_MS   1500 /* a line that somebody has just left is not free at once */
#define LINE_MS    5000 /* until a telnet line that was just left answers again */
#define OUTAGE_MIN 2    /* looks in vain: port 23 refuses for a moment in any case */

static const struct wipy_family_facts *facts_of(const struct bench *bench)
{
	return wipy_family_facts(bench->family);
}

static void say(struct bench *bench, const char *sentence)
{
	writer_line(bench->out, "%s", sentence);
	(void)writer_flush(bench->out);
}

/* Nothing has listened: nobody was there, or the line is not free yet. */
static bool was_not_heard(int status)
{
	return status == WIPY_E_NO_BANNER || status == -ECONNREFUSED ||
	       status == WIPY_E_TELNET_BUSY;
}

static void talk(const struct board_wire *wire, const struct telnet_request *request,
	struct telnet_result *ret_result)
{
	int64_t end_ms = board_now_ms() + LINE_MS;

	for (;;) {
		board_talk(wire, *request, ret_result);
		if (!was_not_heard(ret_result->status) || board_now_ms() >= end_ms)
			return;
		(void)poll(NULL, 0, LOOK_MS);
	}
}

/* ---- finding it -------------------------------------------------------------------- */

static bool looks(const struct board_wire *wire, struct telnet_result *ret_result)
{
	struct telnet_request request = {.goal = TELNET_LOOK};

	if (wire->address[0] == '\0' || wire->telnet_port == 0)
		return false;
	board_talk(wire, request, ret_result);
	return ret_result->has_banner;
}

static bool awaits(
	struct bench *bench, int64_t wait_ms, struct telnet_result *ret_result)
{
	int64_t end_ms = board_now_ms() + wait_ms;

	while (!looks(&bench->here, ret_result)) {
		if (board_now_ms() >= end_ms)
			return false;
		(void)poll(NULL, 0, LOOK_MS);
	}
	return true;
}

static int find(struct bench *bench)
{
	struct telnet_result look;

	writer_line(bench->out, "Looking for %s at %s, telnet %u, FTP %u.",
		bench->board, bench->here.address, bench->here.telnet_port,
		bench->here.ftp_port);
	if (awaits(bench, FIRST_MS, &look)) {
		say(bench, "It answers: the pin is not needed.");
		return 0;
	}
	bench->pinned = true;
	say(bench, "It does not answer: it is started by its pin.");
	bench_countdown(bench);
	say(bench, "Waiting for it. It is an access point of its own now: join it.");
	if (awaits(bench, bench->wait_ms, &look))
		return 0;
	return cli_fail(bench->cli, EXIT_CODE_TIMED_OUT,
		"join its network and try again; if it stays silent its card has the "
		"other windows and the last resort",
		"nothing answers at %s", bench->here.address);
}

/* ---- who it is --------------------------------------------------------------------- */

/* Two boards of a type show the same banner: without an id only a person can tell them
 * apart. */
static int assure(struct bench *bench)
{
	const json_t *identity = shape_object(bench->card, "identity");

	if (shape_text(identity, "unique_id")[0] != '\0' &&
		bench->unique_id[0] != '\0') {
		writer_line(bench->out, "It is %s, unique id %s.", bench->board,
			bench->unique_id);
		return 0;
	}
	writer_line(bench->out, "Its unique id was never learnt, or cannot be read: "
				"boards of its type cannot be told apart.");
	return cli_confirm(bench->cli, "nothing was done to it",
		"Is this %s, and is it to be pushed to?", bench->board);
}

static int identify(struct bench *bench)
{
	const struct telnet_request request = {.goal = TELNET_UNAME};
	struct telnet_result result;
	const char *fault;

	talk(&bench->here, &request, &result);
	if (result.has_banner)
		writer_line(bench->out, "It shows: %s", result.banner_text);
	fault = result.has_banner
			? bench_is_other(bench->card, &result.banner, result.unique_id)
			: NULL;
	if (fault != NULL)
		return cli_fail(bench->cli, EXIT_CODE_REFUSED,
			"take the board of this card; nothing was done to this one",
			"this is not %s: %s", bench->board, fault);
	if (result.status != 0)
		return cli_fail(bench->cli, EXIT_CODE_REFUSED,
			result.status == WIPY_E_LOGIN_REFUSED
				? "give its login with --user and --password-file"
				: "start it by its pin, so that no program runs",
			"it could not be asked who it is: %s",
			wipy_strerror(result.status));
	snprintf(bench->unique_id, sizeof(bench->unique_id), "%s", result.unique_id);
	bench->shows = result.banner;
	return assure(bench);
}

/* ---- the push ---------------------------------------------------------------------- */

/* What ends or stops a program from a terminal or a closing session: an upload that breaks
 * off is a trap for the next reset. */
static const int held_off[] = {SIGINT, SIGHUP, SIGTERM, SIGQUIT, SIGTSTP};

#define HELD_OFF (sizeof(held_off) / sizeof(held_off[0]))

static void hold_off(struct sigaction ret_before[HELD_OFF])
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < HELD_OFF; i++)
		(void)sigaction(held_off[i], &ignore, &ret_before[i]);
}

static void let_through(const struct sigaction before[HELD_OFF])
{
	for (size_t i = 0; i < HELD_OFF; i++)
		(void)sigaction(held_off[i], &before[i], NULL);
}

static void push_once(struct bench *bench, struct ftp_result *ret_result)
{
	writer_line(bench->out,
		"Pushing %s, %zu bytes. Do not interrupt, reset or "
		"switch off anything now.",
		bench->image.info.fingerprint.tag, bench->push_len);
	(void)writer_flush(bench->out);
	board_push(&bench->here, facts_of(bench)->image_path, bench->image.data,
		bench->push_len, bench_progress, bench, ret_result);
	writer_frame_leave(bench->out);
}

static int push_failed(struct bench *bench, const struct ftp_result *result)
{
	bool cures = facts_of(bench)->push_again_cures;

	if (!result->touched)
		return cli_fail(bench->cli, EXIT_CODE_REFUSED,
			"nothing was changed on it; try again",
			"the board took no upload: %s %s",
			wipy_strerror(result->status), result->reply);
	return cli_fail(bench->cli, EXIT_CODE_INTERNAL,
		cures ? "do not reset it: start this command again, a complete upload "
			"cures it"
		      : "push nothing more: reset it, its loader checks what it boots",
		"the upload broke off, and the board is dirty: %s; %zu of %zu bytes "
		"taken",
		wipy_strerror(result->status), result->taken_len, bench->push_len);
}

/* A board that answers STOR with 550 has not begun to write; the others may have. */
static bool is_dirtied_by(const struct bench *bench, const struct ftp_result *result)
{
	return result->touched &&
	       !(facts_of(bench)->push_again_cures && result->taken_len == 0 &&
		       result->phase == FTP_STOR &&
		       result->status == WIPY_E_FTP_REPLY &&
		       strncmp(result->reply, "550", 3) == 0);
}

/* A later try that finds nobody does not undo what an earlier one has begun. */
static bool takes_all(struct bench *bench, int tries, struct ftp_result *ret_result)
{
	bool touched = false;
	size_t taken_len = 0;

	for (int i = 0; i < tries; i++) {
		push_once(bench, ret_result);
		if (ret_result->complete)
			return true;
		touched |= is_dirtied_by(bench, ret_result);
		if (taken_len < ret_result->taken_len)
			taken_len = ret_result->taken_len;
		if (i + 1 < tries)
			writer_line(bench->out, "That broke off (%s): once more.",
				wipy_strerror(ret_result->status));
	}
	ret_result->touched = touched;
	ret_result->taken_len = taken_len;
	return false;
}

static int push(struct bench *bench)
{
	int tries = facts_of(bench)->push_again_cures ? TRIES : 1;
	struct sigaction before[HELD_OFF];
	struct ftp_result result;
	bool complete;

	hold_off(before); /* also between the tries: it is dirty then */
	complete = takes_all(bench, tries, &result);
	let_through(before);
	if (!complete)
		return push_failed(bench, &result);
	say(bench, "It has taken all of it.");
	return 0;
}

/* ---- the reset --------------------------------------------------------------------- */

static void new_mark(char ret_mark[TELNET_MARK_MAX])
{
	unsigned int random = 0;

	(void)!getrandom(&random, sizeof(random), 0);
	snprintf(ret_mark, TELNET_MARK_MAX, "bench_%08x", random);
}

static int reset(struct bench *bench, const char *mark)
{
	const struct telnet_request request = {
		.goal = TELNET_RESET, .mark = mark, .may_interrupt = true};
	struct telnet_result result;

	say(bench, "Resetting it. Its pin must not be at 3V3 now.");
	talk(&bench->here, &request, &result);
	if (result.reset_sent)
		return 0;
	return cli_fail(bench->cli, EXIT_CODE_INTERNAL,
		"press its reset switch, then wait until the daemon sees it",
		"it could not be told to reset: %s", wipy_strerror(result.status));
}

/* At its place in the inventory another board of its type may be in use meanwhile. */
static bool is_known_by(const struct bench *bench, const char *unique_id)
{
	return unique_id[0] != '\0' && strcmp(unique_id, bench->unique_id) == 0;
}

/* What shows that it was reset (DESIGN.md 1.1), or NULL: it was not yet, or another board
 * answers there. Only a login can tell that; its boot.py may have set another one. */
static const char *proof_of(const struct bench *bench, const struct board_wire *wire,
	const char *mark, int misses, const struct wipy_fingerprint *shows)
{
	const struct telnet_request request = {.goal = TELNET_MARK, .mark = mark};
	struct telnet_result result;

	talk(wire, &request, &result);
	if (result.unique_id[0] != '\0' && bench->unique_id[0] != '\0' &&
		strcmp(result.unique_id, bench->unique_id) != 0)
		return NULL;
	if (wire == &bench->home && !is_known_by(bench, result.unique_id))
		return NULL;
	if (result.mark_known)
		return result.mark_there ? NULL
					 : "a name set before it was gone after it";
	if (!wipy_fingerprint_equal(&bench->shows, shows))
		return "it shows another image than before";
	return misses >= OUTAGE_MIN ? "it was seen to be away" : NULL;
}

static bool is_proven(struct bench *bench, const struct board_wire *wire,
	const char *mark, int misses, const struct wipy_fingerprint *shows)
{
	const char *how = proof_of(bench, wire, mark, misses, shows);

	if (how != NULL)
		snprintf(bench->proof, sizeof(bench->proof), "reset proven: %s", how);
	return how != NULL;
}

/* Its boot.py may take it from here to its own network: both places are looked at. */
static int comes_back(struct bench *bench, const char *mark)
{
	const struct board_wire *const places[] = {&bench->here, &bench->home};
	int64_t end_ms = board_now_ms() + bench->wait_ms;
	struct telnet_result look;
	char at_home[sizeof(look.banner_text)] = "";
	int misses = 0;

	say(bench, "Waiting for it to come back.");
	while (board_now_ms() < end_ms) {
		const struct board_wire *wire = NULL;

		for (size_t i = 0; i < 2 && wire == NULL; i++)
			if (looks(places[i], &look))
				wire = places[i];
		misses += wire == NULL;
		if (wire && is_proven(bench, wire, mark, misses, &look.banner)) {
			bench->here = *wire;
			bench->shows = look.banner;
			writer_line(bench->out, "It is back and shows: %s",
				look.banner_text);
			return 0;
		}
		if (wire == &bench->home)
			snprintf(at_home, sizeof(at_home), "%s", look.banner_text);
		(void)poll(NULL, 0, LOOK_MS);
	}
	if (at_home[0] != '\0')
		writer_line(bench->out,
			"At %s, its place in the inventory, a board shows: %s. It "
			"could "
			"not be asked for its unique id, or has another one.",
			bench->home.address, at_home);
	return cli_fail(bench->cli, EXIT_CODE_TIMED_OUT,
		"look at its LED; where its boot.py has taken it to another network "
		"the daemon will see it there",
		"it has not come back, or no reset could be proven");
}

static int reset_and_see(struct bench *bench)
{
	char mark[TELNET_MARK_MAX];
	int code;

	new_mark(mark);
	code = reset(bench, mark);
	return code == 0 ? comes_back(bench, mark) : code;
}

/* ---- all of it --------------------------------------------------------------------- */

/* Our own firmware runs a new image on trial until it is told that it may stay. */
static int confirm(struct bench *bench)
{
	const char *path = facts_of(bench)->confirm_path;
	char text[WIPY_FINGERPRINT_MAX];
	struct ftp_result result;

	if (path[0] == '\0')
		return 0;
	wipy_fingerprint_format(&bench->shows, text);
	board_push(&bench->here, path, (const uint8_t *)text, strlen(text), NULL, NULL,
		&result);
	if (result.complete) {
		say(bench, "Its trial is over: the image stays.");
		return 0;
	}
	return cli_fail(bench->cli, EXIT_CODE_INTERNAL,
		"do not reset it: the next reset would bring the old image back",
		"it runs on trial and could not be told that it may stay: %s",
		wipy_strerror(result.status));
}

/* What a family asks for before its one or its next upload. */
static int prepare(struct bench *bench)
{
	if (facts_of(bench)->push_again_cures)
		return 0;
	if (bench->pinned)
		return cli_fail(bench->cli, EXIT_CODE_REFUSED,
			"import pycom; pycom.bootmgr(boot_partition=0), or 1, at its "
			"prompt makes the image of that slot lasting",
			"an upload now could overwrite the image that it executes, "
			"since its pin has started it");
	say(bench, "Boards of its family are reset before an upload.");
	return reset_and_see(bench);
}

static bool shows_wanted(const struct bench *bench)
{
	return wipy_fingerprint_equal(&bench->shows, &bench->image.info.fingerprint);
}

/* A run that was ended between reset and confirmation has left it on trial, and on trial
 * it takes no upload. */
static int end_trial(struct bench *bench)
{
	return shows_wanted(bench) ? confirm(bench) : 0;
}

/* A plain start of the image is all that a push would bring; *ret_has then. A Pycom was
 * reset by prepare(); a WiPy shows what a pin boots as well, so it is pushed to. */
static int has_it_already(struct bench *bench, bool *ret_has)
{
	const struct wipy_family_facts *facts = facts_of(bench);
	bool dirty = json_is_true(json_object_get(bench->card, "dirty"));
	int code = 0;

	*ret_has = false;
	if (!shows_wanted(bench))
		return 0;
	if (facts->push_again_cures) {
		if (dirty || bench->pinned || facts->confirm_path[0] == '\0')
			return 0;
		code = reset_and_see(bench);
	}
	*ret_has = code == 0 && shows_wanted(bench);
	if (*ret_has)
		say(bench, "It runs the image already: nothing is pushed.");
	return code;
}

static int push_and_see(struct bench *bench)
{
	int code = push(bench);

	return code == 0 ? reset_and_see(bench) : code;
}

int bench_run(struct bench *bench)
{
	char banner[WIPY_FINGERPRINT_MAX];
	bool has = false;
	int code = find(bench);

	if (code == 0)
		code = identify(bench);
	if (code == 0)
		code = end_trial(bench);
	if (code == 0)
		code = prepare(bench);
	if (code == 0)
		code = has_it_already(bench, &has);
	if (code == 0 && !has)
		code = push_and_see(bench);
	if (code != 0)
		return code;
	if (shows_wanted(bench))
		return confirm(bench);
	wipy_fingerprint_format(&bench->image.info.fingerprint, banner);
	return cli_fail(bench->cli, EXIT_CODE_INTERNAL,
		"its loader did not take it: save a card with another release",
		"it does not run what was pushed, which shows %s", banner);
}
