/* SPDX-License-Identifier: MIT
 *
 * Selectors once they are read: which boards they mean, and how they are written.
 */
#include <errno.h>
#include <string.h>

#include "common/fingerprint.h"
#include "common/text.h"
#include "daemon/core/pattern.h"
#include "daemon/core/selector.h"

static const char *const key_names[SELECTOR_LABEL] = {
	[SELECTOR_NAME] = "name",
	[SELECTOR_SITE] = "site",
	[SELECTOR_ACCESS_POINT] = "access-point",
	[SELECTOR_FAMILY] = "family",
	[SELECTOR_TYPE] = "type",
	[SELECTOR_REACH] = "reach",
	[SELECTOR_ACCESS] = "access",
	[SELECTOR_VERSION] = "version",
	[SELECTOR_VERSION_STATE] = "version-state",
	[SELECTOR_RELEASE] = "release",
	[SELECTOR_TARGET] = "target",
	[SELECTOR_STATE] = "state",
};

const char *selector_key_name(enum selector_key key)
{
	return key < SELECTOR_LABEL ? key_names[key] : NULL;
}

enum selector_key selector_key_by_name(const char *name)
{
	int key = 0;

	while (key < SELECTOR_LABEL && strcmp(key_names[key], name) != 0)
		key++;
	return (enum selector_key)key;
}

static const char *known_state(size_t i)
{
	if (i < REACH_COUNT)
		return reach_name((enum reach)i);
	i -= REACH_COUNT;
	if (i < ACCESS_COUNT)
		return access_name((enum access)i);
	i -= ACCESS_COUNT;
	if (i < VERSION_COUNT)
		return version_name((enum version_state)i);
	i -= VERSION_COUNT;
	if (i < TASK_STATE_COUNT)
		return task_state_name((enum task_state)i);
	return condition_name(i - TASK_STATE_COUNT);
}

const char *selector_known_value(enum selector_key key, size_t i)
{
	const char *name = NULL;

	if (key == SELECTOR_FAMILY && i < WIPY_FAMILY_COUNT)
		name = wipy_family_facts((enum wipy_family)i)->name;
	else if (key == SELECTOR_REACH && i < REACH_COUNT)
		name = reach_name((enum reach)i);
	else if (key == SELECTOR_ACCESS && i < ACCESS_COUNT)
		name = access_name((enum access)i);
	else if (key == SELECTOR_VERSION_STATE && i < VERSION_COUNT)
		name = version_name((enum version_state)i);
	else if (key == SELECTOR_STATE)
		name = known_state(i);
	return name;
}

/* ---- matching -------------------------------------------------------------------- */

/* "v1.8.7" is also each build that grew out of it (DESIGN.md 2). */
static bool is_base(const struct selector *selector, const struct selector_value *value,
	const char *tag)
{
	char base[WIPY_TAG_MAX];

	return wipy_text_copy(base, sizeof(base), selector->text + value->span.at,
		       value->span.len) &&
	       wipy_version_has_base(tag, base);
}

static bool value_holds(const struct selector *selector,
	const struct selector_value *value, const char *have)
{
	const char *text = selector->text + value->span.at;
	size_t len = value->span.len;

	if (value->quoted)
		return strlen(have) == len && memcmp(have, text, len) == 0;
	return pattern_match(text, len, have);
}

static bool one_holds(const struct selector *selector, const struct selector_node *node,
	const char *have, size_t index)
{
	for (size_t i = 0; i < node->value_count; i++) {
		const struct selector_value *value =
			&selector->value[node->first_value + i];

		if (value_holds(selector, value, have) ||
			(node->key == SELECTOR_VERSION && index == 0 &&
				is_base(selector, value, have)))
			return true;
	}
	return false;
}

static bool term_holds(const struct selector *selector,
	const struct selector_node *node, selector_value_fn value, void *arg)
{
	char label[NAME_MAX_LEN];
	const char *have;

	(void)wipy_text_copy(
		label, sizeof(label), selector->text + node->name.at, node->name.len);
	for (size_t i = 0; (have = value(arg, node->key, label, i)); i++)
		if (one_holds(selector, node, have, i))
			return !node->negated;
	return node->negated;
}

static bool node_holds(const struct selector *selector, size_t index,
	selector_value_fn value, void *arg)
{
	const struct selector_node *node = &selector->node[index];

	switch (node->op) {
	case SELECTOR_TERM:
		return term_holds(selector, node, value, arg);
	case SELECTOR_NOT:
		return !node_holds(selector, node->left, value, arg);
	case SELECTOR_AND:
		return node_holds(selector, node->left, value, arg) &&
		       node_holds(selector, node->right, value, arg);
	case SELECTOR_OR:
		return node_holds(selector, node->left, value, arg) ||
		       node_holds(selector, node->right, value, arg);
	case SELECTOR_SET:
		break;
	}
	return node_holds(selector, node->left, value, arg);
}

bool selector_match(const struct selector *selector, selector_value_fn value, void *arg)
{
	return selector->count == 0 ||
	       node_holds(selector, selector->count - 1, value, arg);
}

void selector_match_each(const struct selector *selector, selector_value_fn value,
	void *arg, bool ret_holds[SELECTOR_NODES])
{
	for (size_t i = 0; i < selector->count; i++) {
		const struct selector_node *node = &selector->node[i];
		bool left, right;

		ret_holds[i] = false; /* a term's own `left` may be itself */
		left = ret_holds[node->left];
		right = ret_holds[node->right];
		switch (node->op) {
		case SELECTOR_TERM:
			ret_holds[i] = term_holds(selector, node, value, arg);
			break;
		case SELECTOR_NOT:
			ret_holds[i] = !left;
			break;
		case SELECTOR_AND:
			ret_holds[i] = left && right;
			break;
		case SELECTOR_OR:
			ret_holds[i] = left || right;
			break;
		case SELECTOR_SET:
			ret_holds[i] = left;
			break;
		}
	}
}

/* ---- writing --------------------------------------------------------------------- */

static void write_value(const struct selector *selector,
	const struct selector_value *value, struct wipy_text *text)
{
	wipy_text_str(text, value->quoted ? "\"" : "");
	wipy_text_bytes(text, selector->text + value->span.at, value->span.len);
	wipy_text_str(text, value->quoted ? "\"" : "");
}

static void write_term(const struct selector *selector,
	const struct selector_node *node, struct wipy_text *text)
{
	wipy_text_bytes(text, selector->text + node->name.at, node->name.len);
	if (node->list)
		wipy_text_str(text, node->negated ? " not in (" : " in (");
	else
		wipy_text_str(text, node->negated ? "!=" : "=");
	for (size_t i = 0; i < node->value_count; i++) {
		/* Without a blank, behind which `b=c` would be a term. */
		wipy_text_str(text, i > 0 ? "," : "");
		write_value(selector, &selector->value[node->first_value + i], text);
	}
	wipy_text_str(text, node->list ? ")" : "");
}

/* What binds weaker than its place asks for goes into parentheses. */
static void write_node(const struct selector *selector, size_t index,
	enum selector_op place, struct wipy_text *text)
{
	const struct selector_node *node = &selector->node[index];
	bool looser;

	while (node->op == SELECTOR_SET)
		node = &selector->node[node->left];
	looser = (node->op == SELECTOR_OR && place != SELECTOR_OR) ||
		 (node->op == SELECTOR_AND && place == SELECTOR_NOT);
	wipy_text_str(text, looser ? "(" : "");
	if (node->op == SELECTOR_TERM) {
		write_term(selector, node, text);
	} else if (node->op == SELECTOR_NOT) {
		wipy_text_str(text, "not ");
		write_node(selector, node->left, SELECTOR_NOT, text);
	} else {
		write_node(selector, node->left, node->op, text);
		wipy_text_str(text, node->op == SELECTOR_AND ? ", " : " | ");
		write_node(selector, node->right, node->op, text);
	}
	wipy_text_str(text, looser ? ")" : "");
}

int selector_format_node(
	const struct selector *selector, size_t node, char *ret_text, size_t cap)
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, cap);
	write_node(selector, node, SELECTOR_OR, &text);
	return text.cut ? -EMSGSIZE : 0;
}

int selector_format(const struct selector *selector, char *ret_text, size_t cap)
{
	if (selector->count > 0)
		return selector_format_node(
			selector, selector->count - 1, ret_text, cap);
	ret_text[0] = '\0';
	return 0;
}
