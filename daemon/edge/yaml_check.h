/* SPDX-License-Identifier: MIT
 *
 * YAML read with libyaml's document API and held against tables of keys: unknown and
 * repeated keys, wrong types, ranges, units. Every fault of a file is collected, as
 * `file:line:column: sentence (did you mean 'x'?)`. Anchors, aliases, tags and merge keys
 * are refused; size and depth are limited.
 */
#ifndef WIPY_EDGE_YAML_CHECK_H
#define WIPY_EDGE_YAML_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "common/err.h"
#include "daemon/core/version_range.h"

#define YAML_FILE_MAX     (256u * 1024 * 1024)
#define YAML_DEPTH_MAX    16
#define YAML_PROBLEMS_MAX 200 /* further ones are only counted */

/* All faults of a file, in the order of their lines. */
struct yaml_problems {
	char **line; /* "inventory.yaml:12:9: unknown key 'adress' (did you mean ...)" */
	size_t count;
	size_t more; /* not kept */
};
void yaml_problems_init(struct yaml_problems *problems);
void yaml_problems_done(struct yaml_problems *problems);

/* Adds one fault at a node's start (node NULL: the file as a whole, file: sentence). */
struct yaml_file;
void yaml_problem(struct yaml_file *file, const yaml_node_t *node, const char *format,
	...) __attribute__((format(printf, 3, 4)));

/* A file read as one document. */
struct yaml_file {
	const char *name; /* as shown in problems; borrowed */
	yaml_document_t document;
	bool loaded;
	struct yaml_problems *problems; /* borrowed */
};
/* Returns 0 or WIPY_E_CONFIG (problem added): unreadable, too large, not UTF-8, malformed,
 * more than one document, forbidden features, too deep. An empty file is a document
 * whose root is NULL. */
int yaml_file_load(struct yaml_file *file, const char *path,
	struct yaml_problems *problems) WARN_UNUSED;
/* The same from memory, which is borrowed for the call. */
int yaml_file_parse(struct yaml_file *file, const char *name, const uint8_t *text,
	size_t len, struct yaml_problems *problems) WARN_UNUSED;
void yaml_file_done(struct yaml_file *file);
const yaml_node_t *yaml_file_root(struct yaml_file *file);
const yaml_node_t *yaml_file_node(struct yaml_file *file, int index);

/* One key of a mapping and where its value goes. */
enum yaml_type {
	YAML_KEY_NODE,     /* const yaml_node_t *: looked at by the caller */
	YAML_KEY_STRING,   /* char *, malloc'ed, one line; range is its length */
	YAML_KEY_TEXT,     /* the same, of several lines */
	YAML_KEY_TIME,     /* int64_t s: 2026-11-20T11:00:00Z */
	YAML_KEY_NAME,     /* char[NAME_MAX_LEN]: letters, digits, - _ . */
	YAML_KEY_INT,      /* int64_t; decimal only ("010" and "1e3" are faults) */
	YAML_KEY_BOOL,     /* bool: true or false */
	YAML_KEY_DURATION, /* int64_t ms: 500ms, 30s, 5m, 2h, 1d */
	YAML_KEY_PERCENT,  /* int64_t: "25%" or 25 */
	YAML_KEY_BYTES,    /* int64_t: 500kB, 2MB (powers of 1000), optional /s */
	YAML_KEY_SIZE,     /* int64_t: 512KiB, 1MiB, 4096B */
	YAML_KEY_SHARE,    /* struct yaml_share: 3 (in the range) or 5% (0% to 100%) */
};
struct yaml_share {
	int64_t value;
	bool percent;
};
struct yaml_key {
	const char *name;
	enum yaml_type type;
	size_t offset; /* of the field in the caller's struct */
	int64_t min, max;
	bool required;
};
/* Holds a mapping against a table (closed by a NULL name): fills the fields of *target
 * that are present, leaves the others alone. Faults are added; returns whether the
 * mapping was free of them. */
bool yaml_check_mapping(struct yaml_file *file, const yaml_node_t *node,
	const struct yaml_key *keys, void *target) WARN_UNUSED;

/* A list of min to max entries, whose first one is returned; NULL and its fault otherwise.
 * The list ends at *ret_end. */
const yaml_node_item_t *yaml_check_list(struct yaml_file *file, const yaml_node_t *node,
	const char *key, size_t min, size_t max,
	const yaml_node_item_t **ret_end) WARN_UNUSED;

/* One range of versions, or a list of them. Faults are added; returns whether there were
 * none. */
bool yaml_check_versions(struct yaml_file *file, const yaml_node_t *node,
	const char *key, struct version_ranges *ret_ranges) WARN_UNUSED;

#endif
