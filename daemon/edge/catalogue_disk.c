/* SPDX-License-Identifier: MIT
 *
 * Files of the catalogue, written so that a power cut leaves the old state or the new:
 * temporary file, fsync, rename, fsync of the folder.
 */
#include "config.h"

#include "daemon/edge/catalogue_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/catalogue_private.h"
#include "daemon/edge/log.h"

#define RELEASE_FILE_MAX (1024 * 1024)
#define FILE_NAME_MAX    128 /* name, suffix, the temporary one's random part */

static const char images_folder[] = "images";
static const char releases_folder[] = "releases";

/* ---- writing ---------------------------------------------------------------------- */

static int write_fault(
	int r, const char *dir, const char *name, struct errtext *ret_error)
{
	switch (r) {
	case -ENOSPC:
	case -EDQUOT:
		return fault(ret_error, WIPY_E_FULL,
			"the disk is full: cannot write %s in %s; make room and try "
			"again",
			name, dir);
	case -EFBIG:
		return fault(ret_error, r,
			"cannot write %s in %s: larger than this process may write; "
			"raise "
			"LimitFSIZE= of the service",
			name, dir);
	case -EROFS:
		return fault(ret_error, r,
			"cannot write %s in %s: the file system is read-only; look "
			"into "
			"the kernel's log",
			name, dir);
	case -EACCES:
	case -EPERM:
		return fault(ret_error, r,
			"cannot write %s in %s: no permission; the folder must belong "
			"to "
			"the user that wipyd runs as",
			name, dir);
	default:
		return fault(ret_error, r, "cannot write %s in %s: %s", name, dir,
			strerror(-r));
	}
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A file of a name that nobody else writes: two may store the same image at once. */
static int write_temporary(int folder, const char *name, const void *data, size_t len,
	char ret_temporary[FILE_NAME_MAX])
{
	char temporary[FILE_NAME_MAX];
	int fd, r;

	snprintf(temporary, sizeof(temporary), "%s.%08x.tmp", name,
		randombytes_random());
	fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	r = write_all(fd, data, len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r < 0)
		unlinkat(folder, temporary, 0);
	else
		memcpy(ret_temporary, temporary, sizeof(temporary));
	return r;
}

static int replace(int folder, const char *name, const void *data, size_t len)
{
	char temporary[FILE_NAME_MAX];
	int r = write_temporary(folder, name, data, len, temporary);

	if (r < 0)
		return r;
	if (renameat(folder, temporary, folder, name) < 0) {
		r = -errno;
		unlinkat(folder, temporary, 0);
		return r;
	}
	return fsync(folder) < 0 ? -errno : 0;
}

static int open_folder(const char *dir, const char *name)
{
	int top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int folder, r;

	if (top < 0)
		return -errno;
	folder = openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = folder < 0 ? -errno : folder;
	close(top);
	return r;
}

static int put_file(const char *dir, const char *folder_name, const char *name,
	const void *data, size_t len, struct errtext *ret_error)
{
	int folder = open_folder(dir, folder_name);
	int r = folder;

	if (folder >= 0) {
		r = replace(folder, name, data, len);
		close(folder);
	}
	return r < 0 ? write_fault(r, dir, name, ret_error) : 0;
}

int catalogue_disk_put_image(const char *dir, const char *sha256, const uint8_t *data,
	size_t len, struct errtext *ret_error)
{
	char name[FILE_NAME_MAX];

	snprintf(name, sizeof(name), "%s.bin", sha256);
	return put_file(dir, images_folder, name, data, len, ret_error);
}

/* A release that was refused must not be there after a restart. Images are left: one of
 * that name may have been there before, and releases may be made of it. */
static void remove_release(const char *dir, const char *name)
{
	int folder = open_folder(dir, releases_folder);

	if (folder < 0)
		return;
	unlinkat(folder, name, 0);
	close(folder);
}

int catalogue_disk_put_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error)
{
	char name[FILE_NAME_MAX], *text = catalogue_json_write(release, papers);
	int r;

	snprintf(name, sizeof(name), "%s.json", release->name);
	r = put_file(dir, releases_folder, name, text, strlen(text), ret_error);
	free(text);
	if (r < 0)
		remove_release(dir, name);
	return r;
}

/* ---- reading ---------------------------------------------------------------------- */

static int read_all(int fd, uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : WIPY_E_CORRUPT;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Returns WIPY_E_CORRUPT for what cannot be one of our files. */
static int get_file(
	int folder, const char *name, size_t max, uint8_t **ret_data, size_t *ret_len)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	uint8_t *data;
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	if (!S_ISREG(st.st_mode) || (uintmax_t)st.st_size > max) {
		close(fd);
		return WIPY_E_CORRUPT;
	}
	data = must(malloc((size_t)st.st_size + 1));
	r = read_all(fd, data, (size_t)st.st_size);
	close(fd);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret_data = data;
	*ret_len = (size_t)st.st_size;
	return 0;
}

void catalogue_disk_sha256(
	const uint8_t *data, size_t len, char ret_hex[SHA256_HEX_MAX])
{
	uint8_t sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sum, data, len);
	sodium_bin2hex(ret_hex, SHA256_HEX_MAX, sum, sizeof(sum));
}

int catalogue_disk_get_papers(const char *dir, const char *name,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error)
{
	int folder = open_folder(dir, releases_folder), r = folder;
	char file_name[FILE_NAME_MAX];
	uint8_t *text = NULL;
	size_t len;

	snprintf(file_name, sizeof(file_name), "%s.json", name);
	if (folder >= 0) {
		r = get_file(folder, file_name, RELEASE_FILE_MAX, &text, &len);
		close(folder);
	}
	if (r == 0)
		r = catalogue_json_papers((const char *)text, len, ret_papers);
	free(text);
	if (r < 0)
		return fault(ret_error, r, "cannot read %s/releases/%s: %s", dir,
			file_name, wipy_strerror(r));
	return 0;
}

int catalogue_disk_rewrite_release(
	const char *dir, const struct release *release, struct errtext *ret_error)
{
	struct catalogue_own_papers own;
	struct catalogue_papers papers;
	char name[FILE_NAME_MAX], *text;
	int r = catalogue_disk_get_papers(dir, release->name, &own, ret_error);

	if (r < 0)
		return r;
	papers = (struct catalogue_papers){
		own.manifest, own.manifest_len, own.signatures, own.signatures_len};
	text = catalogue_json_write(release, &papers);
	snprintf(name, sizeof(name), "%s.json", release->name);
	r = put_file(dir, releases_folder, name, text, strlen(text), ret_error);
	free(text);
	catalogue_papers_done(&own);
	return r;
}

static int image_fault(
	int r, const char *dir, const char *sha256, struct errtext *ret_error)
{
	if (r == -ENOENT)
		return fault(ret_error, r,
			"the image %s is not in the catalogue: add its file first",
			sha256);
	if (r == WIPY_E_CORRUPT)
		return fault(ret_error, r,
			"the stored image %s/images/%s.bin is damaged: add its file "
			"again, "
			"and look after the disk",
			dir, sha256);
	return fault(ret_error, r, "cannot read %s/images/%s.bin: %s", dir, sha256,
		strerror(-r));
}

int catalogue_disk_get_image(const char *dir, const char *sha256, uint8_t **ret_data,
	size_t *ret_len, struct errtext *ret_error)
{
	char name[FILE_NAME_MAX], sum[SHA256_HEX_MAX];
	int folder = open_folder(dir, images_folder);
	uint8_t *data = NULL;
	size_t len = 0;
	int r = folder;

	if (folder >= 0) {
		snprintf(name, sizeof(name), "%s.bin", sha256);
		r = get_file(folder, name, CATALOGUE_IMAGE_MAX, &data, &len);
		close(folder);
	}
	if (r == 0) {
		catalogue_disk_sha256(data, len, sum);
		if (strcmp(sum, sha256) != 0) {
			free(data);
			r = WIPY_E_CORRUPT;
		}
	}
	if (r < 0)
		return image_fault(r, dir, sha256, ret_error);
	*ret_data = data;
	*ret_len = len;
	return 0;
}

/* ---- opening ---------------------------------------------------------------------- */

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

/* 0: gone or to go; 1: it stays. */
static int sweep_image(int folder, const char *name, int64_t before_s, bool dry_run,
	struct catalogue_waste *waste)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISREG(st.st_mode) || st.st_mtime >= before_s)
		return 1;
	if (!dry_run && unlinkat(folder, name, 0) < 0)
		return -errno;
	waste->files++;
	waste->bytes += st.st_size;
	return 0;
}

int catalogue_disk_sweep_images(const char *dir, int64_t before_s, bool dry_run,
	catalogue_keep_fn keep, void *arg, struct catalogue_waste *ret_waste,
	struct errtext *ret_error)
{
	int fd = open_folder(dir, images_folder), r = 0;
	char sha256[SHA256_HEX_MAX];
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return fault(
			ret_error, fd, "cannot read %s/images: %s", dir, strerror(-fd));
	folder = must(fdopendir(fd));
	while (r >= 0 && (entry = readdir(folder))) {
		if (!ends_in(entry->d_name, ".bin") ||
			strlen(entry->d_name) != SHA256_HEX_MAX - 1 + strlen(".bin"))
			continue;
		snprintf(sha256, sizeof(sha256), "%s", entry->d_name);
		if (!keep(arg, sha256))
			r = sweep_image(dirfd(folder), entry->d_name, before_s, dry_run,
				ret_waste);
	}
	closedir(folder);
	return r < 0 ? write_fault(r, dir, "images", ret_error) : 0;
}

static int sweep(int top, const char *folder_name)
{
	int fd = openat(top, folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return -errno;
	folder = must(fdopendir(fd));
	while ((entry = readdir(folder)))
		if (ends_in(entry->d_name, ".tmp") &&
			unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			log_info(TAG, "removed what a broken write left: %s/%s",
				folder_name, entry->d_name);
	closedir(folder);
	return 0;
}

static int prepare(const char *dir)
{
	static const char *const folders[] = {images_folder, releases_folder};
	int top, r = 0;

	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return -errno;
	top = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && r == 0; i++) {
		if (mkdirat(top, folders[i], 0750) < 0 && errno != EEXIST)
			r = -errno;
		else
			r = sweep(top, folders[i]);
	}
	if (r == 0 && fsync(top) < 0)
		r = -errno;
	close(top);
	return r;
}

int catalogue_disk_prepare(const char *dir, struct errtext *ret_error)
{
	int r = prepare(dir);

	if (r == -ENOENT)
		return fault(ret_error, r,
			"cannot open the catalogue %s: the folder above it does not "
			"exist; "
			"create it, or correct state-dir",
			dir);
	return r < 0 ? write_fault(r, dir, "the catalogue", ret_error) : 0;
}

/* The release of that file, malloc'ed, or NULL with a line in the log. */
static struct release *load_release(int folder, const char *file_name)
{
	struct release *release = must(malloc(sizeof(*release)));
	struct errtext error = {"not a readable file of releases"};
	uint8_t *text = NULL;
	size_t len;
	int r = get_file(folder, file_name, RELEASE_FILE_MAX, &text, &len);

	if (r == 0)
		r = catalogue_json_read((const char *)text, len, release, &error);
	else if (r != WIPY_E_CORRUPT)
		fault(&error, r, "%s", strerror(-r));
	free(text);
	if (r == 0 && (strncmp(file_name, release->name, strlen(release->name)) != 0 ||
			      strcmp(file_name + strlen(release->name), ".json") != 0))
		r = fault(&error, WIPY_E_CORRUPT, "it holds the release '%s'",
			release->name);
	if (r == 0)
		return release;
	log_warn(TAG, "skipped the damaged release file %s: %s err=%d", file_name,
		error.text, r);
	free(release);
	return NULL;
}

static int older_first(const void *a, const void *b)
{
	const struct release *x = *(struct release *const *)a;
	const struct release *y = *(struct release *const *)b;

	if (x->added_s != y->added_s)
		return x->added_s < y->added_s ? -1 : 1;
	return strcmp(x->name, y->name);
}

int catalogue_disk_list(const char *dir, struct release ***ret_release,
	size_t *ret_count, size_t *ret_skipped, struct errtext *ret_error)
{
	int fd = open_folder(dir, releases_folder);
	struct release **list, *release;
	struct dirent *entry;
	size_t count = 0, skipped = 0;
	DIR *folder;

	if (fd < 0)
		return fault(ret_error, fd, "cannot read %s/releases: %s", dir,
			strerror(-fd));
	folder = must(fdopendir(fd));
	list = must(malloc(CATALOGUE_RELEASES_MAX * sizeof(struct release *)));
	while ((entry = readdir(folder))) {
		if (!ends_in(entry->d_name, ".json"))
			continue;
		release = count < CATALOGUE_RELEASES_MAX
				  ? load_release(dirfd(folder), entry->d_name)
				  : NULL;
		if (release)
			list[count++] = release;
		else
			skipped++;
	}
	closedir(folder);
	qsort(list, count, sizeof(*list), older_first);
	*ret_release = list;
	*ret_count = count;
	*ret_skipped = skipped;
	return 0;
}
