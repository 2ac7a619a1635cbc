/* SPDX-License-Identifier: MIT
 *
 * machine: reset and its cause, the watchdog, pins, a serial port that does nothing.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

#define WDT_MIN_MS     1000 /* WIRE.md 3.6 */
#define WDT_DEFAULT_MS 5000
#define CPU_HZ         80000000

static int machine_reset(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	board->reset_wanted = true;
	return 0;
}

static int machine_soft_reset(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	board->py.exit_wanted = true;
	return py_raise(board, PY_SYSTEM_EXIT, NULL);
}

static int machine_reset_cause(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_INT((int32_t)hal_reset_cause(board->hal));
	return 0;
}

static int machine_unique_id(PY_NATIVE_ARGS)
{
	uint8_t id[6];

	(void)call;
	hal_unique_id(board->hal, id);
	return py_text_value(board, PY_BYTES, (const char *)id, sizeof(id), ret_value);
}

static int machine_freq(PY_NATIVE_ARGS)
{
	struct py_tuple *tuple = py_new_tuple(board, 1);

	(void)call;
	if (!tuple)
		return -ENOMEM;
	tuple->at[0] = PY_INT(CPU_HZ);
	*ret_value = py_reference(board, tuple);
	return 0;
}

/* Until the next tick. */
static int machine_idle(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	py_sleep(board, 1);
	return 0;
}

/* Which script runs after boot.py. */
static int machine_main(PY_NATIVE_ARGS)
{
	const char *name;
	size_t len;
	int r;

	(void)ret_value;
	if (!py_is(board, call->args[0], PY_STR))
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	r = py_get_text(board, call->args[0], &name, &len);
	if (r == 0 && repl_set_main(board, name, len) < 0)
		r = py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	return r;
}

static int new_plain(
	struct wipy_board *board, int type, size_t len, struct py_value *ret_value)
{
	struct py_object *object = py_new_object(board, type, len);

	if (!object)
		return -ENOMEM;
	*ret_value = py_reference(board, object);
	return 0;
}

/* ---- WDT -------------------------------------------------------------------------- */

static int make_wdt(PY_NATIVE_ARGS)
{
	int32_t id = 0, timeout_ms = WDT_DEFAULT_MS;
	int r = py_int_argument(board, call, 0, "id", &id);

	if (r == 0)
		r = py_int_argument(board, call, 1, "timeout", &timeout_ms);
	if (r < 0)
		return r;
	if (id != 0)
		return py_raise(board, PY_OS_ERROR, PY_TEXT_RESOURCE);
	if (timeout_ms < WDT_MIN_MS)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	r = new_plain(board, PY_TYPE_WDT, 0, ret_value);
	if (r == 0)
		wipy_board_watchdog(board, (uint32_t)timeout_ms);
	return r;
}

static int wdt_feed(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	wipy_board_watchdog_feed(board);
	return 0;
}

static const struct py_row wdt_rows[] = {
	PY_ROW_FN("feed", wdt_feed, 1, 1),
	PY_ROW_END,
};

const struct py_type py_type_wdt = {
	.name = "WDT",
	.rows = wdt_rows,
	.make = PY_ROW_KEYWORDS("WDT", make_wdt, 0, 2, "id timeout"),
};

/* ---- UART ------------------------------------------------------------------------- */

static int make_uart(PY_NATIVE_ARGS)
{
	(void)call;
	return new_plain(board, PY_TYPE_UART, 0, ret_value);
}

static int uart_init(PY_NATIVE_ARGS)
{
	(void)board;
	(void)call;
	(void)ret_value;
	return 0;
}

static int uart_write(PY_NATIVE_ARGS)
{
	const char *text;
	size_t len;
	int r = py_get_text(board, call->args[1], &text, &len);

	*ret_value = r < 0 ? PY_NONE : PY_INT((int32_t)len);
	return r;
}

static const struct py_row uart_rows[] = {
	PY_ROW_KEYWORDS("init", uart_init, 1, 6, "*"),
	PY_ROW_FN("deinit", uart_init, 1, 1),
	PY_ROW_FN("read", uart_init, 1, 2),
	PY_ROW_FN("write", uart_write, 2, 2),
	PY_ROW_END,
};

const struct py_type py_type_uart = {
	.name = "UART",
	.rows = uart_rows,
	.make = PY_ROW_KEYWORDS("UART", make_uart, 0, 6, "*"),
};

/* ---- Pin -------------------------------------------------------------------------- */

enum { PIN_NUMBER, PIN_MODE, PIN_PULL, PIN_FIELDS };
enum { MODE_IN, MODE_OUT };
enum { PULL_NONE, PULL_UP, PULL_DOWN };

#define PINS (HAL_PIN_COUNT - HAL_PIN_GP0)

static enum hal_pin hal_pin_of(const struct py_object *pin)
{
	return (enum hal_pin)(HAL_PIN_GP0 + py_number(pin->at[PIN_NUMBER]));
}

/* 'GP5', 'P5', 5 */
static int pin_number(struct wipy_board *board, struct py_value v, int32_t *ret_number)
{
	const char *text;
	uint64_t number;
	size_t len, skip;

	if (py_is_int(v)) {
		*ret_number = py_number(v);
		return *ret_number >= 0 && *ret_number < PINS
			       ? 0
			       : py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	}
	if (py_get_text(board, v, &text, &len) < 0)
		return py_raise(board, PY_TYPE_ERROR, PY_TEXT_NUM_TYPE);
	skip = len > 2 && text[0] == 'G' && text[1] == 'P' ? 2
							   : len > 1 && text[0] == 'P';
	if (skip == 0 ||
		wipy_text_parse_u64(text + skip, len - skip, PINS - 1, &number) < 0)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	*ret_number = (int32_t)number;
	return 0;
}

/* Mode, pull and value in args[first ...] or as keywords. */
static int setup_pin(struct wipy_board *board, struct py_object *pin,
	const struct py_call *call, int first)
{
	static const enum hal_pin_mode inputs[] = {
		HAL_PIN_IN, HAL_PIN_IN_PULL_UP, HAL_PIN_IN_PULL_DOWN};
	int32_t mode = MODE_IN, pull = PULL_NONE;
	struct py_value v;
	int r = py_int_argument(board, call, first, "mode", &mode);

	if (r == 0 && py_argument(board, call, first + 1, "pull", &v) && !py_is_none(v))
		r = py_get_int(board, v, &pull);
	if (r < 0)
		return r;
	if (mode < MODE_IN || mode > MODE_OUT || pull < PULL_NONE || pull > PULL_DOWN)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	r = hal_pin_mode(board->hal, hal_pin_of(pin),
		mode == MODE_OUT ? HAL_PIN_OUT : inputs[pull]);
	if (r < 0)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	pin->at[PIN_MODE] = PY_INT(mode);
	pin->at[PIN_PULL] = PY_INT(pull);
	if (py_argument(board, call, -1, "value", &v) && !py_is_none(v))
		hal_pin_set(board->hal, hal_pin_of(pin), py_truth(board, v));
	return 0;
}

static int make_pin(PY_NATIVE_ARGS)
{
	int32_t number = 0;
	struct py_object *pin;
	int r = pin_number(board, call->args[0], &number);

	if (r < 0)
		return r;
	r = new_plain(board, PY_TYPE_PIN, PIN_FIELDS, ret_value);
	if (r < 0)
		return r;
	pin = py_at(board, *ret_value);
	pin->at[PIN_NUMBER] = PY_INT(number);
	return setup_pin(board, pin, call, 1);
}

static int pin_init(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return setup_pin(board, py_at(board, call->args[0]), call, 1);
}

static int pin_value(PY_NATIVE_ARGS)
{
	const struct py_object *pin = py_at(board, call->args[0]);

	if (call->count > 1)
		hal_pin_set(
			board->hal, hal_pin_of(pin), py_truth(board, call->args[1]));
	else
		*ret_value = PY_INT(hal_pin_get(board->hal, hal_pin_of(pin)));
	return 0;
}

static int pin_toggle(PY_NATIVE_ARGS)
{
	const struct py_object *pin = py_at(board, call->args[0]);

	(void)ret_value;
	hal_pin_set(
		board->hal, hal_pin_of(pin), !hal_pin_get(board->hal, hal_pin_of(pin)));
	return 0;
}

static int pin_mode(PY_NATIVE_ARGS)
{
	const struct py_object *pin = py_at(board, call->args[0]);

	*ret_value = pin->at[PIN_MODE];
	return 0;
}

static int pin_call(struct wipy_board *board, struct py_value self,
	const struct py_call *call, struct py_value *ret_value)
{
	struct py_value args[2] = {self, call->count > 0 ? call->args[0] : PY_NONE};
	const struct py_call all = {.args = args, .count = call->count > 0 ? 2 : 1};

	if (call->count > 1)
		return py_raise(board, PY_TYPE_ERROR, PY_TEXT_MISMATCH);
	return pin_value(board, &all, ret_value);
}

static int pin_id(PY_NATIVE_ARGS)
{
	const struct py_object *pin = py_at(board, call->args[0]);
	char buf[8];
	struct wipy_text text;

	wipy_text_init(&text, buf, sizeof(buf));
	wipy_text_str(&text, "GP");
	wipy_text_int(&text, py_number(pin->at[PIN_NUMBER]));
	return py_str(board, buf, text.len, ret_value);
}

void py_put_pin(
	struct wipy_board *board, struct py_sink *sink, const struct py_object *pin)
{
	static const char *const pulls[] = {"None", "Pin.PULL_UP", "Pin.PULL_DOWN"};

	(void)board;
	py_put(sink, "Pin('GP");
	py_put_int(sink, py_number(pin->at[PIN_NUMBER]));
	py_put(sink, "', mode=Pin.");
	py_put(sink, py_number(pin->at[PIN_MODE]) == MODE_OUT ? "OUT" : "IN");
	py_put(sink, ", pull=");
	py_put(sink, pulls[py_number(pin->at[PIN_PULL])]);
	py_put(sink, ", drive=Pin.MED_POWER, alt=-1)");
}

static const struct py_row pin_rows[] = {
	PY_ROW_KEYWORDS("init", pin_init, 1, 3, "mode pull value drive alt"),
	PY_ROW_FN("value", pin_value, 1, 2),
	PY_ROW_FN("toggle", pin_toggle, 1, 1),
	PY_ROW_FN("id", pin_id, 1, 1),
	PY_ROW_FN("mode", pin_mode, 1, 1),
	PY_ROW_INT("IN", MODE_IN),
	PY_ROW_INT("OUT", MODE_OUT),
	PY_ROW_INT("PULL_UP", PULL_UP),
	PY_ROW_INT("PULL_DOWN", PULL_DOWN),
	PY_ROW_END,
};

const struct py_type py_type_pin = {
	.name = "Pin",
	.rows = pin_rows,
	.make = PY_ROW_KEYWORDS("Pin", make_pin, 1, 3, "mode pull value drive alt"),
	.call = pin_call,
};

/* ---- the module --------------------------------------------------------------------- */

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "umachine"),
	PY_ROW_FN("reset", machine_reset, 0, 0),
	PY_ROW_FN("soft_reset", machine_soft_reset, 0, 0),
	PY_ROW_FN("freq", machine_freq, 0, 0),
	PY_ROW_FN("unique_id", machine_unique_id, 0, 0),
	PY_ROW_FN("main", machine_main, 1, 1),
	PY_ROW_FN("idle", machine_idle, 0, 0),
	PY_ROW_FN("reset_cause", machine_reset_cause, 0, 0),
	PY_ROW_IMMEDIATE("Pin", PY_TYPE, PY_TYPE_PIN),
	PY_ROW_IMMEDIATE("UART", PY_TYPE, PY_TYPE_UART),
	PY_ROW_IMMEDIATE("WDT", PY_TYPE, PY_TYPE_WDT),
	PY_ROW_INT("PWRON_RESET", HAL_RESET_POWER),
	PY_ROW_INT("HARD_RESET", HAL_RESET_HARD),
	PY_ROW_INT("WDT_RESET", HAL_RESET_WATCHDOG),
	PY_ROW_INT("DEEPSLEEP_RESET", HAL_RESET_DEEPSLEEP),
	PY_ROW_INT("SOFT_RESET", HAL_RESET_SOFT),
	PY_ROW_END,
};

const struct py_module py_module_machine = {"machine", rows};
