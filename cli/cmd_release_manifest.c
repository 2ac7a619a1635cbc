/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release manifest`: what the bytes of images say, as a manifest that its maker
 * completes and signs. Works without a daemon.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/image_file.h"
#include "cli/when.h"
#include "common/text.h"
#include "common/utc.h"

#define FILES_MAX  16
#define NAME_LEN   64 /* with NUL */
#define SERIAL_MAX 1000000000000u

/* Names as manifests take them. */
static bool is_name(const char *text)
{
	return wipy_text_is_name(text, NAME_LEN) && *text != '.';
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A text in quotes, as JSON and YAML both have it; malloc'ed. */
static char *quoted(const char *text)
{
	json_t *value = json_string(text);
	char *out = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

	json_decref(value);
	if (!out)
		abort(); /* all texts here are ASCII */
	return out;
}

static void print_image(struct writer *writer, const struct image_file *file)
{
	char fingerprint[WIPY_FINGERPRINT_MAX], sum[IMAGE_FILE_SUM_MAX], *text;

	wipy_fingerprint_format(&file->info.fingerprint, fingerprint);
	image_file_sum(file, sum);
	text = quoted(fingerprint);
	writer_line(writer, "  - file: %s", base_name(file->path));
	writer_line(
		writer, "    family: %s", wipy_family_facts(file->info.family)->name);
	writer_line(writer, "    sha256: %s", sum);
	writer_line(writer, "    size: %zu", file->len);
	writer_line(writer, "    fingerprint: %s", text);
	free(text);
}

/* ---- what is asked for ------------------------------------------------------------ */

struct head {
	const char *name, *series;
	uint64_t serial;
	int64_t created_s, expires_s; /* 0: never */
};

static int take_names(struct cli *cli, struct head *head)
{
	const char *series = args_option(cli->args, "series");
	const char *name = args_option(cli->args, "name");

	head->series = series ? series : "main";
	if (name)
		head->name = name;
	if (is_name(head->name) && is_name(head->series))
		return 0;
	return cli_fail(cli, EXIT_CODE_USAGE, NULL,
		"'%s' cannot be a name: up to 63 letters, digits, '-', '_' and '.', "
		"and no '.' at the front",
		is_name(head->name) ? head->series : head->name);
}

static int take_numbers(struct cli *cli, struct head *head)
{
	const char *serial = args_option(cli->args, "serial");
	const char *expires = args_option(cli->args, "expires");
	int64_t span_s = 0;

	if (!serial ||
		wipy_text_parse_u64(serial, strlen(serial), SERIAL_MAX, &head->serial) <
			0 ||
		head->serial == 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--serial is needed: a whole number, higher than that of every "
			"earlier release of the series");
	if (expires && (when_parse_span(expires, &span_s) < 0 || span_s == 0))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--expires: expected a span of time such as 90d, found '%s'",
			expires);
	head->created_s = (int64_t)time(NULL);
	head->expires_s = span_s ? head->created_s + span_s : 0;
	return 0;
}

static void print_head(struct writer *writer, const struct head *head)
{
	char when[WIPY_UTC_MAX];

	writer_line(writer, "version: 1");
	writer_line(writer, "name: %s", head->name);
	writer_line(writer, "series: %s", head->series);
	writer_line(writer, "serial: %llu", (unsigned long long)head->serial);
	if (wipy_utc_format(head->created_s, when) == 0)
		writer_line(writer, "created: %s", when);
	if (head->expires_s && wipy_utc_format(head->expires_s, when) == 0)
		writer_line(writer, "expires: %s", when);
	writer_line(writer, "notes: |");
	writer_line(writer, "  What is new, and what to look at before a rollout.");
	writer_line(writer, "images:");
}

static int check_image(struct cli *cli, const struct image_file *file)
{
	struct errtext why;

	if (!wipy_image_may_be_kept(&file->info)) {
		image_file_explain(file, &why);
		return cli_fail(cli, EXIT_CODE_REFUSED, "see: wipyctl image info",
			"%s: %s", file->path, why.text);
	}
	if (!is_name(base_name(file->path)))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"%s: a manifest names files by letters, digits, '-', '_' and "
			"'.', up to 63: rename it",
			file->path);
	return 0;
}

int cmd_release_manifest(struct cli *cli)
{
	struct image_file file[FILES_MAX] = {0};
	struct head head = {.name = ""};
	size_t count = cli->args->count;
	int code = 0;

	for (size_t i = 0; code == 0 && i < count; i++) {
		code = image_file_load(cli, cli->args->words[i], &file[i]);
		if (code == 0)
			code = check_image(cli, &file[i]);
	}
	head.name = file[0].info.fingerprint.tag;
	if (code == 0)
		code = take_names(cli, &head);
	if (code == 0)
		code = take_numbers(cli, &head);
	if (code == 0)
		print_head(cli->out, &head);
	for (size_t i = 0; i < count; i++) {
		if (code == 0)
			print_image(cli->out, &file[i]);
		image_file_done(&file[i]);
	}
	return code;
}
