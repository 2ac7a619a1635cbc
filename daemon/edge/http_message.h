/* SPDX-License-Identifier: MIT
 *
 * One HTTP request or answer on a connection of libwebsockets. Private to the HTTP
 * server (http_server.h is what others use).
 */
#ifndef WIPY_EDGE_HTTP_MESSAGE_H
#define WIPY_EDGE_HTTP_MESSAGE_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/edge/http_listen.h"
#include "daemon/edge/http_server.h"

#define HTTP_QUERY_LEN 2048 /* all parameters, each with its NUL */

struct http_client;

struct http_request {
	struct http_client *client; /* NULL once it is gone */
	struct http_request *next;  /* in the server's `whole` */
	const char *method;
	struct tally *tally; /* of statuses; NULL: nobody counts it */
	bool head_only;
	struct http_who who;
	char path[HTTP_PATH_LEN];
	char query[HTTP_QUERY_LEN]; /* "name=value" NUL "name=value" NUL ... */
	size_t query_len;
	char header[HTTP_HEADER_COUNT][HTTP_HEADER_LEN];
	uint8_t *body; /* body_cap + 1 bytes */
	size_t body_len, body_cap;
};

#define HTTP_ETAG_LEN 35 /* quotes, 32 hex digits, a NUL */

struct http_answer {
	int status;
	const char *content_type;
	const char *body;
	size_t len;
	const char *etag; /* NULL: none; then nobody may keep the answer */
	bool head_only, closing;
	bool endless; /* only the head is written; the body is to follow until the end */
};

/* Fills the request from the headers; *ret_body_len bytes are to follow. Returns 0, or the
 * HTTP status of a refusal. */
int http_message_read(struct lws *wsi, struct http_request *request,
	uint64_t *ret_body_len) WARN_UNUSED;

/* What tells one body from another. */
void http_message_etag(const char *body, size_t len, char ret_etag[HTTP_ETAG_LEN]);
/* Whether the client has that one already. */
bool http_message_has(const struct http_request *request, const char *etag);

/* Headers and body as one write; what the socket does not take is kept and sent by
 * libwebsockets. Returns 0, or -1: the connection is useless. */
int http_message_write(struct lws *wsi, const struct http_answer *answer) WARN_UNUSED;

/* "100 Continue": curl waits a second for it before it sends a larger body. */
int http_message_continue(struct lws *wsi) WARN_UNUSED;

/* NULL is fine. */
void http_request_free(struct http_request *request);

#endif
