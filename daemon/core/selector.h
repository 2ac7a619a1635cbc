/* SPDX-License-Identifier: MIT
 *
 * Selectors: which boards are meant (docs/selectors.md). Terms such as `site=berlin` or
 * `state in (dirty, lost)`, joined by `,`, `|`, `!` and parentheses; `@name` is a saved
 * selector. "" is the whole fleet. Pure.
 */
#ifndef WIPY_CORE_SELECTOR_H
#define WIPY_CORE_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"
#include "daemon/core/model.h"

#define SELECTOR_TEXT_MAX 4096 /* of a text and the saved ones in it */
#define SELECTOR_TERMS    128
#define SELECTOR_VALUES   256 /* of all terms together */
#define SELECTOR_NODES    (4 * SELECTOR_TERMS)
#define SELECTOR_DEPTH    16 /* parentheses, `not` and saved selectors in one another */

enum selector_key {
	SELECTOR_NAME,
	SELECTOR_SITE,
	SELECTOR_ACCESS_POINT,
	SELECTOR_FAMILY,
	SELECTOR_TYPE,
	SELECTOR_REACH,
	SELECTOR_ACCESS,
	SELECTOR_VERSION, /* the tag that it shows, then the releases that have it */
	SELECTOR_VERSION_STATE,
	SELECTOR_RELEASE, /* that it runs */
	SELECTOR_TARGET,  /* that it should run */
	SELECTOR_STATE,   /* of reach, access, version, its task; its conditions */
	SELECTOR_LABEL,
	SELECTOR_KEY_COUNT
};
/* "name", "access-point", ...; NULL from SELECTOR_LABEL on. */
const char *selector_key_name(enum selector_key key);
/* The key of that name; SELECTOR_LABEL for every other one. */
enum selector_key selector_key_by_name(const char *name);

/* The words that a key can have; NULL beyond the last one, and of free texts at once. */
const char *selector_known_value(enum selector_key key, size_t index);

enum selector_op {
	SELECTOR_TERM,
	SELECTOR_NOT, /* of `left` */
	SELECTOR_AND,
	SELECTOR_OR,
	SELECTOR_SET /* a saved selector, which is `left` */
};

/* Where something stands in the selector's text. */
struct selector_span {
	uint16_t at, len;
};
struct selector_value {
	struct selector_span span;
	bool quoted; /* no wildcards in it */
};
struct selector_node {
	enum selector_op op;
	uint16_t left, right;      /* of lower numbers than the node's own */
	enum selector_key key;     /* of a term */
	bool negated, list;        /* `!=` or `not in`; written with `in` */
	struct selector_span name; /* of a term's key, of a set */
	uint16_t first_value, value_count;
};
/* Plain data: it may be copied, and borrows nothing. */
struct selector {
	size_t count; /* 0: the whole fleet; the last node is the whole selector */
	struct selector_node node[SELECTOR_NODES];
	size_t terms, value_count;
	struct selector_value value[SELECTOR_VALUES];
	size_t text_len;
	bool has_sets;
	char text[SELECTOR_TEXT_MAX]; /* as given; behind it the saved ones */
};

struct selector_set {
	char name[NAME_MAX_LEN];
	char *text;
};
/* What may be named besides the keys; borrowed for the call. */
struct selector_words {
	const struct selector_set *set;
	size_t set_count;
	const char *const *label; /* keys of labels; NULL: any */
	size_t label_count;
};

/* `words` NULL: no sets, any label. Returns 0, or -EINVAL with a sentence that names the
 * column. *ret_selector is undefined then. */
int selector_parse(const char *text, const struct selector_words *words,
	struct selector *ret_selector, struct errtext *ret_error) WARN_UNUSED;

/* Value number `index` (from 0) of a board's key, or NULL if it has none. `label` is the
 * name of a SELECTOR_LABEL. It lives until the next call. */
typedef const char *(*selector_value_fn)(
	void *arg, enum selector_key key, const char *label, size_t index);

/* A key that the board does not have fails `=` and `in` and holds for their contraries. */
bool selector_match(
	const struct selector *selector, selector_value_fn value, void *arg);
/* The same for each node on its own. */
void selector_match_each(const struct selector *selector, selector_value_fn value,
	void *arg, bool ret_holds[SELECTOR_NODES]);

/* The selector written anew: one way of writing it, without the names of saved ones. A
 * node alone: from its number. Returns 0, or -EMSGSIZE if it does not fit. */
int selector_format(
	const struct selector *selector, char *ret_text, size_t cap) WARN_UNUSED;
int selector_format_node(const struct selector *selector, size_t node, char *ret_text,
	size_t cap) WARN_UNUSED;

#endif
