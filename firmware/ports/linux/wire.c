/* SPDX-License-Identifier: MIT
 *
 * Looking at bytes.
 */
#include "config.h"

#include "firmware/ports/linux/wire.h"

#include <string.h>
#include <strings.h>

#define GREETING     "Login succeeded!\r\n"
#define TEXT_226_LEN (sizeof(WIRE_226_TEXT) - 1)
#define WORD_LEN     4 /* of the commands that are looked for */

static const char *const names[WIRE_PHASE_COUNT] = {
	[WIRE_CONNECT] = "connect",
	[WIRE_BANNER] = "banner",
	[WIRE_LOGIN] = "login",
	[WIRE_REPL] = "repl",
	[WIRE_USER] = "user",
	[WIRE_PASS] = "pass",
	[WIRE_PASV] = "pasv",
	[WIRE_STOR] = "stor",
	[WIRE_DATA] = "data",
	[WIRE_226] = "226",
	[WIRE_QUIT] = "quit",
};

const char *wire_phase_name(enum wire_phase phase)
{
	return names[phase];
}

/* The verb of an FTP command; a receive is one command (WIRE.md 2.2). */
static enum wire_phase command_of(const uint8_t *bytes, size_t len)
{
	static const enum wire_phase commands[] = {
		WIRE_USER, WIRE_PASS, WIRE_PASV, WIRE_STOR, WIRE_QUIT};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (len >= WORD_LEN && strncasecmp((const char *)bytes,
					       names[commands[i]], WORD_LEN) == 0)
			return commands[i];
	return WIRE_OTHER;
}

enum wire_phase wire_in(const struct wire *wire, const uint8_t *bytes, size_t len)
{
	switch (wire->kind) {
	case WIRE_KIND_TELNET:
		return wire->phase == WIRE_REPL ? WIRE_REPL : WIRE_LOGIN;
	case WIRE_KIND_FTP:
		return command_of(bytes, len);
	case WIRE_KIND_DATA:
		break;
	}
	return WIRE_DATA;
}

static struct wire_run telnet_out(struct wire *wire, const uint8_t *bytes, size_t len)
{
	struct wire_run run = {.phase = wire->phase, .len = len};
	const uint8_t *end;

	if (wire->phase == WIRE_CONNECT)
		run.phase = wire->phase = WIRE_BANNER;
	if (wire->phase == WIRE_BANNER) {
		end = memchr(bytes, '\n', len);
		if (!end)
			return run;
		run.len = (size_t)(end - bytes) + 1;
		wire->phase = WIRE_LOGIN;
	} else if (wire->phase == WIRE_LOGIN) {
		for (size_t i = 0; i < len; i++) {
			if (bytes[i] != (uint8_t)GREETING[wire->matched])
				wire->matched = bytes[i] == (uint8_t)GREETING[0];
			else if (++wire->matched == sizeof(GREETING) - 1) {
				wire->phase = WIRE_REPL;
				run.len = i + 1;
				break;
			}
		}
	}
	return run;
}

/* A line of replies: as soon as its first bytes tell what it is, its rest is a run. */
static struct wire_run ftp_out(struct wire *wire, const uint8_t *bytes, size_t len)
{
	struct wire_run run = {.len = 0};
	const uint8_t *end;

	if (!wire->in_line) {
		size_t before = wire->matched;

		while (run.len < len && wire->matched < TEXT_226_LEN &&
			bytes[run.len] == (uint8_t)WIRE_226_TEXT[wire->matched]) {
			run.len++;
			wire->matched++;
		}
		if (run.len == len && wire->matched < TEXT_226_LEN) {
			run.undecided = true;
			run.phase = WIRE_OTHER;
			return run;
		}
		run.prefix = before;
		wire->in_line = true;
		wire->phase = wire->matched == TEXT_226_LEN ? WIRE_226 : WIRE_OTHER;
		wire->matched = 0;
	}
	run.phase = wire->phase;
	end = memchr(bytes + run.len, '\n', len - run.len);
	run.len = end ? (size_t)(end - bytes) + 1 : len;
	wire->in_line = !end;
	return run;
}

struct wire_run wire_out(struct wire *wire, const uint8_t *bytes, size_t len)
{
	switch (wire->kind) {
	case WIRE_KIND_TELNET:
		return telnet_out(wire, bytes, len);
	case WIRE_KIND_FTP:
		return ftp_out(wire, bytes, len);
	case WIRE_KIND_DATA:
		break;
	}
	return (struct wire_run){.phase = WIRE_OTHER, .len = len};
}

void wire_spoil(const struct wire *wire, uint8_t *bytes, size_t len)
{
	enum wire_phase phase = wire_in(wire, bytes, len);
	size_t from = 0;

	if (phase == WIRE_PASS)
		from = WORD_LEN + 1;
	else if (phase != WIRE_LOGIN)
		return;
	for (size_t i = from; i < len; i++)
		if (bytes[i] > ' ' && bytes[i] < 0x7F)
			bytes[i] = bytes[i] == '?' ? '!' : '?';
}
