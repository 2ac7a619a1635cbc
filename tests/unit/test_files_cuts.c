/* SPDX-License-Identifier: MIT
 *
 * Power cuts in the file system: at every flash operation of every step of a script, and
 * again in the first change after it. What is found must be a state that the step goes
 * through when nothing is cut, with not a cluster lost.
 */
#include <errno.h>
#include <limits.h>

#include "firmware/core/personality.h"
#include "tests/unit/files_model.h"

#define AREA_LEN     (64 * HAL_FLASH_SECTOR)
#define STATES_MAX   8
#define SECONDS_MAX  4 /* second cuts */
#define CHURN_ROUNDS 25

enum verb { MKDIR, REMOVE, RENAME, WRITE, APPEND, OVERWRITE, CHURN, FORMAT };

struct step {
	enum verb verb;
	const char *path, *to;
	uint32_t len;
	unsigned seed;
};

/* What is on flash and what must be found there. */
struct bench {
	struct machine *machine;
	uint8_t *before; /* the area */
	char *states[STATES_MAX];
	int state_count;
};

static void mount(struct machine *machine)
{
	machine->hal.flash_left = -1;
	if (files_mount(&machine->board.files, &machine->hal, &wipy_personality_wipy) <
		0)
		abort();
}

static void add_state(struct bench *bench)
{
	if (bench->state_count == STATES_MAX)
		abort();
	mount(bench->machine);
	bench->states[bench->state_count++] = print_state(&bench->machine->board.files);
}

static void forget_states(struct bench *bench)
{
	while (bench->state_count > 0)
		free(bench->states[--bench->state_count]);
}

/* Writes from `from` on, in pieces that fit no cluster. */
static int write_at(struct files *files, const char *path, enum files_mode mode,
	const struct step *step, int64_t from)
{
	uint8_t bytes[300];
	int file = files_open(files, path, mode);
	int err = file < 0 ? file : 0;

	if (err == 0 && from >= 0)
		err = files_seek(files, file, (uint32_t)from);
	for (uint32_t at = 0; err >= 0 && at < step->len; at += sizeof(bytes)) {
		fill_content(bytes, step->seed, at, sizeof(bytes));
		err = files_write(files, file, bytes,
			step->len - at < sizeof(bytes) ? step->len - at
						       : sizeof(bytes));
	}
	if (file >= 0 && files_close(files, file) < 0)
		return -EIO;
	return err < 0 ? err : 0;
}

static int run_step(struct files *files, const struct step *step)
{
	int err = 0;

	switch (step->verb) {
	case MKDIR:
		return files_mkdir(files, step->path);
	case REMOVE:
		return files_remove(files, step->path);
	case RENAME:
		return files_rename(files, step->path, step->to);
	case WRITE:
		return write_at(files, step->path, FILES_WRITE, step, -1);
	case APPEND:
		return write_at(files, step->path, FILES_APPEND, step, -1);
	case OVERWRITE:
		return write_at(files, step->path, FILES_APPEND, step, 100);
	case CHURN:
		for (unsigned i = 0; i < CHURN_ROUNDS && err == 0; i++)
			err = write_content(
				files, step->path, FILES_WRITE, i, step->len);
		return err;
	case FORMAT:
		return files_format(files);
	}
	return -EINVAL;
}

/* The states that a step goes through: before it, a file made or emptied, after it. */
static void collect_states(struct bench *bench, const struct step *step)
{
	struct files *files = &bench->machine->board.files;

	add_state(bench);
	if (step->verb == WRITE || step->verb == CHURN) {
		if (files_open(files, step->path, FILES_WRITE) < 0)
			abort();
		add_state(bench);
	}
	if (run_step(files, step) < 0)
		OK(false, step->path);
	add_state(bench);
}

static bool is_state(const struct bench *bench, const char *state)
{
	for (int i = 0; i < bench->state_count; i++)
		if (strcmp(state, bench->states[i]) == 0)
			return true;
	return false;
}

/* Some steps go through many contents of one file. */
static bool has_many_contents(const struct step *step)
{
	return step->verb == OVERWRITE || step->verb == CHURN;
}

static void blank_sum(char *state, const char *path)
{
	char row[100];
	char *line;

	snprintf(row, sizeof(row), "%s\t", path);
	line = strstr(state, row);
	if (line)
		memset(strchr(line + strlen(row), '\t') + 1, '?', 8);
}

/* Whether the file holds one of the contents that the script writes, from its start. */
static bool is_of_one_piece(struct files *files, const char *path)
{
	struct files_entry entry;

	if (files_stat(files, path, &entry) < 0)
		return true;
	for (unsigned seed = 0; seed < CHURN_ROUNDS; seed++)
		if (holds_content(files, path, seed, entry.size))
			return true;
	return false;
}

/* Enough to have sectors cleaned; they leave nothing behind. */
static bool other_changes(struct files *files)
{
	const char *path = "/flash/other name";

	for (unsigned i = 0; i < 50; i++)
		if (write_content(files, path, FILES_WRITE, i, 300) < 0)
			return false;
	return files_remove(files, path) == 0;
}

/* Mounts and compares; then come changes, which must alter nothing else. */
static bool is_sound(struct bench *bench, const struct step *step)
{
	struct files *files = &bench->machine->board.files;
	bool sound = true;

	for (int changed = 0; changed < 2 && sound; changed++) {
		uint32_t total, left;
		char *state;

		mount(bench->machine);
		state = print_state(files);
		if (has_many_contents(step))
			blank_sum(state, step->path);
		files_space(files, &left, &total);
		sound = is_state(bench, state) &&
			total - left == count_clusters(state) * FILES_CLUSTER &&
			!strstr(state, "torn") &&
			(step->verb != CHURN || is_of_one_piece(files, step->path));
		if (!sound)
			printf("# %d: %u of %u free, found:\n%s", changed,
				(unsigned)left, (unsigned)total, state);
		if (!changed && left > 0)
			sound = sound && other_changes(files);
		free(state);
	}
	return sound;
}

static void restore(struct bench *bench)
{
	memcpy(bench->machine->hal.flash[HAL_AREA_FILES], bench->before, AREA_LEN);
}

/* Returns false where a cut at operation `cut` of the step, and one at operation
 * `second` of the change after it (0: none), leave something wrong. */
static bool try_cut(struct bench *bench, const struct step *step, int cut, int second)
{
	struct files *files = &bench->machine->board.files;

	restore(bench);
	mount(bench->machine);
	machine_cut_how(bench->machine, (unsigned)(cut + second * 5));
	bench->machine->hal.flash_left = cut;
	if (run_step(files, step) == 0)
		printf("# cut %d was not noticed\n", cut);
	mount(bench->machine);
	if (second > 0) {
		bench->machine->hal.flash_left = second;
		if (files_mkdir(files, "/flash/other name") == 0)
			(void)!files_remove(files, "/flash/other name");
		/* the second cut may have come when that folder was there */
		mount(bench->machine);
		if (files_remove(files, "/flash/other name") == -EIO)
			return false;
	}
	if (is_sound(bench, step))
		return true;
	printf("# step %s, cut at %d, then at %d; allowed:\n", step->path, cut, second);
	for (int i = 0; i < bench->state_count; i++)
		printf("%s---\n", bench->states[i]);
	return false;
}

static void cut_step(struct bench *bench, const struct step *step)
{
	struct machine *machine = bench->machine;
	int operations, sound = 0, tried = 0;

	memcpy(bench->before, machine->hal.flash[HAL_AREA_FILES], AREA_LEN);
	collect_states(bench, step);
	for (int i = 0; i < bench->state_count && has_many_contents(step); i++)
		blank_sum(bench->states[i], step->path);
	restore(bench);
	mount(machine);
	machine->hal.flash_count = 0;
	if (run_step(&machine->board.files, step) < 0)
		OK(false, step->path);
	operations = machine->hal.flash_count;
	for (int cut = 1; cut <= operations; cut++) {
		for (int second = 0; second <= SECONDS_MAX; second++, tried++)
			sound += try_cut(bench, step, cut, second);
		if (sound < tried)
			break;
	}
	tap_ok(sound == tried && operations > 0, "%d %s: %d operations, %d cuts",
		step->verb, step->path, operations, tried);
	restore(bench);
	mount(machine);
	if (run_step(&machine->board.files, step) < 0)
		OK(false, step->path);
	forget_states(bench);
}

/* One read fails, or one write, and power stays. What comes of it is a state as well. */
static bool try_failure(
	struct bench *bench, const struct step *step, int read, int write)
{
	struct hal *hal = &bench->machine->hal;
	struct files *files = &bench->machine->board.files;
	int err;

	restore(bench);
	mount(bench->machine);
	hal->reads_left = read;
	machine_cut_how(bench->machine, (unsigned)write);
	hal->flash_recovers = write > 0;
	hal->flash_left = write > 0 ? write : -1;
	(void)!run_step(files, step);
	hal->flash_recovers = false;
	hal->reads_left = 0;
	/* goes on, as if nothing had been */
	err = files_mkdir(files, "/flash/other name");
	if (err == 0)
		err = files_remove(files, "/flash/other name");
	return err != -EIO && is_sound(bench, step);
}

static void fail_step(struct bench *bench, const struct step *step)
{
	struct hal *hal = &bench->machine->hal;
	struct files *files = &bench->machine->board.files;
	int writes, reads, sound = 0, tried = 0;

	memcpy(bench->before, hal->flash[HAL_AREA_FILES], AREA_LEN);
	collect_states(bench, step);
	for (int i = 0; i < bench->state_count && has_many_contents(step); i++)
		blank_sum(bench->states[i], step->path);
	restore(bench);
	mount(bench->machine);
	hal->flash_count = 0;
	hal->reads_left = INT_MAX;
	if (run_step(files, step) < 0)
		OK(false, step->path);
	writes = hal->flash_count;
	reads = INT_MAX - hal->reads_left;
	hal->reads_left = 0;
	for (int at = 1; at <= writes && sound == tried; at++, tried++)
		sound += try_failure(bench, step, 0, at);
	for (int at = 1; at <= reads && sound == tried; at += 1 + at / 100, tried++)
		sound += try_failure(bench, step, at, 0);
	tap_ok(sound == tried, "%d %s: %d failures in %d writes and %d reads",
		step->verb, step->path, tried, writes, reads);
	restore(bench);
	mount(bench->machine);
	if (run_step(files, step) < 0)
		OK(false, step->path);
	forget_states(bench);
}

typedef void try_step(struct bench *bench, const struct step *step);

static void run_script(
	const struct step *steps, size_t count, size_t sectors, try_step *try)
{
	struct bench bench = {.machine = machine_new(), .before = malloc(AREA_LEN)};

	if (!bench.before)
		abort();
	bench.machine->hal.sizes[HAL_AREA_FILES] = sectors * HAL_FLASH_SECTOR;
	for (size_t i = 0; i < count; i++)
		try(&bench, &steps[i]);
	OK(!bench.machine->hal.misused, "the rules of flash");
	machine_free(bench.machine);
	free(bench.before);
}

static void test_changes(try_step *try)
{
	static const struct step steps[] = {
		/* the first change of a fresh board writes its contents */
		{MKDIR, "/flash/d", "", 0, 0},
		{MKDIR, "/flash/d/A Long Name of a Folder", "", 0, 0},
		{RENAME, "/flash/d/a long name of a folder", "/flash/d/e", 0, 0},
		{RENAME, "/flash/boot.py", "/flash/d/e/boot.py", 0, 0},
		{RENAME, "/flash/d", "/flash/lib/d", 0, 0},
		{WRITE, "/flash/a", "", 1300, 1},
		{WRITE, "/flash/a", "", 700, 2},
		{APPEND, "/flash/a", "", 900, 3},
		{APPEND, "/flash/a", "", 1, 4},
		{OVERWRITE, "/flash/a", "", 800, 5},
		{WRITE, "/flash/empty", "", 0, 0},
		{REMOVE, "/flash/empty", "", 0, 0},
		{WRITE, "/flash/main.py", "", 20, 6},
		{RENAME, "/flash/a", "/flash/lib/d/e/a", 0, 0},
		{REMOVE, "/flash/lib/d/e/a", "", 0, 0},
		{REMOVE, "/flash/lib/d/e/boot.py", "", 0, 0},
		{REMOVE, "/flash/lib/d/e", "", 0, 0},
		{FORMAT, "/flash", "", 0, 0},
		{REMOVE, "/flash/cert", "", 0, 0},
	};

	run_script(steps, sizeof(steps) / sizeof(steps[0]), 64, try);
}

/* As the only change of a fresh board. */
static void test_first_change(try_step *try)
{
	static const struct step steps[] = {
		{WRITE, "/flash/boot.py", "", 600, 1},
		{REMOVE, "/flash/main.py", "", 0, 0},
		{RENAME, "/flash/boot.py", "/flash/b", 0, 0},
		{FORMAT, "/flash", "", 0, 0},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		run_script(&steps[i], 1, 64, try);
}

/* Sectors are cleaned all the time: a small area, nearly full. */
static void test_cleaning(try_step *try)
{
	static const struct step steps[] = {
		{WRITE, "/flash/ballast", "", 13500, 1},
		{WRITE, "/flash/a", "", 512, 2},
		{CHURN, "/flash/a", "", 600, 0},
		{WRITE, "/flash/a", "", 1200, 3},
		{WRITE, "/flash/b", "", 200, 4},
		{OVERWRITE, "/flash/ballast", "", 6000, 5},
		{RENAME, "/flash/ballast", "/flash/lib/x", 0, 0},
		{CHURN, "/flash/b", "", 100, 0},
		{REMOVE, "/flash/lib/x", "", 0, 0},
		{FORMAT, "/flash", "", 0, 0},
		{WRITE, "/flash/ballast", "", 13500, 1},
	};

	run_script(steps, sizeof(steps) / sizeof(steps[0]), 8, try);
}

/* ---- random changes, random cuts ---------------------------------------------- */

#define FILES_COUNT 12

struct file {
	bool there;
	unsigned seed;
	uint32_t size;
};

/* Goes on from whatever a cut has left, so that what an earlier one left behind has its
 * chance to come back. */
struct walk {
	struct machine *machine;
	unsigned state;
	struct file files[FILES_COUNT];
};

static unsigned draw(struct walk *walk, unsigned below)
{
	walk->state = walk->state * 1664525u + 1013904223u;
	return (walk->state >> 8) % below;
}

static const char *path_of(unsigned file, char path[40])
{
	snprintf(path, 40, file % 2 ? "/flash/f%u" : "/flash/a file with number %u",
		file);
	return path;
}

static bool is_as(struct walk *walk, unsigned number, const struct file *want)
{
	struct files *files = &walk->machine->board.files;
	struct files_entry entry;
	char path[40];

	path_of(number, path);
	if (files_stat(files, path, &entry) < 0)
		return !want->there;
	return want->there && holds_content(files, path, want->seed, want->size);
}

static bool has_all_but(struct walk *walk, unsigned a, unsigned b)
{
	struct files *files = &walk->machine->board.files;
	char *state = print_state(files);
	uint32_t left, total;
	bool good;

	files_space(files, &left, &total);
	good = total - left == count_clusters(state) * FILES_CLUSTER;
	free(state);
	for (unsigned i = 0; i < FILES_COUNT && good; i++)
		good = i == a || i == b || is_as(walk, i, &walk->files[i]);
	return good;
}

/* Takes over the first of these that is there; the others have no say. */
static bool take_over(struct walk *walk, unsigned a, unsigned b,
	const struct file (*choices)[2], int count)
{
	for (int i = 0; i < count; i++) {
		if (is_as(walk, a, &choices[i][0]) &&
			(a == b || is_as(walk, b, &choices[i][1]))) {
			walk->files[a] = choices[i][0];
			if (a != b)
				walk->files[b] = choices[i][1];
			return true;
		}
	}
	return false;
}

static bool walk_step(struct walk *walk)
{
	struct files *files = &walk->machine->board.files;
	unsigned a = draw(walk, FILES_COUNT), b = draw(walk, FILES_COUNT);
	unsigned verb = draw(walk, 4), seed = draw(walk, 100), len = draw(walk, 2000);
	struct file old = walk->files[a], other = walk->files[b];
	struct file choices[3][2] = {{old, other}, {{true, 0, 0}, other}};
	struct file *after = choices[2];
	char path[40], to[40];

	after[0] = (struct file){true, seed, len};
	after[1] = other;
	path_of(a, path);
	path_of(b, to);
	machine_cut_how(walk->machine, draw(walk, MACHINE_CUTS));
	walk->machine->hal.flash_left = draw(walk, 3) ? (int)draw(walk, 40) + 1 : -1;
	if (verb == 0) {
		choices[1][0] = after[0] = (struct file){0};
		(void)!files_remove(files, path);
	} else if (verb == 1 && a != b) {
		choices[1][0] = old;
		after[0] = old.there && !other.there ? (struct file){0} : old;
		after[1] = old.there && !other.there ? old : other;
		(void)!files_rename(files, path, to);
	} else if (verb == 2 && old.there) {
		choices[1][0] = old;
		after[0] = (struct file){true, old.seed, old.size + len};
		(void)!write_content(files, path, FILES_APPEND, old.seed, len);
	} else {
		(void)!write_content(files, path, FILES_WRITE, seed, len);
	}
	/* where nothing was cut the files go on in memory, now and then */
	if (walk->machine->hal.flash_left == 0 || draw(walk, 2))
		mount(walk->machine);
	walk->machine->hal.flash_left = -1;
	return take_over(walk, a, b, (const struct file(*)[2])choices, 3) &&
	       has_all_but(walk, a, b);
}

static void test_random_cuts(unsigned seed, size_t sectors, int steps)
{
	struct walk walk = {.machine = machine_new(), .state = seed};
	int i;

	walk.machine->hal.sizes[HAL_AREA_FILES] = sectors * HAL_FLASH_SECTOR;
	mount(walk.machine);
	for (i = 0; i < steps; i++)
		if (!walk_step(&walk))
			break;
	tap_ok(i == steps && !walk.machine->hal.misused,
		"seed %u, %zu sectors: %d of %d steps", seed, sectors, i, steps);
	machine_free(walk.machine);
}

int main(void)
{
	for (unsigned seed = 1; seed <= 5; seed++) {
		test_random_cuts(seed, 16, 1000);
		test_random_cuts(seed, 12, 1000);
	}
	test_first_change(cut_step);
	test_changes(cut_step);
	test_cleaning(cut_step);
	test_first_change(fail_step);
	test_changes(fail_step);
	test_cleaning(fail_step);
	return tap_done();
}
