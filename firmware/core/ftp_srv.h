/* SPDX-License-Identifier: MIT
 *
 * The FTP server of a board: one client, one passive data connection on a fixed port,
 * one receive is one command (WIRE.md 2.1 to 2.8, with the corrections of 0.4). A STOR
 * of the image's name goes to the updater, and every end of it flips the boot record
 * (WIRE.md 2.11).
 */
#ifndef WIPY_FIRMWARE_FTP_SRV_H
#define WIPY_FIRMWARE_FTP_SRV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/core/files.h"
#include "firmware/core/ring.h"

struct wipy_board;

#define FTP_SRV_COMMAND 135 /* bytes that one receive takes (WIRE.md 2.1) */
#define FTP_SRV_OUT     512
#define FTP_SRV_DATA_MS 5010 /* each data timer (WIRE.md 2.7, 0.4) */

enum ftp_srv_data {
	FTP_SRV_DATA_NONE,
	FTP_SRV_DATA_LISTEN, /* PASV was answered: no command is read meanwhile */
	FTP_SRV_DATA_READY,  /* connected */
};

enum ftp_srv_transfer { FTP_SRV_IDLE, FTP_SRV_LIST, FTP_SRV_STOR };

struct ftp_srv {
	int listener; /* -1: none; the same for the next three */
	int control;
	int data_listener;
	int data;
	int64_t retry_ms; /* when to listen again */
	enum ftp_srv_data data_state;
	enum ftp_srv_transfer transfer;
	int64_t idle_since_ms; /* moved by data only, never by commands */
	int64_t data_due_ms;   /* the data timer of whatever is waited for */
	int64_t stall_ms;      /* LIST: the client last took something */
	int64_t rate_from_ms;
	uint64_t rate_taken;
	bool user_right; /* sticky, as on the boards */
	bool logged_in;
	bool closing; /* 221 is on its way out */
	int file;     /* number in files of a plain STOR; -1 */
	int list_index;
	char folder[FILES_PATH_MAX + 1];
	/* Receives commands and builds replies in the same bytes: what a command leaves
	 * out is filled with the last reply (WIRE.md 2.2). */
	char command[FTP_SRV_COMMAND + 1];
	struct ring out;
	uint8_t out_bytes[FTP_SRV_OUT];
	struct ring data_out;
	uint8_t data_out_bytes[FTP_SRV_OUT];
};

void ftp_srv_start(struct wipy_board *board, int64_t now_ms);
/* Closes everything in good order, an upload under way included: it flips. */
void ftp_srv_stop(struct wipy_board *board);
/* Returns when it must be called again, or WIPY_NEVER. */
int64_t ftp_srv_step(struct wipy_board *board, int64_t now_ms);

/* The servers task hangs: nothing is waited for any more, nothing is closed. */
void ftp_srv_freeze(struct wipy_board *board);

/* ---- between the parts of the server -------------------------------------------- */

/* Executes the command in srv->command. */
void ftp_srv_command(struct wipy_board *board, int64_t now_ms);
/* "<code> <text>" CR LF. */
void ftp_srv_reply(struct wipy_board *board, int code, const char *text);
/* 550, 451 and 426 end the data connection, an open file and an open update. */
void ftp_srv_fail(struct wipy_board *board, int code);
void ftp_srv_close_data(struct wipy_board *board);
/* Begins to wait for the data connection. */
int ftp_srv_passive(struct wipy_board *board, int64_t now_ms) HAL_WARN_UNUSED;

#endif
