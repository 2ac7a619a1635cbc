/* SPDX-License-Identifier: MIT
 *
 * Answers of the API: JSON, problems, and reading a request's body.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/api_json.h"
#include "daemon/api_private.h"

#define JSON_TYPE "application/json"

#define API_REASON_MAX 127 /* bytes: what known-bad entries keep of one */

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
	return json_pack("{s:i, s:s, s:s, s:o, s:s}", "status", status, "code", code,
		"title", code, "detail", json_text(detail), "hint", hint);
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

int api_disk_status(int status)
{
	return status == WIPY_E_FULL ? 507 : 500;
}

const char *api_disk_hint(int status)
{
	switch (status) {
	case WIPY_E_FULL:
		return "make room in the state folder of wipyd and try again";
	case WIPY_E_GONE:
		return "put the state folder back, or restart wipyd: see its log";
	default:
		return "look after the state folder of wipyd: its log says more";
	}
}

void api_not_written(struct http_request *request, int status)
{
	api_problem(request, api_disk_status(status), wipy_errcode(status),
		api_disk_hint(status),
		"nothing was changed: the state could not be written: %s",
		wipy_strerror(status));
}

void api_actor(const struct http_request *request, char *buf, size_t cap)
{
	snprintf(buf, cap, "%s", http_actor(request));
}

/* ---- bodies ---------------------------------------------------------------------- */

const char *api_text(const json_t *body, const char *key)
{
	const char *text = json_string_value(json_object_get(body, key));

	return text ? text : "";
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

/* None at all is for whoever asks for one; blanks say nothing. */
static bool is_reason(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && json_string_length(value) <= API_REASON_MAX &&
	       (!*text || text[strspn(text, " \t\r\n")] != '\0');
}

static bool is_texts(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return json_is_array(value);
}

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_bool(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static const struct {
	const char *what;
	bool (*fits)(const json_t *value);
} kinds[API_KIND_COUNT] = {
	[API_TEXT] = {"a text", is_text},
	[API_REASON] = {"a text of at most 127 bytes, and not of blanks", is_reason},
	[API_TEXTS] = {"a list of texts", is_texts},
	[API_COUNT] = {"a whole number from 0 on", is_count},
	[API_BOOL] = {"true or false", is_bool},
	[API_OBJECT] = {"an object", is_object},
};

static void unknown_key(struct http_request *request, const char *key,
	const struct api_field *fields, size_t count)
{
	char known[256];
	struct wipy_text text;

	wipy_text_init(&text, known, sizeof(known));
	for (size_t i = 0; i < count; i++) {
		wipy_text_str(&text, i > 0 ? ", " : "");
		wipy_text_str(&text, fields[i].key);
	}
	api_problem(request, 400, "usage", "",
		"the body has an unknown key '%.40s'; it takes %s", key, known);
}

/* A key that is misspelt or holds something else must not pass for one that was left out:
 * that mostly means more boards, or more time. */
static bool body_fits(struct http_request *request, json_t *body,
	const struct api_field *fields, size_t count)
{
	const char *key;
	json_t *value;

	json_object_foreach(body, key, value)
	{
		size_t i = 0;

		while (i < count && strcmp(fields[i].key, key) != 0)
			i++;
		if (i == count) {
			unknown_key(request, key, fields, count);
			return false;
		}
		if (!kinds[fields[i].kind].fits(value)) {
			api_problem(request, 400, "usage", "", "%s must be %s", key,
				kinds[fields[i].kind].what);
			return false;
		}
	}
	return true;
}

json_t *api_body(
	struct http_request *request, const struct api_field *fields, size_t count)
{
	json_error_t error;
	size_t len;
	const char *text = (const char *)http_body(request, &len);
	json_t *body = json_loadb(
		len ? text : "{}", len ? len : 2, JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(body))
		api_problem(request, 400, "usage", "",
			"the body is not a JSON object%s%s", body ? "" : ": ",
			body ? "" : error.text);
	else if (body_fits(request, body, fields, count))
		return body;
	json_decref(body);
	return NULL;
}
