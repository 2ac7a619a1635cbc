/* SPDX-License-Identifier: MIT
 *
 * The reason codes, one row each.
 */
#include <string.h>

#include "daemon/core/reason.h"

struct reason_row {
	const char *code, *what, *next_auto, *next_human;
};

#define STAYS_ARMED                                                                    \
	"Do not power-cycle it before you have decided: its next reset boots the "     \
	"pushed image."

static const struct reason_row reasons[REASON_COUNT] = {
	[REASON_NONE] = {"-", "", "", ""},
	[REASON_OFFLINE] = {"offline", "The board does not answer.",
		"It is updated when a poll sees it again while the rollout runs; "
		"later it catches up.",
		"Check its power and its network."},
	[REASON_NO_BANNER] = {"no-banner", "The board did not show its banner.",
		"It is looked at again.", ""},
	[REASON_TELNET_BUSY] = {"telnet-busy",
		"Another client holds the board's only telnet line.",
		"It is tried again while attempts are left.",
		"Close the other telnet session; a ghost goes after the board's idle "
		"timeout of 300 s."},
	[REASON_GARBAGE] = {"garbage",
		"What answers on the board's telnet port is no board that we know.",
		"It is tried again while attempts are left.",
		"Check the address in the inventory."},
	[REASON_LOGIN_REFUSED] = {"login-refused",
		"The board refused the user name or the password.", "",
		"Correct the login in the inventory; after a safe boot or with a "
		"broken "
		"boot.py the board is back at micro/python."},
	[REASON_WRONG_BOARD] = {"wrong-board",
		"The board that answers is not the one that the inventory describes.",
		"It is never pushed to.",
		"Correct the address or the family in the inventory; if that board "
		"belongs there now, accept it with `wipyctl boards accept`."},
	[REASON_NO_IMAGE] = {"no-image",
		"The release has no image for this family of boards.", "",
		"Add an image for the family to a release."},
	[REASON_ALREADY_RUNNING] = {"already-running",
		"The board runs the release's image already.", "", ""},
	[REASON_PUSH_REFUSED] = {"push-refused",
		"The board did not take the upload; nothing on it was changed.",
		"It is tried again while attempts are left.",
		"See the FTP reply in the evidence."},
	[REASON_PUSH_BROKEN] = {"push-broken",
		"The upload broke off: the board is dirty.",
		"The image is pushed again before anything else; the board is not "
		"reset before that.",
		"Do not power-cycle the board."},
	[REASON_PUSH_NOT_REPAIRED] = {"push-not-repaired",
		"The upload broke off and could not be repeated: the board is dirty.",
		"",
		"Do not power-cycle the board. Start a rollout for it again as soon as "
		"it takes uploads: `wipyctl rescue card NAME` says what cures it and "
		"what a reset would boot."},
	[REASON_RESET_FAILED] = {"reset-failed",
		"The image is on the board, but it could not be reset over the REPL.",
		"It is tried again while attempts are left.",
		"A program may hold the REPL: stop it, or reset the board by hand; it "
		"then boots the pushed image."},
	[REASON_RESET_NOT_PROVEN] = {"reset-not-proven",
		"The board was told to reset and nothing shows that it did.", "",
		"Reset it by hand; it then boots the pushed image."},
	[REASON_FELL_BACK] = {"fell-back",
		"After the reset the board came back with the image it ran before: the "
		"pushed one did not pass its boot loader.",
		"The board runs on with the image it had.",
		"Start a rollout for it again; if it falls back twice its flash may be "
		"worn."},
	[REASON_FOREIGN_IMAGE] = {"foreign-image",
		"The board shows neither the pushed image nor the one before.", "",
		"Find out who else updates this board."},
	[REASON_NO_RETURN] = {"no-return",
		"The board did not come back after the reset.",
		"Polls go on looking for it.",
		"Press its reset switch. If it stays silent `wipyctl rescue card NAME` "
		"says which window of its safe-boot pin boots what."},
	[REASON_LOST_IN_SOAK] = {"lost-in-soak",
		"The board came back with the new image and then went silent.",
		"Polls go on looking for it.",
		"Press its reset switch. If it stays silent `wipyctl rescue card NAME` "
		"says which window of its safe-boot pin boots what."},
	[REASON_LOST_IN_UPDATE] = {"lost-in-update",
		"The board stopped answering during its update, before we reset it.",
		"Polls go on looking for it.",
		"Check its network first: it may run on, and be dirty. If nothing else "
		"helps, `wipyctl rescue card NAME` says what a reset boots; then start "
		"a rollout for it again."},
	[REASON_PAUSED] = {"paused",
		"The rollout stands still; the board has not been touched.",
		"It goes on when the rollout is resumed.",
		"Resume or abort the rollout."},
	[REASON_HELD_ARMED] = {"held-armed",
		"The rollout stands still; the image is on the board and it is not "
		"reset.",
		"It goes on when the rollout is resumed.", STAYS_ARMED},
	[REASON_ABORTED] = {"aborted",
		"The rollout was aborted before this board was touched.", "", ""},
	[REASON_ARMED_ON_ABORT] = {"armed-on-abort",
		"The rollout was aborted after the image had been pushed.", "",
		STAYS_ARMED},
	[REASON_BRAKE_LOST] = {"brake-lost", "A board was lost.",
		"Nothing new begins until the rollout is resumed or aborted.",
		"Look at the lost board, then resume or abort."},
	[REASON_BRAKE_CANARY] = {"brake-canary",
		"A board of the first wave fell back or failed.",
		"Nothing new begins until the rollout is resumed or aborted.",
		"Look at that board, then resume or abort."},
	[REASON_BRAKE_FELL_BACK] = {"brake-fell-back",
		"More boards fell back than the brake allows.",
		"Nothing new begins until the rollout is resumed or aborted.",
		"Look at those boards, then resume or abort."},
	[REASON_BRAKE_FAILED] = {"brake-failed",
		"More boards failed than the brake allows.",
		"Nothing new begins until the rollout is resumed or aborted.",
		"Look at those boards, then resume or abort."},
	[REASON_NO_CONFIRMED_BOARD] = {"no-confirmed-board",
		"A wave ended without one confirmed board, so it has shown nothing.",
		"Nothing new begins until the rollout is resumed or aborted.",
		"Look at the wave's boards, then resume or abort."},
	[REASON_VANISHED] = {"vanished", "The board is no longer in the inventory.", "",
		"Put it back into the inventory and start a rollout for it."},
	[REASON_NO_RELEASE] = {"no-release",
		"The release of this rollout is missing from the catalogue, or "
		"damaged.",
		"Nothing is done to any board until it is there again.",
		"Add the release again, then resume or abort."},
	[REASON_BLIND] = {"blind",
		"The daemon itself could not look: no network, no name, no free "
		"descriptor.",
		"It is looked at again.", "See the log of wipyd for the cause."},
	[REASON_DISARM] = {"disarm",
		"The rollout stopped after the image had been pushed.",
		"The image that the board runs is pushed into the slot that waits, so "
		"that its next reset changes nothing.",
		"Do not power-cycle it before that is done."},
	[REASON_DISARMED] = {"disarmed",
		"The rollout was aborted after the image had been pushed; the image "
		"that the board runs was pushed over it: its next reset changes "
		"nothing.",
		"", ""},
	[REASON_PUSH_BROKEN_RESET] = {"push-broken-reset",
		"The upload broke off. A second one could overwrite the image that "
		"runs, and this board's boot loader checks what it boots.",
		"The board is reset, and then pushed to again while attempts are left.",
		""},
	[REASON_TRAP_SPRUNG] = {"trap-sprung",
		"The board was reset to clear what a broken or forgotten upload had "
		"left on it, and runs on.",
		"It is pushed to while attempts are left.", ""},
	[REASON_NOT_CONFIRMED] = {"not-confirmed",
		"The board runs the new image on trial and did not take the "
		"confirmation.",
		"Its next reset falls back to the image before.",
		"Confirm it by hand with wipy.confirm() at its prompt, or start a "
		"rollout for it again."},
	[REASON_WINDOW] = {"window",
		"The maintenance window of the board's site is closed, or too little "
		"is left of it to finish.",
		"It goes on when the window opens.",
		"Change the windows or the blackout of the site in the inventory if "
		"it must not wait."},
	[REASON_EXPIRED] = {"expired",
		"The time of the rollout was over before the board had its turn.", "",
		"Start another rollout for it; it may be given more time."},
	[REASON_KNOWN_BAD] = {"known-bad",
		"The release's image has lost or rolled back a board of this type.",
		"It is not pushed to boards of this type.",
		"Look at it with `wipyctl release known-bad`; once the cause is found "
		"clear it with `wipyctl release known-bad clear`."},
	[REASON_BURNS_LAST_GOOD] = {"burns-last-good",
		"The upload may overwrite the only image of this board that is known "
		"to be good.",
		"It is never pushed to.",
		"See its slots: wipyctl board NAME. No upload touches the factory "
		"image of a WiPy or LaunchPad: if you know that it is good, or have "
		"seen it through window 3 of its safe-boot pin (`wipyctl rescue card "
		"NAME`), start the rollout with --burn-last-good."},
	[REASON_PROBE_FAILED] = {"probe-failed",
		"A probe of the soak failed: the board runs the image and does not do "
		"what its owner asks of it.",
		"While it soaks it is probed again. A family that starts images on "
		"trial falls back with its next reset.",
		"See which probe it was and its evidence: wipyctl rollout status."},
	[REASON_PROBE_UNCLEAR] = {"probe-unclear",
		"A probe of the soak could not be asked, so nobody knows whether it "
		"passes; none has failed.",
		"While it soaks it is probed again.",
		"See why in the probe's evidence: wipyctl rollout status."},
	[REASON_BRAKE_PROBE] = {"brake-probe",
		"More boards fail their probes than the budget allows.",
		"What is under way is finished, nothing new begins.",
		"See which probes failed and why; then resume with a reason, or "
		"abort."},
	[REASON_UNDONE] = {"undone",
		"An undo has brought the board back to the image that it ran before "
		"this rollout.",
		"", ""},
	[REASON_UNDO_NO_IMAGE] = {"undo-no-image",
		"The image that the board ran before is in no release, or releases "
		"with "
		"different images look like it, and no slot of the board is known to "
		"hold it.",
		"The board runs on with the image it has.",
		"Add that image to a release (`wipyctl release add`), then undo again; "
		"or roll out another release."},
	[REASON_UNDO_BY_HAND] = {"undo-by-hand",
		"The image that the board ran before is in no release, or cannot be "
		"told from another one, but a slot of "
		"the board holds it, which only a hand at its pin can start.",
		"The board runs on with the image it has.",
		"Add that image to a release, then undo again; or start it by hand, "
		"for one boot: `wipyctl rescue card NAME` shows the windows."},
	[REASON_FROZEN_DIRTY] = {"frozen-dirty",
		"The rollout was frozen when an upload had broken off: the board is "
		"dirty.",
		"Nothing more is done to the board, also not to repair it.",
		"Do not power-cycle the board. A new rollout repairs it; if it does "
		"not come back, see its card."},
	[REASON_SUPERSEDED] = {"superseded",
		"A newer rollout has taken the board over before it had caught up.",
		"It is updated by the newer rollout.", ""},
	[REASON_BRAKE_CATCH_UP] = {"brake-catch-up",
		"A board that was catching up was lost, fell back or failed.",
		"No other board catches up until a person resumes it.",
		"Look at that board; then resume with a reason, or abort what is "
		"left."},
	[REASON_FTP_BUSY] = {"ftp-busy",
		"The board's only FTP line was taken or shut; nothing on the board was "
		"changed.",
		"It is tried again while attempts are left, and when a poll sees it "
		"later.",
		"Close the other FTP session; if there is none, start the board's "
		"server again."},
	[REASON_NOT_LASTING] = {"not-lasting",
		"A hand has brought the board back, and its next plain reset may boot "
		"another image than the one that it runs now.",
		"Where that is certain to do no harm the image that it runs is pushed, "
		"so that it stays.",
		"Do not power-cycle it before that is done; `wipyctl rescue card NAME` "
		"says what makes it lasting. What you did at its prompt for that no "
		"look can tell: `wipyctl boards accept NAME --reason TEXT`."},
	[REASON_NOT_RESET] = {"not-reset",
		"The board could not be reset, or nothing shows that it was. The image "
		"that it runs was pushed over the new one: its next reset changes "
		"nothing.",
		"",
		"See its events for what held it. A program may hold the REPL, or the "
		"login may have changed: then start a rollout for it again."},
	[REASON_RESET_FIRST] = {"reset-first",
		"The board takes no upload as it is: it runs an image on trial that "
		"nobody confirmed, or an upload may wait in it that another one could "
		"turn against the image that runs.",
		"It is reset, and then pushed to while attempts are left.", ""},
	[REASON_WENT_AWAY] = {"went-away",
		"The board went away while it soaked, and came back with the new "
		"image.",
		"The first time its soak begins again; the second time it has failed.",
		"It restarts by itself, or its network comes and goes: look at its "
		"power, its program and its access point. It runs the new image."},
	[REASON_TRIAL_ENDED] = {"trial-ended",
		"The board went back to the image that it ran before, while the new "
		"one was on trial: any reset does that, also a short power cut.",
		"The first time it is pushed to again, while attempts are left; the "
		"second time, or if it was seen gone before, it has fallen back.",
		""},
	[REASON_RESTARTED] = {"restarted",
		"The daemon was started anew while the board waited to be tried again.",
		"It is tried again when its back-off is over.", ""},
	[REASON_IN_ROLLOUT] = {"in-rollout",
		"Another rollout that has not ended works on the board: its evidence "
		"names it.",
		"The undo goes on without the board.",
		"Undo again once that rollout has ended, or abort it first."},
	[REASON_CONFIRMED_SINCE] = {"confirmed-since",
		"A newer rollout has confirmed what the board runs: its evidence names "
		"it.",
		"The board runs on with the image it has.",
		"If the board is to leave that image, undo the newer rollout."},
	[REASON_CHANGED_BY_OTHERS] = {"changed-by-others",
		"Somebody else has changed what the board runs since it was planned.",
		"It is left as it is.",
		"Find out who did it, and whether it is meant. A new rollout to this "
		"board changes it."},
	[REASON_UNDO_ARMED] = {"undo-armed",
		"The board runs the image that it would go back to, and the one that "
		"is "
		"taken back waits for its next reset. A second upload could kill it.",
		"", STAYS_ARMED},
	[REASON_BY_OPERATOR] = {"by-operator", "A person asked for it.", "", ""},
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

const char *reason_next_human(enum reason reason)
{
	return row_of(reason)->next_human;
}
