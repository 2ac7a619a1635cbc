/* SPDX-License-Identifier: MIT
 *
 * What a command shows, described once: from it come the table, the wide table, JSON, a
 * line of JSON for each object, CSV, and the bare names of --quiet. Values are those of the
 * API under their key paths; a path is the name of its CSV column as well.
 */
#ifndef WIPY_CLI_VIEW_H
#define WIPY_CLI_VIEW_H

#include "cli/cli.h"

enum view_kind {
	VIEW_TEXT,
	VIEW_STATE,  /* coloured by what it is */
	VIEW_TIME,   /* local, or with --utc */
	VIEW_AGE,    /* a time as "5 min ago"; null is "never" */
	VIEW_SPAN,   /* a time as "5 min" */
	VIEW_NUMBER, /* to the right */
	VIEW_BYTES,  /* to the right, as "171 KiB" */

	VIEW_FIRMWARE, /* an object with tag and date; not in CSV */
	VIEW_NAMES,    /* a list of texts, the first few of it */
	VIEW_ID,       /* of a rollout: the digits that people use */
	VIEW_DIGEST,   /* the first 12 digits */
	VIEW_CELL      /* by the column's function */
};

struct view_cell {
	char text[256];
	enum style style;
};

struct view_column {
	const char *title; /* NULL: in CSV alone */
	const char *path;  /* "version.state"; NULL: not in CSV, for VIEW_CELL */
	enum view_kind kind;
	enum style style; /* of what is there, for a kind without colours of its own */
	bool wide;        /* with -o wide alone (and in CSV) */
	/* On a terminal that is too narrow columns are first cut, the widest first, down to
	 * `shrinks` (0: never), then dropped, 1 first, then 2 ... (0: never). */
	int shrinks, drop;
	bool wraps; /* goes on below where it would be cut: what a person has to read */
	/* Of an object of the list, or of its inner list where the path leads there; with a
	 * path CSV has the value that stands there. */
	void (*cell)(const json_t *row, struct view_cell *ret_cell);
};

struct view {
	const char
		*key; /* of the list, or the object, in the answer; NULL: all of it */
	const struct view_column *columns; /* of a list, up to an empty one */
	/* Each object of the list has a list under this key, and each of those is a row:
	 * paths that begin with it lead into them. NULL: an object is a row. */
	const char *inner;
	/* Path of what --quiet prints; NULL: nothing, for an action that makes nothing. */
	const char *name;
	const char *none; /* instead of a table without rows */
	/* For a person: the object, or below the table of a list what else is in the answer.
	 * NULL: nothing. */
	void (*text)(struct cli *cli, const json_t *shown);
};

/* How a command ends: shows the answer, which it takes (NULL: it could not be made),
 * in the form that was asked for. Returns 0, or an exit code after the failure was
 * printed. */
int view_show(struct cli *cli, const struct view *view, json_t *answer) WARN_UNUSED;

/* Asks and shows. */
int view_get(struct cli *cli, const char *path, const struct view *view) WARN_UNUSED;
/* Takes the body, as cli_post() does. */
int view_post(struct cli *cli, const char *path, json_t *body, long timeout_s,
	const struct view *view) WARN_UNUSED;

/* Rows of a list in a table that is a part of something bigger, for a person. */
void view_table(struct cli *cli, const struct view_column *columns, const json_t *rows,
	int indent);

/* What stands under a path, or NULL. Borrowed. */
const json_t *view_value(const json_t *object, const char *path);

#endif
