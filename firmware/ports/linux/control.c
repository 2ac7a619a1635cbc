/* SPDX-License-Identifier: MIT
 *
 * Control socket: connections.
 */
#include "config.h"

#include "firmware/ports/linux/control.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/text.h"
#include "firmware/ports/linux/commands.h"

/* ---- connections -------------------------------------------------------------- */

static void client_end(struct control_client *client)
{
	close(client->fd);
	free(client->reply);
	*client = (struct control_client){.fd = -1};
}

static void client_watch(struct control_client *client, uint32_t events)
{
	net_watch(client->control->fleet, client->fd, &client->source, &client->watched,
		events);
}

/* True: all is sent. */
static bool client_send(struct control_client *client)
{
	while (client->sent_len < client->reply_len) {
		ssize_t n = send(client->fd, client->reply + client->sent_len,
			client->reply_len - client->sent_len,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			client_watch(client, EPOLLOUT);
			return false;
		}
		if (n < 0) {
			client_end(client);
			return false;
		}
		client->sent_len += (size_t)n;
	}
	free(client->reply);
	client->reply = NULL;
	client->reply_len = client->sent_len = 0;
	return true;
}

/* Takes `reply`. False: there is no memory for it, the client is gone. */
static bool client_reply(struct control_client *client, json_t *reply)
{
	char *text = json_dumps(reply, JSON_COMPACT);
	int len = text ? asprintf(&client->reply, "%s\n", text) : -1;

	json_decref(reply);
	free(text);
	if (len < 0) {
		client->reply = NULL;
		client_end(client);
		return false;
	}
	client->reply_len = (size_t)len;
	return true;
}

/* The line that ends at `end`. NULL: the answer comes later. */
static json_t *run_line(struct control_client *client, const char *end)
{
	if (client->too_long)
		return commands_refuse_line("is longer than 4095 bytes");
	return commands_run(client->control->fleet, client->request,
		(size_t)(end - client->request));
}

/* Answers the first line of what has come; false: there is no whole line. */
static bool client_answer(struct control_client *client)
{
	char *end = memchr(client->request, '\n', client->len);
	json_t *reply;

	if (!end)
		return false;
	reply = run_line(client, end);
	client->too_long = false;
	client->len -= (size_t)(end + 1 - client->request);
	memmove(client->request, end + 1, client->len);
	client->waits = !reply;
	if (reply)
		(void)client_reply(client, reply);
	return true;
}

/* No more comes. What stands there without an end is answered, not done: it may be the
 * half of a line. False: the client is gone. */
static bool client_finish(struct control_client *client)
{
	bool unfinished = client->len > 0 || client->too_long;

	client->len = 0;
	client->too_long = false;
	if (unfinished)
		return client_reply(client,
			commands_refuse_line("has no line feed at its end, so it is "
					     "not whole"));
	client_end(client);
	return false;
}

/* More of a request; false: nothing for now, or the client is gone. */
static bool client_receive(struct control_client *client)
{
	ssize_t n;

	if (client->ended)
		return client_finish(client);
	if (client->len == sizeof(client->request)) {
		client->too_long = true;
		client->len = 0;
	}
	n = recv(client->fd, client->request + client->len,
		sizeof(client->request) - client->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		client_watch(client, EPOLLIN);
		return false;
	}
	client->ended = n <= 0;
	client->len += n > 0 ? (size_t)n : 0;
	client->heard_at = ++client->control->heard_count;
	return true;
}

/* Receives once: a client that always has more to say must not keep the boards and the
 * other clients waiting. */
static void client_go_on(struct control_client *client)
{
	bool received = false;

	while (client->fd >= 0) {
		if (client->waits) {
			client_watch(client, 0);
			return;
		}
		if (!client_send(client))
			return;
		if (client_answer(client))
			continue;
		if (received) {
			client_watch(client, EPOLLIN);
			return;
		}
		if (!client_receive(client))
			return;
		received = true;
	}
}

static void client_event(struct source *source, uint32_t events)
{
	(void)events;
	client_go_on((struct control_client *)source);
}

void control_clock_arrived(struct control *control)
{
	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->fd < 0 || !client->waits)
			continue;
		client->waits = false;
		if (client_reply(client, commands_clock_reply(control->fleet)))
			client_go_on(client);
	}
}

/* A free place, or that of the client that has said nothing for longest: clients that
 * only stay must not lock others out. Who waits for the clock keeps its place; only one
 * can. */
static struct control_client *find_place(struct control *control)
{
	struct control_client *oldest = NULL;

	for (int i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->fd < 0)
			return client;
		if (!client->waits && (!oldest || client->heard_at < oldest->heard_at))
			oldest = client;
	}
	client_end(oldest);
	return oldest;
}

static void listener_event(struct source *source, uint32_t events)
{
	struct control *control = (struct control *)source;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct control_client *client;

	(void)events;
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			net_turn_away(control->fleet, control->fd);
		return;
	}
	client = find_place(control);
	client->fd = fd;
	client->control = control;
	client->heard_at = ++control->heard_count;
	client->source.on_event = client_event;
	client_watch(client, EPOLLIN);
}

static int fail(struct errtext *error, int code, const char *path, const char *why)
{
	snprintf(error->text, sizeof(error->text),
		"cannot use the control socket %s: %s", path, why);
	return code;
}

/* A socket that nobody answers was left behind by a process that is gone; whatever else
 * has that name is somebody's. */
static int clear_path(const struct sockaddr_un *at, struct errtext *ret_error)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat info;
	int err = 0;

	if (fd < 0)
		return fail(ret_error, -errno, at->sun_path, strerror(errno));
	if (lstat(at->sun_path, &info) == 0 && !S_ISSOCK(info.st_mode))
		err = fail(ret_error, -EEXIST, at->sun_path,
			"something that is no socket has that name");
	else if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
		err = fail(ret_error, -EADDRINUSE, at->sun_path,
			"another wipyboard answers there");
	else if (errno == ECONNREFUSED && unlink(at->sun_path) < 0)
		err = fail(ret_error, -errno, at->sun_path, strerror(errno));
	close(fd);
	return err;
}

int control_open(struct control *control, struct fleet *fleet, const char *path,
	struct errtext *ret_error)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int err;

	if (!wipy_text_copy(at.sun_path, sizeof(at.sun_path), path, strlen(path)))
		return fail(ret_error, -ENAMETOOLONG, path, "the path is too long");
	err = clear_path(&at, ret_error);
	if (err < 0)
		return err;
	*control = (struct control){
		.source.on_event = listener_event, .fleet = fleet, .path = path};
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		control->clients[i].fd = -1;
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (control->fd < 0 ||
		bind(control->fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
		listen(control->fd, CONTROL_CLIENTS) < 0) {
		err = fail(ret_error, -errno, path, strerror(errno));
		control->path = NULL; /* not ours to remove */
		return err;
	}
	net_watch(fleet, control->fd, &control->source, &control->watched, EPOLLIN);
	return 0;
}

void control_close(struct control *control)
{
	if (control->fd < 0)
		return;
	for (int i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			client_end(&control->clients[i]);
	if (control->path)
		unlink(control->path);
	close(control->fd);
	control->fd = -1;
}
