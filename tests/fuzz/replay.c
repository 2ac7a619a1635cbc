/* SPDX-License-Identifier: MIT
 *
 * Feeds a corpus to a fuzz target without a fuzzer: each file of
 * $top_srcdir/tests/fuzz/corpus/NAME whole, and cut at every length up to 512. NAME is
 * this program's name without "replay_". One TAP line a file; a target that finds
 * something ends the process, which fails the test.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

#define CUT_MAX  512
#define FILE_MAX (1024 * 1024)

/* In memory of exactly that size, so that a sanitizer sees any read beyond it. */
static void feed(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static bool replay(const char *path)
{
	uint8_t *data = malloc(FILE_MAX);
	FILE *file = fopen(path, "rb");
	bool ok = file != NULL && data != NULL;

	if (ok) {
		size_t len = fread(data, 1, FILE_MAX, file);

		for (size_t cut = 0; cut < len && cut <= CUT_MAX; cut++)
			feed(data, cut);
		feed(data, len);
		ok = !ferror(file);
	}
	if (file != NULL)
		fclose(file);
	free(data);
	return ok;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir");
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
	struct dirent **entries;
	char folder[2048], path[4096];
	int count;

	name = name != NULL ? name + 1 : argv[0];
	if (strncmp(name, "replay_", strlen("replay_")) == 0)
		name += strlen("replay_");
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
		top != NULL ? top : ".", name);
	count = scandir(folder, &entries, is_visible, alphasort);
	if (count <= 0) {
		tap_ok(false, "there is a corpus in %s", folder);
		return tap_done();
	}
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		/* If the target ends the process, the log names the file. */
		printf("# %s\n", path);
		fflush(stdout);
		tap_ok(replay(path), "%s: %s", name, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return tap_done();
}
