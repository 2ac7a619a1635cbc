/* SPDX-License-Identifier: MIT
 *
 * What the two halves of yaml_check.h share, and nobody else needs: how a node shows
 * that it was refused while the file was read, and that nothing was written.
 */
#ifndef WIPY_EDGE_YAML_LOAD_H
#define WIPY_EDGE_YAML_LOAD_H

#include <stdbool.h>
#include <string.h>
#include <yaml.h>

/* The tag of a node whose fault is already told: the stand-in for an alias, a merge key.
 * The document's own tags begin with "tag:". */
#define YAML_TAG_REFUSED "!"

static inline bool yaml_node_is_refused(const yaml_node_t *node)
{
	return strcmp((const char *)node->tag, YAML_TAG_REFUSED) == 0;
}

/* "key:" with no value, or the words that YAML has for it. */
static inline bool yaml_node_is_nothing(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE ||
		node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	text = (const char *)node->data.scalar.value;
	return !*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

#endif
