/* SPDX-License-Identifier: MIT
 *
 * Probes against scripted peers and small programs: all cases run at once on one loop, so
 * that those which wait for their deadline cost its time only once.
 */
#include "config.h"

#include <curl/curlver.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/edge/probe_run.h"
#include "daemon/edge/web.h"
#include "tests/tap.h"
#include "tests/unit/scripted_peer.h"

#define SCRIPT(name, ...) static const struct peer_step name[] = {__VA_ARGS__}
SCRIPT(takes, TO_EOF, END);
SCRIPT(greets, SAY("220 Micropython FTP Server\r\n"), EXPECT("QUIT\r\n"), TO_EOF, END);
SCRIPT(declines, SAY("421 busy\r\n"), TO_EOF, END);
SCRIPT(goes, WAIT(10), END);
SCRIPT(http_200, WAIT(10), SAY("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
	TO_EOF, END);
SCRIPT(http_503,
	SAY("HTTP/1.1 503 Out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
	TO_EOF, END);
SCRIPT(http_302,
	SAY("HTTP/1.1 302 Moved\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: 0\r\n\r\n"),
	TO_EOF, END);
SCRIPT(http_endless, SAY("HTTP/1.1 200 OK\r\n\r\n"), FLOOD(64), END);
SCRIPT(http_nonsense, SAY("SSH-2.0-OpenSSH_9.2\r\n"), TO_EOF, END);
SCRIPT(http_silent, TO_EOF, END);

struct probe_case {
	const char *name;
	struct probe_spec spec;
	enum place place;
	const struct peer_step *script;
	enum probe_outcome outcome;
	const char *evidence; /* its beginning */
	bool cancelled;
	bool unresolved; /* the board is a name that nobody knows yet */
};

/* Long enough for a busy machine where an answer is expected. */
#define LONG_MS  5000
#define SHORT_MS 500

#define TCP(ms)    .spec = {.kind = PROBE_TCP, .deadline_ms = ms}
#define BANNER(ms) .spec = {.kind = PROBE_BANNER, .deadline_ms = ms}
#define HTTP(code, ms)                                                                 \
	.spec = {.kind = PROBE_HTTP, .deadline_ms = ms, .status = code, .text = url}

static char url[] = "http://{address}:PORT/health";
static struct web *web;

struct run {
	const struct probe_case *row;
	struct spot spot;
	struct probe_spec spec;
	struct probe_run *run;
	char text[128];
	int calls;
	bool within;
	enum probe_outcome outcome;
	char evidence[PROBE_EVIDENCE_MAX];
};

/* ---- a resolver that does not answer ------------------------------------------------- */

/* In place of the system's, for libuv and libcurl alike: no answer before all who asked
 * have given up. The end of the pipe is the answer. */
static int resolver[2];
static int asking;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret_found)
{
	char byte;

	(void)node;
	(void)service;
	(void)hints;
	*ret_found = NULL;
	while (read(resolver[0], &byte, 1) < 0 && errno == EINTR)
		;
	return EAI_AGAIN;
}

static void resolver_given_up(void)
{
	if (--asking == 0)
		close(resolver[1]);
}

/* ---- one case ------------------------------------------------------------------------ */

static void on_done(void *arg, enum probe_outcome outcome, const char *evidence)
{
	struct run *run = arg;

	run->within |= !run->run;
	run->calls++;
	run->outcome = outcome;
	snprintf(run->evidence, sizeof(run->evidence), "%s", evidence);
	spot_leave(&run->spot);
	if (run->row->unresolved)
		resolver_given_up();
}

/* The port is only known now. */
static void put_port(struct run *run)
{
	const char *at = run->spec.text ? strstr(run->spec.text, "PORT") : NULL;

	if (!at)
		return;
	snprintf(run->text, sizeof(run->text), "%.*s%u%s", (int)(at - run->spec.text),
		run->spec.text, run->spot.peer.port, at + strlen("PORT"));
	run->spec.text = run->text;
}

static void start(struct run *run, const struct probe_case *row, uv_loop_t *loop)
{
	struct probe_request request = {.spec = &run->spec,
		.name = "lab-01",
		.address = "127.0.0.1",
		.web = web};

	if (row->unresolved) {
		request.address = "slow.invalid";
		asking++;
	}
	run->row = row;
	run->spec = row->spec;
	(void)spot_open(&run->spot, loop, row->place, row->script, "127.0.0.1", 0);
	run->spec.port = run->spot.peer.port;
	request.ftp_port = run->spot.peer.port;
	put_port(run);
	run->run = probe_run_start(loop, &request, on_done, run);
	if (row->cancelled) {
		probe_run_cancel(run->run);
		spot_leave(&run->spot);
	}
}

static void check_run(const struct run *run)
{
	const struct probe_case *row = run->row;

	EQ_INT(run->calls, row->cancelled ? 0 : 1, row->name);
	OK(!run->within, row->name);
	if (row->cancelled)
		return;
	EQ_STR(probe_outcome_name(run->outcome), probe_outcome_name(row->outcome),
		row->name);
	if (row->evidence &&
		strncmp(run->evidence, row->evidence, strlen(row->evidence)) != 0)
		EQ_STR(run->evidence, row->evidence, row->name);
}

static const struct probe_case cases[] = {
	{"tcp", TCP(LONG_MS), PEER, takes, PROBE_PASS, "connected"},
	{"tcp, the board closes at once", TCP(LONG_MS), PEER, goes, PROBE_PASS,
		"connected"},
	{"tcp refused", TCP(LONG_MS), REFUSING, NULL, PROBE_FAIL},
	{"tcp, nobody answers", TCP(SHORT_MS), FULL, NULL, PROBE_FAIL,
		"no connection within 500 ms"},
	{"tcp, the name is not known in time", TCP(SHORT_MS), REFUSING, NULL,
		PROBE_INCONCLUSIVE, "the name did not resolve within 500 ms",
		.unresolved = true},
	{"tcp given up", TCP(SHORT_MS), FULL, NULL, .cancelled = true},
	{"220", BANNER(LONG_MS), PEER, greets, PROBE_PASS, "'220 Micropython"},
	{"421", BANNER(LONG_MS), PEER, declines, PROBE_FAIL, "'421 busy'"},
	{"closed before the 220", BANNER(LONG_MS), PEER, goes, PROBE_FAIL,
		"closed without a greeting"},
	{"no 220", BANNER(SHORT_MS), PEER, takes, PROBE_INCONCLUSIVE, "no 220 within"},
	{"no FTP server", BANNER(LONG_MS), REFUSING, NULL, PROBE_FAIL},
	{"220, the name is not known in time", BANNER(SHORT_MS), REFUSING, NULL,
		PROBE_INCONCLUSIVE, "the name did not resolve within 500 ms",
		.unresolved = true},
	{"the wait for a 220 given up", BANNER(SHORT_MS), PEER, takes,
		.cancelled = true},
	{"200", HTTP(200, LONG_MS), PEER, http_200, PROBE_PASS, "HTTP 200"},
	{"503", HTTP(200, LONG_MS), PEER, http_503, PROBE_FAIL,
		"HTTP 503, expected 200"},
	{"503 is wanted", HTTP(503, LONG_MS), PEER, http_503, PROBE_PASS, "HTTP 503"},
	{"302 is not followed", HTTP(200, LONG_MS), PEER, http_302, PROBE_FAIL,
		"HTTP 302"},
	{"an endless body is cut", HTTP(200, LONG_MS), PEER, http_endless, PROBE_PASS,
		"HTTP 200"},
	{"no HTTP", HTTP(200, LONG_MS), PEER, http_nonsense, PROBE_FAIL},
	{"no answer", HTTP(200, SHORT_MS), PEER, http_silent, PROBE_FAIL,
		"no answer within 500 ms"},
	{"no HTTP server", HTTP(200, LONG_MS), REFUSING, NULL, PROBE_FAIL},
#if LIBCURL_VERSION_NUM >= 0x075700 /* an older one waits for its resolver */
	{"GET, the name is not known in time", HTTP(200, SHORT_MS), REFUSING, NULL,
		PROBE_INCONCLUSIVE, "the name did not resolve within 500 ms",
		.unresolved = true},
#endif
	{"GET given up", HTTP(200, SHORT_MS), PEER, http_silent, .cancelled = true},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

/* ---- programs ------------------------------------------------------------------------ */

static const struct {
	const char *name, *script; /* of /bin/sh */
	int64_t deadline_ms;
	enum probe_outcome outcome;
	const char *evidence;
} programs[] = {
	{"exit 0", "exit 0", 5000, PROBE_PASS, "exit 0"},
	{"exit 1", "echo out of order; exit 1", 5000, PROBE_FAIL,
		"exit 1: out of order"},
	{"exit 2", "echo oops >&2; exit 2", 5000, PROBE_INCONCLUSIVE, "exit 2: oops"},
	{"only the first line is kept", "printf 'a\\033b\\nsecond\\n'", 5000,
		PROBE_PASS, "exit 0: a?b"},
	{"a signal", "kill -TERM $$", 5000, PROBE_INCONCLUSIVE, "ended by signal 15"},
	{"name and address", "test \"$0 $1\" = 'lab-01 127.0.0.1'", 5000, PROBE_PASS,
		"exit 0"},
	{"no environment of ours", "test -z \"$TEST_SECRET\" && test -n \"$PATH\"",
		5000, PROBE_PASS, "exit 0"},
	/* Of its own it has three, and the folder that it reads. */
	{"no descriptors of ours", "test $(ls /proc/self/fd | wc -l) -eq 4", 5000,
		PROBE_PASS, "exit 0"},
	{"no input", "read line; test $? -ne 0", 5000, PROBE_PASS, "exit 0"},
	{"huge output", "exec dd if=/dev/zero bs=65536 count=400 2>/dev/null", 5000,
		PROBE_PASS, "exit 0: ????"},
	{"endless output", "exec cat /dev/zero", 300, PROBE_INCONCLUSIVE,
		"not done within 300 ms"},
	{"hangs, and so does its child", "sleep 100 3>FIFO & exec sleep 100 3>FIFO",
		300, PROBE_INCONCLUSIVE, "not done within 300 ms"},
	{"leaves a child behind", "sleep 100 3>FIFO & exit 0", 5000, PROBE_PASS,
		"exit 0"},
};

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static void put_fifo(const char *script, const char *fifo, char *ret_text, size_t cap)
{
	size_t len = 0;

	while (*script && len + strlen(fifo) + 1 < cap) {
		if (strncmp(script, "FIFO", 4) == 0) {
			len += (size_t)snprintf(ret_text + len, cap - len, "%s", fifo);
			script += 4;
		} else {
			ret_text[len++] = *script++;
		}
	}
	ret_text[len] = '\0';
}

static void start_program(struct run *run, struct probe_case *row, size_t index,
	const char *fifo, char text[PROBE_TEXT_MAX], uv_loop_t *loop)
{
	static char shell[] = "/bin/sh", option[] = "-c", name[] = "{name}",
		    address[] = "{address}";

	put_fifo(programs[index].script, fifo, text, PROBE_TEXT_MAX);
	*row = (struct probe_case){.name = programs[index].name,
		.spec = {.kind = PROBE_COMMAND,
			.deadline_ms = programs[index].deadline_ms,
			.args = {shell, option, text, name, address}},
		.outcome = programs[index].outcome,
		.evidence = programs[index].evidence};
	start(run, row, loop);
}

/* Whoever still lives of those that hung holds the fifo open for writing: it has no end
 * then. */
static int leftover[2];

static void check_leftovers(void)
{
	char byte;

	close(leftover[1]);
	EQ_INT(read(leftover[0], &byte, 1), 0,
		"what hung is gone with all that it started");
	close(leftover[0]);
}

static void test_missing_program(uv_loop_t *loop)
{
	static char missing[] = "/no/such/program", data[] = "/etc/passwd";
	char *const files[] = {missing, data};

	for (size_t i = 0; i < 2; i++) {
		struct probe_case row = {.name = "cannot be run",
			.spec = {.kind = PROBE_COMMAND,
				.deadline_ms = 500,
				.args = {files[i]}},
			.outcome = PROBE_INCONCLUSIVE,
			.evidence = "cannot be run: "};
		struct run run = {.calls = 0};

		start(&run, &row, loop);
		uv_run(loop, UV_RUN_DEFAULT);
		check_run(&run);
	}
}

/* ---- certificates -------------------------------------------------------------------- */

#define TLS_PROBES 40

static double cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* Processor time of so many probes of a server that takes connections and says nothing. */
static double tls_probes(uv_loop_t *loop, size_t count)
{
	static struct run runs[TLS_PROBES];
	static struct probe_case row = {"https", HTTP(200, SHORT_MS), PEER, http_silent,
		PROBE_FAIL, "no answer within 500 ms"};
	static char https[] = "https://127.0.0.1:PORT/";
	double before = cpu_s();

	row.spec.text = https;
	memset(runs, 0, sizeof(runs));
	for (size_t i = 0; i < count; i++)
		start(&runs[i], &row, loop);
	uv_run(loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < count; i++)
		check_run(&runs[i]);
	return cpu_s() - before;
}

/* The certificates of authorities are read by the first probe alone. */
static void test_authorities(uv_loop_t *loop)
{
	double first = tls_probes(loop, 1), many = tls_probes(loop, TLS_PROBES);

	printf("# the first: %.1f ms, %d more: %.1f ms\n", first * 1000, TLS_PROBES,
		many * 1000);
#if LIBCURL_VERSION_NUM >= 0x075700 /* an older one keeps none */
	OK(many < first * TLS_PROBES / 2, "https probes read certificates once");
#endif
}

int main(void)
{
	static struct run runs[CASES + PROGRAMS];
	static struct probe_case rows[PROGRAMS];
	static char text[PROGRAMS][PROBE_TEXT_MAX];
	char folder[] = "/tmp/test_probe_run.XXXXXX", fifo[64];
	uv_timer_t watchdog;
	uv_loop_t loop;

	signal(SIGPIPE, SIG_IGN);
	(void)setenv("TEST_SECRET", "x", 1);
	if (open("/dev/null", O_RDONLY) < 0) /* and forgets to say that it is ours */
		return 99;
	if (!mkdtemp(folder))
		return 99;
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	if (mkfifo(fifo, 0600) < 0)
		return 99;
	leftover[0] = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	leftover[1] = open(fifo, O_WRONLY | O_CLOEXEC);
	if (pipe2(resolver, O_CLOEXEC) < 0)
		return 99;
	uv_loop_init(&loop);
	watchdog_start(&loop, &watchdog);
	web = web_new(&loop);
	test_authorities(&loop);
	for (size_t i = 0; i < CASES; i++)
		start(&runs[i], &cases[i], &loop);
	for (size_t i = 0; i < PROGRAMS; i++)
		start_program(&runs[CASES + i], &rows[i], i, fifo, text[i], &loop);
	uv_run(&loop, UV_RUN_DEFAULT);
	for (size_t i = 0; i < CASES + PROGRAMS; i++)
		check_run(&runs[i]);
	check_leftovers();
	test_missing_program(&loop);
	(void)unlink(fifo);
	(void)rmdir(folder);
	uv_close((uv_handle_t *)&watchdog, NULL);
	web = web_free(web);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	return tap_done();
}
