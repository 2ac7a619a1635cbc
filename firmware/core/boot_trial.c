/* SPDX-License-Identifier: MIT
 *
 * Stands in for trial boot until it is merged: nothing can be confirmed.
 */
#include "firmware/core/boot_trial.h"

#include <errno.h>

int boot_trial_confirm(struct wipy_board *board)
{
	(void)board;
	return -ENOSYS;
}

int boot_trial_safeboot(struct wipy_board *board, int window)
{
	(void)board;
	(void)window;
	return -ENOSYS;
}

int boot_trial_slots(struct wipy_board *board, int slot, char *buf, size_t cap)
{
	(void)board;
	(void)slot;
	(void)buf;
	(void)cap;
	return -ENOSYS;
}
