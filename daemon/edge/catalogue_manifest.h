/* SPDX-License-Identifier: MIT
 *
 * A release's manifest: the YAML file that its maker writes and signs (docs/releases.md).
 */
#ifndef WIPY_EDGE_CATALOGUE_MANIFEST_H
#define WIPY_EDGE_CATALOGUE_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "common/image.h"
#include "daemon/core/model.h"
#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/yaml_check.h"

#define MANIFEST_MAX    65536  /* bytes */
#define MANIFEST_SERIES "main" /* of a manifest that names none */

struct manifest {
	struct release release; /* as it says; nobody has signed yet, added_s is 0 */
	char file[RELEASE_IMAGES_MAX][NAME_MAX_LEN]; /* of each image, beside it */
};

/* What catalogue_add_release() would say of an offer with a manifest, but for its images:
 * asked before they are fetched. Returns 0 or WIPY_E_RELEASE_*. */
int catalogue_check_manifest(const struct catalogue *catalogue,
	const struct catalogue_offer *offer, struct manifest *ret_manifest,
	struct errtext *ret_error) WARN_UNUSED;

/* An offer's manifest alone. Returns 0 or WIPY_E_RELEASE_MANIFEST. */
int catalogue_read_manifest(const struct catalogue_offer *offer,
	struct manifest *ret_manifest, struct errtext *ret_error) WARN_UNUSED;

/* A release out of its file. What its maker signed is read from the text that was signed,
 * and who did by the keys that are trusted today; only what is ours stands beside it. Returns
 * 0, or WIPY_E_CORRUPT with what is wrong (without the file's name). The papers are the
 * caller's then. */
int catalogue_read_release(const char *text, size_t len,
	const struct minisign_trust *trust, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error) WARN_UNUSED;

/* Returns 0, or WIPY_E_CONFIG with every fault in *problems, each with `name` in front. */
int manifest_read(const char *name, const uint8_t *text, size_t len,
	struct yaml_problems *problems, struct manifest *ret_manifest) WARN_UNUSED;

/* Who of the trusted keys signed these bytes. `signatures` is the text of a signature
 * file, or empty. Fills the signers of *said. Returns 0, or -EBADMSG with a sentence, and
 * *said is broken and has no signers: it is no signature file, or a signature in the name of
 * a trusted key does not fit. */
int manifest_verify(const struct minisign_trust *trust, const uint8_t *text, size_t len,
	const char *signatures, size_t signatures_len, struct release_manifest *said,
	struct errtext *ret_error) WARN_UNUSED;

/* What an image's bytes say agrees with what the manifest says of it. Returns 0, or
 * -EBADMSG with a sentence. */
int manifest_check_image(const struct release_image *stated,
	const struct wipy_image_info *found, struct errtext *ret_error) WARN_UNUSED;

#endif
