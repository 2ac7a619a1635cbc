/* SPDX-License-Identifier: MIT
 *
 * The simulated board.
 */
#include "tests/sim/sim_board.h"

#include <stdio.h>
#include <string.h>

static const char *const faults[SIM_FAULT_COUNT] = {
	"none",
	"somebody else is on telnet",
	"booting",
	"off or hung",
	"servers deinitialised",
	"FTP busy",
	"wrong credentials",
	"login reset to defaults",
	"main.py holds the REPL",
	"main.py catches KeyboardInterrupt",
	"raw mode left behind",
	"open block left behind",
	"password typed too early",
	"input ring full",
	"output lost on the way",
	"WLAN event",
	"data stalls",
	"data connection dropped early",
	"data connection too late",
	"image too large",
	"image does not pass its check",
	"power cut during upload",
	"reset too early",
	"reset not executed",
	"image crashes at its start",
	"image of another family",
	"upload becomes a plain file",
	"boot.py without a network",
	"address changed",
	"another board, same banner",
	"uname missing",
	"float in a snippet",
	"modified build",
	"idle cut",
	"Pycom swaps active and previous",
	"flashed by hand into the other slot",
	"trial not confirmed",
	"image without servers",
	"device busy in transfer",
	"flash full",
	"partial plain file",
	"clock in 1970",
	"verb unknown",
	"227 names another address",
	"something else answers on telnet",
	"the daemon itself cannot look",
	"others have updated the board",
	"a board of another family answers",
	"uname names another image than the banner",
};

const char *sim_fault_name(int row)
{
	return row >= 0 && row < SIM_FAULT_COUNT ? faults[row] : "unknown";
}

static bool is_trial_family(const struct sim_board *board)
{
	return board->family == WIPY_FAMILY_ESP32 ||
	       board->family == WIPY_FAMILY_ESP8266;
}

static bool passes(const struct sim_slot *slot)
{
	return slot->content == SIM_WHOLE && !slot->image->broken;
}

static void start(struct sim_board *board, int slot)
{
	bool there = slot < SIM_SLOTS && board->slot[slot].content == SIM_WHOLE;

	board->runs = there ? slot : -1;
	board->running = there ? board->slot[slot].image : NULL;
}

/* WIRE.md 3.2: check only what is not the factory image and not ready; what fails is
 * deleted, previous becomes the factory image. */
static void boot_classic(struct sim_board *board)
{
	struct sim_record *r = &board->record;

	if (!r->there)
		*r = (struct sim_record){true, 0, false, 0};
	if (r->active != 0 && r->check) {
		if (!passes(&board->slot[r->active])) {
			board->slot[r->active] = (struct sim_slot){SIM_EMPTY, NULL};
			r->active = r->previous;
			r->previous = 0;
		}
		r->check = false;
	}
	start(board, r->active);
}

/* WIRE.md 3.4: two slots, active 2 is slot 0 as "update 2"; a failure swaps active and
 * previous. */
static void boot_pycom(struct sim_board *board)
{
	struct sim_record *r = &board->record;
	int slot = r->active == 1 ? 1 : 0;

	if (!r->there)
		*r = (struct sim_record){true, 0, false, 0};
	if (r->check) {
		if (passes(&board->slot[slot])) {
			r->active = slot;
		} else {
			int bad = slot;

			r->active = r->previous == 1 ? 1 : 0;
			r->previous = bad;
		}
		r->check = false;
	}
	start(board, r->active == 1 ? 1 : 0);
}

/* docs/decisions/0010: checked and noted as trial, then started once; the next reset of an
 * unconfirmed one goes back. Nothing is deleted. */
static void boot_trial(struct sim_board *board)
{
	struct sim_record *r = &board->record;

	if (!r->there)
		*r = (struct sim_record){true, 0, false, 0};
	if (board->trial) {
		board->trial = false;
		r->active = r->previous;
		r->previous = 0;
	} else if (r->check) {
		r->check = false;
		if (passes(&board->slot[r->active])) {
			board->trial = true;
		} else {
			r->active = r->previous;
			r->previous = 0;
		}
	}
	start(board, r->active);
}

void sim_board_boot(struct sim_board *board)
{
	if (board->family == WIPY_FAMILY_PYCOM)
		boot_pycom(board);
	else if (is_trial_family(board))
		boot_trial(board);
	else
		boot_classic(board);
	board->boots++;
	board->mark[0] = '\0';
}

/* WIRE.md 3.2, "Target slot of STOR"; 3.4. */
static int target_slot(const struct sim_board *board)
{
	const struct sim_record *r = &board->record;

	/* Pycom: whatever is not active; active 2, pending in slot 0, goes to slot 1, which
	 * runs (the second-STOR defect). */
	if (board->family == WIPY_FAMILY_PYCOM)
		return r->active == 1 && !r->check ? 0 : 1;
	if (!r->there)
		return 1;
	if ((r->active == 1 && !r->check) || (r->active == 2 && r->check))
		return 2;
	return 1;
}

static void flip(struct sim_board *board)
{
	struct sim_record *r = &board->record;

	if (!r->there || r->check)
		return;
	r->previous = r->active;
	r->active = r->active == 1 ? 2 : 1;
	r->check = true;
}

void sim_board_store(
	struct sim_board *board, const struct sim_image *image, bool whole, bool closed)
{
	struct sim_slot *slot = &board->slot[target_slot(board)];

	*slot = (struct sim_slot){whole ? SIM_WHOLE : SIM_TORN, image};
	board->uploads++;
	if (closed)
		flip(board);
}

void sim_board_reset(struct sim_board *board, int64_t now_ms, int64_t boot_ms)
{
	sim_board_boot(board);
	board->hogs = board->eats = false;
	board->mute_ms = board->busy_ms = board->garbage_ms = 0;
	if (!board->running || board->running->crashes) {
		board->hung = true;
		board->up_ms = INT64_MAX;
		return;
	}
	board->hung = false;
	board->up_ms = board->running->no_network ? INT64_MAX : now_ms + boot_ms;
}

bool sim_board_answers(const struct sim_board *board, int64_t now_ms)
{
	return !board->hung && board->running && now_ms >= board->up_ms &&
	       now_ms >= board->away_ms;
}

const struct wipy_fingerprint *sim_board_shows(
	const struct sim_board *board, int64_t now_ms)
{
	enum wipy_family family = board->family;

	if (now_ms < board->stranger_ms)
		return &board->stranger;
	if (now_ms < board->guise_ms)
		family = family == WIPY_FAMILY_WIPY ? WIPY_FAMILY_ESP8266
						    : WIPY_FAMILY_WIPY;
	return &board->running->fp[family];
}

bool sim_board_is_dirty(const struct sim_board *board)
{
	const struct sim_record *r = &board->record;
	int slot = board->family == WIPY_FAMILY_PYCOM ? (r->active == 1 ? 1 : 0)
						      : r->active;

	return r->there && r->check && board->slot[slot].content != SIM_WHOLE;
}
