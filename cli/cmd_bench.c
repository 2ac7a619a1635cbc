/* SPDX-License-Identifier: MIT
 *
 * `wipyctl rescue run CARD` at the bench, `wipyctl rescue close RECEIPT` afterwards.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/rescue_bench.h"
#include "cli/rescue_file.h"
#include "cli/shape.h"
#include "cli/view.h"

/* ---- at the bench ------------------------------------------------------------------ */

static json_t *make_receipt(const struct bench *bench, int64_t began_s)
{
	char shows[WIPY_FINGERPRINT_MAX], began[WIPY_UTC_MAX], ended[WIPY_UTC_MAX];

	wipy_fingerprint_format(&bench->shows, shows);
	if (wipy_utc_format(began_s, began) < 0)
		began[0] = '\0';
	if (wipy_utc_format(time(NULL), ended) < 0)
		ended[0] = '\0';
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "board",
		bench->board, "code", shape_text(bench->card, "code"), "sha256",
		shape_text(shape_object(bench->card, "image"), "sha256"), "shows",
		shows, "unique_id", bench->unique_id, "proof", bench->proof, "began",
		began, "ended", ended);
}

static void run_print(struct cli *cli, const json_t *receipt)
{
	writer_line(cli->out, "Done. The daemon has to hear of it and to see the "
			      "board:");
	writer_line(cli->out, "  wipyctl rescue close %s",
		shape_text(receipt, "receipt_file"));
}

int cmd_rescue_run(struct cli *cli)
{
	static const struct view view = {
		.key = "receipt", .name = "board", .text = run_print};
	int64_t began_s = time(NULL);
	json_t *receipt = NULL;
	struct bench bench;
	int code = bench_open(&bench, cli);

	if (code == 0)
		code = bench_run(&bench);
	if (code == 0) {
		receipt = make_receipt(&bench, began_s);
		code = rescue_file_write(
			cli, RESCUE_RECEIPT, bench.receipt_path, receipt);
	}
	if (code == 0) {
		/* The code is a secret until it is spent: it is in the file alone. */
		(void)json_object_del(receipt, "code");
		(void)json_object_set_new(
			receipt, "receipt_file", json_string(bench.receipt_path));
		code = view_show(cli, &view, json_pack("{s:O}", "receipt", receipt));
	}
	json_decref(receipt);
	bench_done(&bench);
	return code;
}

/* ---- afterwards -------------------------------------------------------------------- */

static void close_print(struct cli *cli, const json_t *receipt)
{
	writer_line(cli->out, "%s: taken. %s.", shape_cell(receipt, "board"),
		shape_text(receipt, "next"));
}

static json_t *receipt_body(const json_t *receipt)
{
	static const char *const keys[] = {
		"code", "sha256", "shows", "unique_id", "proof"};
	json_t *body = json_object();

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		(void)json_object_set_new(
			body, keys[i], json_string(shape_text(receipt, keys[i])));
	return body;
}

int cmd_rescue_close(struct cli *cli)
{
	static const struct view view = {.key = "receipt", .text = close_print};
	char path[CLIENT_PATH_MAX];
	json_t *receipt;
	int code = rescue_file_read(
		cli, RESCUE_RECEIPT, args_word(cli->args, 0), &receipt);

	if (code != 0)
		return code;
	code = cli_path(
		cli, "/v1/boards/", shape_text(receipt, "board"), "/receipt", path);
	if (code == 0)
		code = view_post(cli, path, receipt_body(receipt), 0, &view);
	json_decref(receipt);
	return code;
}
