/* SPDX-License-Identifier: MIT
 *
 * The cache's entries. While an entry is busy its lower part belongs to the worker; who
 * waits for it, and who holds it, is the loop's alone.
 */
#include "config.h"

#include "daemon/edge/catalogue_cache.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "daemon/edge/catalogue_disk.h"
#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/catalogue_private.h"

struct held;

struct catalogue_cache {
	uv_loop_t *loop;
	const char *dir;
	catalogue_read_fn read;
	void *arg;
	struct held *held;
	size_t busy;
};

struct waiter {
	struct waiter *next;
	catalogue_bytes_fn done;
	void *arg;
};

/* An image in memory, or on its way there. */
struct held {
	struct catalogue_bytes bytes; /* first: what the caller holds */
	uv_work_t work;
	struct catalogue_cache *cache;
	struct held *next;
	size_t references;
	struct waiter *waiters, **waiters_end;
	bool busy; /* with the worker */
	/* The worker's: */
	struct catalogue_image image;
	uint8_t *data; /* NULL until it is read */
	size_t len;
	bool was_read; /* just now */
	int status;
	struct errtext error;
};

static void held_drop(struct held *held)
{
	struct held **at = &held->cache->held;

	if (held->references > 0 || held->busy)
		return;
	while (*at != held)
		at = &(*at)->next;
	*at = held->next;
	free(held->data);
	free(held);
}

/* What goes to a board is the file, and behind it the MD5 that its family wants and the
 * file has not. */
static void add_md5(struct held *held)
{
	const struct wipy_image_info *info = &held->image.info;
	size_t added = wipy_image_added_len(info);

	if (added == 0)
		return;
	held->data = must(realloc(held->data, held->len + added));
	memcpy(held->data + held->len, info->md5_computed, added);
	held->len += added;
}

static void bytes_run(uv_work_t *work)
{
	struct held *held = work->data;

	/* In memory already: this is only the way back to the caller, who is never
	 * called from within its own call. */
	held->was_read = !held->data;
	if (!held->was_read)
		return;
	held->error.text[0] = '\0';
	held->status = catalogue_disk_get_image(held->cache->dir, held->image.sha256,
		&held->data, &held->len, &held->image.stamp, &held->error);
	if (held->status < 0)
		return;
	wipy_image_inspect(held->data, held->len, &held->image.info);
	add_md5(held);
}

static void bytes_after(uv_work_t *work, int status)
{
	struct held *held = work->data;
	struct waiter *waiter, *next = held->waiters;
	/* A caller that asks again may have the worker write to the entry at once. */
	struct errtext error = held->error;
	int r = held->status;

	(void)status; /* never cancelled */
	held->cache->busy--;
	held->busy = false;
	if (held->was_read)
		held->cache->read(held->cache->arg, &held->image);
	held->waiters = NULL;
	held->waiters_end = &held->waiters;
	held->bytes = (struct catalogue_bytes){held->data, held->len};
	/* One for each before the first is called, and one for this function: a caller
	 * may release at once, or ask again. */
	held->references++;
	for (waiter = next; waiter && r == 0; waiter = waiter->next)
		held->references++;
	while ((waiter = next)) {
		next = waiter->next;
		waiter->done(waiter->arg, r, r == 0 ? &held->bytes : NULL, &error);
		free(waiter);
	}
	held->references--;
	held_drop(held);
}

static struct held *held_for(struct catalogue_cache *cache, const char *sha256)
{
	struct held *held = cache->held;

	while (held && strcmp(held->image.sha256, sha256) != 0)
		held = held->next;
	if (held)
		return held;
	held = must(calloc(1, sizeof(*held)));
	held->cache = cache;
	memcpy(held->image.sha256, sha256, strlen(sha256) + 1);
	held->waiters_end = &held->waiters;
	held->next = cache->held;
	cache->held = held;
	return held;
}

void catalogue_cache_get(struct catalogue_cache *cache, const char *sha256,
	catalogue_bytes_fn done, void *arg)
{
	/* What is no SHA-256 must not become a path. */
	struct held *held = held_for(cache, catalogue_is_sha256(sha256) ? sha256 : "");
	struct waiter *waiter = must(calloc(1, sizeof(*waiter)));

	waiter->done = done;
	waiter->arg = arg;
	*held->waiters_end = waiter;
	held->waiters_end = &waiter->next;
	if (held->busy)
		return;
	held->busy = true;
	held->cache->busy++;
	held->work.data = held;
	if (uv_queue_work(cache->loop, &held->work, bytes_run, bytes_after) < 0)
		abort(); /* only without a function to run */
}

void catalogue_cache_release(
	struct catalogue_cache *cache, const struct catalogue_bytes *bytes)
{
	struct held *held = (struct held *)bytes;

	assert(held->cache == cache && held->references > 0);
	(void)cache;
	held->references--;
	held_drop(held);
}

void catalogue_cache_hold(
	struct catalogue_cache *cache, const struct catalogue_bytes *bytes)
{
	struct held *held = (struct held *)bytes;

	assert(held->cache == cache && held->references > 0);
	(void)cache;
	held->references++;
}

struct catalogue_cache *catalogue_cache_new(
	uv_loop_t *loop, const char *dir, catalogue_read_fn on_read, void *arg)
{
	struct catalogue_cache *cache = must(calloc(1, sizeof(*cache)));

	cache->loop = loop;
	cache->dir = dir;
	cache->read = on_read;
	cache->arg = arg;
	return cache;
}

void catalogue_cache_free(struct catalogue_cache *cache)
{
	struct held *held;

	assert(cache->busy == 0);
	while ((held = cache->held)) {
		cache->held = held->next;
		free(held->data);
		free(held);
	}
	free(cache);
}
