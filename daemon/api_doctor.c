/* SPDX-License-Identifier: MIT
 *
 * The API: what is well with this installation.
 */
#include "config.h"

#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/edge/clock.h"

static void examined(void *arg, const struct doctor_finding *finding, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:o, s:o}", "check", finding[i].check,
				"grade", doctor_grade_name(finding[i].grade), "text",
				json_text(finding[i].text), "hint",
				finding[i].hint[0] ? json_text(finding[i].hint)
						   : json_null()));
	api_answer(arg, 200,
		json_pack("{s:s, s:o, s:o}", "version", PACKAGE_VERSION, "time",
			json_time(clock_now_s()), "findings", list));
}

void api_get_doctor(struct api *api, struct http_request *request, const char *name)
{
	(void)name;
	if (engine_examine(api->engine, examined, request) < 0)
		api_problem(request, 409, "busy", "ask again in a moment",
			"an examination is under way already");
}
