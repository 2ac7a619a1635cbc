/* SPDX-License-Identifier: MIT
 *
 * One description of a list in every form, at every width.
 */
#include "config.h"

#include "cli/view.h"

#include <stdlib.h>

#include "tests/tap.h"

static void cell_of(const json_t *row, struct view_cell *cell)
{
	snprintf(cell->text, sizeof(cell->text), "%lld!",
		(long long)json_integer_value(view_value(row, "count")));
}

static const struct view_column columns[] = {
	{.title = "NAME", .path = "name", .shrinks = 4},
	{.title = "STATE", .path = "version.state", .kind = VIEW_STATE, .drop = 2},
	{.title = "SIZE", .path = "size", .kind = VIEW_BYTES, .drop = 1},
	{.title = "SUM", .path = "sum", .kind = VIEW_DIGEST, .wide = true},
	{.path = "count"},
	{.title = "MADE", .kind = VIEW_CELL, .cell = cell_of},
	{.title = "NAMES", .path = "names", .kind = VIEW_NAMES, .drop = 3},
	{.title = NULL},
};

static const char document[] = "{\"rows\": [{\"name\": \"laboratory\", \"version\": "
			       "{\"state\": \"ok\"}, \"size\": "
			       "175000, \"sum\": \"0123456789abcdef\", \"count\": 7, "
			       "\"names\": [\"a\", \"b\"]},"
			       "{\"name\": \"a,b\\\"c\", \"version\": null, \"size\": "
			       "null, \"count\": true}]}";

static const struct view_column to_do_columns[] = {
	{.title = "NAME", .path = "name", .shrinks = 4},
	{.title = "TO DO", .path = "to_do", .shrinks = 8, .wraps = true},
	{.title = NULL},
};
static const struct view to_do_view = {.key = "rows", .columns = to_do_columns};
static const char to_do_document[] = "{\"rows\": [{\"name\": \"a\", \"to_do\": "
				     "\"wait until 2026-11-20T11:00:00Z\"}]}";

static const struct view view = {
	.key = "rows", .columns = columns, .name = "name", .none = "Nothing."};

static const struct {
	const char *what;
	const struct view *view;
	const char *document;
	enum form form;
	int width;
	const char *text;
} rows[] = {
	{"a table", &view, document, FORM_TABLE, 0,
		"NAME        STATE     SIZE  MADE  NAMES\n"
		"laboratory  ok     170 KiB  7!    a and b\n"
		"a,b\"c       -            -  0!    -\n"},
	{"everything fits", &view, document, FORM_TABLE, 41,
		"NAME        STATE     SIZE  MADE  NAMES\n"
		"laboratory  ok     170 KiB  7!    a and b\n"
		"a,b\"c       -            -  0!    -\n"},
	{"one column less: the name is cut", &view, document, FORM_TABLE, 40,
		"NAME       STATE     SIZE  MADE  NAMES\n"
		"laborato~  ok     170 KiB  7!    a and b\n"
		"a,b\"c      -            -  0!    -\n"},
	{"no name is cut further: SIZE goes first, and the name has room again", &view,
		document, FORM_TABLE, 34,
		"NAME        STATE  MADE  NAMES\n"
		"laboratory  ok     7!    a and b\n"
		"a,b\"c       -      0!    -\n"},
	{"then STATE", &view, document, FORM_TABLE, 25,
		"NAME        MADE  NAMES\n"
		"laboratory  7!    a and b\n"
		"a,b\"c       0!    -\n"},
	{"then NAMES; what may not go stays, cut", &view, document, FORM_TABLE, 12,
		"NAME    MADE\n"
		"labor~  7!\n"
		"a,b\"c   0!\n"},
	{"narrower than that it is what it is", &view, document, FORM_TABLE, 5,
		"NAME  MADE\n"
		"lab~  7!\n"
		"a,b~  0!\n"},
	{"wide: all columns, uncut, whatever the width", &view, document, FORM_WIDE, 20,
		"NAME        STATE     SIZE  SUM               MADE  NAMES\n"
		"laboratory  ok     170 KiB  0123456789abcdef  7!    a and b\n"
		"a,b\"c       -            -  -                 0!    -\n"},
	{"what a person has to do is wrapped, its times are the reader's", &to_do_view,
		to_do_document, FORM_TABLE, 20,
		"NAME  TO DO\n"
		"a     wait until\n"
		"      2026-11-20\n"
		"      11:00:00Z\n"},
	{"wide: neither cut nor wrapped", &to_do_view, to_do_document, FORM_WIDE, 20,
		"NAME  TO DO\n"
		"a     wait until 2026-11-20 11:00:00Z\n"},
	{"csv has the API's time", &to_do_view, to_do_document, FORM_CSV, 20,
		"name,to_do\r\na,wait until 2026-11-20T11:00:00Z\r\n"},
	{"csv", &view, document, FORM_CSV, 20,
		"name,version.state,size,sum,count,names\r\n"
		"laboratory,ok,175000,0123456789abcdef,7,a;b\r\n"
		"\"a,b\"\"c\",,,,true,\r\n"},
	{"jsonl", &view, "{\"rows\": [{\"b\": 1, \"a\": []}, 2]}", FORM_JSONL, 20,
		"{\"b\":1,\"a\":[]}\n2\n"},
	{"quiet", &view, document, FORM_QUIET, 5, "laboratory\na,b\"c\n"},
	{"no rows", &view, "{\"rows\": []}", FORM_TABLE, 80, "Nothing.\n"},
	{"no rows: csv has its header", &view, "{\"rows\": []}", FORM_CSV, 80,
		"name,version.state,size,sum,count,names\r\n"},
	{"rows of wrong shapes", &view, "{\"rows\": [7, null, {\"names\": {}}]}",
		FORM_TABLE, 0,
		"NAME  STATE  SIZE  MADE  NAMES\n"
		"-     -         -  0!    -\n"
		"-     -         -  0!    -\n"
		"-     -         -  0!    -\n"},
};

static void keys_of(const json_t *row, struct view_cell *cell)
{
	const char *key;
	json_t *value;
	size_t len = 0;

	json_object_foreach((json_t *)(uintptr_t)row, key, value) len +=
		(size_t)snprintf(
			cell->text + len, sizeof(cell->text) - len, "%s;", key);
}

/* Below the table. */
static void print_rest(struct cli *cli, const json_t *answer)
{
	const json_t *rest = json_object_get(answer, "rest");

	if (rest != NULL)
		writer_line(cli->out, "rest: %s", json_string_value(rest));
}

static const struct view_column inner_columns[] = {
	{.title = "NAME", .path = "name"},
	{.title = "OF", .path = "name", .kind = VIEW_CELL, .cell = keys_of},
	{.title = "IMAGE", .path = "images.tag"},
	{.title = "OF", .path = "images.tag", .kind = VIEW_CELL, .cell = keys_of},
	{.title = NULL},
};
static const struct view_column two_columns[] = {
	{.title = "NAME", .path = "name"},
	{.title = "IMAGE", .path = "images.tag"},
	{.title = NULL},
};
static const struct view inner_view = {.key = "rows",
	.columns = two_columns,
	.inner = "images",
	.name = "name",
	.text = print_rest};
static const struct view cells_view = {
	.key = "rows", .columns = inner_columns, .inner = "images"};
static const char inner_document[] = "{\"rows\": [{\"name\": \"r1\", \"images\": "
				     "[{\"tag\": \"x\"}, {\"tag\": \"y\"}]}, "
				     "{\"name\": \"r2\", \"images\": []}]}";
static const struct view object_view = {.key = "it", .name = "id"};
static const char object_document[] =
	"{\"it\": {\"id\": 5, \"a\": {\"b\": {\"c\": -1}, \"d\": null}, \"e\": [{}, "
	"{}], "
	"\"f\": [], \"g\": {}, \"h\": [\"x\", \"y\"], \"t\": \"a\\nb\"}}";

static const typeof(rows[0]) more[] = {
	{"rows inside of rows", &inner_view, inner_document, FORM_TABLE, 0,
		"NAME  IMAGE\nr1    x\nr1    y\nr2    -\n"},
	{"rows inside of rows: what a function is given", &cells_view, inner_document,
		FORM_TABLE, 0,
		"NAME  OF            IMAGE  OF\n"
		"r1    name;images;  x      tag;\n"
		"r1    name;images;  y      tag;\n"
		"r2    name;images;  -      -\n"},
	{"what stands beside the list", &inner_view,
		"{\"rows\": [{\"name\": \"r3\"}], \"rest\": \"more\"}", FORM_TABLE, 0,
		"NAME  IMAGE\nr3    -\nrest: more\n"},
	{"without a list too", &inner_view, "{\"rows\": [], \"rest\": \"more\"}",
		FORM_TABLE, 0, "rest: more\n"},
	{"rows inside of rows: csv", &inner_view, inner_document, FORM_CSV, 0,
		"name,images.tag\r\nr1,x\r\nr1,y\r\nr2,\r\n"},
	{"rows inside of rows: a name each", &inner_view, inner_document, FORM_QUIET, 0,
		"r1\nr2\n"},
	{"one object: csv", &object_view, object_document, FORM_CSV, 0,
		"id,a.b.c,a.d,e,f,g,h,t\r\n5,-1,,2,,,x;y,\"a\nb\"\r\n"},
	{"one object: its name", &object_view, object_document, FORM_QUIET, 0, "5\n"},
};

static void test_row(const typeof(rows[0]) *row)
{
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len);
	struct writer writer = {.stream = stream, .utc = true, .width = row->width};
	struct cli cli = {.out = &writer, .err = &writer, .form = row->form};
	json_t *answer = json_loads(row->document, 0, NULL);

	EQ_INT(view_show(&cli, row->view, answer), 0, row->what);
	fclose(stream);
	EQ_STR(text, row->text, row->what);
	free(text);
}

static void test_words(void)
{
	char near[32] = "";
	enum form form;

	for (size_t i = 0; form_word(i) != NULL; i++) {
		EQ_INT(form_parse(form_word(i), &form, near), 0, form_word(i));
		EQ_INT(form, i, form_word(i));
	}
	OK(form_parse("cvs", &form, near) < 0 && strcmp(near, "csv") == 0,
		"a form that is near");
	OK(form_parse("xyzzy", &form, near) < 0 && near[0] == '\0',
		"a form that nothing is near");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(&rows[i]);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		test_row(&more[i]);
	test_words();
	return tap_done();
}
