/* SPDX-License-Identifier: MIT
 *
 * Who may do what over the API: four roles, each of which may do what those below it may;
 * people have them by their groups, programs by tokens (docs/decisions/0030).
 */
#ifndef WIPY_CORE_ACCESS_H
#define WIPY_CORE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/model.h"

enum role {
	ROLE_NONE,     /* no more than to ask whether wipyd is there */
	ROLE_VIEWER,   /* reads, and tries out what changes nothing */
	ROLE_OPERATOR, /* works on boards: polls, rollouts, releases */
	ROLE_APPROVER, /* lets begin what others have started, clears known-bad images */
	ROLE_ADMIN,    /* takes away what is kept: events, images */
	ROLE_COUNT
};

/* "viewer"; "none" for ROLE_NONE. Static storage. */
const char *role_name(enum role role);
/* One of the four, or ROLE_COUNT. */
enum role role_by_name(const char *name);

#define ACCESS_SECRET_LEN 32 /* bytes of a SHA-256 */

struct access_group {
	uint32_t gid;
	enum role role;
};
struct access_token {
	char name[NAME_MAX_LEN];
	enum role role;
	uint8_t sha256[ACCESS_SECRET_LEN]; /* of the token: itself it is kept nowhere */
};
struct access_rules {
	bool has_groups; /* else members of the daemon's own group are admins */
	struct access_group *group;
	size_t group_count;
	struct access_token *token;
	size_t token_count;
	uint32_t own_uid, own_gid; /* of the daemon */
};

/* What a person at the socket is: the highest role of all groups. Root and the daemon's
 * own user are admins: the state is theirs to write in any case. */
enum role access_of_peer(const struct access_rules *rules, uint32_t uid,
	const uint32_t *gids, size_t count);

/* The token with that SHA-256, or NULL. Takes as long for every one. */
const struct access_token *access_find_token(
	const struct access_rules *rules, const uint8_t sha256[ACCESS_SECRET_LEN]);

/* Tokens of `rules` that are not in `left` any more go; those that are keep the lower of
 * both roles. Returns whether anything has changed. */
bool access_narrow_tokens(struct access_rules *rules, const struct access_rules *left);

#endif
