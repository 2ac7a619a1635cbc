/* SPDX-License-Identifier: MIT
 *
 * libcurl, used for as little as possible: no proxy, no redirects, no signals, HTTP only.
 * Its own error texts speak of "localhost port 80"; ours name the socket.
 */
#include "config.h"

#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CONNECT_TIMEOUT_S 5L
#define ANSWER_TIMEOUT_S  30L

struct client {
	CURL *curl;
	struct curl_slist *headers; /* of the request under way */
	char socket_path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const volatile sig_atomic_t *interrupt; /* may be NULL */
	char *answer;
	size_t answer_len, answer_cap;
	bool answer_too_long;
};

static size_t client_take(char *data, size_t size, size_t count, void *arg)
{
	struct client *client = arg;
	size_t len = size * count, need = client->answer_len + len;

	if (need > CLIENT_ANSWER_MAX) {
		client->answer_too_long = true;
		return 0;
	}
	if (need > client->answer_cap) {
		size_t cap = need < 32768 ? 65536 : need * 2;
		char *answer = realloc(client->answer, cap);

		if (answer == NULL)
			return 0;
		client->answer = answer;
		client->answer_cap = cap;
	}
	memcpy(client->answer + client->answer_len, data, len);
	client->answer_len = need;
	return len;
}

static int client_progress(void *arg, curl_off_t down_total, curl_off_t down,
	curl_off_t up_total, curl_off_t up)
{
	const struct client *client = arg;

	(void)down_total, (void)down, (void)up_total, (void)up;
	return client->interrupt != NULL && *client->interrupt != 0;
}

int client_new(const char *socket_path, struct client **ret_client)
{
	struct client *client;

	if (strlen(socket_path) >= sizeof(client->socket_path))
		return -ENAMETOOLONG;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return -ENOMEM;
	snprintf(client->socket_path, sizeof(client->socket_path), "%s", socket_path);
	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK ||
		(client->curl = curl_easy_init()) == NULL) {
		free(client);
		return -ENOMEM;
	}
	*ret_client = client;
	return 0;
}

struct client *client_free(struct client *client)
{
	if (client == NULL)
		return NULL;
	curl_easy_cleanup(client->curl);
	curl_global_cleanup();
	free(client->answer);
	free(client);
	return NULL;
}

void client_set_interrupt(struct client *client, const volatile sig_atomic_t *flag)
{
	client->interrupt = flag;
}

static int client_prepare(struct client *client, const struct client_request *request)
{
	char url[CLIENT_PATH_MAX + 32], type[64];
	CURL *curl = client->curl;
	bool failed;

	/* The connection outlives this, the options do not. */
	curl_easy_reset(curl);
	snprintf(url, sizeof(url), "http://wipyd%s", request->path);
	failed =
		curl_easy_setopt(curl, CURLOPT_URL, url) ||
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket_path) ||
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http") ||
		curl_easy_setopt(curl, CURLOPT_PROXY, "") ||
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) ||
		curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) ||
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "wipyctl/" PACKAGE_VERSION) ||
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S) ||
		curl_easy_setopt(curl, CURLOPT_TIMEOUT,
			request->timeout_s > 0 ? request->timeout_s
					       : ANSWER_TIMEOUT_S) ||
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_take) ||
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, client) ||
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, client_progress) ||
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client) ||
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (failed)
		return -ENOMEM;
	if (strcmp(request->method, "POST") != 0)
		return 0;
	snprintf(type, sizeof(type), "Content-Type: %s", request->content_type);
	/* Without "Expect:" an image would wait a second for leave to come. */
	client->headers = curl_slist_append(client->headers, type);
	client->headers = curl_slist_append(client->headers, "Expect:");
	failed = client->headers == NULL ||
		 curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body) ||
		 curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)request->body_len) ||
		 curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
	return failed ? -ENOMEM : 0;
}

/* No connection: the sentence depends on why. */
static int client_explain_connect(
	const struct client *client, struct failure *ret_failure)
{
	static const char start[] =
		"is it running? systemctl status wipyd; another socket "
		"is named with -S PATH";
	long os_error = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &os_error);
	if (os_error == EACCES)
		(void)failure_set(ret_failure, EXIT_CODE_NO_DAEMON,
			"members of the group wipyd may use it; another socket is "
			"named "
			"with -S PATH (the daemon's state: systemctl status wipyd)",
			"no access to the daemon's socket %s", client->socket_path);
	else
		(void)failure_set(ret_failure, EXIT_CODE_NO_DAEMON, start,
			"no daemon answers at %s%s%s", client->socket_path,
			os_error > 0 ? ": " : "",
			os_error > 0 ? wipy_strerror((int)-os_error) : "");
	ret_failure->away = true;
	return -ECONNREFUSED;
}

static int client_explain(
	const struct client *client, CURLcode code, struct failure *ret_failure)
{
	static const char log_hint[] = "see what it logged: journalctl -u wipyd";

	if (client->answer_too_long) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL,
			"ask for less, for example with --select",
			"the daemon at %s sent more than 64 MiB in one answer",
			client->socket_path);
		return -EMSGSIZE;
	}
	/* Only the codes that need sentences of their own. */
	if (code == CURLE_COULDNT_CONNECT)
		return client_explain_connect(client, ret_failure);
	if (code == CURLE_ABORTED_BY_CALLBACK) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL, "interrupted");
		return -EINTR;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		(void)failure_set(ret_failure, EXIT_CODE_TIMED_OUT, log_hint,
			"the daemon at %s did not answer in time", client->socket_path);
		ret_failure->away = true;
		return -ETIMEDOUT;
	}
	if (code == CURLE_WRITE_ERROR || code == CURLE_OUT_OF_MEMORY) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"there is not enough memory for the daemon's answer");
		return -ENOMEM;
	}
	if (code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE ||
		code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, log_hint,
			"the daemon at %s closed the connection before its answer was "
			"complete",
			client->socket_path);
		ret_failure->away = true;
		return -ECONNRESET;
	}
	(void)failure_set(ret_failure, EXIT_CODE_INTERNAL,
		"does the socket belong to wipyd? another one is named with -S PATH",
		"what answers at %s does not speak the daemon's protocol (%s)",
		client->socket_path, curl_easy_strerror(code));
	return -EPROTO;
}

static json_t *client_load(const struct client *client)
{
	return json_loadb(client->answer == NULL ? "" : client->answer,
		client->answer_len, 0, NULL);
}

static int client_check_status(const struct client *client, struct failure *ret_failure)
{
	json_t *answer;
	long status = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status <= 299)
		return 0;
	answer = client_load(client);
	failure_from_answer(ret_failure, status, answer);
	json_decref(answer);
	return -EREMOTEIO;
}

static int client_read_answer(
	const struct client *client, json_t **ret_answer, struct failure *ret_failure)
{
	json_t *answer;

	if (client_check_status(client, ret_failure) < 0)
		return -EREMOTEIO;
	answer = client_load(client);
	if (!json_is_object(answer)) {
		json_decref(answer);
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL,
			"do wipyctl and wipyd belong together? compare wipyctl "
			"--version and "
			"wipyd --version",
			"the daemon at %s sent an answer that makes no sense",
			client->socket_path);
		return -EPROTO;
	}
	*ret_answer = answer;
	return 0;
}

/* Asks; the answer is in the client then. */
static int client_perform(struct client *client, const struct client_request *request,
	struct failure *ret_failure)
{
	CURLcode code;
	int err;

	client->answer_len = 0;
	client->answer_too_long = false;
	err = client_prepare(client, request);
	if (err < 0) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"the request could not be made: %s", wipy_strerror(err));
	} else {
		code = curl_easy_perform(client->curl);
		err = code == CURLE_OK ? 0 : client_explain(client, code, ret_failure);
	}
	curl_slist_free_all(client->headers);
	client->headers = NULL;
	return err;
}

int client_call(struct client *client, const struct client_request *request,
	json_t **ret_answer, struct failure *ret_failure)
{
	int err = client_perform(client, request, ret_failure);

	return err < 0 ? err : client_read_answer(client, ret_answer, ret_failure);
}

int client_fetch(struct client *client, const char *path, const void **ret_data,
	size_t *ret_len, struct failure *ret_failure)
{
	const struct client_request request = {.method = "GET", .path = path};
	int err = client_perform(client, &request, ret_failure);

	if (err == 0)
		err = client_check_status(client, ret_failure);
	if (err < 0)
		return err;
	*ret_data = client->answer;
	*ret_len = client->answer_len;
	return 0;
}

bool client_path_add(char path[CLIENT_PATH_MAX], const char *text, bool encode)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-._~";
	size_t len = strlen(path);

	for (; *text != '\0'; text++) {
		/* The longest step: %XX and the NUL. */
		if (len + 4 > CLIENT_PATH_MAX)
			return false;
		if (!encode || strchr(plain, *text) != NULL)
			path[len++] = *text;
		else
			len += (size_t)snprintf(
				path + len, 4, "%%%02X", (unsigned char)*text);
		path[len] = '\0';
	}
	return true;
}
