/* SPDX-License-Identifier: MIT
 *
 * The decoder of TZif files. The 32-bit block that stands first is stepped over.
 */
#include "daemon/core/zone_tzif.h"

#include <errno.h>
#include <string.h>

#define HEADER_LEN   44
#define COUNTS_AT    20
#define COUNT_MAX    (1u << 20) /* keeps the sums far from any overflow */
#define TYPE_LEN     6
#define OFFSET_MAX_S (26 * 3600)
#define RULE_MAX     64

/* ---- the rule -------------------------------------------------------------------- */

struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool number(struct cursor *c, int min, int max, int *ret_value)
{
	const char *begin = c->at;
	int value = 0;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9' && value <= max)
		value = value * 10 + (*c->at++ - '0');
	if (c->at == begin || value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

/* [+-]h[h[h]][:mm[:ss]] */
static bool clock_time(struct cursor *c, int hours_max, int32_t *ret_s)
{
	int hours, minutes = 0, seconds = 0;
	bool negative = take(c, '-');

	if (!negative)
		(void)take(c, '+');
	if (!number(c, 0, hours_max, &hours))
		return false;
	if (take(c, ':') && (!number(c, 0, 59, &minutes) ||
				    (take(c, ':') && !number(c, 0, 59, &seconds))))
		return false;
	*ret_s = hours * 3600 + minutes * 60 + seconds;
	if (negative)
		*ret_s = -*ret_s;
	return true;
}

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* A name of letters, or of anything between < and >. */
static bool skip_name(struct cursor *c)
{
	const char *begin;

	if (take(c, '<')) {
		while (c->at < c->end && *c->at != '>')
			c->at++;
		return take(c, '>');
	}
	begin = c->at;
	while (c->at < c->end && is_letter(*c->at))
		c->at++;
	return c->at - begin >= 3;
}

/* The text counts westward. */
static bool offset(struct cursor *c, int32_t *ret_s)
{
	int32_t west_s;

	if (!clock_time(c, 24, &west_s))
		return false;
	*ret_s = -west_s;
	return true;
}

static bool turn(struct cursor *c, struct zone_turn *ret_turn)
{
	struct zone_turn t = {.time_s = 2 * 3600};
	bool good;

	if (take(c, 'M')) {
		t.kind = ZONE_TURN_WEEKDAY;
		good = number(c, 1, 12, &t.month) && take(c, '.') &&
		       number(c, 1, 5, &t.week) && take(c, '.') &&
		       number(c, 0, 6, &t.weekday);
	} else if (take(c, 'J')) {
		t.kind = ZONE_TURN_JULIAN;
		good = number(c, 1, 365, &t.day);
	} else {
		t.kind = ZONE_TURN_DAY;
		good = number(c, 0, 365, &t.day);
	}
	if (!good || (take(c, '/') && !clock_time(c, 167, &t.time_s)))
		return false;
	*ret_turn = t;
	return true;
}

int zone_read_rule(const char *text, size_t len, struct zone_rule *ret_rule)
{
	struct cursor c = {text, text + len};
	struct zone_rule rule = {.given = true};

	if (len > RULE_MAX || !skip_name(&c) || !offset(&c, &rule.offset_s))
		return -EINVAL;
	if (c.at < c.end) {
		rule.summer = true;
		rule.summer_offset_s = rule.offset_s + 3600;
		if (!skip_name(&c) || c.at == c.end ||
			(*c.at != ',' && !offset(&c, &rule.summer_offset_s)) ||
			!take(&c, ',') || !turn(&c, &rule.begin) || !take(&c, ',') ||
			!turn(&c, &rule.end) || c.at != c.end)
			return -EINVAL;
	}
	*ret_rule = rule;
	return 0;
}

/* ---- the file -------------------------------------------------------------------- */

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

static int64_t be64(const uint8_t *at)
{
	return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

struct block {
	uint32_t ut, std, leaps, times, types, chars;
	size_t len; /* of what follows the header */
};

static bool read_header(
	const uint8_t *data, size_t len, size_t time_len, struct block *ret_block)
{
	const uint8_t *at = data + COUNTS_AT;
	struct block b;

	if (len < HEADER_LEN || memcmp(data, "TZif", 4) != 0 || data[4] < '2')
		return false;
	b = (struct block){be32(at), be32(at + 4), be32(at + 8), be32(at + 12),
		be32(at + 16), be32(at + 20), 0};
	if (b.ut > COUNT_MAX || b.std > COUNT_MAX || b.leaps > COUNT_MAX ||
		b.times > COUNT_MAX || b.types > COUNT_MAX || b.chars > COUNT_MAX)
		return false;
	b.len = b.times * (time_len + 1) + b.types * TYPE_LEN + b.chars +
		b.leaps * (time_len + 4) + b.std + b.ut;
	*ret_block = b;
	return len - HEADER_LEN >= b.len;
}

static bool type_offset(const uint8_t *types, uint32_t index, int32_t *ret_s)
{
	/* Two's complement, read without a cast that is up to the compiler. */
	int64_t value = be32(types + index * TYPE_LEN);

	if (value > INT32_MAX)
		value -= (int64_t)1 << 32;
	*ret_s = (int32_t)value;
	return value >= -OFFSET_MAX_S && value <= OFFSET_MAX_S;
}

static int read_changes(
	const uint8_t *data, const struct block *block, struct zone *zone)
{
	const uint8_t *kinds = data + (size_t)block->times * 8;
	const uint8_t *types = kinds + block->times;

	if (block->types == 0 || !type_offset(types, 0, &zone->first_offset_s))
		return -EINVAL;
	if (block->leaps != 0)
		return -ENOTSUP;
	if (block->times > ZONE_CHANGES_MAX)
		return -E2BIG;
	for (uint32_t i = 0; i < block->times; i++) {
		zone->change_s[i] = be64(data + (size_t)i * 8);
		if ((i > 0 && zone->change_s[i] <= zone->change_s[i - 1]) ||
			kinds[i] >= block->types ||
			!type_offset(types, kinds[i], &zone->offset_s[i]))
			return -EINVAL;
	}
	zone->count = block->times;
	return 0;
}

static int read_footer(const uint8_t *data, size_t len, struct zone_rule *rule)
{
	const uint8_t *end;

	rule->given = false;
	if (len < 2 || data[0] != '\n')
		return -EINVAL;
	end = memchr(data + 1, '\n', len - 1);
	if (!end)
		return -EINVAL;
	if (end == data + 1)
		return 0; /* nothing is known of the time after the last change */
	return zone_read_rule((const char *)data + 1, (size_t)(end - data - 1), rule);
}

int zone_read_tzif(const uint8_t *data, size_t len, struct zone *ret_zone)
{
	struct block block;
	int rc;

	if (!read_header(data, len, 4, &block))
		return -EINVAL;
	data += HEADER_LEN + block.len;
	len -= HEADER_LEN + block.len;
	if (!read_header(data, len, 8, &block))
		return -EINVAL;
	rc = read_changes(data + HEADER_LEN, &block, ret_zone);
	if (rc < 0)
		return rc;
	data += HEADER_LEN + block.len;
	len -= HEADER_LEN + block.len;
	return read_footer(data, len, &ret_zone->rule);
}
