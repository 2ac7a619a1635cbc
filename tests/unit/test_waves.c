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

/* One site, one type, nothing that holds a board back. */
static int deal_plainly(const struct waves *waves, const char *release,
	struct wave_candidate *candidate, size_t count)
{
	struct domain site = {.boards = BOARDS_MAX};
	int of_type = 0;
	const struct wave_strata strata = {&site, 100, &of_type};

	return waves_deal(waves, release, &strata, candidate, count);
}

static int deal(const char *text, const char *release, size_t count,
	size_t unseen_every, struct wave_candidate *candidate)
{
	struct waves waves = parsed(text);

	for (size_t i = 0; i < count; i++) {
		snprintf(board_names[i], sizeof(board_names[i]), "b%03zu", i);
		candidate[i] = (struct wave_candidate){.board = board_names[i],
			.seen = unseen_every == 0 || i % unseen_every != 0,
			.wave = -1,
			.domains = {{0, -1, -1}},
			.index = i};
	}
	return deal_plainly(&waves, release, candidate, count);
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
	(void)deal_plainly(&waves, "v1", two, 24);
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
			one[i] = (struct wave_candidate){.board = board_names[i],
				.seen = true,
				.domains = {{0, -1, -1}},
				.index = i};
		(void)deal_plainly(&waves, release, one, 10);
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

/* ---- the first wave as a sample ----------------------------------------------------- */

#define SITES_MAX 6
#define DOMAINS   (SITES_MAX + 8)
#define TYPES_MAX 5

struct fleet {
	struct wave_candidate candidate[BOARDS_MAX];
	struct domain domain[DOMAINS];
	int of_type[TYPES_MAX];
	struct wave_strata strata;
	size_t count;
};

/* "type@site", in capitals for one that does not answer, a space between boards; the
 * canaries by number, in the order of the boards. */
static const struct {
	const char *name, *boards;
	int share;
	const char *waves, *release, *canaries;
} samples[] = {
	{"one board stands for all there is", "a@0 a@0 a@0 b@1", 100, "1,100%", NULL,
		NULL},
	{"a board of each type and site", "a@0 a@0 a@0 b@1", 100, "2,100%", NULL, "3"},
	{"three types, three sites, three boards", "a@0 a@0 a@0 a@0 b@1 c@2", 100,
		"3,100%", NULL, "45"},
	{"two boards for two types and two sites", "a@0 a@0 a@0 b@0 a@1 a@0 a@0", 100,
		"2,100%", NULL, "34"},
	{"a type at the same site", "a@0 a@0 a@0 a@0 b@0", 100, "2,100%", NULL, "4"},
	{"a site of the same type", "a@0 a@0 a@0 a@0 a@1", 100, "2,100%", NULL, "4"},
	{"a board that does not answer stands for nothing", "a@0 a@0 a@0 B@1", 100,
		"3,100%", NULL, "012"},
	{"none that does not answer, even to keep to the share", "a@0 a@0 a@0 B@1", 25,
		"2,100%", NULL, NULL},
	{"no more than a share of the site", "a@0 a@0 a@0 a@0 a@1 a@1 a@1 a@1", 50,
		"4,100%", NULL, NULL},
};

static void add_board(struct fleet *f, int type, int site, int room, bool seen)
{
	struct wave_candidate *c = &f->candidate[f->count];

	snprintf(board_names[f->count], sizeof(board_names[0]), "b%03zu", f->count);
	*c = (struct wave_candidate){.board = board_names[f->count],
		.seen = seen,
		.type = type,
		.domains = {{site, -1, room < 0 ? -1 : SITES_MAX + room}},
		.index = f->count++};
	f->domain[site].boards++;
	if (room >= 0)
		f->domain[SITES_MAX + room].boards++;
}

static void deal_fleet(struct fleet *f, const char *waves_text, int share)
{
	struct waves waves = {0};
	struct errtext error;

	(void)!waves_parse(waves_text, &waves, &error);
	f->strata = (struct wave_strata){f->domain, share, f->of_type};
	(void)waves_deal(&waves, "v1", &f->strata, f->candidate, f->count);
}

/* The first wave could hold it without going beyond a share. */
static bool has_room(const struct fleet *f, const int *domain,
	const struct wave_candidate *c, int share)
{
	for (int k = 0; k < TASK_DOMAINS; k++) {
		int at = c->domains.index[k];

		if (at >= 0 && domain[at] >= domain_share(&f->domain[at], share))
			return false;
	}
	return true;
}

/* What must hold of any first wave of `size` boards: NULL, or what does not. */
static const char *check_sample(const struct fleet *f, size_t size, int share)
{
	bool have_type[TYPES_MAX] = {false}, have_site[SITES_MAX] = {false};
	int domain[DOMAINS] = {0}, strata = 0;
	bool beyond = false, idle = false;

	for (size_t i = 0; i < f->count; i++) {
		const struct wave_candidate *c = &f->candidate[i];

		if (c->canary != (i < size) || c->canary != (c->wave == 0))
			return "the first wave has another size";
		if (i > 0 && i != size && c->seen && !f->candidate[i - 1].seen)
			return "a board that does not answer goes first";
		if (!c->canary)
			continue;
		have_type[c->type] = have_site[c->domains.index[0]] = true;
		for (int k = 0; k < TASK_DOMAINS; k++)
			if (c->domains.index[k] >= 0)
				domain[c->domains.index[k]]++;
		idle = idle || !c->seen;
	}
	for (int d = 0; d < DOMAINS; d++)
		beyond = beyond || domain[d] > domain_share(&f->domain[d], share);
	for (int k = 0; k < TYPES_MAX; k++)
		strata += have_type[k];
	for (int k = 0; k < SITES_MAX; k++)
		strata += have_site[k];
	for (size_t i = size; i < f->count; i++) {
		const struct wave_candidate *c = &f->candidate[i];
		bool room = has_room(f, domain, c, share);

		if (c->seen && idle)
			return "a board that answers was left out";
		if (c->seen && room && beyond)
			return "beyond the share, and another would have fit";
		/* Each board of the sample adds something until nothing is left. */
		if (c->seen && room && share == 100 && (int)size >= strata + 2 &&
			(!have_type[c->type] || !have_site[c->domains.index[0]]))
			return "a type or a site is missing";
	}
	return NULL;
}

static void test_samples(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		static struct fleet f;
		const char *boards = samples[i].boards, *fault;
		bool in[BOARDS_MAX] = {false};
		bool all = true;

		memset(&f, 0, sizeof(f));
		for (; *boards; boards += boards[3] ? 4 : 3)
			add_board(&f, (boards[0] | 0x20) - 'a', boards[2] - '0', -1,
				boards[0] >= 'a');
		deal_fleet(&f, samples[i].waves, samples[i].share);
		fault = check_sample(
			&f, (size_t)(samples[i].waves[0] - '0'), samples[i].share);
		if (!OK(fault == NULL, samples[i].name))
			printf("# %s\n", fault);
		for (size_t k = 0; k < f.count; k++)
			in[f.candidate[k].index] = f.candidate[k].canary;
		for (const char *c = samples[i].canaries; c && *c; c++)
			all = all && in[*c - '0'];
		OK(all, samples[i].name);
	}
}

static uint64_t random_state;

static int random_below(int below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (int)((random_state >> 33) % (unsigned)below);
}

static void test_random_fleets(void)
{
	int found = 0;

	for (int seed = 0; seed < 3000 && found < 5; seed++) {
		static struct fleet f;
		char waves[32];
		const char *fault;
		int boards, size, share, types, sites;

		memset(&f, 0, sizeof(f));
		random_state = (uint64_t)seed;
		boards = 1 + random_below(80);
		size = 1 + random_below(boards);
		share = random_below(2) ? 100 : 1 + random_below(100);
		types = 1 + random_below(TYPES_MAX);
		sites = 1 + random_below(SITES_MAX);
		for (int i = 0; i < boards; i++)
			add_board(&f, random_below(types), random_below(sites),
				random_below(10) - 2, random_below(8) > 0);
		snprintf(waves, sizeof(waves), "%d,100%%", size);
		deal_fleet(&f, waves, share);
		fault = check_sample(&f, (size_t)size, share);
		if (!fault)
			continue;
		printf("# seed %d: %s\n", seed, fault);
		found++;
	}
	EQ_INT(found, 0, "random fleets: the first wave is a fair sample");
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
	test_samples();
	test_random_fleets();
	return tap_done();
}
