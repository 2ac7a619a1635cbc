/* SPDX-License-Identifier: MIT
 *
 * LED patterns: lit or not at each moment, edges on the pin, no wake-up for who asks.
 */
#include "tests/tap.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 3044

static uint8_t image[IMAGE_LEN];

static void test_moments(void)
{
	static const struct {
		const char *name;
		enum led_pattern pattern, after;
		int ms;
		bool want;
	} rows[] = {
		{"off", LED_OFF, LED_OFF, 0, false},
		{"off, later", LED_OFF, LED_OFF, 123456, false},
		{"fatal", LED_FATAL, LED_OFF, 0, true},
		{"fatal, later", LED_FATAL, LED_HEARTBEAT, 123456, true},
		{"beat starts", LED_HEARTBEAT, LED_OFF, 0, true},
		{"beat at 79 ms", LED_HEARTBEAT, LED_OFF, 79, true},
		{"beat at 80 ms", LED_HEARTBEAT, LED_OFF, 80, false},
		{"beat at 3999 ms", LED_HEARTBEAT, LED_OFF, 3999, false},
		{"beat at 4000 ms", LED_HEARTBEAT, LED_OFF, 4000, true},
		{"beat at 4080 ms", LED_HEARTBEAT, LED_OFF, 4080, false},
		{"error starts", LED_SCRIPT_ERROR, LED_HEARTBEAT, 0, true},
		{"error at 49 ms", LED_SCRIPT_ERROR, LED_HEARTBEAT, 49, true},
		{"error at 50 ms", LED_SCRIPT_ERROR, LED_HEARTBEAT, 50, false},
		{"error at 100 ms", LED_SCRIPT_ERROR, LED_HEARTBEAT, 100, true},
		{"error at 1199 ms", LED_SCRIPT_ERROR, LED_HEARTBEAT, 1199, false},
		{"beat after the error", LED_SCRIPT_ERROR, LED_HEARTBEAT, 1200, true},
		{"80 ms of it", LED_SCRIPT_ERROR, LED_HEARTBEAT, 1279, true},
		{"not more", LED_SCRIPT_ERROR, LED_HEARTBEAT, 1280, false},
		{"off after the error", LED_SCRIPT_ERROR, LED_OFF, 1200, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct led led = {.pattern = rows[i].pattern,
			.after = rows[i].after,
			.since_ms = 5000};

		EQ_INT(led_is_lit(&led, 5000 + rows[i].ms), rows[i].want, rows[i].name);
	}
}

static struct machine *running_machine(bool by_asking)
{
	struct machine *machine = machine_new();

	machine_install(machine, HAL_AREA_FACTORY, image, IMAGE_LEN);
	machine->settings.led_by_asking = by_asking;
	machine_boot(machine);
	return machine;
}

/* The pin as a board that just runs sets it: on at 0, off at 80, on at 4000 ... */
static void test_heartbeat(void)
{
	struct machine *machine = running_machine(false);
	int64_t start = machine->board.led.since_ms;
	int first = machine->hal.led_count, wrong = 0;

	machine_run(machine, 20000);
	EQ_INT(machine->hal.led_count - first, 10, "ten edges in twenty seconds");
	for (int i = first; i < machine->hal.led_count; i++) {
		const struct machine_led *edge = &machine->hal.led[i];
		int64_t at = edge->at_ms - start;

		wrong += edge->on ? at % 4000 != 0 : at % 4000 != 80;
	}
	EQ_INT(wrong, 0, "each at its time");
	machine_free(machine);
}

static void test_script_error(void)
{
	struct machine *machine = running_machine(false);
	int64_t start = machine->hal.now_ms;
	int count = machine->hal.led_count;

	led_show(&machine->board, LED_SCRIPT_ERROR, start);
	led_show(&machine->board, LED_SCRIPT_ERROR, start);
	machine_run(machine, 1200);
	count = machine->hal.led_count - count;
	OK(count >= 23 && count <= 25, "toggles every 50 ms for 1.2 s");
	machine_run(machine, 100);
	EQ_INT(machine->board.led.pattern, LED_HEARTBEAT,
		"two in a row: then the heartbeat");
	led_show(&machine->board, LED_SCRIPT_ERROR, machine->hal.now_ms);
	led_show(&machine->board, LED_OFF, machine->hal.now_ms);
	machine_run(machine, 5000);
	OK(!wipy_board_led(&machine->board, machine->hal.now_ms),
		"switched off in the middle of it: off");
	machine_free(machine);
}

static void test_by_asking(void)
{
	struct machine *machine = running_machine(true);
	struct wipy_board *board = &machine->board;
	int64_t start = board->led.since_ms;

	EQ_INT(led_step(board, machine->hal.now_ms), WIPY_NEVER, "no wake-up");
	OK(wipy_board_led(board, start + 4010) && !wipy_board_led(board, start + 4090),
		"and yet it is known at any time");
	machine_free(machine);
}

/* The windows of the pin are seen through the same question. */
static void test_asked_in_boot(void)
{
	struct machine *machine = running_machine(true);

	machine->hal.pin = true;
	machine_power(machine, HAL_RESET_POWER);
	machine_run(machine, 100);
	OK(!wipy_board_led(&machine->board, machine->hal.now_ms), "off at first");
	machine_run(machine, 500);
	OK(wipy_board_led(&machine->board, machine->hal.now_ms), "on at 0.6 s");
	machine_run(machine, 500);
	OK(!wipy_board_led(&machine->board, machine->hal.now_ms), "off at 1.1 s");
	machine_free(machine);
}

int main(void)
{
	machine_make_image(image, IMAGE_LEN, "v1.8.7");
	test_moments();
	test_heartbeat();
	test_script_error();
	test_by_asking();
	test_asked_in_boot();
	return tap_done();
}
