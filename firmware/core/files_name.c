/* SPDX-License-Identifier: MIT
 *
 * Names as FAT sees them.
 */
#include "firmware/core/files_name.h"

#include <string.h>

#include "firmware/core/files.h"

#define TAIL      ". "
#define FORBIDDEN "/\\:*?\"<>|\x7F"

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool files_name_is_same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

const char *files_name_next(const char *path, const char **ret_part, size_t *ret_len)
{
	const char *end;

	while (*path == '/')
		path++;
	for (end = path; *end && *end != '/'; end++)
		;
	*ret_part = path;
	*ret_len = (size_t)(end - path);
	while (*ret_len > 0 && strchr(TAIL, path[*ret_len - 1]))
		(*ret_len)--;
	return end;
}

static bool is_letter(char c)
{
	return fold(c) >= 'a' && fold(c) <= 'z';
}

/* A part of an 8.3 name: not too long, not of both cases, no odd character. */
static bool is_plain(const char *text, size_t len, size_t max)
{
	bool upper = false, lower = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c < '!' || c > '~' || strchr(".+,;=[]", c))
			return false;
		upper = upper || (is_letter(c) && fold(c) != c);
		lower = lower || (is_letter(c) && fold(c) == c);
	}
	return len <= max && !(upper && lower);
}

int files_name_places(const char *name, size_t len)
{
	const char *dot = memchr(name, '.', len);
	size_t body = dot ? (size_t)(dot - name) : len;
	size_t rest = dot ? body + 1 : len;

	if (body > 0 && is_plain(name, body, 8) && is_plain(name + rest, len - rest, 3))
		return 1;
	return 1 + (int)((len + 12) / 13);
}

bool files_name_is_valid(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || strchr(FORBIDDEN, name[i]))
			return false;
	return len > 0 && len <= FILES_NAME_MAX && !strchr(TAIL, name[len - 1]);
}
