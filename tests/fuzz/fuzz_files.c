/* SPDX-License-Identifier: MIT
 *
 * The file system: flash is made of fragments (raw bytes; headers and records whose
 * checksums are right and whose fields say anything), then come operations, power cuts
 * among them. Every mount ends, every listing ends, a mount finds what the last whole
 * operation left, and the rules of flash hold.
 *
 * Input: the number of sectors, then fragments up to one of kind 0, then operations.
 */
#include <errno.h>
#include <string.h>

#include "firmware/core/crc32.h"
#include "firmware/core/personality.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fw_machine.h"

#define ENTRIES_MAX 512
#define DEPTH_MAX   6

struct input {
	const uint8_t *data;
	size_t len;
};

static unsigned take(struct input *input)
{
	if (input->len == 0)
		return 0;
	input->len--;
	return *input->data++;
}

static unsigned take16(struct input *input)
{
	unsigned low = take(input);

	return low | take(input) << 8;
}

/* ---- fragments ---------------------------------------------------------------- */

struct image {
	uint8_t *flash;
	size_t sectors;
	size_t tails[64]; /* where the next record of a sector goes */
};

static void put32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static void add_raw(struct image *image, struct input *input)
{
	size_t at = take16(input) * 4u % (image->sectors * HAL_FLASH_SECTOR);
	size_t len = take(input);

	for (size_t i = 0; i < len && at + i < image->sectors * HAL_FLASH_SECTOR; i++)
		image->flash[at + i] = (uint8_t)take(input);
}

static void add_header(struct image *image, struct input *input)
{
	size_t sector = take(input) % image->sectors;
	uint8_t *at = image->flash + sector * HAL_FLASH_SECTOR;

	put32(at, 0x46595057u);
	put32(at + 4, take(input));
	put32(at + 8, take(input));
	put32(at + 12, take(input));
	put32(at + 16, crc32_of(at, 16));
	put32(at + 20, take(input) % 8 ? 0 : 0xFFFFFFFFu);
	image->tails[sector] = 24;
}

/* A node or a cluster behind the others of its sector. */
static void add_record(struct image *image, struct input *input, bool is_node)
{
	size_t sector = take(input) % image->sectors;
	uint8_t *at = image->flash + sector * HAL_FLASH_SECTOR + image->tails[sector];
	unsigned len = is_node ? 16 + take(input) % 130 : take16(input) % 520;
	size_t size = 16 + (len + 3) / 4 * 4;
	uint8_t fields[8];

	if (image->tails[sector] + size > HAL_FLASH_SECTOR)
		return;
	fields[0] = (uint8_t)len;
	fields[1] = (uint8_t)(len >> 8);
	fields[2] = (uint8_t)take(input);
	fields[3] = (uint8_t)(take(input) == 255 ? 255 : 0);
	fields[4] = (uint8_t)(is_node ? 0 : take(input));
	fields[5] = 0;
	fields[6] = (uint8_t)take(input);
	fields[7] = 0;
	memcpy(at + 8, fields, 8);
	for (unsigned i = 0; i < len && (!is_node || i < 16); i++)
		at[16 + i] = (uint8_t)(is_node || i < 8 ? take(input) : i);
	if (is_node) {
		at[16 + 13] = (uint8_t)(len - 16);
		for (unsigned i = 16; i < len; i++)
			at[16 + i] = (uint8_t)(i < 20 ? take(input) : 'x');
	}
	put32(at + 4, crc32_of(at + 8, 8 + len));
	image->tails[sector] += size;
}

static void make_flash(struct image *image, struct input *input)
{
	unsigned kind;

	memset(image->flash, 0xFF, 64 * HAL_FLASH_SECTOR);
	while ((kind = take(input) % 8) != 0) {
		if (kind == 1)
			add_raw(image, input);
		else if (kind <= 3)
			add_header(image, input);
		else
			add_record(image, input, kind <= 6);
	}
}

/* ---- operations --------------------------------------------------------------- */

static const char *take_path(struct input *input, char path[300])
{
	static const char *const names[] = {"/boot.py", "/lib", "/sys", "/a", "/B",
		"/A longer name", "/x.y", "/cert", "/main.py", "/.", "//", "/a/", "/q",
		"/lib/lib", "/r", "/a "};
	unsigned parts = take(input) % 4;

	strcpy(path, "/flash");
	for (unsigned i = 0; i < parts; i++)
		strcat(path, names[take(input) % 16]);
	if (take(input) % 16 == 0) {
		size_t len = strlen(path);

		memset(path + len, 'n', 129);
		path[len] = '/';
		path[len + 129] = '\0';
	}
	return path;
}

/* A checksum over all names and contents below a folder. */
static uint32_t sum_folder(struct files *files, const char *path, int depth)
{
	struct files_walk walk;
	struct files_entry entry;
	uint8_t bytes[300];
	uint32_t sum = 7;
	int count = 0;

	if (files_walk_start(files, path, &walk) < 0)
		return sum;
	while (files_walk_next(files, &walk, &entry)) {
		char below[DEPTH_MAX * 140];
		struct files_entry found;
		int file, n;

		FUZZ_CHECK(++count <= ENTRIES_MAX);
		FUZZ_CHECK(snprintf(below, sizeof(below), "%s/%s", path, entry.name) <
			   (int)sizeof(below));
		FUZZ_CHECK(files_stat(files, below, &found) == 0);
		sum = sum * 31 + crc32_of(entry.name, strlen(entry.name)) + entry.size +
		      (uint32_t)entry.modified_s + entry.is_folder;
		if (entry.is_folder && depth < DEPTH_MAX - 1)
			sum = sum * 31 + sum_folder(files, below, depth + 1);
		file = entry.is_folder ? -1 : files_open(files, below, FILES_READ);
		while ((n = files_read(files, file, bytes, sizeof(bytes))) > 0)
			sum = sum * 31 + crc32_of(bytes, (size_t)n);
		(void)files_close(files, file);
	}
	return sum;
}

static void mount(struct machine *machine)
{
	machine->hal.flash_left = -1;
	machine->hal.reads_left = 0;
	FUZZ_CHECK(files_mount(&machine->board.files, &machine->hal,
			   &wipy_personality_wipy) == 0);
}

static void write_file(struct files *files, const char *path, enum files_mode mode,
	struct input *input)
{
	uint8_t bytes[600];
	int file = files_open(files, path, mode);
	unsigned rounds = take(input) % 8;
	size_t len = 1 + take16(input) % sizeof(bytes);

	memset(bytes, (int)take(input), sizeof(bytes));
	for (unsigned i = 0; i < rounds; i++) {
		if (files_write(files, file, bytes, len) < 0)
			break;
		if (take(input) % 8 == 0)
			(void)!files_seek(files, file, take16(input));
	}
	(void)files_close(files, file);
}

static void operate(struct machine *machine, struct input *input)
{
	struct files *files = &machine->board.files;
	char path[300], to[300];
	unsigned operation = take(input) % 10;

	take_path(input, path);
	switch (operation) {
	case 0:
		(void)!files_mkdir(files, path);
		break;
	case 1:
		(void)!files_remove(files, path);
		break;
	case 2:
		(void)!files_rename(files, path, take_path(input, to));
		break;
	case 3:
	case 4:
		write_file(files, path, FILES_WRITE, input);
		break;
	case 5:
		write_file(files, path, FILES_APPEND, input);
		break;
	case 6:
		machine->hal.flash_left = 1 + (int)(take(input) % 32);
		break;
	case 7:
		mount(machine);
		break;
	case 8:
		(void)!files_open(files, path, FILES_READ);
		break;
	default:
		operation = take(input) % 16;
		if (operation == 0)
			(void)!files_format(files);
		else if (operation == 1)
			machine->hal.reads_left = 1 + (int)take(input);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct machine *machine;
	struct input input = {data, size};
	struct image image = {0};
	uint32_t sum, free_space, total, free_again;

	if (!machine)
		machine = machine_new();
	image.flash = machine->hal.flash[HAL_AREA_FILES];
	image.sectors = 4 + take(&input) % 61;
	machine->hal.sizes[HAL_AREA_FILES] = image.sectors * HAL_FLASH_SECTOR;
	make_flash(&image, &input);
	mount(machine);
	sum = sum_folder(&machine->board.files, "/flash", 0);
	mount(machine);
	FUZZ_CHECK(sum == sum_folder(&machine->board.files, "/flash", 0));
	for (int i = 0; i < 40 && input.len > 0; i++) {
		operate(machine, &input);
		/* with the power out nothing is to be compared */
		if (machine->hal.flash_left == 0)
			mount(machine);
	}
	for (int i = 0; i < FILES_OPEN_MAX; i++)
		(void)files_close(&machine->board.files, i);
	if (machine->hal.flash_left >= 0 || machine->board.files.unreadable)
		mount(machine);
	machine->hal.reads_left = 0;
	sum = sum_folder(&machine->board.files, "/flash", 0);
	files_space(&machine->board.files, &free_space, &total);
	FUZZ_CHECK(free_space <= total);
	mount(machine);
	FUZZ_CHECK(sum == sum_folder(&machine->board.files, "/flash", 0));
	files_space(&machine->board.files, &free_again, &total);
	FUZZ_CHECK(free_space == free_again);
	FUZZ_CHECK(!machine->hal.misused);
	return 0;
}
