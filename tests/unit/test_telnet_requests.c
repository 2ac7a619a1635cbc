/* SPDX-License-Identifier: MIT
 *
 * What the telnet client refuses to ask, and the limits on what it takes and gives.
 */
#include <errno.h>

#include "common/telnet_client.h"
#include "tests/tap.h"

static int start_and_feed(struct telnet_client *c, const struct telnet_request *request,
	const char *bytes, size_t len)
{
	telnet_client_start(c, request, 0);
	telnet_client_input(c, (const uint8_t *)bytes, len, 0);
	return c->done ? c->result.status : 1;
}

static void test_limits(void)
{
	static char noise[TELNET_TOTAL_MAX + 10];
	struct telnet_request look = {.goal = TELNET_LOOK};
	struct telnet_request uname = {
		.goal = TELNET_UNAME, .user = "micro", .password = "python"};
	struct telnet_client c;

	memset(noise, 'x', sizeof(noise));
	EQ_INT(start_and_feed(&c, &look, noise, TELNET_BANNER_MAX - 2), 1,
		"a long banner may still end");
	EQ_INT(start_and_feed(&c, &look, noise, TELNET_BANNER_MAX), WIPY_E_TOO_LONG,
		"a banner without an end");
	EQ_INT((int64_t)strlen(c.result.banner_text), TELNET_BANNER_MAX - 1,
		"as much of it as fits is kept");
	start_and_feed(&c, &uname,
		"MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n", 52);
	telnet_client_input(&c, (const uint8_t *)noise, TELNET_TOTAL_MAX - 52, 0);
	OK(!c.done, "noise up to the limit");
	telnet_client_input(&c, (const uint8_t *)noise, 1, 0);
	OK(c.done && c.result.status == WIPY_E_TOO_LONG, "one byte above the limit");
	EQ_INT(telnet_client_deadline(&c), INT64_MAX, "no deadline when done");
	memset(noise, 0, sizeof(noise));
	start_and_feed(&c, &look, noise, TELNET_TOTAL_MAX + 1);
	EQ_INT(c.result.status, WIPY_E_TOO_LONG, "NULs count too");
	start_and_feed(&c, &look, "a\033[b\x90\n", 6);
	EQ_STR(c.result.banner_text, "a.[b.", "evidence is printable");
}

static const struct {
	const char *name;
	const char *user, *password, *mark;
	enum telnet_goal goal;
	int status; /* after the login prompt; 1: goes on */
} requests[] = {
	{"good", "micro", "python", NULL, TELNET_UNAME, 1},
	{"31 characters", "1234567890123456789012345678901", "p", NULL, TELNET_UNAME,
		1},
	{"user of 32", "12345678901234567890123456789012", "p", NULL, TELNET_UNAME,
		WIPY_E_LOGIN_REFUSED},
	{"password of 32", "u", "12345678901234567890123456789012", NULL, TELNET_UNAME,
		WIPY_E_LOGIN_REFUSED},
	{"no user", "", "python", NULL, TELNET_UNAME, WIPY_E_LOGIN_REFUSED},
	{"no password at all", "micro", NULL, NULL, TELNET_UNAME, WIPY_E_LOGIN_REFUSED},
	{"CR in the user name", "micro\rx", "python", NULL, TELNET_UNAME,
		WIPY_E_LOGIN_REFUSED},
	{"letters that cannot be typed", "micro", "p\xc3\xa4ss", NULL, TELNET_UNAME,
		WIPY_E_LOGIN_REFUSED},
	{"no mark", "micro", "python", NULL, TELNET_MARK, -EINVAL},
	{"empty mark", "micro", "python", "", TELNET_RESET, -EINVAL},
	{"mark that is a call", "micro", "python", "f()", TELNET_RESET, -EINVAL},
	{"mark with a digit in front", "micro", "python", "1a", TELNET_RESET, -EINVAL},
	{"mark too long", "micro", "python", "a23456789012345678901234", TELNET_MARK,
		-EINVAL},
	{"no expression", "micro", "python", NULL, TELNET_EVAL, -EINVAL},
	{"longest mark", "micro", "python", "_2345678901234567890123", TELNET_MARK, 1},
};

static void test_requests(void)
{
	static const char text[] =
		"MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
		"\xff\xfc\x01\xff\xfc\x03\xff\xfb\"Login as: ";

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct telnet_request request = {
			.goal = requests[i].goal,
			.user = requests[i].user,
			.password = requests[i].password,
			.mark = requests[i].mark,
		};
		struct telnet_client c;

		EQ_INT(start_and_feed(&c, &request, text, sizeof(text) - 1),
			requests[i].status, requests[i].name);
	}
}

static void test_statements(void)
{
	static const char *const wrong[] = {
		"reset()", ".reset()", "a.b()\rc()", "a234567890123456.b()"};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct telnet_request request = {.goal = TELNET_RESET,
			.user = "micro",
			.password = "python",
			.mark = "m",
			.expression = wrong[i]};
		struct telnet_client c;

		EQ_INT(start_and_feed(&c, &request, "", 0), -EINVAL, wrong[i]);
	}
}

static void test_output(void)
{
	struct telnet_request request = {
		.goal = TELNET_UNAME, .user = "micro", .password = "python"};
	struct telnet_client c;
	uint8_t out[128];

	start_and_feed(&c, &request,
		"MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\nLogin as: ", 62);
	EQ_INT((int64_t)telnet_client_output(&c, out, 5), 0, "no part of a line");
	EQ_INT((int64_t)telnet_client_output(&c, out, 6), 6, "the whole line");
	EQ_INT((int64_t)telnet_client_output(&c, out, sizeof(out)), 0, "once");
}

int main(void)
{
	test_limits();
	test_requests();
	test_statements();
	test_output();
	return tap_done();
}
