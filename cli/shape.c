/* SPDX-License-Identifier: MIT
 *
 * Lenient readers over jansson.
 */
#include "config.h"

#include "cli/shape.h"

#include <stdio.h>
#include <string.h>

#include "common/text.h"

const char *shape_time(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const char *shape_text(const json_t *object, const char *key)
{
	const char *text = shape_time(object, key);

	return text == NULL ? "" : text;
}

const char *shape_reason(const json_t *object, const char *key)
{
	const char *text = shape_text(object, key);

	return strcmp(text, shape_text(object, "state")) == 0 ? "" : text;
}

const char *shape_cell(const json_t *object, const char *key)
{
	const char *text = shape_text(object, key);

	return text[0] == '\0' ? "-" : text;
}

long long shape_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool shape_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

const json_t *shape_list(const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key);

	return json_is_array(list) ? list : NULL;
}

const json_t *shape_object(const json_t *object, const char *key)
{
	const json_t *member = json_object_get(object, key);

	return json_is_object(member) ? member : NULL;
}

const char *shape_boards(long long count)
{
	return count == 1 ? "board" : "boards";
}

void shape_firmware(const json_t *object, size_t cap, char *ret_text)
{
	const char *tag = shape_text(object, "tag"), *date = shape_text(object, "date");

	if (tag[0] == '\0')
		snprintf(ret_text, cap, "-");
	else if (date[0] == '\0')
		snprintf(ret_text, cap, "%s", tag);
	else
		snprintf(ret_text, cap, "%s (%s)", tag, date);
}

void shape_names(
	const json_t *list, const char *key, size_t most, size_t cap, char *ret_text)
{
	size_t count = json_array_size(list);
	struct wipy_text text;

	wipy_text_init(&text, ret_text, cap);
	for (size_t i = 0; i < count && i < most; i++) {
		const json_t *item = json_array_get(list, i);
		const char *name = json_string_value(
			key == NULL ? item : json_object_get(item, key));

		if (i > 0)
			wipy_text_str(&text, i + 1 == count ? " and " : ", ");
		wipy_text_str(&text, name == NULL ? "?" : name);
	}
	if (count > most) {
		wipy_text_str(&text, " and ");
		wipy_text_int(&text, (int64_t)(count - most));
		wipy_text_str(&text, " more");
	}
}
