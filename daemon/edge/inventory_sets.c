/* SPDX-License-Identifier: MIT
 *
 * Saved selectors, and the labels that selectors may name.
 */
#include "config.h"

#include "daemon/edge/inventory_sets.h"

#include <string.h>

#define SETS_MAX 200

/* ---- labels ---------------------------------------------------------------------- */

/* The place of a label in the sorted list, or where it belongs. */
static size_t place_of(
	const struct inventory *inventory, const char *key, bool *ret_there)
{
	size_t low = 0, high = inventory->label_count;

	*ret_there = false;
	while (low < high && !*ret_there) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, inventory->label[middle]);

		*ret_there = order == 0;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static void list_labels(struct inventory *inventory)
{
	size_t capacity = 64;

	inventory->label = inventory_array(capacity, sizeof(*inventory->label));
	for (size_t i = 0; i < inventory->board_count; i++) {
		const struct board_spec *spec = &inventory->board[i];

		for (size_t k = 0; k < spec->label_count; k++) {
			bool there;
			size_t at = place_of(inventory, spec->label[k].key, &there);
			const char **label = inventory->label;

			if (there)
				continue;
			if (inventory->label_count == capacity)
				label = inventory_need(realloc(
					label, (capacity *= 2) * sizeof(*label)));
			memmove(label + at + 1, label + at,
				(inventory->label_count++ - at) * sizeof(*label));
			label[at] = spec->label[k].key;
			inventory->label = label;
		}
	}
}

/* ---- sets ------------------------------------------------------------------------ */

static bool is_text(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length > 0 &&
	       node->data.scalar.length < SELECTOR_MAX &&
	       strlen((const char *)node->data.scalar.value) ==
		       node->data.scalar.length;
}

static void add_set(struct inventory_reading *r, const struct inventory_named *named)
{
	struct inventory *inventory = r->inventory;
	struct selector_set *set = &inventory->set[inventory->set_count];

	if (!is_text(named->value)) {
		yaml_problem(&r->file, named->value,
			"'%s': expected a selector of 1 to %d characters, such as "
			"\"site=berlin, room=b12\"",
			named->name, SELECTOR_MAX - 1);
		return;
	}
	memcpy(set->name, named->name, strlen(named->name) + 1);
	set->text =
		inventory_need(strdup((const char *)named->value->data.scalar.value));
	inventory->set_count++;
}

static void check_set(struct inventory_reading *r, const struct selector_set *set,
	const yaml_node_t *node)
{
	const struct selector_words words = inventory_selector_words(r->inventory);
	struct selector *selector = inventory_array(1, sizeof(*selector));
	struct errtext error;
	char itself[NAME_MAX_LEN + 1] = "@";

	/* Read as others name it: what it says of itself is found too. */
	memcpy(itself + 1, set->name, strlen(set->name) + 1);
	if (selector_parse(itself, &words, selector, &error) < 0)
		yaml_problem(&r->file, node, "%s", error.text);
	free(selector);
}

void inventory_sets_read(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory *inventory = r->inventory;
	struct inventory_named *list;
	size_t count, next = 0;

	list_labels(inventory);
	list = inventory_named_read(r, node, "sets", &count);
	if (count > SETS_MAX) {
		yaml_problem(
			&r->file, node, "'sets': at most %d saved selectors", SETS_MAX);
		count = SETS_MAX;
	}
	inventory->set = inventory_array(count, sizeof(*inventory->set));
	for (size_t i = 0; i < count; i++)
		add_set(r, &list[i]);
	for (size_t i = 0; i < count && next < inventory->set_count; i++)
		if (strcmp(list[i].name, inventory->set[next].name) == 0)
			check_set(r, &inventory->set[next++], list[i].value);
	free(list);
}

void inventory_sets_free(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->set_count; i++)
		free(inventory->set[i].text);
	free(inventory->set);
	free(inventory->label);
}

struct selector_words inventory_selector_words(const struct inventory *inventory)
{
	return (struct selector_words){.set = inventory->set,
		.set_count = inventory->set_count,
		.label = inventory->label,
		.label_count = inventory->label_count};
}
