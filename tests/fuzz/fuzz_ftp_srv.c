/* SPDX-License-Identifier: MIT
 *
 * The FTP server of a board against any client: commands, segments, data connections
 * that come, stall, reset and stay full, time that passes, the radio. The first byte
 * chooses the family and whether the client is logged in; then each step is a byte that
 * says what happens, and what it needs. Behind it all the server must still serve,
 * unless the trap of WIRE.md 0.4 on 2.11 has killed it as it does on a board.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/fw_machine.h"

#define CONNS     6
#define CONTROLS  3 /* the first ones of them; the others are data connections */
#define IMAGE_LEN 4096
#define LONG_NAME                                                                      \
	"/flash/"                                                                      \
	"0123456789012345678901234567890123456789012345678901234567890123456789"

struct client {
	struct machine *machine;
	int conns[CONNS];  /* -1: none */
	int control, data; /* places in conns of the last ones made */
};

struct input {
	const uint8_t *at;
	size_t left;
};

static uint8_t next(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

/* What makes up commands that go deep. */
static const char *const verbs[] = {"USER ", "PASS ", "QUIT", "CDUP", "CWD ", "DELE ",
	"FEAT", "LIST", "MDTM ", "MKD ", "NOOP", "PASV", "PWD", "RETR ", "RMD ",
	"RNFR ", "RNTO ", "SIZE ", "STOR ", "SYST", "TYPE I", "XPWD", "ABOR",
	"OPTIONS "};
static const char *const names[] = {"micro", "python", "/flash", "/", "..", "main.py",
	"/flash/main.py", "/flash/boot.py", "lib", "lib/a", "/flash/lib/a", "sys",
	"/flash/sys/mcuimg.bin", "mcuimg.bin/", "/flash/cert/ca.pem",
	"/flash/sys/servicepack.sig", "a b", "b", "/flash/sys/confirm", "//", "",
	LONG_NAME};

/* ---- the machine ---------------------------------------------------------------- */

/* One machine serves all inputs: its flash is erased, its handles are freed. */
static struct machine *fresh_machine(const struct wipy_personality *personality)
{
	static const size_t kept[HAL_AREA_COUNT] = {[HAL_AREA_FACTORY] = 1};
	static struct machine *machine;
	static uint8_t image[IMAGE_LEN];

	if (!machine) {
		machine = machine_new();
		machine_make_image(image, sizeof(image), "v1.8.7");
		machine_install(machine, HAL_AREA_FACTORY, image, sizeof(image));
	}
	for (int i = 0; i < MACHINE_HANDLES; i++)
		machine->hal.handles[i].use = MACHINE_FREE;
	for (int i = 0; i < HAL_AREA_COUNT; i++)
		if (!kept[i])
			memset(machine->hal.flash[i], 0xFF,
				hal_flash_size(&machine->hal, (enum hal_area)i));
	machine->hal.single_bytes = false;
	machine->hal.misused = false;
	machine_boot(machine);
	machine->board.personality = personality;
	return machine;
}

/* ---- the client ----------------------------------------------------------------- */

static bool is_open(const struct client *client, int place)
{
	return client->conns[place] >= 0 &&
	       !machine_ended(client->machine, client->conns[place]);
}

static void forget_ended(struct client *client)
{
	for (int i = 0; i < CONNS; i++)
		if (client->conns[i] >= 0 && !is_open(client, i)) {
			machine_drop(client->machine, client->conns[i]);
			client->conns[i] = -1;
		}
}

/* Returns the place of a new connection, or `otherwise`. */
static int connect_to(struct client *client, uint16_t port, int otherwise)
{
	int from = port == 21 ? 0 : CONTROLS, to = port == 21 ? CONTROLS : CONNS;

	forget_ended(client);
	for (int i = from; i < to; i++)
		if (client->conns[i] < 0) {
			client->conns[i] = machine_connect(client->machine, port);
			return client->conns[i] >= 0 ? i : otherwise;
		}
	return otherwise;
}

static void send_to(struct client *client, int place, const void *bytes, size_t len)
{
	const struct machine_handle *handle;

	if (!is_open(client, place) || len == 0)
		return;
	handle = &client->machine->hal.handles[client->conns[place]];
	if (!handle->client_shut && handle->segment_count < MACHINE_SEGMENTS - 1 &&
		handle->in_len + len < MACHINE_IN_MAX)
		machine_send(client->machine, client->conns[place], bytes, len);
}

static void say(struct client *client, const char *verb, const char *name)
{
	char line[256];

	snprintf(line, sizeof(line), "%s%s\r\n", verb, name);
	send_to(client, client->control, line, strlen(line));
}

/* Takes everything that has come. */
static void hear(struct client *client)
{
	for (int i = 0; i < CONNS; i++)
		if (client->conns[i] >= 0)
			machine_hear(client->machine, client->conns[i]);
}

static void log_in(struct client *client)
{
	client->control = connect_to(client, 21, client->control);
	machine_run(client->machine, 5);
	say(client, "USER ", "micro");
	machine_run(client->machine, 5);
	say(client, "PASS ", "python");
	machine_run(client->machine, 5);
}

static void end_one(struct client *client, int place, bool resets)
{
	if (!is_open(client, place))
		return;
	if (resets)
		machine_reset_conn(client->machine, client->conns[place]);
	else
		machine_shut(client->machine, client->conns[place]);
}

static void send_raw(struct client *client, struct input *input, bool ended)
{
	char line[258];
	size_t len = next(input);

	if (len > input->left)
		len = input->left;
	memcpy(line, input->at, len);
	input->at += len;
	input->left -= len;
	memcpy(line + len, "\r\n", 2);
	send_to(client, client->control, line, len + (ended ? 2 : 0));
}

static void send_bulk(struct client *client, struct input *input)
{
	static uint8_t bulk[16 * 1024];
	size_t len = (size_t)next(input) * 64 + next(input) % 64;

	memset(bulk, (int)len, len);
	send_to(client, client->data, bulk, len);
}

static void toggle_full(struct client *client, int place)
{
	struct machine_handle *handle;

	if (!is_open(client, place))
		return;
	handle = &client->machine->hal.handles[client->conns[place]];
	handle->full = !handle->full;
}

static void step(struct client *client, struct input *input)
{
	struct machine *machine = client->machine;
	uint8_t what = next(input);

	switch (what % 16) {
	case 0:
	case 1:
		send_raw(client, input, what % 16 == 1);
		break;
	case 2:
		say(client, "PASV", "");
		machine_run(machine, 5);
		client->data = connect_to(client, 2024, client->data);
		break;
	case 3:
		client->data = connect_to(client, 2024, client->data);
		break;
	case 4:
		send_bulk(client, input);
		break;
	case 5:
	case 6:
		end_one(client, client->data, what % 16 == 6);
		break;
	case 7:
		toggle_full(client, what & 16 ? client->control : client->data);
		break;
	case 8:
		machine_run(machine, next(input) * (what & 16 ? 50 : 1));
		break;
	case 9:
	case 10:
		end_one(client, client->control, what % 16 == 10);
		break;
	case 11:
		log_in(client);
		break;
	case 12:
		hear(client);
		break;
	case 13:
		machine->hal.wlan.events++;
		break;
	case 14:
		machine->hal.single_bytes = !machine->hal.single_bytes;
		break;
	default:
		what = next(input);
		say(client, verbs[what % (sizeof(verbs) / sizeof(verbs[0]))],
			names[next(input) % (sizeof(names) / sizeof(names[0]))]);
		machine_run(machine, 5);
		break;
	}
}

/* ---- what must hold ------------------------------------------------------------- */

static void check(const struct machine *machine)
{
	const struct ftp_srv *srv = &machine->board.ftp;

	FUZZ_CHECK(!machine->hal.misused);
	FUZZ_CHECK(memchr(srv->folder, '\0', FILES_PATH_MAX) != NULL);
	FUZZ_CHECK(srv->control < 0 || srv->folder[0] == '/');
	FUZZ_CHECK(srv->out.len <= sizeof(srv->out_bytes));
	FUZZ_CHECK(srv->block_at + srv->block_len <= sizeof(srv->block));
	FUZZ_CHECK(srv->data_state != FTP_SRV_DATA_LISTEN || srv->data_listener >= 0);
	FUZZ_CHECK(srv->transfer == FTP_SRV_IDLE || srv->data >= 0);
}

/* Everybody leaves; whoever comes next must be served. */
static void check_served(struct client *client)
{
	struct machine *machine = client->machine;

	machine->hal.single_bytes = false;
	for (int i = 0; i < CONNS; i++) {
		hear(client);
		end_one(client, i, true);
		machine_run(machine, 12000);
	}
	hear(client);
	machine_run(machine, 5);
	check(machine);
	/* commands that had waited may have been the trap */
	if (machine->board.servers_dead)
		return;
	FUZZ_CHECK(machine->board.ftp.control < 0 && machine->board.ftp.data < 0);
	FUZZ_CHECK(machine->board.ftp.file < 0 && !machine->board.updater.open);
	forget_ended(client);
	client->control = connect_to(client, 21, -1);
	FUZZ_CHECK(client->control >= 0);
	machine_run(machine, 5);
	FUZZ_CHECK(strncmp(machine_hear(machine, client->conns[client->control]),
			   "220 ", 4) == 0);
	say(client, "QUIT", "");
	machine_run(machine, 5);
	FUZZ_CHECK(strcmp(machine_hear(machine, client->conns[client->control]),
			   "221 \r\n") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wipy_special specials[] = {
		{"/flash/sys/mcuimg.bin", 0, WIPY_SPECIAL_IMAGE},
		{"/flash/sys/confirm", 0, WIPY_SPECIAL_CONFIRM},
		{NULL, 0, WIPY_SPECIAL_AUX}};
	struct input input = {data, size};
	struct wipy_personality family = wipy_personality_wipy;
	struct client client = {.conns = {-1, -1, -1, -1, -1, -1}, .data = CONTROLS};
	uint8_t how = next(&input);

	if (how & 1) {
		family.update_locks = false;
		family.names_with_blanks = family.pwd_quoted = true;
		family.feat_before_login = true;
		family.specials = specials;
	}
	client.machine = fresh_machine(&family);
	client.machine->board.settings.data_rate = how & 2 ? 20000 : 0;
	if (how & 4)
		log_in(&client);
	while (input.left > 0) {
		step(&client, &input);
		check(client.machine);
	}
	check_served(&client);
	return 0;
}
