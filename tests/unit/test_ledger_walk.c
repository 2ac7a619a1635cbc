/* SPDX-License-Identifier: MIT
 *
 * Random lives of boards, played on a small model of each kind of board that shares
 * nothing with the ledger, while the ledger is told what a daemon can see. Whatever it
 * then claims must hold on the model.
 */
#include <stdlib.h>

#include "common/ledger.h"
#include "tests/tap.h"

#define WALKS  1500
#define STEPS  60
#define IMAGES 40

enum { EMPTY = -1, TORN = -2 };
enum { CHECK, READY, TRIAL };

struct model {
	enum ledger_kind kind;
	int active, status, previous;
	int slot[3]; /* EMPTY, TORN or the number of an image */
	int runs;    /* slot; -1: overwritten since */
	int running; /* image; -1: dead */
	bool old_loader;
};

static unsigned long long seed;
static bool fails_check[IMAGES], crashes[IMAGES];
static struct wipy_fingerprint prints[IMAGES];

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(seed >> 33) % below;
}

/* ---- the model ------------------------------------------------------------------- */

static bool valid(int content)
{
	return content >= 0 && !fails_check[content];
}

static int area(const struct model *m, int value)
{
	return m->kind == LEDGER_PYCOM && value == 2 ? 0 : value;
}

static void start(struct model *m, int slot)
{
	int content = m->slot[slot];

	m->runs = slot;
	m->running = valid(content) && !crashes[content] ? content : -1;
}

/* pin: 0 no, 1 latest, 2 previous, 3 factory */
static int chosen(const struct model *m, int pin)
{
	return area(m, pin == 2 ? m->previous : pin == 3 ? 0 : m->active);
}

static void boot_wipy(struct model *m, int pin)
{
	if (m->status == CHECK && m->active != 0) {
		m->status = READY;
		if (!valid(m->slot[m->active])) {
			m->slot[m->active] = EMPTY;
			m->active = m->previous;
			m->previous = 0;
		}
	}
	start(m, chosen(m, pin));
}

static void boot_pycom(struct model *m, int pin)
{
	int now = area(m, m->active), before = area(m, m->previous);

	if (m->status == CHECK && valid(m->slot[now])) {
		m->active = now;
	} else if (m->status == CHECK) {
		m->active = before;
		m->previous = m->old_loader ? 0 : now;
	}
	m->status = READY;
	start(m, chosen(m, pin));
}

static void boot_ours(struct model *m, int pin)
{
	bool pending = m->status == CHECK;
	int slot;

	if (m->status == TRIAL || (pending && !valid(m->slot[m->active]))) {
		m->active = m->previous == m->active ? 0 : m->previous;
		m->previous = 0;
		m->status = READY;
	} else if (pending) {
		m->status = m->active == 0 ? READY : TRIAL;
	}
	slot = chosen(m, pin);
	if (!valid(m->slot[slot])) {
		int order[] = {m->active, m->previous, 0, 1, 2};

		for (int i = 4; i >= 0; i--)
			if (valid(m->slot[order[i]]))
				slot = order[i];
		if (pin == 0 && valid(m->slot[slot])) {
			m->active = slot;
			m->previous = 0;
			m->status = READY;
		}
	}
	if (pending && m->status == TRIAL && slot != m->active)
		m->status = CHECK;
	start(m, slot);
}

static void boot(struct model *m, int pin)
{
	if (m->kind == LEDGER_PYCOM)
		boot_pycom(m, pin);
	else if (m->kind == LEDGER_TRIAL)
		boot_ours(m, pin);
	else
		boot_wipy(m, pin);
}

/* Where an upload goes, and the record that its end writes; -1: refused. */
static int target(const struct model *m, struct model *after)
{
	bool ready = m->status == READY;
	int slot = 1;

	*after = *m;
	if (m->kind == LEDGER_TRIAL) {
		int keep = ready ? m->active : m->previous;
		int free1 = keep != 1 && m->runs != 1,
		    free2 = keep != 2 && m->runs != 2;

		if (!free1 && !free2)
			return -1;
		slot = free1 ? 1 : 2;
		if (free1 && free2 && m->previous == 1)
			slot = 2;
		if (m->status == CHECK && m->active > 0 &&
			(m->active == 1 ? free1 : free2))
			slot = m->active;
		after->previous = keep;
		after->active = slot;
		after->status = CHECK;
		return slot;
	}
	if (m->kind == LEDGER_CLASSIC_ONE) {
		after->active = 1;
		after->status = CHECK;
		after->previous = 0;
		return 1;
	}
	if (m->kind == LEDGER_PYCOM)
		slot = m->active == 1 && ready ? 0 : 1;
	else if ((m->active == 1 && ready) || (m->active == 2 && m->status == CHECK))
		slot = 2;
	if (ready) {
		after->previous = m->active;
		after->active = m->active == 1 ? 2 : 1;
		after->status = CHECK;
	}
	return slot;
}

static void fill(struct model *m, int slot, int content)
{
	m->slot[slot] = content;
	if (m->runs == slot)
		m->runs = -1;
}

/* ---- claims ---------------------------------------------------------------------- */

static bool says(uint8_t content, int truth, const struct ledger *ledger)
{
	if (content == LEDGER_UNKNOWN)
		return true;
	if (content == LEDGER_EMPTY)
		return truth == EMPTY;
	/* what failed its check stays, on some kinds */
	if (!ledger_is_good(content) && (truth < 0 || fails_check[truth]))
		return true;
	if (content == LEDGER_BROKEN)
		return false;
	return truth >= 0 && wipy_fingerprint_equal(&prints[truth],
				     &ledger->image[ledger_image_at(content)]);
}

/* `runs`: what a start comes to; else what a slot holds. */
static bool guessed(const struct ledger_guess *guess, int truth, bool runs,
	const struct ledger *ledger)
{
	for (int i = 0; i < guess->count; i++) {
		uint8_t content = guess->content[i];

		if (runs && truth < 0 ? content <= LEDGER_BROKEN
				      : says(content, truth, ledger))
			return true;
	}
	return false;
}

/* NULL: this world is the board. */
static const char *is_world(const struct ledger *ledger, const struct ledger_world *w,
	const struct model *m)
{
	static const int states[] = {[CHECK] = LEDGER_CHECK,
		[READY] = LEDGER_READY,
		[TRIAL] = LEDGER_ON_TRIAL};

	if (w->active != m->active || w->status != states[m->status] ||
		w->previous != m->previous)
		return "the boot record";
	if (w->runs != LEDGER_ANY_SLOT && w->runs != m->runs)
		return "the slot that runs";
	for (int k = 0; k < (m->kind == LEDGER_PYCOM ? 2 : 3); k++)
		if (!says(w->slot[k], m->slot[k], ledger))
			return "what a slot holds";
	return NULL;
}

/* One of its worlds is the board. */
static const char *world_holds(const struct ledger *ledger, const struct model *m)
{
	const char *wrong = "all of it";

	for (int i = 0; i < ledger->world_count && wrong; i++)
		wrong = is_world(ledger, &ledger->world[i], m);
	return wrong;
}

static int certain_claims;

static const char *prediction_holds(const struct ledger *ledger, const struct model *m)
{
	struct ledger_next_push next;
	struct ledger_guess guess;
	struct model after;
	int slot = target(m, &after);

	for (int pin = 0; pin <= 3; pin++) {
		after = *m;
		boot(&after, pin);
		ledger_boots(ledger, (enum ledger_pick)pin, &guess);
		certain_claims += ledger_certain(&guess);
		/* what crashes was started all the same */
		if (!guessed(&guess, after.running, true, ledger) &&
			!guessed(&guess, after.slot[after.runs], true, ledger))
			return "what a start boots";
	}
	ledger_next_push(ledger, &next);
	if (slot < 0)
		return next.refused ? NULL : "that an upload is refused";
	if (!(next.slots >> slot & 1))
		return "where an upload goes";
	return guessed(&next.holds, m->slot[slot], false, ledger)
		       ? NULL
		       : "what an upload overwrites";
}

/* ---- one life -------------------------------------------------------------------- */

struct life {
	struct model m;
	struct ledger ledger;
	int images, pushed; /* how many there are; the latest that was pushed */
	bool was_reset;     /* since the last look or push */
	bool stale;         /* something has happened that the ledger was not told */
	char trail[STEPS * 8];
};

static void note(struct life *life, const char *what)
{
	size_t len = strlen(life->trail);

	snprintf(life->trail + len, sizeof(life->trail) - len, " %s", what);
}

static int new_image(struct life *life)
{
	int image = life->images++;

	fails_check[image] = rnd(6) == 0;
	crashes[image] = rnd(8) == 0;
	return image;
}

static void look(struct life *life)
{
	struct model *m = &life->m;

	if (m->running < 0)
		return;
	note(life, life->was_reset ? "look!" : "look");
	(void)!ledger_seen(&life->ledger, m->kind, &prints[m->running],
		life->was_reset && rnd(2) == 0);
	life->was_reset = life->stale = false;
}

static void push(struct life *life)
{
	struct model after;
	int slot, image, how = (int)rnd(7);

	if (life->m.running < 0 || life->images >= IMAGES)
		return;
	look(life);
	slot = target(&life->m, &after);
	image = rnd(5) == 0 ? life->m.running : new_image(life);
	ledger_push_begun(&life->ledger, &prints[image]);
	life->pushed = image;
	if (slot < 0) {
		note(life, "refused");
		ledger_push_ended(&life->ledger, LEDGER_PUSH_REFUSED);
		return;
	}
	if (life->m.kind == LEDGER_PYCOM && slot == life->m.runs) {
		life->m.running = -1; /* it kills: nothing is claimed of it any more */
		life->m.slot[0] = life->m.slot[1] = TORN;
		return;
	}
	note(life, how < 3   ? "pushed"
		   : how < 4 ? "no-226"
		   : how < 5 ? "torn"
		   : how < 6 ? "cut"
			     : "nothing");
	if (how < 6) {
		if (how < 5)
			life->m = after;
		fill(&life->m, slot, how < 4 ? image : TORN);
	}
	ledger_push_ended(&life->ledger, how < 3   ? LEDGER_PUSH_COMPLETE
					 : how < 4 ? LEDGER_PUSH_UNKNOWN
					 : rnd(2)  ? LEDGER_PUSH_BROKEN
					 : rnd(2)  ? LEDGER_PUSH_TORN
						   : LEDGER_PUSH_UNKNOWN);
	if (how == 5) {
		/* Pycom has one copy of its record: the loader begins anew. */
		if (life->m.kind == LEDGER_PYCOM && rnd(3) == 0) {
			life->m.active = life->m.previous = 0;
			life->m.status = READY;
		}
		boot(&life->m, 0);
		life->was_reset = life->stale = true;
	}
}

static void reset(struct life *life)
{
	note(life, "reset");
	boot(&life->m, 0);
	life->was_reset = life->stale = true;
}

/* A hand at the pin: of a board that was lost, or where no boot could show that image. */
static void by_hand(struct life *life)
{
	const struct ledger_world *world = &life->ledger.world[0];
	bool lost = life->m.running < 0;
	int pin = 2 + (int)rnd(2);

	if (lost) {
		note(life, "lost");
		ledger_lost(&life->ledger, rnd(2) ? &prints[life->pushed] : NULL);
	} else if (life->stale || life->m.status != READY ||
		   life->ledger.world_count != 1 || world->runs != life->m.runs ||
		   world->slot[life->m.runs] < LEDGER_IMAGE) {
		return;
	}
	note(life, pin == 2 ? "pin2" : "pin3");
	boot(&life->m, pin);
	life->was_reset = true;
	look(life);
}

/* Somebody else pushes, and resets. */
static void others(struct life *life)
{
	struct model after;
	int slot, image;

	if (life->m.running < 0 || life->images >= IMAGES)
		return;
	look(life);
	slot = target(&life->m, &after);
	if (slot < 0 || (life->m.kind == LEDGER_PYCOM && slot == life->m.runs))
		return;
	image = new_image(life);
	fails_check[image] = crashes[image] = false;
	note(life, "others");
	life->m = after;
	fill(&life->m, slot, image);
	boot(&life->m, 0);
	life->was_reset = true;
	look(life);
}

static void confirm(struct life *life)
{
	if (life->m.kind != LEDGER_TRIAL || life->m.running < 0)
		return;
	look(life);
	note(life, "confirm");
	if (life->m.status == TRIAL && life->m.runs == life->m.active)
		life->m.status = READY;
	ledger_confirmed(&life->ledger);
}

static bool step(struct life *life)
{
	struct ledger again;
	char text[LEDGER_TEXT_MAX];
	const char *wrong;

	switch (rnd(9)) {
	case 0:
	case 1:
	case 2:
		push(life);
		break;
	case 3:
	case 4:
		reset(life);
		break;
	case 5:
		by_hand(life);
		break;
	case 6:
		confirm(life);
		break;
	case 7:
		if (rnd(4) == 0)
			others(life);
		break;
	default:
		look(life);
		break;
	}
	ledger_format(&life->ledger, text);
	if (ledger_parse(text, &again) < 0) {
		printf("# cannot be read again: %s\n", text);
		return false;
	}
	if (life->stale || life->m.running < 0)
		return true;
	wrong = world_holds(&life->ledger, &life->m);
	if (!wrong)
		wrong = prediction_holds(&life->ledger, &life->m);
	if (wrong)
		printf("# wrong about %s after%s\n# ledger %s\n# truth %d %d %d runs "
		       "%d, slots %d %d %d, old loader %d\n",
			wrong, life->trail, text, life->m.active, life->m.status,
			life->m.previous, life->m.runs, life->m.slot[0],
			life->m.slot[1], life->m.slot[2], life->m.old_loader);
	return !wrong;
}

/* A board as it may be found: it has had a life before we know of it. */
static void find_board(struct life *life, enum ledger_kind kind)
{
	struct model *m = &life->m;
	int slot;

	memset(life, 0, sizeof(*life));
	*m = (struct model){.kind = kind,
		.status = READY,
		.slot = {0, EMPTY, EMPTY},
		.old_loader = rnd(2)};
	fails_check[0] = crashes[0] = false;
	life->images = 1;
	for (unsigned past = rnd(5); past > 0; past--) {
		struct model after;

		slot = target(m, &after);
		if (slot >= 0 && !(kind == LEDGER_PYCOM && slot == m->runs)) {
			*m = after;
			fill(m, slot, rnd(4) ? new_image(life) : TORN);
		}
		if (rnd(3))
			boot(m, 0);
		if (rnd(2) && m->status == TRIAL)
			m->status = READY;
	}
	boot(m, 0);
	look(life);
}

static bool walk(enum ledger_kind kind, unsigned number)
{
	struct life life;

	seed = number * 77777ull + (unsigned)kind;
	do
		find_board(&life, kind);
	while (life.m.running < 0);
	for (int i = 0; i < STEPS; i++)
		if (!step(&life)) {
			printf("# kind %d, walk %u\n", kind, number);
			return false;
		}
	return true;
}

/* Well below what it was when this was written. */
static const int claims_min[LEDGER_KIND_COUNT] = {[LEDGER_CLASSIC] = 15000,
	[LEDGER_CLASSIC_ONE] = 10000,
	[LEDGER_PYCOM] = 1500,
	[LEDGER_TRIAL] = 20000};

int main(void)
{
	for (int i = 0; i < IMAGES; i++) {
		snprintf(prints[i].tag, sizeof(prints[i].tag), "v1.%d", i);
		snprintf(prints[i].date, sizeof(prints[i].date), "2016-11-18");
		snprintf(prints[i].board, sizeof(prints[i].board), "WiPy");
		snprintf(prints[i].mcu, sizeof(prints[i].mcu), "CC3200");
	}
	for (int kind = LEDGER_CLASSIC; kind < LEDGER_KIND_COUNT; kind++) {
		unsigned wrong = 0;

		certain_claims = 0;
		for (unsigned i = 0; i < WALKS && wrong < 3; i++)
			wrong += !walk((enum ledger_kind)kind, i);
		tap_ok(wrong == 0, "kind %d: what the ledger claims holds", kind);
		/* A ledger that claims nothing would pass. */
		tap_ok(certain_claims > claims_min[kind],
			"kind %d: and it claims something: %d", kind, certain_claims);
	}
	return tap_done();
}
