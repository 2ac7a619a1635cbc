/* SPDX-License-Identifier: MIT
 *
 * Roles of people and of tokens.
 */
#include "daemon/core/access.h"

#include <string.h>

static const char *const names[ROLE_COUNT] = {
	[ROLE_NONE] = "none",
	[ROLE_VIEWER] = "viewer",
	[ROLE_OPERATOR] = "operator",
	[ROLE_APPROVER] = "approver",
	[ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
	return role < ROLE_COUNT ? names[role] : "invalid";
}

enum role role_by_name(const char *name)
{
	enum role role = ROLE_VIEWER;

	while (role < ROLE_COUNT && strcmp(names[role], name) != 0)
		role++;
	return role;
}

static enum role of_group(const struct access_rules *rules, uint32_t gid)
{
	enum role role = ROLE_NONE;

	if (!rules->has_groups)
		return gid == rules->own_gid ? ROLE_ADMIN : ROLE_NONE;
	for (size_t i = 0; i < rules->group_count; i++)
		if (rules->group[i].gid == gid && rules->group[i].role > role)
			role = rules->group[i].role;
	return role;
}

enum role access_of_peer(const struct access_rules *rules, uint32_t uid,
	const uint32_t *gids, size_t count)
{
	enum role role = ROLE_NONE;

	if (uid == 0 || uid == rules->own_uid)
		return ROLE_ADMIN;
	for (size_t i = 0; i < count; i++) {
		enum role found = of_group(rules, gids[i]);

		if (found > role)
			role = found;
	}
	return role;
}

/* No early way out: how long it takes says nothing of how much was right. */
static bool same_secret(const uint8_t *a, const uint8_t *b)
{
	volatile uint8_t differs = 0;

	for (size_t i = 0; i < ACCESS_SECRET_LEN; i++)
		differs |= a[i] ^ b[i];
	return differs == 0;
}

const struct access_token *access_find_token(
	const struct access_rules *rules, const uint8_t sha256[ACCESS_SECRET_LEN])
{
	const struct access_token *found = NULL;

	for (size_t i = 0; i < rules->token_count; i++)
		if (same_secret(rules->token[i].sha256, sha256))
			found = &rules->token[i];
	return found;
}

bool access_narrow_tokens(struct access_rules *rules, const struct access_rules *left)
{
	size_t kept = 0;
	bool changed = false;

	for (size_t i = 0; i < rules->token_count; i++) {
		struct access_token token = rules->token[i];
		const struct access_token *found =
			access_find_token(left, token.sha256);

		changed |= !found || found->role < token.role;
		if (!found)
			continue;
		if (found->role < token.role)
			token.role = found->role;
		rules->token[kept++] = token;
	}
	rules->token_count = kept;
	return changed;
}
