/* SPDX-License-Identifier: MIT
 *
 * Reading a manifest. Everything that it says of an image is held against the image's
 * bytes later: a manifest with a typing error is refused, signed or not.
 */
#include "config.h"

#include "daemon/edge/catalogue_manifest.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_json.h"

#define MANIFEST_VERSION 1
#define SERIAL_MAX       INT64_C(1000000000000)

struct top_keys {
	int64_t version;
	char name[NAME_MAX_LEN], series[NAME_MAX_LEN];
	int64_t serial, created_s, expires_s;
	char *notes;
	const yaml_node_t *images;
};
struct image_keys {
	char file[NAME_MAX_LEN], family[NAME_MAX_LEN], type[NAME_MAX_LEN];
	char *sha256, *fingerprint, *through;
	int64_t size;
	const yaml_node_t *from;
};

#define TOP(field)   offsetof(struct top_keys, field)
#define IMAGE(field) offsetof(struct image_keys, field)

static const struct yaml_key top_table[] = {
	{"version", YAML_KEY_INT, TOP(version), MANIFEST_VERSION, MANIFEST_VERSION,
		true},
	{"name", YAML_KEY_NAME, TOP(name), 0, 0, true},
	{"series", YAML_KEY_NAME, TOP(series), 0, 0, false},
	{"serial", YAML_KEY_INT, TOP(serial), 1, SERIAL_MAX, true},
	{"created", YAML_KEY_TIME, TOP(created_s), 0, 0, true},
	{"expires", YAML_KEY_TIME, TOP(expires_s), 0, 0, false},
	{"notes", YAML_KEY_TEXT, TOP(notes), 0, RELEASE_NOTES_MAX - 1, false},
	{"images", YAML_KEY_NODE, TOP(images), 0, 0, true},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key image_table[] = {
	{"file", YAML_KEY_NAME, IMAGE(file), 0, 0, true},
	{"family", YAML_KEY_NAME, IMAGE(family), 0, 0, true},
	{"type", YAML_KEY_NAME, IMAGE(type), 0, 0, false},
	{"sha256", YAML_KEY_STRING, IMAGE(sha256), 0, 0, true},
	{"size", YAML_KEY_INT, IMAGE(size), 1, CATALOGUE_IMAGE_MAX, true},
	{"fingerprint", YAML_KEY_STRING, IMAGE(fingerprint), 0, 0, true},
	{"from", YAML_KEY_NODE, IMAGE(from), 0, 0, false},
	{"through", YAML_KEY_STRING, IMAGE(through), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};

/* ---- an image --------------------------------------------------------------------- */

static bool take_family(struct yaml_file *file, const yaml_node_t *node,
	const char *name, struct release_image *image)
{
	image->family = wipy_family_by_name(name);
	if (image->family != WIPY_FAMILY_UNKNOWN)
		return true;
	yaml_problem(file, node,
		"'family': expected wipy, pycom, esp32 or esp8266, found '%s'", name);
	return false;
}

static bool take_through(struct yaml_file *file, const yaml_node_t *node,
	const char *text, struct release_image *image)
{
	struct wipy_version version;
	size_t len = strlen(text);

	if (len < sizeof(image->through) && wipy_version_parse(text, &version) == 0 &&
		version.has_base) {
		memcpy(image->through, text, len + 1);
		return true;
	}
	yaml_problem(file, node,
		"'through': expected a version such as v1.8.6, found '%.60s'", text);
	return false;
}

/* The texts that have a form of their own. All keys that must be there are there. */
static bool take_texts(struct yaml_file *file, const yaml_node_t *node,
	const struct image_keys *keys, struct release_image *image)
{
	bool good = take_family(file, node, keys->family, image);

	if (catalogue_is_sha256(keys->sha256)) {
		memcpy(image->sha256, keys->sha256, SHA256_HEX_MAX);
	} else {
		yaml_problem(file, node,
			"'sha256': expected 64 lower-case hex digits, found '%.70s'",
			keys->sha256);
		good = false;
	}
	if (wipy_fingerprint_parse_banner(keys->fingerprint, strlen(keys->fingerprint),
		    &image->fingerprint) < 0) {
		yaml_problem(file, node,
			"'fingerprint': expected TAG on YYYY-MM-DD; BOARD with MCU, "
			"found '%.160s'",
			keys->fingerprint);
		good = false;
	}
	if (keys->through)
		good = take_through(file, node, keys->through, image) && good;
	return good;
}

static bool is_second(const struct release *release, const struct release_image *image)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (release->image[i].family == image->family &&
			strcmp(release->image[i].type, image->type) == 0)
			return true;
	return false;
}

static bool read_image(
	struct yaml_file *file, const yaml_node_t *node, struct manifest *manifest)
{
	struct release *release = &manifest->release;
	struct release_image image = {0};
	struct image_keys keys = {.file = ""};
	bool good = yaml_check_mapping(file, node, image_table, &keys);

	if (good)
		good = take_texts(file, node, &keys, &image);
	if (keys.from)
		good = yaml_check_versions(file, keys.from, "from", &image.from) &&
		       good;
	memcpy(image.type, keys.type, sizeof(image.type));
	image.size = keys.size;
	if (good && is_second(release, &image)) {
		yaml_problem(file, node,
			"this is the second image for the same family%s: each needs a "
			"'type' of its own",
			*image.type ? " and type" : "");
		good = false;
	}
	memcpy(manifest->file[release->image_count], keys.file, NAME_MAX_LEN);
	release->image[release->image_count++] = image;
	free(keys.sha256);
	free(keys.fingerprint);
	free(keys.through);
	return good;
}

/* ---- the whole -------------------------------------------------------------------- */

static bool read_images(
	struct yaml_file *file, const yaml_node_t *node, struct manifest *manifest)
{
	const yaml_node_item_t *end, *item = yaml_check_list(file, node, "images", 1,
					     RELEASE_IMAGES_MAX, &end);
	bool good = item != NULL;

	for (; item && item < end; item++)
		good = read_image(file, yaml_file_node(file, *item), manifest) && good;
	return good;
}

static bool take_top(
	struct yaml_file *file, const struct top_keys *keys, struct manifest *manifest)
{
	struct release *release = &manifest->release;
	struct release_manifest *said = &release->manifest;

	memcpy(release->name, keys->name, sizeof(release->name));
	memcpy(said->series, keys->series, sizeof(said->series));
	said->serial = keys->serial;
	said->created_s = keys->created_s;
	said->expires_s = keys->expires_s;
	snprintf(
		said->notes, sizeof(said->notes), "%s", keys->notes ? keys->notes : "");
	if (!catalogue_is_name(keys->name)) {
		yaml_problem(file, yaml_file_root(file),
			"'name': '%s' cannot be the name of a release: no '.' at the "
			"front",
			keys->name);
		return false;
	}
	if (keys->expires_s == 0 || keys->expires_s > keys->created_s)
		return true;
	yaml_problem(file, yaml_file_root(file),
		"'expires': the release expires before it was created");
	return false;
}

static bool read_top(struct yaml_file *file, struct manifest *manifest)
{
	struct top_keys keys = {.series = MANIFEST_SERIES};
	bool good = yaml_check_mapping(file, yaml_file_root(file), top_table, &keys);

	if (good)
		good = take_top(file, &keys, manifest);
	if (keys.images)
		good = read_images(file, keys.images, manifest) && good;
	free(keys.notes);
	return good;
}

int manifest_read(const char *name, const uint8_t *text, size_t len,
	struct yaml_problems *problems, struct manifest *ret_manifest)
{
	struct yaml_file file;
	int rc;

	*ret_manifest = (struct manifest){.file = {""}};
	if (len > MANIFEST_MAX) {
		file = (struct yaml_file){.name = name, .problems = problems};
		yaml_problem(&file, NULL,
			"a manifest has at most %d bytes, this one has %zu",
			MANIFEST_MAX, len);
		return WIPY_E_CONFIG;
	}
	rc = yaml_file_parse(&file, name, text, len, problems);
	if (file.loaded && !read_top(&file, ret_manifest))
		rc = WIPY_E_CONFIG;
	yaml_file_done(&file);
	return rc;
}

/* The first fault, and how many more there are. */
static int tell_problems(
	const struct yaml_problems *problems, struct errtext *ret_error)
{
	size_t more = problems->count + problems->more - 1;

	if (more == 0)
		snprintf(ret_error->text, sizeof(ret_error->text), "%s",
			problems->line[0]);
	else
		snprintf(ret_error->text, sizeof(ret_error->text),
			"%.260s (and %zu more)", problems->line[0], more);
	return WIPY_E_RELEASE_MANIFEST;
}

int catalogue_read_manifest(const struct catalogue_offer *offer,
	struct manifest *ret_manifest, struct errtext *ret_error)
{
	struct yaml_problems problems;
	int r;

	yaml_problems_init(&problems);
	r = manifest_read(offer->manifest_name, offer->manifest, offer->manifest_len,
		&problems, ret_manifest);
	if (r < 0)
		r = tell_problems(&problems, ret_error);
	yaml_problems_done(&problems);
	return r;
}

/* ---- signatures ------------------------------------------------------------------- */

static const struct minisign_key *trusted_key(
	const struct minisign_trust *trust, const uint8_t id[MINISIGN_ID_LEN])
{
	for (size_t i = 0; i < trust->key_count; i++)
		if (memcmp(trust->key[i].id, id, MINISIGN_ID_LEN) == 0)
			return &trust->key[i];
	return NULL;
}

/* A key that signed twice is one signer. */
static void add_signer(struct release_manifest *said, const struct minisign_key *key)
{
	char id[MINISIGN_ID_TEXT_MAX];

	minisign_id_text(key->id, id);
	for (size_t i = 0; i < said->signer_count; i++)
		if (strcmp(said->signer[i], id) == 0)
			return;
	if (said->signer_count < RELEASE_SIGNERS_MAX)
		memcpy(said->signer[said->signer_count++], id, sizeof(id));
}

int manifest_verify(const struct minisign_trust *trust, const uint8_t *text, size_t len,
	const char *signatures, size_t signatures_len, struct release_manifest *said,
	struct errtext *ret_error)
{
	struct minisign_signature signature[MINISIGN_KEYS_MAX];
	size_t count = 0;
	int r = 0;

	if (signatures_len > 0)
		r = minisign_signatures_parse(
			signatures, signatures_len, signature, &count, ret_error);
	for (size_t i = 0; i < count && r == 0; i++) {
		const struct minisign_key *key = trusted_key(trust, signature[i].id);

		if (key && minisign_verify(key, &signature[i], text, len))
			add_signer(said, key);
		else if (key)
			r = -EBADMSG;
		if (r == 0)
			continue;
		snprintf(ret_error->text, sizeof(ret_error->text),
			"the signature of a trusted key does not fit this manifest: "
			"one of the two was changed, or belongs to another file");
	}
	said->broken = r < 0;
	if (r < 0)
		said->signer_count = 0;
	return r;
}

/* ---- against the bytes ------------------------------------------------------------ */

static int differs(
	struct errtext *error, const char *what, const char *stated, const char *found)
{
	snprintf(error->text, sizeof(error->text),
		"the manifest says of the image's %s: %s; its bytes say: %s", what,
		stated, found);
	return -EBADMSG;
}

int manifest_check_image(const struct release_image *stated,
	const struct wipy_image_info *found, struct errtext *ret_error)
{
	char a[WIPY_FINGERPRINT_MAX], b[WIPY_FINGERPRINT_MAX];

	if (found->family != stated->family)
		return differs(ret_error, "family",
			wipy_family_facts(stated->family)->name, found->kind);
	if ((int64_t)found->size != stated->size) {
		snprintf(a, sizeof(a), "%lld bytes", (long long)stated->size);
		snprintf(b, sizeof(b), "%zu bytes", found->size);
		return differs(ret_error, "size", a, b);
	}
	if (wipy_fingerprint_equal(&found->fingerprint, &stated->fingerprint))
		return 0;
	wipy_fingerprint_format(&stated->fingerprint, a);
	wipy_fingerprint_format(&found->fingerprint, b);
	return differs(ret_error, "fingerprint", a, b);
}

/* ---- from the catalogue's own file ------------------------------------------------- */

/* What is known of the bytes goes with what the manifest says of them. */
static int take_bytes_facts(struct release_image *stated, const struct release *own,
	struct errtext *ret_error)
{
	const struct release_image *known =
		catalogue_image_of(own, stated->family, stated->type);

	if (!known || strcmp(known->sha256, stated->sha256) != 0 ||
		known->size != stated->size ||
		!wipy_fingerprint_equal(&known->fingerprint, &stated->fingerprint)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"it holds another image for %s%s%s than its manifest names",
			wipy_family_facts(stated->family)->name,
			*stated->type ? " of type " : "", stated->type);
		return WIPY_E_CORRUPT;
	}
	stated->entry_point = known->entry_point;
	stated->warnings = known->warnings;
	stated->flash = known->flash;
	return 0;
}

static int read_signed(const struct catalogue_own_papers *papers,
	const struct minisign_trust *trust, struct release *release,
	struct errtext *ret_error)
{
	const uint8_t *text = (const uint8_t *)papers->manifest;
	struct catalogue_offer offer = {.manifest_name = "its manifest",
		.manifest = text,
		.manifest_len = papers->manifest_len};
	struct errtext broken;
	struct manifest manifest;
	int r = 0;

	if (catalogue_read_manifest(&offer, &manifest, ret_error) < 0)
		return WIPY_E_CORRUPT;
	if (strcmp(manifest.release.name, release->name) != 0 ||
		manifest.release.image_count != release->image_count) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"its manifest is that of another release, '%s'",
			manifest.release.name);
		return WIPY_E_CORRUPT;
	}
	manifest.release.added_s = release->added_s;
	manifest.release.retired_s = release->retired_s;
	/* What does not fit is kept, and begins nothing. */
	(void)!manifest_verify(trust, text, papers->manifest_len, papers->signatures,
		papers->signatures_len, &manifest.release.manifest, &broken);
	for (size_t i = 0; i < release->image_count && r == 0; i++)
		r = take_bytes_facts(&manifest.release.image[i], release, ret_error);
	if (r == 0)
		*release = manifest.release;
	return r;
}

int catalogue_read_release(const char *text, size_t len,
	const struct minisign_trust *trust, struct release *ret_release,
	struct catalogue_own_papers *ret_papers, struct errtext *ret_error)
{
	int r = catalogue_json_read(text, len, ret_release, ret_papers, ret_error);

	if (r < 0 || !ret_papers->has_manifest)
		return r;
	r = read_signed(ret_papers, trust, ret_release, ret_error);
	if (r < 0)
		catalogue_papers_done(ret_papers);
	return r;
}
