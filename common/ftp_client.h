/* SPDX-License-Identifier: MIT
 *
 * One upload of a firmware image to a board's FTP server, without I/O: bytes, happenings
 * and time go in; command bytes, requests and a deadline come out. It follows WIRE.md
 * 2.2, 2.11, 2.13: 220, USER, PASS, TYPE I, PASV, data connection, STOR, 150, data, FIN,
 * 226, QUIT, 221; one command a send, one at a time.
 *
 * An FTP 226 proves nothing (WIRE.md 2.11): `complete` needs all bytes acknowledged by
 * the peer, the 226, and a data connection that the peer did not end first. Once the STOR command went out the board may have been changed:
 * then `touched` is true, whatever happens next.
 */
#ifndef WIPY_COMMON_FTP_CLIENT_H
#define WIPY_COMMON_FTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define FTP_REPLY_MAX 128 /* a reply line longer than this is WIPY_E_TOO_LONG */
#define FTP_PATH_MAX  128 /* WIRE.md 2.2: keep full paths within it */
#define FTP_TALK_MAX                                                                   \
	16384 /* bytes of replies that an upload may bring; more: WIPY_E_TOO_LONG */

struct ftp_request {
	const char *user;     /* borrowed until done */
	const char *password; /* borrowed until done */
	const char *path;     /* absolute, no blanks, <= FTP_PATH_MAX; borrowed */
	size_t size;          /* bytes that will be sent */
};

/* What the driver has to do next; ftp_client_want() tells. */
enum ftp_want {
	FTP_WANT_NOTHING, /* wait for input or the deadline */
	FTP_WANT_CONNECT, /* connect the data connection to the control peer's address,
	                   * port ftp_client_port() (WIRE.md 2.6: ignore the address) */
	FTP_WANT_DATA,  /* send the image, report ftp_client_sent(), after the last byte
	                   * shut the sending side, report ftp_client_shut() once all bytes
	                   * are acknowledged by the peer */
	FTP_WANT_CLOSE, /* done: close both connections */
};

enum ftp_phase {
	FTP_GREETING,
	FTP_USER,
	FTP_PASS,
	FTP_TYPE,
	FTP_PASV,
	FTP_CONNECT,
	FTP_STOR,
	FTP_DATA,
	FTP_END, /* all sent, 226 awaited */
	FTP_QUIT,
	FTP_DONE,
};

struct ftp_result {
	int status;   /* 0: complete. Otherwise WIPY_E_FTP_BUSY (no 220), _LOGIN_REFUSED
	             * (530), _FTP_REPLY (see reply), _FTP_STALLED, _FTP_BROKEN,
	             * _NO_ANSWER, _CLOSED, _GARBAGE, _TOO_LONG */
	bool touched; /* STOR went out: the board's boot record may be flipped */
	bool complete;        /* every byte acknowledged and 226 seen */
	size_t taken_len;     /* bytes that the peer acknowledged */
	enum ftp_phase phase; /* where it ended */
	/* The last reply line but for the one to QUIT, printable: evidence. From USER to TYPE only its code, since a
	 * server could repeat the password. */
	char reply[FTP_REPLY_MAX];
};

struct ftp_client {
	struct ftp_request request;
	struct ftp_result result;
	enum ftp_phase phase;
	enum ftp_want want;
	bool done;
	int64_t deadline_ms;
	int64_t limit_ms; /* from STOR to 226: no deadline is later, progress or not */
	uint16_t port;
	bool data_over;   /* all acknowledged, and the board has ended its side too */
	bool data_error;  /* the data connection broke: the reply decides nothing */
	size_t heard_len; /* bytes of replies so far */
	size_t line_len;
	char line[FTP_REPLY_MAX];
	size_t out_len;
	uint8_t out[FTP_PATH_MAX + 16];
};

/* The control connection stands. */
void ftp_client_start(
	struct ftp_client *client, const struct ftp_request *request, int64_t now_ms);
void ftp_client_input(
	struct ftp_client *client, const uint8_t *data, size_t len, int64_t now_ms);
/* The control connection ended. After QUIT that is as good as 221. */
void ftp_client_eof(struct ftp_client *client, int64_t now_ms);
void ftp_client_tick(struct ftp_client *client, int64_t now_ms);
/* The data connection stands, or failed. */
void ftp_client_connected(struct ftp_client *client, bool ok, int64_t now_ms);
/* `taken_len` bytes in all have been acknowledged by the peer so far: progress moves
 * the deadline, but not beyond 5 minutes after STOR. */
void ftp_client_sent(struct ftp_client *client, size_t taken_len, int64_t now_ms);
/* All bytes acknowledged and the sending side shut. */
void ftp_client_shut(struct ftp_client *client, int64_t now_ms);
/* The peer ended the data connection, after our own end. */
void ftp_client_data_over(struct ftp_client *client, int64_t now_ms);
/* The data connection broke, or the peer ended it before our own end: also after all was
 * acknowledged, since a board's TCP takes bytes that the board never reads. */
void ftp_client_data_error(struct ftp_client *client, int64_t now_ms);
/* The command bytes to be sent now, as one send; 0 when there are none. */
size_t ftp_client_output(struct ftp_client *client, uint8_t *ret_bytes, size_t cap);
enum ftp_want ftp_client_want(const struct ftp_client *client);
uint16_t ftp_client_port(const struct ftp_client *client);
int64_t ftp_client_deadline(const struct ftp_client *client);
bool ftp_client_done(const struct ftp_client *client);
const struct ftp_result *ftp_client_result(const struct ftp_client *client);
/* "greeting", "user", ... for texts. */
const char *ftp_phase_name(enum ftp_phase phase);

#endif
