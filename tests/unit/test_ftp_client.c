/* SPDX-License-Identifier: MIT
 *
 * Uploads played from scripts: replies of a board, commands that must go out, news of
 * the data connection, time. Each script runs whole and byte by byte, and the password
 * may not stay in the client once it has been taken.
 */
#include <errno.h>

#include "common/ftp_client.h"
#include "tests/tap.h"

#define SIZE 1000

enum kind {
	END,
	BOARD,  /* bytes from the board */
	CLIENT, /* exactly this has to be taken in one output */
	WANT,   /* the client asks for this, says nothing, is not done */
	WAIT,   /* time passes; a tick */
	HANGUP, /* the board closes the control connection */
	CONNECTED,
	SENT,
	SHUT,
	OVER,
	BROKEN, /* the data connection */
	DRIP,   /* so many times: 4 s pass, one more byte is acknowledged */
};

struct event {
	enum kind kind;
	const char *bytes;
	int64_t number;
};

#define S(text)                                                                        \
	{                                                                              \
		BOARD, text "\r\n", 0                                                  \
	}
#define RAW(text)                                                                      \
	{                                                                              \
		BOARD, text, 0                                                         \
	}
#define C(text)                                                                        \
	{                                                                              \
		CLIENT, text "\r\n", 0                                                 \
	}
#define WANTS(what)                                                                    \
	{                                                                              \
		WANT, NULL, FTP_WANT_##what                                            \
	}
#define W(ms)                                                                          \
	{                                                                              \
		WAIT, NULL, ms                                                         \
	}
#define HUP                                                                            \
	{                                                                              \
		HANGUP, NULL, 0                                                        \
	}
#define CONN(ok)                                                                       \
	{                                                                              \
		CONNECTED, NULL, ok                                                    \
	}
#define TAKEN(len)                                                                     \
	{                                                                              \
		SENT, NULL, len                                                        \
	}
#define TRICKLE(times)                                                                 \
	{                                                                              \
		DRIP, NULL, times                                                      \
	}
#define ALL_TAKEN                                                                      \
	{                                                                              \
		SHUT, NULL, 0                                                          \
	}
#define DATA_OVER                                                                      \
	{                                                                              \
		OVER, NULL, 0                                                          \
	}
#define DATA_BROKEN                                                                    \
	{                                                                              \
		BROKEN, NULL, 0                                                        \
	}

struct script {
	const char *name;
	int status;
	enum ftp_phase phase;
	bool touched, complete;
	size_t taken_len;
	const char *reply;
	struct event events[40];
};

#define X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

#define LOGIN                                                                          \
	S("220 Micropython FTP Server"), C("USER micro"), S("331 "), C("PASS s3cret"), \
		S("230 ")
#define PASSIVE LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("227 (192,168,1,1,7,232)")
#define STORING PASSIVE, WANTS(CONNECT), CONN(true), C("STOR /flash/sys/mcuimg.bin")
#define SENDING STORING, WANTS(NOTHING), S("150 "), WANTS(DATA)

static const struct script scripts[] = {
	{"complete", 0, FTP_DONE, true, true, SIZE, "226 ",
		{SENDING, TAKEN(400), TAKEN(SIZE), ALL_TAKEN, WANTS(NOTHING), W(29999),
			WANTS(NOTHING), DATA_OVER, S("226 "), C("QUIT"), WANTS(NOTHING),
			S("221 ")}},
	{"complete, no farewell in time", 0, FTP_DONE, true, true, SIZE, "226 ",
		{SENDING, ALL_TAKEN, DATA_OVER, S("226 "), C("QUIT"), W(5000)}},
	{"complete, closed instead of a farewell", 0, FTP_DONE, true, true, SIZE,
		"226 ", {SENDING, ALL_TAKEN, DATA_OVER, S("226 "), C("QUIT"), HUP}},
	{"complete, farewell is nonsense", 0, FTP_DONE, true, true, SIZE, "226 ",
		{SENDING, ALL_TAKEN, DATA_OVER, S("226 "), C("QUIT"), S("bye")}},
	{"complete, a farewell of many lines", 0, FTP_DONE, true, true, SIZE, "226 ",
		{SENDING, ALL_TAKEN, DATA_OVER, S("226 "), C("QUIT"), S("221-Good")}},
	{"226 overtakes the last acknowledgement", 0, FTP_DONE, true, true, SIZE,
		"226 ",
		{SENDING, TAKEN(900), S("226 "), W(1999), WANTS(DATA), ALL_TAKEN,
			DATA_OVER, C("QUIT"), S("221 ")}},
	{"226 overtakes the end of the data connection", 0, FTP_DONE, true, true, SIZE,
		"226 ",
		{SENDING, ALL_TAKEN, S("226 "), W(1999), WANTS(NOTHING), DATA_OVER,
			C("QUIT"), S("221 ")}},
	{"226, and the data connection is left open", 0, FTP_DONE, true, true, SIZE,
		"226 ",
		{SENDING, ALL_TAKEN, S("226 "), W(1999), WANTS(NOTHING), W(1),
			C("QUIT"), S("221 ")}},
	{"other servers' texts", 0, FTP_DONE, true, true, SIZE, "250 Done.",
		{S("220-Welcome"), S("220 not the end:"), C("USER micro"),
			S("230 Logged in."), C("TYPE I"), S("200 OK"), C("PASV"),
			S("227 Entering Passive Mode (10,0,0,7,52,21)."), CONN(true),
			C("STOR /flash/sys/mcuimg.bin"),
			S("125 Opened data connection."), ALL_TAKEN, DATA_OVER,
			S("250 Done."), C("QUIT"), S("221 Bye.")}},
	{"a reply of many lines", WIPY_E_FTP_REPLY, FTP_USER, false, false, 0, "500",
		{S("220 "), C("USER micro"), S("500-first"), S("331 "), S("500-more"),
			S(""), S("text"), S("501 other"), WANTS(NOTHING),
			S("500 end")}},
	{"LF alone, no text", WIPY_E_LOGIN_REFUSED, FTP_PASS, false, false, 0, "530",
		{RAW("220\n"), C("USER micro"), RAW("331\n"), C("PASS s3cret"),
			RAW("530\n")}},

	/* busy */
	{"no greeting in time", WIPY_E_FTP_BUSY, FTP_GREETING, false, false, 0, "",
		{W(9999), WANTS(NOTHING), W(1)}},
	{"closed before the greeting", WIPY_E_FTP_BUSY, FTP_GREETING, false, false, 0,
		"", {HUP}},
	{"too many users", WIPY_E_FTP_BUSY, FTP_GREETING, false, false, 0,
		"421 Too many users", {S("421 Too many users")}},
	{"greeting refused", WIPY_E_FTP_REPLY, FTP_GREETING, false, false, 0, "554 no",
		{S("554 no")}},
	{"not an FTP server", WIPY_E_GARBAGE, FTP_GREETING, false, false, 0,
		"HTTP/1.1 400 Bad Request", {S("HTTP/1.1 400 Bad Request")}},
	{"an unprintable line", WIPY_E_GARBAGE, FTP_GREETING, false, false, 0, ".[2J.",
		{RAW("\033[2J\xff\r\n")}},
	{"a code of two digits", WIPY_E_GARBAGE, FTP_GREETING, false, false, 0, "22 x",
		{S("22 x")}},
	{"a code of four digits", WIPY_E_GARBAGE, FTP_GREETING, false, false, 0, "2200",
		{S("2200")}},

	/* login */
	{"wrong password", WIPY_E_LOGIN_REFUSED, FTP_PASS, false, false, 0, "530",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"), S("530 ")}},
	{"user refused", WIPY_E_LOGIN_REFUSED, FTP_USER, false, false, 0, "530",
		{S("220 "), C("USER micro"), S("530 ")}},
	{"login forgotten", WIPY_E_LOGIN_REFUSED, FTP_TYPE, false, false, 0, "332",
		{LOGIN, C("TYPE I"), S("332 ")}},
	{"no answer to USER", WIPY_E_NO_ANSWER, FTP_USER, false, false, 0, "220 ",
		{S("220 "), C("USER micro"), W(9999), WANTS(NOTHING), W(1)}},
	{"closed after USER", WIPY_E_CLOSED, FTP_USER, false, false, 0, "220 ",
		{S("220 "), C("USER micro"), HUP}},
	{"an answer before the question", WIPY_E_GARBAGE, FTP_USER, false, false, 0,
		"331", {S("220 "), S("331 ")}},

	/* a server that echoes what it was told: of a login only the code is kept */
	{"password in the refusal of PASS", WIPY_E_LOGIN_REFUSED, FTP_PASS, false,
		false, 0, "530",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"),
			S("530 not s3cret")}},
	{"password in the refusal of USER", WIPY_E_FTP_REPLY, FTP_USER, false, false, 0,
		"501", {S("220 "), C("USER micro"), S("501-s3cret"), S("501 s3cret")}},
	{"password in the consent", WIPY_E_CLOSED, FTP_TYPE, false, false, 0, "230",
		{S("220 "), C("USER micro"), S("331 s3cret"), C("PASS s3cret"),
			S("230-s3cret"), S("s3cret"), S("230 s3cret"), C("TYPE I"),
			HUP}},
	{"password in a consent that breaks off", WIPY_E_CLOSED, FTP_PASS, false, false,
		0, "230",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"),
			S("230-s3cret"), HUP}},
	{"password in a consent without an end", WIPY_E_NO_ANSWER, FTP_PASS, false,
		false, 0, "230",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"),
			S("230-s3cret"), W(10000)}},
	{"password after the consent", WIPY_E_GARBAGE, FTP_TYPE, false, false, 0, "",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"),
			RAW("230 \r\ns3cret\r\n")}},
	{"password in a late part of the consent", WIPY_E_FTP_REPLY, FTP_TYPE, false,
		false, 0, "230",
		{LOGIN, S("230-"), C("TYPE I"), S("s3cret"), S("230 s3cret")}},
	{"password without a code", WIPY_E_GARBAGE, FTP_PASS, false, false, 0, "",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"), S("s3cret")}},
	{"password without an end", WIPY_E_TOO_LONG, FTP_PASS, false, false, 0, "530",
		{S("220 "), C("USER micro"), S("331 "), C("PASS s3cret"),
			RAW("530 s3cret " X32 X32 X32 X32)}},

	/* before STOR */
	{"TYPE refused", WIPY_E_FTP_REPLY, FTP_TYPE, false, false, 0, "502",
		{LOGIN, C("TYPE I"), S("502 ")}},
	{"PASV refused", WIPY_E_FTP_REPLY, FTP_PASV, false, false, 0, "425 ",
		{LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("425 ")}},
	{"PASV with five numbers", WIPY_E_GARBAGE, FTP_PASV, false, false, 0,
		"227 (1,2,3,4,5)",
		{LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("227 (1,2,3,4,5)")}},
	{"PASV with a number above 255", WIPY_E_GARBAGE, FTP_PASV, false, false, 0,
		"227 (1,2,3,4,256,1)",
		{LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("227 (1,2,3,4,256,1)")}},
	{"PASV with port 0", WIPY_E_GARBAGE, FTP_PASV, false, false, 0,
		"227 (1,2,3,4,0,0)",
		{LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("227 (1,2,3,4,0,0)")}},
	{"PASV without numbers", WIPY_E_GARBAGE, FTP_PASV, false, false, 0, "227",
		{LOGIN, C("TYPE I"), S("200 "), C("PASV"), S("227")}},
	{"data connection refused", WIPY_E_NO_ANSWER, FTP_CONNECT, false, false, 0,
		"227 (192,168,1,1,7,232)", {PASSIVE, WANTS(CONNECT), CONN(false)}},
	{"data connection broken at once", WIPY_E_NO_ANSWER, FTP_CONNECT, false, false,
		0, "227 (192,168,1,1,7,232)", {PASSIVE, DATA_BROKEN}},
	{"data connection takes too long", WIPY_E_NO_ANSWER, FTP_CONNECT, false, false,
		0, "227 (192,168,1,1,7,232)", {PASSIVE, W(1999), WANTS(CONNECT), W(1)}},
	{"refused while connecting", WIPY_E_FTP_REPLY, FTP_CONNECT, false, false, 0,
		"426 ", {PASSIVE, S("426 ")}},

	/* from STOR on the board may have been changed */
	{"STOR refused", WIPY_E_FTP_REPLY, FTP_STOR, true, false, 0, "550 ",
		{STORING, S("550 ")}},
	{"no 150", WIPY_E_NO_ANSWER, FTP_STOR, true, false, 0,
		"227 (192,168,1,1,7,232)", {STORING, W(9999), WANTS(NOTHING), W(1)}},
	{"closed after STOR", WIPY_E_FTP_BROKEN, FTP_STOR, true, false, 0,
		"227 (192,168,1,1,7,232)", {STORING, HUP}},
	{"data broken before 150", WIPY_E_FTP_BROKEN, FTP_STOR, true, false, 0, "150 ",
		{STORING, DATA_BROKEN, S("150 ")}},
	{"data broken before 150, no word", WIPY_E_FTP_BROKEN, FTP_STOR, true, false, 0,
		"227 (192,168,1,1,7,232)", {STORING, DATA_BROKEN, W(2000)}},
	{"226 instead of 150", WIPY_E_GARBAGE, FTP_STOR, true, false, 0, "226 ",
		{STORING, S("226 ")}},
	{"stalled at once", WIPY_E_FTP_STALLED, FTP_DATA, true, false, 0, "150 ",
		{SENDING, W(4999), WANTS(DATA), W(1)}},
	{"stalled later", WIPY_E_FTP_STALLED, FTP_DATA, true, false, 600, "150 ",
		{SENDING, W(4999), TAKEN(500), W(4999), TAKEN(600), W(3000), TAKEN(600),
			W(1999), WANTS(DATA), W(1)}},
	{"the board says it stalled", WIPY_E_FTP_STALLED, FTP_DATA, true, false, 500,
		"426 ", {SENDING, TAKEN(500), S("426 ")}},
	{"too large for the board", WIPY_E_FTP_REPLY, FTP_DATA, true, false, 900,
		"451 ", {SENDING, TAKEN(900), S("451 ")}},
	{"the board gives up", WIPY_E_FTP_REPLY, FTP_DATA, true, false, 900, "550 ",
		{SENDING, TAKEN(900), S("550 ")}},
	{"reset of the data connection, then its reason", WIPY_E_FTP_REPLY, FTP_DATA,
		true, false, 900, "451 ",
		{SENDING, TAKEN(900), DATA_BROKEN, WANTS(NOTHING), S("451 ")}},
	{"reset of the data connection, then 226", WIPY_E_FTP_BROKEN, FTP_DATA, true,
		false, 900, "226 ", {SENDING, TAKEN(900), DATA_BROKEN, S("226 ")}},
	{"reset of the data connection, then nothing", WIPY_E_FTP_BROKEN, FTP_DATA,
		true, false, 900, "150 ",
		{SENDING, TAKEN(900), DATA_BROKEN, TAKEN(950), ALL_TAKEN, W(1999),
			WANTS(NOTHING), W(1)}},
	{"226 before all was taken", WIPY_E_FTP_BROKEN, FTP_DATA, true, false, 950,
		"226 ",
		{SENDING, TAKEN(900), S("226 "), W(1000), TAKEN(950), S("226 again"),
			W(999), WANTS(DATA), W(1)}},
	{"226 before all was taken, then a reset", WIPY_E_FTP_BROKEN, FTP_DATA, true,
		false, 900, "226 ", {SENDING, TAKEN(900), S("226 "), DATA_BROKEN}},
	{"control connection ends midway", WIPY_E_FTP_BROKEN, FTP_DATA, true, false,
		500, "150 ", {SENDING, TAKEN(500), HUP}},
	{"no 226", WIPY_E_NO_ANSWER, FTP_END, true, false, SIZE, "150 ",
		{SENDING, ALL_TAKEN, W(29999), WANTS(NOTHING), W(1)}},
	{"all acknowledged, then a reset, then 226", WIPY_E_FTP_BROKEN, FTP_END, true,
		false, SIZE, "226 ",
		{SENDING, ALL_TAKEN, DATA_BROKEN, WANTS(NOTHING), S("226 ")}},
	{"all acknowledged, 226, then a reset", WIPY_E_FTP_BROKEN, FTP_END, true, false,
		SIZE, "226 ", {SENDING, ALL_TAKEN, S("226 "), DATA_BROKEN}},
	{"all acknowledged, then a reset, then nothing", WIPY_E_FTP_BROKEN, FTP_END,
		true, false, SIZE, "150 ",
		{SENDING, ALL_TAKEN, DATA_BROKEN, W(1999), WANTS(NOTHING), W(1)}},
	{"control connection ends before 226", WIPY_E_FTP_BROKEN, FTP_END, true, false,
		SIZE, "150 ", {SENDING, ALL_TAKEN, HUP}},
	{"refused at the end", WIPY_E_FTP_REPLY, FTP_END, true, false, SIZE, "451 ",
		{SENDING, ALL_TAKEN, S("451 ")}},
	{"a byte every 4 s, for 5 minutes", WIPY_E_FTP_STALLED, FTP_DATA, true, false,
		75, "150 ",
		{SENDING, TRICKLE(74), W(3999), TAKEN(75), WANTS(DATA), W(1)}},
	{"5 minutes include the wait for 150", WIPY_E_FTP_STALLED, FTP_DATA, true,
		false, 73, "150 ",
		{STORING, W(9000), S("150 "), TRICKLE(72), W(2999), TAKEN(73),
			WANTS(DATA), W(1)}},
	{"5 minutes include the wait for 226", WIPY_E_FTP_STALLED, FTP_END, true, false,
		SIZE, "150 ",
		{SENDING, TRICKLE(74), ALL_TAKEN, W(3999), WANTS(NOTHING), W(1)}},
	{"5 minutes end at the 226", 0, FTP_DONE, true, true, SIZE, "226 ",
		{SENDING, TRICKLE(74), ALL_TAKEN, W(3999), DATA_OVER, S("226 "),
			C("QUIT"), W(4999), WANTS(NOTHING), S("221 ")}},
	{"reset of the data connection at the end of 5 minutes", WIPY_E_FTP_BROKEN,
		FTP_DATA, true, false, 74, "150 ",
		{SENDING, TRICKLE(74), W(3000), DATA_BROKEN, W(999), WANTS(NOTHING),
			W(1)}},
	{"150 twice", WIPY_E_GARBAGE, FTP_DATA, true, false, 0, "150 ",
		{SENDING, S("150 ")}},
	{"more acknowledged than sent", WIPY_E_FTP_STALLED, FTP_DATA, true, false, SIZE,
		"150 ", {SENDING, TAKEN(SIZE + 5), W(5000)}},
};

struct player {
	struct ftp_client client;
	int64_t now_ms;
	size_t piece_len;
	char trouble[80]; /* the first thing that went wrong */
};

static void complain(struct player *p, const char *what)
{
	if (p->trouble[0] == '\0')
		snprintf(p->trouble, sizeof(p->trouble), "%s", what);
}

static bool holds(const void *at, size_t len, const char *text)
{
	const char *bytes = at;

	for (size_t i = 0; i + strlen(text) <= len; i++)
		if (memcmp(bytes + i, text, strlen(text)) == 0)
			return true;
	return false;
}

static void play_board(struct player *p, const char *bytes)
{
	size_t all = strlen(bytes);

	for (size_t at = 0; at < all; at += p->piece_len) {
		size_t len = all - at < p->piece_len ? all - at : p->piece_len;

		ftp_client_input(
			&p->client, (const uint8_t *)bytes + at, len, p->now_ms);
	}
}

static void play_client(struct player *p, const char *bytes)
{
	uint8_t out[256];
	size_t len = ftp_client_output(&p->client, out, sizeof(out));

	if (len != strlen(bytes) || memcmp(out, bytes, len) != 0)
		complain(p, bytes);
	if (holds(&p->client, sizeof(p->client), "s3cret"))
		complain(p, "the password stayed in the client");
}

static void play_time(struct player *p, int64_t ms)
{
	p->now_ms += ms;
	if (p->now_ms >= ftp_client_deadline(&p->client))
		ftp_client_tick(&p->client, p->now_ms);
}

static void play_drip(struct player *p, int64_t times)
{
	for (int64_t i = 1; i <= times; i++) {
		play_time(p, 4000);
		ftp_client_sent(&p->client, (size_t)i, p->now_ms);
	}
}

static void play(struct player *p, const struct event *e)
{
	uint8_t out[256];

	switch (e->kind) {
	case BOARD:
		play_board(p, e->bytes);
		return;
	case CLIENT:
		play_client(p, e->bytes);
		return;
	case WANT:
		if (ftp_client_done(&p->client) ||
			(int64_t)ftp_client_want(&p->client) != e->number ||
			ftp_client_output(&p->client, out, sizeof(out)) > 0)
			complain(p, "wants something else");
		return;
	case WAIT:
		play_time(p, e->number);
		return;
	case HANGUP:
		ftp_client_eof(&p->client, p->now_ms);
		return;
	case CONNECTED:
		ftp_client_connected(&p->client, e->number != 0, p->now_ms);
		return;
	case SENT:
		ftp_client_sent(&p->client, (size_t)e->number, p->now_ms);
		return;
	case SHUT:
		ftp_client_shut(&p->client, p->now_ms);
		return;
	case OVER:
		ftp_client_data_over(&p->client, p->now_ms);
		return;
	case BROKEN:
		ftp_client_data_error(&p->client, p->now_ms);
		return;
	case DRIP:
		play_drip(p, e->number);
		return;
	case END:
		return;
	}
}

static const struct ftp_request good_request = {
	.user = "micro",
	.password = "s3cret",
	.path = "/flash/sys/mcuimg.bin",
	.size = SIZE,
};

static void run(const struct script *s, size_t piece_len)
{
	struct player p = {.now_ms = 100000, .piece_len = piece_len};
	const struct ftp_result *r;
	uint8_t out[256];

	ftp_client_start(&p.client, &good_request, p.now_ms);
	for (const struct event *e = s->events; e->kind != END; e++)
		play(&p, e);
	r = ftp_client_result(&p.client);
	if (!ftp_client_done(&p.client) ||
		ftp_client_want(&p.client) != FTP_WANT_CLOSE ||
		ftp_client_output(&p.client, out, sizeof(out)) > 0)
		complain(&p, "not closed and silent at the end");
	if (holds(r, sizeof(*r), "s3cret"))
		complain(&p, "the password is in the result");
	if (!tap_ok(p.trouble[0] == '\0' && r->status == s->status &&
			    r->phase == s->phase && r->touched == s->touched &&
			    r->complete == s->complete &&
			    r->taken_len == s->taken_len &&
			    strcmp(r->reply, s->reply) == 0,
		    "%s, pieces of %zu", s->name, piece_len))
		printf("# trouble: %s; status %d phase %s touched %d complete %d taken "
		       "%zu reply \"%s\"\n",
			p.trouble, r->status, ftp_phase_name(r->phase), r->touched,
			r->complete, r->taken_len, r->reply);
}

static const struct {
	const char *name;
	const char *user, *password, *path;
	size_t size;
	int status; /* 1: goes on */
} requests[] = {
	{"good", "micro", "python", "/flash/sys/mcuimg.bin", 1, 1},
	{"longest path", "micro", "python",
		"/" X32 X32 X32 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 1, 1},
	{"relative path", "micro", "python", "flash/sys/mcuimg.bin", 1, -EINVAL},
	{"path with a blank", "micro", "python", "/flash/sys/mcu img.bin", 1, -EINVAL},
	{"path with a line end", "micro", "python", "/flash\r\nDELE x", 1, -EINVAL},
	{"path too long", "micro", "python", "/" X32 X32 X32 X32, 1, -EINVAL},
	{"no path", "micro", "python", NULL, 1, -EINVAL},
	{"nothing to send", "micro", "python", "/x", 0, -EINVAL},
	{"no user", NULL, "python", "/x", 1, WIPY_E_LOGIN_REFUSED},
	{"empty password", "micro", "", "/x", 1, WIPY_E_LOGIN_REFUSED},
	{"user with a line end", "micro\r\n", "python", "/x", 1, WIPY_E_LOGIN_REFUSED},
};

static void test_requests(void)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct ftp_request request = {
			.user = requests[i].user,
			.password = requests[i].password,
			.path = requests[i].path,
			.size = requests[i].size,
		};
		struct ftp_client c;

		ftp_client_start(&c, &request, 0);
		EQ_INT(c.done ? c.result.status : 1, requests[i].status,
			requests[i].name);
	}
}

static void test_longest(void)
{
	char path[FTP_PATH_MAX + 1] = "/";
	uint8_t out[256];
	struct ftp_request request = good_request;
	struct player p = {.piece_len = 1};

	memset(path + 1, 'p', sizeof(path) - 2);
	request.path = path;
	ftp_client_start(&p.client, &request, 0);
	for (const struct event *e =
			(const struct event[]){PASSIVE, CONN(true), {END, NULL, 0}};
		e->kind != END; e++)
		play(&p, e);
	EQ_INT((int64_t)ftp_client_output(&p.client, out, 20), 0,
		"no part of a command");
	EQ_INT((int64_t)ftp_client_output(&p.client, out, sizeof(out)),
		FTP_PATH_MAX + 7, "the longest path goes out whole");
	OK(memcmp(out, "STOR /ppp", 9) == 0 &&
			memcmp(out + FTP_PATH_MAX + 4, "p\r\n", 3) == 0,
		"the longest path goes out whole");
	EQ_INT(ftp_client_port(&p.client), 2024, "port of 227");
}

static void test_long_reply(void)
{
	uint8_t noise[FTP_REPLY_MAX + 1];
	struct ftp_client c;

	memset(noise, '2', sizeof(noise));
	ftp_client_start(&c, &good_request, 0);
	ftp_client_input(&c, noise, FTP_REPLY_MAX - 1, 0);
	OK(!c.done, "a reply line may be long");
	ftp_client_input(&c, noise, 1, 0);
	OK(c.done && c.result.status == WIPY_E_TOO_LONG, "a reply line without an end");
	EQ_INT((int64_t)strlen(c.result.reply), FTP_REPLY_MAX - 1, "its start is kept");
	EQ_INT(ftp_client_deadline(&c), INT64_MAX, "no deadline when done");
	EQ_STR(ftp_phase_name(c.result.phase), "greeting", "phase name");
	EQ_STR(ftp_phase_name((enum ftp_phase)99), "unknown", "no such phase");
}

/* A reply of ever more lines, each of them in order. */
static void test_endless_reply(void)
{
	static const char line[] = "220-hello\r\n";
	struct ftp_client c;
	size_t heard = 0;

	ftp_client_start(&c, &good_request, 0);
	for (; !c.done && heard < 10 * FTP_TALK_MAX; heard += sizeof(line) - 1)
		ftp_client_input(&c, (const uint8_t *)line, sizeof(line) - 1, 0);
	OK(c.done && heard < FTP_TALK_MAX + sizeof(line), "a reply without an end");
	EQ_INT(c.result.status, WIPY_E_TOO_LONG, "a reply without an end");
	OK(!c.result.touched, "a reply without an end: the board is as it was");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		run(&scripts[i], 1000);
		run(&scripts[i], 1);
	}
	test_requests();
	test_longest();
	test_long_reply();
	test_endless_reply();
	return tap_done();
}
