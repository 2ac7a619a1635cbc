/* SPDX-License-Identifier: MIT
 *
 * Error codes and exit codes beside the made words.
 */
#include "config.h"

#include "cli/explain.h"

#include <fnmatch.h>

#include "common/err.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOTHING      "nothing happens by itself"

static const struct {
	const char *word, *sentence;
} errors[] = {
#define ERROR_ROW(symbol, number, word, sentence) {word, sentence},
	WIPY_ERRORS(ERROR_ROW)
#undef ERROR_ROW
};

/* What follows an error is the same for many of them; the first row that fits counts. */
static const struct {
	const char *words, *next, *human;
} steps[] = {
	{"no-endpoints", "such an image is pushed only with --allow-one-way",
		"take a build of this project's firmware"},
	{"image-*", "such an image is never pushed",
		"take another copy of it; `wipyctl image info FILE` says what is "
		"wrong"},
	{"ftp-busy", "an update tries again while attempts are left",
		"close the other FTP session"},
	{"ftp-*", "an update tries again while attempts are left",
		"see the board's reply in the evidence: `wipyctl report --evidence`"},
	{"login-refused", NOTHING, "correct the login in the inventory"},
	{"telnet-busy", "the next look tries again", "close the other telnet session"},
	{"busy-program", "the banner says the version all the same",
		"stop the program if the login is needed"},
	{"disk-full", "the daemon starts no rollout until there is room",
		"make room on the disk of the state folder"},
	{"corrupt", "the daemon does not start on it",
		"its log says how to restore the file"},
	{"locked", NOTHING,
		"one wipyd is enough: stop the other one, or name another state "
		"folder"},
	{"stale", "this daemon does nothing more to that board",
		"see which daemon owns it"},
	{"state-gone", "the daemon stops",
		"put the state folder back, then start wipyd again"},
	{"pruned", NOTHING, "ask for a later time"},
	{"config", "what was in force stays in force",
		"correct the lines that are named; `wipyd -t` checks both files"},
	{"*", "the next look tries again",
		"see what the board showed: `wipyctl board NAME`"},
};

static const struct {
	const char *code, *meaning, *human;
} exit_codes[] = {
	{"0", "done, and all of it is explained", ""},
	{"1", "an internal fault, or a check that did not hold (events verify)",
		"see the message, and the log: journalctl -u wipyd"},
	{"2", "wrong use, or a file with faults", "the message names the place"},
	{"3", "the plan, or the inventory, has changes", "have a look at them"},
	{"4", "completed with exceptions: not every board is well",
		"see them by name: wipyctl report"},
	{"5", "a brake halted the rollout",
		"look at what it counted (wipyctl report), then resume or abort"},
	{"6", "the rollout was aborted, or it is undone",
		"see what is armed: wipyctl rescue list"},
	{"7",
		"timed out: the watching has ended, the rollout goes on; or it has "
		"expired",
		"see which it is: wipyctl rollout status"},
	{"8", "refused", "the message says why, and what to do"},
	{"9", "no daemon answers", "start it: systemctl start wipyd"},
	{"130", "ended by Ctrl-C: the rollout goes on",
		"go on with wipyctl rollout watch"},
};

static struct explain_word error_word(size_t index)
{
	size_t step = 0;

	while (fnmatch(steps[step].words, errors[index].word, 0) != 0)
		step++;
	return (struct explain_word){"error", "", errors[index].word,
		errors[index].sentence, "", steps[step].next, steps[step].human};
}

bool explain_at(size_t index, struct explain_word *ret_word)
{
	size_t made = 0;

	for (; explain_words[made].kind != NULL; made++)
		if (made == index) {
			*ret_word = explain_words[made];
			return true;
		}
	index -= made;
	if (index < COUNT(errors)) {
		*ret_word = error_word(index);
		return true;
	}
	index -= COUNT(errors);
	if (index >= COUNT(exit_codes))
		return false;
	*ret_word = (struct explain_word){"exit-code", "", exit_codes[index].code,
		exit_codes[index].meaning, "", "", exit_codes[index].human};
	return true;
}
