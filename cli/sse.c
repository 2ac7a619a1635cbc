/* SPDX-License-Identifier: MIT
 *
 * Fields are "name: value", an empty line ends an event, a line that begins with ':' is a
 * comment. Only what wipyd sends is read: id and data, lines that end with a line feed.
 */
#include "config.h"

#include "cli/sse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sse_init(struct sse *sse, sse_event_fn event, void *arg)
{
	*sse = (struct sse){.event = event, .arg = arg};
}

void sse_done(struct sse *sse)
{
	free(sse->line);
	free(sse->data);
}

void sse_restart(struct sse *sse)
{
	sse->line_len = sse->data_len = 0;
	memcpy(sse->id_read, sse->id, sizeof(sse->id));
}

/* Both buffers have one byte more, for the NUL. */
static int append(char **buffer, size_t *len, const char *bytes, size_t count)
{
	if (*buffer == NULL)
		*buffer = malloc(SSE_LINE_MAX + 1);
	if (*buffer == NULL)
		return -ENOMEM;
	if (*len + count > SSE_LINE_MAX)
		return -EMSGSIZE;
	memcpy(*buffer + *len, bytes, count);
	*len += count;
	(*buffer)[*len] = '\0';
	return 0;
}

static const char *value_of(const char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(line, name, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + (*line == ' ');
}

static int take_line(struct sse *sse, const char *line)
{
	const char *value;
	int err = 0;

	if (*line == '\0') {
		/* Without data there is no event, but the id counts. */
		memcpy(sse->id, sse->id_read, sizeof(sse->id));
		if (sse->data_len > 0)
			sse->event(sse->arg, sse->data);
		sse->data_len = 0;
	} else if ((value = value_of(line, "id")) != NULL) {
		snprintf(sse->id_read, sizeof(sse->id_read), "%s", value);
	} else if ((value = value_of(line, "data")) != NULL) {
		if (sse->data_len > 0)
			err = append(&sse->data, &sse->data_len, "\n", 1);
		if (err == 0)
			err = append(&sse->data, &sse->data_len, value, strlen(value));
	}
	return err;
}

int sse_take(struct sse *sse, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\n', len);
		size_t count = end == NULL ? len : (size_t)(end - bytes);
		int err = append(&sse->line, &sse->line_len, bytes, count);

		if (err < 0)
			return err;
		if (end == NULL)
			return 0;
		sse->line_len = 0;
		err = take_line(sse, sse->line);
		if (err < 0)
			return err;
		bytes += count + 1;
		len -= count + 1;
	}
	return 0;
}
