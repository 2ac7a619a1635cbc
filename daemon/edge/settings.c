/* SPDX-License-Identifier: MIT
 *
 * wipyd.yaml as tables: one row a key, with its range and its default. What systemd
 * says of folders (STATE_DIRECTORY, RUNTIME_DIRECTORY) replaces a default, never a key
 * that the owner wrote. No key starts anything here: the values are only read.
 */
#include "config.h"

#include "daemon/edge/settings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/core/bucket.h"
#include "daemon/core/model.h"
#include "daemon/edge/settings_api.h"
#include "daemon/edge/settings_releases.h"

#define PATH_LENGTH_MAX 1024
#define SOCKET_PATH_MAX (sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1)

#define MILLI  ((int64_t)1)
#define SECOND (1000 * MILLI)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const struct settings defaults = {
	.poll_every_ms = 5 * MINUTE,
	.polls_max = 256,
	.poll_miss_retry_ms = 10 * SECOND,
	.poll_misses = 3,
	.attempts = 3,
	.backoff_ms = 30 * SECOND,
	.return_ms = 90 * SECOND,
	.return_every_ms = 2 * SECOND,
	.soak_ms = 5 * MINUTE,
	.pushes_max = 16,
	.domain_share = 25,
	.expires_ms = 30 * DAY,
	.catch_up_ms = 30 * DAY,
	.catch_up_max = 4,
	.brake_lost = {1, false},
	.brake_fell_back = {5, true},
	.brake_failed = {5, true},
	.brake_probe = {5, true},
	.login_at_enrolment = true,
	.trust = {.policy = SIGNATURES_WARN, .threshold = 1},
};

/* The outermost keys. */
struct top {
	char *state_dir, *socket, *inventory;
	const yaml_node_t *poll, *update, *brakes, *enrolment, *policy, *releases;
	const yaml_node_t *channels, *api;
};

#define TOP(field)     offsetof(struct top, field)
#define SETTING(field) offsetof(struct settings, field)

static const struct yaml_key top_keys[] = {
	{"state-dir", YAML_KEY_STRING, TOP(state_dir), 1, PATH_LENGTH_MAX, false},
	{"socket", YAML_KEY_STRING, TOP(socket), 1, PATH_LENGTH_MAX, false},
	{"inventory", YAML_KEY_STRING, TOP(inventory), 1, PATH_LENGTH_MAX, false},
	{"poll", YAML_KEY_NODE, TOP(poll), 0, 0, false},
	{"update", YAML_KEY_NODE, TOP(update), 0, 0, false},
	{"brakes", YAML_KEY_NODE, TOP(brakes), 0, 0, false},
	{"enrolment", YAML_KEY_NODE, TOP(enrolment), 0, 0, false},
	{"policy", YAML_KEY_NODE, TOP(policy), 0, 0, false},
	{"releases", YAML_KEY_NODE, TOP(releases), 0, 0, false},
	{"channels", YAML_KEY_NODE, TOP(channels), 0, 0, false},
	{"api", YAML_KEY_NODE, TOP(api), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key poll_keys[] = {
	{"every", YAML_KEY_DURATION, SETTING(poll_every_ms), SECOND, DAY, false},
	{"in-flight", YAML_KEY_INT, SETTING(polls_max), 1, 4096, false},
	{"retry", YAML_KEY_DURATION, SETTING(poll_miss_retry_ms), 100 * MILLI, HOUR,
		false},
	{"misses", YAML_KEY_INT, SETTING(poll_misses), 1, 100, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key update_keys[] = {
	{"attempts", YAML_KEY_INT, SETTING(attempts), 1, 10, false},
	{"back-off", YAML_KEY_DURATION, SETTING(backoff_ms), 100 * MILLI, HOUR, false},
	{"return", YAML_KEY_DURATION, SETTING(return_ms), SECOND, HOUR, false},
	{"look-every", YAML_KEY_DURATION, SETTING(return_every_ms), 100 * MILLI, MINUTE,
		false},
	{"soak", YAML_KEY_DURATION, SETTING(soak_ms), 0, 7 * DAY, false},
	{"in-flight", YAML_KEY_INT, SETTING(pushes_max), 1, 4096, false},
	{"domain-share", YAML_KEY_PERCENT, SETTING(domain_share), 1, 100, false},
	{"bandwidth", YAML_KEY_BYTES, SETTING(bandwidth), BUCKET_FLOOR, BUCKET_RATE_MAX,
		false},
	{"expires", YAML_KEY_DURATION, SETTING(expires_ms), MINUTE, 365 * DAY, false},
	{"catch-up", YAML_KEY_DURATION, SETTING(catch_up_ms), 0, 365 * DAY, false},
	{"catch-up-in-flight", YAML_KEY_INT, SETTING(catch_up_max), 1, 4096, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key brakes_keys[] = {
	{"lost", YAML_KEY_SHARE, SETTING(brake_lost), 1, 1000000, false},
	{"fell-back", YAML_KEY_SHARE, SETTING(brake_fell_back), 1, 1000000, false},
	{"failed", YAML_KEY_SHARE, SETTING(brake_failed), 1, 1000000, false},
	{"probe", YAML_KEY_SHARE, SETTING(brake_probe), 1, 1000000, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key enrolment_keys[] = {
	{"login", YAML_KEY_BOOL, SETTING(login_at_enrolment), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};

struct policy_keys {
	char approval[NAME_MAX_LEN];
};
static const struct yaml_key policy_table[] = {
	{"approval", YAML_KEY_NAME, offsetof(struct policy_keys, approval), 0, 0,
		false},
	{NULL, 0, 0, 0, 0, false},
};

__attribute__((format(printf, 1, 2))) static char *text_new(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

char *settings_path(const char *file, const char *path)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (*path != '/' && slash)
		return text_new("%.*s/%s", (int)(slash - file), file, path);
	return text_new("%s", path);
}

/* systemd lists several folders with colons between them; ours is the first. */
static char *folder_or(const char *variable, const char *otherwise)
{
	const char *value = getenv(variable);

	if (!value || !*value || *value == ':')
		value = otherwise;
	return text_new("%.*s", (int)strcspn(value, ":"), value);
}

static void take_path(const char *file, char **path, char **ret_path)
{
	if (*path)
		*ret_path = settings_path(file, *path);
	free(*path);
	*path = NULL;
}

static void fill_paths(struct settings *settings)
{
	char *folder;

	if (!settings->state_dir)
		settings->state_dir = folder_or("STATE_DIRECTORY", "/var/lib/wipyd");
	if (!settings->inventory)
		settings->inventory = text_new("/etc/wipyd/inventory.yaml");
	if (!settings->socket) {
		folder = folder_or("RUNTIME_DIRECTORY", "/run/wipyd");
		settings->socket = text_new("%s/wipyd.sock", folder);
		free(folder);
	}
}

static bool read_policy(
	struct yaml_file *file, const yaml_node_t *node, struct settings *settings)
{
	struct policy_keys keys = {"none"};

	if (!node || !yaml_check_mapping(file, node, policy_table, &keys))
		return !node;
	settings->approval = strcmp(keys.approval, "other-person") == 0;
	if (settings->approval || strcmp(keys.approval, "none") == 0)
		return true;
	yaml_problem(file, node,
		"'approval': expected none or other-person, found '%s'", keys.approval);
	return false;
}

static bool read_keys(
	struct yaml_file *file, struct top *top, struct settings *settings)
{
	bool good = yaml_check_mapping(file, yaml_file_root(file), top_keys, top);
	const struct {
		const yaml_node_t *node;
		const struct yaml_key *keys;
	} group[] = {
		{top->poll, poll_keys},
		{top->update, update_keys},
		{top->brakes, brakes_keys},
		{top->enrolment, enrolment_keys},
	};

	for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++)
		if (group[i].node)
			good = yaml_check_mapping(
				       file, group[i].node, group[i].keys, settings) &&
			       good;
	if (top->releases)
		good = settings_read_releases(file, top->releases, &settings->trust,
			       &settings->ca_file) &&
		       good;
	if (top->channels)
		good = settings_read_channels(file, top->channels, &settings->channel,
			       &settings->channel_count) &&
		       good;
	if (top->api)
		good = settings_read_api(file, top->api, settings) && good;
	return read_policy(file, top->policy, settings) && good;
}

static bool check_socket(struct yaml_file *file, const struct settings *settings)
{
	if (!settings->socket || strlen(settings->socket) <= SOCKET_PATH_MAX)
		return true;
	yaml_problem(file, NULL,
		"'socket': the path '%s' is too long, a socket's has at most %zu "
		"characters",
		settings->socket, SOCKET_PATH_MAX);
	return false;
}

static int read_file(
	const char *path, struct yaml_problems *problems, struct settings *settings)
{
	struct yaml_file file;
	struct top top = {0};
	int rc = yaml_file_load(&file, path, problems);

	/* Refused features leave the file loaded: its other faults are found as well. */
	if (file.loaded && !read_keys(&file, &top, settings))
		rc = WIPY_E_CONFIG;
	take_path(path, &top.state_dir, &settings->state_dir);
	take_path(path, &top.socket, &settings->socket);
	take_path(path, &top.inventory, &settings->inventory);
	if (!check_socket(&file, settings))
		rc = WIPY_E_CONFIG;
	yaml_file_done(&file);
	return rc;
}

int settings_read(const char *path, struct yaml_problems *problems,
	struct settings **ret_settings)
{
	struct settings *settings = malloc(sizeof(*settings));
	int rc = 0;

	if (!settings)
		abort();
	*settings = defaults;
	settings->access.own_uid = geteuid();
	settings->access.own_gid = getegid();
	if (path) {
		settings->file = text_new("%s", path);
		rc = read_file(path, problems, settings);
	}
	if (rc < 0) {
		settings_free(settings);
		return rc;
	}
	fill_paths(settings);
	*ret_settings = settings;
	return 0;
}

struct settings *settings_free(struct settings *settings)
{
	if (settings) {
		free(settings->file);
		free(settings->state_dir);
		free(settings->socket);
		free(settings->inventory);
		free(settings->ca_file);
		for (size_t i = 0; i < settings->channel_count; i++)
			free(settings->channel[i].url);
		free(settings->channel);
		settings_api_done(settings);
		free(settings);
	}
	return NULL;
}
