/* SPDX-License-Identifier: MIT
 *
 * Settings as a table, the profiles that are built in, and reading others.
 */
#include "config.h"

#include "firmware/ports/linux/profile.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <yaml.h>

#include "common/text.h"

#define KEYS_MAX   64 /* of a file that is not too strange to look at */
#define BASE_KEY   "like"
#define FAMILY_KEY "family"

static const struct profile fast = {.family = &wipy_personality_wipy, .seed = 1};

static const struct profile real = {
	.family = &wipy_personality_wipy,
	/* radio and check 0.5 to 1.5 s, application until the servers are up 1 to 3 s
	 * (WIRE.md 3.3) */
	.boot_ms = 3000,
	/* boot.py connects to a network: 2 to 10 s (WIRE.md 3.3) */
	.rejoin_ms = 4000,
	/* About 6 s for an image of about 180 KB (WIRE.md 2.12), which is all that is
	 * known: how it falls to erasing (45 to 100 ms on the flash of Pycom boards,
	 * WIRE.md 2.12) and to writing is an assumption. */
	.erase_ms = 60,
	.write_us = 8000,
	/* a server is looked at every 4 ms (WIRE.md 1.1, 1.8); what a radio adds is an
	 * assumption */
	.latency_ms = 4,
	.jitter_ms = 16,
	/* 512 bytes each 4 ms (WIRE.md 2.12) */
	.rate = 128000,
	.seed = 1,
};

static const struct {
	const char *name;
	const struct profile *profile;
} built_in[] = {{"fast", &fast}, {"real", &real}};

static const struct row {
	const char *name;
	size_t offset;
	uint32_t max;
} rows[] = {
	{"boot-ms", offsetof(struct profile, boot_ms), 600000},
	{"rejoin-ms", offsetof(struct profile, rejoin_ms), 600000},
	{"erase-ms", offsetof(struct profile, erase_ms), 10000},
	{"write-us", offsetof(struct profile, write_us), 10000000},
	{"latency-ms", offsetof(struct profile, latency_ms), 60000},
	{"jitter-ms", offsetof(struct profile, jitter_ms), 60000},
	{"rate", offsetof(struct profile, rate), 1000000000},
	{"seed", offsetof(struct profile, seed), UINT32_MAX},
};

static bool is_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && memcmp(name, text, len) == 0;
}

static const struct row *find_row(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_name(rows[i].name, name, len))
			return &rows[i];
	return NULL;
}

bool profile_has(const char *name, size_t len)
{
	return is_name(FAMILY_KEY, name, len) || find_row(name, len) != NULL;
}

static bool set_family(
	struct profile *profile, const char *text, struct errtext *ret_error)
{
	const struct wipy_personality *family = wipy_personality_by_name(text);

	if (family) {
		profile->family = family;
		return true;
	}
	snprintf(ret_error->text, sizeof(ret_error->text),
		FAMILY_KEY " is wipy, pycom, esp32 or esp8266, as far as this build "
			   "knows them, not '%.60s'",
		text);
	return false;
}

bool profile_set(struct profile *profile, const char *name, const char *text,
	struct errtext *ret_error)
{
	const struct row *row = find_row(name, strlen(name));
	uint64_t value;

	if (!row)
		return set_family(profile, text, ret_error);
	if (wipy_text_parse_u64(text, strlen(text), row->max, &value) < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%s wants a number from 0 to %lu, not '%.60s'", row->name,
			(unsigned long)row->max, text);
		return false;
	}
	*(uint32_t *)((char *)profile + row->offset) = (uint32_t)value;
	return true;
}

void profile_default(struct profile *ret_profile)
{
	*ret_profile = fast;
}

static const struct profile *find_built_in(const char *name)
{
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(built_in[i].name, name) == 0)
			return built_in[i].profile;
	return NULL;
}

/* ---- files -------------------------------------------------------------------- */

struct reading {
	const char *path;
	FILE *complaints;
	int count;
	yaml_document_t document;
	struct profile profile;
};

__attribute__((format(printf, 4, 5))) static void complain(
	struct reading *reading, size_t line, size_t column, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(reading->complaints, "%s:%zu:%zu: ", reading->path, line + 1,
		column + 1);
	vfprintf(reading->complaints, format, args);
	fputc('\n', reading->complaints);
	va_end(args);
	reading->count++;
}

#define COMPLAIN(reading, node, ...)                                                   \
	complain(reading, (node)->start_mark.line, (node)->start_mark.column,          \
		__VA_ARGS__)

static const char *text_of(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value
					      : NULL;
}

static void read_pair(
	struct reading *reading, const yaml_node_t *key, const yaml_node_t *value)
{
	const char *name = text_of(key), *text = text_of(value);
	struct errtext error;

	if (!name || (strcmp(name, BASE_KEY) != 0 && !profile_has(name, strlen(name))))
		COMPLAIN(reading, key, "unknown key '%s'", name ? name : "?");
	else if (!text)
		COMPLAIN(reading, value, "%s wants one value", name);
	else if (strcmp(name, BASE_KEY) != 0) {
		if (!profile_set(&reading->profile, name, text, &error))
			COMPLAIN(reading, value, "%s", error.text);
	} else if (!find_built_in(text)) {
		COMPLAIN(reading, value, BASE_KEY " is fast or real, not '%s'", text);
	}
}

static yaml_node_t *node_at(struct reading *reading, int number)
{
	return yaml_document_get_node(&reading->document, number);
}

/* The profile that the file begins with, wherever it says so; keys given twice. */
static void read_base(struct reading *reading, const yaml_node_t *root)
{
	const yaml_node_pair_t *first = root->data.mapping.pairs.start;
	const yaml_node_pair_t *top = root->data.mapping.pairs.top;

	for (const yaml_node_pair_t *pair = first; pair < top; pair++) {
		const yaml_node_t *key = node_at(reading, pair->key);
		const char *name = text_of(key);
		const char *value = text_of(node_at(reading, pair->value));

		if (name && value && strcmp(name, BASE_KEY) == 0 &&
			find_built_in(value))
			reading->profile = *find_built_in(value);
		for (const yaml_node_pair_t *before = first; name && before < pair;
			before++) {
			const char *other = text_of(node_at(reading, before->key));

			if (other && strcmp(name, other) == 0)
				COMPLAIN(reading, key, "'%s' is there already", name);
		}
	}
}

static void read_root(struct reading *reading)
{
	const yaml_node_t *root = yaml_document_get_root_node(&reading->document);

	if (!root)
		return; /* nothing is set: that is a profile too */
	if (root->type != YAML_MAPPING_NODE) {
		COMPLAIN(reading, root, "a profile is a list of 'setting: value'");
		return;
	}
	if (root->data.mapping.pairs.top - root->data.mapping.pairs.start > KEYS_MAX) {
		COMPLAIN(reading, root, "more than %d settings", KEYS_MAX);
		return;
	}
	read_base(reading, root);
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
		pair < root->data.mapping.pairs.top; pair++)
		read_pair(reading, node_at(reading, pair->key),
			node_at(reading, pair->value));
}

static void parse(struct reading *reading, FILE *file)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser)) {
		complain(reading, 0, 0, "no memory is left to read it");
		return;
	}
	yaml_parser_set_input_file(&parser, file);
	if (!yaml_parser_load(&parser, &reading->document)) {
		complain(reading, parser.problem_mark.line, parser.problem_mark.column,
			"%s", parser.problem ? parser.problem : "cannot be read");
	} else {
		read_root(reading);
		yaml_document_delete(&reading->document);
	}
	yaml_parser_delete(&parser);
}

int profile_load(const char *path, FILE *complaints, struct profile *ret_profile)
{
	struct reading reading = {
		.path = path, .complaints = complaints, .profile = fast};
	const struct profile *found = find_built_in(path);
	FILE *file;

	if (found) {
		*ret_profile = *found;
		return 0;
	}
	file = fopen(path, "re");
	if (!file) {
		fprintf(complaints, "%s: %s (fast and real are built in)\n", path,
			strerror(errno));
		return 1;
	}
	parse(&reading, file);
	fclose(file);
	if (reading.count == 0)
		*ret_profile = reading.profile;
	return reading.count;
}
