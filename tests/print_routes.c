/* SPDX-License-Identifier: MIT
 *
 * Prints the routes of the API from the table that the daemon answers by, one a line:
 * method, path, least role, whether a dry run is for every viewer, parameters.
 * tests/check_openapi.py compares them with docs/openapi.yaml.
 */
#include <stdio.h>

#include "daemon/api_private.h"

int main(void)
{
	struct api_route route;

	for (size_t i = 0; api_route(i, &route); i++)
		printf("%s %s %s %s %s\n", route.method, route.path,
			role_name(route.least), route.dry_run ? "dry-run" : "-",
			route.query);
	return 0;
}
