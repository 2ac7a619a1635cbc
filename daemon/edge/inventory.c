/* SPDX-License-Identifier: MIT
 *
 * The inventory from its file: entries become boards, ranges are expanded, what must be
 * unique is compared, and the result is sorted once. Whether there were faults is read
 * from the list of faults at the end: nothing stops at the first one.
 */
#include "config.h"

#include "daemon/edge/inventory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/inventory_domain.h"
#include "daemon/edge/inventory_parts.h"
#include "daemon/edge/inventory_accept.h"
#include "daemon/edge/inventory_probes.h"
#include "daemon/edge/inventory_range.h"
#include "daemon/edge/inventory_sets.h"
#include "daemon/edge/inventory_unique.h"
#include "daemon/edge/inventory_window.h"

/* ---- boards ---------------------------------------------------------------------- */

/* What one entry of `boards:` makes. */
struct entry {
	const yaml_node_t *name, *address; /* where faults of either are shown */
	struct inventory_range name_range, address_range;
	bool address_known; /* false: its fault is told, only the name is compared */
	struct board_spec spec; /* without name, address and labels */
	struct inventory_named *label;
	size_t label_count;
};

/* The arrays grow by copy and wipe: realloc() would leave passwords behind. */
static void reserve(struct inventory_reading *r, size_t more)
{
	struct inventory *inventory = r->inventory;
	size_t count = inventory->board_count, capacity = r->capacity;
	struct board_spec *board;

	if (count + more <= capacity)
		return;
	while (capacity < count + more)
		capacity += capacity + 64;
	board = inventory_array(capacity, sizeof(*board));
	if (count) {
		memcpy(board, inventory->board, count * sizeof(*board));
		explicit_bzero(inventory->board, count * sizeof(*board));
	}
	free(inventory->board);
	inventory->board = board;
	r->origin =
		inventory_need(realloc(r->origin, capacity * sizeof(yaml_node_t *)));
	r->capacity = capacity;
}

static void copy_labels(const struct entry *entry, struct board_spec *spec)
{
	const yaml_node_t *value;

	if (!entry->label_count)
		return;
	spec->label = inventory_array(entry->label_count, sizeof(*spec->label));
	for (size_t i = 0; i < entry->label_count; i++) {
		value = entry->label[i].value;
		if (value->type != YAML_SCALAR_NODE)
			continue; /* its fault is told */
		spec->label[spec->label_count].key =
			inventory_need(strdup(entry->label[i].name));
		spec->label[spec->label_count++].value =
			inventory_need(strdup((const char *)value->data.scalar.value));
	}
}

static bool format_name(struct inventory_reading *r, const struct entry *entry,
	uint32_t index, char ret_name[NAME_MAX_LEN])
{
	if (inventory_range_format(&entry->name_range, index, ret_name, NAME_MAX_LEN) ==
			0 &&
		inventory_name_valid(ret_name))
		return true;
	yaml_problem(&r->file, entry->name,
		"'%.80s': a board's name has 1 to 63 letters, digits, '-', '_' and '.'",
		entry->name_range.text);
	return false;
}

static bool format_address(struct inventory_reading *r, const struct entry *entry,
	uint32_t index, char ret_address[ADDRESS_MAX_LEN])
{
	const char *shown = entry->address_range.text;
	char text[ADDRESS_MAX_LEN];

	if (inventory_range_format(&entry->address_range, index, text, sizeof(text)) ==
		0) {
		if (inventory_address_normalize(text, ret_address) == 0)
			return true;
		shown = text;
	}
	yaml_problem(&r->file, entry->address,
		"'%.80s' is neither an IPv4 or IPv6 address nor a host name", shown);
	return false;
}

/* One board of an entry. False: the entry has a fault that its other boards would only
 * repeat. */
static bool add_board(
	struct inventory_reading *r, const struct entry *entry, uint32_t index)
{
	char name[NAME_MAX_LEN], address[ADDRESS_MAX_LEN] = "";
	struct board_spec *spec = &r->inventory->board[r->inventory->board_count];

	if (!format_name(r, entry, index, name))
		return false;
	if (entry->address_known && !format_address(r, entry, index, address))
		return false;
	*spec = entry->spec;
	if (!entry->address_known)
		spec->telnet_port = spec->ftp_port = 0;
	memcpy(spec->name, name, strlen(name) + 1);
	spec->address = inventory_need(strdup(address));
	copy_labels(entry, spec);
	r->origin[r->inventory->board_count++] = entry->name;
	return true;
}

static bool parse_range(struct inventory_reading *r, const yaml_node_t *node,
	const char *text, struct inventory_range *range)
{
	struct errtext error;

	if (inventory_range_parse(text, INVENTORY_BOARDS_MAX, range, &error) == 0)
		return true;
	yaml_problem(&r->file, node, "%s", error.text);
	return false;
}

static void add_boards(struct inventory_reading *r, struct entry *entry)
{
	uint32_t count = entry->name_range.count;

	if (entry->address_known && count != entry->address_range.count) {
		yaml_problem(&r->file, entry->name,
			"the name stands for %" PRIu32 " and the address for %" PRIu32
			" boards: both ranges must have the same length",
			count, entry->address_range.count);
		entry->address_known = false;
	}
	if (r->inventory->board_count + count > INVENTORY_BOARDS_MAX) {
		if (!r->full)
			yaml_problem(&r->file, entry->name,
				"an inventory can have %d boards, this entry is the "
				"one too many",
				INVENTORY_BOARDS_MAX);
		r->full = true;
		return;
	}
	reserve(r, count);
	for (uint32_t i = 0; i < count; i++)
		if (!add_board(r, entry, i))
			break;
}

static void read_entry(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory_board_keys keys;
	struct entry entry = {0};

	inventory_board_keys_read(r, node, &keys);
	if (node->type == YAML_MAPPING_NODE) {
		entry.name = inventory_value_of(r, node, "name");
		entry.address = inventory_value_of(r, node, "address");
		inventory_spec_read(r, node, &keys, &entry.spec);
		entry.label = inventory_labels_read(r, keys.labels, &entry.label_count);
	}
	entry.address_known =
		keys.address &&
		parse_range(r, entry.address, keys.address, &entry.address_range);
	if (keys.name && parse_range(r, entry.name, keys.name, &entry.name_range))
		add_boards(r, &entry);
	free(entry.label);
	free(keys.name);
	free(keys.address);
	explicit_bzero(&entry.spec, sizeof(entry.spec));
}

static void read_boards(struct inventory_reading *r, const yaml_node_t *node)
{
	if (inventory_node_is_empty(node))
		return;
	if (node->type != YAML_SEQUENCE_NODE) {
		yaml_problem(&r->file, node,
			"'boards': expected a list (- name: ...), one entry for a "
			"board or a range of them");
		return;
	}
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
		item < node->data.sequence.items.top; item++)
		read_entry(r, yaml_file_node(&r->file, *item));
}

/* ---- the file -------------------------------------------------------------------- */

struct top_keys {
	int64_t version;
	const yaml_node_t *defaults, *types, *sites, *access_points, *boards, *sets;
};

#define TOP(field) offsetof(struct top_keys, field)

static const struct yaml_key top_table[] = {
	{"version", YAML_KEY_INT, TOP(version), 1, 1, true},
	{"defaults", YAML_KEY_NODE, TOP(defaults), 0, 0, false},
	{"types", YAML_KEY_NODE, TOP(types), 0, 0, false},
	{"sites", YAML_KEY_NODE, TOP(sites), 0, 0, false},
	{"access-points", YAML_KEY_NODE, TOP(access_points), 0, 0, false},
	{"boards", YAML_KEY_NODE, TOP(boards), 0, 0, true},
	{"sets", YAML_KEY_NODE, TOP(sets), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};

static bool read_document(struct inventory_reading *r)
{
	struct top_keys top = {0};
	bool good =
		yaml_check_mapping(&r->file, yaml_file_root(&r->file), top_table, &top);

	inventory_parts_read(r, top.defaults, top.types, top.sites);
	inventory_access_points_read(r, top.access_points);
	read_boards(r, top.boards);
	inventory_check_unique(
		&r->file, r->inventory->board, r->origin, r->inventory->board_count);
	inventory_sets_read(r, top.sets);
	return good;
}

static int spec_order(const void *a, const void *b)
{
	const struct board_spec *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Pointers are sorted, then each board is copied once: less to move, and no copies of
 * passwords in memory that nobody wipes. */
static void sort_boards(struct inventory *inventory)
{
	size_t count = inventory->board_count;
	const struct board_spec **order = inventory_array(count, sizeof(*order));
	struct board_spec *sorted = inventory_array(count, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		order[i] = &inventory->board[i];
	qsort(order, count, sizeof(*order), spec_order);
	for (size_t i = 0; i < count; i++)
		sorted[i] = *order[i];
	if (count)
		explicit_bzero(inventory->board, count * sizeof(*inventory->board));
	free(inventory->board);
	free(order);
	inventory->board = sorted;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return inventory_need(strdup("."));
	/* "/inventory.yaml": the folder is "/", and "//name" is "/name". */
	return inventory_need(
		strndup(path, slash == path ? 1 : (size_t)(slash - path)));
}

int inventory_read(const char *path, const char *secrets_dir, int64_t poll_every_ms,
	struct yaml_problems *problems, struct inventory **ret_inventory)
{
	size_t before = problems->count + problems->more;
	char *folder = folder_of(path);
	struct inventory_reading r = {
		.secrets = {.secrets_dir = secrets_dir, .folder = folder},
		.defaults = {.may_interrupt = true,
			.ports_known = true,
			.poll_every_ms = poll_every_ms,
			.poll_method = POLL_BANNER},
		.inventory = inventory_array(1, sizeof(struct inventory)),
	};
	int rc = yaml_file_load(&r.file, path, problems);

	r.inventory->path = inventory_need(strdup(path));
	/* Refused features leave the file loaded: its other faults are found as well. */
	if (r.file.loaded && !read_document(&r))
		rc = WIPY_E_CONFIG;
	if (problems->count + problems->more != before)
		rc = WIPY_E_CONFIG;
	yaml_file_done(&r.file);
	inventory_parts_done(&r);
	free(r.origin);
	free(folder);
	if (rc < 0) {
		inventory_free(r.inventory);
		return rc;
	}
	sort_boards(r.inventory);
	inventory_domains_index(r.inventory);
	*ret_inventory = r.inventory;
	return 0;
}

struct inventory *inventory_free(struct inventory *inventory)
{
	if (!inventory)
		return NULL;
	for (size_t i = 0; i < inventory->board_count; i++) {
		struct board_spec *spec = &inventory->board[i];

		for (size_t j = 0; j < spec->label_count; j++) {
			free(spec->label[j].key);
			free(spec->label[j].value);
		}
		free(spec->label);
		free(spec->address);
		explicit_bzero(spec, sizeof(*spec));
	}
	free(inventory->board);
	for (size_t i = 0; i < inventory->site_count; i++)
		inventory_windows_free(inventory->site[i].windows);
	free(inventory->site);
	for (size_t i = 0; i < inventory->accept_count; i++)
		free(inventory->accept[i]);
	free(inventory->accept);
	for (size_t i = 0; i < inventory->probes_count; i++)
		inventory_probes_free(inventory->probes[i]);
	free(inventory->probes);
	free(inventory->access_point);
	inventory_sets_free(inventory);
	free(inventory->path);
	free(inventory);
	return NULL;
}

/* ---- looking things up ----------------------------------------------------------- */

static int name_order(const void *name, const void *spec)
{
	return strcmp(name, ((const struct board_spec *)spec)->name);
}

const struct board_spec *inventory_find(
	const struct inventory *inventory, const char *name)
{
	return bsearch(name, inventory->board, inventory->board_count,
		sizeof(*inventory->board), name_order);
}

const char *inventory_site_name(
	const struct inventory *inventory, const struct board_spec *spec)
{
	return spec->site < 0 ? "" : inventory->site[spec->site].name;
}

bool inventory_same_accept(const struct board_spec *a, const struct board_spec *b)
{
	return inventory_accept_equal(a->accept, b->accept);
}

bool inventory_same_probes(const struct board_spec *a, const struct board_spec *b)
{
	return inventory_probes_equal(a->probes, b->probes);
}

bool inventory_credentials_differ(const struct inventory *a, const struct inventory *b)
{
	size_t i = 0, j = 0;

	while (i < a->board_count && j < b->board_count) {
		const struct board_spec *x = &a->board[i], *y = &b->board[j];
		int order = strcmp(x->name, y->name);

		if (order == 0 && (strcmp(x->user, y->user) != 0 ||
					  strcmp(x->password, y->password) != 0))
			return true;
		i += order <= 0;
		j += order >= 0;
	}
	return false;
}
