/* SPDX-License-Identifier: MIT
 *
 * The parts of an inventory file while it is read: defaults, types, sites, and what they
 * and a board's own entry make of one board. Shared by inventory_parts.c, which reads
 * them, and inventory.c, which makes boards of them.
 */
#ifndef WIPY_EDGE_INVENTORY_PARTS_H
#define WIPY_EDGE_INVENTORY_PARTS_H

#include <stdlib.h>

#include "daemon/edge/inventory.h"
#include "daemon/edge/inventory_login.h"
#include "daemon/edge/yaml_check.h"

/* The keys of a `boards:` entry, and of the defaults. Strings are malloc'ed. */
struct inventory_common_keys {
	char family[NAME_MAX_LEN];
	char release[NAME_MAX_LEN];
	bool interrupt;
	const yaml_node_t *login, *poll, *ports, *probes;
};
struct inventory_board_keys {
	struct inventory_common_keys
		common; /* first: shares its rows with the defaults */
	char *name, *address;
	char type[NAME_MAX_LEN], site[NAME_MAX_LEN], access_point[NAME_MAX_LEN];
	const yaml_node_t *labels;
};

/* A family that was named but does not exist: its fault is told. */
#define INVENTORY_FAMILY_WRONG WIPY_FAMILY_COUNT

struct inventory_ports {
	int64_t telnet, ftp, data; /* 0: not said */
};

/* All that defaults and boards can both say. */
struct inventory_manner {
	enum wipy_family family;
	char release[NAME_MAX_LEN];
	bool may_interrupt;
	struct inventory_ports ports;
	bool ports_known; /* false: they have faults, so nothing is compared with them */
	int64_t poll_every_ms;
	enum poll_method poll_method;
	const struct probe_list *probes; /* NULL: nothing is said of them */
	struct inventory_login login;    /* user "" and password "": the family's */
};

struct inventory_type {
	char name[NAME_MAX_LEN];
	char release[NAME_MAX_LEN];
	enum wipy_family family;
	const struct fit_rules *accept;  /* NULL: anything */
	const struct probe_list *probes; /* NULL: nothing is said of them */
};
struct inventory_release {
	char name[NAME_MAX_LEN];
};

/* One reading of one file. */
struct inventory_reading {
	struct yaml_file file;
	struct inventory_secrets secrets;
	struct inventory_manner defaults;
	struct inventory_type *type; /* sorted by name */
	size_t type_count;
	struct inventory_release *site_release; /* as inventory->site */
	struct inventory *inventory;            /* boards in the order of the file */
	const yaml_node_t **origin; /* where the name of each board stands */
	size_t capacity;
	bool full;                /* too many boards: told once */
	bool access_points_named; /* there is a list of access points */
};

/* An entry of a mapping from names to anything; borrowed from the document. */
struct inventory_named {
	const char *name;
	const yaml_node_t *key, *value;
};

/* Reads the three parts (NULL: not there). Faults are added, as everywhere here. */
void inventory_parts_read(struct inventory_reading *r, const yaml_node_t *defaults,
	const yaml_node_t *types, const yaml_node_t *sites);
void inventory_parts_done(struct inventory_reading *r);

/* Holds one entry of `boards:` against its keys. *keys is overwritten. */
void inventory_board_keys_read(struct inventory_reading *r, const yaml_node_t *node,
	struct inventory_board_keys *keys);
/* All of a board but name, address and labels. */
void inventory_spec_read(struct inventory_reading *r, const yaml_node_t *node,
	const struct inventory_board_keys *keys, struct board_spec *spec);
/* Returns a malloc'ed list. */
struct inventory_named *inventory_labels_read(
	struct inventory_reading *r, const yaml_node_t *node, size_t *ret_count);

/* A mapping from names to anything, sorted by name; keys that are no names, or repeated,
 * are told and left out. Returns a malloc'ed list. */
struct inventory_named *inventory_named_read(struct inventory_reading *r,
	const yaml_node_t *node, const char *what, size_t *ret_count);

/* The value of a key that is in the mapping. */
const yaml_node_t *inventory_value_of(
	struct inventory_reading *r, const yaml_node_t *mapping, const char *key);
/* "key:" with nothing behind it, or NULL. */
bool inventory_node_is_empty(const yaml_node_t *node);

/* Running out of memory ends the program. */
static inline void *inventory_need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}
static inline void *inventory_array(size_t count, size_t size)
{
	return inventory_need(calloc(count ? count : 1, size));
}

#endif
