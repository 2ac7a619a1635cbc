/* SPDX-License-Identifier: MIT
 *
 * The text of a release file, releases/NAME.json. Private to the catalogue.
 */
#ifndef WIPY_EDGE_CATALOGUE_JSON_H
#define WIPY_EDGE_CATALOGUE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"
#include "daemon/core/model.h"

/* Letters, digits, - _ . and no leading dot; it fits NAME_MAX_LEN. */
bool catalogue_is_name(const char *text);
/* 64 lower-case hex digits. */
bool catalogue_is_sha256(const char *text);

/* The image of exactly that type ("": of the family as a whole), or NULL. */
const struct release_image *catalogue_image_of(
	const struct release *release, enum wipy_family family, const char *type);

/* What its maker wrote and signed, as it came; not terminated, len 0: there is none. */
struct catalogue_papers {
	const char *manifest;
	size_t manifest_len;
	const char *signatures;
	size_t signatures_len;
};

/* UTF-8: it can stand in a release file. */
bool catalogue_json_is_text(const char *text, size_t len);

/* The file's text; the caller frees it. The papers are text. */
char *catalogue_json_write(
	const struct release *release, const struct catalogue_papers *papers);

/* The papers that a release's file holds; malloc'ed, terminated. Of a release without a
 * manifest both are empty. */
struct catalogue_own_papers {
	bool has_manifest;
	char *manifest, *signatures;
	size_t manifest_len, signatures_len;
};
void catalogue_papers_done(struct catalogue_own_papers *papers);

/* What is ours in a release's file: when it came, whether it was retired, what its images'
 * bytes are; and its papers, which say all else (catalogue_read_release()). Returns 0, or
 * WIPY_E_CORRUPT with what is wrong in *ret_error (without the file's name). Nothing is
 * taken on trust: every field is checked again. */
int catalogue_json_read(const char *text, size_t len, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error) WARN_UNUSED;

#endif
