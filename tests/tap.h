/* SPDX-License-Identifier: MIT
 *
 * Test Anything Protocol in a few macros: each check is one "ok" line. A test program
 * calls OK()/EQ_*() and ends with `return tap_done();`.
 */
#ifndef WIPY_TESTS_TAP_H
#define WIPY_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool tap_ok(
	bool ok, const char *format, ...)
{
	va_list args;

	tap_count++;
	tap_failed += !ok;
	printf("%sok %d - ", ok ? "" : "not ", tap_count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	return ok;
}

/* Says so: a case that cannot run here is never silent. */
__attribute__((unused)) static void tap_skip(const char *what, const char *why)
{
	tap_count++;
	printf("ok %d - %s # SKIP %s\n", tap_count, what, why);
}

__attribute__((unused)) static bool tap_eq_int(
	int64_t got, int64_t want, const char *name, const char *expr)
{
	bool ok = tap_ok(got == want, "%s: %s", name, expr);

	if (!ok)
		printf("# got %lld, want %lld\n", (long long)got, (long long)want);
	return ok;
}

__attribute__((unused)) static bool tap_eq_str(
	const char *got, const char *want, const char *name, const char *expr)
{
	bool ok = tap_ok(strcmp(got, want) == 0, "%s: %s", name, expr);

	if (!ok)
		printf("# got \"%s\", want \"%s\"\n", got, want);
	return ok;
}

__attribute__((unused)) static int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed ? 1 : 0;
}

#define OK(cond, name)          tap_ok((cond), "%s: %s", (name), #cond)
#define EQ_INT(got, want, name) tap_eq_int((got), (want), (name), #got)
#define EQ_STR(got, want, name) tap_eq_str((got), (want), (name), #got)

#endif
