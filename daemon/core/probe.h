/* SPDX-License-Identifier: MIT
 *
 * Probes: what the owner lets a board be asked while it soaks, beside its banner, and what
 * the answers of a round mean (docs/decisions/0018). Pure: answers in, verdict out.
 */
#ifndef WIPY_CORE_PROBE_H
#define WIPY_CORE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define PROBES_MAX         6 /* of one board */
#define PROBE_NAME_MAX     24
#define PROBE_EVIDENCE_MAX 48
#define PROBE_TRIES        3 /* rounds once the soak is over, while an answer is bad */
#define PROBE_ARGS_MAX     16
#define PROBE_TEXT_MAX     256 /* of a URL, an argument */
#define PROBE_EXPR_MAX     64  /* of an expression, of what it must give */

/* A round's answers as the task's record keeps them: a line each (probe_record_write()). */
#define PROBE_RECORD_MAX 512

enum probe_kind {
	PROBE_TCP,     /* it takes a connection on a port */
	PROBE_BANNER,  /* its FTP server says 220 */
	PROBE_REPL,    /* an expression gives a text: a login */
	PROBE_HTTP,    /* GET answers with a status */
	PROBE_COMMAND, /* a program of the owner says so by its exit code */
	PROBE_KIND_COUNT
};

/* One probe as the inventory says it; immutable, shared by boards. */
struct probe_spec {
	enum probe_kind kind;
	char name[PROBE_NAME_MAX]; /* unique on its board: "tcp:8080", "http-2" */
	int64_t deadline_ms;
	uint16_t port; /* TCP */
	int status;    /* HTTP: the one that passes */
	char *text; /* REPL: the expression; HTTP: the URL; may hold {name}, {address} */
	char *expect; /* REPL */
	char *args[PROBE_ARGS_MAX +
		   1]; /* COMMAND; may hold the same; a NULL closes it */
};
struct probe_list {
	size_t count;
	struct probe_spec probe[PROBES_MAX];
};

enum probe_outcome {
	PROBE_UNASKED,
	PROBE_PASS,
	PROBE_FAIL,
	PROBE_INCONCLUSIVE, /* it could not be asked: says nothing of the board */
	PROBE_OUTCOME_COUNT
};
const char *probe_outcome_name(enum probe_outcome outcome);

struct probe_result {
	enum probe_outcome outcome;
	int64_t time_s; /* when it was asked */
	char name[PROBE_NAME_MAX];
	char evidence[PROBE_EVIDENCE_MAX]; /* one line of printable text */
};
struct probe_results {
	size_t count;
	struct probe_result result[PROBES_MAX];
};

/* Sets outcome, time and evidence; what is not printable becomes '?', what is too long is
 * cut. */
void probe_result_set(struct probe_result *result, enum probe_outcome outcome,
	int64_t time_s, const char *evidence);

/* What the soak knows after a round: the latest answer of each probe. An inconclusive one
 * replaces no answer. Probes that the round does not know any more are dropped. Returns
 * whether an outcome has changed. */
bool probe_results_merge(
	struct probe_results *known, const struct probe_results *round);

/* One failed: FAIL; else one was never answered: INCONCLUSIVE; else PASS. UNASKED where
 * there is no probe. */
enum probe_outcome probe_verdict(const struct probe_results *results);

/* The results as text for the store, and back. What is no such text reads as no results. */
void probe_record_write(
	const struct probe_results *results, char ret_text[PROBE_RECORD_MAX]);
void probe_record_read(const char *text, struct probe_results *ret_results);

/* `text` with {name} and {address} put in. Returns 0, -EINVAL for another word in braces,
 * -E2BIG. An address that holds a colon gets brackets if `brackets`. */
int probe_expand(const char *text, const char *name, const char *address, bool brackets,
	char *ret_text, size_t cap) WARN_UNUSED;

#endif
