/* SPDX-License-Identifier: MIT
 *
 * What is kept aside under special names: service pack, certificates. Over FTP, at
 * every power cut, and piece by piece.
 */
#include <errno.h>
#include <stdio.h>

#include "firmware/core/aux_store.h"
#include "tests/tap.h"
#include "tests/unit/ftp_session.h"

#define MAGIC      0x31585541u
#define HEADER_LEN 16
#define EMPTY      ((size_t)-1)

static uint8_t image[FTP_IMAGE];

/* Where each one lies: the first sector, in the order of the family's rows. */
static const struct kept_aside {
	const char *path;
	size_t max;
	size_t sector;
} kept_aside[] = {
	{"/flash/sys/servicepack.ucf", 16384, 0},
	{"/flash/sys/servicepack.sig", 2048, 5},
	{"/flash/cert/ca.pem", 4096, 6},
	{"/flash/cert/cert.pem", 4096, 8},
	{"/flash/cert/private.key", 4096, 10},
};

#define KEPT_ASIDE  (sizeof(kept_aside) / sizeof(kept_aside[0]))
#define SERVICEPACK 0
#define CA          2

/* What flash has of one: its length and where it is, EMPTY. */
static size_t aux_len(struct machine *machine, const struct kept_aside *kept,
	const uint8_t **ret_bytes)
{
	const uint8_t *at =
		machine->hal.flash[HAL_AREA_AUX] + kept->sector * HAL_FLASH_SECTOR;
	uint32_t header[3];

	memcpy(header, at, sizeof(header));
	*ret_bytes = at + HEADER_LEN;
	if (header[0] != MAGIC || header[1] != ~header[2])
		return EMPTY;
	return header[1];
}

static bool is_flipped(struct machine *machine)
{
	struct boot_record record = {0};

	return boot_record_read(&machine->hal, &record) == 0 &&
	       record.status == BOOT_CHECK;
}

static void test_kept(void)
{
	static uint8_t bytes[16384];
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine);
	const uint8_t *found;
	char command[80];

	for (size_t i = 0; i < KEPT_ASIDE; i++) {
		snprintf(command, sizeof(command), "STOR %s\r\n", kept_aside[i].path);
		memset(bytes, '1' + (int)i, sizeof(bytes));
		EQ_STR(ftp_store(machine, conn, command, bytes, kept_aside[i].max),
			"226 \r\n", command);
	}
	for (size_t i = 0; i < KEPT_ASIDE; i++) {
		memset(bytes, '1' + (int)i, sizeof(bytes));
		EQ_INT(aux_len(machine, &kept_aside[i], &found), kept_aside[i].max,
			kept_aside[i].path);
		OK(memcmp(found, bytes, kept_aside[i].max) == 0,
			"each in a place of its own");
		snprintf(command, sizeof(command), "SIZE %s\r\n", kept_aside[i].path);
		EQ_STR(ftp_ask(machine, conn, command), "550 \r\n", command);
	}
	OK(!is_flipped(machine), "no record knows of it");
	OK(!machine->hal.misused, "the machine was used rightly");
	machine_free(machine);
}

/* What does not fit is refused, and what came of it is not taken for the whole. */
static void test_too_large(void)
{
	static uint8_t bytes[16385];
	struct machine *machine = ftp_board();
	int conn = ftp_log_in(machine), data;
	const uint8_t *found;
	char command[80];

	for (size_t i = 0; i < KEPT_ASIDE; i++) {
		snprintf(command, sizeof(command), "STOR %s\r\n", kept_aside[i].path);
		data = ftp_open_data(machine, conn);
		ftp_ask(machine, conn, command);
		machine_send(machine, data, bytes, kept_aside[i].max + 1);
		ftp_wait(machine);
		EQ_STR(machine_hear(machine, conn), "451 \r\n", "one byte too many");
		machine_drop(machine, data);
		EQ_INT(aux_len(machine, &kept_aside[i], &found), EMPTY,
			"nothing is there");
		EQ_STR(ftp_store(machine, conn, command, bytes, kept_aside[i].max),
			"226 \r\n", "and then one that fits");
		EQ_INT(aux_len(machine, &kept_aside[i], &found), kept_aside[i].max,
			kept_aside[i].path);
	}
	OK(!is_flipped(machine), "no record knows of it");
	OK(!machine->hal.misused, "the machine was used rightly");
	machine_free(machine);
}

/* Power that fails at any flash operation leaves a place empty or whole. */
static void test_power(void)
{
	bool whole = false;

	for (int cut = 1; !whole && cut < 2000; cut++) {
		struct machine *machine = ftp_board();
		int conn = ftp_log_in(machine), data;
		const uint8_t *found;
		size_t len;

		ftp_store(machine, conn, "STOR /flash/cert/ca.pem\r\n", "an older one",
			12);
		data = ftp_open_data(machine, conn);
		machine->hal.flash_left = cut;
		ftp_ask(machine, conn, "STOR /flash/cert/ca.pem\r\n");
		/* into its second sector */
		for (int i = 0; i < 10; i++)
			machine_send(machine, data, image + i * 409, 409);
		machine_shut(machine, data);
		ftp_wait(machine);
		whole = machine->hal.flash_left > 0;
		machine_power(machine, HAL_RESET_POWER);
		machine_run(machine, 400);
		len = aux_len(machine, &kept_aside[CA], &found);
		if (whole)
			OK(len == 4090 && memcmp(found, image, len) == 0, "uncut");
		else
			OK(len == EMPTY || len == 12, "cut");
		OK(!machine->hal.misused, "the rules of flash");
		machine_free(machine);
	}
	OK(whole, "the end was reached");
}

static int open_writer(struct machine *machine, struct aux_writer *writer,
	const struct kept_aside *kept)
{
	return aux_open(writer, &machine->hal, &wipy_personality_wipy,
		wipy_personality_special(&wipy_personality_wipy, kept->path));
}

/* A write that fails spoils the place even if flash works again. */
static void test_broken(void)
{
	struct machine *machine = ftp_board();
	struct aux_writer writer;
	const uint8_t *found;

	EQ_INT(open_writer(machine, &writer, &kept_aside[CA]), 0, "open");
	EQ_INT(aux_append(&writer, &machine->hal, image, 100), 0, "append");
	machine->hal.flash_left = 1;
	EQ_INT(aux_append(&writer, &machine->hal, image, 101), -EIO, "flash fails");
	machine->hal.flash_left = -1;
	EQ_INT(aux_append(&writer, &machine->hal, image, 100), -EIO, "and so all else");
	EQ_INT(aux_close(&writer, &machine->hal), -EIO, "close");
	EQ_INT(aux_len(machine, &kept_aside[CA], &found), EMPTY, "nothing is there");
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

/* Sectors of the area that do not end with the old bytes any more. */
static size_t count_erased(const struct machine *machine)
{
	const uint8_t *flash = machine->hal.flash[HAL_AREA_AUX];
	size_t count = 0;

	for (size_t at = HAL_FLASH_SECTOR; at <= 16 * HAL_FLASH_SECTOR;
		at += HAL_FLASH_SECTOR)
		count += flash[at - 1] != 0;
	return count;
}

/* An erase takes long on a board: one at a time, when the bytes reach the sector. */
static void test_erase_by_sector(void)
{
	static uint8_t bytes[16384];
	struct machine *machine = ftp_board();
	struct aux_writer writer;
	const uint8_t *found;
	size_t most = 0;

	memset(machine->hal.flash[HAL_AREA_AUX], 0, 16 * HAL_FLASH_SECTOR);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256 + 1);
	EQ_INT(open_writer(machine, &writer, &kept_aside[SERVICEPACK]), 0, "open");
	EQ_INT(count_erased(machine), 1, "one sector for the header");
	for (size_t at = 0; at < sizeof(bytes);) {
		size_t before = count_erased(machine), now;
		size_t n = sizeof(bytes) - at < 1023 ? sizeof(bytes) - at : 1023;

		EQ_INT(aux_append(&writer, &machine->hal, bytes + at, n), 0, "append");
		now = count_erased(machine) - before;
		most = now > most ? now : most;
		at += n;
	}
	EQ_INT(aux_close(&writer, &machine->hal), 0, "close");
	EQ_INT(most, 1, "one at a time");
	EQ_INT(count_erased(machine), 5, "its own sectors alone");
	EQ_INT(aux_len(machine, &kept_aside[SERVICEPACK], &found), sizeof(bytes),
		"all");
	OK(memcmp(found, bytes, sizeof(bytes)) == 0, "the bytes");
	OK(!machine->hal.misused, "the rules of flash");
	machine_free(machine);
}

int main(void)
{
	machine_make_image(image, sizeof(image), "v1.8.7");
	test_kept();
	test_too_large();
	test_power();
	test_broken();
	test_erase_by_sector();
	return tap_done();
}
