/* SPDX-License-Identifier: MIT
 *
 * Who may do what over the API, and where it listens. Over TCP the wire must not be able
 * to give away more than it would to anybody on this machine: away from the loopback TLS
 * and tokens are needed, and there is no setting that leaves them out.
 */
#include "config.h"

#include "daemon/edge/settings_api.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/text.h"
#include "daemon/edge/settings_releases.h"

#define GROUPS_MAX      64 /* of a role */
#define PATH_LENGTH_MAX 1024
#define OTHERS          077u /* permission bits of everybody else */

struct api_keys {
	const yaml_node_t *roles, *metrics;
	char *listen, *certificate, *key, *tokens;
};
#define KEY(field) offsetof(struct api_keys, field)

static const struct yaml_key api_table[] = {
	{"roles", YAML_KEY_NODE, KEY(roles), 0, 0, false},
	{"metrics", YAML_KEY_NODE, KEY(metrics), 0, 0, false},
	{"listen", YAML_KEY_STRING, KEY(listen), 1, 64, false},
	{"certificate", YAML_KEY_STRING, KEY(certificate), 1, PATH_LENGTH_MAX, false},
	{"key", YAML_KEY_STRING, KEY(key), 1, PATH_LENGTH_MAX, false},
	{"tokens", YAML_KEY_STRING, KEY(tokens), 1, PATH_LENGTH_MAX, false},
	{NULL, 0, 0, 0, 0, false},
};

static const struct yaml_key metrics_table[] = {
	{"per-board", YAML_KEY_BOOL, offsetof(struct settings, metrics_per_board), 0, 0,
		false},
	{NULL, 0, 0, 0, 0, false},
};

struct role_keys {
	const yaml_node_t *list[ROLE_COUNT];
};
#define ROLE_KEY(role) (offsetof(struct role_keys, list) + (role) * sizeof(void *))

static const struct yaml_key role_table[] = {
	{"viewer", YAML_KEY_NODE, ROLE_KEY(ROLE_VIEWER), 0, 0, false},
	{"operator", YAML_KEY_NODE, ROLE_KEY(ROLE_OPERATOR), 0, 0, false},
	{"approver", YAML_KEY_NODE, ROLE_KEY(ROLE_APPROVER), 0, 0, false},
	{"admin", YAML_KEY_NODE, ROLE_KEY(ROLE_ADMIN), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};

/* ---- roles ------------------------------------------------------------------------ */

/* 0, -ENOENT (no such group), or what the look-up failed with. */
static int find_group(const char *name, uint32_t *ret_gid)
{
	struct group group, *found = NULL;
	size_t cap = 16384;
	char *buffer = NULL;
	uint64_t number;
	int rc;

	if (wipy_text_parse_u64(name, strlen(name), UINT32_MAX - 1, &number) == 0) {
		*ret_gid = (uint32_t)number;
		return 0;
	}
	do {
		cap *= 2; /* a group may have very many members */
		buffer = realloc(buffer, cap);
		if (!buffer)
			abort();
		rc = getgrnam_r(name, &group, buffer, cap, &found);
	} while (rc == ERANGE && cap < (64u << 20));
	if (found)
		*ret_gid = group.gr_gid;
	free(buffer);
	return found ? 0 : rc ? -rc : -ENOENT;
}

static bool take_group(struct yaml_file *file, const yaml_node_t *node, enum role role,
	struct access_rules *access)
{
	const char *name = node->type == YAML_SCALAR_NODE
				   ? (const char *)node->data.scalar.value
				   : "";
	struct access_group *entry = &access->group[access->group_count];
	int rc = find_group(name, &entry->gid);

	if (rc < 0) {
		yaml_problem(file, node,
			"'%s': there is no group '%.60s' on this machine%s%s: make it "
			"with groupadd, or write its number",
			role_name(role), name,
			rc == -ENOENT ? "" : ", as far as known: ",
			rc == -ENOENT ? "" : strerror(-rc));
		return false;
	}
	entry->role = role;
	access->group_count++;
	return true;
}

static bool take_groups(struct yaml_file *file, const yaml_node_t *node, enum role role,
	struct access_rules *access)
{
	const yaml_node_item_t *end, *item = yaml_check_list(file, node,
					     role_name(role), 0, GROUPS_MAX, &end);
	bool good = item != NULL;

	for (; item && item < end; item++)
		good = take_group(file, yaml_file_node(file, *item), role, access) &&
		       good;
	return good;
}

static bool read_roles(
	struct yaml_file *file, const yaml_node_t *node, struct access_rules *access)
{
	struct role_keys keys = {{NULL}};
	bool good = yaml_check_mapping(file, node, role_table, &keys);

	access->has_groups = true;
	access->group = calloc(GROUPS_MAX * ROLE_COUNT, sizeof(*access->group));
	if (!access->group)
		abort();
	for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
		if (keys.list[role])
			good = take_groups(file, keys.list[role], role, access) && good;
	return good;
}

/* ---- where it listens ------------------------------------------------------------- */

/* "127.0.0.1:8443", "[::1]:8443". */
static bool parse_listen(const char *text, struct settings_tcp *tcp)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct in6_addr in6;
	struct in_addr in;
	uint64_t port;

	if (len == 0 ||
		wipy_text_parse_u64(colon + 1, strlen(colon + 1), 65535, &port) < 0)
		return false;
	tcp->ipv6 = *text == '[' && colon[-1] == ']';
	if (tcp->ipv6) {
		text++;
		len -= 2;
	}
	if (len >= sizeof(tcp->address))
		return false;
	memcpy(tcp->address, text, len);
	tcp->address[len] = '\0';
	tcp->port = (uint16_t)port;
	if (tcp->ipv6) {
		tcp->loopback = inet_pton(AF_INET6, tcp->address, &in6) == 1 &&
				IN6_IS_ADDR_LOOPBACK(&in6);
		return inet_pton(AF_INET6, tcp->address, &in6) == 1;
	}
	if (inet_pton(AF_INET, tcp->address, &in) != 1)
		return false;
	tcp->loopback = ntohl(in.s_addr) >> 24 == 127;
	return true;
}

/* A name without a folder may be one of the service's credentials, which are nobody
 * else's. malloc'ed. */
static char *find_file(const char *settings, const char *name, bool *ret_guarded)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path = NULL;

	*ret_guarded = false;
	if (folder && *folder && !strchr(name, '/')) {
		if (asprintf(&path, "%s/%s", folder, name) < 0)
			abort();
		if (access(path, F_OK) == 0) {
			*ret_guarded = true;
			return path;
		}
		free(path);
	}
	return settings_path(settings, name);
}

static bool check_file(struct yaml_file *file, const yaml_node_t *node, const char *key,
	const char *path, bool secret)
{
	struct stat st;

	if (stat(path, &st) < 0 || access(path, R_OK) < 0) {
		yaml_problem(file, node, "'%s': '%.120s' cannot be read: %s", key, path,
			strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		yaml_problem(
			file, node, "'%s': '%.120s' is not a regular file", key, path);
		return false;
	}
	if (!secret || !(st.st_mode & OTHERS))
		return true;
	yaml_problem(file, node,
		"'%s': '%.120s' is open to others on this machine: run chmod 0600 "
		"'%.120s'",
		key, path, path);
	return false;
}

static bool take_certificate(struct yaml_file *file, const yaml_node_t *node,
	const struct api_keys *keys, struct settings_tcp *tcp)
{
	bool guarded, good;

	if (!keys->certificate && !keys->key)
		return true;
	if (!keys->certificate || !keys->key) {
		yaml_problem(file, node, "'%s' is of no use without '%s'",
			keys->key ? "key" : "certificate",
			keys->key ? "certificate" : "key");
		return false;
	}
	tcp->certificate = find_file(file->name, keys->certificate, &guarded);
	good = check_file(file, node, "certificate", tcp->certificate, false);
	tcp->key = find_file(file->name, keys->key, &guarded);
	return check_file(file, node, "key", tcp->key, !guarded) && good;
}

static bool take_tokens(struct yaml_file *file, const yaml_node_t *node,
	const char *name, struct settings *settings)
{
	if (!name)
		return true;
	settings->tokens = find_file(file->name, name, &settings->tokens_guarded);
	return check_file(file, node, "tokens", settings->tokens,
		       !settings->tokens_guarded) &&
	       settings_read_tokens(file, node, settings->tokens, &settings->access);
}

void settings_read_tokens_left(
	const struct settings *settings, struct access_rules *ret_access)
{
	struct yaml_problems problems; /* have been told of by whoever asks */
	struct yaml_file file = {.name = settings->file, .problems = &problems};

	*ret_access = (struct access_rules){0};
	if (!settings->tokens)
		return;
	yaml_problems_init(&problems);
	if (check_file(
		    &file, NULL, "tokens", settings->tokens, !settings->tokens_guarded))
		(void)!settings_read_tokens(&file, NULL, settings->tokens, ret_access);
	yaml_problems_done(&problems);
}

/* Away from the loopback whoever can reach the port can ask. */
static bool check_guard(struct yaml_file *file, const yaml_node_t *node,
	const struct api_keys *keys, const struct settings *settings)
{
	if (settings->tcp.loopback || (keys->certificate && keys->key && keys->tokens &&
					      settings->access.token_count > 0))
		return true;
	yaml_problem(file, node,
		"'listen': %s is not a loopback address, so it needs TLS and tokens: "
		"set "
		"'certificate', 'key' and 'tokens' (`wipyctl token NAME ROLE` makes "
		"one)%s",
		settings->tcp.address,
		keys->tokens ? "; the file of tokens has none" : "");
	return false;
}

static bool read_tcp(struct yaml_file *file, const yaml_node_t *node,
	const struct api_keys *keys, struct settings *settings)
{
	bool good;

	if (!keys->listen) {
		if (!keys->certificate && !keys->key && !keys->tokens)
			return true;
		yaml_problem(file, node,
			"'certificate', 'key' and 'tokens' are of no use without "
			"'listen'");
		return false;
	}
	if (!parse_listen(keys->listen, &settings->tcp)) {
		yaml_problem(file, node,
			"'listen': expected an address and a port like 127.0.0.1:8443 "
			"or "
			"[::1]:8443, found '%s'",
			keys->listen);
		return false;
	}
	settings->has_tcp = true;
	good = take_certificate(file, node, keys, &settings->tcp);
	good = take_tokens(file, node, keys->tokens, settings) && good;
	return good && check_guard(file, node, keys, settings);
}

bool settings_read_api(
	struct yaml_file *file, const yaml_node_t *node, struct settings *settings)
{
	struct api_keys keys = {0};
	bool good = yaml_check_mapping(file, node, api_table, &keys);

	if (keys.metrics)
		good = yaml_check_mapping(
			       file, keys.metrics, metrics_table, settings) &&
		       good;
	if (keys.roles)
		good = read_roles(file, keys.roles, &settings->access) && good;
	if (good)
		good = read_tcp(file, node, &keys, settings);
	free(keys.listen);
	free(keys.certificate);
	free(keys.key);
	free(keys.tokens);
	return good;
}

void settings_api_done(struct settings *settings)
{
	free(settings->access.group);
	free(settings->access.token);
	free(settings->tokens);
	free(settings->tcp.certificate);
	free(settings->tcp.key);
}
