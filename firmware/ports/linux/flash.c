/* SPDX-License-Identifier: MIT
 *
 * Flash in files. Layout of board-NNNN.flash: one sector of its own (a magic word, the
 * size of its slots and the set of factory sectors that this board has changed), then
 * the areas one after the other.
 */
#include "config.h"

#include "firmware/ports/linux/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "firmware/ports/linux/faults.h"

#define SECTOR        ((size_t)HAL_FLASH_SECTOR)
#define FILE_MAGIC    0x324C465957495057u
#define BUFFER_LEN    4096
#define FILE_NAME_MAX 32
#define BLOCK_LEN     512 /* what the time of a write is told for */

struct file_head {
	uint64_t magic;
	uint64_t slot_size;
	uint64_t factory_own[FLASH_OWN_WORDS];
};

static struct file_head make_head(const struct hal *hal)
{
	struct file_head head = {
		.magic = FILE_MAGIC, .slot_size = hal->fleet->sizes[HAL_AREA_FACTORY]};

	memcpy(head.factory_own, hal->flash.factory_own, sizeof(head.factory_own));
	return head;
}

/* A file of another family has slots of another size. */
static bool is_ours(const struct hal *hal, const struct file_head *head)
{
	return head->magic == FILE_MAGIC &&
	       head->slot_size == hal->fleet->sizes[HAL_AREA_FACTORY];
}

static void file_name(const struct hal *hal, char ret_name[FILE_NAME_MAX])
{
	snprintf(ret_name, FILE_NAME_MAX, "board-%04d%s.flash", hal->number,
		hurt_by(&hal->hurt, FAULT_SWAP) ? "-other" : "");
}

/* Says what is wrong with a flash file: once for each that is none, and once for all
 * where the disk is full, since that strikes every board. Returns what the core is told,
 * flash that fails; a hand learns the reason. */
static int complain(struct hal *hal, int err)
{
	const char *dir = hal->fleet->options->flash_dir;
	char name[FILE_NAME_MAX];

	if (err == 0)
		return 0;
	file_name(hal, name);
	if (err == WIPY_E_CORRUPT && !hal->flash.complained) {
		hal->flash.complained = true;
		fprintf(stderr,
			"wipyboard: %s/%s is damaged or of another family: remove it "
			"while the board has no power, and it is a fresh one\n",
			dir, name);
	} else if (err != WIPY_E_CORRUPT && hal->fleet->flash_told != err) {
		hal->fleet->flash_told = err;
		fprintf(stderr,
			"wipyboard: cannot use %s/%s: %s: make room there, or see to "
			"it that it can be written; the boards' flash fails until "
			"then\n",
			dir, name, strerror(-err));
	}
	return hal->by_hand ? err : -EIO;
}

/* Reads the head. -ENOENT: there is none yet, the file was made and never written. */
static int read_head(const struct hal *hal, int fd, struct file_head *ret_head)
{
	ssize_t n = pread(fd, ret_head, sizeof(*ret_head), 0);

	if (n < 0)
		return -errno;
	if (n == 0)
		return -ENOENT;
	return n == sizeof(*ret_head) && is_ours(hal, ret_head) ? 0 : WIPY_E_CORRUPT;
}

/* As much as it takes: a disk that is nearly full stores a part first. */
static int write_all(int fd, const void *buf, size_t len, off_t at)
{
	const uint8_t *bytes = buf;

	while (len > 0) {
		ssize_t n = pwrite(fd, bytes, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Opens the file; `create` makes it. -ENOENT where it is not there. */
static int open_file(struct hal *hal, bool create)
{
	struct flash *flash = &hal->flash;
	char name[FILE_NAME_MAX];
	struct file_head head;
	int fd, err;

	if (flash->fd >= 0)
		return 0;
	if (flash->looked && !flash->exists && !create)
		return -ENOENT;
	file_name(hal, name);
	fd = openat(hal->fleet->dir_fd, name,
		O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0644);
	err = fd < 0 ? -errno : read_head(hal, fd, &head);
	if (err == -ENOENT && fd >= 0 && create) {
		head = make_head(hal);
		err = write_all(fd, &head, sizeof(head), 0);
	}
	if (err < 0 && fd >= 0)
		close(fd);
	if (err < 0 && err != -ENOENT)
		return err;
	flash->looked = true;
	flash->exists = err == 0;
	if (err == 0) {
		flash->fd = fd;
		memcpy(flash->factory_own, head.factory_own, sizeof(head.factory_own));
	}
	return err;
}

void flash_rest(struct hal *hal)
{
	if (hal->flash.fd >= 0)
		close(hal->flash.fd);
	hal->flash.fd = -1;
}

bool flash_factory_changed(const struct hal *hal)
{
	static const uint64_t none[FLASH_OWN_WORDS];

	return memcmp(hal->flash.factory_own, none, sizeof(none)) != 0;
}

void flash_forget(struct hal *hal)
{
	flash_rest(hal);
	hal->flash.looked = false;
	hal->flash.exists = false;
	hal->flash.complained = false;
	memset(&hal->flash.factory_own, 0, sizeof(hal->flash.factory_own));
	for (int i = 0; i < HAL_AREA_COUNT; i++)
		hal->slot_texts[i].known = false;
}

static int write_own(struct hal *hal)
{
	struct file_head head = make_head(hal);

	return write_all(hal->flash.fd, &head, sizeof(head), 0);
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
	size_t sector = offset / SECTOR;

	return area == HAL_AREA_FACTORY &&
	       !(hal->flash.factory_own[sector / 64] >> sector % 64 & 1);
}

static int read_own(
	struct hal *hal, enum hal_area area, size_t offset, uint8_t *buf, size_t len)
{
	ssize_t n;

	memset(buf, 0xFF, len);
	if (!hal->flash.exists)
		return 0;
	n = pread(hal->flash.fd, buf, len, hal->fleet->offsets[area] + (off_t)offset);
	if (n < 0)
		return -errno;
	for (ssize_t i = 0; i < n; i++)
		buf[i] = (uint8_t)~buf[i];
	return 0;
}

static bool is_within(
	const struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	size_t size = hal->fleet->sizes[area];

	return len <= size && offset <= size - len;
}

int hal_flash_read(
	struct hal *hal, enum hal_area area, size_t offset, void *buf, size_t len)
{
	uint8_t *bytes = buf;
	int err;

	if (hal->power_lost)
		return -EIO;
	err = open_file(hal, false);
	if (err < 0 && err != -ENOENT)
		return complain(hal, err);
	if (!is_within(hal, area, offset, len))
		return -EINVAL;
	while (len > 0) {
		size_t n = SECTOR - offset % SECTOR;

		if (n > len)
			n = len;
		if (is_shared(hal, area, offset))
			read_factory(hal->fleet, offset, bytes, n);
		else if ((err = read_own(hal, area, offset, bytes, n)) < 0)
			return complain(hal, err);
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
		int err;

		for (size_t i = 0; i < n; i++)
			inverted[i] = (uint8_t)~bytes[i];
		err = write_all(hal->flash.fd, inverted, n,
			hal->fleet->offsets[area] + (off_t)offset);
		if (err < 0)
			return err;
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
	uint64_t *own = &hal->flash.factory_own[start / SECTOR / 64];
	uint64_t bit = (uint64_t)1 << start / SECTOR % 64;
	int err;

	if (!is_shared(hal, area, offset))
		return 0;
	if (copy) {
		read_factory(hal->fleet, start, sector, sizeof(sector));
		err = store(hal, area, start, sector, sizeof(sector));
		if (err < 0)
			return err;
	}
	*own |= bit;
	err = write_own(hal);
	if (err < 0)
		*own &= ~bit; /* the file does not say so */
	return err;
}

/* A fault of the flash: one byte of an image is stored wrong. */
static void corrupt(const struct hal *hal, enum hal_area area, size_t offset,
	uint8_t *bytes, size_t len)
{
	const size_t at = SLOT_HEADER_LEN + 1000;

	if (!hal->by_hand && hurt_by(&hal->hurt, FAULT_CORRUPT_IMAGE) &&
		(area == HAL_AREA_UPDATE1 || area == HAL_AREA_UPDATE2) &&
		at >= offset && at < offset + len)
		bytes[at - offset] ^= 0x01;
}

/* Something is about to change. */
static int begin_change(struct hal *hal, enum hal_area area, bool *ret_power_fails)
{
	hal->slot_texts[area].known = false;
	*ret_power_fails = !hal->by_hand && faults_cut_power(hal);
	return open_file(hal, true);
}

static void take_time(struct hal *hal, uint64_t us)
{
	if (!hal->by_hand)
		hal->flash_us += us;
}

static int program(struct hal *hal, enum hal_area area, size_t offset,
	const uint8_t *from, size_t len)
{
	uint8_t bytes[BUFFER_LEN];

	while (len > 0) {
		size_t n = SECTOR - offset % SECTOR;
		int err;

		if (n > len)
			n = len;
		err = take_sector(hal, area, offset, true);
		if (err == 0)
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

int hal_flash_write(
	struct hal *hal, enum hal_area area, size_t offset, const void *buf, size_t len)
{
	bool power_fails = false;
	int err;

	if (!is_within(hal, area, offset, len) || (offset | len) % 4 != 0)
		return -EINVAL;
	if (hal->power_lost)
		return -EIO;
	err = begin_change(hal, area, &power_fails);
	if (err < 0)
		return complain(hal, err);
	take_time(hal, (len + BLOCK_LEN - 1) / BLOCK_LEN *
			       hal->fleet->options->profile.write_us);
	err = program(hal, area, offset, buf, power_fails ? len / 2 : len);
	return power_fails ? -EIO : complain(hal, err);
}

/* Where the file system cannot punch holes, zeros are written. */
static int punch(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	static const uint8_t erased[HAL_FLASH_SECTOR] = {0};
	off_t at = hal->fleet->offsets[area] + (off_t)offset;

	if (fallocate(hal->flash.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at,
		    (off_t)len) == 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	for (size_t i = 0; i < len; i += SECTOR) {
		int err = write_all(hal->flash.fd, erased, SECTOR, at + (off_t)i);

		if (err < 0)
			return err;
	}
	return 0;
}

static int clear(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	for (size_t i = 0; i < len; i += SECTOR) {
		int err = take_sector(hal, area, offset + i, false);

		if (err < 0)
			return err;
	}
	return len > 0 ? punch(hal, area, offset, len) : 0;
}

/* Power has failed half way: of the sector that was being erased the first half is
 * erased, the other holds whatever it holds. */
static void leave_half_erased(
	struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	size_t whole = len / 2 / SECTOR * SECTOR;
	uint8_t noise[HAL_FLASH_SECTOR / 2];
	uint32_t seed = (uint32_t)hal->number + (uint32_t)offset;

	for (size_t i = 0; i < sizeof(noise); i++) {
		seed = seed * 1664525u + 1013904223u;
		noise[i] = (uint8_t)(seed >> 24);
	}
	if (clear(hal, area, offset, whole + SECTOR) == 0)
		(void)store(
			hal, area, offset + whole + SECTOR / 2, noise, sizeof(noise));
}

int hal_flash_erase(struct hal *hal, enum hal_area area, size_t offset, size_t len)
{
	bool power_fails = false;
	int err;

	if (!is_within(hal, area, offset, len) || (offset | len) % SECTOR != 0)
		return -EINVAL;
	if (hal->power_lost)
		return -EIO;
	err = begin_change(hal, area, &power_fails);
	if (err < 0)
		return complain(hal, err);
	take_time(hal,
		len / SECTOR * hal->fleet->options->profile.erase_ms * (uint64_t)1000);
	if (!power_fails)
		return complain(hal, clear(hal, area, offset, len));
	leave_half_erased(hal, area, offset, len);
	return -EIO;
}

size_t hal_flash_size(struct hal *hal, enum hal_area area)
{
	return hal->fleet->sizes[area];
}
