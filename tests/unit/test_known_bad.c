/* SPDX-License-Identifier: MIT
 *
 * Which ends of a task speak against its image, and which entry of the list refuses it.
 */
#include "daemon/core/known_bad.h"
#include "tests/tap.h"

static const struct {
	const char *name;
	enum task_state was;
	bool pushed, touched;
	enum task_state now;
	enum proof proof;
	bool speaks;
	const char *how; /* r: it ran the image before, u: of an undo */
} ends[] = {
	{"fell back after a whole push, the mark is gone", TASK_RETURNING, true, false,
		TASK_FELL_BACK, PROOF_MARK, true, ""},
	{"an outage alone proves no reset", TASK_RETURNING, true, false, TASK_FELL_BACK,
		PROOF_OUTAGE, false, ""},
	{"did not come back from its reset", TASK_RETURNING, true, false, TASK_LOST,
		PROOF_OUTAGE, true, ""},
	{"the reset of a lost board is not proven", TASK_RETURNING, true, false,
		TASK_LOST, PROOF_NONE, false, ""},
	{"lost in the reset that cures a torn push", TASK_RETURNING, false, true,
		TASK_LOST, PROOF_OUTAGE, false, ""},
	{"torn since the whole push", TASK_RETURNING, true, true, TASK_FELL_BACK,
		PROOF_MARK, false, ""},
	{"lost after the reset for what an earlier rollout left", TASK_RETURNING, false,
		false, TASK_LOST, PROOF_OUTAGE, false, ""},
	{"lost before its reset", TASK_CHECKING, true, false, TASK_LOST, PROOF_OUTAGE,
		false, ""},
	{"lost in the soak", TASK_SOAKING, false, false, TASK_LOST, PROOF_FINGERPRINT,
		true, ""},
	{"fell back in the soak", TASK_SOAKING, false, false, TASK_FELL_BACK,
		PROOF_FINGERPRINT, true, ""},
	{"a repair does not come back", TASK_RETURNING, true, false, TASK_LOST,
		PROOF_OUTAGE, false, "r"},
	{"a repair is lost in its soak", TASK_SOAKING, false, false, TASK_LOST,
		PROOF_MARK, false, "r"},
	{"a repair falls back", TASK_RETURNING, true, false, TASK_FELL_BACK, PROOF_MARK,
		false, "r"},
	{"an undo does not come back", TASK_RETURNING, true, false, TASK_LOST,
		PROOF_OUTAGE, false, "u"},
	{"fell back before it was confirmed", TASK_CONFIRMING, false, false,
		TASK_FELL_BACK, PROOF_FINGERPRINT, true, ""},
	{"not repaired", TASK_PUSHING, false, true, TASK_FAILED, PROOF_NONE, false, ""},
	{"the trap was sprung", TASK_RETURNING, false, true, TASK_FAILED, PROOF_MARK,
		false, ""},
	{"somebody else's image", TASK_RETURNING, true, false, TASK_FAILED,
		PROOF_OUTAGE, false, ""},
	{"failed its soak otherwise", TASK_SOAKING, false, false, TASK_FAILED,
		PROOF_FINGERPRINT, false, ""},
	{"confirmed", TASK_SOAKING, false, false, TASK_CONFIRMED, PROOF_FINGERPRINT,
		false, ""},
	{"still looked for", TASK_RETURNING, true, false, TASK_RETURNING, PROOF_OUTAGE,
		false, ""},
	{"had ended long ago", TASK_LOST, true, false, TASK_LOST, PROOF_OUTAGE, false,
		""},
};

static const struct wipy_fingerprint image = {"v1.8.7", "2017-01-08", "WiPy", "CC3200"};
static const struct wipy_fingerprint other = {"v1.8.6", "2016-11-10", "WiPy", "CC3200"};

static void test_ends(void)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *how = ends[i].how;
		struct task was = {.state = ends[i].was,
			.pushed = ends[i].pushed,
			.touched = ends[i].touched};
		struct task now = {.state = ends[i].now,
			.proof = ends[i].proof,
			.has_before = true,
			.before = strchr(how, 'r') ? image : other,
			.has_wanted = strchr(how, 'u') != NULL};

		EQ_INT(known_bad_speaks(&was, &now, &image), ends[i].speaks,
			ends[i].name);
	}
}

static const struct known_bad list[] = {
	{.number = 1, .sha256 = "aaaabbbbcccc", .type = "phat", .cleared_s = 9},
	{.number = 2, .sha256 = "aaaabbbbcccc", .type = "wipy"},
	{.number = 3, .sha256 = "aaaabbbbdddd", .type = "phat"},
	{.number = 4, .sha256 = "aaaabbbbcccc", .type = "phat"},
};

static int64_t found(const char *sha256, const char *type)
{
	const struct known_bad *entry = known_bad_find(list, 4, sha256, type);

	return entry ? entry->number : 0;
}

static void test_find(void)
{
	static const struct id own = {{1}};
	static const struct known_bad two[] = {
		{.sha256 = "aaaabbbbcccc", .type = "wipy", .rollout = {{1}}},
		{.sha256 = "aaaabbbbcccc", .type = "wipy", .added_by = "uid 7"},
	};

	EQ_INT(found("aaaabbbbcccc", "wipy"), 2, "image and type");
	EQ_INT(found("aaaabbbbcccc", "phat"), 4, "a cleared one does not count");
	EQ_INT(found("aaaabbbbcccc", "lamp"), 0, "another type");
	EQ_INT(found("aaaabbbb", "phat"), 0, "a beginning is no image");
	EQ_INT(known_bad_find(list, 0, "aaaabbbbcccc", "wipy") == NULL, 1, "none yet");
	OK(known_bad_find_but(two, 1, "aaaabbbbcccc", "wipy", &own) == NULL,
		"what a rollout has found out itself does not stop it");
	OK(known_bad_find_but(two, 2, "aaaabbbbcccc", "wipy", &own) == &two[1],
		"what a person says beside it does");
	OK(known_bad_find_but(two, 2, "aaaabbbbcccc", "wipy", NULL) == &two[0],
		"both stand for others");
}

static void test_meant(void)
{
	OK(known_bad_is_meant(&list[1], "aaaabb", NULL), "six digits");
	OK(!known_bad_is_meant(&list[1], "aaaab", NULL), "five are too few");
	OK(!known_bad_is_meant(&list[1], "", NULL), "none at all");
	OK(!known_bad_is_meant(&list[1], "aaaabc", NULL), "another image");
	OK(known_bad_is_meant(&list[1], "aaaabbbbcccc", "wipy"), "of that type");
	OK(!known_bad_is_meant(&list[1], "aaaabbbbcccc", "phat"), "of another type");
	OK(!known_bad_is_meant(&list[0], "aaaabbbbcccc", "phat"), "cleared already");
}

int main(void)
{
	test_ends();
	test_find();
	test_meant();
	return tap_done();
}
