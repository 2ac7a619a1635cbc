/* SPDX-License-Identifier: MIT
 *
 * What is said on the command line of a plan, a rollout or an undo, as the body of a
 * request.
 */
#ifndef WIPY_CLI_ROLLOUT_ORDER_H
#define WIPY_CLI_ROLLOUT_ORDER_H

#include "cli/cli.h"

#define ORDER_TIMEOUT_S 60

/* The spans are negative where they were not given. */
struct order {
	char path[CLIENT_PATH_MAX]; /* of what is started */
	const char *what;           /* "rollout", "undo" */
	int64_t soak_s, expires_s, timeout_s;
	json_t *saved; /* the plan of --plan FILE, owned; or NULL */
};

/* Reads the options into an order with path and what. Returns 0, or an exit code
 * after the failure was printed. order_done() in any case. */
int order_read(struct cli *cli, struct order *order) WARN_UNUSED;
void order_done(struct order *order);

/* For cli_post(); NULL without memory or for text that is not UTF-8. */
json_t *order_body(const struct args *args, const struct order *order, bool dry);

#endif
