/* SPDX-License-Identifier: MIT
 *
 * open() and what it gives. An instance holds the number of the file and its mode; the
 * number is negative once the file is closed. At most FILES_OPEN_MAX are open at a time;
 * those that nothing refers to are closed when a number is wanted, all by a soft reset.
 */
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

enum { FILE_NUMBER, FILE_IS_TEXT, FILE_AT, FILE_LEN };

#define CLOSED    (-1)
#define LINE_STEP 64

/* Files whose object the collector has taken: open('x').read() never closes its own. */
static void close_lost(struct wipy_board *board)
{
	unsigned held = 0;
	const struct py_head *head;

	for (uint32_t at = 8; at < board->py.top; at += head->blocks * 8u) {
		const struct py_object *object = py_at(board, (struct py_value){at});

		head = &object->head;
		if (head->kind == PY_OBJECT && object->type == PY_TYPE_FILE &&
			py_number(object->at[FILE_NUMBER]) >= 0)
			held |= 1u << py_number(object->at[FILE_NUMBER]);
	}
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (board->py.files_open & ~held & 1u << i)
			(void)files_close(&board->files, i);
	board->py.files_open &= (uint8_t)held;
}

/* Where all are taken the heap is collected first, as if it were full. */
int py_open_file(struct wipy_board *board, const char *path, enum files_mode how)
{
	int number = files_open(&board->files, path, how);

	if (number == -ENFILE && board->py.files_open) {
		if (!board->py.collected)
			return -ENOMEM;
		close_lost(board);
		number = files_open(&board->files, path, how);
	}
	if (number < 0)
		return number;
	board->py.files_open |= (uint8_t)(1u << number);
	return number;
}

int py_open(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	const char *name, *mode = "r";
	size_t name_len, mode_len = 1;
	enum files_mode how;
	struct py_object *file;
	int number, r = py_get_text(board, call->args[0], &name, &name_len);

	if (r == 0 && call->count > 1)
		r = py_get_str(board, call->args[1], &mode, &mode_len);
	if (r < 0)
		return r;
	how = memchr(mode, 'w', mode_len)   ? FILES_WRITE
	      : memchr(mode, 'a', mode_len) ? FILES_APPEND
					    : FILES_READ;
	r = py_path(board, name, name_len, path, sizeof(path));
	if (r < 0)
		return py_raise_os(board, r);
	file = py_new_object(board, PY_TYPE_FILE, FILE_LEN);
	if (!file)
		return -ENOMEM;
	/* a collection must not find a number in it that is not its own */
	file->at[FILE_NUMBER] = PY_INT(CLOSED);
	number = py_open_file(board, path, how);
	if (number < 0)
		return number == -ENOMEM ? number : py_raise_os(board, number);
	file->at[FILE_NUMBER] = PY_INT(number);
	file->at[FILE_IS_TEXT] = PY_BOOL(!memchr(mode, 'b', mode_len));
	file->at[FILE_AT] =
		PY_INT(how == FILES_APPEND ? files_size(&board->files, number) : 0);
	*ret_value = py_reference(board, file);
	return 0;
}

/* The open file; -1 and OSError where it is closed. */
static int file_of(struct wipy_board *board, const struct py_call *call,
	struct py_object **ret_file)
{
	struct py_object *file = py_at(board, call->args[0]);

	*ret_file = file;
	return py_number(file->at[FILE_NUMBER]) < 0 ? py_raise_os(board, EINVAL) : 0;
}

/* Makes what is read at most `len` bytes from where the file stands. */
static int read_some(struct wipy_board *board, struct py_object *file, size_t len,
	struct py_value *ret_value)
{
	int number = py_number(file->at[FILE_NUMBER]);
	bool is_text = py_same(file->at[FILE_IS_TEXT], PY_TRUE);
	struct py_bytes *bytes =
		py_new_bytes(board, is_text ? PY_STR : PY_BYTES, NULL, len);
	int r;

	if (!bytes)
		return -ENOMEM;
	r = files_seek(&board->files, number, (uint32_t)py_number(file->at[FILE_AT]));
	if (r == 0 && len > 0)
		r = files_read(&board->files, number, bytes->at, len);
	if (r < 0)
		return py_raise_os(board, r);
	bytes->len = (uint16_t)r;
	py_seal(bytes);
	py_moves(board, &file->at[FILE_AT]);
	file->at[FILE_AT] = PY_INT(py_number(file->at[FILE_AT]) + r);
	*ret_value = py_reference(board, bytes);
	return 0;
}

static size_t rest_of(struct wipy_board *board, const struct py_object *file)
{
	uint32_t size = files_size(&board->files, py_number(file->at[FILE_NUMBER]));
	uint32_t at = (uint32_t)py_number(file->at[FILE_AT]);

	return size > at ? size - at : 0;
}

static int file_read(PY_NATIVE_ARGS)
{
	struct py_object *file;
	int32_t len = -1;
	size_t rest;
	int r = file_of(board, call, &file);

	if (r == 0)
		r = py_int_argument(board, call, 1, NULL, &len);
	if (r < 0)
		return r;
	rest = rest_of(board, file);
	return read_some(board, file,
		len < 0 || (size_t)len > rest ? rest : (size_t)len, ret_value);
}

/* Bytes up to and with the next line feed. */
static int line_len(struct wipy_board *board, struct py_object *file, size_t *ret_len)
{
	int number = py_number(file->at[FILE_NUMBER]);
	char buf[LINE_STEP];
	const char *end = NULL;
	size_t len = 0;
	int r = files_seek(
		&board->files, number, (uint32_t)py_number(file->at[FILE_AT]));

	while (r >= 0 && !end &&
		(r = files_read(&board->files, number, buf, sizeof(buf))) > 0) {
		end = memchr(buf, '\n', (size_t)r);
		len += end ? (size_t)(end - buf) + 1 : (size_t)r;
	}
	*ret_len = len;
	return r < 0 ? py_raise_os(board, r) : 0;
}

static int file_readline(PY_NATIVE_ARGS)
{
	struct py_object *file;
	size_t len;
	int r = file_of(board, call, &file);

	if (r == 0)
		r = line_len(board, file, &len);
	return r < 0 ? r : read_some(board, file, len, ret_value);
}

static int file_readlines(PY_NATIVE_ARGS)
{
	struct py_object *file;
	struct py_list *list = py_new_list(board, 0);
	struct py_value line;
	size_t len;
	int r = list ? file_of(board, call, &file) : -ENOMEM;

	if (r < 0)
		return r;
	*ret_value = py_reference(board, list);
	while (r == 0 && rest_of(board, file) > 0) {
		r = line_len(board, file, &len);
		if (r == 0)
			r = read_some(board, file, len, &line);
		if (r == 0)
			r = py_append(board, list, line);
	}
	return r;
}

static int file_write(PY_NATIVE_ARGS)
{
	struct py_object *file;
	const char *text;
	size_t len;
	int r = file_of(board, call, &file);

	if (r == 0)
		r = py_get_text(board, call->args[1], &text, &len);
	if (r < 0)
		return r;
	r = files_write(&board->files, py_number(file->at[FILE_NUMBER]), text, len);
	if (r < 0)
		return py_raise_os(board, r);
	file->at[FILE_AT] = PY_INT(py_number(file->at[FILE_AT]) + r);
	*ret_value = PY_INT(r);
	return 0;
}

static int file_seek(PY_NATIVE_ARGS)
{
	struct py_object *file;
	int32_t at = 0, whence = 0;
	int r = file_of(board, call, &file);

	if (r == 0)
		r = py_get_int(board, call->args[1], &at);
	if (r == 0)
		r = py_int_argument(board, call, 2, NULL, &whence);
	if (r < 0)
		return r;
	if (whence == 1)
		at += py_number(file->at[FILE_AT]);
	else if (whence == 2)
		at += (int32_t)files_size(
			&board->files, py_number(file->at[FILE_NUMBER]));
	r = at < 0 ? -EINVAL
		   : files_seek(&board->files, py_number(file->at[FILE_NUMBER]),
			     (uint32_t)at);
	if (r < 0)
		return py_raise_os(board, r);
	file->at[FILE_AT] = *ret_value = PY_INT(at);
	return 0;
}

static int file_tell(PY_NATIVE_ARGS)
{
	struct py_object *file;
	int r = file_of(board, call, &file);

	*ret_value = r < 0 ? PY_NONE : file->at[FILE_AT];
	return r;
}

static int file_flush(PY_NATIVE_ARGS)
{
	(void)board;
	(void)call;
	(void)ret_value;
	return 0;
}

int py_close_file(struct wipy_board *board, int number)
{
	board->py.files_open &= (uint8_t) ~(1u << number);
	return files_close(&board->files, number);
}

/* Closing twice is allowed. What closing failed with stays below CLOSED until there is
 * memory to raise it: a collection may come between, and a file is closed once. */
static int file_close(PY_NATIVE_ARGS)
{
	struct py_object *file = py_at(board, call->args[0]);
	int number = py_number(file->at[FILE_NUMBER]);
	int r = 0;

	(void)ret_value;
	if (number >= 0) {
		number = CLOSED + py_close_file(board, number);
		file->at[FILE_NUMBER] = PY_INT(number);
	}
	if (number < CLOSED)
		r = py_raise_os(board, CLOSED - number);
	if (r != -ENOMEM)
		file->at[FILE_NUMBER] = PY_INT(CLOSED);
	return r;
}

/* Lines, for `for`. */
static int file_next(
	struct wipy_board *board, struct py_value self, struct py_value *ret_value)
{
	const struct py_call call = {.args = &self, .count = 1};
	const struct py_bytes *line;
	int r = file_readline(board, &call, ret_value);

	if (r < 0)
		return r;
	line = py_at(board, *ret_value);
	return line->len == 0;
}

static const struct py_row rows[] = {
	PY_ROW_FN("read", file_read, 1, 2),
	PY_ROW_FN("readline", file_readline, 1, 1),
	PY_ROW_FN("readlines", file_readlines, 1, 1),
	PY_ROW_FN("write", file_write, 2, 2),
	PY_ROW_FN("flush", file_flush, 1, 1),
	PY_ROW_FN("close", file_close, 1, 1),
	PY_ROW_FN("seek", file_seek, 2, 3),
	PY_ROW_FN("tell", file_tell, 1, 1),
	PY_ROW_END,
};

const struct py_type py_type_file = {
	.name = "io.FileIO",
	.rows = rows,
	.next = file_next,
};
