/* SPDX-License-Identifier: MIT
 *
 * The lock is an open-file-description lock: it belongs to this one descriptor, so that
 * a second store in the same process is refused as well, and nothing that the process
 * opens or closes elsewhere lets go of it.
 */
#include "config.h"

#include "daemon/edge/store_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What to try next; "" where the error's own text says it all. */
static const char *advice(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return ": the state folder and its files must belong to the user that "
		       "wipyd runs as";
	case EROFS:
		return ": choose a state-dir on a file system that can be written";
	case ENOENT:
		return ": create the folder above it, or correct state-dir";
	case ENOSPC:
	case EDQUOT:
		return ": make room and start wipyd again";
	default:
		return "";
	}
}

static int system_error(
	int error, const char *doing, const char *path, struct errtext *ret_error)
{
	snprintf(ret_error->text, sizeof(ret_error->text), "cannot %s %.150s: %s%s",
		doing, path, strerror(error), advice(error));
	return error == ENOSPC || error == EDQUOT ? WIPY_E_FULL : -error;
}

static int path_in(const char *dir, const char *name, char ret_path[STORE_PATH_MAX],
	struct errtext *ret_error)
{
	char path[STORE_PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return system_error(
			ENAMETOOLONG, "use the state folder", dir, ret_error);
	memcpy(ret_path, path, strlen(path) + 1);
	return 0;
}

/* The number that the owner of the lock has written, or 0. */
static long owner_pid(int fd)
{
	char text[24] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return strtol(text, NULL, 10);
}

static int say_locked(int fd, const char *dir, struct errtext *ret_error)
{
	char who[40] = "";
	long pid = owner_pid(fd);

	if (pid > 0)
		snprintf(who, sizeof(who), " (pid %ld)", pid);
	snprintf(ret_error->text, sizeof(ret_error->text),
		"another wipyd%s uses the state folder %.150s: stop it, or give this "
		"one another state-dir",
		who, dir);
	return WIPY_E_LOCKED;
}

/* For the sentence that a second daemon shows, nothing else: so a disk that is too full
 * for it does not matter. */
static void write_pid(int fd)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)len, 0);
}

int store_folder_claim(const char *dir, int *ret_lock_fd, struct errtext *ret_error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[STORE_PATH_MAX];
	int fd, rc;

	if ((rc = path_in(dir, "wipyd.lock", path, ret_error)))
		return rc;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return system_error(errno, "create the state folder", dir, ret_error);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return system_error(errno, "open", path, ret_error);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			rc = say_locked(fd, dir, ret_error);
		else
			rc = system_error(errno, "lock", path, ret_error);
		close(fd);
		return rc;
	}
	write_pid(fd);
	*ret_lock_fd = fd;
	return 0;
}

/* A file is durable only when its name is. */
static int sync_folder(const char *dir, struct errtext *ret_error)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (fd < 0)
		return system_error(errno, "open", dir, ret_error);
	if (fsync(fd) < 0)
		rc = system_error(errno, "write to disk", dir, ret_error);
	close(fd);
	return rc;
}

int store_folder_file(
	const char *dir, char ret_path[STORE_PATH_MAX], struct errtext *ret_error)
{
	char path[STORE_PATH_MAX];
	int fd, rc;

	if ((rc = path_in(dir, "wipyd.db", path, ret_error)))
		return rc;
	/* SQLite gives its -wal and -shm the mode of the file it finds. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return system_error(errno, "open", path, ret_error);
	close(fd);
	if ((rc = sync_folder(dir, ret_error)))
		return rc;
	memcpy(ret_path, path, strlen(path) + 1);
	return 0;
}
