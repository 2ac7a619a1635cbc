/* SPDX-License-Identifier: MIT
 *
 * What a board's prompt answers, read out of the text as it came. Nothing here knows of
 * the conversation.
 */
#include "common/telnet_answer.h"

#include <string.h>

#include "common/text.h"

/* Reads "key='value'" and moves *at behind it. The value must fit, since a cut one
 * would be another version. */
static bool read_item(const char **at, const char *end, const char **ret_key,
	size_t *ret_key_len, const char **ret_value, size_t *ret_value_len)
{
	const char *equals = memchr(*at, '=', (size_t)(end - *at));
	const char *close;

	if (equals == NULL || end - equals < 2 ||
		(equals[1] != '\'' && equals[1] != '"'))
		return false;
	close = memchr(equals + 2, equals[1], (size_t)(end - equals - 2));
	if (close == NULL)
		return false;
	*ret_key = *at;
	*ret_key_len = (size_t)(equals - *at);
	*ret_value = equals + 2;
	*ret_value_len = (size_t)(close - equals - 2);
	*at = close + 1;
	return true;
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

bool telnet_read_uname(const char *text, size_t len, struct telnet_uname *ret_uname)
{
	const char *at, *end = text + len;
	struct telnet_uname uname = {.sysname = ""};
	const struct {
		const char *key;
		char *buf;
		size_t cap;
	} fields[] = {
		{"sysname", uname.sysname, sizeof(uname.sysname)},
		{"release", uname.release, sizeof(uname.release)},
		{"version", uname.version, sizeof(uname.version)},
		{"machine", uname.machine, sizeof(uname.machine)},
	};
	const char *key, *value;
	size_t key_len, value_len;

	at = memchr(text, '(', len);
	if (at == NULL)
		return false;
	do {
		/* Over the bracket, or the comma and the blanks behind it. */
		for (at++; at < end && *at == ' '; at++)
			;
		if (!read_item(&at, end, &key, &key_len, &value, &value_len) ||
			!is_printable(value, value_len))
			return false;
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (strlen(fields[i].key) == key_len &&
				memcmp(fields[i].key, key, key_len) == 0 &&
				!wipy_text_copy(
					fields[i].buf, fields[i].cap, value, value_len))
				return false;
	} while (at < end && *at == ',');
	if (at == end || *at != ')' || uname.version[0] == '\0' ||
		uname.machine[0] == '\0')
		return false;
	*ret_uname = uname;
	return true;
}

void telnet_read_value(const char *text, size_t len, char ret_value[TELNET_VALUE_MAX])
{
	size_t from, at = 0;

	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == '\n'))
		len--;
	for (from = len; from > 0 && text[from - 1] != '\n'; from--)
		;
	for (; from < len && at < TELNET_VALUE_MAX - 1; from++)
		ret_value[at++] =
			text[from] >= 0x20 && text[from] <= 0x7e ? text[from] : '.';
	ret_value[at] = '\0';
}

static bool read_byte(const char **at, const char *end, unsigned *ret_byte)
{
	const char *start = *at;
	unsigned byte = 0;

	for (; *at < end && **at >= '0' && **at <= '9' && *at - start < 3; ++*at)
		byte = byte * 10 + (unsigned)(**at - '0');
	*ret_byte = byte;
	return *at > start && byte <= 255;
}

bool telnet_read_id(const char *text, size_t len, char ret_id[TELNET_ID_MAX])
{
	static const char digits[] = "0123456789abcdef";
	const char *at = text, *end = text + len;
	char id[TELNET_ID_MAX];
	size_t id_len = 0;
	unsigned byte;

	if (at == end || *at++ != '[')
		return false;
	for (;;) {
		if (!read_byte(&at, end, &byte) || id_len + 2 >= TELNET_ID_MAX)
			return false;
		id[id_len++] = digits[byte / 16];
		id[id_len++] = digits[byte % 16];
		if (end - at < 2 || at[0] != ',' || at[1] != ' ')
			break;
		at += 2;
	}
	if (end - at != 1 || *at != ']')
		return false;
	id[id_len] = '\0';
	memcpy(ret_id, id, id_len + 1);
	return true;
}
