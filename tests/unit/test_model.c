/* SPDX-License-Identifier: MIT
 *
 * Names of the model's enums: stored, so they never change and always come back; ids.
 */
#include <errno.h>

#include "daemon/core/model.h"
#include "tests/tap.h"

static const char *const task_names[] = {"planned", "waiting", "checking", "pushing",
	"staged", "disarming", "resetting", "returning", "verifying", "soaking",
	"confirming", "held", "deferred", "backoff", "confirmed", "already", "refused",
	"skipped", "fell-back", "failed", "lost", "reverted", "cancelled"};
static const char *const rollout_names[] = {"draft", "awaiting-approval", "scheduled",
	"running", "paused", "halted", "aborting", "aborted", "undoing", "undone",
	"completed", "completed-with-exceptions", "expired"};
static const char *const wave_names[] = {
	"closed", "open", "soaking", "passed", "tripped", "skipped"};
static const char *const proof_names[] = {"none", "outage", "fingerprint", "mark"};
static const char *const reach_names[] = {
	"never-seen", "online", "flapping", "offline", "retired"};
static const char *const access_names[] = {
	"open", "login-ok", "login-refused", "busy", "wrong-board", "safe-boot"};
static const char *const version_names[] = {"unknown", "unmanaged", "in-sync", "behind",
	"ahead", "foreign", "changed-by-others"};

/* The enums' own types are lost here; both directions are called through wrappers. */
#define WRAP(prefix, type)                                                             \
	static const char *get_##prefix(int value)                                     \
	{                                                                              \
		return prefix##_name((enum type)value);                                \
	}                                                                              \
	static int find_##prefix(const char *name)                                     \
	{                                                                              \
		return (int)prefix##_by_name(name);                                    \
	}
WRAP(task_state, task_state)
WRAP(rollout_state, rollout_state)
WRAP(wave_state, wave_state)
WRAP(proof, proof)
WRAP(reach, reach)
WRAP(access, access)
WRAP(version, version_state)

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))
#define ENUM(what, prefix, list, end)                                                  \
	{                                                                              \
		what, list, COUNT(list), end, get_##prefix, find_##prefix              \
	}

static const struct {
	const char *what;
	const char *const *want;
	int want_count, count;
	const char *(*name)(int value);
	int (*by_name)(const char *name);
} enums[] = {
	ENUM("task states", task_state, task_names, TASK_STATE_COUNT),
	ENUM("rollout states", rollout_state, rollout_names, ROLLOUT_STATE_COUNT),
	ENUM("wave states", wave_state, wave_names, WAVE_STATE_COUNT),
	ENUM("proofs", proof, proof_names, PROOF_COUNT),
	ENUM("reach", reach, reach_names, REACH_COUNT),
	ENUM("access", access, access_names, ACCESS_COUNT),
	ENUM("version", version, version_names, VERSION_COUNT),
};

static void test_names(void)
{
	for (size_t e = 0; e < sizeof(enums) / sizeof(enums[0]); e++) {
		EQ_INT(enums[e].count, enums[e].want_count, enums[e].what);
		for (int i = 0; i < enums[e].want_count; i++) {
			EQ_STR(enums[e].name(i), enums[e].want[i], enums[e].what);
			EQ_INT(enums[e].by_name(enums[e].want[i]), i, enums[e].want[i]);
		}
		EQ_STR(enums[e].name(enums[e].count), "invalid", enums[e].what);
		EQ_STR(enums[e].name(-1), "invalid", enums[e].what);
		EQ_INT(enums[e].by_name("nonsense"), enums[e].count, enums[e].what);
		EQ_INT(enums[e].by_name(""), enums[e].count, enums[e].what);
	}
}

static void test_task_classes(void)
{
	static const enum task_state in_flight[] = {TASK_CHECKING, TASK_PUSHING,
		TASK_STAGED, TASK_DISARMING, TASK_CONFIRMING, TASK_RESETTING,
		TASK_RETURNING, TASK_VERIFYING, TASK_SOAKING, TASK_BACKOFF};
	static const enum task_state waits[] = {
		TASK_PLANNED, TASK_WAITING, TASK_HELD, TASK_DEFERRED};
	bool seen[TASK_STATE_COUNT] = {false};

	for (int i = 0; i < COUNT(in_flight); i++) {
		seen[in_flight[i]] = true;
		OK(task_state_in_flight(in_flight[i]) &&
				!task_state_is_end(in_flight[i]),
			task_state_name(in_flight[i]));
	}
	for (int i = 0; i < COUNT(waits); i++) {
		seen[waits[i]] = true;
		OK(!task_state_in_flight(waits[i]) && !task_state_is_end(waits[i]),
			task_state_name(waits[i]));
	}
	for (int i = 0; i < TASK_STATE_COUNT; i++)
		if (!seen[i])
			OK(task_state_is_end((enum task_state)i) &&
					!task_state_in_flight((enum task_state)i),
				task_state_name((enum task_state)i));
}

static void test_rollout_ends(void)
{
	static const enum rollout_state ends[] = {ROLLOUT_ABORTED, ROLLOUT_UNDONE,
		ROLLOUT_COMPLETED, ROLLOUT_COMPLETED_WITH_EXCEPTIONS, ROLLOUT_EXPIRED};

	for (int i = 0; i < ROLLOUT_STATE_COUNT; i++) {
		bool end = false;

		for (int k = 0; k < COUNT(ends); k++)
			end = end || (int)ends[k] == i;
		EQ_INT(rollout_state_is_end((enum rollout_state)i), end,
			rollout_state_name((enum rollout_state)i));
	}
}

static const struct {
	const char *name, *text;
	int error;
} id_texts[] = {
	{"digits and letters", "00112233445566778899aabbccddeeff", 0},
	{"zero", "00000000000000000000000000000000", 0},
	{"all ones", "ffffffffffffffffffffffffffffffff", 0},
	{"empty", "", -EINVAL},
	{"one digit short", "00112233445566778899aabbccddeef", -EINVAL},
	{"one digit long", "00112233445566778899aabbccddeeff0", -EINVAL},
	{"capitals", "00112233445566778899AABBCCDDEEFF", -EINVAL},
	{"no digit", "00112233445566778899aabbccddeefg", -EINVAL},
	{"a blank", "0011223344556677 899aabbccddeeff", -EINVAL},
	{"a byte above 127",
		"00112233445566778899aabbccddee\xff"
		"f",
		-EINVAL},
};

static void test_ids(void)
{
	struct id zero = {{0}}, one = {{1}};

	for (size_t i = 0; i < sizeof(id_texts) / sizeof(id_texts[0]); i++) {
		struct id id = {{7}};
		char text[ID_TEXT_MAX];

		EQ_INT(id_parse(id_texts[i].text, &id), id_texts[i].error,
			id_texts[i].name);
		if (id_texts[i].error == 0) {
			id_format(&id, text);
			EQ_STR(text, id_texts[i].text, id_texts[i].name);
		} else {
			EQ_INT(id.byte[0], 7, "a failure leaves the id alone");
		}
	}
	OK(id_is_zero(&zero) && !id_is_zero(&one), "only zero is zero");
	OK(id_equal(&one, &one) && !id_equal(&one, &zero), "equality of ids");
}

static void test_release_image(void)
{
	struct release release = {.image_count = 2};

	release.image[0].family = WIPY_FAMILY_WIPY;
	release.image[1].family = WIPY_FAMILY_ESP32;
	release.image[2].family = WIPY_FAMILY_ESP8266; /* beyond the count */
	OK(release_image_for(&release, WIPY_FAMILY_ESP32, "") == &release.image[1],
		"the family's image");
	OK(release_image_for(&release, WIPY_FAMILY_PYCOM, "") == NULL,
		"no image of it");
	OK(release_image_for(&release, WIPY_FAMILY_ESP32, "phat") == &release.image[1],
		"a type without an image of its own gets the family's");
	release.image[0].family = WIPY_FAMILY_ESP32;
	strcpy(release.image[0].type, "phat");
	OK(release_image_for(&release, WIPY_FAMILY_ESP32, "phat") == &release.image[0],
		"a type gets its own image");
	OK(release_image_for(&release, WIPY_FAMILY_ESP32, "") == &release.image[1],
		"others do not");
	release.image_count = 1;
	OK(release_image_for(&release, WIPY_FAMILY_ESP32, "other") == NULL,
		"nor where there is no other");
	release.image_count = 2;
	OK(release_image_for(&release, WIPY_FAMILY_ESP8266, "") == NULL,
		"nothing is read beyond the count");
}

int main(void)
{
	test_names();
	test_task_classes();
	test_rollout_ends();
	test_ids();
	test_release_image();
	return tap_done();
}
