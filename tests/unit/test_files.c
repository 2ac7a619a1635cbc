/* SPDX-License-Identifier: MIT
 *
 * The file system: a fresh board, paths, folders as on FAT, open files, damaged flash.
 * What fits is in test_files_room.c.
 */
#include <errno.h>

#include "firmware/core/files_name.h"
#include "firmware/core/personality.h"
#include "tests/unit/files_model.h"

static void test_fresh_board(void)
{
	struct machine *machine = machine_new();
	struct files *files = &machine->board.files;
	const char *fresh = "main.py sys/ lib/ cert/ boot.py";
	struct files_entry entry;
	uint32_t free_space, total;
	char text[200] = "";
	int file;

	remount(machine);
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
			remount(machine);
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
		close_all(files);
		EQ_INT(got, rows[i].want, name);
		EQ_STR(list(files, "/flash"), rows[i].list ? rows[i].list : before,
			name);
		remount(machine);
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
	close_all(files);
	EQ_INT(files_write(files, b, "b", 1), -EBADF, "after all were closed");
	remount(machine);
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
		remount(machine);
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
		remount(machine);
		free(print_state(files));
		(void)write_content(files, "/flash/x", FILES_WRITE, 1, 9000);
		if (files_remove(files, "/flash/boot.py") == -ENODEV)
			OK(false, "there is an area");
		remount(machine);
		if (files_format(files) < 0 ||
			write_content(files, "/flash/x", FILES_WRITE, 1, 9000) < 0)
			OK(false, "usable again");
		remount(machine);
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
	test_no_area();
	test_format();
	test_damage();
	return tap_done();
}
