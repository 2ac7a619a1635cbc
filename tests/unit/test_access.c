/* SPDX-License-Identifier: MIT
 *
 * Who has which role: people by their groups, programs by tokens.
 */
#include "daemon/core/access.h"
#include "tests/tap.h"

#define OWN_UID 990
#define OWN_GID 980

static struct access_group groups[] = {
	{100, ROLE_VIEWER},
	{200, ROLE_OPERATOR},
	{300, ROLE_APPROVER},
	{400, ROLE_ADMIN},
	{200, ROLE_VIEWER},
};

static const struct {
	const char *name;
	bool has_groups;
	uint32_t uid, gids[3];
	size_t count;
	enum role role;
} rows[] = {
	{"root", false, 0, {0}, 1, ROLE_ADMIN},
	{"the daemon's own user", false, OWN_UID, {5}, 1, ROLE_ADMIN},
	{"the daemon's group", false, 1000, {1000, OWN_GID}, 2, ROLE_ADMIN},
	{"somebody else", false, 1000, {1000, 27}, 2, ROLE_NONE},
	{"no groups at all", false, 1000, {0}, 0, ROLE_NONE},
	{"the group of root alone", false, 1000, {0}, 1, ROLE_NONE},
	{"root, with roles", true, 0, {0}, 1, ROLE_ADMIN},
	{"the daemon's own user, with roles", true, OWN_UID, {5}, 1, ROLE_ADMIN},
	{"the daemon's group, with roles", true, 1000, {1000, OWN_GID}, 2, ROLE_NONE},
	{"a viewer", true, 1000, {1000, 100}, 2, ROLE_VIEWER},
	{"by the primary group", true, 1000, {100}, 1, ROLE_VIEWER},
	{"the highest of two", true, 1000, {300, 100}, 2, ROLE_APPROVER},
	{"in whatever order", true, 1000, {100, 300}, 2, ROLE_APPROVER},
	{"a group with two roles", true, 1000, {200}, 1, ROLE_OPERATOR},
	{"an admin", true, 1000, {1, 2, 400}, 3, ROLE_ADMIN},
};

static void test_people(void)
{
	struct access_rules rules = {
		.group = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.own_uid = OWN_UID,
		.own_gid = OWN_GID,
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rules.has_groups = rows[i].has_groups;
		EQ_INT(access_of_peer(&rules, rows[i].uid, rows[i].gids, rows[i].count),
			rows[i].role, rows[i].name);
	}
}

static void test_tokens(void)
{
	struct access_token tokens[2] = {
		{"a", ROLE_VIEWER, {1}}, {"b", ROLE_ADMIN, {2}}};
	const struct access_rules rules = {.token = tokens, .token_count = 2};
	uint8_t sha256[ACCESS_SECRET_LEN] = {2};

	OK(access_find_token(&rules, sha256) == &tokens[1], "the second");
	sha256[0] = 1;
	OK(access_find_token(&rules, sha256) == &tokens[0], "the first");
	for (size_t i = 0; i < ACCESS_SECRET_LEN; i++) {
		sha256[i] ^= 0x80;
		tap_ok(!access_find_token(&rules, sha256), "byte %zu differs", i);
		sha256[i] ^= 0x80;
	}
}

static void test_narrow(void)
{
	struct access_token tokens[4] = {{"a", ROLE_ADMIN, {1}},
		{"b", ROLE_VIEWER, {2}}, {"c", ROLE_ADMIN, {3}},
		{"d", ROLE_ADMIN, {4}}};
	struct access_token left[3] = {{"d", ROLE_ADMIN, {4}}, {"new", ROLE_ADMIN, {5}},
		{"b", ROLE_ADMIN, {2}}};
	struct access_rules rules = {.token = tokens, .token_count = 4};
	struct access_rules of_file = {.token = left, .token_count = 3};

	OK(access_narrow_tokens(&rules, &of_file), "two of four are gone");
	EQ_INT((int64_t)rules.token_count, 2, "and none is new");
	EQ_STR(tokens[0].name, "b", "the order stays");
	EQ_INT(tokens[0].role, ROLE_VIEWER, "nobody rises");
	EQ_STR(tokens[1].name, "d", "the other that still stands");
	OK(!access_narrow_tokens(&rules, &of_file), "nothing more to take");
	left[0].role = ROLE_VIEWER;
	OK(access_narrow_tokens(&rules, &of_file), "a lower role");
	EQ_INT(tokens[1].role, ROLE_VIEWER, "holds");
	of_file.token_count = 0;
	OK(access_narrow_tokens(&rules, &of_file), "a file of no worth");
	EQ_INT((int64_t)rules.token_count, 0, "leaves nobody");
}

static void test_names(void)
{
	static const char *const names[] = {"viewer", "operator", "approver", "admin"};

	for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++) {
		EQ_STR(role_name(role), names[role - ROLE_VIEWER], "name");
		EQ_INT(role_by_name(names[role - ROLE_VIEWER]), role, "by name");
	}
	EQ_INT(role_by_name("none"), ROLE_COUNT, "nobody is made nobody");
	EQ_INT(role_by_name("Admin"), ROLE_COUNT, "another case");
	EQ_INT(role_by_name(""), ROLE_COUNT, "nothing");
}

int main(void)
{
	test_people();
	test_tokens();
	test_narrow();
	test_names();
	return tap_done();
}
