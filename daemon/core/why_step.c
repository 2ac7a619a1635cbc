/* SPDX-License-Identifier: MIT
 *
 * What a person can do: the sentences of states and reasons, with the commands that they
 * quote taken out, names filled in.
 */
#include <string.h>

#include "daemon/core/why_private.h"

#define ID_SHOWN 8 /* digits of a rollout's id */

static void say_id(const struct why_facts *facts, struct wipy_text *text)
{
	char id[ID_TEXT_MAX];

	id_format(&facts->task->rollout, id);
	wipy_text_bytes(text, id, ID_SHOWN);
}

void why_say_rollout(const struct why_facts *facts, struct wipy_text *text)
{
	wipy_text_str(text, "rollout ");
	say_id(facts, text);
	if (!facts->rollout)
		return;
	wipy_text_str(text, " of release ");
	wipy_text_str(text, facts->rollout->release);
}

/* A word of a quoted command; what stands for a name becomes the name. */
static void say_word(const struct why_facts *facts, const char *command,
	const char *word, size_t len, struct wipy_text *text)
{
	const char *release = facts->rollout ? facts->rollout->release : facts->target;
	bool of_release = strncmp(command, "wipyctl release ", 16) == 0;

	if (len == 4 && memcmp(word, "NAME", 4) == 0 && !of_release)
		wipy_text_str(text, facts->board->name);
	else if (len == 4 && memcmp(word, "NAME", 4) == 0 && release[0])
		wipy_text_str(text, release);
	else if (len == 2 && memcmp(word, "ID", 2) == 0 && facts->task)
		say_id(facts, text);
	else
		wipy_text_bytes(text, word, len);
}

/* From a quote's first letter to its end. */
static void say_command(const struct why_facts *facts, const char *from, size_t len,
	struct wipy_text *text)
{
	const char *at = from, *end = from + len;

	while (at < end) {
		size_t word = 0;

		while (at + word < end && at[word] != ' ')
			word++;
		say_word(facts, from, at, word, text);
		at += word;
		if (at < end)
			wipy_text_char(text, *at++);
	}
}

/* Copies words, and puts the first `wipyctl` command that they quote into `command`,
 * unless that holds one. */
static void say_quoting(const struct why_facts *facts, const char *words,
	struct wipy_text *text, char command[WHY_COMMAND_MAX])
{
	struct wipy_text typed;

	for (const char *tick; (tick = strchr(words, '`')); words = tick + 1) {
		size_t len = strcspn(tick + 1, "`");

		wipy_text_bytes(text, words, (size_t)(tick + 1 - words));
		say_command(facts, tick + 1, len, text);
		if (command[0] == '\0' && strncmp(tick + 1, "wipyctl ", 8) == 0) {
			wipy_text_init(&typed, command, WHY_COMMAND_MAX);
			say_command(facts, tick + 1, len, &typed);
		}
		tick += 1 + len;
		if (*tick == '\0')
			return;
		wipy_text_char(text, '`');
	}
	wipy_text_str(text, words);
}

/* Up to the third word: the command without its options. */
static size_t command_len(const char *command)
{
	size_t len = 0;

	for (int words = 0; command[len]; len++)
		if (command[len] == ' ' && ++words == 3)
			break;
	return len;
}

/* One tells to type what the other one's sentence or command has. */
static bool tells(const struct why_step *step, const struct why_step *other)
{
	char command[WHY_COMMAND_MAX];
	struct wipy_text text;

	if (other->command[0] == '\0')
		return false;
	wipy_text_init(&text, command, sizeof(command));
	wipy_text_bytes(&text, other->command, command_len(other->command));
	return strstr(step->text, command) ||
	       strncmp(step->command, command, strlen(command)) == 0;
}

/* The same words, or another way to the same command. */
static bool says_already(const struct why *why, const struct why_step *step)
{
	for (size_t i = 0; i < why->step_count; i++)
		if (strcmp(why->step[i].text, step->text) == 0 ||
			tells(&why->step[i], step) || tells(step, &why->step[i]))
			return true;
	return false;
}

void why_add_step(const struct why_facts *facts, struct why *why, const char *words,
	const char *command)
{
	char sentence[WHY_PART_MAX];
	struct why_step *step = &why->step[why->step_count];
	struct wipy_text text;

	if (facts->as_of_s || words[0] == '\0' || strcmp(words, "-") == 0 ||
		why->step_count == WHY_STEPS_MAX)
		return;
	wipy_text_init(&text, sentence, sizeof(sentence));
	why_say_sentence(words, &text);
	wipy_text_init(&text, step->command, WHY_COMMAND_MAX);
	say_command(facts, command, strlen(command), &text);
	wipy_text_init(&text, step->text, sizeof(step->text));
	say_quoting(facts, sentence, &text, step->command);
	if (!says_already(why, step))
		why->step_count++;
}
