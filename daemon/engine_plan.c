/* SPDX-License-Identifier: MIT
 *
 * The plan of a rollout, as a person sees it before it starts: which boards, a verdict for
 * each, the waves. Making it changes nothing.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/push_rule.h"
#include "daemon/engine_private.h"

#define DEFAULT_WAVES "1,10%,50%,100%"

int engine_plan_free(const struct engine_board *board, struct errtext *ret_error)
{
	char id[ID_TEXT_MAX];

	if (!board->task || engine_task_yields(board->task))
		return 0;
	id_format(&board->task->task.rollout, id);
	snprintf(ret_error->text, sizeof(ret_error->text),
		"board %s belongs to the active rollout %.8s of release %s: wait for "
		"its end, or abort it",
		board->board.name, id, board->task->rollout->rollout.release);
	return -EBUSY;
}

static int select_boards(struct engine *engine, const struct selector *selector,
	struct plan *plan, struct errtext *ret_error)
{
	plan->entry = engine_alloc(engine->board_count + 1, sizeof(*plan->entry));
	for (size_t i = 0; i < engine->board_count; i++) {
		struct engine_board *board = engine->board[i];

		if (board->kept || !engine_board_matches(board, selector))
			continue;
		if (engine_plan_free(board, ret_error) < 0)
			return -EBUSY;
		plan->entry[plan->entry_count++].board = board;
	}
	if (plan->entry_count == 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"no board matches the selector '%.160s'; `wipyctl boards` "
			"lists them",
			plan->select_text);
		return -EINVAL;
	}
	return 0;
}

/* What a saved selector means may change; what this rollout is about may not. */
static int read_selector(struct engine *engine, const char *text, struct plan *plan,
	struct errtext *ret_error)
{
	struct selector selector;
	int rc = engine_parse_selector(engine, text, &selector, ret_error);

	if (rc < 0)
		return rc;
	snprintf(plan->select_text, sizeof(plan->select_text), "%s", text ? text : "");
	if (selector.has_sets && selector_format(&selector, plan->select_text,
					 sizeof(plan->select_text)) < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"selector: with its saved selectors written out it has more "
			"than %d characters",
			SELECTOR_MAX - 1);
		return -EINVAL;
	}
	return select_boards(engine, &selector, plan, ret_error);
}

static bool is_wrong(const struct engine_board *board)
{
	return board->board.access == ACCESS_WRONG_BOARD || board->board.other_id[0];
}

static enum fit fit_of(const struct engine_board *board,
	const struct release_image *image, bool may_one_way)
{
	struct fit_facts facts = {
		.image = image,
		.accept = board->spec->accept,
		.runs = board->board.has_fingerprint ? board->board.fingerprint.tag
						     : NULL,
		.may_one_way = may_one_way,
	};

	return image ? fit_judge(&facts) : FIT_GOOD;
}

enum reason engine_type_forbids(
	const struct engine_board *board, const struct release_image *image)
{
	struct push_facts facts = {
		.has_image = board->spec->family == image->family,
		.known_bad = engine_image_known_bad(board, image),
		.fit = fit_of(board, image, false),
	};

	return push_forbidden(&facts);
}

static void judge(struct plan *plan, struct plan_entry *entry)
{
	const struct engine_board *board = entry->board;
	const struct release_image *image = engine_image_for(board, plan->release);
	struct push_facts facts = {
		.has_image = image != NULL,
		.wrong_board = is_wrong(board),
		.runs_it = image && board->board.reach == REACH_ONLINE &&
			   board->board.conditions == 0 &&
			   wipy_fingerprint_equal(
				   &board->board.fingerprint, &image->fingerprint),
		.known_bad = image && engine_image_known_bad(board, image),
		.fit = fit_of(board, image, plan->allow_one_way),
		.burns = engine_ledger_burns(board),
		.may_burn = plan->burn_last_good,
		.dirty = board->board.conditions & CONDITION_DIRTY,
		.strays = engine_rescue_strays(board),
	};

	entry->reason = push_forbidden(&facts);
	entry->state = entry->reason == REASON_NONE              ? TASK_PLANNED
		       : entry->reason == REASON_ALREADY_RUNNING ? TASK_ALREADY
								 : TASK_REFUSED;
	entry->wave = -1; /* of those that are dealt out only */
	plan->planned += entry->state == TASK_PLANNED;
	plan->already += entry->state == TASK_ALREADY;
	plan->refused += entry->state == TASK_REFUSED;
}

enum reason engine_release_forbids(
	const struct engine_board *board, const struct release *release)
{
	struct plan plan = {.release = release};
	struct plan_entry entry = {.board = (struct engine_board *)(uintptr_t)board};

	judge(&plan, &entry);
	return entry.reason;
}

static int compare_entries(const void *va, const void *vb)
{
	const struct plan_entry *a = va, *b = vb;

	return a->wave != b->wave ? a->wave - b->wave
				  : strcmp(a->board->board.name, b->board->board.name);
}

/* What a board is a sample of: its type, or the family of one that has none. */
static const char *type_of(const struct engine_board *board)
{
	const struct board_spec *spec = board->spec;

	return *spec->type ? spec->type : wipy_family_facts(spec->family)->name;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers from 0 on, the same for the same type. */
static void number_types(
	const struct plan *plan, struct wave_candidate *candidate, size_t count)
{
	const char **name = engine_alloc(count + 1, sizeof(*name));
	size_t names = 0;

	for (size_t i = 0; i < count; i++)
		name[i] = type_of(plan->entry[candidate[i].index].board);
	qsort(name, count, sizeof(*name), compare_texts);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(name[i], name[names - 1]) != 0)
			name[names++] = name[i];
	for (size_t i = 0; i < count; i++) {
		const char *own = type_of(plan->entry[candidate[i].index].board);
		const char **found =
			bsearch(&own, name, names, sizeof(*name), compare_texts);

		candidate[i].type = (int)(found - name);
	}
	free(name);
}

/* The list of domains is a copy; what is in flight in them does not count here. */
static int deal_out(struct engine *engine, const struct plan *plan,
	const struct waves *waves, struct wave_candidate *candidate, size_t count)
{
	int in_flight, wave_count;
	struct wave_strata strata = {
		.domain = engine_make_domains(engine, &in_flight),
		.domain_share = (int)engine->config.settings->domain_share,
		.of_type = engine_alloc(count + 1, sizeof(int)),
	};

	for (size_t i = 0; i < count; i++)
		for (int k = 0; k < TASK_DOMAINS; k++)
			if (candidate[i].domains.index[k] >= 0)
				strata.domain[candidate[i].domains.index[k]].in_flight =
					0;
	number_types(plan, candidate, count);
	wave_count =
		waves_deal(waves, plan_release_name(plan), &strata, candidate, count);
	free(strata.domain);
	free(strata.of_type);
	return wave_count;
}

void engine_plan_deal(
	struct engine *engine, struct plan *plan, const struct waves *waves)
{
	struct wave_candidate *candidate =
		engine_alloc(plan->planned + 1, sizeof(*candidate));
	size_t count = 0;

	for (size_t i = 0; i < plan->entry_count; i++) {
		const struct board *board = &plan->entry[i].board->board;

		if (plan->entry[i].state != TASK_PLANNED)
			continue;
		candidate[count].board = board->name;
		candidate[count].seen =
			board->reach == REACH_ONLINE || board->reach == REACH_FLAPPING;
		candidate[count].domains = engine_board_domains(plan->entry[i].board);
		candidate[count++].index = i;
	}
	plan->wave_count = deal_out(engine, plan, waves, candidate, count);
	for (size_t i = 0; i < count; i++) {
		plan->entry[candidate[i].index].wave = candidate[i].wave;
		plan->wave_size[candidate[i].wave]++;
	}
	free(candidate);
	engine_plan_sort(plan);
}

void engine_plan_sort(struct plan *plan)
{
	qsort(plan->entry, plan->entry_count, sizeof(*plan->entry), compare_entries);
}

int engine_plan_begin(struct engine *engine, const struct rollout_request *request,
	struct plan *ret_plan, struct waves *ret_waves, struct errtext *ret_error)
{
	const char *text = request->waves ? request->waves : DEFAULT_WAVES;
	struct plan plan = {.soak_s = request->soak_s,
		.expires_s = request->expires_s,
		.burn_last_good = request->burn_last_good,
		.allow_one_way = request->allow_one_way};
	int rc = waves_parse(text, ret_waves, ret_error);

	if (rc == 0 && strlen(text) >= sizeof(plan.waves_text)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"waves: the text is longer than 127 characters");
		rc = -EINVAL;
	}
	if (rc < 0)
		return rc;
	if (plan.soak_s < 0)
		plan.soak_s = (engine->config.settings->soak_ms + 999) / 1000;
	if (plan.expires_s <= 0)
		plan.expires_s = engine->config.settings->expires_ms / 1000;
	snprintf(plan.waves_text, sizeof(plan.waves_text), "%s", text);
	*ret_plan = plan;
	return 0;
}

enum release_verdict engine_release_verdict(
	const struct engine *engine, const struct release *release, bool begun)
{
	const struct release_manifest *said = &release->manifest;
	const struct minisign_trust *trust = &engine->config.settings->trust;
	struct release_facts facts = {
		.has_manifest = *said->series,
		.policy = trust->policy,
		.threshold = trust->threshold,
		.trusted = said->signer_count,
		.broken = said->broken,
		.now_s = engine_now_s(),
		.expires_s = said->expires_s,
		.retired = release->retired_s != 0,
		.begun = begun,
	};

	return release_judge_use(&facts);
}

int engine_release_begins(const struct engine *engine, const struct release *release,
	struct errtext *ret_error)
{
	const char *name = release->name;
	char *text = ret_error->text;
	size_t cap = sizeof(ret_error->text);

	switch (engine_release_verdict(engine, release, false)) {
	case RELEASE_RETIRED:
		snprintf(text, cap,
			"release %s is retired: choose another one, or take that back "
			"with `wipyctl release retire --back %s`",
			name, name);
		return -EPERM;
	case RELEASE_EXPIRED:
		snprintf(text, cap,
			"the manifest of release %s has expired: add a newer one from "
			"its maker",
			name);
		return -EPERM;
	case RELEASE_NO_MANIFEST:
		snprintf(text, cap,
			"the settings ask for signatures, and nobody has signed "
			"release %s, which was made of files: add one with a signed "
			"manifest",
			name);
		return -EPERM;
	case RELEASE_TOO_FEW:
		snprintf(text, cap,
			"%zu of the keys that are trusted today have signed release "
			"%s, the settings ask for %zu: have its manifest signed by "
			"more, and add it again",
			release->manifest.signer_count, name,
			engine->config.settings->trust.threshold);
		return -EPERM;
	case RELEASE_TAMPERED:
		snprintf(text, cap,
			"a signature of a trusted key does not fit the manifest of "
			"release %s: see `wipyctl release verify %s`",
			name, name);
		return -EPERM;
	case RELEASE_GOOD:
	case RELEASE_UNSIGNED:
	case RELEASE_OLDER: /* when it came, and somebody said that it may */
	case RELEASE_UNSURE:
	default:
		return 0;
	}
}

int engine_plan(struct engine *engine, const struct rollout_request *request,
	struct plan *ret_plan, struct errtext *ret_error)
{
	const struct release *release;
	struct waves waves;
	int rc = catalogue_find(
		engine->config.catalogue, request->release, &release, ret_error);

	if (rc == 0)
		rc = engine_release_begins(engine, release, ret_error);
	if (rc == 0)
		rc = engine_plan_begin(engine, request, ret_plan, &waves, ret_error);
	if (rc < 0)
		return rc;
	ret_plan->release = release;
	rc = read_selector(engine, request->select, ret_plan, ret_error);
	if (rc < 0) {
		plan_done(ret_plan);
		return rc;
	}
	for (size_t i = 0; i < ret_plan->entry_count; i++)
		judge(ret_plan, &ret_plan->entry[i]);
	engine_plan_deal(engine, ret_plan, &waves);
	return 0;
}

/* Others may have found the image to be bad meanwhile; what this rollout has found out is
 * its own brakes' business, and an undo goes back to what ran (docs/decisions/0017). */
static bool others_know_bad(
	const struct engine_task *et, const struct release_image *image)
{
	return !et->task.has_wanted && engine_image_known_bad_but(et->board, image,
					       &et->rollout->rollout.id) != NULL;
}

/* Where a push was begun it goes on, and an undo goes back to what ran there. */
static bool is_withdrawn(const struct engine_task *et)
{
	const struct release *release = et->rollout->release;

	return release && !et->task.attempted && !et->task.has_wanted &&
	       release_is_refused(engine_release_verdict(
		       et->rollout->engine, release, !et->task.late));
}

enum reason engine_task_forbidden(const struct engine_task *et)
{
	const struct release_image *image = engine_task_image(et);
	struct push_facts facts = {
		.has_image = image != NULL,
		.wrong_board = is_wrong(et->board),
		.withdrawn = is_withdrawn(et),
		.known_bad = image && others_know_bad(et, image),
		/* An undo goes back to what ran there. */
		.fit = et->task.has_wanted
			       ? FIT_GOOD
			       : fit_of(et->board, image,
					 et->rollout->rollout.allow_one_way),
		.burns = engine_ledger_burns(et->board) || !engine_rescue_holds(et),
		/* An undo was planned by the same rule: what repairs is not refused. */
		.may_burn = et->rollout->rollout.burn_last_good ||
			    (et->task.has_wanted && et->task.inherited != 0 &&
				    !board_is_not_lasting(&et->board->board)),
		.dirty = et->board->board.conditions & CONDITION_DIRTY,
		.strays = engine_rescue_strays(et->board),
	};

	return push_forbidden(&facts);
}

void plan_done(struct plan *plan)
{
	free(plan->entry);
	free(plan->vanished);
	plan->entry = NULL;
	plan->vanished = NULL;
}

const char *plan_release_name(const struct plan *plan)
{
	return plan->release ? plan->release->name : plan->undo_of->rollout.release;
}
