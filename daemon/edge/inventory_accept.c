/* SPDX-License-Identifier: MIT
 *
 * What a type of boards accepts: entry points of images, versions, sizes.
 */
#include "config.h"

#include "daemon/edge/inventory_accept.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct accept_keys {
	const yaml_node_t *entries, *versions;
	int64_t size;
};

#define SLOT_MIN (4 * 1024)
#define SLOT_MAX (4 * 1024 * 1024)

static const struct yaml_key accept_table[] = {
	{"entry-point", YAML_KEY_NODE, offsetof(struct accept_keys, entries), 0, 0,
		false},
	{"version", YAML_KEY_NODE, offsetof(struct accept_keys, versions), 0, 0, false},
	{"size", YAML_KEY_SIZE, offsetof(struct accept_keys, size), SLOT_MIN, SLOT_MAX,
		false},
	{NULL, 0, 0, 0, 0, false},
};

/* As tools print it: 0x and hex digits. */
static bool parse_entry(const yaml_node_t *node, uint32_t *ret_entry)
{
	const char *text = node->type == YAML_SCALAR_NODE
				   ? (const char *)node->data.scalar.value
				   : "";
	size_t len = strlen(text);
	unsigned long value;

	if (len < 3 || len > 10 || strncmp(text, "0x", 2) != 0 ||
		strspn(text + 2, "0123456789abcdefABCDEF") != len - 2)
		return false;
	value = strtoul(text + 2, NULL, 16);
	*ret_entry = (uint32_t)value;
	return value != 0;
}

static void read_entries(
	struct yaml_file *file, const yaml_node_t *node, struct fit_rules *rules)
{
	const yaml_node_item_t *end, *item = yaml_check_list(file, node, "entry-point",
					     1, FIT_ENTRIES_MAX, &end);

	for (; item && item < end; item++) {
		const yaml_node_t *entry = yaml_file_node(file, *item);

		if (parse_entry(entry, &rules->entry_point[rules->entry_count]))
			rules->entry_count++;
		else
			yaml_problem(file, entry,
				"'entry-point': expected an address such as "
				"0x40100004, as `wipyctl image info` shows it");
	}
}

struct fit_rules *inventory_accept_read(struct yaml_file *file, const yaml_node_t *node)
{
	struct accept_keys keys = {NULL, NULL, 0};
	struct fit_rules *rules;

	if (!node)
		return NULL;
	rules = calloc(1, sizeof(*rules));
	if (!rules)
		abort();
	if (!yaml_check_mapping(file, node, accept_table, &keys))
		return rules;
	if (!keys.entries && !keys.versions && keys.size == 0)
		yaml_problem(file, node,
			"'accept' says nothing: give it entry-point, version or size, "
			"or leave it out");
	rules->size = keys.size;
	if (keys.entries)
		read_entries(file, keys.entries, rules);
	/* The fault, if there is one, is in the file's list. */
	if (keys.versions)
		(void)!yaml_check_versions(
			file, keys.versions, "version", &rules->version);
	return rules;
}

bool inventory_accept_equal(const struct fit_rules *a, const struct fit_rules *b)
{
	/* Both were zeroed before they were filled. */
	return a && b ? memcmp(a, b, sizeof(*a)) == 0 : a == b;
}
