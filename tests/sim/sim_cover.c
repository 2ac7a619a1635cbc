/* SPDX-License-Identifier: MIT
 *
 * Coverage of the machines. The linker hands every call of the steps to the wrappers in
 * here; what people wish and the axes of boards are told by the events that are stored.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/core/reason.h"
#include "daemon/core/rollout_fsm.h"
#include "tests/sim/sim_cover.h"

#define ROWS_MAX  512
#define MOVES_MAX 512 /* a hash table; the machines have far fewer moves */

static uint64_t seed_now;
/* The first seed that took it; 0: none. */
static uint64_t task_row[ROWS_MAX], rollout_row[ROWS_MAX], wave_row[ROWS_MAX];
static uint64_t reason_seed[REASON_COUNT];

static struct move {
	char text[96];
	uint64_t seed;
} moves[MOVES_MAX];

void sim_cover_begin(uint64_t seed)
{
	seed_now = seed;
}

static void take(uint64_t *first)
{
	if (*first == 0)
		*first = seed_now;
}

static void take_row(uint64_t *rows, int row)
{
	if (row >= 0 && row < ROWS_MAX)
		take(&rows[row]);
}

int __real_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move);
int __wrap_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move);
int __real_rollout_fsm_step(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts, enum rollout_state *ret_to);
int __wrap_rollout_fsm_step(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts, enum rollout_state *ret_to);
enum wave_state __real_wave_fsm_step(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts);
enum wave_state __wrap_wave_fsm_step(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts);

int __wrap_task_fsm_step(enum task_state from, enum task_event event,
	const struct task_facts *facts, struct task_move *ret_move)
{
	take_row(task_row, task_fsm_find(from, event, facts));
	return __real_task_fsm_step(from, event, facts, ret_move);
}

int __wrap_rollout_fsm_step(enum rollout_state from, enum rollout_event event,
	const struct rollout_facts *facts, enum rollout_state *ret_to)
{
	take_row(rollout_row, rollout_fsm_find(from, event, facts));
	return __real_rollout_fsm_step(from, event, facts, ret_to);
}

enum wave_state __wrap_wave_fsm_step(
	enum wave_state from, enum wave_event event, const struct wave_facts *facts)
{
	take_row(wave_row, wave_fsm_find(from, event, facts));
	return __real_wave_fsm_step(from, event, facts);
}

void sim_cover_reason(enum reason reason)
{
	take(&reason_seed[reason]);
}

static void take_move(const char *text)
{
	size_t at = 5381;

	for (const char *c = text; *c; c++)
		at = at * 33 + (unsigned char)*c;
	for (at %= MOVES_MAX; moves[at].text[0]; at = (at + 1) % MOVES_MAX)
		if (strcmp(moves[at].text, text) == 0)
			return;
	snprintf(moves[at].text, sizeof(moves[at].text), "%s", text);
	moves[at].seed = seed_now;
}

/* "running -> halted, brake-lost: ..."; "wave 2: open -> passed". */
void sim_cover_event(const struct event *event)
{
	static const struct {
		const char *event, *machine;
	} kinds[] = {
		{"rollout-state", "rollout"},
		{"wave-state", "wave"},
		{"board-reach", "reach"},
		{"board-access", "access"},
		{"board-version", "version"},
	};
	const char *detail = event->detail, *number = strchr(detail, ':');
	char from[40], to[40], text[96];

	if (number && strncmp(detail, "wave ", 5) == 0)
		detail = number + 1;
	if (sscanf(detail, " %39s -> %39[a-z-]", from, to) != 2)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(event->name, kinds[i].event) == 0) {
			snprintf(text, sizeof(text), "%s %s %s%s", kinds[i].machine,
				from, to,
				i < 2 && strcmp(event->cause, "wish") == 0 ? " wish"
									   : "");
			take_move(text);
		}
}

void sim_cover_show_untaken(void (*untaken)(const struct fsm_row *row))
{
	struct fsm_row row;

	for (size_t i = 0; i < ROWS_MAX && task_fsm_row(i, &row); i++)
		if (task_row[i] == 0)
			untaken(&row);
}

static void write_fact(FILE *file, const char *kind, const char *what, uint64_t seed)
{
	if (seed > 0)
		fprintf(file, "%s%s\tseed %llu\n", kind, what,
			(unsigned long long)seed);
}

static void write_rows(FILE *file, const char *kind, const uint64_t *rows)
{
	char number[16];

	for (int i = 0; i < ROWS_MAX; i++) {
		snprintf(number, sizeof(number), "%d", i);
		write_fact(file, kind, number, rows[i]);
	}
}

int sim_cover_write(const char *build_folder)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/taken", build_folder);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return -errno;
	snprintf(path, sizeof(path), "%s/tests/taken/test_sim.txt", build_folder);
	file = fopen(path, "w");
	if (!file)
		return -errno;
	write_rows(file, "task-row ", task_row);
	write_rows(file, "rollout-row ", rollout_row);
	write_rows(file, "wave-row ", wave_row);
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++)
		write_fact(
			file, "reason ", reason_code((enum reason)i), reason_seed[i]);
	for (size_t i = 0; i < MOVES_MAX; i++)
		write_fact(file, "", moves[i].text, moves[i].seed);
	return fclose(file) == 0 ? 0 : -errno;
}
