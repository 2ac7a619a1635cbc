/* SPDX-License-Identifier: MIT
 *
 * What the validator takes, what it refuses, and the exact words of every fault.
 */
#include "config.h"

#include "daemon/core/model.h"
#include "daemon/edge/yaml_check.h"
#include "tests/tap.h"
#include "tests/unit/config_fixture.h"

struct target {
	const yaml_node_t *node;
	char *text;
	char name[NAME_MAX_LEN];
	int64_t number, duration, percent, bytes;
	bool yes;
};

#define AT(field) offsetof(struct target, field)

static const struct yaml_key keys[] = {
	{"node", YAML_KEY_NODE, AT(node), 0, 0, false},
	{"text", YAML_KEY_STRING, AT(text), 1, 8, false},
	{"name", YAML_KEY_NAME, AT(name), 0, 0, false},
	{"number", YAML_KEY_INT, AT(number), -5, 4096, false},
	{"duration", YAML_KEY_DURATION, AT(duration), 0, 86400000, false},
	{"percent", YAML_KEY_PERCENT, AT(percent), 1, 100, false},
	{"bytes", YAML_KEY_BYTES, AT(bytes), 1000, 2000000, false},
	{"size", YAML_KEY_SIZE, AT(bytes), 4096, 2097152, false},
	{"yes", YAML_KEY_BOOL, AT(yes), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key required[] = {
	{"address", YAML_KEY_STRING, AT(text), 0, 0, true},
	{"name", YAML_KEY_NAME, AT(name), 0, 0, true},
	{"version", YAML_KEY_INT, AT(number), 1, 1, false},
	{NULL, 0, 0, 0, 0, false},
};

struct outcome {
	int loaded; /* what yaml_file_load() returned */
	bool good;
	char *faults;
	struct target target;
};

static struct outcome run(struct fixture *fixture, const char *text, size_t len,
	const struct yaml_key *table)
{
	const char *path = fixture_write(fixture, "test.yaml", text, len);
	struct outcome outcome = {.target.number = 77};
	struct yaml_problems problems;
	struct yaml_file file;

	yaml_problems_init(&problems);
	outcome.loaded = yaml_file_load(&file, path, &problems);
	if (file.loaded)
		outcome.good = yaml_check_mapping(
			&file, yaml_file_root(&file), table, &outcome.target);
	outcome.faults = fixture_faults(&problems, path);
	yaml_file_done(&file);
	yaml_problems_done(&problems);
	return outcome;
}

static void outcome_done(struct outcome *outcome)
{
	free(outcome->faults);
	free(outcome->target.text);
}

struct good_row {
	const char *name, *yaml;
	int64_t expected;
};

static int64_t value_in(const struct target *t)
{
	return t->duration + t->percent + t->bytes;
}

static const struct good_row good_rows[] = {
	{"empty file", "", 77},
	{"comments only", "# nothing\n", 77},
	{"a document without content", "---\n", 77},
	{"byte order mark",
		"\xef\xbb\xbf"
		"number: 3\n",
		3},
	{"int", "number: 12", 12},
	{"int at its minimum", "number: -5", -5},
	{"int at its maximum", "number: 4096", 4096},
	{"zero", "number: 0", 0},
	{"CR LF", "number: 12\r\n", 12},
	{"flow style", "{number: 9}", 9},
	{"quoted key", "\"number\": 9", 9},
	{"milliseconds", "duration: 500ms", 77 + 500},
	{"seconds", "duration: 30s", 77 + 30000},
	{"minutes", "duration: 5m", 77 + 300000},
	{"hours", "duration: 2h", 77 + 7200000},
	{"a day", "duration: 1d", 77 + 86400000},
	{"no time", "duration: 0s", 77},
	{"quoted duration", "duration: '5m'", 77 + 300000},
	{"percent", "percent: 25%", 77 + 25},
	{"quoted percent", "percent: \"25%\"", 77 + 25},
	{"percent without a sign", "percent: 25", 77 + 25},
	{"kilobytes", "bytes: 500kB", 77 + 500000},
	{"megabytes a second", "bytes: 2MB/s", 77 + 2000000},
	{"bytes", "bytes: 1000B", 77 + 1000},
	{"a size", "size: 512KiB", 77 + 524288},
	{"a larger one", "size: 1MiB", 77 + 1048576},
	{"one in bytes", "size: 4097B", 77 + 4097},
};

static void test_good(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++) {
		const struct good_row *row = &good_rows[i];
		struct outcome got = run(fixture, row->yaml, strlen(row->yaml), keys);

		if (!tap_ok(got.loaded == 0 && got.good && !*got.faults &&
				    got.target.number + value_in(&got.target) ==
					    row->expected,
			    "good: %s", row->name))
			printf("# loaded %d, faults %s\n", got.loaded, got.faults);
		outcome_done(&got);
	}
}

static void test_texts(struct fixture *fixture)
{
	static const char yaml[] =
		"text: 'a b'\nname: lab-1_x.y\nyes: true\nnode: [1]\n";
	struct outcome got = run(fixture, yaml, strlen(yaml), keys);

	EQ_STR(got.faults, "", "texts");
	EQ_STR(got.target.text, "a b", "texts");
	EQ_STR(got.target.name, "lab-1_x.y", "texts");
	OK(got.target.yes, "texts");
	OK(got.target.node != NULL, "texts");
	EQ_INT(got.target.number, 77, "texts: what is not there is left alone");
	outcome_done(&got);
}

#define NAME_EXPECTED "expected a name of letters, digits, '-', '_' and '.', at most 63"
#define FORTY         "1234567890123456789012345678901234567890"

struct fault_row {
	const char *name, *yaml, *expected;
};

static const struct fault_row fault_rows[] = {
	{"unknown key", "nmae: x", "F:1:1: unknown key 'nmae' (did you mean 'name'?)"},
	{"unknown key far from all", "weather: x", "F:1:1: unknown key 'weather'"},
	{"a letter too few", "\n  numbr: 1",
		"F:2:3: unknown key 'numbr' (did you mean "
		"'number'?)"},
	{"two letters, one of them missing", "ye: 1",
		"F:1:1: unknown key 'ye' (did you mean 'yes'?)"},
	{"one letter is near nothing", "y: 1", "F:1:1: unknown key 'y'"},
	{"repeated key", "number: 1\nyes: true\nnumber: 2",
		"F:3:1: repeated key 'number': the first one is in line 1"},
	{"key that is a list", "? [a]\n: 1",
		"F:1:3: a key must be a word, not a list or a mapping"},
	{"root is a list", "- a",
		"F:1:1: expected keys with values (key: value), found a "
		"list"},
	{"root is a text", "hello",
		"F:1:1: expected keys with values (key: value), found "
		"a text"},
	{"int from a word", "number: many",
		"F:1:9: 'number': expected a whole number such as 12, found 'many'"},
	{"int with a leading zero", "number: 010",
		"F:1:9: 'number': expected a whole number such as 12, found '010'"},
	{"int with an exponent", "number: 1e3",
		"F:1:9: 'number': expected a whole number such as 12, found '1e3'"},
	{"int in hex", "number: 0x10",
		"F:1:9: 'number': expected a whole number such as 12, found '0x10'"},
	{"quoted int", "number: \"12\"",
		"F:1:9: 'number': expected a whole number such as 12, found the quoted "
		"text '12'"},
	{"int too large", "number: 4097",
		"F:1:9: 'number' must be between -5 and 4096, found '4097'"},
	{"int far too large", "number: 99999999999999999999999",
		"F:1:9: 'number' must be between -5 and 4096, found "
		"'99999999999999999999999'"},
	{"int too small", "number: -6",
		"F:1:9: 'number' must be between -5 and 4096, found '-6'"},
	{"int missing", "number:",
		"F:1:8: 'number': expected a whole number such as 12, found nothing"},
	{"int null", "number: null",
		"F:1:9: 'number': expected a whole number such as 12, found nothing"},
	{"int a list", "number: [1]",
		"F:1:9: 'number': expected a whole number such as 12, found a list"},
	{"int a mapping", "number: {a: 1}",
		"F:1:9: 'number': expected a whole number such as 12, found keys and "
		"values"},
	{"bool in another spelling", "yes: True",
		"F:1:6: 'yes': expected true or false, found 'True'"},
	{"bool quoted", "yes: 'true'",
		"F:1:6: 'yes': expected true or false, found the quoted text 'true'"},
	{"duration", "duration: fast",
		"F:1:11: 'duration': expected a duration such as 30s, 5m or 2h, found "
		"'fast'"},
	{"duration without unit", "duration: 30",
		"F:1:11: 'duration': expected a duration such as 30s, 5m or 2h, found "
		"'30'"},
	{"duration with a blank", "duration: 30 s",
		"F:1:11: 'duration': expected a duration such as 30s, 5m or 2h, found "
		"'30 "
		"s'"},
	{"duration too long", "duration: 25h",
		"F:1:11: 'duration' must be between 0s and 1d, found '25h'"},
	{"duration beyond any number", "duration: 9223372036854775807d",
		"F:1:11: 'duration' must be between 0s and 1d, found "
		"'9223372036854775807d'"},
	{"negative duration", "duration: -1s",
		"F:1:11: 'duration' must be between 0s and 1d, found '-1s'"},
	{"percent too large", "percent: 101%",
		"F:1:10: 'percent' must be between 1% and 100%, found '101%'"},
	{"percent quoted without sign", "percent: '25'",
		"F:1:10: 'percent': expected a percentage such as 25%, found the "
		"quoted "
		"text '25'"},
	{"bytes without unit", "bytes: 500",
		"F:1:8: 'bytes': expected an amount such as 500kB or 2MB, found '500'"},
	{"bytes too many", "bytes: 3MB",
		"F:1:8: 'bytes' must be between 1kB and 2MB, found '3MB'"},
	{"a size in other units", "size: 1MB",
		"F:1:7: 'size': expected a size such as 512KiB or 1MiB, found '1MB'"},
	{"a size too small", "size: 1KiB",
		"F:1:7: 'size' must be between 4KiB and 2MiB, found '1KiB'"},
	{"text too long", "text: 123456789",
		"F:1:7: 'text' must have 1 to 8 characters, it has 9"},
	{"text empty", "text: ''",
		"F:1:7: 'text' must have 1 to 8 characters, it has 0"},
	{"text nothing", "text: ~", "F:1:7: 'text': expected a text, found nothing"},
	{"text with NUL", "text: \"a\\0b\"",
		"F:1:7: 'text': expected a text, found control characters"},
	{"text with line feed", "text: \"a\\nb\"",
		"F:1:7: 'text': expected a text, found control characters"},
	{"name with a blank", "name: a b",
		"F:1:7: 'name': " NAME_EXPECTED ", found 'a b'"},
	{"name too long", "name: " FORTY FORTY,
		"F:1:7: 'name': " NAME_EXPECTED ", found '" FORTY
		"12345678901234567890'"},
	{"control bytes in a key are not passed on", "\"a\\e[31m\": 1",
		"F:1:1: unknown key 'a?[31m'"},
	{"several faults in the order of the file",
		"yes: 1\nnumber: x\nnmae: 3\nduration: z",
		"F:1:6: 'yes': expected true or false, found '1'\n"
		"F:2:9: 'number': expected a whole number such as 12, found 'x'\n"
		"F:3:1: unknown key 'nmae' (did you mean 'name'?)\n"
		"F:4:11: 'duration': expected a duration such as 30s, 5m or 2h, found "
		"'z'"},
};

static const struct fault_row required_rows[] = {
	{"nothing at all", "", "F: missing key 'address'\nF: missing key 'name'"},
	{"one missing", "name: x", "F:1:1: missing key 'address'"},
	{"missing and a typing error", "\nadress: x\nname: x",
		"F:2:1: unknown key 'adress' (did you mean 'address'?)\n"
		"F:2:1: missing key 'address'"},
	{"present but wrong is not missing", "address: [a]\nname: x",
		"F:1:10: 'address': expected a text, found a list"},
	{"one value only", "{address: x, name: x, version: 2}",
		"F:1:32: 'version' must be 1, found '2'"},
};

static void test_faults(struct fixture *fixture, const struct fault_row *rows,
	size_t count, const struct yaml_key *table)
{
	for (size_t i = 0; i < count; i++) {
		struct outcome got =
			run(fixture, rows[i].yaml, strlen(rows[i].yaml), table);

		if (!tap_ok(strcmp(got.faults, rows[i].expected) == 0 && !got.good,
			    "fault: %s", rows[i].name))
			printf("# got  %s\n# want %s\n", got.faults, rows[i].expected);
		outcome_done(&got);
	}
}

/* What the loader refuses. Bytes with a length: a NUL is one of the cases. */
struct load_row {
	const char *name, *yaml;
	size_t len;
	const char *expected;
};

#define TEXT(literal) (literal), sizeof(literal) - 1

static const struct load_row load_rows[] = {
	{"anchor", TEXT("node: &a 1\n"),
		"F:1:7: anchors (&name) are not allowed: write the value out at each "
		"place"},
	{"alias, and the rest is checked as well",
		TEXT("node: &a {}\ntext: *a\nyes: 3\n"),
		"F:1:7: anchors (&name) are not allowed: write the value out at each "
		"place\n"
		"F:2:7: aliases (*name) are not allowed: write the value out at each "
		"place\n"
		"F:3:6: 'yes': expected true or false, found '3'"},
	{"merge key", TEXT("<<: {number: 1}\n"),
		"F:1:1: merge keys (<<) are not allowed: write the keys out at each "
		"place"},
	{"quoted, it is an unknown key", TEXT("'<<': 1\n"), "F:1:1: unknown key '<<'"},
	{"tag", TEXT("number: !!int 1\n"),
		"F:1:9: tags (!name) are not allowed: remove the tag"},
	{"tag on a mapping", TEXT("--- !x\nnumber: 1\n"),
		"F:1:5: tags (!name) are not allowed: remove the tag"},
	{"tag directive", TEXT("%TAG ! tag:x,2000:\n---\nnumber: 1\n"),
		"F:1:1: tags are not allowed: remove the %TAG line"},
	{"two documents", TEXT("number: 1\n---\nnumber: 2\n"),
		"F:2:1: a second document begins here: the file must hold only one"},
	{"tab", TEXT("node:\n\tnumber: 1\n"),
		"F:2:1: malformed YAML: found character that cannot start any token "
		"(indent with blanks, not with tabs)"},
	{"not closed", TEXT("node: [1, 2\n"),
		"F:2:1: malformed YAML: did not find expected ',' or ']' (while "
		"parsing a "
		"flow sequence that begins in line 1)"},
	{"wrong indentation", TEXT("node:\n  a: 1\n b: 2\n"),
		"F:3:2: malformed YAML: did not find expected key (while parsing a "
		"block "
		"mapping that begins in line 1)"},
	{"undefined alias", TEXT("number: *a\n"),
		"F:1:9: aliases (*name) are not allowed: write the value out at each "
		"place"},
	{"deep", TEXT("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"),
		"F:1:17: nested deeper than 16 levels"},
	{"NUL", TEXT("number: 1\nye\0s: true\n"),
		"F:2:3: byte 0x00: the file must be text in UTF-8 without control "
		"characters"},
	{"escape character", TEXT("text: \x1b[1m\n"),
		"F:1:7: byte 0x1b: the file must be text in UTF-8 without control "
		"characters"},
	{"Latin 1", TEXT("text: caf\xe9\n"),
		"F:1:10: byte 0xe9: the file must be text in UTF-8 without control "
		"characters"},
	{"columns count characters", TEXT("text: \xc3\xa9\xc3\xa9 \xff\n"),
		"F:1:10: byte 0xff: the file must be text in UTF-8 without control "
		"characters"},
	{"overlong", TEXT("text: \xc0\xaf\n"),
		"F:1:7: byte 0xc0: the file must be text in UTF-8 without control "
		"characters"},
	{"surrogate", TEXT("text: \xed\xa0\x80\n"),
		"F:1:7: byte 0xed: the file must be text in UTF-8 without control "
		"characters"},
	{"cut character", TEXT("text: \xe2\x82"),
		"F:1:7: byte 0xe2: the file must be text in UTF-8 without control "
		"characters"},
	{"UTF-16", TEXT("\xff\xfen\0:\0"),
		"F:1:1: byte 0xff: the file must be text in UTF-8 without control "
		"characters"},
};

static void test_load(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(load_rows) / sizeof(load_rows[0]); i++) {
		const struct load_row *row = &load_rows[i];
		struct outcome got = run(fixture, row->yaml, row->len, keys);

		if (!tap_ok(strcmp(got.faults, row->expected) == 0 &&
				    (got.loaded == WIPY_E_CONFIG || !got.good),
			    "load: %s", row->name))
			printf("# got  %s\n# want %s\n", got.faults, row->expected);
		outcome_done(&got);
	}
}

static void test_depth_allowed(struct fixture *fixture)
{
	static const char yaml[] = "node: [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]\n";
	struct outcome got = run(fixture, yaml, strlen(yaml), keys);

	EQ_STR(got.faults, "", "sixteen levels");
	OK(got.good, "sixteen levels");
	outcome_done(&got);
}

static void test_unreadable(const char *path, const char *expected, const char *name)
{
	struct yaml_problems problems;
	struct yaml_file file;
	char *faults;

	yaml_problems_init(&problems);
	EQ_INT(yaml_file_load(&file, path, &problems), WIPY_E_CONFIG, name);
	faults = fixture_faults(&problems, path);
	EQ_STR(faults, expected, name);
	OK(yaml_file_root(&file) == NULL, name);
	yaml_file_done(&file);
	yaml_problems_done(&problems);
	free(faults);
}

static void test_fifo(struct fixture *fixture)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/fifo", fixture->folder);
	if (mkfifo(path, 0600) < 0)
		abort();
	/* A loader that waits for a writer would wait for ever. */
	alarm(30);
	test_unreadable(path, "F: this is not a regular file", "FIFO");
	alarm(0);
	unlink(path);
}

static void test_too_large(struct fixture *fixture)
{
	const char *path = fixture_write(fixture, "large.yaml", "", 0);

	if (truncate(path, (off_t)YAML_FILE_MAX + 1) < 0)
		abort();
	test_unreadable(path, "F: the file is larger than 256 MiB", "too large");
}

/* More faults than are kept, found in a bad order: the first lines stay. */
static void test_many(struct fixture *fixture)
{
	static const struct yaml_key none[] = {{NULL, 0, 0, 0, 0, false}};
	char yaml[8 * 300], expected[64];
	size_t len = 0;
	struct yaml_problems problems;
	struct yaml_file file;
	const char *path;
	bool sorted = true;

	for (int i = 0; i < 300; i++)
		len += (size_t)snprintf(yaml + len, sizeof(yaml) - len, "k%d: 0\n", i);
	path = fixture_write(fixture, "many.yaml", yaml, len);
	yaml_problems_init(&problems);
	EQ_INT(yaml_file_load(&file, path, &problems), 0, "many");
	for (int i = 300; i-- > 0;) {
		const yaml_node_t *root = yaml_file_root(&file);
		const yaml_node_pair_t *pair = root->data.mapping.pairs.start + i;

		yaml_problem(&file, yaml_file_node(&file, pair->key), "fault %d", i);
	}
	EQ_INT(problems.count, YAML_PROBLEMS_MAX, "many");
	EQ_INT(problems.more, 100, "many");
	for (int i = 0; i < YAML_PROBLEMS_MAX; i++) {
		snprintf(expected, sizeof(expected), ":%d:1: fault %d", i + 1, i);
		sorted = sorted &&
			 strcmp(problems.line[i] + strlen(path), expected) == 0;
	}
	OK(sorted, "many: the first by line are kept, in order");
	OK(!yaml_check_mapping(&file, yaml_file_root(&file), none, NULL), "many");
	EQ_INT(problems.more, 400, "many: further ones are counted");
	yaml_file_done(&file);
	yaml_problems_done(&problems);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	test_good(&fixture);
	test_texts(&fixture);
	test_faults(
		&fixture, fault_rows, sizeof(fault_rows) / sizeof(fault_rows[0]), keys);
	test_faults(&fixture, required_rows,
		sizeof(required_rows) / sizeof(required_rows[0]), required);
	test_load(&fixture);
	test_depth_allowed(&fixture);
	test_unreadable("/nonexistent/x.yaml",
		"F: the file cannot be read: No such file or directory", "absent");
	test_unreadable(fixture.folder, "F: this is not a regular file", "folder");
	test_fifo(&fixture);
	test_too_large(&fixture);
	test_many(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
