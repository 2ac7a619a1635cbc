/* SPDX-License-Identifier: MIT
 *
 * JSON of probes: what the soak of a task was answered.
 */
#include "config.h"

#include "daemon/api_json.h"

static json_t *json_result(const struct probe_result *result)
{
	return json_pack("{s:s, s:s, s:o, s:o}", "name", result->name, "outcome",
		probe_outcome_name(result->outcome), "time", json_time(result->time_s),
		"evidence", json_text(result->evidence));
}

json_t *json_probes(const struct task *task)
{
	struct probe_results results = {.count = 0};
	json_t *list = json_array();

	if (task)
		probe_record_read(task->probes, &results);
	for (size_t i = 0; i < results.count; i++)
		json_array_append_new(list, json_result(&results.result[i]));
	return list;
}

json_t *json_rollout_probes(const struct engine_rollout *er)
{
	json_t *list = json_array();

	for (size_t i = 0; i < er->task_count; i++) {
		const struct task *task = &er->task[i].task;
		struct probe_results results;

		probe_record_read(task->probes, &results);
		for (size_t k = 0; k < results.count; k++) {
			json_t *row;

			if (results.result[k].outcome == PROBE_PASS)
				continue;
			row = json_result(&results.result[k]);
			json_object_set_new(row, "board", json_string(task->board));
			json_array_append_new(list, row);
		}
	}
	return list;
}

json_t *json_board_probes(const struct engine_board *board)
{
	const struct engine *engine = board->engine;

	if (board->task && board->task->task.probes[0])
		return json_probes(&board->task->task);
	/* A board of the past is in no engine. */
	for (size_t i = engine ? engine_rollout_count(engine) : 0; i > 0; i--) {
		const struct engine_rollout *er = engine_rollout_at(engine, i - 1);

		for (size_t k = 0; k < er->task_count; k++)
			if (er->task[k].board == board && er->task[k].task.probes[0])
				return json_probes(&er->task[k].task);
	}
	return json_probes(NULL);
}
