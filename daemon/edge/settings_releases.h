/* SPDX-License-Identifier: MIT
 *
 * The part of wipyd.yaml that says whose releases are taken. Private to the settings.
 */
#ifndef WIPY_EDGE_SETTINGS_RELEASES_H
#define WIPY_EDGE_SETTINGS_RELEASES_H

#include <stdbool.h>

#include "daemon/edge/minisign.h"
#include "daemon/edge/yaml_check.h"

/* A path that stands in the settings file is relative to its folder; malloc'ed. */
char *settings_path(const char *file, const char *path);

/* The mapping under `releases`. Key files are read. *ret_ca_file: malloc'ed, or as it was. Faults are added; returns whether
 * there were none. */
bool settings_read_releases(struct yaml_file *file, const yaml_node_t *node,
	struct minisign_trust *trust, char **ret_ca_file) WARN_UNUSED;

/* The mapping under `channels`; malloc'ed, also where there are faults. */
struct release_channel;
bool settings_read_channels(struct yaml_file *file, const yaml_node_t *node,
	struct release_channel **ret_channel, size_t *ret_count) WARN_UNUSED;

#endif
