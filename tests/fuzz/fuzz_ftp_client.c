/* SPDX-License-Identifier: MIT
 *
 * The FTP client against a board that answers anything. Input: a byte that tells what
 * happens, with its arguments. One client gets the replies in lines, another byte by
 * byte: both must do the same, never call an upload complete that is not, and come to
 * an end.
 */
#include <string.h>

#include "common/ftp_client.h"
#include "tests/fuzz/fuzz.h"

#define SIZE      1000
#define SAID_MAX  512
#define TICKS_MAX 16

enum happening {
	TICK,
	CONNECTED,
	NOT_CONNECTED,
	SENT, /* one byte: eighths of the image */
	SHUT,
	DATA_ERROR,
	HANGUP,
	REPLY, /* one byte: length; bytes */
	DATA_OVER,
	HAPPENING_COUNT
};

struct side {
	struct ftp_client client;
	uint8_t said[SAID_MAX];
	size_t said_len;
};

/* One command, one line, and STOR only after it was written down as touched. */
static void check_command(const struct side *side, const uint8_t *text, size_t len)
{
	FUZZ_CHECK(len > 2 && memcmp(text + len - 2, "\r\n", 2) == 0);
	FUZZ_CHECK(memchr(text, '\n', len - 1) == NULL);
	if (memcmp(text, "STOR", 4) == 0)
		FUZZ_CHECK(side->client.result.touched);
	if (memcmp(text, "QUIT", 4) == 0)
		FUZZ_CHECK(side->client.result.complete);
}

static void listen_to(struct side *side)
{
	uint8_t *to = side->said + side->said_len;
	size_t len = ftp_client_output(
		&side->client, to, sizeof(side->said) - side->said_len);

	FUZZ_CHECK(side->client.out_len == 0);
	if (len > 0)
		check_command(side, to, len);
	side->said_len += len;
}

static void check_same(const struct side *a, const struct side *b)
{
	FUZZ_CHECK(memcmp(&a->client.result, &b->client.result,
			   sizeof(a->client.result)) == 0);
	FUZZ_CHECK(a->client.done == b->client.done);
	FUZZ_CHECK(a->client.phase == b->client.phase);
	FUZZ_CHECK(a->client.want == b->client.want);
	FUZZ_CHECK(a->client.port == b->client.port);
	FUZZ_CHECK(a->client.deadline_ms == b->client.deadline_ms);
	FUZZ_CHECK(a->said_len == b->said_len);
	FUZZ_CHECK(memcmp(a->said, b->said, a->said_len) == 0);
}

static void happen(
	struct side *side, enum happening what, uint8_t number, int64_t now_ms)
{
	struct ftp_client *c = &side->client;

	switch (what) {
	case TICK:
		ftp_client_tick(c, now_ms);
		break;
	case CONNECTED:
	case NOT_CONNECTED:
		ftp_client_connected(c, what == CONNECTED, now_ms);
		break;
	case SENT:
		ftp_client_sent(c, (size_t)number * SIZE / 8, now_ms);
		break;
	case SHUT:
		ftp_client_shut(c, now_ms);
		break;
	case DATA_ERROR:
		ftp_client_data_error(c, now_ms);
		break;
	case DATA_OVER:
		ftp_client_data_over(c, now_ms);
		break;
	case HANGUP:
		ftp_client_eof(c, now_ms);
		break;
	case REPLY:
	case HAPPENING_COUNT:
		break;
	}
	listen_to(side);
}

static void reply(
	struct side *side, const uint8_t *data, size_t len, bool bytes, int64_t now_ms)
{
	while (len > 0) {
		const uint8_t *line_end = memchr(data, '\n', len);
		size_t piece_len =
			line_end == NULL ? len : (size_t)(line_end - data) + 1;

		if (bytes)
			piece_len = 1;
		ftp_client_input(&side->client, data, piece_len, now_ms);
		listen_to(side);
		data += piece_len;
		len -= piece_len;
	}
}

static void finish(struct side *side)
{
	const struct ftp_result *r = ftp_client_result(&side->client);

	for (int i = 0; i < TICKS_MAX && !ftp_client_done(&side->client); i++)
		happen(side, TICK, 0, ftp_client_deadline(&side->client));
	FUZZ_CHECK(ftp_client_done(&side->client));
	FUZZ_CHECK(ftp_client_want(&side->client) == FTP_WANT_CLOSE);
	FUZZ_CHECK((r->status == 0) == r->complete);
	FUZZ_CHECK(!r->complete || (r->touched && r->taken_len == SIZE));
	FUZZ_CHECK(r->taken_len <= SIZE);
	FUZZ_CHECK(memchr(r->reply, 0, sizeof(r->reply)) != NULL);
	FUZZ_CHECK(side->client.request.password == NULL);
}

/* Reads one happening from the input; returns where the next one begins. */
static size_t step(struct side *lines, struct side *bytes, const uint8_t *data,
	size_t size, int64_t *now_ms)
{
	enum happening what = (enum happening)(data[0] % HAPPENING_COUNT);
	uint8_t number = size > 1 ? data[1] : 0;
	size_t len = number < size - 2 ? number : size - 2;

	if (what == TICK)
		*now_ms = ftp_client_deadline(&lines->client);
	else
		(*now_ms)++;
	if (what == REPLY && size > 2) {
		reply(lines, data + 2, len, false, *now_ms);
		reply(bytes, data + 2, len, true, *now_ms);
		return 2 + len;
	}
	happen(lines, what, number % 10, *now_ms);
	happen(bytes, what, number % 10, *now_ms);
	return what == SENT || what == REPLY ? 2 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ftp_request request = {
		.user = "micro",
		.password = "python",
		.path = "/flash/sys/mcuimg.bin",
		.size = SIZE,
	};
	struct side lines = {.said_len = 0}, bytes = {.said_len = 0};
	int64_t now_ms = 1;

	ftp_client_start(&lines.client, &request, now_ms);
	ftp_client_start(&bytes.client, &request, now_ms);
	for (size_t at = 0; at < size && !ftp_client_done(&lines.client);) {
		at += step(&lines, &bytes, data + at, size - at, &now_ms);
		check_same(&lines, &bytes);
	}
	finish(&lines);
	finish(&bytes);
	check_same(&lines, &bytes);
	return 0;
}
