/* SPDX-License-Identifier: MIT
 *
 * One image pushed to one board over FTP on the loop: drives the ftp_client, owns both
 * connections. Pieces of 16 KiB or less, a small send buffer, so that caps on the rate are
 * real, and what counts as taken is what the peer's TCP has acknowledged (SIOCOUTQ),
 * never what our kernel holds.
 */
#ifndef WIPY_EDGE_FTP_PUSH_H
#define WIPY_EDGE_FTP_PUSH_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/ftp_client.h"
#include "daemon/core/bucket.h"

#define FTP_PUSH_BUCKETS 3

struct ftp_push;

struct ftp_push_request {
	const char *address; /* copied */
	uint16_t port;
	uint16_t data_port;                 /* 0: the one that 227 names */
	const char *user, *password, *path; /* copied, wiped afterwards */
	const uint8_t *data;                /* borrowed until done */
	size_t len;
	/* Limits on bytes a second, NULL where there is none; borrowed until done or
	 * cancelled. The slowest one counts. */
	struct bucket *bucket[FTP_PUSH_BUCKETS];
};

struct ftp_push_result {
	/* As ftp_result.status; WIPY_E_REFUSED or a negated errno if the control connection
	 * did not stand. */
	int status;
	struct ftp_result ftp;
};

typedef void (*ftp_push_fn)(void *arg, const struct ftp_push_result *result);

/* As board_link_start(). */
struct ftp_push *ftp_push_start(uv_loop_t *loop, const struct ftp_push_request *request,
	ftp_push_fn done, void *arg);
/* Bytes acknowledged so far: for progress. */
size_t ftp_push_taken(const struct ftp_push *push);
/* Closes both connections; `done` is not called any more. The board may be dirty. */
void ftp_push_cancel(struct ftp_push *push);

#endif
