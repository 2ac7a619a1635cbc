/* SPDX-License-Identifier: MIT
 *
 * The folder that keeps a fleet's flash: its lock, the factory image that all boards
 * share, and how large the areas of this family are.
 */
#include "config.h"

#include "firmware/ports/linux/flash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/esp_image.h"
#include "common/image.h"

#define SECTOR        ((size_t)HAL_FLASH_SECTOR)
#define FILES_SECTORS 64
#define AUX_SECTORS   16
#define FACTORY_NAME  "factory.bin"

static int fail(struct errtext *error, int code, const char *what, const char *name,
	const char *hint)
{
	snprintf(error->text, sizeof(error->text), "%s %s: %s%s", what, name,
		wipy_strerror(code), hint);
	return code;
}

int flash_read_file(const struct fleet *fleet, int dir_fd, const char *path,
	uint8_t **ret_bytes, size_t *ret_len)
{
	size_t max = fleet->options->profile.family->image_max;
	int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = NULL;
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	bytes = malloc(max + 1);
	while (bytes && len <= max && (n = read(fd, bytes + len, max + 1 - len)) > 0)
		len += (size_t)n;
	close(fd);
	if (!bytes || n < 0 || len > max) {
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
	if (flash_read_file(fleet, AT_FDCWD, image, &bytes, &len) < 0 ||
		len != fleet->factory_len || memcmp(bytes, fleet->factory, len) != 0)
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
	int err = flash_read_file(fleet, fleet->dir_fd, FACTORY_NAME, &fleet->factory,
		&fleet->factory_len);

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
	err = flash_read_file(
		fleet, AT_FDCWD, image, &fleet->factory, &fleet->factory_len);
	return err < 0 ? fail(ret_error, err, "cannot read the image", image, "") : 0;
}

/* The proof that the family's loader asks for (slot_check.h); on a WiPy all that can be
 * told about an image. Without it no board would start. */
static int prove(const struct fleet *fleet)
{
	enum wipy_proof proof = fleet->options->profile.family->proof;
	struct wipy_image_info info;
	struct wipy_esp_image esp;
	int err;

	if (proof == WIPY_PROOF_MD5) {
		wipy_image_inspect(fleet->factory, fleet->factory_len, &info);
		return info.verdict;
	}
	wipy_esp_image_init(&esp, proof != WIPY_PROOF_ESP8266);
	wipy_esp_image_update(&esp, fleet->factory, fleet->factory_len);
	err = wipy_esp_image_verdict(&esp);
	return err < 0 || (proof == WIPY_PROOF_ESP32 && !esp.has_hash)
		       ? WIPY_E_IMAGE_FAMILY
		       : 0;
}

static int refuse_factory(
	struct errtext *error, int err, const char *dir, const char *image)
{
	if (image)
		return fail(error, err, "cannot use the factory image", image,
			": make one for this family with `wipyboard image`");
	return fail(error, err, "cannot use " FACTORY_NAME " in", dir,
		": it is damaged or of another family; use another folder, or remove "
		"this one, and name an image with --image");
}

static int load_factory(struct fleet *fleet, const char *dir, const char *image,
	struct errtext *ret_error)
{
	struct wipy_fingerprint fp;
	bool is_new;
	int err = read_factory_image(fleet, dir, image, &is_new, ret_error);

	if (err < 0)
		return err;
	err = prove(fleet);
	if (err == 0)
		err = wipy_image_find_fingerprint(
			fleet->factory, fleet->factory_len, &fp);
	if (err < 0)
		return refuse_factory(ret_error, err, dir, is_new ? image : NULL);
	wipy_fingerprint_format(&fp, fleet->factory_text);
	if (!is_new) {
		warn_if_other(fleet, dir, image);
		return 0;
	}
	err = write_factory(fleet->dir_fd, fleet->factory, fleet->factory_len);
	return err < 0 ? fail(ret_error, err, "cannot write " FACTORY_NAME " in", dir,
				 "")
		       : 0;
}

/* Slots as large as the family's images, one after the other; Pycom boards have two
 * (WIRE.md 3.4). */
static void lay_out(struct fleet *fleet)
{
	const struct wipy_personality *family = fleet->options->profile.family;
	size_t slot =
		SLOT_HEADER_LEN + (family->image_max + SECTOR - 1) / SECTOR * SECTOR;
	size_t offset = SECTOR;

	fleet->sizes[HAL_AREA_RECORD] = 2 * SECTOR;
	fleet->sizes[HAL_AREA_FACTORY] = slot;
	fleet->sizes[HAL_AREA_UPDATE1] = slot;
	fleet->sizes[HAL_AREA_UPDATE2] = family->boot == WIPY_BOOT_PYCOM ? 0 : slot;
	fleet->sizes[HAL_AREA_FILES] = FILES_SECTORS * SECTOR;
	fleet->sizes[HAL_AREA_AUX] = AUX_SECTORS * SECTOR;
	for (int i = 0; i < HAL_AREA_COUNT; i++) {
		fleet->offsets[i] = (off_t)offset;
		offset += fleet->sizes[i];
	}
	/* one bit a sector of the factory slot */
	assert(slot / SECTOR <= FLASH_OWN_WORDS * 64);
}

int flash_open_folder(struct fleet *fleet, const char *dir, const char *image,
	struct errtext *ret_error)
{
	lay_out(fleet);
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
