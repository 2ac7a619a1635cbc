/* SPDX-License-Identifier: MIT
 *
 * Slots: what their headers say, proofs of every family, fingerprints wherever they
 * lie.
 */
#include <errno.h>
#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/fw_machine.h"

#define IMAGE_LEN 3044

static void test_states(void)
{
	struct machine *machine = machine_new();
	struct hal *hal = &machine->hal;
	struct slot_writer writer;
	size_t len = 99;

	EQ_INT(slot_state(hal, HAL_AREA_UPDATE1, NULL), SLOT_ABSENT, "erased");
	EQ_INT(slot_open(&writer, hal, HAL_AREA_UPDATE1, 196608), 0, "opened");
	EQ_INT(slot_state(hal, HAL_AREA_UPDATE1, NULL), SLOT_TORN, "is torn");
	EQ_INT(slot_close(&writer, hal), 0, "closed");
	EQ_INT(slot_state(hal, HAL_AREA_UPDATE1, &len), SLOT_WHOLE, "is whole");
	EQ_INT(len, 0, "and empty");
	EQ_INT(slot_delete(hal, HAL_AREA_UPDATE1), 0, "deleted");
	EQ_INT(slot_state(hal, HAL_AREA_UPDATE1, NULL), SLOT_ABSENT, "is absent");
	EQ_INT(slot_open(&writer, hal, HAL_AREA_UPDATE1, 196609), -ENOSPC,
		"more than the slot has");
	hal->sizes[HAL_AREA_UPDATE2] = 0;
	EQ_INT(slot_state(hal, HAL_AREA_UPDATE2, NULL), SLOT_ABSENT, "no such slot");
	EQ_INT(slot_open(&writer, hal, HAL_AREA_UPDATE2, 0), -ENOSPC,
		"and it cannot be opened");
	machine_free(machine);
}

/* A length that the slot cannot hold, or that its inverse does not confirm, is torn. */
static void test_headers(void)
{
	struct machine *machine = machine_new();
	uint8_t *flash = machine->hal.flash[HAL_AREA_UPDATE1];
	uint8_t header[SLOT_HEADER_BYTES];

	slot_header(196609, header);
	memcpy(flash, header, sizeof(header));
	EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_TORN,
		"longer than the slot");
	for (size_t i = 0; i < SLOT_HEADER_BYTES; i++) {
		slot_header(1000, header);
		header[i] ^= 0x10;
		memcpy(flash, header, sizeof(header));
		EQ_INT(slot_state(&machine->hal, HAL_AREA_UPDATE1, NULL), SLOT_TORN,
			"a turned bit");
	}
	machine_free(machine);
}

static int check(struct machine *machine, const uint8_t *bytes, size_t len,
	enum wipy_proof proof)
{
	struct slot_check check;

	machine_install(machine, HAL_AREA_UPDATE1, bytes, len);
	if (!slot_check_start(&check, &machine->hal, HAL_AREA_UPDATE1, proof))
		return -ENOENT;
	return slot_check_run(&check, &machine->hal);
}

enum harm { NONE, TURN_DATA, TURN_LAST, ADD_BYTES, CUT };

/* What each family's loader takes for right (WIRE.md 3.4, 5.3, 5.4). */
static void test_proofs(void)
{
	static const struct {
		const char *name;
		struct esp_fixture image;
		enum wipy_proof proof;
		enum harm harm;
		int want;
	} rows[] = {
#define ESP32_PLAIN {true, true, false, "v1.11", 600}
#define ESP32_MD5                                                                      \
	{                                                                              \
		true, true, true, "v1.11", 600                                         \
	}
#define ESP32_NO_HASH                                                                  \
	{                                                                              \
		true, false, true, "v1.11", 600                                        \
	}
#define ESP8266_PLAIN                                                                  \
	{                                                                              \
		false, false, false, "v1.11", 600                                      \
	}
#define ESP8266_MD5                                                                    \
	{                                                                              \
		false, false, true, "v1.11", 600                                       \
	}
		{"pycom", ESP32_PLAIN, WIPY_PROOF_PYCOM, NONE, 0},
		{"pycom, data turned", ESP32_PLAIN, WIPY_PROOF_PYCOM, TURN_DATA, 1},
		{"pycom, hash turned", ESP32_PLAIN, WIPY_PROOF_PYCOM, TURN_LAST, 1},
		{"pycom, cut", ESP32_PLAIN, WIPY_PROOF_PYCOM, CUT, 1},
		{"pycom, without hash", ESP32_NO_HASH, WIPY_PROOF_PYCOM, NONE, 0},
		{"pycom, more behind it", ESP32_PLAIN, WIPY_PROOF_PYCOM, ADD_BYTES, 0},
		{"pycom, wrong trailer", ESP32_MD5, WIPY_PROOF_PYCOM, TURN_LAST, 0},
		{"esp32", ESP32_PLAIN, WIPY_PROOF_ESP32, NONE, 0},
		{"esp32, trailer", ESP32_MD5, WIPY_PROOF_ESP32, NONE, 0},
		{"esp32, wrong trailer", ESP32_MD5, WIPY_PROOF_ESP32, TURN_LAST, 1},
		{"esp32, data turned", ESP32_MD5, WIPY_PROOF_ESP32, TURN_DATA, 1},
		{"esp32, without hash", ESP32_NO_HASH, WIPY_PROOF_ESP32, NONE, 1},
		{"esp32, for the other chip", ESP8266_PLAIN, WIPY_PROOF_ESP32, NONE, 1},
		{"esp32, more behind it", ESP32_PLAIN, WIPY_PROOF_ESP32, ADD_BYTES, 1},
		{"esp32, more behind the trailer", ESP32_MD5, WIPY_PROOF_ESP32,
			ADD_BYTES, 1},
		{"esp8266, more behind it", ESP8266_PLAIN, WIPY_PROOF_ESP8266,
			ADD_BYTES, 1},
		{"esp8266", ESP8266_PLAIN, WIPY_PROOF_ESP8266, NONE, 0},
		{"esp8266, trailer", ESP8266_MD5, WIPY_PROOF_ESP8266, NONE, 0},
		{"esp8266, wrong trailer", ESP8266_MD5, WIPY_PROOF_ESP8266, TURN_LAST,
			1},
		{"esp8266, data turned", ESP8266_PLAIN, WIPY_PROOF_ESP8266, TURN_DATA,
			1},
		{"esp8266, cut", ESP8266_PLAIN, WIPY_PROOF_ESP8266, CUT, 1},
		{"esp8266, for the other chip", ESP32_PLAIN, WIPY_PROOF_ESP8266, NONE,
			1},
	};
	static uint8_t bytes[ESP_FIXTURE_MAX + 16];
	struct machine *machine = machine_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = esp_fixture_make(&rows[i].image, bytes);

		bytes[300] ^= rows[i].harm == TURN_DATA;
		/* a hex digit into another one, so that it still looks like a
		 * trailer */
		bytes[len - 1] ^= rows[i].harm == TURN_LAST;
		len -= rows[i].harm == CUT;
		if (rows[i].harm == ADD_BYTES) {
			memset(bytes + len, 0x11, 16);
			len += 16;
		}
		EQ_INT(check(machine, bytes, len, rows[i].proof) != 0, rows[i].want,
			rows[i].name);
	}
	machine_free(machine);
}

static void test_classic_proof(void)
{
	struct machine *machine = machine_new();
	static uint8_t bytes[IMAGE_LEN];

	machine_make_image(bytes, IMAGE_LEN, "v1.8.7");
	EQ_INT(check(machine, bytes, IMAGE_LEN, WIPY_PROOF_MD5), 0, "right");
	EQ_INT(check(machine, bytes, IMAGE_LEN, WIPY_PROOF_ESP32), WIPY_E_GARBAGE,
		"not an ESP image");
	bytes[7] ^= 1;
	EQ_INT(check(machine, bytes, IMAGE_LEN, WIPY_PROOF_MD5), WIPY_E_IMAGE_MD5,
		"wrong");
	EQ_INT(check(machine, bytes, 32, WIPY_PROOF_MD5), -ENOENT, "only a trailer");
	machine_free(machine);
}

/* The fingerprint is found wherever it lies, also across windows and sectors. */
static void test_fingerprint_places(void)
{
	static const char text[] = "MicroPython v1.8.6-63-gc28fed6-dirty on "
				   "2016-11-18; WiPy with CC3200\r\n";
	struct machine *machine = machine_new();
	uint8_t *bytes = malloc(9000);
	int wrong = 0;

	for (size_t at = 13; at + sizeof(text) < 9000; at += 13) {
		struct wipy_fingerprint fp;

		memset(bytes, 0xAA, 9000);
		memcpy(bytes + at, text, sizeof(text));
		machine_install(machine, HAL_AREA_UPDATE2, bytes, 9000);
		wrong += slot_find_fingerprint(&machine->hal, HAL_AREA_UPDATE2, &fp) !=
				 0 ||
			 strcmp(fp.mcu, "CC3200") != 0 ||
			 strcmp(fp.tag, "v1.8.6-63-gc28fed6-dirty") != 0;
	}
	free(bytes);
	machine_free(machine);
	EQ_INT(wrong, 0, "fingerprint at every thirteenth place");
}

/* A Pycom image holds two banners; the one of the REPL, with the release in it, is not
 * what telnet shows (WIRE.md 4.3). */
static void test_fingerprint_families(void)
{
	static const struct {
		const char *name, *text, *want;
	} rows[] = {
		{"pycom",
			"Pycom MicroPython 1.20.2.r4 [v1.11-ffb0e1c] on 2021-01-12; "
			"WiPy "
			"with ESP32\r\nMicroPython v1.11-ffb0e1c on 2021-01-12; WiPy "
			"with ESP32\r\n",
			"v1.11-ffb0e1c on 2021-01-12; WiPy with ESP32"},
		{"esp32",
			"MicroPython v1.22.2 on 2024-02-22; Generic ESP32 module with "
			"ESP32\n",
			"v1.22.2 on 2024-02-22; Generic ESP32 module with ESP32"},
		{"esp8266",
			"MicroPython v1.8.7-7-gb5a1a20a3 on 2017-01-09; ESP module "
			"with "
			"ESP8266",
			"v1.8.7-7-gb5a1a20a3 on 2017-01-09; ESP module with ESP8266"},
	};
	struct machine *machine = machine_new();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t bytes[2000] = {0};
		char text[WIPY_FINGERPRINT_MAX] = "";
		struct wipy_fingerprint fp;

		memcpy(bytes + 900, rows[i].text, strlen(rows[i].text));
		machine_install(machine, HAL_AREA_FACTORY, bytes, sizeof(bytes));
		if (slot_find_fingerprint(&machine->hal, HAL_AREA_FACTORY, &fp) == 0)
			wipy_fingerprint_format(&fp, text);
		EQ_STR(text, rows[i].want, rows[i].name);
	}
	machine_free(machine);
}

int main(void)
{
	test_states();
	test_headers();
	test_proofs();
	test_classic_proof();
	test_fingerprint_places();
	test_fingerprint_families();
	return tap_done();
}
