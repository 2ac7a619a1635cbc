/* SPDX-License-Identifier: MIT
 *
 * The words for the forms.
 */
#include "config.h"

#include "cli/form.h"

#include <errno.h>
#include <string.h>

#include "common/nearest.h"

/* --quiet is an option of its own: it has no word. */
static const char *const words[] = {
	[FORM_TABLE] = "table",
	[FORM_WIDE] = "wide",
	[FORM_JSON] = "json",
	[FORM_JSONL] = "jsonl",
	[FORM_CSV] = "csv",
	[FORM_HTML] = "html",
	[FORM_JUNIT] = "junit",
};

bool form_is_text(enum form form)
{
	return form == FORM_TABLE || form == FORM_WIDE;
}

bool form_is_of_report(enum form form)
{
	return form == FORM_HTML || form == FORM_JUNIT;
}

const char *form_word(size_t index)
{
	return index < sizeof(words) / sizeof(words[0]) ? words[index] : NULL;
}

int form_parse(const char *word, enum form *ret_form, char ret_near[32])
{
	struct nearest nearest;

	nearest_init(&nearest, word);
	for (size_t i = 0; form_word(i) != NULL; i++) {
		if (strcmp(form_word(i), word) == 0) {
			*ret_form = (enum form)i;
			return 0;
		}
		nearest_try(&nearest, form_word(i));
	}
	memcpy(ret_near, nearest.best, sizeof(nearest.best));
	return -ENOENT;
}
