/* SPDX-License-Identifier: MIT
 *
 * Any bytes as inventory.yaml and as wipyd.yaml: a file is good and gives what its reader
 * promises, or it has faults that can be shown anywhere, in the order of their places.
 */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/edge/inventory.h"
#include "daemon/edge/inventory_range.h"
#include "daemon/edge/settings.h"
#include "tests/fuzz/fuzz.h"

#define POLL_MS 300000

static void check_board(const struct inventory *inventory, size_t i)
{
	const struct board_spec *spec = &inventory->board[i];

	FUZZ_CHECK(inventory_name_valid(spec->name));
	FUZZ_CHECK(i == 0 || strcmp(spec[-1].name, spec->name) < 0);
	FUZZ_CHECK(inventory_find(inventory, spec->name) == spec);
	FUZZ_CHECK(*spec->address && spec->telnet_port && spec->ftp_port);
	FUZZ_CHECK(spec->telnet_port != spec->ftp_port);
	FUZZ_CHECK(
		spec->family > WIPY_FAMILY_UNKNOWN && spec->family < WIPY_FAMILY_COUNT);
	FUZZ_CHECK(spec->site >= -1 && spec->site < (int)inventory->site_count);
	FUZZ_CHECK(inventory_credential_valid(spec->user));
	FUZZ_CHECK(inventory_credential_valid(spec->password));
	FUZZ_CHECK(spec->poll_every_ms >= 1000);
	for (size_t j = 0; j < spec->label_count; j++)
		FUZZ_CHECK(*spec->label[j].key && *spec->label[j].value);
}

static void check_problems(
	const struct yaml_problems *problems, const char *path, bool good)
{
	unsigned long line = 0, column = 0, before = 0, before_column = 0;

	FUZZ_CHECK(good == (problems->count == 0));
	FUZZ_CHECK(problems->more == 0 || problems->count == YAML_PROBLEMS_MAX);
	for (size_t i = 0; i < problems->count; i++) {
		const char *at = problems->line[i];

		for (const char *c = at; *c; c++)
			FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
		FUZZ_CHECK(strncmp(at, path, strlen(path)) == 0);
		line = column = 0;
		if (sscanf(at + strlen(path), ":%lu:%lu:", &line, &column) != 2)
			line = column = 0;
		FUZZ_CHECK(
			line > before || (line == before && column >= before_column));
		before = line;
		before_column = column;
	}
}

static void read_inventory(const char *path)
{
	struct inventory *inventory = NULL;
	struct yaml_problems problems;
	int rc;

	yaml_problems_init(&problems);
	rc = inventory_read(path, NULL, POLL_MS, &problems, &inventory);
	FUZZ_CHECK(rc == (inventory ? 0 : WIPY_E_CONFIG));
	check_problems(&problems, path, rc == 0);
	for (size_t i = 0; inventory && i < inventory->board_count; i++)
		check_board(inventory, i);
	FUZZ_CHECK(!inventory || !inventory_credentials_differ(inventory, inventory));
	inventory_free(inventory);
	yaml_problems_done(&problems);
}

static void read_settings(const char *path)
{
	struct settings *settings = NULL;
	struct yaml_problems problems;
	int rc;

	yaml_problems_init(&problems);
	rc = settings_read(path, &problems, &settings);
	FUZZ_CHECK(rc == (settings ? 0 : WIPY_E_CONFIG));
	check_problems(&problems, path, rc == 0);
	if (settings) {
		FUZZ_CHECK(
			settings->state_dir && settings->socket && settings->inventory);
		FUZZ_CHECK(settings->poll_every_ms >= 1000 && settings->attempts >= 1);
		FUZZ_CHECK(
			settings->domain_share >= 1 && settings->domain_share <= 100);
	}
	settings_free(settings);
	yaml_problems_done(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	char path[64];

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_inventory(path);
	read_settings(path);
	close(fd);
	return 0;
}
