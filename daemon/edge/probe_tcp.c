/* SPDX-License-Identifier: MIT
 *
 * Probes that are a TCP connection: one that only has to stand, and one to the board's FTP
 * server, whose first line must be a 220. Closed cleanly, since a board has few sockets.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/probe_private.h"
#include "daemon/edge/tcp.h"

struct probe_tcp {
	struct probe_run run;
	struct tcp tcp;
	bool greets; /* a 220 is awaited */
	char line[PROBE_EVIDENCE_MAX];
	size_t line_len;
	uint8_t in[512];
};

static void on_connected(struct tcp *tcp)
{
	struct probe_tcp *probe = tcp->owner;

	if (!probe->greets)
		probe_run_settle(&probe->run, PROBE_PASS, "connected");
}

static void judge_line(struct probe_tcp *probe)
{
	static const uint8_t quit[] = {'Q', 'U', 'I', 'T', '\r', '\n'};
	bool good = strncmp(probe->line, "220", 3) == 0;

	if (good)
		(void)!tcp_send(&probe->tcp, quit, sizeof(quit));
	probe_run_settle(
		&probe->run, good ? PROBE_PASS : PROBE_FAIL, "'%s'", probe->line);
}

static void on_input(struct tcp *tcp, const uint8_t *data, size_t len)
{
	struct probe_tcp *probe = tcp->owner;

	for (size_t i = 0; i < len && probe->greets; i++) {
		if (data[i] == '\r' || data[i] == '\n' ||
			probe->line_len + 1 == sizeof(probe->line)) {
			probe->greets = false;
			judge_line(probe);
			return;
		}
		probe->line[probe->line_len++] =
			data[i] >= ' ' && data[i] <= '~' ? (char)data[i] : '?';
	}
}

static void on_ended(struct tcp *tcp)
{
	struct probe_tcp *probe = tcp->owner;

	probe_run_settle(&probe->run, PROBE_FAIL, "closed without a greeting");
}

static void on_closed(struct tcp *tcp, int status)
{
	struct probe_tcp *probe = tcp->owner;

	if (!probe->run.settled)
		probe_run_settle(&probe->run,
			probe_fault_is_ours(status) ? PROBE_INCONCLUSIVE : PROBE_FAIL,
			"%s", wipy_strerror(status));
	probe_run_close(&probe->run);
}

/* A name without an address says nothing of the board. A board whose FTP server is busy
 * with another client takes the connection and says nothing (WIRE.md 2.2). */
static void late(struct probe_run *run)
{
	struct probe_tcp *probe = (struct probe_tcp *)run;

	if (probe->tcp.lookup)
		probe_run_settle(run, PROBE_INCONCLUSIVE,
			"the name did not resolve within %lld ms",
			(long long)run->deadline_ms);
	else if (probe->tcp.state == TCP_STATE_OPEN)
		probe_run_settle(run, PROBE_INCONCLUSIVE,
			"no 220 within %lld ms: busy?", (long long)run->deadline_ms);
	else
		probe_run_settle(run, PROBE_FAIL, "no connection within %lld ms",
			(long long)run->deadline_ms);
}

static void leave(struct probe_run *run)
{
	struct probe_tcp *probe = (struct probe_tcp *)run;

	if (probe->tcp.state == TCP_STATE_OPEN)
		tcp_finish(&probe->tcp);
	else
		tcp_abandon(&probe->tcp);
}

static void kill_it(struct probe_run *run)
{
	tcp_close(&((struct probe_tcp *)run)->tcp, 0);
}

struct probe_run *probe_tcp_start(uv_loop_t *loop, const struct probe_request *request)
{
	static const struct tcp_hooks hooks = {
		on_connected, on_input, on_ended, on_closed};
	static const struct probe_kind_ops ops = {late, leave, kill_it};
	struct probe_tcp *probe = probe_alloc(sizeof(*probe));

	probe->greets = request->spec->kind == PROBE_BANNER;
	probe_run_init(&probe->run, loop, &ops, request->spec->deadline_ms);
	tcp_init(&probe->tcp, &hooks, probe, probe->in, sizeof(probe->in));
	tcp_open(&probe->tcp, loop, request->address,
		probe->greets ? request->ftp_port : request->spec->port);
	return &probe->run;
}
