/* SPDX-License-Identifier: MIT
 *
 * The FTP client of the tests.
 */
#include "tests/unit/ftp_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a test takes for granted does not hold: nothing behind it means anything. */
static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(1);
}

struct machine *ftp_board(void)
{
	static uint8_t factory[FTP_IMAGE];
	struct machine *machine = machine_new();

	machine_make_image(factory, sizeof(factory), "v1.8.6");
	machine_install(machine, HAL_AREA_FACTORY, factory, sizeof(factory));
	machine_boot(machine);
	return machine;
}

const char *ftp_ask(struct machine *machine, int conn, const char *command)
{
	machine_say(machine, conn, command);
	machine_run(machine, 5);
	return machine_hear(machine, conn);
}

int ftp_log_in(struct machine *machine)
{
	int conn = machine_connect(machine, 21);

	machine_run(machine, 5);
	ftp_ask(machine, conn, "USER micro\r\n");
	must(strcmp(ftp_ask(machine, conn, "PASS python\r\n"), "230 \r\n") == 0,
		"login");
	return conn;
}

int ftp_open_data(struct machine *machine, int conn)
{
	int data;

	must(strcmp(ftp_ask(machine, conn, "PASV\r\n"), FTP_PASV) == 0, "PASV");
	data = machine_connect(machine, 2024);
	machine_run(machine, 5);
	return data;
}

const char *ftp_store(struct machine *machine, int conn, const char *command,
	const void *bytes, size_t len)
{
	int data = ftp_open_data(machine, conn);
	const char *reply = ftp_ask(machine, conn, command);

	if (strcmp(reply, "150 \r\n") != 0)
		return reply;
	if (len > 0)
		machine_send(machine, data, bytes, len);
	machine_shut(machine, data);
	ftp_wait(machine);
	must(machine_ended(machine, data), "the data connection ends");
	machine_drop(machine, data);
	return machine_hear(machine, conn);
}

void ftp_wait(struct machine *machine)
{
	machine_run(machine, machine->hal.slow_net ? 500 : 50);
}

const char *ftp_fetch(struct machine *machine, int conn, const char *command)
{
	static char kept[MACHINE_OUT_MAX];
	int data = ftp_open_data(machine, conn);

	const char *reply = ftp_ask(machine, conn, command);

	if (strcmp(reply, "150 \r\n") == 0) {
		machine_run(machine, 50);
		reply = machine_hear(machine, conn);
		must(strcmp(reply, "226 \r\n") == 0, command);
	} else {
		must(strcmp(reply, "150 \r\n226 \r\n") == 0, command);
	}
	strcpy(kept, machine_hear(machine, data));
	must(machine_ended(machine, data), "the data connection ends");
	machine_drop(machine, data);
	return kept;
}
