/* SPDX-License-Identifier: MIT
 *
 * The table. A new command is a row here and a handler in cmd.h; an option that exists
 * elsewhere keeps its meaning and its kind of argument.
 */
#include "config.h"

#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "common/nearest.h"

#define OPTION_END                                                                     \
	{                                                                              \
		NULL, 0, NULL, NULL                                                    \
	}
/* Every command that takes a selector can also say how it reads it. */
#define OPTION_SELECT(of)                                                              \
	{"select", 0, "SELECTOR", of},                                                 \
	{                                                                              \
		"explain", 0, NULL,                                                    \
			"only show how --select is read and how many boards each "     \
			"part means"                                                   \
	}
#define OPTION_REASON                                                                  \
	{                                                                              \
		"reason", 0, "TEXT", "why: kept with the rollout"                      \
	}
#define OPTION_TIMEOUT                                                                 \
	{                                                                              \
		"timeout", 0, "T",                                                     \
			"stop watching after 90s, 30m, 2h; the rollout goes on"        \
	}

static const struct command_option global_options[] = {
	{"output", 'o', "FORM", "table (the default), wide, json, jsonl or csv"},
	{"quiet", 'q', NULL, "only names or ids, one a line"},
	{"socket", 'S', "PATH",
		"the daemon's socket; else $WIPYCTL_SOCKET, else "
		"/run/wipyd/wipyd.sock"},
	{"url", 0, "URL",
		"a daemon that listens elsewhere: https://HOST:PORT; else "
		"$WIPYCTL_URL"},
	{"token-file", 0, "FILE",
		"whose first line says to it who asks; else $WIPYCTL_TOKEN_FILE"},
	{"ca-file", 0, "FILE",
		"who may have signed its certificate; else $WIPYCTL_CA_FILE"},
	{"no-color", 0, NULL, "no colours, as with $NO_COLOR"},
	{"utc", 0, NULL, "times in UTC instead of local time"},
	{"help", 'h', NULL, "how to use this command"},
	{"version", 'V', NULL, "the version of wipyctl"},
	OPTION_END,
};

#define OPTION_AS_OF                                                                   \
	{                                                                              \
		"as-of", 0, "TIME",                                                    \
			"as it was then: 2026-11-20T11:00:00Z, or 2h for two hours "   \
			"ago"                                                          \
	}

static const struct command_option as_of_options[] = {OPTION_AS_OF, OPTION_END};

static const struct command_option events_options[] = {
	{"board", 0, "BOARD", "only of this board"},
	{"rollout", 0, "ID", "only of this rollout"},
	{"since", 0, "TIME", "not before then: 2026-11-20T11:00:00Z, or 2h"},
	OPTION_SELECT("only of boards that match now"),
	{"count", 'n', "N", "so many of them; else 100"},
	{"follow", 'f', NULL, "as they happen, until Ctrl-C"},
	{"after", 0, "SEQ", "with --follow: first what came behind that event"},
	OPTION_END,
};

static const struct command_option export_options[] = {
	{"since", 0, "TIME", "not before then: 2026-11-20T11:00:00Z, or 2h"},
	{"until", 0, "TIME", "not after then"},
	OPTION_END,
};

static const struct command_option verify_options[] = {
	{"file", 0, "FILE", "what is in this file of 'events export'; needs no daemon"},
	OPTION_END,
};

static const struct command_option prune_options[] = {
	{"before", 0, "TIME",
		"what happened before then: 2026-11-20T11:00:00Z, or 180d"},
	{"keep", 0, "T", "what is older than that: 180d"},
	{"unexported", 0, NULL, "also what no file holds"},
	{"yes", 0, NULL, "start without asking"},
	OPTION_END,
};

static const struct command_option boards_options[] = {
	OPTION_AS_OF,
	OPTION_SELECT("only boards that match, for example site=berlin,reach=online"),
	OPTION_END,
};

static const struct command_option poll_options[] = {
	OPTION_SELECT("only boards that match"),
	{"uname", 0, NULL, "log in and ask os.uname() instead of reading the banner"},
	OPTION_END,
};

#define OPTION_NEEDS_REASON                                                            \
	{                                                                              \
		"reason", 0, "TEXT", "why: needed, and kept with it"                   \
	}

static const struct command_option accept_options[] = {OPTION_NEEDS_REASON, OPTION_END};

static const struct command_option scan_options[] = {
	{"rate", 0, "RATE", "connections a second, up to 1000/s; else 50/s"},
	{"telnet-port", 0, "N", "else 23"},
	{"ftp-port", 0, "N", "else 21"},
	{"default-passwords", 0, NULL,
		"also log in with micro, python; disturbs programs that run"},
	OPTION_END,
};

static const struct command_option rescue_list_options[] = {
	OPTION_SELECT("only boards that match"),
	OPTION_END,
};

static const struct command_option card_options[] = {
	{"save", 0, "FILE",
		"write card and image to files for 'rescue run', with a one-time code; "
		"an earlier card of the board is void then"},
	{"release", 0, "RELEASE",
		"with --save: the release to bring; else the one that it should run"},
	OPTION_END,
};

static const struct command_option bench_options[] = {
	{"address", 0, "ADDRESS", "where the board is; else 192.168.1.1"},
	{"image", 0, "FILE", "the image; else the one that was saved with the card"},
	{"receipt", 0, "FILE", "write the receipt to this file; else CARD.receipt"},
	{"telnet-port", 0, "N", "else 23"},
	{"ftp-port", 0, "N", "else 21"},
	{"user", 0, "NAME", "its login; else the one of a board in safe boot"},
	{"password-file", 0, "FILE", "whose first line is the password"},
	{"timeout", 0, "T", "how long to wait for the board each time; else 90s"},
	{"yes", 0, NULL, "do not ask, where the card does not know its unique id"},
	OPTION_END,
};

static const struct command_option wire_options[] = {
	{"release", 0, "RELEASE",
		"the release: its name, or a version that only one has"},
	{"save", 0, "FILE", "write the image to a file"},
	OPTION_END,
};

static const struct command_option known_bad_options[] = {
	{"type", 0, "TYPE", "only for this type of boards, or family; else for all"},
	OPTION_NEEDS_REASON,
	OPTION_END,
};

static const struct command_option known_bad_add_options[] = {
	{"type", 0, "TYPE",
		"needed: the type of boards, or the family of those without one"},
	OPTION_NEEDS_REASON,
	OPTION_END,
};

static const struct command_option release_add_options[] = {
	{"name", 0, "NAME",
		"the release's name; else the version tag of its first image"},
	{"allow-downgrade", 0, "REASON",
		"also a manifest whose serial is not the newest; kept as an event"},
	OPTION_END,
};

static const struct command_option manifest_options[] = {
	{"name", 0, "NAME", "the release's name; else the tag of its first image"},
	{"series", 0, "NAME", "serials are counted in each series; else main"},
	{"serial", 0, "N", "needed: higher than that of every earlier release"},
	{"expires", 0, "T", "not taken any more after 90d; else it does not expire"},
	OPTION_END,
};

static const struct command_option retire_options[] = {
	{"reason", 0, "TEXT", "why: kept as an event"},
	{"back", 0, NULL, "it may be rolled out again"},
	OPTION_END,
};

static const struct command_option gc_options[] = {
	{"dry-run", 0, NULL, "only count them"},
	OPTION_END,
};

/* What every rollout takes, undos too. */
#define OPTIONS_WAVES                                                                  \
	{"waves", 0, "W", "sizes, as numbers or percent so far: 1,10%,50%,100%"},      \
		{"soak", 0, "T",                                                       \
			"how long a wave is watched before it passes: 30s, 5m, 0"},    \
		{"expires", 0, "T",                                                    \
			"begin nothing more after 12h; what is under way ends; "       \
			"default: update.expires, 30d"},                               \
	{                                                                              \
		"burn-last-good", 0, NULL,                                             \
			"also boards whose last image known to be good may be "        \
			"overwritten"                                                  \
	}
#define OPTIONS_START                                                                  \
	{"yes", 0, NULL, "start without asking"},                                      \
		{"wait", 0, NULL, "watch until it ends; the exit code tells how"},     \
		OPTION_TIMEOUT, OPTION_END

#define OPTIONS_RELEASE                                                                \
	{"release", 0, "RELEASE",                                                      \
		"the release: its name, or a version that only one has"},              \
		OPTION_SELECT("only boards that match; else the whole fleet"),         \
	{                                                                              \
		"allow-one-way", 0, NULL,                                              \
			"also an image without telnet and FTP: the board is out of "   \
			"reach then"                                                   \
	}

static const struct command_option plan_options[] = {
	OPTIONS_RELEASE,
	OPTIONS_WAVES,
	{"save", 0, "FILE", "write the plan to a file, for 'rollout --plan'"},
	OPTION_END,
};

static const struct command_option rollout_options[] = {
	OPTIONS_RELEASE,
	OPTIONS_WAVES,
	{"plan", 0, "FILE",
		"exactly what 'plan --save' has written; refused if the fleet has "
		"moved since"},
	OPTIONS_START,
};

static const struct command_option undo_options[] = {
	OPTIONS_WAVES,
	{"dry-run", 0, NULL, "show the plan and start nothing; exit code 3"},
	OPTIONS_START,
};

static const struct command_option history_options[] = {
	{"limit", 0, "N", "so many of them; else 20"},
	OPTION_END,
};

static const struct command_option watch_options[] = {OPTION_TIMEOUT, OPTION_END};

static const struct command_option steer_options[] = {OPTION_REASON, OPTION_END};

static const struct command_option abort_options[] = {
	OPTION_REASON,
	{"mode", 0, "keep|revert|freeze", "keep is the default"},
	OPTION_END,
};

static const struct command_option report_options[] = {
	{"rollout", 0, "ID", "of this rollout; else of the latest one"},
	OPTION_SELECT("only of boards that match"),
	{"site", 0, "SITE", "only of boards of this site"},
	{"since", 0, "TIME", "not before then: 2026-11-20T11:00:00Z, or 2h"},
	{"diff", 0, "TIME",
		"what has changed since then: 2026-11-20T11:00:00Z, or 24h"},
	{"save", 0, "FILE", "write it to a file"},
	{"evidence", 0, NULL, "what was seen on every board that has ended"},
	OPTION_END,
};

#define DAEMON COMMAND_NEEDS_DAEMON
#define CHANGE (COMMAND_NEEDS_DAEMON | COMMAND_CHANGES_STATE)
#define ANY    COMMAND_ARGUMENTS_ANY

#define MORE_ID                                                                        \
	"ID is the complete id, a unique beginning of at least 4 digits, or "          \
	"'latest', "                                                                   \
	"which is also taken when no ID is given."

static const struct command commands[] = {
	{"status", "", 0, 0, DAEMON, NULL, "the fleet on one screen",
		"This is also what 'wipyctl' alone prints.", cmd_status},
	{"boards", "", 0, 0, DAEMON, boards_options, "all boards, one line each", NULL,
		cmd_boards},
	{"board", "BOARD", 1, 1, DAEMON, as_of_options, "everything about one board",
		"Its latest events stand at the end, newest first.", cmd_board},
	{"why", "BOARD", 1, 1, DAEMON, as_of_options,
		"why a board runs what it runs, and what comes next",
		"What it runs and should run, what holds it, what comes next by "
		"itself, "
		"and what a person can do, with the command to type.",
		cmd_why},
	{"boards accept", "BOARD", 1, 1, CHANGE, accept_options,
		"what answers there belongs there: push to it again",
		"For a board that is wrong-board, since another unique id, MCU or "
		"board text than before answers at its address; and for one that is "
		"changed-by-others, so that its version is compared as before. For one "
		"that a hand has brought back (not-lasting): its next plain reset "
		"boots what it runs, since you have made that lasting.",
		cmd_boards_accept},
	{"boards sets", "", 0, 0, DAEMON, NULL,
		"the saved selectors, and how many boards each means",
		"They stand under 'sets' in inventory.yaml and are used as @NAME: "
		"wipyctl boards --select '@canaries | site=berlin'.",
		cmd_boards_sets},
	{"poll", "[BOARD...]", 0, ANY, CHANGE, poll_options,
		"look at boards now: their version and whether they answer",
		"Without names and without --select every board is asked. The exit "
		"code is 4 if a board did not answer; a board that a rollout works on "
		"is not asked, and shown as in-rollout.",
		cmd_poll},
	{"inventory check", "FILE", 1, 1, 0, NULL, "whether an inventory has faults",
		"Works without a daemon. Exit codes: 0 it has none, 2 it has.",
		cmd_inventory_check},
	{"inventory diff", "", 0, 0, DAEMON, NULL,
		"what a reload of the inventory would change",
		"Exit codes: 0 nothing would change, 3 something would, 2 the file has "
		"faults.",
		cmd_inventory_diff},
	{"inventory scan", "CIDR", 1, 1, 0, scan_options,
		"find boards by their banner, and what the inventory lacks of them",
		"Reads the banner that a board shows before its login and hangs up: no "
		"program is disturbed. At most a /16. Marks what answers as new, known "
		"to the daemon, or swapped: another board than the one that is to be "
		"there. What is new is printed as YAML to paste. Works without a "
		"daemon, which then marks nothing.",
		cmd_inventory_scan},
	{"inventory reload", "", 0, 0, CHANGE, NULL, "read the inventory again",
		"All of it or, if it has faults, nothing of it.", cmd_inventory_reload},
	{"release add", "FILE...|URL", 1, 32, CHANGE, release_add_options,
		"make a release of firmware images",
		"Of images alone, one a family; or of a manifest (.yaml) with its "
		"images and signatures (.minisig, or the one beside the manifest); or "
		"the URL of a manifest, which the daemon fetches with all that it "
		"names; Ctrl-C cancels that.",
		cmd_release_add},
	{"release list", "", 0, 0, DAEMON, NULL, "all releases and their images", NULL,
		cmd_release_list},
	{"release channels", "", 0, 0, DAEMON, NULL,
		"where new releases are looked for, and what was found", NULL,
		cmd_release_channels},
	{"release cancel", "CHANNEL|NUMBER", 1, 1, CHANGE, NULL,
		"stop a download that is under way",
		"That of a channel, or the one with the number that 'release channels' "
		"shows. A channel is looked at again when it is due. The exit code is "
		"8 if it had ended already.",
		cmd_release_cancel},
	{"release show", "RELEASE", 1, 1, DAEMON, NULL,
		"one release: who signed it, its notes, its images", NULL,
		cmd_release_show},
	{"release verify", "RELEASE", 1, 1, DAEMON, NULL,
		"read a release's images and signatures anew",
		"The exit code is 8 if something is not as it should be.",
		cmd_release_verify},
	{"release retire", "RELEASE", 1, 1, CHANGE, retire_options,
		"let no rollout of a release begin any more",
		"Rollouts of it that have begun go on, and boards that run it stay.",
		cmd_release_retire},
	{"release gc", "", 0, 0, CHANGE, gc_options, "remove images that nobody needs",
		"Images of retired releases, and those that never became one. What a "
		"board runs or may hold, and what a rollout or its undo needs, stays.",
		cmd_release_gc},
	{"release manifest", "FILE...", 1, 16, 0, manifest_options,
		"print a manifest of firmware images, to be signed",
		"Works without a daemon. Sign it with minisign -S, then give it to "
		"release add with its images.",
		cmd_release_manifest},
	{"release known-bad list", "", 0, 0, DAEMON, NULL,
		"images that have lost or rolled back boards, or that somebody added",
		"Such an image is refused for boards of that type until it is "
		"cleared. Cleared ones stay in the list.",
		cmd_known_bad_list},
	{"release known-bad add", "RELEASE|SHA-256", 1, 1, CHANGE,
		known_bad_add_options, "let an image be pushed to no board of a type",
		"For what others have found out. Of the SHA-256 of an image in the "
		"catalogue the first 6 digits are enough.",
		cmd_known_bad_add},
	{"release known-bad clear", "RELEASE|SHA-256", 1, 1, CHANGE, known_bad_options,
		"let an image be pushed to boards of a type again",
		"Of the SHA-256 the first 6 digits are enough.", cmd_known_bad_clear},
	{"image info", "FILE...", 1, ANY, 0, NULL,
		"what a firmware image says about itself",
		"Works without a daemon; one that answers says which types of boards "
		"would get it. Exit code 8: an image is not fit to be pushed.",
		cmd_image_info},
	{"plan", "", 0, 0, DAEMON, plan_options,
		"what a rollout would do to each board, and why",
		"Starts nothing. Exit codes: 0 nothing to do, 3 boards would be "
		"updated, "
		"8 all that do not run it are refused.",
		cmd_plan},
	{"rollout", "", 0, 0, CHANGE, rollout_options, "start a rollout, wave by wave",
		"The plan is shown first and nothing starts without your yes. With "
		"--wait the "
		"exit codes are: 0 completed, 4 completed with exceptions, 5 halted, 6 "
		"aborted, 7 expired, or watched for --timeout, 130 ended by Ctrl-C: "
		"the "
		"rollout goes on.",
		cmd_rollout_start},
	{"rollout status", "[ID]", 0, 1, DAEMON, as_of_options, "how a rollout stands",
		MORE_ID " In the bars # is done, ! failed, - not tried, < taken back, "
			"> under way, ? held "
			"up, . still to come.",
		cmd_rollout_status},
	{"rollout history", "", 0, 0, DAEMON, history_options,
		"all rollouts, the newest first, and what became of their boards",
		"The daemon's own repairs and undos are among them.",
		cmd_rollout_history},
	{"rollout watch", "[ID]", 0, 1, DAEMON, watch_options,
		"follow a rollout until it ends",
		MORE_ID
		" Ctrl-C ends the watching, not the rollout, and the exit code is 0. "
		"The others are those of 'rollout --wait'.",
		cmd_rollout_watch},
	{"rollout pause", "[ID]", 0, 1, CHANGE, steer_options,
		"start no more boards; those under way are finished or held", MORE_ID,
		cmd_rollout_pause},
	{"rollout resume", "[ID]", 0, 1, CHANGE, steer_options,
		"go on after a pause or a halt",
		MORE_ID
		" After a halt this acknowledges the failures so far, which needs a "
		"reason: only new ones can halt it again. Once a rollout has completed "
		"with boards deferred these words steer their catch-up.",
		cmd_rollout_resume},
	{"rollout abort", "[ID]", 0, 1, CHANGE, abort_options,
		"end a rollout: nothing more is pushed or reset",
		MORE_ID
		" Pushes under way end first, and what has been reset is watched to "
		"its end; nothing is reset any more. keep: boards that hold a pushed "
		"image are disarmed, or listed as armed where that cannot be done; "
		"dirty "
		"ones are repaired, confirmed ones stay as they are. revert: the same, "
		"then the rollout is undone. freeze: nothing more is done to any "
		"board, "
		"also not to disarm or to repair it: see 'rescue list' afterwards.",
		cmd_rollout_abort},
	{"rollout approve", "[ID]", 0, 1, CHANGE, steer_options,
		"let a rollout begin that another person has asked for",
		MORE_ID " Needed where wipyd.yaml says so (policy.approval).",
		cmd_rollout_approve},
	{"rollout undo", "[ID]", 0, 1, CHANGE, undo_options,
		"bring boards back to what they ran before a rollout",
		MORE_ID
		" Each board goes back its own way, the least risk first, and wave by "
		"wave: it is a rollout too, which can be watched, paused and aborted. "
		"Only boards that run what the rollout has brought are touched. To "
		"undo "
		"an undo, name it. The exit codes are those of 'rollout'.",
		cmd_rollout_undo},
	{"rescue list", "", 0, 0, DAEMON, rescue_list_options,
		"boards that need a person: dirty, armed, needs-hands",
		"Site by site, to be printed. In each the dirty ones come first: do "
		"not power-cycle those.",
		cmd_rescue_list},
	{"rescue card", "BOARD", 1, 1, DAEMON | COMMAND_PAGES, card_options,
		"what to do at a board: its pin, its windows, what they boot",
		"Made from the board's slot ledger; print it and take it along. -o "
		"html "
		"is one page for a phone or for paper.",
		cmd_rescue_card},
	{"rescue run", "FILE", 1, 1, 0, bench_options,
		"at the bench: bring a board back with the card that was saved for it",
		"Works without a daemon. Checks that it is the right board, shows the "
		"windows of its pin while you hold it, pushes the card's image, resets "
		"the board, sees it come back, and writes a receipt for 'rescue "
		"close'.",
		cmd_rescue_run},
	{"rescue close", "FILE", 1, 1, CHANGE, NULL,
		"hand in the receipt that 'rescue run' has written",
		"It closes nothing by itself: the daemon looks at the board, and "
		"believes what it sees.",
		cmd_rescue_close},
	{"rescue wire", "BOARD", 1, 1, DAEMON, wire_options,
		"how to flash an ESP board over its serial port, and the ways back",
		"The commands are those of esptool, by the maker of the chips. Without "
		"--release it is the release that the board should run, else one that "
		"it has run. A release that the board's type does not accept is "
		"refused.",
		cmd_rescue_wire},
	{"report", "", 0, 0, DAEMON | COMMAND_REPORTS, report_options,
		"what happened, and what a person has to do",
		"Dirty boards stand on top, then verdict, waves, outcomes, exceptions, "
		"offline boards, those that need hands site by site, firmware, who "
		"approved. -o html is one file that opens offline and prints, -o junit "
		"a "
		"test suite a wave and a test case a board.",
		cmd_report},
	{"events", "", 0, 0, DAEMON, events_options,
		"what happened, who did it and why, newest first",
		"With --follow oldest first and without an end: a daemon that is away "
		"for a moment is waited for, and nothing is left out or shown twice. "
		"-o json writes one object a line then.",
		cmd_events},
	{"events export", "FILE|-", 1, 1, CHANGE, export_options,
		"write events to a file, oldest first",
		"One JSON object a line, with the values of the chain, so that 'events "
		"verify --file' can check the file on its own. A file that was written "
		"completely is noted, and its events may be pruned; what goes to - is "
		"not.",
		cmd_events_export},
	{"events prune", "", 0, 0, CHANGE, prune_options,
		"remove old events, and with them the past before",
		"Only whole segments that were exported go, and only if their chain "
		"fits. Boards and rollouts as of earlier times are not known any more, "
		"and rollouts that had ended by then are forgotten, but for the "
		"latest.",
		cmd_events_prune},
	{"events verify", "", 0, 0, DAEMON, verify_options,
		"whether anybody has changed or removed events",
		"Every event is chained to the one before it. The walk begins at the "
		"oldest checkpoint that is kept; it ends with the chain's value there, "
		"which a later run must show again for the same event. The exit code "
		"is 1 if something does not fit.",
		cmd_events_verify},
	{"token", "NAME ROLE", 2, 2, 0, NULL,
		"make a token, with which a program asks over TCP",
		"Prints it once, and the line for the file that 'tokens' under 'api' "
		"in "
		"wipyd.yaml names. ROLE is viewer, operator, approver or admin. Works "
		"without a daemon, which reads the file at its start.",
		cmd_token},
	{"doctor", "", 0, 0, 0, NULL,
		"what is well with this installation, what is not, and what to do",
		"The daemon reads its files anew and looks at permissions, disk, "
		"clock, time zones, signatures and sites; without a daemon wipyd -t "
		"is asked about the files. Exit codes: 0 all is well, 4 it is not, 9 "
		"there is no daemon.",
		cmd_doctor},
	{"explain", "[STATE|CODE]", 0, 1, 0, NULL,
		"what a state or a code means, what comes next, what to do",
		"A state of a task, a rollout, a wave or a board; a reason code, an "
		"error code, an exit code of wipyctl; an event or a word of a guard. "
		"Without an argument all of them are listed. Works without a daemon.",
		cmd_explain},
	{"completion", "bash|zsh|fish", 1, 1, 0, NULL,
		"print what a shell needs to complete commands and names",
		"'make install' puts it where the shells look. For one session: source "
		"<(wipyctl completion bash).",
		cmd_completion},
	{"complete", "TEXT...", 0, ANY, COMMAND_HIDDEN, NULL,
		"what may follow these words; for the shells", NULL, cmd_complete},
	{"help", "[COMMAND]", 0, 3, 0, NULL, "this list, or how to use one command",
		NULL, cmd_help},
};

const struct command *commands_at(size_t index)
{
	return index < sizeof(commands) / sizeof(commands[0]) ? &commands[index] : NULL;
}

const struct command_option *commands_global_options(void)
{
	return global_options;
}

/* How many of the words a row's own words are; 0 if they differ. */
static size_t words_match(const char *row, const char *const *words, size_t count)
{
	size_t taken = 0;

	while (taken < count) {
		size_t len = strcspn(row, " ");

		if (strlen(words[taken]) != len || strncmp(row, words[taken], len) != 0)
			return 0;
		taken++;
		if (row[len] == '\0')
			return taken;
		row += len + 1;
	}
	return 0;
}

const struct command *commands_find(
	const char *const *words, size_t count, size_t *ret_taken)
{
	const struct command *best = NULL;
	size_t best_taken = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		size_t taken = words_match(commands[i].words, words, count);

		if (taken > best_taken) {
			best = &commands[i];
			best_taken = taken;
		}
	}
	if (best != NULL)
		*ret_taken = best_taken;
	return best;
}

/* What stands behind "group " in a row's words, or NULL. */
static const char *word_in_group(const char *words, const char *group)
{
	size_t len = strlen(group);

	return strncmp(words, group, len) == 0 && words[len] == ' ' ? words + len + 1
								    : NULL;
}

static bool is_group(const char *words)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (word_in_group(commands[i].words, words) != NULL)
			return true;
	return false;
}

size_t commands_group(
	const char *const *words, size_t count, char ret_group[COMMANDS_GROUP_MAX])
{
	char group[COMMANDS_GROUP_MAX] = "";
	size_t taken = 0, len = 0;

	ret_group[0] = '\0';
	while (taken < count) {
		int more = snprintf(group + len, sizeof(group) - len, "%s%s",
			len == 0 ? "" : " ", words[taken]);

		if (more < 0 || len + (size_t)more >= sizeof(group) || !is_group(group))
			break;
		len += (size_t)more;
		taken++;
		memcpy(ret_group, group, len + 1);
	}
	return taken;
}

void commands_suggest(const char *group, struct nearest *nearest)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *words = commands[i].words;

		if (group != NULL)
			words = word_in_group(words, group);
		if (words != NULL && !(commands[i].flags & COMMAND_HIDDEN))
			nearest_try(nearest, words);
	}
}

/* The options of the table one after another, the global ones first; NULL at the end. */
static const struct command_option *option_at(size_t index)
{
	const struct command_option *option = global_options;
	size_t row = 0;

	for (;;) {
		for (; option != NULL && option->name != NULL; option++)
			if (index-- == 0)
				return option;
		if (row == sizeof(commands) / sizeof(commands[0]))
			return NULL;
		option = commands[row++].options;
	}
}

const struct command_option *commands_option(const char *name, size_t len)
{
	const struct command_option *option;

	for (size_t i = 0; (option = option_at(i)) != NULL; i++)
		if (strlen(option->name) == len &&
			strncmp(option->name, name, len) == 0)
			break;
	return option;
}

const struct command_option *commands_option_by_letter(char letter)
{
	const struct command_option *option;

	for (size_t i = 0; (option = option_at(i)) != NULL; i++)
		if (option->letter == letter)
			break;
	return option;
}

void commands_suggest_option(struct nearest *nearest)
{
	const struct command_option *option;

	for (size_t i = 0; (option = option_at(i)) != NULL; i++)
		nearest_try(nearest, option->name);
}

bool commands_takes_option(
	const struct command *command, const struct command_option *option)
{
	for (const struct command_option *o = command->options;
		o != NULL && o->name != NULL; o++)
		if (strcmp(o->name, option->name) == 0)
			return true;
	return false;
}
