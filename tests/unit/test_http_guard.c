/* SPDX-License-Identifier: MIT
 *
 * Over TCP on the loopback: whose name the header Host may give, who is who by a token, and
 * how much each may send before anybody has looked at it.
 */
#include "config.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/sha256.h"
#include "daemon/edge/http_private.h"
#include "tests/unit/http_fixture.h"

#define AT     "GET / HTTP/1.1\r\n"
#define OURS   "Host: 127.0.0.1\r\n"
#define BEARER "Authorization: Bearer "

static struct access_token tokens[2] = {
	{"looks", ROLE_VIEWER, {0}}, {"works", ROLE_OPERATOR, {0}}};
static const char *const secrets[2] = {"wipyd_looks", "wipyd_works"};

static const struct {
	const char *name, *head;
	int status;
} rows[] = {
	{"by its address", AT OURS "\r\n", 200},
	{"with a port", AT "Host: 127.0.0.1:8443\r\n\r\n", 200},
	{"another of the loopback", AT "Host: 127.9.9.9\r\n\r\n", 200},
	{"by its name", AT "Host: localhost:1\r\n\r\n", 200},
	{"in capitals", AT "Host: LocalHost\r\n\r\n", 200},
	{"IPv6", AT "Host: [::1]:8443\r\n\r\n", 200},
	{"no host", AT "\r\n", 421},
	{"an empty host", AT "Host: \r\n\r\n", 421},
	{"another host", AT "Host: example.net\r\n\r\n", 421},
	{"one that begins like ours", AT "Host: localhost.example.net\r\n\r\n", 421},
	{"an address with a name behind", AT "Host: 127.0.0.1.example.net\r\n\r\n",
		421},
	{"another address", AT "Host: 10.0.0.1\r\n\r\n", 421},
	{"IPv6 of somebody else", AT "Host: [::2]\r\n\r\n", 421},
	{"half a bracket", AT "Host: [::1\r\n\r\n", 421},
	{"a token", AT OURS BEARER "wipyd_looks\r\n\r\n", 200},
	{"the scheme in small letters",
		AT OURS "authorization: bearer wipyd_works\r\n\r\n", 200},
	{"a token that is not known", AT OURS BEARER "wipyd_look\r\n\r\n", 401},
	{"a token and more", AT OURS BEARER "wipyd_looks2\r\n\r\n", 401},
	{"no token behind the word", AT OURS BEARER "\r\n\r\n", 401},
	{"another scheme", AT OURS "Authorization: Basic eDp5\r\n\r\n", 401},
	{"a token with another host", AT "Host: evil\r\n" BEARER "wipyd_looks\r\n\r\n",
		421},
	{"a body of a viewer",
		"POST / HTTP/1.1\r\n" OURS "Content-Length: 65536\r\n\r\n", 0},
	{"a larger one", "POST / HTTP/1.1\r\n" OURS "Content-Length: 65537\r\n\r\n",
		403},
	{"the largest there is, of a viewer",
		"POST / HTTP/1.1\r\n" OURS "Content-Length: 99999999\r\n\r\n", 403},
	{"a larger one of an operator",
		"POST / HTTP/1.1\r\n" OURS BEARER
		"wipyd_works\r\nContent-Length: 65537\r\n\r\n",
		0},
	{"too large for everybody",
		"POST / HTTP/1.1\r\n" OURS BEARER
		"wipyd_works\r\nContent-Length: 99999999\r\n\r\n",
		413},
};

static void start_tcp(bool loopback)
{
	const struct http_tcp tcp = {.address = "127.0.0.1", .loopback = loopback};
	const struct http_config config = {.path = path, .tcp = &tcp, .access = &rules};
	struct errtext error = {""};

	rules.own_uid = getuid();
	rules.token = tokens;
	rules.token_count = 2;
	if (uv_loop_init(&loop) < 0)
		abort();
	stopped = false;
	EQ_INT(http_server_start(&loop, &config, on_request, NULL, &server, &error), 0,
		"start");
}

static void peer_open_tcp(struct peer *peer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(server->door[1].listener.port)};

	*peer = (struct peer){.got = calloc(1, 1)};
	peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		peer->ended = true;
	(void)fcntl(peer->fd, F_SETFL, O_NONBLOCK);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer peer;

		peer_open_tcp(&peer);
		OK(peer_says(&peer, rows[i].head) && drain(&peer), rows[i].name);
		EQ_INT(peer_status(&peer), rows[i].status, rows[i].name);
		OK(strstr(peer.got, "www-authenticate: Bearer") ||
				rows[i].status != 401,
			rows[i].name);
		OK(!strstr(peer.got, "wipyd_"), rows[i].name);
		peer_close(&peer);
	}
}

/* A token that stands for nothing else on the same connection. */
static void test_by_request(void)
{
	struct peer peer;

	peer_open_tcp(&peer);
	(void)peer_says(&peer, "POST / HTTP/1.1\r\n" OURS BEARER
			       "wipyd_works\r\nContent-Length: 0\r\n\r\n");
	(void)drain(&peer);
	(void)peer_says(
		&peer, "POST / HTTP/1.1\r\n" OURS "Content-Length: 65537\r\n\r\n");
	OK(drain(&peer) && count_of(peer.got, "HTTP/1.1 200") == 1 &&
			count_of(peer.got, "HTTP/1.1 403") == 1,
		"the next request has to say again who asks");
	peer_close(&peer);
}

static void test_places(void)
{
	struct peer crowd[HTTP_CLIENTS_MAX + 4], peer;
	int answered = 0;

	for (size_t i = 0; i < HTTP_CLIENTS_MAX + 4; i++)
		peer_open_tcp(&crowd[i]);
	(void)settle();
	peer_open(&peer);
	OK(peer_says(&peer, GET("/")) && drain(&peer) && peer_status(&peer) == 200,
		"a crowd out there takes no place at the socket");
	for (int i = 0; i < 1000 && !peer.ended; i++) {
		(void)peer_says(&peer, GET("/"));
		(void)drain(&peer);
	}
	answered = count_of(peer.got, "HTTP/1.1 200");
	OK(peer.ended && answered == 1000, "a connection ends with its 1000th request");
	peer_close(&peer);
	for (size_t i = 0; i < HTTP_CLIENTS_MAX + 4; i++)
		peer_close(&crowd[i]);
}

/* Away from the loopback, but for TLS: nobody sends a body without a token. */
static void test_nobody(void)
{
	struct peer peer;

	peer_open_tcp(&peer);
	(void)peer_says(&peer, "POST / HTTP/1.1\r\n" OURS "Content-Length: 1\r\n\r\n");
	OK(drain(&peer) && peer_status(&peer) == 401, "no body without a token");
	peer_close(&peer);
}

int main(void)
{
	begin();
	for (int i = 0; i < 2; i++) {
		struct wipy_sha256 sha;

		wipy_sha256_init(&sha);
		wipy_sha256_update(&sha, secrets[i], strlen(secrets[i]));
		wipy_sha256_final(&sha, tokens[i].sha256);
	}
	start_tcp(true);
	test_rows();
	test_by_request();
	test_places();
	stop("loopback");
	start_tcp(false);
	test_nobody();
	stop("elsewhere");
	return end();
}
