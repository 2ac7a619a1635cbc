/* SPDX-License-Identifier: MIT
 *
 * WiPy 1 with CC3200, the firmware of v1.8.x.
 */
#include "firmware/core/personality.h"

static const struct wipy_special specials[] = {
	{"/flash/sys/mcuimg.bin", 196608, WIPY_SPECIAL_IMAGE},
	{"/flash/sys/servicepack.ucf", 16384, WIPY_SPECIAL_AUX},
	{"/flash/sys/servicepack.sig", 2048, WIPY_SPECIAL_AUX},
	{"/flash/cert/ca.pem", 4096, WIPY_SPECIAL_AUX},
	{"/flash/cert/cert.pem", 4096, WIPY_SPECIAL_AUX},
	{"/flash/cert/private.key", 4096, WIPY_SPECIAL_AUX},
	{NULL, 0, WIPY_SPECIAL_AUX},
};

const struct wipy_personality wipy_personality_wipy = {
	.name = "wipy",
	.sysname = "WiPy",
	.release = "1.2.0",
	.soft_reset = "PYB: soft reboot",
	.ftp_greeting = "Micropython FTP Server",
	.telnet = WIPY_TELNET_CC,
	.data_ms = 5010,
	.send_cycles_ms = 100,
	.update_locks = true,
	.update_stays_open = true,
	.specials = specials,
	.boot = WIPY_BOOT_CLASSIC,
	.proof = WIPY_PROOF_MD5,
	.image_max = 196608,
	.debounce_ms = 500,
	.windows = {{6, 500}, {12, 250}, {15, 100}},
	/* 176128 bytes are free beside two files and three folders (WIRE.md 0.4) */
	.files_clusters = 176128 / 512 + 5,
	/* sizes, line ends and names left behind are the board's (WIRE.md 6.5) */
	.fresh_boot_py = "# boot.py runs first at every start.\r\n"
			 "# Keep it short: faults here are hard to undo.\r\n"
			 "import os, machine\r\n"
			 "os.dupterm(machine.UART(0, 115200))\r\n",
	.fresh_main_py = "# main.py: your own program here\r\n",
	.machine_uart = true,
};
