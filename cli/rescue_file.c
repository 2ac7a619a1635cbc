/* SPDX-License-Identifier: MIT
 *
 * {"format", "sha256", "card" or "receipt"}
 */
#include "config.h"

#include "cli/rescue_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/shape.h"
#include "common/sha256.h"

static const struct {
	const char *key, *format, *origin;
} kinds[] = {
	[RESCUE_CARD] = {"card", "wipyctl rescue card 1",
		"cards are written by: wipyctl rescue card NAME --save FILE"},
	[RESCUE_RECEIPT] = {"receipt", "wipyctl rescue receipt 1",
		"receipts are written by: wipyctl rescue run CARD"},
};

void rescue_sum(const void *data, size_t len, char ret_hex[RESCUE_SUM_MAX])
{
	uint8_t digest[WIPY_SHA256_LEN];
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, data, len);
	wipy_sha256_final(&sha, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

/* However a file spells the same document, this is one spelling of it. */
static bool sum_object(const json_t *object, char ret_hex[RESCUE_SUM_MAX])
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);

	if (text == NULL)
		return false;
	rescue_sum(text, strlen(text), ret_hex);
	free(text);
	return true;
}

char *rescue_file_seal(enum rescue_file kind, const json_t *object)
{
	char sum[RESCUE_SUM_MAX], *text;
	json_t *document;

	if (!sum_object(object, sum))
		return NULL;
	document = json_pack("{s:s, s:s, s:O}", "format", kinds[kind].format, "sha256",
		sum, kinds[kind].key, object);
	text = json_dumps(document, JSON_INDENT(1));
	json_decref(document);
	return text;
}

static const char *fault_of(enum rescue_file kind, const json_t *document)
{
	const json_t *object = shape_object(document, kinds[kind].key);
	const char *format = shape_text(document, "format");
	char sum[RESCUE_SUM_MAX];

	if (strcmp(format, kinds[kind].format) != 0)
		return "it is of another kind or version";
	if (object == NULL || !sum_object(object, sum))
		return "what it should say is missing";
	if (strcmp(shape_text(document, "sha256"), sum) != 0)
		return "it was changed after it was written";
	return NULL;
}

json_t *rescue_file_open(
	enum rescue_file kind, const char *text, size_t len, struct errtext *ret_fault)
{
	json_error_t error;
	json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	json_t *object = NULL;
	const char *fault;

	if (document == NULL) {
		snprintf(ret_fault->text, sizeof(ret_fault->text), "line %d: %s",
			error.line, error.text);
		return NULL;
	}
	fault = fault_of(kind, document);
	if (fault != NULL)
		snprintf(ret_fault->text, sizeof(ret_fault->text), "%s", fault);
	else
		object = json_incref(json_object_get(document, kinds[kind].key));
	json_decref(document);
	return object;
}

/* ---- files ----------------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
	}
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

/* Beside the file, on its file system: a name that is whole or not there. */
static int open_part(const char *path, unsigned int mode, char ret_part[PATH_MAX])
{
	int fd;

	if (snprintf(ret_part, PATH_MAX, "%s.%ld", path, (long)getpid()) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(ret_part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

static int show_fault(struct cli *cli, const char *path, int err)
{
	return cli_fail(cli, EXIT_CODE_USAGE,
		err == -EEXIST ? "give another name; nothing is written over"
			       : "give a name in a folder that can be written to",
		"%s: %s", path, wipy_strerror(err));
}

int rescue_is_free(struct cli *cli, const char *path)
{
	char part[PATH_MAX];
	int fd;

	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return show_fault(cli, path, -EEXIST);
	fd = open_part(path, 0600, part);
	if (fd < 0)
		return show_fault(cli, path, fd);
	(void)close(fd);
	(void)unlink(part);
	return 0;
}

/* Nothing is written over; a file system without links (a stick) has only rename(). */
static int give_name(const char *part, const char *path)
{
	if (link(part, path) == 0) {
		(void)unlink(part);
		return 0;
	}
	if (errno == EEXIST)
		return -EEXIST;
	if (access(path, F_OK) == 0)
		return -EEXIST;
	return rename(part, path) < 0 ? -errno : 0;
}

int rescue_save_bytes(struct cli *cli, const char *path, unsigned int mode,
	const void *data, size_t len)
{
	char part[PATH_MAX];
	int fd = open_part(path, mode, part), err;

	if (fd < 0)
		return show_fault(cli, path, fd);
	err = write_all(fd, data, len);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0)
		err = give_name(part, path);
	if (err == 0)
		return 0;
	(void)unlink(part);
	if (err == -EEXIST)
		return show_fault(cli, path, err);
	return cli_fail(
		cli, EXIT_CODE_INTERNAL, NULL, "%s: %s", path, wipy_strerror(err));
}

int rescue_save_image(
	struct cli *cli, const char *sha256, long long size, const char *path)
{
	char url[CLIENT_PATH_MAX];
	struct failure failure;
	const void *data;
	size_t len;
	int code = cli_path(cli, "/v1/images/", sha256, "", url);

	if (code != 0)
		return code;
	if (client_fetch(cli->client, url, &data, &len, &failure) < 0)
		return cli_show(cli, &failure);
	if ((long long)len != size)
		return cli_fail(cli, EXIT_CODE_INTERNAL, "try again",
			"the daemon sent %zu bytes of the image, it has %lld", len,
			size);
	return rescue_save_bytes(cli, path, 0666, data, len);
}

int rescue_file_write(
	struct cli *cli, enum rescue_file kind, const char *path, const json_t *object)
{
	char *text = rescue_file_seal(kind, object);
	int code;

	if (text == NULL)
		return cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"%s: there is no memory for it", path);
	/* Whoever reads the code could hand in a receipt. */
	code = rescue_save_bytes(cli, path, 0600, text, strlen(text));
	free(text);
	return code;
}

int rescue_file_read(
	struct cli *cli, enum rescue_file kind, const char *path, json_t **ret_object)
{
	struct errtext fault;
	uint8_t *data;
	size_t len;
	int err = file_read(path, RESCUE_FILE_MAX, &data, &len);

	if (err < 0)
		return cli_fail(cli, EXIT_CODE_USAGE, kinds[kind].origin, "%s: %s",
			path, wipy_strerror(err));
	*ret_object = rescue_file_open(kind, (const char *)data, len, &fault);
	free(data);
	if (*ret_object != NULL)
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, kinds[kind].origin, "%s is no %s: %s",
		path, kinds[kind].key, fault.text);
}
