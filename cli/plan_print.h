/* SPDX-License-Identifier: MIT
 *
 * A plan for a person: its waves and when they would be over, what is not updated, what
 * is risky. Takes Plan of docs/openapi.yaml.
 */
#ifndef WIPY_CLI_PLAN_PRINT_H
#define WIPY_CLI_PLAN_PRINT_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/writer.h"

struct plan_counts {
	long long planned, already, refused;
};
struct plan_counts plan_counts(const json_t *plan);
bool plan_is_undo(const json_t *plan);

/* Head, notes, waves, end, windows, risks. */
void plan_print_head(struct writer *writer, const json_t *plan);
/* What of it is not an update right away, in groups; of an undo the steps; and by
 * name who is refused, the first few of a rollout (`all` of them with it). */
void plan_print_rest(struct writer *writer, const json_t *plan, bool all);
/* Below a group of boards: what it is, what comes next. */
void plan_print_sentences(struct writer *writer, const char *one, const char *two);

#endif
