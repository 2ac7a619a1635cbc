/* SPDX-License-Identifier: MIT
 *
 * What the store does about its files: who may open them, what damage is refused and
 * left alone, migrations.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "daemon/edge/store_schema.h"
#include "tests/unit/store_fixture.h"

/* ---- help ------------------------------------------------------------------------ */

struct bytes {
	char *at;
	size_t len;
};

/* The whole file; no bytes if it is not there. */
static struct bytes slurp(struct fixture *f, const char *name)
{
	char path[FIXTURE_PATH_MAX];
	struct bytes bytes = {NULL, 0};
	int fd = open(fixture_path(f, name, path), O_RDONLY);
	struct stat st;

	if (fd < 0)
		return bytes;
	if (fstat(fd, &st) || !(bytes.at = malloc((size_t)st.st_size + 1)) ||
		read(fd, bytes.at, (size_t)st.st_size) != st.st_size)
		die("a file cannot be read");
	bytes.len = (size_t)st.st_size;
	close(fd);
	return bytes;
}

static void spill(struct fixture *f, const char *name, const void *at, size_t len)
{
	char path[FIXTURE_PATH_MAX];
	int fd = open(fixture_path(f, name, path), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, at, len) != (ssize_t)len)
		die("a file cannot be written");
	close(fd);
}

static bool same(struct bytes *a, struct bytes *b)
{
	bool equal = a->len == b->len && (!a->len || !memcmp(a->at, b->at, a->len));

	free(a->at);
	free(b->at);
	return equal;
}

static void says(const struct errtext *error, const char *want, const char *name)
{
	if (!tap_ok(strstr(error->text, want) != NULL, "%s: the sentence", name))
		printf("# got \"%s\", want \"%s\" in it\n", error->text, want);
}

/* ---- ownership ------------------------------------------------------------------- */

static void test_second_owner(struct fixture *f)
{
	struct store *second = NULL;
	struct errtext error = {""};
	char pid[30];
	int status = 0;
	pid_t child;

	fixture_must_open(f);
	snprintf(pid, sizeof(pid), "(pid %ld)", (long)getpid());
	EQ_INT(store_open_sqlite(&f->loop, f->dir, &second, &error), WIPY_E_LOCKED,
		"a second store in the same process");
	says(&error, f->dir, "the folder");
	says(&error, pid, "the other's number");
	child = fork();
	if (child == 0) {
		uv_loop_t loop;

		uv_loop_init(&loop);
		_exit(store_open_sqlite(&loop, f->dir, &second, &error) == WIPY_E_LOCKED
				? 42
				: 1);
	}
	waitpid(child, &status, 0);
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 42, "a second process");
	put_boards(f, 1);
	fixture_close(f);
	fixture_must_open(f);
	EQ_INT(count_boards(f), 1, "the folder is free once the owner has closed");
	fixture_close(f);
}

static int mode_of(struct fixture *f, const char *name)
{
	char path[FIXTURE_PATH_MAX];
	struct stat st;

	if (stat(fixture_path(f, name, path), &st))
		return -errno;
	return (int)(st.st_mode & 07777);
}

static void test_modes(struct fixture *f)
{
	static const char *const files[] = {
		"wipyd.db", "wipyd.db-wal", "wipyd.db-shm", "wipyd.lock"};
	mode_t mask = umask(0);

	rmdir(f->dir);
	fixture_must_open(f);
	put_boards(f, 1);
	EQ_INT(mode_of(f, "."), 0700, "the mode of a folder that the store made");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		EQ_INT(mode_of(f, files[i]), 0600, files[i]);
	umask(mask);
	fixture_close(f);
	EQ_INT(mode_of(f, "wipyd.db-wal"), -ENOENT, "the log after a clean close");
}

/* Every descriptor that is open now and was not there before. */
static void test_close_on_exec(struct fixture *f)
{
	bool before[256];
	int leaky = 0, fresh = 0;

	for (int fd = 0; fd < 256; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	fixture_must_open(f);
	put_boards(f, 1);
	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (before[fd] || flags < 0)
			continue;
		fresh++;
		leaky += !(flags & FD_CLOEXEC);
	}
	OK(fresh >= 3, "the store holds descriptors");
	EQ_INT(leaky, 0, "descriptors that a child would inherit");
	fixture_close(f);
}

static void test_folders(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX];
	struct errtext error = {""};
	struct store *store = NULL;

	EQ_INT(store_open_sqlite(
		       &f->loop, fixture_path(f, "a/b", path), &store, &error),
		-ENOENT, "no folder above the state folder");
	says(&error, path, "no folder above the state folder");
	spill(f, "wipyd.lock", "", 0);
	EQ_INT(store_open_sqlite(
		       &f->loop, fixture_path(f, "wipyd.lock", path), &store, &error),
		-ENOTDIR, "a file for a state folder");
	says(&error, path, "a file for a state folder");
	mkdir(fixture_path(f, "wipyd.db", path), 0700);
	EQ_INT(fixture_open(f, &error), -EISDIR, "a folder for a database");
	says(&error, path, "a folder for a database");
	rmdir(path);
}

static void test_permissions(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX];
	struct errtext error = {""};

	if (geteuid() == 0) {
		tap_skip("a folder and a file without permission", "root may do all");
		return;
	}
	chmod(f->dir, 0500);
	EQ_INT(fixture_open(f, &error), -EACCES, "a read-only folder");
	says(&error, f->dir, "a read-only folder");
	chmod(f->dir, 0700);
	spill(f, "wipyd.db", "", 0);
	chmod(fixture_path(f, "wipyd.db", path), 0);
	EQ_INT(fixture_open(f, &error), -EACCES, "an unreadable file");
	says(&error, path, "an unreadable file");
	chmod(path, 0400);
	EQ_INT(fixture_open(f, &error), -EACCES, "a read-only file");
}

/* ---- damage ---------------------------------------------------------------------- */

static void break_all(struct bytes *db)
{
	memset(db->at, 'x', db->len);
}

static void break_header(struct bytes *db)
{
	memcpy(db->at, "SQLite format 4", 15);
}

static void break_pages(struct bytes *db)
{
	for (size_t i = 4096; i < db->len; i++)
		db->at[i] ^= 0x5a;
}

static void break_one_page(struct bytes *db)
{
	memset(db->at + (db->len / 8192) * 4096, 0xff, 4096);
}

static void break_schema(struct bytes *db)
{
	memset(db->at + 100, 0, 3996);
}

static void cut_short(struct bytes *db)
{
	db->len = 3 * 4096;
}

static void cut_to_a_line(struct bytes *db)
{
	db->len = 30;
}

static void test_damage(struct fixture *f)
{
	static const struct {
		const char *name;
		void (*damage)(struct bytes *db);
	} rows[] = {
		{"no database at all", break_all},
		{"a broken header", break_header},
		{"all pages broken", break_pages},
		{"one page broken", break_one_page},
		{"a broken schema", break_schema},
		{"a file cut short", cut_short},
		{"a file of 30 bytes", cut_to_a_line},
	};
	struct bytes good, bad, after;
	char path[FIXTURE_PATH_MAX];
	struct errtext error;

	fixture_must_open(f);
	put_boards(f, 200);
	fixture_close(f);
	good = slurp(f, "wipyd.db");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bad.len = good.len;
		bad.at = malloc(good.len);
		memcpy(bad.at, good.at, good.len);
		rows[i].damage(&bad);
		spill(f, "wipyd.db", bad.at, bad.len);
		error.text[0] = '\0';
		EQ_INT(fixture_open(f, &error), WIPY_E_CORRUPT, rows[i].name);
		says(&error, fixture_path(f, "wipyd.db", path), rows[i].name);
		says(&error, "nothing was changed", rows[i].name);
		after = slurp(f, "wipyd.db");
		OK(same(&after, &bad), rows[i].name);
	}
	spill(f, "wipyd.db", good.at, good.len);
	free(good.at);
	fixture_must_open(f);
	EQ_INT(count_boards(f), 200, "a backup that was put back");
	fixture_close(f);
}

/* As after a crash: the log holds what the damaged file does not, and must survive. */
static void test_damage_beside_log(struct fixture *f)
{
	struct bytes db, wal, after;
	struct errtext error = {""};

	fixture_must_open(f);
	put_boards(f, 200);
	fixture_close(f);
	fixture_must_open(f);
	put_boards(f, 1);
	db = slurp(f, "wipyd.db");
	wal = slurp(f, "wipyd.db-wal");
	fixture_close(f);
	OK(wal.len > 0, "there is a log");
	break_pages(&db);
	spill(f, "wipyd.db", db.at, db.len);
	spill(f, "wipyd.db-wal", wal.at, wal.len);
	EQ_INT(fixture_open(f, &error), WIPY_E_CORRUPT, "a damaged file beside a log");
	after = slurp(f, "wipyd.db");
	OK(same(&after, &db), "the file is left as it was");
	after = slurp(f, "wipyd.db-wal");
	OK(same(&after, &wal), "the log is left as it was");
}

static void test_refused(struct fixture *f)
{
	static const struct {
		const char *name, *sql;
		int want;
		const char *says;
	} rows[] = {
		{"a newer schema", "PRAGMA user_version = 9999", -ENOTSUP,
			"schema 9999"},
		{"another program's file", "PRAGMA application_id = 1", WIPY_E_CORRUPT,
			"not a database of wipyd"},
		{"no schema number", "PRAGMA user_version = 0", WIPY_E_CORRUPT,
			"no schema number"},
		{"a table is missing", "DROP TABLE tasks", WIPY_E_CORRUPT, "tasks"},
		{"a column is missing",
			"ALTER TABLE boards RENAME COLUMN flaps TO flips",
			WIPY_E_CORRUPT, "flaps"},
		{"no owner", "DELETE FROM meta", WIPY_E_CORRUPT, "owner"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture own;
		struct errtext error = {""};

		fixture_init(&own);
		fixture_must_open(&own);
		fixture_close(&own);
		run_sql(&own, rows[i].sql);
		EQ_INT(fixture_open(&own, &error), rows[i].want, rows[i].name);
		says(&error, rows[i].says, rows[i].name);
		fixture_done(&own);
	}
	(void)f;
}

/* What only another version, or a hand, can have written. */
static void test_unreadable_rows(struct fixture *f)
{
	static const struct {
		const char *sql, *says;
	} rows[] = {
		{"UPDATE boards SET reach = 'asleep'",
			"boards, row b0000: column reach"},
		{"UPDATE boards SET access = ''", "column access"},
		{"UPDATE boards SET version = 'count'", "column version"},
		{"UPDATE boards SET misses = 1 << 40", "column misses"},
		{"UPDATE boards SET ledger = '1wA--|1R01?A?'", "column ledger"},
		{"UPDATE boards SET conditions = -1", "column conditions"},
		{"UPDATE boards SET tag = hex(zeroblob(64))", "column tag"},
		{"UPDATE boards SET uname_release = 'a' || char(0) || 'b'",
			"column uname_release"},
		{"UPDATE rollouts SET id = x'00'", "rollouts, row : column id"},
		{"UPDATE rollouts SET state = 'napping'",
			"rollouts, row 01fefefefefefe00fefefefefefefefe: column state "
			"holds 'napping'"},
		{"UPDATE rollouts SET reason = 'whim'", "column reason"},
		{"UPDATE rollouts SET wave_states = 'open,ajar'", "column wave_states"},
		{"UPDATE rollouts SET wave_states = 'open,'", "column wave_states"},
		{"UPDATE rollouts SET wave_states = "
		 "'open,open,open,open,open,open,open,open,open,"
		 "open,open,open,open,open,open,open,open'",
			"column wave_states"},
		{"UPDATE tasks SET state = 'lazy'",
			"tasks, row 01fefefefefefe00fefefefefefefefe b0000: column "
			"state"},
		{"UPDATE tasks SET proof = 'hearsay'", "column proof"},
		{"UPDATE tasks SET touched = 2", "column touched"},
	};
	struct store_batch *batch;
	struct rollout rollout;
	struct task task;

	fixture_must_open(f);
	put_boards(f, 1);
	batch = store_batch_new(f->store);
	make_rollout(1, &rollout);
	store_put_rollout(batch, &rollout);
	make_task(1, "b0000", &task);
	store_put_task(batch, &task);
	EQ_INT(commit_now(f, batch), 0, "good rows");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store_snapshot s;
		struct errtext error = {""};
		run_sql(f, "CREATE TABLE b AS SELECT * FROM boards;"
			   "CREATE TABLE r AS SELECT * FROM rollouts;"
			   "CREATE TABLE t AS SELECT * FROM tasks");
		run_sql(f, rows[i].sql);
		EQ_INT(store_load(f->store, 1, &s, &error), WIPY_E_CORRUPT,
			rows[i].sql);
		says(&error, rows[i].says, rows[i].sql);
		says(&error, f->dir, rows[i].sql);
		run_sql(f, "DELETE FROM boards; INSERT INTO boards SELECT * FROM b;"
			   "DELETE FROM rollouts; INSERT INTO rollouts SELECT * FROM r;"
			   "DELETE FROM tasks; INSERT INTO tasks SELECT * FROM t;"
			   "DROP TABLE b; DROP TABLE r; DROP TABLE t");
	}
	EQ_INT(count_boards(f), 1, "the same rows once they are repaired");
	fixture_close(f);
}

/* ---- migrations ------------------------------------------------------------------ */

static void test_migrations(struct fixture *f)
{
	(void)f;
	OK(store_schema_newest() >= 1, "there is a schema");
	for (int from = 0; from < store_schema_newest(); from++) {
		struct fixture own;
		char path[FIXTURE_PATH_MAX], name[40];
		long long number = 0;
		sqlite3 *db;

		fixture_init(&own);
		snprintf(name, sizeof(name), "from schema %d", from);
		if (sqlite3_open(fixture_path(&own, "wipyd.db", path), &db))
			die("no database");
		EQ_INT(store_schema_upgrade(db, from), SQLITE_OK, name);
		EQ_INT(store_schema_number(db, "PRAGMA user_version", &number),
			SQLITE_OK, name);
		EQ_INT(number, from, name);
		sqlite3_close(db);
		fixture_must_open(&own);
		put_boards(&own, 3);
		EQ_INT(count_boards(&own), 3, name);
		fixture_close(&own);
		if (sqlite3_open(path, &db))
			die("no database");
		EQ_INT(store_schema_number(db, "PRAGMA user_version", &number),
			SQLITE_OK, name);
		EQ_INT(number, store_schema_newest(), name);
		EQ_INT(store_schema_number(db, "PRAGMA application_id", &number),
			SQLITE_OK, name);
		EQ_INT(number, STORE_APPLICATION_ID, name);
		sqlite3_close(db);
		fixture_done(&own);
	}
}

#define OLD_ROLLOUT(number, state, expires)                                            \
	"INSERT INTO rollouts (id, release, selector, waves, state, reason, since_s,"  \
	" created_s, soak_s, wave_states, acked_lost, acked_fell_back, acked_failed,"  \
	" attempts_max, actor, expires_s) VALUES "                                     \
	"(x'0000000000000000000000000000000" number "', 'r', '', '1', '" state         \
	"', '-', 1, 1, 1, 'open', 0, 0, 0, 3,"                                         \
	" 'uid 0', " expires ");"

/* Before schema 4 a rollout had no end unless somebody gave it one. */
static void test_expiry_of_old(struct fixture *f)
{
	int64_t month_s = (int64_t)time(NULL) + 30 * 86400;
	struct store_snapshot s;
	char path[FIXTURE_PATH_MAX];
	struct errtext error;
	sqlite3 *db;

	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		store_schema_upgrade(db, 3) ||
		sqlite3_exec(db,
			OLD_ROLLOUT("1", "paused", "0") OLD_ROLLOUT("2", "running",
				"1700000000") OLD_ROLLOUT("3", "completed", "0"),
			NULL, NULL, NULL))
		die("no database of schema 3");
	sqlite3_close(db);
	fixture_must_open(f);
	EQ_INT(store_load(f->store, 9, &s, &error), 0, "rollouts of schema 3 are read");
	EQ_INT((int64_t)s.rollout_count, 3, "rollouts of schema 3");
	OK(s.rollout[0].expires_s >= month_s && s.rollout[0].expires_s < month_s + 60,
		"one that had no end has 30 days");
	EQ_INT(s.rollout[1].expires_s, 1700000000, "an end that was given stays");
	EQ_INT(s.rollout[2].expires_s, 0, "one that has ended is left as it was");
	store_snapshot_done(&s);
	fixture_close(f);
}

/* ---- other programs -------------------------------------------------------------- */

static struct store_batch *one_event(struct fixture *f)
{
	struct store_batch *batch = store_batch_new(f->store);
	struct event event;

	make_event("b0000", 1, "text", &event);
	store_add_event(batch, &event);
	return batch;
}

static void test_foreign_writer(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX];
	struct errtext error = {""};
	sqlite3 *db;

	fixture_must_open(f);
	put_boards(f, 1);
	if (sqlite3_open(fixture_path(f, "wipyd.db", path), &db) ||
		sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL))
		die("no foreign writer");
	EQ_INT(commit_now(f, one_event(f)), -EIO, "while another one writes");
	fixture_close(f);
	EQ_INT(fixture_open(f, &error), WIPY_E_LOCKED,
		"opening while another one writes");
	says(&error, path, "opening while another one writes");
	sqlite3_close(db);
	fixture_must_open(f);
	EQ_INT(commit_now(f, one_event(f)), 0, "once it has ended");
	fixture_close(f);
}

/* SQLite writes to a file that has no name any more as to any other. */
static void test_gone(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX], away[FIXTURE_PATH_MAX];
	FILE *other;

	fixture_must_open(f);
	put_boards(f, 1);
	if (rename(fixture_path(f, "wipyd.db", path), fixture_path(f, "away", away)))
		die("the file cannot be moved");
	EQ_INT(commit_now(f, one_event(f)), WIPY_E_GONE,
		"a file that is gone is noticed");
	other = fopen(path, "w");
	if (!other || fclose(other))
		die("no other file");
	EQ_INT(commit_now(f, one_event(f)), WIPY_E_GONE,
		"so is another one in its place");
	if (rename(away, path))
		die("the file cannot be put back");
	EQ_INT(commit_now(f, one_event(f)), 0, "put back it is written again");
	fixture_close(f);
}

/* The disk is full, and the log as long as it can be: it begins anew in its own file. */
static void test_log_cannot_grow(struct fixture *f)
{
	char path[FIXTURE_PATH_MAX];
	struct rlimit before, limit;
	struct stat st, now;
	int full = 0, again;

	signal(SIGXFSZ, SIG_IGN);
	fixture_must_open(f);
	for (int i = 0; i < 40; i++)
		full += commit_now(f, one_event(f)) != 0;
	EQ_INT(full, 0, "the log gets longer");
	if (stat(fixture_path(f, "wipyd.db-wal", path), &st) < 0)
		die("there is no log");
	getrlimit(RLIMIT_FSIZE, &before);
	limit = (struct rlimit){(rlim_t)st.st_size, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &limit);
	full = commit_now(f, one_event(f));
	again = commit_now(f, one_event(f));
	setrlimit(RLIMIT_FSIZE, &before);
	EQ_INT(full, WIPY_E_FULL, "then it cannot");
	EQ_INT(again, 0, "the next one fits, without more room");
	OK(stat(path, &now) == 0 && now.st_size == st.st_size, "the log is as long");
	fixture_close(f);
}

static void (*const cases[])(struct fixture *f) = {
	test_log_cannot_grow,
	test_second_owner,
	test_modes,
	test_close_on_exec,
	test_folders,
	test_permissions,
	test_damage,
	test_damage_beside_log,
	test_refused,
	test_unreadable_rows,
	test_migrations,
	test_expiry_of_old,
	test_foreign_writer,
	test_gone,
};

int main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		in_fixture(cases[i]);
	return tap_done();
}
