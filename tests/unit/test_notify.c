/* SPDX-License-Identifier: MIT
 *
 * The service manager's side, played by a datagram socket.
 */
#include "config.h"

#include "daemon/edge/notify.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/tap.h"

static char dir[200];
static char message[512];

/* A socket at that path ('@': abstract), named in the environment. */
static int manager_open(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path, path, len);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	if (bind(fd, (struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		abort();
	setenv("NOTIFY_SOCKET", path, 1);
	return fd;
}

static const char *manager_read(int fd)
{
	ssize_t n = recv(fd, message, sizeof(message) - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	return message;
}

static void test_path(void)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/notify", dir);
	fd = manager_open(path);
	notify_send("READY=1\nSTATUS=12 boards");
	EQ_STR(manager_read(fd), "READY=1\nSTATUS=12 boards", "a path");
	notify_send("WATCHDOG=1");
	EQ_STR(manager_read(fd), "WATCHDOG=1", "once more");
	for (int i = 0; i < 5000; i++)
		notify_send("WATCHDOG=1");
	EQ_STR(manager_read(fd), "WATCHDOG=1",
		"a manager that does not read blocks nothing");
	close(fd);
	unlink(path);
}

static void test_abstract(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "@wipyd-test-%d", (int)getpid());
	fd = manager_open(path);
	notify_send("STOPPING=1");
	EQ_STR(manager_read(fd), "STOPPING=1", "an abstract name");
	close(fd);
}

static void test_reloading(void)
{
	struct timespec before;
	int64_t usec = 0;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "@wipyd-test-%d", (int)getpid());
	fd = manager_open(path);
	clock_gettime(CLOCK_MONOTONIC, &before);
	notify_reloading();
	OK(sscanf(manager_read(fd), "RELOADING=1\nMONOTONIC_USEC=%" SCNd64, &usec) == 1,
		"reloading");
	OK(usec >= before.tv_sec * INT64_C(1000000) + before.tv_nsec / 1000,
		"with the time of it");
	close(fd);
}

static void test_useless_names(void)
{
	static const char *const names[] = {"", "/", "@", "relative", "x"};
	char name[300];
	int fd = dup(STDERR_FILENO);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		notify_send("READY=1");
	}
	memset(name, 'n', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("READY=1");
	snprintf(name, sizeof(name), "%s/gone", dir);
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("READY=1");
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
	close(fd);
	EQ_INT(dup(STDERR_FILENO), fd, "no descriptor is left behind");
	close(fd);
}

static const struct {
	const char *name, *usec;
	int pid; /* 0: none, 1: ours, 2: another */
	int64_t expected;
} watchdogs[] = {
	{"none", NULL, 0, 0},
	{"30 s", "30000000", 0, 15000},
	{"for us", "30000000", 1, 15000},
	{"for another", "30000000", 2, 0},
	{"too short for a timer", "1500", 1, 1},
	{"zero", "0", 1, 0},
	{"negative", "-5", 1, 0},
	{"garbage", "30s", 1, 0},
	{"empty", "", 1, 0},
	{"beyond 64 bits", "99999999999999999999", 1, 0},
};

static void test_watchdog(void)
{
	char pid[16];

	for (size_t i = 0; i < sizeof(watchdogs) / sizeof(watchdogs[0]); i++) {
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		snprintf(pid, sizeof(pid), "%d", (int)getpid() + watchdogs[i].pid - 1);
		if (watchdogs[i].usec)
			setenv("WATCHDOG_USEC", watchdogs[i].usec, 1);
		if (watchdogs[i].pid)
			setenv("WATCHDOG_PID", pid, 1);
		EQ_INT(notify_watchdog_ms(), watchdogs[i].expected, watchdogs[i].name);
	}
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.60s/wipy-notify-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		abort();
	test_path();
	test_abstract();
	test_reloading();
	test_useless_names();
	test_watchdog();
	rmdir(dir);
	return tap_done();
}
