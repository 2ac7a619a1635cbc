/* SPDX-License-Identifier: MIT
 *
 * The first half of yaml_check.h: the list of faults, and a file that becomes a libyaml
 * document. The document is built from libyaml's events, not by yaml_parser_load(): that
 * loader resolves aliases, forgets anchors and tags, and knows no limit of depth.
 * Running out of memory ends the program.
 */
#include "config.h"

#include "daemon/edge/yaml_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/edge/yaml_check.h"

#define MEMORY_STEP (64u * 1024)

static void *need(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- UTF-8 ----------------------------------------------------------------------- */

/* What YAML 1.1 calls printable, without the byte order mark. */
static bool printable(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7e) ||
	       c == 0x85 || (c >= 0xa0 && c <= 0xd7ff) ||
	       (c >= 0xe000 && c <= 0xfffd && c != 0xfeff) ||
	       (c >= 0x10000 && c <= 0x10ffff);
}

/* The length of the character at `at`, 0 if there is none that may stand in a file. */
static size_t utf8_char(const uint8_t *at, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = at[0];
	size_t len = 1;

	if (c >= 0x80)
		len = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
	if (!len || len > left)
		return 0;
	if (len > 1)
		c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	return c >= least[len] && printable(c) ? len : 0;
}

/* A sentence goes to terminals, logs and JSON, and quotes what stood in the file. */
static void make_showable(char *text)
{
	size_t left = strlen(text), len;

	for (uint8_t *at = (uint8_t *)text; left; at += len, left -= len) {
		len = utf8_char(at, left);
		if (!len || at[0] < 0x20) {
			*at = '?';
			len = 1;
		}
	}
}

/* ---- faults ---------------------------------------------------------------------- */

struct place {
	unsigned long line, column; /* from 1; 0: the file as a whole */
};

void yaml_problems_init(struct yaml_problems *problems)
{
	*problems = (struct yaml_problems){0};
}

void yaml_problems_done(struct yaml_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++)
		free(problems->line[i]);
	free(problems->line);
	yaml_problems_init(problems);
}

/* The place in a kept fault of the same file; false for a fault of another file. */
static bool place_of(const char *text, const char *name, struct place *ret_place)
{
	size_t len = strlen(name);
	struct place place;
	char *end;

	if (strncmp(text, name, len) != 0 || text[len] != ':')
		return false;
	*ret_place = (struct place){0};
	place.line = strtoul(text + len + 1, &end, 10);
	if (end == text + len + 1 || *end != ':')
		return true;
	place.column = strtoul(end + 1, NULL, 10);
	*ret_place = place;
	return true;
}

static bool place_after(struct place a, struct place b)
{
	return a.line != b.line ? a.line > b.line : a.column > b.column;
}

/* Takes `text`. The first YAML_PROBLEMS_MAX by place are kept, whatever the order in
 * which they were found. */
static void problems_insert(struct yaml_problems *problems, const char *name,
	struct place place, char *text)
{
	size_t at = problems->count;
	struct place other;

	while (at && place_of(problems->line[at - 1], name, &other) &&
		place_after(other, place))
		at--;
	if (problems->count == YAML_PROBLEMS_MAX) {
		problems->more++;
		if (at == problems->count) {
			free(text);
			return;
		}
		free(problems->line[--problems->count]);
	}
	if (!problems->line)
		problems->line = need(calloc(YAML_PROBLEMS_MAX, sizeof(char *)));
	memmove(problems->line + at + 1, problems->line + at,
		(problems->count - at) * sizeof(char *));
	problems->line[at] = text;
	problems->count++;
}

__attribute__((format(printf, 3, 0))) static void problem_add(
	struct yaml_file *file, struct place place, const char *format, va_list args)
{
	char *sentence, *text;
	int rc;

	if (vasprintf(&sentence, format, args) < 0)
		abort();
	make_showable(sentence);
	if (place.line)
		rc = asprintf(&text, "%s:%lu:%lu: %s", file->name, place.line,
			place.column, sentence);
	else
		rc = asprintf(&text, "%s: %s", file->name, sentence);
	if (rc < 0)
		abort();
	free(sentence);
	problems_insert(file->problems, file->name, place, text);
}

static struct place place_of_mark(yaml_mark_t mark)
{
	return (struct place){mark.line + 1, mark.column + 1};
}

void yaml_problem(
	struct yaml_file *file, const yaml_node_t *node, const char *format, ...)
{
	struct place place = {0};
	va_list args;

	if (node)
		place = place_of_mark(node->start_mark);
	va_start(args, format);
	problem_add(file, place, format, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4))) static void problem_at(
	struct yaml_file *file, struct place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_add(file, place, format, args);
	va_end(args);
}

/* ---- from bytes to a document ---------------------------------------------------- */

struct bytes {
	uint8_t *at;
	size_t len, cap;
};

static int read_to_end(int fd, struct bytes *bytes)
{
	ssize_t got;

	do {
		if (bytes->cap - bytes->len < MEMORY_STEP) {
			bytes->cap += bytes->cap + MEMORY_STEP;
			bytes->at = need(realloc(bytes->at, bytes->cap));
		}
		do {
			got = read(fd, bytes->at + bytes->len, bytes->cap - bytes->len);
		} while (got < 0 && errno == EINTR);
		if (got < 0)
			return -errno;
		bytes->len += (size_t)got;
		if (bytes->len > YAML_FILE_MAX)
			return -EFBIG;
	} while (got > 0);
	return 0;
}

static void drop_byte_order_mark(struct bytes *bytes)
{
	static const char mark[] = {'\xef', '\xbb', '\xbf'};

	if (bytes->len < sizeof(mark) || memcmp(bytes->at, mark, sizeof(mark)) != 0)
		return;
	bytes->len -= sizeof(mark);
	memmove(bytes->at, bytes->at + sizeof(mark), bytes->len);
}

static int read_file(struct yaml_file *file, const char *path, struct bytes *bytes)
{
	/* Opening a FIFO waits for its writer, perhaps for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st = {.st_mode = S_IFREG};
	int rc = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		rc = -errno;
	else if (!S_ISREG(st.st_mode))
		rc = -EINVAL;
	else if (st.st_size > (off_t)YAML_FILE_MAX)
		rc = -EFBIG;
	else
		rc = read_to_end(fd, bytes);
	if (fd >= 0)
		close(fd);
	if (!S_ISREG(st.st_mode))
		yaml_problem(file, NULL, "this is not a regular file");
	else if (rc == -EFBIG)
		yaml_problem(file, NULL, "the file is larger than %u MiB",
			YAML_FILE_MAX / (1024 * 1024));
	else if (rc < 0)
		yaml_problem(file, NULL, "the file cannot be read: %s", strerror(-rc));
	return rc < 0 ? WIPY_E_CONFIG : 0;
}

/* libyaml would say where by an offset only, and would take UTF-16. */
static int check_text(struct yaml_file *file, const struct bytes *bytes)
{
	struct place place = {1, 1};
	size_t len;

	for (size_t i = 0; i < bytes->len; i += len) {
		len = utf8_char(bytes->at + i, bytes->len - i);
		if (!len) {
			problem_at(file, place,
				"byte 0x%02x: the file must be text in UTF-8 without "
				"control characters",
				bytes->at[i]);
			return WIPY_E_CONFIG;
		}
		place.column++;
		if (bytes->at[i] == '\n')
			place = (struct place){place.line + 1, 1};
	}
	return 0;
}

struct builder {
	struct yaml_file *file;
	const struct bytes *bytes;
	yaml_parser_t parser;
	int container[YAML_DEPTH_MAX]; /* open sequences and mappings, from the root */
	int key[YAML_DEPTH_MAX];       /* of an open mapping: waits for its value */
	int depth;
	bool forbidden; /* something was refused on the way */
	bool document;  /* the first one has begun */
};

static int out_of_nodes(struct builder *b, const yaml_event_t *event)
{
	problem_at(b->file, place_of_mark(event->start_mark),
		"this value is too large, or not UTF-8");
	return WIPY_E_CONFIG;
}

/* Puts a new node where the document has its place for it. */
static int attach(struct builder *b, const yaml_event_t *event, int index)
{
	yaml_document_t *document = &b->file->document;
	yaml_node_t *node = yaml_document_get_node(document, index);
	int ok = 1, top = b->depth - 1, *key;

	if (!node)
		return out_of_nodes(b, event);
	node->start_mark = event->start_mark;
	node->end_mark = event->end_mark;
	if (top < 0)
		return 0;
	key = &b->key[top];
	node = yaml_document_get_node(document, b->container[top]);
	if (node->type == YAML_SEQUENCE_NODE) {
		ok = yaml_document_append_sequence_item(
			document, b->container[top], index);
	} else if (!*key) {
		*key = index;
	} else {
		ok = yaml_document_append_mapping_pair(
			document, b->container[top], *key, index);
		*key = 0;
	}
	return ok ? 0 : out_of_nodes(b, event);
}

static void forbid(struct builder *b, const yaml_event_t *event, const char *sentence)
{
	problem_at(b->file, place_of_mark(event->start_mark), "%s", sentence);
	b->forbidden = true;
}

static void forbid_anchor_and_tag(struct builder *b, const yaml_event_t *event,
	const void *anchor, const void *tag)
{
	if (anchor)
		forbid(b, event,
			"anchors (&name) are not allowed: write the value out at each "
			"place");
	if (tag)
		forbid(b, event, "tags (!name) are not allowed: remove the tag");
}

static int on_alias(struct builder *b, const yaml_event_t *event)
{
	static const yaml_char_t tag[] = YAML_TAG_REFUSED, nothing[] = "";

	forbid(b, event,
		"aliases (*name) are not allowed: write the value out at each place");
	return attach(b, event,
		yaml_document_add_scalar(
			&b->file->document, tag, nothing, 0, YAML_PLAIN_SCALAR_STYLE));
}

static int on_scalar(struct builder *b, const yaml_event_t *event)
{
	const yaml_char_t *value = event->data.scalar.value;
	int top = b->depth - 1;
	bool is_key =
		top >= 0 && !b->key[top] &&
		yaml_document_get_node(&b->file->document, b->container[top])->type ==
			YAML_MAPPING_NODE;
	bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool merge = is_key && plain && strcmp((const char *)value, "<<") == 0;
	static const yaml_char_t refused[] = YAML_TAG_REFUSED;

	forbid_anchor_and_tag(
		b, event, event->data.scalar.anchor, event->data.scalar.tag);
	if (merge)
		forbid(b, event,
			"merge keys (<<) are not allowed: write the keys out at each "
			"place");
	return attach(b, event,
		yaml_document_add_scalar(&b->file->document, merge ? refused : NULL,
			value, (int)event->data.scalar.length,
			event->data.scalar.style));
}

static int on_container(struct builder *b, const yaml_event_t *event, int index)
{
	int rc;

	if (b->depth == YAML_DEPTH_MAX) {
		problem_at(b->file, place_of_mark(event->start_mark),
			"nested deeper than %d levels", YAML_DEPTH_MAX);
		return WIPY_E_CONFIG;
	}
	rc = attach(b, event, index);
	if (rc < 0)
		return rc;
	b->container[b->depth] = index;
	b->key[b->depth++] = 0;
	return 0;
}

static int on_document(struct builder *b, const yaml_event_t *event)
{
	if (b->document) {
		problem_at(b->file, place_of_mark(event->start_mark),
			"a second document begins here: the file must hold only one");
		return WIPY_E_CONFIG;
	}
	if (event->data.document_start.tag_directives.start !=
		event->data.document_start.tag_directives.end)
		forbid(b, event, "tags are not allowed: remove the %TAG line");
	b->document = true;
	return 0;
}

/* Returns 1 at the end of the file. */
static int on_event(struct builder *b, const yaml_event_t *event)
{
	yaml_document_t *document = &b->file->document;

	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_DOCUMENT_START_EVENT:
		return on_document(b, event);
	case YAML_ALIAS_EVENT:
		return on_alias(b, event);
	case YAML_SCALAR_EVENT:
		return on_scalar(b, event);
	case YAML_SEQUENCE_START_EVENT:
		forbid_anchor_and_tag(b, event, event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
		return on_container(b, event,
			yaml_document_add_sequence(
				document, NULL, event->data.sequence_start.style));
	case YAML_MAPPING_START_EVENT:
		forbid_anchor_and_tag(b, event, event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
		return on_container(b, event,
			yaml_document_add_mapping(
				document, NULL, event->data.mapping_start.style));
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		b->depth--;
		return 0;
	}
	return 0;
}

/* libyaml calls a tab "character that cannot start any token": true, and no help. */
static bool line_begins_with_tab(const struct bytes *bytes, size_t line)
{
	const uint8_t *at = bytes->at, *end = bytes->at + bytes->len;

	for (; at && line; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	while (at && at < end && *at == ' ')
		at++;
	return at && at < end && *at == '\t';
}

static void tell_malformed(struct builder *b)
{
	const yaml_parser_t *p = &b->parser;
	const char *what = p->problem ? p->problem : "out of memory";

	if (p->error == YAML_READER_ERROR)
		yaml_problem(b->file, NULL, "malformed YAML at byte %zu: %s",
			p->problem_offset, what);
	else if (p->error == YAML_SCANNER_ERROR &&
		 line_begins_with_tab(b->bytes, p->problem_mark.line))
		problem_at(b->file, place_of_mark(p->problem_mark),
			"malformed YAML: %s (indent with blanks, not with tabs)", what);
	else if (p->context)
		problem_at(b->file, place_of_mark(p->problem_mark),
			"malformed YAML: %s (%s that begins in line %zu)", what,
			p->context, p->context_mark.line + 1);
	else
		problem_at(b->file, place_of_mark(p->problem_mark),
			"malformed YAML: %s", what);
}

static int build(struct builder *b)
{
	yaml_event_t event;
	int rc = 0;

	yaml_parser_set_encoding(&b->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b->parser, b->bytes->at, b->bytes->len);
	while (rc == 0) {
		if (!yaml_parser_parse(&b->parser, &event)) {
			tell_malformed(b);
			return WIPY_E_CONFIG;
		}
		rc = on_event(b, &event);
		yaml_event_delete(&event);
	}
	return rc < 0 ? rc : 0;
}

static int load_bytes(struct yaml_file *file, struct bytes *bytes)
{
	struct builder b = {.file = file, .bytes = bytes};
	int rc;

	if (!yaml_document_initialize(&file->document, NULL, NULL, NULL, 1, 1) ||
		!yaml_parser_initialize(&b.parser))
		abort();
	drop_byte_order_mark(bytes);
	rc = check_text(file, bytes);
	if (rc == 0)
		rc = build(&b);
	yaml_parser_delete(&b.parser);
	if (rc == 0)
		file->loaded = true;
	else
		yaml_document_delete(&file->document);
	/* What was only refused still lets the rest be checked in the same run. */
	return b.forbidden ? WIPY_E_CONFIG : rc;
}

int yaml_file_load(
	struct yaml_file *file, const char *path, struct yaml_problems *problems)
{
	struct bytes bytes = {0};
	int rc;

	*file = (struct yaml_file){.name = path, .problems = problems};
	rc = read_file(file, path, &bytes);
	if (rc == 0)
		rc = load_bytes(file, &bytes);
	free(bytes.at);
	return rc;
}

int yaml_file_parse(struct yaml_file *file, const char *name, const uint8_t *text,
	size_t len, struct yaml_problems *problems)
{
	struct bytes bytes = {.at = need(malloc(len + 1)), .len = len, .cap = len + 1};
	int rc;

	*file = (struct yaml_file){.name = name, .problems = problems};
	if (len > 0)
		memcpy(bytes.at, text, len);
	rc = load_bytes(file, &bytes);
	free(bytes.at);
	return rc;
}

void yaml_file_done(struct yaml_file *file)
{
	if (file->loaded)
		yaml_document_delete(&file->document);
	file->loaded = false;
}

const yaml_node_t *yaml_file_root(struct yaml_file *file)
{
	const yaml_node_t *root = NULL;

	if (file->loaded)
		root = yaml_document_get_root_node(&file->document);
	/* "---" alone, or only comments: as empty as no byte at all. */
	return root && yaml_node_is_nothing(root) ? NULL : root;
}

const yaml_node_t *yaml_file_node(struct yaml_file *file, int index)
{
	return yaml_document_get_node(&file->document, index);
}
