/* SPDX-License-Identifier: MIT
 *
 * The catalogue's files. Everything here blocks, so it runs before the loop or on the
 * worker pool; nothing here is shared between threads. Private to the catalogue.
 */
#ifndef WIPY_EDGE_CATALOGUE_DISK_H
#define WIPY_EDGE_CATALOGUE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "daemon/core/model.h"
#include "daemon/edge/catalogue_json.h"

#define CATALOGUE_RELEASES_MAX 10000

/* Makes the folders that are missing and removes leftovers of broken writes. */
int catalogue_disk_prepare(const char *dir, struct errtext *ret_error) WARN_UNUSED;

/* All readable releases, oldest first; the array and each entry are malloc'ed. Damaged
 * files are logged, skipped and counted. */
int catalogue_disk_list(const char *dir, struct release ***ret_release,
	size_t *ret_count, size_t *ret_skipped, struct errtext *ret_error) WARN_UNUSED;

/* Each is whole and durable when this returns 0; otherwise a release is not there at all.
 * Returns WIPY_E_FULL or a negated errno. */
int catalogue_disk_put_image(const char *dir, const char *sha256, const uint8_t *data,
	size_t len, struct errtext *ret_error) WARN_UNUSED;
int catalogue_disk_put_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error) WARN_UNUSED;

/* The same for one that is there: whole and new, or as it was. */
int catalogue_disk_rewrite_release(const char *dir, const struct release *release,
	struct errtext *ret_error) WARN_UNUSED;
/* What its file holds beside the release. Returns 0, WIPY_E_CORRUPT, a negated errno. */
int catalogue_disk_get_papers(const char *dir, const char *name,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error) WARN_UNUSED;

/* Images that are not kept, older than `before_s`: removed unless dry_run. Counts those
 * that go, and what they take. */
struct catalogue_waste {
	size_t files;
	int64_t bytes;
};
typedef bool (*catalogue_keep_fn)(void *arg, const char *sha256);
int catalogue_disk_sweep_images(const char *dir, int64_t before_s, bool dry_run,
	catalogue_keep_fn keep, void *arg, struct catalogue_waste *ret_waste,
	struct errtext *ret_error) WARN_UNUSED;

/* The bytes of an image, malloc'ed, held against its SHA-256. Returns 0, -ENOENT,
 * WIPY_E_CORRUPT, or another negated errno. */
int catalogue_disk_get_image(const char *dir, const char *sha256, uint8_t **ret_data,
	size_t *ret_len, struct errtext *ret_error) WARN_UNUSED;

void catalogue_disk_sha256(
	const uint8_t *data, size_t len, char ret_hex[SHA256_HEX_MAX]);

#endif
