/* SPDX-License-Identifier: MIT
 *
 * Page after page, each list put behind the one before.
 */
#include "config.h"

#include "cli/pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/shape.h"

#define PAGES_MAX 1000

static int ask(struct client *client, const char *path, json_t **ret_answer,
	struct failure *ret_failure)
{
	return client_call(client,
		&(struct client_request){.method = "GET", .path = path}, ret_answer,
		ret_failure);
}

static int nonsense(struct failure *ret_failure, const char *path, const char *what)
{
	(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
		"the daemon's answer to %.200s %s", path, what);
	return -EPROTO;
}

/* What `next` says as `after` takes it: a name, an id or a number. "": there is no more. */
static void read_next(const json_t *answer, char *next, size_t cap)
{
	const json_t *value = json_object_get(answer, "next");

	if (json_is_integer(value))
		snprintf(next, cap, "%lld", (long long)json_integer_value(value));
	else
		snprintf(next, cap, "%s", shape_text(answer, "next"));
}

/* A daemon that turns in circles must not keep us for ever. */
static int add_page(struct client *client, const char *path, const char *key,
	char *next, size_t cap, json_t *list, struct failure *ret_failure)
{
	char where[CLIENT_PATH_MAX] = "";
	json_t *page;
	int err = 0;

	if (!client_path_add(where, path, false) ||
		!client_path_add(
			where, strchr(path, '?') ? "&after=" : "?after=", false) ||
		!client_path_add(where, next, true))
		return nonsense(ret_failure, path, "has too long a name in 'next'");
	err = ask(client, where, &page, ret_failure);
	if (err < 0)
		return err;
	read_next(page, next, cap);
	if (json_array_size(json_object_get(page, key)) == 0 && next[0] != '\0')
		err = nonsense(ret_failure, path, "has a page without anything");
	else if (json_array_extend(list, json_object_get(page, key)) < 0)
		err = nonsense(ret_failure, path, "has a page that is none");
	json_decref(page);
	return err;
}

int pages_call(struct client *client, const char *path, const char *key,
	json_t **ret_answer, struct failure *ret_failure)
{
	char next[256];
	json_t *answer;
	int err = ask(client, path, &answer, ret_failure);

	if (err < 0 || strstr(path, "limit=") || !json_object_get(answer, "next")) {
		if (err == 0)
			*ret_answer = answer;
		return err;
	}
	read_next(answer, next, sizeof(next));
	for (int count = 1; err == 0 && next[0] != '\0'; count++)
		err = count < PAGES_MAX
			      ? add_page(client, path, key, next, sizeof(next),
					json_object_get(answer, key), ret_failure)
			      : nonsense(ret_failure, path, "has no end of pages");
	if (err < 0) {
		json_decref(answer);
		return err;
	}
	(void)json_object_set_new(answer, "next", json_null());
	*ret_answer = answer;
	return 0;
}
