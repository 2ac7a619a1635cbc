/* SPDX-License-Identifier: MIT
 *
 * Flash in files. Layout of board-NNNN.flash: one sector of its own (a magic word and
 * the set of factory sectors that this board has changed), then the areas one after
 * the other.
 */
#include "config.h"

#include "firmware/ports/linux/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/image.h"

#define SECTOR       ((size_t)HAL_FLASH_SECTOR)
#define FILE_MAGIC   0x314C465957495057u
#define IMAGE_MAX    196608u
#define SLOT_SIZE    (SLOT_HEADER_LEN + IMAGE_MAX)
#define RECORD_SIZE  (2 * SECTOR)
#define FILES_SIZE   (64 * SECTOR)
#define AUX_SIZE     (16 * SECTOR)
#define FACTORY_NAME "factory.bin"
#define BUFFER_LEN   4096

struct file_head {
	uint64_t magic;
	uint64_t factory_own;
};

static const size_t sizes[HAL_AREA_COUNT] = {
	[HAL_AREA_RECORD] = RECORD_SIZE,
	[HAL_AREA_FACTORY] = SLOT_SIZE,
	[HAL_AREA_UPDATE1] = SLOT_SIZE,
	[HAL_AREA_UPDATE2] = SLOT_SIZE,
	[HAL_AREA_FILES] = FILES_SIZE,
	[HAL_AREA_AUX] = AUX_SIZE,
};

/* ---- the folder --------------------------------------------------------------- */

static int fail(struct errtext *error, int code, const char *what, const char *name,
	const char *hint)
{
	snprintf(error->text, sizeof(error->text), "%s %s: %s%s", what, name,
		wipy_strerror(code), hint);
	return code;
}

/* Reads a whole file of at most IMAGE_MAX bytes; the caller frees *ret_bytes. */
static int read_file(int dir_fd, const char *path, uint8_t **ret_bytes, size_t *ret_len)
{
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = NULL;
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	bytes = malloc(IMAGE_MAX + 1);
	while (bytes && len <= IMAGE_MAX &&
		(n = read(fd, bytes + len, IMAGE_MAX + 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (!bytes || n < 0 || len > IMAGE_MAX) {
		int err = !bytes ? -ENOMEM : n < 0 ? -EIO : WIPY_E_IMAGE_TOO_BIG;

		free(bytes);
		return err;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}

/* Under another name first: a folder never holds half a factory image. */
static int write_factory(int dir_fd, const uint8_t *bytes, size_t len)
{
	int fd = openat(dir_fd, FACTORY_NAME ".new",
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t done = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (done < len && (n = write(fd, bytes + done, len - done)) > 0)
		done += (size_t)n;
	if (close(fd) < 0 || done < len)
		return -EIO;
	return renameat(dir_fd, FACTORY_NAME ".new", dir_fd, FACTORY_NAME) < 0 ? -errno
									       : 0;
}

/* A folder keeps the image that it was made with, whatever the command line says now. */
static void warn_if_other(const struct fleet *fleet, const char *dir, const char *image)
{
	uint8_t *bytes = NULL;
	size_t len = 0;

	if (!image)
		return;
	if (read_file(AT_FDCWD, image, &bytes, &len) < 0 || len != fleet->factory_len ||
		memcmp(bytes, fleet->factory, len) != 0)
		fprintf(stderr,
			"wipyboard: %s is not used: the flash folder %s has a factory "
			"image already (%s)\n",
			image, dir, fleet->factory_text);
	free(bytes);
}

/* The factory image of the folder, or `image` for a new one. */
static int read_factory_image(struct fleet *fleet, const char *dir, const char *image,
	bool *ret_is_new, struct errtext *ret_error)
{
	int err = read_file(
		fleet->dir_fd, FACTORY_NAME, &fleet->factory, &fleet->factory_len);

	*ret_is_new = err == -ENOENT;
	if (err == 0)
		return 0;
	if (err != -ENOENT)
		return fail(ret_error, err, "cannot read " FACTORY_NAME " in", dir, "");
	if (!image) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"the flash folder %s is new: name its factory image with "
			"--image",
			dir);
		return -EINVAL;
	}
	err = read_file(AT_FDCWD, image, &fleet->factory, &fleet->factory_len);
	return err < 0 ? fail(ret_error, err, "cannot read the image", image, "") : 0;
}

static int load_factory(struct fleet *fleet, const char *dir, const char *image,
	struct errtext *ret_error)
{
	struct wipy_image_info info;
	bool is_new;
	int err = read_factory_image(fleet, dir, image, &is_new, ret_error);

	if (err < 0)
		return err;
	wipy_image_inspect(fleet->factory, fleet->factory_len, &info);
	if (info.verdict < 0)
		return fail(ret_error, info.verdict, "cannot use the factory image",
			is_new ? image : FACTORY_NAME,
			": make one with `wipyboard image`");
	wipy_fingerprint_format(&info.fingerprint, fleet->factory_text);
	if (!is_new) {
		warn_if_other(fleet, dir, image);
		return 0;
	}
	err = write_factory(fleet->dir_fd, fleet->factory, fleet->factory_len);
	return err < 0 ? fail(ret_error, err, "cannot write " FACTORY_NAME " in", dir,
				 "")
		       : 0;
}

int flash_open_folder(struct fleet *fleet, const char *dir, const char *image,
	struct errtext *ret_error)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return fail(ret_error, -errno, "cannot make the folder", dir, "");
	fleet->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fleet->dir_fd < 0)
		return fail(ret_error, -errno, "cannot open the folder", dir, "");
	if (flock(fleet->dir_fd, LOCK_EX | LOCK_NB) < 0) {
		int err = -errno;

		snprintf(ret_error->text, sizeof(ret_error->text),
			"another wipyboard uses the flash folder %s", dir);
		return err;
	}
	return load_factory(fleet, dir, image, ret_error);
}

void flash_close_folder(struct fleet *fleet)
{
	free(fleet->factory);
	fleet->factory = NULL;
	if (fleet->dir_fd >= 0)
		close(fleet->dir_fd);
	fleet->dir_fd = -1;
}

/* ---- one board's file --------------------------------------------------------- */

static off_t area_offset(enum hal_area area)
{
	off_t offset = (off_t)SECTOR;

	for (int i = 0; i < (int)area; i++)
		offset += (off_t)sizes[i];
	return offset;
}

/* Opens the file; `create` makes it. -ENOENT where it is not there. */
static int open_file(struct hal *hal, bool create)
{
	struct flash *flash = &hal->flash;
	char name[32];
	struct file_head head = {FILE_MAGIC, 0};

	if (flash->fd >= 0)
		return 0;
	if (flash->looked && !flash->exists && !create)
		return -ENOENT;
	snprintf(name, sizeof(name), "board-%04d.flash", hal->number);
	flash->fd = openat(hal->fleet->dir_fd, name, O_RDWR | O_CLOEXEC);
	if (flash->fd >= 0) {
		if (pread(flash->fd, &head, sizeof(head), 0) != sizeof(head) ||
			head.magic != FILE_MAGIC) {
			close(flash->fd);
			flash->fd = -1;
			return WIPY_E_CORRUPT;
		}
	} else if (errno != ENOENT) {
		return -errno;
	} else if (create) {
		flash->fd = openat(hal->fleet->dir_fd, name,
			O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (flash->fd < 0)
			return -errno;
		if (pwrite(flash->fd, &head, sizeof(head), 0) != sizeof(head))
			return -EIO;
	}
	flash->looked = true;
	flash->exists = flash->fd >= 0;
	flash->factory_own = head.factory_own;
	return flash->exists ? 0 : -ENOENT;
}

void flash_rest(struct hal *hal)
{
	if (hal->flash.fd >= 0)
		close(hal->flash.fd);
	hal->flash.fd = -1;
}

static int write_own(struct hal *hal)
{
	struct file_head head = {FILE_MAGIC, hal->flash.factory_own};

	return pwrite(hal->flash.fd, &head, sizeof(head), 0) == sizeof(head) ? 0 : -EIO;
}

/* The shared factory image as flash would hold it: header, image, erased rest. */
static void read_factory(
	const struct fleet *fleet, size_t offset, uint8_t *buf, size_t len)
{
	uint8_t header[SLOT_HEADER_BYTES];

	slot_header(fleet->factory_len, header);
	for (size_t i = 0; i < len;) {
		size_t at = offset + i, n = 1;

		buf[i] = 0xFF;
		if (at < sizeof(header)) {
			buf[i] = header[at];
		} else if (at >= SLOT_HEADER_LEN &&
			   at - SLOT_HEADER_LEN < fleet->factory_len) {
			size_t from = at - SLOT_HEADER_LEN;

			n = fleet->factory_len - from;
			if (n > len - i)
				n = len - i;
			memcpy(buf + i, fleet->factory + from, n);
		}
		i += n;
	}
}

static bool is_shared(const struct hal *hal, enum hal_area area, size_t offset)
{
	return area == HAL_AREA_FACTORY &&
	       !(hal->flash.factory_own >> (offset / SECTOR) & 1);
}

static int read_own(
	struct hal *hal, enum hal_area area, size_t offset, uint8_t *buf, size_t len)
{
	ssize_t n;

	memset(buf, 0xFF, len);
	if (!hal->flash.exists)
		return 0;
	n = pread(hal->flash.fd, buf, len, area_offset(area) + (off_t)offset);
	if (n < 0)
		return -errno;
	for (ssize_t i = 0; i < n; i++)
		buf[i] = (uint8_t)~buf[i];
	return 0;
}

int hal_flash_read(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	uint8_t *bytes = buf;
	int err = open_file(hal, false);

	if (err < 0 && err != -ENOENT)
		return err;
	if (len > sizes[area] || offset > sizes[area] - len)
		return -EINVAL;
	while (len > 0) {
		size_t n = SECTOR - offset % SECTOR;

		if (n > len)
			n = len;
		if (is_shared(hal, area, offset))
			read_factory(hal->fleet, offset, bytes, n);
		else if ((err = read_own(hal, area, offset, bytes, n)) < 0)
			return err;
		bytes += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* Stores bytes as they are, inverted. */
static int store(struct hal *hal, enum hal_area area, size_t offset,
	const uint8_t *bytes, size_t len)
{
	uint8_t inverted[BUFFER_LEN];

	while (len > 0) {
		size_t n = len < sizeof(inverted) ? len : sizeof(inverted);

		for (size_t i = 0; i < n; i++)
			inverted[i] = (uint8_t)~bytes[i];
		if (pwrite(hal->flash.fd, inverted, n,
			    area_offset(area) + (off_t)offset) != (ssize_t)n)
			return -EIO;
		bytes += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* Makes the sector the board's own before it changes. */
static int take_sector(struct hal *hal, enum hal_area area, size_t offset, bool copy)
{
	uint8_t sector[HAL_FLASH_SECTOR];
	size_t start = offset - offset % SECTOR;
	int err;

	if (!is_shared(hal, area, offset))
		return 0;
	if (copy) {
		read_factory(hal->fleet, start, sector, sizeof(sector));
		err = store(hal, area, start, sector, sizeof(sector));
		if (err < 0)
			return err;
	}
	hal->flash.factory_own |= (uint64_t)1 << (start / SECTOR);
	return write_own(hal);
}

/* A fault of the flash: one byte of an image is stored wrong. */
static void corrupt(const struct hal *hal, enum hal_area area, size_t offset,
	uint8_t *bytes, size_t len)
{
	const size_t at = SLOT_HEADER_LEN + 1000;

	if ((hal->faults & FAULT_CORRUPT_IMAGE) &&
		(area == HAL_AREA_UPDATE1 || area == HAL_AREA_UPDATE2) &&
		at >= offset && at < offset + len)
		bytes[at - offset] ^= 0x01;
}

int hal_flash_write(
	struct hal *hal, enum hal_area area, size_t offset, const void *buf, size_t len)
{
	const uint8_t *from = buf;
	uint8_t bytes[BUFFER_LEN];
	int err = open_file(hal, true);

	if (err < 0)
		return err;
	if (len > sizes[area] || offset > sizes[area] - len || (offset | len) % 4 != 0)
		return -EINVAL;
	hal->slot_texts[area].known = false;
	while (len > 0) {
		size_t n = SECTOR - offset % SECTOR;

		if (n > len)
			n = len;
		err = take_sector(hal, area, offset, true);
		if (err < 0)
			return err;
		err = read_own(hal, area, offset, bytes, n);
		if (err < 0)
			return err;
		for (size_t i = 0; i < n; i++)
			bytes[i] &= from[i];
		corrupt(hal, area, offset, bytes, n);
		err = store(hal, area, offset, bytes, n);
		if (err < 0)
			return err;
		from += n;
		offset += n;
		len -= n;
	}
	return 0;
}

/* Where the file system cannot punch holes, zeros are written. */
static int clear(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	static const uint8_t erased[HAL_FLASH_SECTOR] = {0};
	off_t at = area_offset(area) + (off_t)offset;

	if (fallocate(hal->flash.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at,
		    (off_t)len) == 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	for (size_t i = 0; i < len; i += SECTOR)
		if (pwrite(hal->flash.fd, erased, SECTOR, at + (off_t)i) !=
			(ssize_t)SECTOR)
			return -EIO;
	return 0;
}

int hal_flash_erase(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	int err = open_file(hal, true);

	if (err < 0)
		return err;
	if (len > sizes[area] || offset > sizes[area] - len ||
		(offset | len) % SECTOR != 0)
		return -EINVAL;
	hal->slot_texts[area].known = false;
	for (size_t i = 0; i < len; i += SECTOR) {
		err = take_sector(hal, area, offset + i, false);
		if (err < 0)
			return err;
	}
	return clear(hal, area, offset, len);
}

size_t hal_flash_size(struct hal *hal, enum hal_area area)
{
	(void)hal;
	return sizes[area];
}
