/* SPDX-License-Identifier: MIT
 *
 * Roles and tokens, read anew.
 */
#include "config.h"

#include "daemon/service_access.h"

#include <stdlib.h>

#include "daemon/edge/log.h"

#define TAG "access"

struct service_access_wait {
	struct service_access_wait *next;
	service_access_fn done; /* NULL: nobody, but it has to be read */
	void *arg;
};

static void start(struct service_access *access);

static void tell(struct service_access_wait *wait, const struct yaml_problems *problems)
{
	while (wait) {
		struct service_access_wait *next = wait->next;

		if (wait->done)
			wait->done(wait->arg, problems);
		free(wait);
		wait = next;
	}
}

static void read_anew(uv_work_t *work)
{
	struct service_access *access = work->data;

	access->status = settings_read(
		access->settings->file, &access->problems, &access->fresh);
	if (access->status < 0)
		settings_read_tokens_left(access->settings, &access->left);
}

/* What was in force goes with what is freed. */
static void take_over(struct service_access *access)
{
	struct settings *settings = access->settings, *fresh = access->fresh;
	struct access_rules old = settings->access;
	char *old_tokens = settings->tokens;

	settings->access = fresh->access;
	settings->tokens = fresh->tokens;
	settings->tokens_guarded = fresh->tokens_guarded;
	fresh->access = old;
	fresh->tokens = old_tokens;
	http_streams_close(access->http);
	log_info(TAG, "roles and tokens were read anew groups=%zu tokens=%zu",
		settings->access.group_count, settings->access.token_count);
}

static void narrow(struct service_access *access)
{
	struct access_rules *rules = &access->settings->access;

	for (size_t i = 0; i < access->problems.count; i++)
		log_error(TAG, "%s", access->problems.line[i]);
	log_error(TAG, "the settings have errors: roles stay, and no token is added");
	if (!access_narrow_tokens(rules, &access->left))
		return;
	http_streams_close(access->http);
	log_info(TAG, "tokens were taken back tokens=%zu", rules->token_count);
}

static void read_done(uv_work_t *work, int status)
{
	struct service_access *access = work->data;
	struct service_access_wait *told = access->told_now;

	access->busy = false;
	access->told_now = NULL;
	if (status == 0 && access->http) {
		if (access->status == 0)
			take_over(access);
		else
			narrow(access);
	}
	tell(told, &access->problems);
	yaml_problems_done(&access->problems);
	access->fresh = settings_free(access->fresh);
	free(access->left.token);
	access->left.token = NULL;
	if (access->told_next)
		start(access);
}

static void start(struct service_access *access)
{
	struct yaml_file file = {
		.name = access->settings->file, .problems = &access->problems};

	access->told_now = access->told_next;
	access->told_next = NULL;
	access->busy = true;
	access->work.data = access;
	yaml_problems_init(&access->problems);
	if (uv_queue_work(access->loop, &access->work, read_anew, read_done) == 0)
		return;
	yaml_problem(&file, NULL, "roles and tokens could not be read anew: try again");
	log_error(TAG, "%s", access->problems.line[0]);
	access->status = WIPY_E_CONFIG;
	read_done(&access->work, UV_ECANCELED);
}

void service_access_reload(
	struct service_access *access, service_access_fn done, void *arg)
{
	static const struct yaml_problems none;
	struct service_access_wait *wait;

	if (!access->settings->file) {
		if (done)
			done(arg, &none);
		return;
	}
	wait = calloc(1, sizeof(*wait));
	if (!wait)
		abort();
	*wait = (struct service_access_wait){access->told_next, done, arg};
	access->told_next = wait;
	/* What is being read may be the file as it was before: then once more. */
	if (!access->busy)
		start(access);
}
