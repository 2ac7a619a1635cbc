/* SPDX-License-Identifier: MIT
 *
 * Requests read from, and answers written to, a connection of libwebsockets: one message
 * at a time, without any idea of clients, timeouts or the loop.
 */
#include "config.h"

#include "daemon/edge/http_message.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_HEAD 512 /* its status line and headers */

/* ---- requests as the handler sees them -------------------------------------------- */

const char *http_method(const struct http_request *request)
{
	return request->method;
}

const char *http_path(const struct http_request *request)
{
	return request->path;
}

const char *http_query(struct http_request *request, const char *name)
{
	const char *at = request->query, *end = at + request->query_len;
	size_t len = strlen(name);

	for (; at < end; at += strlen(at) + 1)
		if (strncmp(at, name, len) == 0 && (at[len] == '=' || at[len] == '\0'))
			return at + len + (at[len] == '=');
	return NULL;
}

const char *http_query_at(const struct http_request *request, size_t index)
{
	const char *at = request->query, *end = at + request->query_len;

	for (; at < end; at += strlen(at) + 1)
		if (index-- == 0)
			return at;
	return NULL;
}

void http_count_in(struct http_request *request, struct tally *tally)
{
	request->tally = tally;
}

bool http_is_anonymous(const struct http_request *request)
{
	return request->who.anonymous;
}

const char *http_header(const struct http_request *request, enum http_header header)
{
	return request->header[header];
}

const uint8_t *http_body(const struct http_request *request, size_t *ret_len)
{
	*ret_len = request->body_len;
	return request->body ? request->body : (const uint8_t *)"";
}

uint8_t *http_take_body(struct http_request *request, size_t *ret_len)
{
	uint8_t *body = request->body;

	*ret_len = request->body_len;
	request->body = NULL;
	request->body_len = 0;
	return body;
}

const char *http_actor(const struct http_request *request)
{
	return request->who.actor;
}

enum role http_role(const struct http_request *request)
{
	return request->who.role;
}

void http_request_free(struct http_request *request)
{
	if (!request)
		return;
	free(request->body);
	free(request);
}

/* ---- reading a request ------------------------------------------------------------ */

static const char *method_name(int method)
{
	switch (method) {
	case LWSHUMETH_GET:
	case LWSHUMETH_HEAD:
		return "GET";
	case LWSHUMETH_POST:
		return "POST";
	case LWSHUMETH_PUT:
		return "PUT";
	case LWSHUMETH_PATCH:
		return "PATCH";
	case LWSHUMETH_DELETE:
		return "DELETE";
	case LWSHUMETH_OPTIONS:
		return "OPTIONS";
	default:
		return NULL;
	}
}

/* All parameters, as libwebsockets has split and decoded them. Returns 0 or the status
 * of a refusal. */
static int read_query(struct lws *wsi, struct http_request *request)
{
	for (int i = 0;; i++) {
		int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
		char *at = request->query + request->query_len;

		if (len <= 0)
			return 0;
		if ((size_t)len >= sizeof(request->query) - request->query_len)
			return 414;
		if (lws_hdr_copy_fragment(wsi, at,
			    (int)(sizeof(request->query) - request->query_len),
			    WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
			return 414;
		if (strlen(at) != (size_t)len)
			return 400;
		/* What libwebsockets makes of a '?' with nothing behind it. */
		if (strcmp(at, "/") == 0)
			continue;
		request->query_len += (size_t)len + 1;
	}
}

/* Those that handlers ask for. Returns 0 or the status of a refusal. */
static int read_headers(struct lws *wsi, struct http_request *request)
{
	static const enum lws_token_indexes tokens[HTTP_HEADER_COUNT] = {
		[HTTP_ACCEPT] = WSI_TOKEN_HTTP_ACCEPT,
		[HTTP_IF_NONE_MATCH] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
	};
	static const char id[] = "last-event-id:";

	for (int i = 0; i < HTTP_HEADER_COUNT; i++) {
		char *at = request->header[i];

		if (tokens[i] && lws_hdr_total_length(wsi, tokens[i]) > 0 &&
			lws_hdr_copy(wsi, at, HTTP_HEADER_LEN, tokens[i]) < 0)
			return 431;
	}
	/* One that libwebsockets has no name for. */
	if (lws_hdr_custom_length(wsi, id, sizeof(id) - 1) > 0 &&
		lws_hdr_custom_copy(wsi, request->header[HTTP_LAST_EVENT_ID],
			HTTP_HEADER_LEN, id, sizeof(id) - 1) < 0)
		return 431;
	return 0;
}

/* What the headers say of the body. Returns 0 or the status of a refusal; *ret_len is
 * set also for one that is too long. */
static int read_body_len(struct lws *wsi, const char *method, uint64_t *ret_len)
{
	char text[24];
	uint64_t len = 0;
	int n = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return 411; /* libwebsockets 4.1 does not take chunked bodies */
	if (n <= 0) {
		*ret_len = 0;
		return strcmp(method, "GET") != 0 && strcmp(method, "DELETE") != 0 &&
				       strcmp(method, "OPTIONS") != 0
			       ? 411
			       : 0;
	}
	if (n > 18 || lws_hdr_copy(wsi, text, sizeof(text),
			      WSI_TOKEN_HTTP_CONTENT_LENGTH) < 0)
		return 400;
	for (const char *c = text; *c; c++) {
		if (!isdigit((unsigned char)*c))
			return 400;
		len = len * 10 + (uint64_t)(*c - '0');
	}
	*ret_len = len;
	return len > HTTP_BODY_MAX ? 413 : 0;
}

int http_message_read(
	struct lws *wsi, struct http_request *request, uint64_t *ret_body_len)
{
	char *uri;
	int len;
	int method = lws_http_get_uri_and_method(wsi, &uri, &len);
	int r;

	request->method = method_name(method);
	request->head_only = method == LWSHUMETH_HEAD;
	if (!request->method)
		return 501;
	if ((size_t)len >= sizeof(request->path))
		return 414;
	memcpy(request->path, uri, (size_t)len);
	if (memchr(uri, '\0', (size_t)len))
		return 400;
	r = read_query(wsi, request);
	if (r == 0)
		r = read_headers(wsi, request);
	return r ? r : read_body_len(wsi, request->method, ret_body_len);
}

/* ---- what the client has already -------------------------------------------------- */

void http_message_etag(const char *body, size_t len, char ret_etag[HTTP_ETAG_LEN])
{
	unsigned char hash[16];

	(void)crypto_generichash(
		hash, sizeof(hash), (const unsigned char *)body, len, NULL, 0);
	ret_etag[0] = ret_etag[HTTP_ETAG_LEN - 2] = '"';
	for (size_t i = 0; i < sizeof(hash); i++) {
		ret_etag[1 + 2 * i] = "0123456789abcdef"[hash[i] >> 4];
		ret_etag[2 + 2 * i] = "0123456789abcdef"[hash[i] & 15];
	}
	ret_etag[HTTP_ETAG_LEN - 1] = '\0';
}

/* Whether it calls a tag weak makes no difference to a GET; tags are one among many only
 * with commas, and ours has none within. */
bool http_message_has(const struct http_request *request, const char *etag)
{
	const char *held = request->header[HTTP_IF_NONE_MATCH];

	return strcmp(held, "*") == 0 || strstr(held, etag) != NULL;
}

/* ---- writing ---------------------------------------------------------------------- */

static bool put_header(struct lws *wsi, enum lws_token_indexes token, const char *value,
	unsigned char **at, unsigned char *end)
{
	return lws_add_http_header_by_token(wsi, token, (const unsigned char *)value,
		       (int)strlen(value), at, end) == 0;
}

/* Returns the end of what was put, or NULL. */
static unsigned char *put_head(struct lws *wsi, const struct http_answer *answer,
	unsigned char *at, unsigned char *end)
{
	char len[24];
	/* They have no body and must not say how long it is. */
	bool has_body = answer->status != 204 && answer->status != 304,
	     has_len = has_body && !answer->endless;

	snprintf(len, sizeof(len), "%zu", answer->len);
	if (lws_add_http_header_status(wsi, (unsigned)answer->status, &at, end) ||
		!put_header(wsi, WSI_TOKEN_HTTP_CACHE_CONTROL,
			answer->etag ? "private, no-cache" : "no-store", &at, end))
		return NULL;
	if (answer->etag &&
		!put_header(wsi, WSI_TOKEN_HTTP_ETAG, answer->etag, &at, end))
		return NULL;
	if (has_body && !put_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE,
				answer->content_type, &at, end))
		return NULL;
	if (has_len && !put_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, len, &at, end))
		return NULL;
	if (answer->status == 401 &&
		!put_header(wsi, WSI_TOKEN_HTTP_WWW_AUTHENTICATE, "Bearer", &at, end))
		return NULL;
	if (answer->closing &&
		!put_header(wsi, WSI_TOKEN_CONNECTION, "close", &at, end))
		return NULL;
	return lws_finalize_http_header(wsi, &at, end) ? NULL : at;
}

int http_message_write(struct lws *wsi, const struct http_answer *answer)
{
	bool empty =
		answer->head_only || answer->status == 204 || answer->status == 304;
	size_t body_len = empty ? 0 : answer->len;
	size_t cap = LWS_PRE + ANSWER_HEAD + body_len;
	uint8_t *buffer = malloc(cap);
	uint8_t *start, *at;
	int r = -1;

	if (!buffer)
		abort();
	start = buffer + LWS_PRE;
	at = put_head(wsi, answer, start, start + ANSWER_HEAD);
	if (at) {
		if (body_len > 0)
			memcpy(at, answer->body, body_len);
		r = lws_write(wsi, start, (size_t)(at - start) + body_len,
			LWS_WRITE_HTTP_HEADERS);
	}
	free(buffer);
	return r < 0 ? -1 : 0;
}

int http_message_continue(struct lws *wsi)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	unsigned char buffer[LWS_PRE + sizeof(text)];

	memcpy(buffer + LWS_PRE, text, sizeof(text) - 1);
	return lws_write(wsi, buffer + LWS_PRE, sizeof(text) - 1,
		       LWS_WRITE_HTTP_HEADERS) < 0
		       ? -1
		       : 0;
}
