/* SPDX-License-Identifier: MIT
 *
 * The reason codes, one row each.
 */
#include <string.h>

#include "daemon/core/reason.h"

struct reason_row {
	const char *code, *what, *next_auto, *next_human;
	bool retried; /* next_auto speaks of a task that goes on: at its end nothing comes */
};

#define NOTHING_HUMAN "A person need do nothing."
#define STAYS_ARMED                                                                    \
	"Do not power-cycle it before you have decided: its next reset boots the "     \
	"pushed image."
#define STAYS_HALTED                                                                   \
	"What is under way is finished, armed boards are disarmed where that can be "  \
	"done, and nothing new begins until a person resumes or aborts."

static const struct reason_row reasons[REASON_COUNT] = {
	[REASON_NONE] = {"-", "", "", "", false},
	[REASON_OFFLINE] = {"offline", "The board does not answer.",
		"It is updated when a poll sees it again while the rollout runs; "
		"later it catches up.",
		"Check its power and its network.", false},
	[REASON_NO_BANNER] = {"no-banner", "The board did not show its banner.",
		"It is looked at again.",
		"Leave it alone while its update is under way, and do not "
		"power-cycle it; if it stays away, check its network.",
		false},
	[REASON_TELNET_BUSY] = {"telnet-busy",
		"Another client holds the board's only telnet line.",
		"It is tried again while attempts are left.",
		"Close the other telnet session; a ghost goes after the board's "
		"idle timeout of 300 s. If its task has failed, start a rollout for "
		"it again.",
		true},
	[REASON_GARBAGE] = {"garbage",
		"What answers on the board's telnet port is no board that we know.",
		"It is tried again while attempts are left.",
		"Check the address in the inventory: another device may answer "
		"there. If its task has failed, start a rollout for it again.",
		true},
	[REASON_LOGIN_REFUSED] = {"login-refused",
		"The board refused the user name or the password.",
		"If an image waits for its next reset, the one that it runs is "
		"pushed over it where that can be done; else nothing happens by "
		"itself.",
		"Correct the login in the inventory and start a rollout for it "
		"again; after a safe boot or with a broken boot.py the board is "
		"back at micro/python.",
		true},
	[REASON_WRONG_BOARD] = {"wrong-board",
		"The board that answers is not the one that the inventory "
		"describes.",
		"It is never pushed to.",
		"Correct the address or the family in the inventory; if that board "
		"belongs there now, accept it with `wipyctl boards accept NAME "
		"--reason TEXT`. Then start a rollout for it again.",
		false},
	[REASON_NO_IMAGE] = {"no-image",
		"The release has no image for this family of boards.",
		REASON_NOTHING_AUTO,
		"Add an image for the family to a release (`wipyctl release add`) "
		"and start a rollout of it.",
		false},
	[REASON_ALREADY_RUNNING] = {"already-running",
		"The board runs the release's image already.", REASON_NOTHING_AUTO,
		NOTHING_HUMAN, false},
	[REASON_PUSH_REFUSED] = {"push-refused",
		"The board did not take the upload; nothing on it was changed.",
		"It is tried again while attempts are left.",
		"See the FTP reply: `wipyctl report --evidence`. If its task has "
		"failed, start a rollout for it again once the cause is gone.",
		true},
	[REASON_PUSH_BROKEN] = {"push-broken",
		"The upload broke off: the board is dirty.",
		"The image is pushed again before anything else; the board is not "
		"reset before that.",
		"Do not power-cycle the board.", false},
	[REASON_PUSH_NOT_REPAIRED] = {"push-not-repaired",
		"The upload broke off and could not be repeated: the board is "
		"dirty.",
		REASON_NOTHING_AUTO,
		"Do not power-cycle the board. Start a rollout for it again as soon "
		"as it takes uploads: `wipyctl rescue card NAME` says what cures it "
		"and what a reset would boot.",
		false},
	[REASON_RESET_FAILED] = {"reset-failed",
		"The image is on the board, but it could not be reset over the "
		"REPL.",
		"It is tried again while attempts are left; then the image that it "
		"runs is pushed over the new one where that can be done.",
		"A program may hold the REPL: stop it, or reset the board by hand; "
		"it then boots the pushed image.",
		true},
	[REASON_RESET_NOT_PROVEN] = {"reset-not-proven",
		"The board was told to reset and nothing shows that it did.",
		"The image that it runs is pushed over the new one where that can "
		"be done; else nothing happens by itself.",
		"Reset it by hand; it then boots the pushed image.", true},
	[REASON_FELL_BACK] = {"fell-back",
		"After the reset the board came back with the image it ran before: "
		"the pushed one did not pass its boot loader.",
		"The board runs on with the image it had. The new one is known-bad for "
		"its "
		"type from now on, unless it came from an undo.",
		"Find out why: `wipyctl report --evidence`. If the image is good, "
		"clear it with `wipyctl release known-bad clear` and start a "
		"rollout for the board again; if it falls back twice its flash may "
		"be worn.",
		false},
	[REASON_FOREIGN_IMAGE] = {"foreign-image",
		"The board shows neither the pushed image nor the one before.",
		REASON_NOTHING_AUTO,
		"Find out who else updates this board: `wipyctl events --board "
		"NAME`. Then start a rollout for it again.",
		false},
	[REASON_NO_RETURN] = {"no-return",
		"The board did not come back after the reset.",
		"Polls go on looking for it.",
		"Press its reset switch. If it stays silent `wipyctl rescue card "
		"NAME` says which window of its safe-boot pin boots what.",
		false},
	[REASON_LOST_IN_SOAK] = {"lost-in-soak",
		"The board came back with the new image and then went silent.",
		"Polls go on looking for it.",
		"Press its reset switch. If it stays silent `wipyctl rescue card "
		"NAME` says which window of its safe-boot pin boots what.",
		false},
	[REASON_LOST_IN_UPDATE] = {"lost-in-update",
		"The board stopped answering during its update, before we reset it.",
		"Polls go on looking for it.",
		"Check its network first: it may run on, and be dirty. If nothing "
		"else helps, `wipyctl rescue card NAME` says what a reset boots; "
		"then start a rollout for it again.",
		false},
	[REASON_PAUSED] = {"paused",
		"The rollout stands still, and nothing of it waits on the board.",
		"It goes on when the rollout is resumed.",
		"Resume or abort the rollout.", false},
	[REASON_HELD_ARMED] = {"held-armed",
		"The rollout stands still; the image is on the board and it is not "
		"reset.",
		"It goes on when the rollout is resumed.", STAYS_ARMED, false},
	[REASON_ABORTED] = {"aborted",
		"The rollout was aborted before this board was touched.",
		REASON_NOTHING_AUTO,
		"Start another rollout for it if it is to be updated.", false},
	[REASON_ARMED_ON_ABORT] = {"armed-on-abort",
		"The rollout was aborted after the image had been pushed.",
		REASON_NOTHING_AUTO, STAYS_ARMED, false},
	[REASON_BRAKE_LOST] = {"brake-lost",
		"So many boards were lost that the brake has halted the rollout.",
		STAYS_HALTED,
		"Look at the lost boards (`wipyctl report`); then resume with a "
		"reason, or abort.",
		false},
	[REASON_BRAKE_CANARY] = {"brake-canary",
		"A board of the first wave fell back or failed.", STAYS_HALTED,
		"Look at that board (`wipyctl report`); then resume with a reason, "
		"or abort.",
		false},
	[REASON_BRAKE_FELL_BACK] = {"brake-fell-back",
		"More boards fell back than the brake allows.", STAYS_HALTED,
		"Look at those boards (`wipyctl report`); then resume with a "
		"reason, or abort.",
		false},
	[REASON_BRAKE_FAILED] = {"brake-failed",
		"More boards failed than the brake allows.", STAYS_HALTED,
		"Look at those boards (`wipyctl report`); then resume with a "
		"reason, or abort.",
		false},
	[REASON_NO_CONFIRMED_BOARD] = {"no-confirmed-board",
		"A wave ended without one confirmed board, so it has shown nothing.",
		STAYS_HALTED,
		"Look at the wave's boards (`wipyctl report`); then resume with a "
		"reason, or abort.",
		false},
	[REASON_VANISHED] = {"vanished", "The board is no longer in the inventory.",
		REASON_NOTHING_AUTO,
		"Put it back into the inventory and start a rollout for it.", false},
	[REASON_NO_RELEASE] = {"no-release",
		"The release of this rollout is missing from the catalogue, or "
		"damaged.",
		STAYS_HALTED, "Add the release again, then resume or abort.", false},
	[REASON_BLIND] = {"blind",
		"The daemon itself could not look: no network, no name, no free "
		"descriptor.",
		"It is looked at again while attempts are left.",
		"See the log of wipyd for the cause. If its task has failed, start "
		"a rollout for the board again.",
		true},
	[REASON_DISARM] = {"disarm",
		"The rollout stopped after the image had been pushed.",
		"The image that the board runs is pushed into the slot that waits, "
		"so that its next reset changes nothing.",
		"Do not power-cycle it before that is done.", false},
	[REASON_DISARMED] = {"disarmed",
		"The rollout was aborted after the image had been pushed; the image "
		"that the board runs was pushed over it: its next reset changes "
		"nothing.",
		REASON_NOTHING_AUTO,
		"Start another rollout for it if it is to be updated.", false},
	[REASON_PUSH_BROKEN_RESET] = {"push-broken-reset",
		"The upload broke off. A second one could overwrite the image that "
		"runs, and this board's boot loader checks what it boots.",
		"The board is reset, and then pushed to again while attempts are "
		"left.",
		NOTHING_HUMAN, false},
	[REASON_TRAP_SPRUNG] = {"trap-sprung",
		"The board was reset to clear what a broken or forgotten upload had "
		"left on it, and runs on.",
		"It is pushed to while attempts are left.",
		"If its task has failed, start a rollout for it again: nothing is "
		"left on it that could hurt.",
		true},
	[REASON_NOT_CONFIRMED] = {"not-confirmed",
		"The board runs the new image on trial and did not take the "
		"confirmation.",
		"Its next reset falls back to the image before.",
		"Confirm it by hand with wipy.confirm() at its prompt, or start a "
		"rollout for it again.",
		false},
	[REASON_WINDOW] = {"window",
		"The maintenance window of the board's site is closed, or too "
		"little is left of it to finish.",
		"It goes on when the window opens.",
		"Change the windows or the blackout of the site in the inventory if "
		"it must not wait.",
		false},
	[REASON_EXPIRED] = {"expired",
		"The time of the rollout was over before the board had its turn.",
		REASON_NOTHING_AUTO,
		"Start another rollout for it; --expires gives it more time.", false},
	[REASON_KNOWN_BAD] = {"known-bad",
		"The release's image has lost or rolled back a board of this type, or "
		"somebody has added it to those that do.",
		"It is not pushed to boards of this type.",
		"Look at it with `wipyctl release known-bad list`; once the cause is "
		"found clear it with `wipyctl release known-bad clear`.",
		false},
	[REASON_BURNS_LAST_GOOD] = {"burns-last-good",
		"The upload may overwrite the only image of this board that is "
		"known to be good.",
		"It is never pushed to.",
		"See its slots: `wipyctl board NAME`. No upload touches the factory "
		"image of a WiPy or LaunchPad: if you know that it is good, or have "
		"seen it through window 3 of its safe-boot pin (`wipyctl rescue "
		"card NAME`), start the rollout with --burn-last-good.",
		false},
	[REASON_PROBE_FAILED] = {"probe-failed",
		"A probe of the soak failed: the board runs the image and does not "
		"do what its owner asks of it.",
		"While it soaks it is probed again. A family that starts images on "
		"trial falls back with its next reset.",
		"See which probe it was and its evidence: `wipyctl rollout status`.",
		false},
	[REASON_PROBE_UNCLEAR] = {"probe-unclear",
		"A probe of the soak could not be asked, so nobody knows whether it "
		"passes; none has failed.",
		"While it soaks it is probed again.",
		"See why in the probe's evidence: `wipyctl rollout status`.", false},
	[REASON_BRAKE_PROBE] = {"brake-probe",
		"More boards fail their probes than the budget allows.", STAYS_HALTED,
		"See which probes failed and why (`wipyctl rollout status`); then "
		"resume with a reason, or abort.",
		false},
	[REASON_UNDONE] = {"undone",
		"An undo has brought the board back to the image that it ran before "
		"this rollout.",
		REASON_NOTHING_AUTO, NOTHING_HUMAN, false},
	[REASON_UNDO_NO_IMAGE] = {"undo-no-image",
		"The image that the board ran before is in no release, or releases "
		"with different images look like it, and no slot of the board is "
		"known to hold it.",
		"The board runs on with the image it has.",
		"Add that image to a release (`wipyctl release add`), then undo "
		"again; or roll out another release.",
		false},
	[REASON_UNDO_BY_HAND] = {"undo-by-hand",
		"The image that the board ran before is in no release, or cannot be "
		"told from another one, but a slot of the board holds it, which "
		"only a hand at its pin can start.",
		"The board runs on with the image it has.",
		"Add that image to a release, then undo again; or start it by hand, "
		"for one boot: `wipyctl rescue card NAME` shows the windows.",
		false},
	[REASON_FROZEN_DIRTY] = {"frozen-dirty",
		"The rollout was frozen when an upload had broken off: the board is "
		"dirty.",
		"Nothing more is done to the board, also not to repair it.",
		"Do not power-cycle the board. A new rollout repairs it; if it does "
		"not come back, see its card (`wipyctl rescue card NAME`).",
		false},
	[REASON_SUPERSEDED] = {"superseded",
		"A newer rollout has taken the board over before it had caught up.",
		"It is updated by the newer rollout.", NOTHING_HUMAN, false},
	[REASON_BRAKE_CATCH_UP] = {"brake-catch-up",
		"A board that was catching up was lost, fell back or failed.",
		"No other board catches up until a person resumes it.",
		"Look at that board; then resume with a reason, or abort what is "
		"left.",
		false},
	[REASON_FTP_BUSY] = {"ftp-busy",
		"The board's only FTP line was taken or shut; nothing on the board "
		"was changed.",
		"It is tried again while attempts are left, and when a poll sees it "
		"later.",
		"Close the other FTP session; if there is none, start the board's "
		"server again.",
		false},
	[REASON_NOT_LASTING] = {"not-lasting",
		"A hand has brought the board back, and its next plain reset may "
		"boot another image than the one that it runs now.",
		"Where that is certain to do no harm the image that it runs is "
		"pushed, so that it stays.",
		"Do not power-cycle it before that is done; `wipyctl rescue card "
		"NAME` says what makes it lasting. What you did at its prompt for "
		"that no look can tell: `wipyctl boards accept NAME --reason TEXT`.",
		false},
	[REASON_NOT_RESET] = {"not-reset",
		"The board could not be reset, or nothing shows that it was. The "
		"image that it runs was pushed over the new one: its next reset "
		"changes nothing.",
		REASON_NOTHING_AUTO,
		"See its events for what held it. A program may hold the REPL, or "
		"the login may have changed: then start a rollout for it again.",
		false},
	[REASON_RESET_FIRST] = {"reset-first",
		"The board takes no upload as it is: it runs an image on trial that "
		"nobody confirmed, or an upload may wait in it that another one "
		"could turn against the image that runs.",
		"It is reset, and then pushed to while attempts are left.",
		NOTHING_HUMAN, false},
	[REASON_WENT_AWAY] = {"went-away",
		"The board went away while it soaked, and came back with the new "
		"image.",
		"The first time its soak begins again; the second time it has "
		"failed.",
		"It restarts by itself, or its network comes and goes: look at its "
		"power, its program and its access point. It runs the new image.",
		true},
	[REASON_TRIAL_ENDED] = {"trial-ended",
		"The board went back to the image that it ran before, while the new "
		"one was on trial: any reset does that, also a short power cut.",
		"The first time it is pushed to again, while attempts are left; the "
		"second time, or if it was seen gone before, it has fallen back.",
		"Leave it switched on; if it happens again, look at its power "
		"supply.",
		false},
	[REASON_ENTRY_POINT] = {"entry-point",
		"The image has an entry point that this type of boards does not "
		"accept: such boards have not come back from other ones.",
		REASON_NOTHING_AUTO,
		"Choose a release whose entry point the type accepts (`wipyctl image "
		"info FILE` shows it), or correct `accept` of the type in the "
		"inventory.",
		false},
	[REASON_VERSION_NOT_ACCEPTED] = {"version-not-accepted",
		"The image's version is not one that this type of boards accepts.",
		REASON_NOTHING_AUTO,
		"Choose another release, or correct `accept` of the type in the "
		"inventory.",
		false},
	[REASON_NO_ENDPOINTS] = {"no-endpoints",
		"The image does not carry the mark of this project's firmware: a "
		"board that runs it has no telnet and no FTP.",
		REASON_NOTHING_AUTO,
		"Take a build of this project's firmware. To give the board away for "
		"good, start the rollout with --allow-one-way: from then on only a "
		"cable reaches it.",
		false},
	[REASON_FROM_VERSION] = {"from-version",
		"The release may only follow certain versions, and what the board "
		"runs is none of them or is not known.",
		REASON_NOTHING_AUTO,
		"See which ones (`wipyctl release show NAME`), and roll one of them "
		"out first.",
		false},
	[REASON_PASS_THROUGH] = {"pass-through",
		"The board runs something older than the version that has to run "
		"before this release.",
		REASON_NOTHING_AUTO,
		"See which version it is (`wipyctl release show NAME`), and roll that "
		"out first.",
		false},
	[REASON_NO_WAY_BACK] = {"no-way-back",
		"No undo could bring the board back: what it runs is in no release, or "
		"nobody has seen what it runs.",
		"It is updated all the same.",
		"Add the image that it runs to a release first (`wipyctl release "
		"add`), or leave the board out.",
		false},
	[REASON_ONLY_OF_ITS_TYPE] = {"only-of-its-type",
		"The plan has no other board of its type, and no rollout has confirmed "
		"the release on one: nothing shows beforehand whether it is good for "
		"it.",
		"It is updated in its wave.",
		"See to it that somebody can reach the board, or leave it out until "
		"another one of its type has shown it.",
		false},
	[REASON_NEVER_CONFIRMED] = {"never-confirmed",
		"No rollout has confirmed this release on a board of this type yet.",
		"The first wave shows it: it has a board of each type where its size "
		"allows, and halts the rollout if one is hurt.",
		"Keep the first wave small, of boards that somebody can reach.", false},
	[REASON_MODIFIED_BUILD] = {"modified-build",
		"The release's image is a modified build (its tag ends in -dirty): the "
		"tag does not say what is in it.",
		"It is updated all the same.",
		"Prefer an image of sources that were committed, which can be made "
		"again.",
		false},
	[REASON_SLOT_SIZE] = {"slot-size",
		"The image is larger than what the slots of this type of boards hold, "
		"by `accept` of the type in the inventory.",
		REASON_NOTHING_AUTO,
		"Choose a smaller image, or correct `size` in `accept` of the type.",
		false},
	[REASON_RELEASE_WITHDRAWN] = {"release-withdrawn",
		"The release was retired, its manifest has expired, or too few of the "
		"keys that are trusted today have signed it.",
		REASON_NOTHING_AUTO,
		"See which of these (`wipyctl release list`), and start a rollout of "
		"another release; what was retired by mistake comes back with `wipyctl "
		"release retire --back`.",
		false},
	[REASON_RESTARTED] = {"restarted",
		"The daemon was started anew while the board waited to be tried "
		"again.",
		"It is tried again when its back-off is over.", NOTHING_HUMAN, false},
	[REASON_IN_ROLLOUT] = {"in-rollout",
		"Another rollout that has not ended works on the board: its "
		"evidence names it.",
		"The undo goes on without the board.",
		"Undo again once that rollout has ended, or abort it first.", false},
	[REASON_CONFIRMED_SINCE] = {"confirmed-since",
		"A newer rollout has confirmed what the board runs: its evidence "
		"names it.",
		"The board runs on with the image it has.",
		"If the board is to leave that image, undo the newer rollout.", false},
	[REASON_CHANGED_BY_OTHERS] = {"changed-by-others",
		"Somebody else has changed what the board runs since it was "
		"planned.",
		"It is left as it is.",
		"Find out who did it, and whether it is meant. A new rollout to "
		"this board changes it.",
		false},
	[REASON_UNDO_ARMED] = {"undo-armed",
		"The board runs the image that it would go back to, and the one "
		"that is taken back waits for its next reset. A second upload could "
		"kill it.",
		REASON_NOTHING_AUTO, STAYS_ARMED, false},
	[REASON_BY_OPERATOR] = {"by-operator", "A person asked for it.",
		"What was asked for is carried out, and stays until a person asks "
		"for something else.",
		"See who it was and why: `wipyctl events --rollout ID`.", false},
};

static const struct reason_row *row_of(enum reason reason)
{
	return &reasons[reason < REASON_COUNT ? reason : REASON_NONE];
}

const char *reason_code(enum reason reason)
{
	return row_of(reason)->code;
}

enum reason reason_by_code(const char *code)
{
	for (int i = 0; i < REASON_COUNT; i++)
		if (strcmp(reasons[i].code, code) == 0)
			return (enum reason)i;
	return REASON_COUNT;
}

const char *reason_what(enum reason reason)
{
	return row_of(reason)->what;
}

const char *reason_next_auto(enum reason reason)
{
	return row_of(reason)->next_auto;
}

const char *reason_next_at_end(enum reason reason)
{
	return row_of(reason)->retried ? REASON_NOTHING_AUTO
				       : row_of(reason)->next_auto;
}

const char *reason_next_human(enum reason reason)
{
	return row_of(reason)->next_human;
}
