/* SPDX-License-Identifier: MIT
 *
 * Passwords from files: see the header. Every copy made on the way is wiped.
 */
#include "config.h"

#include "daemon/edge/inventory_login.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/edge/inventory_range.h"

#define PATH_LENGTH_MAX 1024
#define OTHERS          07u /* permission bits of everybody else */

struct login_keys {
	char *user, *password_file;
	const yaml_node_t *password;
};

#define KEY(field) offsetof(struct login_keys, field)

static const struct yaml_key login_keys[] = {
	{"user", YAML_KEY_STRING, KEY(user), 1, CREDENTIAL_MAX - 1, false},
	{"password-file", YAML_KEY_STRING, KEY(password_file), 1, PATH_LENGTH_MAX,
		false},
	{"password", YAML_KEY_NODE, KEY(password), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};

#define NOT_TYPABLE                                                                    \
	"is of no use: its first line must be 1 to 31 printable ASCII characters, "    \
	"no blanks"

/* A password file that is being read. */
struct secret {
	struct yaml_file *file;
	const yaml_node_t *node; /* where faults are shown */
	char *path;
	bool guarded; /* from the folder of credentials, which is nobody else's */
};

static int secret_open(struct secret *secret, const struct inventory_secrets *secrets,
	const char *name)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	const char *folder = secrets->folder, *slash = "/";
	int fd = -1;

	if (secrets->secrets_dir && !strchr(name, '/')) {
		if (asprintf(&secret->path, "%s/%s", secrets->secrets_dir, name) < 0)
			abort();
		fd = open(secret->path, flags);
		secret->guarded = fd >= 0 || errno != ENOENT;
		if (secret->guarded)
			return fd < 0 ? -errno : fd;
		free(secret->path);
	}
	if (*name == '/')
		folder = slash = "";
	if (asprintf(&secret->path, "%s%s%s", folder, slash, name) < 0)
		abort();
	fd = open(secret->path, flags);
	return fd < 0 ? -errno : fd;
}

static int secret_refused(const struct secret *secret, const char *why)
{
	yaml_problem(
		secret->file, secret->node, "password file '%s' %s", secret->path, why);
	return WIPY_E_CONFIG;
}

static int secret_check_mode(const struct secret *secret, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return secret_refused(secret, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return secret_refused(secret, "is not a regular file");
	if (secret->guarded || !(st.st_mode & OTHERS))
		return 0;
	yaml_problem(secret->file, secret->node,
		"password file '%s' is open to everybody on this machine: run chmod "
		"o-rwx '%s'",
		secret->path, secret->path);
	return WIPY_E_CONFIG;
}

/* The first line; longer than any good password is enough to know that it is bad. */
static int secret_read_line(
	const struct secret *secret, int fd, char ret_password[CREDENTIAL_MAX])
{
	char line[CREDENTIAL_MAX + 2] = "";
	ssize_t len;
	int rc = 0;

	do {
		len = read(fd, line, sizeof(line) - 1);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return secret_refused(secret, strerror(errno));
	line[len] = '\0';
	if (strlen(line) < (size_t)len && !strchr(line, '\n'))
		line[0] = '\x7f'; /* a NUL before the line's end: nothing to type */
	line[strcspn(line, "\n")] = '\0';
	if (*line && line[strlen(line) - 1] == '\r')
		line[strlen(line) - 1] = '\0';
	if (!*line)
		rc = secret_refused(secret, "is empty: its first line is the password");
	else if (!inventory_credential_valid(line))
		rc = secret_refused(secret, NOT_TYPABLE);
	else
		memcpy(ret_password, line, strlen(line) + 1);
	explicit_bzero(line, sizeof(line));
	return rc;
}

static int read_password(struct yaml_file *file, const yaml_node_t *node,
	const struct inventory_secrets *secrets, const char *name,
	char ret_password[CREDENTIAL_MAX])
{
	struct secret secret = {.file = file, .node = node};
	int fd = secret_open(&secret, secrets, name), rc;

	if (fd < 0) {
		yaml_problem(file, node, "password file '%s' cannot be read: %s",
			secret.path, strerror(-fd));
		rc = WIPY_E_CONFIG;
	} else {
		rc = secret_check_mode(&secret, fd);
	}
	if (rc == 0)
		rc = secret_read_line(&secret, fd, ret_password);
	if (fd >= 0)
		close(fd);
	free(secret.path);
	return rc;
}

static bool check_keys(
	struct yaml_file *file, const yaml_node_t *node, const struct login_keys *keys)
{
	if (keys->password)
		yaml_problem(file, keys->password,
			"passwords do not belong into the inventory: put it into a "
			"file and name it with password-file");
	if (keys->user && !inventory_credential_valid(keys->user)) {
		yaml_problem(file, node,
			"'user' must be printable ASCII characters without blanks");
		return false;
	}
	return !keys->password;
}

int inventory_login_read(struct yaml_file *file, const yaml_node_t *node,
	const struct inventory_secrets *secrets, struct inventory_login *ret_login)
{
	struct login_keys keys = {0};
	struct inventory_login login = {.user = ""};
	bool good = yaml_check_mapping(file, node, login_keys, &keys);

	good = check_keys(file, node, &keys) && good;
	if (keys.password_file) {
		good = read_password(file, node, secrets, keys.password_file,
			       login.password) == 0 &&
		       good;
	} else if (good) {
		yaml_problem(file, node,
			"a login needs 'password-file', the file that holds its "
			"password");
		good = false;
	}
	if (keys.user && good)
		memcpy(login.user, keys.user, strlen(keys.user) + 1);
	if (good)
		*ret_login = login;
	explicit_bzero(&login, sizeof(login));
	free(keys.user);
	free(keys.password_file);
	return good ? 0 : WIPY_E_CONFIG;
}
