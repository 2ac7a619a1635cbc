/* SPDX-License-Identifier: MIT
 *
 * HTML and XML through the writer. Whatever is text is escaped here, so that nothing that
 * a board or a person has written can become markup; the writer has taken control
 * characters out of it already.
 */
#ifndef WIPY_CLI_MARKUP_H
#define WIPY_CLI_MARKUP_H

#include "cli/writer.h"

/* Text between tags, or in an attribute between double quotes. */
void markup_text(struct writer *writer, const char *text);
/* Markup of our own, as it stands. */
void markup_raw(struct writer *writer, const char *markup);
/* A line of it. */
void markup_line(struct writer *writer, const char *markup);
/* ` name="text"` */
void markup_attribute(struct writer *writer, const char *name, const char *text);
void markup_number(struct writer *writer, const char *name, long long number);
/* `<name>text</name>`; `rest` stands behind the name: ` class="x"`, or "". */
void markup_element(
	struct writer *writer, const char *name, const char *rest, const char *text);

#endif
