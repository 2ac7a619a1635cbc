/* SPDX-License-Identifier: MIT
 *
 * Where boards can go down together, besides their site: behind one access point, in one
 * room of a site. Reads `access-points` and gives each board its places in the lists.
 */
#ifndef WIPY_EDGE_INVENTORY_DOMAIN_H
#define WIPY_EDGE_INVENTORY_DOMAIN_H

#include "daemon/edge/inventory_parts.h"

/* Bytes a second, as a key of a site, an access point or the settings. */
#define INVENTORY_RATE_MIN BUCKET_FLOOR
#define INVENTORY_RATE_MAX BUCKET_RATE_MAX

/* Reads the limits of access points (node NULL: the key is not there). */
void inventory_access_points_read(struct inventory_reading *r, const yaml_node_t *node);

/* Once all boards are there, and stay where they are: fills access_point_at and room_at
 * of each, and the inventory's lists. */
void inventory_domains_index(struct inventory *inventory);

#endif
