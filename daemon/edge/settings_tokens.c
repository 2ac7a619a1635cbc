/* SPDX-License-Identifier: MIT
 *
 * The file of tokens: `NAME ROLE SHA256`, one a line; empty lines and lines that begin with
 * '#' are nobody's. A token itself is nowhere: who reads this file cannot use it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sha256.h"
#include "common/text.h"
#include "daemon/edge/settings_api.h"

#define TOKENS_MAX     256
#define TOKEN_FILE_MAX (64u * 1024)
#define TOKEN_NAME_MAX 32

_Static_assert(ACCESS_SECRET_LEN == WIPY_SHA256_LEN, "the same digest");

/* As if it were a YAML file: "tokens:3: sentence". */
struct place {
	struct yaml_file file;
	char name[1100];
};

__attribute__((format(printf, 3, 4))) static bool fault(
	struct place *place, size_t line, const char *format, ...)
{
	char text[200];
	char name[1200];
	struct yaml_file at = place->file;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(name, sizeof(name), "%s:%zu", place->name, line);
	at.name = name;
	yaml_problem(&at, NULL, "%s", text);
	return false;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_digest(const char *text, uint8_t ret_digest[ACCESS_SECRET_LEN])
{
	if (strlen(text) != 2 * (size_t)ACCESS_SECRET_LEN)
		return false;
	for (size_t i = 0; i < ACCESS_SECRET_LEN; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_digest[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool check_new(struct place *place, size_t line,
	const struct access_rules *access, const struct access_token *token)
{
	if (access->token_count == TOKENS_MAX)
		return fault(place, line, "there can be %d tokens", TOKENS_MAX);
	for (size_t i = 0; i < access->token_count; i++) {
		if (strcmp(access->token[i].name, token->name) == 0)
			return fault(place, line, "repeated token '%s'", token->name);
		if (memcmp(access->token[i].sha256, token->sha256, ACCESS_SECRET_LEN) ==
			0)
			return fault(place, line, "'%s' is the same token as '%s'",
				token->name, access->token[i].name);
	}
	return true;
}

/* The parts of a faulty line are not shown: one of them might be a token. */
static bool take_line(
	struct place *place, size_t line, char *text, struct access_rules *access)
{
	char *save, *name = strtok_r(text, " \t\r", &save);
	char *role = name ? strtok_r(NULL, " \t\r", &save) : NULL;
	char *digest = role ? strtok_r(NULL, " \t\r", &save) : NULL;
	struct access_token token = {.name = ""};

	if (!name || *name == '#')
		return true;
	if (!digest || strtok_r(NULL, " \t\r", &save))
		return fault(place, line,
			"expected NAME ROLE SHA256, as `wipyctl token NAME ROLE` "
			"prints "
			"it");
	if (!wipy_text_is_name(name, TOKEN_NAME_MAX))
		return fault(place, line,
			"a token is named by letters, digits, '-', '_' and '.', at "
			"most "
			"%d",
			TOKEN_NAME_MAX - 1);
	token.role = role_by_name(role);
	if (token.role == ROLE_COUNT)
		return fault(place, line,
			"the role of '%s' is viewer, operator, approver or admin",
			name);
	if (!parse_digest(digest, token.sha256))
		return fault(place, line,
			"behind the role of '%s' stand the 64 digits of its SHA-256, "
			"in "
			"small letters",
			name);
	memcpy(token.name, name, strlen(name) + 1);
	if (!check_new(place, line, access, &token))
		return false;
	access->token[access->token_count++] = token;
	return true;
}

/* malloc'ed, with a NUL; NULL: it cannot be read (see errno). */
static char *read_file(const char *path, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char *text = calloc(1, TOKEN_FILE_MAX + 2);
	ssize_t len = 1;

	if (!text)
		abort();
	*ret_len = 0;
	while (fd >= 0 && len > 0 && *ret_len <= TOKEN_FILE_MAX) {
		len = read(fd, text + *ret_len, TOKEN_FILE_MAX + 1 - *ret_len);
		if (len > 0)
			*ret_len += (size_t)len;
	}
	if (fd >= 0)
		close(fd);
	if (fd >= 0 && len >= 0)
		return text;
	free(text);
	return NULL;
}

bool settings_read_tokens(struct yaml_file *file, const yaml_node_t *node,
	const char *path, struct access_rules *access)
{
	struct place place = {.file = *file};
	char *text, *line, *rest;
	size_t len, number = 0;
	bool good = true;

	text = read_file(path, &len);
	if (!text || len > TOKEN_FILE_MAX || strlen(text) < len) {
		yaml_problem(file, node, "'tokens': '%.120s' %s", path,
			!text                  ? strerror(errno)
			: len > TOKEN_FILE_MAX ? "is longer than 64 KiB"
					       : "is not text");
		free(text);
		return false;
	}
	snprintf(place.name, sizeof(place.name), "%s", path);
	access->token = calloc(TOKENS_MAX, sizeof(*access->token));
	if (!access->token)
		abort();
	rest = text;
	while ((line = strsep(&rest, "\n")))
		good = take_line(&place, ++number, line, access) && good;
	free(text);
	return good;
}
