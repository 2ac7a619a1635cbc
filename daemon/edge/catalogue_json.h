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

/* The file's text; the caller frees it. */
char *catalogue_json_write(const struct release *release);

/* Returns 0, or WIPY_E_CORRUPT with what is wrong in *ret_error (without the file's
 * name). Nothing is taken on trust: every field is checked again. */
int catalogue_json_read(const char *text, size_t len, struct release *ret_release,
	struct errtext *ret_error) WARN_UNUSED;

#endif
