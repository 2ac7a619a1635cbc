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
#include "daemon/edge/catalogue_manifest.h"
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
	if (r == -ENOENT)
		return fault(ret_error, WIPY_E_GONE,
			"cannot write %s in %s: the folder is not there any more; put "
			"it back, or start wipyd again",
			name, dir);
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

int catalogue_disk_rewrite_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error)
{
	char name[FILE_NAME_MAX], *text = catalogue_json_write(release, papers);
	int r;

	snprintf(name, sizeof(name), "%s.json", release->name);
	r = put_file(dir, releases_folder, name, text, strlen(text), ret_error);
	free(text);
	return r;
}

int catalogue_disk_put_release(const char *dir, const struct release *release,
	const struct catalogue_papers *papers, struct errtext *ret_error)
{
	int r = catalogue_disk_rewrite_release(dir, release, papers, ret_error);
	char name[FILE_NAME_MAX];

	snprintf(name, sizeof(name), "%s.json", release->name);
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

static struct catalogue_stamp stamp_of(const struct stat *file)
{
	return (struct catalogue_stamp){(uint64_t)file->st_dev, (uint64_t)file->st_ino,
		(int64_t)file->st_size,
		(int64_t)file->st_ctim.tv_sec * 1000000000 + file->st_ctim.tv_nsec};
}

/* Returns WIPY_E_CORRUPT for what cannot be one of our files. */
static int get_file(int folder, const char *name, size_t max, uint8_t **ret_data,
	size_t *ret_len, struct catalogue_stamp *ret_stamp)
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
	/* What changes it while it is read leaves another stamp. */
	*ret_stamp = stamp_of(&st);
	return 0;
}

void catalogue_disk_sha256(
	const uint8_t *data, size_t len, char ret_hex[SHA256_HEX_MAX])
{
	uint8_t sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sum, data, len);
	sodium_bin2hex(ret_hex, SHA256_HEX_MAX, sum, sizeof(sum));
}

/* Of a file in the folder of releases; the sentence does not name it. */
static int read_release(int folder, const char *file_name,
	const struct minisign_trust *trust, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error)
{
	struct catalogue_stamp ignored;
	uint8_t *text = NULL;
	size_t len;
	int r = get_file(folder, file_name, RELEASE_FILE_MAX, &text, &len, &ignored);

	if (r == 0)
		r = catalogue_read_release((const char *)text, len, trust, ret_release,
			ret_papers, ret_error);
	else
		fault(ret_error, r, "%s",
			r == WIPY_E_CORRUPT ? "not a readable file of releases"
					    : strerror(-r));
	free(text);
	if (r < 0)
		return r;
	if (catalogue_is_file_of(file_name, ret_release->name))
		return 0;
	catalogue_papers_done(ret_papers);
	return fault(ret_error, WIPY_E_CORRUPT, "it holds the release '%s'",
		ret_release->name);
}

int catalogue_disk_get_release(const char *dir, const char *name,
	const struct minisign_trust *trust, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error)
{
	int folder = open_folder(dir, releases_folder), r = folder;
	char file_name[FILE_NAME_MAX];
	struct errtext why = {""};

	snprintf(file_name, sizeof(file_name), "%s.json", name);
	if (folder >= 0) {
		r = read_release(
			folder, file_name, trust, ret_release, ret_papers, &why);
		close(folder);
	} else {
		fault(&why, r, "%s", strerror(-r));
	}
	return r < 0 ? fault(ret_error, r, "cannot read %s/releases/%s: %.200s", dir,
			       file_name, why.text)
		     : 0;
}

static int image_fault(
	int r, const char *dir, const char *sha256, struct errtext *ret_error)
{
	if (r == -EINVAL)
		return fault(ret_error, r,
			"an image is named by its SHA-256: 64 lower-case hex digits");
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
	size_t *ret_len, struct catalogue_stamp *ret_stamp, struct errtext *ret_error)
{
	char name[FILE_NAME_MAX], sum[SHA256_HEX_MAX];
	struct catalogue_stamp stamp;
	uint8_t *data = NULL;
	size_t len = 0;
	int folder, r;

	if (!catalogue_is_sha256(sha256))
		return image_fault(-EINVAL, dir, sha256, ret_error);
	folder = open_folder(dir, images_folder);
	if (folder < 0)
		return fault(ret_error, folder,
			"cannot read %s/images: %s; was the state folder of wipyd "
			"removed or replaced?",
			dir, strerror(-folder));
	snprintf(name, sizeof(name), "%s.bin", sha256);
	r = get_file(folder, name, CATALOGUE_IMAGE_MAX, &data, &len, &stamp);
	close(folder);
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
	*ret_stamp = stamp;
	return 0;
}

int catalogue_disk_stamp(
	const char *dir, const char *sha256, struct catalogue_stamp *ret_stamp)
{
	char name[FILE_NAME_MAX];
	int folder = open_folder(dir, images_folder), r;
	struct stat file;

	if (folder < 0)
		return folder;
	snprintf(name, sizeof(name), "%s.bin", sha256);
	r = fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	close(folder);
	if (r == 0)
		*ret_stamp = stamp_of(&file);
	return r;
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
static struct release *load_release(
	int folder, const char *file_name, const struct minisign_trust *trust)
{
	struct release *release = must(malloc(sizeof(*release)));
	struct catalogue_own_papers papers;
	struct errtext error = {""};
	int r = read_release(folder, file_name, trust, release, &papers, &error);

	if (r == 0) {
		catalogue_papers_done(&papers);
		return release;
	}
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

static void note_damaged(struct catalogue_listing *listing, const char *file_name)
{
	listing->damaged = must(realloc(listing->damaged,
		(listing->damaged_count + 1) * sizeof(*listing->damaged)));
	listing->damaged[listing->damaged_count++] = must(strdup(file_name));
}

int catalogue_disk_list(const char *dir, const struct minisign_trust *trust,
	struct catalogue_listing *ret_listing, struct errtext *ret_error)
{
	int fd = open_folder(dir, releases_folder);
	struct catalogue_listing list = {NULL, NULL, 0, 0};
	struct release *release;
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return fault(ret_error, fd, "cannot read %s/releases: %s", dir,
			strerror(-fd));
	folder = must(fdopendir(fd));
	list.release = must(malloc(CATALOGUE_RELEASES_MAX * sizeof(struct release *)));
	while ((entry = readdir(folder))) {
		if (!ends_in(entry->d_name, ".json"))
			continue;
		release = list.count < CATALOGUE_RELEASES_MAX
				  ? load_release(dirfd(folder), entry->d_name, trust)
				  : NULL;
		if (release)
			list.release[list.count++] = release;
		else
			note_damaged(&list, entry->d_name);
	}
	closedir(folder);
	qsort(list.release, list.count, sizeof(*list.release), older_first);
	*ret_listing = list;
	return 0;
}
