/* SPDX-License-Identifier: MIT
 *
 * The API: images that are refused for a type of boards, and a person's word that adds or
 * clears them; the same for a board that is not the one that was there before.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/core/reason.h"

#define PAGE_DEFAULT 1000
#define PAGE_MAX     5000

static json_t *json_known_bad(const struct known_bad *entry)
{
	bool cleared = entry->cleared_s != 0, added = entry->added_by[0] != '\0';
	char rollout[ID_TEXT_MAX];

	id_format(&entry->rollout, rollout);
	return json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"number", (json_int_t)entry->number, "sha256", entry->sha256, "release",
		entry->release, "type", entry->type, "board", entry->board, "rollout",
		added ? json_null() : json_string(rollout), "code",
		added ? json_null() : json_string(reason_code(entry->reason)), "since",
		json_time(entry->since_s), "added_by",
		added ? json_text(entry->added_by) : json_null(), "added_reason",
		added ? json_text(entry->added_reason) : json_null(), "cleared",
		json_time(entry->cleared_s), "cleared_by",
		cleared ? json_text(entry->cleared_by) : json_null(), "cleared_reason",
		cleared ? json_text(entry->cleared_reason) : json_null());
}

/* Newest first: those with lower numbers than `before`, so many at most. */
static json_t *list_known_bad(
	const struct engine *engine, int64_t before, uint64_t limit)
{
	json_t *list = json_array(), *next = NULL;
	int64_t last = 0;

	for (size_t i = engine_known_bad_count(engine); i > 0 && !next; i--) {
		const struct known_bad *entry = engine_known_bad_at(engine, i - 1);

		if (entry->number >= before)
			continue;
		if (json_array_size(list) == limit) {
			next = json_integer((json_int_t)last);
			continue;
		}
		json_array_append_new(list, json_known_bad(entry));
		last = entry->number;
	}
	return json_pack(
		"{s:o, s:o}", "known_bad", list, "next", next ? next : json_null());
}

void api_get_known_bad(struct api *api, struct http_request *request, const char *name)
{
	uint64_t limit = PAGE_DEFAULT, before = INT64_MAX;

	(void)name;
	if (api_query_number(request, "limit", PAGE_MAX, &limit) == 0 &&
		api_query_number(request, "after", INT64_MAX, &before) == 0)
		api_answer(request, 200,
			list_known_bad(api->engine, (int64_t)before, limit));
}

struct wish_answer {
	struct api *api;
	struct http_request *request;
	char board[NAME_MAX_LEN]; /* that is accepted */
};

static struct wish_answer *new_answer(struct api *api, struct http_request *request)
{
	struct wish_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		abort();
	answer->api = api;
	answer->request = request;
	return answer;
}

/* The list as it is then; or it is as it was. */
static void known_bad_answered(void *arg, int status)
{
	struct wish_answer *answer = arg;

	if (status < 0)
		api_not_written(answer->request, status);
	else
		api_answer(answer->request, 200,
			list_known_bad(answer->api->engine, INT64_MAX, PAGE_DEFAULT));
	free(answer);
}

/* What a person decides is kept with a reason. NULL: the request has been answered. */
static const char *reason_of(struct http_request *request, json_t *body)
{
	const char *reason = json_string_value(json_object_get(body, "reason"));

	if (!reason || !reason[0]) {
		api_problem(request, 400, "usage", "",
			"it needs a reason, which is kept with it");
		return NULL;
	}
	return reason;
}

typedef void known_bad_wish_fn(struct api *api, struct http_request *request,
	const struct known_bad_request *wish);

static void clear(struct api *api, struct http_request *request,
	const struct known_bad_request *wish)
{
	struct wish_answer *answer = new_answer(api, request);
	int rc = engine_clear_known_bad(api->engine, wish, known_bad_answered, answer);

	if (rc == 0)
		return;
	free(answer);
	if (rc == -EINVAL)
		api_problem(request, 400, "usage", "",
			"the reason is longer than 127 bytes");
	else if (rc == -EROFS)
		api_not_written(request, engine_store_status(api->engine));
	else
		api_problem(request, 404, "not-known-bad",
			"`wipyctl release known-bad list` lists what is",
			"nothing stands against '%.80s'%s%.63s", wish->image,
			wish->type ? " for boards of type " : "",
			wish->type ? wish->type : "");
}

static void add(struct api *api, struct http_request *request,
	const struct known_bad_request *wish)
{
	struct wish_answer *answer = new_answer(api, request);
	struct errtext error;
	int rc = wish->type ? engine_add_known_bad(api->engine, wish,
				      known_bad_answered, answer, &error)
			    : -EINVAL;

	if (rc == 0)
		return;
	free(answer);
	if (rc == -EINVAL)
		api_problem(request, 400, "usage", "",
			"it needs the type of the boards, or their family");
	else if (rc == -EROFS)
		api_not_written(request, engine_store_status(api->engine));
	else if (rc == -EALREADY)
		api_problem(request, 409, "nothing-to-do",
			"`wipyctl release known-bad list` lists it", "%s", error.text);
	else if (rc == -ENOTUNIQ)
		api_problem(request, 409, "ambiguous-image", "", "%s", error.text);
	else
		api_problem(request, 404, "no-such-image", "", "%s", error.text);
}

static void known_bad_wish(
	struct api *api, struct http_request *request, known_bad_wish_fn *carry_out)
{
	static const struct api_field fields[] = {
		{"image", API_TEXT}, {"type", API_TEXT}, {"reason", API_REASON}};
	json_t *body = api_body(request, fields, 3);
	struct known_bad_request wish;
	char actor[64];

	if (!body)
		return;
	wish = (struct known_bad_request){
		.image = json_string_value(json_object_get(body, "image")),
		.type = json_string_value(json_object_get(body, "type")),
		.actor = actor,
	};
	api_actor(request, actor, sizeof(actor));
	if (!wish.image)
		api_problem(request, 400, "usage", "",
			"image must be a release or the digits of a SHA-256");
	else if ((wish.reason = reason_of(request, body)))
		carry_out(api, request, &wish);
	json_decref(body);
}

void api_post_known_bad(struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	known_bad_wish(api, request, add);
}

void api_post_known_bad_clear(
	struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	known_bad_wish(api, request, clear);
}

/* The board as it is then; or it is as it was. */
static void accepted(void *arg, int status)
{
	struct wish_answer *answer = arg;
	const struct engine_board *board =
		engine_find_board(answer->api->engine, answer->board);

	if (status < 0)
		api_not_written(answer->request, status);
	else
		api_answer(answer->request, 200,
			json_pack("{s:o}", "board",
				board ? json_board_detail(board) : json_null()));
	free(answer);
}

static void accept_failed(
	struct http_request *request, int rc, const struct engine_board *board)
{
	if (rc == -EROFS) {
		api_not_written(request, engine_store_status(board->engine));
		return;
	}
	if (rc == -EBUSY)
		api_problem(request, 409, "board-in-rollout",
			"wait for its end, or abort it", "a rollout works on board %s",
			board->board.name);
	else
		api_problem(request, 409, "nothing-to-do", "",
			"board %s is the one that it was, and nobody else has changed "
			"it",
			board->board.name);
}

void api_post_accept(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"reason", API_REASON}};
	struct engine_board *board = api_find_board(api, request, name);
	struct wish_answer *answer;
	const char *reason;
	json_t *body;
	char actor[64];
	int rc;

	if (!board)
		return;
	body = api_body(request, fields, 1);
	if (!body)
		return;
	reason = reason_of(request, body);
	if (reason) {
		api_actor(request, actor, sizeof(actor));
		answer = new_answer(api, request);
		snprintf(answer->board, sizeof(answer->board), "%s", board->board.name);
		rc = engine_accept_board(board, actor, reason, accepted, answer);
		if (rc < 0) {
			free(answer);
			accept_failed(request, rc, board);
		}
	}
	json_decref(body);
}
