/* SPDX-License-Identifier: MIT
 *
 * The radio of a virtual board. While it has no link its servers have no sockets, and
 * the core does not notice. Every network can be joined; where a board is reached does
 * not depend on the mode, or a board in safe boot could not be looked at.
 */
#include "config.h"

#include <string.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/port.h"

/* The login and network of boot.py are settings of the port, so a board begins to join
 * its network as soon as its image is up. */
void wlan_start(struct hal *hal)
{
	hal->wlan.mode = HAL_WLAN_STA;
	hal->wlan.connected = false;
	hal->timers[TIMER_JOIN] = WIPY_NEVER;
}

void wlan_begin(struct hal *hal)
{
	if (hal->wlan.connected || hal->wlan.mode == HAL_WLAN_OFF ||
		hal->timers[TIMER_JOIN] != WIPY_NEVER || faults_keep_offline(hal))
		return;
	hal->timers[TIMER_JOIN] =
		hal->fleet->now_ms + hal->fleet->options->profile.rejoin_ms;
}

void wlan_joined(struct hal *hal)
{
	hal->timers[TIMER_JOIN] = WIPY_NEVER;
	hal->wlan.connected = true;
	net_listen_again(hal, false);
	faults_joined(hal);
	fleet_step(hal);
}

void wlan_event(struct hal *hal)
{
	if (!hal->powered || hal->hung)
		return;
	hal->wlan.events++;
	fleet_step(hal);
}

void hal_wlan_state(struct hal *hal, struct hal_wlan *ret_wlan)
{
	*ret_wlan = hal->wlan;
	ret_wlan->netmask[0] = 255;
	memcpy(ret_wlan->address, &hal->address, sizeof(ret_wlan->address));
}

int hal_wlan_start(
	struct hal *hal, enum hal_wlan_mode mode, const char *ssid, const char *key)
{
	(void)ssid;
	(void)key;
	hal->wlan.mode = mode;
	hal->wlan.connected = false;
	hal->wlan.events++;
	hal->timers[TIMER_JOIN] = WIPY_NEVER;
	net_listen_again(hal, false);
	/* joining begins with the next step of a board that is up, see run_core() */
	hal->wakes = true;
	return 0;
}
