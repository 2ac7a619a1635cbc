/* SPDX-License-Identifier: MIT
 *
 * Release files as JSON. A fingerprint is written as the banner that a board would show,
 * so that reading it back goes through the same checks as a board's own words.
 */
#include "config.h"

#include "daemon/edge/catalogue_json.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/image.h"
#include "common/text.h"
#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_private.h"

/* Version 1 knew no manifests, no types, nobody retired. */
#define FORMAT_VERSION 2

static const struct {
	uint32_t bit;
	const char *word;
} warnings[] = {
	{WIPY_IMAGE_WARN_MD5_ENGINE, "md5-engine"},
	{WIPY_IMAGE_WARN_MODIFIED, "modified-build"},
	{WIPY_IMAGE_WARN_UNCOVERED, "uncovered"},
	{WIPY_IMAGE_WARN_ONE_WAY, "one-way"},
};

#define WARNING_COUNT (sizeof(warnings) / sizeof(warnings[0]))

__attribute__((format(printf, 2, 3))) static int damaged(
	struct errtext *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return WIPY_E_CORRUPT;
}

bool catalogue_is_name(const char *text)
{
	return wipy_text_is_name(text, NAME_MAX_LEN) && text[0] != '.';
}

const struct release_image *catalogue_image_of(
	const struct release *release, enum wipy_family family, const char *type)
{
	const struct release_image *image = release_image_for(release, family, type);

	return image && strcmp(image->type, type) == 0 ? image : NULL;
}

bool catalogue_is_sha256(const char *text)
{
	size_t len = strspn(text, "0123456789abcdef");

	return len == SHA256_HEX_MAX - 1 && text[len] == '\0';
}

/* ---- writing ---------------------------------------------------------------------- */

/* jansson fails only for want of memory, and on text that is not UTF-8, which no field
 * of a release can hold: hence must(). */

static json_t *ranges_json(const struct version_ranges *ranges)
{
	json_t *list = must(json_array());
	char text[VERSION_RANGE_TEXT_MAX];

	for (size_t i = 0; i < ranges->count; i++) {
		version_range_format(&ranges->range[i], text);
		json_array_append_new(list, must(json_string(text)));
	}
	return list;
}

static json_t *image_json(const struct release_image *image)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];
	json_t *words = must(json_array());

	for (size_t i = 0; i < WARNING_COUNT; i++)
		if (image->warnings & warnings[i].bit)
			json_array_append_new(
				words, must(json_string(warnings[i].word)));
	wipy_fingerprint_format(&image->fingerprint, fingerprint);
	return must(json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:s, s:{s:s, s:s, s:s}}",
		"family", wipy_family_facts(image->family)->name, "type", image->type,
		"sha256", image->sha256, "size", (json_int_t)image->size, "entry_point",
		(json_int_t)image->entry_point, "fingerprint", fingerprint, "warnings",
		words, "from", ranges_json(&image->from), "through", image->through,
		"flash", "mode", image->flash.mode, "frequency", image->flash.frequency,
		"size", image->flash.size));
}

bool catalogue_json_is_text(const char *text, size_t len)
{
	json_t *made = json_stringn(text, len);

	json_decref(made);
	/* A NUL could be written, but a file that holds one is refused when it is read. */
	return made != NULL && !memchr(text, '\0', len);
}

static json_t *manifest_json(
	const struct release_manifest *manifest, const struct catalogue_papers *papers)
{
	json_t *signers = must(json_array());

	for (size_t i = 0; i < manifest->signer_count; i++)
		json_array_append_new(signers, must(json_string(manifest->signer[i])));
	return must(json_pack("{s:s, s:I, s:I, s:I, s:o, s:s, s:o, s:o}", "series",
		manifest->series, "serial", (json_int_t)manifest->serial, "created_s",
		(json_int_t)manifest->created_s, "expires_s",
		(json_int_t)manifest->expires_s, "signers", signers, "notes",
		manifest->notes, "text",
		must(json_stringn(papers->manifest, papers->manifest_len)),
		"signatures",
		must(json_stringn(papers->signatures, papers->signatures_len))));
}

char *catalogue_json_write(
	const struct release *release, const struct catalogue_papers *papers)
{
	json_t *images = must(json_array()), *root;
	char *text;

	for (size_t i = 0; i < release->image_count; i++)
		json_array_append_new(images, image_json(&release->image[i]));
	root = must(json_pack("{s:i, s:s, s:I, s:I, s:o}", "version", FORMAT_VERSION,
		"name", release->name, "added_s", (json_int_t)release->added_s,
		"retired_s", (json_int_t)release->retired_s, "images", images));
	if (*release->manifest.series)
		json_object_set_new(
			root, "manifest", manifest_json(&release->manifest, papers));
	text = must(json_dumps(root, JSON_INDENT(2)));
	json_decref(root);
	return text;
}

/* ---- reading ---------------------------------------------------------------------- */

/* A word of a later version is passed over: it warns of nothing that we know. */
static uint32_t read_warnings(const json_t *words)
{
	uint32_t bits = 0;
	const json_t *word;
	size_t at;

	json_array_foreach(words, at,
		word) for (size_t i = 0; i < WARNING_COUNT;
			   i++) if (json_is_string(word) &&
				    strcmp(json_string_value(word), warnings[i].word) ==
					    0) bits |= warnings[i].bit;
	return bits;
}

/* A missing list asks for nothing. */
static int read_ranges(
	const json_t *list, struct version_ranges *ranges, struct errtext *ret_error)
{
	const json_t *text;
	size_t at;

	if (list &&
		(!json_is_array(list) || json_array_size(list) > VERSION_RANGES_MAX))
		return damaged(ret_error, "'from' is not a list of up to %d versions",
			VERSION_RANGES_MAX);
	json_array_foreach(list, at, text)
	{
		if (!json_is_string(text) ||
			version_range_parse(json_string_value(text),
				&ranges->range[ranges->count++], ret_error) < 0)
			return damaged(ret_error, "'from' holds what is no range");
	}
	return 0;
}

/* For which boards it is, beside the family; files of version 1 say nothing of it. */
static int read_limits(
	json_t *node, struct release_image *image, struct errtext *ret_error)
{
	const char *type = "", *through = "";
	json_error_t json_error;
	json_t *from = NULL;

	if (json_unpack_ex(node, &json_error, 0, "{s?s, s?s, s?o}", "type", &type,
		    "through", &through, "from", &from) < 0)
		return damaged(ret_error, "an image: %s", json_error.text);
	if (*type && !catalogue_is_name(type))
		return damaged(ret_error, "'%.80s' is not a type", type);
	if (!wipy_text_copy(
		    image->through, sizeof(image->through), through, strlen(through)))
		return damaged(ret_error, "'%.80s' is not a version", through);
	memcpy(image->type, type, strlen(type) + 1);
	return read_ranges(from, &image->from, ret_error);
}

/* One word that is typed in a command. */
static bool read_setting(const char *text, char ret_text[8])
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-KMB")] == '\0' &&
	       text[0] != '-' && wipy_text_copy(ret_text, 8, text, strlen(text));
}

/* Older files say nothing of it. */
static int read_flash(
	json_t *node, struct release_flash *flash, struct errtext *ret_error)
{
	const char *mode = "", *frequency = "", *size = "";
	json_error_t json_error;

	if (json_unpack_ex(node, &json_error, 0, "{s?{s?s, s?s, s?s}}", "flash", "mode",
		    &mode, "frequency", &frequency, "size", &size) < 0)
		return damaged(ret_error, "an image: %s", json_error.text);
	if (!read_setting(mode, flash->mode) ||
		!read_setting(frequency, flash->frequency) ||
		!read_setting(size, flash->size))
		return damaged(ret_error, "'flash' holds what is no setting of one");
	return 0;
}

static int read_image(
	json_t *node, struct release_image *ret_image, struct errtext *ret_error)
{
	const char *family, *sha256, *fingerprint;
	struct release_image image = {0};
	json_error_t json_error;
	json_int_t size, entry_point = 0;
	json_t *words;

	/* Files of the first version have no entry point. */
	if (json_unpack_ex(node, &json_error, 0, "{s:s, s:s, s:I, s?I, s:s, s:o}",
		    "family", &family, "sha256", &sha256, "size", &size, "entry_point",
		    &entry_point, "fingerprint", &fingerprint, "warnings", &words) < 0)
		return damaged(ret_error, "an image: %s", json_error.text);
	image.family = wipy_family_by_name(family);
	if (image.family == WIPY_FAMILY_UNKNOWN)
		return damaged(ret_error, "unknown family '%.40s'", family);
	if (!catalogue_is_sha256(sha256))
		return damaged(ret_error, "'%.80s' is not a SHA-256", sha256);
	if (size <= 0 || size > CATALOGUE_IMAGE_MAX)
		return damaged(ret_error, "an image of %lld bytes", (long long)size);
	if (entry_point < 0 || entry_point > UINT32_MAX)
		return damaged(
			ret_error, "an entry point of %lld", (long long)entry_point);
	if (wipy_fingerprint_parse_banner(
		    fingerprint, strlen(fingerprint), &image.fingerprint) < 0)
		return damaged(ret_error, "'%.160s' is not a fingerprint", fingerprint);
	memcpy(image.sha256, sha256, sizeof(image.sha256));
	image.size = size;
	image.entry_point = (uint32_t)entry_point;
	image.warnings = read_warnings(words);
	*ret_image = image;
	if (read_flash(node, &ret_image->flash, ret_error) < 0)
		return WIPY_E_CORRUPT;
	return read_limits(node, ret_image, ret_error);
}

static int read_images(
	json_t *images, struct release *release, struct errtext *ret_error)
{
	struct release_image image;
	json_t *node;
	size_t at;
	int r;

	if (!json_is_array(images) || json_array_size(images) == 0 ||
		json_array_size(images) > RELEASE_IMAGES_MAX)
		return damaged(ret_error, "not 1 to %d images", RELEASE_IMAGES_MAX);
	json_array_foreach(images, at, node)
	{
		r = read_image(node, &image, ret_error);
		if (r < 0)
			return r;
		if (catalogue_image_of(release, image.family, image.type))
			return damaged(ret_error, "two images for %s%s%s",
				wipy_family_facts(image.family)->name,
				*image.type ? " of type " : "", image.type);
		release->image[release->image_count++] = image;
	}
	return 0;
}

static int read_signers(const json_t *list, struct release_manifest *manifest,
	struct errtext *ret_error)
{
	const json_t *text;
	size_t at;

	if (!json_is_array(list) || json_array_size(list) > RELEASE_SIGNERS_MAX)
		return damaged(ret_error, "'signers' is not a list of up to %d keys",
			RELEASE_SIGNERS_MAX);
	json_array_foreach(list, at, text)
	{
		const char *id = json_string_value(text);

		if (!id || strspn(id, "0123456789ABCDEF") != RELEASE_SIGNER_MAX - 1 ||
			id[RELEASE_SIGNER_MAX - 1])
			return damaged(
				ret_error, "'signers' holds what is no key's id");
		memcpy(manifest->signer[manifest->signer_count++], id,
			RELEASE_SIGNER_MAX);
	}
	return 0;
}

static int read_manifest(const json_t *node, struct release_manifest *manifest,
	struct errtext *ret_error)
{
	json_int_t serial, created_s, expires_s;
	const char *series, *notes;
	json_error_t json_error;
	json_t *signers;

	if (!node)
		return 0;
	if (json_unpack_ex((json_t *)node, &json_error, 0,
		    "{s:s, s:I, s:I, s:I, s:o, s:s}", "series", &series, "serial",
		    &serial, "created_s", &created_s, "expires_s", &expires_s,
		    "signers", &signers, "notes", &notes) < 0)
		return damaged(ret_error, "the manifest: %s", json_error.text);
	if (!catalogue_is_name(series))
		return damaged(ret_error, "'%.80s' is not a series", series);
	if (serial <= 0 || created_s < 0 || expires_s < 0)
		return damaged(ret_error, "the manifest has a negative number");
	memcpy(manifest->series, series, strlen(series) + 1);
	if (!wipy_text_copy(
		    manifest->notes, sizeof(manifest->notes), notes, strlen(notes)))
		return damaged(ret_error, "the notes are too long");
	manifest->serial = serial;
	manifest->created_s = created_s;
	manifest->expires_s = expires_s;
	return read_signers(signers, manifest, ret_error);
}

static int read_release(
	json_t *root, struct release *release, struct errtext *ret_error)
{
	json_t *images, *manifest = NULL;
	json_int_t added_s, retired_s = 0;
	json_error_t json_error;
	const char *name;
	int version, r;

	if (json_unpack_ex(root, &json_error, 0, "{s:i, s:s, s:I, s?I, s:o, s?o}",
		    "version", &version, "name", &name, "added_s", &added_s,
		    "retired_s", &retired_s, "images", &images, "manifest",
		    &manifest) < 0)
		return damaged(ret_error, "%s", json_error.text);
	if (version < 1 || version > FORMAT_VERSION)
		return damaged(ret_error, "version %d is not known here", version);
	if (!catalogue_is_name(name))
		return damaged(ret_error, "'%.80s' is not a release name", name);
	if (added_s < 0 || retired_s < 0)
		return damaged(ret_error, "a time in it is negative");
	memcpy(release->name, name, strlen(name) + 1);
	release->added_s = added_s;
	release->retired_s = retired_s;
	r = read_manifest(manifest, &release->manifest, ret_error);
	return r < 0 ? r : read_images(images, release, ret_error);
}

int catalogue_json_read(const char *text, size_t len, struct release *ret_release,
	struct errtext *ret_error)
{
	struct release release = {0};
	json_error_t json_error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json_error);
	int r;

	if (!root)
		return damaged(
			ret_error, "line %d: %s", json_error.line, json_error.text);
	r = read_release(root, &release, ret_error);
	json_decref(root);
	if (r == 0)
		*ret_release = release;
	return r;
}

static char *text_of(const json_t *manifest, const char *key, size_t *ret_len)
{
	const json_t *text = json_object_get(manifest, key);

	*ret_len = json_string_length(text);
	return must(
		strndup(json_is_string(text) ? json_string_value(text) : "", *ret_len));
}

int catalogue_json_papers(
	const char *text, size_t len, struct catalogue_own_papers *ret_papers)
{
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *manifest = json_object_get(root, "manifest");

	if (!root)
		return WIPY_E_CORRUPT;
	ret_papers->manifest = text_of(manifest, "text", &ret_papers->manifest_len);
	ret_papers->signatures =
		text_of(manifest, "signatures", &ret_papers->signatures_len);
	json_decref(root);
	return 0;
}

void catalogue_papers_done(struct catalogue_own_papers *papers)
{
	free(papers->manifest);
	free(papers->signatures);
	*papers = (struct catalogue_own_papers){NULL, NULL, 0, 0};
}
