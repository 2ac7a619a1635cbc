/* SPDX-License-Identifier: MIT
 *
 * The releases: what each image is like, as which file a family gets it, and what the
 * daemon takes of what its owner offers. A file that is too large for a board is a real
 * one: it is the inspection that ships which has to refuse it.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "tests/sim/sim.h"

#define FIT_LEN 180000

static const struct {
	const char *board, *mcu;
	size_t most_len; /* WIRE.md 2.10, 3.4; what this project's firmware sets aside */
} kinds[WIPY_FAMILY_COUNT] = {
	[WIPY_FAMILY_WIPY] = {"WiPy", "CC3200", 196608},
	[WIPY_FAMILY_PYCOM] = {"LoPy", "ESP32", 1757184},
	[WIPY_FAMILY_ESP32] = {"ESP module", "ESP32", 1208320},
	[WIPY_FAMILY_ESP8266] = {"ESP module", "ESP8266", 983040},
};

size_t sim_image_most_len(enum wipy_family family)
{
	return kinds[family].most_len;
}

const char *sim_image_board(enum wipy_family family)
{
	return kinds[family].board;
}

/* Its name tells image and family. */
const struct sim_file *sim_file_named(const char *sha256)
{
	return &sim->image[sha256[0] - '0'].file[sha256[1] - '0'];
}

/* ---- a file that no WiPy takes ----------------------------------------------------- */

static void write_large(uint8_t *data, size_t len)
{
	static const uint8_t vectors[8] = {0, 0, 4, 0x20, 0x21, 0x26, 3, 0x20};
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	struct wipy_md5 md5;

	memcpy(data, vectors, sizeof(vectors));
	strcpy((char *)data + 1000,
		"MicroPython v1.9.1 on 2026-01-02; WiPy with CC3200\r\n");
	wipy_md5_init(&md5);
	wipy_md5_update(&md5, data, len - WIPY_MD5_HEX_LEN);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, hex);
	memcpy(data + len - WIPY_MD5_HEX_LEN, hex, WIPY_MD5_HEX_LEN);
}

/* The answer is always the same. */
static bool is_large_taken(size_t len)
{
	static int verdict = 1;
	struct wipy_image_info info;
	uint8_t *data;

	if (verdict <= 0)
		return verdict == 0;
	data = calloc(1, len);
	if (!data)
		abort();
	write_large(data, len);
	wipy_image_inspect(data, len, &info);
	free(data);
	verdict = info.verdict;
	return verdict == 0;
}

/* ---- releases ---------------------------------------------------------------------- */

static void name_it(
	struct wipy_fingerprint *fp, enum wipy_family family, size_t number, int type)
{
	snprintf(fp->tag, sizeof(fp->tag), "v1.9.%zu%s", number,
		number == 2 ? "-dirty" : "");
	snprintf(fp->date, sizeof(fp->date), "2026-0%d-%02zu", type < 0 ? 1 : 2,
		number + 1);
	snprintf(fp->board, sizeof(fp->board), "%s", kinds[family].board);
	snprintf(fp->mcu, sizeof(fp->mcu), "%s", kinds[family].mcu);
}

/* Somebody has built more into it than the slot holds. */
static bool is_taken(struct sim_file *file)
{
	file->len = FIT_LEN;
	if (file->family == WIPY_FAMILY_ESP8266)
		return !sim_chance(20);
	if (file->family != WIPY_FAMILY_WIPY || !sim_chance(5))
		return true;
	file->len = kinds[WIPY_FAMILY_WIPY].most_len + 4;
	return is_large_taken(file->len);
}

static void add_file(struct sim_image *image, enum wipy_family family)
{
	struct release *release = &sim->release[image->number];
	struct release_image *ri = &release->image[release->image_count];
	struct sim_file *file = &image->file[family];

	name_it(&image->fp[family], family, image->number, image->type);
	*file = (struct sim_file){.image = image, .family = family};
	if (!is_taken(file))
		return;
	*ri = (struct release_image){.family = family,
		.size = (int64_t)file->len,
		.entry_point = image->entry_point,
		.fingerprint = image->fp[family]};
	if (image->type >= 0)
		snprintf(ri->type, sizeof(ri->type), "t%d", image->type);
	memset(ri->sha256, '0', sizeof(ri->sha256) - 1);
	ri->sha256[0] = (char)('0' + (image - sim->image));
	ri->sha256[1] = (char)('0' + (int)family);
	release->image_count++;
}

/* The later ones have another entry point. */
static void draw_image(struct sim_image *image, size_t number, int type)
{
	*image = (struct sim_image){.number = number,
		.type = type,
		.entry_point = number < 2 ? SIM_ENTRY : 0x401006c0u,
		.broken = number > 0 && sim_chance(4),
		.crashes = number > 0 && sim_chance(4),
		.no_network = number > 0 && sim_chance(3)};
}

void sim_image_new(size_t number)
{
	struct release *release = &sim->release[number];
	struct sim_image *any = &sim->image[number], *own = any + SIM_RELEASES;

	*release = (struct release){.added_s = SIM_START_S};
	snprintf(release->name, sizeof(release->name), "r%zu", number);
	draw_image(any, number, -1);
	draw_image(own, number, SIM_OWN);
	for (int f = WIPY_FAMILY_WIPY; f < WIPY_FAMILY_COUNT; f++) {
		add_file(any, (enum wipy_family)f);
		if (number > 0 && sim_chance(50))
			add_file(own, (enum wipy_family)f);
	}
}

const struct sim_file *sim_file_for(
	const char *release, enum wipy_family family, int type)
{
	const struct release *of = &sim->release[release[1] - '0'];
	const struct sim_file *any = NULL, *own = NULL;

	for (size_t i = 0; i < of->image_count; i++) {
		const struct sim_file *file = sim_file_named(of->image[i].sha256);

		if (file->family != family)
			continue;
		if (file->image->type < 0)
			any = file;
		else if (file->image->type == type)
			own = file;
	}
	return own ? own : any;
}

/* What a LaunchPad left its factory with; in no release. */
void sim_image_factory(struct sim_image *image)
{
	*image = (struct sim_image){.type = -1, .entry_point = SIM_ENTRY};
	name_it(&image->fp[WIPY_FAMILY_WIPY], WIPY_FAMILY_WIPY, 0, -1);
	strcpy(image->fp[WIPY_FAMILY_WIPY].board, SIM_LAUNCHPAD);
}
