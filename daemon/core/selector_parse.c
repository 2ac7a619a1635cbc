/* SPDX-License-Identifier: MIT
 *
 * Selectors as they are written (the grammar: docs/selectors.md), by recursive descent.
 * A saved selector is read in its place, so that nothing of it is borrowed afterwards.
 */
#include <errno.h>
#include <string.h>

#include "common/nearest.h"
#include "common/text.h"
#include "daemon/core/pattern.h"
#include "daemon/core/selector_private.h"

/* ---- characters ------------------------------------------------------------------ */

static const char *here(const struct selector_parser *p)
{
	return p->selector->text + p->at;
}

static char peek(const struct selector_parser *p)
{
	return p->at < p->frame->end ? *here(p) : '\0';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static size_t name_len(const struct selector_parser *p, size_t at)
{
	size_t len = 0;

	while (at + len < p->frame->end && is_name_char(p->selector->text[at + len]))
		len++;
	return len;
}

static size_t skip_blanks(const struct selector_parser *p, size_t at)
{
	while (at < p->frame->end && p->selector->text[at] == ' ')
		at++;
	return at;
}

/* An `=` or `!=`, with blanks before it or not. */
static bool equals_follows(const struct selector_parser *p, size_t at)
{
	const char *text = p->selector->text;

	at = skip_blanks(p, at);
	if (at < p->frame->end && text[at] == '!')
		at++;
	return at < p->frame->end && text[at] == '=';
}

/* The word stands there, and is no key: `not=5` is a term. */
static bool word_is_at(const struct selector_parser *p, size_t at, const char *word)
{
	size_t len = strlen(word);

	return name_len(p, at) == len &&
	       memcmp(p->selector->text + at, word, len) == 0 &&
	       !equals_follows(p, at + len);
}

static bool take_word(struct selector_parser *p, const char *word)
{
	size_t at = skip_blanks(p, p->at);

	if (!word_is_at(p, at, word))
		return false;
	p->at = at + strlen(word);
	return true;
}

static bool take_char(struct selector_parser *p, char c)
{
	size_t at = skip_blanks(p, p->at);

	if (at >= p->frame->end || p->selector->text[at] != c)
		return false;
	p->at = at + 1;
	return true;
}

/* What follows a blank belongs to the value in front of it: it is neither an operator nor
 * the beginning of another term. */
static bool value_goes_on(const struct selector_parser *p, size_t at)
{
	size_t len = name_len(p, at);

	if (at >= p->frame->end || strchr("!@(),|", p->selector->text[at]) ||
		word_is_at(p, at, "or") || word_is_at(p, at, "and") ||
		word_is_at(p, at, "not"))
		return false;
	if (len == 0)
		return true;
	at = skip_blanks(p, at + len);
	return !equals_follows(p, at) && !word_is_at(p, at, "in");
}

/* ---- nodes ----------------------------------------------------------------------- */

static int add_node(struct selector_parser *p, const struct selector_node *node,
	uint16_t *ret_index)
{
	struct selector *selector = p->selector;

	if (selector->count == SELECTOR_NODES)
		return selector_fail(p, "at most 512 parts");
	selector->node[selector->count] = *node;
	*ret_index = (uint16_t)selector->count++;
	return 0;
}

static int join(
	struct selector_parser *p, enum selector_op op, uint16_t *left, uint16_t right)
{
	struct selector_node node = {.op = op, .left = *left, .right = right};

	return add_node(p, &node, left);
}

static int parse_choice(struct selector_parser *p, uint16_t *ret_node);

/* ---- values ---------------------------------------------------------------------- */

static struct selector_span quoted_span(const struct selector_parser *p)
{
	const char *text = here(p) + 1;
	const char *close = memchr(text, '"', p->frame->end - p->at - 1);

	return (struct selector_span){(uint16_t)(p->at + 1),
		(uint16_t)(close ? (size_t)(close - text) : UINT16_MAX)};
}

/* Up to what can only follow a value; parentheses within it go in pairs: *ret_open is 0. */
static size_t plain_end(const struct selector_parser *p, int *ret_open)
{
	const char *text = p->selector->text;
	size_t at = p->at, next;
	int open = 0;

	for (; at < p->frame->end; at = next) {
		char c = text[at];

		next = at + 1;
		open += c == '(';
		if (c == ',' || c == '|' || (c == ')' && open-- == 0))
			break;
		if (c != ' ')
			continue;
		next = skip_blanks(p, at);
		if (!value_goes_on(p, next))
			break;
	}
	*ret_open = open;
	return at;
}

/* One value. Of no length, if an operator stands there. */
static int parse_value(struct selector_parser *p, struct selector_value *ret_value)
{
	size_t before = p->at;
	const char *fault;
	int open = 0;

	p->at = skip_blanks(p, p->at);
	ret_value->quoted = peek(p) == '"';
	if (ret_value->quoted) {
		ret_value->span = quoted_span(p);
		if (ret_value->span.len == UINT16_MAX)
			return selector_fail(p, "a quotation mark without its partner");
		p->at += (size_t)ret_value->span.len + 2;
		return 0;
	}
	ret_value->span = (struct selector_span){(uint16_t)p->at, 0};
	if (p->at == before || value_goes_on(p, p->at))
		ret_value->span.len = (uint16_t)(plain_end(p, &open) - p->at);
	if (open > 0)
		return selector_fail_at(p, ret_value->span,
			"a parenthesis without its partner; a text with them needs "
			"quotes");
	if (pattern_check(here(p), ret_value->span.len, &fault) < 0)
		return selector_fail_at(p, ret_value->span, fault);
	p->at += ret_value->span.len;
	return 0;
}

/* A misspelt state would quietly mean no board at all, or all of them. */
static int check_value(const struct selector_parser *p, enum selector_key key,
	const struct selector_value *value)
{
	char typed[NAME_MAX_LEN];
	struct nearest nearest;
	const char *word;

	if (!selector_known_value(key, 0))
		return 0;
	(void)wipy_text_copy(typed, sizeof(typed), p->selector->text + value->span.at,
		value->span.len);
	nearest_init(&nearest, typed);
	for (size_t i = 0; (word = selector_known_value(key, i)); i++) {
		if (pattern_match(typed, strlen(typed), word))
			return 0;
		nearest_try(&nearest, word);
	}
	return selector_fail_unknown(
		p, value->span, "no board can have the value", &nearest);
}

static int add_value(struct selector_parser *p, struct selector_node *term)
{
	struct selector *selector = p->selector;
	struct selector_value *value = &selector->value[selector->value_count];
	int rc;

	if (selector->value_count == SELECTOR_VALUES)
		return selector_fail(p, "at most 256 values");
	rc = parse_value(p, value);
	if (rc == 0)
		rc = check_value(p, term->key, value);
	if (rc < 0)
		return rc;
	selector->value_count++;
	term->value_count++;
	return 0;
}

static int parse_list(struct selector_parser *p, struct selector_node *term)
{
	term->list = true;
	if (!take_char(p, '('))
		return selector_fail(
			p, "expected '(' and values, such as in (dirty, lost)");
	do {
		size_t before = p->at;
		int rc = add_value(p, term);

		if (rc < 0)
			return rc;
		if (skip_blanks(p, before) == p->at)
			return selector_fail(p, "expected a value");
	} while (take_char(p, ','));
	if (!take_char(p, ')'))
		return selector_fail(p, "expected ',' or ')' in a list of values");
	return 0;
}

/* ---- terms ----------------------------------------------------------------------- */

static bool label_is_known(const struct selector_parser *p, const char *name)
{
	const struct selector_words *words = p->words;

	if (!words || !words->label)
		return true;
	for (size_t i = 0; i < words->label_count; i++)
		if (strcmp(words->label[i], name) == 0)
			return true;
	return false;
}

static int check_label(
	const struct selector_parser *p, const struct selector_node *term)
{
	char name[NAME_MAX_LEN];
	struct nearest nearest;

	(void)wipy_text_copy(
		name, sizeof(name), p->selector->text + term->name.at, term->name.len);
	if (term->key != SELECTOR_LABEL || label_is_known(p, name))
		return 0;
	nearest_init(&nearest, name);
	for (int i = 0; i < SELECTOR_LABEL; i++)
		nearest_try(&nearest, selector_key_name((enum selector_key)i));
	for (size_t i = 0; i < p->words->label_count; i++)
		nearest_try(&nearest, p->words->label[i]);
	return selector_fail_unknown(p, term->name, "no board has a label", &nearest);
}

static int parse_comparison(struct selector_parser *p, struct selector_node *term)
{
	if (take_char(p, '='))
		return add_value(p, term);
	p->at = skip_blanks(p, p->at);
	if (peek(p) == '!' && equals_follows(p, p->at)) {
		p->at += 2;
		term->negated = true;
		return add_value(p, term);
	}
	term->negated = take_word(p, "not");
	if (take_word(p, "in"))
		return parse_list(p, term);
	return selector_fail(
		p, term->negated ? "expected 'in'" : "expected '=', '!=' or 'in'");
}

static int parse_term(struct selector_parser *p, uint16_t *ret_node)
{
	struct selector_node term = {.op = SELECTOR_TERM};
	size_t len = name_len(p, p->at);
	char key[NAME_MAX_LEN];
	int rc;

	term.name = (struct selector_span){(uint16_t)p->at, (uint16_t)len};
	if (len == 0)
		return selector_fail(p, "expected a term such as site=berlin");
	if (p->selector->terms == SELECTOR_TERMS)
		return selector_fail(p, "at most 128 terms");
	if (!wipy_text_copy(key, sizeof(key), here(p), len))
		return selector_fail_at(
			p, term.name, "a key has at most 63 characters");
	p->selector->terms++;
	p->at += len;
	term.key = selector_key_by_name(key);
	term.first_value = (uint16_t)p->selector->value_count;
	rc = parse_comparison(p, &term);
	if (rc == 0)
		rc = check_label(p, &term);
	return rc < 0 ? rc : add_node(p, &term, ret_node);
}

/* ---- saved selectors ------------------------------------------------------------- */

static const struct selector_set *find_set(
	const struct selector_parser *p, struct selector_span span)
{
	const struct selector_words *words = p->words;

	for (size_t i = 0; words && i < words->set_count; i++)
		if (strlen(words->set[i].name) == span.len &&
			memcmp(words->set[i].name, here(p), span.len) == 0)
			return &words->set[i];
	return NULL;
}

static int fail_set(const struct selector_parser *p, struct selector_span span)
{
	char typed[NAME_MAX_LEN];
	struct nearest nearest;

	(void)wipy_text_copy(typed, sizeof(typed), here(p), span.len);
	nearest_init(&nearest, typed);
	for (size_t i = 0; p->words && i < p->words->set_count; i++)
		nearest_try(&nearest, p->words->set[i].name);
	return selector_fail_unknown(p, span, "there is no saved selector", &nearest);
}

/* The saved text goes behind what there is. */
static int load_set(struct selector_parser *p, const struct selector_set *set,
	struct selector_span span, struct selector_frame *ret_frame)
{
	struct selector *selector = p->selector;
	size_t len = strlen(set->text);

	for (const struct selector_frame *f = p->frame; f; f = f->outer)
		if (f->set == set)
			return selector_fail_at(
				p, span, "a saved selector contains itself");
	if (len >= SELECTOR_MAX || selector->text_len + len + 1 > SELECTOR_TEXT_MAX)
		return selector_fail_at(
			p, span, "with its saved selectors it is too long");
	*ret_frame = (struct selector_frame){
		p->frame, set, selector->text_len, selector->text_len + len};
	memcpy(selector->text + selector->text_len, set->text, len + 1);
	selector->text_len += len + 1;
	return 0;
}

static int parse_whole(struct selector_parser *p, uint16_t *ret_node)
{
	int rc;

	p->at = p->frame->begin;
	rc = parse_choice(p, ret_node);
	if (rc < 0)
		return rc;
	p->at = skip_blanks(p, p->at);
	return p->at == p->frame->end
		       ? 0
		       : selector_fail(p, "expected ',', '|', '!' or the end");
}

static int parse_set(struct selector_parser *p, uint16_t *ret_node)
{
	struct selector_node node = {.op = SELECTOR_SET};
	const struct selector_set *set;
	struct selector_frame frame;
	size_t back;
	int rc;

	p->at++;
	node.name =
		(struct selector_span){(uint16_t)p->at, (uint16_t)name_len(p, p->at)};
	if (node.name.len == 0)
		return selector_fail(
			p, "expected the name of a saved selector behind '@'");
	set = find_set(p, node.name);
	if (!set)
		return fail_set(p, node.name);
	rc = load_set(p, set, node.name, &frame);
	if (rc < 0)
		return rc;
	back = p->at + node.name.len;
	p->frame = &frame;
	rc = parse_whole(p, &node.left);
	p->frame = frame.outer;
	p->at = back;
	p->selector->has_sets = true;
	return rc < 0 ? rc : add_node(p, &node, ret_node);
}

/* ---- expressions ----------------------------------------------------------------- */

static bool not_is_next(const struct selector_parser *p)
{
	size_t at = skip_blanks(p, p->at);

	return at < p->frame->end &&
	       (p->selector->text[at] == '!' || word_is_at(p, at, "not"));
}

static int parse_item(struct selector_parser *p, uint16_t *ret_node);

static int parse_not(struct selector_parser *p, uint16_t *ret_node)
{
	struct selector_node node = {.op = SELECTOR_NOT};
	int rc;

	if (!take_char(p, '!'))
		(void)take_word(p, "not");
	rc = parse_item(p, &node.left);
	return rc < 0 ? rc : add_node(p, &node, ret_node);
}

static int parse_group(struct selector_parser *p, uint16_t *ret_node)
{
	int rc;

	p->at++;
	rc = parse_choice(p, ret_node);
	if (rc == 0 && !take_char(p, ')'))
		rc = selector_fail(p, "expected ',', '|', '!' or ')'");
	return rc;
}

static int parse_item(struct selector_parser *p, uint16_t *ret_node)
{
	int rc;

	p->at = skip_blanks(p, p->at);
	if (p->depth == SELECTOR_DEPTH)
		return selector_fail(
			p, "at most 16 levels of parentheses and the like");
	p->depth++;
	if (not_is_next(p))
		rc = parse_not(p, ret_node);
	else if (peek(p) == '(')
		rc = parse_group(p, ret_node);
	else if (peek(p) == '@')
		rc = parse_set(p, ret_node);
	else
		rc = parse_term(p, ret_node);
	p->depth--;
	return rc;
}

/* `a ! b` is `a, not b`: what is left of a without b. */
static int parse_both(struct selector_parser *p, uint16_t *ret_node)
{
	int rc = parse_item(p, ret_node);

	while (rc == 0 &&
		(take_char(p, ',') || take_word(p, "and") || not_is_next(p))) {
		uint16_t right;

		rc = parse_item(p, &right);
		if (rc == 0)
			rc = join(p, SELECTOR_AND, ret_node, right);
	}
	return rc;
}

static int parse_choice(struct selector_parser *p, uint16_t *ret_node)
{
	int rc = parse_both(p, ret_node);

	while (rc == 0 && (take_char(p, '|') || take_word(p, "or"))) {
		uint16_t right;

		rc = parse_both(p, &right);
		if (rc == 0)
			rc = join(p, SELECTOR_OR, ret_node, right);
	}
	return rc;
}

int selector_parse(const char *text, const struct selector_words *words,
	struct selector *ret_selector, struct errtext *ret_error)
{
	static const char too_long[] =
		"selector: at most 1023 characters; save a part of it under 'sets' in "
		"the inventory";
	size_t len = strlen(text);
	struct selector_frame frame = {.end = len};
	struct selector_parser p = {.selector = ret_selector,
		.words = words,
		.frame = &frame,
		.error = ret_error};
	uint16_t root;

	ret_selector->count = ret_selector->terms = ret_selector->value_count = 0;
	ret_selector->has_sets = false;
	ret_selector->text_len = 0;
	ret_selector->text[0] = '\0';
	if (len >= SELECTOR_MAX) {
		(void)wipy_text_copy(ret_error->text, sizeof(ret_error->text), too_long,
			strlen(too_long));
		return -EINVAL;
	}
	memcpy(ret_selector->text, text, len + 1);
	ret_selector->text_len = len + 1;
	if (skip_blanks(&p, 0) == len)
		return 0;
	return parse_whole(&p, &root);
}
