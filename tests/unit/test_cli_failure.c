/* SPDX-License-Identifier: MIT
 *
 * From the daemon's problem documents to exit codes and sentences.
 */
#include "config.h"

#include "cli/failure.h"

#include <string.h>

#include "cli/client.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	long status;
	const char *body; /* NULL: none, or no JSON */
	int exit_code;
	const char *text, *hint;
} cases[] = {
	{"no such release", 404,
		"{\"code\":\"no-such-release\",\"title\":\"T.\",\"detail\":\"D.\","
		"\"hint\":\"H\"}",
		EXIT_CODE_USAGE, "D.", "H"},
	{"ambiguous release", 409,
		"{\"code\":\"ambiguous-release\",\"detail\":\"two\"}", EXIT_CODE_USAGE,
		"two", ""},
	{"wrong use", 400, "{\"code\":\"usage\",\"detail\":\"x\"}", EXIT_CODE_USAGE,
		"x", ""},
	{"bad configuration", 422,
		"{\"code\":\"config\",\"title\":\"t\",\"problems\":[\"a\"]}",
		EXIT_CODE_USAGE, "t", ""},
	{"conflict", 409, "{\"code\":\"rollout-active\",\"detail\":\"busy\"}",
		EXIT_CODE_REFUSED, "busy", ""},
	{"bad image", 422, "{\"code\":\"image-md5\",\"detail\":\"wrong\"}",
		EXIT_CODE_REFUSED, "wrong", ""},
	{"not allowed", 403, "{\"code\":\"role\",\"detail\":\"no\"}", EXIT_CODE_REFUSED,
		"no", ""},
	{"server error", 500, "{\"code\":\"internal\",\"detail\":\"oops\"}",
		EXIT_CODE_INTERNAL, "oops", ""},
	{"server error with a usage code", 503,
		"{\"code\":\"usage\",\"detail\":\"oops\"}", EXIT_CODE_INTERNAL, "oops",
		""},
	{"a redirect is no answer", 302, "{\"code\":\"usage\",\"detail\":\"there\"}",
		EXIT_CODE_INTERNAL, "there", ""},
	{"no document", 500, NULL, EXIT_CODE_INTERNAL,
		"the daemon answered with HTTP status 500 and no explanation",
		"see what it logged: journalctl -u wipyd"},
	{"a document of other types", 404, "[1,2]", EXIT_CODE_REFUSED,
		"the daemon answered with HTTP status 404 and no explanation",
		"see what it logged: journalctl -u wipyd"},
	{"members of other types", 404, "{\"code\":7,\"detail\":[],\"problems\":3}",
		EXIT_CODE_REFUSED,
		"the daemon answered with HTTP status 404 and no explanation",
		"see what it logged: journalctl -u wipyd"},
};

static void test_answers(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *body = cases[i].body == NULL
				       ? NULL
				       : json_loads(cases[i].body, 0, NULL);
		struct failure failure;

		failure_from_answer(&failure, cases[i].status, body);
		json_decref(body);
		EQ_INT(failure.exit_code, cases[i].exit_code, cases[i].name);
		EQ_STR(failure.text, cases[i].text, cases[i].name);
		EQ_STR(failure.hint, cases[i].hint, cases[i].name);
		failure_done(&failure);
	}
}

static void test_problems(void)
{
	json_t *body = json_loads("{\"code\":\"config\",\"detail\":\"d\",\"problems\":["
				  "\"a:1:2: x\",\"b\"]}",
		0, NULL);
	struct failure failure;

	failure_from_answer(&failure, 422, body);
	json_decref(body);
	EQ_INT(json_array_size(failure.problems), 2, "problems outlive the answer");
	failure_done(&failure);
}

static void test_long_text(void)
{
	char detail[4096];
	struct failure failure;
	json_t *body;

	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	body = json_pack("{s:s, s:s}", "detail", detail, "hint", detail);
	failure_from_answer(&failure, 400, body);
	json_decref(body);
	EQ_INT(strlen(failure.text), sizeof(failure.text) - 1, "a long detail is cut");
	EQ_INT(strlen(failure.hint), sizeof(failure.hint) - 1, "a long hint is cut");
	failure_done(&failure);
}

static const struct {
	const char *text;
	bool encode;
	const char *path;
} parts[] = {
	{"lab-01", true, "/v1/boards/lab-01"},
	{"a/b?c&d e", true, "/v1/boards/a%2Fb%3Fc%26d%20e"},
	{"../../x%", true, "/v1/boards/..%2F..%2Fx%25"},
	{"k\xc3\xb6ln", true, "/v1/boards/k%C3%B6ln"},
	{"?after=x", false, "/v1/boards/?after=x"},
	{"", true, "/v1/boards/"},
};

static void test_paths(void)
{
	char long_text[CLIENT_PATH_MAX];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char path[CLIENT_PATH_MAX] = "/v1/boards/";

		OK(client_path_add(path, parts[i].text, parts[i].encode),
			parts[i].text);
		EQ_STR(path, parts[i].path, parts[i].text);
	}
	memset(long_text, '%', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	{
		char path[CLIENT_PATH_MAX] = "/";

		OK(!client_path_add(path, long_text, true),
			"what does not fit is refused");
		OK(strlen(path) < sizeof(path),
			"and nothing is written beyond the end");
	}
}

int main(void)
{
	test_answers();
	test_problems();
	test_long_text();
	test_paths();
	return tap_done();
}
