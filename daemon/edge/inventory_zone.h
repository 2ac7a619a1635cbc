/* SPDX-License-Identifier: MIT
 *
 * Time zones of the machine: IANA names, looked up in $TZDIR or /usr/share/zoneinfo.
 */
#ifndef WIPY_EDGE_INVENTORY_ZONE_H
#define WIPY_EDGE_INVENTORY_ZONE_H

#include "common/err.h"
#include "daemon/core/zone.h"

/* Fills *ret_zone from the file of that name. Returns 0 or a negated errno with what is
 * wrong in *ret_error; *ret_zone is undefined then. Blocks. */
int inventory_zone_load(
	const char *name, struct zone *ret_zone, struct errtext *ret_error) WARN_UNUSED;

#endif
