/* SPDX-License-Identifier: MIT
 *
 * The client of the control socket.
 */
#include "config.h"

#include "firmware/ports/linux/ctl.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/text.h"

/* A wrong command line: the socket is not what it is about. */
static int complain_use(const char *why)
{
	fprintf(stderr, "wipyboard: %s\n", why);
	return 2;
}

static int complain(const char *path, const char *why)
{
	fprintf(stderr, "wipyboard: %s: %s\n", path, why);
	return 1;
}

/* The boards' process has a folder of its own: a file's name must say all. */
static json_t *make_word(char **words, int i)
{
	char *path = NULL;
	json_t *word;

	if (i == 3 && strcmp(words[0], "slot") == 0)
		path = realpath(words[i], NULL);
	word = json_string(path ? path : words[i]);
	free(path);
	return word;
}

/* One line, sent as one piece: a process that refuses may close right behind it. */
static char *make_request(int count, char **words)
{
	json_t *list = json_array();
	json_t *request;
	char *text, *line = NULL;
	int failed = 0;

	for (int i = 0; i < count; i++)
		failed |= json_array_append_new(list, make_word(words, i));
	request = json_pack("{s:o}", "words", list);
	text = request && failed == 0 ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	if (text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

static bool send_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		len -= (size_t)n;
	}
	return true;
}

/* The answer: its "error" is for people, everything else for programs. What the boards
 * refuse is a failure: the command line was understood. */
static int show(const char *path, json_t *reply)
{
	const char *error = json_string_value(json_object_get(reply, "error"));

	if (!reply)
		return complain(path, "the answer was cut off");
	if (error) {
		fprintf(stderr, "wipyboard: %s\n", error);
		return 1;
	}
	json_dumpf(reply, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	return fflush(stdout) == 0 ? 0 : 1;
}

static int talk(const char *path, int fd, const char *request)
{
	json_error_t error;
	json_t *reply;
	FILE *stream;
	int code;

	if (!send_all(fd, request, strlen(request)) || shutdown(fd, SHUT_WR) < 0)
		return complain(path, strerror(errno));
	stream = fdopen(dup(fd), "r");
	if (!stream)
		return complain(path, strerror(errno));
	reply = json_loadf(stream, 0, &error);
	fclose(stream);
	code = show(path, reply);
	json_decref(reply);
	return code;
}

int ctl_main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char *request;
	int fd, code;

	if (argc < 2)
		return complain_use("ctl wants a socket: see wipyboard --help");
	if (argc < 3)
		return complain_use("ctl wants a command behind the socket: see "
				    "wipyboard --help");
	if (!wipy_text_copy(at.sun_path, sizeof(at.sun_path), argv[1], strlen(argv[1])))
		return complain_use("the socket's path is too long");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		code = complain(argv[1], errno == ENOENT || errno == ECONNREFUSED
						 ? "no wipyboard answers there"
						 : strerror(errno));
		if (fd >= 0)
			close(fd);
		return code;
	}
	request = make_request(argc - 2, argv + 2);
	code = request ? talk(argv[1], fd, request)
		       : complain_use("the command is not valid UTF-8");
	free(request);
	close(fd);
	return code;
}
