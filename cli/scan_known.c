/* SPDX-License-Identifier: MIT
 *
 * The daemon's boards by their addresses.
 */
#include "config.h"

#include "cli/scan_known.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan_range.h"
#include "cli/shape.h"
#include "common/family.h"

/* Where that is; names are looked up here. Returns 0, or -EINVAL. */
static int address_of(const char *text, uint32_t *ret_address)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	struct sockaddr_in in;

	if (scan_address_parse(text, ret_address) == 0)
		return 0;
	if (strchr(text, ':') != NULL || getaddrinfo(text, NULL, &hints, &found) != 0)
		return -EINVAL;
	memcpy(&in, found->ai_addr, sizeof(in));
	freeaddrinfo(found);
	*ret_address = ntohl(in.sin_addr.s_addr);
	return 0;
}

static int row_order(const void *a, const void *b)
{
	const struct scan_known_row *left = a, *right = b;

	if (left->address != right->address)
		return left->address < right->address ? -1 : 1;
	return (left->telnet_port > right->telnet_port) -
	       (left->telnet_port < right->telnet_port);
}

static void known_index(struct scan_known *known)
{
	const json_t *board;
	size_t i;

	json_array_foreach(known->boards, i, board)
	{
		struct scan_known_row row = {
			.telnet_port = (uint16_t)shape_number(board, "telnet_port"),
			.board = board};

		(void)json_object_set_new(
			known->names, shape_text(board, "name"), json_true());
		if (address_of(shape_text(board, "address"), &row.address) == 0)
			known->rows[known->count++] = row;
		else
			known->unresolved++;
	}
	qsort(known->rows, known->count, sizeof(*known->rows), row_order);
}

/* 0: it answers; else an exit code, or NO_DAEMON with the sentence kept and not printed. */
static int ask_daemon(struct cli *cli, struct scan_known *known)
{
	const struct client_request request = {.method = "GET", .path = "/healthz"};
	struct failure failure;
	json_t *answer;

	if (cli_client(cli, &failure) == 0 &&
		client_call(cli->client, &request, &answer, &failure) == 0) {
		json_decref(answer);
		return 0;
	}
	if (failure.exit_code != EXIT_CODE_NO_DAEMON)
		return cli_show(cli, &failure);
	snprintf(known->why_not, sizeof(known->why_not), "%s", failure.text);
	failure_done(&failure);
	return EXIT_CODE_NO_DAEMON;
}

int scan_known_read(struct cli *cli, struct scan_known *ret_known)
{
	int code;

	*ret_known =
		(struct scan_known){.boards = json_array(), .names = json_object()};
	code = ask_daemon(cli, ret_known);
	if (code == EXIT_CODE_NO_DAEMON)
		return 0;
	ret_known->has_daemon = true;
	if (code == 0)
		code = cli_boards(cli, ret_known->boards, NULL);
	if (code != 0)
		return code;
	ret_known->rows = calloc(
		json_array_size(ret_known->boards) + 1, sizeof(*ret_known->rows));
	if (ret_known->rows == NULL)
		return cli_fail(
			cli, EXIT_CODE_INTERNAL, NULL, "there is not enough memory");
	known_index(ret_known);
	return 0;
}

void scan_known_done(struct scan_known *known)
{
	json_decref(known->boards);
	json_decref(known->names);
	free(known->rows);
}

const json_t *scan_known_at(
	const struct scan_known *known, uint32_t address, uint16_t telnet_port)
{
	const struct scan_known_row key = {
		.address = address, .telnet_port = telnet_port};
	const struct scan_known_row *row;

	if (known->count == 0)
		return NULL;
	row = bsearch(&key, known->rows, known->count, sizeof(key), row_order);
	return row == NULL ? NULL : row->board;
}

bool scan_known_has_name(const struct scan_known *known, const char *name)
{
	return json_object_get(known->names, name) != NULL;
}

bool scan_is_swapped(const json_t *board, const struct wipy_fingerprint *seen)
{
	const char *family = shape_text(board, "family");
	const char *text = shape_text(shape_object(board, "version"), "board");

	return strcmp(seen->mcu, wipy_family_facts(wipy_family_by_name(family))->mcu) !=
		       0 ||
	       (text[0] != '\0' && strcmp(text, seen->board) != 0) ||
	       strcmp(shape_text(board, "access"), "wrong-board") == 0;
}
