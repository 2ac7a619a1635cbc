/* SPDX-License-Identifier: MIT
 *
 * Events that leave the store: what a person has exported, what a person prunes. Both are
 * events themselves, in the commit that makes them true.
 */
#include "config.h"

#include <stdio.h>

#include "common/utc.h"
#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "events"

void engine_note_exported(struct engine *engine, const char *actor,
	const struct engine_export *export, engine_done_fn done, void *arg)
{
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[160], hex[CHAIN_HEX_MAX];

	chain_hex(export->chain, CHAIN_LEN, hex);
	snprintf(detail, sizeof(detail), "events %lld to %lld, chain %s",
		(long long)export->after_seq + 1, (long long)export->last_seq, hex);
	store_note_exported(batch, export->last_seq);
	engine_event_caused(batch, actor, "wish", "", NULL, "events-exported", detail);
	engine_commit_wish(engine, batch, done, arg);
}

void engine_prune(struct engine *engine, const char *actor,
	const struct store_prune_plan *plan, engine_done_fn done, void *arg)
{
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[256], hex[CHAIN_HEX_MAX], when[WIPY_UTC_MAX] = "?";
	bool exported = plan->upto_seq <= plan->exported_seq;

	chain_hex(plan->chain, CHAIN_LEN, hex);
	(void)!wipy_utc_format(plan->upto_s, when);
	snprintf(detail, sizeof(detail),
		"events %lld to %lld, chain %s, %s; the past begins at %s",
		(long long)plan->first_seq, (long long)plan->upto_seq, hex,
		exported ? "exported" : "not exported", when);
	store_put_prune(batch, plan, ENGINE_RECENT);
	engine_event_caused(batch, actor, "wish", "", NULL, "events-pruned", detail);
	log_warn(TAG, "pruning %s actor=%s", detail, actor);
	engine_commit_wish(engine, batch, done, arg);
}
