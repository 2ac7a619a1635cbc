/* SPDX-License-Identifier: MIT
 *
 * A board at the bench, spoken to without the daemon: its card, its image, where it is,
 * and what has been seen of it so far.
 */
#ifndef WIPY_CLI_RESCUE_BENCH_H
#define WIPY_CLI_RESCUE_BENCH_H

#include "cli/board_wire.h"
#include "cli/cli.h"
#include "cli/image_file.h"
#include "cli/rescue_pin.h"
#include "common/family.h"

#define BENCH_PROOF_MAX 160

struct bench {
	struct cli *cli;
	struct writer *out; /* for the person; not where a document goes */
	json_t *card;       /* owned */
	const char *board, *receipt_path;
	enum wipy_family family;
	struct rescue_pin pin;
	struct image_file image; /* what a push puts behind it is in its data */
	size_t push_len;
	struct board_wire here, home; /* at the bench; where the inventory has it */
	char receipt_name[512], password[64];
	int64_t wait_ms; /* for the board to answer, each time */

	bool pinned; /* it came up by its pin */
	char unique_id[TELNET_ID_MAX];
	struct wipy_fingerprint shows;
	char proof[BENCH_PROOF_MAX];
};

/* Reads card and image, and the options of 'rescue run'. Returns 0, or an exit code after
 * the failure was printed; in both cases bench_done() is due. */
int bench_open(struct bench *bench, struct cli *cli) WARN_UNUSED;
void bench_done(struct bench *bench);

/* Whether what answers is the card's board: NULL, or a sentence why not. `unique_id` "":
 * it could not be read. */
const char *bench_is_other(const json_t *card, const struct wipy_fingerprint *shows,
	const char *unique_id);

/* The whole of it: find, check, push, reset, see it come back. bench->proof then says how
 * that was seen. Returns 0, or an exit code after the failure was printed. */
int bench_run(struct bench *bench) WARN_UNUSED;

/* The person holds the pin and resets: shows the windows until the one that is used is
 * over (rescue_show.c). */
void bench_countdown(struct bench *bench);
/* Bytes of a push, by board_push(). */
void bench_progress(void *bench, size_t taken_len, size_t len);

#endif
