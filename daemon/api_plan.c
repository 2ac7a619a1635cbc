/* SPDX-License-Identifier: MIT
 *
 * JSON of a plan: what a rollout, or an undo, would do, board by board and wave by
 * wave.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/api_json.h"
#include "daemon/api_plan.h"
#include "daemon/core/reason.h"

#define NAMES_SHOWN    5    /* of boards that share a verdict or a risk */
#define EXCEPTIONS_MAX 1000 /* by name; `verdicts` counts all of them */

static json_t *time_or_null(int64_t time_s)
{
	return time_s == WINDOW_NEVER ? json_null() : json_time(time_s);
}

/* ---- groups of boards ------------------------------------------------------------ */

/* Boards that share something: how many, and the first few by name. */
struct crowd {
	json_int_t boards;
	json_t *names;
};

static void crowd_add(struct crowd *crowd, const char *board)
{
	if (crowd->boards++ == 0)
		crowd->names = json_array();
	if (crowd->boards <= NAMES_SHOWN)
		json_array_append_new(crowd->names, json_string(board));
}

static const char *code_or_null(enum reason reason)
{
	return reason == REASON_NONE ? NULL : reason_code(reason);
}

static const char *why_of(
	const struct plan *plan, enum verdict verdict, enum reason reason)
{
	if (verdict != VERDICT_UPDATE)
		return reason_what(reason);
	return plan->undo_of ? "It is brought back in its wave."
			     : "It is updated in its wave.";
}

static json_t *json_verdict(const struct plan *plan, enum verdict verdict,
	enum reason reason, const struct crowd *crowd)
{
	return json_pack("{s:s, s:s?, s:I, s:o, s:s, s:s, s:s}", "verdict",
		verdict_name(verdict), "code", code_or_null(reason), "boards",
		crowd->boards, "names", crowd->names, "why",
		why_of(plan, verdict, reason), "next_auto", reason_next_auto(reason),
		"next_human", reason_next_human(reason));
}

/* In the order of verdicts, then of codes. */
static json_t *json_verdicts(const struct plan *plan, const struct outlook *outlook)
{
	struct crowd crowds[VERDICT_COUNT][REASON_COUNT];
	json_t *list = json_array();

	memset(crowds, 0, sizeof(crowds));
	for (size_t i = 0; i < plan->entry_count; i++)
		crowd_add(&crowds[outlook->entry[i].verdict][outlook->entry[i].reason],
			plan->entry[i].board->board.name);
	for (int i = 0; i < VERDICT_COUNT * REASON_COUNT; i++) {
		int verdict = i / REASON_COUNT, reason = i % REASON_COUNT;
		const struct crowd *crowd = &crowds[verdict][reason];

		if (crowd->boards > 0)
			json_array_append_new(
				list, json_verdict(plan, (enum verdict)verdict,
					      (enum reason)reason, crowd));
	}
	return list;
}

static json_t *json_risk(enum reason reason, const struct crowd *crowd)
{
	return json_pack("{s:s, s:I, s:o, s:s, s:s}", "code", reason_code(reason),
		"boards", crowd->boards, "names", crowd->names, "what",
		reason_what(reason), "next_human", reason_next_human(reason));
}

static json_t *json_risks(const struct plan *plan, const struct outlook *outlook)
{
	struct crowd crowds[RISK_COUNT] = {{0, NULL}};
	json_t *list = json_array();

	for (size_t i = 0; i < plan->entry_count; i++)
		for (int risk = 0; risk < RISK_COUNT; risk++)
			if (outlook->entry[i].risks & 1u << risk)
				crowd_add(&crowds[risk],
					plan->entry[i].board->board.name);
	for (int risk = 0; risk < RISK_COUNT; risk++)
		if (crowds[risk].boards > 0)
			json_array_append_new(list,
				json_risk(risk_reason((enum risk)risk), &crowds[risk]));
	return list;
}

/* ---- times ----------------------------------------------------------------------- */

static json_t *json_plan_waves(const struct plan *plan, const struct outlook *outlook)
{
	json_t *waves = json_array();

	for (int i = 0; i < plan->wave_count; i++)
		json_array_append_new(
			waves, json_pack("{s:i, s:I, s:I, s:o, s:o}", "number", i + 1,
				       "size", (json_int_t)plan->wave_size[i], "away",
				       (json_int_t)outlook->wave_away[i], "begins",
				       time_or_null(outlook->wave[i].begin_s), "ends",
				       time_or_null(outlook->wave[i].end_s)));
	return waves;
}

static const char *eta_text(enum pace_from from, bool ends)
{
	static const char *const texts[PACE_FROM_COUNT] = {
		[PACE_SITE] = "by times that were measured at each site",
		[PACE_FAMILY] = "by times that were in part measured at other sites",
		[PACE_ASSUMED] = "by times that are in part assumed: no update of such "
				 "boards has been measured since wipyd was started",
	};

	return ends ? texts[from]
		    : "not known: a window that boards wait for does not open within "
		      "400 days";
}

json_t *json_eta(int64_t begins_s, int64_t ends_s, size_t boards, enum pace_from from)
{
	bool ends = ends_s != WINDOW_NEVER;

	return json_pack("{s:o, s:o, s:o, s:I, s:s, s:s}", "begins",
		json_time(begins_s), "ends", time_or_null(ends_s), "seconds",
		ends ? json_integer(ends_s - begins_s) : json_null(), "boards",
		(json_int_t)boards, "from", pace_from_name(from), "text",
		eta_text(from, ends));
}

/* null: no board that answers is to be updated. */
static json_t *json_plan_eta(const struct plan *plan, const struct outlook *outlook)
{
	if (plan->wave_count == 0 || outlook->answering == 0)
		return json_null();
	return json_eta(outlook->wave[0].begin_s,
		outlook->wave[plan->wave_count - 1].end_s, outlook->answering,
		outlook->from);
}

static json_t *json_paces(const struct outlook *outlook)
{
	json_t *list = json_array();

	for (size_t i = 0; i < outlook->pace_count; i++) {
		const struct outlook_pace *pace = &outlook->pace[i];

		json_array_append_new(list,
			json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:I, s:I}", "family",
				wipy_family_facts(pace->family)->name, "site",
				pace->site, "boards", (json_int_t)pace->boards, "from",
				pace_from_name(pace->times.from), "pushes",
				(json_int_t)pace->times.pushes, "bytes_per_s",
				(json_int_t)pace->times.rate, "reset_ms",
				(json_int_t)pace->times.reset_ms, "return_ms",
				(json_int_t)pace->times.return_ms));
	}
	return list;
}

/* ---- boards ---------------------------------------------------------------------- */

static json_t *json_board_risks(uint32_t risks)
{
	json_t *list = json_array();

	for (int risk = 0; risk < RISK_COUNT; risk++)
		if (risks & 1u << risk)
			json_array_append_new(list,
				json_string(reason_code(risk_reason((enum risk)risk))));
	return list;
}

static json_t *json_member(const struct plan *plan, const struct plan_entry *entry,
	const struct outlook_entry *seen)
{
	const struct engine_board *board = entry->board;
	char runs[WIPY_FINGERPRINT_MAX] = "";

	if (board->board.has_fingerprint)
		wipy_fingerprint_format(&board->board.fingerprint, runs);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s, s:i, s:o, s:o, s:o}",
		"board", board->board.name, "site", engine_board_site(board), "family",
		wipy_family_facts(board->spec->family)->name, "type", board->spec->type,
		"verdict", verdict_name(seen->verdict), "code",
		code_or_null(seen->reason), "why",
		why_of(plan, seen->verdict, seen->reason), "wave", entry->wave + 1,
		"opens", seen->opens_s == 0 ? json_null() : time_or_null(seen->opens_s),
		"runs", runs[0] ? json_text(runs) : json_null(), "risks",
		json_board_risks(seen->risks));
}

static json_t *json_members(const struct plan *plan, const struct outlook *outlook)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->entry_count; i++)
		json_array_append_new(
			list, json_member(plan, &plan->entry[i], &outlook->entry[i]));
	return list;
}

static json_t *json_plan_exception(const char *board, enum task_state state,
	enum reason reason, const struct engine_rollout *other)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "board", board, "state",
		task_state_name(state), "code", reason_code(reason), "rollout",
		other ? json_undo_of(&other->rollout.id) : json_null(), "next_auto",
		reason_next_auto(reason), "next_human", reason_next_human(reason));
}

static json_t *json_plan_exceptions(const struct plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct plan_entry *entry = &plan->entry[i];

		if (entry->state == TASK_REFUSED &&
			json_array_size(list) < EXCEPTIONS_MAX)
			json_array_append_new(list,
				json_plan_exception(entry->board->board.name,
					entry->state, entry->reason, entry->other));
	}
	for (size_t i = 0; i < plan->vanished_count; i++)
		json_array_append_new(
			list, json_plan_exception(plan->vanished[i]->board,
				      TASK_SKIPPED, REASON_VANISHED, NULL));
	return list;
}

/* ---- the plan -------------------------------------------------------------------- */

/* Of what boards get, not of what an undo takes from them. */
static json_t *json_plan_notes(const struct plan *plan)
{
	return plan->release && !plan->undo_of && plan->release->manifest.notes[0]
		       ? json_text(plan->release->manifest.notes)
		       : json_null();
}

json_t *json_plan_options(const struct plan *plan)
{
	return json_pack("{s:o, s:s, s:I, s:I, s:b, s:b}", "select",
		json_text(plan->select_text), "waves", plan->waves_text, "soak_s",
		(json_int_t)plan->soak_s, "expires_s", (json_int_t)plan->expires_s,
		"burn_last_good", plan->burn_last_good, "allow_one_way",
		plan->allow_one_way);
}

json_t *json_plan(struct engine *engine, const struct plan *plan, unsigned parts)
{
	struct outlook outlook;
	json_t *json;

	engine_outlook(engine, plan, &outlook);
	json = json_pack("{s:s, s:o, s:o, s:o, s:{s:I, s:I, s:I}, s:o, s:o, s:o, s:o, "
			 "s:o, s:o, s:o, s:o}",
		"release", plan_release_name(plan), "notes", json_plan_notes(plan),
		"undo_of",
		plan->undo_of ? json_undo_of(&plan->undo_of->rollout.id) : json_null(),
		"options", json_plan_options(plan), "boards", "planned",
		(json_int_t)plan->planned, "already", (json_int_t)plan->already,
		"refused", (json_int_t)plan->refused, "waves",
		json_plan_waves(plan, &outlook), "eta", json_plan_eta(plan, &outlook),
		"pace", json_paces(&outlook), "verdicts", json_verdicts(plan, &outlook),
		"risks", json_risks(plan, &outlook), "steps", json_undo_steps(plan),
		"windows", json_plan_windows(plan), "exceptions",
		json_plan_exceptions(plan));
	if (parts & PLAN_MEMBERS)
		json_object_set_new(json, "members", json_members(plan, &outlook));
	if (parts & PLAN_SAVED)
		json_object_set_new(json, "saved", json_plan_saved(plan, &outlook));
	outlook_done(&outlook);
	return json;
}
