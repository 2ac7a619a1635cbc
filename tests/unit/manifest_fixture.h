/* SPDX-License-Identifier: MIT
 *
 * For tests of manifests: a catalogue with the images that they name, signers, and a good
 * manifest to be changed.
 */
#ifndef WIPY_TESTS_MANIFEST_FIXTURE_H
#define WIPY_TESTS_MANIFEST_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "daemon/edge/catalogue.h"
#include "tests/tap.h"
#include "tests/unit/esp_fixture.h"
#include "tests/unit/signer.h"

#define NOW      INT64_C(1795000000) /* 2026-11-18 */
#define SIGNERS  3
#define TEXT_MAX 4096

static uv_loop_t loop;
static struct catalogue *catalogue;
static char dir[64];
static struct signer signer[SIGNERS + 1]; /* the last one is trusted by nobody */

/* ---- images ----------------------------------------------------------------------- */

static const struct esp_fixture fixtures[] = {
	{true, true, false, "v1.11", 3200},
	{true, true, false, "v1.12", 3200},
	{false, false, false, "v1.11", 3200},
};

#define IMAGES (sizeof(fixtures) / sizeof(fixtures[0]))

static char sha256[IMAGES][SHA256_HEX_MAX];
static size_t size[IMAGES];

static inline void on_image(void *arg, int status, const struct wipy_image_info *info,
	const char *sum, const struct errtext *error)
{
	(void)info;
	if (status < 0)
		printf("# %s\n", error->text);
	memcpy(arg, sum, SHA256_HEX_MAX);
}

static inline void add_images(void)
{
	for (size_t i = 0; i < IMAGES; i++) {
		uint8_t *bytes = malloc(ESP_FIXTURE_MAX);

		size[i] = esp_fixture_make(&fixtures[i], bytes);
		catalogue_add_image(
			catalogue, bytes, size[i], NULL, on_image, sha256[i]);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
}

/* ---- offers ----------------------------------------------------------------------- */

struct answer {
	int status;
	const struct release *release;
	char text[320], warning[320];
};

static inline void on_release(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct answer *answer = arg;

	answer->status = status;
	answer->release = release;
	snprintf(answer->text, sizeof(answer->text), "%s", error->text);
	snprintf(answer->warning, sizeof(answer->warning), "%s", warning);
}

/* A good manifest; one piece of text is put in the place of another. */
static inline void write_manifest(
	const char *find, const char *put, char text[TEXT_MAX])
{
	char whole[TEXT_MAX], *at;

	snprintf(whole, sizeof(whole),
		"version: 1\n"
		"name: spring\n"
		"series: stable\n"
		"serial: 7\n"
		"created: 2026-11-01T00:00:00Z\n"
		"expires: 2027-11-01T00:00:00Z\n"
		"notes: |\n  Two lines\n  of notes\n"
		"images:\n"
		"  - file: esp32.bin\n    family: esp32\n    sha256: %s\n"
		"    size: %zu\n"
		"    fingerprint: v1.11 on 2021-01-12; WiPy with ESP32\n"
		"    from: [v1.9..v1.11, v1.13..]\n    through: v1.10\n"
		"  - {file: phat.bin, family: esp32, type: phat, sha256: %s, size: "
		"%zu, "
		"fingerprint: v1.12 on 2021-01-12; WiPy with ESP32}\n"
		"  - {file: esp8266.bin, family: esp8266, sha256: %s, size: %zu, "
		"fingerprint: v1.11 on 2021-01-12; WiPy with ESP8266}\n",
		sha256[0], size[0], sha256[1], size[1], sha256[2], size[2]);
	at = find ? strstr(whole, find) : NULL;
	if (find && !at)
		abort();
	if (at)
		snprintf(text, TEXT_MAX, "%.*s%s%s", (int)(at - whole), whole, put,
			at + strlen(find));
	else
		strcpy(text, whole);
}

/* Signed by those whose bit is set. */
static inline struct answer offer(const char *text, unsigned signers, bool may_go_back)
{
	char signatures[(SIGNERS + 1) * SIGNER_TEXT_MAX] = "";
	struct answer answer = {.status = 1};
	struct catalogue_offer made = {
		.manifest_name = "release.yaml",
		.manifest = (const uint8_t *)text,
		.manifest_len = strlen(text),
		.signatures = signatures,
		.may_go_back = may_go_back,
		.now_s = NOW,
	};

	for (size_t i = 0; i <= SIGNERS; i++)
		if (signers & 1u << i)
			signer_sign(&signer[i], (const uint8_t *)text, strlen(text),
				"words", signatures);
	made.signatures_len = strlen(signatures);
	catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	return answer;
}

/* Trusts the keys whose bit is set. */
static inline void open_with_keys(
	enum signature_policy policy, size_t threshold, unsigned keys)
{
	struct minisign_trust trust = {.policy = policy, .threshold = threshold};
	struct errtext error = {""};

	catalogue = catalogue_free(catalogue);
	for (size_t i = 0; i < SIGNERS; i++)
		if (keys & 1u << i)
			trust.key[trust.key_count++] = signer[i].key;
	if (catalogue_open(&loop, dir, &trust, &catalogue, &error) < 0) {
		printf("Bail out! %s\n", error.text);
		exit(99);
	}
}

static inline void open_with(enum signature_policy policy, size_t threshold)
{
	open_with_keys(policy, threshold, (1u << SIGNERS) - 1);
}

static inline void forget(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/releases/%s.json", dir, name);
	unlink(path);
}

static inline void begin(const char *folder)
{
	if (sodium_init() < 0 || uv_loop_init(&loop) < 0)
		abort();
	snprintf(dir, sizeof(dir), "/tmp/wipyd-%s-XXXXXX", folder);
	if (!mkdtemp(dir))
		abort();
	for (int i = 0; i <= SIGNERS; i++)
		signer_make(&signer[i], i + 1);
	open_with(SIGNATURES_OFF, 1);
	add_images();
}

static inline int end(void)
{
	char command[128];

	catalogue_free(catalogue);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? tap_done() : 1;
}

#endif
