/* SPDX-License-Identifier: MIT
 *
 * A telnet conversation with a board.
 */
#include "config.h"

#include <poll.h>
#include <string.h>

#include "cli/board_wire.h"

static bool send_output(int fd, struct telnet_client *client)
{
	uint8_t out[sizeof(client->out)];
	size_t len;
	int err = 0;

	while (err == 0 && (len = telnet_client_output(client, out, sizeof(out))) > 0)
		err = board_send(fd, out, len);
	explicit_bzero(out, sizeof(out));
	return err == 0;
}

/* What comes until the client's deadline, or that it is over. */
static void await_input(int fd, struct telnet_client *client)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int64_t wait_ms = telnet_client_deadline(client) - board_now_ms();
	uint8_t bytes[2048];
	long got = -1;

	if (poll(&poll_fd, 1, wait_ms > 0 ? (int)wait_ms : 0) > 0)
		got = board_recv(fd, bytes, sizeof(bytes));
	if (got > 0)
		telnet_client_input(client, bytes, (size_t)got, board_now_ms());
	else if (got == 0)
		telnet_client_eof(client, board_now_ms());
	else if (board_now_ms() >= telnet_client_deadline(client))
		telnet_client_tick(client, board_now_ms());
}

void board_talk(const struct board_wire *wire, struct telnet_request request,
	struct telnet_result *ret_result)
{
	struct telnet_client client;
	int fd = board_connect(wire, wire->telnet_port);

	memset(ret_result, 0, sizeof(*ret_result));
	if (fd < 0) {
		ret_result->status = fd;
		return;
	}
	request.user = wire->user;
	request.password = wire->password;
	telnet_client_start(&client, &request, board_now_ms());
	while (!telnet_client_done(&client)) {
		if (!send_output(fd, &client))
			telnet_client_eof(&client, board_now_ms());
		else
			await_input(fd, &client);
	}
	*ret_result = *telnet_client_result(&client);
	explicit_bzero(&client, sizeof(client));
	board_close(fd);
}
