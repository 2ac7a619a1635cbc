/* SPDX-License-Identifier: MIT
 *
 * Keys and signatures for the tests, as minisign makes them:
 *     sign_manifest key FILE       writes FILE (the secret) and FILE.pub
 *     sign_manifest sign FILE PATH appends to PATH.minisig
 */
#include <stdlib.h>

#include "tests/unit/signer.h"

#define DATA_MAX 65536

static size_t read_file(const char *path, void *bytes, size_t max)
{
	FILE *file = fopen(path, "rbe");
	size_t len = file ? fread(bytes, 1, max, file) : 0;

	if (!file || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
	return len;
}

static void write_file(
	const char *path, const char *mode, const void *bytes, size_t len)
{
	FILE *file = fopen(path, mode);

	if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void make_key(const char *path)
{
	uint8_t line[2 + MINISIGN_ID_LEN + 32] = "Ed";
	char text[256] = "", name[1024];
	struct signer signer;

	signer_make(&signer, (int)(1 + randombytes_uniform(255)));
	write_file(path, "wbe", &signer, sizeof(signer));
	memcpy(line + 2, signer.key.id, MINISIGN_ID_LEN);
	memcpy(line + 2 + MINISIGN_ID_LEN, signer.key.key, 32);
	signer_line(
		text, "untrusted comment: a key of the tests\n", line, sizeof(line));
	snprintf(name, sizeof(name), "%s.pub", path);
	write_file(name, "wbe", text, strlen(text));
}

static void sign_file(const char *key, const char *path)
{
	static uint8_t data[DATA_MAX];
	char text[SIGNER_TEXT_MAX] = "", name[1024];
	struct signer signer;
	size_t len = read_file(path, data, sizeof(data));

	if (read_file(key, &signer, sizeof(signer)) != sizeof(signer))
		exit(1);
	signer_sign(&signer, data, len, "signed by the tests", text);
	snprintf(name, sizeof(name), "%s.minisig", path);
	write_file(name, "abe", text, strlen(text));
}

int main(int argc, char **argv)
{
	if (sodium_init() < 0)
		return 1;
	if (argc == 3 && strcmp(argv[1], "key") == 0)
		make_key(argv[2]);
	else if (argc == 4 && strcmp(argv[1], "sign") == 0)
		sign_file(argv[2], argv[3]);
	else
		return 2;
	return 0;
}
