/* SPDX-License-Identifier: MIT
 *
 * The HTTP server against raw clients on the same loop, with a clock that is the test's.
 */
#include "config.h"

#include "tests/unit/http_clock.h"
#include "tests/unit/http_fixture.h"

/* ---- single requests -------------------------------------------------------------- */

static const struct {
	const char *name, *input;
	int status; /* 0: closed without an answer */
	const char *expected;
	bool ended;
} requests[] = {
	{"GET", "GET /v1/boards HTTP/1.1\r\n" HOST "\r\n", 200,
		"GET /v1/boards x=- y=- uid=1 body=0:", false},
	{"HTTP/1.0 ends", "GET / HTTP/1.0\r\n\r\n", 200, "GET / x=", true},
	{"asked to close", "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", 200,
		"GET / x=", true},
	{"query", "GET /a?x=1&y=two HTTP/1.1\r\n" HOST "\r\n", 200, "GET /a x=1 y=two",
		false},
	{"query decoded", "GET /a%20b?x=a%26y%3d3&y=%C3%BC HTTP/1.1\r\n" HOST "\r\n",
		200, "GET /a b x=a&y=3 y=\xc3\xbc uid", false},
	{"query without a value", "GET /a?x&y= HTTP/1.1\r\n" HOST "\r\n", 200,
		"GET /a x= y= uid", false},
	{"names are not prefixes", "GET /a?xx=1&yy=2 HTTP/1.1\r\n" HOST "\r\n", 200,
		"GET /a x=- y=- uid", false},
	{"POST", "POST /p HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello", 200,
		"POST /p x=- y=- uid=1 body=5:hello", false},
	{"POST of nothing", "POST /p HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		200, "POST /p x=- y=- uid=1 body=0:", false},
	{"PUT", "PUT /p HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi", 200,
		"PUT /p x=- y=- uid=1 body=2:hi", false},
	{"PATCH", "PATCH /p HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nhi", 200,
		"PATCH /p x=- y=- uid=1 body=2:hi", false},
	{"DELETE", "DELETE /p HTTP/1.1\r\n" HOST "\r\n", 200, "DELETE /p x=", false},
	{"body taken", "POST /take HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		201, "abc", false},
	{"404", "GET /missing HTTP/1.1\r\n" HOST "\r\n", 404, "{}", false},
	{"204", "GET /none HTTP/1.1\r\n" HOST "\r\n", 204, "", false},
	{"100-continue",
		"POST /p HTTP/1.1\r\n" HOST
		"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n",
		100, "", false},
	{"no length", "POST /p HTTP/1.1\r\n" HOST "\r\n", 411, "length-required", true},
	{"chunked",
		"POST /p HTTP/1.1\r\n" HOST
		"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		411, "length-required", true},
	{"negative length", "POST /p HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n",
		400, "bad-request", true},
	{"length of 2^64",
		"POST /p HTTP/1.1\r\n" HOST
		"Content-Length: 18446744073709551616\r\n\r\n",
		400, "bad-request", true},
	{"length in hex", "POST /p HTTP/1.1\r\n" HOST "Content-Length: 0x10\r\n\r\n",
		400, "bad-request", true},
	{"two lengths",
		"POST /p HTTP/1.1\r\n" HOST
		"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
		400, "bad-request", true},
	{"NUL in the query", "GET /a?x=1%00 HTTP/1.1\r\n" HOST "\r\n", 0, "", true},
	{"NUL in the path", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", 0, "", true},
	{"unknown method", "BREW /pot HTTP/1.1\r\n" HOST "\r\n", 403, "", true},
	{"CONNECT", "CONNECT /x HTTP/1.1\r\n" HOST "\r\n", 0, "", true},
	{"garbage", "\x16\x03\x01\x02\x01\xff\xfe\r\n\r\n", 403, "", true},
	{"not HTTP", "hello board\r\n\r\n", 403, "", true},
	{"WebSocket",
		"GET /w HTTP/1.1\r\n" HOST
		"Connection: Upgrade\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\n\r\n",
		0, "", true},
};

static void test_requests(void)
{
	struct errtext error = {""};

	EQ_INT(start(&error), 0, "start");
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct peer peer;
		bool quiet, good;

		peer_open(&peer);
		quiet = peer_says(&peer, requests[i].input) && drain(&peer);
		good = quiet && peer_status(&peer) == requests[i].status &&
		       peer.ended == requests[i].ended &&
		       strstr(peer_body(&peer), requests[i].expected);
		if (!OK(good, requests[i].name))
			printf("# quiet %d ended %d got: %s\n", quiet, peer.ended,
				peer.got);
		peer_close(&peer);
	}
	stop("requests");
}

/* What the client has already is not sent again; anything else is. */
static void test_tags(void)
{
	char etag[64] = "", ask[256];
	struct peer peer;
	const char *at;
	bool sent;

	peer_open(&peer);
	sent = peer_says(&peer, GET("/tagged")) && drain(&peer);
	at = strstr(peer.got, "etag: ");
	OK(sent && at && sscanf(at, "etag: %63[^\r]", etag) == 1, "a tag");
	snprintf(ask, sizeof(ask),
		"GET /tagged HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"a\", W/%s\r\n\r\n",
		etag);
	peer_close(&peer);
	peer_open(&peer);
	sent = peer_says(&peer, ask) && drain(&peer);
	OK(sent && peer_status(&peer) == 304 && strstr(peer.got, etag),
		"304 for the one that the client has");
	OK(!strstr(peer.got, "GET /tagged") && !strstr(peer.got, "content-length"),
		"without a body");
	snprintf(ask, sizeof(ask),
		"GET /other HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n\r\n", etag);
	peer_close(&peer);
	peer_open(&peer);
	sent = peer_says(&peer, ask) && drain(&peer);
	OK(sent && peer_status(&peer) == 200 && strstr(peer.got, "GET /other"),
		"another body is sent");
	peer_close(&peer);
}

static void test_conversations(void)
{
	static const char get[] = GET("/v1/boards?x=1");
	struct errtext error = {""};
	struct peer peer;
	bool sent = true;

	EQ_INT(start(&error), 0, "start");

	peer_open(&peer);
	for (size_t i = 0; i < sizeof(get) - 1; i++)
		sent = sent && peer_send(&peer, get + i, 1);
	OK(sent && drain(&peer) && peer_status(&peer) == 200, "byte by byte");
	OK(strstr(peer.got, "Content-Length") || strstr(peer.got, "content-length: 3"),
		"length said");
	OK(strstr(peer.got, "cache-control: private, no-cache\r\n"),
		"to be asked for again");
	OK(strstr(peer.got, "content-type: text/plain\r\n"), "content type");
	sent = peer_says(&peer, GET("/second")) && drain(&peer);
	OK(sent && strstr(peer.got, "GET /second x=-"),
		"second request, same connection");
	OK(!peer.ended, "still open");
	peer_close(&peer);
	test_tags();

	peer_open(&peer);
	sent = peer_says(&peer,
		GET("/one") "POST /two HTTP/1.1\r\n" HOST
			    "Content-Length: 2\r\n\r\nab" GET("/three"));
	OK(sent && drain(&peer) && count_of(peer.got, "HTTP/1.1 200") == 1 &&
			peer.ended,
		"of requests sent in one go only the first is answered");
	OK(strstr(peer.got, "connection: close\r\n"), "and it says so");
	peer_close(&peer);

	peer_open(&peer);
	sent = peer_says(&peer, "POST /one HTTP/1.1\r\n" HOST
				"Content-Length: 2\r\n\r\nab" GET("/two"));
	OK(sent && drain(&peer) && count_of(peer.got, "HTTP/1.1 200") == 1 &&
			peer.ended && strstr(peer.got, "body=2:ab"),
		"also behind a body");
	peer_close(&peer);

	peer_open(&peer);
	sent = peer_says(&peer, GET("/one")) && drain(&peer) &&
	       peer_says(&peer,
		       "POST /two HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc") &&
	       drain(&peer) && peer_says(&peer, GET("/three"));
	OK(sent && drain(&peer) && count_of(peer.got, "HTTP/1.1 200") == 3 &&
			!peer.ended && strstr(peer.got, "body=3:abc"),
		"GET, POST, GET on one connection");
	peer_close(&peer);

	peer_open(&peer);
	sent = peer_says(&peer, "HEAD /h?x=2 HTTP/1.1\r\n" HOST "\r\n") && drain(&peer);
	OK(sent && peer_status(&peer) == 200 && strcmp(peer_body(&peer), "") == 0 &&
			strstr(peer.got, "content-length: "),
		"HEAD has no body");
	sent = peer_says(&peer, GET("/after")) && drain(&peer);
	OK(sent && strstr(peer.got, "GET /after"), "a request after HEAD");
	peer_close(&peer);

	peer_open(&peer);
	sent = peer_says(&peer, GET("/big")) && drain(&peer);
	OK(sent && peer_status(&peer) == 200, "large answer");
	EQ_INT(peer.got + peer.len - peer_body(&peer), BIG_LEN, "whole");
	sent = peer_says(&peer, GET("/small")) && drain(&peer);
	OK(sent && strstr(peer.got, "GET /small"), "and the next request");
	peer_close(&peer);

	peer_open(&peer);
	sent = peer_says(&peer, GET("/big") GET("/small")) && drain(&peer);
	OK(sent && peer.ended && peer.got + peer.len - peer_body(&peer) == BIG_LEN,
		"a large answer is whole before the connection is closed");
	peer_close(&peer);

	/* As `printf ... | socat - UNIX-CONNECT:...` does. */
	peer_open(&peer);
	send(peer.fd, GET("/v1"), strlen(GET("/v1")), MSG_NOSIGNAL);
	shutdown(peer.fd, SHUT_WR);
	OK(drain(&peer) && peer_status(&peer) == 200 && peer.ended,
		"answered although its sending side is shut");
	peer_close(&peer);
	stop("conversations");
}

static void test_limits(void)
{
	struct errtext error = {""};
	char head[160], *long_path = malloc(20000);
	struct peer peer;
	bool sent;
	size_t before;

	EQ_INT(start(&error), 0, "start");

	snprintf(head, sizeof(head),
		"POST /p HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n",
		HTTP_BODY_MAX);
	peer_open(&peer);
	sent = peer_says(&peer, head);
	for (size_t left = HTTP_BODY_MAX; left > 0;) {
		size_t n = left < BIG_LEN ? left : BIG_LEN;

		sent = sent && peer_send(&peer, big, n);
		left -= n;
	}
	snprintf(head, sizeof(head), "body=%u:bbb", HTTP_BODY_MAX);
	OK(sent && drain(&peer) && strstr(peer.got, head), "largest body");
	peer_close(&peer);

	snprintf(head, sizeof(head),
		"POST /p HTTP/1.1\r\n" HOST "Content-Length: %u\r\n\r\n",
		HTTP_BODY_MAX + 1);
	before = handled;
	peer_open(&peer);
	OK(peer_says(&peer, head) && drain(&peer) && peer_status(&peer) == 413,
		"too large a body is refused at once");
	OK(strstr(peer.got, "\"code\":\"body-too-large\""), "with a code");
	OK(strstr(peer.got, "\"detail\":\"the body is larger than"), "with a sentence");
	OK(strstr(peer.got, "\"hint\":\"\""), "and all that a problem has");
	OK(!peer.ended, "and heard out");
	sent = peer_send(&peer, big, BIG_LEN) &&
	       peer_send(&peer, big, HTTP_BODY_MAX + 1 - BIG_LEN);
	OK(sent && drain(&peer) && peer.ended, "then closed");
	EQ_INT(handled, before, "no handler saw it");
	peer_close(&peer);

	for (size_t len = HTTP_PATH_LEN - 1; len <= HTTP_PATH_LEN; len++) {
		memset(long_path, 'p', len + 4);
		memcpy(long_path, "GET /", 5);
		snprintf(long_path + 4 + len, 64, " HTTP/1.1\r\n" HOST "\r\n");
		peer_open(&peer);
		OK(peer_says(&peer, long_path) && drain(&peer) &&
				peer_status(&peer) == (len < HTTP_PATH_LEN ? 200 : 414),
			len < HTTP_PATH_LEN ? "longest path" : "path too long");
		peer_close(&peer);
	}

	memset(long_path, 'q', 20000);
	memcpy(long_path, "GET /?", 6);
	snprintf(long_path + 3000, 64, " HTTP/1.1\r\n" HOST "\r\n");
	peer_open(&peer);
	OK(peer_says(&peer, long_path) && drain(&peer) && peer_status(&peer) == 414,
		"query too long");
	peer_close(&peer);

	memset(long_path, 'h', 20000);
	memcpy(long_path, "GET / HTTP/1.1\r\nX: ", 19);
	memcpy(long_path + 20000 - 5, "\r\n\r\n", 5);
	peer_open(&peer);
	(void)peer_says(&peer, long_path);
	OK(drain(&peer) && peer_status(&peer) != 200 && peer.ended, "headers too long");
	peer_close(&peer);
	free(long_path);
	stop("limits");
}

static void test_clients(void)
{
	struct peer peer[HTTP_CLIENTS_MAX + 2];
	struct errtext error = {""};
	int answered = 0;

	EQ_INT(start(&error), 0, "start");
	for (size_t i = 0; i < HTTP_CLIENTS_MAX + 2; i++)
		peer_open(&peer[i]);
	for (size_t i = 0; i < HTTP_CLIENTS_MAX + 2; i++)
		(void)peer_says(&peer[i], GET("/hold"));
	EQ_INT(held_count, HTTP_CLIENTS_MAX, "all clients at once");
	OK(settle(), "and nothing burns while they wait");
	release_held();
	for (size_t i = 0; i < HTTP_CLIENTS_MAX; i++)
		answered += drain(&peer[i]) && peer_status(&peer[i]) == 200;
	EQ_INT(answered, HTTP_CLIENTS_MAX, "all answered");
	EQ_INT(held_count, 0, "two are left in the backlog");
	peer_close(&peer[0]);
	peer_close(&peer[1]);
	OK(settle() && held_count == 2, "and taken when two have gone");
	release_held();
	for (size_t i = 2; i < HTTP_CLIENTS_MAX + 2; i++) {
		(void)drain(&peer[i]);
		peer_close(&peer[i]);
	}
	stop("clients");
}

static uv_timer_t later;

static void on_later(uv_timer_t *timer)
{
	release_held();
	uv_close((uv_handle_t *)timer, NULL);
}

static void test_waiting(void)
{
	struct errtext error = {""};
	struct peer peer;

	EQ_INT(start(&error), 0, "start");

	peer_open(&peer);
	OK(peer_says(&peer, GET("/hold?x=1")) && held_count == 1, "held");
	uv_timer_init(&loop, &later);
	uv_timer_start(&later, on_later, 3600 * 1000, 0);
	clock_ahead_s += 3599;
	OK(drain(&peer) && peer.len == 0 && !peer.ended, "an hour without an answer");
	clock_ahead_s += 2;
	OK(drain(&peer) && strstr(peer.got, "GET /hold x=1"), "answered from a timer");
	OK(peer_says(&peer, GET("/next")) && drain(&peer) && strstr(peer.got, "/next"),
		"and the next request");

	OK(peer_says(&peer, GET("/hold") GET("/x")) && settle() && held_count == 1,
		"nor do two requests sent in one go");
	release_held();
	OK(drain(&peer) && peer.ended, "and the connection ends with the answer");
	peer_close(&peer);
	peer_open(&peer);
	OK(peer_says(&peer, GET("/hold")) && peer_says(&peer, GET("/x")) && settle(),
		"an early next request burns nothing");
	EQ_INT(held_count, 1, "and waits");
	peer_close(&peer);
	OK(settle(), "a client that has gone burns nothing");
	release_held();
	OK(settle(), "its answer goes nowhere");

	peer_open(&peer);
	OK(peer_says(
		   &peer, "POST /p HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nhalf"),
		"half a body");
	peer_close(&peer);
	OK(settle(), "and gone");
	stop("waiting");
}

static const struct {
	const char *name, *input;
} slow[] = {
	{"silence", ""},
	{"half a request line", "GET /"},
	{"half a header", "GET / HTTP/1.1\r\nHo"},
	{"half a body", "POST /p HTTP/1.1\r\nContent-Length: 99\r\n\r\nabc"},
	{"half a refused body",
		"POST /p HTTP/1.1\r\nContent-Length: 99999999\r\n\r\nabc"},
	{"idle after an answer", GET("/v1")},
	{"an answer that is not taken", GET("/big")},
};

static void test_patience(void)
{
	struct errtext error = {""};
	struct peer peer;
	bool open;

	EQ_INT(start(&error), 0, "start");
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		peer_open(&peer);
		(void)peer_says(&peer, slow[i].input);
		clock_ahead_s += 28;
		(void)settle();
		open = recv(peer.fd, &(char){0}, 1, MSG_PEEK) != 0;
		clock_ahead_s += 3;
		(void)settle();
		(void)drain(&peer);
		OK(open && peer.ended, slow[i].name);
		peer_close(&peer);
	}
	/* A byte now and then does not help. */
	peer_open(&peer);
	(void)peer_says(&peer, slow[3].input);
	for (int i = 0; i < 4; i++) {
		clock_ahead_s += 8;
		(void)peer_says(&peer, "b");
	}
	OK(drain(&peer) && peer.ended && peer.len == 0, "a byte every eight seconds");
	peer_close(&peer);
	stop("patience");
}

static void test_stop(void)
{
	struct peer idle, half, holding, full;
	struct errtext error = {""};

	EQ_INT(start(&error), 0, "start");
	stop("at once");
	OK(access(path, F_OK) < 0, "the socket is unlinked");

	EQ_INT(start(&error), 0, "start");
	peer_open(&idle);
	peer_open(&half);
	peer_open(&holding);
	peer_open(&full);
	(void)peer_says(&half, "GET /");
	(void)peer_says(&holding, GET("/hold"));
	(void)peer_says(&full, GET("/big"));
	(void)peer_says(&idle, GET("/v1"));
	stop("with connections");
	OK(!peer_read(&holding) && holding.ended, "closed without an answer");
	release_held();
	peer_close(&idle);
	peer_close(&half);
	peer_close(&holding);
	peer_close(&full);

	EQ_INT(start(&error), 0, "start");
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	stop("after another took its place");
	EQ_INT(unlink(path), 0, "what is not ours is not unlinked");
}

int main(void)
{
	begin();
	test_requests();
	test_conversations();
	test_limits();
	test_clients();
	test_waiting();
	test_patience();
	test_stop();
	return end();
}
