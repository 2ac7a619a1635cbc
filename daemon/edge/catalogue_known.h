/* SPDX-License-Identifier: MIT
 *
 * What the catalogue knows of stored images, so that none is read and hashed again as long
 * as its file is the one that was found whole. Private to the catalogue.
 */
#ifndef WIPY_EDGE_CATALOGUE_KNOWN_H
#define WIPY_EDGE_CATALOGUE_KNOWN_H

#include "common/err.h"
#include "common/image.h"
#include "daemon/core/model.h"
#include "daemon/edge/catalogue_disk.h"

/* Any release fits in beside another one. */
#define CATALOGUE_KNOWN_MAX (2 * RELEASE_IMAGES_MAX)

struct catalogue_image {
	char sha256[SHA256_HEX_MAX];
	struct catalogue_stamp stamp; /* of the file that was whole; zero: of none */
	struct wipy_image_info info;  /* of its bytes */
};

/* The loop's; a job that needs it takes a copy. */
struct catalogue_known {
	struct catalogue_image image[CATALOGUE_KNOWN_MAX];
	size_t next; /* the place that is taken next */
};

/* What is known of that image; the SHA-256 alone where nothing is. */
void catalogue_recall(const struct catalogue_known *known, const char *sha256,
	struct catalogue_image *ret_image);
/* In the place of what was known of it; without a stamp nothing is any more. */
void catalogue_remember(
	struct catalogue_known *known, const struct catalogue_image *image);

/* Blocks. Looks whether the file is the one that was whole, else reads it, holds it against
 * the SHA-256 and learns stamp and facts anew. Without a stamp it is read in any case.
 * Returns 0; -EINVAL (no SHA-256), -ENOENT, WIPY_E_CORRUPT or another negated errno, and
 * the image is left without a stamp. */
int catalogue_check_file(const char *dir, struct catalogue_image *image,
	struct errtext *ret_error) WARN_UNUSED;

#endif
