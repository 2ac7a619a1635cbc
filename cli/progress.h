/* SPDX-License-Identifier: MIT
 *
 * How a rollout stands, in text: the bars of its waves, its outcomes, its exceptions.
 * Shared by status, report and watch; takes the shapes of docs/openapi.yaml.
 */
#ifndef WIPY_CLI_PROGRESS_H
#define WIPY_CLI_PROGRESS_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/failure.h"
#include "cli/writer.h"

enum progress_kind {
	PROGRESS_DONE,   /* runs the image */
	PROGRESS_BAD,    /* hurt, or back on the old image */
	PROGRESS_OUT,    /* ended without having been tried */
	PROGRESS_BACK,   /* taken back by an undo */
	PROGRESS_FLYING, /* something is under way on the board */
	PROGRESS_STUCK,  /* waits for something that may not come by itself */
	PROGRESS_AHEAD,  /* its turn comes later */
	PROGRESS_KIND_COUNT
};

/* The kind of a task state; an unknown one is STUCK: a person should look. */
enum progress_kind progress_kind(const char *state);

struct progress_tally {
	long long count[PROGRESS_KIND_COUNT];
	long long begun; /* boards whose push was begun: the honest denominator */
	long long total;
};

/* From {STATE: count}. */
void progress_tally(const json_t *outcomes, struct progress_tally *ret_tally);

/* An outcome with its denominator: of those begun, for what happens to no other. */
struct progress_outcome {
	const char *state;
	long long count, of; /* 0 of what there is none of, or of nonsense */
	bool begun;
};
/* The index-th state, of all there are. */
bool progress_outcome_at(
	const json_t *outcomes, size_t index, struct progress_outcome *ret_outcome);

/* The style in which a state of anything (board, task, wave, rollout) is shown. */
enum style progress_style(const char *state);

/* Draws n cells in the proportions of the tally: `#` done, `!` bad, `-` out, `>` flying,
 * `?` stuck, `.` ahead. What exists gets at least one cell. */
void progress_bar(const struct progress_tally *tally, int cells, char *ret_bar);

/* "3f2a9c10", the beginning of an id that people use. */
#define PROGRESS_ID_SHOWN 8

void progress_head(struct writer *writer, const json_t *rollout);
void progress_wave(struct writer *writer, const json_t *wave);
void progress_waves(struct writer *writer, const json_t *rollout);
/* Every outcome with its denominator. */
void progress_outcomes(struct writer *writer, const json_t *rollout);
/* One line a site that boards wait for; nothing for an empty list. */
void progress_windows(struct writer *writer, const json_t *windows);
/* What it waits for, and how its catch-up stands; nothing if it waits for nothing. */
void progress_waits(struct writer *writer, const json_t *rollout);
/* The probes that did not pass, or those of one board. Nothing for an empty list. */
void progress_probes(struct writer *writer, const json_t *probes);
/* A table; nothing for an empty list. */
void progress_exceptions(struct writer *writer, const json_t *exceptions);

/* Has the rollout ended, or been halted? Then *ret_code is what wipyctl ends with. */
bool progress_ended(const char *state, enum exit_code *ret_code);

#endif
