/* SPDX-License-Identifier: MIT
 *
 * What the store's thread works off. For the files of the store alone.
 */
#ifndef WIPY_EDGE_STORE_JOB_H
#define WIPY_EDGE_STORE_JOB_H

#include "daemon/edge/store_backend.h"

/* A thing to be done by the thread and answered on the loop. */
struct job {
	struct job *next;
	/* Reads only, on the thread. Returns whether another step is to follow. */
	bool (*work)(struct store_backend *backend, struct job *job);
	void (*answer)(struct job *job); /* on the loop; frees the job */
	int status;
};

/* Queues a read behind the others; the job is the first member of a larger struct. */
void store_queue_read(struct store *store, struct job *job,
	bool (*work)(struct store_backend *backend, struct job *job),
	void (*answer)(struct job *job));

#endif
