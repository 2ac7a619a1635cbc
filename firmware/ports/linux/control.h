/* SPDX-License-Identifier: MIT
 *
 * The control socket of a fleet: JSON lines in, {"words": [...]}, a JSON line out for
 * each, in order, as many on one connection as the client likes. Refusals read
 * {"error": "sentence"}. One more client than CONTROL_CLIENTS takes the place of the one
 * that has said nothing for longest.
 */
#ifndef WIPY_PORT_LINUX_CONTROL_H
#define WIPY_PORT_LINUX_CONTROL_H

#include "firmware/ports/linux/port.h"

#define CONTROL_CLIENTS     8
#define CONTROL_REQUEST_MAX 4096 /* a line with its end */

struct control_client {
	struct source source;
	struct control *control;
	int fd; /* -1: free */
	uint32_t watched;
	size_t len;
	char request[CONTROL_REQUEST_MAX];
	uint64_t heard_at; /* when it was heard last, by a count of its own */
	bool too_long;     /* the line that comes: its bytes are dropped */
	bool ended;        /* the peer will send no more */
	bool waits;        /* for the clock to arrive */
	char *reply;
	size_t reply_len, sent_len;
};

struct control {
	struct source source;
	struct fleet *fleet;
	int fd;
	uint32_t watched;
	const char *path; /* borrowed */
	uint64_t heard_count;
	struct control_client clients[CONTROL_CLIENTS];
};

int control_open(struct control *control, struct fleet *fleet, const char *path,
	struct errtext *ret_error) WARN_UNUSED;
/* Closes and removes the socket; nothing happens where none is open. */
void control_close(struct control *control);

/* The clock that a client sent ahead has arrived: it gets its answer. */
void control_clock_arrived(struct control *control);

#endif
