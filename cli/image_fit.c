/* SPDX-License-Identifier: MIT
 *
 * Where an image fits. The families are common/image's; the types are the daemon's word.
 */
#include "config.h"

#include "cli/image_fit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/shape.h"

#define COLUMN     16
#define ASK_S      5 /* it is no more than an addition */
#define WARN_ALIKE "same-fingerprint"

/* ---- asking --------------------------------------------------------------------- */

static char *question_of(const struct image_file *file)
{
	const struct wipy_image_info *info = &file->info;
	char fingerprint[WIPY_FINGERPRINT_MAX], sum[IMAGE_FILE_SUM_MAX], *text;
	json_t *body;

	wipy_fingerprint_format(&info->fingerprint, fingerprint);
	image_file_sum(file, sum);
	body = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b}", "family",
		wipy_family_facts(info->family)->name, "fingerprint", fingerprint,
		"sha256", sum, "size", (json_int_t)info->size, "entry_point",
		(json_int_t)info->entry_point, "one_way",
		(info->warnings & WIPY_IMAGE_WARN_ONE_WAY) != 0);
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

__attribute__((format(printf, 2, 3))) static void not_asked(
	struct image_fit *fit, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(fit->why, sizeof(fit->why), format, args);
	va_end(args);
	fit->why_not = fit->why;
}

static void ask(struct cli *cli, const char *question, struct image_fit *fit)
{
	struct client_request request = {.method = "POST",
		.path = "/v1/images/fit",
		.content_type = "application/json",
		.body = question,
		.body_len = strlen(question),
		.timeout_s = ASK_S};
	struct failure failure;

	if (client_call(cli->client, &request, &fit->answer, &failure) == 0)
		return;
	fit->answer = NULL;
	fit->away = failure.away;
	not_asked(fit, "%s", failure.text);
	failure_done(&failure);
}

void image_fit_ask(
	struct cli *cli, const struct image_file *file, struct image_fit *fit)
{
	struct failure failure;
	char *question;

	if (!wipy_image_may_be_kept(&file->info))
		return;
	if (fit->away) {
		fit->why_not = fit->why;
		return;
	}
	if (cli->client == NULL && cli_client(cli, &failure) < 0) {
		not_asked(fit, "%s", failure.text);
		failure_done(&failure);
		return;
	}
	question = question_of(file);
	if (question != NULL)
		ask(cli, question, fit);
	else
		not_asked(fit, "its version is not UTF-8 text");
	free(question);
}

void image_fit_done(struct image_fit *fit)
{
	json_decref(fit->answer);
	fit->answer = NULL;
	fit->why_not = NULL;
}

/* ---- showing -------------------------------------------------------------------- */

static void print_word(
	struct writer *writer, const char *key, const char *name, bool fits)
{
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "%s", key);
	writer_pad(writer, COLUMN);
	writer_put(writer, STYLE_PLAIN, "%s: ", name);
	writer_put(writer, fits ? STYLE_GOOD : STYLE_BAD, "%s", fits ? "yes" : "no");
}

static void print_families(struct writer *writer, const struct image_file *file)
{
	for (int i = WIPY_FAMILY_UNKNOWN + 1; i < WIPY_FAMILY_COUNT; i++) {
		int code = wipy_image_fits(&file->info, (enum wipy_family)i);

		print_word(writer, "fits family",
			wipy_family_facts((enum wipy_family)i)->name, code == 0);
		if (code == 0)
			writer_end(writer);
		else
			writer_line(writer, ", %s: %s", wipy_errcode(code),
				wipy_strerror(code));
	}
}

static void print_types(struct writer *writer, const json_t *types)
{
	const json_t *type;
	size_t i;

	json_array_foreach(types, i, type)
	{
		const char *code = shape_text(type, "code");
		long long boards = shape_number(type, "boards");

		print_word(
			writer, "fits type", shape_cell(type, "type"), code[0] == '\0');
		writer_put(writer, STYLE_PLAIN, " (%lld %s)", boards,
			shape_boards(boards));
		if (code[0] == '\0')
			writer_end(writer);
		else
			writer_line(writer, ", %s: %s", code, shape_text(type, "why"));
	}
	if (json_array_size(types) > 0)
		return;
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "fits type");
	writer_pad(writer, COLUMN);
	writer_line(writer, "the inventory has no board of this family");
}

static void print_alike(struct writer *writer, const json_t *alike)
{
	const json_t *other;
	size_t i;

	json_array_foreach(alike, i, other)
	{
		writer_pad(writer, 2);
		writer_put(writer, STYLE_HEAD, "warning");
		writer_pad(writer, COLUMN);
		writer_put(writer, STYLE_WARN, WARN_ALIKE);
		writer_line(writer,
			": release %s has other bytes (%.12s) that a board would show "
			"as the same: an update could not be told from no update",
			shape_cell(other, "release"), shape_cell(other, "sha256"));
	}
}

void image_fit_print(struct writer *writer, const struct image_file *file,
	const struct image_fit *fit)
{
	print_families(writer, file);
	if (fit->answer != NULL) {
		print_types(writer, shape_list(fit->answer, "types"));
		print_alike(writer, shape_list(fit->answer, "same_fingerprint"));
		return;
	}
	if (fit->why_not == NULL)
		return;
	writer_pad(writer, 2);
	writer_put(writer, STYLE_HEAD, "fits type");
	writer_pad(writer, COLUMN);
	writer_line(writer, "not asked: %s", fit->why_not);
}

/* null where nobody was asked. */
static json_t *asked(const struct image_fit *fit, const char *key)
{
	json_t *list = json_object_get(fit->answer, key);

	return json_is_array(list) ? json_incref(list) : json_null();
}

void image_fit_add(
	json_t *image, const struct image_file *file, const struct image_fit *fit)
{
	json_t *families = json_array();

	for (int i = WIPY_FAMILY_UNKNOWN + 1; i < WIPY_FAMILY_COUNT; i++) {
		int code = wipy_image_fits(&file->info, (enum wipy_family)i);

		(void)json_array_append_new(families,
			json_pack("{s:s, s:s?}", "family",
				wipy_family_facts((enum wipy_family)i)->name, "code",
				code == 0 ? NULL : wipy_errcode(code)));
	}
	if (json_array_size(shape_list(fit->answer, "same_fingerprint")) > 0)
		(void)json_array_append_new(
			json_object_get(image, "warnings"), json_string(WARN_ALIKE));
	(void)json_object_set_new(image, "families", families);
	(void)json_object_set_new(image, "types", asked(fit, "types"));
	(void)json_object_set_new(
		image, "same_fingerprint", asked(fit, "same_fingerprint"));
	(void)json_object_set_new(image, "not_asked",
		fit->why_not == NULL ? json_null() : json_string(fit->why_not));
}
