/* SPDX-License-Identifier: MIT
 *
 * The chain is computed again from what the lines say; a value that they give is believed
 * only of the place where the file begins.
 */
#include "config.h"

#include "cli/events_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/utc.h"

#define PART_MAX 4096 /* no text of an event is that long */

/* Behind the text of an event, for hex digits that stand for bytes. */
struct part_bytes {
	uint8_t bytes[PART_MAX];
};

static bool fault(struct events_verdict *verdict, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fault(struct events_verdict *verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(verdict->what, sizeof(verdict->what), format, args);
	va_end(args);
	return false;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* The bytes behind hex digits, or false. */
static bool parse_hex(const char *hex, uint8_t *ret_bytes, size_t cap, size_t *ret_len)
{
	size_t len = hex != NULL ? strlen(hex) : 1;

	if (len % 2 != 0 || len / 2 > cap)
		return false;
	for (size_t i = 0; i < len / 2; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_bytes[i] = (uint8_t)(high << 4 | low);
	}
	*ret_len = len / 2;
	return true;
}

static bool parse_chain(const json_t *value, uint8_t ret_chain[CHAIN_LEN])
{
	size_t len;

	return parse_hex(json_string_value(value), ret_chain, CHAIN_LEN, &len) &&
	       len == CHAIN_LEN;
}

/* ---- lines ------------------------------------------------------------------------- */

/* A text; {"hex": ...} where it is none; a rollout's id in hex, or null. */
static bool read_part(const json_t *value, bool is_id, struct part_bytes *bytes,
	struct chain_part *ret_part)
{
	const char *hex = is_id ? json_string_value(value) : NULL;

	*ret_part = (struct chain_part){"", 0};
	if (is_id && json_is_null(value))
		return true;
	if (json_is_object(value))
		hex = json_string_value(json_object_get(value, "hex"));
	if (hex == NULL && json_is_string(value))
		*ret_part = (struct chain_part){
			json_string_value(value), json_string_length(value)};
	else if (!parse_hex(hex, bytes->bytes, PART_MAX, &ret_part->len))
		return false;
	else
		ret_part->at = bytes->bytes;
	return true;
}

static bool read_event(const json_t *line, struct part_bytes bytes[CHAIN_PARTS],
	struct chain_row *ret_row)
{
	static const char *const names[CHAIN_PARTS] = {
		"actor", "board", "rollout", "name", "detail", "cause"};
	const json_t *time = json_object_get(line, "time");
	int64_t time_s = json_integer_value(time);

	for (size_t i = 0; i < CHAIN_PARTS; i++)
		if (!read_part(json_object_get(line, names[i]), i == CHAIN_ROLLOUT,
			    &bytes[i], &ret_row->part[i]))
			return false;
	if (!json_is_integer(time) &&
		(!json_is_string(time) ||
			wipy_utc_parse(json_string_value(time), &time_s) < 0))
		return false;
	ret_row->seq = json_integer_value(json_object_get(line, "seq"));
	ret_row->time_s = time_s;
	return json_is_integer(json_object_get(line, "seq"));
}

/* Where the reading is. */
struct reading {
	struct events_verdict *verdict;
	uint8_t chain[CHAIN_LEN];
	struct part_bytes *bytes;
	bool begun, ended;
};

static bool take_head(struct reading *reading, const json_t *line)
{
	const json_t *format = json_object_get(line, "wipyd-events");

	if (!json_is_integer(format) ||
		!parse_chain(json_object_get(line, "chain"), reading->chain))
		return fault(reading->verdict,
			"this is not a file of `wipyctl events export`");
	if (json_integer_value(format) != EVENTS_FILE_FORMAT)
		return fault(reading->verdict,
			"the file is of a newer wipyctl: use that one");
	reading->verdict->after = reading->verdict->last =
		json_integer_value(json_object_get(line, "after"));
	reading->begun = true;
	return true;
}

static bool take_event(struct reading *reading, const json_t *line)
{
	struct events_verdict *verdict = reading->verdict;
	uint8_t kept[CHAIN_LEN], next[CHAIN_LEN];
	struct chain_row row;

	if (!read_event(line, reading->bytes, &row) ||
		!parse_chain(json_object_get(line, "chain"), kept))
		return fault(verdict, "it is not an event");
	chain_next(reading->chain, &row, next);
	if (memcmp(kept, next, CHAIN_LEN) != 0)
		return fault(verdict,
			"event %lld does not follow from the line before it: one of "
			"the two is not what was exported",
			(long long)row.seq);
	memcpy(reading->chain, next, CHAIN_LEN);
	verdict->last = row.seq;
	verdict->count++;
	return true;
}

static bool take_tail(struct reading *reading, const json_t *line)
{
	struct events_verdict *verdict = reading->verdict;
	uint8_t kept[CHAIN_LEN];

	reading->ended = true;
	if (json_integer_value(json_object_get(line, "end")) != verdict->last ||
		json_integer_value(json_object_get(line, "events")) != verdict->count ||
		!parse_chain(json_object_get(line, "chain"), kept) ||
		memcmp(kept, reading->chain, CHAIN_LEN) != 0)
		return fault(verdict, "what it says of the end is not the end");
	return true;
}

static bool take_line(struct reading *reading, const char *text, size_t len)
{
	json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	bool good;

	if (!json_is_object(line))
		good = fault(reading->verdict, "it is not a JSON object");
	else if (!reading->begun)
		good = take_head(reading, line);
	else if (reading->ended)
		good = fault(reading->verdict, "it stands behind the end");
	else if (json_object_get(line, "end") != NULL)
		good = take_tail(reading, line);
	else
		good = take_event(reading, line);
	json_decref(line);
	return good;
}

int events_file_verify(FILE *file, struct events_verdict *ret_verdict)
{
	struct reading reading = {.verdict = ret_verdict};
	long long number = 0;
	char *text = NULL;
	size_t cap = 0;
	ssize_t len;
	bool good = true;
	int rc = 0;

	*ret_verdict = (struct events_verdict){0};
	reading.bytes = calloc(CHAIN_PARTS, sizeof(*reading.bytes));
	if (reading.bytes == NULL)
		return -ENOMEM;
	errno = 0;
	while (good && (len = getline(&text, &cap, file)) >= 0) {
		number++;
		good = take_line(&reading, text, (size_t)len);
	}
	if (good && ferror(file))
		rc = errno != 0 ? -errno : -EIO;
	else if (good && !reading.ended) {
		number++;
		good = fault(ret_verdict, "the end of the file is missing");
	}
	ret_verdict->line = good ? 0 : number;
	chain_hex(reading.chain, CHAIN_LEN, ret_verdict->chain);
	free(text);
	free(reading.bytes);
	return rc;
}
