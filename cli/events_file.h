/* SPDX-License-Identifier: MIT
 *
 * A file of exported events, checked on its own: lines of JSON, of which the first says
 * where in the chain it begins and the last where it ends.
 */
#ifndef WIPY_CLI_EVENTS_FILE_H
#define WIPY_CLI_EVENTS_FILE_H

#include <stdio.h>

#include "common/chain.h"
#include "common/err.h"

#define EVENTS_FILE_FORMAT 1

struct events_verdict {
	long long after, last; /* the events behind `after` up to `last` fit */
	long long count;
	char chain[CHAIN_HEX_MAX]; /* the value at `last` */
	long long line;            /* of the fault; 0: all fits */
	char what[120];            /* the fault, as a sentence */
};

/* Reads the file to its end, or to the first fault. 0, with a verdict; or a negated errno
 * if it cannot be read. */
int events_file_verify(FILE *file, struct events_verdict *ret_verdict) WARN_UNUSED;

#endif
