/* SPDX-License-Identifier: MIT
 *
 * Looks at files and at the disk for the doctor (core/doctor.h). Blocks: for the worker pool.
 */
#ifndef WIPY_EDGE_EXAMINE_H
#define WIPY_EDGE_EXAMINE_H

#include "daemon/core/doctor.h"

/* `anybodys`: it may belong to any user. `check` and `path` are borrowed by the facts. */
void examine_file(const char *check, const char *path, unsigned int forbidden,
	bool anybodys, struct doctor_file *ret_facts);

/* The disk that `path` is on. store_fault is left NULL. */
void examine_disk(const char *path, struct doctor_disk *ret_facts);

#endif
