/* SPDX-License-Identifier: MIT
 *
 * Methods of str and bytes: most are the same functions. What they make is of the kind
 * of their object.
 */
#include <string.h>

#include "firmware/core/py_native.h"

struct span {
	const char *at;
	size_t len;
};

/* ---- bytes in bytes ------------------------------------------------------------- */

static size_t find(struct span in, size_t from, size_t to, struct span what, bool last)
{
	size_t at = PY_NOWHERE;

	if (from <= to)
		at = py_find(in.at + from, to - from, what.at, what.len, last);
	return at == PY_NOWHERE ? at : from + at;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct span span_of(const struct wipy_board *board, struct py_value v)
{
	const struct py_bytes *bytes = py_at(board, v);

	return (struct span){bytes->at, bytes->len};
}

static enum py_kind kind_of(const struct wipy_board *board, struct py_value v)
{
	return py_is(board, v, PY_BYTES) ? PY_BYTES : PY_STR;
}

/* A bound as slices count it: from the end where negative, within the text. */
static size_t clamp(int32_t at, size_t len)
{
	if (at < 0)
		at = at + (int32_t)len < 0 ? 0 : at + (int32_t)len;
	return (size_t)at < len ? (size_t)at : len;
}

/* The object and one argument of the same kind. */
static int two_texts(struct wipy_board *board, const struct py_call *call, int index,
	struct span *ret_self, struct span *ret_other)
{
	if (!py_is(board, call->args[index], kind_of(board, call->args[0])))
		return py_raise(
			board, PY_TYPE_ERROR, "can't convert to str implicitly");
	*ret_self = span_of(board, call->args[0]);
	*ret_other = span_of(board, call->args[index]);
	return 0;
}

/* Optional bounds in args[index], args[index + 1], as slices count them. */
static int bounds(struct wipy_board *board, const struct py_call *call, int index,
	size_t len, size_t *ret_from, size_t *ret_to)
{
	int32_t from = 0, to = (int32_t)len;
	int r = py_int_argument(board, call, index, NULL, &from);

	if (r == 0)
		r = py_int_argument(board, call, index + 1, NULL, &to);
	if (r < 0)
		return r;
	*ret_from = clamp(from, len);
	*ret_to = clamp(to, len);
	return 0;
}

/* ---- finding -------------------------------------------------------------------- */

enum { LAST = 1, MUST = 2 };

static int look_for(struct wipy_board *board, const struct py_call *call, unsigned how,
	struct py_value *ret_value)
{
	struct span self, what;
	size_t from, to, at;
	int r = two_texts(board, call, 1, &self, &what);

	if (r == 0)
		r = bounds(board, call, 2, self.len, &from, &to);
	if (r < 0)
		return r;
	at = find(self, from, to, what, how & LAST);
	if (at == PY_NOWHERE && (how & MUST))
		return py_raise(board, PY_VALUE_ERROR, "substring not found");
	*ret_value = PY_INT(at == PY_NOWHERE ? -1 : (int32_t)at);
	return 0;
}

static int text_find(PY_NATIVE_ARGS)
{
	return look_for(board, call, 0, ret_value);
}

static int text_rfind(PY_NATIVE_ARGS)
{
	return look_for(board, call, LAST, ret_value);
}

static int text_index(PY_NATIVE_ARGS)
{
	return look_for(board, call, MUST, ret_value);
}

static int text_rindex(PY_NATIVE_ARGS)
{
	return look_for(board, call, LAST | MUST, ret_value);
}

static int text_count(PY_NATIVE_ARGS)
{
	struct span self, what;
	size_t from, to;
	int32_t count = 0;
	int r = two_texts(board, call, 1, &self, &what);

	if (r == 0)
		r = bounds(board, call, 2, self.len, &from, &to);
	if (r < 0)
		return r;
	for (;;) {
		size_t at = find(self, from, to, what, false);

		if (at == PY_NOWHERE)
			break;
		from = at + (what.len ? what.len : 1);
		count++;
	}
	*ret_value = PY_INT(count);
	return 0;
}

static int text_startswith(PY_NATIVE_ARGS)
{
	struct span self, what;
	int32_t from = 0;
	int r = two_texts(board, call, 1, &self, &what);

	if (r == 0)
		r = py_int_argument(board, call, 2, NULL, &from);
	if (r < 0)
		return r;
	from = (int32_t)clamp(from, self.len);
	*ret_value = PY_BOOL(self.len - (size_t)from >= what.len &&
			     memcmp(self.at + from, what.at, what.len) == 0);
	return 0;
}

static int text_endswith(PY_NATIVE_ARGS)
{
	struct span self, what;
	int r = two_texts(board, call, 1, &self, &what);

	if (r < 0)
		return r;
	*ret_value =
		PY_BOOL(self.len >= what.len &&
			memcmp(self.at + self.len - what.len, what.at, what.len) == 0);
	return 0;
}

/* ---- cutting and joining ---------------------------------------------------------- */

enum { LEFT = 1, RIGHT = 2 };

static int strip(struct wipy_board *board, const struct py_call *call, unsigned sides,
	struct py_value *ret_value)
{
	struct span self = span_of(board, call->args[0]);
	struct span set = {" \t\n\v\f\r", 6};
	int r = 0;

	if (call->count > 1)
		r = two_texts(board, call, 1, &self, &set);
	if (r < 0)
		return r;
	while ((sides & LEFT) && self.len && memchr(set.at, self.at[0], set.len)) {
		self.at++;
		self.len--;
	}
	while ((sides & RIGHT) && self.len &&
		memchr(set.at, self.at[self.len - 1], set.len))
		self.len--;
	return py_text_value(
		board, kind_of(board, call->args[0]), self.at, self.len, ret_value);
}

static int text_strip(PY_NATIVE_ARGS)
{
	return strip(board, call, LEFT | RIGHT, ret_value);
}

static int text_lstrip(PY_NATIVE_ARGS)
{
	return strip(board, call, LEFT, ret_value);
}

static int text_rstrip(PY_NATIVE_ARGS)
{
	return strip(board, call, RIGHT, ret_value);
}

/* The next piece of a split; false behind the last one. `sep` of length 0: blanks. */
static bool next_piece(
	struct span *rest, struct span sep, int32_t *left, struct span *ret_piece)
{
	size_t end;

	if (!rest->at)
		return false;
	if (sep.len == 0) {
		while (rest->len && is_blank(rest->at[0])) {
			rest->at++;
			rest->len--;
		}
		if (rest->len == 0)
			return false;
		for (end = 0; end < rest->len && !is_blank(rest->at[end]);)
			end++;
		sep.len = 1;
	} else {
		end = find(*rest, 0, rest->len, sep, false);
		end = end == PY_NOWHERE ? rest->len : end;
	}
	if ((*left)-- == 0)
		end = rest->len;
	*ret_piece = (struct span){rest->at, end};
	if (end == rest->len) {
		rest->at = NULL;
		return true;
	}
	rest->at += end + sep.len;
	rest->len -= end + sep.len;
	return true;
}

static int append_piece(struct wipy_board *board, struct py_list *list,
	enum py_kind kind, struct span piece)
{
	struct py_value value;
	int r = py_text_value(board, kind, piece.at, piece.len, &value);

	return r < 0 ? r : py_append(board, list, value);
}

static int text_split(PY_NATIVE_ARGS)
{
	struct span self = span_of(board, call->args[0]), sep = {NULL, 0}, piece;
	enum py_kind kind = kind_of(board, call->args[0]);
	bool has_sep = call->count > 1 && !py_is_none(call->args[1]);
	struct py_list *list;
	int32_t left = -1;
	int r = has_sep ? two_texts(board, call, 1, &self, &sep) : 0;

	if (r == 0)
		r = py_int_argument(board, call, 2, NULL, &left);
	if (r < 0)
		return r;
	if (has_sep && sep.len == 0)
		return py_raise(board, PY_VALUE_ERROR, "empty separator");
	list = py_new_list(board, 0);
	if (!list)
		return -ENOMEM;
	while (next_piece(&self, sep, &left, &piece)) {
		r = append_piece(board, list, kind, piece);
		if (r < 0)
			return r;
	}
	*ret_value = py_reference(board, list);
	return 0;
}

/* The items have been found to be of this kind. */
static void put_joined(struct wipy_board *board, struct py_sink *sink, struct span glue,
	const struct py_value *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct span item = span_of(board, items[i]);

		if (i > 0)
			py_put_bytes(sink, glue.at, glue.len);
		py_put_bytes(sink, item.at, item.len);
	}
}

static int text_join(PY_NATIVE_ARGS)
{
	enum py_kind kind = kind_of(board, call->args[0]);
	struct span self = span_of(board, call->args[0]);
	struct py_sink sink = {NULL, 0};
	struct py_value list = call->args[1];
	const struct py_value *items;
	size_t count;
	int r = 0;

	if (!py_is(board, list, PY_LIST) && !py_is(board, list, PY_TUPLE))
		r = py_collect(board, list, &list);
	if (r < 0)
		return r;
	items = py_elements(board, list, &count);
	for (size_t i = 0; i < count; i++)
		if (!py_is(board, items[i], kind))
			return py_raise(board, PY_TYPE_ERROR,
				"join expects a list of str/bytes objects consistent "
				"with self object");
	put_joined(board, &sink, self, items, count);
	r = py_sink_begin(board, &sink, kind);
	if (r < 0)
		return r;
	put_joined(board, &sink, self, items, count);
	*ret_value = py_sink_end(board, &sink);
	return 0;
}

static void put_replaced(struct py_sink *sink, struct span self, struct span old,
	struct span new, int32_t left)
{
	size_t from = 0;

	while (left-- != 0) {
		size_t at = find(self, from, self.len, old, false);

		if (at == PY_NOWHERE)
			break;
		py_put_bytes(sink, self.at + from, at - from);
		py_put_bytes(sink, new.at, new.len);
		from = at + old.len;
		if (old.len == 0) {
			if (at == self.len)
				return;
			py_put_char(sink, self.at[from++]);
		}
	}
	py_put_bytes(sink, self.at + from, self.len - from);
}

static int text_replace(PY_NATIVE_ARGS)
{
	struct span self, old, new;
	struct py_sink sink = {NULL, 0};
	int32_t left = -1;
	int r = two_texts(board, call, 1, &self, &old);

	if (r == 0)
		r = two_texts(board, call, 2, &self, &new);
	if (r == 0)
		r = py_int_argument(board, call, 3, NULL, &left);
	if (r < 0)
		return r;
	put_replaced(&sink, self, old, new, left);
	r = py_sink_begin(board, &sink, kind_of(board, call->args[0]));
	if (r < 0)
		return r;
	put_replaced(&sink, self, old, new, left);
	*ret_value = py_sink_end(board, &sink);
	return 0;
}

/* ---- letters ---------------------------------------------------------------------- */

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alpha(char c)
{
	return is_upper(c) || is_lower(c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int change_case(struct wipy_board *board, const struct py_call *call,
	bool (*from)(char), struct py_value *ret_value)
{
	struct span self = span_of(board, call->args[0]);
	struct py_sink sink = {NULL, self.len};
	int r = py_sink_begin(board, &sink, kind_of(board, call->args[0]));

	if (r < 0)
		return r;
	for (size_t i = 0; i < self.len; i++)
		py_put_char(&sink,
			(char)(from(self.at[i]) ? self.at[i] ^ 0x20 : self.at[i]));
	*ret_value = py_sink_end(board, &sink);
	return 0;
}

static int text_upper(PY_NATIVE_ARGS)
{
	return change_case(board, call, is_lower, ret_value);
}

static int text_lower(PY_NATIVE_ARGS)
{
	return change_case(board, call, is_upper, ret_value);
}

/* Whether there is a character and all are so. */
static int all_are(struct wipy_board *board, const struct py_call *call,
	bool (*is)(char), struct py_value *ret_value)
{
	struct span self = span_of(board, call->args[0]);
	size_t i = 0;

	while (i < self.len && is(self.at[i]))
		i++;
	*ret_value = PY_BOOL(self.len > 0 && i == self.len);
	return 0;
}

static int text_isspace(PY_NATIVE_ARGS)
{
	return all_are(board, call, is_blank, ret_value);
}

static int text_isalpha(PY_NATIVE_ARGS)
{
	return all_are(board, call, is_alpha, ret_value);
}

static int text_isdigit(PY_NATIVE_ARGS)
{
	return all_are(board, call, is_digit, ret_value);
}

/* ---- from one kind to the other ------------------------------------------------------ */

static int str_encode(PY_NATIVE_ARGS)
{
	struct span self = span_of(board, call->args[0]);

	return py_text_value(board, PY_BYTES, self.at, self.len, ret_value);
}

static int bytes_decode(PY_NATIVE_ARGS)
{
	struct span self = span_of(board, call->args[0]);

	return py_text_value(board, PY_STR, self.at, self.len, ret_value);
}

/* ---- tables --------------------------------------------------------------------- */

#define BOTH                                                                           \
	PY_ROW_FN("find", text_find, 2, 4), PY_ROW_FN("rfind", text_rfind, 2, 4),      \
		PY_ROW_FN("index", text_index, 2, 4),                                  \
		PY_ROW_FN("rindex", text_rindex, 2, 4),                                \
		PY_ROW_FN("join", text_join, 2, 2),                                    \
		PY_ROW_FN("split", text_split, 1, 3),                                  \
		PY_ROW_FN("startswith", text_startswith, 2, 3),                        \
		PY_ROW_FN("endswith", text_endswith, 2, 2),                            \
		PY_ROW_FN("strip", text_strip, 1, 2),                                  \
		PY_ROW_FN("lstrip", text_lstrip, 1, 2),                                \
		PY_ROW_FN("rstrip", text_rstrip, 1, 2),                                \
		PY_ROW_FN("replace", text_replace, 3, 4),                              \
		PY_ROW_FN("count", text_count, 2, 4),                                  \
		PY_ROW_FN("lower", text_lower, 1, 1),                                  \
		PY_ROW_FN("upper", text_upper, 1, 1),                                  \
		PY_ROW_FN("isspace", text_isspace, 1, 1),                              \
		PY_ROW_FN("isalpha", text_isalpha, 1, 1),                              \
		PY_ROW_FN("isdigit", text_isdigit, 1, 1)

static const struct py_row str_rows[] = {
	PY_ROW_FN("encode", str_encode, 1, 3),
	PY_ROW_KEYWORDS("format", py_str_format, 1, PY_ANY, "*"),
	BOTH,
	PY_ROW_END,
};

static const struct py_row bytes_rows[] = {
	PY_ROW_FN("decode", bytes_decode, 1, 3),
	BOTH,
	PY_ROW_END,
};

const struct py_type py_type_str = {
	.name = "str",
	.rows = str_rows,
	.make = PY_ROW_FN("str", py_make_str, 0, 3),
};

const struct py_type py_type_bytes = {
	.name = "bytes",
	.rows = bytes_rows,
	.make = PY_ROW_FN("bytes", py_make_bytes, 0, 3),
};
