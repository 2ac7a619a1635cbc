/* SPDX-License-Identifier: MIT
 *
 * Server-sent events out of bytes as they come, in pieces of any size.
 */
#ifndef WIPY_CLI_SSE_H
#define WIPY_CLI_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define SSE_LINE_MAX 65536 /* a longer line is none of wipyd's */
#define SSE_ID_MAX   24

/* One event: the lines of its data are one text. Lives for the call. */
typedef void (*sse_event_fn)(void *arg, const char *data);

struct sse {
	char id[SSE_ID_MAX]; /* of the latest event; "" before the first */
	sse_event_fn event;
	void *arg;
	/* The rest is private. */
	char id_read[SSE_ID_MAX];
	char *line, *data;
	size_t line_len, data_len;
};

void sse_init(struct sse *sse, sse_event_fn event, void *arg);
void sse_done(struct sse *sse);
/* A new connection: what was cut off is forgotten, but for the id. */
void sse_restart(struct sse *sse);
/* Returns 0, -EMSGSIZE (a line or an event is too long) or -ENOMEM. */
int sse_take(struct sse *sse, const char *bytes, size_t len) WARN_UNUSED;

#endif
