/* SPDX-License-Identifier: MIT
 *
 * The fields of the stored records, and how each kind of field becomes a column and a
 * field again. The field lists must match the newest schema (store_schema.c); statements
 * that do not are refused when the store is opened.
 */
#include "config.h"

#include "daemon/edge/store_rows.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/model.h"
#include "daemon/core/reason.h"

enum field_kind {
	FIELD_TEXT,
	FIELD_BOOL,
	FIELD_INT,
	FIELD_U32,
	FIELD_I64,
	FIELD_ID,
	FIELD_WORD,  /* an enum, kept as its name */
	FIELD_WAVES, /* rollout.wave_state and .wave_count */
	FIELD_LEDGER,
};

struct words {
	const char *(*name)(unsigned value);
	unsigned (*by_name)(const char *name); /* `count` where there is none */
	unsigned count;
};

struct store_field {
	const char *column;
	enum field_kind kind;
	size_t offset;
	size_t size;
	/* Where the bool stands that says whether there is a value; the column is NULL
	 * without one. 0 (where a key is, in each record): there always is. */
	size_t flag;
	const struct words *words;
};

/* The functions of each enum behind one pair of types. */
#define WORDS(id, type, name_function, by_name_function, end)                          \
	_Static_assert(sizeof(enum type) == sizeof(unsigned), "kept as unsigned");     \
	static const char *id##_word(unsigned value)                                   \
	{                                                                              \
		return name_function((enum type)value);                                \
	}                                                                              \
	static unsigned id##_value(const char *name)                                   \
	{                                                                              \
		return (unsigned)by_name_function(name);                               \
	}                                                                              \
	static const struct words id##_words = {id##_word, id##_value, end}

WORDS(reach, reach, reach_name, reach_by_name, REACH_COUNT);
WORDS(access, access, access_name, access_by_name, ACCESS_COUNT);
WORDS(version, version_state, version_name, version_by_name, VERSION_COUNT);
WORDS(task_state, task_state, task_state_name, task_state_by_name, TASK_STATE_COUNT);
WORDS(proof, proof, proof_name, proof_by_name, PROOF_COUNT);
WORDS(reason, reason, reason_code, reason_by_code, REASON_COUNT);
WORDS(rollout_state, rollout_state, rollout_state_name, rollout_state_by_name,
	ROLLOUT_STATE_COUNT);
WORDS(wave_state, wave_state, wave_state_name, wave_state_by_name, WAVE_STATE_COUNT);
WORDS(abort_mode, abort_mode, abort_mode_name, abort_mode_by_name, ABORT_MODE_COUNT);

#define AT(record, member)   offsetof(struct record, member)
#define SIZE(record, member) sizeof(((struct record *)0)->member)
#define PLAIN(record, member, kind)                                                    \
	{                                                                              \
#		member, kind, AT(record, member), SIZE(record, member), 0, NULL       \
	}
#define WORD(record, member, words)                                                    \
	{                                                                              \
#		member, FIELD_WORD, AT(record, member), SIZE(record, member), 0,      \
			&(words)                                                       \
	}
#define MAYBE(column, record, member, kind, flag)                                      \
	{                                                                              \
		column, kind, AT(record, member), SIZE(record, member),                \
			AT(record, flag), NULL                                         \
	}

static const struct store_field board_fields[] = {
	PLAIN(board, name, FIELD_TEXT),
	WORD(board, reach, reach_words),
	WORD(board, access, access_words),
	WORD(board, version, version_words),
	PLAIN(board, conditions, FIELD_U32),
	MAYBE("tag", board, fingerprint.tag, FIELD_TEXT, has_fingerprint),
	MAYBE("date", board, fingerprint.date, FIELD_TEXT, has_fingerprint),
	MAYBE("board", board, fingerprint.board, FIELD_TEXT, has_fingerprint),
	MAYBE("mcu", board, fingerprint.mcu, FIELD_TEXT, has_fingerprint),
	PLAIN(board, seen_s, FIELD_I64),
	PLAIN(board, since_s, FIELD_I64),
	PLAIN(board, misses, FIELD_INT),
	PLAIN(board, flaps, FIELD_INT),
	PLAIN(board, intrusions, FIELD_I64),
	PLAIN(board, uname_release, FIELD_TEXT),
	PLAIN(board, uname_version, FIELD_TEXT),
	PLAIN(board, uname_machine, FIELD_TEXT),
	PLAIN(board, confirmed_release, FIELD_TEXT),
	PLAIN(board, ledger, FIELD_LEDGER),
	PLAIN(board, unique_id, FIELD_TEXT),
	PLAIN(board, other_id, FIELD_TEXT),
	WORD(board, hands_reason, reason_words),
	PLAIN(board, hands_since_s, FIELD_I64),
	PLAIN(board, hands_away, FIELD_BOOL),
	MAYBE("hands_tag", board, hands_wanted.tag, FIELD_TEXT, has_hands_wanted),
	MAYBE("hands_date", board, hands_wanted.date, FIELD_TEXT, has_hands_wanted),
	MAYBE("hands_board", board, hands_wanted.board, FIELD_TEXT, has_hands_wanted),
	MAYBE("hands_mcu", board, hands_wanted.mcu, FIELD_TEXT, has_hands_wanted),
	PLAIN(board, hands_outcome, FIELD_TEXT),
	PLAIN(board, hands_ended_s, FIELD_I64),
	PLAIN(board, bench_code, FIELD_TEXT),
	PLAIN(board, bench_image, FIELD_TEXT),
	PLAIN(board, bench_spent_s, FIELD_I64),
	PLAIN(board, bench_said, FIELD_BOOL),
	PLAIN(board, place, FIELD_TEXT),
	PLAIN(board, seen_place, FIELD_TEXT),
	PLAIN(board, failed_repairs, FIELD_INT),
	PLAIN(board, next_repair_s, FIELD_I64),
};

static const struct store_field rollout_fields[] = {
	PLAIN(rollout, id, FIELD_ID),
	PLAIN(rollout, release, FIELD_TEXT),
	PLAIN(rollout, selector, FIELD_TEXT),
	PLAIN(rollout, waves, FIELD_TEXT),
	WORD(rollout, state, rollout_state_words),
	WORD(rollout, reason, reason_words),
	PLAIN(rollout, since_s, FIELD_I64),
	PLAIN(rollout, created_s, FIELD_I64),
	PLAIN(rollout, soak_s, FIELD_I64),
	PLAIN(rollout, expires_s, FIELD_I64),
	{"wave_states", FIELD_WAVES, 0, 0, 0, &wave_state_words},
	PLAIN(rollout, acked_lost, FIELD_INT),
	PLAIN(rollout, acked_fell_back, FIELD_INT),
	PLAIN(rollout, acked_failed, FIELD_INT),
	PLAIN(rollout, acked_probe, FIELD_INT),
	PLAIN(rollout, attempts_max, FIELD_INT),
	PLAIN(rollout, burn_last_good, FIELD_BOOL),
	PLAIN(rollout, allow_one_way, FIELD_BOOL),
	PLAIN(rollout, actor, FIELD_TEXT),
	WORD(rollout, abort_mode, abort_mode_words),
	WORD(rollout, catch_up, rollout_state_words),
	WORD(rollout, catch_up_reason, reason_words),
	PLAIN(rollout, catch_up_since_s, FIELD_I64),
	PLAIN(rollout, valid_until_s, FIELD_I64),
	PLAIN(rollout, acked_catch_up, FIELD_INT),
	PLAIN(rollout, undo_of, FIELD_ID),
	WORD(rollout, undo_from, rollout_state_words),
};

static const struct store_field task_fields[] = {
	PLAIN(task, rollout, FIELD_ID),
	PLAIN(task, board, FIELD_TEXT),
	PLAIN(task, wave, FIELD_INT),
	WORD(task, state, task_state_words),
	WORD(task, reason, reason_words),
	PLAIN(task, since_s, FIELD_I64),
	PLAIN(task, attempt, FIELD_INT),
	PLAIN(task, resets, FIELD_INT),
	PLAIN(task, attempted, FIELD_BOOL),
	PLAIN(task, touched, FIELD_BOOL),
	PLAIN(task, pushed, FIELD_BOOL),
	PLAIN(task, inherited, FIELD_U32),
	WORD(task, proof, proof_words),
	PLAIN(task, due_s, FIELD_I64),
	MAYBE("before_tag", task, before.tag, FIELD_TEXT, has_before),
	MAYBE("before_date", task, before.date, FIELD_TEXT, has_before),
	MAYBE("before_board", task, before.board, FIELD_TEXT, has_before),
	MAYBE("before_mcu", task, before.mcu, FIELD_TEXT, has_before),
	PLAIN(task, mark, FIELD_TEXT),
	PLAIN(task, bytes_taken, FIELD_I64),
	PLAIN(task, evidence, FIELD_TEXT),
	PLAIN(task, probes, FIELD_TEXT),
	PLAIN(task, gives_up, FIELD_BOOL),
	PLAIN(task, outages, FIELD_INT),
	PLAIN(task, trials_cut, FIELD_INT),
	PLAIN(task, late, FIELD_BOOL),
	MAYBE("wanted_tag", task, wanted.tag, FIELD_TEXT, has_wanted),
	MAYBE("wanted_date", task, wanted.date, FIELD_TEXT, has_wanted),
	MAYBE("wanted_board", task, wanted.board, FIELD_TEXT, has_wanted),
	MAYBE("wanted_mcu", task, wanted.mcu, FIELD_TEXT, has_wanted),
	PLAIN(task, statement, FIELD_TEXT),
	PLAIN(task, banner_before, FIELD_TEXT),
	PLAIN(task, banner_after, FIELD_TEXT),
	PLAIN(task, push_reply, FIELD_TEXT),
	PLAIN(task, lost_s, FIELD_I64),
	PLAIN(task, returned_s, FIELD_I64),
	PLAIN(task, type, FIELD_TEXT),
};

static const struct store_field known_bad_fields[] = {
	PLAIN(known_bad, number, FIELD_I64),
	PLAIN(known_bad, sha256, FIELD_TEXT),
	PLAIN(known_bad, type, FIELD_TEXT),
	PLAIN(known_bad, board, FIELD_TEXT),
	PLAIN(known_bad, release, FIELD_TEXT),
	PLAIN(known_bad, rollout, FIELD_ID),
	WORD(known_bad, reason, reason_words),
	PLAIN(known_bad, since_s, FIELD_I64),
	PLAIN(known_bad, added_by, FIELD_TEXT),
	PLAIN(known_bad, added_reason, FIELD_TEXT),
	PLAIN(known_bad, cleared_s, FIELD_I64),
	PLAIN(known_bad, cleared_by, FIELD_TEXT),
	PLAIN(known_bad, cleared_reason, FIELD_TEXT),
};

static const struct store_field event_fields[] = {
	PLAIN(event, seq, FIELD_I64),
	PLAIN(event, time_s, FIELD_I64),
	PLAIN(event, actor, FIELD_TEXT),
	PLAIN(event, board, FIELD_TEXT),
	MAYBE("rollout", event, rollout, FIELD_ID, has_rollout),
	PLAIN(event, name, FIELD_TEXT),
	PLAIN(event, detail, FIELD_TEXT),
	PLAIN(event, cause, FIELD_TEXT),
};

#define TABLE(name, record, fields, keys, key)                                         \
	{                                                                              \
		name, sizeof(struct record), fields,                                   \
			sizeof(fields) / sizeof((fields)[0]), keys, key                \
	}

const struct store_table store_boards_table =
	TABLE("boards", board, board_fields, 1, "name");
const struct store_table store_rollouts_table =
	TABLE("rollouts", rollout, rollout_fields, 1, "id");
const struct store_table store_tasks_table =
	TABLE("tasks", task, task_fields, 2, "rollout, board");
const struct store_table store_known_bad_table =
	TABLE("known_bad", known_bad, known_bad_fields, 1, "number");
/* Events are written by store_events.c: a row of theirs has its chain value as well. */
const struct store_table store_events_table =
	TABLE("events", event, event_fields, 1, NULL);

/* ---- statements ------------------------------------------------------------------ */

static void add_columns(sqlite3_str *sql, const struct store_table *table)
{
	for (size_t i = 0; i < table->field_count; i++)
		sqlite3_str_appendf(sql, "%s%s", i ? ", " : "", table->field[i].column);
}

char *store_sql_put(const struct store_table *table)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendf(sql, "INSERT INTO %s (", table->name);
	add_columns(sql, table);
	sqlite3_str_appendall(sql, ") VALUES (");
	for (size_t i = 0; i < table->field_count; i++)
		sqlite3_str_appendf(sql, "%s?%d", i ? ", " : "", (int)i + 1);
	sqlite3_str_appendall(sql, ")");
	/* Not INSERT OR REPLACE: that would give the row a new seq. */
	if (table->key)
		sqlite3_str_appendf(sql, " ON CONFLICT (%s) DO UPDATE SET", table->key);
	for (size_t i = table->key_count; table->key && i < table->field_count; i++)
		sqlite3_str_appendf(sql, "%s %s = excluded.%s",
			i > table->key_count ? "," : "", table->field[i].column,
			table->field[i].column);
	return sqlite3_str_finish(sql);
}

char *store_sql_select(const struct store_table *table, const char *tail)
{
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendall(sql, "SELECT ");
	add_columns(sql, table);
	sqlite3_str_appendf(sql, " FROM %s %s", table->name, tail);
	return sqlite3_str_finish(sql);
}

/* ---- writing --------------------------------------------------------------------- */

static int bind_waves(sqlite3_stmt *stmt, int column, const struct rollout *rollout)
{
	sqlite3_str *text = sqlite3_str_new(NULL);
	char *list;

	assert(rollout->wave_count >= 0 && rollout->wave_count <= WAVES_MAX);
	for (int i = 0; i < rollout->wave_count; i++)
		sqlite3_str_appendf(text, "%s%s", i ? "," : "",
			wave_state_name(rollout->wave_state[i]));
	/* Finishing an empty one gives NULL, which is not the empty text. */
	list = sqlite3_str_finish(text);
	if (!list)
		return sqlite3_bind_text(stmt, column, "", 0, SQLITE_STATIC);
	return sqlite3_bind_text(stmt, column, list, -1, sqlite3_free);
}

static int bind_text(sqlite3_stmt *stmt, int column, const char *text, size_t size)
{
	return sqlite3_bind_text(
		stmt, column, text, (int)strnlen(text, size - 1), SQLITE_STATIC);
}

static int bind_ledger(sqlite3_stmt *stmt, int column, const void *at)
{
	char text[LEDGER_TEXT_MAX];

	ledger_format(at, text);
	return sqlite3_bind_text(stmt, column, text, -1, SQLITE_TRANSIENT);
}

static int bind_word(
	sqlite3_stmt *stmt, int column, const struct words *words, const void *at)
{
	unsigned value;

	memcpy(&value, at, sizeof(value));
	assert(value < words->count);
	return sqlite3_bind_text(stmt, column, words->name(value), -1, SQLITE_STATIC);
}

static int bind_field(sqlite3_stmt *stmt, int column, const struct store_field *field,
	const void *record)
{
	const char *at = (const char *)record + field->offset;

	if (field->flag && !*((const bool *)((const char *)record + field->flag)))
		return sqlite3_bind_null(stmt, column);
	switch (field->kind) {
	case FIELD_TEXT:
		return bind_text(stmt, column, at, field->size);
	case FIELD_BOOL:
		return sqlite3_bind_int(stmt, column, *(const bool *)at);
	case FIELD_INT:
		return sqlite3_bind_int(stmt, column, *(const int *)(const void *)at);
	case FIELD_U32:
		return sqlite3_bind_int64(
			stmt, column, *(const uint32_t *)(const void *)at);
	case FIELD_I64:
		return sqlite3_bind_int64(
			stmt, column, *(const int64_t *)(const void *)at);
	case FIELD_ID:
		return sqlite3_bind_blob(stmt, column, at, ID_LEN, SQLITE_STATIC);
	case FIELD_WORD:
		return bind_word(stmt, column, field->words, at);
	case FIELD_WAVES:
		return bind_waves(stmt, column, record);
	case FIELD_LEDGER:
		return bind_ledger(stmt, column, at);
	}
	return SQLITE_MISUSE;
}

int store_row_bind(
	sqlite3_stmt *stmt, const struct store_table *table, const void *record)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; !rc && i < table->field_count; i++)
		rc = bind_field(stmt, (int)i + 1, &table->field[i], record);
	return rc;
}

/* ---- reading --------------------------------------------------------------------- */

/* Each returns whether the column was understood. */

static bool read_text(sqlite3_stmt *stmt, int column, char *ret_text, size_t size)
{
	const void *text = sqlite3_column_text(stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(stmt, column);

	if (!text || len >= size || memchr(text, 0, len))
		return false;
	memcpy(ret_text, text, len);
	ret_text[len] = '\0';
	return true;
}

static bool read_integer(
	sqlite3_stmt *stmt, int column, int64_t min, int64_t max, int64_t *ret_value)
{
	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER)
		return false;
	*ret_value = sqlite3_column_int64(stmt, column);
	return *ret_value >= min && *ret_value <= max;
}

static bool read_id(sqlite3_stmt *stmt, int column, char *ret_id)
{
	const void *blob = sqlite3_column_blob(stmt, column);

	if (!blob || sqlite3_column_bytes(stmt, column) != ID_LEN)
		return false;
	memcpy(ret_id, blob, ID_LEN);
	return true;
}

static bool read_word(
	sqlite3_stmt *stmt, int column, const struct words *words, char *ret_value)
{
	char name[64];
	unsigned value;

	if (!read_text(stmt, column, name, sizeof(name)))
		return false;
	value = words->by_name(name);
	memcpy(ret_value, &value, sizeof(value));
	return value < words->count;
}

static bool read_waves(sqlite3_stmt *stmt, int column, struct rollout *rollout)
{
	char list[WAVES_MAX * 16], *rest = list, *name;

	rollout->wave_count = 0;
	if (!read_text(stmt, column, list, sizeof(list)))
		return false;
	while (*list && (name = strsep(&rest, ","))) {
		enum wave_state state = wave_state_by_name(name);

		if (state == WAVE_STATE_COUNT || rollout->wave_count == WAVES_MAX)
			return false;
		rollout->wave_state[rollout->wave_count++] = state;
	}
	return true;
}

static bool read_ledger(sqlite3_stmt *stmt, int column, void *ret_ledger)
{
	char text[LEDGER_TEXT_MAX];

	return read_text(stmt, column, text, sizeof(text)) &&
	       ledger_parse(text, ret_ledger) == 0;
}

static bool read_field(
	sqlite3_stmt *stmt, int column, const struct store_field *field, void *record)
{
	char *at = (char *)record + field->offset;
	int64_t value;
	bool ok;

	if (field->flag && sqlite3_column_type(stmt, column) == SQLITE_NULL)
		return true;
	if (field->flag)
		*(bool *)((char *)record + field->flag) = true;
	switch (field->kind) {
	case FIELD_TEXT:
		return read_text(stmt, column, at, field->size);
	case FIELD_BOOL:
		if ((ok = read_integer(stmt, column, 0, 1, &value)))
			*(bool *)at = value != 0;
		return ok;
	case FIELD_INT:
		if ((ok = read_integer(stmt, column, INT_MIN, INT_MAX, &value)))
			*(int *)(void *)at = (int)value;
		return ok;
	case FIELD_U32:
		if ((ok = read_integer(stmt, column, 0, UINT32_MAX, &value)))
			*(uint32_t *)(void *)at = (uint32_t)value;
		return ok;
	case FIELD_I64:
		return read_integer(
			stmt, column, INT64_MIN, INT64_MAX, (int64_t *)(void *)at);
	case FIELD_ID:
		return read_id(stmt, column, at);
	case FIELD_WORD:
		return read_word(stmt, column, field->words, at);
	case FIELD_WAVES:
		return read_waves(stmt, column, record);
	case FIELD_LEDGER:
		return read_ledger(stmt, column, at);
	}
	return false;
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text ? (const char *)text : "nothing";
}

/* The row by its key, the column, and what stands there: whoever repairs it with the
 * sqlite3 shell needs just these. */
static void say_unreadable(sqlite3_stmt *stmt, const struct store_table *table,
	size_t column, struct errtext *ret_error)
{
	char key[2][NAME_MAX_LEN] = {"", ""};

	for (size_t i = 0; i < table->key_count; i++) {
		const void *value = sqlite3_column_blob(stmt, (int)i);

		if (table->field[i].kind != FIELD_ID)
			snprintf(
				key[i], sizeof(key[i]), "%.63s", text_of(stmt, (int)i));
		else if (value && sqlite3_column_bytes(stmt, (int)i) == ID_LEN)
			id_format(value, key[i]);
	}
	snprintf(ret_error->text, sizeof(ret_error->text),
		"table %s, row %s%s%s: column %s holds '%.48s'", table->name, key[0],
		*key[1] ? " " : "", key[1], table->field[column].column,
		text_of(stmt, (int)column));
}

int store_row_read(sqlite3_stmt *stmt, const struct store_table *table, void *record,
	struct errtext *ret_error)
{
	memset(record, 0, table->size);
	for (size_t i = 0; i < table->field_count; i++) {
		if (read_field(stmt, (int)i, &table->field[i], record))
			continue;
		say_unreadable(stmt, table, i, ret_error);
		return WIPY_E_CORRUPT;
	}
	return 0;
}
