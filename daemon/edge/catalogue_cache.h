/* SPDX-License-Identifier: MIT
 *
 * Images in memory, each read once for all that want it and dropped when nobody holds it
 * any more. Private to the catalogue.
 */
#ifndef WIPY_EDGE_CATALOGUE_CACHE_H
#define WIPY_EDGE_CATALOGUE_CACHE_H

#include <uv.h>

#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_known.h"

struct catalogue_cache;

/* The file of that image was read; it has no stamp where that failed, or it is damaged. */
typedef void (*catalogue_read_fn)(void *arg, const struct catalogue_image *image);
/* Borrows dir. */
struct catalogue_cache *catalogue_cache_new(
	uv_loop_t *loop, const char *dir, catalogue_read_fn on_read, void *arg);
/* To be called when no read is under way; what is still held is gone. */
void catalogue_cache_free(struct catalogue_cache *cache);

/* As catalogue_get_bytes(), catalogue_release_bytes() and catalogue_hold_bytes(). */
void catalogue_cache_get(struct catalogue_cache *cache, const char *sha256,
	catalogue_bytes_fn done, void *arg);
void catalogue_cache_release(
	struct catalogue_cache *cache, const struct catalogue_bytes *bytes);
void catalogue_cache_hold(
	struct catalogue_cache *cache, const struct catalogue_bytes *bytes);

#endif
