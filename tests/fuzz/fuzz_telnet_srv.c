/* SPDX-License-Identifier: MIT
 *
 * A board with a telnet client that does anything. Input: a byte that tells how it
 * begins, then what happens, with its arguments. No rule of hal.h may be broken, no ring
 * may overflow, and as long as no program has stopped the servers the next client is
 * greeted.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/repl_session.h"

#define CYCLE_MS 4
#define LONG     300
#define PATIENCE 6000 /* tens of cycles */
#define HELLO    SESSION_BANNER "\xff\xfc\x01\xff\xfc\x03\xff\xfb\"Login as: "

/* How it begins. */
#define LOGGED_IN    1
#define SINGLE_BYTES 2
#define LIKE_PY      4

/* What happens: the two upper bits; the others are its argument. */
enum happening {
	SEND,         /* so many bytes and one; a cycle passes */
	SEND_AT_ONCE, /* the same, and nothing passes */
	WAIT,         /* so many cycles */
	OTHER,
};

enum other { LEAVE, STOP_READING, SEND_LONG, HEAR, OTHER_COUNT };

struct client {
	struct machine *machine;
	int conn;
	bool logs_in;
};

static void check(const struct machine *machine)
{
	const struct telnet_srv *srv = &machine->board.telnet;

	FUZZ_CHECK(!machine->hal.misused);
	if (machine->board.state != WIPY_BOARD_RUNNING)
		return; /* after a reset */
	FUZZ_CHECK(srv->in.len < sizeof(srv->in_bytes));
	FUZZ_CHECK(srv->out.len <= sizeof(srv->out_bytes));
	FUZZ_CHECK(srv->field_len < TELNET_SRV_FIELD);
	FUZZ_CHECK((unsigned)srv->state < TELNET_SRV_STATE_COUNT);
	FUZZ_CHECK(srv->listener < 0 || srv->conn < 0);
}

static void run(struct client *client, int64_t ms)
{
	machine_run(client->machine, ms);
	check(client->machine);
}

static bool is_stuck(const struct machine *machine)
{
	/* a board with a full ring does not look whether its client is still there */
	return machine->board.telnet.in.len + 1 == TELNET_SRV_RING;
}

/* What was sent before is taken first, a segment a cycle. */
static void leave(struct client *client)
{
	struct machine *machine = client->machine;

	if (client->conn < 0)
		return;
	machine_shut(machine, client->conn);
	for (int i = 0; i < PATIENCE && !machine_ended(machine, client->conn) &&
			!is_stuck(machine);
		i++)
		run(client, 10 * CYCLE_MS);
	if (machine_ended(machine, client->conn))
		machine_drop(machine, client->conn);
	else
		FUZZ_CHECK(is_stuck(machine));
	client->conn = -1;
	run(client, 10 * CYCLE_MS);
}

static void come(struct client *client)
{
	struct machine *machine = client->machine;
	bool single_bytes = machine->hal.single_bytes;

	if (machine->board.telnet.state != TELNET_SRV_LISTENING)
		return;
	machine->hal.single_bytes = false;
	client->conn =
		client->logs_in ? session_login(machine) : machine_connect(machine, 23);
	machine->hal.single_bytes = single_bytes;
	check(machine);
}

static void send_bytes(
	struct client *client, const uint8_t *bytes, size_t len, int64_t ms)
{
	if (client->conn >= 0 && len > 0 &&
		!machine_ended(client->machine, client->conn))
		machine_send(client->machine, client->conn, bytes, len);
	run(client, ms);
}

static void happen(struct client *client, enum other what, uint8_t byte)
{
	uint8_t bytes[LONG];

	switch (what) {
	case LEAVE:
		leave(client);
		come(client);
		break;
	case STOP_READING:
		if (client->conn >= 0) {
			struct machine_handle *handle =
				&client->machine->hal.handles[client->conn];

			handle->full = !handle->full;
		}
		break;
	case SEND_LONG:
		memset(bytes, byte, sizeof(bytes));
		send_bytes(client, bytes, sizeof(bytes), CYCLE_MS);
		break;
	case HEAR:
		if (client->conn >= 0)
			(void)machine_hear(client->machine, client->conn);
		break;
	case OTHER_COUNT:
		break;
	}
}

static void play(struct client *client, const uint8_t *data, size_t size)
{
	size_t at = 0;

	/* the machine holds only so many segments */
	for (int steps = 0; at < size && steps < 200; steps++) {
		unsigned what = data[at] >> 6, argument = data[at] & 63;
		size_t len = argument + 1u;

		at++;
		if (len > size - at)
			len = size - at;
		if (what == SEND || what == SEND_AT_ONCE) {
			send_bytes(client, data + at, len, what == SEND ? CYCLE_MS : 0);
			at += len;
		} else if (what == WAIT) {
			run(client, (int64_t)(argument + 1) * CYCLE_MS);
		} else {
			happen(client, argument % OTHER_COUNT,
				at < size ? data[at] : 0);
		}
	}
}

/* The next client is greeted, unless a program has stopped the servers. */
static void check_next(struct client *client)
{
	const struct wipy_board *board = &client->machine->board;

	client->logs_in = false;
	client->machine->hal.single_bytes = false;
	leave(client);
	for (int i = 0; i < PATIENCE && board->telnet.conn >= 0 &&
			board->servers.running && !is_stuck(client->machine);
		i++)
		run(client, 10 * CYCLE_MS);
	run(client, 10 * CYCLE_MS);
	if (board->state != WIPY_BOARD_RUNNING || !board->servers.running ||
		board->telnet.conn >= 0)
		return;
	come(client);
	FUZZ_CHECK(client->conn >= 0);
	run(client, 50);
	FUZZ_CHECK(strcmp(machine_hear(client->machine, client->conn), HELLO) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wipy_personality like_py = wipy_personality_wipy;
	struct client client = {.conn = -1};

	if (size == 0)
		return 0;
	like_py.telnet = WIPY_TELNET_PY;
	client.logs_in = data[0] & LOGGED_IN;
	client.machine = session_machine();
	machine_boot(client.machine);
	if (data[0] & LIKE_PY)
		client.machine->board.personality = &like_py;
	come(&client);
	client.machine->hal.single_bytes = data[0] & SINGLE_BYTES;
	play(&client, data + 1, size - 1);
	check_next(&client);
	machine_free(client.machine);
	return 0;
}
