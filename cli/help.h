/* SPDX-License-Identifier: MIT
 *
 * Help, printed from the table of commands.
 */
#ifndef WIPY_CLI_HELP_H
#define WIPY_CLI_HELP_H

#include "cli/commands.h"
#include "cli/writer.h"

/* All commands and the options that each takes. */
void help_overview(struct writer *writer);
/* The page of one command. */
void help_command(struct writer *writer, const struct command *command);
/* The commands whose words begin with these. */
void help_group(struct writer *writer, const char *words);

/* A text from that column on, broken between words. */
void help_wrap(struct writer *writer, int indent, const char *text);
/* The same of sentences of the API, their times in the reader's form. */
void help_sentences(struct writer *writer, int indent, const char *text);

#endif
