/* SPDX-License-Identifier: MIT
 *
 * Care of the catalogue: releases are retired and come back, verified with every kind of
 * finding, and images that nobody needs go, no others.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/unit/catalogue_fixture.h"
#include "tests/unit/signer.h"

#define NOW   INT64_C(1700000000)
#define LATER 7200 /* images that are made here are no longer young */

static struct signer ann, bob;

static void open_with(enum signature_policy policy, size_t threshold)
{
	struct minisign_trust trust = {.policy = policy,
		.threshold = threshold,
		.key = {ann.key},
		.key_count = policy == SIGNATURES_OFF ? 0 : 1};
	struct errtext error = {""};

	catalogue = catalogue_free(catalogue);
	if (catalogue_open(&loop, dir, &trust, &catalogue, &error) < 0)
		abort();
}

static const struct release *found(const char *name)
{
	const struct release *release = NULL;
	struct errtext error;

	return catalogue_find(catalogue, name, &release, &error) == 0 ? release : NULL;
}

static const char *image_of(const char *name)
{
	return in_dir("images", found(name)->image[0].sha256, ".bin");
}

/* ---- retiring --------------------------------------------------------------------- */

static struct made retire(const char *name, int64_t retired_s)
{
	struct made made = {.status = 1};

	catalogue_retire(catalogue, found(name), retired_s, NULL, on_release, &made);
	run();
	return made;
}

static void test_retire(void)
{
	make_release("spring", FP("v1.8.6"), 1);
	EQ_INT(retire("spring", NOW).status, 0, "retired");
	EQ_INT(found("spring")->retired_s, NOW, "from then on");
	reopen();
	EQ_INT(found("spring")->retired_s, NOW, "after a new start too");
	EQ_INT(retire("spring", 0).status, 0, "taken back");
	reopen();
	EQ_INT(found("spring")->retired_s, 0, "for good");
}

static void test_retire_on_full_disk(void)
{
	struct rlimit before, small;
	struct made made;

	make_release("spring", FP("v1.8.6"), 1);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 100;
	setrlimit(RLIMIT_FSIZE, &small);
	made = retire("spring", NOW);
	setrlimit(RLIMIT_FSIZE, &before);
	EQ_INT(made.status, -EFBIG, "full: refused");
	EQ_INT(found("spring")->retired_s, 0, "full: it is as it was");
	EQ_INT(count_files("releases"), 1, "full: nothing is left over");
	reopen();
	OK(found("spring") && found("spring")->retired_s == 0,
		"full: after a new start too");
}

static void test_back_without_images(void)
{
	struct made made;

	make_release("spring", FP("v1.8.6"), 1);
	EQ_INT(retire("spring", NOW).status, 0, "retired");
	EQ_INT(unlink(image_of("spring")), 0, "its image goes");
	made = retire("spring", 0);
	EQ_INT(made.status, -ENOENT, "not taken back without it");
	OK(strstr(made.error.text, "add its file first") != NULL, "what to do");
	EQ_INT(found("spring")->retired_s, NOW, "it stays retired");
	EQ_INT(add_image(FP("v1.8.6"), 1).status, 0, "the image comes once more");
	EQ_INT(retire("spring", 0).status, 0, "then it is taken back");
}

/* ---- verifying -------------------------------------------------------------------- */

static struct catalogue_findings last;

static void on_verified(void *arg, const struct catalogue_findings *findings)
{
	(void)arg;
	last = *findings;
}

static void verified(const char *name, size_t count, size_t bad, const char *words)
{
	bool said = false;

	catalogue_verify(catalogue, found(name), on_verified, NULL);
	run();
	EQ_INT(last.count, count, words);
	EQ_INT(last.bad, bad, words);
	for (size_t i = 0; i < last.count; i++)
		said = said || (strstr(last.finding[i].text, words) &&
				       last.finding[i].good == (bad == 0));
	if (!OK(said, words))
		for (size_t i = 0; i < last.count; i++)
			printf("# %s\n", last.finding[i].text);
}

static void test_verify_bare(void)
{
	make_release("spring", FP("v1.8.6"), 1);
	verified("spring", 2, 0, "there is no manifest: nobody has signed it");
	verified("spring", 2, 0, "300 bytes");
	open_with(SIGNATURES_REQUIRED, 1);
	verified("spring", 2, 1, "there is no manifest: nobody has signed it");
	open_with(SIGNATURES_OFF, 1);
	put_text(image_of("spring"), "other bytes");
	verified("spring", 2, 1, "is damaged");
	unlink(image_of("spring"));
	verified("spring", 2, 1, "is not in the catalogue");
}

static struct made add_signed(const char *name, const struct signer *signer)
{
	struct added image = add_image(FP("v1.8.6"), 1);
	char text[1024], signatures[SIGNER_TEXT_MAX] = "";
	struct made made = {.status = 1};
	struct catalogue_offer offer = {.manifest_name = "release.yaml",
		.manifest = (const uint8_t *)text,
		.signatures = signatures,
		.now_s = NOW};

	snprintf(text, sizeof(text),
		"{version: 1, name: %s, serial: 1, created: 2020-01-01T00:00:00Z,\n"
		" images: [{file: a.bin, family: wipy, size: %d, sha256: %s,\n"
		"  fingerprint: %s}]}\n",
		name, IMAGE_LEN, image.sha256, FP("v1.8.6"));
	offer.manifest_len = strlen(text);
	signer_sign(signer, offer.manifest, strlen(text), "words", signatures);
	offer.signatures_len = strlen(signatures);
	catalogue_add_release(catalogue, &offer, NULL, on_release, &made);
	run();
	return made;
}

/* Another text in the place of one in the release's file. */
static void change_file(const char *name, const char *find, const char *put)
{
	char text[8192], *at;
	FILE *file = fopen(in_dir("releases", name, ".json"), "r+");
	size_t len = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	at = strstr(text, find);
	if (!at || strlen(find) != strlen(put))
		abort();
	memcpy(at, put, strlen(put));
	rewind(file);
	if (fwrite(text, 1, len, file) != len || fclose(file) != 0)
		abort();
}

static void test_verify_signed(void)
{
	open_with(SIGNATURES_REQUIRED, 1);
	EQ_INT(add_signed("spring", &ann).status, 0, "signed by Ann");
	verified("spring", 2, 0, "signed by the trusted key 0101010101010101");
	open_with(SIGNATURES_REQUIRED, 2);
	verified("spring", 3, 1, "1 trusted keys have signed, the settings ask for 2");
	open_with(SIGNATURES_WARN, 2);
	verified("spring", 3, 0, "1 trusted keys have signed, the settings ask for 2");
	open_with(SIGNATURES_REQUIRED, 1);
	change_file("spring", "2020-01-01", "2020-01-02");
	verified("spring", 2, 1, "does not fit this manifest");
	change_file("spring", "2020-01-02", "2020-01-01");
	open_with(SIGNATURES_REQUIRED, 1);
	change_file("spring", "\"entry_point\": ", "\"entry_point\":1");
	verified("spring", 3, 1, "its file was changed since wipyd has read it");
	open_with(SIGNATURES_REQUIRED, 1);
	verified("spring", 2, 1, "its file says entry point 0x");
	change_file("spring", "\"entry_point\":1", "\"entry_point\": ");
	open_with(SIGNATURES_REQUIRED, 1);
	verified("spring", 2, 0, "whole and right");
	/* What is signed is read from there, not from beside it. */
	change_file("spring", "2020-01-01", "2020-01-02");
	open_with(SIGNATURES_REQUIRED, 1);
	verified("spring", 2, 1, "does not fit this manifest");
	OK(found("spring")->manifest.broken &&
			found("spring")->manifest.signer_count == 0,
		"and nobody counts as its signer");
	change_file("spring", "2020-01-02", "2020-01-01");
	/* The manifest that is signed names an image, the release shall hold another. */
	change_file("spring", "\"size\": 300", "\"size\": 301");
	open_with(SIGNATURES_REQUIRED, 1);
	EQ_INT(catalogue_count(catalogue), 0, "another image than the signed one");
	EQ_STR(catalogue_damaged(catalogue, 0), "spring.json", "which is named");
	unlink(in_dir("releases", "spring", ".json"));
	open_with(SIGNATURES_REQUIRED, 1);
}

static void test_verify_lost_file(void)
{
	open_with(SIGNATURES_WARN, 1);
	EQ_INT(add_signed("spring", &bob).status, 0, "signed by a stranger");
	verified("spring", 2, 0, "0 trusted keys have signed");
	put_text(in_dir("releases", "spring", ".json"), "{");
	verified("spring", 2, 1, "cannot read");
	EQ_INT(retire("spring", NOW).status, WIPY_E_CORRUPT, "nor can it be retired");
	EQ_INT(found("spring")->retired_s, 0, "which it says");
}

/* ---- what nobody needs ------------------------------------------------------------ */

struct swept {
	int status;
	size_t files;
	int64_t bytes;
	struct errtext error;
	const char *needed; /* a release, or NULL */
	int asked;
};

static bool is_needed(
	void *arg, const struct release *release, const struct release_image *image)
{
	struct swept *swept = arg;

	swept->asked++;
	return swept->needed && strcmp(release->name, swept->needed) == 0 &&
	       image == &release->image[0];
}

static void on_swept(
	void *arg, int status, size_t files, int64_t bytes, const struct errtext *error)
{
	struct swept *swept = arg;

	swept->status = status;
	swept->files = files;
	swept->bytes = bytes;
	swept->error = *error;
}

static struct swept sweep(const char *needed, bool dry_run, int64_t after_s)
{
	struct swept swept = {.status = 1, .needed = needed};

	catalogue_gc(
		catalogue, is_needed, dry_run, time(NULL) + after_s, on_swept, &swept);
	run();
	return swept;
}

static void test_sweep(void)
{
	struct swept swept;

	make_release("kept", FP("v1.8.5"), 1);
	make_release("old", FP("v1.8.6"), 2);
	make_release("undo", FP("v1.8.7"), 3);
	add_image(FP("v1.8.8"), 4);
	put_text(in_dir("images", "notes.txt", ""), "nobody's file");
	EQ_INT(mkdir(in_dir("images", "f00d", ".bin"), 0700), 0, "a folder");
	retire("old", NOW);
	retire("undo", NOW);
	swept = sweep("undo", false, 0);
	EQ_INT(swept.status, 0, "young: swept");
	EQ_INT(swept.files, 0, "young: all stay");
	swept = sweep("undo", true, LATER);
	EQ_INT(swept.files, 2, "dry: one of no release, one of a retired one");
	EQ_INT(swept.bytes, 2 * IMAGE_LEN, "dry: and their bytes");
	EQ_INT(swept.asked, 2, "dry: only of retired ones it is asked");
	EQ_INT(count_files("images"), 6, "dry: all stay");
	swept = sweep("undo", false, LATER);
	EQ_INT(swept.files, 2, "both go");
	EQ_INT(count_files("images"), 4, "and only they");
	EQ_INT(access(image_of("kept"), F_OK), 0, "what may be rolled out stays");
	EQ_INT(access(image_of("undo"), F_OK), 0, "what somebody needs stays");
	EQ_INT(access(image_of("old"), F_OK), -1, "what nobody needs is gone");
	swept = sweep(NULL, false, LATER);
	EQ_INT(swept.files, 1, "once nobody needs it, it goes");
	OK(found("old") && found("undo"), "the records stay");
	rmdir(in_dir("images", "f00d", ".bin"));
}

/* A release is retired while the sweep waits behind that: its boards are asked about. */
static void test_sweep_behind_retiring(void)
{
	struct swept swept = {.status = 1, .needed = "spring"};
	struct made made = {.status = 1};

	make_release("spring", FP("v1.8.6"), 1);
	catalogue_retire(catalogue, found("spring"), NOW, NULL, on_release, &made);
	catalogue_gc(catalogue, is_needed, false, time(NULL) + LATER, on_swept, &swept);
	run();
	EQ_INT(made.status, 0, "behind: retired");
	EQ_INT(swept.asked, 1, "behind: asked when it was");
	EQ_INT(swept.files, 0, "behind: its image stays");
}

/* An image of two releases, and a release that comes while the sweep waits. */
static void test_sweep_shared(void)
{
	struct swept swept = {.status = 1};
	struct made made = {.status = 1};
	struct added added;
	const char *sha256;

	make_release("old", FP("v1.8.6"), 1);
	make_release("new", FP("v1.8.6"), 1);
	retire("old", NOW);
	EQ_INT(sweep(NULL, false, LATER).files, 0, "shared: it stays");
	added = add_image(FP("v1.8.7"), 2);
	sha256 = added.sha256;
	offer_release("just", &sha256, 1, on_release, &made);
	catalogue_gc(catalogue, is_needed, false, time(NULL) + LATER, on_swept, &swept);
	run();
	EQ_INT(made.status, 0, "a release came before");
	EQ_INT(swept.files, 0, "and its image stays");
}

static void test_sweep_not_knowing(void)
{
	struct swept swept;

	make_release("spring", FP("v1.8.6"), 1);
	put_text(in_dir("releases", "autumn", ".json"), "{\"version\": 9}");
	reopen();
	swept = sweep(NULL, false, LATER);
	EQ_INT(swept.status, WIPY_E_CORRUPT, "a file of a later version: refused");
	OK(strstr(swept.error.text, "1 files in") != NULL, "why");
	unlink(in_dir("releases", "autumn", ".json"));
	reopen();
	EQ_INT(sweep(NULL, false, LATER).status, 0, "without it: swept");
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	begin();
	signer_make(&ann, 1);
	signer_make(&bob, 2);
	in_fresh_folder(test_retire);
	in_fresh_folder(test_retire_on_full_disk);
	in_fresh_folder(test_back_without_images);
	in_fresh_folder(test_verify_bare);
	in_fresh_folder(test_verify_signed);
	in_fresh_folder(test_verify_lost_file);
	in_fresh_folder(test_sweep);
	in_fresh_folder(test_sweep_behind_retiring);
	in_fresh_folder(test_sweep_shared);
	in_fresh_folder(test_sweep_not_knowing);
	return end();
}
