/* SPDX-License-Identifier: MIT
 *
 * `wipyctl image info`: what an image says about itself, also without a daemon; with one
 * which types of boards would get it.
 */
#include "config.h"

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/image_file.h"
#include "cli/image_fit.h"
#include "cli/view.h"

#define KEY_COLUMN 16

static void image_size(struct writer *writer, const struct wipy_image_info *info)
{
	size_t max = wipy_family_facts(info->family)->image_max;

	writer_key(writer, "size", KEY_COLUMN);
	if (max > 0)
		writer_line(writer, "%zu of at most %zu bytes (%zu %%)", info->size,
			max, info->size * 100 / max);
	else
		writer_line(writer, "%zu bytes", info->size);
}

static void image_vectors(struct writer *writer, const struct wipy_image_info *info)
{
	if (info->family == WIPY_FAMILY_UNKNOWN)
		return;
	if (info->family == WIPY_FAMILY_WIPY) {
		writer_key(writer, "stack pointer", KEY_COLUMN);
		writer_line(writer, "0x%08x", (unsigned int)info->stack_pointer);
	}
	writer_key(writer,
		info->family == WIPY_FAMILY_WIPY ? "reset vector" : "entry point",
		KEY_COLUMN);
	writer_line(writer, "0x%08x", (unsigned int)info->entry_point);
}

static void image_md5(struct writer *writer, const struct wipy_image_info *info)
{
	writer_key(writer, "MD5 trailer", KEY_COLUMN);
	if (!info->has_md5) {
		bool added = wipy_image_added_len(info) > 0;
		bool needed = info->family == WIPY_FAMILY_WIPY;

		writer_put(writer, needed ? STYLE_WARN : STYLE_PLAIN, "none%s",
			added ? ", a push adds it" : "");
		writer_end(writer);
		return;
	}
	writer_put(writer, info->md5_right ? STYLE_GOOD : STYLE_BAD, "%s",
		info->md5_right ? "right" : "wrong");
	writer_end(writer);
	writer_key(writer, "MD5 stored", KEY_COLUMN);
	writer_line(writer, "%s", info->md5_stored);
	writer_key(writer, "MD5 computed", KEY_COLUMN);
	writer_line(writer, "%s", info->md5_computed);
}

static void image_proof(struct writer *writer, const char *key, bool there, bool right)
{
	writer_key(writer, key, KEY_COLUMN);
	writer_put(writer,
		!there  ? STYLE_PLAIN
		: right ? STYLE_GOOD
			: STYLE_BAD,
		"%s",
		!there  ? "none"
		: right ? "right"
			: "wrong");
	writer_end(writer);
}

static void image_texts(struct writer *writer, const struct wipy_image_esp *esp)
{
	if (esp->app_project[0]) {
		writer_key(writer, "application", KEY_COLUMN);
		writer_line(writer, "%s %s", esp->app_project, esp->app_version);
	}
	if (esp->idf_version[0]) {
		writer_key(writer, "ESP-IDF", KEY_COLUMN);
		writer_line(writer, "%s", esp->idf_version);
	}
	if (esp->pycom_release[0]) {
		writer_key(writer, "Pycom release", KEY_COLUMN);
		writer_line(writer, "%s", esp->pycom_release);
	}
}

/* What images of the ESP families have beside the rest. */
static void image_esp(struct writer *writer, const struct wipy_image_info *info)
{
	const struct wipy_image_esp *esp = &info->esp;

	if (!wipy_image_is_esp(info))
		return;
	writer_key(writer, "flash", KEY_COLUMN);
	writer_line(writer, "%s, %s, %s", esp->flash_mode, esp->flash_size,
		esp->flash_frequency);
	writer_key(writer, "segments", KEY_COLUMN);
	writer_line(writer, "%u, with their proofs %zu of %zu bytes",
		(unsigned int)esp->segments, esp->covered_len, info->size);
	image_proof(writer, "checksum", esp->covered_len > 0, esp->checksum_right);
	if (info->family != WIPY_FAMILY_ESP8266)
		image_proof(writer, "SHA-256", esp->has_sha256, esp->sha256_right);
	else
		image_proof(writer, "MD5 of flash", esp->has_flash_md5,
			esp->flash_md5_right);
	image_texts(writer, esp);
	if (wipy_family_facts(info->family)->mark[0]) {
		writer_key(writer, "telnet, FTP", KEY_COLUMN);
		writer_line(writer, "%s",
			esp->marked ? "yes, this project's firmware" : "no mark");
	}
}

static void image_verdict(struct writer *writer, const struct image_file *file)
{
	const struct wipy_image_info *info = &file->info;
	struct errtext why;

	writer_key(writer, "verdict", KEY_COLUMN);
	if (info->verdict == 0) {
		writer_put(writer, STYLE_GOOD, "ok");
		writer_line(writer, ": fit to be pushed to boards of the family %s",
			wipy_family_facts(info->family)->name);
		return;
	}
	image_file_explain(file, &why);
	writer_put(writer, STYLE_BAD, "%s", wipy_errcode(info->verdict));
	writer_line(writer, ": %s", why.text);
}

static void image_print(struct writer *writer, const struct image_file *file,
	const struct image_fit *fit)
{
	const struct wipy_image_info *info = &file->info;
	char fingerprint[WIPY_FINGERPRINT_MAX] = "none found";
	json_t *warnings = image_file_warnings(file);
	const json_t *word;
	size_t i;

	if (info->has_fingerprint)
		wipy_fingerprint_format(&info->fingerprint, fingerprint);
	writer_put(writer, STYLE_HEAD, "%s", file->path);
	writer_end(writer);
	writer_key(writer, "family", KEY_COLUMN);
	writer_line(writer, "%s", wipy_family_facts(info->family)->name);
	writer_key(writer, "kind", KEY_COLUMN);
	writer_line(writer, "%s", info->kind);
	image_size(writer, info);
	image_vectors(writer, info);
	image_esp(writer, info);
	image_md5(writer, info);
	writer_key(writer, "fingerprint", KEY_COLUMN);
	writer_line(writer, "%s", fingerprint);
	json_array_foreach(warnings, i, word)
	{
		writer_key(writer, "warning", KEY_COLUMN);
		writer_put(writer, STYLE_WARN, "%s", json_string_value(word));
		writer_line(
			writer, ": %s", image_file_warning(json_string_value(word)));
	}
	json_decref(warnings);
	image_verdict(writer, file);
	image_fit_print(writer, file, fit);
}

static void image_show(struct cli *cli, const struct image_file *file,
	struct image_fit *fit, json_t *images)
{
	json_t *image;

	image_fit_ask(cli, file, fit);
	image = image_file_json(file);
	image_fit_add(image, file, fit);
	(void)json_array_append_new(images, image);
	if (form_is_text(cli->form))
		image_print(cli->out, file, fit);
	image_fit_done(fit);
}

static const struct view_column image_columns[] = {
	{.path = "file"},
	{.path = "family"},
	{.path = "kind"},
	{.path = "size"},
	{.path = "verdict"},
	{.path = "tag"},
	{.path = "date"},
	{.path = "board"},
	{.path = "mcu"},
	{.path = "entry_point"},
	{.path = "md5.present"},
	{.path = "md5.right"},
	{.path = "warnings"},
	{.title = NULL},
};

int cmd_image_info(struct cli *cli)
{
	/* What is for a person was printed file by file. */
	static const struct view view = {
		.key = "images", .columns = image_columns, .name = "file"};
	json_t *images = json_array();
	struct image_fit fit = {0};
	int worst = EXIT_CODE_DONE, code;

	for (size_t i = 0; i < cli->args->count; i++) {
		struct image_file file;

		code = image_file_load(cli, cli->args->words[i], &file);
		if (code == 0) {
			image_show(cli, &file, &fit, images);
			if (file.info.verdict != 0)
				code = EXIT_CODE_REFUSED;
			image_file_done(&file);
		}
		/* A file that cannot be read outweighs one that is not fit. */
		if (worst == EXIT_CODE_DONE ||
			(worst == EXIT_CODE_REFUSED && code == EXIT_CODE_USAGE))
			worst = code;
	}
	code = view_show(cli, &view, json_pack("{s:o}", "images", images));
	return code == 0 ? worst : code;
}
