/* SPDX-License-Identifier: MIT
 *
 * The catalogue on the loop's side: what is known of releases, and jobs for the worker
 * pool. A job's struct belongs to the worker while it runs and to the loop before and
 * after; nothing else is shared.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_cache.h"
#include "daemon/edge/catalogue_disk.h"
#include "daemon/edge/catalogue_private.h"

#define NAMES_SHOWN 5

void catalogue_job_start(struct catalogue *catalogue, uv_work_t *work, void *job,
	uv_work_cb run, uv_after_work_cb after)
{
	work->data = job;
	catalogue->jobs++;
	if (uv_queue_work(catalogue->loop, work, run, after) < 0)
		abort(); /* only without a function to run */
}

void catalogue_queue(struct catalogue *catalogue, struct catalogue_job *job,
	void (*begin)(struct catalogue_job *job))
{
	job->catalogue = catalogue;
	job->begin = begin;
	*catalogue->queue_end = job;
	catalogue->queue_end = &job->next;
	if (catalogue->queue == job)
		begin(job);
}

void catalogue_queue_next(struct catalogue *catalogue)
{
	catalogue->queue = catalogue->queue->next;
	if (catalogue->queue)
		catalogue->queue->begin(catalogue->queue);
	else
		catalogue->queue_end = &catalogue->queue;
}

void catalogue_noted(
	struct catalogue *catalogue, int status, const struct errtext *error)
{
	catalogue->queue->noted(catalogue->queue, status, error);
}

static void on_image_read(void *arg, const struct catalogue_image *image)
{
	struct catalogue *catalogue = arg;

	catalogue_remember(&catalogue->known, image);
}

int catalogue_open(uv_loop_t *loop, const char *dir, const struct minisign_trust *trust,
	struct catalogue **ret_catalogue, struct errtext *ret_error)
{
	struct catalogue *catalogue;
	struct catalogue_listing list;
	int r;

	if (sodium_init() < 0)
		return fault(ret_error, -ENOSYS,
			"libsodium did not start: is there a source of randomness?");
	r = catalogue_disk_prepare(dir, ret_error);
	if (r == 0)
		r = catalogue_disk_list(dir, trust, &list, ret_error);
	if (r < 0)
		return r;
	catalogue = must(calloc(1, sizeof(*catalogue)));
	catalogue->loop = loop;
	catalogue->trust = *trust;
	catalogue->dir = must(strdup(dir));
	catalogue->release = list.release;
	catalogue->count = list.count;
	catalogue->damaged = list.damaged;
	catalogue->damaged_count = list.damaged_count;
	catalogue->queue_end = &catalogue->queue;
	catalogue->cache =
		catalogue_cache_new(loop, catalogue->dir, on_image_read, catalogue);
	*ret_catalogue = catalogue;
	return 0;
}

/* ---- finding ---------------------------------------------------------------------- */

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->count;
}

const struct release *catalogue_at(const struct catalogue *catalogue, size_t index)
{
	return catalogue->release[index];
}

const char *catalogue_damaged(const struct catalogue *catalogue, size_t index)
{
	return index < catalogue->damaged_count ? catalogue->damaged[index] : NULL;
}

bool catalogue_is_file_of(const char *file_name, const char *name)
{
	size_t len = strlen(name);

	return strncmp(file_name, name, len) == 0 &&
	       strcmp(file_name + len, ".json") == 0;
}

struct release *catalogue_exact(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->release[i]->name, name) == 0)
			return catalogue->release[i];
	return NULL;
}

static bool has_base(const struct release *release, const char *base)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (wipy_version_has_base(release->image[i].fingerprint.tag, base))
			return true;
	return false;
}

/* Appends the names of the latest releases (of that tag base; NULL: any), five at most. */
static void list_names(
	const struct catalogue *catalogue, const char *base, struct errtext *error)
{
	size_t len = strlen(error->text), shown = 0, more = 0;

	for (size_t i = catalogue->count; i-- > 0;) {
		const struct release *release = catalogue->release[i];

		if (base && !has_base(release, base))
			continue;
		/* Each name may be as long as 63 characters, and all must be whole. */
		if (shown == NAMES_SHOWN ||
			len + NAME_MAX_LEN + 20 > sizeof(error->text)) {
			more++;
			continue;
		}
		len += (size_t)snprintf(error->text + len, sizeof(error->text) - len,
			"%s%s", shown ? ", " : "", release->name);
		shown++;
	}
	if (more)
		snprintf(error->text + len, sizeof(error->text) - len, " and %zu more",
			more);
}

int catalogue_find(const struct catalogue *catalogue, const char *name,
	const struct release **ret_release, struct errtext *ret_error)
{
	const struct release *found = catalogue_exact(catalogue, name);
	size_t count = 0;

	if (found) {
		*ret_release = found;
		return 0;
	}
	for (size_t i = 0; i < catalogue->count; i++) {
		if (!has_base(catalogue->release[i], name))
			continue;
		found = catalogue->release[i];
		count++;
	}
	if (count == 1) {
		*ret_release = found;
		return 0;
	}
	if (count > 1) {
		fault(ret_error, 0,
			"'%.63s' fits %zu releases, name one of them: ", name, count);
		list_names(catalogue, name, ret_error);
		return -ENOTUNIQ;
	}
	for (size_t i = 0; i < catalogue->damaged_count; i++)
		if (catalogue_is_file_of(catalogue->damaged[i], name))
			return fault(ret_error, -ENOENT,
				"release '%.63s' cannot be read: mend or remove %.80s "
				"in %.80s/releases and start wipyd again",
				name, catalogue->damaged[i], catalogue->dir);
	if (catalogue->count == 0)
		return fault(ret_error, -ENOENT,
			"there is no release '%.63s': the catalogue is empty; add one "
			"with "
			"'wipyctl release add'",
			name);
	fault(ret_error, 0, "there is no release '%.63s'; there are: ", name);
	list_names(catalogue, NULL, ret_error);
	return -ENOENT;
}

/* ---- the bytes -------------------------------------------------------------------- */

void catalogue_get_bytes(struct catalogue *catalogue, const char *sha256,
	catalogue_bytes_fn done, void *arg)
{
	catalogue_cache_get(catalogue->cache, sha256, done, arg);
}

void catalogue_release_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes)
{
	catalogue_cache_release(catalogue->cache, bytes);
}

void catalogue_hold_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes)
{
	catalogue_cache_hold(catalogue->cache, bytes);
}

struct catalogue *catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return NULL;
	assert(catalogue->jobs == 0);
	catalogue_cache_free(catalogue->cache);
	for (size_t i = 0; i < catalogue->count; i++)
		free(catalogue->release[i]);
	for (size_t i = 0; i < catalogue->damaged_count; i++)
		free(catalogue->damaged[i]);
	free(catalogue->release);
	free(catalogue->damaged);
	free(catalogue->dir);
	free(catalogue);
	return NULL;
}
