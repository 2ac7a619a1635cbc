/* SPDX-License-Identifier: MIT
 *
 * Releases that come into the catalogue, made of images that are there already.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/utc.h"
#include "daemon/edge/catalogue_manifest.h"
#include "daemon/edge/catalogue_private.h"

/* ---- adding releases -------------------------------------------------------------- */

/* Two visits to the worker pool: manifest and images are read, the loop decides with what
 * it knows of other releases, the file is written. */
struct release_job {
	struct catalogue_job job; /* first */
	struct release *release;
	struct catalogue_offer offer; /* the texts are the job's own */
	catalogue_release_fn done;
	void *arg;
	/* The worker's results: */
	int status;
	bool broken; /* a signature does not fit */
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

static void read_run(uv_work_t *work);
static void read_after(uv_work_t *work, int status);

static void release_begin(struct catalogue_job *job)
{
	catalogue_job_start(job->catalogue, &job->work, job, read_run, read_after);
}

/* `result` is in the catalogue, or NULL. */
static void release_finish(struct release_job *job, const struct release *result)
{
	struct catalogue *catalogue = job->job.catalogue;
	struct errtext unsigned_too = job->warning, twin = {""};

	catalogue_queue_next(catalogue);
	for (size_t i = 0; result && i < result->image_count && !*twin.text; i++)
		say_twin(catalogue, result, &result->image[i], &twin);
	if (*twin.text)
		fault(&job->warning, 0, "%s%s%s", twin.text,
			*unsigned_too.text ? "; " : "", unsigned_too.text);
	job->done(job->arg, job->status, result, job->warning.text, &job->error);
	if (job->release != result)
		free(job->release);
	free((void *)(uintptr_t)job->offer.manifest_name);
	free((void *)(uintptr_t)job->offer.manifest);
	free((void *)(uintptr_t)job->offer.signatures);
	free(job);
}

/* ---- on the worker ---------------------------------------------------------------- */

/* The first fault, and how many more there are. */
static int tell_problems(
	const struct yaml_problems *problems, struct errtext *ret_error)
{
	size_t more = problems->count + problems->more - 1;

	if (more == 0)
		return fault(
			ret_error, WIPY_E_RELEASE_MANIFEST, "%s", problems->line[0]);
	return fault(ret_error, WIPY_E_RELEASE_MANIFEST, "%.260s (and %zu more)",
		problems->line[0], more);
}

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

/* Reads manifest and signatures; *ret_broken: a signature does not fit. */
static int read_offer(const struct catalogue *catalogue,
	const struct catalogue_offer *offer, struct manifest *ret_manifest,
	bool *ret_broken, struct errtext *ret_error)
{
	int r = catalogue_read_manifest(offer, ret_manifest, ret_error);

	if (r < 0)
		return r;
	ret_manifest->release.added_s = offer->now_s;
	*ret_broken =
		manifest_verify(&catalogue->trust, offer->manifest, offer->manifest_len,
			offer->signatures, offer->signatures_len,
			&ret_manifest->release.manifest, ret_error) < 0;
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

static void take_facts(struct release_image *image, const struct wipy_image_info *info)
{
	image->family = info->family;
	image->size = (int64_t)info->size;
	image->entry_point = info->entry_point;
	image->fingerprint = info->fingerprint;
	image->warnings = info->warnings;
	if (wipy_image_is_esp(info))
		take_flash(&info->esp, &image->flash);
}

static int read_image(struct release_job *job, struct release_image *image)
{
	struct wipy_image_info info;
	uint8_t *data;
	size_t len;
	int r = catalogue_disk_get_image(
		job->job.catalogue->dir, image->sha256, &data, &len, &job->error);

	if (r < 0)
		return r;
	wipy_image_inspect(data, len, &info);
	free(data);
	if (!wipy_image_may_be_kept(&info)) {
		catalogue_say_verdict(&info, &job->error);
		return info.verdict;
	}
	if (job->offer.manifest_name &&
		manifest_check_image(image, &info, &job->error) < 0)
		return WIPY_E_RELEASE_MISMATCH;
	take_facts(image, &info);
	return 0;
}

static void read_run(uv_work_t *work)
{
	struct release_job *job = work->data;
	struct manifest manifest;

	if (job->status == 0 && job->offer.manifest_name) {
		job->status = read_offer(job->job.catalogue, &job->offer, &manifest,
			&job->broken, &job->error);
		if (job->status == 0)
			*job->release = manifest.release;
	}
	for (size_t i = 0; i < job->release->image_count && job->status == 0; i++)
		job->status = read_image(job, &job->release->image[i]);
}

static void write_run(uv_work_t *work)
{
	struct release_job *job = work->data;
	const struct catalogue_offer *offer = &job->offer;
	struct catalogue_papers papers = {(const char *)offer->manifest,
		offer->manifest_len, offer->signatures, offer->signatures_len};

	job->status = catalogue_disk_put_release(
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

/* Whoever needs no keys must not be able to hold back what the owners of keys have signed,
 * with a serial that nothing exceeds. */
static bool counts_for(const struct catalogue *catalogue, const struct release *known,
	const struct release *offered)
{
	size_t threshold = catalogue->trust.threshold;

	return catalogue->trust.policy == SIGNATURES_OFF ||
	       known->manifest.signer_count >= threshold ||
	       offered->manifest.signer_count < threshold;
}

/* The newest other one of its series. */
static const struct release *newest_of(
	const struct catalogue *catalogue, const struct release *offered)
{
	const struct release *newest = NULL;

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct release *release = catalogue->release[i];

		if (strcmp(release->manifest.series, offered->manifest.series) == 0 &&
			strcmp(release->name, offered->name) != 0 &&
			counts_for(catalogue, release, offered) &&
			(!newest || release->manifest.serial > newest->manifest.serial))
			newest = release;
	}
	return newest;
}

static int refuse(const struct catalogue *catalogue, const struct release *release,
	enum release_verdict verdict, const struct release *newest,
	struct errtext *ret_error)
{
	const struct release_manifest *said = &release->manifest;
	char when[WIPY_UTC_MAX] = "";

	switch (verdict) {
	case RELEASE_TAMPERED:
		return WIPY_E_RELEASE_TAMPERED; /* the sentence is there already */
	case RELEASE_NO_MANIFEST:
		return fault(ret_error, WIPY_E_RELEASE_UNTRUSTED,
			"the settings ask for signatures, and there is no manifest "
			"that could be signed: `wipyctl release manifest FILE...` "
			"writes one, minisign -S signs it");
	case RELEASE_TOO_FEW:
		return fault(ret_error, WIPY_E_RELEASE_UNTRUSTED,
			"%zu trusted key%s signed the manifest, the settings ask for "
			"%zu",
			said->signer_count, said->signer_count == 1 ? " has" : "s have",
			catalogue->trust.threshold);
	case RELEASE_EXPIRED:
		if (wipy_utc_format(said->expires_s, when) < 0)
			when[0] = '\0';
		return fault(ret_error, WIPY_E_RELEASE_EXPIRED,
			"the manifest expired at %s: get a newer one from its maker",
			when);
	case RELEASE_OLDER:
		return fault(ret_error, WIPY_E_RELEASE_OLDER,
			"serial %lld is not newer than %lld of release %s in the same "
			"series (%s): going back needs --allow-downgrade REASON",
			(long long)said->serial, (long long)newest->manifest.serial,
			newest->name, said->series);
	case RELEASE_GOOD:
	case RELEASE_UNSIGNED:
	case RELEASE_GOES_BACK:
	default:
		return 0;
	}
}

static void say_untrusted(const struct catalogue *catalogue,
	const struct release *release, struct errtext *warning)
{
	if (!*release->manifest.series)
		fault(warning, 0,
			"nobody has signed this release: it was made of the files as "
			"they are");
	else
		fault(warning, 0,
			"%zu trusted keys have signed the manifest, the settings ask "
			"for %zu",
			release->manifest.signer_count, catalogue->trust.threshold);
}

/* By signatures, age and serial. */
static int judge(const struct catalogue *catalogue, const struct release *release,
	bool broken, bool may_go_back, struct errtext *warning,
	struct errtext *ret_error)
{
	const struct release_manifest *said = &release->manifest;
	const struct release *newest = newest_of(catalogue, release);
	struct release_facts facts = {
		.has_manifest = *said->series,
		.policy = catalogue->trust.policy,
		.threshold = catalogue->trust.threshold,
		.trusted = said->signer_count,
		.broken = broken,
		.now_s = release->added_s,
		.expires_s = said->expires_s,
		.serial = said->serial,
		.most_serial = newest ? newest->manifest.serial : 0,
		.may_go_back = may_go_back,
	};
	enum release_verdict verdict = release_judge(&facts);

	if (verdict == RELEASE_UNSIGNED)
		say_untrusted(catalogue, release, warning);
	return refuse(catalogue, release, verdict, newest, ret_error);
}

int catalogue_check_manifest(const struct catalogue *catalogue,
	const struct catalogue_offer *offer, struct manifest *ret_manifest,
	struct errtext *ret_error)
{
	struct errtext warning;
	bool broken = false;
	int r = check_texts(offer, ret_error);

	if (r == 0)
		r = read_offer(catalogue, offer, ret_manifest, &broken, ret_error);
	return r < 0 ? r
		     : judge(catalogue, &ret_manifest->release, broken,
			       offer->may_go_back, &warning, ret_error);
}

static void write_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status == 0) {
		catalogue->release[catalogue->count++] = job->release;
		log_info(TAG, "release added release=%s images=%zu", job->release->name,
			job->release->image_count);
	}
	release_finish(job, job->status == 0 ? job->release : NULL);
}

/* What is there already: the same images, under the same manifest if there is one. */
static bool is_there(const struct release_job *job, const struct release *existing)
{
	const struct release_manifest *a = &existing->manifest,
				      *b = &job->release->manifest;

	return catalogue_same_images(existing, job->release) &&
	       (!job->offer.manifest_name ||
		       (strcmp(a->series, b->series) == 0 && a->serial == b->serial &&
			       a->expires_s == b->expires_s &&
			       a->signer_count == b->signer_count));
}

static int check_room(const struct release_job *job, const struct release *existing,
	struct errtext *ret_error)
{
	if (existing)
		return fault(ret_error, -EEXIST,
			"there is a release %s with other images or another manifest: "
			"give this one another name",
			existing->name);
	if (job->job.catalogue->count == CATALOGUE_RELEASES_MAX)
		return fault(ret_error, -EDQUOT,
			"the catalogue holds %d releases and takes no more",
			CATALOGUE_RELEASES_MAX);
	return 0;
}

static void read_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->job.catalogue;
	const struct release *existing = NULL;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status == 0)
		job->status = check_release(job->release, &job->error);
	if (job->status == 0)
		job->status = judge(catalogue, job->release, job->broken,
			job->offer.may_go_back, &job->warning, &job->error);
	if (job->status == 0)
		existing = catalogue_exact(catalogue, job->release->name);
	if (existing && is_there(job, existing)) {
		release_finish(job, existing);
		return;
	}
	if (job->status == 0)
		job->status = check_room(job, existing, &job->error);
	if (job->status < 0)
		release_finish(job, NULL);
	else
		catalogue_job_start(
			catalogue, &job->job.work, job, write_run, write_after);
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
	const struct catalogue_offer *offer, catalogue_release_fn done, void *arg)
{
	struct release_job *job = must(calloc(1, sizeof(*job)));

	job->release = must(calloc(1, sizeof(*job->release)));
	job->release->added_s = offer->now_s;
	job->done = done;
	job->arg = arg;
	job->status = offer->manifest_name
			      ? check_texts(offer, &job->error)
			      : take_images(offer, job->release, &job->error);
	if (offer->manifest_name && job->status == 0)
		take_manifest(job, offer);
	catalogue_queue(catalogue, &job->job, release_begin);
}
