/* SPDX-License-Identifier: MIT
 *
 * A probe that is a program of the owner: exit code 0 passes, 1 fails, everything else is
 * inconclusive, the deadline too. No shell. The program gets a session of its own, so that
 * it can be killed with everything that it started; of the daemon it inherits neither
 * environment nor descriptors, and it runs as the daemon's user.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/edge/probe_private.h"

struct probe_command {
	struct probe_run run;
	uv_process_t process;
	uv_pipe_t
		output; /* what it says on stdout and stderr; its first line is kept */
	int open;       /* handles */
	bool has_process; /* a handle, whether it runs or not */
	bool started, exited;
	bool line_over;
	char line[PROBE_EVIDENCE_MAX];
	size_t line_len;
	char in[4096];
};

static void keep_line(struct probe_command *probe, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !probe->line_over; i++) {
		if (data[i] == '\n' || probe->line_len + 1 == sizeof(probe->line))
			probe->line_over = true;
		else
			probe->line[probe->line_len++] =
				data[i] >= ' ' && data[i] <= '~' ? data[i] : '?';
	}
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct probe_command *probe = handle->data;

	if (--probe->open == 0)
		probe_run_close(&probe->run);
}

static void close_handles(struct probe_command *probe)
{
	if (probe->has_process && !uv_is_closing((uv_handle_t *)&probe->process))
		uv_close((uv_handle_t *)&probe->process, on_handle_closed);
	if (!uv_is_closing((uv_handle_t *)&probe->output))
		uv_close((uv_handle_t *)&probe->output, on_handle_closed);
}

static void kill_group(const struct probe_command *probe)
{
	if (probe->started)
		(void)kill(-probe->process.pid, SIGKILL);
}

/* What it wrote last may not have been read yet. */
static void read_rest(struct probe_command *probe)
{
	size_t most = 65536 / sizeof(probe->in);
	uv_os_fd_t fd;
	ssize_t len;

	if (uv_fileno((uv_handle_t *)&probe->output, &fd))
		return;
	while (most-- > 0 && !probe->line_over &&
		(len = read(fd, probe->in, sizeof(probe->in))) > 0)
		keep_line(probe, probe->in, (size_t)len);
}

static void on_exit_code(uv_process_t *process, int64_t code, int signal)
{
	struct probe_command *probe = process->data;
	enum probe_outcome outcome = code == 0   ? PROBE_PASS
				     : code == 1 ? PROBE_FAIL
						 : PROBE_INCONCLUSIVE;

	probe->exited = true;
	read_rest(probe);
	if (signal)
		probe_run_settle(
			&probe->run, PROBE_INCONCLUSIVE, "ended by signal %d", signal);
	else
		probe_run_settle(&probe->run, outcome, "exit %d%s%s", (int)code,
			probe->line_len ? ": " : "", probe->line);
	kill_group(probe); /* what it has left behind */
	close_handles(probe);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
	struct probe_command *probe = handle->data;

	(void)suggested;
	*ret_buf = uv_buf_init(probe->in, sizeof(probe->in));
}

static void on_output(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct probe_command *probe = stream->data;

	if (len > 0)
		keep_line(probe, buf->base, (size_t)len);
	else if (len < 0)
		(void)uv_read_stop(stream);
}

static void late(struct probe_run *run)
{
	probe_run_settle(run, PROBE_INCONCLUSIVE, "not done within %lld ms, killed",
		(long long)run->deadline_ms);
}

/* It is waited for, else a dead one would stay. */
static void leave(struct probe_run *run)
{
	struct probe_command *probe = (struct probe_command *)run;

	if (probe->exited)
		return; /* its handles are about to be closed */
	if (probe->started)
		kill_group(probe);
	else
		close_handles(probe);
}

static void kill_it(struct probe_run *run)
{
	close_handles((struct probe_command *)run);
}

/* ---- the beginning ----------------------------------------------------------------- */

static int spawn(struct probe_command *probe, uv_loop_t *loop, char *const *args)
{
	static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", lang[] = "LANG=C";
	static char *environment[] = {path, lang, NULL};
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE}};
	uv_process_options_t options = {.exit_cb = on_exit_code,
		.file = args[0],
		.args = (char **)(uintptr_t)args,
		.env = environment,
		.cwd = "/",
		.flags = UV_PROCESS_DETACHED,
		.stdio_count = 3,
		.stdio = stdio};
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 1; i < 3; i++) {
		stdio[i].flags = UV_INHERIT_FD;
		stdio[i].data.fd = fds[1];
	}
	/* A library may have forgotten it of a descriptor; an old kernel cannot do this,
	 * and then that is how it is. */
	(void)!close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	probe->has_process = true;
	probe->open++;
	rc = uv_spawn(loop, &probe->process, &options);
	close(fds[1]);
	if (rc < 0 || uv_pipe_open(&probe->output, fds[0]) < 0)
		close(fds[0]);
	return rc;
}

static int expand_args(const struct probe_request *request, char *ret_args[],
	char text[PROBE_ARGS_MAX][PROBE_TEXT_MAX])
{
	size_t i;
	int rc;

	for (i = 0; i < PROBE_ARGS_MAX && request->spec->args[i]; i++) {
		rc = probe_expand(request->spec->args[i], request->name,
			request->address, false, text[i], PROBE_TEXT_MAX);
		if (rc < 0)
			return rc;
		ret_args[i] = text[i];
	}
	ret_args[i] = NULL;
	return 0;
}

struct probe_run *probe_command_start(
	uv_loop_t *loop, const struct probe_request *request)
{
	static const struct probe_kind_ops ops = {late, leave, kill_it};
	struct probe_command *probe = probe_alloc(sizeof(*probe));
	char text[PROBE_ARGS_MAX][PROBE_TEXT_MAX];
	char *args[PROBE_ARGS_MAX + 1];
	int rc;

	probe_run_init(&probe->run, loop, &ops, request->spec->deadline_ms);
	(void)uv_pipe_init(loop, &probe->output, 0);
	probe->output.data = probe->process.data = probe;
	probe->open = 1;
	rc = expand_args(request, args, text);
	if (rc == 0)
		rc = spawn(probe, loop, args);
	probe->started = rc == 0;
	if (rc == 0)
		(void)uv_read_start((uv_stream_t *)&probe->output, on_alloc, on_output);
	else
		probe_run_settle(&probe->run, PROBE_INCONCLUSIVE, "cannot be run: %s",
			strerror(-rc));
	return &probe->run;
}
