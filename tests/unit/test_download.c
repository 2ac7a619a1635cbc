/* SPDX-License-Identifier: MIT
 *
 * Downloads from a web server that follows a script: each connection gets the next answer,
 * and may be cut off in the middle of it.
 */
#include "config.h"

#include "daemon/edge/download.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "tests/tap.h"

#define ANSWERS_MAX 8
#define FILE_TEXT   "0123456789abcdefghij"
#define WHOLE       "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"one\"\r\n\r\n" FILE_TEXT

/* The same five bytes. */
#define SHORT  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n01234"
#define BROKEN "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234"
#define SHORT_TAGGED                                                                   \
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"one\"\r\n\r\n01234"
#define NO_REST "HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"

static uv_loop_t loop;
static struct web *web;
static uv_tcp_t listener;
static int port;

/* ---- the server ------------------------------------------------------------------- */

struct answer {
	const char *asked; /* what the request must hold; NULL: no Range in it */
	const char *text;
};

static const struct answer *script;
static bool stays;       /* connections stay open behind the answer */
static int next, missed; /* answers given; requests that were not as expected */

struct client {
	uv_tcp_t tcp;
	uv_write_t write;
	char request[4096], answer[4096];
	size_t len;
};

static void on_client_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_written(uv_write_t *write, int status)
{
	struct client *client = write->data;

	(void)status;
	uv_close((uv_handle_t *)&client->tcp, on_client_closed);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf);
static void on_left(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (got < 0)
		on_written(&client->write, 0);
}

static void on_written_stays(uv_write_t *write, int status)
{
	struct client *client = write->data;

	(void)status;
	uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_left);
}

static void answer(struct client *client)
{
	const struct answer *row = &script[next];
	uv_buf_t buf;

	if (!row->text) { /* the script is at its end */
		missed++;
		on_written(&client->write, 0);
		return;
	}
	next++;
	missed += row->asked ? !strstr(client->request, row->asked)
			     : strstr(client->request, "Range:") != NULL;
	snprintf(client->answer, sizeof(client->answer), "%s", row->text);
	buf = uv_buf_init(client->answer, (unsigned)strlen(client->answer));
	uv_write(&client->write, (uv_stream_t *)&client->tcp, &buf, 1,
		stays ? on_written_stays : on_written);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	struct client *client = handle->data;

	(void)size;
	*buf = uv_buf_init(client->request + client->len,
		(unsigned)(sizeof(client->request) - 1 - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	(void)buf;
	if (got < 0) {
		on_written(&client->write, 0);
		return;
	}
	client->len += (size_t)got;
	if (!strstr(client->request, "\r\n\r\n"))
		return;
	uv_read_stop(stream);
	answer(client);
}

static void on_client(uv_stream_t *server, int status)
{
	struct client *client = calloc(1, sizeof(*client));

	(void)status;
	uv_tcp_init(&loop, &client->tcp);
	client->tcp.data = client->write.data = client;
	if (uv_accept(server, (uv_stream_t *)&client->tcp) < 0)
		abort();
	uv_read_start((uv_stream_t *)&client->tcp, on_alloc, on_read);
}

static void listen_there(void)
{
	struct sockaddr_in address;
	int len = sizeof(address);

	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(&loop, &listener);
	if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) < 0 ||
		uv_listen((uv_stream_t *)&listener, 16, on_client) < 0 ||
		uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &len) < 0)
		abort();
	port = ntohs(address.sin_port);
	uv_unref((uv_handle_t *)&listener);
}

/* ---- downloads -------------------------------------------------------------------- */

struct result {
	int calls, status;
	char text[64];
	struct errtext error;
};

static void on_done(
	void *arg, int status, uint8_t *data, size_t len, const struct errtext *error)
{
	struct result *result = arg;

	result->calls++;
	result->status = status;
	result->error = *error;
	if (data)
		snprintf(result->text, sizeof(result->text), "%.*s", (int)len,
			(const char *)data);
	free(data);
}

static const struct {
	const char *name;
	int status;
	const char *says; /* the file, or the fault */
	struct answer answer[ANSWERS_MAX];
} rows[] = {
	{"the whole file", 0, FILE_TEXT, {{NULL, WHOLE}}},
	{"broken off, the rest is asked for", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"one\"\r\n"
			"\r\n01234"},
			{"Range: bytes=5-",
				"HTTP/1.1 206 Partial\r\nContent-Length: 15\r\n"
				"Content-Range: bytes 5-19/20\r\nETag: \"one\"\r\n\r\n"
				"56789"},
			{"If-Range: \"one\"",
				"HTTP/1.1 206 Partial\r\nContent-Length: 10\r\n"
				"Content-Range: bytes 10-19/20\r\n\r\nabcdefghij"}}},
	{"the file has changed meanwhile", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"old\"\r\n"
			"\r\nxxxxx"},
			{"If-Range: \"old\"", WHOLE}}},
	{"no ETag: from the beginning", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234"},
			{NULL, WHOLE}}},
	{"no ETag, a date that is older than the answer", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"
			"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			"Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n\r\n01234"},
			{"If-Range: Sun, 06 Nov 1994 08:49:37 GMT",
				"HTTP/1.1 206 Partial\r\nContent-Length: 15\r\n"
				"Content-Range: bytes 5-19/20\r\n\r\n"
				"56789abcdefghij"}}},
	{"no ETag, changed in the very second", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"
			"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n01234"},
			{NULL, WHOLE}}},
	{"no ETag, a date that is none", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n"
			"Last-Modified: yesterday\r\n"
			"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n01234"},
			{NULL, WHOLE}}},
	{"a weak ETag and a date", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: W/\"a\"\r\n"
			"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			"Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n\r\n01234"},
			{NULL, WHOLE}}},
	{"no length, and an end too early", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nETag: \"one\"\r\n\r\n01234"},
			{"Range: bytes=5-", "HTTP/1.1 206 Partial\r\n"
					    "Content-Range: bytes 5-19/20\r\n\r\n"
					    "56789abcdefghij"}}},
	{"a length that is too short", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"one\"\r\n"
			"\r\n01234"},
			{"Range: bytes=5-",
				"HTTP/1.1 206 Partial\r\nContent-Length: 15\r\n"
				"Content-Range: bytes 5-19/20\r\n\r\n"
				"56789abcdefghij"}}},
	{"too short each time", -ETIMEDOUT, "it ended after 5 of 20 bytes (4 attempts)",
		{{NULL, SHORT}, {NULL, SHORT}, {NULL, SHORT}, {NULL, SHORT}}},
	{"the same bytes each time", -ETIMEDOUT, "(4 attempts)",
		{{NULL, BROKEN}, {NULL, BROKEN}, {NULL, BROKEN}, {NULL, BROKEN}}},
	{"too short, and the rest cannot be had", -ETIMEDOUT, "(4 attempts)",
		{{NULL, SHORT_TAGGED}, {"Range: bytes=5-", NO_REST},
			{NULL, SHORT_TAGGED}, {"Range: bytes=5-", NO_REST}}},
	{"a weak ETag: from the beginning", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: W/\"a\"\r\n"
			"\r\n01234"},
			{NULL, WHOLE}}},
	{"another part than was asked for", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"one\"\r\n"
			"\r\n01234"},
			{"Range: bytes=5-",
				"HTTP/1.1 206 Partial\r\nContent-Length: 10\r\n"
				"Content-Range: bytes 10-19/20\r\n\r\nabcdefghij"},
			{NULL, WHOLE}}},
	{"the rest cannot be had", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nETag: \"one\"\r\n"
			"\r\n01234"},
			{"Range: bytes=5-",
				"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n"},
			{NULL, WHOLE}}},
	{"busy for a while", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nwait"},
			{NULL, "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"},
			{NULL, WHOLE}}},
	{"led elsewhere", 0, FILE_TEXT,
		{{NULL, "HTTP/1.1 302 There\r\nLocation: /b\r\n"
			"Content-Length: 0\r\nETag: \"way\"\r\n\r\n"},
			{NULL, WHOLE}}},
	{"no such file", -ENOENT, "HTTP 404",
		{{NULL, "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"}}},
	{"not for us", -EPROTO, "HTTP 403",
		{{NULL, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"}}},
	{"too long", -EFBIG, "longer than 20 bytes",
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n" FILE_TEXT
			"k"}}},
	{"too long in the second part", -EFBIG, "longer than 20 bytes",
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nETag: \"one\"\r\n"
			"\r\n01234"},
			{"Range: bytes=5-",
				"HTTP/1.1 206 Partial\r\nContent-Length: 94\r\n"
				"Content-Range: bytes 5-98/99\r\n\r\n" FILE_TEXT}}},
	{"too long by chunks", -EFBIG, "longer than 20 bytes",
		{{NULL, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
			"14\r\n" FILE_TEXT "\r\n1\r\nk\r\n0\r\n\r\n"}}},
	{"nobody answers", -ETIMEDOUT, "(3 attempts)",
		{{NULL, ""}, {NULL, ""}, {NULL, ""}}},
	{"led round and round", -EPROTO, "it leads elsewhere",
		{{NULL, "HTTP/1.1 302 X\r\nLocation: /1\r\nContent-Length: 0\r\n\r\n"},
			{NULL, "HTTP/1.1 302 X\r\nLocation: /2\r\nContent-Length: 0\r\n"
			       "\r\n"},
			{NULL, "HTTP/1.1 302 X\r\nLocation: /3\r\nContent-Length: 0\r\n"
			       "\r\n"},
			{NULL, "HTTP/1.1 302 X\r\nLocation: /4\r\nContent-Length: 0\r\n"
			       "\r\n"},
			{NULL, "HTTP/1.1 302 X\r\nLocation: /5\r\nContent-Length: 0\r\n"
			       "\r\n"},
			{NULL, "HTTP/1.1 302 X\r\nLocation: /6\r\nContent-Length: 0\r\n"
			       "\r\n"}}},
	{"led to a file of this machine", -EPROTO, "it leads elsewhere",
		{{NULL, "HTTP/1.1 302 X\r\nLocation: file:///etc/passwd\r\n"
			"Content-Length: 0\r\n\r\n"}}},
};

#define LONG_MS 60000 /* with less there is no time for a second attempt */

static struct download *start(struct result *result, int64_t limit_ms)
{
	char url[64];
	struct download_request request = {
		.url = url,
		.max = 20,
		.size = 20,
		.retry_ms = limit_ms == LONG_MS ? 1 : LONG_MS,
		.limit_ms = limit_ms,
		.attempts = 3,
	};

	*result = (struct result){.status = 1};
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/dir/file?token=1", port);
	return download_start(&loop, web, &request, on_done, result);
}

static void test_rows(void)
{
	struct result result;
	int count;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		script = rows[i].answer;
		next = missed = 0;
		for (count = 0; count < ANSWERS_MAX && script[count].text;)
			count++;
		(void)start(&result, LONG_MS);
		uv_run(&loop, UV_RUN_DEFAULT);
		EQ_INT(result.status, rows[i].status, rows[i].name);
		EQ_INT(result.calls, 1, rows[i].name);
		if (result.status == 0)
			EQ_STR(result.text, rows[i].says, rows[i].name);
		else if (!OK(strstr(result.error.text, rows[i].says) != NULL,
				 rows[i].name))
			printf("# said: %s\n", result.error.text);
		OK(!strstr(result.error.text, "token"), "no query in a fault");
		EQ_INT(next, count, "every answer was asked for");
		EQ_INT(missed, 0, "every request was as expected");
	}
}

static const struct {
	const char *name, *says;
	struct answer answer[ANSWERS_MAX];
	int64_t limit_ms;
	bool stays;
} slow_rows[] = {
	{"neither more nor an end comes", "it was not there in 0 s, 5 bytes have come",
		{{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234"}}, 100,
		true},
	{"not even a header comes", "it was not there in 0 s, 0 bytes",
		{{NULL, "HTTP/1.1 2"}}, 100, true},
	{"another attempt would come too late",
		"30 s, 0 bytes have come (the server answered HTTP 503)",
		{{NULL, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"}}, 30000,
		false},
};

static void test_slow(void)
{
	struct result result;

	for (size_t i = 0; i < sizeof(slow_rows) / sizeof(slow_rows[0]); i++) {
		script = slow_rows[i].answer;
		stays = slow_rows[i].stays;
		next = missed = 0;
		uv_update_time(&loop);
		(void)start(&result, slow_rows[i].limit_ms);
		uv_run(&loop, UV_RUN_DEFAULT);
		EQ_INT(result.status, -ETIMEDOUT, slow_rows[i].name);
		if (!OK(strstr(result.error.text, slow_rows[i].says) != NULL,
			    slow_rows[i].name))
			printf("# said: %s\n", result.error.text);
		EQ_INT(next, 1, "and is not asked again");
	}
	stays = false;
}

struct halfway {
	struct result result;
	struct download *download;
	bool cancelled;
};

/* As soon as there are some bytes. What has told its end must not be touched. */
static void look(uv_timer_t *timer)
{
	struct halfway *halfway = timer->data;
	size_t have = 0, total;

	if (halfway->result.calls == 0)
		download_progress(halfway->download, &have, &total);
	if (halfway->result.calls == 0 && have == 0)
		return;
	halfway->cancelled = halfway->result.calls == 0;
	if (halfway->cancelled)
		download_cancel(halfway->download);
	uv_close((uv_handle_t *)timer, NULL);
}

static void test_cancelled(void)
{
	static const struct answer slow[ANSWERS_MAX] = {
		{NULL, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234"}};
	struct halfway halfway = {.cancelled = false};
	struct result result;
	uv_timer_t timer;

	script = slow;
	next = missed = 0;
	download_cancel(start(&result, LONG_MS));
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(result.calls, 0, "cancelled at once: nothing is told");
	uv_timer_init(&loop, &timer);
	timer.data = &halfway;
	halfway.download = start(&halfway.result, LONG_MS);
	uv_timer_start(&timer, look, 1, 1);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(halfway.result.calls, halfway.cancelled ? 0 : 1,
		"cancelled later: nothing is told behind that");
}

/* ---- URLs ------------------------------------------------------------------------- */

static void test_urls(void)
{
	static const struct {
		const char *url, *says; /* NULL: good */
	} urls[] = {
		{"https://example.net/release.yaml", NULL},
		{"http://127.0.0.1:8080/a?b=c", NULL},
		{"ftp://example.net/a", "neither https nor http"},
		{"file:///etc/passwd", "neither https nor http"},
		{"example.net/a", "is not a URL"},
		{"", "is not a URL"},
		{"https://", "is not a URL"},
		{"https://me:secret@example.net/a", "has a user name in it"},
		{"https://secret@example.net/a", "has a user name in it"},
		{"ftp://example.net/a?token=secret", "neither https nor http"},
		{"ftp://example.net/a?token=a@secret", "neither https nor http"},
	};
	char beside[DOWNLOAD_URL_MAX], longer[DOWNLOAD_URL_MAX + 10];
	struct errtext error = {""};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		int rc = download_check_url(urls[i].url, &error);

		EQ_INT(rc, urls[i].says ? -EINVAL : 0, urls[i].url);
		OK(!urls[i].says || strstr(error.text, urls[i].says), urls[i].url);
		OK(!strstr(error.text, "secret"), "no password in a fault");
	}
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, "https://b/", 10);
	longer[sizeof(longer) - 1] = '\0';
	EQ_INT(download_check_url(longer, &error), -EINVAL, "a URL too long");
	EQ_INT(download_url_beside("https://a.b/c/release.yaml?d=/e", "f.bin", beside),
		0, "beside");
	EQ_STR(beside, "https://a.b/c/f.bin", "beside");
	longer[DOWNLOAD_URL_MAX - 2] = '/';
	longer[DOWNLOAD_URL_MAX - 1] = '\0';
	EQ_INT(download_url_beside(longer, "f.bin", beside), -ENAMETOOLONG, "no room");
}

int main(void)
{
	if (uv_loop_init(&loop) < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return 1;
	web = web_new(&loop);
	listen_there();
	test_rows();
	test_slow();
	test_cancelled();
	test_urls();
	uv_close((uv_handle_t *)&listener, NULL);
	web_free(web);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	curl_global_cleanup();
	return tap_done();
}
