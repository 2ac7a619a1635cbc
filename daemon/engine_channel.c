/* SPDX-License-Identifier: MIT
 *
 * Channels: manifests that are looked at on a schedule, from the start of the daemon on. What
 * is new comes into the catalogue as if a person had asked for it, and never further. A
 * failure is an event when it is another one than the time before.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/edge/log.h"
#include "daemon/engine_private.h"

#define TAG "channel"

struct engine_channel {
	int64_t due_ms;
	int64_t looked_s; /* the last time; 0: not yet */
	int64_t fetch;    /* its number while it is under way; 0: none */
	int status;       /* of the last one that has ended */
	struct errtext error;
	char release[NAME_MAX_LEN];
};

static void note_failure(struct engine *engine, const char *name, const char *what)
{
	struct store_batch *batch = store_batch_new(engine->config.store);
	char detail[384];

	snprintf(detail, sizeof(detail), "%s: %s", name, what);
	engine_event_caused(
		batch, "wipyd", "schedule", "", NULL, "channel-failed", detail);
	engine_commit(engine, batch);
}

/* Says whether the fetch has ended. */
static bool take_result(struct engine *engine, struct engine_channel *channel,
	const struct release_channel *said)
{
	struct fetch_view view;

	if (!engine_fetch_view(engine, channel->fetch, &view))
		return true; /* others have ended since, and it is forgotten */
	if (view.state != FETCH_DONE && view.state != FETCH_FAILED)
		return false;
	if (view.state == FETCH_FAILED && strcmp(channel->error.text, view.error) != 0)
		note_failure(engine, said->name, view.error);
	channel->status = view.state == FETCH_FAILED ? view.status : 0;
	snprintf(channel->error.text, sizeof(channel->error.text), "%s", view.error);
	if (view.state == FETCH_DONE)
		snprintf(
			channel->release, sizeof(channel->release), "%s", view.release);
	return true;
}

static void look(struct engine *engine, struct engine_channel *channel,
	const struct release_channel *said)
{
	struct fetch_request request = {
		.url = said->url, .actor = "wipyd", .reason = ""};
	struct errtext error;

	if (engine_fetch_start(engine, &request, &channel->fetch, &error) < 0) {
		log_warn(TAG, "not looked at channel=%s: %s", said->name, error.text);
		return; /* once more in a minute */
	}
	channel->looked_s = engine_now_s();
	channel->due_ms = engine_now_ms(engine) + said->every_ms;
}

void engine_channels_tick(struct engine *engine)
{
	const struct settings *settings = engine->config.settings;

	if (!engine->channel && settings->channel_count > 0)
		engine->channel =
			engine_alloc(settings->channel_count, sizeof(*engine->channel));
	for (size_t i = 0; i < settings->channel_count; i++) {
		struct engine_channel *channel = &engine->channel[i];
		const struct release_channel *said = &settings->channel[i];

		if (channel->fetch != 0 && take_result(engine, channel, said))
			channel->fetch = 0;
		if (channel->fetch == 0 && engine_now_ms(engine) >= channel->due_ms)
			look(engine, channel, said);
	}
}

bool engine_channel_view(
	const struct engine *engine, size_t index, struct channel_view *ret_view)
{
	const struct settings *settings = engine->config.settings;
	const struct engine_channel *channel;

	if (index >= settings->channel_count || !engine->channel)
		return false;
	channel = &engine->channel[index];
	*ret_view = (struct channel_view){
		.name = settings->channel[index].name,
		.url = settings->channel[index].url,
		.every_s = settings->channel[index].every_ms / 1000,
		.looked_s = channel->looked_s,
		.fetch = channel->fetch,
		.status = channel->status,
		.error = channel->error.text,
		.release = channel->release,
	};
	return true;
}
