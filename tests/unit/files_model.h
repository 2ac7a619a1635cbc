/* SPDX-License-Identifier: MIT
 *
 * What tests of the file system share: files with contents that tell where a byte comes
 * from, and the whole of /flash as one text, so that two states are compared by strcmp().
 */
#ifndef WIPY_TESTS_FILES_MODEL_H
#define WIPY_TESTS_FILES_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/core/files.h"
#include "firmware/core/personality.h"
#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define STATE_MAX  65536
#define BOARD_FREE 176128 /* ftp_stor_flash_full of the recordings */

/* Mounts what is on flash, as after a reset. */
__attribute__((unused)) static void remount(struct machine *machine)
{
	struct files *files = &machine->board.files;

	memset(files, 0xA5, sizeof(*files));
	if (files_mount(files, &machine->hal, &wipy_personality_wipy) < 0)
		abort();
}

/* A board as it comes from the factory. */
__attribute__((unused)) static struct machine *fresh_machine(void)
{
	struct machine *machine = machine_new();

	remount(machine);
	return machine;
}

__attribute__((unused)) static void close_all(struct files *files)
{
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		(void)files_close(files, i);
}

/* The names in a folder; the text is that of the last call. */
__attribute__((unused)) static const char *list(struct files *files, const char *path)
{
	static char text[8192];
	struct files_walk walk;
	struct files_entry entry;
	size_t used = 0;

	if (files_walk_start(files, path, &walk) < 0)
		return "none";
	text[0] = '\0';
	while (files_walk_next(files, &walk, &entry) && used < sizeof(text) - 200)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s%s",
			used > 0 ? " " : "", entry.name, entry.is_folder ? "/" : "");
	return text;
}

/* Byte `at` of a file with contents number `seed`. */
static inline uint8_t content_byte(unsigned seed, uint32_t at)
{
	return (uint8_t)(seed * 37 + at * 7 + at / 256);
}

static inline void fill_content(
	uint8_t *bytes, unsigned seed, uint32_t from, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		bytes[i] = content_byte(seed, from + i);
}

/* Whether the file holds exactly these contents. */
__attribute__((unused)) static bool holds_content(
	struct files *files, const char *path, unsigned seed, uint32_t len)
{
	uint8_t got[700], want[700];
	uint32_t at = 0;
	int file = files_open(files, path, FILES_READ);
	bool same = file >= 0 && files_size(files, file) == len;

	while (same) {
		int n = files_read(files, file, got, sizeof(got));

		if (n <= 0) {
			same = n == 0 && at == len;
			break;
		}
		fill_content(want, seed, at, (uint32_t)n);
		same = memcmp(got, want, (size_t)n) == 0;
		at += (uint32_t)n;
	}
	return files_close(files, file) == 0 && same;
}

/* Returns what the first call that failed returned, else what the close returned. */
__attribute__((unused)) static int write_content(struct files *files, const char *path,
	enum files_mode mode, unsigned seed, uint32_t len)
{
	uint8_t bytes[700];
	int file = files_open(files, path, mode);
	uint32_t at = file < 0 ? 0 : files_size(files, file);
	uint32_t end = at + len;
	int err = 0, close_err;

	if (file < 0)
		return file;
	while (at < end && err == 0) {
		uint32_t n = end - at < sizeof(bytes) ? end - at : sizeof(bytes);
		int kept;

		fill_content(bytes, seed, at, n);
		kept = files_write(files, file, bytes, n);
		if (kept < 0)
			err = kept;
		else
			at += (uint32_t)kept;
	}
	close_err = files_close(files, file);
	return err < 0 ? err : close_err;
}

/* Appends one folder and all below it: a line an entry, with size and checksum. */
static inline void print_folder(struct files *files, const char *path, char *state)
{
	struct files_walk walk;
	struct files_entry entry;
	uint8_t bytes[512];

	if (files_walk_start(files, path, &walk) < 0) {
		strcat(state, "cannot be listed\n");
		return;
	}
	while (files_walk_next(files, &walk, &entry)) {
		char below[1024];
		uint32_t sum = 1, len = 0;
		size_t used = strlen(state);
		int n = -1;

		snprintf(below, sizeof(below), "%s/%s", path, entry.name);
		if (!entry.is_folder) {
			int file = files_open(files, below, FILES_READ);

			while ((n = files_read(files, file, bytes, sizeof(bytes))) > 0)
				for (int i = 0; i < n; i++, len++)
					sum = sum * 31 + bytes[i];
			(void)files_close(files, file);
		}
		snprintf(state + used, STATE_MAX - used, "%s%s\t%u\t%08x%s\n", below,
			entry.is_folder ? "/" : "", (unsigned)entry.size, (unsigned)sum,
			entry.is_folder || (n == 0 && len == entry.size) ? ""
									 : " torn");
		if (entry.is_folder)
			print_folder(files, below, state);
	}
}

/* The whole of /flash, allocated. */
static inline char *print_state(struct files *files)
{
	char *state = calloc(1, STATE_MAX);

	if (!state)
		abort();
	print_folder(files, "/flash", state);
	return state;
}

/* The clusters that a state takes; folders as long as they have no more than 14 short
 * names. */
static inline uint32_t count_clusters(const char *state)
{
	uint32_t count = 0;

	for (const char *line = state; *line; line = strchr(line, '\n') + 1) {
		const char *tab = strchr(line, '\t');

		count += tab[-1] == '/' ? 1
					: ((uint32_t)atol(tab) + FILES_CLUSTER - 1) /
						  FILES_CLUSTER;
	}
	return count;
}

static inline uint32_t free_bytes(struct files *files)
{
	uint32_t free_space, total;

	files_space(files, &free_space, &total);
	return free_space;
}

#endif
