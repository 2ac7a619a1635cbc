/* SPDX-License-Identifier: MIT
 *
 * A board's state as JSON: power, what runs, boot record, slots, counters, faults.
 */
#include "config.h"

#include "firmware/ports/linux/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"

static const char *slot_name(uint8_t slot)
{
	static const char *const slot_names[] = {"factory", "update1", "update2"};

	return slot < BOOT_SLOT_COUNT ? slot_names[slot] : "unknown";
}

static const char *state_name(const struct hal *hal)
{
	static const char *const state_names[] = {
		[WIPY_BOARD_BOOTING] = "booting",
		[WIPY_BOARD_STARTING] = "booting",
		[WIPY_BOARD_RUNNING] = "running",
		[WIPY_BOARD_HALTED] = "halted",
		[WIPY_BOARD_RESETTING] = "resetting",
	};

	if (!hal->powered)
		return "off";
	return hal->board.servers_dead ? "servers-dead" : state_names[hal->board.state];
}

/* Fingerprint, "empty", "torn", "bad" (its MD5 is wrong) or "no version". */
static void describe_slot(struct hal *hal, enum hal_area area, char *text, size_t cap)
{
	struct wipy_fingerprint fp;
	struct slot_check check;
	enum slot_state state = slot_state(hal, area, NULL);
	int err = -EAGAIN;

	if (state != SLOT_WHOLE) {
		snprintf(text, cap, "%s", state == SLOT_TORN ? "torn" : "empty");
		return;
	}
	if (!slot_check_start(&check, hal, area)) {
		snprintf(text, cap, "bad");
		return;
	}
	while (err == -EAGAIN)
		err = slot_check_step(&check, hal);
	if (err < 0)
		snprintf(text, cap, "bad");
	else if (slot_find_fingerprint(hal, area, &fp) < 0)
		snprintf(text, cap, "no version");
	else
		wipy_fingerprint_format(&fp, text);
}

static const char *slot_text(struct hal *hal, enum boot_slot slot)
{
	enum hal_area area = boot_record_area(slot);
	struct slot_text *text = &hal->slot_texts[area];

	if (slot == BOOT_FACTORY && hal->flash.factory_own == 0)
		return hal->fleet->factory_text;
	if (!text->known)
		describe_slot(hal, area, text->text, sizeof(text->text));
	text->known = true;
	return text->text;
}

static json_t *record_of(struct hal *hal)
{
	struct boot_record record;

	if (boot_record_read(hal, &record) < 0)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "active", slot_name(record.active),
		"status",
		record.status == BOOT_CHECK   ? "check"
		: record.status == BOOT_READY ? "ready"
					      : "unknown",
		"previous", slot_name(record.previous));
}

static json_t *counters_of(const struct hal *hal)
{
	const struct wipy_stats *a = &hal->before, *b = &hal->board.stats;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "telnet_accepts",
		(json_int_t)(a->telnet_accepts + b->telnet_accepts), "logins",
		(json_int_t)(a->logins + b->logins), "ftp_sessions",
		(json_int_t)(a->ftp_sessions + b->ftp_sessions), "stors",
		(json_int_t)(a->stors + b->stors), "stor_bytes",
		(json_int_t)(a->stor_bytes + b->stor_bytes), "resets",
		(json_int_t)hal->resets, "boots", (json_int_t)hal->boots,
		"client_resets", (json_int_t)hal->client_resets);
}

static json_t *faults_of(const struct hal *hal)
{
	json_t *list = json_array();
	enum fault fault;
	const char *name;

	for (int i = 0; (name = faults_name(i, &fault)) != NULL; i++)
		if (hal->faults & fault)
			json_array_append_new(list, json_string(name));
	if (hal->drop_after > 0) {
		char text[40];

		snprintf(text, sizeof(text), "drop-after=%llu",
			(unsigned long long)hal->drop_after);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

json_t *status_of_board(struct hal *hal)
{
	char address[INET_ADDRSTRLEN], running[WIPY_FINGERPRINT_MAX];
	bool runs = hal->powered && hal->board.fingerprint.tag[0] != '\0';
	json_t *status;

	inet_ntop(AF_INET, &hal->address, address, sizeof(address));
	wipy_fingerprint_format(&hal->board.fingerprint, running);
	status = json_pack(
		"{s:i, s:s, s:b, s:s, s:s?, s:s?, s:o, s:{s:s, s:s, s:s}, s:s, "
		"s:s, s:o, s:o}",
		"number", hal->number, "address", address, "power", hal->powered,
		"state", state_name(hal), "running", runs ? running : NULL, "slot",
		runs ? slot_name((uint8_t)hal->board.running) : NULL, "record",
		record_of(hal), "slots", "factory", slot_text(hal, BOOT_FACTORY),
		"update1", slot_text(hal, BOOT_UPDATE1), "update2",
		slot_text(hal, BOOT_UPDATE2), "led", hal->led ? "on" : "off", "pin",
		hal->pin_high ? "high" : "low", "counters", counters_of(hal), "faults",
		faults_of(hal));
	if (!hal->board.updater.open)
		flash_rest(hal);
	return status;
}
