/* SPDX-License-Identifier: MIT
 *
 * One file from a web server into memory: capped, taken up again where it broke off, never
 * given out before it is whole. TLS is verified; a proxy of the environment is honoured
 * (https_proxy, no_proxy); from https nothing leads back to http.
 */
#ifndef WIPY_EDGE_DOWNLOAD_H
#define WIPY_EDGE_DOWNLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "daemon/edge/web.h"

#define DOWNLOAD_URL_MAX 1024

/* The URL can be asked for: http or https, a host, no user name or password (they would
 * stand in logs and answers). Returns 0, or -EINVAL with a sentence. */
int download_check_url(const char *url, struct errtext *ret_error) WARN_UNUSED;

/* The URL of a file beside another one: the last part of its path is replaced, a query
 * falls away. Returns 0, or -ENAMETOOLONG. */
int download_url_beside(
	const char *url, const char *file, char ret_url[DOWNLOAD_URL_MAX]) WARN_UNUSED;

struct download_request {
	const char *url; /* all of this is borrowed until download_start() returns */
	const char *ca_file; /* of authorities; NULL: those of the system */
	size_t max;          /* bytes */
	size_t size; /* that it is known to have: fewer are a part of it; 0: not known */
	int64_t retry_ms; /* before the second attempt, doubled for each further one */
	int64_t limit_ms; /* for all of it: who sends a byte now and then is given up */
	int attempts;     /* in a row that bring no more than was there once */
};

struct download;

/* status 0: the whole file, malloc'ed, the receiver's now. Otherwise data is NULL:
 * -EFBIG (longer than max), -ENOENT (the server has no such file), -EPROTO (another
 * answer that will not change), -ETIMEDOUT (attempts or time used up), -EPERM (the
 * certificate). */
typedef void (*download_fn)(
	void *arg, int status, uint8_t *data, size_t len, const struct errtext *error);

/* Never NULL. `done` comes in a later turn of the loop, once, unless it is cancelled. */
struct download *download_start(uv_loop_t *loop, struct web *web,
	const struct download_request *request, download_fn done, void *arg);
/* Bytes that have come, of so many; total 0: not known. */
void download_progress(
	const struct download *download, size_t *ret_have, size_t *ret_total);
/* Nothing of it is told any more; the loop has to turn until its handles are closed. */
void download_cancel(struct download *download);

#endif
