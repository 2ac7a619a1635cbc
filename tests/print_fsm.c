/* SPDX-License-Identifier: MIT
 *
 * Prints docs/fsm.md: the task machine, the states, the wishes and the reason codes, from
 * the very tables that the daemon runs on. Prose and table cannot drift apart.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/core/reason.h"
#include "daemon/core/rollout_plan.h"
#include "daemon/core/task_fsm.h"

static const char *const opening[] = {
	"# State machines\n",
	"This page is printed by `tests/print_fsm` from the tables in `daemon/core`, "
	"and",
	"`make check` compares the two. Do not edit it: change the table, then run",
	"`tests/print_fsm > docs/fsm.md` in the build folder.\n",
	"How to read it: a *task* is one board in one rollout. In *The task machine* "
	"each row",
	"says: in state *from*, when *event* happens and *guard* holds, the task moves "
	"to *to*,",
	"this is stored, and only then *action* is carried out on the board. For one "
	"state and",
	"event the first row whose guard holds wins, so order carries meaning; a guard "
	"of `-`",
	"always holds. An event without a row is dropped: it means nothing in that "
	"state. The",
	"*reason* is what a person is shown for the new state; *Reason codes* explains "
	"each.\n",
	"The guards ask what is known of the board and of its rollout:\n",
};

static const struct {
	const char *word, *meaning;
} guard_words[] = {
	{"touched", "an upload was begun and did not complete: the board may be dirty"},
	{"pushed", "an upload is complete and no reset is proven: the board is armed"},
	{"untouched", "neither of them: leaving now leaves no trace"},
	{"attempted",
		"a push was begun at some time; *untried* and *not_attempted*: never"},
	{"wanted", "the banner shows the fingerprint of the pushed image"},
	{"before", "the banner shows the fingerprint read just before the push"},
	{"proven", "the board was seen gone after its reset"},
	{"early", "the reset is so fresh that the board may not have begun it"},
	{"markable", "the name set before the reset can be asked for"},
	{"attempts_left", "another attempt is allowed"},
	{"resets_left", "another reset is allowed; *again* says the same"},
	{"standing", "the rollout is paused or halted: nothing new begins"},
	{"closed", "too little is left of the maintenance window of the board's site"},
	{"cancelled", "the rollout is being aborted"},
	{"absent", "the polls have not seen the board either"},
	{"wrong_board", "another family or board text than the image's, or another "
			"unique id than the board's"},
	{"was_busy", "the last look met another client on the telnet line"},
	{"free", "no earlier push waits in another slot for the next reset"},
	{"same_image", "what ran before and what was pushed look alike"},
	{"disarm", "the rollout is halted or aborted, and the image that the board "
		   "runs is "
		   "in the catalogue: it can be pushed over the one that waits"},
	{"cures", "*reset_cures*: on this family a second push can kill, and a reset "
		  "heals "
		  "(WIRE.md 3.4)"},
	{"must_reset", "such a board is dirty or was left dirty or armed; *sprung*: "
		       "and it has "
		       "been reset since"},
	{"probed", "the inventory gives the board probes (decisions/0018)"},
	{"probes_again", "another round of them is left after the soak"},
	{"soaked", "the soak is over; so does *over*"},
	{"unclear", "no probe has failed, and one was never answered"},
	{"trial", "this family starts a new image on trial (decisions/0010)"},
};

static const struct {
	enum task_state state;
	const char *meaning;
} task_states[] = {
	{TASK_PLANNED, "its wave is not open yet"},
	{TASK_WAITING, "for a place within the limits"},
	{TASK_CHECKING, "looked at before it is touched"},
	{TASK_PUSHING, "the image is being uploaded"},
	{TASK_STAGED, "uploaded and armed, not yet reset"},
	{TASK_DISARMING, "the image that it runs is pushed into the slot that waits"},
	{TASK_RESETTING, "being told to reset"},
	{TASK_RETURNING, "watched for its way back"},
	{TASK_VERIFYING, "asked for `os.uname()` after the update"},
	{TASK_SOAKING, "must stay well for a while"},
	{TASK_CONFIRMING, "told that its trial boot may stay"},
	{TASK_HELD, "armed, and the rollout is paused or halted"},
	{TASK_DEFERRED, "offline or busy: no failure, and it holds no wave"},
	{TASK_BACKOFF, "tried again later"},
	{TASK_CONFIRMED, "seen running the image after a proven reset and the soak"},
	{TASK_ALREADY, "ran the image before"},
	{TASK_REFUSED, "must not or need not be pushed to"},
	{TASK_SKIPPED, "left out, since it is no longer in the inventory"},
	{TASK_FELL_BACK, "its boot loader went back to the image before"},
	{TASK_FAILED, "not updated, and it answers"},
	{TASK_LOST, "no longer answers"},
	{TASK_REVERTED, "put back to the image before by us"},
	{TASK_RESCUED, "brought back by a hand"},
	{TASK_CANCELLED, "the rollout was aborted"},
};

static const struct {
	enum rollout_state state;
	const char *meaning;
} rollout_states[] = {
	{ROLLOUT_DRAFT, "written down, not yet asked for"},
	{ROLLOUT_AWAITING_APPROVAL, "another person must agree (policy.approval)"},
	{ROLLOUT_SCHEDULED, "begins at a time"},
	{ROLLOUT_RUNNING, "boards are let in, wave after wave"},
	{ROLLOUT_PAUSED,
		"by a person: nothing new begins, what is under way is finished"},
	{ROLLOUT_HALTED, "by a brake: as paused, until a person resumes or aborts"},
	{ROLLOUT_ABORTING, "nothing begins any more, boards under way are seen back"},
	{ROLLOUT_ABORTED, "aborted, every task has ended"},
	{ROLLOUT_UNDOING, "boards are put back"},
	{ROLLOUT_UNDONE, "every board that could be was put back"},
	{ROLLOUT_COMPLETED, "every board is confirmed or had the image already"},
	{ROLLOUT_COMPLETED_WITH_EXCEPTIONS,
		"all waves are over, not every board is well"},
	{ROLLOUT_EXPIRED, "its time ran out before every board had its turn"},
};

static const struct {
	enum wave_state state;
	const char *meaning;
} wave_states[] = {
	{WAVE_CLOSED, "its turn has not come"},
	{WAVE_OPEN, "its boards are let in"},
	{WAVE_SOAKING, "shown, never stored: all of an open wave that is left soaks"},
	{WAVE_PASSED, "every board has ended or is deferred, one is confirmed"},
	{WAVE_TRIPPED, "a brake has halted the rollout in it"},
	{WAVE_SKIPPED, "it showed nothing, and a person has gone on"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_guards(void)
{
	printf("| in a guard | it says |\n|---|---|\n");
	for (size_t i = 0; i < COUNT(guard_words); i++)
		printf("| %s | %s |\n", guard_words[i].word, guard_words[i].meaning);
}

static void print_task_machine(void)
{
	struct task_row_text row;

	printf("\n## The task machine\n\n");
	printf("| from | event | guard | to | action | reason |\n");
	printf("|---|---|---|---|---|---|\n");
	for (size_t i = 0; task_fsm_row(i, &row); i++)
		printf("| %s | %s | %s | %s | %s | %s |\n", row.from, row.event,
			row.guard, row.to, row.action, row.reason);
}

static const char *task_class(enum task_state state)
{
	struct task task = {.state = state};

	if (task_state_is_end(state))
		return "end";
	if (task_takes_place(&task))
		return "in flight";
	return task_state_in_flight(state) ? "under way" : "waits";
}

static void print_states(void)
{
	printf("\n## States of a task\n\n");
	printf("*In flight* counts against the limits; *under way* does not.\n\n");
	printf("| state | kind | meaning |\n|---|---|---|\n");
	for (size_t i = 0; i < COUNT(task_states); i++)
		printf("| %s | %s | %s |\n", task_state_name(task_states[i].state),
			task_class(task_states[i].state), task_states[i].meaning);
	printf("\n## States of a rollout\n\n| state | kind | meaning "
	       "|\n|---|---|---|\n");
	for (size_t i = 0; i < COUNT(rollout_states); i++)
		printf("| %s | %s | %s |\n",
			rollout_state_name(rollout_states[i].state),
			rollout_state_is_end(rollout_states[i].state) ? "end" : "-",
			rollout_states[i].meaning);
	printf("\n## States of a wave\n\n| state | meaning |\n|---|---|\n");
	for (size_t i = 0; i < COUNT(wave_states); i++)
		printf("| %s | %s |\n", wave_state_name(wave_states[i].state),
			wave_states[i].meaning);
}

static void print_wishes(void)
{
	printf("\n## What a person can ask of a rollout\n\n");
	printf("The new state, *nothing to do*, or - where it is refused.\n\n| from |");
	for (int wish = 0; wish < WISH_COUNT; wish++)
		printf(" %s |", rollout_wish_name((enum rollout_wish)wish));
	printf("\n|---|---|---|---|---|\n");
	for (int from = 0; from < ROLLOUT_STATE_COUNT; from++) {
		printf("| %s |", rollout_state_name((enum rollout_state)from));
		for (int wish = 0; wish < WISH_COUNT; wish++) {
			enum rollout_state to;
			int rc = rollout_wish(
				(enum rollout_state)from, (enum rollout_wish)wish, &to);

			printf(" %s |", rc == 0           ? rollout_state_name(to)
					: rc == -EALREADY ? "*nothing to do*"
							  : "-");
		}
		printf("\n");
	}
}

static void print_reasons(void)
{
	printf("\n## Reason codes\n\n");
	printf("| code | what happened | next, by itself | next, by a person |\n");
	printf("|---|---|---|---|\n");
	for (int i = REASON_NONE + 1; i < REASON_COUNT; i++) {
		enum reason reason = (enum reason)i;

		printf("| %s | %s | %s | %s |\n", reason_code(reason),
			reason_what(reason), reason_next_auto(reason),
			reason_next_human(reason));
	}
}

/* A state that was added to the model and forgotten here must not go unnoticed. */
_Static_assert(COUNT(task_states) == TASK_STATE_COUNT, "a task state has no meaning");
_Static_assert(
	COUNT(rollout_states) == ROLLOUT_STATE_COUNT, "a rollout state has none");
_Static_assert(COUNT(wave_states) == WAVE_STATE_COUNT, "a wave state has none");

int main(void)
{
	for (size_t i = 0; i < COUNT(opening); i++)
		printf("%s\n", opening[i]);
	print_guards();
	print_task_machine();
	print_states();
	print_wishes();
	print_reasons();
	return 0;
}
