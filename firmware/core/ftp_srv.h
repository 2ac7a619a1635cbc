/* SPDX-License-Identifier: MIT
 *
 * The FTP server of a board: one client, one passive data connection on a fixed port,
 * one receive is one command (WIRE.md 2.1 to 2.11, with the corrections of 0.4).
 * ftp_srv.c has connections and timers, ftp_command.c the verbs, ftp_transfer.c what
 * runs over the data connection.
 */
#ifndef WIPY_FIRMWARE_FTP_SRV_H
#define WIPY_FIRMWARE_FTP_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/aux_store.h"
#include "firmware/core/files.h"
#include "firmware/core/personality.h"
#include "firmware/core/ring.h"

struct wipy_board;

#define FTP_SRV_COMMAND 135 /* bytes that one receive takes (WIRE.md 2.1) */
#define FTP_SRV_REPLY   (FTP_SRV_COMMAND + 8) /* quotes around the longest path */
#define FTP_SRV_OUT     512
#define FTP_SRV_BLOCK   512 /* the transfer buffer of the boards */
/* Between two looks of the servers task at FTP (WIRE.md 1.1). */
#define FTP_SRV_CYCLE_MS 4

enum ftp_srv_data {
	FTP_SRV_DATA_NONE,
	FTP_SRV_DATA_LISTEN, /* PASV was answered: no command is read meanwhile */
	/* Connected; a 550 ends the connection and leaves the state and its timer. */
	FTP_SRV_DATA_READY,
};

enum ftp_srv_transfer {
	FTP_SRV_IDLE,
	FTP_SRV_LIST,
	FTP_SRV_RETR,
	FTP_SRV_STOR,
	FTP_SRV_ENDING, /* 226 has been said, the data connection still stands */
};

/* Where the bytes of a STOR go. */
enum ftp_srv_target {
	FTP_SRV_TO_FILE,
	FTP_SRV_TO_IMAGE,
	FTP_SRV_TO_AUX,
	FTP_SRV_TO_CONFIRM,
};

struct ftp_srv {
	int64_t now_ms;  /* of the step under way */
	size_t step_len; /* bytes that this step has moved over the data connection */
	int listener;    /* -1: none; the same for the next three */
	int control;
	int data_listener;
	int data;
	int64_t retry_ms; /* when to listen again */
	enum ftp_srv_data data_state;
	enum ftp_srv_transfer transfer;
	enum ftp_srv_target target;
	int64_t idle_since_ms; /* moved by data only, never by commands */
	int64_t due_ms;        /* the data timer of whatever is waited for */
	int64_t refused_ms;    /* the stack has taken nothing since then; -1 */
	int64_t rate_from_ms;
	uint64_t rate_taken;
	bool user_right; /* sticky, as on the boards */
	bool logged_in;
	bool closing; /* 221 is on its way out */
	int file;     /* number in files of what is sent or stored; -1 */
	struct files_walk walk;
	const struct wipy_special *confirm; /* the row whose text is coming in */
	struct aux_writer aux;
	char folder[FILES_PATH_MAX + 1];
	/* Receives commands and builds replies in the same bytes: what a command leaves
	 * out is filled with the last reply (WIRE.md 2.2). */
	char command[FTP_SRV_REPLY + 1];
	struct ring out;
	uint8_t out_bytes[FTP_SRV_OUT];
	/* What LIST and RETR send next. Also where RNFR leaves its name for RNTO, so
	 * that whatever uses it in between spoils the rename (WIRE.md 2.4). */
	size_t block_at, block_len;
	uint8_t block[FTP_SRV_BLOCK];
};

void ftp_srv_start(struct wipy_board *board, int64_t now_ms);
/* Closes everything in good order, an upload under way included: it has ended. */
void ftp_srv_stop(struct wipy_board *board);
/* Returns when it must be called again, or WIPY_NEVER. */
int64_t ftp_srv_step(struct wipy_board *board, int64_t now_ms);

/* The servers task hangs: nothing is waited for any more, nothing is closed. */
void ftp_srv_freeze(struct wipy_board *board);

/* ---- between the parts of the server -------------------------------------------- */

/* Executes the command in srv->command. */
void ftp_srv_command(struct wipy_board *board);
/* "<code> <text>" CR LF. */
void ftp_srv_reply(struct wipy_board *board, int code, const char *text);
/* 550, 451 and 426 end the data connection, an open file and an open update. */
void ftp_srv_fail(struct wipy_board *board, int code);
/* The same from a transfer, or instead of one: the data timer is over as well. */
void ftp_srv_fail_transfer(struct wipy_board *board, int code);
/* Begins to wait for the data connection. */
int ftp_srv_passive(struct wipy_board *board) HAL_WARN_UNUSED;
/* Every connection and both listeners end without a word, and the server starts anew:
 * what a send that fails does (WIRE.md 2.7). */
void ftp_srv_reset(struct wipy_board *board);
/* Notes that the stack took `sent` bytes of the `left` and more that it was given. */
void ftp_srv_sent(struct ftp_srv *srv, int sent, size_t left);

/* Each says 150, or 550 if it cannot be opened. Without a data connection 150 is all,
 * but in most families an update stays open (WIRE.md 2.11). The path is as joined, not
 * resolved. */
void ftp_transfer_list(struct wipy_board *board);
void ftp_transfer_retr(struct wipy_board *board, const char *path);
void ftp_transfer_stor(struct wipy_board *board, const char *path);
/* One piece of the transfer under way; false: nothing can be done now. */
bool ftp_transfer_step(struct wipy_board *board);
/* When a slowed-down transfer wants to be called again, or WIPY_NEVER. */
int64_t ftp_transfer_due(const struct wipy_board *board);
/* What to wait for on the data connection: HAL_NET_* */
unsigned ftp_transfer_events(const struct wipy_board *board);
/* Files, update and store are closed, as far as they have come. */
void ftp_transfer_close(struct wipy_board *board);

#endif
