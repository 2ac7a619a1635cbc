/* SPDX-License-Identifier: MIT
 *
 * Waves: what can be written, how large they get, who goes into which.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/core/waves.h"
#include "tests/tap.h"

#define BOARDS_MAX 500

static const struct {
	const char *name, *text, *in_error;
} faults[] = {
	{"empty", "", "a number of boards or a percentage"},
	{"a word", "many", "'many'"},
	{"a bare percent sign", "%", "'%'"},
	{"no boards", "0,100%", "'0'"},
	{"no share", "0%,100%", "'0%'"},
	{"negative", "-1,100%", "'-1'"},
	{"a sign", "+1,100%", "'+1'"},
	{"a blank", "1, 100%", "' 100%'"},
	{"a fraction", "1.5%,100%", "'1.5%'"},
	{"two percent signs", "10%%,100%", "'10%%'"},
	{"above 100 %", "1,101%", "'101%'"},
	{"far above 100 %", "1,99999999999999999999%", "'99999999999999999999%'"},
	{"more boards than anybody has", "1000001,100%", "'1000001'"},
	{"an empty part in front", ",100%", "''"},
	{"an empty part between", "1,,100%", "''"},
	{"an empty part at the end", "1,100%,", "''"},
	{"shares that shrink", "50%,10%,100%", "'10%'"},
	{"shares that stand still", "10%,10%,100%", "'10%'"},
	{"100 % twice", "100%,100%", "'100%'"},
	{"the last is no share", "1,10", "the last wave must be 100%"},
	{"the last is not all", "1,10%", "the last wave must be 100%"},
	{"boards after all of them", "100%,5", "the last wave must be 100%"},
	{"17 waves", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,100%", "at most 16 waves"},
};

#define W_ALL     "100%"
#define W_CANARY  "1,25%,100%"
#define W_DEFAULT "1,10%,50%,100%"

static const struct {
	const char *text;
	size_t total;
	int count;
	size_t size[6];
} sizes[] = {
	{W_CANARY, 24, 3, {1, 5, 18}},
	{W_CANARY, 23, 3, {1, 5, 17}},
	{W_CANARY, 4, 2, {1, 3}},
	{W_CANARY, 2, 2, {1, 1}},
	{W_CANARY, 1, 1, {1}},
	{W_CANARY, 0, 0, {0}},
	{W_DEFAULT, 500, 4, {1, 49, 200, 250}},
	{W_DEFAULT, 10, 3, {1, 4, 5}},
	{W_DEFAULT, 11, 4, {1, 1, 4, 5}},
	{W_DEFAULT, 3, 3, {1, 1, 1}},
	{W_ALL, 7, 1, {7}},
	{W_ALL, 0, 0, {0}},
	{"10,100%", 3, 1, {3}},
	{"10,100%", 10, 1, {10}},
	{"10,100%", 11, 2, {10, 1}},
	{"1,2,3,100%", 10, 4, {1, 2, 3, 4}},
	{"1,2,3,100%", 5, 3, {1, 2, 2}},
	{"50%,10,100%", 30, 3, {15, 10, 5}},
	{"1%,99%,100%", 10, 2, {1, 9}},
	{"1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,100%", 2, 2, {1, 1}},
	{"1000000,100%", 5, 1, {5}},
};

static struct waves parsed(const char *text)
{
	struct waves waves = {0};
	struct errtext error = {""};

	if (!OK(waves_parse(text, &waves, &error) == 0, text))
		printf("# %s\n", error.text);
	return waves;
}

static void test_faults(void)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct waves waves = {.count = 77};
		struct errtext error = {""};
		int rc = waves_parse(faults[i].text, &waves, &error);

		OK(rc == -EINVAL && waves.count == 77, faults[i].name);
		if (!OK(strstr(error.text, faults[i].in_error) != NULL, faults[i].name))
			printf("# %s\n", error.text);
	}
}

static void test_sizes(void)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct waves waves = parsed(sizes[i].text);
		size_t got[WAVES_MAX] = {0};

		EQ_INT(waves_sizes(&waves, sizes[i].total, got), sizes[i].count,
			sizes[i].text);
		for (int k = 0; k < sizes[i].count; k++)
			EQ_INT((int64_t)got[k], (int64_t)sizes[i].size[k],
				sizes[i].text);
	}
}

/* For any number of boards: no empty wave, and everybody is in one. */
static void test_sums(void)
{
	static const char *const texts[] = {
		W_ALL, W_CANARY, W_DEFAULT, "3,4%,7,9%,100%", "1%,2%,3%,100%"};

	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		struct waves waves = parsed(texts[t]);
		bool ok = true;

		for (size_t total = 0; total <= BOARDS_MAX; total++) {
			size_t got[WAVES_MAX], sum = 0;
			int count = waves_sizes(&waves, total, got);

			for (int k = 0; k < count; k++) {
				ok = ok && got[k] > 0;
				sum += got[k];
			}
			ok = ok && sum == total && count <= waves.count;
		}
		OK(ok, "waves add up to the number of boards");
	}
}

static char board_names[BOARDS_MAX][24];

static int deal(const char *text, const char *release, size_t count,
	size_t unseen_every, struct wave_candidate *candidate)
{
	struct waves waves = parsed(text);

	for (size_t i = 0; i < count; i++) {
		snprintf(board_names[i], sizeof(board_names[i]), "b%03zu", i);
		candidate[i] = (struct wave_candidate){.board = board_names[i],
			.seen = unseen_every == 0 || i % unseen_every != 0,
			.wave = -1,
			.index = i};
	}
	return waves_deal(&waves, release, candidate, count);
}

static void test_dealing(void)
{
	static struct wave_candidate one[BOARDS_MAX], two[BOARDS_MAX];
	size_t in_wave[WAVES_MAX] = {0};
	bool once[BOARDS_MAX] = {false};
	bool ok = true, same = true;

	EQ_INT(deal(W_DEFAULT, "v1", 40, 0, one), 4, "waves of 40 boards");
	for (size_t i = 0; i < 40; i++) {
		ok = ok && one[i].wave >= 0 && one[i].wave < 4 && !once[one[i].index];
		once[one[i].index] = true;
		in_wave[one[i].wave]++;
		ok = ok && strcmp(one[i].board, board_names[one[i].index]) == 0;
	}
	OK(ok, "each board is dealt out once, with its own index");
	OK(in_wave[0] == 1 && in_wave[1] == 3 && in_wave[2] == 16 && in_wave[3] == 20,
		"the sizes are kept");
	EQ_INT(deal(W_DEFAULT, "v1", 40, 0, two), 4, "the same again");
	for (size_t i = 0; i < 40; i++)
		same = same && one[i].index == two[i].index &&
		       one[i].wave == two[i].wave;
	OK(same, "dealing is repeatable");
	EQ_INT(deal(W_DEFAULT, "v2", 40, 0, two), 4, "another release");
	same = true;
	for (size_t i = 0; i < 40; i++)
		same = same && one[i].index == two[i].index;
	OK(!same, "another release deals otherwise");
	EQ_INT(deal(W_DEFAULT, "v1", 0, 0, one), 0, "nobody is dealt out");
}

/* The order in which the boards were named has no say. */
static void test_order_of_input(void)
{
	static struct wave_candidate one[BOARDS_MAX], two[BOARDS_MAX];
	bool same = true;

	(void)deal(W_CANARY, "v1", 24, 5, one);
	(void)deal(W_CANARY, "v1", 24, 5, two);
	for (size_t i = 0; i < 12; i++) {
		struct wave_candidate other = two[i];

		two[i] = two[23 - i];
		two[23 - i] = other;
	}
	struct waves waves = parsed(W_CANARY);
	(void)waves_deal(&waves, "v1", two, 24);
	for (size_t i = 0; i < 24; i++)
		same = same && one[i].index == two[i].index &&
		       one[i].wave == two[i].wave;
	OK(same, "the order of the input does not matter");
}

static void test_seen_first(void)
{
	static struct wave_candidate one[BOARDS_MAX];
	bool unseen = false, ok = true;

	(void)deal(W_DEFAULT, "v1", 90, 3, one);
	for (size_t i = 0; i < 90; i++) {
		ok = ok && !(unseen && one[i].seen);
		unseen = unseen || !one[i].seen;
	}
	OK(ok && unseen, "boards that answer go first");
	for (size_t i = 1; i < 90; i++)
		ok = ok && one[i].wave >= one[i - 1].wave;
	OK(ok, "waves are filled in order");
}

/* Over many releases each board gets its turn as the canary. */
static void test_canaries(void)
{
	static struct wave_candidate one[10];
	struct waves waves = parsed(W_CANARY);
	int canary[10] = {0}, never = 0, most = 0, stayed = 0;
	size_t last = SIZE_MAX;

	for (int r = 0; r < 400; r++) {
		char release[16];

		snprintf(release, sizeof(release), "v1.%d", r);
		for (size_t i = 0; i < 10; i++)
			one[i] = (struct wave_candidate){
				.board = board_names[i], .seen = true, .index = i};
		(void)waves_deal(&waves, release, one, 10);
		canary[one[0].index]++;
		stayed += one[0].index == last;
		last = one[0].index;
	}
	for (int i = 0; i < 10; i++) {
		never += canary[i] == 0;
		most = canary[i] > most ? canary[i] : most;
	}
	OK(never == 0 && most < 120, "not always the same boards go first");
	/* By chance alone it is one of ten: 40 of 400. */
	if (!OK(stayed < 100, "neighbouring releases choose other canaries"))
		printf("# the canary stayed %d times of 400\n", stayed);
}

int main(void)
{
	test_faults();
	test_sizes();
	test_sums();
	test_dealing();
	test_order_of_input();
	test_seen_first();
	test_canaries();
	return tap_done();
}
