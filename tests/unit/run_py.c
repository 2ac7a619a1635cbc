/* SPDX-License-Identifier: MIT
 *
 * Runs the programs that stand on standard input, parted by a line "#---", one after
 * the other in a fresh interpreter each, and prints what they print, a line "#---"
 * behind each. Argument: bytes of the arena.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/py_host.h"

#define SOURCE_MAX (4 * 1024 * 1024)
#define PART       "#---\n"

int main(int argc, char **argv)
{
	size_t arena_len = argc > 1 ? strtoul(argv[1], NULL, 10) : PY_HOST_ARENA;
	struct py_host *host = py_host_new(arena_len);
	char *source = calloc(1, SOURCE_MAX);
	char *at = source;
	size_t len;

	if (!source || !host)
		return 1;
	len = fread(source, 1, SOURCE_MAX - 1, stdin);
	source[len] = '\0';
	while (*at) {
		char *end = strstr(at, PART);
		size_t n = end ? (size_t)(end - at) : strlen(at);

		fputs(py_host_run(host, PY_FILE, at, n, 5000000), stdout);
		fputs(PART, stdout);
		at += n + (end ? strlen(PART) : 0);
	}
	free(source);
	py_host_free(host);
	return 0;
}
