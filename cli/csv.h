/* SPDX-License-Identifier: MIT
 *
 * Values of the API as CSV (RFC 4180). No value is changed: not even one that a spreadsheet
 * would take for a formula, which is said on the error stream.
 */
#ifndef WIPY_CLI_CSV_H
#define WIPY_CLI_CSV_H

#include <jansson.h>
#include <stddef.h>

#include "cli/cli.h"

struct csv {
	struct cli *cli;
	size_t formulas; /* texts that a spreadsheet would run */
};

void csv_name(struct csv *csv, const char *name);
/* null and NULL are empty; of texts in a list all, with ';' between them; of other lists
 * how many there are. */
void csv_value(struct csv *csv, const json_t *value);
void csv_end_record(struct csv *csv);
/* One header and one record: every value of the object that is no object itself, under its
 * key path. */
void csv_object(struct csv *csv, const json_t *object);
/* Says what is to be said about all of it. */
void csv_done(struct csv *csv);

#endif
