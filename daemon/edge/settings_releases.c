/* SPDX-License-Identifier: MIT
 *
 * Whose releases are taken: the policy, how many have to sign, their keys. A key stands in
 * the file itself or in one of its own; a key that cannot be read is a fault, never a key
 * less.
 */
#include "config.h"

#include "daemon/edge/settings_releases.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/model.h"

#define KEY_LINE_LEN    56 /* of a key in base64 */
#define KEY_FILE_MAX    4096
#define PATH_LENGTH_MAX 1024

struct release_keys {
	char signatures[NAME_MAX_LEN];
	int64_t threshold;
	const yaml_node_t *trusted;
	char *ca_file;
};

static const struct yaml_key table[] = {
	{"signatures", YAML_KEY_NAME, offsetof(struct release_keys, signatures), 0, 0,
		false},
	{"threshold", YAML_KEY_INT, offsetof(struct release_keys, threshold), 1,
		MINISIGN_KEYS_MAX, false},
	{"trusted-keys", YAML_KEY_NODE, offsetof(struct release_keys, trusted), 0, 0,
		false},
	{"ca-file", YAML_KEY_STRING, offsetof(struct release_keys, ca_file), 1,
		PATH_LENGTH_MAX, false},
	{NULL, 0, 0, 0, 0, false},
};

static bool take_policy(struct yaml_file *file, const yaml_node_t *node,
	const char *word, enum signature_policy *ret_policy)
{
	static const struct {
		const char *word;
		enum signature_policy policy;
	} words[] = {
		{"required", SIGNATURES_REQUIRED},
		{"warn", SIGNATURES_WARN},
		{"off", SIGNATURES_OFF},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0) {
			*ret_policy = words[i].policy;
			return true;
		}
	yaml_problem(file, node,
		"'signatures': expected required, warn or off, found '%s'", word);
	return false;
}

/* ---- keys ------------------------------------------------------------------------- */

/* Returns the length, or a negated errno. */
static ssize_t read_key_file(const char *path, char text[KEY_FILE_MAX])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t len, error;

	if (fd < 0)
		return -errno;
	len = read(fd, text, KEY_FILE_MAX);
	error = -errno;
	close(fd);
	return len < 0 ? error : len;
}

static bool take_key(struct yaml_file *file, const yaml_node_t *node,
	const struct minisign_key *key, struct minisign_trust *trust)
{
	char id[MINISIGN_ID_TEXT_MAX];

	for (size_t i = 0; i < trust->key_count; i++)
		if (memcmp(trust->key[i].id, key->id, MINISIGN_ID_LEN) == 0) {
			minisign_id_text(key->id, id);
			yaml_problem(file, node,
				"the key %s stands here twice: one person would count "
				"for two",
				id);
			return false;
		}
	trust->key[trust->key_count++] = *key;
	return true;
}

/* A key, or the path of its file. */
static bool read_key(
	struct yaml_file *file, const yaml_node_t *node, struct minisign_trust *trust)
{
	const char *value = node->type == YAML_SCALAR_NODE
				    ? (const char *)node->data.scalar.value
				    : "";
	bool is_key = strlen(value) == KEY_LINE_LEN && strncmp(value, "RW", 2) == 0;
	char text[KEY_FILE_MAX], *path;
	struct minisign_key key;
	struct errtext error;
	ssize_t len;

	if (is_key && minisign_key_parse(value, strlen(value), &key, &error) == 0)
		return take_key(file, node, &key, trust);
	path = settings_path(file->name, value);
	len = *value ? read_key_file(path, text) : -ENOENT;
	if (len < 0)
		yaml_problem(file, node,
			"a trusted key is the second line of a .pub file of minisign, "
			"or that file's path: '%.120s' is no key, and no file that can "
			"be read (%s)",
			value, strerror((int)-len));
	else if (minisign_key_parse(text, (size_t)len, &key, &error) < 0) {
		yaml_problem(file, node, "%.120s: %s", path, error.text);
		len = -EBADMSG;
	}
	free(path);
	return len >= 0 && take_key(file, node, &key, trust);
}

static bool read_keys(
	struct yaml_file *file, const yaml_node_t *node, struct minisign_trust *trust)
{
	const yaml_node_item_t *end, *item = yaml_check_list(file, node, "trusted-keys",
					     0, MINISIGN_KEYS_MAX, &end);
	bool good = item != NULL;

	for (; item && item < end; item++)
		good = read_key(file, yaml_file_node(file, *item), trust) && good;
	return good;
}

/* A file that is not there would let every download fail, in the middle of the night. */
static bool take_ca_file(struct yaml_file *file, const yaml_node_t *node,
	const char *path, char **ret_path)
{
	*ret_path = settings_path(file->name, path);
	if (access(*ret_path, R_OK) == 0)
		return true;
	yaml_problem(file, node, "'ca-file': '%.120s' cannot be read: %s", *ret_path,
		strerror(errno));
	return false;
}

bool settings_read_releases(struct yaml_file *file, const yaml_node_t *node,
	struct minisign_trust *trust, char **ret_ca_file)
{
	struct release_keys keys = {.threshold = (int64_t)trust->threshold};
	bool good;

	if (sodium_init() < 0)
		abort(); /* no source of randomness */
	good = yaml_check_mapping(file, node, table, &keys);
	if (*keys.signatures)
		good = take_policy(file, node, keys.signatures, &trust->policy) && good;
	if (keys.trusted)
		good = read_keys(file, keys.trusted, trust) && good;
	if (keys.ca_file)
		good = take_ca_file(file, node, keys.ca_file, ret_ca_file) && good;
	free(keys.ca_file);
	trust->threshold = (size_t)keys.threshold;
	if (!good || trust->policy == SIGNATURES_OFF ||
		(trust->policy == SIGNATURES_WARN && trust->key_count == 0) ||
		trust->threshold <= trust->key_count)
		return good;
	yaml_problem(file, node,
		"'threshold': %zu trusted keys have to sign, and there are %zu: no "
		"release could ever be taken",
		trust->threshold, trust->key_count);
	return false;
}
