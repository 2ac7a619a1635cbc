/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a manifest and as the catalogue's own file of a release: what is taken keeps
 * what its reader promises, and is the same after it was written and read back.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/catalogue_manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text, size_t cap)
{
	FUZZ_CHECK(memchr(text, '\0', cap) != NULL);
}

static void check_image(
	const struct release *release, const struct release_image *image)
{
	FUZZ_CHECK(image->family > WIPY_FAMILY_UNKNOWN &&
		   image->family < WIPY_FAMILY_COUNT);
	FUZZ_CHECK(catalogue_is_sha256(image->sha256));
	FUZZ_CHECK(image->size > 0 && image->size <= CATALOGUE_IMAGE_MAX);
	FUZZ_CHECK(image->from.count <= VERSION_RANGES_MAX);
	FUZZ_CHECK(!*image->type || catalogue_is_name(image->type));
	FUZZ_CHECK(catalogue_image_of(release, image->family, image->type) == image);
	check_text(image->through, sizeof(image->through));
}

static void check_release(const struct release *release)
{
	FUZZ_CHECK(catalogue_is_name(release->name));
	FUZZ_CHECK(
		release->image_count > 0 && release->image_count <= RELEASE_IMAGES_MAX);
	FUZZ_CHECK(release->manifest.signer_count <= RELEASE_SIGNERS_MAX);
	check_text(release->manifest.notes, sizeof(release->manifest.notes));
	for (size_t i = 0; i < release->image_count; i++)
		check_image(release, &release->image[i]);
}

static void check_same(const struct release *a, const struct release *b)
{
	FUZZ_CHECK(strcmp(a->name, b->name) == 0);
	FUZZ_CHECK(strcmp(a->manifest.series, b->manifest.series) == 0);
	FUZZ_CHECK(strcmp(a->manifest.notes, b->manifest.notes) == 0);
	FUZZ_CHECK(a->manifest.serial == b->manifest.serial &&
		   a->manifest.created_s == b->manifest.created_s &&
		   a->manifest.expires_s == b->manifest.expires_s &&
		   a->added_s == b->added_s && a->retired_s == b->retired_s &&
		   a->image_count == b->image_count);
	for (size_t i = 0; i < a->image_count; i++) {
		const struct release_image *x = &a->image[i], *y = &b->image[i];

		FUZZ_CHECK(x->family == y->family && x->size == y->size);
		FUZZ_CHECK(strcmp(x->type, y->type) == 0);
		FUZZ_CHECK(strcmp(x->sha256, y->sha256) == 0);
		FUZZ_CHECK(strcmp(x->through, y->through) == 0);
		FUZZ_CHECK(wipy_fingerprint_equal(&x->fingerprint, &y->fingerprint));
		FUZZ_CHECK(x->from.count == y->from.count);
		for (size_t k = 0; k < x->from.count; k++)
			FUZZ_CHECK(
				strcmp(x->from.range[k].from, y->from.range[k].from) ==
					0 &&
				strcmp(x->from.range[k].to, y->from.range[k].to) == 0);
	}
}

static const struct minisign_trust nobody = {.policy = SIGNATURES_OFF};

static void write_and_read(
	const struct release *release, const struct catalogue_papers *papers)
{
	struct catalogue_own_papers own;
	struct errtext error = {""};
	struct release again;
	char *file = catalogue_json_write(release, papers);

	FUZZ_CHECK(catalogue_read_release(
			   file, strlen(file), &nobody, &again, &own, &error) == 0);
	check_same(release, &again);
	if (*release->manifest.series)
		FUZZ_CHECK(own.manifest_len == papers->manifest_len &&
			   memcmp(own.manifest, papers->manifest,
				   papers->manifest_len) == 0);
	catalogue_papers_done(&own);
	free(file);
}

static void read_as_manifest(const uint8_t *data, size_t size)
{
	static struct manifest manifest;
	struct yaml_problems problems;
	int rc;

	yaml_problems_init(&problems);
	rc = manifest_read("m.yaml", data, size, &problems, &manifest);
	FUZZ_CHECK((rc == 0) == (problems.count == 0));
	if (rc == 0) {
		check_release(&manifest.release);
		FUZZ_CHECK(catalogue_is_name(manifest.release.manifest.series));
		FUZZ_CHECK(manifest.release.manifest.serial > 0);
		for (size_t i = 0; i < manifest.release.image_count; i++)
			FUZZ_CHECK(*manifest.file[i] && !strchr(manifest.file[i], '/'));
		if (catalogue_json_is_text((const char *)data, size))
			write_and_read(&manifest.release,
				&(struct catalogue_papers){
					(const char *)data, size, "", 0});
	}
	yaml_problems_done(&problems);
}

static void read_as_file(const char *text, size_t len)
{
	struct catalogue_own_papers own;
	struct errtext error = {""};
	struct release release;

	if (catalogue_read_release(text, len, &nobody, &release, &own, &error) < 0) {
		FUZZ_CHECK(error.text[0] != '\0');
		return;
	}
	check_release(&release);
	FUZZ_CHECK(strlen(own.manifest) == own.manifest_len);
	FUZZ_CHECK(strlen(own.signatures) == own.signatures_len);
	write_and_read(
		&release, &(struct catalogue_papers){own.manifest, own.manifest_len,
				  own.signatures, own.signatures_len});
	catalogue_papers_done(&own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_CHECK(sodium_init() >= 0);
	read_as_manifest(data, size);
	read_as_file((const char *)data, size);
	return 0;
}
