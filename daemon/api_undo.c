/* SPDX-License-Identifier: MIT
 *
 * JSON of what only an undo has: which rollout it takes back, and board by board what it
 * goes back to and how.
 */
#include "config.h"

#include "daemon/api_json.h"

json_t *json_undo_of(const struct id *id)
{
	char text[ID_TEXT_MAX];

	id_format(id, text);
	return id_is_zero(id) ? json_null() : json_string(text);
}

json_t *json_goes_back(const struct task *task)
{
	if (!task->has_wanted)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "tag", task->wanted.tag, "date",
		task->wanted.date, "statement", task->statement);
}

json_t *json_undo_steps(const struct plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct plan_entry *entry = &plan->entry[i];

		if (!entry->wanted || entry->state != TASK_PLANNED)
			continue;
		json_array_append_new(list,
			json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:b}", "board",
				entry->board->board.name, "wave", entry->wave + 1,
				"tag", entry->wanted->tag, "date", entry->wanted->date,
				"method", undo_method_name(entry->method), "statement",
				entry->statement, "risk", undo_risk_text(entry->risk),
				"burns_last_good", entry->risk == UNDO_RISK_BURNS));
	}
	return list;
}
