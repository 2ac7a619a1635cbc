/* SPDX-License-Identifier: MIT
 *
 * The probes of an inventory: see the header. What would only be found out in the middle
 * of a rollout is a fault of the file here: a word in braces that nobody knows, a program
 * that is not there, a password in a URL.
 */
#include "config.h"

#include "daemon/edge/inventory_probes.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_MS     5000
#define DEADLINE_MIN_MS 100
#define DEADLINE_MAX_MS 60000
#define PORT_MAX        65535

_Static_assert(PROBES_MAX < 10, "a probe's number is one digit");

struct probe_keys {
	int64_t tcp;
	bool banner;
	char *repl, *http;
	const yaml_node_t *command, *expect;
	int64_t deadline_ms;
};

#define PROBE(field) offsetof(struct probe_keys, field)

static const struct yaml_key probe_table[] = {
	{"tcp", YAML_KEY_INT, PROBE(tcp), 1, PORT_MAX, false},
	{"banner", YAML_KEY_BOOL, PROBE(banner), 0, 0, false},
	{"repl", YAML_KEY_STRING, PROBE(repl), 1, PROBE_EXPR_MAX - 1, false},
	{"http", YAML_KEY_STRING, PROBE(http), 1, PROBE_TEXT_MAX - 1, false},
	{"command", YAML_KEY_NODE, PROBE(command), 0, 0, false},
	{"expect", YAML_KEY_NODE, PROBE(expect), 0, 0, false},
	{"deadline", YAML_KEY_DURATION, PROBE(deadline_ms), DEADLINE_MIN_MS,
		DEADLINE_MAX_MS, false},
	{NULL, 0, 0, 0, 0, false},
};

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static char *copy_of(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		abort();
	return copy;
}

static bool is_line(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

/* The words in braces are known ones. */
static void check_words(
	struct yaml_file *file, const yaml_node_t *node, const char *text)
{
	char ignored[2 * PROBE_TEXT_MAX];

	if (probe_expand(text, "", "", false, ignored, sizeof(ignored)) < 0)
		yaml_problem(file, node,
			"'%.80s': in braces only {name} and {address} are known", text);
}

/* ---- each kind --------------------------------------------------------------------- */

static void read_repl(struct yaml_file *file, const yaml_node_t *node,
	struct probe_keys *keys, struct probe_spec *spec)
{
	spec->kind = PROBE_REPL;
	snprintf(spec->name, sizeof(spec->name), "repl");
	if (!is_line(keys->repl))
		yaml_problem(file, node,
			"'repl': expected one line of printable ASCII characters");
	if (!keys->expect || keys->expect->type != YAML_SCALAR_NODE ||
		keys->expect->data.scalar.length >= PROBE_EXPR_MAX ||
		!is_line(text_of(keys->expect)))
		yaml_problem(file, keys->expect ? keys->expect : node,
			"a 'repl' probe needs 'expect', what the prompt prints: one "
			"line of at most %d characters",
			PROBE_EXPR_MAX - 1);
	else
		spec->expect = copy_of(text_of(keys->expect));
	spec->text = keys->repl;
	keys->repl = NULL;
}

static bool is_url(const char *text)
{
	return (strncmp(text, "http://", 7) == 0 && text[7]) ||
	       (strncmp(text, "https://", 8) == 0 && text[8]);
}

/* What a percent sign stands for is a byte, and none that would end the text. */
static bool escapes_fit(const char *text)
{
	while ((text = strchr(text, '%'))) {
		if (!isxdigit((unsigned char)text[1]) ||
			!isxdigit((unsigned char)text[2]) ||
			(text[1] == '0' && text[2] == '0'))
			return false;
		text += 3;
	}
	return true;
}

static int status_of(const yaml_node_t *node)
{
	const char *text = node->type == YAML_SCALAR_NODE ? text_of(node) : "";

	if (strlen(text) != 3 || strspn(text, "0123456789") != 3 || text[0] < '1' ||
		text[0] > '5')
		return 0;
	return atoi(text);
}

static void read_http(struct yaml_file *file, const yaml_node_t *node,
	struct probe_keys *keys, struct probe_spec *spec)
{
	const char *host = strstr(keys->http, "://");

	spec->kind = PROBE_HTTP;
	snprintf(spec->name, sizeof(spec->name), "http");
	spec->status = keys->expect ? status_of(keys->expect) : 200;
	if (!spec->status)
		yaml_problem(file, keys->expect,
			"'expect' of an http probe is a status such as 200");
	if (!is_url(keys->http) || !is_line(keys->http) || strchr(keys->http, ' '))
		yaml_problem(file, node,
			"'http': expected a URL that begins with http:// or https://");
	else if (memchr(host + 3, '@', strcspn(host + 3, "/?#")))
		yaml_problem(file, node,
			"'http': user names and passwords do not belong into a URL");
	if (!escapes_fit(keys->http))
		yaml_problem(file, node,
			"'http': '%%' begins two hex digits that are not 00; a percent "
			"sign itself is %%25");
	check_words(file, node, keys->http);
	spec->text = keys->http;
	keys->http = NULL;
}

static bool argument_fits(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE &&
	       node->data.scalar.length < PROBE_TEXT_MAX &&
	       strlen(text_of(node)) == node->data.scalar.length;
}

/* One whose path holds a word differs from board to board: that is found out by
 * asking. */
static void check_program(
	struct yaml_file *file, const yaml_node_t *list, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		yaml_problem(file, list,
			"'command': the program needs its whole path, from / on");
	else if (strchr(path, '{'))
		return;
	else if (stat(path, &st) < 0 || access(path, X_OK) < 0)
		yaml_problem(file, list, "'command': cannot run %.200s: %s", path,
			strerror(errno));
	else if (!S_ISREG(st.st_mode))
		yaml_problem(file, list, "'command': %.200s is no program", path);
}

static void read_command(
	struct yaml_file *file, const struct probe_keys *keys, struct probe_spec *spec)
{
	const yaml_node_t *list = keys->command;
	const yaml_node_item_t *item;
	size_t count = 0;

	spec->kind = PROBE_COMMAND;
	if (list->type != YAML_SEQUENCE_NODE ||
		list->data.sequence.items.start == list->data.sequence.items.top) {
		yaml_problem(file, list,
			"'command': expected a list, the program and its arguments; "
			"there is no shell");
		return;
	}
	for (item = list->data.sequence.items.start;
		item < list->data.sequence.items.top; item++) {
		const yaml_node_t *node = yaml_file_node(file, *item);

		if (count == PROBE_ARGS_MAX || !argument_fits(node)) {
			yaml_problem(file, node,
				"'command': at most %d texts of at most %d characters",
				PROBE_ARGS_MAX, PROBE_TEXT_MAX - 1);
			return;
		}
		check_words(file, node, text_of(node));
		spec->args[count++] = copy_of(text_of(node));
	}
	check_program(file, list, spec->args[0]);
	snprintf(spec->name, sizeof(spec->name), "command");
}

/* ---- the list ---------------------------------------------------------------------- */

static int kinds_in(const struct probe_keys *keys)
{
	return (keys->tcp != 0) + keys->banner + (keys->repl != NULL) +
	       (keys->http != NULL) + (keys->command != NULL);
}

static void read_kind(struct yaml_file *file, const yaml_node_t *node,
	struct probe_keys *keys, struct probe_spec *spec)
{
	if (keys->expect && !keys->repl && !keys->http)
		yaml_problem(
			file, keys->expect, "'expect' belongs to a repl or http probe");
	if (keys->repl) {
		read_repl(file, node, keys, spec);
	} else if (keys->http) {
		read_http(file, node, keys, spec);
	} else if (keys->command) {
		read_command(file, keys, spec);
	} else if (keys->banner) {
		spec->kind = PROBE_BANNER;
		snprintf(spec->name, sizeof(spec->name), "banner");
	} else {
		spec->kind = PROBE_TCP;
		spec->port = (uint16_t)keys->tcp;
		snprintf(spec->name, sizeof(spec->name), "tcp:%u", spec->port);
	}
}

static void probe_done(struct probe_spec *spec)
{
	free(spec->text);
	free(spec->expect);
	for (char **arg = spec->args; *arg; arg++)
		free(*arg);
}

/* Answers are kept by name: a second one of its kind gets a number. */
static void make_unique(const struct probe_list *list, struct probe_spec *spec)
{
	size_t len = strlen(spec->name);
	int same = 1;

	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->probe[i].name;

		same += strncmp(name, spec->name, len) == 0 &&
			(name[len] == '\0' || name[len] == '-');
	}
	if (same > 1) {
		spec->name[len] = '-';
		spec->name[len + 1] = (char)('0' + same);
		spec->name[len + 2] = '\0';
	}
}

static void read_probe(
	struct yaml_file *file, const yaml_node_t *node, struct probe_list *list)
{
	struct probe_keys keys = {.deadline_ms = DEADLINE_MS};
	struct probe_spec spec = {.deadline_ms = DEADLINE_MS};
	bool good = yaml_check_mapping(file, node, probe_table, &keys);

	if (good && kinds_in(&keys) == 1) {
		spec.deadline_ms = keys.deadline_ms;
		read_kind(file, node, &keys, &spec);
		make_unique(list, &spec);
		list->probe[list->count++] = spec;
	} else if (good) {
		yaml_problem(file, node,
			"a probe is one of tcp, banner, repl, http and command");
	}
	free(keys.repl);
	free(keys.http);
}

struct probe_list *inventory_probes_read(
	struct yaml_file *file, const yaml_node_t *node)
{
	struct probe_list *list;
	const yaml_node_item_t *item;

	if (!node)
		return NULL;
	list = calloc(1, sizeof(*list));
	if (!list)
		abort();
	if (node->type != YAML_SEQUENCE_NODE) {
		yaml_problem(file, node,
			"'probes': expected a list (- {tcp: 8080}), or [] for none");
		return list;
	}
	for (item = node->data.sequence.items.start;
		item < node->data.sequence.items.top; item++) {
		if (list->count == PROBES_MAX) {
			yaml_problem(file, yaml_file_node(file, *item),
				"'probes': a board can have %d", PROBES_MAX);
			break;
		}
		read_probe(file, yaml_file_node(file, *item), list);
	}
	return list;
}

void inventory_probes_free(struct probe_list *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		probe_done(&list->probe[i]);
	free(list);
}

/* ---- comparing --------------------------------------------------------------------- */

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool probe_equal(const struct probe_spec *a, const struct probe_spec *b)
{
	bool equal = a->kind == b->kind && a->deadline_ms == b->deadline_ms &&
		     a->port == b->port && a->status == b->status &&
		     text_equal(a->text, b->text) && text_equal(a->expect, b->expect);

	for (size_t i = 0; equal && (a->args[i] || b->args[i]); i++)
		equal = text_equal(a->args[i], b->args[i]);
	return equal;
}

bool inventory_probes_equal(const struct probe_list *a, const struct probe_list *b)
{
	size_t count = a ? a->count : 0;

	if (count != (b ? b->count : 0))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!probe_equal(&a->probe[i], &b->probe[i]))
			return false;
	return true;
}
