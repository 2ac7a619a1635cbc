/* SPDX-License-Identifier: MIT
 *
 * Releases that come into the catalogue, made of images that are there already.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_manifest.h"
#include "daemon/edge/catalogue_private.h"

/* ---- adding releases -------------------------------------------------------------- */

/* Two visits to the worker pool: manifest and images are read, the loop decides with what
 * it knows of other releases, its owner notes that durably, the file is written. */
struct release_job {
	struct catalogue_job job; /* first */
	struct release *release;
	struct release *existing;     /* the catalogue's of that name, or NULL */
	struct catalogue_offer offer; /* the texts are the job's own */
	catalogue_note_fn note;
	catalogue_release_fn done;
	void *arg;
	struct catalogue_known known; /* when it began */
	/* The worker's results: */
	int status;
	struct catalogue_image image[RELEASE_IMAGES_MAX];
	bool same_text; /* the file of that name holds the very manifest */
	struct errtext error, warning;
};

/* Boards that run the one or the other would look the same. */
static void say_twin(const struct catalogue *catalogue, const struct release *release,
	const struct release_image *image, struct errtext *warning)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct release *other = catalogue->release[i];
		const struct release_image *twin =
			release_image_for(other, image->family, image->type);

		if (other == release || !twin ||
			strcmp(twin->sha256, image->sha256) == 0 ||
			!wipy_fingerprint_equal(
				&twin->fingerprint, &image->fingerprint))
			continue;
		wipy_fingerprint_format(&image->fingerprint, fingerprint);
		fault(warning, 0,
			"release %s holds other bytes with the same fingerprint (%s): "
			"a board does not show which of the two it runs",
			other->name, fingerprint);
		return;
	}
}

/* A list of sentences. */
static void add_warning(struct errtext *warning, const char *text)
{
	size_t len = strlen(warning->text);

	snprintf(warning->text + len, sizeof(warning->text) - len, "%s%s",
		len > 0 ? "; " : "", text);
}

static void read_run(uv_work_t *work);
static void read_after(uv_work_t *work, int status);

static void release_begin(struct catalogue_job *job)
{
	struct release_job *release_job = (struct release_job *)job;

	release_job->known = job->catalogue->known;
	catalogue_job_start(job->catalogue, &job->work, job, read_run, read_after);
}

/* `result` is in the catalogue, or NULL. */
static void release_finish(struct release_job *job, const struct release *result)
{
	struct catalogue *catalogue = job->job.catalogue;
	struct errtext words = {""};

	catalogue_queue_next(catalogue);
	for (size_t i = 0; result && i < result->image_count && !*words.text; i++)
		say_twin(catalogue, result, &result->image[i], &words);
	if (*job->warning.text)
		add_warning(&words, job->warning.text);
	if (result && result->retired_s != 0)
		add_warning(&words,
			"it was there already, and is retired: no rollout of it begins "
			"until `wipyctl release retire --back`");
	job->warning = words;
	job->done(job->arg, job->status, result, job->warning.text, &job->error);
	if (job->release != result)
		free(job->release);
	free((void *)(uintptr_t)job->offer.manifest_name);
	free((void *)(uintptr_t)job->offer.manifest);
	free((void *)(uintptr_t)job->offer.signatures);
	free(job);
}

/* ---- on the worker ---------------------------------------------------------------- */

/* They are no longer than they may be, and can be kept. */
static int check_texts(const struct catalogue_offer *offer, struct errtext *ret_error)
{
	if (offer->manifest_len > MANIFEST_MAX ||
		offer->signatures_len > MINISIGN_FILE_MAX)
		return fault(ret_error, WIPY_E_RELEASE_MANIFEST,
			"%s: a manifest has at most %d bytes, a signature file %d",
			offer->manifest_name, MANIFEST_MAX, MINISIGN_FILE_MAX);
	if (catalogue_json_is_text(
		    (const char *)offer->manifest, offer->manifest_len) &&
		catalogue_json_is_text(offer->signatures, offer->signatures_len))
		return 0;
	return fault(ret_error, WIPY_E_RELEASE_MANIFEST,
		"%s: manifest and signatures are text in UTF-8, these are not",
		offer->manifest_name);
}

/* Reads manifest and signatures. One that does not fit is no fault here: the manifest is
 * broken then, and *ret_error says why. */
static int read_offer(const struct catalogue *catalogue,
	const struct catalogue_offer *offer, struct manifest *ret_manifest,
	struct errtext *ret_error)
{
	int r = catalogue_read_manifest(offer, ret_manifest, ret_error);

	if (r < 0)
		return r;
	ret_manifest->release.added_s = offer->now_s;
	(void)!manifest_verify(&catalogue->trust, offer->manifest, offer->manifest_len,
		offer->signatures, offer->signatures_len,
		&ret_manifest->release.manifest, ret_error);
	return 0;
}

/* "DIO" as "dio"; "?" as "". */
static void take_setting(const char *text, char ret_text[8])
{
	size_t len = 0;

	while (len < 7 && text[len] && text[len] != '?') {
		ret_text[len] = text[len];
		len++;
	}
	ret_text[len] = '\0';
}

static void take_flash(
	const struct wipy_image_esp *facts, struct release_flash *ret_flash)
{
	take_setting(facts->flash_mode, ret_flash->mode);
	for (char *at = ret_flash->mode; *at; at++)
		*at = (char)(*at | 0x20);
	take_setting(facts->flash_frequency, ret_flash->frequency);
	take_setting(facts->flash_size, ret_flash->size);
}

void catalogue_take_facts(
	struct release_image *image, const struct wipy_image_info *info)
{
	image->family = info->family;
	image->size = (int64_t)info->size;
	image->entry_point = info->entry_point;
	image->fingerprint = info->fingerprint;
	image->warnings = info->warnings;
	if (wipy_image_is_esp(info))
		take_flash(&info->esp, &image->flash);
}

static int read_image(struct release_job *job, struct release_image *image,
	struct catalogue_image *stored)
{
	const struct wipy_image_info *info = &stored->info;
	int r;

	catalogue_recall(&job->known, image->sha256, stored);
	r = catalogue_check_file(job->job.catalogue->dir, stored, &job->error);
	if (r < 0)
		return r;
	if (!wipy_image_may_be_kept(info)) {
		catalogue_say_verdict(info, &job->error);
		return info->verdict;
	}
	if (job->offer.manifest_name &&
		manifest_check_image(image, info, &job->error) < 0)
		return WIPY_E_RELEASE_MISMATCH;
	catalogue_take_facts(image, info);
	return 0;
}

/* Whether a release of that name came with these very bytes. */
static bool has_text(const struct catalogue *catalogue, const char *name,
	const struct catalogue_offer *offer)
{
	struct catalogue_own_papers papers;
	struct release release;
	struct errtext ignored;
	bool same;

	if (catalogue_disk_get_release(catalogue->dir, name, &catalogue->trust,
		    &release, &papers, &ignored) < 0)
		return false;
	same = papers.manifest_len == offer->manifest_len &&
	       memcmp(papers.manifest, offer->manifest, offer->manifest_len) == 0;
	catalogue_papers_done(&papers);
	return same;
}

static void read_run(uv_work_t *work)
{
	struct release_job *job = work->data;
	struct manifest manifest;

	if (job->status == 0 && job->offer.manifest_name) {
		job->status = read_offer(
			job->job.catalogue, &job->offer, &manifest, &job->error);
		if (job->status == 0)
			*job->release = manifest.release;
	}
	if (job->status == 0 && job->offer.manifest_name)
		job->same_text =
			has_text(job->job.catalogue, job->release->name, &job->offer);
	for (size_t i = 0; i < job->release->image_count && job->status == 0; i++)
		job->status = read_image(job, &job->release->image[i], &job->image[i]);
}

static void write_run(uv_work_t *work)
{
	struct release_job *job = work->data;
	const struct catalogue_offer *offer = &job->offer;
	struct catalogue_papers papers = {(const char *)offer->manifest,
		offer->manifest_len, offer->signatures, offer->signatures_len};

	job->status = (job->existing ? catalogue_disk_rewrite_release
				     : catalogue_disk_put_release)(
		job->job.catalogue->dir, job->release, &papers, &job->error);
}

/* ---- on the loop ------------------------------------------------------------------ */

bool catalogue_same_images(const struct release *a, const struct release *b)
{
	for (size_t i = 0; i < a->image_count; i++) {
		const struct release_image *image = &a->image[i];
		const struct release_image *other =
			catalogue_image_of(b, image->family, image->type);

		if (!other || strcmp(image->sha256, other->sha256) != 0)
			return false;
	}
	return a->image_count == b->image_count;
}

static int check_families(const struct release *release, struct errtext *ret_error)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (release_image_for(release, release->image[i].family,
			    release->image[i].type) != &release->image[i])
			return fault(ret_error, -EINVAL,
				"two images are for %s boards: without a manifest a "
				"release holds one image a family; make two releases, "
				"or a manifest that says which type each is for",
				wipy_family_facts(release->image[i].family)->name);
	return 0;
}

/* What can be said without other releases. */
static int check_release(struct release *release, struct errtext *ret_error)
{
	if (release->name[0] == '\0')
		memcpy(release->name, release->image[0].fingerprint.tag,
			sizeof(release->name));
	if (!catalogue_is_name(release->name))
		return fault(ret_error, -EINVAL,
			"'%s' cannot be the name of a release: up to %d letters, "
			"digits, '-', '_' and '.', and no '.' at the front; give it "
			"another name",
			release->name, NAME_MAX_LEN - 1);
	return check_families(release, ret_error);
}

int catalogue_check_manifest(const struct catalogue *catalogue,
	const struct catalogue_offer *offer, struct manifest *ret_manifest,
	struct errtext *ret_error)
{
	struct errtext warning;
	int r = check_texts(offer, ret_error);

	if (r == 0)
		r = read_offer(catalogue, offer, ret_manifest, ret_error);
	return r < 0 ? r
		     : catalogue_judge(catalogue, &ret_manifest->release,
			       offer->may_go_back, &warning, ret_error);
}

/* A file that could not be read was written over: by a person who said so, or who makes anew
 * what was made of files. */
static void heal(struct release_job *job, const char *name)
{
	struct catalogue *catalogue = job->job.catalogue;
	size_t kept = 0;

	for (size_t i = 0; i < catalogue->damaged_count; i++) {
		if (!catalogue_is_file_of(catalogue->damaged[i], name)) {
			catalogue->damaged[kept++] = catalogue->damaged[i];
			continue;
		}
		free(catalogue->damaged[i]);
		if (!job->offer.manifest_name)
			add_warning(&job->warning,
				"its file could not be read and was written anew: if "
				"it held a manifest, that one's serial is forgotten");
	}
	catalogue->damaged_count = kept;
}

static void write_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;
	struct release *result = job->existing ? job->existing : job->release;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status < 0) {
		release_finish(job, NULL);
		return;
	}
	if (job->existing)
		job->existing->manifest = job->release->manifest;
	else
		catalogue->release[catalogue->count++] = result;
	heal(job, result->name);
	log_info(TAG, "release %s release=%s images=%zu",
		job->existing ? "has more signatures" : "added", result->name,
		result->image_count);
	release_finish(job, result);
}

static void release_noted(
	struct catalogue_job *base, int status, const struct errtext *error)
{
	struct release_job *job = (struct release_job *)base;

	if (status < 0) {
		job->status = status;
		job->error = *error;
		release_finish(job, NULL);
	} else {
		catalogue_job_start(
			base->catalogue, &base->work, job, write_run, write_after);
	}
}

/* Its owner comes back with catalogue_noted(). */
static void write_it(struct release_job *job)
{
	job->job.noted = release_noted;
	if (job->note)
		job->note(job->arg, job->release, job->existing != NULL);
	else
		release_noted(&job->job, 0, NULL);
}

/* What is there already: the very manifest, or the same images where there is none now. */
static bool is_there(const struct release_job *job)
{
	return job->offer.manifest_name
		       ? job->same_text && *job->existing->manifest.series
		       : catalogue_same_images(job->existing, job->release);
}

static int check_room(const struct release_job *job, struct errtext *ret_error)
{
	const struct catalogue *catalogue = job->job.catalogue;
	const struct release *existing = job->existing;

	if (existing && job->offer.manifest_name && *existing->manifest.series)
		return fault(ret_error, -EEXIST,
			"there is a release %s with another manifest (serial %lld of "
			"%s): its maker gives a changed one another name and a higher "
			"serial, and signs it",
			existing->name, (long long)existing->manifest.serial,
			existing->manifest.series);
	if (existing)
		return fault(ret_error, -EEXIST,
			"there is a release %s with other images or another manifest: "
			"give this one another name",
			existing->name);
	if (catalogue->count == CATALOGUE_RELEASES_MAX)
		return fault(ret_error, -EDQUOT,
			"the catalogue holds %d releases and takes no more",
			CATALOGUE_RELEASES_MAX);
	return 0;
}

/* It is the one that is there. More of the keys that are trusted today have signed it now: so
 * many that were trusted since, or that were not asked then. */
static void take_again(struct release_job *job)
{
	struct release *existing = job->existing;

	if (!job->offer.manifest_name || job->release->manifest.signer_count <=
						 existing->manifest.signer_count) {
		release_finish(job, existing);
		return;
	}
	job->release->added_s = existing->added_s;
	job->release->retired_s = existing->retired_s;
	write_it(job);
}

static void read_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	for (size_t i = 0; i < job->release->image_count; i++)
		catalogue_remember(&catalogue->known, &job->image[i]);
	if (job->status == 0)
		job->status = check_release(job->release, &job->error);
	if (job->status == 0)
		job->status = catalogue_judge(catalogue, job->release,
			job->offer.may_go_back, &job->warning, &job->error);
	if (job->status == 0)
		job->existing = catalogue_exact(catalogue, job->release->name);
	if (job->existing && is_there(job)) {
		take_again(job);
		return;
	}
	if (job->status == 0)
		job->status = check_room(job, &job->error);
	if (job->status < 0)
		release_finish(job, NULL);
	else
		write_it(job);
}

/* ---- what is asked for ------------------------------------------------------------ */

static void *copy_of(const void *bytes, size_t len)
{
	char *copy = must(malloc(len + 1));

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

static void take_manifest(struct release_job *job, const struct catalogue_offer *offer)
{
	job->offer = *offer;
	job->offer.manifest_name =
		copy_of(offer->manifest_name, strlen(offer->manifest_name));
	job->offer.manifest = copy_of(offer->manifest, offer->manifest_len);
	job->offer.signatures = copy_of(offer->signatures, offer->signatures_len);
}

/* Fills the release with what the caller asks for. */
static int take_images(const struct catalogue_offer *offer, struct release *release,
	struct errtext *ret_error)
{
	if (offer->count == 0 || offer->count > RELEASE_IMAGES_MAX)
		return fault(ret_error, -EINVAL,
			"a release holds 1 to %d images, not %zu", RELEASE_IMAGES_MAX,
			offer->count);
	if (*offer->name && !catalogue_is_name(offer->name))
		return fault(ret_error, -EINVAL,
			"'%.80s' cannot be the name of a release: up to %d letters, "
			"digits, '-', '_' and '.', and no '.' at the front",
			offer->name, NAME_MAX_LEN - 1);
	for (size_t i = 0; i < offer->count; i++) {
		if (!catalogue_is_sha256(offer->sha256[i]))
			return fault(ret_error, -EINVAL,
				"'%.80s' is not a SHA-256 (64 lower-case hex digits)",
				offer->sha256[i]);
		memcpy(release->image[i].sha256, offer->sha256[i], SHA256_HEX_MAX);
	}
	memcpy(release->name, offer->name, strlen(offer->name) + 1);
	release->image_count = offer->count;
	return 0;
}

void catalogue_add_release(struct catalogue *catalogue,
	const struct catalogue_offer *offer, catalogue_note_fn note,
	catalogue_release_fn done, void *arg)
{
	struct release_job *job = must(calloc(1, sizeof(*job)));

	job->release = must(calloc(1, sizeof(*job->release)));
	job->release->added_s = offer->now_s;
	job->note = note;
	job->done = done;
	job->arg = arg;
	job->status = offer->manifest_name
			      ? check_texts(offer, &job->error)
			      : take_images(offer, job->release, &job->error);
	if (offer->manifest_name && job->status == 0)
		take_manifest(job, offer);
	catalogue_queue(catalogue, &job->job, release_begin);
}
