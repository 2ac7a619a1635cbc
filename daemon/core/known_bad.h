/* SPDX-License-Identifier: MIT
 *
 * Known-bad images: which ends of a task are the image's doing, and whether an image is
 * refused for a type of boards. Pure.
 */
#ifndef WIPY_CORE_KNOWN_BAD_H
#define WIPY_CORE_KNOWN_BAD_H

#include "daemon/core/model.h"

#define KNOWN_BAD_DIGITS 6 /* of a SHA-256, at least, to name an image */

/* The task has just moved from `was` to `now`: whether that speaks against its image,
 * which shows `image`. It does where the whole image was on the board, the board was reset
 * with it and did not stay with it. A board that was lost before its reset, or that our own
 * torn push sent back, says nothing of the image; nor does one that ran it before. */
bool known_bad_speaks(const struct task *was, const struct task *now,
	const struct wipy_fingerprint *image);

/* The entry that stands against the image for boards of that type, or NULL. */
const struct known_bad *known_bad_find(const struct known_bad *list, size_t count,
	const char *sha256, const char *type);

/* The same, but for what that rollout has found out itself; NULL: but for nothing. */
const struct known_bad *known_bad_find_but(const struct known_bad *list, size_t count,
	const char *sha256, const char *type, const struct id *rollout);

/* Whether an entry stands, is of that type (NULL: of any) and of that image: its complete
 * SHA-256, or at least KNOWN_BAD_DIGITS digits of its beginning. */
bool known_bad_is_meant(
	const struct known_bad *entry, const char *sha256, const char *type);

#endif
