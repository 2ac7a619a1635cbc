/* SPDX-License-Identifier: MIT
 *
 * wipy: the heartbeat, and what our own firmware has for boards with trial boot. Other
 * boards do not have those names (py_is_hidden()).
 */
#include <string.h>

#include "firmware/core/board.h"
#include "firmware/core/boot_trial.h"
#include "firmware/core/py_native.h"

#define SLOT_TEXT_MAX WIPY_FINGERPRINT_MAX
#define SLOTS         3

static int wipy_heartbeat(PY_NATIVE_ARGS)
{
	bool on;

	if (call->count == 0) {
		*ret_value = PY_BOOL(board->led.pattern == LED_HEARTBEAT ||
				     (board->led.pattern == LED_SCRIPT_ERROR &&
					     board->led.after == LED_HEARTBEAT));
		return 0;
	}
	on = py_truth(board, call->args[0]);
	led_show(board, on ? LED_HEARTBEAT : LED_OFF, board->py.now_ms);
	return 0;
}

static int wipy_confirm(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	return py_check_os(board, boot_trial_confirm(board));
}

static int wipy_safeboot(PY_NATIVE_ARGS)
{
	int32_t window;
	int r = py_get_int(board, call->args[0], &window);

	(void)ret_value;
	if (r < 0)
		return r;
	if (window < 1 || window > 3)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	r = boot_trial_safeboot(
		board, (int)window, py_truth_argument(board, call, 1, "safe", true));
	if (r == 0)
		board->reset_wanted = true;
	return py_check_os(board, r);
}

static int wipy_slots(PY_NATIVE_ARGS)
{
	char text[SLOT_TEXT_MAX];
	struct py_tuple *tuple;
	int r = boot_trial_survey(board);

	(void)call;
	if (r < 0)
		return r == -EAGAIN ? r : py_check_os(board, r);
	tuple = py_new_tuple(board, SLOTS);
	if (!tuple)
		return -ENOMEM;
	*ret_value = py_reference(board, tuple);
	for (int i = 0; i < SLOTS && r == 0; i++) {
		r = py_check_os(board, boot_trial_slots(board, i, text, sizeof(text)));
		if (r == 0)
			r = py_str(board, text, strlen(text), &tuple->at[i]);
	}
	if (r != -ENOMEM)
		boot_trial_survey_end(board);
	return r;
}

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "wipy"),
	PY_ROW_FN("heartbeat", wipy_heartbeat, 0, 1),
	PY_ROW_FN("confirm", wipy_confirm, 0, 0),
	PY_ROW_KEYWORDS("safeboot", wipy_safeboot, 1, 1, "safe"),
	PY_ROW_FN("slots", wipy_slots, 0, 0),
	PY_ROW_END,
};

const struct py_module py_module_wipy = {"wipy", rows};
