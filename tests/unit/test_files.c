/* SPDX-License-Identifier: MIT
 *
 * The file system: a fresh board, paths, folders as on FAT, open files, full flash,
 * wear, damaged flash.
 */
#include <errno.h>

#include "firmware/core/files_name.h"
#include "firmware/core/personality.h"
#include "tests/unit/files_model.h"

#define BOARD_FREE 176128 /* ftp_stor_flash_full of the recordings */

/* Mounts what is on flash, as after a reset. */
static void mount(struct machine *machine)
{
	struct files *files = &machine->board.files;

	memset(files, 0xA5, sizeof(*files));
	if (files_mount(files, &machine->hal, &wipy_personality_wipy) < 0)
		abort();
}

static struct machine *fresh_machine(void)
{
	struct machine *machine = machine_new();

	mount(machine);
	return machine;
}

static const char *list(struct files *files, const char *path)
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

static void test_fresh_board(void)
{
	struct machine *machine = machine_new();
	struct files *files = &machine->board.files;
	const char *fresh = "main.py sys/ lib/ cert/ boot.py";
	struct files_entry entry;
	uint32_t free_space, total;
	char text[200] = "";
	int file;

	mount(machine);
	OK(machine->hal.flash_read <= 64 * 32, "little is read of an erased area");
	EQ_STR(list(files, "/"), "flash/", "the volumes");
	for (int written = 0; written < 2; written++) {
		const char *name = written ? "written" : "erased";

		EQ_STR(list(files, "/flash"), fresh, name);
		EQ_STR(list(files, "/flash/lib"), "", name);
		EQ_INT(files_stat(files, "/flash/boot.py", &entry), 0, name);
		EQ_INT(entry.size, 143, name);
		EQ_INT(entry.modified_s, 473385600, name);
		file = files_open(files, "/flash/main.py", FILES_READ);
		EQ_INT(files_read(files, file, text, sizeof(text)), 34, name);
		EQ_INT(files_read(files, file, text, sizeof(text)), 0, name);
		EQ_INT(files_close(files, file), 0, name);
		OK(text[0] == '#' && memcmp(text + 32, "\r\n", 2) == 0, name);
		files_space(files, &free_space, &total);
		EQ_INT(free_space, BOARD_FREE, name);
		EQ_INT(total, BOARD_FREE + 5 * 512, name);
		if (!written) {
			EQ_INT(machine->hal.flash_count, 0, "looking writes nothing");
			EQ_INT(files_mkdir(files, "/flash/x"), 0, name);
			EQ_INT(files_remove(files, "/flash/x"), 0, name);
			mount(machine);
		}
	}
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

static void test_paths(void)
{
	static const struct {
		const char *path;
		int want; /* of a stat; 1: a folder */
	} rows[] = {{"/", 1}, {"/flash", 1}, {"/flash/", 1}, {"/flash//", 1},
		{"/FLASH", -ENOENT}, {"/flashy", -ENOENT}, {"//flash", -ENOENT},
		{"", -ENOENT}, {"flash", -ENOENT}, {"/flash/boot.py", 0},
		{"/flash/BOOT.PY", 0}, {"/flash//boot.py/", 0}, {"/flash/boot.py.", 0},
		{"/flash/boot.py/x", -ENOENT}, {"/flash/LIB", 1}, {"/flash/lib/", 1},
		{"/flash/lib/..", -ENOENT}, {"/flash/.", -ENOENT},
		{"/flash/./boot.py", -ENOENT}, {"/flash/nothing", -ENOENT},
		{"/sd", -ENOENT}};
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;

	for (int written = 0; written < 2; written++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct files_entry entry;
			int got = files_stat(files, rows[i].path, &entry);

			EQ_INT(got < 0 ? got : entry.is_folder, rows[i].want,
				rows[i].path);
		}
		EQ_INT(write_content(files, "/flash/lib/x", FILES_WRITE, 1, 9), 0, "x");
	}
	machine_free(machine);
}

static void test_names(void)
{
	static const struct {
		const char *name;
		bool valid;
		int places;
	} rows[] = {{"a", true, 1}, {"boot.py", true, 1}, {"MCUIMG.BIN", true, 1},
		{"readme.TXT", true, 1}, {"Readme.txt", true, 2}, {"a.b.c", true, 2},
		{"ninechars", true, 2}, {"a.html", true, 2}, {".profile", true, 2},
		{"a b", true, 2}, {"a+b", true, 2}, {"12345678.123", true, 1},
		{"thirteen char", true, 2}, {"fourteen chars", true, 3}, {"", false, 1},
		{"a.", false, 1}, {"a ", false, 2}, {"..", false, 2}, {"a/b", false, 1},
		{"a\\b", false, 1}, {"a\x1f", false, 2}, {"a\x7f", false, 2},
		{"\xe4", true, 2}};
	const char *name, *rest;
	size_t len;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = strlen(rows[i].name);
		EQ_INT(files_name_is_valid(rows[i].name, len), rows[i].valid,
			rows[i].name);
		if (rows[i].valid)
			EQ_INT(files_name_places(rows[i].name, len), rows[i].places,
				rows[i].name);
	}
	rest = files_name_next("//lib. ./x", &name, &len);
	OK(len == 3 && strncmp(name, "lib", 3) == 0, "dots and blanks at the end");
	EQ_STR(rest, "/x", "the rest");
	rest = files_name_next("/..", &name, &len);
	OK(len == 0 && *name, "a name of length 0 is not the end");
	rest = files_name_next("//", &name, &len);
	OK(len == 0 && !*name && !*rest, "the end");
	OK(files_name_is_same("aZ[@", "Az[@", 4), "case");
	OK(!files_name_is_same("[", "{", 1), "letters only");
}

enum call { MKDIR, REMOVE, RENAME, WRITE, READ };

static void test_changes(void)
{
	static const struct {
		enum call call;
		const char *path, *to;
		int want;
		const char *list; /* of /flash afterwards */
	} rows[] = {
		{MKDIR, "/flash/d1", "", 0, "main.py sys/ lib/ cert/ boot.py d1/"},
		{MKDIR, "/flash/D1", "", -EEXIST, NULL},
		{MKDIR, "/flash/boot.py", "", -EEXIST, NULL},
		{MKDIR, "/flash", "", -EEXIST, NULL},
		{MKDIR, "/flash/no/d2", "", -ENOENT, NULL},
		{MKDIR, "/other", "", -ENOENT, NULL},
		{MKDIR, "/flash/..", "", -EINVAL, NULL},
		{MKDIR, "/flash/a:b", "", -EINVAL, NULL},
		{MKDIR, "/flash/d1/d2", "", 0, NULL},
		{REMOVE, "/flash/d1", "", -ENOTEMPTY, NULL},
		{REMOVE, "/flash", "", -EACCES, NULL},
		{REMOVE, "/", "", -EACCES, NULL},
		{REMOVE, "/flash/d1/d2", "", 0, NULL},
		{REMOVE, "/flash/d1", "", 0, "main.py sys/ lib/ cert/ boot.py"},
		{REMOVE, "/flash/d1", "", -ENOENT, NULL},
		{REMOVE, "/flash/main.py", "", 0, "sys/ lib/ cert/ boot.py"},
		{RENAME, "/flash/main.py", "/flash/x", -ENOENT, NULL},
		{RENAME, "/flash/boot.py", "/flash/boot2.py", 0,
			"boot2.py sys/ lib/ cert/"},
		{RENAME, "/flash/boot2.py", "/flash/sys", -EEXIST, NULL},
		{RENAME, "/flash/boot2.py", "/flash/BOOT2.PY", -EEXIST, NULL},
		{RENAME, "/flash/boot2.py", "/flash/no/x", -ENOENT, NULL},
		{RENAME, "/flash/boot2.py", "/flash/x/", 0, "sys/ lib/ cert/ x"},
		{RENAME, "/flash/x", "/flash/boot.py", 0, "boot.py sys/ lib/ cert/"},
		{RENAME, "/flash/boot.py", "/flash/lib/boot.py", 0, "sys/ lib/ cert/"},
		{RENAME, "/flash/lib/boot.py", "/flash/boot.py", 0,
			"boot.py sys/ lib/ cert/"},
		{RENAME, "/flash/sys", "/flash/sys2", 0, "boot.py lib/ cert/ sys2/"},
		{RENAME, "/flash/sys2", "/flash/sys", 0, "boot.py sys/ lib/ cert/"},
		{RENAME, "/flash/sys", "/flash/sys/x", -EINVAL, NULL},
		{RENAME, "/flash", "/flash/x", -EACCES, NULL},
		{RENAME, "/flash/sys", "/sys", -ENOENT, NULL},
		/* two gaps of one place do not take a name that needs two */
		{REMOVE, "/flash/lib", "", 0, "boot.py sys/ cert/"},
		{MKDIR, "/flash/MixedCase", "", 0, "boot.py sys/ cert/ MixedCase/"},
		{MKDIR, "/flash/UPPER.TXT", "", 0,
			"boot.py sys/ UPPER.TXT/ cert/ MixedCase/"},
		{WRITE, "/flash/lib/x", "", -ENOENT, NULL},
		{WRITE, "/flash/sys", "", -EISDIR, NULL},
		{WRITE, "/flash", "", -EISDIR, NULL},
		{WRITE, "/", "", -EISDIR, NULL},
		{WRITE, "/flash/boot.py/x", "", -ENOENT, NULL},
		{WRITE, "/flash/ .", "", -EINVAL, NULL},
		{READ, "/flash/sys", "", -EISDIR, NULL},
		{READ, "/flash/nothing", "", -ENOENT, NULL},
		{WRITE, "/flash/Boot.py", "", 0,
			"boot.py sys/ UPPER.TXT/ cert/ MixedCase/"},
	};
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *path = rows[i].path;
		char name[100], before[300];
		int got = 0;

		snprintf(name, sizeof(name), "%zu: %s", i, path);
		snprintf(before, sizeof(before), "%s", list(files, "/flash"));
		switch (rows[i].call) {
		case MKDIR:
			got = files_mkdir(files, path);
			break;
		case REMOVE:
			got = files_remove(files, path);
			break;
		case RENAME:
			got = files_rename(files, path, rows[i].to);
			break;
		case WRITE:
		case READ:
			got = files_open(files, path,
				rows[i].call == READ ? FILES_READ : FILES_WRITE);
			got = got > 0 ? 0 : got;
		}
		files_close_all(files);
		EQ_INT(got, rows[i].want, name);
		EQ_STR(list(files, "/flash"), rows[i].list ? rows[i].list : before,
			name);
		mount(machine);
		EQ_STR(list(files, "/flash"), rows[i].list ? rows[i].list : before,
			name);
	}
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

static void test_open_files(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	struct files_entry entry;
	char text[8];
	int a, b;

	machine->hal.rtc_s = 500000001;
	a = files_open(files, "/flash/a", FILES_WRITE);
	b = files_open(files, "/flash/b", FILES_WRITE);
	OK(a >= 0 && b >= 0 && a != b, "two files are written");
	EQ_INT(files_open(files, "/flash/a", FILES_READ), -EACCES, "while written");
	EQ_INT(files_open(files, "/flash/A", FILES_APPEND), -EACCES, "while written");
	EQ_INT(files_remove(files, "/flash/a"), -EACCES, "while written");
	EQ_INT(files_rename(files, "/flash/a", "/flash/c"), -EACCES, "while written");
	EQ_INT(files_read(files, a, text, 1), -EBADF, "read of a written file");
	/* the two share one buffer */
	for (int i = 0; i < 600; i++) {
		EQ_INT(files_write(files, a, "a", 1), 1, "turn by turn");
		EQ_INT(files_write(files, b, "b", 1), 1, "turn by turn");
	}
	EQ_INT(files_size(files, a), 600, "as far as written");
	EQ_INT(files_stat(files, "/flash/a", &entry), 0, "stat");
	EQ_INT(entry.size, 0, "the size comes with the close");
	EQ_INT(files_seek(files, a, 601), -EINVAL, "behind the end");
	EQ_INT(files_seek(files, a, 511), 0, "seek");
	EQ_INT(files_write(files, a, "XY", 2), 2, "over two clusters");
	EQ_INT(files_close(files, a), 0, "close");
	EQ_INT(files_close(files, a), -EBADF, "twice");
	EQ_INT(files_close(files, -1), -EBADF, "no number");
	EQ_INT(files_close(files, FILES_OPEN_MAX), -EBADF, "no number");
	files_close_all(files);
	EQ_INT(files_write(files, b, "b", 1), -EBADF, "after all were closed");
	mount(machine);
	EQ_INT(files_stat(files, "/flash/a", &entry), 0, "stat");
	EQ_INT(entry.size, 600, "at the close");
	EQ_INT(entry.modified_s, 500000000 + machine->hal.now_ms / 1000,
		"even seconds");
	a = files_open(files, "/flash/a", FILES_READ);
	b = files_open(files, "/flash/a", FILES_READ);
	OK(a >= 0 && b >= 0, "two readers");
	EQ_INT(files_open(files, "/flash/a", FILES_WRITE), -EACCES, "while read");
	EQ_INT(files_write(files, a, "a", 1), -EBADF, "write of a read file");
	EQ_INT(files_seek(files, a, 510), 0, "seek");
	EQ_INT(files_read(files, a, text, 4), 4, "read");
	OK(memcmp(text, "aXYa", 4) == 0, "what was written");
	for (int i = 2; i < FILES_OPEN_MAX; i++)
		OK(files_open(files, "/flash/b", FILES_READ) >= 0, "many");
	EQ_INT(files_open(files, "/flash/b", FILES_READ), -ENFILE, "too many");
	machine_free(machine);
}

static void test_readers_of_a_fresh_board(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	char text[200];
	int file = files_open(files, "/flash/boot.py", FILES_READ);

	EQ_INT(files_read(files, file, text, 43), 43, "before the first change");
	EQ_INT(files_mkdir(files, "/flash/x"), 0, "the first change");
	EQ_INT(files_read(files, file, text + 43, 200 - 43), 100, "behind it");
	OK(strncmp(text, wipy_personality_wipy.fresh_boot_py, 143) == 0, "the text");
	EQ_INT(files_remove(files, "/flash/boot.py"), -EACCES, "it is still open");
	machine_free(machine);
}

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
		mount(machine);
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
	mount(machine);
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
	mount(machine);
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
	mount(machine);
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
	mount(machine);
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
		mount(machine);
		files_space(files, &free_space, &total);
		EQ_INT(total, rows[i].clusters * 512, "total");
		EQ_INT(free_space, total - 5 * 512, "free");
		for (unsigned round = 0; round < 20; round++) {
			int err = write_content(
				files, "/flash/a", FILES_WRITE, round, free_space + 1);

			if (err != -ENOSPC)
				EQ_INT(err, -ENOSPC, "too much");
			mount(machine);
			if (!holds_content(files, "/flash/a", round, free_space))
				OK(false, "what fits");
		}
		OK(!machine->hal.misused, "the rules of flash");
		machine_free(machine);
	}
}

static void test_no_area(void)
{
	struct machine *machine = machine_new();
	struct files *files = &machine->board.files;
	struct files_entry entry;

	machine->hal.sizes[HAL_AREA_FILES] = 3 * HAL_FLASH_SECTOR;
	EQ_INT(files_mount(files, &machine->hal, &wipy_personality_wipy), -ENODEV,
		"three sectors");
	EQ_STR(list(files, "/flash"), "", "an empty folder");
	EQ_INT(files_stat(files, "/flash/boot.py", &entry), -ENOENT, "no file");
	EQ_INT(files_mkdir(files, "/flash/x"), -ENODEV, "no change");
	EQ_INT(files_format(files), -ENODEV, "no format");
	EQ_INT(free_bytes(files), 0, "no space");
	machine_free(machine);
}

static void test_format(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;

	for (unsigned round = 0; round < 70; round++) {
		if (write_content(files, "/flash/a", FILES_WRITE, round, 5000) < 0 ||
			files_remove(files, "/flash/boot.py") < 0 ||
			files_format(files) < 0)
			OK(false, "a round");
		mount(machine);
	}
	EQ_STR(list(files, "/flash"), "main.py sys/ lib/ cert/ boot.py", "fresh");
	EQ_INT(free_bytes(files), BOARD_FREE, "fresh");
	machine_free(machine);
}

/* Random bytes, and random changes of what was written: no crash, and a board that can
 * be formatted and used again. */
static void test_damage(void)
{
	struct machine *machine = fresh_machine();
	struct files *files = &machine->board.files;
	uint8_t *flash = machine->hal.flash[HAL_AREA_FILES];

	srand(4711);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 64 * 4096 && round % 2 == 0; i++)
			flash[i] = (uint8_t)rand();
		for (int i = 0; i < 3000; i++)
			flash[rand() % (64 * 4096)] = (uint8_t)rand();
		mount(machine);
		free(print_state(files));
		(void)write_content(files, "/flash/x", FILES_WRITE, 1, 9000);
		if (files_remove(files, "/flash/boot.py") == -ENODEV)
			OK(false, "there is an area");
		mount(machine);
		if (files_format(files) < 0 ||
			write_content(files, "/flash/x", FILES_WRITE, 1, 9000) < 0)
			OK(false, "usable again");
		mount(machine);
		if (!holds_content(files, "/flash/x", 1, 9000) ||
			free_bytes(files) != BOARD_FREE - 18 * 512)
			OK(false, "whole again");
	}
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

int main(void)
{
	_Static_assert(sizeof(struct files) <= 3072, "in memory");
	test_fresh_board();
	test_names();
	test_paths();
	test_changes();
	test_open_files();
	test_readers_of_a_fresh_board();
	test_full();
	test_full_overwrite();
	test_many_files();
	test_long_names();
	test_folders_grow();
	test_wear();
	test_small_areas();
	test_no_area();
	test_format();
	test_damage();
	return tap_done();
}
