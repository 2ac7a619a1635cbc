/* SPDX-License-Identifier: MIT
 *
 * The API: boards that are flashed by wire: their card, and the image's file.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/core/card_wire.h"
#include "daemon/core/reason.h"

/* ---- the card -------------------------------------------------------------------- */

static json_t *name_or_null(const struct card_wire_release *release)
{
	return release ? json_string(release->name) : json_null();
}

static json_t *json_wire(
	const struct card_wire_facts *facts, const struct card_wire *card)
{
	const struct release_image *image = facts->wanted.image;

	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:o, s:o}", "board",
		facts->board, "family", wipy_family_facts(facts->family)->name,
		"release", facts->wanted.name, "sha256", image->sha256, "size",
		(json_int_t)image->size, "file", card->file, "address", card->address,
		"back", name_or_null(card_wire_back(facts)), "lines",
		json_card_lines(&card->lines));
}

/* Which of the board's ways is the right one, or which release would be. */
static void refuse(struct http_request *request, const struct card_wire_facts *facts,
	enum reason reason)
{
	const struct card_wire_release *back = card_wire_back(facts);
	char hint[NAME_MAX_LEN + 256];

	if (back)
		snprintf(hint, sizeof(hint),
			"release %s has run there and may be written: name it with "
			"--release",
			back->name);
	else
		snprintf(hint, sizeof(hint), "%s", reason_next_human(reason));
	api_problem(request, 422, reason_code(reason), hint,
		"release %s is not for %s: %s", facts->wanted.name, facts->board,
		reason_what(reason));
}

/* Not 0: the request has been answered. */
static int find_release(struct api *api, struct http_request *request,
	const struct release **ret_release)
{
	const char *name = http_query(request, "release");
	struct errtext error;
	int rc = 0;

	*ret_release = NULL;
	if (name)
		rc = catalogue_find(
			engine_catalogue(api->engine), name, ret_release, &error);
	if (rc < 0)
		api_no_release(request, rc, &error);
	return rc;
}

void api_get_wire(struct api *api, struct http_request *request, const char *name)
{
	const struct engine_board *board = api_find_board(api, request, name);
	const struct release *release;
	struct card_wire_facts facts;
	struct card_wire card;
	enum reason reason;

	if (!board || find_release(api, request, &release) < 0)
		return;
	engine_fill_wire(board, release, &facts);
	reason = card_wire_forbids(&facts, &facts.wanted);
	if (!card_wire_is_for(facts.family)) {
		api_problem(request, 422, "no-wire-card",
			"`wipyctl rescue card NAME` is the card of such a board",
			"%s is a %s board: this card is for ESP boards, esp8266 and "
			"esp32",
			facts.board, wipy_family_facts(facts.family)->name);
	} else if (!facts.wanted.name) {
		api_problem(request, 422, reason_code(REASON_NO_RELEASE),
			"name one with --release; `wipyctl release list` shows them",
			"no release in the catalogue is known to belong on %s",
			facts.board);
	} else if (reason != REASON_NONE) {
		refuse(request, &facts, reason);
	} else {
		card_wire_make(&facts, &card);
		api_answer(request, 200,
			json_pack("{s:o}", "wire", json_wire(&facts, &card)));
	}
}

/* ---- the file -------------------------------------------------------------------- */

struct image_answer {
	struct http_request *request;
	struct engine *engine; /* held */
	size_t len;            /* of the file as the release says: a push may put more
				* behind it */
};

static void image_read(void *arg, int status, const struct catalogue_bytes *bytes,
	const struct errtext *error)
{
	struct image_answer *answer = arg;
	bool gone = status == -ENOENT;

	if (status == 0) {
		http_answer(answer->request, 200, "application/octet-stream",
			(const char *)bytes->data,
			answer->len < bytes->len ? answer->len : bytes->len);
		catalogue_release_bytes(engine_catalogue(answer->engine), bytes);
	} else {
		api_problem(answer->request, gone ? 404 : 500,
			gone ? "no-such-image" : wipy_errcode(status),
			"where `wipyctl release gc` has removed it, add its file again",
			"%s", error->text);
	}
	engine_unhold(answer->engine);
	free(answer);
}

static const struct release_image *find_image(
	const struct catalogue *catalogue, const char *sha256)
{
	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct release *release = catalogue_at(catalogue, i);

		for (size_t j = 0; j < release->image_count; j++)
			if (strcmp(release->image[j].sha256, sha256) == 0)
				return &release->image[j];
	}
	return NULL;
}

void api_get_image(struct api *api, struct http_request *request, const char *sha256)
{
	struct catalogue *catalogue = engine_catalogue(api->engine);
	const struct release_image *image = find_image(catalogue, sha256);
	struct image_answer *answer;

	if (!image) {
		api_problem(request, 404, "no-such-image",
			"`wipyctl release show RELEASE` shows what each has",
			"no release has an image with the SHA-256 %s", sha256);
		return;
	}
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	answer->request = request;
	answer->engine = api->engine;
	answer->len = (size_t)image->size;
	engine_hold(api->engine);
	catalogue_get_bytes(catalogue, sha256, image_read, answer);
}
