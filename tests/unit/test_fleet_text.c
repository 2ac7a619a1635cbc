/* SPDX-License-Identifier: MIT
 *
 * The fleet in one sentence.
 */
#include "daemon/core/fleet_text.h"

#include <string.h>

#include "tests/tap.h"

static const struct {
	struct fleet_counts counts;
	const char *text;
} rows[] = {
	{{.boards = 0}, "There is no board in the inventory; nothing needs a person."},
	{{.boards = 1, .online = 1, .in_sync = 1},
		"1 board, 1 online; 1 of 1 runs what it should; nothing needs a "
		"person."},
	{{.boards = 3, .online = 2}, "3 boards, 2 online; nothing needs a person."},
	{{.boards = 500,
		 .online = 480,
		 .in_sync = 450,
		 .behind = 31,
		 .dirty = 2,
		 .needs_hands = 1,
		 .halted = 1,
		 .unapproved = 2,
		 .locked_out = 1},
		"500 boards, 480 online; 450 of 481 run what they should; 2 are dirty, "
		"1 needs hands, 1 rollout is halted, 2 rollouts wait for approval, 1 "
		"keeps wipyd out."},
	{{.boards = 2, .online = 2, .dirty = 1, .read_only = true},
		"2 boards, 2 online; 1 is dirty, and nothing can be saved."},
	{{.boards = 2, .online = 2, .read_only = true},
		"2 boards, 2 online; nothing can be saved."},
};

static void test_rollouts(void)
{
	static const struct {
		struct rollout rollout;
		enum task_state task[5];
		const char *text;
	} told[] = {
		{{.release = "v2", .state = ROLLOUT_COMPLETED_WITH_EXCEPTIONS},
			{TASK_CONFIRMED, TASK_CONFIRMED, TASK_DEFERRED, TASK_LOST,
				TASK_REFUSED},
			"Rollout of v2 is completed-with-exceptions: 2 of 5 boards "
			"were confirmed on it, 1 fell back, failed or were lost, 1 "
			"deferred, 1 refused."},
		{{.release = "v2", .state = ROLLOUT_EXPIRED},
			{TASK_ALREADY, TASK_CONFIRMED, TASK_FAILED, TASK_WAITING,
				TASK_WAITING},
			"Rollout of v2 is expired: 1 of 5 boards were confirmed on "
			"it, 1 ran it already, 1 fell back, failed or were lost, 0 "
			"deferred, 0 refused. Its time was over before every board "
			"had its turn."},
		{{.release = "v2",
			 .state = ROLLOUT_RUNNING,
			 .undo_of = {{0xab, 0xcd, 0xef, 0x01, 0x23}}},
			{TASK_CONFIRMED, TASK_ALREADY, TASK_REFUSED, TASK_DEFERRED,
				TASK_FELL_BACK},
			"The undo of rollout abcdef01 (release v2) is running: 1 of 5 "
			"boards were taken back, 1 were back already, 1 fell back, "
			"failed or were lost, 1 deferred, 1 cannot be taken back."},
	};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		struct rollout_counts counts = {.tasks = 0};
		char text[ROLLOUT_TEXT_MAX];

		for (size_t k = 0; k < 5; k++)
			rollout_counts_add(&counts, told[i].task[k]);
		rollout_say(&told[i].rollout, &counts, text);
		EQ_STR(text, told[i].text, "a rollout");
	}
}

int main(void)
{
	char text[FLEET_TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fleet_say(&rows[i].counts, text);
		EQ_STR(text, rows[i].text, "the fleet");
	}
	test_rollouts();
	return tap_done();
}
