/* SPDX-License-Identifier: MIT
 *
 * The pins, LEDs, access points and last resorts.
 */
#include "daemon/core/card_bench.h"

#include <stddef.h>

#include "common/ledger.h"

static const struct card_bench classic = {
	"GP28",
	"the LED",
	500,
	"wipy-wlan-...",
	"www.wipy.io",
	"192.168.1.1",
	"A short flash",
	"A fatal error, or the loader found no image that it can load",
	"its UART and the chip maker's flash tool write the factory image",
};
static const struct card_bench launchpad = {
	"GP22",
	"the LED at GP9",
	500,
	"wipy-wlan-...",
	"www.wipy.io",
	"192.168.1.1",
	"A short flash",
	"A fatal error, or the loader found no image that it can load",
	"its USB and the chip maker's flash tool write the factory image",
};
static const struct card_bench pycom = {
	"P12",
	"the LED (orange)",
	100,
	"wipy-wlan-...",
	"www.pycom.io",
	"192.168.4.1",
	"A short blue flash",
	"Red: a fatal error",
	"the vendor's updater over USB writes slot 0 and leaves the boot record as it "
	"is, so the board may still start the other slot: then "
	"pycom.bootmgr(boot_partition=0) at its prompt",
};
static const struct card_bench ours = {
	"the boot pin",
	"the LED",
	500,
	"wipy-wlan-...",
	"www.wipy.io",
	"192.168.1.1",
	"A short flash",
	"A fatal error, or the loader found no image that it can load",
	"hold GPIO0 low during a reset and write the factory image of this firmware "
	"over the UART (wipyctl rescue wire NAME has the commands); a stock "
	"MicroPython would take telnet and FTP away",
};

const struct card_bench *card_bench_of(enum wipy_family family, const char *board)
{
	switch (ledger_kind_of(family, board)) {
	case LEDGER_CLASSIC_ONE:
		return &launchpad;
	case LEDGER_PYCOM:
		return &pycom;
	case LEDGER_TRIAL:
		return &ours;
	case LEDGER_CLASSIC:
	case LEDGER_NO_KIND:
	case LEDGER_KIND_COUNT:
		break;
	}
	return &classic;
}
