/* SPDX-License-Identifier: MIT
 *
 * For tests of the inventory: a text is written to a file and read from it.
 */
#ifndef WIPY_TESTS_INVENTORY_FIXTURE_H
#define WIPY_TESTS_INVENTORY_FIXTURE_H

#include "daemon/edge/inventory.h"
#include "tests/unit/config_fixture.h"

#define POLL_MS 300000
#define SECRET  "s3cret-Xyzzy"

struct outcome {
	int rc;
	struct inventory *inventory;
	char *faults;
};

static struct outcome read_as(
	struct fixture *fixture, const char *yaml, const char *secrets_dir)
{
	const char *path = fixture_write(fixture, "inv.yaml", yaml, strlen(yaml));
	struct outcome outcome = {.rc = 0};
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	outcome.rc = inventory_read(
		path, secrets_dir, POLL_MS, &problems, &outcome.inventory);
	outcome.faults = fixture_faults(&problems, path);
	yaml_problems_done(&problems);
	return outcome;
}

static void outcome_done(struct outcome *outcome)
{
	inventory_free(outcome->inventory);
	free(outcome->faults);
}

/* The beginnings and the rest of small inventories. */
#define V         "version: 1\n"
#define WIPY      V "defaults: {family: wipy}\n"
#define BOARDS(x) "boards: [{name: a, address: 10.0.0.1" x "}]\n"

#endif
