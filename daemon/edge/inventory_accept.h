/* SPDX-License-Identifier: MIT
 *
 * What a type of boards accepts. Private to the inventory.
 */
#ifndef WIPY_EDGE_INVENTORY_ACCEPT_H
#define WIPY_EDGE_INVENTORY_ACCEPT_H

#include "daemon/core/fit.h"
#include "daemon/edge/yaml_check.h"

/* Reads an `accept:` mapping; faults are added. malloc'ed; NULL for NULL. */
struct fit_rules *inventory_accept_read(
	struct yaml_file *file, const yaml_node_t *node) WARN_UNUSED;

/* Both accept the same; NULL accepts anything. */
bool inventory_accept_equal(const struct fit_rules *a, const struct fit_rules *b);

#endif
