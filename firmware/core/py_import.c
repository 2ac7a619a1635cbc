/* SPDX-License-Identifier: MIT
 *
 * Modules: those in C first, then the user's own, NAME.py in the folders of sys.path.
 * The program of a file runs as a frame on top of the importing one, so it stops and
 * goes on like any other, and its result is the module. The module is known from the
 * moment its frame begins (a circle of imports finds it as far as it has come) and
 * forgotten where the frame ends with an error.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/py_code.h"
#include "firmware/core/py_native.h"

/* The modules of files that were imported, or NULL. */
static struct py_dict *imported(const struct wipy_board *board)
{
	struct py_value v = board->py.state[PY_STATE_MODULES];

	return v.bits ? py_at(board, v) : NULL;
}

static bool find_builtin(struct wipy_board *board, const struct py_bytes *name,
	struct py_value *ret_value)
{
	for (uint32_t i = 0; py_modules[i]; i++) {
		const char *module = py_modules[i]->name;

		if (strlen(module) == name->len &&
			memcmp(module, name->at, name->len) == 0 &&
			py_has_module(board, py_modules[i])) {
			*ret_value = PY_IMMEDIATE(PY_MODULE, i);
			return true;
		}
	}
	return false;
}

/* ---- files -------------------------------------------------------------------------- */

/* The open file FOLDER/NAME.py, or what files_open() says. */
static int open_in(struct wipy_board *board, const struct py_bytes *folder,
	const struct py_bytes *file)
{
	char name[FILES_PATH_MAX], path[FILES_PATH_MAX];
	struct wipy_text text;

	wipy_text_init(&text, name, sizeof(name));
	wipy_text_bytes(&text, folder->at, folder->len);
	if (folder->len > 0)
		wipy_text_char(&text, '/');
	wipy_text_bytes(&text, file->at, file->len);
	if (text.cut || py_path(board, name, text.len, path, sizeof(path)) < 0)
		return -ENOENT;
	return py_open_file(board, path, FILES_READ);
}

/* The first one in the folders of sys.path. */
static int find_file(struct wipy_board *board, const struct py_bytes *file)
{
	struct py_value path;
	struct py_list *list;
	int number;

	if (py_sys_path(board, &path) < 0)
		return -ENOMEM;
	list = py_at(board, path);
	for (uint32_t i = 0; i < list->len; i++) {
		struct py_value folder = py_list_items(board, list)[i];

		if (!py_is(board, folder, PY_STR))
			continue;
		number = open_in(board, py_at(board, folder), file);
		if (number >= 0 || number == -ENOMEM)
			return number;
		if (number == -ENFILE || number == -EACCES)
			return py_raise_os(board, number);
	}
	return py_raise(board, PY_IMPORT_ERROR, "module not found");
}

static int compile_file(
	struct wipy_board *board, struct py_value file, struct py_value *ret_code)
{
	struct py_source source = {.name = file};
	int number = find_file(board, py_at(board, file));
	int r;

	if (number < 0)
		return number;
	source.file = number;
	source.len = files_size(&board->files, number);
	r = py_compile(board, &source, PY_FILE, ret_code);
	(void)py_close_file(board, number);
	return r < -1 ? py_raise_os(board, r) : r;
}

/* An empty module with its name, known to the next import. */
static int new_module(
	struct wipy_board *board, struct py_value name, struct py_value *ret_module)
{
	struct py_value *known = &board->py.state[PY_STATE_MODULES];
	struct py_dict *module = py_new_dict(board, 4);
	struct py_dict *modules = known->bits ? imported(board) : py_new_dict(board, 4);
	struct py_value key;
	int r = -ENOMEM;

	if (!module || !modules)
		return -ENOMEM;
	module->head.kind = PY_NAMESPACE;
	*ret_module = py_reference(board, module);
	if (py_str(board, "__name__", 8, &key) == 0)
		r = py_dict_set(board, module, key, name);
	if (r == 0)
		r = py_dict_set(board, modules, name, *ret_module);
	if (r == 0)
		*known = py_reference(board, modules);
	return r;
}

static int import_file(struct wipy_board *board, struct py_value name)
{
	const struct py_bytes *text = py_at(board, name);
	struct py_bytes *file;
	struct py_value code, module;
	int r;

	/* the compiler does not try twice: it begins with a heap that was collected */
	if (!board->py.collected)
		return -ENOMEM;
	file = py_new_bytes(board, PY_STR, NULL, text->len + 3u);
	if (!file)
		return -ENOMEM;
	memcpy(file->at, text->at, text->len);
	memcpy(file->at + text->len, ".py", 3);
	py_seal(file);
	r = compile_file(board, py_reference(board, file), &code);
	if (r == 0)
		r = py_enter(board, code);
	if (r < 0)
		return r;
	r = new_module(board, name, &module);
	if (r < 0)
		py_leave_frame(board);
	else
		((struct py_code *)py_at(board, code))->globals = module;
	return r;
}

int py_import(
	struct wipy_board *board, struct py_value name, struct py_value *ret_module)
{
	const struct py_dict *modules = imported(board);
	const struct py_value *pair =
		modules ? py_dict_find(board, modules, name) : NULL;

	if (find_builtin(board, py_at(board, name), ret_module))
		return 0;
	if (pair) {
		*ret_module = pair[1];
		return 0;
	}
	*ret_module = PY_NO_VALUE;
	return import_file(board, name);
}

void py_forget_import(struct wipy_board *board, const struct py_frame *frame)
{
	const struct py_code *code = py_at(board, frame->code);
	struct py_dict *modules = imported(board);

	if (frame->name != 0 || !modules)
		return;
	for (uint32_t i = 0; i < modules->len; i++) {
		struct py_value *pair = py_dict_pairs(board, modules) + 2 * i;

		if (py_same(pair[1], code->globals)) {
			py_dict_remove(board, modules, pair);
			return;
		}
	}
}

/* ---- from NAME import --------------------------------------------------------------- */

int py_import_from(struct wipy_board *board, struct py_value module,
	const struct py_bytes *name, struct py_value *ret_value)
{
	int r = py_get_attribute(board, module, name->at, name->len, ret_value);
	enum py_exception_id type;

	if (r == -1 && py_is_error(board, board->py.error, &type) &&
		type == PY_ATTRIBUTE_ERROR)
		return py_raise(board, PY_IMPORT_ERROR, "cannot import name");
	return r;
}

int py_import_all(
	struct wipy_board *board, struct py_value module, struct py_dict *globals)
{
	struct py_names names = {.of = module};

	while (py_names_next(board, &names)) {
		struct py_value name, v;
		int r;

		if (names.name[0] == '_')
			continue;
		r = py_get_attribute(board, module, names.name, names.len, &v);
		if (r == 0)
			r = py_str(board, names.name, names.len, &name);
		if (r == 0)
			r = py_dict_set(board, globals, name, v);
		if (r < 0)
			return r;
	}
	return 0;
}
