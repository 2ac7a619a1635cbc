/* SPDX-License-Identifier: MIT
 *
 * Everything that a task's record can become, found by search: from a planned task on,
 * every event under all surroundings, over pauses, aborts and restarts. No record may
 * contradict itself, and from each one an end must be reachable.
 */
#include "daemon/core/reason.h"
#include "tests/tap.h"
#include "tests/unit/task_driver.h"

#define RECORDS_MAX 4096
#define KEYS        (TASK_STATE_COUNT * 65536)

/* A record as far as the machine looks at it; counters are part of the surroundings. */
struct record {
	struct task task;
	bool refuted;   /* the last reset was seen not to have happened */
	bool cancelled; /* the rollout is aborting */
	bool no_cure;   /* a Pycom board */
};

static struct record record[RECORDS_MAX];
static size_t record_count;
static int index_of_key[KEYS]; /* 1-based; 0: not found yet */
static bool leads_to[RECORDS_MAX][RECORDS_MAX];
static bool leads_unaided[RECORDS_MAX][RECORDS_MAX]; /* by no person and no restart */

static size_t key_of(const struct record *r)
{
	const struct task *t = &r->task;
	size_t key = t->state;

	key = key * 2 + t->attempted;
	key = key * 2 + t->touched;
	key = key * 2 + t->pushed;
	key = key * 2 + (t->mark[0] != '\0');
	key = key * 4 + t->proof;
	key = key * 2 + t->has_before;
	key = key * 2 + r->refuted;
	key = key * 2 + r->cancelled;
	key = key * 2 + r->no_cure;
	key = key * 2 + (t->inherited != 0);
	key = key * 2 + (t->reason == REASON_DISARM);
	key = key * 2 + t->gives_up;
	key = key * 2 + (t->outages > 0);
	key = key * 2 + (t->trials_cut > 0);
	return key * 2 + (t->reason == REASON_PUSH_NOT_REPAIRED);
}

static size_t note_record(const struct record *r)
{
	size_t key = key_of(r);

	if (index_of_key[key] == 0 && record_count < RECORDS_MAX) {
		record[record_count++] = *r;
		index_of_key[key] = (int)record_count;
	}
	return (size_t)index_of_key[key] - 1;
}

/* ---- what no record may say ------------------------------------------------------ */

static bool never_dirty_and_armed(const struct record *r)
{
	return !(r->task.touched && r->task.pushed);
}

static bool dirty_is_never_dropped(const struct record *r)
{
	enum task_state state = r->task.state;

	return !r->task.touched || state == TASK_CHECKING || state == TASK_PUSHING ||
	       state == TASK_DISARMING || state == TASK_BACKOFF ||
	       state == TASK_REFUSED || state == TASK_FAILED || state == TASK_LOST ||
	       (r->no_cure && (state == TASK_RESETTING || state == TASK_RETURNING));
}

static bool way_back_is_armed(const struct record *r)
{
	enum task_state state = r->task.state;

	if (r->task.pushed)
		return true;
	/* Or it was reset to clear it before a push, which no dirty board is that a push
	 * would cure. */
	if (state == TASK_RESETTING || state == TASK_RETURNING)
		return r->no_cure || !r->task.touched;
	return state != TASK_STAGED && state != TASK_HELD;
}

static bool put_off_is_untouched(const struct record *r)
{
	enum task_state state = r->task.state;

	return (state != TASK_PLANNED && state != TASK_DEFERRED &&
		       state != TASK_ALREADY) ||
	       (!r->task.touched && !r->task.pushed);
}

static bool success_is_proven(const struct record *r)
{
	enum task_state state = r->task.state;

	return (state != TASK_VERIFYING && state != TASK_SOAKING &&
		       state != TASK_CONFIRMED && state != TASK_FELL_BACK) ||
	       (r->task.proof > PROOF_OUTAGE && !r->task.touched && !r->task.pushed &&
		       r->task.has_before);
}

/* Its reason is what a person reads first: that it must not be power-cycled. */
static bool dirty_end_says_so(const struct record *r)
{
	return !r->task.touched || r->task.state != TASK_FAILED ||
	       r->task.reason == REASON_PUSH_NOT_REPAIRED;
}

/* What was seen not to have happened cannot be what the end rests on. */
static bool refuted_proves_nothing(const struct record *r)
{
	return r->task.state != TASK_FELL_BACK || !r->refuted ||
	       r->task.proof == PROOF_FINGERPRINT;
}

static bool given_up_is_not_forgotten(const struct record *r)
{
	enum task_state state = r->task.state;

	return !r->task.gives_up || state == TASK_DISARMING || state == TASK_CHECKING ||
	       state == TASK_BACKOFF || state == TASK_PUSHING ||
	       state == TASK_WAITING || state == TASK_STAGED ||
	       state == TASK_RESETTING || state == TASK_RETURNING ||
	       state == TASK_HELD || state == TASK_FAILED || state == TASK_LOST ||
	       state == TASK_CANCELLED;
}

static const struct {
	const char *name;
	bool (*holds)(const struct record *record);
} rules[] = {
	{"never dirty and armed at once", never_dirty_and_armed},
	{"a dirty board is never put aside", dirty_is_never_dropped},
	{"on its way back it is armed", way_back_is_armed},
	{"who was put off is untouched", put_off_is_untouched},
	{"success and falling back are proven", success_is_proven},
	{"a dirty board that has failed says that it is dirty", dirty_end_says_so},
	{"a reset that did not happen is proven by no mark", refuted_proves_nothing},
	{"who was given up is never a success", given_up_is_not_forgotten},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

/* ---- the search ------------------------------------------------------------------ */

/* The event can come while the rollout is in that mood. */
static bool can_come(
	const struct task *task, enum task_event event, bool cancelled, bool standing)
{
	if (event == TASK_EV_GRANT && task->reason == REASON_DISARM)
		return true;
	if (event == TASK_EV_CANCEL)
		return false; /* see cancel_record() */
	if (event == TASK_EV_MARK_GONE || event == TASK_EV_MARK_THERE)
		return task->mark[0] != '\0'; /* nobody asks otherwise */
	if (event == TASK_EV_HALT)
		return !cancelled && standing;
	if (event == TASK_EV_OPEN || event == TASK_EV_GRANT || event == TASK_EV_RELEASE)
		return !cancelled && !standing;
	return true;
}

/* `bits`: one set of surroundings and counters. */
static void try_event(size_t from, enum task_event event,
	const struct wipy_fingerprint *fp, unsigned int bits, int resets_sent[2])
{
	struct record next = record[from];
	struct surroundings around = {
		.cancelled = next.cancelled,
		.standing = (bits & 1) && !next.cancelled,
		.early = bits & 2,
		.absent = bits & 4,
		.wrong_board = bits & 8,
		.was_busy = bits & 16,
		.no_cure = next.no_cure,
		.disarms = bits & 128,
		.halted = bits & 1,
		/* The way back asks for no trial, nor does the first look. */
		.asked = bits & 256,
		.refuses = bits & 256,
		.trial = bits & 256,
		/* A soak asks neither for a young reset nor for what the polls saw. */
		.soak_goes_on = bits & 32,
		.probes = bits & 2,
		.probes_again = bits & 64,
		.unclear = bits & 4,
		.reset_since = bits & 16,
		.gone = bits & 16,
	};
	bool dirty = next.task.touched && !next.task.pushed && !next.no_cure;
	struct task_move move;
	size_t to;

	if (!can_come(&next.task, event, around.cancelled, around.standing))
		return;
	/* A reset asks only for what could not be asked before it. */
	if (event == TASK_EV_MARK_GONE && next.task.state == TASK_RESETTING &&
		next.refuted)
		return;
	next.task.attempt = bits & 32 ? 1 : DRIVER_ATTEMPTS_MAX;
	next.task.resets = bits & 64 ? 0 : DRIVER_RESETS_MAX;
	if (driver_event(&next.task, event, fp, &around, 0, &move) < 0)
		return;
	if (move.action == TASK_ACT_RESET)
		resets_sent[dirty]++;
	if (event == TASK_EV_RESET_SENT)
		next.refuted = false;
	if (event == TASK_EV_MARK_THERE)
		next.refuted = true;
	if (next.task.has_before)
		next.task.before = driver_old;
	to = note_record(&next);
	leads_to[from][to] = true;
	if (event != TASK_EV_RESTARTED && !around.standing)
		leads_unaided[from][to] = true;
}

/* A person aborts: those that drop the event go on in an aborting rollout. Or the daemon
 * dies before its tasks have heard of it: then the restart is all that they hear. */
static void cancel_record(size_t from, enum task_event heard, bool disarms)
{
	struct record next = record[from];
	struct surroundings around = {
		.cancelled = true, .no_cure = next.no_cure, .disarms = disarms};
	struct task_move move;

	if (next.cancelled)
		return;
	next.cancelled = true;
	(void)!driver_event(&next.task, heard, NULL, &around, 0, &move);
	leads_to[from][note_record(&next)] = true;
}

static void search(int resets_sent[2])
{
	static const struct wipy_fingerprint *const shown[] = {
		&driver_old, &driver_new, &driver_other};
	struct record first = {.task = {.state = TASK_PLANNED, .attempt = 1}};

	for (int i = 0; i < 4; i++) {
		first.no_cure = i & 1;
		first.task.inherited = i & 2 ? CONDITION_DIRTY : 0;
		(void)note_record(&first);
	}
	for (size_t from = 0; from < record_count; from++) {
		for (int event = 0; event < TASK_EVENT_COUNT; event++)
			for (unsigned int bits = 0; bits < 512; bits++) {
				size_t images = event == TASK_EV_LOOKED ? 3 : 1;

				for (size_t i = 0; i < images; i++)
					try_event(from, (enum task_event)event,
						event == TASK_EV_LOOKED ? shown[i]
									: NULL,
						bits, resets_sent);
			}
		for (int disarms = 0; disarms < 2; disarms++) {
			cancel_record(from, TASK_EV_CANCEL, disarms);
			cancel_record(from, TASK_EV_RESTARTED, disarms);
		}
	}
}

static void show_record(const struct record *r)
{
	printf("# %s no-cure=%d inherited=%u attempted=%d touched=%d pushed=%d "
	       "proof=%s mark=%d before=%d "
	       "refuted=%d aborting=%d\n",
		task_state_name(r->task.state), r->no_cure, r->task.inherited,
		r->task.attempted, r->task.touched, r->task.pushed,
		proof_name(r->task.proof), r->task.mark[0] != '\0', r->task.has_before,
		r->refuted, r->cancelled);
}

static void test_rules(void)
{
	for (size_t r = 0; r < RULES; r++) {
		int broken = 0;

		for (size_t i = 0; i < record_count; i++) {
			if (rules[r].holds(&record[i]))
				continue;
			if (broken++ == 0)
				show_record(&record[i]);
		}
		EQ_INT(broken, 0, rules[r].name);
	}
}

/* From each record an end is reachable without a person and without a restart. */
static void test_ends(void)
{
	static bool reaches[RECORDS_MAX];
	bool grown = true;
	int stuck = 0;

	for (size_t i = 0; i < record_count; i++)
		reaches[i] = task_state_is_end(record[i].task.state);
	while (grown) {
		grown = false;
		for (size_t i = 0; i < record_count; i++)
			for (size_t k = 0; k < record_count && !reaches[i]; k++)
				if (leads_unaided[i][k] && reaches[k])
					grown = reaches[i] = true;
	}
	for (size_t i = 0; i < record_count; i++) {
		/* Held waits for the person who paused or halted: that is its meaning. */
		if (reaches[i] ||
			(record[i].task.state == TASK_HELD && !record[i].cancelled))
			continue;
		if (stuck++ < 8)
			show_record(&record[i]);
	}
	EQ_INT(stuck, 0, "an end is reachable from every record");
}

static void test_end_of_search(void)
{
	bool met[TASK_STATE_COUNT] = {false}, cut = record_count == RECORDS_MAX;
	int from_end = 0;

	for (size_t i = 0; i < record_count; i++) {
		met[record[i].task.state] = true;
		for (size_t k = 0; k < record_count; k++)
			from_end += leads_to[i][k] && k != i &&
				    task_state_is_end(record[i].task.state) &&
				    record[i].cancelled == record[k].cancelled;
	}
	OK(!cut, "the search came to its end");
	printf("# %zu records\n", record_count);
	EQ_INT(from_end, 0, "no record leaves an end");
	for (int i = 0; i < TASK_STATE_COUNT; i++) {
		/* An undo says so of the task that it takes back. */
		bool recorded = i == TASK_REVERTED;

		tap_ok(met[i] != recorded, "%s: %s",
			task_state_name((enum task_state)i),
			recorded ? "no row leads there" : "a record comes there");
	}
}

int main(void)
{
	int resets_sent[2] = {0, 0}; /* to clean and to dirty boards */

	search(resets_sent);
	test_end_of_search();
	test_rules();
	OK(resets_sent[0] > 0, "boards are reset");
	EQ_INT(resets_sent[1], 0, "no dirty board is reset");
	test_ends();
	return tap_done();
}
