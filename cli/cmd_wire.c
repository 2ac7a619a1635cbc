/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rescue wire NAME`: an ESP board that is flashed over its serial port.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rescue.h"
#include "cli/shape.h"

static const struct rescue_part parts[] = {
	{"image", "What is written"},
	{"check", "Check first"},
	{"step", "Then, one after the other"},
	{"led", "What the LED says"},
	{"console", "What the serial console says"},
	{"back", "Back to a version that is known to work"},
	{"maker", "Back to the maker's firmware"},
	{"next", "When it is back"},
};

/* ---- the file -------------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

/* A file that is there is never written over; one that could not be written whole is not
 * left behind. */
static int save_as(struct cli *cli, const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), err;

	if (fd < 0)
		return cli_fail(cli, EXIT_CODE_USAGE,
			errno == EEXIST ? "give another name; nothing is written over"
					: NULL,
			"%s: %s", path, wipy_strerror(-errno));
	err = write_all(fd, data, len);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	if (err == 0)
		return 0;
	(void)unlink(path);
	return cli_fail(
		cli, EXIT_CODE_INTERNAL, NULL, "%s: %s", path, wipy_strerror(err));
}

static int save(struct cli *cli, const json_t *card, const char *path)
{
	char url[CLIENT_PATH_MAX];
	struct failure failure;
	const void *data;
	size_t len;
	int code = cli_path(cli, "/v1/images/", shape_text(card, "sha256"), "", url);

	if (code != 0)
		return code;
	if (client_fetch(cli->client, url, &data, &len, &failure) < 0)
		return cli_show(cli, &failure);
	if ((long long)len != shape_number(card, "size"))
		return cli_fail(cli, EXIT_CODE_INTERNAL, "try again",
			"the daemon sent %zu bytes of the image, it has %lld", len,
			shape_number(card, "size"));
	return save_as(cli, path, data, len);
}

/* ---- the card -------------------------------------------------------------------- */

static void wire_print(struct cli *cli, const json_t *answer)
{
	const char *saved = args_option(cli->args, "save");
	const json_t *card = shape_object(answer, "wire");
	struct writer *writer = cli->out;

	writer_put(writer, STYLE_HEAD, "Wire card of %s", shape_cell(card, "board"));
	writer_end(writer);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		rescue_print_part(writer, shape_list(card, "lines"), &parts[i]);
	if (saved)
		writer_line(writer, "saved as %s: that is %s above", saved,
			shape_cell(card, "file"));
}

int cmd_rescue_wire(struct cli *cli)
{
	const char *saved = args_option(cli->args, "save");
	char path[CLIENT_PATH_MAX];
	const json_t *card;
	json_t *answer;
	int code = cli_path(cli, "/v1/boards/", args_word(cli->args, 0), "/wire", path);

	if (code == 0)
		code = cli_add_query(
			cli, "release", args_option(cli->args, "release"), path);
	if (code == 0)
		code = cli_get(cli, path, &answer);
	if (code != 0)
		return code;
	code = cli_object(cli, answer, "wire", &card);
	if (code == 0 && saved)
		code = save(cli, card, saved);
	if (code == 0)
		return cli_answer(cli, answer, NULL, wire_print);
	json_decref(answer);
	return code;
}
