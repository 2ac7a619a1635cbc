/* SPDX-License-Identifier: MIT
 *
 * The file system: random changes, checked against a simple model after each one, with
 * resets in between. What fails says its seed and step.
 */
#include <errno.h>

#include "tests/unit/files_model.h"

#define WALK_NAMES 60
#define WALK_PATH  800

struct walk {
	struct machine *machine;
	unsigned state;
	struct walk_entry {
		char path[WALK_PATH];
		bool is_folder;
		unsigned seed;
		uint32_t size;
	} entries[WALK_NAMES];
	int count, most;
};

static unsigned draw(struct walk *walk, unsigned below)
{
	walk->state = walk->state * 1664525u + 1013904223u;
	return (walk->state >> 8) % below;
}

static int find_entry(const struct walk *walk, const char *path)
{
	for (int i = 0; i < walk->count; i++)
		if (strcmp(walk->entries[i].path, path) == 0)
			return i;
	return -1;
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/';
}

/* A path in a folder that is there, of few enough names that they meet. */
static void draw_path(struct walk *walk, char ret_path[WALK_PATH])
{
	const char *folder = "/flash";
	int n = walk->count > 0 ? (int)draw(walk, (unsigned)walk->count) : 0;

	if (walk->count > 0 && walk->entries[n].is_folder &&
		strlen(walk->entries[n].path) < 60)
		folder = walk->entries[n].path;
	snprintf(ret_path, WALK_PATH, "%s/%s%u", folder,
		draw(walk, 5) ? "n" : "a longer name ", draw(walk, 12));
}

static void drop_entry(struct walk *walk, int n)
{
	walk->entries[n] = walk->entries[--walk->count];
}

static void walk_write(struct walk *walk, const char *path)
{
	struct files *files = &walk->machine->board.files;
	int n = find_entry(walk, path);
	bool append = n >= 0 && draw(walk, 3) == 0;
	unsigned seed = append ? walk->entries[n].seed : draw(walk, 1000);
	uint32_t len = draw(walk, 4) ? draw(walk, 1500) : draw(walk, 40000);
	uint32_t old = append ? walk->entries[n].size : 0;
	struct files_entry entry;
	int err;

	if ((n >= 0 && walk->entries[n].is_folder) ||
		(n < 0 && walk->count == walk->most))
		return;
	err = write_content(
		files, path, append ? FILES_APPEND : FILES_WRITE, seed, len);
	if (err == -ENOSPC && n < 0 && files_stat(files, path, &entry) < 0) {
		if (free_bytes(files) > 0)
			OK(false, path);
		return;
	}
	if (n < 0) {
		n = walk->count++;
		snprintf(walk->entries[n].path, WALK_PATH, "%s", path);
		walk->entries[n].is_folder = false;
	}
	walk->entries[n].seed = seed;
	walk->entries[n].size = old + len;
	if (err == 0)
		return;
	/* full: as much as fits */
	if (err != -ENOSPC || free_bytes(files) != 0 ||
		files_stat(files, path, &entry) < 0)
		EQ_INT(err, 0, path);
	else
		walk->entries[n].size = entry.size;
}

static void walk_mkdir(struct walk *walk, const char *path)
{
	struct files *files = &walk->machine->board.files;
	bool known = find_entry(walk, path) >= 0;
	int err;

	if (!known && walk->count == walk->most)
		return;
	err = files_mkdir(files, path);
	/* the folder above may have taken the last cluster */
	if (err != (known ? -EEXIST : 0) && (err != -ENOSPC || free_bytes(files) > 0))
		EQ_INT(err, 0, path);
	if (err < 0)
		return;
	snprintf(walk->entries[walk->count].path, WALK_PATH, "%s", path);
	walk->entries[walk->count].size = 0;
	walk->entries[walk->count++].is_folder = true;
}

static void walk_remove(struct walk *walk, const char *path)
{
	int n = find_entry(walk, path);
	int want = n < 0 ? -ENOENT : 0;
	int err;

	for (int i = 0; i < walk->count; i++)
		if (n >= 0 && is_below(walk->entries[i].path, path))
			want = -ENOTEMPTY;
	err = files_remove(&walk->machine->board.files, path);
	if (err != want)
		EQ_INT(err, want, path);
	if (err == 0)
		drop_entry(walk, n);
}

static void walk_rename(struct walk *walk, const char *from, const char *to)
{
	int n = find_entry(walk, from);
	int want = n < 0                       ? -ENOENT
		   : find_entry(walk, to) >= 0 ? -EEXIST
		   : is_below(to, from)        ? -EINVAL
					       : 0;
	int err = files_rename(&walk->machine->board.files, from, to);

	if (err == -ENOSPC && free_bytes(&walk->machine->board.files) == 0)
		return;
	if (err != want)
		EQ_INT(err, want, from);
	for (int i = 0; i < walk->count && err == 0; i++) {
		char *path = walk->entries[i].path;
		char rest[WALK_PATH];

		if (i != n && !is_below(path, from))
			continue;
		snprintf(rest, sizeof(rest), "%s", path + strlen(from));
		snprintf(path, WALK_PATH, "%.300s%.400s", to, rest);
	}
}

/* Cleaning needs one. */
static bool has_free_sector(const struct files *files)
{
	for (int i = 0; i < files->sectors; i++)
		if (files->used[i] == 0 || files->live[i] == 0)
			return true;
	return false;
}

static bool walk_agrees(struct walk *walk)
{
	struct files *files = &walk->machine->board.files;
	char *state = print_state(files);
	int lines = 0;
	bool good = !strstr(state, "torn");

	for (const char *at = state; *at; at++)
		lines += *at == '\n';
	good = good && lines == walk->count && has_free_sector(files);
	for (int i = 0; i < walk->count && good; i++) {
		const struct walk_entry *want = &walk->entries[i];
		struct files_entry got;

		good = files_stat(files, want->path, &got) == 0 &&
		       got.is_folder == want->is_folder &&
		       (want->is_folder || holds_content(files, want->path, want->seed,
						   want->size));
	}
	free(state);
	return good;
}

static void test_random_walk(unsigned seed, size_t sectors, int steps)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	char path[WALK_PATH], to[WALK_PATH], name[60];
	uint32_t before;
	bool good = true;

	snprintf(name, sizeof(name), "seed %u, %zu sectors", seed, sectors);
	walk->state = seed;
	/* what a small area keeps of names is not much */
	walk->most = sectors < 12 ? WALK_NAMES / 2 : WALK_NAMES;
	walk->machine = machine_new();
	walk->machine->hal.sizes[HAL_AREA_FILES] = sectors * HAL_FLASH_SECTOR;
	remount(walk->machine);
	for (int i = 0; i < 5; i++) {
		static const char *const fresh[] = {
			"main.py", "sys", "lib", "cert", "boot.py"};

		snprintf(path, sizeof(path), "/flash/%s", fresh[i]);
		EQ_INT(files_remove(&walk->machine->board.files, path), 0, path);
	}
	for (int i = 0; i < steps && good; i++) {
		draw_path(walk, path);
		draw_path(walk, to);
		switch (draw(walk, 8)) {
		case 0:
			walk_mkdir(walk, path);
			break;
		case 1:
		case 2:
			walk_remove(walk, path);
			break;
		case 3:
		case 4:
			walk_rename(walk, path, to);
			break;
		default:
			walk_write(walk, path);
		}
		before = free_bytes(&walk->machine->board.files);
		if (draw(walk, 3) == 0)
			remount(walk->machine);
		good = walk_agrees(walk) &&
		       before == free_bytes(&walk->machine->board.files);
		if (!good)
			printf("# step %d, path %s, to %s\n", i, path, to);
	}
	OK(good, name);
	OK(!walk->machine->hal.misused, name);
	machine_free(walk->machine);
	free(walk);
}

int main(void)
{
	for (unsigned seed = 1; seed <= 4; seed++) {
		test_random_walk(seed, 64, 400);
		test_random_walk(seed, 12, 400);
		test_random_walk(seed, 5, 400);
	}
	return tap_done();
}
