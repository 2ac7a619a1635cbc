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
	catalogue_release_fn done;
	void *arg;
	int status;
	struct errtext error;
};

/* Those of a retired release may have been removed. */
static int check_images(struct retire_job *job)
{
	const struct release *release = &job->changed;
	uint8_t *data;
	size_t len;
	int r = 0;

	for (size_t i = 0; i < release->image_count && r == 0; i++) {
		r = catalogue_disk_get_image(job->job.catalogue->dir,
			release->image[i].sha256, &data, &len, &job->error);
		if (r == 0)
			free(data);
	}
	return r;
}

static void retire_run(uv_work_t *work)
{
	struct retire_job *job = work->data;

	job->status = job->changed.retired_s ? 0 : check_images(job);
	if (job->status == 0)
		job->status = catalogue_disk_rewrite_release(
			job->job.catalogue->dir, &job->changed, &job->error);
}

static void retire_after(uv_work_t *work, int status)
{
	struct retire_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status == 0)
		job->release->retired_s = job->changed.retired_s;
	catalogue_queue_next(catalogue);
	job->done(job->arg, job->status, job->release, "", &job->error);
	free(job);
}

static void retire_begin(struct catalogue_job *base)
{
	struct retire_job *job = (struct retire_job *)base;
	int64_t retired_s = job->changed.retired_s;

	job->changed = *job->release;
	job->changed.retired_s = retired_s;
	catalogue_job_start(
		base->catalogue, &base->work, job, retire_run, retire_after);
}

void catalogue_retire(struct catalogue *catalogue, const struct release *release,
	int64_t retired_s, catalogue_release_fn done, void *arg)
{
	struct retire_job *job = must(calloc(1, sizeof(*job)));

	job->release = catalogue_exact(catalogue, release->name);
	job->changed.retired_s = retired_s;
	job->done = done;
	job->arg = arg;
	catalogue_queue(catalogue, &job->job, retire_begin);
}

/* ---- verifying -------------------------------------------------------------------- */

struct verify_job {
	struct catalogue_job job; /* first */
	struct release release;   /* as the catalogue has it */
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

static void verify_signers(struct catalogue_findings *findings,
	const struct release_manifest *said, const struct minisign_trust *trust)
{
	bool enough = trust->policy == SIGNATURES_OFF ||
		      said->signer_count >= trust->threshold;

	for (size_t i = 0; i < said->signer_count; i++)
		find(findings, true, "signed by the trusted key %s", said->signer[i]);
	if (!enough)
		find(findings, trust->policy != SIGNATURES_REQUIRED,
			"%zu trusted keys have signed, the settings ask for %zu",
			said->signer_count, trust->threshold);
}

/* The manifest says today what it said when it came. */
static void verify_manifest(struct verify_job *job)
{
	const struct catalogue *catalogue = job->job.catalogue;
	struct catalogue_own_papers papers = {NULL, NULL, 0, 0};
	struct release_manifest said = {.serial = 0};
	struct errtext error = {""};
	struct catalogue_offer offer = {.manifest_name = "the manifest",
		.now_s = job->release.added_s,
		.may_go_back = true};
	struct manifest manifest;

	if (!*job->release.manifest.series) {
		find(&job->findings, catalogue->trust.policy != SIGNATURES_REQUIRED,
			"there is no manifest: nobody has signed it");
		return;
	}
	if (catalogue_disk_get_papers(
		    catalogue->dir, job->release.name, &papers, &error) < 0) {
		find(&job->findings, false, "%s", error.text);
		return;
	}
	offer.manifest = (const uint8_t *)papers.manifest;
	offer.manifest_len = papers.manifest_len;
	if (manifest_verify(&catalogue->trust, offer.manifest, offer.manifest_len,
		    papers.signatures, papers.signatures_len, &said, &error) < 0)
		find(&job->findings, false, "%s", error.text);
	else
		verify_signers(&job->findings, &said, &catalogue->trust);
	if (catalogue_read_manifest(&offer, &manifest, &error) < 0)
		find(&job->findings, false, "%s", error.text);
	else if (!catalogue_same_images(&manifest.release, &job->release))
		find(&job->findings, false,
			"the manifest names other images than the release holds");
	catalogue_papers_done(&papers);
}

static void verify_image(struct verify_job *job, const struct release_image *image)
{
	const char *family = wipy_family_facts(image->family)->name;
	const char *dir = job->job.catalogue->dir;
	struct wipy_image_info info;
	struct errtext error = {""};
	uint8_t *data;
	size_t len;

	if (catalogue_disk_get_image(dir, image->sha256, &data, &len, &error) < 0) {
		find(&job->findings, false, "%s: %s", family, error.text);
		return;
	}
	wipy_image_inspect(data, len, &info);
	free(data);
	if (!wipy_image_may_be_kept(&info))
		catalogue_say_verdict(&info, &error);
	else if (manifest_check_image(image, &info, &error) == 0)
		error.text[0] = '\0';
	if (*error.text)
		find(&job->findings, false, "%s: %s", family, error.text);
	else
		find(&job->findings, true,
			"%s%s%s: %zu bytes, SHA-256 %.12s..., whole and right", family,
			*image->type ? " for " : "", image->type, len, image->sha256);
}

static void verify_run(uv_work_t *work)
{
	struct verify_job *job = work->data;

	verify_manifest(job);
	for (size_t i = 0; i < job->release.image_count; i++)
		verify_image(job, &job->release.image[i]);
}

static void verify_after(uv_work_t *work, int status)
{
	struct verify_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
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
	size_t skipped = job->job.catalogue->skipped; /* since the start */

	if (skipped > 0) {
		job->status = fault(&job->error, WIPY_E_CORRUPT,
			"%zu files in %s/releases could not be read, and nobody knows "
			"which images they need: the log of the start names them; mend "
			"or remove them and start wipyd again",
			skipped, job->job.catalogue->dir);
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
