/* SPDX-License-Identifier: MIT
 *
 * Whole boards of a family with images in their slots, and their lives: what is booted, by
 * itself or by the pin, and what the record on flash says then.
 */
#ifndef WIPY_TESTS_BOOT_LIVES_H
#define WIPY_TESTS_BOOT_LIVES_H

#include "firmware/core/boot_info.h"
#include "firmware/core/boot_trial.h"
#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const tags[BOOT_SLOT_COUNT] = {"v1.1", "v1.2", "v1.3"};

static inline void put_image(struct machine *machine, enum boot_slot slot, char letter)
{
	enum hal_area area = boot_record_area(slot);
	struct esp_fixture want = {
		.esp32 = machine->personality->proof != WIPY_PROOF_ESP8266,
		.hash = true,
		.trailer = machine->personality->boot == WIPY_BOOT_TRIAL,
		.tag = tags[slot],
		.data_len = 1600};
	static uint8_t bytes[ESP_FIXTURE_MAX];
	size_t len = esp_fixture_make(&want, bytes);

	if (letter == 'a')
		return;
	bytes[400] ^= letter == 'b';
	machine_install(machine, area, bytes, len);
	/* torn: opened and never closed */
	if (letter == 't')
		memset(machine->hal.flash[area] + 4, 0xFF, 8);
}

static inline struct machine *new_machine(const struct wipy_personality *family,
	const struct boot_record *record, const char *images)
{
	struct machine *machine = machine_new();

	machine->personality = family;
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		put_image(machine, (enum boot_slot)i, images[i]);
	if (record)
		(void)!boot_record_save(&machine->hal, family->boot, record);
	return machine;
}

static inline struct boot_record record_of(struct machine *machine)
{
	struct boot_record record = {9, 9, 9, 9};

	(void)!boot_record_load(&machine->hal, machine->personality->boot, &record);
	return record;
}

/* Held into the window of the pick. */
static inline void boot_with_pin(struct machine *machine, enum boot_pick pick)
{
	static const int held_ms[] = {0, 1000, 4000, 9000};

	machine_power(machine, HAL_RESET_POWER);
	for (int ms = 0; ms < 9500; ms += 50) {
		machine->hal.pin = ms < held_ms[pick];
		machine_run(machine, 50);
	}
}

#endif
