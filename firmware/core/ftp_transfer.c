/* SPDX-License-Identifier: MIT
 *
 * The FTP server: LIST, RETR and STOR over the data connection, and where the bytes of
 * an upload go.
 */
#include <errno.h>
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/boot_trial.h"
#include "firmware/core/ftp_list.h"
#include "firmware/core/ftp_path.h"
#include "firmware/core/ftp_srv.h"

#define CHUNK        1024 /* one receive of an upload */
#define LIST_ENTRIES 2    /* a packet of LIST (WIRE.md 2.8) */
#define RATE_TICK_MS 20   /* how often a slowed-down transfer is looked after */
#define RATE_LATE_MS 200

_Static_assert(LIST_ENTRIES *FTP_LIST_LINE_MAX <= FTP_SRV_BLOCK,
	"a packet of LIST must fit the block");

/* How much may be taken or sent now where the rate is limited. */
static size_t allowance(const struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;
	uint64_t rate = board->settings.data_rate;
	uint64_t due;

	if (rate == 0)
		return CHUNK;
	due = rate * (uint64_t)(srv->now_ms - srv->rate_from_ms + RATE_TICK_MS) / 1000;
	if (due <= srv->rate_taken)
		return 0;
	return due - srv->rate_taken < CHUNK ? (size_t)(due - srv->rate_taken) : CHUNK;
}

/* A board does not make up for the time in which the client paused; what it lost by
 * being called late is made up. */
static void forget_pause(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	uint64_t rate = board->settings.data_rate;
	int64_t late_ms = srv->now_ms - srv->rate_from_ms - RATE_LATE_MS;

	if (late_ms <= 0 || rate * (uint64_t)late_ms / 1000 <= srv->rate_taken)
		return;
	srv->rate_from_ms = srv->now_ms;
	srv->rate_taken = 0;
}

static void count(struct ftp_srv *srv, int n)
{
	srv->step_len += (size_t)n;
	srv->rate_taken += (uint64_t)n;
	srv->idle_since_ms = srv->now_ms;
}

/* ---- beginning ---------------------------------------------------------------- */

static void close_file(struct wipy_board *board)
{
	if (board->ftp.file >= 0)
		(void)files_close(&board->files, board->ftp.file);
	board->ftp.file = -1;
}

void ftp_transfer_close(struct wipy_board *board)
{
	close_file(board);
	(void)updater_finish(&board->updater, board->hal);
	(void)aux_close(&board->ftp.aux, board->hal);
}

/* 150, and on the data connection if there is one; without one that is all, and nobody
 * will send what an update that stays open waits for. */
static void begin(struct wipy_board *board, enum ftp_srv_transfer transfer)
{
	struct ftp_srv *srv = &board->ftp;

	ftp_srv_reply(board, 150, "");
	srv->block_len = 0;
	if (srv->data < 0) {
		close_file(board);
		if (!board->personality->update_stays_open)
			ftp_transfer_close(board);
		srv->data_state = FTP_SRV_DATA_NONE;
		return;
	}
	srv->block[0] = '\0'; /* no name for RNTO any more */
	srv->transfer = transfer;
	srv->due_ms = srv->now_ms + board->personality->data_ms;
	srv->rate_from_ms = srv->now_ms;
	srv->rate_taken = 0;
}

void ftp_transfer_list(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	char path[FILES_PATH_MAX];

	ftp_path_resolve(srv->folder, path);
	if (files_walk_start(&board->files, path, &srv->walk) < 0) {
		ftp_srv_fail(board, 550);
		return;
	}
	begin(board, FTP_SRV_LIST);
}

static int open_file(struct wipy_board *board, const char *name, enum files_mode mode)
{
	char path[FILES_PATH_MAX];
	int file;

	close_file(board);
	ftp_path_resolve(name, path);
	file = files_open(&board->files, path, mode);
	if (file >= 0)
		board->ftp.file = file;
	return file < 0 ? file : 0;
}

void ftp_transfer_retr(struct wipy_board *board, const char *path)
{
	if (open_file(board, path, FILES_READ) < 0)
		ftp_srv_fail_transfer(board, 550);
	else
		begin(board, FTP_SRV_RETR);
}

static int open_special(struct wipy_board *board, const struct wipy_special *special)
{
	struct ftp_srv *srv = &board->ftp;

	switch (special->kind) {
	case WIPY_SPECIAL_IMAGE:
		board->stats.stors++;
		srv->target = FTP_SRV_TO_IMAGE;
		return updater_start(&board->updater, board->hal, special->max);
	case WIPY_SPECIAL_AUX:
		srv->target = FTP_SRV_TO_AUX;
		return aux_open(&srv->aux, board->hal, board->personality, special);
	case WIPY_SPECIAL_CONFIRM:
		srv->target = FTP_SRV_TO_CONFIRM;
		srv->confirm = special;
		return 0;
	}
	return -EINVAL;
}

static int open_plain(struct wipy_board *board, const char *path)
{
	struct ftp_srv *srv = &board->ftp;
	int err = open_file(board, path, FILES_WRITE);

	srv->target = FTP_SRV_TO_FILE;
	/* an update that was left open takes the bytes of any file (WIRE.md 2.11) */
	if (board->updater.open)
		srv->target = FTP_SRV_TO_IMAGE;
	return err;
}

void ftp_transfer_stor(struct wipy_board *board, const char *path)
{
	const struct wipy_special *special =
		wipy_personality_special(board->personality, path);
	int err;

	/* The check of the path takes a lock that an open update holds: the task that
	 * serves telnet and FTP waits for itself, for good (WIRE.md 0.4 on 2.11). */
	if ((board->updater.open || board->ftp.aux.open) &&
		board->personality->update_locks) {
		board->servers_dead = true;
		return;
	}
	err = special ? open_special(board, special) : open_plain(board, path);
	if (err < 0)
		ftp_srv_fail_transfer(board, 550);
	else
		begin(board, FTP_SRV_STOR);
}

/* ---- ending ------------------------------------------------------------------- */

static int end_stor(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	int file = srv->file;

	switch (srv->target) {
	case FTP_SRV_TO_FILE:
		srv->file = -1;
		return files_close(&board->files, file);
	case FTP_SRV_TO_IMAGE:
		(void)updater_finish(&board->updater, board->hal);
		return 0;
	case FTP_SRV_TO_AUX:
		(void)aux_close(&srv->aux, board->hal);
		return 0;
	case FTP_SRV_TO_CONFIRM:
		return boot_trial_confirm_text(
			board, (const char *)srv->block, srv->block_len);
	}
	return -EINVAL;
}

/* The data has ended; of an upload nobody can tell whether it was complete (WIRE.md
 * 2.11). The data connection follows one cycle behind the reply. */
static void succeed(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	if (srv->transfer == FTP_SRV_STOR && end_stor(board) < 0) {
		ftp_srv_fail_transfer(board, 451);
		return;
	}
	close_file(board);
	ftp_srv_reply(board, 226, "");
	srv->transfer = FTP_SRV_ENDING;
	srv->due_ms = srv->now_ms + FTP_SRV_CYCLE_MS;
}

/* ---- sending ------------------------------------------------------------------ */

static int fill_list(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	int64_t now_s = hal_rtc_s(board->hal);
	struct files_entry entry;
	struct wipy_text text;

	/* to find the next entries of a long folder costs more than bytes do */
	srv->step_len += HAL_FLASH_SECTOR;
	wipy_text_init(&text, (char *)srv->block, sizeof(srv->block));
	for (int i = 0;
		i < LIST_ENTRIES && files_walk_next(&board->files, &srv->walk, &entry);
		i++)
		ftp_list_line(&text, &entry, now_s);
	return (int)text.len;
}

/* Puts what is to be sent next into the block: its length, 0 at the end. */
static int fill(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;

	return srv->transfer == FTP_SRV_LIST ? fill_list(board)
					     : files_read(&board->files, srv->file,
						       srv->block, sizeof(srv->block));
}

static bool send_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	int n;

	forget_pause(board);
	if (srv->block_len == 0) {
		if (allowance(board) == 0)
			return false;
		n = fill(board);
		if (n < 0)
			ftp_srv_fail_transfer(board, 451);
		else if (n == 0)
			succeed(board);
		if (n <= 0)
			return true;
		srv->block_at = 0;
		srv->block_len = (size_t)n;
	}
	n = hal_net_send(
		board->hal, srv->data, srv->block + srv->block_at, srv->block_len);
	if (n < 0 && n != -EAGAIN) {
		ftp_srv_reset(board);
		return true;
	}
	ftp_srv_sent(srv, n, srv->block_len);
	if (n <= 0)
		return false;
	srv->block_at += (size_t)n;
	srv->block_len -= (size_t)n;
	count(srv, n);
	return true;
}

/* ---- receiving ---------------------------------------------------------------- */

static int keep_confirm(struct ftp_srv *srv, const uint8_t *bytes, size_t len)
{
	size_t max = sizeof(srv->block);

	if (srv->confirm->max > 0 && srv->confirm->max < max)
		max = srv->confirm->max;
	if (len > max - srv->block_len)
		return -EFBIG;
	memcpy(srv->block + srv->block_len, bytes, len);
	srv->block_len += len;
	return 0;
}

static int keep(struct wipy_board *board, const uint8_t *bytes, size_t len)
{
	struct ftp_srv *srv = &board->ftp;
	int n;

	switch (srv->target) {
	case FTP_SRV_TO_FILE:
		n = files_write(&board->files, srv->file, bytes, len);
		return n >= 0 && (size_t)n < len ? -ENOSPC : n;
	case FTP_SRV_TO_IMAGE:
		board->stats.stor_bytes += len;
		return updater_write(&board->updater, board->hal, bytes, len);
	case FTP_SRV_TO_AUX:
		return aux_append(&srv->aux, board->hal, bytes, len);
	case FTP_SRV_TO_CONFIRM:
		return keep_confirm(srv, bytes, len);
	}
	return -EINVAL;
}

static bool receive_data(struct wipy_board *board)
{
	struct ftp_srv *srv = &board->ftp;
	uint8_t chunk[CHUNK];
	size_t max;
	int n;

	forget_pause(board);
	max = allowance(board);
	if (max == 0)
		return false;
	n = hal_net_recv(board->hal, srv->data, chunk, max);
	if (n == -EAGAIN)
		return false;
	if (n <= 0) {
		succeed(board);
		return true;
	}
	count(srv, n);
	srv->due_ms = srv->now_ms + board->personality->data_ms;
	if (keep(board, chunk, (size_t)n) < 0)
		ftp_srv_fail_transfer(board, 451);
	return true;
}

/* ---- the step ----------------------------------------------------------------- */

bool ftp_transfer_step(struct wipy_board *board)
{
	switch (board->ftp.transfer) {
	case FTP_SRV_LIST:
	case FTP_SRV_RETR:
		return send_data(board);
	case FTP_SRV_STOR:
		return receive_data(board);
	case FTP_SRV_IDLE:
	case FTP_SRV_ENDING:
		break;
	}
	return false;
}

/* Whether the rate limit is what the transfer waits for. */
static bool is_held_back(const struct wipy_board *board)
{
	const struct ftp_srv *srv = &board->ftp;

	return srv->transfer != FTP_SRV_IDLE && srv->transfer != FTP_SRV_ENDING &&
	       (srv->transfer == FTP_SRV_STOR || srv->block_len == 0) &&
	       allowance(board) == 0;
}

int64_t ftp_transfer_due(const struct wipy_board *board)
{
	return is_held_back(board) ? board->ftp.now_ms + RATE_TICK_MS : WIPY_NEVER;
}

unsigned ftp_transfer_events(const struct wipy_board *board)
{
	switch (board->ftp.transfer) {
	case FTP_SRV_LIST:
	case FTP_SRV_RETR:
		return is_held_back(board) ? 0 : HAL_NET_OUT;
	case FTP_SRV_STOR:
		return is_held_back(board) ? 0 : HAL_NET_IN;
	case FTP_SRV_IDLE:
	case FTP_SRV_ENDING:
		break;
	}
	return 0;
}
