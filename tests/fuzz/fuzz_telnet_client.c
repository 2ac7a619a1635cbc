/* SPDX-License-Identifier: MIT
 *
 * The telnet client against a board that says anything. Input: one byte for the goal,
 * then pieces of one length byte and that many bytes; length 0 lets the deadline pass.
 * One client is fed the pieces whole, another byte by byte: both must do the same, and
 * both must come to an end.
 */
#include <string.h>

#include "common/telnet_client.h"
#include "tests/fuzz/fuzz.h"

#define SAID_MAX  512
#define TICKS_MAX 16 /* more deadlines than a conversation has steps */

struct side {
	struct telnet_client client;
	uint8_t said[SAID_MAX];
	size_t said_len;
};

static void listen_to(struct side *side)
{
	side->said_len += telnet_client_output(&side->client,
		side->said + side->said_len, sizeof(side->said) - side->said_len);
	FUZZ_CHECK(side->client.out_len == 0);
}

static void check_texts(const struct telnet_result *r)
{
	FUZZ_CHECK(memchr(r->banner_text, 0, sizeof(r->banner_text)) != NULL);
	FUZZ_CHECK(memchr(r->uname.version, 0, sizeof(r->uname.version)) != NULL);
	FUZZ_CHECK(memchr(r->uname.machine, 0, sizeof(r->uname.machine)) != NULL);
	FUZZ_CHECK(memchr(r->unique_id, 0, sizeof(r->unique_id)) != NULL);
	FUZZ_CHECK(r->intrusions >= r->logged_in + r->interrupted);
	FUZZ_CHECK(!r->mark_there || r->mark_known);
	FUZZ_CHECK(!r->reset_sent || r->logged_in);
	FUZZ_CHECK(!r->interrupted || r->logged_in);
	FUZZ_CHECK(!r->logged_in || r->has_banner);
}

/* A client that ended in the middle of a piece drops what it had not handed out yet;
 * the one that was fed in bytes had handed it out. */
static void check_same(const struct side *whole, const struct side *bytes)
{
	FUZZ_CHECK(memcmp(&whole->client.result, &bytes->client.result,
			   sizeof(whole->client.result)) == 0);
	FUZZ_CHECK(whole->client.done == bytes->client.done);
	FUZZ_CHECK(whole->client.step == bytes->client.step);
	FUZZ_CHECK(telnet_client_deadline(&whole->client) ==
		   telnet_client_deadline(&bytes->client));
	FUZZ_CHECK(whole->said_len == bytes->said_len ||
		   (whole->client.done && whole->said_len < bytes->said_len));
	FUZZ_CHECK(memcmp(whole->said, bytes->said, whole->said_len) == 0);
}

static void check_clean(const struct telnet_client *client)
{
	static const uint8_t zero[TELNET_WINDOW];

	FUZZ_CHECK(client->request.password == NULL);
	FUZZ_CHECK(memcmp(client->window, zero, sizeof(client->window)) == 0);
	FUZZ_CHECK(memcmp(client->out, zero, sizeof(client->out)) == 0);
}

static void tick(struct side *side, int64_t now_ms)
{
	telnet_client_tick(&side->client, now_ms);
	listen_to(side);
}

static void start(struct side *side, uint8_t choice)
{
	struct telnet_request request = {
		.goal = (enum telnet_goal)(choice & 3),
		.user = "micro",
		.password = "python",
		.mark = "zq7",
		.may_interrupt = (choice & 4) != 0,
	};

	side->said_len = 0;
	telnet_client_start(&side->client, &request, 1);
}

static void feed(struct side *whole, struct side *bytes, const uint8_t *data,
	size_t len, int64_t now_ms)
{
	telnet_client_input(&whole->client, data, len, now_ms);
	listen_to(whole);
	for (size_t i = 0; i < len; i++) {
		telnet_client_input(&bytes->client, data + i, 1, now_ms);
		listen_to(bytes);
	}
}

static void finish(struct side *side, bool eof, int64_t now_ms)
{
	if (eof)
		telnet_client_eof(&side->client, now_ms);
	for (int i = 0; i < TICKS_MAX && !telnet_client_done(&side->client); i++)
		tick(side, telnet_client_deadline(&side->client));
	FUZZ_CHECK(telnet_client_done(&side->client));
	check_texts(telnet_client_result(&side->client));
	check_clean(&side->client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct side whole, bytes;
	int64_t now_ms = 1;
	uint8_t choice = size > 0 ? data[0] : 0;

	start(&whole, choice);
	start(&bytes, choice);
	for (size_t at = 1; at < size && !telnet_client_done(&whole.client);) {
		size_t len = data[at++];

		if (len > size - at)
			len = size - at;
		if (len > 0) {
			feed(&whole, &bytes, data + at, len, ++now_ms);
		} else {
			now_ms = telnet_client_deadline(&whole.client);
			tick(&whole, now_ms);
			tick(&bytes, now_ms);
		}
		at += len;
		check_same(&whole, &bytes);
	}
	finish(&whole, (choice & 8) != 0, now_ms);
	finish(&bytes, (choice & 8) != 0, now_ms);
	check_same(&whole, &bytes);
	return 0;
}
