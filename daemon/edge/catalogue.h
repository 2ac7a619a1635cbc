/* SPDX-License-Identifier: MIT
 *
 * The release catalogue on disk: DIR/images/SHA256.bin and DIR/releases/NAME.json, each
 * written to a temporary name, synced and renamed, so that a release is there whole or
 * not at all. An image is read once and held in memory for all boards that get it.
 * Nothing here blocks the loop: disk and hashing go to the worker pool.
 */
#ifndef WIPY_EDGE_CATALOGUE_H
#define WIPY_EDGE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "common/err.h"
#include "common/image.h"
#include "daemon/core/model.h"
#include "daemon/edge/minisign.h"

#define CATALOGUE_IMAGE_MAX (4u * 1024 * 1024)

struct catalogue;

/* Opens (creating) the folder and reads the releases. Blocks; before the loop runs. A
 * release file that is damaged is skipped with a log line; leftovers of broken writes
 * are removed. `trust` is copied. */
int catalogue_open(uv_loop_t *loop, const char *dir, const struct minisign_trust *trust,
	struct catalogue **ret_catalogue, struct errtext *ret_error) WARN_UNUSED;
/* To be called when no operation is under way. NULL is fine; returns NULL. */
struct catalogue *catalogue_free(struct catalogue *catalogue);

/* The name of a release's file that could not be read at the start, and was not written over
 * since; from 0 on, NULL: there are no more. */
const char *catalogue_damaged(const struct catalogue *catalogue, size_t index);

size_t catalogue_count(const struct catalogue *catalogue);
const struct release *catalogue_at(const struct catalogue *catalogue, size_t index);

/* Finds a release by its exact name, else by the one unique tag base (DESIGN.md 2:
 * `v1.8.7` finds `v1.8.7-219-...`). Returns 0; -ENOENT; or -ENOTUNIQ with a sentence that
 * lists the candidates in *ret_error. */
int catalogue_find(const struct catalogue *catalogue, const char *name,
	const struct release **ret_release, struct errtext *ret_error) WARN_UNUSED;

/* ---- adding ----------------------------------------------------------------------- */

/* An image arrives: inspected, hashed, stored under its SHA-256 on the worker pool. A bad
 * image is refused (status WIPY_E_IMAGE_*) and not stored; so is another one than the one
 * of the SHA-256 `stated` (NULL: any; WIPY_E_RELEASE_MISMATCH). Takes `data` (malloc'ed).
 * info, sha256 and error live for the call only. */
typedef void (*catalogue_image_fn)(void *arg, int status,
	const struct wipy_image_info *info, const char *sha256,
	const struct errtext *error);
void catalogue_add_image(struct catalogue *catalogue, uint8_t *data, size_t len,
	const char *stated, catalogue_image_fn done, void *arg);

/* What is offered as a release: a manifest that names images, or images alone. Borrowed
 * for the call. */
struct catalogue_offer {
	const char
		*name; /* without a manifest; "": the complete tag of the first image */
	const char *const *sha256;
	size_t count;
	const char *manifest_name; /* for faults; NULL: there is no manifest */
	const uint8_t *manifest;
	size_t manifest_len;
	const char *signatures; /* a signature file's text */
	size_t signatures_len;
	bool may_go_back; /* a person says so, with a reason */
	int64_t now_s;
};

/* A release is about to be written, or (`known`) the file of one that is there: whoever asked
 * for that notes it durably, then says catalogue_noted(), with a sentence where that failed
 * and nothing may be written. */
typedef void (*catalogue_note_fn)(void *arg, const struct release *release, bool known);
void catalogue_noted(
	struct catalogue *catalogue, int status, const struct errtext *error);

/* A release is made of images that are stored already. `note` may be NULL. Refused: -EEXIST
 * (another release of that name with other images, or another manifest; the same again is
 * fine, and where more trusted keys have signed it these are kept), -ENOENT (an image that
 * is not stored), -EINVAL (no image, two of one family, a name that is no name),
 * WIPY_E_RELEASE_* (manifest and signatures), WIPY_E_IMAGE_*, WIPY_E_FULL. `warning` is a
 * sentence (other bytes with the same fingerprint; nobody signed it) or "". */
typedef void (*catalogue_release_fn)(void *arg, int status,
	const struct release *release, const char *warning,
	const struct errtext *error);
void catalogue_add_release(struct catalogue *catalogue,
	const struct catalogue_offer *offer, catalogue_note_fn note,
	catalogue_release_fn done, void *arg);

/* ---- upkeep ----------------------------------------------------------------------- */

/* No rollout of it begins any more from `retired_s` on; 0: it may be rolled out again, if
 * its images are there. Its record stays: serials that are known do not come back. `note`
 * may be NULL. */
void catalogue_retire(struct catalogue *catalogue, const struct release *release,
	int64_t retired_s, catalogue_note_fn note, catalogue_release_fn done,
	void *arg);

/* All that can be said of a release anew: who signed it by today's keys, whether its images
 * are whole and what the manifest says. */
struct catalogue_finding {
	bool good;
	char text[320];
};
struct catalogue_findings {
	size_t count, bad;
	struct catalogue_finding finding[RELEASE_IMAGES_MAX + RELEASE_SIGNERS_MAX + 4];
};
typedef void (*catalogue_verified_fn)(
	void *arg, const struct catalogue_findings *findings);
void catalogue_verify(struct catalogue *catalogue, const struct release *release,
	catalogue_verified_fn done, void *arg);

/* Removes images that are older than an hour and in no release, or in retired ones alone and
 * `needed` by nobody; that is asked on the loop when all before it has ended. With dry_run
 * they are only counted. Refused (WIPY_E_CORRUPT) while there are release files that could
 * not be read: their images would look like anybody's. */
typedef bool (*catalogue_needed_fn)(
	void *arg, const struct release *release, const struct release_image *image);
typedef void (*catalogue_gc_fn)(void *arg, int status, size_t files, int64_t bytes,
	const struct errtext *error);
void catalogue_gc(struct catalogue *catalogue, catalogue_needed_fn needed, bool dry_run,
	int64_t now_s, catalogue_gc_fn done, void *arg);

/* Whether a stored image is whole. Its file is looked at off the loop, and read only where it
 * is not the one that was found whole before. status: 0, -EINVAL (no SHA-256), -ENOENT,
 * WIPY_E_CORRUPT or another negated errno. */
typedef void (*catalogue_checked_fn)(
	void *arg, int status, const struct errtext *error);
void catalogue_check_image(struct catalogue *catalogue, const char *sha256,
	catalogue_checked_fn done, void *arg);

/* ---- the bytes -------------------------------------------------------------------- */

/* An image held in memory, counted. */
struct catalogue_bytes {
	const uint8_t *data;
	size_t len;
};
/* Reads and verifies (SHA-256) the image off the loop, or finds it in memory: as it goes to
 * a board, with an MD5 behind it where its family wants one that the file has not. On success
 * the caller holds a reference until catalogue_release_bytes(). */
typedef void (*catalogue_bytes_fn)(void *arg, int status,
	const struct catalogue_bytes *bytes, const struct errtext *error);
void catalogue_get_bytes(struct catalogue *catalogue, const char *sha256,
	catalogue_bytes_fn done, void *arg);
void catalogue_release_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes);
/* One reference more to what the caller holds. */
void catalogue_hold_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes);

#endif
