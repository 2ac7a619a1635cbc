/* SPDX-License-Identifier: MIT
 *
 * What a bench needs before it speaks to a board.
 */
#include "config.h"

#include "cli/rescue_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/rescue_file.h"
#include "cli/shape.h"

#define HERE       "192.168.1.1" /* an access point of a WiPy (WIRE.md 6.2) */
#define CONNECT_MS 2000
#define WAIT_S     90

/* ---- options ----------------------------------------------------------------------- */

static int read_password(struct bench *bench)
{
	const char *path = args_option(bench->cli->args, "password-file");
	uint8_t *data;
	size_t len;
	int err;

	if (path == NULL)
		return 0;
	err = file_read(path, sizeof(bench->password) - 1, &data, &len);
	if (err < 0)
		return cli_fail(bench->cli, EXIT_CODE_USAGE,
			"its first line is the password", "%s: %s", path,
			wipy_strerror(err));
	memcpy(bench->password, data, len);
	bench->password[len] = '\0';
	bench->password[strcspn(bench->password, "\r\n")] = '\0';
	explicit_bzero(data, len);
	free(data);
	bench->here.password = bench->home.password = bench->password;
	return 0;
}

static int read_places(struct bench *bench)
{
	const struct wipy_family_facts *facts = wipy_family_facts(bench->family);
	const char *address = args_option(bench->cli->args, "address");
	const char *user = args_option(bench->cli->args, "user");
	int code;

	bench->here = (struct board_wire){
		.address = address ? address : HERE,
		.user = user ? user : facts->user,
		.password = facts->password,
		.connect_ms = CONNECT_MS,
	};
	bench->home = bench->here;
	bench->home.address = shape_text(bench->card, "address");
	bench->home.telnet_port = (uint16_t)shape_number(bench->card, "telnet_port");
	bench->home.ftp_port = (uint16_t)shape_number(bench->card, "ftp_port");
	code = cli_port(bench->cli, "telnet-port", facts->telnet_port,
		&bench->here.telnet_port);
	if (code == 0)
		code = cli_port(
			bench->cli, "ftp-port", facts->ftp_port, &bench->here.ftp_port);
	return code == 0 ? read_password(bench) : code;
}

/* ---- files ------------------------------------------------------------------------- */

static int read_card(struct bench *bench, const char *path)
{
	int code = rescue_file_read(bench->cli, RESCUE_CARD, path, &bench->card);

	if (code != 0)
		return code;
	bench->board = shape_text(bench->card, "board");
	bench->family = wipy_family_by_name(shape_text(bench->card, "family"));
	if (bench->family != WIPY_FAMILY_UNKNOWN && bench->board[0] != '\0' &&
		rescue_pin_read(bench->card, &bench->pin) == 0)
		return 0;
	return cli_fail(bench->cli, EXIT_CODE_USAGE,
		"save it again, by a wipyctl of this version",
		"%s is a card of another version", path);
}

/* The image that the card was made for, and fit for its board, or none. */
static int check_image(struct bench *bench)
{
	const char *wanted = shape_text(shape_object(bench->card, "image"), "sha256");
	struct image_file *image = &bench->image;
	char sum[IMAGE_FILE_SUM_MAX];
	int err;

	image_file_sum(image, sum);
	if (strcmp(sum, wanted) != 0)
		return cli_fail(bench->cli, EXIT_CODE_REFUSED,
			"it was saved beside the card; or save the card again",
			"%s is not the image of this card: its SHA-256 begins with "
			"%.12s, the card's with %.12s",
			image->path, sum, wanted);
	err = wipy_image_fits(&image->info, bench->family);
	if (err == 0)
		return 0;
	return cli_fail(bench->cli, EXIT_CODE_REFUSED, NULL,
		"%s is not for boards of the family %s: %s", image->path,
		wipy_family_facts(bench->family)->name, wipy_strerror(err));
}

static int read_image(struct bench *bench, const char *card_path)
{
	const char *given = args_option(bench->cli->args, "image");
	struct image_file *image = &bench->image;
	char beside[512];
	size_t added;
	int code;

	snprintf(beside, sizeof(beside), "%s.bin", card_path);
	code = image_file_load(bench->cli, given ? given : beside, image);
	if (code != 0)
		return code;
	image->path = given ? given : "the image beside the card";
	code = check_image(bench);
	if (code != 0)
		return code;
	added = wipy_image_added_len(&image->info);
	bench->push_len = image->len + added;
	image->data = realloc(image->data, bench->push_len);
	if (image->data == NULL)
		abort();
	memcpy(image->data + image->len, image->info.md5_computed, added);
	return 0;
}

/* It is written last, when there is no going back: so it is looked at first. */
static int name_receipt(struct bench *bench, const char *card_path)
{
	const char *given = args_option(bench->cli->args, "receipt");

	snprintf(bench->receipt_name, sizeof(bench->receipt_name), "%s.receipt",
		card_path);
	bench->receipt_path = given ? given : bench->receipt_name;
	return rescue_is_free(bench->cli, bench->receipt_path);
}

int bench_open(struct bench *bench, struct cli *cli)
{
	const char *path = args_word(cli->args, 0);
	int64_t wait_s = WAIT_S;
	int code;

	*bench = (struct bench){.cli = cli, .out = cli_aside(cli)};
	if (bench->out == NULL)
		bench->out = cli->err; /* whoever holds a pin has to see it */
	code = read_card(bench, path);
	if (code == 0)
		code = read_image(bench, path);
	if (code == 0)
		code = name_receipt(bench, path);
	if (code == 0)
		code = read_places(bench);
	if (code == 0)
		code = cli_span(cli, "timeout", &wait_s);
	bench->wait_ms = wait_s * 1000;
	return code;
}

void bench_done(struct bench *bench)
{
	image_file_done(&bench->image);
	json_decref(bench->card);
	explicit_bzero(bench->password, sizeof(bench->password));
}

const char *bench_is_other(
	const json_t *card, const struct wipy_fingerprint *shows, const char *unique_id)
{
	const json_t *identity = shape_object(card, "identity");
	const char *board = shape_text(identity, "board");
	const char *id = shape_text(identity, "unique_id");

	if (strcmp(shape_text(identity, "mcu"), shows->mcu) != 0)
		return "it has another microcontroller";
	if (board[0] != '\0' && strcmp(board, shows->board) != 0)
		return "it is another type of board";
	if (id[0] != '\0' && unique_id[0] != '\0' && strcmp(id, unique_id) != 0)
		return "it has another unique id";
	return NULL;
}
