/* SPDX-License-Identifier: MIT
 *
 * A download is a row of attempts that fill one buffer. An attempt after the first asks for
 * the rest, on the condition that the file is still the same one (If-Range); a server that
 * answers with the whole file begins it anew.
 */
#include "config.h"

#include "daemon/edge/download.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

#define CONNECT_S      10L
#define STALLED_S      20L /* less than a byte a second for so long */
#define REDIRECTS_MAX  5L
#define RETRY_MAX_MS   60000
#define ATTEMPTS_MAX   100 /* in all: a server that gives a byte each time is no server */
#define VALIDATOR_MAX  256
#define DATE_MAX       64
#define HTTP_PARTIAL   206
#define HTTP_OK        200
#define HTTP_NOT_RANGE 416

struct download {
	struct web_transfer transfer; /* first */
	uv_timer_t timer;             /* between attempts */
	struct web *web;
	CURL *easy; /* of the attempt under way */
	struct curl_slist *headers;
	download_fn done; /* NULL: cancelled */
	void *arg;
	char *url, *ca_file;
	size_t max, size, len, cap, total;
	size_t most; /* that any attempt has had */
	uint8_t *data;
	/* What the rest may be asked by: the ETag, or where there is none the date of the
	 * latest change, if it is older than the answer (RFC 9110, 8.8.2.2). */
	char tag[VALIDATOR_MAX], changed[DATE_MAX];
	int64_t changed_s, date_s;
	bool tagged; /* also by a weak ETag */
	int64_t retry_ms, limit_ms;
	int64_t end_ms;       /* of the loop's clock */
	int64_t range_start;  /* of a part, as the server says */
	int attempts, failed; /* in a row without more than there was before */
	int tried;
	bool began; /* this attempt's first byte has been looked at */
	bool too_long;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- URLs ------------------------------------------------------------------------- */

static int refuse_url(struct errtext *error, const char *url, const char *why)
{
	/* What stands around an @, or behind a ?, may be a secret. */
	const char *end = strchr(url, '@') ? strstr(url, "://") : strpbrk(url, "?#");
	size_t len = end ? (size_t)(end - url) : strchr(url, '@') ? 0 : strlen(url);

	snprintf(error->text, sizeof(error->text), "'%.*s%s' %s",
		(int)(len < 120 ? len : 120), url, url[len] ? "..." : "", why);
	return -EINVAL;
}

int download_check_url(const char *url, struct errtext *ret_error)
{
	CURLU *parts = must(curl_url());
	char *user = NULL, *scheme = NULL;
	CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, 0);
	int rc = 0;

	if (code == CURLUE_OK)
		code = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
	if (strlen(url) >= DOWNLOAD_URL_MAX)
		rc = refuse_url(ret_error, url, "is longer than 1023 bytes");
	else if (code != CURLUE_OK)
		rc = refuse_url(ret_error, url,
			"is not a URL such as https://example.net/release.yaml");
	else if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		rc = refuse_url(ret_error, url, "is neither https nor http");
	else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		rc = refuse_url(ret_error, url,
			"has a user name in it: it would stand in logs; leave it out");
	curl_free(user);
	curl_free(scheme);
	curl_url_cleanup(parts);
	return rc;
}

int download_url_beside(
	const char *url, const char *file, char ret_url[DOWNLOAD_URL_MAX])
{
	size_t len = strcspn(url, "?#");

	while (len > 0 && url[len - 1] != '/')
		len--;
	if (len + strlen(file) >= DOWNLOAD_URL_MAX)
		return -ENAMETOOLONG;
	snprintf(ret_url, DOWNLOAD_URL_MAX, "%.*s%s", (int)len, url, file);
	return 0;
}

/* ---- the end ---------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct download *download = handle->data;

	curl_slist_free_all(download->headers);
	free(download->data);
	free(download->url);
	free(download->ca_file);
	free(download);
}

static void stop_attempt(struct download *download)
{
	if (!download->easy)
		return;
	web_stop(download->web, download->easy);
	curl_easy_cleanup(download->easy);
	download->easy = NULL;
}

void download_cancel(struct download *download)
{
	download->done = NULL;
	stop_attempt(download);
	uv_close((uv_handle_t *)&download->timer, on_closed);
}

static void finish(struct download *download, int status, const struct errtext *error)
{
	download_fn done = download->done;
	uint8_t *data = NULL;

	if (status == 0) {
		data = download->data;
		download->data = NULL;
	}
	done(download->arg, status, data, data ? download->len : 0, error);
	download_cancel(download);
}

/* The address without what a query may hold. */
__attribute__((format(printf, 3, 4))) static void give_up(
	struct download *download, int status, const char *format, ...)
{
	struct errtext error;
	char why[200];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	snprintf(error.text, sizeof(error.text), "%.*s: %s",
		(int)(strcspn(download->url, "?#") < 110 ? strcspn(download->url, "?#")
							 : 110),
		download->url, why);
	finish(download, status, &error);
}

/* ---- an attempt ------------------------------------------------------------------- */

static void begin(struct download *download);

static void on_timer(uv_timer_t *timer)
{
	begin(timer->data);
}

static int64_t left_ms(const struct download *download)
{
	return download->end_ms - (int64_t)uv_now(download->timer.loop);
}

static void try_again(struct download *download, const char *why)
{
	int64_t wait_ms = download->retry_ms;

	download->failed = download->len > download->most ? 0 : download->failed + 1;
	if (download->len > download->most)
		download->most = download->len;
	if (download->failed >= download->attempts || download->tried >= ATTEMPTS_MAX) {
		give_up(download, -ETIMEDOUT, "%s (%d attempts)", why, download->tried);
		return;
	}
	for (int i = 1; i < download->failed && wait_ms < RETRY_MAX_MS; i++)
		wait_ms *= 2;
	if (left_ms(download) <= wait_ms) {
		give_up(download, -ETIMEDOUT,
			"it was not there in %" PRId64 " s, %zu bytes have come (%s)",
			download->limit_ms / 1000, download->len, why);
		return;
	}
	(void)uv_timer_start(&download->timer, on_timer, (uint64_t)wait_ms, 0);
}

static void forget_validators(struct download *download)
{
	download->tag[0] = download->changed[0] = '\0';
	download->changed_s = download->date_s = 0;
	download->tagged = false;
}

/* NULL: the rest cannot be asked for. */
static const char *validator(const struct download *download)
{
	if (*download->tag)
		return download->tag;
	return !download->tagged && download->changed_s > 0 &&
			       download->date_s > download->changed_s
		       ? download->changed
		       : NULL;
}

/* The connection ended in good order, and perhaps too early: not every answer says how long
 * it is, or says it rightly. */
static void judge_length(struct download *download)
{
	char why[80];

	if (download->len >= download->size) {
		finish(download, 0, &(struct errtext){""});
		return;
	}
	snprintf(why, sizeof(why), "it ended after %zu of %zu bytes", download->len,
		download->size);
	try_again(download, why);
}

static bool will_pass(long status)
{
	return status == 408 || status == 429 || status >= 500;
}

static void judge_status(struct download *download, long status)
{
	char why[40];

	snprintf(why, sizeof(why), "the server answered HTTP %ld", status);
	if (status == HTTP_NOT_RANGE) { /* another file than the one that was begun */
		download->len = 0;
		forget_validators(download);
		try_again(download, why);
	} else if (will_pass(status)) {
		try_again(download, why);
	} else {
		give_up(download, status == 404 || status == 410 ? -ENOENT : -EPROTO,
			"%s", why);
	}
}

static void on_done(struct web_transfer *transfer, CURLcode code)
{
	struct download *download = (struct download *)transfer;
	long status = 0;

	(void)curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
	stop_attempt(download);
	if (download->too_long)
		give_up(download, -EFBIG, "it is longer than %zu bytes", download->max);
	else if (code == CURLE_PEER_FAILED_VERIFICATION ||
		 code == CURLE_SSL_CACERT_BADFILE)
		give_up(download, -EPERM,
			"the server cannot prove that it is the one: %s",
			curl_easy_strerror(code));
	else if (code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_UNSUPPORTED_PROTOCOL)
		give_up(download, -EPROTO, "it leads elsewhere: %s",
			curl_easy_strerror(code));
	else if (code == CURLE_OK && status != HTTP_OK && status != HTTP_PARTIAL)
		judge_status(download, status);
	else if (code == CURLE_OK)
		judge_length(download);
	else
		try_again(download, curl_easy_strerror(code));
}

static void keep_tag(struct download *download, const char *value, size_t len)
{
	download->tagged = true;
	/* A weak one says that the bytes may differ. */
	if (len < VALIDATOR_MAX && !(len > 1 && memcmp(value, "W/", 2) == 0))
		wipy_text_copy(download->tag, VALIDATOR_MAX, value, len);
}

/* 0: it is none. */
static int64_t keep_date(char text[DATE_MAX], const char *value, size_t len)
{
	time_t when;

	if (len >= DATE_MAX)
		return 0;
	wipy_text_copy(text, DATE_MAX, value, len);
	when = curl_getdate(text, NULL);
	return when > 0 ? (int64_t)when : 0;
}

/* The value of that header, without blanks around it; false: another one. */
static bool header_value(const char *line, size_t len, const char *name,
	const char **ret_value, size_t *ret_len)
{
	size_t at = strlen(name);

	if (len < at || strncasecmp(line, name, at) != 0)
		return false;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (len > at && strchr(" \t\r\n", line[len - 1]))
		len--;
	*ret_value = line + at;
	*ret_len = len - at;
	return true;
}

static void keep_range(struct download *download, const char *value, size_t len)
{
	static const char unit[] = "bytes ";
	const char *digits = value + strlen(unit);
	uint64_t start;

	if (len > strlen(unit) && strncasecmp(value, unit, strlen(unit)) == 0 &&
		wipy_text_parse_u64(digits, strcspn(digits, "-"), INT64_MAX, &start) ==
			0)
		download->range_start = (int64_t)start;
}

/* Only of the answer that holds the file: not of one that leads there, or fails. */
static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct download *download = arg;
	size_t len = size * count, value_len;
	const char *value;
	char date[DATE_MAX];
	long status = 0;

	(void)curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != HTTP_OK && status != HTTP_PARTIAL)
		return len;
	if (header_value(line, len, "HTTP/", &value, &value_len))
		forget_validators(download);
	else if (header_value(line, len, "ETag:", &value, &value_len))
		keep_tag(download, value, value_len);
	else if (header_value(line, len, "Last-Modified:", &value, &value_len))
		download->changed_s = keep_date(download->changed, value, value_len);
	else if (header_value(line, len, "Date:", &value, &value_len))
		download->date_s = keep_date(date, value, value_len);
	else if (header_value(line, len, "Content-Range:", &value, &value_len))
		keep_range(download, value, value_len);
	return len;
}

/* Whether these bytes are the rest, or the file from its beginning. */
static bool look_at_first(struct download *download)
{
	curl_off_t length = 0;
	long status = 0;

	download->began = true;
	(void)curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status == HTTP_PARTIAL && download->range_start != (int64_t)download->len) {
		forget_validators(download); /* not what was asked for: all anew */
		return false;
	}
	if (status != HTTP_PARTIAL)
		download->len = 0;
	(void)curl_easy_getinfo(
		download->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	download->total = length > 0 ? download->len + (size_t)length : 0;
	return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct download *download = arg;
	size_t len = size * count;
	long status = 0;

	(void)curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != HTTP_OK && status != HTTP_PARTIAL)
		return len; /* the words of an error */
	if (!download->began && !look_at_first(download))
		return 0;
	download->too_long = len > download->max - download->len;
	if (download->too_long)
		return 0;
	if (download->len + len > download->cap) {
		download->cap = 2 * (download->len + len);
		download->data = must(realloc(download->data, download->cap));
	}
	memcpy(download->data + download->len, bytes, len);
	download->len += len;
	return len;
}

static void ask_for_rest(struct download *download)
{
	char header[VALIDATOR_MAX + 16];
	const char *same = validator(download);

	curl_slist_free_all(download->headers);
	download->headers = NULL;
	if (download->len == 0 || !same) {
		download->len = 0;
		return;
	}
	snprintf(header, sizeof(header), "If-Range: %s", same);
	download->headers = must(curl_slist_append(NULL, header));
	snprintf(header, sizeof(header), "%zu-", download->len);
	(void)curl_easy_setopt(download->easy, CURLOPT_RANGE, header);
	(void)curl_easy_setopt(download->easy, CURLOPT_HTTPHEADER, download->headers);
}

static void begin(struct download *download)
{
	CURL *easy = download->easy = must(curl_easy_init());

	download->tried++;
	ask_for_rest(download);
	download->began = false;
	download->range_start = -1;
	(void)curl_easy_setopt(easy, CURLOPT_URL, download->url);
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
#if LIBCURL_VERSION_NUM >= 0x075500
	(void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR,
		strncasecmp(download->url, "https", 5) == 0 ? "https" : "http,https");
#endif
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
		left_ms(download) > 0 ? (long)left_ms(download) : 1L);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALLED_S);
	if (download->ca_file)
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO, download->ca_file);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, download);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, download);
	web_start(download->web, easy, &download->transfer);
}

struct download *download_start(uv_loop_t *loop, struct web *web,
	const struct download_request *request, download_fn done, void *arg)
{
	struct download *download = must(calloc(1, sizeof(*download)));

	download->transfer.done = on_done;
	download->web = web;
	download->done = done;
	download->arg = arg;
	download->url = must(strdup(request->url));
	if (request->ca_file)
		download->ca_file = must(strdup(request->ca_file));
	download->max = request->max;
	download->size = request->size;
	download->retry_ms = request->retry_ms;
	download->attempts = request->attempts;
	download->limit_ms = request->limit_ms;
	(void)uv_timer_init(loop, &download->timer);
	download->end_ms = (int64_t)uv_now(loop) + request->limit_ms;
	download->timer.data = download;
	begin(download);
	return download;
}

void download_progress(
	const struct download *download, size_t *ret_have, size_t *ret_total)
{
	*ret_have = download->len;
	*ret_total = download->total;
}
