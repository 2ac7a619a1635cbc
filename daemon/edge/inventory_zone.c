/* SPDX-License-Identifier: MIT
 *
 * Time zone files: see the header. The name comes from the inventory and becomes a part of
 * a path, so nothing in it may lead out of the folder.
 */
#include "config.h"

#include "daemon/edge/inventory_zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/zone_tzif.h"

#define FOLDER          "/usr/share/zoneinfo"
#define PATH_LENGTH_MAX 1024

static const char *folder_of_zones(void)
{
	const char *folder = getenv("TZDIR");

	return folder && *folder == '/' && strlen(folder) < PATH_LENGTH_MAX / 2
		       ? folder
		       : FOLDER;
}

/* Parts of letters, digits, '_', '-' and '+', with single slashes between them. */
static bool is_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_-+";

	do {
		size_t len = strspn(name, letters);

		if (len == 0)
			return false;
		name += len;
	} while (*name++ == '/');
	return name[-1] == '\0';
}

/* Returns the number of bytes or a negated errno. */
static ssize_t read_whole(const char *path, uint8_t *data, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat facts;
	ssize_t len = 0, got = 1;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &facts) < 0 || !S_ISREG(facts.st_mode))
		len = -EINVAL;
	while (len >= 0 && got > 0) {
		got = read(fd, data + len, cap - (size_t)len);
		len = got < 0 ? -errno : len + got;
	}
	close(fd);
	return len;
}

static int no_file(
	const char *folder, const char *name, int rc, struct errtext *ret_error)
{
	if (access(folder, X_OK) < 0)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"time zone '%s': there is no folder %.128s: install the "
			"package tzdata",
			name, folder);
	else if (rc == -ENOENT || rc == -ENOTDIR || rc == -EINVAL)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"unknown time zone '%s': write a name as under %.128s, such as "
			"Europe/Berlin or Etc/UTC",
			name, folder);
	else
		snprintf(ret_error->text, sizeof(ret_error->text),
			"time zone '%s' cannot be read from %.128s: %s", name, folder,
			strerror(-rc));
	return rc;
}

int inventory_zone_load(
	const char *name, struct zone *ret_zone, struct errtext *ret_error)
{
	const char *folder = folder_of_zones();
	char path[PATH_LENGTH_MAX];
	uint8_t *data;
	ssize_t len;
	int rc;

	if (!is_name(name))
		return no_file(folder, name, -EINVAL, ret_error);
	data = malloc(ZONE_TZIF_MAX);
	if (!data)
		abort();
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	len = read_whole(path, data, ZONE_TZIF_MAX);
	rc = len < 0 ? no_file(folder, name, (int)len, ret_error)
		     : zone_read_tzif(data, (size_t)len, ret_zone);
	free(data);
	if (len >= 0 && rc < 0)
		snprintf(ret_error->text, sizeof(ret_error->text),
			"time zone '%s': %.128s/%s is %s: install the package tzdata "
			"anew",
			name, folder, name,
			rc == -ENOTSUP ? "one that counts leap seconds"
				       : "no time zone file that can be understood");
	return rc;
}
