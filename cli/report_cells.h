/* SPDX-License-Identifier: MIT
 *
 * Parts of the report in HTML.
 */
#ifndef WIPY_CLI_REPORT_CELLS_H
#define WIPY_CLI_REPORT_CELLS_H

#include "cli/report.h"

/* A time of the API, or how long ago it was; "-" for NULL. */
void html_time(struct writer *writer, const char *time, bool span);
/* A sentence of the API, its times in the reader's form. */
void html_sentence(struct writer *writer, const char *text);
void html_state(struct writer *writer, const char *state);
/* `name` is "h2", "h3". */
void html_heading(struct writer *writer, const char *name, const char *title);
/* The head of a table; `last`: one column more, or NULL. */
void html_heads(
	struct writer *writer, const struct view_column *columns, const char *last);
/* `tick`: a box behind each row, for a pen. */
void html_table(struct writer *writer, const char *caption,
	const struct view_column *columns, const json_t *rows, bool tick);

/* report_bars.c: sections of their own; nothing without rows. */
void html_waves(struct writer *writer, const json_t *waves);
void html_firmware(struct writer *writer, const json_t *rows);

#endif
