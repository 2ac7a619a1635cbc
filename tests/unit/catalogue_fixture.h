/* SPDX-License-Identifier: MIT
 *
 * For tests of the catalogue: a folder of its own, and images that are made here, as small
 * as the inspection allows.
 */
#ifndef WIPY_TESTS_CATALOGUE_FIXTURE_H
#define WIPY_TESTS_CATALOGUE_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/md5.h"
#include "daemon/edge/catalogue.h"
#include "daemon/edge/log.h"
#include "tests/tap.h"

#define PATH_LEN 512

static char top[200], dir[256];
static uv_loop_t loop;
static struct catalogue *catalogue;

static inline void run(void)
{
	uv_run(&loop, UV_RUN_DEFAULT);
}

/* Nobody's signature is asked for: test_catalogue_manifest.c does. */
static const struct minisign_trust nobody = {.policy = SIGNATURES_OFF};

static inline void must_open(void)
{
	struct errtext error = {""};

	if (catalogue_open(&loop, dir, &nobody, &catalogue, &error) < 0) {
		printf("Bail out! %s\n", error.text);
		exit(99);
	}
}

static inline void reopen(void)
{
	catalogue = catalogue_free(catalogue);
	must_open();
}

static inline const char *in_dir(
	const char *folder, const char *name, const char *suffix)
{
	static char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s/%s%s", dir, folder, name, suffix);
	return path;
}

static inline int count_files(const char *folder)
{
	DIR *open_dir = opendir(in_dir(folder, "", ""));
	struct dirent *entry;
	int count = 0;

	while (open_dir && (entry = readdir(open_dir)))
		count += entry->d_name[0] != '.';
	if (open_dir)
		closedir(open_dir);
	return count;
}

static inline void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static inline void remove_all(const char *folder)
{
	DIR *open_dir = opendir(in_dir(folder, "", ""));
	struct dirent *entry;

	while (open_dir && (entry = readdir(open_dir)))
		if (entry->d_name[0] != '.' || entry->d_name[1] != '.')
			unlinkat(dirfd(open_dir), entry->d_name, 0);
	if (open_dir)
		closedir(open_dir);
	rmdir(in_dir(folder, "", ""));
}

/* ---- images ----------------------------------------------------------------------- */

#define IMAGE_LEN 300

static inline void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline void put_trailer(uint8_t *image, size_t len)
{
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	struct wipy_md5 md5;

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image, len - WIPY_MD5_HEX_LEN);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, hex);
	memcpy(image + len - WIPY_MD5_HEX_LEN, hex, WIPY_MD5_HEX_LEN);
}

/* A whole image that shows this fingerprint; `filler` tells two of one text apart. */
static inline uint8_t *make_image(const char *fingerprint, uint8_t filler, size_t len)
{
	uint8_t *image = malloc(len);

	memset(image, filler, len);
	put_u32(image, 0x20040000);
	put_u32(image + 4, 0x20004101);
	snprintf((char *)image + 16, 200, "MicroPython %s\r\n", fingerprint);
	put_trailer(image, len);
	return image;
}

struct added {
	int status;
	int calls;
	char sha256[SHA256_HEX_MAX];
	struct wipy_image_info info;
	struct errtext error;
};

static inline void on_image(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct added *added = arg;

	added->status = status;
	added->calls++;
	added->info = *info;
	added->error = *error;
	snprintf(added->sha256, sizeof(added->sha256), "%s", sha256);
}

static inline struct added add_bytes(uint8_t *data, size_t len)
{
	struct added added = {.status = 1};

	catalogue_add_image(catalogue, data, len, NULL, on_image, &added);
	run();
	return added;
}

static inline struct added add_image(const char *fingerprint, uint8_t filler)
{
	return add_bytes(make_image(fingerprint, filler, IMAGE_LEN), IMAGE_LEN);
}

#define FP(tag) tag " on 2016-11-18; WiPy with CC3200"

/* ---- releases --------------------------------------------------------------------- */

struct made {
	int status;
	const struct release *release;
	char warning[320];
	struct errtext error;
};

static inline void on_release(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct made *made = arg;

	made->status = status;
	made->release = release;
	made->error = *error;
	snprintf(made->warning, sizeof(made->warning), "%s", warning);
}

static inline void offer_release(const char *name, const char *const *sha256,
	size_t count, catalogue_release_fn done, void *arg)
{
	struct catalogue_offer offer = {
		.name = name, .sha256 = sha256, .count = count, .now_s = 1700000000};

	catalogue_add_release(catalogue, &offer, NULL, done, arg);
}

static inline struct made add_release(const char *name, const char *sha256)
{
	struct made made = {.status = 1};

	offer_release(name, &sha256, 1, on_release, &made);
	run();
	return made;
}

static inline struct made make_release(
	const char *name, const char *fingerprint, uint8_t filler)
{
	struct added added = add_image(fingerprint, filler);

	return add_release(name, added.sha256);
}

/* ---- all of it -------------------------------------------------------------------- */

static inline void begin(void)
{
	const char *tmp = getenv("TMPDIR");

	log_init(LOG_LEVEL_ERROR, false);
	snprintf(top, sizeof(top), "%.150s/wipy-catalogue-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top) || uv_loop_init(&loop) < 0)
		abort();
}

static inline void in_fresh_folder(void (*test)(void))
{
	snprintf(dir, sizeof(dir), "%s/catalogue", top);
	must_open();
	test();
	catalogue = catalogue_free(catalogue);
	remove_all("images");
	remove_all("releases");
	rmdir(dir);
}

static inline int end(void)
{
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	EQ_INT(rmdir(top), 0, "no file is left");
	return tap_done();
}

#endif
