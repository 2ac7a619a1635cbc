/* SPDX-License-Identifier: MIT
 *
 * Releases and the keys of today: keys that are trusted no more, or since; the same manifest
 * again; files that cannot be read; what is noted before it is written.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/manifest_fixture.h"

static size_t signers_of(const char *name)
{
	const struct release *release = NULL;
	struct errtext error;

	EQ_INT(catalogue_find(catalogue, name, &release, &error), 0, name);
	return release ? release->manifest.signer_count : 99;
}

#define RENAMED(name, series, serial)                                                  \
	"name: spring\nseries: stable\nserial: 7",                                     \
		"name: " name "\nseries: " series "\nserial: " serial

/* Whose key is trusted no more holds nothing back either. */
static void test_revoked(void)
{
	char text[TEXT_MAX];

	open_with_keys(SIGNATURES_REQUIRED, 1, 3);
	write_manifest(RENAMED("evil", "taken", "1000000000000"), text);
	EQ_INT(offer(text, 2, false).status, 0, "revoked: signed by Bob, who is bad");
	EQ_INT(signers_of("evil"), 1, "revoked: trusted then");
	write_manifest(RENAMED("good", "taken", "8"), text);
	EQ_INT(offer(text, 1, false).status, WIPY_E_RELEASE_OLDER,
		"revoked: he holds all back");
	open_with_keys(SIGNATURES_REQUIRED, 1, 1);
	EQ_INT(signers_of("evil"), 0, "revoked: not now");
	EQ_INT(offer(text, 1, false).status, 0, "revoked: he does no more");
	write_manifest(RENAMED("older", "taken", "7"), text);
	EQ_INT(offer(text, 1, false).status, WIPY_E_RELEASE_OLDER,
		"revoked: who is trusted counts");
	open_with_keys(SIGNATURES_REQUIRED, 1, 3);
	EQ_INT(signers_of("evil"), 1, "revoked: trusted anew");
}

/* The same bytes are the same release, whoever signed them; other bytes are not. */
static void test_again(void)
{
	char text[TEXT_MAX], other[TEXT_MAX];
	struct answer answer;

	open_with_keys(SIGNATURES_REQUIRED, 1, 3);
	write_manifest(RENAMED("twice", "again", "7"), text);
	EQ_INT(offer(text, 1, false).status, 0, "again: by Ann");
	answer = offer(text, 3, false);
	EQ_INT(answer.status, 0, "again: by Ann and Bob");
	EQ_INT(signers_of("twice"), 2, "again: both are kept");
	EQ_INT(offer(text, 2, false).status, 0, "again: by Bob alone");
	EQ_INT(signers_of("twice"), 2, "again: nobody is lost");
	open_with_keys(SIGNATURES_REQUIRED, 2, 3);
	EQ_INT(signers_of("twice"), 2, "again: after a new start");
	open_with_keys(SIGNATURES_REQUIRED, 1, 1);
	EQ_INT(offer(text, 3, false).status, 0, "again: one of them is known");
	open_with_keys(SIGNATURES_REQUIRED, 1, 7);
	EQ_INT(offer(text, 7, false).status, 0, "again: and now three");
	EQ_INT(signers_of("twice"), 3, "again: three");
	strcpy(other, text);
	memcpy(strstr(other, "through: v1.10"), "through: v1.09", 14);
	answer = offer(other, 1, false);
	EQ_INT(answer.status, -EEXIST, "again: changed, with the same serial");
	OK(strstr(answer.text, "a higher serial") != NULL, "again: what to do");
}

static void on_retired(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	(void)release;
	(void)warning;
	(void)error;
	*(int *)arg = status;
}

static void test_retired_again(void)
{
	const struct release *release = NULL;
	struct errtext error;
	char text[TEXT_MAX];
	struct answer answer;
	int status = 1;

	open_with_keys(SIGNATURES_REQUIRED, 1, 3);
	write_manifest(RENAMED("gone", "retired", "7"), text);
	EQ_INT(offer(text, 1, false).status, 0, "retired: added");
	EQ_INT(catalogue_find(catalogue, "gone", &release, &error), 0,
		"retired: found");
	catalogue_retire(catalogue, release, NOW, NULL, on_retired, &status);
	uv_run(&loop, UV_RUN_DEFAULT);
	EQ_INT(status, 0, "retired");
	answer = offer(text, 3, false);
	EQ_INT(answer.status, 0, "retired: added again");
	OK(strstr(answer.warning, "is retired") != NULL, "retired: which it says");
	open_with_keys(SIGNATURES_REQUIRED, 2, 3);
	EQ_INT(catalogue_find(catalogue, "gone", &release, &error), 0, "retired: kept");
	EQ_INT(release->retired_s, NOW, "retired: still");
	EQ_INT(release->manifest.signer_count, 2, "retired: and better signed");
}

/* A file that cannot be read may have held any serial. */
static void test_unsure(void)
{
	char text[TEXT_MAX], path[128];
	struct answer answer;
	FILE *file;

	open_with(SIGNATURES_WARN, 1);
	write_manifest(RENAMED("five", "torn", "5"), text);
	EQ_INT(offer(text, 1, false).status, 0, "unsure: serial 5");
	snprintf(path, sizeof(path), "%s/releases/five.json", dir);
	file = fopen(path, "r+");
	if (!file || ftruncate(fileno(file), 100) < 0 || fclose(file) != 0)
		abort();
	open_with(SIGNATURES_WARN, 1);
	EQ_STR(catalogue_damaged(catalogue, 0), "five.json", "unsure: it is named");
	write_manifest(RENAMED("three", "torn", "3"), text);
	answer = offer(text, 1, false);
	EQ_INT(answer.status, WIPY_E_RELEASE_OLDER, "unsure: serial 3 is not taken");
	OK(strstr(answer.text, "five.json") && strstr(answer.text, "--allow-downgrade"),
		"unsure: why, and what to do");
	write_manifest(RENAMED("five", "torn", "5"), text);
	EQ_INT(offer(text, 1, true).status, 0, "unsure: a person brings it back");
	OK(!catalogue_damaged(catalogue, 0), "unsure: and it is whole");
	write_manifest(RENAMED("three", "torn", "3"), text);
	answer = offer(text, 1, false);
	OK(answer.status == WIPY_E_RELEASE_OLDER && strstr(answer.text, "release five"),
		"unsure: its serial counts");
	write_manifest(RENAMED("six", "torn", "6"), text);
	EQ_INT(offer(text, 1, false).status, 0, "unsure: no more");
	forget("five");
}

/* ---- noted before it is written --------------------------------------------------- */

static struct {
	int count, status;
	bool known, was_there;
	char name[NAME_MAX_LEN];
} noted;

static void on_note(void *arg, const struct release *release, bool known)
{
	struct errtext error = {"it could not be noted"};
	char path[128];

	(void)arg;
	noted.count++;
	noted.known = known;
	snprintf(noted.name, sizeof(noted.name), "%s", release->name);
	snprintf(path, sizeof(path), "%s/releases/%s.json", dir, release->name);
	noted.was_there = access(path, F_OK) == 0;
	catalogue_noted(catalogue, noted.status, &error);
}

static struct answer offer_noted(const char *text, unsigned signers, int status)
{
	char signatures[(SIGNERS + 1) * SIGNER_TEXT_MAX] = "";
	struct answer answer = {.status = 1};
	struct catalogue_offer made = {.manifest_name = "release.yaml",
		.manifest = (const uint8_t *)text,
		.manifest_len = strlen(text),
		.signatures = signatures,
		.now_s = NOW};

	for (size_t i = 0; i < SIGNERS; i++)
		if (signers & 1u << i)
			signer_sign(&signer[i], (const uint8_t *)text, strlen(text),
				"words", signatures);
	made.signatures_len = strlen(signatures);
	memset(&noted, 0, sizeof(noted));
	noted.status = status;
	catalogue_add_release(catalogue, &made, on_note, on_release, &answer);
	uv_run(&loop, UV_RUN_DEFAULT);
	return answer;
}

static void test_noted(void)
{
	char text[TEXT_MAX];
	struct answer answer;
	size_t count;

	open_with(SIGNATURES_REQUIRED, 1);
	count = catalogue_count(catalogue);
	write_manifest(RENAMED("noted", "noted", "7"), text);
	answer = offer_noted(text, 1, -EIO);
	EQ_INT(answer.status, -EIO, "noted: it could not be");
	EQ_STR(answer.text, "it could not be noted", "noted: which it says");
	EQ_INT(catalogue_count(catalogue), count, "noted: so there is no release");
	EQ_INT(offer_noted(text, 1, 0).status, 0, "noted: it could");
	EQ_INT(noted.count, 1, "noted: once");
	EQ_STR(noted.name, "noted", "noted: by its name");
	OK(!noted.was_there && !noted.known, "noted: before it was there");
	EQ_INT(offer_noted(text, 1, 0).status, 0, "noted: the same again");
	EQ_INT(noted.count, 0, "noted: nothing new");
	EQ_INT(offer_noted(text, 3, 0).status, 0, "noted: more signatures");
	OK(noted.count == 1 && noted.known, "noted: that is new");
}

int main(void)
{
	begin("trust");
	test_revoked();
	test_again();
	test_retired_again();
	test_unsure();
	test_noted();
	return end();
}
