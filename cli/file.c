/* SPDX-License-Identifier: MIT
 *
 * Reads until the end instead of trusting a size: a file may grow, and a pipe has none.
 */
#include "config.h"

#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/utf8.h"

static int file_fill(int fd, uint8_t *data, size_t cap, size_t *ret_len)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t got = read(fd, data + len, cap - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	*ret_len = len;
	return 0;
}

int file_read(const char *path, size_t max, uint8_t **ret_data, size_t *ret_len)
{
	/* One byte more than allowed shows that it is too long. */
	uint8_t *data = malloc(max + 1);
	size_t len = 0;
	int err = 0, fd;

	if (data == NULL)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(data);
		return err;
	}
	err = file_fill(fd, data, max + 1, &len);
	close(fd);
	if (err == 0 && len > max)
		err = -EFBIG;
	if (err < 0) {
		free(data);
		return err;
	}
	*ret_data = data;
	*ret_len = len;
	return 0;
}

json_t *file_name_json(const char *path)
{
	char *name = strdup(path);
	json_t *json;

	if (!name)
		abort();
	wipy_utf8_mend(name);
	json = json_string(name);
	free(name);
	return json;
}
