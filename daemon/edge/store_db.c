/* SPDX-License-Identifier: MIT
 *
 * Opening wipyd.db. Until the file is known to be ours and whole, the connection is kept
 * from writing its log back when it is closed: a damaged file stays as it was found.
 */
#include "config.h"

#include "daemon/edge/store_db.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/edge/store_schema.h"

/* Reading every page of a larger file would delay the start by seconds. */
#define CHECK_WHOLE_MAX (64LL << 20)

/* What the latest failure on the file or its log was to the system. SQLite itself keeps
 * that of a COMMIT nowhere else. */
static int file_errno(sqlite3 *db, int which)
{
	sqlite3_file *file = NULL;
	int error = 0;

	if (sqlite3_file_control(db, "main", which, &file) == SQLITE_OK && file &&
		file->pMethods)
		(void)file->pMethods->xFileControl(
			file, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

/* To SQLite only ENOSPC is a full disk. To the owner a quota and a limit on the size of
 * files are the same: make room and it works again. */
static bool no_room(int error)
{
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

int store_db_status(sqlite3 *db, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
		return 0;
	case SQLITE_FULL:
		return WIPY_E_FULL;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return WIPY_E_CORRUPT;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN: /* of the log, which is a file of its own */
		return no_room(sqlite3_system_errno(db)) ||
				       no_room(file_errno(
					       db, SQLITE_FCNTL_FILE_POINTER)) ||
				       no_room(file_errno(
					       db, SQLITE_FCNTL_JOURNAL_POINTER))
			       ? WIPY_E_FULL
			       : -EIO;
	default:
		return -EIO;
	}
}

int store_db_prepare(
	sqlite3 *db, const char *const *sql, size_t count, sqlite3_stmt **ret_stmt)
{
	int code = SQLITE_OK;

	for (size_t i = 0; !code && i < count; i++)
		code = sqlite3_prepare_v3(
			db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &ret_stmt[i], NULL);
	return code;
}

int store_db_run(sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_db_number(sqlite3_stmt *stmt, int64_t *ret_number)
{
	int code = sqlite3_step(stmt);

	*ret_number = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int store_db_say_damaged(const char *path, const char *found, struct errtext *ret_error)
{
	snprintf(ret_error->text, sizeof(ret_error->text),
		"%.100s is damaged (%.60s); nothing was changed: put back a backup, or "
		"move it and its -wal aside: boards are learnt again by polling, the "
		"history of rollouts is lost",
		path, found);
	return WIPY_E_CORRUPT;
}

int store_db_say(sqlite3 *db, int code, const char *path, struct errtext *ret_error)
{
	int rc = store_db_status(db, code);

	if (rc == WIPY_E_CORRUPT)
		return store_db_say_damaged(path, sqlite3_errmsg(db), ret_error);
	if (rc == WIPY_E_FULL) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"no room to write %.150s: make room and start wipyd again",
			path);
	} else if ((code & 0xff) == SQLITE_BUSY) {
		rc = WIPY_E_LOCKED;
		snprintf(ret_error->text, sizeof(ret_error->text),
			"another program writes to %.150s: end it and start wipyd "
			"again",
			path);
	} else {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot open %.150s: %.60s: check the disk, and that the files "
			"beside it belong to the same user",
			path, sqlite3_errmsg(db));
	}
	return rc;
}

/* ---- checks ---------------------------------------------------------------------- */

/* What was found, without the headline that quick_check may put above it. */
static const char *last_line(const char *text)
{
	const char *feed = strrchr(text, '\n');

	return feed ? feed + 1 : text;
}

static int check_whole(sqlite3 *db, const char *path, struct errtext *ret_error)
{
	sqlite3_stmt *stmt;
	struct stat st;
	int code, rc = 0;

	if (stat(path, &st) == 0 && st.st_size > CHECK_WHOLE_MAX)
		return 0;
	if ((code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL)))
		return store_db_say(db, code, path, ret_error);
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *found = (const char *)sqlite3_column_text(stmt, 0);

		if (!found || strcmp(found, "ok") != 0)
			rc = store_db_say_damaged(path,
				found ? last_line(found) : "no result", ret_error);
	}
	code = sqlite3_finalize(stmt);
	return !rc && code ? store_db_say(db, code, path, ret_error) : rc;
}

/* Reading these is also the check of the header and of the schema's text. */
static int check_ours(sqlite3 *db, const char *path, struct errtext *ret_error)
{
	long long application = 0, number = 0, things = 0;
	int code;

	if ((code = store_schema_number(db, "PRAGMA application_id", &application)) ||
		(code = store_schema_number(db, "PRAGMA user_version", &number)) ||
		(code = store_schema_number(
			 db, "SELECT count(*) FROM sqlite_schema", &things)))
		return store_db_say(db, code, path, ret_error);
	if (application == 0 && number == 0 && things == 0)
		return 0; /* empty: to be filled */
	if (application != STORE_APPLICATION_ID) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.150s is not a database of wipyd; nothing was changed: move "
			"it "
			"away, or correct state-dir",
			path);
		return WIPY_E_CORRUPT;
	}
	if (number < 1)
		return store_db_say_damaged(path, "it has no schema number", ret_error);
	if (number > store_schema_newest()) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.150s was written by a newer wipyd (schema %lld, this one "
			"knows "
			"%d): install that version again, or put back an older backup",
			path, number, store_schema_newest());
		return -ENOTSUP;
	}
	return 0;
}

/* ---- settings -------------------------------------------------------------------- */

/* SQLite answers with the mode that it got, which is no error to it. */
static int use_wal(sqlite3 *db, const char *path, struct errtext *ret_error)
{
	sqlite3_stmt *stmt;
	bool wal = false;
	int code;

	if ((code = sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &stmt, NULL)))
		return store_db_say(db, code, path, ret_error);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		wal = sqlite3_stricmp(
			      (const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	if ((code = sqlite3_finalize(stmt)))
		return store_db_say(db, code, path, ret_error);
	if (!wal) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.150s cannot have a write-ahead log there: choose a "
			"state-dir on "
			"a local disk",
			path);
		return -EIO;
	}
	return 0;
}

static int settle(sqlite3 *db, const char *path, struct errtext *ret_error)
{
	int code, rc;

	if ((rc = use_wal(db, path, ret_error)))
		return rc;
	/* The log is cut back after a commit that made it long. */
	if ((code = sqlite3_exec(db,
		     "PRAGMA synchronous = FULL;"
		     "PRAGMA foreign_keys = OFF;"
		     "PRAGMA journal_size_limit = 16777216",
		     NULL, NULL, NULL)) ||
		(code = store_schema_upgrade(db, store_schema_newest())))
		return store_db_say(db, code, path, ret_error);
	return 0;
}

static int set_write_back(sqlite3 *db, bool on)
{
	return sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !on, NULL);
}

int store_db_open(
	const char *path, bool alone, sqlite3 **ret_db, struct errtext *ret_error)
{
	sqlite3 *db = NULL;
	int code, rc;

	code = sqlite3_open_v2(
		path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code || (code = set_write_back(db, false)) ||
		/* Nobody else has business in this file: never wait for them. */
		(code = sqlite3_busy_timeout(db, 0)) ||
		/* Before the first read: then the index of the log is kept in memory. */
		(alone && (code = sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE",
				   NULL, NULL, NULL))) ||
		/* No code in the schema of a file that somebody has tampered with. */
		(code = sqlite3_db_config(
			 db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL))) {
		rc = store_db_say(db, code, path, ret_error);
		goto fail;
	}
	if ((rc = check_ours(db, path, ret_error)) ||
		(rc = check_whole(db, path, ret_error)))
		goto fail;
	(void)set_write_back(db, true);
	if ((rc = settle(db, path, ret_error)))
		goto fail;
	*ret_db = db;
	return 0;
fail:
	sqlite3_close(db);
	return rc;
}
