/* SPDX-License-Identifier: MIT
 *
 * What the small Python comes with: built-in functions and the modules os, machine and
 * sys, as tables.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

/* ---- built-in functions ------------------------------------------------------- */

static int mismatch(struct wipy_board *board)
{
	return py_raise(board, "TypeError", "argument num/types mismatch");
}

/* The value of sep= or end=. */
static int named_text(struct wipy_board *board, const struct py_args *args,
	const char *name, struct py_value *value)
{
	for (int i = 0; i < args->named_count; i++) {
		if (strlen(name) != args->named[i].name_len ||
			memcmp(name, args->named[i].name, args->named[i].name_len) != 0)
			continue;
		if (args->named[i].value.type != PY_STR)
			return mismatch(board);
		*value = args->named[i].value;
	}
	return 0;
}

static int call_print(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	struct py_value separator = py_text(" ", 1);
	struct py_value end = py_text("\n", 1);

	(void)ret_value;
	if (named_text(board, args, "sep", &separator) < 0 ||
		named_text(board, args, "end", &end) < 0)
		return -1;
	for (int i = 0; i < args->count; i++) {
		struct py_value text;

		if (i > 0)
			repl_print(board, separator.at, separator.len);
		if (py_str(board, &args->value[i], &text) < 0)
			return -1;
		repl_print(board, text.at, text.len);
	}
	repl_print(board, end.at, end.len);
	return 0;
}

static int call_repr(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	return py_repr(board, &args->value[0], ret_value);
}

static int call_str(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	if (args->count == 0)
		*ret_value = py_text("", 0);
	return args->count == 0 ? 0 : py_str(board, &args->value[0], ret_value);
}

static int call_len(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	const struct py_value *value = &args->value[0];

	if (value->type != PY_STR && value->type != PY_BYTES)
		return py_raise(board, "TypeError", "object has no len");
	return py_int(board, (int64_t)value->len, ret_value);
}

static int parse_int(struct wipy_board *board, const struct py_value *text,
	struct py_value *ret_value)
{
	const char *at = text->at;
	size_t len = text->len;
	bool negative = len > 0 && at[0] == '-';
	uint64_t number;

	if (len > 0 && (at[0] == '-' || at[0] == '+')) {
		at++;
		len--;
	}
	if (wipy_text_parse_u64(at, len, UINT32_MAX, &number) < 0)
		return py_raise(board, "ValueError", "invalid syntax for integer");
	return py_int(board, negative ? -(int64_t)number : (int64_t)number, ret_value);
}

static int call_int(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	const struct py_value *value = &args->value[0];

	if (args->count == 0)
		return py_int(board, 0, ret_value);
	if (value->type == PY_STR)
		return parse_int(board, value, ret_value);
	if (value->type != PY_INT && value->type != PY_BOOL)
		return py_raise(board, "TypeError", "can't convert to int");
	return py_int(board, value->number, ret_value);
}

static int call_help(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	static const char text[] =
		"Welcome to MicroPython!\n"
		"For online help please visit http://micropython.org/help/.\n"
		"For further help on a specific object, type help(obj)\n";

	(void)args;
	(void)ret_value;
	repl_print(board, text, sizeof(text) - 1);
	return 0;
}

static const struct py_function builtins[] = {
	{"help", 0, 1, call_help},
	{"int", 0, 1, call_int},
	{"len", 1, 1, call_len},
	{"print", 0, -1, call_print},
	{"repr", 1, 1, call_repr},
	{"str", 0, 1, call_str},
};

const struct py_function *py_find_builtin(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (strlen(builtins[i].name) == len &&
			memcmp(builtins[i].name, name, len) == 0)
			return &builtins[i];
	return NULL;
}

/* ---- os ----------------------------------------------------------------------- */

const char *const py_uname_names[] = {
	"sysname", "nodename", "release", "version", "machine", NULL};

const char *py_uname_field(
	const struct wipy_board *board, int index, char *buf, size_t cap)
{
	const struct wipy_fingerprint *fp = &board->fingerprint;
	struct wipy_text text;

	wipy_text_init(&text, buf, cap);
	switch (index) {
	case 0:
	case 1:
		wipy_text_str(&text, board->personality->sysname);
		break;
	case 2:
		wipy_text_str(&text, board->personality->release);
		break;
	case 3:
		wipy_text_str(&text, fp->tag);
		wipy_text_str(&text, " on ");
		wipy_text_str(&text, fp->date);
		break;
	default:
		wipy_text_str(&text, fp->board);
		wipy_text_str(&text, " with ");
		wipy_text_str(&text, fp->mcu);
		break;
	}
	return buf;
}

static int call_uname(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	(void)board;
	(void)args;
	*ret_value = (struct py_value){.type = PY_UNAME};
	return 0;
}

static const struct py_function os_uname = {"uname", 0, 0, call_uname};

static const struct py_attribute os_attributes[] = {
	{.name = "__name__", .type = PY_STR, .text = "os"},
	{.name = "uname", .type = PY_FUNCTION, .function = &os_uname},
	{.name = NULL},
};

/* ---- machine ------------------------------------------------------------------ */

static int call_reset(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	(void)args;
	(void)ret_value;
	board->reset_wanted = true;
	return 0;
}

static int call_reset_cause(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	(void)args;
	return py_int(board, hal_reset_cause(board->hal), ret_value);
}

static int call_unique_id(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	uint8_t id[6];
	char *at = py_temp(board, sizeof(id));

	(void)args;
	if (!at)
		return -1;
	hal_unique_id(board->hal, id);
	memcpy(at, id, sizeof(id));
	*ret_value = py_text(at, sizeof(id));
	ret_value->type = PY_BYTES;
	return 0;
}

static const struct py_function machine_reset = {"reset", 0, 0, call_reset};
static const struct py_function machine_reset_cause = {
	"reset_cause", 0, 0, call_reset_cause};
static const struct py_function machine_unique_id = {"unique_id", 0, 0, call_unique_id};

static const struct py_attribute machine_attributes[] = {
	{.name = "__name__", .type = PY_STR, .text = "machine"},
	{.name = "reset", .type = PY_FUNCTION, .function = &machine_reset},
	{.name = "reset_cause", .type = PY_FUNCTION, .function = &machine_reset_cause},
	{.name = "unique_id", .type = PY_FUNCTION, .function = &machine_unique_id},
	{.name = "PWRON_RESET", .type = PY_INT, .number = HAL_RESET_POWER},
	{.name = "HARD_RESET", .type = PY_INT, .number = HAL_RESET_HARD},
	{.name = "WDT_RESET", .type = PY_INT, .number = HAL_RESET_WATCHDOG},
	{.name = "DEEPSLEEP_RESET", .type = PY_INT, .number = HAL_RESET_DEEPSLEEP},
	{.name = "SOFT_RESET", .type = PY_INT, .number = HAL_RESET_SOFT},
	{.name = NULL},
};

/* ---- sys ---------------------------------------------------------------------- */

static int call_exit(struct wipy_board *board, const struct py_args *args,
	struct py_value *ret_value)
{
	(void)args;
	(void)ret_value;
	board->py.exit_wanted = true;
	return 0;
}

static const struct py_function sys_exit = {"exit", 0, 1, call_exit};

static const struct py_attribute sys_attributes[] = {
	{.name = "__name__", .type = PY_STR, .text = "sys"},
	{.name = "exit", .type = PY_FUNCTION, .function = &sys_exit},
	{.name = "platform", .type = PY_STR, .text = "WiPy"},
	{.name = "version", .type = PY_STR, .text = "3.4.0"},
	{.name = NULL},
};

/* ---- modules ------------------------------------------------------------------ */

/* Each one also under its second name, as on the boards. */
static const struct {
	const char *name;
	struct py_module module;
} modules[] = {
	{"os", {"os", os_attributes}},
	{"uos", {"os", os_attributes}},
	{"machine", {"machine", machine_attributes}},
	{"umachine", {"machine", machine_attributes}},
	{"sys", {"sys", sys_attributes}},
	{"usys", {"sys", sys_attributes}},
};

const struct py_module *py_find_module(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		if (strlen(modules[i].name) == len &&
			memcmp(modules[i].name, name, len) == 0)
			return &modules[i].module;
	return NULL;
}

static int module_attribute(struct wipy_board *board, const struct py_module *module,
	const char *name, size_t len, struct py_value *ret_value)
{
	for (const struct py_attribute *a = module->attributes; a->name; a++) {
		if (strlen(a->name) != len || memcmp(a->name, name, len) != 0)
			continue;
		*ret_value = (struct py_value){.type = a->type, .number = a->number};
		if (a->type == PY_STR)
			*ret_value = py_text(a->text, strlen(a->text));
		else if (a->type == PY_FUNCTION)
			ret_value->function = a->function;
		return 0;
	}
	return py_raise(board, "AttributeError", "no such attribute");
}

static int uname_attribute(struct wipy_board *board, const char *name, size_t len,
	struct py_value *ret_value)
{
	const size_t cap = WIPY_TAG_MAX + WIPY_DATE_MAX + WIPY_BOARD_MAX;

	for (int i = 0; py_uname_names[i]; i++) {
		char *at;

		if (strlen(py_uname_names[i]) != len ||
			memcmp(py_uname_names[i], name, len) != 0)
			continue;
		at = py_temp(board, cap);
		if (!at)
			return -1;
		py_uname_field(board, i, at, cap);
		*ret_value = py_text(at, strlen(at));
		return 0;
	}
	return py_raise(board, "AttributeError", "no such attribute");
}

int py_attribute(struct wipy_board *board, const struct py_value *value,
	const char *name, size_t len, struct py_value *ret_value)
{
	if (value->type == PY_MODULE)
		return module_attribute(board, value->module, name, len, ret_value);
	if (value->type == PY_UNAME)
		return uname_attribute(board, name, len, ret_value);
	return py_raise(board, "AttributeError", "no such attribute");
}
