/* SPDX-License-Identifier: MIT
 *
 * The small parts of a virtual board: pins, ticks, reset, console, identity.
 */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "firmware/ports/linux/port.h"

bool hal_pin_get(struct hal *hal, enum hal_pin pin)
{
	return pin == HAL_PIN_SAFE_BOOT ? hal->pin_high : hal->led;
}

void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high)
{
	if (pin == HAL_PIN_LED)
		hal->led = high;
}

int64_t hal_ticks_ms(struct hal *hal)
{
	(void)hal;
	return fleet_clock_ms();
}

void hal_reset(struct hal *hal)
{
	hal->reset_pending = true;
}

enum hal_reset_cause hal_reset_cause(struct hal *hal)
{
	return hal->cause;
}

int hal_start_image(struct hal *hal, enum hal_area area)
{
	return (hal->faults & FAULT_CRASH_AT_BOOT) && area != HAL_AREA_FACTORY ? -EFAULT
									       : 0;
}

void hal_watchdog_feed(struct hal *hal)
{
	(void)hal;
}

/* The maker's first three bytes, then the board's number. */
void hal_unique_id(struct hal *hal, uint8_t ret_id[6])
{
	ret_id[0] = 0xD0;
	ret_id[1] = 0x39;
	ret_id[2] = 0x72;
	ret_id[3] = (uint8_t)(hal->number >> 16);
	ret_id[4] = (uint8_t)(hal->number >> 8);
	ret_id[5] = (uint8_t)hal->number;
}

/* Nobody sits at the serial line of a virtual board. */
void hal_console_write(struct hal *hal, const char *text, size_t len)
{
	(void)hal;
	(void)text;
	(void)len;
}
