/* SPDX-License-Identifier: MIT
 *
 * One image pushed to one board: see ftp_push.h. The words are ftp_client's; here are
 * the two connections, the pieces of the borrowed image, the account of what the peer
 * has acknowledged, and the one timer that serves every deadline.
 */
#include "config.h"

#include "daemon/edge/ftp_push.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "daemon/edge/tcp.h"

#define CONNECT_MS     5000
#define LEAVE_MS       1000
#define CADENCE_MS     250 /* how often progress is looked at while data is in flight */
#define ACK_POLL_MS    5   /* how often, once everything is handed over */
#define PIECE_LEN      16384
#define SEND_BUFFER    32768 /* small, so that caps on the rate are real */
#define CREDENTIAL_CAP 64
#define CONTROL_CAP    512
#define DATA_CAP       128 /* boards send nothing here during STOR */

enum push_state {
	PUSH_CONNECTING,
	PUSH_TALKING,
	PUSH_LEAVING,
	PUSH_DONE,
};

struct ftp_push {
	uv_timer_t timer;
	struct tcp control;
	struct tcp data;
	enum push_state state;
	bool data_tried; /* there is one data connection a push */
	bool shut_told;  /* all bytes are acknowledged, and the client knows */
	bool writing;
	uint16_t data_port;
	ftp_push_fn done; /* NULL: cancelled */
	void *arg;
	struct ftp_push_result result;
	struct ftp_client client;
	uv_write_t write;
	const uint8_t *image; /* borrowed */
	size_t image_len;
	size_t handed_len; /* given to uv_write() */
	size_t taken_len;  /* acknowledged by the peer */
	struct bucket *bucket[FTP_PUSH_BUCKETS];
	bool paced;       /* counted among the users of the buckets */
	size_t piece_len; /* has its turn in the buckets; 0: none has */
	int64_t go_ms;    /* when that piece may go out */
	char user[CREDENTIAL_CAP];
	char password[CREDENTIAL_CAP];
	char path[FTP_PATH_MAX + 1];
	uint8_t control_in[CONTROL_CAP];
	uint8_t data_in[DATA_CAP];
};

static int64_t push_now(const struct ftp_push *push)
{
	return (int64_t)uv_now(push->timer.loop);
}

static void on_timer(uv_timer_t *timer);

static void push_arm(struct ftp_push *push, int64_t wait_ms)
{
	(void)uv_timer_start(
		&push->timer, on_timer, wait_ms > 0 ? (uint64_t)wait_ms : 0, 0);
}

/* Bytes a second */

static void push_join(struct ftp_push *push)
{
	for (size_t i = 0; i < FTP_PUSH_BUCKETS && !push->paced; i++)
		if (push->bucket[i])
			bucket_join(push->bucket[i]);
	push->paced = true;
}

/* From here on the buckets are not touched any more. */
static void push_leave_buckets(struct ftp_push *push)
{
	for (size_t i = 0; i < FTP_PUSH_BUCKETS && push->paced; i++)
		if (push->bucket[i])
			bucket_leave(push->bucket[i]);
	push->paced = false;
	push->piece_len = 0;
}

/* Takes a turn for the next piece, of at most `most` bytes. */
static void push_take_turn(struct ftp_push *push, size_t most)
{
	int64_t now_ms = push_now(push);

	push_join(push);
	push->piece_len = most;
	push->go_ms = now_ms;
	for (size_t i = 0; i < FTP_PUSH_BUCKETS; i++)
		if (push->bucket[i])
			push->piece_len =
				bucket_piece(push->bucket[i], push->piece_len);
	for (size_t i = 0; i < FTP_PUSH_BUCKETS; i++)
		if (push->bucket[i]) {
			int64_t go_ms =
				bucket_take(push->bucket[i], now_ms, push->piece_len);

			push->go_ms = go_ms > push->go_ms ? go_ms : push->go_ms;
		}
}

/* The end */

static void wipe_secrets(struct ftp_push *push)
{
	sodium_memzero(push->user, sizeof(push->user));
	sodium_memzero(push->password, sizeof(push->password));
	sodium_memzero(push->client.out, sizeof(push->client.out));
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct ftp_push *push = handle->data;

	wipe_secrets(push);
	if (push->done)
		push->done(push->arg, &push->result);
	free(push);
}

static void push_end(struct ftp_push *push)
{
	if (push->state == PUSH_DONE || push->control.state != TCP_STATE_CLOSED ||
		push->data.state != TCP_STATE_CLOSED)
		return;
	push->state = PUSH_DONE;
	uv_close((uv_handle_t *)&push->timer, on_timer_closed);
}

/* A data connection that is not through is closed at once: nobody sends ABOR, which a
 * board would not read (WIRE.md 2.13). The control connection waits for the peer's end
 * of file, so that no reply is met by a reset. */
static void push_leave(struct ftp_push *push)
{
	push->state = PUSH_LEAVING;
	push_leave_buckets(push);
	push_arm(push, LEAVE_MS);
	if (push->shut_told)
		tcp_finish(&push->data);
	else
		tcp_close(&push->data, 0);
	tcp_finish(&push->control);
	push_end(push);
}

/* Progress */

static bool push_streams(const struct ftp_push *push)
{
	return push->state == PUSH_TALKING && push->data.state == TCP_STATE_OPEN &&
	       ftp_client_want(&push->client) == FTP_WANT_DATA;
}

/* Everything is handed over; only acknowledgements are missing. */
static bool push_awaits_ack(const struct ftp_push *push)
{
	return push_streams(push) && push->data.shut && !push->shut_told;
}

/* Tells the client what the peer's TCP has acknowledged, never what our kernel holds. */
static void push_note_progress(struct ftp_push *push)
{
	size_t pending;
	size_t taken_len;

	if (!push_streams(push) || tcp_unacknowledged(&push->data, &pending))
		return;
	taken_len = pending < push->handed_len ? push->handed_len - pending : 0;
	if (taken_len > push->taken_len) {
		push->taken_len = taken_len;
		ftp_client_sent(&push->client, taken_len, push_now(push));
	}
	if (push->data.fin_queued && push->taken_len == push->image_len) {
		push->shut_told = true;
		ftp_client_shut(&push->client, push_now(push));
	}
}

static void push_data_broke(struct ftp_push *push)
{
	tcp_close(&push->data, 0);
	ftp_client_data_error(&push->client, push_now(push));
}

static void push_pump(struct ftp_push *push);

static void on_written(uv_write_t *req, int status);

static void push_send_piece(struct ftp_push *push)
{
	size_t left = push->image_len - push->handed_len;
	uv_buf_t buf;

	if (push->writing)
		return;
	if (left == 0) {
		push_leave_buckets(push);
		tcp_shut(&push->data);
		return;
	}
	if (push->piece_len == 0)
		push_take_turn(push, left < PIECE_LEN ? left : PIECE_LEN);
	if (push->go_ms > push_now(push))
		return;
	buf = uv_buf_init(
		(char *)push->image + push->handed_len, (unsigned)push->piece_len);
	push->write.data = push;
	if (uv_write(&push->write, (uv_stream_t *)&push->data.handle, &buf, 1,
		    on_written)) {
		push_data_broke(push);
		return;
	}
	push->writing = true;
	push->handed_len += push->piece_len;
	push->piece_len = 0;
}

static void on_written(uv_write_t *req, int status)
{
	struct ftp_push *push = req->data;

	push->writing = false;
	if (!push_streams(push))
		return;
	/* A write that failed has left libuv's queue: what of it reached the kernel is not
	 * known, so nothing is counted. */
	if (status)
		push_data_broke(push);
	else
		push_note_progress(push);
	push_pump(push);
}

/* The conversation */

static void push_send_command(struct ftp_push *push)
{
	uint8_t out[sizeof(push->client.out)];
	size_t len;
	int err = 0;

	while (!err && (len = ftp_client_output(&push->client, out, sizeof(out))) > 0)
		err = tcp_send(&push->control, out, len);
	sodium_memzero(out, sizeof(out));
	if (err)
		ftp_client_eof(&push->client, push_now(push));
}

static void push_open_data(struct ftp_push *push)
{
	uint16_t port =
		push->data_port ? push->data_port : ftp_client_port(&push->client);

	if (push->data_tried)
		return;
	push->data_tried = true;
	push->data.send_buffer = SEND_BUFFER;
	/* The address in the 227 may be zero or another network's (WIRE.md 2.6). */
	tcp_open_peer(&push->data, push->timer.loop, &push->control.peer, port);
}

static void push_arm_next(struct ftp_push *push)
{
	int64_t wait_ms = ftp_client_deadline(&push->client) - push_now(push);
	int64_t cap_ms = push_awaits_ack(push) ? ACK_POLL_MS : CADENCE_MS;

	if (push->piece_len > 0 && push->go_ms - push_now(push) < cap_ms)
		cap_ms = push->go_ms - push_now(push);
	push_arm(push, push_streams(push) && cap_ms < wait_ms ? cap_ms : wait_ms);
}

/* Does what the client wants next. */
static void push_pump(struct ftp_push *push)
{
	push_send_command(push);
	if (ftp_client_want(&push->client) == FTP_WANT_CONNECT)
		push_open_data(push);
	else if (push_streams(push))
		push_send_piece(push);
	if (!ftp_client_done(&push->client)) {
		push_arm_next(push);
		return;
	}
	push->result.ftp = *ftp_client_result(&push->client);
	push->result.status = push->result.ftp.status;
	push_leave(push);
}

/* What happens on the control connection */

static void on_control_connected(struct tcp *tcp)
{
	struct ftp_push *push = tcp->owner;
	const struct ftp_request request = {
		.user = push->user,
		.password = push->password,
		.path = push->path,
		.size = push->image_len,
	};

	push->state = PUSH_TALKING;
	ftp_client_start(&push->client, &request, push_now(push));
	push_pump(push);
}

/* The 226 comes over another connection than the acknowledgements and may overtake
 * them: so the account of the data is always settled first. */
static void on_control_input(struct tcp *tcp, const uint8_t *data, size_t len)
{
	struct ftp_push *push = tcp->owner;

	push_note_progress(push);
	ftp_client_input(&push->client, data, len, push_now(push));
	push_pump(push);
}

static void on_control_ended(struct tcp *tcp)
{
	struct ftp_push *push = tcp->owner;

	push_note_progress(push);
	ftp_client_eof(&push->client, push_now(push));
	push_pump(push);
}

static void on_control_closed(struct tcp *tcp, int status)
{
	struct ftp_push *push = tcp->owner;

	if (push->state == PUSH_CONNECTING)
		push->result.status = push->result.ftp.status = status;
	push_end(push);
}

/* What happens on the data connection */

static void on_data_connected(struct tcp *tcp)
{
	struct ftp_push *push = tcp->owner;

	if (push->state != PUSH_TALKING)
		return;
	ftp_client_connected(&push->client, true, push_now(push));
	push_pump(push);
}

static void on_data_input(struct tcp *tcp, const uint8_t *data, size_t len)
{
	struct ftp_push *push = tcp->owner;

	(void)data;
	tcp->drained_len += len;
	if (tcp->drained_len <= TCP_DRAIN_MAX)
		return;
	push_data_broke(push);
	push_pump(push);
}

/* The peer is through with the data: well if it has taken everything, up to our end. A
 * board that ends first has not read what its TCP goes on to acknowledge. */
static void on_data_ended(struct tcp *tcp)
{
	struct ftp_push *push = tcp->owner;

	if (push->state != PUSH_TALKING)
		return;
	push_note_progress(push);
	if (push->shut_told && !tcp->peer_first && tcp->end_status == 0) {
		ftp_client_data_over(&push->client, push_now(push));
		tcp_finish(tcp);
	} else {
		push_data_broke(push);
	}
	push_pump(push);
}

static void on_data_closed(struct tcp *tcp, int status)
{
	struct ftp_push *push = tcp->owner;

	if (push->state == PUSH_TALKING && status) {
		ftp_client_connected(&push->client, false, push_now(push));
		push_pump(push);
	}
	push_end(push);
}

static void on_timer(uv_timer_t *timer)
{
	struct ftp_push *push = timer->data;

	switch (push->state) {
	case PUSH_CONNECTING:
		tcp_close(&push->control, -ETIMEDOUT);
		break;
	case PUSH_TALKING:
		push_note_progress(push);
		ftp_client_tick(&push->client, push_now(push));
		push_pump(push);
		break;
	case PUSH_LEAVING:
		tcp_close(&push->data, 0);
		tcp_close(&push->control, 0);
		break;
	case PUSH_DONE:
		break;
	}
}

/* The beginning */

static bool copy_text(char *to, size_t cap, const char *from)
{
	return from && wipy_text_copy(to, cap, from, strlen(from));
}

static bool push_copy_request(
	struct ftp_push *push, const struct ftp_push_request *request)
{
	push->data_port = request->data_port;
	push->image = request->data;
	push->image_len = request->len;
	memcpy(push->bucket, request->bucket, sizeof(push->bucket));
	return copy_text(push->user, sizeof(push->user), request->user) &&
	       copy_text(push->password, sizeof(push->password), request->password) &&
	       copy_text(push->path, sizeof(push->path), request->path);
}

struct ftp_push *ftp_push_start(uv_loop_t *loop, const struct ftp_push_request *request,
	ftp_push_fn done, void *arg)
{
	static const struct tcp_hooks control = {on_control_connected, on_control_input,
		on_control_ended, on_control_closed};
	static const struct tcp_hooks data = {
		on_data_connected, on_data_input, on_data_ended, on_data_closed};
	struct ftp_push *push = calloc(1, sizeof(*push));

	/* As in board_link_start(). */
	if (!push)
		abort();
	push->done = done;
	push->arg = arg;
	(void)uv_timer_init(loop, &push->timer);
	push->timer.data = push;
	tcp_init(&push->control, &control, push, push->control_in,
		sizeof(push->control_in));
	tcp_init(&push->data, &data, push, push->data_in, sizeof(push->data_in));
	if (!push_copy_request(push, request)) {
		push->result.status = push->result.ftp.status = -EINVAL;
		push_end(push);
		return push;
	}
	push_arm(push, CONNECT_MS);
	tcp_open(&push->control, loop, request->address, request->port);
	return push;
}

size_t ftp_push_taken(const struct ftp_push *push)
{
	return push->taken_len;
}

void ftp_push_cancel(struct ftp_push *push)
{
	push->done = NULL;
	push_leave_buckets(push);
	wipe_secrets(push);
	if (push->state == PUSH_DONE)
		return;
	push->state = PUSH_LEAVING;
	(void)uv_timer_stop(&push->timer);
	tcp_abandon(&push->data);
	tcp_abandon(&push->control);
}
