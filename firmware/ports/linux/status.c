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
#include <time.h>

#include "firmware/ports/linux/faults.h"
#include "firmware/ports/linux/flash.h"

#define SECONDS_1970 946684800 /* of 2000-01-01, where the boards begin to count */

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
	if (hal->hung)
		return "hung";
	return hal->board.servers_dead ? "servers-dead" : state_names[hal->board.state];
}

/* Fingerprint, "bad" (its MD5 is wrong) or "no version". */
static void describe_whole(struct hal *hal, enum hal_area area, struct slot_text *slot)
{
	struct wipy_fingerprint fp;
	struct slot_check check;
	int err = -EAGAIN;

	snprintf(slot->text, sizeof(slot->text), "bad");
	if (!slot_check_start(
		    &check, hal, area, hal->fleet->options->profile.family->proof))
		return;
	while (err == -EAGAIN)
		err = slot_check_step(&check, hal);
	slot->md5_right = err == 0;
	if (err < 0)
		return;
	if (slot_find_fingerprint(hal, area, &fp) < 0)
		snprintf(slot->text, sizeof(slot->text), "no version");
	else
		wipy_fingerprint_format(&fp, slot->text);
}

/* The slot as it is; `area` may be one that the core is writing to. */
static struct slot_text *look_at(struct hal *hal, enum hal_area area)
{
	static const char *const states[] = {[SLOT_ABSENT] = "empty",
		[SLOT_TORN] = "torn",
		[SLOT_UNREADABLE] = "unreadable"};
	struct slot_text *slot = &hal->slot_texts[area];

	if (slot->known)
		return slot;
	*slot = (struct slot_text){.known = true};
	if (area == HAL_AREA_FACTORY && !flash_factory_changed(hal)) {
		slot->state = SLOT_WHOLE;
		slot->size = hal->fleet->factory_len;
		slot->md5_right = true;
		return slot;
	}
	slot->state = slot_state(hal, area, &slot->size);
	if (slot->state == SLOT_WHOLE)
		describe_whole(hal, area, slot);
	else
		snprintf(slot->text, sizeof(slot->text), "%s", states[slot->state]);
	/* the next look may get through */
	slot->known = slot->state != SLOT_UNREADABLE;
	if (slot->state == SLOT_TORN)
		slot->size = flash_used(hal, area, SLOT_HEADER_LEN);
	return slot;
}

static const char *slot_text(struct hal *hal, enum boot_slot slot)
{
	/* one image for all boards: its text is kept once */
	if (slot == BOOT_FACTORY && !flash_factory_changed(hal))
		return hal->fleet->factory_text;
	return look_at(hal, boot_record_area(slot))->text;
}

/* Size, check and whether it was never closed, as a file of the radio's store has them;
 * null: there is no such file. */
static json_t *slot_file(struct hal *hal, enum boot_slot slot)
{
	enum hal_area area = boot_record_area(slot);
	const struct updater *updater = &hal->board.updater;
	const struct slot_text *text = look_at(hal, area);
	size_t size = text->size;

	if (text->state == SLOT_ABSENT)
		return json_null();
	/* what waits for a whole block has arrived too */
	if (updater->open && updater->writer.area == area)
		size = updater->writer.written_len + updater->writer.block_len;
	return json_pack("{s:I, s:s, s:b}", "size", (json_int_t)size, "md5",
		text->md5_right ? "ok" : "bad", "open", text->state == SLOT_TORN);
}

static json_t *record_hex(struct hal *hal)
{
	struct boot_record record;
	uint8_t bytes[BOOT_RECORD_LEN];
	char text[3 * BOOT_RECORD_LEN];

	if (boot_record_load(hal, hal->fleet->options->profile.family->boot, &record) <
		0)
		return json_null();
	boot_record_encode(&record, bytes);
	snprintf(text, sizeof(text), "%02x %02x %02x %02x", bytes[0], bytes[1],
		bytes[2], bytes[3]);
	return json_string(text);
}

static json_t *rtc_of(struct hal *hal)
{
	time_t now = (time_t)(hal_rtc_s(hal) + SECONDS_1970);
	char text[40];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_string(text);
}

static json_t *record_of(struct hal *hal)
{
	struct boot_record record;

	if (boot_record_load(hal, hal->fleet->options->profile.family->boot, &record) <
		0)
		return json_null();
	return json_pack("{s:s, s:s, s:s}", "active", slot_name(record.active),
		"status",
		record.status == BOOT_CHECK   ? "check"
		: record.status == BOOT_READY ? "ready"
		: record.status == BOOT_TRIAL ? "trial"
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

static void add_fault(void *context, const char *word)
{
	json_array_append_new(context, json_string(word));
}

static json_t *faults_of(const struct hal *hal)
{
	json_t *list = json_array();

	faults_each(hal, add_fault, list);
	return list;
}

/* Faults that come by themselves: how many did, the latest, when the next one does. */
static json_t *drawn_of(const struct hal *hal)
{
	const struct hurt *hurt = &hal->hurt;

	if (hal->fleet->options->faults_rate == 0)
		return json_null();
	return json_pack("{s:i, s:s, s:b, s:I, s:s}", "count", (int)hurt->drawn,
		"latest", hurt->drawn_word, "lasts", hurt->drawn_now, "next_ms",
		(json_int_t)hurt->draw_ms, "next", hurt->draw_word);
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
		"s:s, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:o, "
		"s:s, s:b, s:o}",
		"number", hal->number, "address", address, "power", hal->powered,
		"state", state_name(hal), "running", runs ? running : NULL, "slot",
		runs ? slot_name((uint8_t)hal->board.running) : NULL, "record",
		record_of(hal), "slots", "factory", slot_text(hal, BOOT_FACTORY),
		"update1", slot_text(hal, BOOT_UPDATE1), "update2",
		slot_text(hal, BOOT_UPDATE2), "led", hal->led ? "on" : "off", "pin",
		hal->pin_high ? "high" : "low", "counters", counters_of(hal), "faults",
		faults_of(hal), "record_hex", record_hex(hal), "slot_files", "factory",
		slot_file(hal, BOOT_FACTORY), "update1", slot_file(hal, BOOT_UPDATE1),
		"update2", slot_file(hal, BOOT_UPDATE2), "rtc", rtc_of(hal), "family",
		hal->fleet->options->profile.family->name, "joined",
		hal->powered && hal->wlan.connected, "drawn", drawn_of(hal));
	if (!hal->board.updater.open)
		flash_rest(hal);
	return status;
}
