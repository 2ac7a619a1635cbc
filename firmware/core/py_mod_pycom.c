/* SPDX-License-Identifier: MIT
 *
 * pycom: on Pycom boards only, and of it only what chooses the image to be started
 * (WIRE.md 3.4).
 */
#include "firmware/core/board.h"
#include "firmware/core/boot_record.h"
#include "firmware/core/py_native.h"

/* The other slot, checked by the next start, which comes at once. */
static int pycom_bootmgr(PY_NATIVE_ARGS)
{
	enum wipy_boot_kind kind = board->personality->boot;
	struct boot_record record;
	int32_t partition = -1;
	bool second;
	int r = py_int_argument(board, call, 0, "boot_partition", &partition);

	(void)ret_value;
	if (r < 0)
		return r;
	if (partition < 0 || partition > 1)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	r = boot_record_load(board->hal, kind, &record);
	if (r < 0)
		return py_check_os(board, r);
	second = record.active == BOOT_UPDATE1;
	if (partition == second)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	record.previous = second ? BOOT_UPDATE1 : BOOT_FACTORY;
	record.active = (uint8_t)partition;
	record.status = BOOT_CHECK;
	r = boot_record_save(board->hal, kind, &record);
	if (r == 0)
		board->reset_wanted = true;
	return py_check_os(board, r);
}

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "pycom"),
	PY_ROW_KEYWORDS("bootmgr", pycom_bootmgr, 0, 1, "boot_partition"),
	PY_ROW_END,
};

const struct py_module py_module_pycom = {"pycom", rows};
