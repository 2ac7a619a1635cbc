/* SPDX-License-Identifier: MIT
 *
 * Completion within a selector (docs/selectors.md): keys, values of a key, saved ones. It
 * need not understand every text, only find the part that is being typed.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/complete.h"

#define PART_MAX 256

struct part {
	const char *text; /* what is being typed; all that is before it stays */
	char key[64];     /* of a value; "": a key or a saved one is typed */
	bool list;        /* in the parentheses of `in` */
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* The first name between two places. */
static void take_key(struct part *part, const char *end)
{
	const char *text = part->text + strspn(part->text, " ");
	size_t len = 0;

	while (text + len < end && is_name(text[len]))
		len++;
	snprintf(part->key, sizeof(part->key), "%.*s", (int)len, text);
}

static void begin(struct part *part, const char *text)
{
	part->text = text;
	part->key[0] = '\0';
	part->list = false;
}

/* An operator that is a word, and the blank behind it; 0: none. */
static size_t word_len(const char *text)
{
	static const char *const words[] = {"and ", "or ", "not "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return strlen(words[i]);
	return 0;
}

/* `in` or `not in` stands in front of the parenthesis. */
static bool opens_list(const struct part *part, const char *at)
{
	while (at > part->text && at[-1] == ' ')
		at--;
	return at - part->text > 3 && strncmp(at - 3, " in", 3) == 0;
}

static void step(struct part *part, const char *at)
{
	bool value = part->key[0] != '\0';
	/* Behind a key `not` belongs to `not in`. */
	bool key = !value && part->text[strspn(part->text, " ")] != '@';
	size_t len =
		at[0] == ' ' || at == part->text ? word_len(at + (at[0] == ' ')) : 0;

	if (at[0] == '=' && !value) {
		take_key(part, at);
		part->text = at + 1;
	} else if (at[0] == '(' && !value && opens_list(part, at)) {
		take_key(part, at);
		part->list = true;
		part->text = at + 1;
	} else if (at[0] == ',' && part->list) {
		part->text = at + 1;
	} else if (strchr(",|()", at[0]) != NULL ||
		   (at[0] == '!' && at[1] != '=' && (!value || at[-1] == ' '))) {
		begin(part, at + 1);
	} else if (len > 0 && !part->list && !(key && strncmp(at, " not ", 5) == 0)) {
		begin(part, at + (at[0] == ' ') + len);
	}
}

void complete_selector(struct complete *complete)
{
	const char *text = complete->typed + complete->head_len;
	struct part part = {.text = text};
	size_t len;

	for (const char *at = text; *at != '\0'; at++)
		step(&part, at);
	part.text += strspn(part.text, " ");
	/* The head grows by what stays. */
	len = (size_t)(part.text - complete->typed);
	complete->head = complete->typed;
	complete->head_len = len;
	if (part.key[0] != '\0') {
		complete_names(complete, "value", part.key, part.text, "", "");
		return;
	}
	if (part.text[0] != '@')
		complete_names(complete, "key", NULL, part.text, "", "=");
	if (part.text[0] == '@' || part.text[0] == '\0')
		complete_names(complete, "set", NULL, part.text + (part.text[0] == '@'),
			"@", "");
}
