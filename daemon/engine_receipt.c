/* SPDX-License-Identifier: MIT
 *
 * Cards that go to a bench, and the receipts that come back (docs/decisions/0032). A
 * receipt is a person's word with a one-time code: it explains what the next look sees,
 * and that look decides.
 */
#include "config.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sha256.h"
#include "daemon/core/card.h"
#include "daemon/core/reason.h"
#include "daemon/edge/clock.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "rescue"

/* Who reads the store must not be able to hand in receipts. */
static void digest_of(const char *code, char ret_hex[SHA256_HEX_MAX])
{
	uint8_t digest[WIPY_SHA256_LEN];
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, code, strlen(code));
	wipy_sha256_final(&sha, digest);
	sodium_bin2hex(ret_hex, SHA256_HEX_MAX, digest, sizeof(digest));
}

/* ---- what is wished, until it is stored ------------------------------------------- */

struct bench_wish {
	struct engine *engine;
	struct board wanted;
	void (*apply)(struct engine_board *board, const struct board *wanted);
	engine_done_fn done;
	void *arg;
};

static struct bench_wish *new_wish(struct engine *engine,
	void (*apply)(struct engine_board *, const struct board *), engine_done_fn done,
	void *arg)
{
	struct bench_wish *wish = engine_alloc(1, sizeof(*wish));

	wish->engine = engine;
	wish->apply = apply;
	wish->done = done;
	wish->arg = arg;
	return wish;
}

/* The board may have been polled meanwhile, and so its record is stored once more. */
static void stored(void *arg, int status)
{
	struct bench_wish *wish = arg;
	struct engine_board *board = engine_find_board(wish->engine, wish->wanted.name);
	struct store_batch *batch;

	if (status == 0 && board) {
		wish->apply(board, &wish->wanted);
		batch = store_batch_new(wish->engine->config.store);
		store_put_board(batch, &board->board);
		engine_commit(wish->engine, batch);
	}
	wish->done(wish->arg, status);
	free(wish);
}

static void commit(struct engine_board *board, const struct board *wanted,
	struct store_batch *batch, struct bench_wish *wish)
{
	wish->wanted = *wanted;
	store_put_board(batch, wanted);
	engine_commit_wish(board->engine, batch, stored, wish);
}

/* ---- the card ------------------------------------------------------------------- */

static const struct release *release_on_card(const struct engine_board *board)
{
	const struct release *release = NULL;
	struct card_facts facts;
	struct errtext ignored;
	struct card card;

	engine_fill_card(board, &facts);
	card_make(&facts, &card);
	if (!card.release[0] || catalogue_find(board->engine->config.catalogue,
					card.release, &release, &ignored) < 0)
		return NULL;
	return release;
}

/* Returns 0, or what engine_save_card() does. */
static int choose_image(const struct engine_board *board, const struct release *release,
	struct engine_bench *bench, enum reason *ret_reason, struct errtext *ret_error)
{
	const char *name = board->board.name;

	bench->release = release ? release : release_on_card(board);
	if (!bench->release) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"no release in the catalogue is known to belong on %s", name);
		return -ENOENT;
	}
	bench->image = engine_image_for(board, bench->release);
	*ret_reason = bench->image ? engine_type_forbids(board, bench->image)
				   : REASON_NO_IMAGE;
	if (*ret_reason == REASON_NONE)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"release %s is not for %s: %s", bench->release->name, name,
		reason_what(*ret_reason));
	return -EINVAL;
}

static void card_stored(struct engine_board *board, const struct board *wanted)
{
	struct board *known = &board->board;

	memcpy(known->bench_code, wanted->bench_code, sizeof(known->bench_code));
	memcpy(known->bench_image, wanted->bench_image, sizeof(known->bench_image));
	known->bench_spent_s = 0;
	known->bench_said = false;
}

int engine_save_card(struct engine_board *board, const struct release *release,
	const char *actor, engine_done_fn done, void *arg,
	struct engine_bench *ret_bench, enum reason *ret_reason,
	struct errtext *ret_error)
{
	struct board known = board->board;
	struct store_batch *batch;
	uint8_t random[(BENCH_CODE_MAX - 1) / 2];
	char detail[256];
	int rc = choose_image(board, release, ret_bench, ret_reason, ret_error);

	if (rc < 0)
		return rc;
	clock_random(random, sizeof(random));
	sodium_bin2hex(ret_bench->code, BENCH_CODE_MAX, random, sizeof(random));
	digest_of(ret_bench->code, known.bench_code);
	memcpy(known.bench_image, ret_bench->image->sha256, SHA256_HEX_MAX);
	known.bench_spent_s = 0;
	known.bench_said = false;
	batch = store_batch_new(board->engine->config.store);
	snprintf(detail, sizeof(detail), "for a bench, with the image %.12s of %s",
		known.bench_image, ret_bench->release->name);
	engine_event_caused(
		batch, actor, "wish", known.name, NULL, "card-saved", detail);
	commit(board, &known, batch, new_wish(board->engine, card_stored, done, arg));
	return 0;
}

/* ---- the receipt ----------------------------------------------------------------- */

/* Whose latest card has that code, or NULL. */
static const struct engine_board *owner_of(
	const struct engine *engine, const char digest[SHA256_HEX_MAX])
{
	for (size_t i = 0; i < engine->board_count; i++)
		if (strcmp(engine->board[i]->board.bench_code, digest) == 0)
			return engine->board[i];
	return NULL;
}

static int code_fits(
	const struct engine_board *board, const char *code, struct errtext *ret_error)
{
	const struct engine_board *owner;
	char digest[SHA256_HEX_MAX];

	digest_of(code, digest);
	owner = owner_of(board->engine, digest);
	if (owner == board && board->board.bench_spent_s == 0)
		return 0;
	if (owner == board)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"this receipt of %s has been handed in already: its code is "
			"spent",
			board->board.name);
	else if (owner)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"this code is of a card of %s, and the receipt is handed in "
			"for "
			"%s",
			owner->board.name, board->board.name);
	else
		snprintf(ret_error->text, sizeof(ret_error->text),
			"no card of %s has this code: it is mistyped, or since then a "
			"newer card was saved or the daemon has pushed to the board",
			board->board.name);
	return owner == board ? -EALREADY : -EKEYREJECTED;
}

static const struct release_image *bench_image(const struct engine_board *board)
{
	const struct catalogue *catalogue = board->engine->config.catalogue;

	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct release *release = catalogue_at(catalogue, i);

		for (size_t j = 0; j < release->image_count; j++)
			if (strcmp(release->image[j].sha256,
				    board->board.bench_image) == 0)
				return &release->image[j];
	}
	return NULL;
}

/* What the bench says must be what its card was made for. */
static int claims_fit(const struct engine_board *board,
	const struct engine_receipt *receipt, struct errtext *ret_error)
{
	const struct board *known = &board->board;
	const struct release_image *image = bench_image(board);
	const char *fault = NULL;

	if (strcmp(receipt->sha256, known->bench_image) != 0)
		fault = "it tells of another image than its card";
	else if (image && !wipy_fingerprint_equal(&image->fingerprint, &receipt->shows))
		fault = "what it saw running is not the image of its card";
	else if (known->unique_id[0] && receipt->unique_id[0] &&
		 strcmp(known->unique_id, receipt->unique_id) != 0)
		fault = "it was another board that lay at the bench";
	if (!fault)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"this receipt does not fit %s: %s", known->name, fault);
	return -EBADMSG;
}

static void looked(void *arg, struct engine_board *board)
{
	(void)arg;
	(void)board;
}

/* A push or another card has made it void meanwhile: then it explains nothing. */
static void receipt_stored(struct engine_board *board, const struct board *wanted)
{
	struct board *known = &board->board;

	if (strcmp(known->bench_code, wanted->bench_code) != 0 || known->bench_spent_s)
		return;
	known->bench_spent_s = wanted->bench_spent_s;
	known->bench_said = true;
	engine_poll_now(board, TELNET_LOOK, looked, NULL);
}

int engine_take_receipt(struct engine_board *board,
	const struct engine_receipt *receipt, const char *actor, engine_done_fn done,
	void *arg, struct errtext *ret_error)
{
	struct board known = board->board;
	struct store_batch *batch;
	int rc = code_fits(board, receipt->code, ret_error);

	if (rc == 0)
		rc = claims_fit(board, receipt, ret_error);
	if (rc < 0)
		return rc;
	known.bench_spent_s = engine_now_s();
	known.bench_said = true;
	batch = store_batch_new(board->engine->config.store);
	engine_event_caused(
		batch, actor, "wish", known.name, NULL, "receipt", receipt->said);
	log_info(TAG, "receipt board=%s actor=%s", known.name, actor);
	commit(board, &known, batch,
		new_wish(board->engine, receipt_stored, done, arg));
	return 0;
}

void engine_receipt_void(struct engine_board *board)
{
	struct board *known = &board->board;

	known->bench_said = false;
	if (!known->bench_spent_s) /* a spent one is still known as such */
		memset(known->bench_code, 0, sizeof(known->bench_code));
}

/* ---- the look -------------------------------------------------------------------- */

const struct release_image *engine_receipt_image(const struct engine_board *board)
{
	return board->board.bench_said ? bench_image(board) : NULL;
}

bool engine_receipt_seen(struct engine_board *board, const struct wipy_fingerprint *fp)
{
	const struct release_image *image = engine_receipt_image(board);
	struct board *known = &board->board;

	if (!known->bench_said)
		return false;
	known->bench_said = false;
	/* Otherwise the receipt explains nothing, and what is seen counts as ever. */
	if (!image || !wipy_fingerprint_equal(&image->fingerprint, fp))
		return true;
	/* Pushed whole and started by a plain reset: the ledger begins anew with that. */
	memset(&known->ledger, 0, sizeof(known->ledger));
	known->conditions &= ~(CONDITION_DIRTY | CONDITION_ARMED);
	return true;
}
