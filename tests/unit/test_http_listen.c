/* SPDX-License-Identifier: MIT
 *
 * Where the HTTP server listens: its socket's file, one that is there already, one that the
 * service manager passes.
 */
#include "config.h"

#include "tests/unit/http_fixture.h"

static int bound_socket(bool listening)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		(listening && listen(fd, 4) < 0))
		abort();
	return fd;
}

static void refused(const char *name, const char *at, int code, const char *words)
{
	const struct http_config config = {.path = at, .access = &rules};
	struct errtext error = {""};

	if (uv_loop_init(&loop) < 0)
		abort();
	EQ_INT(http_server_start(&loop, &config, on_request, NULL, &server, &error),
		code, name);
	if (!OK(strstr(error.text, words) && strstr(error.text, at), name))
		printf("# %s\n", error.text);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(uv_loop_close(&loop), 0, name);
}

static void test_listener(void)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	struct errtext error = {""};
	struct stat st;
	char other[256];
	int fd;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before = umask(masks[i]);

		EQ_INT(start(&error), 0, "start");
		umask(before);
		OK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0660,
			"mode 0660 whatever the umask");
		stop("mode");
	}

	close(bound_socket(true));
	EQ_INT(start(&error), 0, "a stale socket is replaced");
	stop("stale");

	fd = bound_socket(true);
	refused("a live socket", path, -EADDRINUSE, "another process answers there");
	EQ_INT(access(path, F_OK), 0, "the live socket stays");
	close(fd);
	unlink(path);

	close(open(path, O_CREAT | O_WRONLY, 0600));
	refused("a plain file", path, -EEXIST, "not a socket");
	EQ_INT(unlink(path), 0, "the plain file stays");

	snprintf(other, sizeof(other), "%s/none/sock", dir);
	refused("no folder", other, -ENOENT, "folder does not exist");
	snprintf(other, sizeof(other), "%s/%0120d", dir, 1);
	refused("path too long", other, -ENAMETOOLONG, "1 to 107 characters");
	refused("no path", "", -EINVAL, "1 to 107 characters");
}

static void set_activation(const char *fds, int pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid);
	setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_PID", text, 1);
}

static void test_activation(void)
{
	struct errtext error = {""};
	struct peer peer;
	int fd = bound_socket(true);

	if (fd != 3)
		dup2(fd, 3);
	set_activation("1", getpid());
	EQ_INT(start(&error), 0, "the passed socket is taken");
	EQ_INT(fcntl(3, F_GETFD), FD_CLOEXEC, "close-on-exec");
	peer_open(&peer);
	OK(peer_says(&peer, GET("/v1")) && drain(&peer) && peer_status(&peer) == 200,
		"and serves");
	peer_close(&peer);
	stop("activated");
	EQ_INT(access(path, F_OK), 0, "the passed socket is not unlinked");
	if (fd != 3)
		close(fd);
	unlink(path);

	dup2(STDERR_FILENO, 3);
	refused("not a socket", "", -EINVAL, "not a listening Unix");
	close(3);
	set_activation("2", getpid());
	refused("two sockets", "", -EINVAL, "takes one");
	set_activation("1", getpid() + 1);
	EQ_INT(start(&error), 0, "one for another process is left alone");
	stop("not ours");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
}

int main(void)
{
	begin();
	test_activation(); /* first: descriptor 3 must not be the loop's */
	test_listener();
	return end();
}
