/* SPDX-License-Identifier: MIT
 *
 * Every error number has a word and a sentence of its own.
 */
#include <errno.h>

#include "common/err.h"
#include "tests/tap.h"

static const int own[] = {
#define OWN_NUMBER(symbol, number, word, sentence) symbol,
	WIPY_ERRORS(OWN_NUMBER)
#undef OWN_NUMBER
};

#define OWN_COUNT (sizeof(own) / sizeof(own[0]))

static const struct {
	const char *name;
	int code;
	const char *word;
	const char *sentence;
} rows[] = {
	{"one of ours", WIPY_E_LOGIN_REFUSED, "login-refused",
		"the board refused the user name or the password"},
	{"the last of ours", WIPY_E_PRUNED, "pruned", "what was then has been pruned"},
	{"an errno value", -ECONNREFUSED, "system-error", "the connection was refused"},
	{"disk full is a system error here", -ENOSPC, "system-error",
		"no space is left on the disk"},
	{"end of file from the event loop", -4095, "system-error",
		"the other side has ended the connection"},
	{"a number of nobody", -999, "system-error", "unknown error"},
	{"a positive errno value", ECONNREFUSED, "system-error", "unknown error"},
	{"success", 0, "system-error", "no error"},
};

static void test_unique(void)
{
	int twins = 0, range = 0;

	for (size_t i = 0; i < OWN_COUNT; i++) {
		range += own[i] > -1000;
		for (size_t k = i + 1; k < OWN_COUNT; k++)
			twins += own[i] == own[k] ||
				 strcmp(wipy_errcode(own[i]), wipy_errcode(own[k])) ==
					 0 ||
				 strcmp(wipy_strerror(own[i]), wipy_strerror(own[k])) ==
					 0;
	}
	EQ_INT(twins, 0, "numbers, words and sentences are unique");
	EQ_INT(range, 0, "our numbers start at -1000");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		EQ_STR(wipy_errcode(rows[i].code), rows[i].word, rows[i].name);
		EQ_STR(wipy_strerror(rows[i].code), rows[i].sentence, rows[i].name);
	}
	test_unique();
	return tap_done();
}
