/* SPDX-License-Identifier: MIT
 *
 * The radio of virtual boards: when it has a link, and what the core is told.
 */
#include "config.h"

#include <arpa/inet.h>

#include "firmware/ports/linux/faults.h"
#include "tests/tap.h"

static int listened, joined, stepped;
static bool offline;

void net_listen_again(struct hal *hal, bool anew)
{
	(void)hal;
	(void)anew;
	listened++;
}

bool faults_keep_offline(const struct hal *hal)
{
	(void)hal;
	return offline;
}

void faults_joined(struct hal *hal)
{
	(void)hal;
	joined++;
}

void fleet_step(struct hal *hal)
{
	(void)hal;
	stepped++;
}

static struct options options = {.profile.rejoin_ms = 500};
static struct fleet fleet = {.options = &options, .now_ms = 1000};

static struct hal *new_board(void)
{
	static struct hal hal;

	hal = (struct hal){.fleet = &fleet, .powered = true};
	for (int i = 0; i < TIMER_COUNT; i++)
		hal.timers[i] = WIPY_NEVER;
	inet_pton(AF_INET, "127.1.2.3", &hal.address);
	listened = joined = stepped = 0;
	offline = false;
	wlan_start(&hal);
	return &hal;
}

static void test_joining(void)
{
	struct hal *hal = new_board();
	struct hal_wlan wlan;

	hal_wlan_state(hal, &wlan);
	OK(!wlan.connected && wlan.mode == HAL_WLAN_STA, "no link at the start");
	wlan_begin(hal);
	EQ_INT(hal->timers[TIMER_JOIN], 1500, "the rejoin time");
	fleet.now_ms = 1400;
	wlan_begin(hal);
	EQ_INT(hal->timers[TIMER_JOIN], 1500, "it begins once");
	fleet.now_ms = 1000;
	wlan_joined(hal);
	hal_wlan_state(hal, &wlan);
	OK(wlan.connected, "a link");
	OK(wlan.address[0] == 127 && wlan.address[3] == 3, "where the board is");
	EQ_INT(listened + joined + stepped, 3, "listeners, faults, core");
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER, "joined for good");
	wlan_begin(hal);
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER, "nothing to join");
}

static void test_changes(void)
{
	struct hal *hal = new_board();
	struct hal_wlan before, wlan;

	wlan_joined(hal);
	hal_wlan_state(hal, &before);
	EQ_INT(hal_wlan_start(hal, HAL_WLAN_AP, "net", NULL), 0, "to AP");
	hal_wlan_state(hal, &wlan);
	OK(wlan.mode == HAL_WLAN_AP && !wlan.connected, "the link is lost");
	OK(wlan.events != before.events, "the servers are told");
	OK(hal->wakes, "the core is stepped for it");
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER,
		"a board that only starts does not join yet");
	wlan_begin(hal);
	EQ_INT(hal->timers[TIMER_JOIN], 1500, "one that is up comes back");
	EQ_INT(hal_wlan_start(hal, HAL_WLAN_OFF, NULL, NULL), 0, "off");
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER, "it does not come back");
	wlan_begin(hal);
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER, "by itself");
	wlan_start(hal);
	wlan_begin(hal);
	EQ_INT(hal->timers[TIMER_JOIN], 1500, "a reset brings it back");
}

static void test_events(void)
{
	struct hal *hal = new_board();
	uint32_t events = hal->wlan.events;

	wlan_event(hal);
	EQ_INT(hal->wlan.events, events + 1, "an event");
	EQ_INT(stepped, 1, "seen at once");
	hal->powered = false;
	wlan_event(hal);
	EQ_INT(hal->wlan.events, events + 1, "not without power");
	hal = new_board();
	offline = true;
	wlan_begin(hal);
	OK(hal->timers[TIMER_JOIN] == WIPY_NEVER, "an image that never joins");
}

int main(void)
{
	test_joining();
	test_changes();
	test_events();
	return tap_done();
}
