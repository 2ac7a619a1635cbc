/* SPDX-License-Identifier: MIT
 *
 * Control socket: connections, a table of commands, status as JSON.
 */
#include "config.h"

#include "firmware/ports/linux/control.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/text.h"
#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/status.h"

#define WORDS_MAX 4

__attribute__((format(printf, 1, 2))) static json_t *refuse(const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return json_pack("{s:s}", "error", text);
}

/* ---- commands ----------------------------------------------------------------- */

/* Does something to one board. NULL: done; otherwise the refusal. */
typedef json_t *(*board_command)(struct hal *hal, const char *word);

struct command {
	const char *name;
	int words; /* behind the board's number */
	board_command run;
};

static json_t *do_power_off(struct hal *hal, const char *word)
{
	(void)word;
	fleet_power_off(hal);
	return NULL;
}

static json_t *do_power_on(struct hal *hal, const char *word)
{
	(void)word;
	fleet_power_on(hal);
	return NULL;
}

static json_t *do_reset(struct hal *hal, const char *word)
{
	(void)word;
	if (!hal->powered)
		return refuse("a board has no power: use power-on");
	fleet_reset(hal);
	return NULL;
}

static json_t *do_pin(struct hal *hal, const char *word)
{
	if (strcmp(word, "high") != 0 && strcmp(word, "low") != 0)
		return refuse("a pin is high or low, not '%.60s'", word);
	hal->pin_high = strcmp(word, "high") == 0;
	return NULL;
}

static json_t *do_fault(struct hal *hal, const char *word)
{
	if (faults_arm(hal, word) < 0)
		return refuse("there is no fault '%.60s': see wipyboard --help", word);
	return NULL;
}

static const struct command commands[] = {
	{"fault", 1, do_fault},
	{"pin", 1, do_pin},
	{"power-off", 0, do_power_off},
	{"power-on", 0, do_power_on},
	{"reset", 0, do_reset},
};

/* The boards that K names: [*ret_first, *ret_end) as numbers. */
static int boards_named(
	const struct fleet *fleet, const char *word, int *ret_first, int *ret_end)
{
	uint64_t number;

	if (strcmp(word, "all") == 0) {
		*ret_first = 1;
		*ret_end = fleet->count + 1;
		return 0;
	}
	if (wipy_text_parse_u64(word, strlen(word), (uint64_t)fleet->count, &number) <
			0 ||
		number == 0)
		return -EINVAL;
	*ret_first = (int)number;
	*ret_end = *ret_first + 1;
	return 0;
}

static json_t *no_such_board(const struct fleet *fleet, const char *word)
{
	return refuse("there is no board '%.40s': they are numbered 1 to %d", word,
		fleet->count);
}

static json_t *run_board_command(struct fleet *fleet, const struct command *command,
	const char *const *words, int count)
{
	int first, end;

	if (count != 2 + command->words)
		return refuse("%s wants a board's number or all%s", command->name,
			command->words ? ", and a word" : "");
	if (boards_named(fleet, words[1], &first, &end) < 0)
		return no_such_board(fleet, words[1]);
	for (int k = first; k < end; k++) {
		json_t *refusal = command->run(
			&fleet->boards[k - 1], command->words ? words[2] : "");

		if (refusal)
			return refusal;
	}
	return json_pack("{s:i}", "boards", end - first);
}

static json_t *run_status(struct fleet *fleet, const char *const *words, int count)
{
	int first, end;
	json_t *boards;

	if (count > 2)
		return refuse("status wants one board's number or all");
	if (boards_named(fleet, count == 2 ? words[1] : "all", &first, &end) < 0)
		return no_such_board(fleet, words[1]);
	if (count == 2 && strcmp(words[1], "all") != 0)
		return status_of_board(&fleet->boards[first - 1]);
	boards = json_array();
	for (int k = first; k < end; k++)
		json_array_append_new(boards, status_of_board(&fleet->boards[k - 1]));
	return json_pack("{s:o}", "boards", boards);
}

static json_t *run_words(struct fleet *fleet, const char *const *words, int count)
{
	if (count == 0)
		return refuse("a command is missing: see wipyboard --help");
	if (strcmp(words[0], "status") == 0)
		return run_status(fleet, words, count);
	if (strcmp(words[0], "quit") == 0) {
		fleet->quit = true;
		return json_pack("{s:i}", "boards", fleet->count);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(words[0], commands[i].name) == 0)
			return run_board_command(fleet, &commands[i], words, count);
	return refuse("there is no command '%.60s': see wipyboard --help", words[0]);
}

static json_t *run_request(struct fleet *fleet, const char *line, size_t len)
{
	json_error_t error;
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_object_get(request, "words");
	const char *words[WORDS_MAX];
	int count = (int)json_array_size(list);
	json_t *reply = NULL;

	if (!json_is_array(list) || count > WORDS_MAX)
		reply = refuse("the request is not understood");
	for (int i = 0; !reply && i < count; i++) {
		words[i] = json_string_value(json_array_get(list, (size_t)i));
		if (!words[i])
			reply = refuse("the request is not understood");
	}
	if (!reply)
		reply = run_words(fleet, words, count);
	json_decref(request);
	return reply;
}

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

static void client_send(struct control_client *client)
{
	while (client->sent_len < client->reply_len) {
		ssize_t n = send(client->fd, client->reply + client->sent_len,
			client->reply_len - client->sent_len,
			MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			client_watch(client, EPOLLOUT);
			return;
		}
		if (n < 0)
			break;
		client->sent_len += (size_t)n;
	}
	client_end(client);
}

static void client_answer(struct control_client *client, size_t line_len)
{
	json_t *reply = run_request(client->control->fleet, client->request, line_len);
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	json_decref(reply);
	if (!text) {
		client_end(client);
		return;
	}
	client->reply_len = strlen(text);
	client->reply = realloc(text, client->reply_len + 1);
	if (!client->reply) {
		free(text);
		client_end(client);
		return;
	}
	client->reply[client->reply_len++] = '\n';
	client_send(client);
}

static void client_event(struct source *source, uint32_t events)
{
	struct control_client *client = (struct control_client *)source;
	char *end;
	ssize_t n;

	(void)events;
	if (client->reply) {
		client_send(client);
		return;
	}
	n = recv(client->fd, client->request + client->len,
		sizeof(client->request) - client->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_end(client);
		return;
	}
	client->len += (size_t)n;
	end = memchr(client->request, '\n', client->len);
	if (end)
		client_answer(client, (size_t)(end - client->request));
	else if (client->len == sizeof(client->request))
		client_end(client);
}

static void listener_event(struct source *source, uint32_t events)
{
	struct control *control = (struct control *)source;
	int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	for (int i = 0; fd >= 0 && i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &control->clients[i];

		if (client->fd >= 0)
			continue;
		client->fd = fd;
		client->control = control;
		client->source.on_event = client_event;
		client_watch(client, EPOLLIN);
		return;
	}
	if (fd >= 0)
		close(fd);
}

static int fail(struct errtext *error, int code, const char *path, const char *why)
{
	snprintf(error->text, sizeof(error->text),
		"cannot use the control socket %s: %s", path, why);
	return code;
}

/* A socket that nobody answers was left behind by a process that is gone. */
static int clear_path(const struct sockaddr_un *at, struct errtext *ret_error)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return fail(ret_error, -errno, at->sun_path, strerror(errno));
	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0)
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
