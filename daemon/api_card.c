/* SPDX-License-Identifier: MIT
 *
 * The API: a board's slot ledger, and its safe-boot card.
 */
#include "config.h"

#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/core/card.h"

static const char *const kind_names[LEDGER_KIND_COUNT] = {
	[LEDGER_NO_KIND] = "unknown",
	[LEDGER_CLASSIC] = "classic",
	[LEDGER_CLASSIC_ONE] = "classic-one",
	[LEDGER_PYCOM] = "pycom",
	[LEDGER_TRIAL] = "trial",
};

static const char *state_of(uint8_t content)
{
	if (ledger_is_image(content))
		return ledger_is_good(content) ? "good" : "pushed";
	return content == LEDGER_EMPTY    ? "empty"
	       : content == LEDGER_BROKEN ? "broken"
					  : "unknown";
}

static json_t *json_content(const struct ledger *ledger, uint8_t content)
{
	const struct wipy_fingerprint *fp =
		ledger_is_image(content) ? &ledger->image[ledger_image_at(content)]
					 : NULL;

	return json_pack("{s:s, s:o, s:o}", "state", state_of(content), "tag",
		fp ? json_string(fp->tag) : json_null(), "date",
		fp ? json_string(fp->date) : json_null());
}

static json_t *json_guess(const struct ledger *ledger, const struct ledger_guess *guess)
{
	char text[CARD_GUESS_MAX];
	json_t *list = json_array();

	for (size_t i = 0; i < guess->count; i++)
		json_array_append_new(list, json_content(ledger, guess->content[i]));
	card_guess_text(ledger, guess, text);
	return json_pack("{s:b, s:s, s:o}", "certain", ledger_certain(guess), "text",
		text, "one_of", list);
}

static json_t *json_slots(const struct ledger *ledger)
{
	enum ledger_kind kind = (enum ledger_kind)ledger->kind;
	json_t *list = json_array();

	for (uint8_t i = 0; i < ledger_slot_count(kind); i++) {
		json_t *slot = json_content(ledger, ledger_slot(ledger, i));

		json_object_set_new(
			slot, "name", json_string(ledger_slot_name(kind, i)));
		json_array_append_new(list, slot);
	}
	return list;
}

/* An earlier world has the same record, and differs in what runs. */
static bool is_repeated(const struct ledger *ledger, size_t at)
{
	const struct ledger_world *world = &ledger->world[at];

	for (size_t i = 0; i < at; i++)
		if (ledger->world[i].active == world->active &&
			ledger->world[i].status == world->status &&
			ledger->world[i].previous == world->previous)
			return true;
	return false;
}

static json_t *json_records(const struct ledger *ledger)
{
	enum ledger_kind kind = (enum ledger_kind)ledger->kind;
	json_t *list = json_array();

	for (size_t i = 0; i < ledger->world_count; i++) {
		const struct ledger_world *world = &ledger->world[i];

		if (is_repeated(ledger, i))
			continue;
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "active",
				      ledger_slot_name(kind, world->active), "status",
				      ledger_status_name(world->status), "previous",
				      ledger_slot_name(kind, world->previous)));
	}
	return list;
}

static json_t *json_next_push(const struct ledger *ledger)
{
	struct ledger_next_push next;
	json_t *slots = json_array();

	ledger_next_push(ledger, &next);
	for (uint8_t i = 0; i < LEDGER_SLOTS; i++)
		if (next.slots >> i & 1)
			json_array_append_new(
				slots, json_string(ledger_slot_name(
					       (enum ledger_kind)ledger->kind, i)));
	return json_pack("{s:o, s:o, s:b, s:b, s:b}", "slots", slots, "holds",
		json_guess(ledger, &next.holds), "burns_last_good", next.burns,
		"may_be_refused", next.refused, "kills", next.kills);
}

static json_t *json_boots(const struct ledger *ledger)
{
	static const char *const names[LEDGER_PICK_COUNT] = {
		"plain", "window1", "window2", "window3"};
	json_t *boots = json_object();

	for (int i = 0; i < LEDGER_PICK_COUNT; i++) {
		struct ledger_guess guess;

		ledger_boots(ledger, (enum ledger_pick)i, &guess);
		json_object_set_new(boots, names[i], json_guess(ledger, &guess));
	}
	return boots;
}

json_t *json_ledger(const struct ledger *ledger)
{
	enum ledger_kind kind = (enum ledger_kind)ledger->kind;
	uint8_t runs = ledger_runs(ledger);

	if (kind == LEDGER_NO_KIND)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "kind", kind_names[kind],
		"runs",
		runs < LEDGER_SLOTS ? json_string(ledger_slot_name(kind, runs))
				    : json_null(),
		"slots", json_slots(ledger), "records", json_records(ledger),
		"next_push", json_next_push(ledger), "boots", json_boots(ledger));
}

/* ---- the card -------------------------------------------------------------------- */

json_t *json_card_lines(const struct card_lines *lines)
{
	json_t *list = json_array();

	for (size_t i = 0; i < lines->count; i++) {
		const struct card_line *line = &lines->line[i];

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:s}", "part",
				      card_part_name(line->part), "seen", line->seen,
				      "command", line->command, "text", line->text));
	}
	return list;
}

json_t *json_card(const struct engine_board *board, const struct card *card)
{
	json_t *windows = json_array();

	for (int i = 0; i < CARD_WINDOWS; i++) {
		const struct card_window *window = &card->windows[i];

		json_array_append_new(windows,
			json_pack("{s:i, s:i, s:i, s:i, s:i, s:o}", "number", i + 1,
				"from_ms", window->from_ms, "to_ms", window->to_ms,
				"release_ms", window->release_ms, "blink_ms",
				window->blink_ms, "boots",
				json_guess(&board->board.ledger, &window->boots)));
	}
	return json_pack("{s:s, s:s, s:i, s:o, s:o}", "board", board->board.name, "pin",
		card->pin, "window", card->window, "windows", windows, "lines",
		json_card_lines(&card->lines));
}

void api_get_card(struct api *api, struct http_request *request, const char *name)
{
	const struct engine_board *board = api_find_board(api, request, name);
	struct card_facts facts;
	struct card card;

	if (!board)
		return;
	engine_fill_card(board, &facts);
	card_make(&facts, &card);
	api_answer(request, 200, json_pack("{s:o}", "card", json_card(board, &card)));
}
