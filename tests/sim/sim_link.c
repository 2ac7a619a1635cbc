/* SPDX-License-Identifier: MIT
 *
 * Conversations with simulated boards: the telnet link and the push, as results that
 * come after the time they take. What a conversation meets is decided when it ends, but
 * for an upload, which is under way all the time.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define PUSH_LEN    180000
#define RELISTEN_MS 50

struct board_link {
	struct board_link *next;
	struct sim_event *event;
	struct sim_board *board;
	enum telnet_goal goal;
	char mark[24], old_mark[24], statement[STATEMENT_MAX];
	bool may_interrupt, own_login, dead;
	bool refused; /* it called too soon */
	board_link_fn done;
	void *arg;
};

struct ftp_push {
	struct ftp_push *next;
	struct sim_event *event;
	struct sim_board *board;
	const struct sim_file *file;
	const struct sim_image *image; /* of it; NULL: a confirmation */
	bool dead, storing, own_login;
	bool cut;  /* the board was reset meanwhile */
	bool torn; /* ... when bytes of the image were in the slot */
	bool over;
	bool alone; /* nothing of somebody else's waits on the board */
	char confirmation[WIPY_FINGERPRINT_MAX]; /* instead of an image */
	ftp_push_fn done;
	void *arg;
};

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

/* Boards have one line and close their listener while a client is on; it is back 8-12 ms
 * after him (WIRE.md 0.4), and later for who is far away. Who calls again sooner is refused
 * by his own doing. */
bool sim_line_open(const struct sim_board *board)
{
	for (const struct board_link *link = sim->links; link; link = link->next)
		if (link->board == board && !link->dead)
			sim_complain("%s: two conversations at once", board->name);
	if (sim->now_ms >= board->relisten_ms)
		return true;
	sim_complain("%s: called %lld ms after a close", board->name,
		(long long)(RELISTEN_MS + sim->now_ms - board->relisten_ms));
	return false;
}

void sim_line_close(struct sim_board *board)
{
	if (!sim->dead && sim_board_answers(board, sim->now_ms) &&
		sim->now_ms >= board->busy_ms)
		board->relisten_ms = sim->now_ms + RELISTEN_MS;
}

static bool sees_banner(const struct board_link *link, struct board_link_result *result)
{
	struct sim_board *board = link->board;
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
	if (board->busy_ms > sim->now_ms || link->refused)
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

/* It has fallen back to the login that boards come with (row 7). */
static bool refuses_login(const struct sim_board *board, bool own_login)
{
	return own_login && sim->now_ms < board->default_login_ms;
}

/* What earlier clients and a program have left at the prompt. Whether ours gets it. */
static bool gets_prompt(struct board_link *link, struct telnet_result *telnet)
{
	struct sim_board *board = link->board;
	bool breaks = link->goal == TELNET_RESET && link->may_interrupt;

	if (board->raw) { /* Ctrl-B leaves it */
		board->raw = false;
		telnet->intrusions++;
	}
	if (breaks && (board->open_block || (board->hogs && !board->eats))) {
		board->open_block = board->hogs = false;
		telnet->interrupted = true;
		telnet->intrusions++;
	}
	return !board->open_block && !board->hogs;
}

/* Whether the prompt came. */
static bool logs_in(struct board_link *link, struct board_link_result *result)
{
	static const int rows[] = {6, 12, 33, 13, 0};
	struct sim_board *board = link->board;
	int row = meet(board, rows);

	result->telnet.intrusions++;
	if (row == 6 || row == 12 || refuses_login(board, link->own_login))
		result->status = WIPY_E_LOGIN_REFUSED;
	else if (row == 33)
		result->status = WIPY_E_CLOSED;
	if (result->status != 0)
		return false;
	result->telnet.logged_in = true;
	if (row == 13)
		result->status = WIPY_E_NO_ANSWER;
	else if (!gets_prompt(link, &result->telnet))
		result->status = WIPY_E_BUSY_PROGRAM;
	return result->status == 0;
}

static void tell_id(const struct sim_board *board, struct telnet_result *telnet)
{
	snprintf(telnet->unique_id, sizeof(telnet->unique_id), SIM_ID_START "%s%04d",
		sim->now_ms < board->twin_ms ? "80" : "00", atoi(board->name + 2));
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
	tell_id(board, telnet);
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

	if (link->old_mark[0]) { /* asked before the next one is set */
		result->telnet.mark_known = true;
		result->telnet.mark_there = strcmp(board->mark, link->old_mark) == 0;
	}
	sim_watch_reset(board);
	snprintf(board->mark, sizeof(board->mark), "%s", link->mark);
	sim->count->resets++;
	if (meet(board, rows)) {
		result->telnet.reset_sent = true;
		if (sim_chance(50)) /* a lost packet, that looks like an outage */
			board->away_ms = sim->now_ms + 10000;
		return;
	}
	if (!sim_board_told(board, link->statement)) {
		result->status = WIPY_E_GARBAGE;
		return;
	}
	result->telnet.reset_sent = true;
	sim_reboot(board);
}

static void ask_mark(struct board_link *link, struct board_link_result *result)
{
	static const int rows[] = {14, 0};

	if (meet(link->board, rows)) {
		result->status = WIPY_E_NO_ANSWER;
		return;
	}
	result->telnet.mark_known = true;
	result->telnet.mark_there = strcmp(link->board->mark, link->mark) == 0;
	tell_id(link->board, &result->telnet);
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
	bool good = sim->plain || sim_chance(90);

	result->telnet.has_value = true;
	strcpy(result->telnet.value, good ? "2" : "MemoryError");
	board->probes_failed &= ~(1u << PROBE_REPL);
	board->probes_failed |= good ? 0 : 1u << PROBE_REPL;
}

static void converse(struct board_link *link, struct board_link_result *result)
{
	if (!sees_banner(link, result) || link->goal == TELNET_LOOK)
		return;
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

	if (!link->dead) {
		sim_line_close(link->board);
		converse(link, &result);
		if (link->goal == TELNET_UNAME && result.telnet.unique_id[0])
			link->board->named_ms = sim->now_ms;
		else if (link->goal == TELNET_UNAME)
			link->board->unnamed_ms = sim->now_ms;
	}
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
	link->board = sim_board_named(request->address);
	link->goal = request->goal;
	link->may_interrupt = request->may_interrupt;
	link->dead = sim->dead;
	link->done = done;
	link->arg = arg;
	if (request->expression && request->goal == TELNET_RESET)
		snprintf(link->statement, sizeof(link->statement), "%s",
			request->expression);
	link->own_login = strcmp(request->user, SIM_USER) == 0;
	link->refused = !link->dead && !sim_line_open(link->board);
	if (request->mark)
		snprintf(link->mark, sizeof(link->mark), "%s", request->mark);
	if (request->old_mark)
		snprintf(link->old_mark, sizeof(link->old_mark), "%s",
			request->old_mark);
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
	sim_line_close(link->board);
	forget_link(link);
}

/* ---- FTP -------------------------------------------------------------------------- */

/* A confirmation is no push: it counts in no limit. */
int sim_pushes(
	bool (*counts)(const struct sim_board *board, const void *arg), const void *arg)
{
	int count = 0;

	for (const struct ftp_push *push = sim->pushes; push; push = push->next)
		if (!push->dead && push->image && (!counts || counts(push->board, arg)))
			count++;
	return count;
}

static void forget_push(struct ftp_push *push)
{
	struct ftp_push **at = (struct ftp_push **)&sim->pushes;

	while (*at != push)
		at = &(*at)->next;
	*at = push->next;
	free(push);
}

/* The upload broke in the middle: what the board has of it, by how it broke. */
static void break_push(struct ftp_push *push, bool closed)
{
	if (push->storing)
		sim_board_store(push->board, push->image, false, closed);
	push->storing = false;
}

void sim_cut_push(const struct sim_board *board)
{
	for (struct ftp_push *push = sim->pushes; push; push = push->next) {
		if (push->board != board || push->dead || push->over || push->cut)
			continue;
		push->cut = true;
		push->torn = push->storing = push->image && sim_chance(70) &&
					     sim_board_answers(board, sim->now_ms) &&
					     !sim_board_refuses(board);
		if (push->torn)
			push->board->boots_at_push = board->boots;
		break_push(push, false);
	}
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

/* What of the image is in the slot, and whether the board says that it is well. */
static int take_image(struct ftp_push *push, int row)
{
	struct sim_board *board = push->board;

	push->storing = true;
	board->filed = false;
	switch (row) {
	case 15: /* a WLAN event: everything closes, the board is back in seconds */
		break_push(push, true);
		board->away_ms = sim->now_ms + 4000;
		return WIPY_E_CLOSED;
	case 16:
	case 19:
		break_push(push, true);
		return WIPY_E_FTP_REPLY;
	case 17:
		break_push(push, true);
		return WIPY_E_FTP_BROKEN;
	case 18: /* the update is closed when the session is: an empty slot */
		sim_board_open_only(board, push->image);
		return WIPY_E_FTP_STALLED;
	case 21:
		break_push(push, false);
		sim_reboot(board);
		return -ETIMEDOUT;
	case 26:
	case 40: /* it became a plain file: the slot is as it was */
		board->uploads++;
		board->filed = true;
		board->deceives |= sim_board_is_dirty(board);
		return 0;
	default: /* 41 and 43 too: clocks and the address of 227 are not believed */
		sim_board_store(board, push->image, true, true);
		return 0;
	}
}

static int store_it(struct ftp_push *push, struct ftp_result *ftp)
{
	static const int rows[] = {15, 16, 17, 18, 19, 21, 26, 40, 41, 43, 0};
	int row = meet(push->board, rows), rc;

	ftp->touched = true;
	ftp->phase = FTP_DATA;
	if (push->confirmation[0])
		return confirm_it(push, ftp, row);
	if (sim_board_refuses(push->board)) {
		ftp->phase = FTP_STOR;
		snprintf(ftp->reply, sizeof(ftp->reply), "550 ");
		return WIPY_E_FTP_REPLY;
	}
	push->board->boots_at_push = push->board->boots;
	rc = take_image(push, row);
	if (rc < 0)
		return rc;
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
	if (push->cut) {
		ftp->touched = push->torn;
		ftp->phase = push->torn ? FTP_DATA : FTP_GREETING;
		return -ETIMEDOUT;
	}
	if (!sim_board_answers(board, sim->now_ms))
		return -ETIMEDOUT;
	if (board->mute_ms > sim->now_ms)
		return WIPY_E_REFUSED;
	if (refuses_login(board, push->own_login))
		return WIPY_E_LOGIN_REFUSED;
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

	push->over = true;
	result.status = push_result(push, &result.ftp);
	if (push->image && result.ftp.touched)
		push->board->unsure = !result.ftp.complete;
	push->board->push_ended_ms = sim->now_ms;
	/* What it is from now on is our doing. */
	if (push->image && push->alone && result.ftp.complete)
		push->board->by_others = push->board->deceives = false;
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
	push->board = sim_board_named(request->address);
	if (strcmp(request->path, "/flash/sys/confirm") == 0)
		memcpy(push->confirmation, request->data, request->len);
	else
		push->file = (const struct sim_file *)request->data;
	push->image = push->file ? push->file->image : NULL;
	push->alone = !push->board->record.check && !sim_board_is_armed(push->board);
	push->own_login = strcmp(request->user, SIM_USER) == 0;
	push->dead = sim->dead;
	push->done = done;
	push->arg = arg;
	push->next = sim->pushes;
	sim->pushes = push;
	if (!push->dead && push->image) {
		sim->count->pushes++;
		sim_watch_push(push->board, push->file, request->len);
		sim_watch_rates(push->board, request->bucket);
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
	if (push->storing)
		push->board->boots_at_push = push->board->boots;
	if (push->storing && sim_chance(30))
		sim_board_store(push->board, push->image, true, true);
	else
		break_push(push, true);
	push->board->unsure = true;
	push->dead = true;
}

void ftp_push_cancel(struct ftp_push *push)
{
	sim_cancel(push->event);
	if (!push->dead)
		end_dead_push(push);
	forget_push(push);
}

/* The daemon has died: what it was doing ends there on the boards. A reset may have
 * gone out or not. */
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
	/* Pushes that were to begin, or have just ended: it cannot know. */
	for (size_t i = 0; i < sim->board_count; i++) {
		struct sim_board *board = &sim->board[i];

		board->unsure |= board->task_state == TASK_PUSHING ||
				 board->task_state == TASK_DISARMING ||
				 sim->now_ms - board->push_ended_ms < 10;
	}
}
