/* SPDX-License-Identifier: MIT
 *
 * The memory of images, and the question whether one is whole.
 */
#include "config.h"

#include "daemon/edge/catalogue_known.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/edge/catalogue_private.h"

static const struct catalogue_stamp no_stamp;

static bool is_stamp(const struct catalogue_stamp *a, const struct catalogue_stamp *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

void catalogue_recall(const struct catalogue_known *known, const char *sha256,
	struct catalogue_image *ret_image)
{
	memset(ret_image, 0, sizeof(*ret_image));
	/* What is no SHA-256 must not become a path. */
	if (!catalogue_is_sha256(sha256))
		return;
	memcpy(ret_image->sha256, sha256, SHA256_HEX_MAX);
	for (size_t i = 0; i < CATALOGUE_KNOWN_MAX; i++) {
		if (strcmp(known->image[i].sha256, sha256) != 0)
			continue;
		*ret_image = known->image[i];
		return;
	}
}

void catalogue_remember(
	struct catalogue_known *known, const struct catalogue_image *image)
{
	for (size_t i = 0; i < CATALOGUE_KNOWN_MAX; i++)
		if (strcmp(known->image[i].sha256, image->sha256) == 0)
			known->image[i].sha256[0] = '\0';
	if (is_stamp(&image->stamp, &no_stamp))
		return;
	known->image[known->next] = *image;
	known->next = (known->next + 1) % CATALOGUE_KNOWN_MAX;
}

int catalogue_check_file(
	const char *dir, struct catalogue_image *image, struct errtext *ret_error)
{
	struct catalogue_stamp now;
	uint8_t *data;
	size_t len;
	int r;

	if (!is_stamp(&image->stamp, &no_stamp) &&
		catalogue_disk_stamp(dir, image->sha256, &now) == 0 &&
		is_stamp(&image->stamp, &now))
		return 0;
	image->stamp = no_stamp;
	r = catalogue_disk_get_image(
		dir, image->sha256, &data, &len, &image->stamp, ret_error);
	if (r < 0)
		return r;
	wipy_image_inspect(data, len, &image->info);
	free(data);
	return 0;
}

/* ---- asked from the loop ---------------------------------------------------------- */

struct check_job {
	uv_work_t work;
	struct catalogue *catalogue;
	struct catalogue_image image;
	catalogue_checked_fn done;
	void *arg;
	/* The worker's results: */
	int status;
	struct errtext error;
};

static void check_run(uv_work_t *work)
{
	struct check_job *job = work->data;

	job->status =
		catalogue_check_file(job->catalogue->dir, &job->image, &job->error);
}

static void check_after(uv_work_t *work, int status)
{
	struct check_job *job = work->data;

	(void)status; /* never cancelled */
	job->catalogue->jobs--;
	catalogue_remember(&job->catalogue->known, &job->image);
	job->done(job->arg, job->status, &job->error);
	free(job);
}

void catalogue_check_image(struct catalogue *catalogue, const char *sha256,
	catalogue_checked_fn done, void *arg)
{
	struct check_job *job = must(calloc(1, sizeof(*job)));

	catalogue_recall(&catalogue->known, sha256, &job->image);
	job->catalogue = catalogue;
	job->done = done;
	job->arg = arg;
	catalogue_job_start(catalogue, &job->work, job, check_run, check_after);
}
