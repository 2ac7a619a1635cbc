/* SPDX-License-Identifier: MIT
 *
 * What the catalogue's own files share. Private to it.
 */
#ifndef WIPY_EDGE_CATALOGUE_PRIVATE_H
#define WIPY_EDGE_CATALOGUE_PRIVATE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/edge/catalogue.h"
#include "daemon/edge/catalogue_disk.h"
#include "daemon/edge/catalogue_json.h"
#include "daemon/edge/catalogue_known.h"
#include "daemon/edge/log.h"

#define TAG "catalogue"

/* What changes releases, or asks for their files: one at a time, so that each finds what
 * the one before has left. The first part of a struct of its own. */
struct catalogue_job {
	uv_work_t work;
	struct catalogue *catalogue;
	struct catalogue_job *next;
	void (*begin)(struct catalogue_job *job);
	/* Goes on, or ends, once its owner has noted what it is about to do. */
	void (*noted)(
		struct catalogue_job *job, int status, const struct errtext *error);
};

struct catalogue {
	uv_loop_t *loop;
	char *dir;
	struct minisign_trust trust;
	struct release **release; /* oldest first; entries never move */
	size_t count;
	char **damaged; /* release files that could not be read */
	size_t damaged_count;
	struct catalogue_job *queue, **queue_end; /* the first one is under way */
	struct catalogue_cache *cache;
	struct catalogue_known known;
	size_t jobs; /* under way */
};

/* Begins the job when all before it have ended. */
void catalogue_queue(struct catalogue *catalogue, struct catalogue_job *job,
	void (*begin)(struct catalogue_job *job));
/* The job under way has ended; it is freed by its owner, who tells its result after this. */
void catalogue_queue_next(struct catalogue *catalogue);

/* Runs on the worker pool, then `after` on the loop, which counts jobs down. */
void catalogue_job_start(struct catalogue *catalogue, uv_work_t *work, void *job,
	uv_work_cb run, uv_after_work_cb after);

/* The release of exactly that name, or NULL. */
struct release *catalogue_exact(const struct catalogue *catalogue, const char *name);

/* By signatures, age and serial; where it is taken with a warning, *warning says so. Returns 0
 * or WIPY_E_RELEASE_*; of a broken signature *ret_error tells already. */
int catalogue_judge(const struct catalogue *catalogue, const struct release *release,
	bool may_go_back, struct errtext *warning,
	struct errtext *ret_error) WARN_UNUSED;

/* Whether the file in the folder of releases is the one of that name. */
bool catalogue_is_file_of(const char *file_name, const char *name);

/* The same bytes for the same families and types. */
bool catalogue_same_images(const struct release *a, const struct release *b);

/* What the catalogue keeps of an inspected image's bytes. */
void catalogue_take_facts(
	struct release_image *image, const struct wipy_image_info *info);

/* Why an image is not fit: a sentence. */
void catalogue_say_verdict(const struct wipy_image_info *info, struct errtext *error);

/* Writes the sentence and returns the code. */
__attribute__((format(printf, 3, 4))) static inline int fault(
	struct errtext *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

/* What only want of memory could refuse: then the process ends. */
static inline void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

#endif
