/* SPDX-License-Identifier: MIT
 *
 * What this run has taken: rows of the task machine, moves of the others, reason codes,
 * each with the first seed that did. tests/check_coverage.py reads it.
 */
#ifndef WIPY_TESTS_SIM_COVER_H
#define WIPY_TESTS_SIM_COVER_H

#include "daemon/core/model.h"
#include "daemon/core/task_fsm.h"

/* What comes from here on belongs to this seed. */
void sim_cover_begin(uint64_t seed);
void sim_cover_event(const struct event *event);
void sim_cover_reason(enum reason reason);

/* Calls back for each row of the task machine that nobody took. */
void sim_cover_show_untaken(void (*untaken)(const struct fsm_row *row));
/* To tests/taken/test_sim.txt of the build folder. Returns 0 or a negated errno. */
int sim_cover_write(const char *build_folder);

#endif
