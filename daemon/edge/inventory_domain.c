/* SPDX-License-Identifier: MIT
 *
 * Access points and rooms: boards are sorted by the name of theirs, and each new name in
 * that order is the next place in the list.
 */
#include "config.h"

#include "daemon/edge/inventory_domain.h"

#include <string.h>

#define PUSHES_MAX 4096

struct access_point_keys {
	int64_t max_pushes, bandwidth;
};

#define KEY(field) offsetof(struct access_point_keys, field)

static const struct yaml_key access_point_table[] = {
	{"max-pushes", YAML_KEY_INT, KEY(max_pushes), 1, PUSHES_MAX, false},
	{"bandwidth", YAML_KEY_BYTES, KEY(bandwidth), INVENTORY_RATE_MIN,
		INVENTORY_RATE_MAX, false},
	{NULL, 0, 0, 0, 0, false},
};

void inventory_access_points_read(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory *inventory = r->inventory;
	struct inventory_named *list = inventory_named_read(
		r, node, "access-points", &inventory->access_point_count);

	r->access_points_named = node != NULL;
	inventory->access_point = inventory_array(
		inventory->access_point_count, sizeof(*inventory->access_point));
	for (size_t i = 0; i < inventory->access_point_count; i++) {
		struct access_point *point = &inventory->access_point[i];
		struct access_point_keys keys = {0};

		(void)!yaml_check_mapping(
			&r->file, list[i].value, access_point_table, &keys);
		strcpy(point->name, list[i].name);
		point->max_pushes = (int)keys.max_pushes;
		point->bandwidth = keys.bandwidth;
	}
	free(list);
}

/* ---- the lists ------------------------------------------------------------------- */

struct ref {
	int site; /* rooms of two sites are two rooms */
	const char *name;
	struct board_spec *spec;
};

static int ref_order(const void *va, const void *vb)
{
	const struct ref *a = va, *b = vb;

	if (a->site != b->site)
		return a->site < b->site ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int point_order(const void *name, const void *point)
{
	return strcmp(name, ((const struct access_point *)point)->name);
}

static const char *room_of(const struct board_spec *spec)
{
	for (size_t i = 0; i < spec->label_count; i++)
		if (strcmp(spec->label[i].key, "room") == 0)
			return spec->label[i].value;
	return "";
}

/* The list of those that boards name, with the limits of those that have some. */
static void index_access_points(
	struct inventory *inventory, const struct ref *ref, size_t count)
{
	struct access_point *point = inventory_array(count, sizeof(*point));
	size_t points = 0;

	for (size_t i = 0; i < count; i++) {
		const struct access_point *limits;

		if (i == 0 || ref_order(&ref[i - 1], &ref[i]) != 0) {
			limits = bsearch(ref[i].name, inventory->access_point,
				inventory->access_point_count, sizeof(*limits),
				point_order);
			if (limits)
				point[points] = *limits;
			strcpy(point[points++].name, ref[i].name);
		}
		ref[i].spec->access_point_at = (int)points - 1;
	}
	free(inventory->access_point);
	inventory->access_point = point;
	inventory->access_point_count = points;
}

static void index_rooms(
	struct inventory *inventory, const struct ref *ref, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		inventory->room_count += i == 0 || ref_order(&ref[i - 1], &ref[i]) != 0;
		ref[i].spec->room_at = (int)inventory->room_count - 1;
	}
}

void inventory_domains_index(struct inventory *inventory)
{
	struct ref *point = inventory_array(inventory->board_count, sizeof(*point));
	struct ref *room = inventory_array(inventory->board_count, sizeof(*room));
	size_t points = 0, rooms = 0;

	for (size_t i = 0; i < inventory->board_count; i++) {
		struct board_spec *spec = &inventory->board[i];

		spec->access_point_at = spec->room_at = -1;
		if (*spec->access_point)
			point[points++] = (struct ref){0, spec->access_point, spec};
		if (*room_of(spec))
			room[rooms++] = (struct ref){spec->site, room_of(spec), spec};
	}
	qsort(point, points, sizeof(*point), ref_order);
	qsort(room, rooms, sizeof(*room), ref_order);
	index_access_points(inventory, point, points);
	index_rooms(inventory, room, rooms);
	free(point);
	free(room);
}
