/* SPDX-License-Identifier: MIT
 *
 * Where an image fits: each known family, by its bytes; each type of boards, by the
 * daemon's inventory, where a daemon answers. And what in the catalogue looks like it.
 */
#ifndef WIPY_CLI_IMAGE_FIT_H
#define WIPY_CLI_IMAGE_FIT_H

#include "cli/image_file.h"

struct image_fit {
	json_t *answer;    /* of POST /v1/images/fit; NULL: nobody was asked */
	char why_not[640]; /* why nobody was; "" where there was nothing to ask */
};

/* Asks about an image that could be kept as a release. A daemon that does not answer is no
 * failure: it stays unasked then, also about further images. Start from zero, and call
 * image_fit_done() after each image. */
void image_fit_ask(
	struct cli *cli, const struct image_file *file, struct image_fit *fit);
void image_fit_done(struct image_fit *fit);

void image_fit_print(struct writer *writer, const struct image_file *file,
	const struct image_fit *fit);
/* Adds "families", "types", "same_fingerprint" to an image. */
void image_fit_add(
	json_t *image, const struct image_file *file, const struct image_fit *fit);

#endif
