/* SPDX-License-Identifier: MIT
 *
 * Answers without an end: pieces one by one, who leaves, who is slow, how many there can
 * be, and that they and requests do not take each other's places.
 */
#include "config.h"

#include "tests/unit/http_clock.h"
#include "tests/unit/http_fixture.h"

#define STREAM GET("/stream")

struct followed {
	struct http_stream *stream;
	int drained, idle, gone;
};
static struct followed followed[HTTP_STREAMS_MAX + 8];
static size_t followed_count;
static int streams_refused;

static void on_drained(void *arg)
{
	((struct followed *)arg)->drained++;
}

static void on_idle(void *arg)
{
	struct followed *it = arg;

	it->idle++;
	http_stream_send(it->stream, ":\n\n", 3);
}

static void on_gone(void *arg)
{
	struct followed *it = arg;

	it->gone++;
	it->stream = NULL;
}

static void open_stream(struct http_request *request)
{
	static const struct http_stream_calls calls = {on_drained, on_idle, on_gone};
	struct followed *it = &followed[followed_count];

	*it = (struct followed){0};
	it->stream = http_stream_open(request, "text/event-stream", &calls, it);
	if (it->stream)
		followed_count++;
	else
		streams_refused++;
}

static void begin_server(void)
{
	struct errtext error = {""};

	followed_count = 0;
	streams_refused = 0;
	EQ_INT(start(&error), 0, "start");
}

static void test_pieces(void)
{
	struct followed *it = &followed[0];
	struct peer peer;

	begin_server();
	peer_open(&peer);
	OK(peer_says(&peer, STREAM) && drain(&peer), "quiet with nothing to send");
	EQ_INT(peer_status(&peer), 200, "the head comes at once");
	OK(strstr(peer.got, "content-type: text/event-stream"), "its type");
	OK(!strstr(peer.got, "content-length"), "no length");
	EQ_INT(it->drained, 0, "nothing was sent yet");
	http_stream_send(it->stream, "one", 3);
	(void)drain(&peer);
	EQ_STR(peer_body(&peer), "one", "a piece");
	EQ_INT(it->drained, 1, "it is out");
	http_stream_send(it->stream, "two", 3);
	(void)drain(&peer);
	EQ_STR(peer_body(&peer), "onetwo", "the next one");
	http_stream_close(it->stream);
	OK(drain(&peer) && peer.ended && it->gone == 1, "it is ended from here");
	peer_close(&peer);

	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	(void)drain(&peer);
	peer_close(&peer);
	OK(settle() && followed[1].gone == 1, "who leaves is noticed at once");

	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	(void)peer_says(&peer, GET("/v1"));
	OK(drain(&peer) && peer.ended && followed[2].gone == 1,
		"who asks for more on the same connection is let go");
	peer_close(&peer);

	peer_open(&peer);
	(void)peer_says(&peer, "HEAD /stream HTTP/1.1\r\n" HOST "\r\n");
	OK(drain(&peer) && peer_status(&peer) == 200 && streams_refused == 1,
		"HEAD gets the head");
	peer_close(&peer);

	stop("pieces");
}

/* A client that reads nothing holds one piece, for a time. */
static void test_slow(void)
{
	struct followed *it = &followed[0];
	struct peer peer;

	begin_server();
	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	(void)drain(&peer);
	http_stream_send(it->stream, big, BIG_LEN);
	OK(settle(), "it is waited for without burning the processor");
	EQ_INT(it->drained, 0, "not all is taken");
	clock_ahead_s += 28;
	OK(settle() && it->gone == 0, "it has 30 s");
	clock_ahead_s += 3;
	OK(settle() && it->gone == 1, "and is closed then");
	peer_close(&peer);

	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	(void)drain(&peer);
	http_stream_send(followed[1].stream, big, BIG_LEN);
	(void)settle();
	OK(peer_says(&peer, "more") && settle() && followed[1].gone == 1,
		"who speaks instead of reading is let go, and burns nothing");
	peer_close(&peer);

	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	http_stream_send(followed[2].stream, big, BIG_LEN);
	(void)drain(&peer);
	EQ_INT((int64_t)strlen(peer_body(&peer)), BIG_LEN, "who reads gets it all");
	EQ_INT(followed[2].drained, 1, "then it is out");
	for (int i = 0; i < 4; i++) {
		clock_ahead_s += HTTP_STREAM_IDLE_S + 1;
		(void)drain(&peer);
	}
	EQ_INT(followed[2].idle, 4, "a word in every silence");
	EQ_INT(followed[2].gone, 0, "nobody is closed for being quiet");
	http_stream_send(followed[2].stream, big, BIG_LEN);
	stop("with one half sent");
	EQ_INT(followed[2].gone, 1, "the server stops");
	peer_close(&peer);
}

/* Streams and requests have places of their own. */
static void test_many(void)
{
	static struct peer streams[HTTP_STREAMS_MAX + 1];
	static struct peer askers[HTTP_CLIENTS_MAX + 1];
	struct peer peer;
	size_t good = 0;

	begin_server();
	for (size_t i = 0; i <= HTTP_STREAMS_MAX; i++) {
		peer_open(&streams[i]);
		(void)peer_says(&streams[i], STREAM);
	}
	EQ_INT((int64_t)followed_count, HTTP_STREAMS_MAX, "so many streams");
	EQ_INT(streams_refused, 1, "one more is refused");
	(void)drain(&streams[HTTP_STREAMS_MAX]);
	EQ_INT(peer_status(&streams[HTTP_STREAMS_MAX]), 503, "with 503");
	OK(strstr(peer_body(&streams[HTTP_STREAMS_MAX]), "too-many-subscribers"),
		"and why");
	peer_close(&streams[HTTP_STREAMS_MAX]);

	for (size_t i = 0; i <= HTTP_CLIENTS_MAX; i++) {
		peer_open(&askers[i]);
		(void)peer_says(&askers[i], GET("/v1"));
		(void)drain(&askers[i]);
		good += peer_status(&askers[i]) == 200;
	}
	EQ_INT((int64_t)good, HTTP_CLIENTS_MAX, "requests have all their places");
	http_stream_send(followed[7].stream, "x", 1);
	(void)drain(&streams[7]);
	EQ_STR(peer_body(&streams[7]), "x", "and streams are served beside them");
	for (size_t i = 0; i <= HTTP_CLIENTS_MAX; i++)
		peer_close(&askers[i]);

	peer_close(&streams[0]);
	(void)settle();
	peer_open(&peer);
	(void)peer_says(&peer, STREAM);
	(void)drain(&peer);
	EQ_INT(peer_status(&peer), 200, "a place that is free again is given");
	peer_close(&peer);
	for (size_t i = 1; i < HTTP_STREAMS_MAX; i++)
		peer_close(&streams[i]);
	stop("many");
}

int main(void)
{
	begin();
	stream_opener = open_stream;
	test_pieces();
	test_slow();
	test_many();
	return end();
}
