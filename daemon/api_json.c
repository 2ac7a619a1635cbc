/* SPDX-License-Identifier: MIT
 *
 * JSON of boards, releases, rollouts, tasks, plans and events.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/utf8.h"
#include "daemon/api_json.h"
#include "daemon/api_plan.h"
#include "daemon/core/reason.h"
#include "daemon/core/why.h"

#define DAMAGED_SHOWN 100

json_t *json_text(const char *text)
{
	json_t *json = json_string(text);
	char *mended;

	if (json)
		return json;
	mended = strdup(text);
	if (!mended)
		abort();
	wipy_utf8_mend(mended);
	json = json_string(mended);
	free(mended);
	return json;
}

json_t *json_time(int64_t time_s)
{
	time_t wall = (time_t)time_s;
	char text[32];
	struct tm tm;

	if (time_s == 0 || !gmtime_r(&wall, &tm) ||
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

static json_t *json_id(const struct id *id)
{
	char text[ID_TEXT_MAX];

	id_format(id, text);
	return json_string(text);
}

static json_t *json_reason(enum reason reason)
{
	return reason == REASON_NONE ? json_null() : json_string(reason_code(reason));
}

static json_t *text_or_null(bool there, const char *text)
{
	return there ? json_string(text) : json_null();
}

static json_t *json_version(const struct engine_board *board)
{
	const struct board *known = &board->board;
	const struct release *release = engine_running_release(board);
	json_t *version = json_object();

	json_object_set_new(
		version, "state", json_string(version_name(known->version)));
	if (known->has_fingerprint) {
		json_object_set_new(
			version, "tag", json_string(known->fingerprint.tag));
		json_object_set_new(
			version, "date", json_string(known->fingerprint.date));
		json_object_set_new(
			version, "board", json_string(known->fingerprint.board));
	} else {
		json_object_set_new(version, "tag", json_null());
		json_object_set_new(version, "date", json_null());
		json_object_set_new(version, "board", json_null());
	}
	json_object_set_new(
		version, "release", release ? json_string(release->name) : json_null());
	return version;
}

static json_t *json_board_task(const struct engine_task *et)
{
	if (!et)
		return json_null();
	return json_pack("{s:o, s:s, s:i, s:o}", "rollout", json_id(&et->task.rollout),
		"state", task_state_name(et->task.state), "attempt", et->task.attempt,
		"reason", json_reason(et->task.reason));
}

json_t *json_board(const struct engine_board *board)
{
	const struct board *known = &board->board;

	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:o, s:o, s:o, s:b}",
		"name", known->name, "family",
		wipy_family_facts(board->spec->family)->name, "address",
		board->spec->address, "telnet_port", board->spec->telnet_port,
		"ftp_port", board->spec->ftp_port, "site", engine_board_site(board),
		"reach", reach_name(known->reach), "access", access_name(known->access),
		"version", json_version(board), "task", json_board_task(board->task),
		"last_seen", json_time(known->seen_s), "dirty",
		(known->conditions & CONDITION_DIRTY) != 0);
}

/* The latest time that only a hand could help, and how it ended. */
static json_t *json_hands(const struct board *known)
{
	if (known->hands_reason == REASON_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:i}", "code",
		reason_code(known->hands_reason), "since",
		json_time(known->hands_since_s), "outcome",
		text_or_null(known->hands_outcome[0] != '\0', known->hands_outcome),
		"ended", json_time(known->hands_ended_s), "failed_repairs",
		known->failed_repairs);
}

json_t *json_to_do(const struct engine_board *board)
{
	char text[CARD_TEXT_MAX];
	struct card_facts facts;

	engine_fill_card(board, &facts);
	card_brief(&facts, text);
	return text_or_null(text[0] != '\0', text);
}

/* The rollout that goes on with the board when it is seen again. */
static json_t *json_board_catch_up(const struct engine_board *board)
{
	const struct rollout *rollout;

	if (!board->catch_up)
		return json_null();
	rollout = &board->catch_up->rollout->rollout;
	return json_pack("{s:o, s:s, s:s, s:o}", "rollout", json_id(&rollout->id),
		"release", rollout->release, "state",
		rollout_state_name(rollout->catch_up), "until",
		json_time(rollout->valid_until_s));
}

json_t *json_board_detail(const struct engine_board *board)
{
	const struct board *known = &board->board;
	const struct board_spec *spec = board->spec;
	const struct release_image *image = NULL;
	const struct release *target = engine_board_target(board, &image);
	json_t *json = json_board(board), *list = json_array(), *labels = json_object();

	for (size_t i = 0; condition_name(i); i++)
		if (known->conditions & (1u << i))
			json_array_append_new(list, json_string(condition_name(i)));
	for (size_t i = 0; i < spec->label_count; i++)
		json_object_set_new(
			labels, spec->label[i].key, json_text(spec->label[i].value));
	json_object_set_new(json, "type", json_string(spec->type));
	json_object_set_new(json, "labels", labels);
	json_object_set_new(
		json, "target", target ? json_string(target->name) : json_null());
	json_object_set_new(json, "conditions", list);
	json_object_set_new(json, "probes", json_board_probes(board));
	json_object_set_new(json, "since", json_time(known->since_s));
	json_object_set_new(json, "intrusions", json_integer(known->intrusions));
	json_object_set_new(json, "unique_id",
		text_or_null(known->unique_id[0] != '\0', known->unique_id));
	json_object_set_new(json, "other_id",
		text_or_null(known->other_id[0] != '\0', known->other_id));
	json_object_set_new(json, "catch_up", json_board_catch_up(board));
	json_object_set_new(json, "to_do", json_to_do(board));
	json_object_set_new(json, "hands", json_hands(known));
	json_object_set_new(json, "ledger", json_ledger(&known->ledger));
	json_object_set_new(json, "uname",
		known->uname_version[0]
			? json_pack("{s:s, s:s, s:s}", "release", known->uname_release,
				  "version", known->uname_version, "machine",
				  known->uname_machine)
			: json_null());
	return json;
}

static json_t *json_warnings(uint32_t warnings)
{
	const struct wipy_image_warning *warning;
	json_t *list = json_array();

	for (size_t i = 0; (warning = wipy_image_warning_at(i)); i++)
		if (warnings & warning->bit)
			json_array_append_new(list, json_string(warning->word));
	return list;
}

static json_t *json_ranges(const struct version_ranges *ranges)
{
	json_t *list = json_array();
	char text[VERSION_RANGE_TEXT_MAX];

	for (size_t i = 0; i < ranges->count; i++) {
		version_range_format(&ranges->range[i], text);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *json_release_image(const struct release_image *image)
{
	const struct wipy_fingerprint *fp = &image->fingerprint;

	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:s}",
		"family", wipy_family_facts(image->family)->name, "type", image->type,
		"sha256", image->sha256, "size", (json_int_t)image->size, "entry_point",
		(json_int_t)image->entry_point, "tag", fp->tag, "date", fp->date,
		"board", fp->board, "mcu", fp->mcu, "warnings",
		json_warnings(image->warnings), "from", json_ranges(&image->from),
		"through", image->through);
}

/* null for a release that was made of files. */
static json_t *json_manifest(const struct release_manifest *manifest)
{
	json_t *signers = json_array();

	if (!*manifest->series) {
		json_decref(signers);
		return json_null();
	}
	for (size_t i = 0; i < manifest->signer_count; i++)
		json_array_append_new(signers, json_string(manifest->signer[i]));
	return json_pack("{s:s, s:I, s:o, s:o, s:o, s:s}", "series", manifest->series,
		"serial", (json_int_t)manifest->serial, "created",
		json_time(manifest->created_s), "expires",
		json_time(manifest->expires_s), "signers", signers, "notes",
		manifest->notes);
}

/* Whether a rollout of it may begin, and why not. */
static const char *release_state(
	const struct engine *engine, const struct release *release)
{
	switch (engine_release_verdict(engine, release, false)) {
	case RELEASE_GOOD:
		return "good";
	case RELEASE_TAMPERED:
		return "tampered";
	case RELEASE_NO_MANIFEST:
	case RELEASE_TOO_FEW:
		return "untrusted";
	case RELEASE_EXPIRED:
		return "expired";
	case RELEASE_RETIRED:
		return "retired";
	case RELEASE_UNSIGNED:
	case RELEASE_OLDER: /* only while it comes */
	case RELEASE_UNSURE:
	default:
		return "unsigned";
	}
}

json_t *json_damaged(const struct engine *engine)
{
	const struct catalogue *catalogue = engine_catalogue(engine);
	json_t *list = json_array();
	const char *name;

	for (size_t i = 0;
		i < DAMAGED_SHOWN && (name = catalogue_damaged(catalogue, i)); i++)
		json_array_append_new(list, json_text(name));
	return list;
}

json_t *json_release(const struct engine *engine, const struct release *release)
{
	json_t *images = json_array();

	for (size_t i = 0; i < release->image_count; i++)
		json_array_append_new(images, json_release_image(&release->image[i]));
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "name", release->name,
		"state", release_state(engine, release), "added",
		json_time(release->added_s), "retired", json_time(release->retired_s),
		"manifest", json_manifest(&release->manifest), "images", images);
}

json_t *json_image(const struct wipy_image_info *info)
{
	const struct wipy_fingerprint *fp = &info->fingerprint;
	bool has = info->has_fingerprint;
	json_t *md5 = json_pack("{s:b, s:b, s:s, s:s}", "present", info->has_md5,
		"right", info->md5_right, "stored", info->md5_stored, "computed",
		info->md5_computed);

	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s}",
		"family", wipy_family_facts(info->family)->name, "kind", info->kind,
		"size", (json_int_t)info->size, "stack_pointer",
		(json_int_t)info->stack_pointer, "entry_point",
		(json_int_t)info->entry_point, "md5", md5, "tag",
		text_or_null(has, fp->tag), "date", text_or_null(has, fp->date),
		"board", text_or_null(has, fp->board), "mcu",
		text_or_null(has, fp->mcu), "warnings", json_warnings(info->warnings),
		"verdict", info->verdict == 0 ? "ok" : wipy_errcode(info->verdict));
}

/* {STATE: count} of the tasks of a wave; wave < 0: of all. */
static json_t *json_outcomes(
	const struct engine_rollout *er, int wave, size_t *ret_size)
{
	size_t counts[TASK_STATE_COUNT] = {0}, size = 0;
	json_t *outcomes = json_object();

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;

		if (wave >= 0 && task->wave != wave)
			continue;
		counts[task->state]++;
		size++;
	}
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (counts[i] > 0)
			json_object_set_new(outcomes,
				task_state_name((enum task_state)i),
				json_integer((json_int_t)counts[i]));
	*ret_size = size;
	return outcomes;
}

static json_t *json_wave(const struct engine_rollout *er, int wave)
{
	size_t size;
	json_t *outcomes = json_outcomes(er, wave, &size);

	return json_pack("{s:i, s:s, s:I, s:o}", "number", wave + 1, "state",
		wave_state_name(engine_wave_state(er, wave)), "size", (json_int_t)size,
		"outcomes", outcomes);
}

static bool is_exception(const struct task *task)
{
	if (task_state_is_end(task->state))
		return task->state != TASK_CONFIRMED && task->state != TASK_ALREADY &&
		       task->state != TASK_REVERTED;
	return task->state == TASK_DEFERRED || task->state == TASK_HELD ||
	       task->state == TASK_BACKOFF;
}

static json_t *json_exception(const struct task *task, bool over)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "board", task->board,
		"state", task_state_name(task->state), "code",
		reason_code(task->reason), "what", reason_what(task->reason), "since",
		json_time(task->since_s), "next_auto", task_next_auto(task, over),
		"next_human", task_next_human(task, over));
}

static json_t *json_exceptions(const struct engine_rollout *er)
{
	bool over = rollout_is_over(&er->rollout);
	json_t *list = json_array();

	for (size_t i = 0; i < er->task_count; i++)
		if (is_exception(&er->task[i].task))
			json_array_append_new(
				list, json_exception(&er->task[i].task, over));
	return list;
}

static json_t *json_brake(int count, const struct brake_budget *budget)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld%s", (long long)budget->value,
		budget->percent ? "%" : "");
	return json_pack("{s:i, s:s}", "count", count, "budget", text);
}

/* New failures only: those that a resume has acknowledged are in no count. */
static json_t *json_brakes(const struct engine_rollout *er)
{
	struct brake_limits limits;
	struct brake_counts counts;
	char text[BRAKES_TEXT_MAX];

	engine_count_brakes(er,
		er->rollout.state == ROLLOUT_HALTED ? er->rollout.reason : REASON_NONE,
		&limits, &counts, text);
	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:s}", "attempted",
		counts.attempted, "lost", json_brake(counts.lost, &limits.lost),
		"fell_back", json_brake(counts.fell_back, &limits.fell_back), "failed",
		json_brake(counts.failed, &limits.failed), "probe",
		json_brake(counts.probe, &limits.probe), "text", text);
}

/* The first wave that is not over, from 1 on; null once all are. */
static json_t *wave_now(const struct rollout *rollout)
{
	for (int i = 0; i < rollout->wave_count; i++)
		if (rollout->wave_state[i] == WAVE_CLOSED ||
			rollout->wave_state[i] == WAVE_OPEN)
			return json_integer(i + 1);
	return json_null();
}

/* The undo that takes it back, or has; null without one. */
static json_t *json_undo(const struct engine_rollout *er)
{
	const struct engine_rollout *undo = engine_undo_of(er);

	return undo ? json_id(&undo->rollout.id) : json_null();
}

/* Its rate, and when what is left would be over; null where nothing can be said. */
static void add_progress(json_t *json, const struct engine_rollout *er)
{
	struct rollout_progress progress;
	json_t *rate = json_null(), *eta = json_null();

	engine_progress(er, &progress);
	if (progress.rate.boards > 0)
		rate = json_pack("{s:I, s:I, s:I}", "boards",
			(json_int_t)progress.rate.boards, "seconds",
			(json_int_t)progress.rate.seconds, "per_hour",
			(json_int_t)progress.rate.per_hour);
	if (progress.foreseen)
		eta = json_eta(engine_now_s(), progress.ends_s, progress.boards,
			progress.from);
	json_object_set_new(json, "rate", rate);
	json_object_set_new(json, "eta", eta);
}

json_t *json_rollout(const struct engine_rollout *er)
{
	const struct rollout *rollout = &er->rollout;
	json_t *waves = json_array(), *json;
	size_t tasks;
	bool aborted = rollout_drive(rollout) == ROLLOUT_ABORTING ||
		       rollout_drive(rollout) == ROLLOUT_ABORTED;

	for (int i = 0; i < rollout->wave_count; i++)
		json_array_append_new(waves, json_wave(er, i));
	json = json_pack(
		"{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o}",
		"id", json_id(&rollout->id), "undo_of", json_undo_of(&rollout->undo_of),
		"release", rollout->release, "state",
		rollout_state_name(rollout->state), "reason",
		json_reason(rollout->reason), "created", json_time(rollout->created_s),
		"since", json_time(rollout->since_s), "waves", waves, "outcomes",
		json_outcomes(er, -1, &tasks), "expires", json_time(rollout->expires_s),
		"brakes", json_brakes(er), "windows", json_windows(er), "probes",
		json_rollout_probes(er), "exceptions", json_exceptions(er));
	json_object_set_new(json, "select", json_text(rollout->selector));
	json_object_set_new(json, "abort_mode",
		text_or_null(aborted, abort_mode_name(rollout->abort_mode)));
	json_object_set_new(json, "waits_for", json_waits_for(er));
	json_object_set_new(json, "catch_up", json_catch_up(er));
	json_object_set_new(json, "wave", wave_now(rollout));
	json_object_set_new(json, "undo", json_undo(er));
	add_progress(json, er);
	return json;
}

json_t *json_rollout_line(const struct engine_rollout *er)
{
	const struct rollout *rollout = &er->rollout;
	size_t tasks;
	json_t *outcomes = json_outcomes(er, -1, &tasks);

	if (tasks == 0) { /* of the past: they were not read */
		json_decref(outcomes);
		outcomes = json_null();
	}
	return json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:i, s:o, s:o, s:b, s:o}",
		"id", json_id(&rollout->id), "undo_of", json_undo_of(&rollout->undo_of),
		"release", rollout->release, "state",
		rollout_state_name(rollout->state), "reason",
		json_reason(rollout->reason), "since", json_time(rollout->since_s),
		"created", json_time(rollout->created_s), "waves", rollout->wave_count,
		"wave", wave_now(rollout), "outcomes", outcomes, "repair",
		rollout_is_repair(rollout), "catch_up",
		text_or_null(rollout->catch_up != ROLLOUT_DRAFT,
			rollout_state_name(rollout->catch_up)));
}

static int64_t image_size(const struct engine_task *et)
{
	const struct release_image *image = engine_task_image(et);

	if (et->bytes)
		return (int64_t)et->bytes->len; /* with what was put behind the file */
	return image ? image->size : 0;
}

static json_t *shown_or_null(const char *text)
{
	return text[0] ? json_text(text) : json_null();
}

void json_add_seen(json_t *json, const struct task *task)
{
	json_object_set_new(json, "board", json_string(task->board));
	json_object_set_new(json, "state", json_string(task_state_name(task->state)));
	json_object_set_new(json, "proof", json_string(proof_name(task->proof)));
	json_object_set_new(json, "evidence", json_text(task->evidence));
	json_object_set_new(json, "banner_before", shown_or_null(task->banner_before));
	json_object_set_new(json, "banner_after", shown_or_null(task->banner_after));
	json_object_set_new(json, "push_reply", shown_or_null(task->push_reply));
	json_object_set_new(json, "lost", json_time(task->lost_s));
	json_object_set_new(json, "returned", json_time(task->returned_s));
	json_object_set_new(json, "probes", json_probes(task));
}

static json_t *speed_or_null(int64_t bytes_per_s)
{
	return bytes_per_s > 0 ? json_integer((json_int_t)bytes_per_s) : json_null();
}

static json_t *json_task(const struct engine_task *et)
{
	const struct task *task = &et->task;
	int64_t taken =
		et->push ? (int64_t)ftp_push_taken(et->push) : task->bytes_taken;
	json_t *json = json_pack("{s:i, s:o, s:o, s:i, s:o, s:I, s:I, s:o}", "wave",
		task->wave + 1, "code", json_reason(task->reason), "opens",
		json_task_opens(task), "attempt", task->attempt, "since",
		json_time(task->since_s), "bytes_taken", (json_int_t)taken, "size",
		(json_int_t)image_size(et), "goes_back", json_goes_back(task));

	json_object_set_new(json, "bytes_per_s", speed_or_null(engine_push_speed(et)));
	json_add_seen(json, task);
	return json;
}

json_t *json_tasks_of(const struct engine_rollout *er, const struct task_choice *choice)
{
	json_t *list = json_array();
	const char *next = NULL, *last = NULL;
	bool begun = choice->after[0] == '\0';
	size_t total = 0;

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;
		bool meant = (choice->states & 1u << task->state) != 0;

		total += meant;
		if (begun && meant && json_array_size(list) < choice->limit) {
			json_array_append_new(list, json_task(&er->task[i]));
			last = task->board;
		} else if (begun && meant) {
			next = last;
		}
		/* It may have left the states that are meant since that page. */
		begun = begun || strcmp(task->board, choice->after) == 0;
	}
	return json_pack("{s:o, s:s?, s:I}", "tasks", list, "next", next, "total",
		(json_int_t)total);
}

json_t *json_tasks(const struct engine_rollout *er)
{
	static const struct task_choice all = {.states = ~0u, .limit = SIZE_MAX};
	json_t *json = json_tasks_of(er, &all);

	json_object_del(json, "total");
	json_object_del(json, "next");
	return json;
}

json_t *json_event(const struct event *event)
{
	return json_pack("{s:I, s:o, s:o, s:s, s:o, s:o, s:s, s:o}", "seq",
		(json_int_t)event->seq, "time", json_time(event->time_s), "actor",
		json_text(event->actor), "cause", event->cause, "board",
		json_text(event->board), "rollout",
		event->has_rollout ? json_id(&event->rollout) : json_null(), "name",
		event->name, "detail", json_text(event->detail));
}
