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
#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_private.h"

#define FORMAT_VERSION 1

static const struct {
	uint32_t bit;
	const char *word;
} warnings[] = {
	{WIPY_IMAGE_WARN_MD5_ENGINE, "md5-engine"},
	{WIPY_IMAGE_WARN_MODIFIED, "modified-build"},
	{WIPY_IMAGE_WARN_UNCOVERED, "uncovered"},
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
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return len > 0 && len < NAME_MAX_LEN && text[len] == '\0' && text[0] != '.';
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
	json_t *words = must(json_array());

	for (size_t i = 0; i < WARNING_COUNT; i++)
		if (image->warnings & warnings[i].bit)
			json_array_append_new(
				words, must(json_string(warnings[i].word)));
	wipy_fingerprint_format(&image->fingerprint, fingerprint);
	return must(json_pack("{s:s, s:s, s:I, s:I, s:s, s:o}", "family",
		wipy_family_facts(image->family)->name, "sha256", image->sha256, "size",
		(json_int_t)image->size, "entry_point", (json_int_t)image->entry_point,
		"fingerprint", fingerprint, "warnings", words));
}

char *catalogue_json_write(const struct release *release)
{
	json_t *images = must(json_array()), *root;
	char *text;

	for (size_t i = 0; i < release->image_count; i++)
		json_array_append_new(images, image_json(&release->image[i]));
	root = must(json_pack("{s:i, s:s, s:I, s:o}", "version", FORMAT_VERSION, "name",
		release->name, "added_s", (json_int_t)release->added_s, "images",
		images));
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
	return 0;
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
		if (release_image_for(release, image.family))
			return damaged(ret_error, "two images for %s",
				wipy_family_facts(image.family)->name);
		release->image[release->image_count++] = image;
	}
	return 0;
}

static int read_release(
	json_t *root, struct release *release, struct errtext *ret_error)
{
	json_error_t json_error;
	json_int_t added_s;
	const char *name;
	json_t *images;
	int version;

	if (json_unpack_ex(root, &json_error, 0, "{s:i, s:s, s:I, s:o}", "version",
		    &version, "name", &name, "added_s", &added_s, "images",
		    &images) < 0)
		return damaged(ret_error, "%s", json_error.text);
	if (version != FORMAT_VERSION)
		return damaged(ret_error, "version %d is not known here", version);
	if (!catalogue_is_name(name))
		return damaged(ret_error, "'%.80s' is not a release name", name);
	if (added_s < 0)
		return damaged(ret_error, "added_s is negative");
	memcpy(release->name, name, strlen(name) + 1);
	release->added_s = added_s;
	return read_images(images, release, ret_error);
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
