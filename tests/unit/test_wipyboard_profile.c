/* SPDX-License-Identifier: MIT
 *
 * Profiles of virtual boards: what a file may say, and that every mistake in it is named
 * with its place.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "firmware/ports/linux/profile.h"
#include "tests/tap.h"

static const struct row {
	const char *name;
	const char *file;
	int complaints;
	const char *says; /* a part of them, behind the file's name */
	uint32_t boot_ms, rate;
} rows[] = {
	{"empty", "", 0, "", 0, 0},
	{"comment", "# nothing\n", 0, "", 0, 0},
	{"some", "boot-ms: 12\nrate: 99\n", 0, "", 12, 99},
	{"on top of another", "boot-ms: 12\nlike: real\n", 0, "", 12, 128000},
	{"on top of fast", "like: fast\n", 0, "", 0, 0},
	{"family", "family: wipy\n", 0, "", 0, 0},
	{"unknown key", "boot-ms: 1\n  \nboot_ms: 2\n", 1,
		":3:1: unknown key 'boot_ms'", 0, 0},
	{"no number", "rate: many\n", 1, ":1:7: rate wants a number from 0", 0, 0},
	{"negative", "rate: -1\n", 1, ":1:7: rate wants", 0, 0},
	{"too large", "boot-ms: 600001\n", 1, "to 600000", 0, 0},
	{"a list", "rate: [1]\n", 1, ":1:7: rate wants one value", 0, 0},
	{"no base", "like: slow\n", 1, ":1:7: like is fast or real, not 'slow'", 0, 0},
	{"no family", "family: cat\n", 1, "not 'cat'", 0, 0},
	{"twice", "rate: 1\nrate: 2\n", 1, ":2:1: 'rate' is there already", 0, 0},
	{"a key that is a list", "? [a]\n: 1\n", 1, "unknown key", 0, 0},
	{"not a mapping", "- rate\n", 1, ":1:1: a profile is a list", 0, 0},
	{"not YAML", "rate: 1\n\tboot-ms: 2\n", 1, ":2:", 0, 0},
	{"all at once", "a: 1\nrate: x\nb: 2\n", 3, ":3:1: unknown key 'b'", 0, 0},
};

static void write_file(char *path, const char *text)
{
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		perror(path);
		exit(99);
	}
	close(fd);
}

static void test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		char path[] = "/tmp/test_profile.XXXXXX";
		char said[2000] = "";
		FILE *complaints = fmemopen(said, sizeof(said), "w");
		struct profile profile = {.boot_ms = 77};

		write_file(path, row->file);
		EQ_INT(profile_load(path, complaints, &profile), row->complaints,
			row->name);
		fclose(complaints);
		unlink(path);
		OK(strstr(said, row->says), row->name);
		EQ_INT(profile.boot_ms, row->complaints ? 77 : row->boot_ms, row->name);
		EQ_INT(profile.rate, row->complaints ? 0 : row->rate, row->name);
		OK(row->complaints == 0 || strncmp(said, path, strlen(path)) == 0,
			row->name);
	}
}

static void test_built_in(void)
{
	struct profile fast, real, first;

	profile_default(&first);
	EQ_INT(profile_load("fast", stdout, &fast), 0, "fast");
	EQ_INT(profile_load("real", stdout, &real), 0, "real");
	EQ_INT(fast.boot_ms + fast.rejoin_ms + fast.erase_ms + fast.write_us +
			fast.latency_ms + fast.jitter_ms + fast.rate,
		0, "fast: nothing takes time");
	OK(memcmp(&first, &fast, sizeof(fast)) == 0, "fast is the default");
	EQ_INT(real.rate, 128000, "real: 512 bytes each 4 ms");
	/* an image of 180 KB in about 6 s (WIRE.md 2.12) */
	EQ_INT((45 * real.erase_ms + 360 * real.write_us / 1000 + 500) / 1000, 6,
		"real: flash");
}

int main(void)
{
	test_rows();
	test_built_in();
	return tap_done();
}
