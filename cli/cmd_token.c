/* SPDX-License-Identifier: MIT
 *
 * `wipyctl token`: a token and the line that lets it in. The token is shown once and kept
 * nowhere; the line holds its SHA-256, from which nobody gets it back.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/shape.h"
#include "cli/view.h"
#include "common/sha256.h"
#include "common/text.h"

#define RANDOM_LEN 32
#define NAME_MAX_  32
/* So that one that has got lost is known for what it is. */
#define PREFIX    "wipyd_"
#define TOKEN_LEN (sizeof(PREFIX) + 2 * RANDOM_LEN)

static void hex(const uint8_t *bytes, size_t len, char *ret_text)
{
	for (size_t i = 0; i < len; i++)
		snprintf(ret_text + 2 * i, 3, "%02x", bytes[i]);
}

static void print_token(struct cli *cli, const json_t *made)
{
	writer_line(cli->out, "The token, shown this once:");
	writer_line(cli->out, "%s", shape_text(made, "token"));
	writer_line(cli->out, "The line for the file of tokens:");
	writer_line(cli->out, "%s %s %s", shape_text(made, "name"),
		shape_text(made, "role"), shape_text(made, "sha256"));
}

int cmd_token(struct cli *cli)
{
	static const char *const roles[] = {"viewer", "operator", "approver", "admin"};
	static const struct view view = {.name = "token", .text = print_token};
	const char *name = args_word(cli->args, 0), *role = args_word(cli->args, 1);
	uint8_t bytes[RANDOM_LEN], digest[WIPY_SHA256_LEN];
	char token[TOKEN_LEN] = PREFIX, text[2 * WIPY_SHA256_LEN + 1];
	struct wipy_sha256 sha;
	bool known = false;
	int code;

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		known |= strcmp(roles[i], role) == 0;
	if (!known)
		return cli_fail(cli, EXIT_CODE_USAGE,
			"the roles are viewer, operator, approver and admin",
			"'%.40s' is not a role", role);
	if (!wipy_text_is_name(name, NAME_MAX_))
		return cli_fail(cli, EXIT_CODE_USAGE,
			"use letters, digits, '-', '_' and '.', at most 31",
			"'%.40s' is not a name for a token", name);
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"the system gives no random numbers");
	hex(bytes, sizeof(bytes), token + sizeof(PREFIX) - 1);
	wipy_sha256_init(&sha);
	wipy_sha256_update(&sha, token, strlen(token));
	wipy_sha256_final(&sha, digest);
	hex(digest, sizeof(digest), text);
	code = view_show(cli, &view,
		json_pack("{s:s, s:s, s:s, s:s}", "name", name, "role", role, "token",
			token, "sha256", text));
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(token, sizeof(token));
	return code;
}
