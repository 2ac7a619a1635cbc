/* SPDX-License-Identifier: MIT
 *
 * Reading, comparing and ordering of fingerprints. The parsers know one form each and
 * refuse everything else: a banner that is half understood would name a wrong image.
 */
#include "common/fingerprint.h"

#include <string.h>

#include "common/text.h"

#define DATE_LEN     10
#define HASH_MIN_LEN 4 /* git never abbreviates further */
#define HASH_MAX_LEN 40

/* A piece of text that is being read from its front. */
struct cursor {
	const char *at;
	size_t len;
};

static bool cursor_skip(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if (c->len < len || memcmp(c->at, text, len) != 0)
		return false;
	c->at += len;
	c->len -= len;
	return true;
}

/* Takes what stands before the next blank or the end. */
static struct cursor cursor_word(struct cursor *c)
{
	struct cursor word = {c->at, 0};

	while (word.len < c->len && c->at[word.len] != ' ')
		word.len++;
	c->at += word.len;
	c->len -= word.len;
	return word;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_printable(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

static bool is_date(const char *s)
{
	for (int i = 0; i < DATE_LEN; i++)
		if (i == 4 || i == 7 ? s[i] != '-' : !is_digit(s[i]))
			return false;
	return true;
}

static bool copy_part(char *buf, size_t cap, const char *s, size_t len)
{
	return len > 0 && wipy_text_copy(buf, cap, s, len);
}

/* "BOARD with MCU": the last " with " divides, since BOARD may hold blanks. */
static bool read_machine(struct cursor c, struct wipy_fingerprint *fp)
{
	static const char with[] = " with ";
	const size_t with_len = sizeof(with) - 1;

	for (size_t i = c.len; i-- > 0;) {
		if (c.at[i] == ' ' && c.len - i > with_len &&
			memcmp(c.at + i, with, with_len) == 0) {
			const char *mcu = c.at + i + with_len;
			size_t mcu_len = c.len - i - with_len;

			return memchr(mcu, ' ', mcu_len) == NULL &&
			       copy_part(fp->board, sizeof(fp->board), c.at, i) &&
			       copy_part(fp->mcu, sizeof(fp->mcu), mcu, mcu_len);
		}
	}
	return false;
}

/* "TAG on YYYY-MM-DD" from the front; what follows stays in the cursor. */
static bool read_version(struct cursor *c, struct wipy_fingerprint *fp)
{
	struct cursor tag = cursor_word(c);

	if (!copy_part(fp->tag, sizeof(fp->tag), tag.at, tag.len) ||
		!cursor_skip(c, " on ") || c->len < DATE_LEN || !is_date(c->at))
		return false;
	wipy_text_copy(fp->date, sizeof(fp->date), c->at, DATE_LEN);
	c->at += DATE_LEN;
	c->len -= DATE_LEN;
	return true;
}

int wipy_fingerprint_parse_banner(
	const char *line, size_t len, struct wipy_fingerprint *ret_fp)
{
	struct wipy_fingerprint fp;
	struct cursor c = {line, len};

	if (c.len > 0 && c.at[c.len - 1] == '\n')
		c.len--;
	if (c.len > 0 && c.at[c.len - 1] == '\r')
		c.len--;
	if (!is_printable(c.at, c.len))
		return WIPY_E_GARBAGE;
	if (!cursor_skip(&c, "MicroPython "))
		cursor_skip(&c, "Micro Python ");
	/* Whole structs are compared and stored by others: no stale bytes. */
	memset(&fp, 0, sizeof(fp));
	if (!read_version(&c, &fp) || !cursor_skip(&c, "; ") || !read_machine(c, &fp))
		return WIPY_E_GARBAGE;
	*ret_fp = fp;
	return 0;
}

int wipy_fingerprint_parse_uname(
	const char *version, const char *machine, struct wipy_fingerprint *ret_fp)
{
	struct wipy_fingerprint fp;
	struct cursor v = {version, strlen(version)};
	struct cursor m = {machine, strlen(machine)};

	if (!is_printable(v.at, v.len) || !is_printable(m.at, m.len))
		return WIPY_E_GARBAGE;
	memset(&fp, 0, sizeof(fp));
	if (!read_version(&v, &fp) || v.len > 0 || !read_machine(m, &fp))
		return WIPY_E_GARBAGE;
	*ret_fp = fp;
	return 0;
}

bool wipy_fingerprint_equal(
	const struct wipy_fingerprint *a, const struct wipy_fingerprint *b)
{
	return strcmp(a->tag, b->tag) == 0 && strcmp(a->date, b->date) == 0 &&
	       strcmp(a->board, b->board) == 0 && strcmp(a->mcu, b->mcu) == 0;
}

void wipy_fingerprint_format(
	const struct wipy_fingerprint *fp, char ret_text[WIPY_FINGERPRINT_MAX])
{
	struct wipy_text t;

	wipy_text_init(&t, ret_text, WIPY_FINGERPRINT_MAX);
	wipy_text_str(&t, fp->tag);
	wipy_text_str(&t, " on ");
	wipy_text_str(&t, fp->date);
	wipy_text_str(&t, "; ");
	wipy_text_str(&t, fp->board);
	wipy_text_str(&t, " with ");
	wipy_text_str(&t, fp->mcu);
}

static bool read_number(struct cursor *c, uint32_t *ret_value)
{
	size_t len = 0;
	uint64_t value;

	while (len < c->len && is_digit(c->at[len]))
		len++;
	if (wipy_text_parse_u64(c->at, len, UINT32_MAX, &value) < 0)
		return false;
	c->at += len;
	c->len -= len;
	*ret_value = (uint32_t)value;
	return true;
}

/* The rest of the tag as a commit hash. */
static bool read_hash(struct cursor c, struct wipy_version *version)
{
	if (c.len < HASH_MIN_LEN || c.len > HASH_MAX_LEN)
		return false;
	for (size_t i = 0; i < c.len; i++)
		if (!is_digit(c.at[i]) && (c.at[i] < 'a' || c.at[i] > 'f'))
			return false;
	return wipy_text_copy(version->hash, sizeof(version->hash), c.at, c.len);
}

/* What stands behind "vX.Y.Z-" of a build that is not a preview: "5-gabc1234" in
 * mainline, "849-fcbbfe3" or "ffb0e1c" at Pycom. Pycom's count is fixed or absent, so
 * it is not kept: such builds of one base are all at the same place (WIRE.md 4.3). */
static bool read_commits(struct cursor c, struct wipy_version *version)
{
	struct cursor after = c;
	uint32_t commits;

	version->stage = 1;
	if (!read_number(&after, &commits) || !cursor_skip(&after, "-"))
		return read_hash(c, version);
	if (!cursor_skip(&after, "g"))
		return read_hash(after, version);
	version->commits = commits;
	return read_hash(after, version);
}

/* Behind "vX.Y.Z-preview": nothing, or ".121.gabc1234567". */
static bool read_preview(struct cursor c, struct wipy_version *version)
{
	version->stage = -1;
	return c.len == 0 ||
	       (cursor_skip(&c, ".") && read_number(&c, &version->commits) &&
		       cursor_skip(&c, ".g") && read_hash(c, version));
}

static bool read_base(struct cursor *c, struct wipy_version *version)
{
	version->has_base = true;
	return read_number(c, &version->part[0]) && cursor_skip(c, ".") &&
	       read_number(c, &version->part[1]) &&
	       (!cursor_skip(c, ".") || read_number(c, &version->part[2]));
}

static bool drop_end(struct cursor *c, const char *end)
{
	size_t len = strlen(end);

	if (c->len < len || memcmp(c->at + c->len - len, end, len) != 0)
		return false;
	c->len -= len;
	return true;
}

int wipy_version_parse(const char *tag, struct wipy_version *ret_version)
{
	struct wipy_version version;
	struct cursor c = {tag, strlen(tag)};
	bool good;

	memset(&version, 0, sizeof(version));
	version.modified = drop_end(&c, "-dirty") || drop_end(&c, ".dirty");
	if (!cursor_skip(&c, "v"))
		good = read_hash(c, &version);
	else if (!read_base(&c, &version))
		good = false;
	else if (cursor_skip(&c, "-preview"))
		good = read_preview(c, &version);
	else
		good = c.len == 0 ||
		       (cursor_skip(&c, "-") && read_commits(c, &version));
	if (!good)
		return WIPY_E_GARBAGE;
	*ret_version = version;
	return 0;
}

static bool same_base(const struct wipy_version *a, const struct wipy_version *b)
{
	return memcmp(a->part, b->part, sizeof(a->part)) == 0;
}

/* Negative, 0 or positive, as of two numbers. */
static int order_of(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

enum wipy_order wipy_version_compare(const char *a, const char *b)
{
	struct wipy_version va, vb;
	int order = 0;

	if (strcmp(a, b) == 0)
		return WIPY_ORDER_SAME;
	if (wipy_version_parse(a, &va) < 0 || wipy_version_parse(b, &vb) < 0 ||
		!va.has_base || !vb.has_base)
		return WIPY_ORDER_DIFFERENT;
	for (int i = 0; i < 3 && order == 0; i++)
		order = order_of(va.part[i], vb.part[i]);
	if (order == 0)
		order = order_of(va.stage, vb.stage);
	if (order == 0)
		order = order_of(va.commits, vb.commits);
	if (order == 0)
		return WIPY_ORDER_DIFFERENT;
	return order < 0 ? WIPY_ORDER_OLDER : WIPY_ORDER_NEWER;
}

bool wipy_version_has_base(const char *tag, const char *base)
{
	struct wipy_version t, b;

	if (wipy_version_parse(tag, &t) < 0 || wipy_version_parse(base, &b) < 0)
		return false;
	if (strcmp(tag, base) == 0)
		return true;
	if (!t.has_base || !b.has_base || b.modified || !same_base(&t, &b))
		return false;
	/* A release or a preview is a base of all that follows it within its stage; a
	 * build between releases only of its own modified twin. */
	if (b.hash[0] == '\0')
		return b.stage < 0 ? t.stage < 0 : t.stage >= 0;
	return t.modified && t.stage == b.stage && t.commits == b.commits &&
	       strcmp(t.hash, b.hash) == 0;
}
