/* SPDX-License-Identifier: MIT
 *
 * The doors of the HTTP server, through which connections come: the Unix socket, and TCP
 * where that is asked for; each has places of its own, so that nobody out there takes
 * those of the people on this machine. And its start and its end.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/edge/http_private.h"
#include "daemon/edge/log.h"

#define TAG HTTP_TAG

#define HEADERS_MAX 8192 /* all header lines of a request */
/* Those of libwebsockets are set out of the way: they start anew with every byte. */
#define LWS_PATIENCE_S (CLIENT_PATIENCE_S * 4)
#define PIECE_LEN      65536 /* read or sent at a time */
#define STOP_LOOK_MS   1
#define RETRY_MS       1000

/* ---- accepting -------------------------------------------------------------------- */

static void accept_waiting(uv_poll_t *poll, int status, int events);

void http_listen_on(struct http_door *door)
{
	if (!door->server->stopping)
		(void)uv_poll_start(&door->poll, UV_READABLE, accept_waiting);
}

static void listen_again(uv_timer_t *timer)
{
	struct http_server *server = timer->data;

	for (size_t i = 0; i < server->door_count; i++)
		http_listen_on(&server->door[i]);
}

static void client_start(struct http_door *door, int fd)
{
	lws_adopt_desc_t adopt = {
		.vh = door->vhost,
		.type = LWS_ADOPT_HTTP | LWS_ADOPT_SOCKET |
			(door->listener.tls ? LWS_ADOPT_ALLOW_SSL : 0),
		.fd.sockfd = fd,
	};
	struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adopt);
	struct http_client *client;

	if (!wsi) {
		log_warn(TAG, "a connection could not be taken");
		return; /* the descriptor is closed */
	}
	client = http_must(calloc(1, sizeof(*client)));
	client->server = door->server;
	client->door = door;
	client->wsi = wsi;
	snprintf(client->who.actor, sizeof(client->who.actor), "-");
	door->client_count++;
	lws_set_opaque_user_data(wsi, client);
	http_patience_restart(client);
}

static void accept_waiting(uv_poll_t *poll, int status, int events)
{
	struct http_door *door = poll->data;
	struct http_server *server = door->server;
	int fd, r = 0;

	(void)status;
	(void)events;
	while (door->client_count < HTTP_CLIENTS_MAX) {
		r = http_listen_accept(&door->listener, &fd);
		if (r < 0)
			break;
		client_start(door, fd);
	}
	/* The others wait in the backlog until a client leaves. */
	if (r == 0)
		uv_poll_stop(poll);
	if (r == 0 || r == -EAGAIN)
		return;
	/* Out of descriptors, say: the listener stays readable, so a pause is needed. */
	log_warn(TAG, "cannot accept a connection: %s err=%d", strerror(-r), r);
	uv_poll_stop(poll);
	uv_timer_start(&server->timer, listen_again, RETRY_MS, 0);
}

/* ---- start and stop --------------------------------------------------------------- */

static void on_lws_log(int level, const char *line)
{
	int len = (int)strcspn(line, "\n");

	if (level == LLL_ERR)
		log_warn(TAG, "libwebsockets: %.*s", len, line);
	else
		log_debug(TAG, "libwebsockets: %.*s", len, line);
}

static const struct lws_protocols protocols[] = {
	{.name = "http", .callback = http_on_event},
	{0},
};

#define CONNECTIONS_MAX (HTTP_DOORS_MAX * (HTTP_CLIENTS_MAX + HTTP_STREAMS_MAX))

static int context_start(struct http_server *server, const struct http_tcp *tcp,
	struct errtext *ret_error)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.foreign_loops = (void *[]){server->loop},
		.pcontext = &server->context,
		.protocols = protocols,
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.max_http_header_data = HEADERS_MAX,
		.max_http_header_pool = CONNECTIONS_MAX,
		.pt_serv_buf_size = PIECE_LEN,
		.fd_limit_per_thread = CONNECTIONS_MAX + 16,
		.timeout_secs = LWS_PATIENCE_S,
		.timeout_secs_ah_idle = LWS_PATIENCE_S,
		.keepalive_timeout = LWS_PATIENCE_S,
		.server_string = "wipyd",
		.vhost_name = "wipyd",
	};

	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, on_lws_log);
	server->context = lws_create_context(&info);
	if (!server->context) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot serve HTTP: libwebsockets did not start on libuv; "
			"install Debian's libwebsockets-evlib-uv");
		return -ENOSYS;
	}
	server->door[0].vhost = lws_create_vhost(server->context, &info);
	if (!tcp)
		return server->door[0].vhost ? 0 : -ENOMEM;
	info.vhost_name = "wipyd-tcp";
	info.alpn = "http/1.1"; /* nothing here is made for the next one */
	info.ssl_cert_filepath = tcp->certificate;
	info.ssl_private_key_filepath = tcp->key;
	info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
	server->door[1].vhost = lws_create_vhost(server->context, &info);
	if (server->door[1].vhost)
		return 0;
	snprintf(ret_error->text, sizeof(ret_error->text),
		"cannot serve TLS on %s: is %.100s a certificate in PEM form, and "
		"%.100s "
		"its key, without a passphrase?",
		tcp->address, tcp->certificate ? tcp->certificate : "-",
		tcp->key ? tcp->key : "-");
	return -EINVAL;
}

void http_handle_closed(struct http_server *server)
{
	struct http_request *request;

	if (--server->open_handles > 0)
		return;
	while ((request = http_next_whole(server)))
		http_request_free(request);
	if (server->done)
		server->done(server->done_arg);
	free(server);
}

static void handle_closed(uv_handle_t *handle)
{
	http_handle_closed(handle->data);
}

static void door_closed(uv_handle_t *handle)
{
	struct http_door *door = handle->data;

	http_handle_closed(door->server);
}

struct search {
	const void *owner;
	bool found;
};

static void search_owner(uv_handle_t *handle, void *arg)
{
	struct search *search = arg;

	search->found |= handle->data == search->owner;
}

/* On a loop that is not its own, libwebsockets 4.1 closes its handles but frees the
 * context only in a second lws_context_destroy(), which must not come before the last
 * of them is closed. Those that close last point to the context. */
static void stop_step(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	struct search search = {.owner = server->context};

	if (server->context && !server->destroying) {
		server->destroying = true;
		lws_context_destroy(server->context);
		return;
	}
	if (server->context) {
		uv_walk(server->loop, search_owner, &search);
		if (!search.found)
			lws_context_destroy(server->context);
	}
	if (!server->context)
		uv_close((uv_handle_t *)timer, handle_closed);
}

void http_server_stop(struct http_server *server, void (*done)(void *arg), void *arg)
{
	server->stopping = true;
	server->done = done;
	server->done_arg = arg;
	/* The context is destroyed from the timer: this may be a call from a handler,
	 * which still wants to answer. */
	uv_timer_start(&server->timer, stop_step, 0, STOP_LOOK_MS);
	uv_close((uv_handle_t *)&server->hand_over, handle_closed);
	for (size_t i = 0; i < server->door_count; i++) {
		uv_close((uv_handle_t *)&server->door[i].poll, door_closed);
		http_listen_close(&server->door[i].listener);
	}
}

/* Takes the listener; on failure it is closed. */
static int door_open(struct http_server *server, const struct http_listener *listener,
	struct errtext *ret_error)
{
	struct http_door *door = &server->door[server->door_count];
	int r;

	door->server = server;
	door->listener = *listener;
	r = uv_poll_init(server->loop, &door->poll, listener->fd);
	if (r < 0) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			"cannot watch a socket: %s", uv_strerror(r));
		http_listen_close(&door->listener);
		return r;
	}
	door->poll.data = door;
	server->door_count++;
	server->open_handles++;
	return 0;
}

static int doors_open(struct http_server *server, const struct http_config *config,
	struct errtext *ret_error)
{
	struct http_listener listener;
	int r = http_listen_open(config->path, &listener, ret_error);

	if (r == 0)
		r = door_open(server, &listener, ret_error);
	if (r == 0 && config->tcp)
		r = http_listen_open_tcp(config->tcp, &listener, ret_error);
	if (r == 0 && config->tcp)
		r = door_open(server, &listener, ret_error);
	return r;
}

int http_server_start(uv_loop_t *loop, const struct http_config *config,
	http_handler_fn handler, void *arg, struct http_server **ret_server,
	struct errtext *ret_error)
{
	struct http_server *server = http_must(calloc(1, sizeof(*server)));
	int r;

	server->loop = loop;
	server->handler = handler;
	server->handler_arg = arg;
	server->access = config->access;
	uv_timer_init(loop, &server->timer);
	uv_timer_init(loop, &server->hand_over);
	server->open_handles = 2;
	server->timer.data = server->hand_over.data = server;
	server->whole_end = &server->whole;
	r = doors_open(server, config, ret_error);
	if (r == 0)
		r = context_start(server, config->tcp, ret_error);
	if (r < 0) {
		http_server_stop(server, NULL, NULL);
		return r;
	}
	for (size_t i = 0; i < server->door_count; i++)
		http_listen_on(&server->door[i]);
	if (config->tcp)
		log_info(TAG, "listening %s address=%s port=%u",
			config->tcp->key ? "with TLS" : "on the loopback",
			config->tcp->address, (unsigned)server->door[1].listener.port);
	*ret_server = server;
	return 0;
}
