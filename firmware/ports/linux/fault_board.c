/* SPDX-License-Identifier: MIT
 *
 * Faults of the machine: power, image, radio, identity. Images that crash or never join
 * are those that came by update: the factory image is good, or nothing could be saved.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"

/* What another board with the folder's factory image says that it is. */
#define OTHER_TAG  "v1.8.4-7-g0123abc"
#define OTHER_DATE "2016-09-30"

bool faults_cut_power(struct hal *hal)
{
	uint32_t *left = &hal->hurt.number[FAULT_POWER_CUT_AT];

	if (!hurt_by(&hal->hurt, FAULT_POWER_CUT_AT) || --*left > 0)
		return false;
	hal->hurt.armed &= ~(1u << FAULT_POWER_CUT_AT);
	hal->power_lost = true;
	return true;
}

int hal_start_image(struct hal *hal, enum hal_area area)
{
	hal->bad_image = area != HAL_AREA_FACTORY || flash_factory_changed(hal);
	return hal->bad_image && hurt_by(&hal->hurt, FAULT_CRASH_AT_BOOT) ? -EFAULT : 0;
}

bool faults_keep_offline(const struct hal *hal)
{
	return hal->bad_image && hurt_by(&hal->hurt, FAULT_NEVER_JOIN);
}

void faults_joined(struct hal *hal)
{
	if (hal->bad_image && hurt_by(&hal->hurt, FAULT_CRASH_AFTER))
		hal->timers[TIMER_HANG] =
			hal->fleet->now_ms +
			(int64_t)hal->hurt.number[FAULT_CRASH_AFTER] * 1000;
}

void faults_swap(struct hal *hal)
{
	bool powered = hal->powered;

	fleet_power_off(hal);
	flash_forget(hal);
	if (powered)
		fleet_power_on(hal);
}

/* The factory image is the same for all: it is only said to be another one. */
void faults_stepped(struct hal *hal)
{
	struct wipy_fingerprint *says = &hal->board.fingerprint;

	if (!hurt_by(&hal->hurt, FAULT_SWAP) || hal->bad_image || says->tag[0] == '\0')
		return;
	(void)wipy_text_copy(
		says->tag, sizeof(says->tag), OTHER_TAG, strlen(OTHER_TAG));
	(void)wipy_text_copy(
		says->date, sizeof(says->date), OTHER_DATE, strlen(OTHER_DATE));
}

void faults_move(struct hal *hal, struct in_addr to)
{
	hal->address = to;
	memcpy(hal->board.settings.address, &to, sizeof(hal->board.settings.address));
	net_listen_again(hal, true);
	wlan_event(hal);
}

/* The program becomes main.py, written as a hand would, and the board starts anew: that
 * is what runs it. Without one the board gets back the main.py of a fresh board. */
int faults_run_program(struct hal *hal, const char *program)
{
	static const char path[] = "/flash/main.py";
	struct files *files = &hal->board.files;
	const char *fresh = hal->fleet->options->profile.family->fresh_main_py;
	const char *text = program ? program : fresh;
	int file, n = 0, err;

	if (!hal->powered || hal->hung || hal->board.state != WIPY_BOARD_RUNNING)
		return -ENODEV;
	if (!text)
		text = "";
	hal->by_hand = true;
	file = files_open(files, path, FILES_WRITE);
	err = file < 0 ? file : 0;
	if (err == 0) {
		n = files_write(files, file, text, strlen(text));
		err = files_close(files, file);
	}
	hal->by_hand = false;
	if (err < 0 || n != (int)strlen(text))
		return err < 0 ? err : -ENOSPC;
	fleet_reset(hal);
	return 0;
}
