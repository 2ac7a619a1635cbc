/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rescue wire NAME`: an ESP board that is flashed over its serial port.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_rescue.h"
#include "cli/rescue_file.h"
#include "cli/shape.h"
#include "cli/view.h"

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

/* ---- the card -------------------------------------------------------------------- */

static void wire_print(struct cli *cli, const json_t *card)
{
	const char *saved = args_option(cli->args, "save");
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
	static const struct view view = {
		.key = "wire", .name = "board", .text = wire_print};
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
		code = rescue_save_image(cli, shape_text(card, "sha256"),
			shape_number(card, "size"), saved);
	if (code == 0)
		return view_show(cli, &view, answer);
	json_decref(answer);
	return code;
}
