/* SPDX-License-Identifier: MIT
 *
 * From options to the body of a request.
 */
#include "config.h"

#include "cli/rollout_order.h"

#include "cli/plan_file.h"

#define SPAN_UNSET (-1)

static const struct {
	const char *option, *key;
} texts[] =
	{
		{"release", "release"},
		{"select", "select"},
		{"waves", "waves"},
},
  flags[] = {
	  {"burn-last-good", "burn_last_good"},
	  {"allow-one-way", "allow_one_way"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What a saved plan holds is not said again. */
static int alone(struct cli *cli)
{
	static const char *const own[] = {"release", "select", "waves", "soak",
		"expires", "burn-last-good", "allow-one-way"};

	for (size_t i = 0; i < COUNT(own); i++)
		if (args_given(cli->args, own[i]))
			return cli_fail(cli, EXIT_CODE_USAGE,
				"plan again with it: wipyctl plan --save FILE",
				"--%s stands in the plan: it cannot be given with "
				"--plan",
				own[i]);
	return 0;
}

int order_read(struct cli *cli, struct order *order)
{
	const char *file = args_option(cli->args, "plan");
	int code;

	order->saved = NULL;
	order->soak_s = order->expires_s = order->timeout_s = SPAN_UNSET;
	if (args_given(cli->args, "timeout") && !args_given(cli->args, "wait"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--timeout is of use with --wait only");
	if ((code = cli_span(cli, "soak", &order->soak_s)) != 0 ||
		(code = cli_span(cli, "expires", &order->expires_s)) != 0 ||
		(code = cli_span(cli, "timeout", &order->timeout_s)) != 0)
		return code;
	if (file == NULL)
		return 0;
	code = alone(cli);
	return code == 0 ? plan_file_read(cli, file, &order->saved) : code;
}

void order_done(struct order *order)
{
	json_decref(order->saved);
	order->saved = NULL;
}

json_t *order_body(const struct args *args, const struct order *order, bool dry)
{
	json_t *body = json_pack("{s:b}", "dry_run", dry);
	int failed = body == NULL;

	for (size_t i = 0; i < COUNT(texts); i++)
		if (args_given(args, texts[i].option))
			failed |= json_object_set_new(body, texts[i].key,
				json_string(args_option(args, texts[i].option)));
	for (size_t i = 0; i < COUNT(flags); i++)
		if (args_given(args, flags[i].option))
			failed |= json_object_set_new(body, flags[i].key, json_true());
	if (order->soak_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "soak_s", json_integer(order->soak_s));
	if (order->expires_s != SPAN_UNSET)
		failed |= json_object_set_new(
			body, "expires_s", json_integer(order->expires_s));
	if (order->saved != NULL)
		failed |= json_object_set(body, "plan", order->saved);
	if (failed == 0)
		return body;
	json_decref(body);
	return NULL;
}
