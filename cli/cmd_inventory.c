/* SPDX-License-Identifier: MIT
 *
 * `wipyctl inventory check|reload`. A file is checked by the daemon's own program, so
 * that there is one reader of inventories and not two.
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"

#define RELOAD_TIMEOUT_S 60

static void diff_names(struct writer *writer, const json_t *answer, const char *key,
	enum style style, const char *sign, const char *what)
{
	const json_t *name;
	size_t i;

	json_array_foreach(shape_list(answer, key), i, name)
	{
		writer_put(writer, style, "%s %s", sign,
			json_is_string(name) ? json_string_value(name) : "?");
		writer_line(writer, "%s", what);
	}
}

static bool diff_is_empty(const json_t *answer)
{
	return json_array_size(shape_list(answer, "added")) == 0 &&
	       json_array_size(shape_list(answer, "removed")) == 0 &&
	       json_array_size(shape_list(answer, "changed")) == 0 &&
	       json_array_size(shape_list(answer, "kept")) == 0;
}

static void diff_print(struct writer *writer, const json_t *answer, bool dry)
{
	const json_t *note;
	size_t i;

	diff_names(writer, answer, "added", STYLE_GOOD, "+", "");
	diff_names(writer, answer, "removed", STYLE_BAD, "-", "");
	diff_names(writer, answer, "changed", STYLE_WARN, "~", "");
	diff_names(writer, answer, "kept", STYLE_WARN, "=",
		" (not in the file; kept until its task ends)");
	json_array_foreach(
		shape_list(answer, "notes"), i, note) if (json_is_string(note))
		writer_line(writer, "note: %s", json_string_value(note));
	if (diff_is_empty(answer))
		writer_line(
			writer, dry ? "The inventory has no faults and no changes."
				    : "The inventory was read; nothing has changed.");
	else
		writer_line(writer, "%s: %zu added, %zu removed, %zu changed",
			dry ? "a reload would change" : "reloaded",
			json_array_size(shape_list(answer, "added")),
			json_array_size(shape_list(answer, "removed")),
			json_array_size(shape_list(answer, "changed")));
}

static void check_print(struct cli *cli, const json_t *answer)
{
	diff_print(cli->out, answer, true);
}

static void reload_print(struct cli *cli, const json_t *answer)
{
	diff_print(cli->out, answer, false);
}

static int inventory_ask(struct cli *cli, bool dry)
{
	json_t *answer;
	int code = cli_post(cli, "/v1/inventory/reload",
		json_pack("{s:b}", "dry_run", dry), RELOAD_TIMEOUT_S, &answer);

	bool changes;

	if (code != 0)
		return code;
	changes = dry && !diff_is_empty(answer);
	code = cli_answer(cli, answer, NULL, dry ? check_print : reload_print);
	return code == 0 && changes ? EXIT_CODE_CHANGES : code;
}

int cmd_inventory_reload(struct cli *cli)
{
	return inventory_ask(cli, false);
}

/* ---- a file, by wipyd -t ------------------------------------------------------------ */

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

/* Runs it and waits. Returns its exit code, or a negated errno. */
static int run(char *const *argv, char *const *envp)
{
	pid_t pid;
	int status, err = posix_spawnp(&pid, argv[0], NULL, NULL, argv, envp);

	/* A user's PATH often has no sbin. */
	if (err == ENOENT && strchr(argv[0], '/') == NULL)
		err = posix_spawn(&pid, "/usr/sbin/wipyd", NULL, NULL, argv, envp);
	if (err != 0)
		return -err;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CODE_INTERNAL;
}

static int inventory_check_file(struct cli *cli, const char *file)
{
	char path[PATH_MAX], test[] = "-t", option[] = "-i";
	char *copy = strdup(file);
	int code;

	if (copy == NULL)
		return cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	find_wipyd(path);
	(void)writer_flush(cli->out);
	code = run((char *[]){path, test, option, copy, NULL}, environ);
	free(copy);
	if (code < 0)
		return cli_fail(cli, EXIT_CODE_INTERNAL,
			"a file is checked by wipyd -t; is wipyd installed here?",
			"cannot run %s: %s", path, wipy_strerror(code));
	return code;
}

int cmd_inventory_check(struct cli *cli)
{
	const char *file = args_word(cli->args, 0);
	int code;

	if (file != NULL)
		return inventory_check_file(cli, file);
	code = cli_connect(cli);
	return code == 0 ? inventory_ask(cli, true) : code;
}
