/* SPDX-License-Identifier: MIT
 *
 * Trial boots: not there yet.
 */
#include "firmware/core/boot_trial.h"

#include <errno.h>

int boot_trial_confirm_text(struct wipy_board *board, const char *text, size_t len)
{
	(void)board;
	(void)text;
	(void)len;
	return -ENOSYS;
}
