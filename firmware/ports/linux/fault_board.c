/* SPDX-License-Identifier: MIT
 *
 * Faults of the machine: power, image, radio, identity. Images that crash or never join
 * are those that came by update: the factory image is good, or nothing could be saved.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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
	hal->hurt.power_taken = true;
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
	/* the first one comes back with its own main.py */
	if (faults_end_program(hal) < 0)
		fprintf(stderr,
			"wipyboard: board %d comes back with the program of a "
			"fault as its main.py\n",
			hal->number);
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

/* ---- programs ----------------------------------------------------------------- */

#define PROGRAM_PATH "/flash/main.py"

struct own_program {
	const char *in_place; /* what the fault has put there */
	bool was_there;
	size_t len;
	char bytes[];
};

/* main.py as it is; the caller frees it. */
static int read_program(struct files *files, struct own_program **ret_program)
{
	struct files_entry entry;
	bool there = files_stat(files, PROGRAM_PATH, &entry) == 0 && !entry.is_folder;
	size_t len = there ? entry.size : 0;
	struct own_program *program = malloc(sizeof(*program) + len);
	int file = there ? files_open(files, PROGRAM_PATH, FILES_READ) : 0;
	int n = 0;

	if (!program || file < 0) {
		free(program);
		return program ? file : -ENOMEM;
	}
	*program = (struct own_program){.was_there = there};
	while (program->len < len &&
		(n = files_read(files, file, program->bytes + program->len,
			 len - program->len)) > 0)
		program->len += (size_t)n;
	if (there)
		files_close(files, file);
	if (n >= 0)
		*ret_program = program;
	else
		free(program);
	return n < 0 ? n : 0;
}

static int write_program(struct files *files, const char *bytes, size_t len)
{
	int file = files_open(files, PROGRAM_PATH, FILES_WRITE);
	int n, err;

	if (file < 0)
		return file;
	n = files_write(files, file, bytes, len);
	err = files_close(files, file);
	if (n < 0)
		return n;
	return err == 0 && (size_t)n < len ? -ENOSPC : err;
}

static int put_back(struct files *files, const struct own_program *own)
{
	int err;

	if (own->was_there)
		return write_program(files, own->bytes, own->len);
	err = files_remove(files, PROGRAM_PATH);
	return err == -ENOENT ? 0 : err;
}

static bool is_in_place(struct files *files, const char *text)
{
	struct own_program *now = NULL;
	bool same;

	if (read_program(files, &now) < 0)
		return true;
	same = now->was_there && now->len == strlen(text) &&
	       memcmp(now->bytes, text, now->len) == 0;
	free(now);
	return same;
}

/* Flash as a hand sees it, whatever the board's core does: it knows nothing of it. */
static int mount(struct hal *hal, struct files *ret_files)
{
	hal->by_hand = true;
	return files_mount(ret_files, hal, hal->fleet->options->profile.family);
}

/* A board that runs starts anew, which is what runs main.py; others do when they
 * start. */
static void unmount(struct hal *hal, bool anew)
{
	hal->by_hand = false;
	flash_rest(hal);
	if (anew && hal->powered && !hal->hung && hal->board.state != WIPY_BOARD_HALTED)
		fleet_reset(hal);
}

static struct own_program **own_program(struct hal *hal)
{
	return &hal->hurt.own_programs[hurt_by(&hal->hurt, FAULT_SWAP)];
}

int faults_run_program(struct hal *hal, const char *program)
{
	struct own_program **own = own_program(hal);
	bool is_first = !*own;
	struct files files;
	int err = mount(hal, &files);

	/* An upload since the first fault is what the owner wants back. */
	if (err == 0 && *own && !is_in_place(&files, (*own)->in_place)) {
		free(*own);
		*own = NULL;
		is_first = true;
	}
	if (err == 0 && is_first)
		err = read_program(&files, own);
	if (*own) {
		(*own)->in_place = program;
		if (err == 0)
			err = write_program(&files, program, strlen(program));
	}
	/* where there is no room for the one, what was there still has its own */
	if (err < 0 && is_first && *own) {
		(void)put_back(&files, *own);
		free(*own);
		*own = NULL;
	}
	unmount(hal, err == 0);
	return err;
}

int faults_end_program(struct hal *hal)
{
	struct own_program **own = own_program(hal);
	struct files files;
	int err;

	if (!*own)
		return 0;
	err = mount(hal, &files);
	if (err == 0 && is_in_place(&files, (*own)->in_place))
		err = put_back(&files, *own);
	unmount(hal, err == 0);
	if (err < 0)
		return err;
	free(*own);
	*own = NULL;
	return 0;
}
