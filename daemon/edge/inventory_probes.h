/* SPDX-License-Identifier: MIT
 *
 * The probes of an inventory: what a board is asked while it soaks. Boards share lists;
 * the inventory owns them.
 */
#ifndef WIPY_EDGE_INVENTORY_PROBES_H
#define WIPY_EDGE_INVENTORY_PROBES_H

#include "daemon/core/probe.h"
#include "daemon/edge/yaml_check.h"

/* Reads a `probes:` list; faults are added. Returns a list for
 * inventory_probes_free(), NULL for NULL; what has faults is left out of it. */
struct probe_list *inventory_probes_read(
	struct yaml_file *file, const yaml_node_t *node);
void inventory_probes_free(struct probe_list *list);

/* Whether both ask the same; NULL asks nothing. */
bool inventory_probes_equal(const struct probe_list *a, const struct probe_list *b);

#endif
