/* SPDX-License-Identifier: MIT
 *
 * Plans that were saved: made, read back, and the answer where the fleet has moved
 * since. Their digest shows a file that was changed or cut; it is no signature: whoever
 * may start a rollout may make any plan.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/api_json.h"
#include "daemon/api_plan.h"
#include "daemon/api_private.h"
#include "daemon/core/reason.h"

#define PLAN_FORMAT   1
#define SENTENCES_MAX 20

/* ---- the digest ------------------------------------------------------------------ */

/* With its NUL, so that no text runs into the next one. */
static void hash_text(crypto_hash_sha256_state *hash, const char *text)
{
	crypto_hash_sha256_update(hash, (const unsigned char *)text, strlen(text) + 1);
}

static void hash_number(crypto_hash_sha256_state *hash, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	hash_text(hash, text);
}

static void hash_row(crypto_hash_sha256_state *hash, const struct plan_row *row)
{
	hash_text(hash, row->board);
	hash_text(hash, row->family);
	hash_text(hash, row->type);
	hash_text(hash, row->runs);
	hash_text(hash, row->verdict);
	hash_text(hash, row->code);
	hash_number(hash, row->wave);
}

static void digest(const struct plan_saved *saved, char ret_hex[SHA256_HEX_MAX])
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	const struct rollout_request *request = &saved->request;
	crypto_hash_sha256_state hash;

	crypto_hash_sha256_init(&hash);
	hash_text(&hash, request->release);
	hash_text(&hash, request->select);
	hash_text(&hash, request->waves);
	hash_number(&hash, request->soak_s);
	hash_number(&hash, request->expires_s);
	hash_number(&hash, request->burn_last_good);
	hash_number(&hash, request->allow_one_way);
	for (size_t i = 0; i < saved->image_count; i++) {
		hash_text(&hash, saved->image[i].family);
		hash_text(&hash, saved->image[i].type);
		hash_text(&hash, saved->image[i].sha256);
	}
	for (size_t i = 0; i < saved->row_count; i++)
		hash_row(&hash, &saved->row[i]);
	crypto_hash_sha256_final(&hash, sum);
	sodium_bin2hex(ret_hex, SHA256_HEX_MAX, sum, sizeof(sum));
}

/* ---- reading --------------------------------------------------------------------- */

static int by_board(const void *va, const void *vb)
{
	const struct plan_row *a = va, *b = vb;

	return strcmp(a->board, b->board);
}

static bool read_row(const json_t *json, struct plan_row *ret_row)
{
	enum verdict verdict =
		verdict_settled(verdict_by_name(api_text(json, "verdict")));
	json_int_t wave = json_integer_value(json_object_get(json, "wave"));
	bool refused = verdict == VERDICT_REFUSED;

	if (verdict == VERDICT_COUNT || wave < 0 || wave > WAVES_MAX ||
		(verdict == VERDICT_UPDATE) != (wave > 0))
		return false;
	*ret_row = (struct plan_row){
		.board = api_text(json, "board"),
		.family = api_text(json, "family"),
		.type = api_text(json, "type"),
		.runs = api_text(json, "runs"),
		.verdict = verdict_name(verdict),
		.code = refused ? api_text(json, "code") : "",
		.wave = (int)wave,
	};
	return ret_row->board[0] != '\0';
}

/* No wave is left out, no board is there twice. */
static bool rows_fit(const struct plan_saved *saved)
{
	bool there[WAVES_MAX + 1] = {false};
	int last = 0;

	for (size_t i = 0; i < saved->row_count; i++) {
		there[saved->row[i].wave] = true;
		last = saved->row[i].wave > last ? saved->row[i].wave : last;
		if (i > 0 && by_board(&saved->row[i - 1], &saved->row[i]) == 0)
			return false;
	}
	for (int i = 1; i <= last; i++)
		if (!there[i])
			return false;
	return true;
}

static bool read_rows(const json_t *boards, struct plan_saved *saved)
{
	saved->row = calloc(json_array_size(boards) + 1, sizeof(*saved->row));
	if (!saved->row)
		abort();
	for (; saved->row_count < json_array_size(boards); saved->row_count++)
		if (!read_row(json_array_get(boards, saved->row_count),
			    &saved->row[saved->row_count]))
			return false;
	qsort(saved->row, saved->row_count, sizeof(*saved->row), by_board);
	return rows_fit(saved);
}

static bool read_images(const json_t *images, struct plan_saved *saved)
{
	size_t count = json_array_size(images);

	if (count > RELEASE_IMAGES_MAX)
		return false;
	saved->image = calloc(count + 1, sizeof(*saved->image));
	if (!saved->image)
		abort();
	for (; saved->image_count < count; saved->image_count++) {
		const json_t *image = json_array_get(images, saved->image_count);

		saved->image[saved->image_count] =
			(struct plan_image){api_text(image, "family"),
				api_text(image, "type"), api_text(image, "sha256")};
	}
	return true;
}

static bool read_plan(const json_t *json, struct plan_saved *saved)
{
	const json_t *options = json_object_get(json, "options");
	char hex[SHA256_HEX_MAX];

	saved->request = (struct rollout_request){
		.release = api_text(json, "release"),
		.select = api_text(options, "select"),
		.waves = api_text(options, "waves"),
		.soak_s = json_integer_value(json_object_get(options, "soak_s")),
		.expires_s = json_integer_value(json_object_get(options, "expires_s")),
		.burn_last_good =
			json_is_true(json_object_get(options, "burn_last_good")),
		.allow_one_way =
			json_is_true(json_object_get(options, "allow_one_way")),
	};
	if (!read_images(json_object_get(json, "images"), saved) ||
		!read_rows(json_object_get(json, "boards"), saved))
		return false;
	digest(saved, hex);
	return strcmp(hex, api_text(json, "digest")) == 0;
}

bool api_plan_read(
	struct http_request *request, const json_t *json, struct plan_saved *ret_saved)
{
	json_int_t format = json_integer_value(json_object_get(json, "wipyd_plan"));

	*ret_saved = (struct plan_saved){.row_count = 0};
	if (format != PLAN_FORMAT)
		api_problem(request, 400, "usage", "",
			"the plan is not one that this wipyd has saved: 'wipyd_plan' "
			"is not %d",
			PLAN_FORMAT);
	else if (read_plan(json, ret_saved))
		return true;
	else
		api_problem(request, 400, "usage",
			"plan again: wipyctl plan --release R --save FILE",
			"the plan was changed after it had been saved, or a part of it "
			"is missing: its digest does not fit");
	api_plan_read_done(ret_saved);
	return false;
}

void api_plan_read_done(struct plan_saved *saved)
{
	free(saved->row);
	free(saved->image);
	saved->row = NULL;
	saved->image = NULL;
}

/* ---- saving ---------------------------------------------------------------------- */

static json_t *json_row(
	const struct plan_entry *entry, const struct outlook_entry *seen)
{
	const struct engine_board *board = entry->board;
	bool refused = seen->verdict == VERDICT_REFUSED;
	char runs[WIPY_FINGERPRINT_MAX] = "";

	if (board->board.has_fingerprint)
		wipy_fingerprint_format(&board->board.fingerprint, runs);
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:i}", "board",
		board->board.name, "family",
		wipy_family_facts(board->spec->family)->name, "type", board->spec->type,
		"runs", json_text(runs), "verdict", verdict_name(seen->verdict), "code",
		refused ? reason_code(seen->reason) : "", "wave", entry->wave + 1);
}

static json_t *json_plan_images(const struct release *release)
{
	json_t *list = json_array();

	for (size_t i = 0; release && i < release->image_count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "family",
				      wipy_family_facts(release->image[i].family)->name,
				      "type", release->image[i].type, "sha256",
				      release->image[i].sha256));
	return list;
}

json_t *json_plan_saved(const struct plan *plan, const struct outlook *outlook)
{
	struct plan_saved saved = {.row_count = 0};
	json_t *boards = json_array(), *json;
	char hex[SHA256_HEX_MAX] = "";

	for (size_t i = 0; i < plan->entry_count; i++)
		json_array_append_new(
			boards, json_row(&plan->entry[i], &outlook->entry[i]));
	json = json_pack("{s:i, s:o, s:s, s:o, s:o, s:o}", "wipyd_plan", PLAN_FORMAT,
		"time", json_time(engine_now_s()), "release", plan_release_name(plan),
		"options", json_plan_options(plan), "images",
		json_plan_images(plan->release), "boards", boards);
	/* Made of what will be read: the two cannot differ. */
	(void)read_plan(json, &saved);
	digest(&saved, hex);
	api_plan_read_done(&saved);
	json_object_set_new(json, "digest", json_string(hex));
	return json;
}

/* ---- moved ----------------------------------------------------------------------- */

static json_t *json_difference(const struct plan_difference *difference)
{
	return json_pack("{s:s, s:s, s:o, s:o}", "what", difference->what, "change",
		plan_move_name(difference->move), "was", json_text(difference->was),
		"is", json_text(difference->is));
}

/* What a person reads of it. */
static json_t *json_sentence(const struct plan_difference *d)
{
	const char *was = d->was[0] ? d->was : "nothing";
	const char *is = d->is[0] ? d->is : "nothing";
	char text[512];

	if (d->move == PLAN_ADDED)
		snprintf(text, sizeof(text),
			"%s: is meant by the plan now, and was not; it runs %s",
			d->what, is);
	else if (d->move == PLAN_REMOVED)
		snprintf(text, sizeof(text),
			"%s: has left the inventory, or the selector means it no more",
			d->what);
	else if (d->move == PLAN_RELEASE)
		snprintf(text, sizeof(text), "release %s: %s", d->what, d->is);
	else
		snprintf(text, sizeof(text), "%s: its %s was %s, and is %s", d->what,
			plan_move_name(d->move), was, is);
	return json_text(text);
}

void api_plan_moved(struct http_request *request, const struct plan_moves *moves)
{
	json_t *list = json_array(), *problems = json_array(), *problem;
	char detail[160];

	for (size_t i = 0; i < moves->total && i < PLAN_MOVES_MAX; i++) {
		json_array_append_new(list, json_difference(&moves->list[i]));
		if (i < SENTENCES_MAX)
			json_array_append_new(problems, json_sentence(&moves->list[i]));
	}
	snprintf(detail, sizeof(detail),
		"nothing was started: what the plan rests on has changed since it was "
		"saved, in %zu %s%s",
		moves->total, moves->total == 1 ? "point" : "points",
		moves->total > SENTENCES_MAX ? "; the first of them are" : "");
	problem = api_problem_json(409, "plan-moved", detail,
		"plan again: wipyctl plan --release R --save FILE");
	json_object_set_new(problem, "problems", problems);
	json_object_set_new(problem, "differences", list);
	json_object_set_new(
		problem, "differences_total", json_integer((json_int_t)moves->total));
	api_answer_typed(request, 409, API_PROBLEM_TYPE, problem);
}
