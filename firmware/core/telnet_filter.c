/* SPDX-License-Identifier: MIT
 *
 * The input filters of the telnet servers.
 */
#include "firmware/core/telnet_filter.h"

#include <string.h>

#define KEY_CTRL_C 0x03
#define KEY_CTRL_F 0x06

#define AYT  0xF6
#define SB   0xFA
#define WILL 0xFB
#define WONT 0xFC
#define DO   0xFD
#define DONT 0xFE
#define IAC  0xFF

#define OPTION_BINARY 0x00

void telnet_filter_start(struct telnet_filter *filter, enum wipy_telnet_kind kind)
{
	*filter = (struct telnet_filter){.kind = kind};
}

static size_t filter_cc(const struct telnet_moment *moment, uint8_t *bytes, size_t len,
	struct telnet_notes *notes)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] >= 0x80) {
			/* An option of three bytes, it is assumed. One that runs past
			 * the end takes characters back that were good. */
			size_t past = i + 3 > len ? i + 3 - len : 0;

			kept -= past < kept ? past : kept;
			i += 2;
		} else if (bytes[i] == KEY_CTRL_C && moment->running) {
			notes->interrupted = true;
		} else if (bytes[i] != 0) {
			bytes[kept++] = bytes[i];
		}
	}
	return kept;
}

/* The length of the command that begins with an IAC; 0: it is not all there. */
static size_t command_len(const uint8_t *at, size_t len)
{
	size_t want = len < 2 ? 2 : at[1] >= SB && at[1] <= DONT ? 3 : 2;

	return want <= len ? want : 0;
}

static void reply(struct telnet_notes *notes, const uint8_t *bytes, size_t len)
{
	memcpy(notes->reply + notes->reply_len, bytes, len);
	notes->reply_len += len;
}

/* Carries a command out. Returns true if it stands for the character FF. */
static bool command_py(struct telnet_filter *filter, const struct telnet_moment *moment,
	const uint8_t *at, struct telnet_notes *notes)
{
	static const uint8_t mirror[] = {[WILL - WILL] = DO,
		[WONT - WILL] = DONT,
		[DO - WILL] = WILL,
		[DONT - WILL] = WONT};
	uint8_t answer[3] = {IAC, 0, OPTION_BINARY};

	if (at[1] == AYT && moment->logged_in)
		reply(notes, at, 2);
	if (at[1] < WILL || at[1] == IAC)
		return at[1] == IAC;
	if (at[2] != OPTION_BINARY)
		return false;
	if (at[1] == WILL || at[1] == WONT)
		filter->binary = at[1] == WILL;
	answer[1] = mirror[at[1] - WILL];
	if (moment->logged_in)
		reply(notes, answer, sizeof(answer));
	return false;
}

/* True if the byte is to be kept. */
static bool plain_py(const struct telnet_filter *filter,
	const struct telnet_moment *moment, uint8_t byte, struct telnet_notes *notes)
{
	if (filter->binary)
		return true;
	if (byte == KEY_CTRL_C && moment->running)
		notes->interrupted = true;
	else if (byte == KEY_CTRL_F && moment->logged_in && moment->ctrl_f)
		notes->ctrl_f = true;
	else
		return byte != 0 && byte < 0x80;
	return false;
}

static size_t filter_py(struct telnet_filter *filter,
	const struct telnet_moment *moment, uint8_t *bytes, size_t len,
	struct telnet_notes *notes)
{
	size_t held = filter->held_len;
	size_t kept = 0, i = 0;

	memmove(bytes + held, bytes, len);
	memcpy(bytes, filter->held, held);
	len += held;
	filter->held_len = 0;
	while (i < len) {
		size_t n = bytes[i] == IAC ? command_len(bytes + i, len - i) : 1;

		if (n == 0) {
			filter->held_len = (uint8_t)(len - i);
			memcpy(filter->held, bytes + i, len - i);
			break;
		}
		if (n > 1 ? command_py(filter, moment, bytes + i, notes)
			  : plain_py(filter, moment, bytes[i], notes))
			bytes[kept++] = bytes[i];
		i += n;
	}
	return kept;
}

size_t telnet_filter(struct telnet_filter *filter, const struct telnet_moment *moment,
	uint8_t *bytes, size_t len, struct telnet_notes *ret_notes)
{
	ret_notes->interrupted = false;
	ret_notes->ctrl_f = false;
	ret_notes->reply_len = 0;
	return filter->kind == WIPY_TELNET_PY
		       ? filter_py(filter, moment, bytes, len, ret_notes)
		       : filter_cc(moment, bytes, len, ret_notes);
}
