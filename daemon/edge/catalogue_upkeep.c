/* SPDX-License-Identifier: MIT
 *
 * Care of what is in the catalogue: releases are retired, verified once more, and images
 * that nobody needs are removed.
 */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_manifest.h"
#include "daemon/edge/catalogue_private.h"

/* An image comes before its release: one as young as this may be waiting for it. */
#define YOUNG_S 3600

/* ---- retiring --------------------------------------------------------------------- */

struct retire_job {
	struct catalogue_job job; /* first */
	struct release *release;  /* the catalogue's */
	struct release changed;
	struct catalogue_image image[RELEASE_IMAGES_MAX];
	catalogue_note_fn note;
	catalogue_release_fn done;
	void *arg;
	int status;
	struct errtext error;
};

/* Those of a retired release may have been removed. */
static int check_images(struct retire_job *job)
{
	int r = 0;

	for (size_t i = 0; i < job->changed.image_count && r == 0; i++)
		r = catalogue_check_file(
			job->job.catalogue->dir, &job->image[i], &job->error);
	return r;
}

static void check_run(uv_work_t *work)
{
	struct retire_job *job = work->data;

	job->status = job->changed.retired_s ? 0 : check_images(job);
}

static void retire_run(uv_work_t *work)
{
	struct retire_job *job = work->data;
	const struct catalogue *catalogue = job->job.catalogue;
	struct catalogue_own_papers own;
	struct catalogue_papers papers;
	struct release now;

	job->status = catalogue_disk_get_release(catalogue->dir, job->changed.name,
		&catalogue->trust, &now, &own, &job->error);
	if (job->status < 0)
		return;
	papers = (struct catalogue_papers){
		own.manifest, own.manifest_len, own.signatures, own.signatures_len};
	job->status = catalogue_disk_rewrite_release(
		catalogue->dir, &job->changed, &papers, &job->error);
	catalogue_papers_done(&own);
}

static void retire_finish(struct retire_job *job)
{
	catalogue_queue_next(job->job.catalogue);
	job->done(job->arg, job->status, job->release, "", &job->error);
	free(job);
}

static void retire_after(uv_work_t *work, int status)
{
	struct retire_job *job = work->data;

	(void)status; /* never cancelled */
	job->job.catalogue->jobs--;
	if (job->status == 0)
		job->release->retired_s = job->changed.retired_s;
	retire_finish(job);
}

static void retire_noted(
	struct catalogue_job *base, int status, const struct errtext *error)
{
	struct retire_job *job = (struct retire_job *)base;

	if (status < 0) {
		job->status = status;
		job->error = *error;
		retire_finish(job);
	} else {
		catalogue_job_start(
			base->catalogue, &base->work, job, retire_run, retire_after);
	}
}

static void check_after(uv_work_t *work, int status)
{
	struct retire_job *job = work->data;

	(void)status; /* never cancelled */
	job->job.catalogue->jobs--;
	for (size_t i = 0; i < job->changed.image_count; i++)
		catalogue_remember(&job->job.catalogue->known, &job->image[i]);
	job->job.noted = retire_noted;
	if (job->status < 0)
		retire_finish(job);
	else if (job->note)
		job->note(job->arg, &job->changed, true);
	else
		retire_noted(&job->job, 0, NULL);
}

static void retire_begin(struct catalogue_job *base)
{
	struct retire_job *job = (struct retire_job *)base;
	int64_t retired_s = job->changed.retired_s;

	job->changed = *job->release;
	job->changed.retired_s = retired_s;
	for (size_t i = 0; i < job->changed.image_count; i++)
		catalogue_recall(&base->catalogue->known, job->changed.image[i].sha256,
			&job->image[i]);
	catalogue_job_start(base->catalogue, &base->work, job, check_run, check_after);
}

void catalogue_retire(struct catalogue *catalogue, const struct release *release,
	int64_t retired_s, catalogue_note_fn note, catalogue_release_fn done, void *arg)
{
	struct retire_job *job = must(calloc(1, sizeof(*job)));

	job->release = catalogue_exact(catalogue, release->name);
	job->changed.retired_s = retired_s;
	job->note = note;
	job->done = done;
	job->arg = arg;
	catalogue_queue(catalogue, &job->job, retire_begin);
}

/* ---- verifying -------------------------------------------------------------------- */

struct verify_job {
	struct catalogue_job job; /* first */
	struct release release;   /* as the catalogue has it */
	struct catalogue_image image[RELEASE_IMAGES_MAX];
	catalogue_verified_fn done;
	void *arg;
	struct catalogue_findings findings;
};

__attribute__((format(printf, 3, 4))) static void find(
	struct catalogue_findings *findings, bool good, const char *format, ...)
{
	struct catalogue_finding *finding = &findings->finding[findings->count++];
	va_list args;

	finding->good = good;
	findings->bad += !good;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

/* Who of today's keys signed the manifest that its file holds now. False: one that seems to has
 * not, and nothing of it is to be believed. */
static bool verify_signers(struct verify_job *job, const struct release_manifest *said,
	const struct catalogue_own_papers *papers)
{
	const struct minisign_trust *trust = &job->job.catalogue->trust;
	struct catalogue_findings *findings = &job->findings;
	bool required = trust->policy == SIGNATURES_REQUIRED;
	struct release_manifest again = {.serial = 0};
	struct errtext error = {""};

	if (!*said->series) {
		find(findings, !required, "there is no manifest: nobody has signed it");
		return true;
	}
	if (manifest_verify(trust, (const uint8_t *)papers->manifest,
		    papers->manifest_len, papers->signatures, papers->signatures_len,
		    &again, &error) < 0) {
		find(findings, false, "%s", error.text);
		return false;
	}
	for (size_t i = 0; i < again.signer_count; i++)
		find(findings, true, "signed by the trusted key %s", again.signer[i]);
	if (trust->policy != SIGNATURES_OFF && again.signer_count < trust->threshold)
		find(findings, !required,
			"%zu trusted keys have signed, the settings ask for %zu",
			again.signer_count, trust->threshold);
	return true;
}

static bool same_ranges(const struct version_ranges *a, const struct version_ranges *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; i < a->count && same; i++)
		same = strcmp(a->range[i].from, b->range[i].from) == 0 &&
		       strcmp(a->range[i].to, b->range[i].to) == 0;
	return same;
}

/* All that a manifest says, and who signed it. */
static bool same_manifest(const struct release *a, const struct release *b)
{
	const struct release_manifest *x = &a->manifest, *y = &b->manifest;
	bool same = strcmp(x->series, y->series) == 0 && x->serial == y->serial &&
		    x->created_s == y->created_s && x->expires_s == y->expires_s &&
		    x->signer_count == y->signer_count && x->broken == y->broken &&
		    strcmp(x->notes, y->notes) == 0;

	for (size_t i = 0; i < a->image_count && same; i++)
		same = same_ranges(&a->image[i].from, &b->image[i].from) &&
		       strcmp(a->image[i].through, b->image[i].through) == 0;
	return same;
}

/* The release in memory, and the one in its file. */
static bool same_release(const struct release *a, const struct release *b,
	const struct catalogue_own_papers *own)
{
	struct catalogue_papers papers = {
		own->manifest, own->manifest_len, own->signatures, own->signatures_len};
	char *text = catalogue_json_write(a, &papers);
	char *other = catalogue_json_write(b, &papers);
	bool same = strcmp(text, other) == 0 && same_manifest(a, b);

	free(text);
	free(other);
	return same;
}

/* Its file says today what it said when it came, and so does the text that was signed. */
static void verify_file(struct verify_job *job)
{
	const struct catalogue *catalogue = job->job.catalogue;
	struct catalogue_own_papers papers;
	struct errtext error = {""};
	struct release now;

	if (catalogue_disk_get_release(catalogue->dir, job->release.name,
		    &catalogue->trust, &now, &papers, &error) < 0) {
		find(&job->findings, false, "%s", error.text);
		return;
	}
	if (verify_signers(job, &now.manifest, &papers) &&
		!same_release(&job->release, &now, &papers))
		find(&job->findings, false,
			"its file was changed since wipyd has read it: start wipyd "
			"again to see what it says now");
	catalogue_papers_done(&papers);
}

/* What the file says of the bytes, and decides where they go. Other warnings are no more than
 * words, and a later wipyd has more of them. */
static void check_facts(const struct release_image *image,
	const struct wipy_image_info *info, struct errtext *error)
{
	struct release_image found = *image;

	catalogue_take_facts(&found, info);
	if (found.entry_point != image->entry_point && image->entry_point != 0)
		fault(error, 0, "its file says entry point 0x%08lx, its bytes 0x%08lx",
			(unsigned long)image->entry_point,
			(unsigned long)found.entry_point);
	else if ((found.warnings ^ image->warnings) & WIPY_IMAGE_WARN_ONE_WAY)
		fault(error, 0,
			"its file and its bytes differ in whether it is one-way");
	else if (memcmp(&found.flash, &image->flash, sizeof(found.flash)) != 0 &&
		 *image->flash.mode)
		fault(error, 0, "its file names another flash mode than its bytes");
}

/* Without looking at what was known of it. */
static void verify_image(struct verify_job *job, const struct release_image *image,
	struct catalogue_image *stored)
{
	const char *family = wipy_family_facts(image->family)->name;
	const struct wipy_image_info *info = &stored->info;
	struct errtext error = {""};

	memcpy(stored->sha256, image->sha256, sizeof(stored->sha256));
	if (catalogue_check_file(job->job.catalogue->dir, stored, &error) < 0) {
		find(&job->findings, false, "%s: %s", family, error.text);
		return;
	}
	if (!wipy_image_may_be_kept(info))
		catalogue_say_verdict(info, &error);
	else if (manifest_check_image(image, info, &error) == 0)
		check_facts(image, info, &error);
	if (*error.text)
		find(&job->findings, false, "%s: %s", family, error.text);
	else
		find(&job->findings, true,
			"%s%s%s: %zu bytes, SHA-256 %.12s..., whole and right", family,
			*image->type ? " for " : "", image->type, info->size,
			image->sha256);
}

static void verify_run(uv_work_t *work)
{
	struct verify_job *job = work->data;

	verify_file(job);
	for (size_t i = 0; i < job->release.image_count; i++)
		verify_image(job, &job->release.image[i], &job->image[i]);
}

static void verify_after(uv_work_t *work, int status)
{
	struct verify_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	for (size_t i = 0; i < job->release.image_count; i++)
		catalogue_remember(&catalogue->known, &job->image[i]);
	catalogue_queue_next(catalogue);
	job->done(job->arg, &job->findings);
	free(job);
}

static void verify_begin(struct catalogue_job *job)
{
	catalogue_job_start(job->catalogue, &job->work, job, verify_run, verify_after);
}

void catalogue_verify(struct catalogue *catalogue, const struct release *release,
	catalogue_verified_fn done, void *arg)
{
	struct verify_job *job = must(calloc(1, sizeof(*job)));

	job->release = *release;
	job->done = done;
	job->arg = arg;
	catalogue_queue(catalogue, &job->job, verify_begin);
}

/* ---- what nobody needs ------------------------------------------------------------ */

struct gc_job {
	struct catalogue_job job; /* first */
	char (*keep)[SHA256_HEX_MAX];
	size_t keep_count;
	bool dry_run;
	int64_t now_s;
	catalogue_needed_fn needed;
	catalogue_gc_fn done;
	void *arg;
	int status;
	struct catalogue_waste waste;
	struct errtext error;
};

static int compare_sums(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool is_kept(void *arg, const char *sha256)
{
	const struct gc_job *job = arg;

	return bsearch(sha256, job->keep, job->keep_count, SHA256_HEX_MAX,
		       compare_sums) != NULL;
}

static void gc_run(uv_work_t *work)
{
	struct gc_job *job = work->data;
	size_t damaged = job->job.catalogue->damaged_count;

	if (damaged > 0) {
		job->status = fault(&job->error, WIPY_E_CORRUPT,
			"%zu files in %s/releases could not be read, and nobody knows "
			"which images they need: the log of the start names them; mend "
			"or remove them and start wipyd again",
			damaged, job->job.catalogue->dir);
		return;
	}
	qsort(job->keep, job->keep_count, SHA256_HEX_MAX, compare_sums);
	job->status = catalogue_disk_sweep_images(job->job.catalogue->dir,
		job->now_s - YOUNG_S, job->dry_run, is_kept, job, &job->waste,
		&job->error);
}

static void gc_after(uv_work_t *work, int status)
{
	struct gc_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	catalogue_queue_next(catalogue);
	job->done(
		job->arg, job->status, job->waste.files, job->waste.bytes, &job->error);
	free(job->keep);
	free(job);
}

/* What is needed is asked at this moment, from which on none can come or be retired. */
static void gc_begin(struct catalogue_job *base)
{
	struct gc_job *job = (struct gc_job *)base;
	const struct catalogue *catalogue = base->catalogue;

	job->keep = must(
		calloc(catalogue->count * RELEASE_IMAGES_MAX + 1, sizeof(*job->keep)));
	for (size_t i = 0; i < catalogue->count; i++) {
		const struct release *release = catalogue->release[i];

		for (size_t k = 0; k < release->image_count; k++)
			if (!release->retired_s ||
				job->needed(job->arg, release, &release->image[k]))
				memcpy(job->keep[job->keep_count++],
					release->image[k].sha256, SHA256_HEX_MAX);
	}
	catalogue_job_start(base->catalogue, &base->work, job, gc_run, gc_after);
}

void catalogue_gc(struct catalogue *catalogue, catalogue_needed_fn needed, bool dry_run,
	int64_t now_s, catalogue_gc_fn done, void *arg)
{
	struct gc_job *job = must(calloc(1, sizeof(*job)));

	job->needed = needed;
	job->dry_run = dry_run;
	job->now_s = now_s;
	job->done = done;
	job->arg = arg;
	catalogue_queue(catalogue, &job->job, gc_begin);
}
