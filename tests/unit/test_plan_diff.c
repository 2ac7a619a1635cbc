/* SPDX-License-Identifier: MIT
 *
 * A saved plan against the one of now: each way in which a board can have moved.
 */
#include "daemon/core/plan_diff.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS_MAX     3

#define A                                                                              \
	{                                                                              \
		"a", "wipy", "", "v1", "update", "", 1                                 \
	}
#define B                                                                              \
	{                                                                              \
		"b", "esp8266", "phat", "v2", "refused", "known-bad", 0                \
	}
#define END                                                                            \
	{                                                                              \
		NULL, NULL, NULL, NULL, NULL, NULL, 0                                  \
	}

/* Want: "move board was>is, ..." */
static const struct {
	const char *name;
	struct plan_row was[ROWS_MAX], now[ROWS_MAX];
	const char *want;
} cases[] = {
	{"nothing has moved", {A, B, END}, {A, B, END}, ""},
	{"nobody at all", {END}, {END}, ""},
	{"added in front", {B, END}, {A, B, END}, "added a >v1"},
	{"added behind", {A, END}, {A, B, END}, "added b >v2"},
	{"removed", {A, B, END}, {B, END}, "removed a v1>"},
	{"all removed", {A, B, END}, {END}, "removed a v1>, removed b v2>"},
	{"another family", {A, END}, {{"a", "pycom", "", "v1", "update", "", 1}, END},
		"family a wipy>pycom"},
	{"another type", {A, END}, {{"a", "wipy", "x", "v1", "update", "", 1}, END},
		"type a >x"},
	{"another version", {A, END}, {{"a", "wipy", "", "v3", "update", "", 1}, END},
		"version a v1>v3"},
	{"it runs it by now", {A, END},
		{{"a", "wipy", "", "v3", "already", "", 0}, END},
		"version a v1>v3, verdict a update>already"},
	{"known-bad since", {A, END},
		{{"a", "wipy", "", "v1", "refused", "known-bad", 0}, END},
		"verdict a update>known-bad"},
	{"refused for another reason", {B, END},
		{{"b", "esp8266", "phat", "v2", "refused", "entry-point", 0}, END},
		"verdict b known-bad>entry-point"},
	{"its wave is taken from the plan", {A, END},
		{{"a", "wipy", "", "v1", "update", "", 0}, END}, ""},
};

static size_t count_rows(const struct plan_row *rows)
{
	size_t count = 0;

	while (rows[count].board)
		count++;
	return count;
}

static void say(
	const struct plan_difference *list, size_t count, char *text, size_t cap)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(text + len, cap - len, "%s%s %s %s>%s",
			i > 0 ? ", " : "", plan_move_name(list[i].move), list[i].what,
			list[i].was, list[i].is);
}

int main(void)
{
	struct plan_difference list[8];
	char text[256];
	size_t count;

	for (size_t i = 0; i < COUNT(cases); i++) {
		count = plan_compare(cases[i].was, count_rows(cases[i].was),
			cases[i].now, count_rows(cases[i].now), list, COUNT(list));
		say(list, count, text, sizeof(text));
		EQ_STR(text, cases[i].want, cases[i].name);
	}
	count = plan_compare(cases[5].was, 2, cases[5].now, 0, list, 1);
	EQ_INT((int64_t)count, 2, "more than there is room for are counted");
	say(list, 1, text, sizeof(text));
	EQ_STR(text, "removed a v1>", "and the first are there");
	return tap_done();
}
