/* SPDX-License-Identifier: MIT
 *
 * Reading the daemon's JSON without trusting it: a member that is missing or of another
 * type reads as empty, so that a newer or older daemon still shows what it has.
 */
#ifndef WIPY_CLI_SHAPE_H
#define WIPY_CLI_SHAPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* "" if there is no such text. Borrowed from the object. */
const char *shape_text(const json_t *object, const char *key);
/* A code that tells why `state` is as it is; "" if it says the same word again. */
const char *shape_reason(const json_t *object, const char *key);
/* NULL if there is no such text: for times. */
const char *shape_time(const json_t *object, const char *key);
/* "-" if there is no such text, or an empty one: for tables. */
const char *shape_cell(const json_t *object, const char *key);
/* 0 if there is no such number. */
long long shape_number(const json_t *object, const char *key);
bool shape_true(const json_t *object, const char *key);
/* NULL if there is no such list or object: jansson's readers take that as empty. */
const json_t *shape_list(const json_t *object, const char *key);
const json_t *shape_object(const json_t *object, const char *key);

/* "board" or "boards". */
const char *shape_boards(long long count);

/* "TAG (DATE)" of something with the keys tag and date; "-" without a tag. */
void shape_firmware(const json_t *object, size_t cap, char *ret_text);

/* "lab-01, lab-02 and 7 more": at most `most` of a list of names (or of objects, by the
 * text under `key`; NULL: the list holds texts). */
void shape_names(
	const json_t *list, const char *key, size_t most, size_t cap, char *ret_text);

#endif
