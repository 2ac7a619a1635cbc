/* SPDX-License-Identifier: MIT
 *
 * Releases with a manifest: what it may say, what the images must be, who has to sign,
 * what goes back, and what a new start still knows.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/utc.h"
#include "tests/unit/manifest_fixture.h"

/* ---- what it says ----------------------------------------------------------------- */

static const struct {
	const char *name, *find, *put, *says;
} faults[] = {
	{"no name", "name: spring\n", "", "release.yaml:1:1: missing key 'name'"},
	{"a name that is a path", "name: spring", "name: a/b", ":2:7: 'name'"},
	{"a hidden name", "name: spring", "name: .spring", "no '.' at the front"},
	{"another version", "version: 1", "version: 2", "'version' must be 1"},
	{"no serial", "serial: 7\n", "", "missing key 'serial'"},
	{"serial 0", "serial: 7", "serial: 0", "'serial' must be between 1 and"},
	{"a day for a time", "2026-11-01T00:00:00Z", "2026-11-01",
		"expected a time in UTC"},
	{"expires before it was made", "2027-11-01", "2026-10-31",
		"expires before it was created"},
	{"an unknown key", "notes:", "note:", "(did you mean 'notes'?)"},
	{"a second key", "series: stable", "serial: 8", "repeated key 'serial'"},
	{"no family", "family: esp32\n", "family: esp\n", "'family': expected wipy"},
	{"a short sum", "    sha256: ", "    sha256: ab # ", "'sha256': expected 64"},
	{"no size", "    size: ", "    sice: ", "missing key 'size'"},
	{"size 0", "    size: ", "    size: 0 # ", "'size' must be between 1 and"},
	{"no fingerprint", "fingerprint: v1.11 on", "fingerprint: v1.11 at",
		"'fingerprint': expected TAG on"},
	{"a file in a folder", "file: esp32.bin", "file: ../esp32.bin", "'file'"},
	{"twice the same", "type: phat, ", "", "second image for the same family"},
	{"a range of nothing", "v1.9..v1.11", "..", "is not a range of versions"},
	{"a range from new to old", "v1.9..v1.11", "v1.12..v1.11", "the newer one"},
	{"too many ranges", "v1.9..v1.11", "v1.1, v1.2, v1.3, v1.4, v1.5",
		"there can be 1 to 4"},
	{"a way through no version", "through: v1.10", "through: spring",
		"'through': expected a version"},
	{"no YAML", "version: 1\n", "{", "release.yaml:"},
	{"an anchor", "name: spring", "name: &a spring", "anchor"},
};

static void test_faults(void)
{
	char text[TEXT_MAX];
	struct answer answer;

	open_with(SIGNATURES_OFF, 1);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		write_manifest(faults[i].find, faults[i].put, text);
		answer = offer(text, 0, false);
		EQ_INT(answer.status, WIPY_E_RELEASE_MANIFEST, faults[i].name);
		if (!OK(strstr(answer.text, faults[i].says) != NULL, faults[i].name))
			printf("# said: %s\n", answer.text);
	}
	EQ_INT(catalogue_count(catalogue), 0, "nothing of it was taken");
}

static void test_long(void)
{
	struct answer answer = {.status = 1};
	size_t len = 70000;
	uint8_t *text = calloc(1, len);
	struct catalogue_offer made = {.manifest_name = "m",
		.manifest = text,
		.manifest_len = len,
		.signatures = ""};

	memset(text, '#', len);
	catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.status, WIPY_E_RELEASE_MANIFEST, "a manifest that is too long");
	made.manifest_len = 2;
	text[1] = 0xff;
	catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.status, WIPY_E_RELEASE_MANIFEST, "a manifest that is no text");
	OK(strstr(answer.text, "UTF-8") != NULL, "and why");
	free(text);
}

/* ---- what the images are ---------------------------------------------------------- */

static void test_images(void)
{
	static const struct {
		const char *name, *find, *put, *says;
		int status;
	} rows[] = {
		{"another family", "family: esp8266", "family: pycom",
			"family: pycom; its bytes say: ESP8266 image",
			WIPY_E_RELEASE_MISMATCH},
		{"another fingerprint", "fingerprint: v1.12", "fingerprint: v1.13",
			"v1.13 on 2021-01-12; WiPy with ESP32; its bytes say: v1.12",
			WIPY_E_RELEASE_MISMATCH},
		{"another size", "    size: ", "    size: 1", "size: 1",
			WIPY_E_RELEASE_MISMATCH},
		{"bytes that are not there", "    sha256: ",
			"    sha256: "
			"00000000000000000000000000000000000000000000000000000000000000"
			"00 # ",
			"add its file first", -ENOENT},
	};
	char text[TEXT_MAX];
	struct answer answer;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		write_manifest(rows[i].find, rows[i].put, text);
		answer = offer(text, 1, false);
		EQ_INT(answer.status, rows[i].status, rows[i].name);
		if (!OK(strstr(answer.text, rows[i].says) != NULL, rows[i].name))
			printf("# said: %s\n", answer.text);
	}
	EQ_INT(catalogue_count(catalogue), 0, "nothing of it was taken");
}

/* ---- who signed ------------------------------------------------------------------- */

#define STRANGER (1u << SIGNERS)

static const struct {
	const char *name;
	enum signature_policy policy;
	size_t threshold;
	unsigned signers;
	int status;
	const char *says; /* the fault, or the warning */
} signed_by[] = {
	{"one of one", SIGNATURES_REQUIRED, 1, 1, 0, ""},
	{"two of three", SIGNATURES_REQUIRED, 2, 5, 0, ""},
	{"three of three", SIGNATURES_REQUIRED, 2, 7, 0, ""},
	{"two, one a stranger", SIGNATURES_REQUIRED, 2, 1 | STRANGER,
		WIPY_E_RELEASE_UNTRUSTED, "1 trusted key has signed"},
	{"a stranger", SIGNATURES_REQUIRED, 1, STRANGER, WIPY_E_RELEASE_UNTRUSTED,
		"0 trusted keys have signed"},
	{"nobody", SIGNATURES_REQUIRED, 1, 0, WIPY_E_RELEASE_UNTRUSTED,
		"0 trusted keys have signed"},
	{"nobody, a warning", SIGNATURES_WARN, 1, 0, 0, "0 trusted keys have signed"},
	{"one of two, a warning", SIGNATURES_WARN, 2, 2, 0,
		"1 trusted keys have signed"},
	{"signed, where a warning would do", SIGNATURES_WARN, 1, 1, 0, ""},
	{"nobody, and nobody asks", SIGNATURES_OFF, 1, 0, 0, ""},
};

static void test_signed(void)
{
	char text[TEXT_MAX];
	struct answer answer;

	write_manifest(NULL, NULL, text);
	for (size_t i = 0; i < sizeof(signed_by) / sizeof(signed_by[0]); i++) {
		open_with(signed_by[i].policy, signed_by[i].threshold);
		answer = offer(text, signed_by[i].signers, false);
		EQ_INT(answer.status, signed_by[i].status, signed_by[i].name);
		if (!OK(strstr(answer.status < 0 ? answer.text : answer.warning,
				signed_by[i].says) != NULL,
			    signed_by[i].name))
			printf("# said: %s%s\n", answer.text, answer.warning);
		if (answer.status == 0 && !*signed_by[i].says)
			EQ_STR(answer.warning, "", "no warning");
		EQ_INT(catalogue_count(catalogue), answer.status == 0, "taken or not");
		forget("spring");
	}
}

static void test_tampered(void)
{
	static const enum signature_policy policies[] = {
		SIGNATURES_REQUIRED, SIGNATURES_WARN};
	char text[TEXT_MAX], signatures[SIGNER_TEXT_MAX] = "";
	struct answer answer = {.status = 1};
	struct catalogue_offer made = {
		.manifest_name = "release.yaml",
		.manifest = (const uint8_t *)text,
		.signatures = signatures,
		.now_s = NOW,
	};

	write_manifest(NULL, NULL, text);
	signer_sign(&signer[0], (const uint8_t *)text, strlen(text), "", signatures);
	write_manifest("Two lines", "Two LINES", text);
	made.manifest_len = strlen(text);
	made.signatures_len = strlen(signatures);
	for (size_t i = 0; i < 2; i++) {
		open_with(policies[i], 1);
		catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
		uv_run(&loop, UV_RUN_DEFAULT);
		EQ_INT(answer.status, WIPY_E_RELEASE_TAMPERED, "notes were changed");
		OK(strstr(answer.text, "does not fit this manifest") != NULL, "why");
	}
	made.signatures = "rubbish\n";
	made.signatures_len = 8;
	catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.status, WIPY_E_RELEASE_TAMPERED, "no signature file");
}

/* ---- serials and times ------------------------------------------------------------ */

static void test_serials(void)
{
	char text[TEXT_MAX];
	struct answer answer;

	open_with(SIGNATURES_REQUIRED, 1);
	write_manifest(NULL, NULL, text);
	EQ_INT(offer(text, 1, false).status, 0, "serial 7");
	EQ_INT(offer(text, 1, false).status, 0, "the same manifest again");
	write_manifest("name: spring", "name: summer", text);
	answer = offer(text, 1, false);
	EQ_INT(answer.status, WIPY_E_RELEASE_OLDER, "the same serial, another name");
	OK(strstr(answer.text, "not newer than 7 of release spring") != NULL, "why");
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: summer\nseries: stable\nserial: 6", text);
	EQ_INT(offer(text, 1, false).status, WIPY_E_RELEASE_OLDER, "serial 6");
	open_with(SIGNATURES_REQUIRED, 1);
	EQ_INT(offer(text, 1, false).status, WIPY_E_RELEASE_OLDER,
		"serial 6 after a new start");
	EQ_INT(offer(text, 0, true).status, WIPY_E_RELEASE_UNTRUSTED,
		"serial 6 by a person, unsigned");
	EQ_INT(offer(text, 1, true).status, 0, "serial 6 by a person");
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: autumn\nseries: nightly\nserial: 1", text);
	EQ_INT(offer(text, 1, false).status, 0, "another series counts its own");
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: winter\nserial: 1", text);
	answer = offer(text, 1, false);
	EQ_INT(answer.status, 0, "no series");
	EQ_STR(answer.release->manifest.series, "main", "is main");
	write_manifest("expires: 2027-11-01", "expires: 2026-11-02", text);
	EQ_INT(offer(text, 1, true).status, WIPY_E_RELEASE_EXPIRED, "expired");
	write_manifest("serial: 7", "serial: 8", text);
	EQ_INT(offer(text, 1, false).status, -EEXIST, "the name is taken");
}

/* Unsigned, with a serial that nothing exceeds: what is signed comes all the same. */
static void test_held_back(void)
{
	char text[TEXT_MAX];

	open_with(SIGNATURES_WARN, 1);
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: eve\nseries: held\nserial: 1000000000000", text);
	EQ_INT(offer(text, 0, false).status, 0, "held back: by nobody");
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: ann\nseries: held\nserial: 8", text);
	EQ_INT(offer(text, 0, false).status, WIPY_E_RELEASE_OLDER,
		"held back: unsigned too");
	EQ_INT(offer(text, 1, false).status, 0, "held back: not what is signed");
	write_manifest("name: spring\nseries: stable\nserial: 7",
		"name: bob\nseries: held\nserial: 7", text);
	EQ_INT(offer(text, 1, false).status, WIPY_E_RELEASE_OLDER,
		"held back: an older one that is signed");
}

/* In the comment that nobody signs: the file of the release could not be read again. */
static void test_nul(void)
{
	char text[TEXT_MAX], signatures[SIGNER_TEXT_MAX] = "";
	struct answer answer = {.status = 1};
	struct catalogue_offer made = {.manifest_name = "release.yaml",
		.manifest = (const uint8_t *)text,
		.signatures = signatures,
		.now_s = NOW};

	open_with(SIGNATURES_REQUIRED, 1);
	write_manifest("name: spring\nseries: stable", "name: nul\nseries: nul", text);
	made.manifest_len = strlen(text);
	signer_sign(&signer[0], made.manifest, strlen(text), "words", signatures);
	made.signatures_len = strlen(signatures);
	*strstr(signatures, " words") = '\0';
	catalogue_add_release(catalogue, &made, NULL, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(answer.status, WIPY_E_RELEASE_MANIFEST, "a NUL in a comment: refused");
}

static void test_kept(void)
{
	const struct release *release;
	struct errtext error;
	char text[TEXT_MAX];
	int64_t expires_s = 0;

	write_manifest(NULL, NULL, text);
	open_with(SIGNATURES_REQUIRED, 1);
	EQ_INT(catalogue_find(catalogue, "spring", &release, &error), 0, "found");
	EQ_STR(release->manifest.series, "stable", "series");
	EQ_INT(release->manifest.serial, 7, "serial");
	EQ_INT(wipy_utc_parse("2027-11-01T00:00:00Z", &expires_s), 0, "time");
	EQ_INT(release->manifest.expires_s, expires_s, "expires");
	EQ_STR(release->manifest.notes, "Two lines\nof notes\n", "notes");
	EQ_INT(release->manifest.signer_count, 1, "signers");
	EQ_STR(release->manifest.signer[0], "0101010101010101", "who signed");
	EQ_INT(release->image_count, IMAGES, "images");
	EQ_STR(release->image[1].type, "phat", "type");
	EQ_INT(release->image[0].from.count, 2, "from-versions");
	EQ_STR(release->image[0].from.range[0].to, "v1.11", "the first one's end");
	EQ_STR(release->image[0].from.range[1].to, "", "the second one's end");
	EQ_STR(release->image[0].through, "v1.10", "the way through");
}

int main(void)
{
	begin("manifest");
	test_faults();
	test_long();
	test_images();
	test_signed();
	test_tampered();
	test_serials();
	test_held_back();
	test_nul();
	test_kept();
	return end();
}
