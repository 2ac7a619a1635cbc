/* SPDX-License-Identifier: MIT
 *
 * The table of families. UNKNOWN has empty texts and no ports, so that code that uses
 * it by mistake reaches nothing.
 */
#include "common/family.h"

#include <string.h>

static const struct wipy_family_facts families[WIPY_FAMILY_COUNT] = {
	[WIPY_FAMILY_UNKNOWN] =
		{
			.name = "unknown",
			.mcu = "",
			.image_path = "",
			.confirm_path = "",
			.mark = "",
			.switch_statement = "",
			.user = "",
			.password = "",
		},
	[WIPY_FAMILY_WIPY] =
		{
			.name = "wipy",
			.mcu = "CC3200",
			.image_path = "/flash/sys/mcuimg.bin",
			.image_max = 196608,
			.push_again_cures = true,
			.confirm_path = "",
			.mark = "",
			.switch_statement = "",
			.telnet_port = 23,
			.ftp_port = 21,
			.user = "micro",
			.password = "python",
		},
	[WIPY_FAMILY_PYCOM] =
		{
			.name = "pycom",
			.mcu = "ESP32",
			.image_path = "/flash/sys/appimg.bin",
			/* the smaller map's slot, less the sector that is erased
			 * ahead of the data */
			.image_max = (1720 - 4) * 1024,
			.push_again_cures = false,
			.confirm_path = "",
			.mark = "",
			.switch_statement = "pycom.bootmgr(boot_partition=?)",
			.telnet_port = 23,
			.ftp_port = 21,
			.user = "micro",
			.password = "python",
		},
	[WIPY_FAMILY_ESP32] =
		{
			.name = "esp32",
			.mcu = "ESP32",
			.image_path = "/flash/sys/appimg.bin",
			.image_max = 1180 * 1024,
			.push_again_cures = true,
			.confirm_path = "/flash/sys/confirm",
			.mark = WIPY_FIRMWARE_MARK,
			.switch_statement = "wipy.safeboot(#, safe=False)",
			.adds_md5 = true,
			.telnet_port = 23,
			.ftp_port = 21,
			.user = "micro",
			.password = "python",
		},
	[WIPY_FAMILY_ESP8266] =
		{
			.name = "esp8266",
			.mcu = "ESP8266",
			.image_path = "/flash/sys/appimg.bin",
			.image_max = 960 * 1024,
			.push_again_cures = true,
			.confirm_path = "/flash/sys/confirm",
			.mark = WIPY_FIRMWARE_MARK,
			.switch_statement = "wipy.safeboot(#, safe=False)",
			.adds_md5 = true,
			.telnet_port = 23,
			.ftp_port = 21,
			.user = "micro",
			.password = "python",
		},
};

const struct wipy_family_facts *wipy_family_facts(enum wipy_family family)
{
	/* The enum may be signed or not, as the compiler likes. */
	if ((unsigned int)family >= WIPY_FAMILY_COUNT)
		family = WIPY_FAMILY_UNKNOWN;
	return &families[family];
}

enum wipy_family wipy_family_by_name(const char *name)
{
	for (int i = WIPY_FAMILY_UNKNOWN + 1; i < WIPY_FAMILY_COUNT; i++)
		if (strcmp(families[i].name, name) == 0)
			return (enum wipy_family)i;
	return WIPY_FAMILY_UNKNOWN;
}
