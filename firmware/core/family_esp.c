/* SPDX-License-Identifier: MIT
 *
 * ESP32 and ESP8266 with this project's own firmware: the wire of the boards above,
 * with the traps that nobody needs left out, and trial boot.
 */
#include "common/family.h"
#include "firmware/core/personality.h"

static const struct wipy_special specials[] = {
	/* the slot is the limit */
	{"/flash/sys/appimg.bin", 0, WIPY_SPECIAL_IMAGE},
	{"/flash/sys/confirm", 256, WIPY_SPECIAL_CONFIRM},
	{NULL, 0, WIPY_SPECIAL_AUX},
};

/* Telnet filters as Pycom's does (PY): it keeps a command that a segment's end cuts in
 * two and drops nothing but the command. The CC filter loses three bytes for every one
 * above 7F (WIRE.md 1.6), which only a board that is in the field already may do. */
const struct wipy_personality wipy_personality_esp32 = {
	.name = "esp32",
	.sysname = "esp32",
	.release = "1.22.2",
	.soft_reset = "MPY: soft reboot",
	.ftp_greeting = "MicroPython FTP Server",
	.mark = WIPY_FIRMWARE_MARK,
	.telnet = WIPY_TELNET_PY,
	.pwd_quoted = true,
	.feat_before_login = true,
	.names_with_blanks = true,
	.data_ms = 10010,
	.send_cycles_ms = 2000, /* a slow reader is no fault */
	.specials = specials,
	.boot = WIPY_BOOT_TRIAL,
	.proof = WIPY_PROOF_ESP32,
	.image_max = 1180 * 1024, /* three slots in 4 MB */
	.debounce_ms = 500,
	.windows = {{6, 500}, {12, 250}, {15, 100}},
	.files_clusters = 176128 / 512 + 5,
	.wipy_trial = true,
};

const struct wipy_personality wipy_personality_esp8266 = {
	.name = "esp8266",
	.sysname = "esp8266",
	.release = "2.2.0-dev(9422289)",
	.soft_reset = "MPY: soft reboot",
	.ftp_greeting = "MicroPython FTP Server",
	.mark = WIPY_FIRMWARE_MARK,
	.telnet = WIPY_TELNET_PY,
	.pwd_quoted = true,
	.feat_before_login = true,
	.names_with_blanks = true,
	.data_ms = 10010,
	.send_cycles_ms = 2000,
	.specials = specials,
	.boot = WIPY_BOOT_TRIAL,
	.proof = WIPY_PROOF_ESP8266,
	.image_max = 960 * 1024, /* three slots in 4 MB, each within one map of 1 MB */
	.debounce_ms = 500,
	.windows = {{6, 500}, {12, 250}, {15, 100}},
	.files_clusters = 176128 / 512 + 5,
	.wipy_trial = true,
};
