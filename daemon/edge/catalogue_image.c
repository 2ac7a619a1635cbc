/* SPDX-License-Identifier: MIT
 *
 * Images that come into the catalogue.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_private.h"

struct image_job {
	uv_work_t work;
	struct catalogue *catalogue;
	uint8_t *data;
	size_t len;
	char stated[SHA256_HEX_MAX]; /* "": any */
	catalogue_image_fn done;
	void *arg;
	/* The worker's results: */
	int status;
	struct catalogue_image image;
	struct errtext error;
};

void catalogue_say_verdict(const struct wipy_image_info *info, struct errtext *error)
{
	const char *text = wipy_strerror(info->verdict);
	bool pycom = info->family == WIPY_FAMILY_PYCOM;

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
			"%s%s: take the file that the build makes for updates, %s",
			text,
			pycom ? ", which Pycom's loader asks for where there is no "
				"SHA-256"
			      : "",
			pycom ? "appimg.bin" : "mcuimg.bin");
		break;
	case WIPY_E_IMAGE_HEADER:
		fault(error, 0, "%s%s%s (entry point 0x%08x)", text,
			info->esp.flaw ? ": " : "",
			info->esp.flaw ? info->esp.flaw : "", info->entry_point);
		break;
	default:
		fault(error, 0, "%s", text);
		break;
	}
}

static void image_run(uv_work_t *work)
{
	struct image_job *job = work->data;
	struct wipy_image_info *info = &job->image.info;
	const char *dir = job->catalogue->dir, *sha256 = job->image.sha256;

	wipy_image_inspect(job->data, job->len, info);
	catalogue_disk_sha256(job->data, job->len, job->image.sha256);
	/* Other bytes than the ones meant: what is wrong with those does not matter. */
	if (*job->stated && strcmp(job->stated, sha256) != 0) {
		job->status = fault(&job->error, WIPY_E_RELEASE_MISMATCH,
			"the image has the SHA-256 %s, the manifest says %s", sha256,
			job->stated);
		return;
	}
	job->status = wipy_image_may_be_kept(info) ? 0 : info->verdict;
	if (job->status == 0 && job->len > CATALOGUE_IMAGE_MAX)
		job->status = info->verdict = WIPY_E_IMAGE_TOO_BIG;
	if (job->status < 0)
		catalogue_say_verdict(info, &job->error);
	else
		job->status = catalogue_disk_put_image(
			dir, sha256, job->data, job->len, &job->error);
	if (job->status == 0)
		(void)!catalogue_disk_stamp(dir, sha256, &job->image.stamp);
}

static void image_after(uv_work_t *work, int status)
{
	struct image_job *job = work->data;

	(void)status; /* never cancelled */
	job->catalogue->jobs--;
	catalogue_remember(&job->catalogue->known, &job->image);
	job->done(job->arg, job->status, &job->image.info, job->image.sha256,
		&job->error);
	free(job->data);
	free(job);
}

void catalogue_add_image(struct catalogue *catalogue, uint8_t *data, size_t len,
	const char *stated, catalogue_image_fn done, void *arg)
{
	struct image_job *job = must(calloc(1, sizeof(*job)));

	if (stated)
		memcpy(job->stated, stated, SHA256_HEX_MAX);
	job->catalogue = catalogue;
	job->data = data;
	job->len = len;
	job->done = done;
	job->arg = arg;
	catalogue_job_start(catalogue, &job->work, job, image_run, image_after);
}
