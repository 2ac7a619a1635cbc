/* SPDX-License-Identifier: MIT
 *
 * Where an image fits: each known family, by its bytes; each type of boards, by the
 * daemon's inventory, where a daemon answers. And what in the catalogue looks like it.
 */
#ifndef WIPY_CLI_IMAGE_FIT_H
#define WIPY_CLI_IMAGE_FIT_H

#include "cli/image_file.h"

struct image_fit {
	json_t *answer;      /* of POST /v1/images/fit; NULL: there is none */
	const char *why_not; /* the sentence for that; NULL: there was nothing to ask */
	bool away;           /* the daemon is not there: it is not asked again */
	char why[640];
};

/* Asks about an image that could be kept as a release. A daemon that does not answer is no
 * failure: it is said of each image that its types are not known, and why. Start from zero,
 * and call image_fit_done() after each image. */
void image_fit_ask(
	struct cli *cli, const struct image_file *file, struct image_fit *fit);
void image_fit_done(struct image_fit *fit);

void image_fit_print(struct writer *writer, const struct image_file *file,
	const struct image_fit *fit);
/* Adds "families", "types", "same_fingerprint" to an image, and "not_asked": why the last
 * two are null, or null. */
void image_fit_add(
	json_t *image, const struct image_file *file, const struct image_fit *fit);

#endif
