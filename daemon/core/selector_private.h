/* SPDX-License-Identifier: MIT
 *
 * A selector while it is read. For selector_parse.c and selector_fault.c alone.
 */
#ifndef WIPY_CORE_SELECTOR_PRIVATE_H
#define WIPY_CORE_SELECTOR_PRIVATE_H

#include "common/nearest.h"
#include "daemon/core/selector.h"

/* The saved selector that is being read, and the ones that it is in. */
struct selector_frame {
	const struct selector_frame *outer;
	const struct selector_set *set; /* NULL: the text as given */
	size_t begin, end;              /* in selector->text */
};
struct selector_parser {
	struct selector *selector;
	const struct selector_words *words;
	const struct selector_frame *frame;
	size_t at;
	int depth;
	struct errtext *error;
};

/* Each writes the sentence and returns -EINVAL. What was expected here, and what stands
 * here instead: */
int selector_fail(const struct selector_parser *p, const char *what);
/* What is wrong with a part of the text: */
int selector_fail_at(
	const struct selector_parser *p, struct selector_span span, const char *what);
/* A word that nobody knows, and the nearest one that is known: */
int selector_fail_unknown(const struct selector_parser *p, struct selector_span span,
	const char *what, const struct nearest *nearest);

#endif
