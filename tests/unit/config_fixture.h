/* SPDX-License-Identifier: MIT
 *
 * For tests of what is read from files: a temporary folder, files in it, and the faults
 * of a reading as one text, in which the path of the file is written "F".
 */
#ifndef WIPY_TESTS_CONFIG_FIXTURE_H
#define WIPY_TESTS_CONFIG_FIXTURE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/edge/yaml_check.h"

#define FIXTURE_FILES 16

struct fixture {
	char folder[128];
	char path[FIXTURE_FILES][256];
	int count;
};

static void fixture_init(struct fixture *fixture)
{
	const char *tmp = getenv("TMPDIR");

	*fixture = (struct fixture){.count = 0};
	snprintf(fixture->folder, sizeof(fixture->folder), "%.90s/wipyd-test-XXXXXX",
		tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(fixture->folder))
		abort();
}

/* Returns the path; written again, a file is replaced. */
static const char *fixture_write(
	struct fixture *fixture, const char *name, const char *bytes, size_t len)
{
	char path[256];
	int fd, i = 0;

	snprintf(path, sizeof(path), "%s/%s", fixture->folder, name);
	while (i < fixture->count && strcmp(fixture->path[i], path) != 0)
		i++;
	if (i == FIXTURE_FILES)
		abort();
	if (i == fixture->count)
		strcpy(fixture->path[fixture->count++], path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || fchmod(fd, 0600) < 0)
		abort();
	close(fd);
	return fixture->path[i];
}

static void fixture_done(struct fixture *fixture)
{
	for (int i = 0; i < fixture->count; i++)
		unlink(fixture->path[i]);
	rmdir(fixture->folder);
}

/* All faults, one a line, the file's path shortened; malloc'ed. */
__attribute__((unused)) static char *fixture_faults(
	const struct yaml_problems *problems, const char *path)
{
	char *text = NULL;
	size_t len, path_len = strlen(path);
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < problems->count; i++) {
		const char *line = problems->line[i];

		if (strncmp(line, path, path_len) == 0)
			fprintf(out, "%sF%s", i ? "\n" : "", line + path_len);
		else
			fprintf(out, "%s%s", i ? "\n" : "", line);
	}
	if (problems->more)
		fprintf(out, "\n(%zu more)", problems->more);
	fclose(out);
	return text;
}

/* Prose follows "# "; a key follows "#" or "#  ". */
static bool is_key_comment(const char *line)
{
	return line[0] == '#' && (line[1] != ' ' || line[2] == ' ') && line[1] != '\n';
}

/* A file of the source tree, as it is or with its commented keys uncommented;
 * malloc'ed. */
__attribute__((unused)) static char *fixture_source(const char *name, bool uncomment)
{
	const char *top = getenv("top_srcdir");
	char path[1024], line[256], *text = NULL;
	size_t len;
	FILE *in, *out;

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", name);
	in = fopen(path, "re");
	out = open_memstream(&text, &len);
	while (in && fgets(line, sizeof(line), in))
		fputs(uncomment && is_key_comment(line) ? line + 1 : line, out);
	fclose(out);
	if (!in) {
		printf("# %s cannot be opened\n", path);
		abort();
	}
	fclose(in);
	return text;
}

#endif
