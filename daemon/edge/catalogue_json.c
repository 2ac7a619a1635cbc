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

/* Version 1 knew no manifests, no types, nobody retired; version 2 said once more what
 * stands in the manifest. */
#define FORMAT_VERSION 3

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

static json_t *image_json(const struct release_image *image)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];
	const struct wipy_image_warning *warning;
	json_t *words = must(json_array());

	for (size_t i = 0; (warning = wipy_image_warning_at(i)); i++)
		if (image->warnings & warning->bit)
			json_array_append_new(words, must(json_string(warning->word)));
	wipy_fingerprint_format(&image->fingerprint, fingerprint);
	return must(json_pack("{s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:{s:s, s:s, s:s}}",
		"family", wipy_family_facts(image->family)->name, "type", image->type,
		"sha256", image->sha256, "size", (json_int_t)image->size, "entry_point",
		(json_int_t)image->entry_point, "fingerprint", fingerprint, "warnings",
		words, "flash", "mode", image->flash.mode, "frequency",
		image->flash.frequency, "size", image->flash.size));
}

bool catalogue_json_is_text(const char *text, size_t len)
{
	json_t *made = json_stringn(text, len);

	json_decref(made);
	/* A NUL could be written, but a file that holds one is refused when it is read. */
	return made != NULL && !memchr(text, '\0', len);
}

static json_t *papers_json(const struct catalogue_papers *papers)
{
	return must(json_pack("{s:o, s:o}", "text",
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
		json_object_set_new(root, "manifest", papers_json(papers));
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

	json_array_foreach(words, at, word)
	{
		if (json_is_string(word))
			bits |= wipy_image_warning_of(json_string_value(word));
	}
	return bits;
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
	const char *type = "";
	json_t *words;

	/* Files of the first version have no type and no entry point. */
	if (json_unpack_ex(node, &json_error, 0, "{s:s, s?s, s:s, s:I, s?I, s:s, s:o}",
		    "family", &family, "type", &type, "sha256", &sha256, "size", &size,
		    "entry_point", &entry_point, "fingerprint", &fingerprint,
		    "warnings", &words) < 0)
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
	if (*type && !catalogue_is_name(type))
		return damaged(ret_error, "'%.80s' is not a type", type);
	memcpy(image.type, type, strlen(type) + 1);
	memcpy(image.sha256, sha256, sizeof(image.sha256));
	image.size = size;
	image.entry_point = (uint32_t)entry_point;
	image.warnings = read_warnings(words);
	*ret_image = image;
	return read_flash(node, &ret_image->flash, ret_error);
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

static int read_release(
	json_t *root, struct release *release, struct errtext *ret_error)
{
	json_int_t added_s, retired_s = 0;
	json_error_t json_error;
	const char *name;
	json_t *images;
	int version;

	if (json_unpack_ex(root, &json_error, 0, "{s:i, s:s, s:I, s?I, s:o}", "version",
		    &version, "name", &name, "added_s", &added_s, "retired_s",
		    &retired_s, "images", &images) < 0)
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
	return read_images(images, release, ret_error);
}

static char *text_of(const json_t *manifest, const char *key, size_t *ret_len)
{
	const json_t *text = json_object_get(manifest, key);

	*ret_len = json_string_length(text);
	return must(
		strndup(json_is_string(text) ? json_string_value(text) : "", *ret_len));
}

static void take_papers(const json_t *root, struct catalogue_own_papers *papers)
{
	const json_t *manifest = json_object_get(root, "manifest");

	papers->has_manifest = manifest != NULL;
	papers->manifest = text_of(manifest, "text", &papers->manifest_len);
	papers->signatures = text_of(manifest, "signatures", &papers->signatures_len);
}

int catalogue_json_read(const char *text, size_t len, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error)
{
	struct release release = {0};
	json_error_t json_error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json_error);
	int r;

	if (!root)
		return damaged(
			ret_error, "line %d: %s", json_error.line, json_error.text);
	r = read_release(root, &release, ret_error);
	if (r == 0) {
		*ret_release = release;
		take_papers(root, ret_papers);
	}
	json_decref(root);
	return r;
}

void catalogue_papers_done(struct catalogue_own_papers *papers)
{
	free(papers->manifest);
	free(papers->signatures);
	*papers = (struct catalogue_own_papers){.manifest = NULL};
}
