/* SPDX-License-Identifier: MIT
 *
 * A client that is logged in to a fresh board on the test machine, for the tests of the
 * line editor and the REPL.
 */
#ifndef WIPY_TESTS_REPL_SESSION_H
#define WIPY_TESTS_REPL_SESSION_H

#include "tests/unit/fw_machine.h"

#define SESSION_IMAGE_LEN 3044
#define SESSION_HELP      "Type \"help()\" for more information.\r\n"
#define SESSION_BANNER    "MicroPython v1.8.7 on 2017-01-08; WiPy with CC3200\r\n"
#define SESSION_WELCOME                                                                \
	"\xff\xfb\x01\xff\xfb\x03\xff\xfc\"\r\nLogin succeeded!\r\n" SESSION_HELP

/* A board that was never started before. */
static inline struct machine *session_machine(void)
{
	static uint8_t image[SESSION_IMAGE_LEN];
	struct machine *machine = machine_new();

	machine_make_image(image, sizeof(image), "v1.8.7");
	machine_install(machine, HAL_AREA_FACTORY, image, sizeof(image));
	return machine;
}

/* Logs in. What the board says from the password on is left to be heard. */
static inline int session_login(struct machine *machine)
{
	int conn = machine_connect(machine, 23);

	machine_run(machine, 50);
	machine_say(machine, conn, "micro\r");
	machine_run(machine, 50);
	machine_hear(machine, conn);
	machine_say(machine, conn, "python\r");
	machine_run(machine, 50);
	return conn;
}

static inline void session_leave(struct machine *machine, int conn)
{
	machine_shut(machine, conn);
	machine_run(machine, 30);
	machine_drop(machine, conn);
}

/* One segment; what comes back within `ms`. */
static inline const char *session_type(
	struct machine *machine, int conn, const char *keys, int64_t ms)
{
	machine_say(machine, conn, keys);
	machine_run(machine, ms);
	return machine_hear(machine, conn);
}

#endif
