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
#include "daemon/edge/minisign.h"

#define CATALOGUE_RELEASES_MAX 10000

/* Makes the folders that are missing and removes leftovers of broken writes. */
int catalogue_disk_prepare(const char *dir, struct errtext *ret_error) WARN_UNUSED;

/* All readable releases, oldest first, and the names of the files that could not be read,
 * which are logged too; both arrays and each entry are malloc'ed. */
struct catalogue_listing {
	struct release **release;
	char **damaged;
	size_t count, damaged_count;
};
int catalogue_disk_list(const char *dir, const struct minisign_trust *trust,
	struct catalogue_listing *ret_listing, struct errtext *ret_error) WARN_UNUSED;

/* Each is whole and durable when this returns 0; otherwise a release is not there at all.
 * Returns WIPY_E_FULL or a negated errno. */
int catalogue_disk_put_image(const char *dir, const char *sha256, const uint8_t *data,
	size_t len, struct errtext *ret_error) WARN_UNUSED;
int catalogue_disk_put_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error) WARN_UNUSED;

/* The same for one that is there: whole and new, or as it was. */
int catalogue_disk_rewrite_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error) WARN_UNUSED;
/* One release as its file says now. Returns 0, WIPY_E_CORRUPT, a negated errno. */
int catalogue_disk_get_release(const char *dir, const char *name,
	const struct minisign_trust *trust, struct release *ret_release,
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

/* What tells a file from another one, or a changed one, of its name. */
struct catalogue_stamp {
	uint64_t device, inode;
	int64_t size, changed_ns;
};

/* The bytes of an image, malloc'ed, held against its SHA-256, and what its file was before
 * it was read. Returns 0, -EINVAL (no SHA-256), -ENOENT, WIPY_E_CORRUPT, or another negated
 * errno. */
int catalogue_disk_get_image(const char *dir, const char *sha256, uint8_t **ret_data,
	size_t *ret_len, struct catalogue_stamp *ret_stamp,
	struct errtext *ret_error) WARN_UNUSED;
/* Returns 0 or a negated errno. */
int catalogue_disk_stamp(const char *dir, const char *sha256,
	struct catalogue_stamp *ret_stamp) WARN_UNUSED;

void catalogue_disk_sha256(
	const uint8_t *data, size_t len, char ret_hex[SHA256_HEX_MAX]);

#endif
