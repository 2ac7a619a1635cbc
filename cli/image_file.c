/* SPDX-License-Identifier: MIT
 *
 * The facts are common/image's; here they get their words.
 */
#include "config.h"

#include "cli/image_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/file.h"
#include "common/sha256.h"

static const struct {
	uint32_t bit;
	const char *sentence;
} sentences[] = {
	{WIPY_IMAGE_WARN_MD5_ENGINE,
		"the length without the MD5 trailer is a multiple of 64 bytes or not "
		"one of 4: "
		"the board's MD5 engine may reject the image; try it on one board "
		"first"},
	{WIPY_IMAGE_WARN_MODIFIED,
		"a modified build (its tag ends in -dirty): such a tag does not tell "
		"two builds "
		"apart"},
	{WIPY_IMAGE_WARN_ONE_WAY,
		"it does not carry the mark of this project's firmware: a board that "
		"runs it has no telnet and no FTP; a rollout pushes it only with "
		"--allow-one-way"},
	{WIPY_IMAGE_WARN_FLASH,
		"the header names a mode, size or frequency of the flash that is none "
		"of the known ones: it is damaged, or made for another loader"},
	{WIPY_IMAGE_WARN_UNCOVERED,
		"no checksum speaks for a part of the file: damage there would not be "
		"seen"},
};

/* A pipe may never end, nor even open. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int image_file_load(struct cli *cli, const char *path, struct image_file *ret_file)
{
	struct image_file file = {.path = path};
	int err;

	if (is_special(path))
		return cli_fail(cli, EXIT_CODE_USAGE, "name the file of an image",
			"%s is not a regular file", path);
	err = file_read(path, IMAGE_FILE_MAX, &file.data, &file.len);
	if (err == -EFBIG)
		return cli_fail(cli, EXIT_CODE_REFUSED, NULL,
			"%s is longer than 4 MiB: that is no firmware image of a board",
			path);
	if (err < 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL, "cannot read %s: %s", path,
			wipy_strerror(err));
	wipy_image_inspect(file.data, file.len, &file.info);
	*ret_file = file;
	return 0;
}

void image_file_done(struct image_file *file)
{
	free(file->data);
	file->data = NULL;
}

void image_file_sum(const struct image_file *file, char ret_hex[IMAGE_FILE_SUM_MAX])
{
	uint8_t digest[WIPY_SHA256_LEN];
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, file->data, file->len);
	wipy_sha256_final(&sha, digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

void image_file_explain(const struct image_file *file, struct errtext *ret_text)
{
	const struct wipy_image_info *info = &file->info;
	const char *sentence = wipy_strerror(info->verdict);
	size_t max = wipy_family_facts(info->family)->image_max;

	if (info->verdict == WIPY_E_IMAGE_TOO_BIG && max > 0)
		snprintf(ret_text->text, sizeof(ret_text->text),
			"%s: %zu bytes, %zu fit", sentence, info->size, max);
	else if (info->verdict == WIPY_E_IMAGE_MD5 && info->has_md5)
		snprintf(ret_text->text, sizeof(ret_text->text),
			"%s: stored %s, computed %s", sentence, info->md5_stored,
			info->md5_computed);
	else if (info->verdict == WIPY_E_IMAGE_HEADER && info->esp.flaw)
		snprintf(ret_text->text, sizeof(ret_text->text), "%s: %s", sentence,
			info->esp.flaw);
	else if (info->verdict == WIPY_E_IMAGE_NO_MD5 &&
		 info->family == WIPY_FAMILY_PYCOM)
		snprintf(ret_text->text, sizeof(ret_text->text),
			"%s, which Pycom's loader asks for where there is no SHA-256",
			sentence);
	else if (info->verdict == WIPY_E_IMAGE_NO_ENDPOINTS)
		snprintf(ret_text->text, sizeof(ret_text->text), "%s", sentence);
	else
		snprintf(ret_text->text, sizeof(ret_text->text),
			"%s (it looks like: %s)", sentence, info->kind);
}

const char *image_file_warning(const char *word)
{
	uint32_t bit = wipy_image_warning_of(word);

	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].bit == bit)
			return sentences[i].sentence;
	return word;
}

json_t *image_file_warnings(const struct image_file *file)
{
	const struct wipy_image_warning *warning;
	json_t *words = json_array();

	for (size_t i = 0; (warning = wipy_image_warning_at(i)) != NULL; i++)
		if ((file->info.warnings & warning->bit) != 0)
			(void)json_array_append_new(words, json_string(warning->word));
	return words;
}

/* null for images of other families. */
static json_t *image_file_esp(const struct wipy_image_info *info)
{
	const struct wipy_image_esp *esp = &info->esp;

	if (!wipy_image_is_esp(info))
		return json_null();
	return json_pack(
		"{s:i, s:i, s:s, s:s, s:s, s:I, s:b, s:b, s:b, s:b, s:b, s:s?, s:s?, "
		"s:s?, s:s?, s:b}",
		"segments", esp->segments, "chip_id", esp->chip_id, "flash_mode",
		esp->flash_mode, "flash_size", esp->flash_size, "flash_frequency",
		esp->flash_frequency, "covered", (json_int_t)esp->covered_len,
		"checksum_right", esp->checksum_right, "has_sha256", esp->has_sha256,
		"sha256_right", esp->sha256_right, "has_flash_md5", esp->has_flash_md5,
		"flash_md5_right", esp->flash_md5_right, "app_version",
		esp->has_description ? esp->app_version : NULL, "app_project",
		esp->has_description ? esp->app_project : NULL, "idf_version",
		esp->has_description ? esp->idf_version : NULL, "pycom_release",
		esp->pycom_release[0] ? esp->pycom_release : NULL, "marked",
		esp->marked);
}

json_t *image_file_json(const struct image_file *file)
{
	const struct wipy_image_info *info = &file->info;
	const struct wipy_fingerprint *fp = &info->fingerprint;
	bool seen = info->has_fingerprint;

	/* "s?" makes null of NULL. */
	return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:{s:b, s:b, s:s, s:s}, s:s?, "
			 "s:s?, s:s?, s:s?, "
			 "s:o, s:o, s:s}",
		"file", file_name_json(file->path), "family",
		wipy_family_facts(info->family)->name, "kind", info->kind, "size",
		(json_int_t)info->size, "stack_pointer",
		(json_int_t)info->stack_pointer, "entry_point",
		(json_int_t)info->entry_point, "md5", "present", info->has_md5, "right",
		info->md5_right, "stored", info->md5_stored, "computed",
		info->md5_computed, "tag", seen ? fp->tag : NULL, "date",
		seen ? fp->date : NULL, "board", seen ? fp->board : NULL, "mcu",
		seen ? fp->mcu : NULL, "esp", image_file_esp(info), "warnings",
		image_file_warnings(file), "verdict",
		info->verdict == 0 ? "ok" : wipy_errcode(info->verdict));
}
