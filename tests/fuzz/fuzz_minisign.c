/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a public key and as a file of signatures: what is taken is whole, and
 * nobody's key verifies what nobody signed.
 */
#include <sodium.h>
#include <string.h>

#include "daemon/edge/minisign.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const struct errtext *error)
{
	FUZZ_CHECK(memchr(error->text, '\0', sizeof(error->text)) != NULL);
	FUZZ_CHECK(error->text[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct minisign_signature signature[MINISIGN_KEYS_MAX];
	struct minisign_key key = {{0}, {0}};
	struct errtext error = {""};
	char id[MINISIGN_ID_TEXT_MAX];
	size_t count = 0;

	FUZZ_CHECK(sodium_init() >= 0);
	if (minisign_key_parse((const char *)data, size, &key, &error) < 0)
		check_text(&error);
	minisign_id_text(key.id, id);
	FUZZ_CHECK(strspn(id, "0123456789ABCDEF") == MINISIGN_ID_TEXT_MAX - 1);
	if (minisign_signatures_parse(
		    (const char *)data, size, signature, &count, &error) < 0) {
		check_text(&error);
		return 0;
	}
	FUZZ_CHECK(count > 0 && count <= MINISIGN_KEYS_MAX);
	for (size_t i = 0; i < count; i++) {
		FUZZ_CHECK(memchr(signature[i].comment, '\0', MINISIGN_COMMENT_MAX));
		memcpy(key.id, signature[i].id, sizeof(key.id));
		FUZZ_CHECK(!minisign_verify(&key, &signature[i], data, size));
	}
	return 0;
}
