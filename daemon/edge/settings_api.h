/* SPDX-License-Identifier: MIT
 *
 * The part of wipyd.yaml that says who may do what over the API, and where else than on
 * the socket it listens. Private to the settings.
 */
#ifndef WIPY_EDGE_SETTINGS_API_H
#define WIPY_EDGE_SETTINGS_API_H

#include <stdbool.h>

#include "daemon/edge/settings.h"
#include "daemon/edge/yaml_check.h"

/* The mapping under `api`. Groups are looked up, the file of tokens is read: this blocks.
 * Faults are added, those of the tokens with that file's name and line; returns whether
 * there were none. */
bool settings_read_api(struct yaml_file *file, const yaml_node_t *node,
	struct settings *settings) WARN_UNUSED;
/* Frees what it has filled. */
void settings_api_done(struct settings *settings);

/* settings_tokens.c: one token a line. `node` is where the file is named. */
bool settings_read_tokens(struct yaml_file *file, const yaml_node_t *node,
	const char *path, struct access_rules *access) WARN_UNUSED;

#endif
