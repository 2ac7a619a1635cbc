/* SPDX-License-Identifier: MIT
 *
 * The board's Python: a real subset with integers of 31 bits, without floats, classes
 * and closures (a nested def sees its own locals and the globals). Programs are compiled
 * into a lent arena and run in slices: py_step() stops after a number of bytecodes, at a
 * sleep, or when the output has no room, and goes on where it stopped. Errors have the
 * terse form of the boards (WIRE.md 6.3).
 *
 * Nothing of the arena is touched before py_start(), and then from its beginning on.
 * With an arena of less than PY_ARENA_MIN bytes there is no interpreter: everything
 * answers "idle".
 */
#ifndef WIPY_FIRMWARE_PY_H
#define WIPY_FIRMWARE_PY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wipy_board;

#define PY_ARENA_MIN 2048
#define PY_KEPT      9   /* bytes objects of the REPL: 0 the line typed, 1..8 history */
#define PY_TRACE     12  /* lines of a traceback; the outermost replaces the last */
#define PY_SLICE     500 /* bytecodes of one py_step() */

#define PY_INT_MAX 0x3FFFFFFF
#define PY_INT_MIN (-PY_INT_MAX - 1)

/* What modules keep over calls; no value: as at the start. */
enum py_state {
	PY_STATE_CWD,     /* str: os.chdir() */
	PY_STATE_PATH,    /* list: sys.path */
	PY_STATE_SSID,    /* str: WLAN.init() */
	PY_STATE_MODULES, /* dict: what was imported from files */
	PY_STATES,
};

enum py_mode {
	PY_SINGLE, /* interactive: results of expressions are shown */
	PY_FILE,
};

/* A tagged word: see py_object.h. */
struct py_value {
	uint32_t bits;
};

/* A line of a traceback: where in which code, and the function's name as a constant of
 * that code (0: <module>; PY_NAME_LAMBDA). */
struct py_trace {
	struct py_value code;
	uint16_t line;
	uint16_t name;
};

/* Text that waits for room in the output: an object from `at` on, then `tail`; or
 * static text. */
struct py_output {
	struct py_value object;
	const char *text;
	uint32_t at;
	uint32_t len;
	bool newline;
};

/* Iterators that one instruction may move: how deep enumerate() and zip() nest. */
#define PY_MOVED_MAX 8

/* Where an iterator stood before the instruction being tried: a word of the arena. */
struct py_moved {
	uint32_t place;
	uint32_t was;
};

struct py {
	/* the heap, in bytes of the arena */
	uint32_t len;
	uint32_t top;      /* above: never used, or free */
	uint32_t free;     /* below: nothing is free */
	uint32_t fresh;    /* bytes given out since the last collection */
	uint32_t asked;    /* what the last allocation that failed asked for */
	uint32_t refused;  /* the same, for the last MemoryError */
	uint32_t compared; /* elements of containers, by the instruction being tried */
	struct py_moved moved[PY_MOVED_MAX];
	uint8_t moved_count;

	/* roots of the collector */
	struct py_value globals; /* of the prompt and main programs */
	struct py_value frame;   /* the running function's; 0: nothing runs */
	struct py_value error;   /* being raised, or not shown yet */
	struct py_value kept[PY_KEPT];
	struct py_value work[4];          /* the compiler's tables */
	struct py_value state[PY_STATES]; /* the modules', see enum py_state */
	struct py_output output;
	struct py_trace trace[PY_TRACE];
	struct py_value trace_of; /* the exception that the trace belongs to */

	int64_t now_ms;
	int64_t wake_ms; /* a sleep ends then; 0: no sleep */
	uint16_t depth;  /* frames */
	uint8_t trace_count;
	bool syntax;    /* the innermost line of the traceback names no block */
	bool collected; /* for the instruction being tried: no second time */
	bool interrupted;
	bool exit_wanted;
	bool pause;   /* a native asks py_step() to return: servers are to restart */
	bool collect; /* a native asks for a collection: gc.collect() */
	bool failed;
	/* for tests: every instruction that allocates fails at first and is tried again
	 * after a collection */
	bool always_collect;
	uint8_t files_open; /* bit n: file n was opened by a program */
	uint16_t slice;     /* bytecodes of a step; 0: PY_SLICE */
};

/* Soft reset: an empty heap, __name__ only; the kept bytes are empty, too. */
void py_start(struct wipy_board *board);

/* Compile and begin; py_step() runs. What runs already is dropped. The text may go after
 * the call. A fault in the text is a failed run: see py_failed(). */
void py_run_text(
	struct wipy_board *board, enum py_mode mode, const char *text, size_t len);
/* The same for a file; 0, or what files_open() or files_read() says (then nothing is
 * begun). Tracebacks name the last part of the path. */
int py_run_file(struct wipy_board *board, const char *path);

/* One slice. Returns when to be called again: now_ms (at once), later (a sleep),
 * WIPY_NEVER (idle, or waiting for room in the output). */
int64_t py_step(struct wipy_board *board, int64_t now_ms);

bool py_is_idle(const struct wipy_board *board);
/* The last run ended with an exception that has not been shown yet. */
bool py_failed(const struct wipy_board *board);
/* Prints the traceback through repl_print() and forgets the exception. Prints at most
 * 1 KiB: what is longer is cut. */
void py_show_error(struct wipy_board *board);
/* SystemExit: sys.exit(), machine.soft_reset(). Stays true until py_start(). */
bool py_exit_wanted(const struct wipy_board *board);
/* Ctrl-C: KeyboardInterrupt at the next bytecode; after a sleep when the sleep ends. */
void py_interrupt(struct wipy_board *board);

/* Bytes that the REPL keeps in the heap. The pointer is valid until the next call of any
 * function here. An empty one may give NULL. */
const char *py_kept(const struct wipy_board *board, int index, size_t *ret_len);
/* -ENOMEM: nothing has changed. */
int py_kept_insert(
	struct wipy_board *board, int index, size_t at, const char *bytes, size_t len);
void py_kept_cut(struct wipy_board *board, int index, size_t at, size_t len);
/* Both may have the same index. -ENOMEM: nothing has changed. */
int py_kept_copy(struct wipy_board *board, int to, int from);

/* TAB: the index-th name that continues the dotted stem ("ma", "os.un"), in buf or
 * static; NULL behind the last one. */
const char *py_complete(struct wipy_board *board, const char *stem, size_t len,
	int index, char *buf, size_t cap);

#endif
