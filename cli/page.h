/* SPDX-License-Identifier: MIT
 *
 * A page of HTML that is one file: it asks nothing of any network and runs no script.
 */
#ifndef WIPY_CLI_PAGE_H
#define WIPY_CLI_PAGE_H

#include "cli/writer.h"

/* Everything up to the page's own markup; `style`: lines of its own style sheet behind the
 * one that all pages share, up to NULL, or NULL. */
void page_begin(struct writer *writer, const char *title, const char *const *style);
void page_end(struct writer *writer);

#endif
