/* SPDX-License-Identifier: MIT
 *
 * Pycom boards with ESP32 (WiPy 2 and 3 and their kin), the vendor's firmware 1.20.x.
 */
#include "firmware/core/personality.h"

static const struct wipy_special specials[] = {
	/* no limit is kept: an upload runs on behind its slot (WIRE.md 2.10, 3.4) */
	{"/flash/sys/appimg.bin", 0, WIPY_SPECIAL_IMAGE},
	{NULL, 0, WIPY_SPECIAL_AUX},
};

const struct wipy_personality wipy_personality_pycom = {
	.name = "pycom",
	.sysname = "WiPy",
	.release = "1.20.2.r4",
	.soft_reset = "PYB: soft reboot",
	.banner_release = true,
	.ftp_greeting = "Micropython FTP Server",
	.telnet = WIPY_TELNET_PY,
	.silent_reset = true,
	.ctrl_f = true,
	.names_with_blanks = true,
	.data_ms = 10010,
	.send_cycles_ms = 200, /* 50 cycles of 4 ms (WIRE.md 2.1) */
	.update_stays_open = true,
	.specials = specials,
	.boot = WIPY_BOOT_PYCOM,
	.proof = WIPY_PROOF_PYCOM,
	.image_max = 1720 * 1024, /* the 4 MB map (WIRE.md 3.4) */
	.debounce_ms = 100,
	.windows = {{6, 500}, {12, 250}, {15, 100}},
	/* as on a WiPy 1, where the vendor's map has 508 KiB: the machines that carry
	 * this firmware have one size of file area */
	.files_clusters = 176128 / 512 + 5,
	.machine_uart = true,
};
