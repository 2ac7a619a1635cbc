/* SPDX-License-Identifier: MIT
 *
 * No board twice: names, and ports at one address, must be unique over an inventory. In
 * time proportional to the number of boards.
 */
#ifndef WIPY_EDGE_INVENTORY_UNIQUE_H
#define WIPY_EDGE_INVENTORY_UNIQUE_H

#include "daemon/edge/inventory.h"
#include "daemon/edge/yaml_check.h"

/* Boards in the order of the file, and where the name of each stands. Adds a fault at
 * the later of two that collide, naming the line of the earlier. A port of 0 is not
 * looked at. */
void inventory_check_unique(struct yaml_file *file, const struct board_spec *board,
	const yaml_node_t *const *origin, size_t count);

#endif
