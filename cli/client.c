/* SPDX-License-Identifier: MIT
 *
 * libcurl, used for as little as possible: no proxy, no redirects, no signals, HTTP only.
 * Its own error texts speak of "localhost port 80"; ours name the socket, or the URL.
 */
#include "config.h"

#include "cli/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli/file.h"

#define CONNECT_TIMEOUT_S 5L
#define ANSWER_TIMEOUT_S  30L
/* Of an answer without an end: the daemon says something every 15 s. */
#define SILENCE_MAX_S  45L
#define FOLLOW_STEP_MS 1000
#define ADDRESS_MAX    512
#define TOKEN_MAX      256
#define TOKEN_FILE_MAX 4096

struct client {
	CURL *curl;
	CURLM *multi;               /* of client_follow_begin(); NULL before it */
	struct curl_slist *headers; /* of the request under way */
	char address[ADDRESS_MAX];  /* as it is shown */
	bool is_url;
	char token[TOKEN_MAX]; /* "" without one */
	char *ca_file;
	const volatile sig_atomic_t *interrupt; /* may be NULL */
	char *answer;
	size_t answer_len, answer_cap;
	bool answer_too_long;
	client_take_fn take; /* of client_follow(); else NULL */
	void *take_arg;
	bool enough; /* it said so */
};

static size_t client_take(char *data, size_t size, size_t count, void *arg)
{
	struct client *client = arg;
	size_t len = size * count, need = client->answer_len + len;
	long status = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	if (client->take != NULL && status == 200) {
		client->enough = client->take(client->take_arg, data, len) != 0;
		return client->enough ? 0 : len;
	}

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

static bool is_loopback(const char *host)
{
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");

	return (len == 9 && strncmp(host, "localhost", len) == 0) ||
	       (len == 5 && strncmp(host, "[::1]", len) == 0) ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len);
}

/* What is sent in the open must not leave this machine. */
static int client_check_url(const char *url, struct failure *ret_failure)
{
	bool plain = strncmp(url, "http://", 7) == 0;
	const char *host = url + (plain ? 7 : 8);

	if (plain && !is_loopback(host))
		return failure_set(ret_failure, EXIT_CODE_USAGE,
			"write https://; http:// is for 127.0.0.1, [::1] and localhost",
			"%.200s would send everything in the open", url);
	if (host[strcspn(host, "/?#@")] == '\0' && host[0] != '\0')
		return 0;
	return failure_set(ret_failure, EXIT_CODE_USAGE,
		"write for example https://wipyd.example.net:8443",
		"'%.200s' is not the address of a daemon", url);
}

static int client_read_token(
	struct client *client, const char *path, struct failure *ret_failure)
{
	const char *why = NULL;
	uint8_t *data = NULL;
	struct stat st;
	size_t len = 0;
	int err = stat(path, &st) < 0 ? -errno : 0;

	if (err == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		why = "is open to others on this machine: run chmod 0600 on it";
	else if (err == 0)
		err = file_read(path, TOKEN_FILE_MAX, &data, &len);
	if (data != NULL) {
		len = 0;
		while (len < TOKEN_FILE_MAX && data[len] > ' ' && data[len] < 0x7f)
			len++;
		if (len == 0 || len >= sizeof(client->token))
			why = "holds no token on its first line";
		else
			memcpy(client->token, data, len);
		explicit_bzero(data, len);
		free(data);
	}
	if (why == NULL && err == 0)
		return 0;
	return failure_set(ret_failure, EXIT_CODE_USAGE, NULL, "the token file %s %s",
		path, why != NULL ? why : wipy_strerror(err));
}

static int client_settle(struct client *client, const struct client_place *place,
	struct failure *ret_failure)
{
	const char *address = place->address;
	size_t len = strlen(address), max = sizeof(((struct sockaddr_un *)0)->sun_path);

	client->is_url = strncmp(address, "http://", 7) == 0 ||
			 strncmp(address, "https://", 8) == 0;
	while (client->is_url && len > 8 && address[len - 1] == '/')
		len--;
	if (len >= (client->is_url ? sizeof(client->address) : max))
		return failure_set(ret_failure, EXIT_CODE_USAGE,
			client->is_url ? NULL : "a socket's path has at most 107 bytes",
			client->is_url ? "the address %.200s is too long"
				       : "the socket path %.200s is too long",
			address);
	memcpy(client->address, address, len);
	if (client->is_url && client_check_url(client->address, ret_failure) != 0)
		return -1;
	if (place->ca_file != NULL &&
		(client->ca_file = strdup(place->ca_file)) == NULL)
		return failure_set(
			ret_failure, EXIT_CODE_INTERNAL, NULL, "out of memory");
	if (!client->is_url || place->token_file == NULL)
		return 0;
	return client_read_token(client, place->token_file, ret_failure);
}

int client_new(const struct client_place *place, struct client **ret_client,
	struct failure *ret_failure)
{
	struct client *client = calloc(1, sizeof(*client));

	if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
		(client->curl = curl_easy_init()) == NULL) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
			"there is not enough memory");
		free(client);
		return -ENOMEM;
	}
	if (client_settle(client, place, ret_failure) != 0) {
		client_free(client);
		return -EINVAL;
	}
	*ret_client = client;
	return 0;
}

struct client *client_free(struct client *client)
{
	if (client == NULL)
		return NULL;
	client_follow_end(client);
	curl_easy_cleanup(client->curl);
	curl_multi_cleanup(client->multi);
	curl_global_cleanup();
	explicit_bzero(client->token, sizeof(client->token));
	free(client->ca_file);
	free(client->answer);
	free(client);
	return NULL;
}

void client_set_interrupt(struct client *client, const volatile sig_atomic_t *flag)
{
	client->interrupt = flag;
}

/* Instead of a time for all: one for silence. */
static int client_prepare_endless(struct client *client, const char *last_id)
{
	char id[64];
	bool failed;

	snprintf(id, sizeof(id), "Last-Event-ID: %.40s", last_id);
	client->headers =
		curl_slist_append(client->headers, "Accept: text/event-stream");
	if (client->headers != NULL && last_id[0] != '\0')
		client->headers = curl_slist_append(client->headers, id);
	failed = client->headers == NULL ||
		 curl_easy_setopt(client->curl, CURLOPT_HTTPHEADER, client->headers) ||
		 curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, 0L) ||
		 curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_LIMIT, 1L) ||
		 curl_easy_setopt(client->curl, CURLOPT_LOW_SPEED_TIME, SILENCE_MAX_S);
	return failed ? -ENOMEM : 0;
}

/* Where it is asked: certificates are always looked at, redirects never followed. */
static bool client_prepare_place(struct client *client, const char *path)
{
	char url[CLIENT_PATH_MAX + ADDRESS_MAX];
	CURL *curl = client->curl;

	snprintf(url, sizeof(url), "%s%s",
		client->is_url ? client->address : "http://wipyd", path);
	if (curl_easy_setopt(curl, CURLOPT_URL, url))
		return false;
	if (!client->is_url)
		return !curl_easy_setopt(
			       curl, CURLOPT_UNIX_SOCKET_PATH, client->address) &&
		       !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	if (client->ca_file != NULL &&
		curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca_file))
		return false;
	if (client->token[0] != '\0' &&
		(curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER) ||
			curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, client->token)))
		return false;
	return !curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
}

static int client_prepare(struct client *client, const struct client_request *request)
{
	char type[64];
	CURL *curl = client->curl;
	bool failed;

	/* The connection outlives this, the options do not. */
	curl_easy_reset(curl);
	failed =
		!client_prepare_place(client, request->path) ||
		curl_easy_setopt(curl, CURLOPT_PROXY, "") ||
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) ||
		curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) ||
		curl_easy_setopt(curl, CURLOPT_USERAGENT, "wipyctl/" PACKAGE_VERSION) ||
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_S) ||
		curl_easy_setopt(curl, CURLOPT_TIMEOUT,
			request->timeout_s > 0 ? request->timeout_s
					       : ANSWER_TIMEOUT_S) ||
		(request->timeout_ms > 0 && curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
						    request->timeout_ms)) ||
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_take) ||
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, client) ||
		curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, client_progress) ||
		curl_easy_setopt(curl, CURLOPT_XFERINFODATA, client) ||
		curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	if (failed)
		return -ENOMEM;
	if (request->last_id != NULL)
		return client_prepare_endless(client, request->last_id);
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
	if (client->is_url)
		(void)failure_set(ret_failure, EXIT_CODE_NO_DAEMON,
			"is it running, and does 'listen' under 'api' in its "
			"wipyd.yaml "
			"name this address?",
			"no daemon answers at %s%s%s", client->address,
			os_error > 0 ? ": " : "",
			os_error > 0 ? wipy_strerror((int)-os_error) : "");
	else if (os_error == EACCES)
		(void)failure_set(ret_failure, EXIT_CODE_NO_DAEMON,
			"members of the group wipyd may use it; another socket is "
			"named "
			"with -S PATH (the daemon's state: systemctl status wipyd)",
			"no access to the daemon's socket %s", client->address);
	else
		(void)failure_set(ret_failure, EXIT_CODE_NO_DAEMON, start,
			"no daemon answers at %s%s%s", client->address,
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
			client->address);
		return -EMSGSIZE;
	}
	/* Only the codes that need sentences of their own. */
	if (code == CURLE_PEER_FAILED_VERIFICATION ||
		code == CURLE_SSL_CACERT_BADFILE) {
		(void)failure_set(ret_failure, EXIT_CODE_REFUSED,
			"name the file of who has signed its certificate: --ca-file "
			"FILE",
			"what answers at %s cannot show that it is the daemon (%s)",
			client->address, curl_easy_strerror(code));
		return -EPROTO;
	}
	if (code == CURLE_COULDNT_RESOLVE_HOST) {
		(void)failure_set(ret_failure, EXIT_CODE_USAGE, NULL,
			"no host of that name is known: %s", client->address);
		return -EHOSTUNREACH;
	}
	if (code == CURLE_COULDNT_CONNECT)
		return client_explain_connect(client, ret_failure);
	if (code == CURLE_ABORTED_BY_CALLBACK) {
		(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL, "interrupted");
		return -EINTR;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		(void)failure_set(ret_failure, EXIT_CODE_TIMED_OUT, log_hint,
			"the daemon at %s did not answer in time", client->address);
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
			client->address);
		ret_failure->away = true;
		return -ECONNRESET;
	}
	(void)failure_set(ret_failure, EXIT_CODE_INTERNAL,
		"does it belong to wipyd? another socket is named with -S PATH",
		"what answers at %s does not speak the daemon's protocol (%s)",
		client->address, curl_easy_strerror(code));
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
	ret_failure->away = status == 503; /* it is stopping, or has no place left */
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
			client->address);
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

void client_follow_end(struct client *client)
{
	if (client->take == NULL)
		return;
	(void)curl_multi_remove_handle(client->multi, client->curl);
	curl_slist_free_all(client->headers);
	client->headers = NULL;
	client->take = NULL;
}

int client_follow_begin(struct client *client, const char *path, const char *last_id,
	client_take_fn take, void *arg, struct failure *ret_failure)
{
	const struct client_request request = {
		.method = "GET", .path = path, .last_id = last_id};

	client_follow_end(client);
	client->answer_len = 0;
	client->answer_too_long = client->enough = false;
	client->take = take;
	client->take_arg = arg;
	if (client->multi == NULL)
		client->multi = curl_multi_init();
	if (client->multi != NULL && client_prepare(client, &request) == 0 &&
		curl_multi_add_handle(client->multi, client->curl) == CURLM_OK)
		return 0;
	client_follow_end(client);
	(void)failure_set(ret_failure, EXIT_CODE_INTERNAL, NULL,
		"there is not enough memory to follow the daemon");
	return -ENOMEM;
}

int client_follow_step(
	struct client *client, int timeout_ms, struct failure *ret_failure)
{
	int running = 0, left, err;
	CURLMsg *message;

	if (curl_multi_poll(client->multi, NULL, 0, timeout_ms, NULL) == CURLM_OK &&
		curl_multi_perform(client->multi, &running) == CURLM_OK && running > 0)
		return 0;
	message = curl_multi_info_read(client->multi, &left);
	if (client->enough)
		err = -ECANCELED;
	else if (message == NULL || message->data.result != CURLE_OK)
		err = client_explain(client,
			message == NULL ? CURLE_OUT_OF_MEMORY : message->data.result,
			ret_failure);
	else
		err = client_check_status(client, ret_failure);
	client_follow_end(client);
	return err < 0 ? err : 1;
}

int client_follow(struct client *client, const char *path, const char *last_id,
	client_take_fn take, void *arg, struct failure *ret_failure)
{
	int rc = client_follow_begin(client, path, last_id, take, arg, ret_failure);

	while (rc == 0)
		rc = client_follow_step(client, FOLLOW_STEP_MS, ret_failure);
	return rc < 0 ? rc : 0;
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
