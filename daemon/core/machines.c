/* SPDX-License-Identifier: MIT
 *
 * What the states of all machines mean, and what ends them.
 */
#include "daemon/core/machines.h"

#include <string.h>

#include "daemon/core/axes.h"
#include "daemon/core/rollout_fsm.h"
#include "daemon/core/task_fsm.h"

#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* The name comes from the enum. */
struct text {
	const char *meaning, *deadline, *next, *human;
};

#define NONE   "-"
#define EXPIRY "the expiry of the rollout (--expires, update.expires: 30 days)"
#define UPLOAD                                                                         \
	"that of each FTP step; 5 s without a byte taken, 5 min for the whole upload"
#define LOGIN      "that of each step of the login and the prompt, seconds"
#define RETURN     "update.return (90 s)"
#define NEXT_POLL  "the next poll (poll.every, 5 min)"
#define NEXT_LOGIN "the next login: what it comes to stands from then on"
#define DO_NOT_CUT "do not power-cycle it"
#define SEE_REASON "look up its reason code, shown by `wipyctl rollout status`"

static const struct text task_texts[] = {
	[TASK_PLANNED] = {"its wave is not open yet", EXPIRY, NULL, NONE},
	[TASK_WAITING] = {"for a place within the limits, or for its window",
		EXPIRY "; with the code window, the opening of the window", NULL,
		"raise the limits or change the windows if it must not wait"},
	[TASK_CHECKING] = {"looked at before it is touched",
		"that of the look: 5 s to connect, 5 s for the banner", NULL, NONE},
	[TASK_PUSHING] = {"the image is being uploaded", UPLOAD, NULL, DO_NOT_CUT},
	[TASK_STAGED] = {"uploaded and armed, not yet reset",
		"it goes on once that is stored: at once, or every 5 s a try while "
		"the disk is full",
		NULL, DO_NOT_CUT},
	[TASK_DISARMING] = {"the image that it runs is pushed into the slot that waits",
		UPLOAD, NULL, DO_NOT_CUT},
	[TASK_RESETTING] = {"being told to reset", LOGIN, NULL, NONE},
	[TASK_RETURNING] = {"watched for its way back", RETURN, NULL, NONE},
	[TASK_VERIFYING] = {"asked for `os.uname()` after the update", LOGIN, NULL,
		NONE},
	[TASK_SOAKING] = {"must stay well for a while",
		"the soak (--soak, update.soak: 5 min), then " RETURN
		" for the look at its end",
		NULL, NONE},
	[TASK_CONFIRMING] = {"told that its trial boot may stay", RETURN, NULL,
		"do not reset it: it would fall back"},
	[TASK_HELD] = {"armed, and the rollout is paused or halted", EXPIRY, NULL,
		"resume or abort the rollout; do not power-cycle the board"},
	[TASK_DEFERRED] = {"offline or busy: no failure, and it holds no wave",
		EXPIRY "; once its waves are over at most update.catch-up (30 days) "
		       "after its start",
		NULL, "see why it does not answer: `wipyctl board NAME`"},
	[TASK_BACKOFF] = {"tried again later",
		"update.back-off (30 s), doubled with each attempt up to an hour", NULL,
		SEE_REASON},
	[TASK_CONFIRMED] = {"seen running the image after a proven reset and the soak",
		NONE, NULL, NONE},
	[TASK_ALREADY] = {"ran the image before", NONE, NULL, NONE},
	[TASK_REFUSED] = {"must not or need not be pushed to", NONE, NULL, SEE_REASON},
	[TASK_SKIPPED] = {"left out, since it is no longer in the inventory", NONE,
		NULL, "put it back into the inventory and start a rollout for it"},
	[TASK_FELL_BACK] = {"its boot loader went back to the image before", NONE, NULL,
		SEE_REASON},
	[TASK_FAILED] = {"not updated, and it answers", NONE, NULL, SEE_REASON},
	[TASK_LOST] = {"no longer answers", NONE, "polls go on looking for it",
		"go there with its card: `wipyctl rescue card NAME`"},
	[TASK_REVERTED] = {"an undo has put it back to the image before", NONE, NULL,
		NONE},
	[TASK_CANCELLED] = {"left out: the rollout was aborted, or its time was over",
		NONE, NULL, SEE_REASON},
};
_Static_assert(ARRAY_LEN(task_texts) == TASK_STATE_COUNT, "a task state has no text");

static const struct text rollout_texts[] = {
	[ROLLOUT_DRAFT] = {"written down, not yet asked for: no rollout is in it today",
		NONE, NULL, NONE},
	[ROLLOUT_AWAITING_APPROVAL] = {"another person must agree (policy.approval)",
		EXPIRY, NULL,
		"`wipyctl rollout approve`, by another person than the one who asked; "
		"or `wipyctl rollout abort`"},
	[ROLLOUT_SCHEDULED] = {"begins at a time: no rollout is in it today", NONE,
		NULL, NONE},
	[ROLLOUT_RUNNING] = {"boards are let in, wave after wave", EXPIRY, NULL,
		"`wipyctl rollout watch`, `pause` or `abort`"},
	[ROLLOUT_PAUSED] = {"by a person: nothing new begins, what is under way is "
			    "finished",
		EXPIRY, NULL, "`wipyctl rollout resume` or `abort`"},
	[ROLLOUT_HALTED] = {"by a brake: as paused, until a person resumes or aborts",
		EXPIRY, NULL,
		"look at what the brake counted (`wipyctl report`), then `wipyctl "
		"rollout resume` or `abort`"},
	[ROLLOUT_ABORTING] = {"nothing begins any more, boards under way are seen back",
		"those of its tasks that are under way", NULL, NONE},
	[ROLLOUT_ABORTED] = {"aborted, every task has ended", NONE, NULL,
		"see which boards are armed or dirty: `wipyctl rescue list`"},
	[ROLLOUT_UNDOING] = {"its boards are put back",
		"that of the undo, which is a rollout of its own", NULL, NONE},
	[ROLLOUT_UNDONE] = {"every board that could be was put back", NONE, NULL, NONE},
	[ROLLOUT_COMPLETED] = {"every board is confirmed or had the image already",
		NONE, NULL, NONE},
	[ROLLOUT_COMPLETED_WITH_EXCEPTIONS] = {"all waves are over, not every board is "
					       "well",
		NONE,
		"boards that were deferred catch up when they are seen again "
		"(decisions/0020)",
		"see them by name: `wipyctl report`; `rollout pause`, `resume` and "
		"`abort` steer the catch-up"},
	[ROLLOUT_EXPIRED] = {"its time ran out before every board had its turn", NONE,
		NULL, "start another rollout for the boards that it left out"},
};
_Static_assert(
	ARRAY_LEN(rollout_texts) == ROLLOUT_STATE_COUNT, "a rollout state has no text");

static const struct text wave_texts[] = {
	[WAVE_CLOSED] = {"its turn has not come", EXPIRY, NULL, NONE},
	[WAVE_OPEN] = {"its boards are let in", EXPIRY, NULL, NONE},
	[WAVE_SOAKING] = {"shown, never stored: all of an open wave that is left soaks",
		"the soak (--soak, update.soak: 5 min)",
		"it is an open wave: the rows of open say what comes next", NONE},
	[WAVE_PASSED] = {"every board has ended or is deferred, one is confirmed", NONE,
		NULL, NONE},
	[WAVE_TRIPPED] = {"a brake has halted the rollout in it", EXPIRY, NULL,
		"resume or abort the rollout"},
	[WAVE_SKIPPED] = {"it showed nothing: nobody of it was left to begin, a person "
			  "has gone on, or the rollout has ended",
		NONE, NULL, NONE},
};
_Static_assert(ARRAY_LEN(wave_texts) == WAVE_STATE_COUNT, "a wave state has no text");

static const struct text reach_texts[] = {
	[REACH_NEVER_SEEN] = {"no poll has met it yet", NEXT_POLL, NULL,
		"check its power, its network and its address"},
	[REACH_ONLINE] = {"the latest polls met it",
		"poll.misses (3) polls in a row without a banner", NULL, NONE},
	[REACH_FLAPPING] = {"it comes and goes: six changes within about an hour",
		"about an hour without a change", NULL,
		"look at its power supply and its radio link"},
	[REACH_OFFLINE] = {"several polls in a row did not meet it", NEXT_POLL, NULL,
		"check its power and its network"},
	[REACH_RETIRED] = {"it is in the inventory no more", NONE, NULL,
		"put it back into the inventory if it is still there"},
};
_Static_assert(ARRAY_LEN(reach_texts) == REACH_COUNT, "a reach has no text");

static const struct text access_texts[] = {
	[ACCESS_OPEN] = {"its banner is seen; nothing is known of its login",
		NEXT_LOGIN, NULL, NONE},
	[ACCESS_LOGIN_OK] = {"the login of the inventory works", NEXT_LOGIN, NULL,
		NONE},
	[ACCESS_LOGIN_REFUSED] = {"it refused the user name or the password",
		NEXT_LOGIN, NULL,
		"correct the login in the inventory, then `wipyctl poll NAME --uname`"},
	[ACCESS_BUSY] = {"another client holds its only telnet line", NEXT_POLL, NULL,
		"close the other session; a ghost goes after 300 s"},
	[ACCESS_WRONG_BOARD] = {"another board answers there than the inventory "
				"describes",
		NEXT_POLL, NULL,
		"correct the inventory; or, if it belongs there, `wipyctl boards "
		"accept NAME --reason TEXT`"},
	[ACCESS_SAFE_BOOT] = {"booted without boot.py and main.py: then it is on an "
			      "access point of its own, so no poll meets it",
		NONE, NULL, "`wipyctl rescue card NAME`"},
};
_Static_assert(ARRAY_LEN(access_texts) == ACCESS_COUNT, "an access has no text");

static const struct text version_texts[] = {
	[VERSION_UNKNOWN] = {"no fingerprint of it is known", NEXT_POLL, NULL, NONE},
	[VERSION_UNMANAGED] = {"it has no target, so nothing is behind", NEXT_POLL,
		NULL, "give it a release in the inventory, or roll one out"},
	[VERSION_IN_SYNC] = {"it shows the fingerprint of its target", NEXT_POLL, NULL,
		NONE},
	[VERSION_BEHIND] = {"it runs an older version than its target", NEXT_POLL, NULL,
		"start a rollout: a target alone starts none"},
	[VERSION_AHEAD] = {"it runs a newer version than its target", NEXT_POLL, NULL,
		"set its target anew, or roll its target out"},
	[VERSION_FOREIGN] = {"it runs neither its target nor a build that can be "
			     "compared with it",
		NEXT_POLL, NULL, "add that image as a release, or roll its target out"},
	[VERSION_CHANGED_BY_OTHERS] = {"its version changed, and not by us", NEXT_POLL,
		NULL,
		"find out who did it (`wipyctl events --board NAME`); then `wipyctl "
		"boards accept NAME --reason TEXT` or a rollout"},
};
_Static_assert(ARRAY_LEN(version_texts) == VERSION_COUNT, "a version has no text");

/* Conditions are bits that stand beside each other; they have no table. */
static const struct machine_state conditions[] = {
	{"dirty", "a broken upload has left a trap that its next reset springs",
		NEXT_POLL,
		"a complete upload cures it, and a proven reset shows what became of "
		"it; "
		"a rollout repairs such a board first",
		"do not power-cycle it; start a rollout for it if none works on it"},
	{"armed", "an image is on it that its next reset starts", NEXT_POLL,
		"a reset that is seen ends it; a rollout that is halted or aborted "
		"pushes the running image over it",
		"do not power-cycle it before you have decided; see `wipyctl rescue "
		"list`"},
	{"needs-hands", "it cannot be helped from here", NEXT_POLL,
		"polls go on looking for it: it ends when the board is seen well",
		"go there with its card: `wipyctl rescue card NAME`"},
};

/* How the latest need of a hand ended; no machine either. */
static const struct machine_state outcomes[] = {
	{"rescued",
		"it needed a hand, and runs again what it was to run; its next plain "
		"reset boots that",
		NONE, NULL, NONE},
	{"reverted",
		"it needed a hand, and runs again, but another image than it was to "
		"run; its next plain reset boots that",
		NONE, NULL, "roll its target out if it should run that"},
};

static bool state_of(const struct text *texts, size_t count, size_t index,
	const char *name, struct machine_state *ret_state)
{
	if (index >= count)
		return false;
	*ret_state = (struct machine_state){name, texts[index].meaning,
		texts[index].deadline, texts[index].next, texts[index].human};
	return true;
}

#define STATES(prefix, type)                                                           \
	static bool prefix##_machine_state(                                            \
		size_t index, struct machine_state *ret_state)                         \
	{                                                                              \
		return state_of(prefix##_texts, ARRAY_LEN(prefix##_texts), index,      \
			type##_name((enum type)index), ret_state);                     \
	}
STATES(task, task_state)
STATES(rollout, rollout_state)
STATES(wave, wave_state)
STATES(reach, reach)
STATES(access, access)

static bool version_machine_state(size_t index, struct machine_state *ret_state)
{
	return state_of(version_texts, ARRAY_LEN(version_texts), index,
		version_name((enum version_state)index), ret_state);
}

static bool condition_machine_state(size_t index, struct machine_state *ret_state)
{
	if (index >= ARRAY_LEN(conditions))
		return false;
	*ret_state = conditions[index];
	return true;
}

static bool outcome_machine_state(size_t index, struct machine_state *ret_state)
{
	if (index >= ARRAY_LEN(outcomes))
		return false;
	*ret_state = outcomes[index];
	return true;
}

static const struct machine machines[] = {
	{"task", "A task: one board in one rollout", task_machine_state, task_fsm_row},
	{"rollout", "A rollout", rollout_machine_state, rollout_fsm_row},
	{"wave", "A wave of a rollout", wave_machine_state, wave_fsm_row},
	{"reach", "Whether a board answers", reach_machine_state, reach_row},
	{"access", "What is known of a board's login", access_machine_state,
		access_row},
	{"version", "What a board runs", version_machine_state, version_row},
	{"condition", "What stays with a board until it is seen healed",
		condition_machine_state, NULL},
	{"rescue", "What became of a board that needed a hand", outcome_machine_state,
		NULL},
};

const struct machine *machine_at(size_t index)
{
	return index < ARRAY_LEN(machines) ? &machines[index] : NULL;
}

bool machine_enters(const struct machine *machine, const char *state)
{
	struct fsm_row row;

	for (size_t i = 0; machine->row && machine->row(i, &row); i++)
		if (strcmp(row.to, state) == 0 && strcmp(row.from, state) != 0)
			return true;
	return false;
}

bool machine_leaves(const struct machine *machine, const char *state)
{
	struct fsm_row row;

	for (size_t i = 0; machine->row && machine->row(i, &row); i++)
		if ((strcmp(row.from, state) == 0 || strcmp(row.from, "any") == 0) &&
			strcmp(row.to, state) != 0)
			return true;
	return false;
}

/* ---- the words of the rows ------------------------------------------------------- */

static const struct machine_word events[] = {
	{"open", "its wave has been opened"},
	{"grant", "the limits have room for it"},
	{"looked", "a banner was read"},
	{"unseen", "a look met no banner"},
	{"busy", "another client holds the telnet line"},
	{"garbage", "what came is no banner"},
	{"blind", "the daemon could not look at all"},
	{"pushed", "every byte was taken, and 226"},
	{"push-refused", "the upload ended before STOR: nothing was touched"},
	{"ftp-busy", "the FTP line is taken or shut: nothing was touched"},
	{"push-broken", "the upload ended after STOR: the board may be dirty"},
	{"login-refused", "the user name or the password was refused"},
	{"proceed", "what came before is stored: go on"},
	{"reset-sent", "`machine.reset()` went out"},
	{"reset-failed", "`machine.reset()` could not be sent"},
	{"mark-gone", "the name set before the reset is gone: it did reset"},
	{"mark-there", "that name still exists: no reset has happened"},
	{"mark-unknown", "that name could not be asked for"},
	{"named", "`os.uname()` agrees with the banner"},
	{"misnamed", "`os.uname()` names another image, or another board"},
	{"unnamed", "`os.uname()` could not be read: the banner stands"},
	{"timer", "the back-off or the soak is over"},
	{"deadline", "the state took too long"},
	{"seen", "a poll has met the board"},
	{"release", "the rollout runs again"},
	{"halt", "a brake has halted the rollout"},
	{"cancel", "the rollout is aborted"},
	{"supersede", "a newer rollout takes the board over"},
	{"vanished", "the board has left the inventory"},
	{"expire", "the time of the rollout is over"},
	{"window-closed", "too little is left of the window of its site"},
	{"window-open", "that window has room again"},
	{"probes-passed", "every probe of the soak has passed"},
	{"probes-failed", "a probe of the soak has failed"},
	{"probes-unclear", "none has failed, one could not be asked"},
	{"restarted", "the daemon has started anew"},
	{"approve", "another person agrees"},
	{"pause", "a person pauses the rollout"},
	{"resume", "a person lets it go on, and has seen the failures so far"},
	{"abort", "a person ends it"},
	{"brake", "a brake trips, or a wave ends that has shown nothing"},
	{"expired", "its time was over while it stood"},
	{"no-release", "its release left the catalogue"},
	{"undo", "an undo of it has begun"},
	{"undo-ended", "that undo has ended"},
	{"redone", "that undo was itself undone, or some of it"},
	{"settled", "nothing of it is under way or to come"},
	{"turn", "every wave before it is over"},
	{"ended", "the rollout has ended"},
	{"missed", "a poll has not met the board"},
	{"moved", "the inventory has the board at another place, or anew"},
	{"removed", "the board left the inventory"},
	{"banner", "a banner was read, and no login tried"},
	{"logged-in", "a login worked"},
	{"wrong-board", "another board answers"},
	{"accepted", "a person says that what answers belongs there"},
};

bool machine_event(size_t index, struct machine_word *ret_word)
{
	if (index >= ARRAY_LEN(events))
		return false;
	*ret_word = events[index];
	return true;
}

static const struct machine_word guards[] = {
	/* of a task */
	{"touched", "an upload was begun and did not complete: the board may be dirty"},
	{"pushed", "an upload is complete and no reset is proven: the board is armed"},
	{"untouched", "neither of them: leaving now leaves no trace"},
	{"pushed_only", "pushed, and not touched since"},
	{"reset_since", "the polls have seen another image since the push"},
	{"attempted", "a push was begun at some time"},
	{"not_attempted", "never"},
	{"untried", "never"},
	{"by_us", "a push was begun at some time"},
	{"wanted", "the banner shows the fingerprint of the pushed image"},
	{"before", "the banner shows the fingerprint read just before the push"},
	{"other", "the banner shows neither of the two"},
	{"gone", "the board was seen gone after its reset"},
	{"proven", "the name set before the reset is gone"},
	{"came_back", "it shows the pushed image and was seen gone"},
	{"gone_again", "the same, and it is not the first time"},
	{"early", "the reset is so fresh that the board may not have begun it"},
	{"markable", "the name set before the reset can be asked for"},
	{"asks_left", "that name may be asked for again"},
	{"attempts_left", "another attempt is allowed"},
	{"reset_again", "another reset is allowed"},
	{"again", "another attempt, or reset, is allowed"},
	{"give_up",
		"the image that the board runs can be pushed over the one that waits"},
	{"gives_up",
		"the task has given up: what waits is pushed over and the task fails"},
	{"running", "the rollout is neither standing nor being aborted"},
	{"or_dirty", "or the board is dirty, by this rollout or an earlier one"},
	{"standing", "the rollout is paused or halted: nothing new begins"},
	{"closed", "too little is left of the maintenance window of the board's site"},
	{"clean", "nothing broken is left on the board"},
	{"cancelled", "the rollout is being aborted"},
	{"frozen", "it is aborted and nothing more may be done to any board"},
	{"absent", "the polls have not seen the board either"},
	{"wrong", "another board answers than the one that is meant"},
	{"wrong_board", "another family or board text than the image's, or another "
			"unique id than the board's"},
	{"was_busy", "the last look met another client on the telnet line"},
	{"was_blind", "the last look could not be made"},
	{"unsaid", "the last look was busy or blind, so it said nothing"},
	{"free", "no earlier push waits in another slot for the next reset"},
	{"same_image", "what ran before and what was pushed look alike"},
	{"same", "what ran before and what was pushed look alike"},
	{"no_image", "the release has no image for the board"},
	{"known_bad", "its image is known to be bad for boards of this type"},
	{"entry_point", "boards of its type do not run images with that entry point"},
	{"version", "boards of its type do not accept that version"},
	{"slot_size", "the slots of boards of its type do not hold the image"},
	{"withdrawn", "its release was retired, has expired or is trusted no more"},
	{"no_endpoints", "the image has no telnet and no FTP, and nobody allowed that"},
	{"from_version", "the image is not for boards that run what this one runs"},
	{"pass_through", "another version has to run there before"},
	{"burns", "the upload may overwrite the last image known to be good"},
	{"disarm", "the rollout is halted or aborted, and the image that the board "
		   "runs can be pushed over the one that waits"},
	{"disarms", "the same"},
	{"reset_cures", "on this family a second push can kill, and a reset heals "
			"(WIRE.md 3.4)"},
	{"reset_first",
		"its upload was refused, or a push could kill it: a reset may help"},
	{"kills", "a push onto what waits in its slot could kill it"},
	{"must_reset", "of such a family, and dirty or left dirty or armed"},
	{"sprung", "it was reset to clear it before a push"},
	{"switches",
		"an undo without a push: a statement at the prompt starts the image "
		"that sits in another slot"},
	{"not_lasting", "a hand has started it, and a reset may start another image"},
	{"moved_on", "others have changed its image since it was planned, and nothing "
		     "was done to it since (decisions/0019, 0020)"},
	{"springs",
		"an undo, and the board is armed with what is taken back: its reset "
		"would start it"},
	{"probed", "the inventory gives the board probes (decisions/0018)"},
	{"probes_again", "another round of them is left after the soak"},
	{"soaked", "the soak is over"},
	{"over", "the soak is over"},
	{"unclear", "no probe has failed, and one was never answered"},
	{"cut", "a reset of its own has ended that, for the first time"},
	{"trial", "this family starts a new image on trial (decisions/0010)"},
	/* of a rollout and a wave */
	{"cut_off", "boards were left out since the time of the rollout is over"},
	{"all_well", "every board runs the release"},
	{"undone", "the undo has completed"},
	{"as_completed", "it had completed before the undo, which has brought back no "
			 "board of it"},
	{"was_aborted", "it had been aborted before the undo"},
	{"was_expired", "it had expired before the undo"},
	{"left_over", "nobody of the wave is left to begin"},
	{"shown", "the wave has a confirmed board"},
	{"last", "no board of a later wave hangs on it"},
	{"spent", "the wave has settled without a confirmed board"},
	/* of a board */
	{"missed_enough", "so many polls in a row that it counts (poll.misses)"},
	{"flaps", "its reach changes again and again"},
	{"quiet", "its reach has not changed for about an hour"},
	{"not_shown", "no fingerprint of the board is known"},
	{"right", "it shows the target's fingerprint"},
	{"others", "others have changed it, and it has not been right since"},
	{"no_target", "nothing says what it should run"},
	{"older", "by the version tags it is older than its target"},
	{"newer", "by the version tags it is newer than its target"},
};

bool machine_guard(size_t index, struct machine_word *ret_word)
{
	if (index >= ARRAY_LEN(guards))
		return false;
	*ret_word = guards[index];
	return true;
}
