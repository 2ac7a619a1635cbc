/* SPDX-License-Identifier: MIT
 *
 * The store in SQLite: one connection, used by one thread at a time. WAL and
 * synchronous=FULL: NORMAL was measured to lose acknowledged rows in power cuts.
 *
 * Who owns the boards is decided twice: wipyd.lock keeps a second daemon of this host
 * out, and meta.token, raised at each opening and checked in each transaction, fences
 * off an owner that was overtaken from elsewhere.
 */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/edge/log.h"
#include "daemon/edge/store_backend.h"
#include "daemon/edge/store_db.h"
#include "daemon/edge/store_events.h"
#include "daemon/edge/store_folder.h"
#include "daemon/edge/store_history.h"
#include "daemon/edge/store_prune.h"
#include "daemon/edge/store_rows.h"
#include "daemon/edge/store_schema.h"

#define TAG "store"

enum statement {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_TOKEN,
	SQL_RAISE_TOKEN,
	SQL_BOARD_GONE,
	SQL_SEEN,
	SQL_PUT_BOARD,
	SQL_PUT_ROLLOUT,
	SQL_PUT_TASK,
	SQL_PUT_KNOWN_BAD,
	SQL_BOARDS,
	SQL_ROLLOUTS,
	SQL_TASKS,
	SQL_KNOWN_BAD,
	SQL_COUNT
};

/* Without a table: the statement; with one: what follows SELECT ... FROM; without a text:
 * the statement that writes a record. */
static const struct {
	const struct store_table *table;
	const char *sql;
} statements[SQL_COUNT] = {
	[SQL_BEGIN] = {NULL, "BEGIN IMMEDIATE"},
	[SQL_COMMIT] = {NULL, "COMMIT"},
	[SQL_TOKEN] = {NULL, "SELECT token FROM meta WHERE one = 1"},
	[SQL_RAISE_TOKEN] = {NULL, "UPDATE meta SET token = token + 1 WHERE one = 1"},
	[SQL_BOARD_GONE] = {NULL, "DELETE FROM boards WHERE name = ?1"},
	[SQL_SEEN] = {NULL, "UPDATE boards SET seen_s = ?2 WHERE name = ?1"},
	[SQL_PUT_BOARD] = {&store_boards_table, NULL},
	[SQL_PUT_ROLLOUT] = {&store_rollouts_table, NULL},
	[SQL_PUT_TASK] = {&store_tasks_table, NULL},
	[SQL_PUT_KNOWN_BAD] = {&store_known_bad_table, NULL},
	[SQL_BOARDS] = {&store_boards_table, "ORDER BY name"},
	[SQL_ROLLOUTS] = {&store_rollouts_table, "ORDER BY seq"},
	[SQL_TASKS] = {&store_tasks_table, "WHERE rollout = ?1 ORDER BY seq"},
	[SQL_KNOWN_BAD] = {&store_known_bad_table, "ORDER BY number"},
};

struct sqlite_store {
	struct store_backend backend;
	int lock_fd;
	sqlite3 *db;
	sqlite3_stmt *stmt[SQL_COUNT];
	struct store_events *events;
	struct store_history *history;
	struct store_prune *prune;
	int64_t token; /* ours */
	bool owner;    /* false: the disk was too full to take the boards over */
	int said;      /* the status that the log was told last */
	char path[STORE_PATH_MAX];
	struct stat file; /* what stood at the path when it was opened */
};

static struct sqlite_store *sqlite_of(struct store_backend *backend)
{
	return (struct sqlite_store *)backend;
}

/* ---- statements ------------------------------------------------------------------ */

/* A disk that stays full fails each commit: one line when the state changes is enough.
 * The text that SQLite has for it ends here, the status travels on. */
static void tell_log(struct sqlite_store *self, int status)
{
	if (status == self->said)
		return;
	self->said = status;
	if (status == WIPY_E_STALE)
		log_error(TAG, "another wipyd has taken over the boards file=%s",
			self->path);
	else if (status == WIPY_E_GONE)
		log_error(TAG,
			"the state folder was removed or replaced: put it back, or "
			"restart "
			"wipyd with a backup file=%s",
			self->path);
	else if (status)
		log_error(TAG, "cannot write file=%s err=%s sqlite=\"%s\"", self->path,
			wipy_errcode(status), sqlite3_errmsg(self->db));
	else
		log_info(TAG, "writing works again file=%s", self->path);
}

static int read_token(struct sqlite_store *self, int64_t *ret_token)
{
	sqlite3_stmt *stmt = self->stmt[SQL_TOKEN];
	int code = sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		*ret_token = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	if (code == SQLITE_DONE) /* the only row of meta is gone */
		return SQLITE_CORRUPT;
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

/* ---- writing --------------------------------------------------------------------- */

static void sqlite_rollback(struct store_backend *backend)
{
	/* SQLite has rolled back by itself after some errors. */
	if (!sqlite3_get_autocommit(sqlite_of(backend)->db))
		(void)sqlite3_exec(
			sqlite_of(backend)->db, "ROLLBACK", NULL, NULL, NULL);
	store_events_rolled_back(sqlite_of(backend)->events);
}

/* From here on every daemon that opened the file before is stale, and what it has written
 * is sealed. */
static int take_ownership(struct sqlite_store *self, struct errtext *ret_error)
{
	int code, rc;

	if (!(code = store_db_run(self->stmt[SQL_BEGIN])) &&
		!(code = store_db_run(self->stmt[SQL_RAISE_TOKEN])) &&
		!(code = read_token(self, &self->token)) &&
		!(code = store_events_seal(self->events)) &&
		!(code = store_history_seed(self->history, time(NULL))) &&
		!(code = store_db_run(self->stmt[SQL_COMMIT]))) {
		store_events_committed(self->events);
		self->owner = true;
		return 0;
	}
	/* read_token() makes up one code of its own. */
	if (code == SQLITE_CORRUPT)
		rc = store_db_say_damaged(
			self->path, "no owner is kept in it", ret_error);
	else
		rc = store_db_say(self->db, code, self->path, ret_error);
	sqlite_rollback(&self->backend);
	return rc;
}

/* A file that was removed can be written to without an error, and nobody would ever read
 * it again. */
static bool still_there(const struct sqlite_store *self)
{
	struct stat now;

	return stat(self->path, &now) == 0 && now.st_dev == self->file.st_dev &&
	       now.st_ino == self->file.st_ino;
}

static int sqlite_begin(struct store_backend *backend)
{
	struct sqlite_store *self = sqlite_of(backend);
	struct errtext error;
	int64_t token = 0;
	int code, rc;

	if (!still_there(self)) {
		tell_log(self, WIPY_E_GONE);
		return WIPY_E_GONE;
	}
	/* A log that cannot grow begins anew in its own file once all of it stands in the
	 * database; whether that has gone well shows with the next write. */
	if (self->said == WIPY_E_FULL)
		(void)sqlite3_wal_checkpoint_v2(
			self->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	if (!self->owner && (rc = take_ownership(self, &error)))
		return rc; /* which the log was told at the start */
	if (!(code = store_db_run(self->stmt[SQL_BEGIN])))
		code = read_token(self, &token);
	rc = store_db_status(self->db, code);
	if (!rc && token != self->token)
		rc = WIPY_E_STALE;
	if (rc) {
		tell_log(self, rc);
		sqlite_rollback(backend);
	}
	return rc;
}

static int put(struct sqlite_store *self, enum statement which, const void *record)
{
	sqlite3_stmt *stmt = self->stmt[which];
	int code = store_row_bind(stmt, statements[which].table, record);

	return code ? code : store_db_run(stmt);
}

static int put_seen(
	struct sqlite_store *self, enum statement which, const struct store_seen *seen)
{
	sqlite3_stmt *stmt = self->stmt[which];
	int code = sqlite3_bind_text(stmt, 1, seen->name, -1, SQLITE_STATIC);

	if (!code && which == SQL_SEEN)
		code = sqlite3_bind_int64(stmt, 2, seen->seen_s);
	return code ? code : store_db_run(stmt);
}

static int write_op(struct sqlite_store *self, const struct store_op *op)
{
	switch (op->kind) {
	case STORE_OP_BOARD:
		return put(self, SQL_PUT_BOARD, op->board);
	case STORE_OP_ROLLOUT:
		return put(self, SQL_PUT_ROLLOUT, op->rollout);
	case STORE_OP_TASK:
		return put(self, SQL_PUT_TASK, op->task);
	case STORE_OP_KNOWN_BAD:
		return put(self, SQL_PUT_KNOWN_BAD, op->known_bad);
	case STORE_OP_EVENT:
		return store_events_add(self->events, op->event);
	case STORE_OP_BOARD_GONE:
		return put_seen(self, SQL_BOARD_GONE, op->seen);
	case STORE_OP_SEEN:
		return put_seen(self, SQL_SEEN, op->seen);
	case STORE_OP_EXPORTED:
		return store_prune_note_exported(self->prune, *op->exported_seq);
	case STORE_OP_PRUNE:
		return store_prune_put(self->prune, op->prune);
	case STORE_OP_COUNT:
		break;
	}
	assert(false);
	return SQLITE_MISUSE;
}

static int apply(struct sqlite_store *self, const struct store_op *op)
{
	int code;

	if ((code = store_history_before(self->history, op)) ||
		(code = write_op(self, op)))
		return code;
	return store_history_after(self->history, op);
}

static int sqlite_apply(struct store_backend *backend, const struct store_op *op)
{
	struct sqlite_store *self = sqlite_of(backend);
	int rc = store_db_status(self->db, apply(self, op));

	if (rc)
		tell_log(self, rc);
	return rc;
}

static int sqlite_commit(struct store_backend *backend)
{
	struct sqlite_store *self = sqlite_of(backend);
	int code, rc;

	if (!(code = store_events_settle(self->events)))
		code = store_db_run(self->stmt[SQL_COMMIT]);
	rc = store_db_status(self->db, code);
	tell_log(self, rc);
	if (!rc)
		store_events_committed(self->events);
	return rc;
}

/* ---- reading --------------------------------------------------------------------- */

/* Appends the rows of a bound statement to an array. */
static int read_rows(struct sqlite_store *self, enum statement which, void **array,
	size_t *count, struct errtext *ret_error)
{
	const struct store_table *table = statements[which].table;
	sqlite3_stmt *stmt = self->stmt[which];
	struct errtext unreadable;
	int code, rc = 0;

	while (!rc && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		*array = store_grow(*array, *count, table->size);
		rc = store_row_read(stmt, table, (char *)*array + *count * table->size,
			&unreadable);
		*count += !rc;
	}
	if (rc) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.90s: %.150s: use the newer wipyd that wrote it, or a backup",
			self->path, unreadable.text);
	} else if ((rc = store_db_status(self->db, code == SQLITE_DONE ? 0 : code))) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot read %.150s: %s", self->path, sqlite3_errmsg(self->db));
	}
	sqlite3_reset(stmt);
	return rc;
}

static int read_tasks(struct sqlite_store *self, size_t recent,
	struct store_snapshot *snapshot, struct errtext *ret_error)
{
	const struct store_recent latest =
		store_find_recent(snapshot->rollout, snapshot->rollout_count, recent);
	int rc = 0;

	for (size_t i = 0; !rc && i < snapshot->rollout_count; i++) {
		const struct rollout *rollout = &snapshot->rollout[i];

		if (!store_wants_tasks(rollout, i, &latest))
			continue;
		sqlite3_bind_blob(self->stmt[SQL_TASKS], 1, rollout->id.byte, ID_LEN,
			SQLITE_STATIC);
		rc = read_rows(self, SQL_TASKS, (void **)&snapshot->task,
			&snapshot->task_count, ret_error);
	}
	return rc;
}

static int sqlite_load(struct store_backend *backend, size_t recent,
	struct store_snapshot *ret_snapshot, struct errtext *ret_error)
{
	struct sqlite_store *self = sqlite_of(backend);
	struct store_snapshot snapshot = {0};
	int rc;

	if ((rc = read_rows(self, SQL_BOARDS, (void **)&snapshot.board,
		     &snapshot.board_count, ret_error)) ||
		(rc = read_rows(self, SQL_ROLLOUTS, (void **)&snapshot.rollout,
			 &snapshot.rollout_count, ret_error)) ||
		(rc = read_rows(self, SQL_KNOWN_BAD, (void **)&snapshot.known_bad,
			 &snapshot.known_bad_count, ret_error)) ||
		(rc = read_tasks(self, recent, &snapshot, ret_error))) {
		store_snapshot_done(&snapshot);
		return rc;
	}
	*ret_snapshot = snapshot;
	return 0;
}

static int sqlite_read_events(struct store_backend *backend,
	const struct store_event_query *query, struct event **ret_events,
	size_t *ret_count)
{
	struct sqlite_store *self = sqlite_of(backend);

	return store_events_read(self->db, self->events, query, ret_events, ret_count);
}

static int sqlite_verify(struct store_backend *backend, bool begun,
	struct chain_walk *walk, bool *ret_more)
{
	struct sqlite_store *self = sqlite_of(backend);

	return store_db_status(
		self->db, store_events_verify(self->events, begun, walk, ret_more));
}

static int sqlite_read_past(struct store_backend *backend,
	const struct store_past_query *query, int64_t *ret_begins_s,
	struct store_snapshot *ret_past)
{
	struct sqlite_store *self = sqlite_of(backend);
	int64_t pruned_s = 0;
	int rc = store_db_status(self->db, store_prune_begins(self->prune, &pruned_s));

	if (rc)
		return rc;
	if (query->at_s < pruned_s) {
		*ret_begins_s = pruned_s;
		*ret_past = (struct store_snapshot){0};
		return WIPY_E_PRUNED;
	}
	rc = store_history_read(self->history, query, ret_begins_s, ret_past);
	if (*ret_begins_s < pruned_s)
		*ret_begins_s = pruned_s;
	return rc;
}

static int sqlite_export(struct store_backend *backend,
	const struct store_export_query *query, struct store_export *ret_page)
{
	struct sqlite_store *self = sqlite_of(backend);

	return store_db_status(
		self->db, store_prune_export(self->prune, query, ret_page));
}

static int sqlite_plan_prune(struct store_backend *backend, int64_t before_s,
	bool unexported, struct store_prune_plan *ret_plan)
{
	struct sqlite_store *self = sqlite_of(backend);

	return store_db_status(self->db,
		store_prune_plan(self->prune, before_s, unexported, ret_plan));
}

static bool sqlite_tidy(struct store_backend *backend)
{
	struct sqlite_store *self = sqlite_of(backend);
	int rc;

	if (!store_prune_due(self->prune) || sqlite_begin(backend))
		return false;
	rc = store_db_status(self->db, store_prune_step(self->prune));
	if (rc)
		tell_log(self, rc);
	if (rc || sqlite_commit(backend)) {
		sqlite_rollback(backend);
		return store_prune_stepped(self->prune, false);
	}
	return store_prune_stepped(self->prune, true);
}

/* ---- opening --------------------------------------------------------------------- */

static int prepare(struct sqlite_store *self, enum statement which)
{
	const struct store_table *table = statements[which].table;
	const char *fixed = statements[which].sql;
	char *built = NULL;
	int code;

	if (table) {
		built = fixed ? store_sql_select(table, fixed) : store_sql_put(table);
		if (!built)
			return SQLITE_NOMEM;
	}
	code = sqlite3_prepare_v3(self->db, built ? built : fixed, -1,
		SQLITE_PREPARE_PERSISTENT, &self->stmt[which], NULL);
	sqlite3_free(built);
	return code;
}

static int not_prepared(struct sqlite_store *self, int code, struct errtext *ret_error)
{
	if (code == SQLITE_ERROR)
		return store_db_say_damaged(
			self->path, sqlite3_errmsg(self->db), ret_error);
	return store_db_say(self->db, code, self->path, ret_error);
}

/* All of them at once: a table or column that is missing shows here, not in the middle
 * of a rollout. */
static int prepare_all(struct sqlite_store *self, struct errtext *ret_error)
{
	int code;

	for (int which = 0; which < SQL_COUNT; which++) {
		code = prepare(self, (enum statement)which);

		if (code)
			return not_prepared(self, code, ret_error);
	}
	if ((code = store_events_open(self->db, &self->events)) ||
		(code = store_history_open(self->db, &self->history)) ||
		(code = store_prune_open(self->db, &self->prune)))
		return not_prepared(self, code, ret_error);
	if (!store_events_fit(self->events))
		log_error(TAG,
			"the events were changed from outside: see "
			"`wipyctl events verify` file=%s",
			self->path);
	return 0;
}

static void close_file(struct sqlite_store *self)
{
	for (int which = 0; which < SQL_COUNT; which++) {
		sqlite3_finalize(self->stmt[which]);
		self->stmt[which] = NULL;
	}
	self->events = store_events_close(self->events);
	self->history = store_history_close(self->history);
	self->prune = store_prune_close(self->prune);
	sqlite3_close(self->db);
	self->db = NULL;
}

static int64_t sqlite_size(struct store_backend *backend)
{
	struct stat st;

	return stat(sqlite_of(backend)->path, &st) < 0 ? 0 : (int64_t)st.st_size;
}

static void sqlite_close(struct store_backend *backend)
{
	struct sqlite_store *self = sqlite_of(backend);

	close_file(self);
	/* Last: whoever gets the lock next finds everything in place. */
	if (self->lock_fd >= 0)
		close(self->lock_fd);
	free(self);
}

static const struct store_backend_ops sqlite_ops = {
	.begin = sqlite_begin,
	.apply = sqlite_apply,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.load = sqlite_load,
	.read_events = sqlite_read_events,
	.verify = sqlite_verify,
	.read_past = sqlite_read_past,
	.export = sqlite_export,
	.plan_prune = sqlite_plan_prune,
	.tidy = sqlite_tidy,
	.size = sqlite_size,
	.close = sqlite_close,
};

static int open_file(struct sqlite_store *self, bool alone, struct errtext *ret_error)
{
	int rc = store_db_open(self->path, alone, &self->db, ret_error);

	return rc ? rc : prepare_all(self, ret_error);
}

/* A full disk must not end a daemon that has boards to watch: what can be read is read,
 * and each transaction tries again to become the owner. */
static int stay_full(struct sqlite_store *self, struct errtext *ret_error)
{
	self->said = WIPY_E_FULL;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"no room to write %.150s: make room. Until then boards are only "
		"watched, "
		"and no rollout begins or goes on",
		self->path);
	return STORE_FULL;
}

static int sqlite_open(
	struct sqlite_store *self, const char *dir, struct errtext *ret_error)
{
	int rc;

	/* First of all: what a daemon that runs has open is none of our business. */
	if ((rc = store_folder_claim(dir, &self->lock_fd, ret_error)) ||
		(rc = store_folder_file(dir, self->path, ret_error)))
		return rc;
	if (stat(self->path, &self->file) < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.150s was removed while it was being opened", self->path);
		return WIPY_E_GONE;
	}
	if ((rc = open_file(self, false, ret_error)) == WIPY_E_FULL) {
		close_file(self);
		rc = open_file(self, true, ret_error);
	}
	if (rc)
		return rc;
	rc = take_ownership(self, ret_error);
	return rc == WIPY_E_FULL ? stay_full(self, ret_error) : rc;
}

int store_open_sqlite(uv_loop_t *loop, const char *dir, struct store **ret_store,
	struct errtext *ret_error)
{
	struct sqlite_store *self = store_alloc(sizeof(*self));
	int opened, rc;

	self->backend.ops = &sqlite_ops;
	self->lock_fd = -1;
	if ((opened = sqlite_open(self, dir, ret_error)) < 0) {
		sqlite_close(&self->backend);
		return opened;
	}
	if ((rc = store_start(loop, &self->backend, ret_store)))
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot start the store's thread: %s", uv_strerror(rc));
	return rc ? rc : opened;
}
