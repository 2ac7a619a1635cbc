/* SPDX-License-Identifier: MIT
 *
 * The report in memory: the daemon's answer sorted into sections, each a list of rows in
 * the order in which they are shown. Every form (text, CSV, HTML, JUnit) is written from
 * these rows, so that all of them say the same numbers.
 */
#ifndef WIPY_CLI_REPORT_H
#define WIPY_CLI_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/view.h"

enum report_kind {
	REPORT_DIRTY, /* first, whatever else there is */
	REPORT_VERDICT,
	REPORT_WAVES,
	REPORT_OUTCOMES,
	REPORT_EXCEPTIONS,
	REPORT_ARMED,
	REPORT_OFFLINE, /* the longest first */
	REPORT_HANDS,   /* by site; "dirty": it must not be reset */
	REPORT_BACK,
	REPORT_FIRMWARE,
	REPORT_EVIDENCE,
	REPORT_APPROVALS,
	REPORT_CHANGED, /* since a time: other firmware ... */
	REPORT_NEW,     /* ... what is wrong and was not ... */
	REPORT_HEALED,  /* ... and the contrary ... */
	REPORT_ADDED,   /* ... and what the inventory has now and had then */
	REPORT_GONE,
	REPORT_KIND_COUNT
};

struct report_section {
	const char *name;  /* of its rows in CSV: "exception" */
	const char *title; /* begins small */
	enum style style;  /* of the title */
	const struct view_column *columns;
};

struct report {
	json_t *answer; /* borrowed */
	bool evidence;  /* wanted */
	json_t *rows[REPORT_KIND_COUNT];
};

/* Borrows the answer for its life. Aborts without memory. */
void report_make(json_t *answer, bool evidence, struct report *ret_report);
void report_done(struct report *report);

const struct report_section *report_section(enum report_kind kind);
/* The key under which a row of REPORT_WAVES counts boards of that kind, and words for it. */
const char *report_wave_key(enum progress_kind kind);
const char *report_wave_words(enum progress_kind kind);

/* Each writes the whole report to cli->out. */
void report_text(struct cli *cli, const struct report *report);
void report_csv(struct cli *cli, const struct report *report);
void report_html(struct cli *cli, const struct report *report);
/* Of the answer's "tasks", wave by wave. */
void report_junit(struct cli *cli, const struct report *report);

#endif
