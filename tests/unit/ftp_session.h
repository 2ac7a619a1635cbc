/* SPDX-License-Identifier: MIT
 *
 * A client of the FTP server on the test machine, for the tests of that server. Where
 * what it takes for granted does not hold, the test bails out.
 */
#ifndef WIPY_TESTS_FTP_SESSION_H
#define WIPY_TESTS_FTP_SESSION_H

#include <stdint.h>

#include "tests/unit/fw_machine.h"

#define FTP_GREETING "220 Micropython FTP Server\r\n"
#define FTP_PASV     "227 (192,168,1,1,7,232)\r\n"
#define FTP_STOR     "STOR /flash/sys/mcuimg.bin\r\n"
#define FTP_IMAGE    9012 /* bytes of the images used here */
/* A fresh /flash, and what is free on it (WIRE.md 0.4). */
#define FTP_FRESH                                                                      \
	"-rw-rw-r--   1 root  root        34 Jan  1 00:00 main.py\r\n"                 \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 sys\r\n"                     \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 lib\r\n"                     \
	"drw-rw-r--   1 root  root         0 Jan  1 00:00 cert\r\n"                    \
	"-rw-rw-r--   1 root  root       143 Jan  1 00:00 boot.py\r\n"
#define FTP_FREE 176128

/* One command and its answer. */
struct ftp_row {
	const char *say, *hear;
};

/* A board that has booted with an image of tag v1.8.6. */
struct machine *ftp_board(void);
/* Sends one command and returns what has come 5 ms later. */
const char *ftp_ask(struct machine *machine, int conn, const char *command);
/* Connects and logs in. */
int ftp_log_in(struct machine *machine);
/* PASV and the data connection. */
int ftp_open_data(struct machine *machine, int conn);
/* PASV, STOR, the bytes, the end; returns the reply. */
const char *ftp_store(struct machine *machine, int conn, const char *command,
	const void *bytes, size_t len);
/* As long as the longest transfer takes. */
void ftp_wait(struct machine *machine);
/* PASV and a command that sends; returns what came over the data connection, in
 * memory of its own. The replies must be 150 and 226. */
const char *ftp_fetch(struct machine *machine, int conn, const char *command);
#endif
