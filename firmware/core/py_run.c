/* SPDX-License-Identifier: MIT
 *
 * Runs: texts and files, slices, sleeps, output that waits for room, and the bytes that
 * the REPL keeps in the heap.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/py_code.h"

#define OUTPUT_PIECE 64 /* bytes printed at once: a line feed may become two bytes */
#define KEPT_SLACK   32

static bool is_there(const struct wipy_board *board)
{
	return py_is_reference(board->py.globals);
}

static void set_name(struct wipy_board *board, const char *name, const char *text)
{
	struct py_value key, v;

	if (py_str(board, name, strlen(name), &key) == 0 &&
		py_str(board, text, strlen(text), &v) == 0)
		(void)py_dict_set(board, py_at(board, board->py.globals), key, v);
}

void py_start(struct wipy_board *board)
{
	struct py *py = &board->py;
	bool always_collect = py->always_collect;
	uint16_t slice = py->slice;
	struct py_dict *globals;

	for (int i = 0; i < FILES_OPEN_MAX; i++)
		if (py->files_open & 1u << i)
			(void)files_close(&board->files, i);
	*py = (struct py){.slice = slice};
	if (!board->settings.arena || board->settings.arena_len < PY_ARENA_MIN)
		return;
	py_heap_start(board);
	globals = py_new_dict(board, 8);
	if (!globals)
		return;
	py->globals = py_reference(board, globals);
	set_name(board, "__name__", "__main__");
	py->always_collect = always_collect;
}

static void stop_run(struct wipy_board *board)
{
	struct py *py = &board->py;

	while (py_is_reference(py->frame)) {
		py_forget_import(board, py_at(board, py->frame));
		py_leave_frame(board);
	}
	py->output = (struct py_output){0};
	py->wake_ms = 0;
}

/* A run that goes on is dropped; the error of the last one is forgotten. */
static void forget_run(struct wipy_board *board)
{
	struct py *py = &board->py;

	stop_run(board);
	py->error = PY_NO_VALUE;
	py->trace_of = PY_NO_VALUE;
	py->trace_count = 0;
	py->failed = false;
	py->syntax = false;
	py->interrupted = false;
	py_heap_collect(board);
	py->collected = true;
}

static int begin(
	struct wipy_board *board, const struct py_source *source, enum py_mode mode)
{
	struct py *py = &board->py;
	struct py_value code;
	int r = py_compile(board, source, mode, &code);

	if (r == 0 && py_enter(board, code) < 0) {
		py_raise_memory(board);
		r = -1;
	}
	py->collected = false;
	py->failed = r == -1;
	return r;
}

void py_run_text(
	struct wipy_board *board, enum py_mode mode, const char *text, size_t len)
{
	struct py_source source = {.text = text ? text : "", .len = len};

	if (!is_there(board))
		return;
	forget_run(board);
	(void)begin(board, &source, mode);
}

static int run_open_file(struct wipy_board *board, const char *path, int file)
{
	const char *name = strrchr(path, '/');
	struct py_source source = {.file = file};

	name = name ? name + 1 : path;
	source.len = files_size(&board->files, file);
	if (py_str(board, name, strlen(name), &source.name) < 0)
		return -ENOMEM;
	board->py.work[3] = source.name;
	return begin(board, &source, PY_FILE);
}

int py_run_file(struct wipy_board *board, const char *path)
{
	char full[FILES_PATH_MAX];
	struct wipy_text text;
	int file, r;

	if (!is_there(board))
		return -ENOENT;
	wipy_text_init(&text, full, sizeof(full));
	if (*path != '/')
		wipy_text_str(&text, "/flash/");
	wipy_text_str(&text, path);
	file = files_open(&board->files, full, FILES_READ);
	if (file < 0)
		return file;
	forget_run(board);
	r = run_open_file(board, full, file);
	(void)files_close(&board->files, file);
	board->py.work[3] = PY_NO_VALUE;
	return r == -1 ? 0 : r;
}

/* ---- output --------------------------------------------------------------------------- */

void py_print(struct wipy_board *board, struct py_value text, bool newline)
{
	struct py_output *output = &board->py.output;

	*output = (struct py_output){.object = text, .newline = newline};
	output->len = ((struct py_bytes *)py_at(board, text))->len;
}

void py_print_static(struct wipy_board *board, const char *text, size_t len)
{
	board->py.output = (struct py_output){.text = text, .len = (uint32_t)len};
}

static bool is_printing(const struct py *py)
{
	return py->output.at < py->output.len || py->output.newline;
}

/* As much as there is room for. */
static void print_on(struct wipy_board *board)
{
	struct py_output *output = &board->py.output;
	const char *text = output->text;

	if (!is_printing(&board->py))
		return;
	if (py_is_reference(output->object))
		text = ((struct py_bytes *)py_at(board, output->object))->at;
	while (is_printing(&board->py) && repl_room(board) >= OUTPUT_PIECE * 2) {
		uint32_t n = output->len - output->at;

		if (n > OUTPUT_PIECE)
			n = OUTPUT_PIECE;
		if (n == 0) {
			repl_print(board, "\n", 1);
			output->newline = false;
			continue;
		}
		repl_print(board, text + output->at, n);
		output->at += n;
	}
	if (!is_printing(&board->py))
		*output = (struct py_output){0};
}

/* ---- slices ---------------------------------------------------------------------------- */

void py_sleep(struct wipy_board *board, int64_t ms)
{
	board->py.wake_ms = board->py.now_ms + (ms > 0 ? ms : 0);
}

static bool must_pause(struct wipy_board *board)
{
	struct py *py = &board->py;
	bool pause = py->pause;

	if (py->collect)
		py_heap_collect(board);
	py->collect = false;
	py->pause = false;
	print_on(board);
	return pause || is_printing(py) || py->wake_ms > py->now_ms ||
	       board->reset_wanted;
}

int64_t py_step(struct wipy_board *board, int64_t now_ms)
{
	struct py *py = &board->py;
	int count = py->slice ? py->slice : PY_SLICE;

	py->now_ms = now_ms;
	if (!is_there(board))
		return WIPY_NEVER;
	while (!must_pause(board) && py_is_reference(py->frame) && count-- > 0) {
		py->wake_ms = 0;
		py_execute(board);
	}
	if (board->reset_wanted)
		stop_run(board);
	if (is_printing(py) || (!py_is_reference(py->frame) && py->wake_ms <= now_ms))
		return WIPY_NEVER;
	return py->wake_ms > now_ms ? py->wake_ms : now_ms;
}

bool py_is_idle(const struct wipy_board *board)
{
	const struct py *py = &board->py;

	return !py_is_reference(py->frame) && !is_printing(py);
}

bool py_failed(const struct wipy_board *board)
{
	return board->py.failed;
}

bool py_exit_wanted(const struct wipy_board *board)
{
	return board->py.exit_wanted;
}

void py_interrupt(struct wipy_board *board)
{
	if (py_is_reference(board->py.frame))
		board->py.interrupted = true;
}

/* ---- bytes of the REPL -------------------------------------------------------------------- */

static struct py_bytes *kept_at(const struct wipy_board *board, int index)
{
	struct py_value v = board->py.kept[index];

	return py_is_reference(v) ? py_at(board, v) : NULL;
}

const char *py_kept(const struct wipy_board *board, int index, size_t *ret_len)
{
	const struct py_bytes *kept = kept_at(board, index);

	*ret_len = kept ? kept->len : 0;
	return kept ? kept->at : NULL;
}

/* Room for len bytes in all. */
static struct py_bytes *grow_kept(struct wipy_board *board, int index, size_t len)
{
	struct py_value *v = &board->py.kept[index];
	struct py_bytes *kept = kept_at(board, index);
	size_t size = sizeof(*kept) + len;

	if (kept && size <= py_size(&kept->head))
		return kept;
	if (kept)
		return py_grow(board, v, size + KEPT_SLACK);
	kept = py_new_bytes(board, PY_BYTES, NULL, len + KEPT_SLACK);
	if (kept) {
		kept->len = 0;
		*v = py_reference(board, kept);
	}
	return kept;
}

static struct py_bytes *reserve_kept(struct wipy_board *board, int index, size_t len)
{
	struct py_bytes *kept = NULL;

	if (!is_there(board) || len > PY_BYTES_MAX - KEPT_SLACK)
		return NULL;
	board->py.collected = false;
	kept = grow_kept(board, index, len);
	if (!kept) {
		py_heap_collect(board);
		board->py.collected = true;
		kept = grow_kept(board, index, len);
		board->py.collected = false;
	}
	return kept;
}

int py_kept_insert(
	struct wipy_board *board, int index, size_t at, const char *bytes, size_t len)
{
	const struct py_bytes *old = kept_at(board, index);
	size_t old_len = old ? old->len : 0;
	struct py_bytes *kept = reserve_kept(board, index, old_len + len);

	if (!kept)
		return -ENOMEM;
	if (at > old_len)
		at = old_len;
	memmove(kept->at + at + len, kept->at + at, old_len - at);
	if (len > 0)
		memcpy(kept->at + at, bytes, len);
	kept->len = (uint16_t)(old_len + len);
	return 0;
}

void py_kept_cut(struct wipy_board *board, int index, size_t at, size_t len)
{
	struct py_bytes *kept = kept_at(board, index);

	if (!kept || at >= kept->len)
		return;
	if (len > kept->len - at)
		len = kept->len - at;
	memmove(kept->at + at, kept->at + at + len, kept->len - at - len);
	kept->len = (uint16_t)(kept->len - len);
	if (kept->len == 0)
		board->py.kept[index] = PY_NO_VALUE;
}

int py_kept_copy(struct wipy_board *board, int to, int from)
{
	size_t len;
	struct py_bytes *kept;

	(void)py_kept(board, from, &len);
	if (to == from)
		return 0;
	if (len == 0) {
		board->py.kept[to] = PY_NO_VALUE;
		return 0;
	}
	kept = reserve_kept(board, to, len);
	if (!kept)
		return -ENOMEM;
	memcpy(kept->at, py_kept(board, from, &len), len);
	kept->len = (uint16_t)len;
	return 0;
}
