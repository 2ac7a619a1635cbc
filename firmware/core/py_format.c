/* SPDX-License-Identifier: MIT
 *
 * Patterns that are filled in: "%d" % x and "{}".format(x).
 */
#include <string.h>

#include "firmware/core/py_code.h"
#include "firmware/core/py_native.h"

#define NUMBER_MAX 100000000 /* a text is shorter; ten times this is an int32_t */

/* ---- one field -------------------------------------------------------------------- */

static void put_fill(struct py_sink *sink, char fill, int32_t count)
{
	if (!sink->object && count > 0)
		sink->len += (size_t)count;
	for (; sink->object && count > 0; count--)
		py_put_char(sink, fill);
}

static unsigned base_of(char type)
{
	switch (type) {
	case 'x':
	case 'X':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	default:
		return 10;
	}
}

/* The text between the fill characters; *ret_sign of its characters are sign and base. */
static int put_inside(struct wipy_board *board, struct py_sink *sink,
	const struct py_spec *spec, struct py_value v, size_t *ret_sign)
{
	size_t from = sink->len, digits;
	int32_t number = 0;
	uint32_t size;
	char c;
	int r;

	*ret_sign = 0;
	if (spec->type == 's' || spec->type == 'r' ||
		(spec->type == 0 && !py_is_int(v))) {
		py_put_value(board, sink, v, spec->type == 'r');
		return 0;
	}
	if (spec->type == 'c' && py_is_reference(v)) {
		py_put_value(board, sink, v, false);
		return 0;
	}
	r = py_get_int(board, v, &number);
	if (r < 0)
		return r;
	if (spec->type == 'c') {
		py_put_char(sink, (char)number);
		return 0;
	}
	size = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;
	if (number < 0 || spec->sign)
		py_put_char(sink, number < 0 ? '-' : spec->sign);
	if (spec->alternate && base_of(spec->type) != 10) {
		py_put_char(sink, '0');
		py_put_char(sink, spec->type);
	}
	*ret_sign = sink->len - from;
	digits = sink->len;
	py_put_digits(sink, size, base_of(spec->type));
	for (; spec->type == 'X' && sink->object && digits < sink->len; digits++) {
		c = sink->object->at[digits];
		sink->object->at[digits] = (char)(c >= 'a' ? c ^ 0x20 : c);
	}
	return 0;
}

int py_put_field(struct wipy_board *board, struct py_sink *sink,
	const struct py_spec *spec, struct py_value v)
{
	bool is_text = spec->type == 's' || spec->type == 'r' ||
		       (spec->type == 0 && !py_is_int(v));
	char align = spec->align ? spec->align : is_text ? '<' : '>';
	struct py_sink measure = {NULL, 0}, inside;
	size_t sign, len;
	int32_t missing, left;
	int r = put_inside(board, &measure, spec, v, &sign);

	if (r < 0)
		return r;
	if (spec->width > PY_BYTES_MAX) {
		(void)py_refuse(board, (size_t)spec->width, 1);
		return -ENOMEM;
	}
	len = measure.len;
	if (is_text && spec->precision >= 0 && len > (size_t)spec->precision)
		len = (size_t)spec->precision;
	missing = spec->width - (int32_t)len;
	missing = missing < 0 ? 0 : missing;
	left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
	if (spec->fill != '0' || is_text)
		put_fill(sink, spec->fill, left);
	inside = *sink;
	r = put_inside(board, &inside, spec, v, &sign);
	if (spec->fill == '0' && !is_text && left > 0) {
		/* zeros stand between the sign and the digits */
		if (sink->object && inside.len + (size_t)left <= sink->object->len) {
			char *at = sink->object->at + sink->len + sign;

			memmove(at + left, at, len - sign);
			memset(at, '0', (size_t)left);
		}
		sink->len += (size_t)left;
	}
	sink->len += len;
	put_fill(sink, spec->fill, missing - left);
	return r;
}

/* ---- % ------------------------------------------------------------------------------ */

struct pattern {
	const char *at;
	const char *end;
	struct py_value args; /* all of them */
	const struct py_value *arg;
	size_t count;
	size_t used;
};

static int32_t read_number(struct pattern *p)
{
	int32_t number = 0;

	while (p->at < p->end && *p->at >= '0' && *p->at <= '9') {
		number = number * 10 + (*p->at++ - '0');
		number = number > NUMBER_MAX ? NUMBER_MAX : number;
	}
	return number;
}

static int next_arg(
	struct wipy_board *board, struct pattern *p, struct py_value *ret_value)
{
	if (p->used >= p->count)
		return py_raise(
			board, PY_TYPE_ERROR, "not enough arguments for format string");
	*ret_value = p->arg[p->used++];
	return 0;
}

/* %(key): behind it; the value of the key. */
static int mapped_arg(
	struct wipy_board *board, struct pattern *p, struct py_value *ret_value)
{
	const char *close = memchr(p->at, ')', (size_t)(p->end - p->at));
	const struct py_value *pair;

	if (!close)
		return py_raise(board, PY_VALUE_ERROR, "incomplete format key");
	if (!py_is(board, p->args, PY_DICT))
		return py_raise(board, PY_TYPE_ERROR, "format requires a dict");
	pair = py_dict_find_text(
		board, py_at(board, p->args), p->at + 1, (size_t)(close - p->at - 1));
	if (!pair)
		return py_raise(board, PY_KEY_ERROR, NULL);
	p->at = close + 1;
	p->used = p->count;
	*ret_value = pair[1];
	return 0;
}

static int read_flags(struct wipy_board *board, struct pattern *p, struct py_spec *spec)
{
	struct py_value v;
	int r = 0;

	for (; p->at < p->end && strchr("-0+ #", *p->at) && *p->at; p->at++) {
		if (*p->at == '-')
			spec->align = '<';
		else if (*p->at == '0')
			spec->fill = '0';
		else if (*p->at == '#')
			spec->alternate = true;
		else
			spec->sign = *p->at;
	}
	if (p->at < p->end && *p->at == '*') {
		p->at++;
		r = next_arg(board, p, &v);
		if (r == 0)
			r = py_get_int(board, v, &spec->width);
		if (spec->width < 0) {
			spec->align = '<';
			spec->width = -spec->width;
		}
	} else {
		spec->width = read_number(p);
	}
	if (p->at < p->end && *p->at == '.') {
		p->at++;
		spec->precision = read_number(p);
	}
	if (spec->align == '<')
		spec->fill = ' ';
	return r;
}

/* Behind the %. */
static int put_conversion(
	struct wipy_board *board, struct py_sink *sink, struct pattern *p)
{
	struct py_spec spec = {.fill = ' ', .align = '>', .precision = -1};
	struct py_value v = PY_NO_VALUE;
	int r = 0;

	if (p->at < p->end && *p->at == '(')
		r = mapped_arg(board, p, &v);
	if (r == 0)
		r = read_flags(board, p, &spec);
	if (r < 0)
		return r;
	if (p->at == p->end)
		return py_raise(board, PY_VALUE_ERROR, "incomplete format");
	spec.type = *p->at++;
	if (spec.type == '%') {
		py_put_char(sink, '%');
		return 0;
	}
	spec.type = spec.type == 'i' || spec.type == 'u' ? 'd' : spec.type;
	if (!spec.type || !strchr("dsrxXoc", spec.type))
		return py_raise(board, PY_VALUE_ERROR, "unsupported format character");
	if (v.bits == 0)
		r = next_arg(board, p, &v);
	return r < 0 ? r : py_put_field(board, sink, &spec, v);
}

static int put_percent(struct wipy_board *board, struct py_sink *sink, struct pattern p)
{
	while (p.at < p.end) {
		int r = 0;

		if (*p.at == '%') {
			p.at++;
			r = put_conversion(board, sink, &p);
		} else {
			py_put_char(sink, *p.at++);
		}
		if (r < 0)
			return r;
	}
	if (p.used < p.count && !py_is(board, p.args, PY_DICT))
		return py_raise(board, PY_TYPE_ERROR,
			"not all arguments converted during string formatting");
	return 0;
}

int py_format(struct wipy_board *board, struct py_value a, struct py_value b,
	struct py_value *ret_text)
{
	const struct py_bytes *text = py_at(board, a);
	struct pattern p = {.at = text->at, .end = text->at + text->len, .args = b};
	struct py_sink sink = {NULL, 0};
	int r;

	p.arg = py_is(board, b, PY_TUPLE) ? py_elements(board, b, &p.count) : NULL;
	if (!p.arg) {
		p.arg = &b;
		p.count = 1;
	}
	r = put_percent(board, &sink, p);
	if (r == 0)
		r = py_sink_begin(
			board, &sink, py_is(board, a, PY_BYTES) ? PY_BYTES : PY_STR);
	if (r == 0)
		r = put_percent(board, &sink, p);
	if (r == 0)
		*ret_text = py_sink_end(board, &sink);
	return r;
}

/* ---- format() --------------------------------------------------------------------- */

/* The value that a field names: a number, a keyword, or the next one. */
static int named_arg(struct wipy_board *board, struct pattern *p,
	const struct py_call *call, struct py_value *ret_value)
{
	const char *name = p->at;
	size_t index = p->used;

	while (p->at < p->end && *p->at != '}' && *p->at != ':' && *p->at != '!')
		p->at++;
	if (p->at > name && (*name < '0' || *name > '9')) {
		for (int i = 0; i < call->named_count; i++) {
			const struct py_bytes *key = py_at(board, call->named[2 * i]);

			if (key->len == p->at - name &&
				memcmp(key->at, name, key->len) == 0) {
				*ret_value = call->named[2 * i + 1];
				return 0;
			}
		}
		return py_raise(board, PY_KEY_ERROR, NULL);
	}
	if (p->at == name) {
		p->used++;
	} else {
		struct pattern number = {.at = name, .end = p->at};

		index = (size_t)read_number(&number);
	}
	if (index >= p->count)
		return py_raise(board, PY_INDEX_ERROR, "tuple index out of range");
	*ret_value = p->arg[index];
	return 0;
}

static bool is_align(char c)
{
	return c == '<' || c == '>' || c == '^';
}

static void read_spec(struct pattern *p, struct py_spec *spec)
{
	if (p->end - p->at > 1 && is_align(p->at[1]))
		spec->fill = *p->at++;
	if (p->at < p->end && is_align(*p->at))
		spec->align = *p->at++;
	if (p->at < p->end && (*p->at == '+' || *p->at == ' '))
		spec->sign = *p->at++;
	if (p->at < p->end && *p->at == '#') {
		spec->alternate = true;
		p->at++;
	}
	if (p->at < p->end && *p->at == '0')
		spec->fill = '0';
	spec->width = read_number(p);
	if (p->at < p->end && *p->at == '.') {
		p->at++;
		spec->precision = read_number(p);
	}
	if (p->at < p->end && *p->at != '}')
		spec->type = *p->at++;
}

/* Behind the {. */
static int put_replacement(struct wipy_board *board, struct py_sink *sink,
	struct pattern *p, const struct py_call *call)
{
	struct py_spec spec = {.fill = ' ', .precision = -1};
	struct py_value v;
	int r = named_arg(board, p, call, &v);

	if (r < 0)
		return r;
	if (p->end - p->at > 1 && *p->at == '!') {
		spec.type = p->at[1];
		p->at += 2;
	}
	if (p->at < p->end && *p->at == ':') {
		p->at++;
		read_spec(p, &spec);
	}
	if (p->at == p->end || *p->at++ != '}' ||
		(spec.type && !strchr("dsrxXobc", spec.type)))
		return py_raise(board, PY_VALUE_ERROR, "invalid format specifier");
	return py_put_field(board, sink, &spec, v);
}

static int put_format(struct wipy_board *board, struct py_sink *sink, struct pattern p,
	const struct py_call *call)
{
	while (p.at < p.end) {
		char c = *p.at++;
		bool twice = p.at < p.end && *p.at == c && (c == '{' || c == '}');
		int r;

		if (twice || (c != '{' && c != '}')) {
			py_put_char(sink, c);
			p.at += twice;
			continue;
		}
		if (c == '}')
			return py_raise(board, PY_VALUE_ERROR,
				"single '}' encountered in format string");
		r = put_replacement(board, sink, &p, call);
		if (r < 0)
			return r;
	}
	return 0;
}

int py_str_format(PY_NATIVE_ARGS)
{
	const struct py_bytes *text = py_at(board, call->args[0]);
	struct pattern p = {.at = text->at,
		.end = text->at + text->len,
		.arg = call->args + 1,
		.count = (size_t)call->count - 1};
	struct py_sink sink = {NULL, 0};
	int r = put_format(board, &sink, p, call);

	if (r == 0)
		r = py_sink_begin(board, &sink, PY_STR);
	if (r == 0)
		r = put_format(board, &sink, p, call);
	if (r == 0)
		*ret_value = py_sink_end(board, &sink);
	return r;
}
