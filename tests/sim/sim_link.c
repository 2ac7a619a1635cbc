/* SPDX-License-Identifier: MIT
 *
 * Conversations with simulated boards: the telnet link and the push, as results that come
 * after the time they take. What a conversation meets is decided when it ends, but for an
 * upload, which is under way all the time.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define PUSH_LEN 180000

struct board_link {
	struct board_link *next;
	struct sim_event *event;
	struct sim_board *board;
	enum telnet_goal goal;
	char mark[24];
	bool may_interrupt, dead;
	board_link_fn done;
	void *arg;
};

struct ftp_push {
	struct ftp_push *next;
	struct sim_event *event;
	struct sim_board *board;
	const struct sim_image *image;
	bool dead, storing;
	char confirmation[WIPY_FINGERPRINT_MAX]; /* instead of an image */
	ftp_push_fn done;
	void *arg;
};

/* Its name ends in its number. */
static struct sim_board *board_at(const char *address)
{
	size_t number = strtoul(address + 2, NULL, 10);

	if (number >= sim->board_count)
		abort();
	return &sim->board[number];
}

/* The fault that waits for this board, if it is one of those in the list. */
static int meet(struct sim_board *board, const int *rows)
{
	for (; *rows; rows++)
		if (board->fault == *rows ||
			(sim->climate == *rows && sim_chance(40))) {
			board->fault = 0;
			sim->count->fault[*rows]++;
			sim_note("%s meets row %d: %s", board->name, *rows,
				sim_fault_name(*rows));
			return *rows;
		}
	return 0;
}

/* ---- telnet ----------------------------------------------------------------------- */

static bool sees_banner(struct sim_board *board, struct board_link_result *result)
{
	struct telnet_result *telnet = &result->telnet;

	result->status = -EMFILE;
	if (sim->now_ms < sim->blind_ms)
		return false;
	result->status = -ETIMEDOUT;
	if (!sim_board_answers(board, sim->now_ms))
		return false;
	result->status = WIPY_E_NO_BANNER;
	if (board->mute_ms > sim->now_ms)
		return false;
	result->status = WIPY_E_TELNET_BUSY;
	if (board->busy_ms > sim->now_ms)
		return false;
	result->status = WIPY_E_GARBAGE;
	if (board->garbage_ms > sim->now_ms)
		return false;
	result->status = 0;
	telnet->has_banner = true;
	telnet->banner = *sim_board_shows(board, sim->now_ms);
	wipy_fingerprint_format(&telnet->banner, telnet->banner_text);
	return true;
}

/* Whether the prompt came. */
static bool logs_in(struct board_link *link, struct board_link_result *result)
{
	static const int rows[] = {6, 12, 33, 10, 11, 13, 0};
	struct sim_board *board = link->board;

	switch (meet(board, rows)) {
	case 6:
	case 12:
		result->status = WIPY_E_LOGIN_REFUSED;
		return false;
	case 33:
		result->status = WIPY_E_CLOSED;
		return false;
	case 13:
		result->telnet.logged_in = true;
		result->status = WIPY_E_NO_ANSWER;
		return false;
	default: /* 10 and 11: the client cleans up */
		break;
	}
	result->telnet.logged_in = true;
	if (board->hogs && link->goal == TELNET_RESET && link->may_interrupt &&
		!board->eats) {
		board->hogs = false;
		result->telnet.interrupted = true;
	}
	if (board->hogs)
		result->status = WIPY_E_BUSY_PROGRAM;
	return !board->hogs;
}

static void name_itself(struct sim_board *board, struct board_link_result *result)
{
	static const int rows[] = {14, 30, 31, 48, 0};
	int row = meet(board, rows);
	struct telnet_result *telnet = &result->telnet;
	const struct wipy_fingerprint *fp = sim_board_shows(board, sim->now_ms);

	if (row != 0 && row != 48) {
		result->status = WIPY_E_NO_ANSWER;
		return;
	}
	telnet->has_uname = true;
	snprintf(telnet->unique_id, sizeof(telnet->unique_id), "d03972%s%04d",
		sim->now_ms < board->twin_ms ? "80" : "00", atoi(board->name + 2));
	if (row == 48)
		fp = &sim->image[0].fp[WIPY_FAMILY_PYCOM];
	snprintf(telnet->uname.sysname, sizeof(telnet->uname.sysname), "WiPy");
	snprintf(telnet->uname.release, sizeof(telnet->uname.release), "1.2.0");
	snprintf(telnet->uname.version, sizeof(telnet->uname.version), "%.60s on %s",
		fp->tag, fp->date);
	snprintf(telnet->uname.machine, sizeof(telnet->uname.machine), "%s with %s",
		fp->board, fp->mcu);
}

static void reset_it(struct board_link *link, struct board_link_result *result)
{
	static const int rows[] = {23, 0};
	struct sim_board *board = link->board;

	sim_watch_reset(board);
	snprintf(board->mark, sizeof(board->mark), "%s", link->mark);
	result->telnet.reset_sent = true;
	sim->count->resets++;
	if (meet(board, rows)) {
		if (sim_chance(50)) /* a lost packet, that looks like an outage */
			board->away_ms = sim->now_ms + 10000;
		return;
	}
	sim_reboot(board);
}

static void ask_mark(struct board_link *link, struct board_link_result *result)
{
	static const int rows[] = {14, 0};

	if (meet(link->board, rows)) {
		result->status = WIPY_E_NO_ANSWER;
		return;
	}
	link->board->mute_mark = false;
	result->telnet.mark_known = true;
	result->telnet.mark_there = strcmp(link->board->mark, link->mark) == 0;
}

static void forget_link(struct board_link *link)
{
	struct board_link **at = (struct board_link **)&sim->links;

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	free(link);
}

static void evaluate(struct sim_board *board, struct board_link_result *result)
{
	bool good = sim_chance(90);

	result->telnet.has_value = true;
	strcpy(result->telnet.value, good ? "2" : "MemoryError");
	board->probes_failed &= ~(1u << PROBE_REPL);
	board->probes_failed |= good ? 0 : 1u << PROBE_REPL;
}

static void converse(struct board_link *link, struct board_link_result *result)
{
	if (!sees_banner(link->board, result) || link->goal == TELNET_LOOK)
		return;
	link->board->mute_mark |= link->goal == TELNET_MARK;
	if (!logs_in(link, result))
		return;
	if (link->goal == TELNET_UNAME)
		name_itself(link->board, result);
	else if (link->goal == TELNET_RESET)
		reset_it(link, result);
	else if (link->goal == TELNET_EVAL)
		evaluate(link->board, result);
	else
		ask_mark(link, result);
}

static void link_ends(void *arg)
{
	struct board_link *link = arg;
	struct board_link_result result = {.status = -ECANCELED};
	board_link_fn done = link->done;
	void *done_arg = link->arg;

	if (!link->dead)
		converse(link, &result);
	forget_link(link);
	done(done_arg, &result);
}

struct board_link *board_link_start(uv_loop_t *loop,
	const struct board_link_request *request, board_link_fn done, void *arg)
{
	struct board_link *link = calloc(1, sizeof(*link));
	bool answers;

	(void)loop;
	if (!link)
		abort();
	link->board = board_at(request->address);
	link->goal = request->goal;
	link->may_interrupt = request->may_interrupt;
	link->dead = sim->dead;
	link->done = done;
	link->arg = arg;
	if (request->mark)
		snprintf(link->mark, sizeof(link->mark), "%s", request->mark);
	link->next = sim->links;
	sim->links = link;
	sim->count->polls++;
	answers = sim_board_answers(link->board, sim->now_ms);
	link->event = sim_at(answers ? (request->goal == TELNET_LOOK ? 60 : 900) : 5000,
		link_ends, link);
	return link;
}

void board_link_cancel(struct board_link *link)
{
	sim_cancel(link->event);
	forget_link(link);
}

/* ---- FTP -------------------------------------------------------------------------- */

/* A confirmation is no push: it counts in no limit. */
static void uncount_push(struct ftp_push *push)
{
	if (push->dead || !push->image)
		return;
	sim->pushes_now--;
	sim->pushes_at_site[push->board->site]--;
}

static void forget_push(struct ftp_push *push)
{
	struct ftp_push **at = (struct ftp_push **)&sim->pushes;

	while (*at != push)
		at = &(*at)->next;
	*at = push->next;
	uncount_push(push);
	free(push);
}

/* The upload broke in the middle: what the board has of it, by how it broke. */
static void break_push(struct ftp_push *push, bool closed)
{
	if (push->storing)
		sim_board_store(push->board, push->image, false, closed);
	push->storing = false;
}

/* A wrong fingerprint is answered by 451 (docs/decisions/0010). */
static int confirm_it(struct ftp_push *push, struct ftp_result *ftp, int row)
{
	char shown[WIPY_FINGERPRINT_MAX];

	wipy_fingerprint_format(sim_board_shows(push->board, sim->now_ms), shown);
	if (row != 0 && row < 26)
		return WIPY_E_FTP_BROKEN;
	if (strcmp(shown, push->confirmation) != 0)
		return WIPY_E_FTP_REPLY;
	push->board->trial = false;
	ftp->complete = true;
	return 0;
}

static int store_it(struct ftp_push *push, struct ftp_result *ftp)
{
	static const int rows[] = {15, 16, 17, 18, 19, 21, 26, 40, 41, 43, 0};
	int row = meet(push->board, rows);

	ftp->touched = true;
	ftp->phase = FTP_DATA;
	if (push->confirmation[0])
		return confirm_it(push, ftp, row);
	push->storing = true;
	switch (row) {
	case 15: /* a WLAN event: everything closes, the board is back in seconds */
		break_push(push, true);
		push->board->away_ms = sim->now_ms + 4000;
		return WIPY_E_CLOSED;
	case 16:
	case 19:
		break_push(push, true);
		return WIPY_E_FTP_REPLY;
	case 17:
		break_push(push, true);
		return WIPY_E_FTP_BROKEN;
	case 18: /* the update is closed when the session is: an empty slot */
		break_push(push, true);
		return WIPY_E_FTP_STALLED;
	case 21:
		break_push(push, false);
		sim_reboot(push->board);
		return -ETIMEDOUT;
	case 26:
	case 40: /* it became a plain file: the slot is as it was */
		push->board->uploads++;
		push->board->deceives |= sim_board_is_dirty(push->board);
		break;
	default:
		sim_board_store(push->board, push->image, true, true);
		break;
	}
	ftp->complete = true;
	ftp->taken_len = PUSH_LEN;
	ftp->phase = FTP_DONE;
	snprintf(ftp->reply, sizeof(ftp->reply), "226 ");
	return 0;
}

static int push_result(struct ftp_push *push, struct ftp_result *ftp)
{
	static const int rows[] = {5, 6, 38, 39, 42, 0};
	struct sim_board *board = push->board;

	if (push->dead)
		return -ECANCELED;
	if (!sim_board_answers(board, sim->now_ms))
		return -ETIMEDOUT;
	if (board->mute_ms > sim->now_ms)
		return WIPY_E_REFUSED;
	switch (meet(board, rows)) {
	case 5:
		return WIPY_E_FTP_BUSY;
	case 6:
		return WIPY_E_LOGIN_REFUSED;
	case 38:
	case 39:
	case 42:
		return WIPY_E_FTP_REPLY;
	default:
		return store_it(push, ftp);
	}
}

static void push_ends(void *arg)
{
	struct ftp_push *push = arg;
	struct ftp_push_result result = {.status = 0};
	ftp_push_fn done = push->done;
	void *done_arg = push->arg;

	result.status = push_result(push, &result.ftp);
	result.ftp.status = result.status;
	sim_note("push to %s ends: %d%s%s", push->board->name, result.status,
		result.ftp.touched ? ", touched" : "",
		result.ftp.complete ? ", complete" : "");
	forget_push(push);
	done(done_arg, &result);
}

struct ftp_push *ftp_push_start(uv_loop_t *loop, const struct ftp_push_request *request,
	ftp_push_fn done, void *arg)
{
	struct ftp_push *push = calloc(1, sizeof(*push));

	(void)loop;
	if (!push)
		abort();
	push->board = board_at(request->address);
	if (strcmp(request->path, "/flash/sys/confirm") == 0)
		memcpy(push->confirmation, request->data, request->len);
	else
		push->image = (const struct sim_image *)request->data;
	push->dead = sim->dead;
	push->done = done;
	push->arg = arg;
	push->next = sim->pushes;
	sim->pushes = push;
	if (!push->dead && push->image) {
		sim->count->pushes++;
		sim->pushes_now++;
		sim->pushes_at_site[push->board->site]++;
		sim_watch_push(push->board, push->image);
	}
	push->event = sim_at(sim_between(5000, 9000), push_ends, push);
	return push;
}

size_t ftp_push_taken(const struct ftp_push *push)
{
	(void)push;
	return 0;
}

static void end_dead_push(struct ftp_push *push)
{
	/* STOR may have gone out, and more: on the board the connection just ends. */
	push->storing = push->image && sim_chance(70) &&
			sim_board_answers(push->board, sim->now_ms);
	if (push->storing && sim_chance(30))
		sim_board_store(push->board, push->image, true, true);
	else
		break_push(push, true);
	uncount_push(push);
	push->dead = true;
}

void ftp_push_cancel(struct ftp_push *push)
{
	sim_cancel(push->event);
	if (!push->dead)
		end_dead_push(push);
	forget_push(push);
}

/* The daemon has died: what it was doing ends there on the boards. A reset may have gone
 * out or not. */
void sim_cut_connections(void)
{
	for (struct board_link *link = sim->links; link; link = link->next) {
		if (!link->dead && link->goal == TELNET_RESET && sim_chance(50)) {
			struct board_link_result unseen = {0};

			converse(link, &unseen);
		}
		link->dead = true;
	}
	for (struct ftp_push *push = sim->pushes; push; push = push->next)
		if (!push->dead)
			end_dead_push(push);
}
