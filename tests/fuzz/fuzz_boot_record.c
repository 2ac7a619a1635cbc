/* SPDX-License-Identifier: MIT
 *
 * Any bytes where the boot record is kept, for every kind of board, then an update and
 * another boot. With good images in all slots a board always runs one; what it stores
 * can be read back.
 *
 * Input: a byte that chooses the family and the slots' states, then the record's area.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 2052

static const struct wipy_personality *const families[] = {&wipy_personality_wipy,
	&wipy_personality_pycom, &wipy_personality_esp32, &wipy_personality_esp8266};

static size_t make_image(const struct wipy_personality *family, uint8_t *bytes)
{
	const struct esp_fixture want = {.esp32 = family->proof != WIPY_PROOF_ESP8266,
		.hash = true,
		.tag = "v1.11",
		.data_len = 800};

	if (family->proof != WIPY_PROOF_MD5)
		return esp_fixture_make(&want, bytes);
	machine_make_image(bytes, IMAGE_LEN, "v1.11");
	return IMAGE_LEN;
}

static void check_board(struct machine *machine, bool all_good)
{
	const struct wipy_board *board = &machine->board;
	struct boot_record record;

	FUZZ_CHECK(!machine->hal.misused);
	FUZZ_CHECK(board->state == WIPY_BOARD_RUNNING ||
		   board->state == WIPY_BOARD_HALTED);
	FUZZ_CHECK(!all_good || board->state == WIPY_BOARD_RUNNING);
	FUZZ_CHECK(boot_record_load(
			   &machine->hal, machine->personality->boot, &record) == 0);
}

static void update(struct machine *machine, const uint8_t *bytes, size_t len)
{
	struct updater *updater = &machine->board.updater;

	if (updater_start(updater, &machine->hal, 0) == 0)
		(void)!updater_write(updater, &machine->hal, bytes, len);
	updater_finish(updater, &machine->hal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[ESP_FIXTURE_MAX];
	struct machine *machine;
	bool all_good;
	size_t len;

	if (size == 0)
		return 0;
	machine = machine_new();
	machine->personality = families[data[0] % 4];
	all_good = data[0] < 64;
	len = make_image(machine->personality, bytes);
	for (int i = 0; i < BOOT_SLOT_COUNT; i++)
		if (all_good || (data[0] >> i & 8) == 0)
			machine_install(machine, boot_record_area(i), bytes, len);
	if (size - 1 > machine->hal.sizes[HAL_AREA_RECORD])
		size = machine->hal.sizes[HAL_AREA_RECORD] + 1;
	memcpy(machine->hal.flash[HAL_AREA_RECORD], data + 1, size - 1);
	machine_boot(machine);
	check_board(machine, all_good);
	if (machine->board.state == WIPY_BOARD_RUNNING) {
		update(machine, bytes, len);
		machine_boot(machine);
		check_board(machine, all_good && !machine->board.updater.crashed);
	}
	machine_free(machine);
	return 0;
}
