/* SPDX-License-Identifier: MIT
 *
 * Paths of the FTP server.
 */
#include "firmware/core/ftp_path.h"

#include <string.h>

#include "common/text.h"

#define VOLUME "/flash"

bool ftp_path_join(const char *folder, const char *name, char ret_path[FILES_PATH_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_path, FILES_PATH_MAX);
	if (name[0] != '/') {
		wipy_text_str(&text, folder);
		if (strcmp(folder, "/") != 0)
			wipy_text_char(&text, '/');
	}
	wipy_text_str(&text, name);
	if (text.len > 1 && ret_path[text.len - 1] == '/')
		ret_path[text.len - 1] = '\0';
	return !text.cut;
}

void ftp_path_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
}

void ftp_path_leave(char *folder, const char *name)
{
	if (name[0] == '/')
		folder[1] = '\0';
}

static bool is_below_volume(const char *path)
{
	size_t len = strlen(VOLUME);

	return strncmp(path, VOLUME, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

void ftp_path_resolve(const char *path, char ret_path[FILES_PATH_MAX])
{
	struct wipy_text text;

	if (!is_below_volume(path)) {
		wipy_text_copy(ret_path, FILES_PATH_MAX, path, strlen(path));
		return;
	}
	wipy_text_init(&text, ret_path, FILES_PATH_MAX);
	wipy_text_str(&text, VOLUME);
	for (path += strlen(VOLUME); *path != '\0';) {
		size_t len = strcspn(path, "/");

		if (len == 2 && memcmp(path, "..", 2) == 0) {
			if (strcmp(ret_path, VOLUME) != 0)
				ftp_path_up(ret_path);
			text.len = strlen(ret_path);
		} else if (len > 1 || (len == 1 && path[0] != '.')) {
			wipy_text_char(&text, '/');
			wipy_text_bytes(&text, path, len);
		}
		path += len;
		path += *path == '/';
	}
}

bool ftp_path_is_root(const char *path)
{
	return strcmp(path, "/") == 0 || strcmp(path, VOLUME) == 0;
}
