/* SPDX-License-Identifier: MIT
 *
 * The table from the daemon's codes to exit codes, and sentences with bounded room.
 */
#include "config.h"

#include "cli/failure.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int failure_set(struct failure *failure, int exit_code, const char *hint,
	const char *format, ...)
{
	va_list args;

	*failure = (struct failure){.exit_code = exit_code};
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	if (hint != NULL)
		snprintf(failure->hint, sizeof(failure->hint), "%s", hint);
	return exit_code;
}

static int failure_exit_code(long status, const char *code)
{
	static const char *const wrong_use[] = {"config", "usage", "no-such-*",
		"ambiguous-*", "pruned", "reason-needed"};

	/* Whatever it says, a server error is not the user's. */
	if (status >= 500 || status < 400)
		return EXIT_CODE_INTERNAL;
	for (size_t i = 0; i < sizeof(wrong_use) / sizeof(wrong_use[0]); i++)
		if (fnmatch(wrong_use[i], code, 0) == 0)
			return EXIT_CODE_USAGE;
	return EXIT_CODE_REFUSED;
}

static const char *text_of(const json_t *answer, const char *key)
{
	const char *text = json_string_value(json_object_get(answer, key));

	return text == NULL ? "" : text;
}

void failure_from_answer(struct failure *failure, long status, const json_t *answer)
{
	const char *detail = text_of(answer, "detail");
	json_t *problems = json_object_get(answer, "problems");

	if (detail[0] == '\0')
		detail = text_of(answer, "title");
	if (detail[0] == '\0')
		(void)failure_set(failure, failure_exit_code(status, ""),
			"see what it logged: journalctl -u wipyd",
			"the daemon answered with HTTP status %ld and no explanation",
			status);
	else
		(void)failure_set(failure,
			failure_exit_code(status, text_of(answer, "code")),
			text_of(answer, "hint"), "%s", detail);
	if (json_is_array(problems))
		failure->problems = json_incref(problems);
}

void failure_done(struct failure *failure)
{
	json_decref(failure->problems);
	failure->problems = NULL;
}
