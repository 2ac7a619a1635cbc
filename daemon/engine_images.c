/* SPDX-License-Identifier: MIT
 *
 * The images of a plan, looked at before anything begins: one that is missing or damaged is our
 * disk's fault, and no board shall fail by it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/engine_private.h"

struct check {
	struct engine *engine; /* held */
	char sha256[RELEASE_IMAGES_MAX][SHA256_HEX_MAX];
	size_t count, at;
	engine_checked_fn done;
	void *arg;
};

static void add_image(struct check *check, const struct release_image *image)
{
	for (size_t i = 0; i < check->count; i++)
		if (strcmp(check->sha256[i], image->sha256) == 0)
			return;
	memcpy(check->sha256[check->count++], image->sha256, SHA256_HEX_MAX);
}

static void finish(struct check *check, int status, const struct errtext *error)
{
	struct engine *engine = check->engine;

	check->done(check->arg, status, error);
	free(check);
	engine_unhold(engine);
}

static void next_image(struct check *check);

static void looked(void *arg, int status, const struct errtext *error)
{
	struct check *check = arg;

	if (status < 0)
		finish(check, status, error);
	else
		next_image(check);
}

static void next_image(struct check *check)
{
	static const struct errtext none;

	if (check->at == check->count)
		finish(check, 0, &none);
	else
		catalogue_check_image(check->engine->config.catalogue,
			check->sha256[check->at++], looked, check);
}

void engine_check_images(struct engine *engine, const struct plan *plan,
	engine_checked_fn done, void *arg)
{
	struct check *check = engine_alloc(1, sizeof(*check));

	check->engine = engine;
	check->done = done;
	check->arg = arg;
	for (size_t i = 0; i < plan->entry_count; i++)
		if (plan->entry[i].state == TASK_PLANNED)
			add_image(check,
				engine_image_for(plan->entry[i].board, plan->release));
	engine_hold(engine);
	next_image(check);
}
