/* SPDX-License-Identifier: MIT
 *
 * Before a request's body is read: who asks, by a token over TCP, and whether it is meant
 * for this machine at all. Tokens are compared by their SHA-256 and are written nowhere.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sha256.h"
#include "daemon/edge/http_private.h"

#define TOKEN_MAX 256

/* Without a scheme and port; "[::1]" as it is written. */
static size_t host_len(const char *host)
{
	const char *end = *host == '[' ? strchr(host, ']') : NULL;

	return end ? (size_t)(end - host) + 1 : strcspn(host, ":");
}

/* A page of the web can have its name lead to the loopback and be taken for one of ours;
 * what it cannot do is to leave its name out of the header. */
static bool host_is_ours(struct lws *wsi)
{
	static const char *const names[] = {"localhost", "[::1]"};
	char host[128];
	size_t len;

	if (lws_hdr_copy(wsi, host, sizeof(host), WSI_TOKEN_HOST) <= 0)
		return false;
	len = host_len(host);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) && strncasecmp(host, names[i], len) == 0)
			return true;
	/* 127.x.y.z and nothing else. */
	return strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len;
}

static const struct access_token *find_token(
	const struct access_rules *access, const char *token)
{
	uint8_t digest[WIPY_SHA256_LEN];
	struct wipy_sha256 sha;

	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, token, strlen(token));
	wipy_sha256_final(&sha, digest);
	return access_find_token(access, digest);
}

/* Returns 0 or 401. */
static int take_token(struct http_client *client, struct http_who *who)
{
	static const char scheme[] = "Bearer ";
	const struct access_token *found = NULL;
	char text[TOKEN_MAX] = "";

	if (lws_hdr_total_length(client->wsi, WSI_TOKEN_HTTP_AUTHORIZATION) <= 0)
		return 0;
	if (lws_hdr_copy(client->wsi, text, sizeof(text),
		    WSI_TOKEN_HTTP_AUTHORIZATION) > 0 &&
		strncasecmp(text, scheme, sizeof(scheme) - 1) == 0)
		found = find_token(client->server->access, text + sizeof(scheme) - 1);
	explicit_bzero(text, sizeof(text));
	if (!found)
		return 401;
	snprintf(who->actor, sizeof(who->actor), "token %.31s", found->name);
	who->role = found->role;
	who->anonymous = false;
	return 0;
}

int http_guard(struct http_client *client, struct http_who *who, uint64_t body_len)
{
	const struct http_listener *listener = &client->door->listener;
	int status = 0;

	if (listener->tcp && !listener->tls && !host_is_ours(client->wsi))
		return 421;
	if (listener->tcp)
		status = take_token(client, who);
	if (status)
		return status;
	/* Who may do nothing does not fill this machine's memory either. */
	if (who->role == ROLE_NONE && body_len > 0)
		return who->anonymous ? 401 : 403;
	return who->role < ROLE_OPERATOR && body_len > HTTP_BODY_VIEWER_MAX ? 403 : 0;
}
