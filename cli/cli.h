/* SPDX-License-Identifier: MIT
 *
 * What every command handler is given, and the few steps that all of them share: asking
 * the daemon, saying what went wrong.
 */
#ifndef WIPY_CLI_CLI_H
#define WIPY_CLI_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/args.h"
#include "cli/client.h"
#include "cli/failure.h"
#include "cli/form.h"
#include "cli/writer.h"
#include "common/utc.h"

struct cli {
	const struct args *args;
	struct writer *out, *err;
	const char *socket_path;          /* or a URL: where the daemon is */
	const char *token_file, *ca_file; /* for a URL; may be NULL */
	struct client *client;            /* made by cli_connect() */
	enum form form;                   /* -o, --quiet */

	int64_t started_s; /* what spans into the past are counted from */
};

/* Prints "wipyctl: sentence" and the hint (may be NULL); returns exit_code. */
int cli_fail(struct cli *cli, int exit_code, const char *hint, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* The same from a failure, which it frees; problems stand on lines of their own. */
int cli_show(struct cli *cli, struct failure *failure);

/* Makes the client. Returns 0, or a negated errno with *ret_failure filled. */
int cli_client(struct cli *cli, struct failure *ret_failure) WARN_UNUSED;
/* The same. These return 0, or an exit code after the failure was printed. */
int cli_connect(struct cli *cli) WARN_UNUSED;
int cli_get(struct cli *cli, const char *path, json_t **ret_answer) WARN_UNUSED;
/* timeout_s 0: the usual one, here and below. */
int cli_get_within(struct cli *cli, const char *path, long timeout_s,
	json_t **ret_answer) WARN_UNUSED;
/* Takes `body` (NULL: there was no memory for it). */
int cli_post(struct cli *cli, const char *path, json_t *body, long timeout_s,
	json_t **ret_answer) WARN_UNUSED;

/* The list or object under that key, borrowed; a daemon that sends something else has
 * failed. */
int cli_list(struct cli *cli, const json_t *answer, const char *key,
	const json_t **ret_list) WARN_UNUSED;
int cli_object(struct cli *cli, const json_t *answer, const char *key,
	const json_t **ret_object) WARN_UNUSED;

/* Appends the boards that --select means, without it all of them, page by page; with
 * --as-of as they were then, and to `gone` (may be NULL) the names of those that are not
 * in the inventory any more. */
int cli_boards(struct cli *cli, json_t *boards, json_t *gone) WARN_UNUSED;

/* Builds a path of three parts; the middle one is encoded. Any may be "". */
int cli_path(struct cli *cli, const char *before, const char *name, const char *behind,
	char ret_path[CLIENT_PATH_MAX]) WARN_UNUSED;

/* Adds "key=value" to a path's query; a value of NULL adds nothing. */
int cli_add_query(struct cli *cli, const char *key, const char *value,
	char path[CLIENT_PATH_MAX]) WARN_UNUSED;
/* Adds a time behind an option, under the option's name; nothing without the option. */
int cli_add_past(
	struct cli *cli, const char *option, char path[CLIENT_PATH_MAX]) WARN_UNUSED;

/* On a terminal the person is asked; elsewhere --yes must have been given. Returns 0 for a
 * yes, else an exit code after saying that `nothing` ("nothing was started"). */
int cli_confirm(struct cli *cli, const char *nothing, const char *format, ...)
	__attribute__((format(printf, 3, 4))) WARN_UNUSED;

/* Where that goes which is shown before a question is asked: a document stands alone on
 * the output. NULL: --quiet, and nobody is asked. */
struct writer *cli_aside(const struct cli *cli);

/* A time, or a span before now, behind an option, as a time of the API. Without the option
 * ret_time becomes "". */
int cli_past(
	struct cli *cli, const char *option, char ret_time[WIPY_UTC_MAX]) WARN_UNUSED;

/* The ID argument of a rollout command: the word, or "latest". */
const char *cli_rollout_id(const struct cli *cli);

/* The span of time behind an option. Without the option ret_span_s stays as it is. */
int cli_span(struct cli *cli, const char *option, int64_t *ret_span_s) WARN_UNUSED;

/* The port behind an option, or the other one without it. */
int cli_port(struct cli *cli, const char *option, uint16_t otherwise,
	uint16_t *ret_port) WARN_UNUSED;

/* Parses, runs, flushes. Returns the exit code of the process. */
int cli_main(int argc, char *const *argv);

#endif
