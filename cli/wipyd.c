/* SPDX-License-Identifier: MIT
 *
 * wipyd as a child.
 */
#include "config.h"

#include "cli/wipyd.h"

#include <errno.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 8
#define LINE_MAX_ 1024

/* DIR of our own program with `behind` appended, if that can be run. */
static bool beside(const char *behind, char ret_path[PATH_MAX])
{
	char own[PATH_MAX - 32];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	if (len <= 0)
		return false;
	own[len] = '\0';
	slash = strrchr(own, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	snprintf(ret_path, PATH_MAX, "%s/%s", own, behind);
	return access(ret_path, X_OK) == 0;
}

static void find_wipyd(char ret_path[PATH_MAX])
{
	const char *named = getenv("WIPYD");

	if (named != NULL && named[0] != '\0')
		snprintf(ret_path, PATH_MAX, "%s", named);
	else if (!beside("../sbin/wipyd", ret_path) && !beside("wipyd", ret_path))
		snprintf(ret_path, PATH_MAX, "wipyd");
}

static int spawn(const char *path, char *const *argv, int output, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	int err = posix_spawn_file_actions_init(&actions);

	if (err != 0)
		return err;
	err = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (err == 0)
		err = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (err == 0)
		err = posix_spawnp(ret_pid, path, &actions, NULL, argv, environ);
	/* A user's PATH often has no sbin. */
	if (err == ENOENT && strchr(path, '/') == NULL)
		err = posix_spawn(
			ret_pid, "/usr/sbin/wipyd", &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return err;
}

static int run(const char *const *words, int output, char ret_path[PATH_MAX])
{
	char *argv[WORDS_MAX + 2] = {ret_path, NULL};
	int status, err;
	pid_t pid;

	/* posix_spawn() changes none of them. */
	for (size_t i = 0; i < WORDS_MAX && words[i] != NULL; i++)
		argv[i + 1] = (char *)(uintptr_t)words[i];
	find_wipyd(ret_path);
	err = spawn(ret_path, argv, output, &pid);
	if (err != 0)
		return -err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void read_lines(FILE *stream, json_t *lines)
{
	char line[LINE_MAX_];

	rewind(stream);
	while (fgets(line, sizeof(line), stream) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		(void)json_array_append_new(lines, json_string(line));
	}
}

int wipyd_run(const char *const *words, json_t *lines, char ret_path[PATH_MAX])
{
	FILE *said = tmpfile();
	int code;

	ret_path[0] = '\0';
	if (said == NULL)
		return -errno;
	code = run(words, fileno(said), ret_path);
	if (code >= 0)
		read_lines(said, lines);
	(void)fclose(said);
	return code;
}
