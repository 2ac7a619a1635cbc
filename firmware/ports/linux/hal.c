/* SPDX-License-Identifier: MIT
 *
 * The small parts of a virtual board: pins, ticks, reset, console, identity.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "firmware/ports/linux/port.h"

bool hal_pin_get(struct hal *hal, enum hal_pin pin)
{
	if (pin >= HAL_PIN_GP0 && pin < HAL_PIN_COUNT)
		return hal->gpio >> (pin - HAL_PIN_GP0) & 1;
	return pin == HAL_PIN_SAFE_BOOT ? hal->pin_high : hal->led;
}

void hal_pin_set(struct hal *hal, enum hal_pin pin, bool high)
{
	uint64_t bit;

	if (pin == HAL_PIN_LED)
		hal->led = high;
	if (pin < HAL_PIN_GP0 || pin >= HAL_PIN_COUNT)
		return;
	bit = (uint64_t)1 << (pin - HAL_PIN_GP0);
	hal->gpio = high ? hal->gpio | bit : hal->gpio & ~bit;
}

int hal_pin_mode(struct hal *hal, enum hal_pin pin, enum hal_pin_mode mode)
{
	(void)hal;
	(void)mode;
	return pin >= HAL_PIN_GP0 && pin < HAL_PIN_COUNT ? 0 : -EINVAL;
}

int64_t hal_rtc_s(struct hal *hal)
{
	return hal->rtc_s + (fleet_clock_ms(hal->fleet) - hal->rtc_at_ms) / 1000;
}

void hal_rtc_set(struct hal *hal, int64_t time_s)
{
	hal->rtc_s = time_s;
	hal->rtc_at_ms = fleet_clock_ms(hal->fleet);
}

int64_t hal_ticks_ms(struct hal *hal)
{
	return fleet_clock_ms(hal->fleet);
}

void hal_reset(struct hal *hal)
{
	hal->reset_pending = true;
}

enum hal_reset_cause hal_reset_cause(struct hal *hal)
{
	return hal->cause;
}

void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms)
{
	hal->watchdog_ms = timeout_ms;
	hal_watchdog_feed(hal);
}

void hal_watchdog_feed(struct hal *hal)
{
	if (hal->watchdog_ms > 0)
		hal->timers[TIMER_WATCHDOG] = hal->fleet->now_ms + hal->watchdog_ms;
}

/* The maker's first three bytes, then the board's number; another board that sits at its
 * place has a number that no board of the fleet has. */
void hal_unique_id(struct hal *hal, uint8_t ret_id[6])
{
	ret_id[0] = 0xD0;
	ret_id[1] = 0x39;
	ret_id[2] = 0x72;
	ret_id[3] = hurt_by(&hal->hurt, FAULT_SWAP) ? 0x80 : 0;
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
