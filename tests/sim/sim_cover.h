/* SPDX-License-Identifier: MIT
 *
 * Which rows of the task machine were taken by any seed of this run. Rows that differ in
 * their guards alone are told apart by nothing that is seen from outside: they count as
 * one.
 */
#ifndef WIPY_TESTS_SIM_COVER_H
#define WIPY_TESTS_SIM_COVER_H

#include "daemon/core/task_fsm.h"

/* Calls back for each row that nobody took; returns how many. */
int sim_cover_untaken(void (*untaken)(const struct task_row_text *row));

#endif
