/* SPDX-License-Identifier: MIT
 *
 * The API: events as they happen, to those who follow them (server-sent events).
 *
 * Everything comes out of the store, by number, so nobody can be sent what is not durable.
 * Who keeps up is served from one read for all (the feed's); who does not, or has come
 * back, reads on by himself from where he stands. So each holds one piece at most,
 * however slow he is, and misses nothing.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/edge/log.h"

#define TAG       "feed"
#define TYPE      "text/event-stream"
#define LIVE_MAX  256   /* events read at a time for all */
#define PAGE_MAX  100   /* for one */
#define PIECE_MAX 65536 /* bytes; a piece ends with the event that passes it */
#define RETRY_MS  2000  /* what clients are told to wait before they come back */

struct follower {
	struct api_feed *feed;
	struct follower *next;
	struct http_request *request; /* until its place is known; then NULL */
	struct http_stream *stream;   /* NULL: not yet, or gone */
	const char *board;            /* NULL: any */
	char board_name[NAME_MAX_LEN];
	struct api *api;
	struct selector *selector; /* NULL: any */
	bool of_rollout;
	struct id rollout;
	int64_t asked; /* the last event that it has; -1: it begins with the next one */
	int64_t seq;   /* what comes is behind this event */
	int64_t upto;  /* its read has seen all up to this one */
	bool reading, sending;
};

struct api_feed {
	struct store *store;
	struct follower *first;
	int64_t seq;  /* read up to here for all */
	bool known;   /* seq is */
	bool reading; /* for all */
	bool finding; /* where the end is, by that read */
	bool again;   /* there is more since that read began */
	bool closed;
};

/* Events, each as text once, however many get it. */
struct page {
	const struct event *event;
	char **text;
	size_t count;
};

struct piece {
	char *text;
	size_t len, cap;
};

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- events as text --------------------------------------------------------------- */

static char *event_text(const struct event *event)
{
	json_t *json = json_event(event);
	char *data = json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	char *text = NULL;
	int n;

	/* A row that is not what wipyd wrote must not break the frame. */
	if (data && wipy_text_is_name(event->name, sizeof(event->name)))
		n = asprintf(&text, "id: %lld\nevent: %s\ndata: %s\n\n",
			(long long)event->seq, event->name, data);
	else
		n = asprintf(&text, "id: %lld\n\n", (long long)event->seq);
	if (n < 0)
		abort();
	free(data);
	json_decref(json);
	return text;
}

static void page_init(struct page *page, const struct event *events, size_t count)
{
	page->event = events;
	page->count = count;
	page->text = must(calloc(count + 1, sizeof(*page->text)));
}

static void page_done(struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->text[i]);
	free(page->text);
}

static const char *page_text(struct page *page, size_t at)
{
	if (!page->text[at])
		page->text[at] = event_text(&page->event[at]);
	return page->text[at];
}

static void piece_add(struct piece *piece, const char *text)
{
	size_t len = strlen(text);

	if (piece->len + len > piece->cap) {
		piece->cap = 2 * piece->cap + len;
		piece->text = must(realloc(piece->text, piece->cap));
	}
	memcpy(piece->text + piece->len, text, len);
	piece->len += len;
}

/* ---- one follower ----------------------------------------------------------------- */

static void feed_free_if_over(struct api_feed *feed)
{
	if (feed->closed && !feed->first && !feed->reading)
		free(feed);
}

static void follower_free_if_over(struct follower *follower)
{
	struct api_feed *feed = follower->feed;
	struct follower **at = &feed->first;

	if (follower->stream || follower->request || follower->reading)
		return;
	while (*at != follower)
		at = &(*at)->next;
	*at = follower->next;
	free(follower->selector);
	free(follower);
	feed_free_if_over(feed);
}

static void follower_send(struct follower *follower, const char *text, size_t len)
{
	follower->sending = true;
	http_stream_send(follower->stream, text, len);
}

static bool wants(const struct follower *follower, const struct event *event)
{
	if (follower->board && strcmp(follower->board, event->board) != 0)
		return false;
	if (follower->selector &&
		!api_event_matches(follower->api, follower->selector, event))
		return false;
	return !follower->of_rollout ||
	       (event->has_rollout && id_equal(&follower->rollout, &event->rollout));
}

/* What it wants of the page, as much as fits into a piece. */
static void follower_take(struct follower *follower, struct page *page)
{
	struct piece piece = {0};

	for (size_t i = 0; i < page->count && piece.len < PIECE_MAX; i++) {
		if (page->event[i].seq <= follower->seq)
			continue;
		follower->seq = page->event[i].seq;
		if (wants(follower, &page->event[i]))
			piece_add(&piece, page_text(page, i));
	}
	if (piece.len > 0)
		follower_send(follower, piece.text, piece.len);
	free(piece.text);
}

static void follower_serve(struct follower *follower);

/* What followed has been pruned while it was so far behind: it is let go, and told so when
 * it comes back. */
static bool is_cut_off(
	const struct follower *follower, const struct event *events, size_t count)
{
	return !follower->board && !follower->of_rollout && follower->seq > 0 &&
	       count > 0 && events[0].seq > follower->seq + 1;
}

static void follower_read(
	void *arg, int status, const struct event *events, size_t count)
{
	struct follower *follower = arg;
	struct page page;

	follower->reading = false;
	if (follower->stream && status < 0) {
		log_warn(TAG, "the events could not be read, a follower is let go: %s",
			wipy_strerror(status));
		http_stream_close(follower->stream);
	} else if (follower->stream && is_cut_off(follower, events, count)) {
		http_stream_close(follower->stream);
	} else if (follower->stream && !follower->feed->closed) {
		page_init(&page, events, count);
		follower_take(follower, &page);
		page_done(&page);
		/* The store had no more for it. */
		if (count < PAGE_MAX &&
			(count == 0 || follower->seq >= events[count - 1].seq) &&
			follower->seq < follower->upto)
			follower->seq = follower->upto;
		follower_serve(follower);
	}
	follower_free_if_over(follower);
}

/* Reads on for one that is behind the others. */
static void follower_serve(struct follower *follower)
{
	const struct api_feed *feed = follower->feed;
	struct store_event_query query = {
		.board = follower->board,
		.rollout = follower->of_rollout ? &follower->rollout : NULL,
		.oldest_first = true,
		.after_seq = follower->seq,
		.max = PAGE_MAX,
	};

	if (!follower->stream || follower->reading || follower->sending ||
		feed->closed || !feed->known || follower->seq >= feed->seq)
		return;
	follower->reading = true;
	follower->upto = feed->seq;
	store_read_events(feed->store, &query, follower_read, follower);
}

static void on_drained(void *arg)
{
	struct follower *follower = arg;

	follower->sending = false;
	follower_serve(follower);
}

/* A comment; and where it stands, so that one who wants little does not come back to
 * where he began. */
static void on_idle(void *arg)
{
	struct follower *follower = arg;
	char text[48];
	int n = snprintf(
		text, sizeof(text), ":\nid: %lld\n\n", (long long)follower->seq);

	if (!follower->reading)
		follower_send(follower, text, (size_t)n);
}

static void on_gone(void *arg)
{
	struct follower *follower = arg;

	follower->stream = NULL;
	follower_free_if_over(follower);
}

/* ---- for all ---------------------------------------------------------------------- */

static void feed_read(struct api_feed *feed);

/* To those who have all that came before. */
static void feed_publish(
	struct api_feed *feed, const struct event *events, size_t count)
{
	struct follower *follower, *next;
	struct page page;

	page_init(&page, events, count);
	for (follower = feed->first; follower; follower = next) {
		next = follower->next;
		if (follower->stream && !follower->reading && !follower->sending &&
			follower->seq >= feed->seq)
			follower_take(follower, &page);
	}
	page_done(&page);
	if (count > 0)
		feed->seq = events[count - 1].seq;
}

static void feed_begin(struct api_feed *feed, const struct event *events, size_t count)
{
	feed->known = true;
	feed->seq = count > 0 ? events[0].seq : 0;
	for (struct follower *at = feed->first; at; at = at->next)
		follower_serve(at);
}

static void feed_answer(void *arg, int status, const struct event *events, size_t count)
{
	struct api_feed *feed = arg;
	bool more = feed->again || (!feed->finding && count == LIVE_MAX);

	feed->reading = false;
	if (feed->closed) {
		feed_free_if_over(feed);
		return;
	}
	if (status < 0)
		log_warn(
			TAG, "the events could not be read: %s", wipy_strerror(status));
	else if (feed->finding)
		feed_begin(feed, events, count);
	else
		feed_publish(feed, events, count);
	if (more && status == 0)
		feed_read(feed);
}

/* What follows what is known; before anything is, only where the end is. While nobody
 * follows nothing is read. */
static void feed_read(struct api_feed *feed)
{
	const struct store_event_query next = {
		.oldest_first = true, .after_seq = feed->seq, .max = LIVE_MAX};
	const struct store_event_query last = {.max = 1};

	if (!feed->first)
		feed->known = false;
	feed->again = feed->reading;
	if (feed->reading || !feed->first)
		return;
	feed->reading = true;
	feed->finding = !feed->known;
	store_read_events(feed->store, feed->known ? &next : &last, feed_answer, feed);
}

static void on_events(void *arg)
{
	feed_read(arg);
}

void api_open(struct api *api, struct engine *engine)
{
	struct api_feed *feed = must(calloc(1, sizeof(*feed)));

	feed->store = engine_store(engine);
	store_on_events(feed->store, on_events, feed);
	api->engine = engine;
	api->feed = feed;
}

void api_close(struct api *api)
{
	struct api_feed *feed = api->feed;

	api->engine = NULL;
	api->feed = NULL;
	feed->closed = true;
	store_on_events(feed->store, NULL, NULL);
	for (struct follower *at = feed->first; at; at = at->next)
		if (at->stream)
			http_stream_close(at->stream);
	feed_free_if_over(feed);
}

/* ---- beginning -------------------------------------------------------------------- */

static void stream_open(struct follower *follower)
{
	static const struct http_stream_calls calls = {on_drained, on_idle, on_gone};
	struct http_request *request = follower->request;
	char text[64];
	int n = snprintf(text, sizeof(text), "retry: %d\nid: %lld\n\n", RETRY_MS,
		(long long)follower->seq);

	follower->request = NULL;
	follower->stream = http_stream_open(request, TYPE, &calls, follower);
	if (follower->stream)
		follower_send(follower, text, (size_t)n);
}

/* The event that it has last, or the next one that there still is. Returns false once it
 * has answered: it asks for what nobody can give. */
static bool place_fits(
	struct follower *follower, const struct event *events, size_t count)
{
	long long asked = follower->asked;
	struct http_request *request = follower->request;

	if (asked < 0) {
		follower->seq = count > 0 ? events[0].seq : 0;
		return true;
	}
	follower->seq = asked;
	if (asked == 0 || (count > 0 && events[0].seq <= asked + 1))
		return true;
	follower->request = NULL;
	if (count > 0)
		api_problem(request, 410, "pruned",
			"begin anew, with after=0 at the oldest that is kept",
			"the events from %lld to %lld have been pruned", asked + 1,
			(long long)events[0].seq - 1);
	else
		api_problem(request, 409, "no-such-event",
			"begin anew: the state of wipyd is an older one, or another",
			"event %lld has not happened here", asked);
	return false;
}

static void place_read(void *arg, int status, const struct event *events, size_t count)
{
	struct follower *follower = arg;

	follower->reading = false;
	if (follower->feed->closed) {
		api_problem(
			follower->request, 503, "stopping", "", "wipyd is stopping");
		follower->request = NULL;
	} else if (status < 0) {
		api_problem(follower->request, 500, wipy_errcode(status),
			"see the log of wipyd", "the events could not be read: %s",
			wipy_strerror(status));
		follower->request = NULL;
	} else if (place_fits(follower, events, count)) {
		stream_open(follower);
	}
	follower_free_if_over(follower);
}

/* The header is a client's that comes back and knows better than its URL. */
static int read_place(struct http_request *request, int64_t *ret_asked)
{
	const char *text = http_header(request, HTTP_LAST_EVENT_ID);
	const char *name = "Last-Event-ID";
	uint64_t value;

	*ret_asked = -1;
	if (!*text) {
		text = http_query(request, "after");
		name = "after";
	}
	if (!text)
		return 0;
	if (wipy_text_parse_u64(text, strlen(text), INT64_MAX - 1, &value) < 0) {
		api_problem(request, 400, "usage", "",
			"%s must be the number of an event, or 0, not '%.40s'", name,
			text);
		return -1;
	}
	*ret_asked = (int64_t)value;
	return 0;
}

static int read_query(
	struct api *api, struct http_request *request, struct follower *follower)
{
	static const char *const others[] = {"since", "limit"};
	const char *board;

	for (size_t i = 0; i < 2; i++)
		if (http_query(request, others[i])) {
			api_problem(request, 400, "usage",
				"ask for application/json, or with after=",
				"a stream of events takes no '%s'", others[i]);
			return -1;
		}
	if (read_place(request, &follower->asked) || api_query_board(request, &board) ||
		api_query_rollout(
			api, request, &follower->of_rollout, &follower->rollout))
		return -1;
	/* With a place the past is asked for too, which one that is gone has. */
	if (board && follower->asked < 0 && !api_find_board(api, request, board))
		return -1;
	if (board)
		follower->board =
			memcpy(follower->board_name, board, strlen(board) + 1);
	if (!http_query(request, "select"))
		return 0;
	follower->api = api;
	follower->selector = must(calloc(1, sizeof(*follower->selector)));
	return api_query_select(api, request, follower->selector);
}

void api_stream_events(struct api *api, struct http_request *request)
{
	struct follower *follower = must(calloc(1, sizeof(*follower)));
	struct api_feed *feed = api->feed;
	struct store_event_query query = {.max = 1};

	if (read_query(api, request, follower)) {
		free(follower->selector);
		free(follower);
		return;
	}
	follower->feed = feed;
	follower->request = request;
	follower->next = feed->first;
	feed->first = follower;
	if (!feed->known)
		feed_read(feed);
	if (follower->asked >= 0) {
		query.oldest_first = true;
		query.after_seq = follower->asked - 1;
	}
	follower->reading = true;
	store_read_events(feed->store, &query, place_read, follower);
}

size_t api_follower_count(const struct api *api)
{
	size_t count = 0;

	for (const struct follower *it = api->feed->first; it; it = it->next)
		count += it->stream != NULL;
	return count;
}
