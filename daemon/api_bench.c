/* SPDX-License-Identifier: MIT
 *
 * The API: a card that goes to a bench with a one-time code, and the receipt that comes
 * back from there.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/core/card.h"
#include "daemon/core/reason.h"

struct bench_answer {
	struct http_request *request;
	json_t *body;
};

static struct bench_answer *new_answer(struct http_request *request)
{
	struct bench_answer *answer = calloc(1, sizeof(*answer));

	if (!answer)
		abort();
	answer->request = request;
	return answer;
}

/* A code that is not durable would be refused after a restart. */
static void stored(void *arg, int status)
{
	struct bench_answer *answer = arg;

	if (status < 0) {
		json_decref(answer->body);
		api_not_written(answer->request, status);
	} else {
		api_answer(answer->request, 200, answer->body);
	}
	free(answer);
}

/* ---- the card -------------------------------------------------------------------- */

static json_t *json_brought(const struct engine_bench *bench)
{
	const struct wipy_fingerprint *fp = &bench->image->fingerprint;

	return json_pack("{s:o, s:s, s:I, s:s, s:s, s:s, s:s}", "release",
		json_text(bench->release->name), "sha256", bench->image->sha256, "size",
		(json_int_t)bench->image->size, "tag", fp->tag, "date", fp->date,
		"board", fp->board, "mcu", fp->mcu);
}

/* What it must show to be the right one, and where it is when it is back. */
static json_t *json_identity(const struct engine_board *board)
{
	const struct board *known = &board->board;

	return json_pack("{s:s, s:s, s:s}", "unique_id", known->unique_id, "board",
		known->has_fingerprint ? known->fingerprint.board : "", "mcu",
		wipy_family_facts(board->spec->family)->mcu);
}

static json_t *json_bench_card(
	const struct engine_board *board, const struct engine_bench *bench)
{
	json_t *json;
	struct card_facts facts;
	struct card card;

	engine_fill_card(board, &facts);
	card_make(&facts, &card);
	json = json_card(board, &card);
	json_object_set_new(json, "family",
		json_string(wipy_family_facts(board->spec->family)->name));
	json_object_set_new(
		json, "dirty", json_boolean(board->board.conditions & CONDITION_DIRTY));
	json_object_set_new(json, "identity", json_identity(board));
	json_object_set_new(json, "address", json_text(board->spec->address));
	json_object_set_new(
		json, "telnet_port", json_integer(board->spec->telnet_port));
	json_object_set_new(json, "ftp_port", json_integer(board->spec->ftp_port));
	json_object_set_new(json, "image", json_brought(bench));
	json_object_set_new(json, "code", json_string(bench->code));
	return json;
}

/* *ret_release: NULL without a name. Returns -1 once it has answered. */
static int find_release(struct api *api, struct http_request *request,
	const json_t *body, const struct release **ret_release)
{
	const char *name = api_text(body, "release");
	struct errtext error;
	int rc;

	*ret_release = NULL;
	if (!name[0])
		return 0;
	rc = catalogue_find(engine_catalogue(api->engine), name, ret_release, &error);
	if (rc < 0)
		api_no_release(request, rc, &error);
	return rc < 0 ? -1 : 0;
}

void api_post_card(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"release", API_TEXT}};
	struct engine_board *board = api_find_board(api, request, name);
	json_t *body = board ? api_body(request, fields, 1) : NULL;
	enum reason reason = REASON_NO_RELEASE;
	const struct release *release;
	struct bench_answer *answer;
	struct engine_bench bench;
	struct errtext error;
	char actor[64];

	if (!body)
		return;
	api_actor(request, actor, sizeof(actor));
	if (find_release(api, request, body, &release) == 0) {
		answer = new_answer(request);
		if (engine_save_card(board, release, actor, stored, answer, &bench,
			    &reason, &error) == 0) {
			answer->body = json_pack(
				"{s:o}", "card", json_bench_card(board, &bench));
		} else {
			free(answer);
			api_problem(request, 422, reason_code(reason),
				"name another one with --release; `wipyctl release "
				"list` shows them",
				"%s", error.text);
		}
	}
	json_decref(body);
}

/* ---- the receipt ----------------------------------------------------------------- */

/* Returns NULL, or the key that is not as it has to be. */
static const char *read_receipt(const json_t *body, struct engine_receipt *receipt)
{
	const char *shows = api_text(body, "shows");

	receipt->code = api_text(body, "code");
	receipt->sha256 = api_text(body, "sha256");
	receipt->unique_id = api_text(body, "unique_id");
	if (strlen(receipt->code) != BENCH_CODE_MAX - 1)
		return "code";
	if (strlen(receipt->sha256) != SHA256_HEX_MAX - 1)
		return "sha256";
	if (strlen(receipt->unique_id) >= UNIQUE_ID_MAX)
		return "unique_id";
	return wipy_fingerprint_parse_banner(shows, strlen(shows), &receipt->shows) < 0
		       ? "shows"
		       : NULL;
}

static void refused(struct http_request *request, int rc, const struct errtext *error)
{
	const char *code = rc == -EALREADY  ? "receipt-spent"
			   : rc == -EBADMSG ? "receipt-misfit"
					    : "receipt-unknown";

	api_problem(request, 409, code,
		rc == -EALREADY
			? "`wipyctl board NAME` shows what the daemon sees of it"
			: "save a new card: `wipyctl rescue card NAME --save FILE`, "
			  "and take the board to the bench with it",
		"%s", error->text);
}

void api_post_receipt(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"code", API_TEXT},
		{"sha256", API_TEXT}, {"shows", API_TEXT}, {"unique_id", API_TEXT},
		{"proof", API_REASON}};
	struct engine_board *board = api_find_board(api, request, name);
	json_t *body = board ? api_body(request, fields, 5) : NULL;
	struct engine_receipt receipt = {.said = NULL};
	struct bench_answer *answer;
	char actor[64], said[384], banner[WIPY_FINGERPRINT_MAX];
	struct errtext error;
	const char *fault;
	int rc;

	if (!body)
		return;
	fault = read_receipt(body, &receipt);
	if (fault) {
		api_problem(request, 400, "usage",
			"hand in the file that `wipyctl "
			"rescue run` has written",
			"'%s' is not what a receipt has there", fault);
		json_decref(body);
		return;
	}
	wipy_fingerprint_format(&receipt.shows, banner);
	snprintf(said, sizeof(said),
		"a bench says: pushed the image %.12s, it shows "
		"'%.150s', %.150s",
		receipt.sha256, banner, api_text(body, "proof"));
	receipt.said = said;
	api_actor(request, actor, sizeof(actor));
	answer = new_answer(request);
	answer->body = json_pack("{s:{s:s, s:s}}", "receipt", "board",
		board->board.name, "next",
		"the daemon looks at the board now; the loop is closed once it sees "
		"the image running");
	rc = engine_take_receipt(board, &receipt, actor, stored, answer, &error);
	if (rc < 0) {
		json_decref(answer->body);
		free(answer);
		refused(request, rc, &error);
	}
	json_decref(body);
}
