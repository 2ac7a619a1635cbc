/* SPDX-License-Identifier: MIT
 *
 * Answers of the API: JSON, problems, and reading a request's body.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api_private.h"

#define JSON_TYPE "application/json"

void api_answer_typed(
	struct http_request *request, int status, const char *type, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;

	if (text)
		http_answer(request, status, type, text, strlen(text));
	else
		http_answer(request, 500, API_PROBLEM_TYPE, "{}", 2);
	free(text);
	json_decref(body);
}

void api_answer(struct http_request *request, int status, json_t *body)
{
	api_answer_typed(request, status, JSON_TYPE, body);
}

json_t *api_problem_json(
	int status, const char *code, const char *detail, const char *hint)
{
	return json_pack("{s:i, s:s, s:s, s:s, s:s}", "status", status, "code", code,
		"title", code, "detail", detail, "hint", hint);
}

void api_problem(struct http_request *request, int status, const char *code,
	const char *hint, const char *format, ...)
{
	char detail[512];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	api_answer_typed(request, status, API_PROBLEM_TYPE,
		api_problem_json(status, code, detail, hint));
}

void api_not_written(struct http_request *request, int status)
{
	api_problem(request, 507, wipy_errcode(status),
		"make room in the state folder of wipyd and try again",
		"nothing was changed: the state could not be written: %s",
		wipy_strerror(status));
}

void api_actor(const struct http_request *request, char *buf, size_t cap)
{
	snprintf(buf, cap, "uid %u", (unsigned)http_peer_uid(request));
}

/* The body as an object; answers and gives NULL if it is none. */
json_t *api_body(struct http_request *request)
{
	json_error_t error;
	size_t len;
	const char *text = (const char *)http_body(request, &len);
	json_t *body = json_loadb(
		len ? text : "{}", len ? len : 2, JSON_REJECT_DUPLICATES, &error);

	if (body && json_is_object(body))
		return body;
	json_decref(body);
	api_problem(request, 400, "usage", "", "the body is not a JSON object%s%s",
		body ? "" : ": ", body ? "" : error.text);
	return NULL;
}
