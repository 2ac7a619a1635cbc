/* SPDX-License-Identifier: MIT
 *
 * The file system: how much fits, and what it costs. Full flash, many files, long
 * names, folders that grow, wear, small areas, reads.
 */
#include <errno.h>
#include <limits.h>

#include "firmware/core/files_tree.h"
#include "firmware/core/personality.h"
#include "tests/unit/files_model.h"

static void test_full(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	const char *big = "/flash/big.bin", *small = "/flash/small.txt";

	for (int round = 0; round < 3; round++) {
		EQ_INT(write_content(files, big, FILES_WRITE, 5, 200000), -ENOSPC,
			"200000 bytes");
		OK(holds_content(files, big, 5, BOARD_FREE), "what fits is kept");
		EQ_INT(free_bytes(files), 0, "full");
		EQ_INT(write_content(files, small, FILES_WRITE, 6, 2), -ENOSPC,
			"no cluster for two bytes");
		EQ_INT(files_mkdir(files, "/flash/d"), -ENOSPC, "nor for a folder");
		EQ_INT(files_rename(files, big, "/flash/b2"), 0, "a name can change");
		EQ_INT(files_rename(files, "/flash/b2", big), 0, "and again");
		remount(machine);
		OK(holds_content(files, big, 5, BOARD_FREE), "after a reset");
		EQ_INT(free_bytes(files), 0, "after a reset");
	}
	EQ_STR(list(files, "/flash"),
		"main.py sys/ lib/ cert/ boot.py big.bin small.txt", "the names");
	EQ_INT(files_remove(files, big), 0, "remove");
	EQ_INT(free_bytes(files), BOARD_FREE, "all is free again");
	EQ_INT(write_content(files, small, FILES_WRITE, 6, 2), 0, "now it fits");
	EQ_INT(free_bytes(files), BOARD_FREE - 512, "a cluster for two bytes");
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

/* The last clusters of a file that is full up are overwritten and appended to. */
static void test_full_overwrite(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	const char *big = "/flash/big.bin";
	uint8_t bytes[512];
	int file;

	EQ_INT(write_content(files, big, FILES_WRITE, 1, BOARD_FREE), 0, "full");
	EQ_INT(write_content(files, big, FILES_APPEND, 1, 1), -ENOSPC, "no more");
	file = files_open(files, big, FILES_APPEND);
	for (uint32_t at = 0; at < BOARD_FREE; at += 512) {
		fill_content(bytes, 2, at, 512);
		if (files_seek(files, file, at) < 0 ||
			files_write(files, file, bytes, 512) != 512)
			OK(false, "overwrite in place");
	}
	EQ_INT(files_write(files, file, bytes, 1), -ENOSPC, "the end");
	EQ_INT(files_close(files, file), 0, "close");
	OK(holds_content(files, big, 2, BOARD_FREE), "all anew");
	remount(machine);
	OK(holds_content(files, big, 2, BOARD_FREE), "after a reset");
	machine_free(machine);
}

static void test_many_files(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	char path[200];
	int count = 0, err = 0;

	/* empty files take no cluster; /flash has 512 places, 5 are taken */
	for (; err == 0 && count < 600; count += err == 0) {
		snprintf(path, sizeof(path), "/flash/f%d", count);
		err = write_content(files, path, FILES_WRITE, 0, 0);
	}
	EQ_INT(err, -ENOSPC, "the root is full");
	EQ_INT(count, 512 - 5, "entries");
	EQ_INT(free_bytes(files), BOARD_FREE, "empty files take nothing");
	remount(machine);
	EQ_INT(files_stat(files, path, &(struct files_entry){0}), -ENOENT, "too many");
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/flash/f%d", i);
		if (write_content(files, path, FILES_APPEND, (unsigned)i, 100) < 0) {
			EQ_INT(i, BOARD_FREE / 512, "as many have a cluster");
			break;
		}
	}
	for (int i = 0; i < BOARD_FREE / 512; i++) {
		snprintf(path, sizeof(path), "/flash/F%d", i);
		if (!holds_content(files, path, (unsigned)i, 100))
			OK(false, path);
	}
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

static void test_long_names(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	char path[300] = "/flash/";
	struct files_entry entry;
	int count = 0;

	memset(path + 7, 'n', 129);
	EQ_INT(files_mkdir(files, path), -EINVAL, "129 characters");
	path[7 + 128] = '\0';
	/* 11 of the 507 places each, 12 characters for 13 */
	for (; count < 100; count++) {
		path[7] = (char)('A' + count % 26);
		path[8] = (char)('a' + count / 26);
		if (write_content(files, path, FILES_WRITE, (unsigned)count, 700) < 0)
			break;
	}
	EQ_INT(count, 507 / 11, "128 characters each");
	remount(machine);
	for (int i = 0; i < count; i++) {
		path[7] = (char)('a' + i % 26);
		path[8] = (char)('A' + i / 26);
		if (!holds_content(files, path, (unsigned)i, 700))
			OK(false, path);
	}
	EQ_INT(files_stat(files, path, &entry), 0, "found in any case");
	OK(entry.name[1] == 'a' + (count - 1) / 26, "case is kept");
	machine_free(machine);
}

static void test_folders_grow(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	char path[100];
	int count = 0;

	while (count < 600) {
		snprintf(path, sizeof(path), "/flash/lib/f%d", count);
		if (write_content(files, path, FILES_WRITE, 0, 0) < 0)
			break;
		count++;
		if (count == 14)
			EQ_INT(free_bytes(files), BOARD_FREE, "14 in a cluster");
		if (count == 15)
			EQ_INT(free_bytes(files), BOARD_FREE - 512, "then one more");
	}
	EQ_INT(count, FILES_NODES_MAX - 5, "all nodes");
	EQ_INT(free_bytes(files), BOARD_FREE - 31 * 512, "32 clusters");
	remount(machine);
	EQ_INT(free_bytes(files), BOARD_FREE - 31 * 512, "after a reset");
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "/flash/lib/f%d", i);
		if (files_remove(files, path) < 0)
			OK(false, path);
	}
	EQ_INT(free_bytes(files), BOARD_FREE - 31 * 512, "a folder never shrinks");
	EQ_INT(files_remove(files, "/flash/lib"), 0, "it goes as a whole");
	EQ_INT(free_bytes(files), BOARD_FREE + 512, "with all its clusters");
	machine_free(machine);
}

static void test_wear(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	unsigned most = 0, all = 0;

	EQ_INT(write_content(files, "/flash/keep", FILES_WRITE, 1, 60000), 0,
		"ballast");
	for (unsigned i = 0; i < 4000; i++)
		if (write_content(files, "/flash/log", FILES_WRITE, i, 20) < 0)
			OK(false, "a small write");
	for (int i = 0; i < 64; i++) {
		all += machine->hal.files_erased[i];
		if (machine->hal.files_erased[i] > most)
			most = machine->hal.files_erased[i];
	}
	printf("# %u erased in all, one sector at most %u times\n", all, most);
	OK(all > 50 && all < 400, "a sector takes many small writes");
	OK(most <= all / 40 + 1, "no sector much more often than the others");
	OK(holds_content(files, "/flash/keep", 1, 60000), "what lies still");
	machine_free(machine);
}

static void test_small_areas(void)
{
	static const struct {
		size_t sectors;
		uint32_t clusters;
	} rows[] = {{4, 15}, {8, 39}, {16, 86}, {40, 227}, {64, 349}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *machine = machine_new();
		struct files *files = &machine->board.files;
		uint32_t free_space, total;

		machine->hal.sizes[HAL_AREA_FILES] = rows[i].sectors * HAL_FLASH_SECTOR;
		remount(machine);
		files_space(files, &free_space, &total);
		EQ_INT(total, rows[i].clusters * 512, "total");
		EQ_INT(free_space, total - 5 * 512, "free");
		for (unsigned round = 0; round < 20; round++) {
			int err = write_content(
				files, "/flash/a", FILES_WRITE, round, free_space + 1);

			if (err != -ENOSPC)
				EQ_INT(err, -ENOSPC, "too much");
			remount(machine);
			if (!holds_content(files, "/flash/a", round, free_space))
				OK(false, "what fits");
		}
		OK(!machine->hal.misused, "the rules of flash");
		machine_free(machine);
	}
}

/* What a write has taken is there after the close, however full others made the flash
 * in between. */
static void test_taken_is_kept(size_t sectors, unsigned state)
{
	struct machine *machine = machine_new();
	struct files *files = &machine->board.files;
	static const char *const names[] = {"/flash/a", "/flash/b", "/flash/c"};
	uint32_t sizes[3] = {0};
	uint8_t bytes[700];
	char path[80];
	int numbers[3];
	bool good = true;

	machine->hal.sizes[HAL_AREA_FILES] = sectors * HAL_FLASH_SECTOR;
	remount(machine);
	for (int i = 0; i < 3; i++)
		numbers[i] = files_open(files, names[i], FILES_WRITE);
	for (int step = 0; step < 600 && good; step++) {
		unsigned i, len;
		int kept;

		state = state * 1664525u + 1013904223u;
		i = (state >> 8) % 3;
		len = (state >> 12) % sizeof(bytes) + 1;
		snprintf(path, sizeof(path), "/flash/%u%.*s", (state >> 20) % 40,
			(int)((state >> 16) % 40),
			"a name that is long enough to take some room");
		if (state >> 30 == 0)
			(void)!files_mkdir(files, path);
		else if (state >> 30 == 1)
			(void)!files_remove(files, path);
		fill_content(bytes, i, sizes[i], len);
		kept = files_write(files, numbers[i], bytes, len);
		good = kept > 0 || kept == -ENOSPC;
		sizes[i] += kept > 0 ? (uint32_t)kept : 0;
	}
	OK(good, "taken, or no room");
	for (int i = 0; i < 3; i++)
		EQ_INT(files_close(files, numbers[i]), 0, "close");
	remount(machine);
	for (unsigned i = 0; i < 3; i++)
		OK(holds_content(files, names[i], i, sizes[i]), names[i]);
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

/* ---- reads --------------------------------------------------------------------- */

static int count_reads(struct machine *machine, void (*run)(struct machine *machine))
{
	struct hal *hal = &machine->hal;
	int reads;

	hal->reads_left = INT_MAX;
	run(machine);
	reads = INT_MAX - hal->reads_left;
	hal->reads_left = 0;
	return reads;
}

static void walk_root(struct machine *machine)
{
	struct files *files = &machine->board.files;
	struct files_walk walk;
	struct files_entry entry;

	if (files_walk_start(files, "/flash", &walk) < 0)
		OK(false, "list");
	while (files_walk_next(files, &walk, &entry))
		;
}

static void look_up_last(struct machine *machine)
{
	struct files_entry entry;

	EQ_INT(files_stat(&machine->board.files, "/flash/f399", &entry), 0, "stat");
}

/* A look at a node is one read: what is done for each of many must stay cheap. */
static void test_reads_of_many(void)
{
	struct machine *machine = fresh_machine();
	char path[40];
	int nodes = 5 + 400, walk, mount, look;

	for (int i = 0; i < 400; i++) {
		snprintf(path, sizeof(path), "/flash/f%03d", i);
		if (write_content(&machine->board.files, path, FILES_WRITE, 0, 0) < 0)
			OK(false, path);
	}
	walk = count_reads(machine, walk_root);
	mount = count_reads(machine, remount);
	look = count_reads(machine, look_up_last);
	printf("# %d nodes: list %d reads, mount %d, stat %d\n", nodes, walk, mount,
		look);
	OK(walk <= nodes * (nodes + 20), "a list reads each node once an entry");
	OK(mount <= 64 * 64 * 2 + nodes * 50, "a mount");
	OK(look <= nodes * 2 + 20, "a path");
	machine_free(machine);
}

/* Each folder lies in the one made after it, which is listed behind it. */
static void test_reads_of_a_chain(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	char from[40], to[40];
	const int depth = 300;
	int reads;

	for (int i = 0; i < depth; i++) {
		snprintf(from, sizeof(from), "/flash/d%d", i);
		EQ_INT(files_mkdir(files, from), 0, "a folder");
	}
	for (int i = 0; i + 1 < depth; i++) {
		snprintf(from, sizeof(from), "/flash/d%d", i);
		snprintf(to, sizeof(to), "/flash/d%d/d%d", i + 1, i);
		EQ_INT(files_rename(files, from, to), 0, "into the next");
	}
	reads = count_reads(machine, remount);
	printf("# %d folders in one another: mount %d reads\n", depth, reads);
	OK(reads <= 64 * 64 * 2 + depth * 60, "each is looked at a few times");
	EQ_STR(list(files, "/flash"), "main.py sys/ lib/ cert/ boot.py d299/", "root");
	EQ_STR(list(files, "/flash/d299/d298/d297"), "d296/", "all are there");
	EQ_INT(free_bytes(files), BOARD_FREE - depth * 512, "and take their clusters");
	machine_free(machine);
}

/* What only damage does: two folders in one another, something in them. */
static void test_circle(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	struct files_look outer, inner;

	EQ_INT(files_mkdir(files, "/flash/a"), 0, "a folder");
	EQ_INT(files_mkdir(files, "/flash/a/b"), 0, "one in it");
	EQ_INT(write_content(files, "/flash/a/x", FILES_WRITE, 1, 600), 0, "a file");
	EQ_INT(write_content(files, "/flash/y", FILES_WRITE, 2, 600), 0, "another");
	EQ_INT(files_tree_look(files, "/flash/a", &outer), 0, "look");
	EQ_INT(files_tree_look(files, "/flash/a/b/c", &inner), 0, "look");
	EQ_INT(files_tree_move(files, &outer.node, &inner), 0, "a circle");
	remount(machine);
	EQ_STR(list(files, "/flash"), "main.py sys/ lib/ cert/ boot.py y",
		"it is gone");
	EQ_INT(free_bytes(files), BOARD_FREE - 2 * 512, "with all that was in it");
	EQ_INT(files_mkdir(files, "/flash/a"), 0, "the next change");
	remount(machine);
	EQ_STR(list(files, "/flash"), "main.py sys/ lib/ cert/ boot.py a/ y", "holds");
	OK(holds_content(files, "/flash/y", 2, 600), "what else there was");
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

int main(void)
{
	test_full();
	test_full_overwrite();
	test_many_files();
	test_long_names();
	test_folders_grow();
	test_wear();
	test_small_areas();
	for (unsigned seed = 1; seed <= 20; seed++)
		test_taken_is_kept(4 + seed % 5 * 3, seed);
	test_reads_of_many();
	test_reads_of_a_chain();
	test_circle();
	return tap_done();
}
