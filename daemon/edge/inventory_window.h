/* SPDX-License-Identifier: MIT
 *
 * The maintenance windows of a site while an inventory is read: `timezone`, `windows` and
 * `blackout`.
 */
#ifndef WIPY_EDGE_INVENTORY_WINDOW_H
#define WIPY_EDGE_INVENTORY_WINDOW_H

#include "daemon/edge/inventory.h"
#include "daemon/edge/yaml_check.h"

/* The values of the keys at one site; NULL: not there. */
struct inventory_window_keys {
	const yaml_node_t *timezone, *windows, *blackout;
};

/* Returns the site's windows, malloc'ed, or NULL without the keys or with faults, which
 * are added. Given back by inventory_windows_free(). */
struct site_windows *inventory_windows_read(
	struct yaml_file *file, const struct inventory_window_keys *keys);
/* NULL is fine. */
void inventory_windows_free(struct site_windows *windows);

#endif
