/* SPDX-License-Identifier: MIT
 *
 * Saved selectors: `sets: {canaries: "site=berlin, room=b12"}`. Each is read when the file
 * is, so that one with a fault, or one that contains itself, is never in force.
 */
#ifndef WIPY_EDGE_INVENTORY_SETS_H
#define WIPY_EDGE_INVENTORY_SETS_H

#include "daemon/edge/inventory_parts.h"

/* Once all boards are there, whose labels they may name (node NULL: the key is not there);
 * also without any it fills the inventory's list of labels. */
void inventory_sets_read(struct inventory_reading *r, const yaml_node_t *node);
void inventory_sets_free(struct inventory *inventory);

#endif
