/* SPDX-License-Identifier: MIT
 *
 * What a plan would come to if it began now: a verdict and the risks of each board,
 * when its waves would begin and end; and plans that were saved, held against the
 * fleet.
 */
#ifndef WIPY_ENGINE_OUTLOOK_H
#define WIPY_ENGINE_OUTLOOK_H

#include "daemon/core/forecast.h"
#include "daemon/core/pace.h"
#include "daemon/core/plan_diff.h"
#include "daemon/core/remains.h"
#include "daemon/core/verdict.h"
#include "daemon/engine.h"

/* ---- the outlook ----------------------------------------------------------------- */

struct outlook_entry {
	enum verdict verdict;
	enum reason reason; /* of the verdict */
	int64_t opens_s; /* of HELD: when its window opens, or WINDOW_NEVER; else 0 */
	uint32_t
		risks; /* bits of enum risk; 0 of an undo, whose steps have their own */
};

/* Boards of one family at one site, and what the forecast takes for them. */
struct outlook_pace {
	enum wipy_family family;
	const char *site; /* "" without; of the inventory */
	size_t boards;
	struct pace_times times;
};

struct outlook {
	struct outlook_entry *entry; /* as those of the plan */
	struct forecast_wave wave[WAVES_MAX];
	size_t wave_away[WAVES_MAX]; /* boards of it that do not answer */
	struct outlook_pace *pace;
	size_t pace_count;
	enum pace_from from; /* the weakest of them */
	size_t answering;    /* planned boards that the forecast is about */
};

/* Of a plan of this moment. Changes nothing. */
void engine_outlook(
	struct engine *engine, const struct plan *plan, struct outlook *ret_outlook);
void outlook_done(struct outlook *outlook);

/* ---- a rollout under way --------------------------------------------------------- */

struct rollout_progress {
	struct remains_rate rate;
	bool foreseen;  /* it runs, and boards that answer are still to be updated */
	int64_t ends_s; /* WINDOW_NEVER: a window does not open within the search */
	size_t boards;  /* that are left */
	enum pace_from from; /* of the weakest of their times */
};

/* As of now; of a rollout of the past (one without places) nothing is said. */
void engine_progress(
	const struct engine_rollout *rollout, struct rollout_progress *ret_progress);
/* Bytes a second of the push under way since it began; 0: there is none, or it is not
 * known yet. */
int64_t engine_push_speed(const struct engine_task *task);

/* What both forecasts share. A board of a wave (from 0) that is still to get so many
 * bytes; without a window. */
struct forecast_group engine_forecast_group(
	const struct engine_board *board, int wave, int64_t size);
struct forecast_soak {
	int64_t soak_s, until_s; /* until_s: as forecast_view.soaks_until_s */
};
/* Of boards from now on; sorts them. */
void engine_forecast(struct engine *engine, struct forecast_group *group, size_t boards,
	const struct forecast_soak *soak, struct forecast_wave *ret_waves,
	int wave_count);

/* ---- saved plans ----------------------------------------------------------------- */

struct plan_image {
	const char *family, *type, *sha256; /* type: "" for all of the family */
};

/* Borrows its texts. */
struct plan_saved {
	struct rollout_request request; /* everything in it is given */
	struct plan_image *image;       /* all of the release */
	size_t image_count;
	struct plan_row *row; /* by name, each board once */
	size_t row_count;
};

#define PLAN_MOVES_MAX 1000 /* that are told; the others are counted */

struct plan_moves {
	struct plan_difference list[PLAN_MOVES_MAX];
	size_t total; /* may be more than are in the list */
	struct errtext release;
	char (*runs)[WIPY_FINGERPRINT_MAX]; /* what the list borrows from */
};

/* The plan that was saved, as engine_plan() gives it, with the waves that were
 * saved, if it would be made the same now. -ESTALE: it would not, *ret_moves says
 * why; or as engine_plan(). *ret_moves is to be given to plan_moves_done() in any
 * case. */
int engine_plan_saved(struct engine *engine, const struct plan_saved *saved,
	struct plan *ret_plan, struct plan_moves *ret_moves,
	struct errtext *ret_error) WARN_UNUSED;
void plan_moves_done(struct plan_moves *moves);

#endif
