/* SPDX-License-Identifier: MIT
 *
 * Passwords from files: what a file may hold, where it is looked for, who may read it;
 * and when two inventories differ in a login.
 */
#include "config.h"

#include "tests/tap.h"
#include "tests/unit/inventory_fixture.h"

struct secret_row {
	const char *name, *bytes;
	size_t len;
	const char *password, *fault; /* one of them */
};

#define BYTES(literal) (literal), sizeof(literal) - 1
#define NO_USE                                                                         \
	"is of no use: its first line must be 1 to 31 printable ASCII characters, no " \
	"blanks"
#define A31 "1234567890123456789012345678901"

static const struct secret_row secret_rows[] = {
	{"plain", BYTES("abc"), "abc", NULL},
	{"line feed", BYTES("abc\n"), "abc", NULL},
	{"CR LF", BYTES("abc\r\n"), "abc", NULL},
	{"only the first line", BYTES("abc\nsecond\n"), "abc", NULL},
	{"31 characters", BYTES(A31 "\r\n"), A31, NULL},
	{"32 characters", BYTES(A31 "2\n"), NULL, NO_USE},
	{"very long", BYTES(A31 A31 A31), NULL, NO_USE},
	{"empty", BYTES(""), NULL, "is empty: its first line is the password"},
	{"empty first line", BYTES("\nabc\n"), NULL,
		"is empty: its first line is the password"},
	{"blank", BYTES("a b\n"), NULL, NO_USE},
	{"not ASCII", BYTES("caf\xc3\xa9\n"), NULL, NO_USE},
	{"NUL", BYTES("ab\0c\n"), NULL, NO_USE},
	{"NUL first", BYTES("\0abc\n"), NULL, NO_USE},
};

#define LOGIN_YAML WIPY BOARDS(", login: {password-file: secret}")
#define LOGIN_AT   "F:3:46: password file '%s' %s"

static void test_secrets(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(secret_rows) / sizeof(secret_rows[0]); i++) {
		const struct secret_row *row = &secret_rows[i];
		const char *path =
			fixture_write(fixture, "secret", row->bytes, row->len);
		struct outcome got = read_as(fixture, LOGIN_YAML, NULL);
		char expected[512] = "";

		if (row->fault)
			snprintf(
				expected, sizeof(expected), LOGIN_AT, path, row->fault);
		EQ_STR(got.faults, expected, row->name);
		if (row->password && OK(got.inventory != NULL, row->name))
			EQ_STR(got.inventory->board[0].password, row->password,
				row->name);
		outcome_done(&got);
	}
}

/* Name, mode and folder of the file decide; chmod needs no root. */
static void test_secret_places(struct fixture *fixture)
{
	struct fixture credentials;
	const char *path, *other;
	struct outcome got;
	char expected[512];

	fixture_init(&credentials);
	path = fixture_write(fixture, "secret", "beside\n", 7);
	got = read_as(fixture, LOGIN_YAML, credentials.folder);
	if (OK(got.inventory != NULL,
		    "not among the credentials: beside the inventory"))
		EQ_STR(got.inventory->board[0].password, "beside", "places");
	outcome_done(&got);

	other = fixture_write(&credentials, "secret", "credential\n", 11);
	if (chmod(other, 0444) < 0)
		abort();
	got = read_as(fixture, LOGIN_YAML, credentials.folder);
	if (OK(got.inventory != NULL, "among the credentials any mode will do"))
		EQ_STR(got.inventory->board[0].password, "credential", "places");
	outcome_done(&got);

	got = read_as(fixture, WIPY BOARDS(", login: {password-file: ./secret}"),
		credentials.folder);
	if (OK(got.inventory != NULL, "with a slash: beside the inventory"))
		EQ_STR(got.inventory->board[0].password, "beside", "places");
	outcome_done(&got);

	if (chmod(path, 0604) < 0)
		abort();
	got = read_as(fixture, LOGIN_YAML, NULL);
	snprintf(expected, sizeof(expected),
		"F:3:46: password file '%s' is open to everybody on this machine: run "
		"chmod o-rwx '%s'",
		path, path);
	EQ_STR(got.faults, expected, "open to everybody");
	outcome_done(&got);

	unlink(path);
	got = read_as(fixture, LOGIN_YAML, NULL);
	snprintf(expected, sizeof(expected), LOGIN_AT, path,
		"cannot be read: No such file or directory");
	EQ_STR(got.faults, expected, "absent");
	outcome_done(&got);

	got = read_as(fixture, WIPY BOARDS(", login: {password-file: /}"), NULL);
	EQ_STR(got.faults, "F:3:46: password file '/' is not a regular file", "folder");
	outcome_done(&got);

	if (mkfifo(path, 0600) < 0)
		abort();
	/* A reader that waits for a writer would wait for ever. */
	alarm(30);
	got = read_as(fixture, LOGIN_YAML, NULL);
	alarm(0);
	snprintf(expected, sizeof(expected), LOGIN_AT, path, "is not a regular file");
	EQ_STR(got.faults, expected, "FIFO");
	outcome_done(&got);
	unlink(path);
	fixture_done(&credentials);
}

static void test_credentials_differ(struct fixture *fixture)
{
	static const struct {
		const char *name, *yaml;
		bool expected;
	} rows[] = {
		{"same",
			WIPY "boards: [{name: a, address: x}, {name: b, address: y}]\n",
			false},
		{"another password",
			WIPY
			"boards: [{name: a, address: x}, {name: b, address: y, login: "
			"{password-file: pw}}]\n",
			true},
		{"another user",
			WIPY
			"boards: [{name: a, address: x}, {name: b, address: y, login: "
			"{user: joe, password-file: python}}]\n",
			true},
		{"same login, spelled out",
			WIPY
			"boards: [{name: a, address: x}, {name: b, address: y, login: "
			"{user: micro, password-file: python}}]\n",
			false},
		{"only a board that the other does not hold",
			WIPY
			"boards: [{name: a, address: x}, {name: aa, address: z, login: "
			"{password-file: pw}}, {name: b, address: y}]\n",
			false},
		{"no board in common",
			WIPY
			"boards: [{name: c, address: x, login: {password-file: pw}}]\n",
			false},
	};
	struct outcome base = read_as(fixture, rows[0].yaml, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct outcome other = read_as(fixture, rows[i].yaml, NULL);

		EQ_STR(other.faults, "", rows[i].name);
		if (other.inventory) {
			EQ_INT(inventory_credentials_differ(
				       base.inventory, other.inventory),
				rows[i].expected, rows[i].name);
			EQ_INT(inventory_credentials_differ(
				       other.inventory, base.inventory),
				rows[i].expected, rows[i].name);
		}
		outcome_done(&other);
	}
	outcome_done(&base);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_write(&fixture, "pw", SECRET "\n", strlen(SECRET) + 1);
	fixture_write(&fixture, "python", "python", 6);
	test_secrets(&fixture);
	test_secret_places(&fixture);
	test_credentials_differ(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
