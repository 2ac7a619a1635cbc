/* SPDX-License-Identifier: MIT
 *
 * The second half of yaml_check.h: a mapping held against a table of keys. Every value
 * of a type is parsed and every fault worded here, so that all files speak alike. A value
 * is quoted in a fault, but shortened; the value of an unknown key never is.
 */
#include "config.h"

#include "daemon/edge/yaml_check.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/text.h"
#include "common/utc.h"
#include "daemon/core/model.h"
#include "daemon/edge/yaml_load.h"

#define KEYS_MAX  32 /* rows of one table */
#define SHOWN_MAX 60 /* bytes of a value or a key that a sentence quotes */

struct unit {
	const char *name;
	int64_t factor;
};

/* From small to large; closed by a NULL name. */
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit percent_units[] = {{"%", 1}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000},
	{"h", 60 * 60 * 1000}, {"d", 24 * 60 * 60 * 1000}, {NULL, 0}};
static const struct unit bytes_units[] = {{"B", 1}, {"kB", 1000}, {"MB", 1000 * 1000},
	{"GB", 1000 * 1000 * 1000}, {NULL, 0}};
static const struct unit size_units[] = {
	{"B", 1}, {"KiB", 1024}, {"MiB", 1024 * 1024}, {NULL, 0}};

struct type_facts {
	const char *expected;
	const struct unit *units; /* NULL: not a number */
};

static const struct type_facts type_facts[] = {
	[YAML_KEY_NODE] = {"something", NULL},
	[YAML_KEY_STRING] = {"a text", NULL},
	[YAML_KEY_TEXT] = {"a text", NULL},
	[YAML_KEY_TIME] = {"a time in UTC such as 2026-11-20T11:00:00Z", NULL},
	[YAML_KEY_NAME] = {"a name of letters, digits, '-', '_' and '.', at most 63",
		NULL},
	[YAML_KEY_INT] = {"a whole number such as 12", no_units},
	[YAML_KEY_BOOL] = {"true or false", NULL},
	[YAML_KEY_DURATION] = {"a duration such as 30s, 5m or 2h", duration_units},
	[YAML_KEY_PERCENT] = {"a percentage such as 25%", percent_units},
	[YAML_KEY_BYTES] = {"an amount such as 500kB or 2MB", bytes_units},
	[YAML_KEY_SIZE] = {"a size such as 512KiB or 1MiB", size_units},
	[YAML_KEY_SHARE] = {"a number such as 3 or a percentage such as 5%", no_units},
};

static const char *scalar_text(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static bool is_plain(const yaml_node_t *node)
{
	return node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* ---- values ---------------------------------------------------------------------- */

/* Decimal digits without a leading zero; beyond the type they stay at its maximum, so
 * that the range check speaks. */
static bool parse_digits(const char **at, int64_t *ret_value)
{
	const char *p = *at;
	int64_t value = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_add_overflow(value, *p - '0', &value))
			value = INT64_MAX;
	*at = p;
	*ret_value = value;
	return true;
}

/* A number and, without a blank, one of the units. */
static bool parse_quantity(
	const char *text, size_t len, const struct unit *units, int64_t *ret_value)
{
	const char *at = text;
	bool minus = *at == '-';
	int64_t value;

	at += minus;
	if (!parse_digits(&at, &value))
		return false;
	len -= (size_t)(at - text);
	for (; units->name; units++) {
		if (strlen(units->name) != len || strncmp(units->name, at, len) != 0)
			continue;
		if (__builtin_mul_overflow(value, units->factor, &value))
			value = INT64_MAX;
		*ret_value = minus ? -value : value;
		return true;
	}
	return false;
}

static bool parse_number(
	const yaml_node_t *node, enum yaml_type type, int64_t *ret_value)
{
	const char *text = scalar_text(node);
	size_t len = strlen(text);

	if (type == YAML_KEY_BYTES && len > 2 && strcmp(text + len - 2, "/s") == 0)
		len -= 2;
	if (parse_quantity(text, len, type_facts[type].units, ret_value))
		return type != YAML_KEY_INT || is_plain(node);
	return type == YAML_KEY_PERCENT && is_plain(node) &&
	       parse_quantity(text, len, no_units, ret_value);
}

static bool parse_bool(const yaml_node_t *node, bool *ret_value)
{
	bool yes = strcmp(scalar_text(node), "true") == 0;

	if (!is_plain(node) || (!yes && strcmp(scalar_text(node), "false") != 0))
		return false;
	*ret_value = yes;
	return true;
}

/* Without a NUL and the like: escapes in quotes can spell any byte. */
static bool is_text(const yaml_node_t *node, bool one_line)
{
	const unsigned char *at = node->data.scalar.value;

	for (size_t i = 0; i < node->data.scalar.length; i++)
		if ((at[i] < 0x20 && (one_line || at[i] != '\n')) || at[i] == 0x7f)
			return false;
	return true;
}

/* ---- faults ---------------------------------------------------------------------- */

/* The largest unit that gives a whole number. */
static void format_quantity(char *buf, size_t cap, enum yaml_type type, int64_t value)
{
	const struct unit *unit = type_facts[type].units, *best = unit;

	if (type == YAML_KEY_DURATION && value == 0)
		best = unit + 1; /* "0s" */
	for (; value && unit->name; unit++)
		if (value % unit->factor == 0)
			best = unit;
	snprintf(buf, cap, "%" PRId64 "%s", value / best->factor, best->name);
}

static void tell_expected(
	struct yaml_file *file, const yaml_node_t *value, const struct yaml_key *key)
{
	const char *expected = type_facts[key->type].expected;
	const char *found = "nothing";

	if (value->type == YAML_MAPPING_NODE)
		found = "keys and values";
	else if (value->type == YAML_SEQUENCE_NODE)
		found = "a list";
	else if (!is_text(value, key->type != YAML_KEY_TEXT))
		found = "control characters";
	else if (!yaml_node_is_nothing(value))
		found = NULL;
	if (found)
		yaml_problem(file, value, "'%s': expected %s, found %s", key->name,
			expected, found);
	else
		yaml_problem(file, value, "'%s': expected %s, found %s'%.*s'",
			key->name, expected, is_plain(value) ? "" : "the quoted text ",
			SHOWN_MAX, scalar_text(value));
}

static bool check_range(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *key, int64_t value)
{
	char min[32], max[32];

	if ((key->min == 0 && key->max == 0) ||
		(value >= key->min && value <= key->max))
		return true;
	format_quantity(min, sizeof(min), key->type, key->min);
	format_quantity(max, sizeof(max), key->type, key->max);
	if (key->min == key->max)
		yaml_problem(file, node, "'%s' must be %s, found '%.*s'", key->name,
			min, SHOWN_MAX, scalar_text(node));
	else
		yaml_problem(file, node, "'%s' must be between %s and %s, found '%.*s'",
			key->name, min, max, SHOWN_MAX, scalar_text(node));
	return false;
}

static bool check_length(
	struct yaml_file *file, const yaml_node_t *node, const struct yaml_key *key)
{
	int64_t len = (int64_t)node->data.scalar.length;

	if ((key->min == 0 && key->max == 0) || (len >= key->min && len <= key->max))
		return true;
	yaml_problem(file, node,
		"'%s' must have %" PRId64 " to %" PRId64 " characters, it has %" PRId64,
		key->name, key->min, key->max, len);
	return false;
}

/* ---- storing --------------------------------------------------------------------- */

/* The field is NULL or an earlier malloc'ed value. */
static bool store_string(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *key, char **field)
{
	char *copy;

	if (!check_length(file, node, key))
		return false;
	copy = strdup(scalar_text(node));
	if (!copy)
		abort();
	free(*field);
	*field = copy;
	return true;
}

static bool store_number(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *key, int64_t *field)
{
	int64_t value;

	if (!parse_number(node, key->type, &value)) {
		tell_expected(file, node, key);
		return false;
	}
	if (!check_range(file, node, key, value))
		return false;
	*field = value;
	return true;
}

static bool store_share(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *key, struct yaml_share *field)
{
	const char *text = scalar_text(node);
	struct yaml_key as = *key;
	bool percent = *text && text[strlen(text) - 1] == '%';

	if (percent)
		as = (struct yaml_key){key->name, YAML_KEY_PERCENT, 0, 0, 100, false};
	if (!percent && !parse_quantity(text, strlen(text), no_units, &(int64_t){0})) {
		tell_expected(file, node, key);
		return false;
	}
	if (!store_number(file, node, &as, &field->value))
		return false;
	field->percent = percent;
	return true;
}

static bool store(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *key, void *target)
{
	void *field = (char *)target + key->offset;
	bool usable;

	if (yaml_node_is_refused(node))
		return false;
	if (key->type == YAML_KEY_NODE) {
		*(const yaml_node_t **)field = node;
		return true;
	}
	usable = node->type == YAML_SCALAR_NODE && !yaml_node_is_nothing(node) &&
		 is_text(node, key->type != YAML_KEY_TEXT);
	if (usable && (key->type == YAML_KEY_STRING || key->type == YAML_KEY_TEXT))
		return store_string(file, node, key, field);
	if (usable && key->type == YAML_KEY_SHARE)
		return store_share(file, node, key, field);
	if (usable && type_facts[key->type].units)
		return store_number(file, node, key, field);
	if (usable && key->type == YAML_KEY_BOOL && parse_bool(node, field))
		return true;
	if (usable && key->type == YAML_KEY_TIME &&
		wipy_utc_parse(scalar_text(node), field) == 0)
		return true;
	if (usable && key->type == YAML_KEY_NAME &&
		wipy_text_is_name(scalar_text(node), NAME_MAX_LEN)) {
		strcpy(field, scalar_text(node));
		return true;
	}
	tell_expected(file, node, key);
	return false;
}

/* ---- keys ------------------------------------------------------------------------ */

static void tell_unknown(
	struct yaml_file *file, const yaml_node_t *node, const struct yaml_key *keys)
{
	const char *word = scalar_text(node);
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (; keys->name; keys++)
		nearest_try(&nearest, keys->name);
	if (nearest.best[0])
		yaml_problem(file, node, "unknown key '%.*s' (did you mean '%s'?)",
			SHOWN_MAX, word, nearest.best);
	else
		yaml_problem(file, node, "unknown key '%.*s'", SHOWN_MAX, word);
}

static int find_key(const yaml_node_t *node, const struct yaml_key *keys)
{
	for (int i = 0; keys[i].name; i++)
		if (strlen(keys[i].name) == node->data.scalar.length &&
			strcmp(keys[i].name, scalar_text(node)) == 0)
			return i;
	return -1;
}

static bool check_pair(struct yaml_file *file, const yaml_node_pair_t *pair,
	const struct yaml_key *keys, const yaml_node_t **seen, void *target)
{
	const yaml_node_t *key = yaml_file_node(file, pair->key);
	const yaml_node_t *value = yaml_file_node(file, pair->value);
	int i;

	if (yaml_node_is_refused(key))
		return false;
	if (key->type != YAML_SCALAR_NODE) {
		yaml_problem(
			file, key, "a key must be a word, not a list or a mapping");
		return false;
	}
	i = find_key(key, keys);
	if (i < 0) {
		tell_unknown(file, key, keys);
		return false;
	}
	if (seen[i]) {
		yaml_problem(file, key,
			"repeated key '%s': the first one is in line %zu", keys[i].name,
			seen[i]->start_mark.line + 1);
		return false;
	}
	seen[i] = key;
	return store(file, value, &keys[i], target);
}

bool yaml_check_mapping(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *keys, void *target)
{
	const yaml_node_t *seen[KEYS_MAX] = {NULL};
	bool nothing = !node || yaml_node_is_nothing(node), good = true;

	for (size_t i = 0; keys[i].name; i++)
		assert(i < KEYS_MAX);
	if (node && yaml_node_is_refused(node))
		return false;
	if (!nothing && node->type != YAML_MAPPING_NODE) {
		yaml_problem(file, node,
			"expected keys with values (key: value), found %s",
			node->type == YAML_SEQUENCE_NODE ? "a list" : "a text");
		return false;
	}
	for (const yaml_node_pair_t *pair = nothing ? NULL
						    : node->data.mapping.pairs.start;
		pair && pair < node->data.mapping.pairs.top; pair++)
		good = check_pair(file, pair, keys, seen, target) && good;
	for (int i = 0; keys[i].name; i++) {
		if (!keys[i].required || seen[i])
			continue;
		yaml_problem(file, node, "missing key '%s'", keys[i].name);
		good = false;
	}
	return good;
}

/* ---- lists ----------------------------------------------------------------------- */

const yaml_node_item_t *yaml_check_list(struct yaml_file *file, const yaml_node_t *node,
	const char *key, size_t min, size_t max, const yaml_node_item_t **ret_end)
{
	size_t count;

	if (node->type != YAML_SEQUENCE_NODE) {
		if (!yaml_node_is_refused(node))
			yaml_problem(file, node,
				"'%s': expected a list, in [ ] or one a line with -",
				key);
		return NULL;
	}
	*ret_end = node->data.sequence.items.top;
	count = (size_t)(*ret_end - node->data.sequence.items.start);
	if (count >= min && count <= max)
		return node->data.sequence.items.start;
	yaml_problem(file, node, "'%s': there can be %zu to %zu, found %zu", key, min,
		max, count);
	return NULL;
}

static bool take_range(
	struct yaml_file *file, const yaml_node_t *node, struct version_ranges *ranges)
{
	static const struct yaml_key as = {"versions", YAML_KEY_STRING, 0, 0, 0, false};
	struct errtext error;

	if (yaml_node_is_refused(node))
		return false;
	if (node->type != YAML_SCALAR_NODE || !is_text(node, true)) {
		tell_expected(file, node, &as);
		return false;
	}
	if (version_range_parse(
		    scalar_text(node), &ranges->range[ranges->count], &error) == 0) {
		ranges->count++;
		return true;
	}
	yaml_problem(file, node, "%s", error.text);
	return false;
}

bool yaml_check_versions(struct yaml_file *file, const yaml_node_t *node,
	const char *key, struct version_ranges *ret_ranges)
{
	const yaml_node_item_t *item, *end;
	bool good;

	ret_ranges->count = 0;
	if (node->type == YAML_SCALAR_NODE)
		return take_range(file, node, ret_ranges);
	item = yaml_check_list(file, node, key, 1, VERSION_RANGES_MAX, &end);
	good = item != NULL;
	for (; item && item < end; item++)
		good = take_range(file, yaml_file_node(file, *item), ret_ranges) &&
		       good;
	return good;
}
