/* SPDX-License-Identifier: MIT
 *
 * libcurl on the loop: probes by HTTP, downloads. All transfers share one multi handle,
 * since that is where it keeps the certificates of authorities: to read them again for
 * each would hold up the loop for 20 ms each time. No connection is shared.
 */
#ifndef WIPY_EDGE_WEB_H
#define WIPY_EDGE_WEB_H

#include <curl/curl.h>
#include <uv.h>

struct web;

/* Never NULL. */
struct web *web_new(uv_loop_t *loop);
/* Freed when no transfer is wanted any more: those that were given up may still be on their
 * way out, and the loop must run until it is gone. NULL is fine; returns NULL. */
struct web *web_free(struct web *web);

/* One transfer: the first part of the caller's own struct, told once that it has ended. It
 * may be stopped, and its easy handle freed, from within. */
struct web_transfer {
	void (*done)(struct web_transfer *transfer, CURLcode code);
};

/* The easy handle has its URL and what is special about it; what all have in common is set
 * here. `done` comes in a later turn of the loop. */
void web_start(struct web *web, CURL *easy, struct web_transfer *transfer);
/* libcurl gives its sockets back in here: not from within one of its own functions. */
void web_stop(struct web *web, CURL *easy);

#endif
