/* SPDX-License-Identifier: MIT
 *
 * What a board must not be pushed to for.
 */
#include "daemon/core/push_rule.h"
#include "daemon/core/reason.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	struct push_facts facts;
	enum reason reason;
} rows[] = {
	{"nothing stands against it", {.has_image = true}, REASON_NONE},
	{"no image for its family", {.wrong_board = true, .known_bad = true},
		REASON_NO_IMAGE},
	{"another board answers",
		{.has_image = true, .wrong_board = true, .runs_it = true},
		REASON_WRONG_BOARD},
	{"it runs the image, known-bad or not",
		{.has_image = true, .runs_it = true, .known_bad = true},
		REASON_ALREADY_RUNNING},
	{"known-bad", {.has_image = true, .known_bad = true, .may_burn = true},
		REASON_KNOWN_BAD},
	{"a dirty board is not repaired with a known-bad image",
		{.has_image = true, .known_bad = true, .dirty = true},
		REASON_KNOWN_BAD},
	{"what was withdrawn, on a dirty board too",
		{.has_image = true,
			.withdrawn = true,
			.known_bad = true,
			.dirty = true},
		REASON_RELEASE_WITHDRAWN},
	{"it runs what was withdrawn",
		{.has_image = true, .withdrawn = true, .runs_it = true},
		REASON_ALREADY_RUNNING},
	{"it would lose its last good image", {.has_image = true, .burns = true},
		REASON_BURNS_LAST_GOOD},
	{"a person says that it may",
		{.has_image = true, .burns = true, .may_burn = true}, REASON_NONE},
	{"a repair may too", {.has_image = true, .burns = true, .dirty = true},
		REASON_NONE},
	{"what a hand has started and no upload can make stay",
		{.has_image = true, .strays = true, .may_burn = true},
		REASON_NOT_LASTING},
	{"it is dirty besides", {.has_image = true, .strays = true, .dirty = true},
		REASON_NONE},
};

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		EQ_STR(reason_code(push_forbidden(&rows[i].facts)),
			reason_code(rows[i].reason), rows[i].name);
	return tap_done();
}
