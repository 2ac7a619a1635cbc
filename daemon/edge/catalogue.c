/* SPDX-License-Identifier: MIT
 *
 * The catalogue on the loop's side: what is known of releases, and jobs for the worker
 * pool. A job's struct belongs to the worker while it runs and to the loop before and
 * after; nothing else is shared.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_cache.h"
#include "daemon/edge/catalogue_disk.h"
#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/catalogue_private.h"
#include "daemon/edge/log.h"

#define TAG "catalogue"

#define NAMES_SHOWN 5

struct release_job;

struct catalogue {
	uv_loop_t *loop;
	char *dir;
	struct release **release; /* oldest first; entries never move */
	size_t count;
	struct release_job *queue, **queue_end; /* one at a time: names are unique */
	struct catalogue_cache *cache;
	size_t jobs; /* under way */
};

static void job_start(struct catalogue *catalogue, uv_work_t *work, void *job,
	uv_work_cb run, uv_after_work_cb after)
{
	work->data = job;
	catalogue->jobs++;
	if (uv_queue_work(catalogue->loop, work, run, after) < 0)
		abort(); /* only without a function to run */
}

int catalogue_open(uv_loop_t *loop, const char *dir, struct catalogue **ret_catalogue,
	struct errtext *ret_error)
{
	struct catalogue *catalogue;
	struct release **release;
	size_t count;
	int r;

	if (sodium_init() < 0)
		return fault(ret_error, -ENOSYS,
			"libsodium did not start: is there a source of randomness?");
	r = catalogue_disk_prepare(dir, ret_error);
	if (r == 0)
		r = catalogue_disk_list(dir, &release, &count, ret_error);
	if (r < 0)
		return r;
	catalogue = must(calloc(1, sizeof(*catalogue)));
	catalogue->loop = loop;
	catalogue->dir = must(strdup(dir));
	catalogue->release = release;
	catalogue->count = count;
	catalogue->queue_end = &catalogue->queue;
	catalogue->cache = catalogue_cache_new(loop, catalogue->dir);
	*ret_catalogue = catalogue;
	return 0;
}

/* ---- finding ---------------------------------------------------------------------- */

size_t catalogue_count(const struct catalogue *catalogue)
{
	return catalogue->count;
}

const struct release *catalogue_at(const struct catalogue *catalogue, size_t index)
{
	return catalogue->release[index];
}

static struct release *find_exact(const struct catalogue *catalogue, const char *name)
{
	for (size_t i = 0; i < catalogue->count; i++)
		if (strcmp(catalogue->release[i]->name, name) == 0)
			return catalogue->release[i];
	return NULL;
}

static bool has_base(const struct release *release, const char *base)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (wipy_version_has_base(release->image[i].fingerprint.tag, base))
			return true;
	return false;
}

/* Appends the names of the latest releases (of that tag base; NULL: any), five at most. */
static void list_names(
	const struct catalogue *catalogue, const char *base, struct errtext *error)
{
	size_t len = strlen(error->text), shown = 0, more = 0;

	for (size_t i = catalogue->count; i-- > 0;) {
		const struct release *release = catalogue->release[i];

		if (base && !has_base(release, base))
			continue;
		/* Each name may be as long as 63 characters, and all must be whole. */
		if (shown == NAMES_SHOWN ||
			len + NAME_MAX_LEN + 20 > sizeof(error->text)) {
			more++;
			continue;
		}
		len += (size_t)snprintf(error->text + len, sizeof(error->text) - len,
			"%s%s", shown ? ", " : "", release->name);
		shown++;
	}
	if (more)
		snprintf(error->text + len, sizeof(error->text) - len, " and %zu more",
			more);
}

int catalogue_find(const struct catalogue *catalogue, const char *name,
	const struct release **ret_release, struct errtext *ret_error)
{
	const struct release *found = find_exact(catalogue, name);
	size_t count = 0;

	if (found) {
		*ret_release = found;
		return 0;
	}
	for (size_t i = 0; i < catalogue->count; i++) {
		if (!has_base(catalogue->release[i], name))
			continue;
		found = catalogue->release[i];
		count++;
	}
	if (count == 1) {
		*ret_release = found;
		return 0;
	}
	if (count > 1) {
		fault(ret_error, 0,
			"'%.63s' fits %zu releases, name one of them: ", name, count);
		list_names(catalogue, name, ret_error);
		return -ENOTUNIQ;
	}
	if (catalogue->count == 0)
		return fault(ret_error, -ENOENT,
			"there is no release '%.63s': the catalogue is empty; add one "
			"with "
			"'wipyctl release add'",
			name);
	fault(ret_error, 0, "there is no release '%.63s'; there are: ", name);
	list_names(catalogue, NULL, ret_error);
	return -ENOENT;
}

/* ---- adding images ---------------------------------------------------------------- */

struct image_job {
	uv_work_t work;
	struct catalogue *catalogue;
	uint8_t *data;
	size_t len;
	catalogue_image_fn done;
	void *arg;
	/* The worker's results: */
	int status;
	struct wipy_image_info info;
	char sha256[SHA256_HEX_MAX];
	struct errtext error;
};

static void say_verdict(const struct wipy_image_info *info, struct errtext *error)
{
	const char *text = wipy_strerror(info->verdict);

	switch (info->verdict) {
	case WIPY_E_IMAGE_TOO_BIG:
		fault(error, 0, "%s: it has %zu bytes, a %s board takes %zu", text,
			info->size, wipy_family_facts(info->family)->name,
			wipy_family_facts(info->family)->image_max);
		break;
	case WIPY_E_IMAGE_MD5:
		fault(error, 0,
			"%s: the trailer says %s, the bytes give %s; the file is "
			"damaged "
			"or cut short, fetch or build it again",
			text, info->md5_stored, info->md5_computed);
		break;
	case WIPY_E_IMAGE_VECTORS:
		fault(error, 0, "%s: stack pointer 0x%08x, reset vector 0x%08x", text,
			info->stack_pointer, info->entry_point);
		break;
	case WIPY_E_IMAGE_FAMILY:
	case WIPY_E_IMAGE_KIND:
	case WIPY_E_IMAGE_BOOTLOADER:
	case WIPY_E_IMAGE_CHIP:
		fault(error, 0, "%s: it looks like this: %s", text, info->kind);
		break;
	case WIPY_E_IMAGE_EMPTY:
		fault(error, 0, "%s: it has %zu bytes", text, info->size);
		break;
	case WIPY_E_IMAGE_CUT:
	case WIPY_E_IMAGE_CHECKSUM:
	case WIPY_E_IMAGE_SHA256:
	case WIPY_E_IMAGE_TAIL:
		fault(error, 0,
			"%s: the file has %zu bytes, the image ends at %zu; fetch or "
			"build it again",
			text, info->size, info->esp.covered_len);
		break;
	case WIPY_E_IMAGE_NO_ENDPOINTS:
		fault(error, 0,
			"%s: it could not be updated from here any more; flash it by "
			"wire if that is what you want",
			text);
		break;
	case WIPY_E_IMAGE_NO_MD5:
		fault(error, 0,
			"%s: take the file that the build makes for updates, "
			"mcuimg.bin",
			text);
		break;
	default:
		fault(error, 0, "%s", text);
		break;
	}
}

static void image_run(uv_work_t *work)
{
	struct image_job *job = work->data;

	wipy_image_inspect(job->data, job->len, &job->info);
	catalogue_disk_sha256(job->data, job->len, job->sha256);
	job->status = job->info.verdict;
	if (job->status == 0 && job->len > CATALOGUE_IMAGE_MAX)
		job->status = job->info.verdict = WIPY_E_IMAGE_TOO_BIG;
	if (job->status < 0)
		say_verdict(&job->info, &job->error);
	else
		job->status = catalogue_disk_put_image(job->catalogue->dir, job->sha256,
			job->data, job->len, &job->error);
}

static void image_after(uv_work_t *work, int status)
{
	struct image_job *job = work->data;

	(void)status; /* never cancelled */
	job->catalogue->jobs--;
	job->done(job->arg, job->status, &job->info, job->sha256, &job->error);
	free(job->data);
	free(job);
}

void catalogue_add_image(struct catalogue *catalogue, uint8_t *data, size_t len,
	catalogue_image_fn done, void *arg)
{
	struct image_job *job = must(calloc(1, sizeof(*job)));

	job->catalogue = catalogue;
	job->data = data;
	job->len = len;
	job->done = done;
	job->arg = arg;
	job_start(catalogue, &job->work, job, image_run, image_after);
}

/* ---- adding releases -------------------------------------------------------------- */

/* Two visits to the worker pool: the images are inspected, the loop decides with what it
 * knows of other releases, the file is written. */
struct release_job {
	uv_work_t work;
	struct catalogue *catalogue;
	struct release_job *next;
	struct release *release;
	catalogue_release_fn done;
	void *arg;
	int status;
	struct errtext error;
};

/* Boards that run the one or the other would look the same. */
static void say_twin(const struct catalogue *catalogue, const struct release *release,
	const struct release_image *image, struct errtext *warning)
{
	char fingerprint[WIPY_FINGERPRINT_MAX];

	for (size_t i = 0; i < catalogue->count; i++) {
		const struct release *other = catalogue->release[i];
		const struct release_image *twin =
			release_image_for(other, image->family);

		if (other == release || !twin ||
			strcmp(twin->sha256, image->sha256) == 0 ||
			!wipy_fingerprint_equal(
				&twin->fingerprint, &image->fingerprint))
			continue;
		wipy_fingerprint_format(&image->fingerprint, fingerprint);
		fault(warning, 0,
			"release %s holds other bytes with the same fingerprint (%s): "
			"a "
			"board does not show which of the two it runs",
			other->name, fingerprint);
		return;
	}
}

static void inspect_run(uv_work_t *work);
static void inspect_after(uv_work_t *work, int status);

static void release_start(struct release_job *job)
{
	job_start(job->catalogue, &job->work, job, inspect_run, inspect_after);
}

/* `result` is in the catalogue, or NULL. */
static void release_finish(struct release_job *job, const struct release *result)
{
	struct catalogue *catalogue = job->catalogue;
	struct errtext warning = {""};

	catalogue->queue = job->next;
	if (catalogue->queue)
		release_start(catalogue->queue);
	else
		catalogue->queue_end = &catalogue->queue;
	for (size_t i = 0; result && i < result->image_count && !*warning.text; i++)
		say_twin(catalogue, result, &result->image[i], &warning);
	job->done(job->arg, job->status, result, warning.text, &job->error);
	if (job->release != result)
		free(job->release);
	free(job);
}

static void inspect_run(uv_work_t *work)
{
	struct release_job *job = work->data;
	struct wipy_image_info info;
	uint8_t *data;
	size_t len;

	for (size_t i = 0; i < job->release->image_count && job->status == 0; i++) {
		struct release_image *image = &job->release->image[i];

		job->status = catalogue_disk_get_image(
			job->catalogue->dir, image->sha256, &data, &len, &job->error);
		if (job->status < 0)
			return;
		wipy_image_inspect(data, len, &info);
		free(data);
		job->status = info.verdict;
		if (job->status < 0)
			say_verdict(&info, &job->error);
		image->family = info.family;
		image->size = (int64_t)info.size;
		image->entry_point = info.entry_point;
		image->fingerprint = info.fingerprint;
		image->warnings = info.warnings;
	}
}

static bool same_images(const struct release *a, const struct release *b)
{
	for (size_t i = 0; i < a->image_count; i++) {
		const struct release_image *image = &a->image[i];
		const struct release_image *other = release_image_for(b, image->family);

		if (!other || strcmp(image->sha256, other->sha256) != 0)
			return false;
	}
	return a->image_count == b->image_count;
}

static int check_families(const struct release *release, struct errtext *ret_error)
{
	for (size_t i = 0; i < release->image_count; i++)
		if (release_image_for(release, release->image[i].family) !=
			&release->image[i])
			return fault(ret_error, -EINVAL,
				"two images are for %s boards: a release holds one "
				"image a "
				"family; make two releases",
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
			"digits, "
			"'-', '_' and '.', and no '.' at the front; give it another "
			"name",
			release->name, NAME_MAX_LEN - 1);
	return check_families(release, ret_error);
}

static void write_run(uv_work_t *work)
{
	struct release_job *job = work->data;

	job->status = catalogue_disk_put_release(
		job->catalogue->dir, job->release, &job->error);
}

static void write_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->catalogue;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status == 0) {
		catalogue->release[catalogue->count++] = job->release;
		log_info(TAG, "release added release=%s images=%zu", job->release->name,
			job->release->image_count);
	}
	release_finish(job, job->status == 0 ? job->release : NULL);
}

static void inspect_after(uv_work_t *work, int status)
{
	struct release_job *job = work->data;
	struct catalogue *catalogue = job->catalogue;
	const struct release *existing;

	(void)status; /* never cancelled */
	catalogue->jobs--;
	if (job->status == 0)
		job->status = check_release(job->release, &job->error);
	existing = job->status == 0 ? find_exact(catalogue, job->release->name) : NULL;
	if (existing && same_images(existing, job->release)) {
		release_finish(job, existing);
		return;
	}
	if (existing)
		job->status = fault(&job->error, -EEXIST,
			"there is a release %s with other images: give this one "
			"another "
			"name",
			existing->name);
	else if (job->status == 0 && catalogue->count == CATALOGUE_RELEASES_MAX)
		job->status = fault(&job->error, -EDQUOT,
			"the catalogue holds %d releases and takes no more",
			CATALOGUE_RELEASES_MAX);
	if (job->status < 0)
		release_finish(job, NULL);
	else
		job_start(catalogue, &job->work, job, write_run, write_after);
}

/* Fills the release with what the caller asks for. */
static int take_request(struct release *release, const char *name,
	const char *const *sha256, size_t count, struct errtext *ret_error)
{
	if (count == 0 || count > RELEASE_IMAGES_MAX)
		return fault(ret_error, -EINVAL,
			"a release holds 1 to %d images, not %zu", RELEASE_IMAGES_MAX,
			count);
	if (*name && !catalogue_is_name(name))
		return fault(ret_error, -EINVAL,
			"'%.80s' cannot be the name of a release: up to %d letters, "
			"digits, '-', '_' and '.', and no '.' at the front",
			name, NAME_MAX_LEN - 1);
	for (size_t i = 0; i < count; i++) {
		if (!catalogue_is_sha256(sha256[i]))
			return fault(ret_error, -EINVAL,
				"'%.80s' is not a SHA-256 (64 lower-case hex digits)",
				sha256[i]);
		memcpy(release->image[i].sha256, sha256[i], SHA256_HEX_MAX);
	}
	memcpy(release->name, name, strlen(name) + 1);
	release->image_count = count;
	return 0;
}

void catalogue_add_release(struct catalogue *catalogue, const char *name,
	const char *const *sha256, size_t count, int64_t now_s,
	catalogue_release_fn done, void *arg)
{
	struct release_job *job = must(calloc(1, sizeof(*job)));

	job->catalogue = catalogue;
	job->release = must(calloc(1, sizeof(*job->release)));
	job->release->added_s = now_s;
	job->done = done;
	job->arg = arg;
	job->status = take_request(job->release, name, sha256, count, &job->error);
	*catalogue->queue_end = job;
	catalogue->queue_end = &job->next;
	if (catalogue->queue == job)
		release_start(job);
}

/* ---- the bytes -------------------------------------------------------------------- */

void catalogue_get_bytes(struct catalogue *catalogue, const char *sha256,
	catalogue_bytes_fn done, void *arg)
{
	catalogue_cache_get(catalogue->cache, sha256, done, arg);
}

void catalogue_release_bytes(
	struct catalogue *catalogue, const struct catalogue_bytes *bytes)
{
	catalogue_cache_release(catalogue->cache, bytes);
}

struct catalogue *catalogue_free(struct catalogue *catalogue)
{
	if (!catalogue)
		return NULL;
	assert(catalogue->jobs == 0);
	catalogue_cache_free(catalogue->cache);
	for (size_t i = 0; i < catalogue->count; i++)
		free(catalogue->release[i]);
	free(catalogue->release);
	free(catalogue->dir);
	free(catalogue);
	return NULL;
}
