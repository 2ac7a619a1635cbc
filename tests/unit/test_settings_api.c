/* SPDX-License-Identifier: MIT
 *
 * Who may do what over the API, and where it listens: what is refused before it could give
 * somebody more than the owner meant.
 */
#include "config.h"

#include <errno.h>

#include "daemon/edge/settings.h"
#include "tests/tap.h"
#include "tests/unit/config_fixture.h"

#define DIGEST  "00112233445566778899aabbccddeeff00112233445566778899aabbccddee"
#define TOKEN_A "a viewer " DIGEST "01\n"
#define TOKEN_B "b admin " DIGEST "02\n"
#define TLS     "certificate: c.pem, key: k.pem"

static const struct {
	const char *name, *yaml;
	bool tcp, ipv6, loopback, tls;
	int port;
	size_t groups, tokens;
} good[] = {
	{"nothing", "", false, false, false, false, 0, 0, 0},
	{"empty", "api: {}", false, false, false, false, 0, 0, 0},
	{"loopback", "api: {listen: '127.0.0.1:8443'}", true, false, true, false, 8443,
		0, 0},
	{"any of 127/8", "api: {listen: '127.9.8.7:0'}", true, false, true, false, 0, 0,
		0},
	{"loopback of IPv6", "api: {listen: '[::1]:80'}", true, true, true, false, 80,
		0, 0},
	{"loopback with tokens", "api: {listen: '127.0.0.1:1', tokens: two}", true,
		false, true, false, 1, 0, 2},
	{"loopback with TLS", "api: {listen: '127.0.0.1:1', " TLS "}", true, false,
		true, true, 1, 0, 0},
	{"everywhere", "api: {listen: '0.0.0.0:65535', tokens: two, " TLS "}", true,
		false, false, true, 65535, 0, 2},
	{"everywhere, IPv6", "api: {listen: '[::]:443', tokens: two, " TLS "}", true,
		true, false, true, 443, 0, 2},
	{"no roles for anybody", "api: {roles: {}}", false, false, false, false, 0, 0,
		0},
	{"groups", "api: {roles: {viewer: [root, '4242'], operator: [7], admin: []}}",
		false, false, false, false, 0, 3, 0},
};

static const struct {
	const char *name, *yaml, *says;
} bad[] = {
	{"metrics of each board, yes or no", "api: {metrics: {per-board: 2}}",
		"'per-board': expected true or false"},
	{"an unknown key of metrics", "api: {metrics: {per_board: true}}",
		"(did you mean 'per-board'?)"},
	{"an unknown key", "api: {lissten: '127.0.0.1:1'}", "(did you mean 'listen'?)"},
	{"an unknown role", "api: {roles: {viewers: [root]}}",
		"F:1:15: unknown key 'viewers' (did you mean 'viewer'?)"},
	{"no such group", "api: {roles: {admin: [no-such-group-here]}}",
		"F:1:23: 'admin': there is no group 'no-such-group-here'"},
	{"roles that are no list", "api: {roles: {admin: root}}",
		"'admin': expected a list"},
	{"no port", "api: {listen: 127.0.0.1}",
		"'listen': expected an address and a port"},
	{"a name", "api: {listen: 'localhost:80'}", "found 'localhost:80'"},
	{"a port too high", "api: {listen: '127.0.0.1:65536'}", "expected an address"},
	{"half an address", "api: {listen: '127.1:80'}", "expected an address"},
	{"IPv6 without brackets", "api: {listen: '::1:80'}", "expected an address"},
	{"everywhere in the open", "api: {listen: '0.0.0.0:80'}",
		"0.0.0.0 is not a loopback address, so it needs TLS and tokens"},
	{"everywhere without tokens", "api: {listen: '10.1.1.1:80', " TLS "}",
		"10.1.1.1 is not a loopback address"},
	{"everywhere without TLS", "api: {listen: '[::]:80', tokens: two}",
		":: is not a loopback address"},
	{"everywhere with no token in the file",
		"api: {listen: '[::]:80', tokens: none, " TLS "}",
		"the file of tokens has none"},
	{"an IPv4 address in IPv6", "api: {listen: '[::ffff:127.0.0.1]:80'}",
		"is not a loopback address"},
	{"a key alone", "api: {listen: '127.0.0.1:1', key: k.pem}",
		"'key' is of no use without 'certificate'"},
	{"tokens for nobody", "api: {tokens: two}", "of no use without 'listen'"},
	{"a key that is not there",
		"api: {listen: '127.0.0.1:1', certificate: c.pem, key: x.pem}",
		"x.pem' cannot be read: No such file"},
	{"a key that others read",
		"api: {listen: '127.0.0.1:1', certificate: c.pem, key: open}",
		"open' is open to others on this machine: run chmod 0600"},
	{"tokens that others read", "api: {listen: '127.0.0.1:1', tokens: open}",
		"open' is open to others"},
};

static const struct {
	const char *name, *text, *says; /* says: behind the file's name; NULL: none */
} tokens[] = {
	{"two", TOKEN_A TOKEN_B, NULL},
	{"comments", "# who\n\n  \t\n" TOKEN_A "#" TOKEN_B, NULL},
	{"no end of line", "a viewer " DIGEST "01", NULL},
	{"blanks and CR", "  a\toperator  " DIGEST "01 \r\n", NULL},
	{"too little", TOKEN_A "b admin\n", ":2: expected NAME ROLE SHA256"},
	{"too much", "a viewer " DIGEST "01 x\n", ":1: expected NAME ROLE SHA256"},
	{"no such role", "a root " DIGEST "01\n", ":1: the role of 'a' is viewer"},
	{"nobody's role", "a none " DIGEST "01\n", ":1: the role of 'a' is viewer"},
	{"a name that is none", "a/b admin " DIGEST "01\n", ":1: a token is named by"},
	{"a name too long", "abcdefghijklmnopqrstuvwxyzabcdef admin " DIGEST "01\n",
		"at most 31"},
	{"a short digest", "a admin " DIGEST "\n", ":1: behind the role of 'a'"},
	{"capitals", "a admin " DIGEST "0A\n", ":1: behind the role of 'a'"},
	{"a name twice", TOKEN_A "a admin " DIGEST "03\n", ":2: repeated token 'a'"},
	{"a token twice", TOKEN_A "c admin " DIGEST "01\n",
		":2: 'c' is the same token as 'a'"},
};

static struct settings *read_yaml(
	struct fixture *fixture, const char *yaml, char **ret_faults)
{
	const char *path = fixture_write(fixture, "wipyd.yaml", yaml, strlen(yaml));
	struct settings *settings = NULL;
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	(void)!settings_read(path, &problems, &settings);
	*ret_faults = fixture_faults(&problems, path);
	yaml_problems_done(&problems);
	return settings;
}

static void test_good(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *faults;
		struct settings *settings = read_yaml(fixture, good[i].yaml, &faults);

		if (!OK(settings != NULL, good[i].name)) {
			printf("# %s\n", faults);
			free(faults);
			continue;
		}
		EQ_INT(settings->has_tcp, good[i].tcp, good[i].name);
		EQ_INT(settings->tcp.ipv6, good[i].ipv6, good[i].name);
		EQ_INT(settings->tcp.loopback, good[i].loopback, good[i].name);
		EQ_INT(settings->tcp.key != NULL, good[i].tls, good[i].name);
		EQ_INT(settings->tcp.port, good[i].port, good[i].name);
		EQ_INT((int64_t)settings->access.group_count, (int64_t)good[i].groups,
			good[i].name);
		EQ_INT((int64_t)settings->access.token_count, (int64_t)good[i].tokens,
			good[i].name);
		EQ_INT(settings->access.has_groups,
			strstr(good[i].yaml, "roles") != NULL, good[i].name);
		free(faults);
		settings_free(settings);
	}
}

static void test_roles(struct fixture *fixture)
{
	static const uint32_t gids[] = {4242};
	char *faults;
	struct settings *settings =
		read_yaml(fixture, "api: {roles: {viewer: [root, 4242]}}", &faults);

	if (!OK(settings != NULL, "roles"))
		return;
	EQ_INT(access_of_peer(&settings->access, 99999, gids, 1), ROLE_VIEWER,
		"a group by its number");
	EQ_INT(access_of_peer(&settings->access, 99999, (uint32_t[]){0}, 1),
		ROLE_VIEWER, "a group by its name");
	free(faults);
	settings_free(settings);
}

static void test_bad(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *faults;
		struct settings *settings = read_yaml(fixture, bad[i].yaml, &faults);

		if (!OK(!settings && strstr(faults, bad[i].says), bad[i].name))
			printf("# %s\n", faults);
		free(faults);
		settings_free(settings);
	}
}

static void test_tokens(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct settings *settings;
		char *faults;

		fixture_write(
			fixture, "tokens", tokens[i].text, strlen(tokens[i].text));
		settings = read_yaml(fixture,
			"api: {listen: '127.0.0.1:1', tokens: tokens}", &faults);
		if (!OK(tokens[i].says ? !settings && strstr(faults, tokens[i].says) &&
						 strstr(faults, "/tokens:") &&
						 !strstr(faults, DIGEST)
				       : settings != NULL,
			    tokens[i].name))
			printf("# %s\n", faults);
		free(faults);
		settings_free(settings);
	}
}

/* A name without a folder may be a credential of the service: guarded by its folder. */
static void test_credentials(struct fixture *fixture)
{
	char *faults;
	struct settings *settings;

	setenv("CREDENTIALS_DIRECTORY", fixture->folder, 1);
	settings = read_yaml(
		fixture, "api: {listen: '127.0.0.1:1', tokens: shared}", &faults);
	OK(settings && settings->access.token_count == 1, "tokens as a credential");
	settings_free(settings);
	free(faults);
	unsetenv("CREDENTIALS_DIRECTORY");
	settings = read_yaml(
		fixture, "api: {listen: '127.0.0.1:1', tokens: shared}", &faults);
	OK(!settings && strstr(faults, "open to others"), "the same as a file");
	free(faults);
}

int main(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_write(&fixture, "two", TOKEN_A TOKEN_B, strlen(TOKEN_A TOKEN_B));
	fixture_write(&fixture, "none", "# nobody\n", 9);
	fixture_write(&fixture, "c.pem", "c", 1);
	fixture_write(&fixture, "k.pem", "k", 1);
	if (chmod(fixture_write(&fixture, "open", TOKEN_A, strlen(TOKEN_A)), 0604) <
			0 ||
		chmod(fixture_write(&fixture, "shared", TOKEN_A, strlen(TOKEN_A)),
			0440) < 0)
		return 99;
	test_good(&fixture);
	test_roles(&fixture);
	test_bad(&fixture);
	test_tokens(&fixture);
	test_credentials(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
