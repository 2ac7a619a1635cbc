/* SPDX-License-Identifier: MIT
 *
 * Telnet and FTP together.
 */
#include "firmware/core/servers.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define DEFAULT_USER     "micro"
#define DEFAULT_PASSWORD "python"

void servers_set_defaults(struct wipy_board *board)
{
	struct servers *servers = &board->servers;

	wipy_text_copy(servers->user, sizeof(servers->user), DEFAULT_USER,
		strlen(DEFAULT_USER));
	wipy_text_copy(servers->password, sizeof(servers->password), DEFAULT_PASSWORD,
		strlen(DEFAULT_PASSWORD));
	servers->timeout_ms = SERVERS_TIMEOUT_S * 1000;
}

int servers_set_login(struct wipy_board *board, const char *user, size_t user_len,
	const char *password, size_t password_len)
{
	struct servers *servers = &board->servers;

	if (user_len > SERVERS_CREDENTIAL_MAX || password_len > SERVERS_CREDENTIAL_MAX)
		return -EINVAL;
	wipy_text_copy(servers->user, sizeof(servers->user), user, user_len);
	wipy_text_copy(
		servers->password, sizeof(servers->password), password, password_len);
	return 0;
}

int servers_set_timeout(struct wipy_board *board, int32_t timeout_s)
{
	if (timeout_s < SERVERS_TIMEOUT_MIN_S || timeout_s > SERVERS_TIMEOUT_MAX_S)
		return -EINVAL;
	board->servers.timeout_ms = (uint32_t)timeout_s * 1000;
	return 0;
}

void servers_want(struct wipy_board *board, bool on)
{
	board->servers.wanted = on;
}

void servers_restart(struct wipy_board *board)
{
	board->servers.restart = true;
}

bool servers_are_ending(const struct wipy_board *board)
{
	const struct servers *servers = &board->servers;

	return servers->running && (!servers->wanted || servers->restart);
}

static void start_both(struct wipy_board *board, int64_t now_ms)
{
	telnet_srv_start(board, now_ms);
	ftp_srv_start(board, now_ms);
	board->servers.running = true;
}

void servers_stop(struct wipy_board *board)
{
	if (!board->servers.running)
		return;
	telnet_srv_stop(board);
	ftp_srv_stop(board);
	board->servers.running = false;
}

void servers_start(struct wipy_board *board, int64_t now_ms)
{
	struct servers *servers = &board->servers;
	const struct wipy_settings *settings = &board->settings;
	struct hal_wlan wlan;

	servers_set_defaults(board);
	if (!board->safe_boot &&
		servers_set_login(board, settings->user, strlen(settings->user),
			settings->password, strlen(settings->password)) == 0)
		servers->timeout_ms = settings->timeout_ms;
	hal_wlan_state(board->hal, &wlan);
	servers->wlan_events = wlan.events;
	servers->wanted = true;
	start_both(board, now_ms);
}

/* What a program or the radio has asked for since the last step. */
static void apply(struct wipy_board *board, int64_t now_ms)
{
	struct servers *servers = &board->servers;
	struct hal_wlan wlan;

	hal_wlan_state(board->hal, &wlan);
	if (wlan.events != servers->wlan_events || servers->restart) {
		servers->wlan_events = wlan.events;
		servers->restart = false;
		servers_stop(board);
	}
	if (servers->wanted && !servers->running)
		start_both(board, now_ms);
	else if (!servers->wanted)
		servers_stop(board);
}

int64_t servers_step(struct wipy_board *board, int64_t now_ms)
{
	int64_t telnet_due, ftp_due;

	if (board->servers_dead)
		return WIPY_NEVER;
	apply(board, now_ms);
	if (!board->servers.running)
		return WIPY_NEVER;
	telnet_due = telnet_srv_step(board, now_ms);
	ftp_due = ftp_srv_step(board, now_ms);
	if (board->servers_dead) {
		telnet_srv_freeze(board);
		ftp_srv_freeze(board);
		return WIPY_NEVER;
	}
	return earlier(telnet_due, ftp_due);
}
