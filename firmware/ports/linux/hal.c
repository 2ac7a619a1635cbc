/* SPDX-License-Identifier: MIT
 *
 * The small parts of a virtual board: pins, ticks, reset, console, identity.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <time.h>

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
	return hal->rtc_s + (fleet_clock_ms() - hal->rtc_at_ms) / 1000;
}

void hal_rtc_set(struct hal *hal, int64_t time_s)
{
	hal->rtc_s = time_s;
	hal->rtc_at_ms = fleet_clock_ms();
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

void hal_watchdog_start(struct hal *hal, uint32_t timeout_ms)
{
	(void)hal;
	(void)timeout_ms;
}

void hal_watchdog_feed(struct hal *hal)
{
	(void)hal;
}

/* The board is where it always is. */
void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan)
{
	*ret_wlan = (struct hal_wlan){
		.mode = HAL_WLAN_STA, .connected = true, .netmask = {255, 0, 0, 0}};
	memcpy(ret_wlan->address, &hal->address, sizeof(ret_wlan->address));
}

int hal_wlan_start(
	struct hal *hal, enum hal_wlan_mode mode, const char *ssid, const char *key)
{
	(void)hal;
	(void)mode;
	(void)ssid;
	(void)key;
	return 0;
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
