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

/* The stored wish for one start of that slot, if its image is well: on trial, unless it
 * is the one to fall back on anyway. */
static bool grant(struct sim_board *board)
{
	struct sim_record *r = &board->record;
	int slot = board->wish - 1;

	board->wish = 0;
	if (slot < 0 || !passes(&board->slot[slot]))
		return false;
	if (slot == r->active) {
		board->trial |= r->check;
		r->check = false;
		return true;
	}
	if (!r->check && !board->trial)
		r->previous = r->active;
	r->active = slot;
	r->check = false;
	board->trial = slot != r->previous;
	if (!board->trial)
		r->previous = 0;
	return true;
}

/* docs/decisions/0010: checked and noted as trial, then started once; the next reset of
 * an unconfirmed one goes back. Nothing is deleted. */
static void boot_trial(struct sim_board *board)
{
	struct sim_record *r = &board->record;

	if (!r->there)
		*r = (struct sim_record){true, 0, false, 0};
	if (grant(board)) {
		start(board, r->active);
		return;
	}
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

/* docs/decisions/0010: neither what runs nor what an unconfirmed or pending image would
 * fall back on; what is pending first, then what has been left longest. -1: 550. */
static int target_of_trial(const struct sim_board *board)
{
	const struct sim_record *r = &board->record;
	bool settled = !r->check && !board->trial;
	int behind = settled ? r->active : r->previous;
	int other = r->previous == 1 ? 2 : 1;
	const int choice[] = {r->check ? r->active : 0, other, 3 - other};

	for (size_t i = 0; i < sizeof(choice) / sizeof(choice[0]); i++)
		if (choice[i] != 0 && choice[i] != board->runs && choice[i] != behind)
			return choice[i];
	return -1;
}

/* WIRE.md 3.2, "Target slot of STOR"; 3.4. */
static int target_slot(const struct sim_board *board)
{
	const struct sim_record *r = &board->record;

	if (is_trial_family(board))
		return target_of_trial(board);
	/* Pycom: whatever is not active; active 2, pending in slot 0, goes to slot 1,
	 * which runs (the second-STOR defect). */
	if (board->family == WIPY_FAMILY_PYCOM)
		return r->active == 1 && !r->check ? 0 : 1;
	if (!r->there || board->launchpad)
		return 1;
	if ((r->active == 1 && !r->check) || (r->active == 2 && r->check))
		return 2;
	return 1;
}

/* What ran on trial is given up by the next upload. */
static void flip_trial(struct sim_board *board, int slot)
{
	struct sim_record *r = &board->record;

	if (!r->check && !board->trial)
		r->previous = r->active;
	r->active = slot;
	r->check = true;
	board->trial = false;
}

static void flip(struct sim_board *board, int slot)
{
	struct sim_record *r = &board->record;

	if (is_trial_family(board)) {
		flip_trial(board, slot);
		return;
	}
	if (r->there && board->launchpad)
		*r = (struct sim_record){true, 1, true, 0};
	if (!r->there || r->check)
		return;
	r->previous = r->active;
	r->active = r->active == 1 ? 2 : 1;
	r->check = true;
}

void sim_board_store(
	struct sim_board *board, const struct sim_image *image, bool whole, bool closed)
{
	int slot = target_slot(board);

	if (slot < 0)
		return;
	board->slot[slot] = (struct sim_slot){whole ? SIM_WHOLE : SIM_TORN, image};
	board->uploads++;
	if (closed)
		flip(board, slot);
}

void sim_board_open_only(struct sim_board *board, const struct sim_image *image)
{
	if (!is_trial_family(board))
		sim_board_store(board, image, false, true);
}

bool sim_board_refuses(const struct sim_board *board)
{
	return target_slot(board) < 0;
}

/* `pycom.bootmgr()`: the other slot is to be checked and started. */
static bool switch_pycom(struct sim_board *board)
{
	int runs = board->runs == 1 ? 1 : 0;

	board->record = (struct sim_record){true, 1 - runs, true, runs};
	return true;
}

/* `wipy.safeboot(window)`. */
static bool switch_trial(struct sim_board *board, int window)
{
	int slot = window == 1   ? board->record.active
		   : window == 2 ? board->record.previous
				 : 0;

	if (board->slot[slot].content != SIM_WHOLE)
		return false;
	board->wish = slot + 1;
	return true;
}

bool sim_board_told(struct sim_board *board, const char *statement)
{
	static const char pycom[] = "pycom.bootmgr(", trial[] = "wipy.safeboot(";

	if (strncmp(statement, pycom, sizeof(pycom) - 1) == 0)
		return board->family == WIPY_FAMILY_PYCOM && switch_pycom(board);
	if (strncmp(statement, trial, sizeof(trial) - 1) == 0)
		return is_trial_family(board) &&
		       switch_trial(board, statement[sizeof(trial) - 1] - '0');
	return true;
}

void sim_board_reset(struct sim_board *board, int64_t now_ms, int64_t boot_ms)
{
	sim_board_boot(board);
	board->hogs = board->eats = board->raw = board->open_block = false;
	board->mute_ms = board->busy_ms = board->garbage_ms = 0;
	if (!board->running || board->running->crashes ||
		(board->picky && board->running->entry_point != SIM_ENTRY)) {
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

enum wipy_family sim_board_family(const struct sim_board *board, int64_t now_ms)
{
	if (now_ms < board->stranger_ms || now_ms >= board->guise_ms)
		return board->family;
	return board->family == WIPY_FAMILY_WIPY ? WIPY_FAMILY_ESP8266
						 : WIPY_FAMILY_WIPY;
}

const char *sim_board_type(const struct sim_board *board, int64_t now_ms)
{
	if (now_ms < board->stranger_ms ||
		(board->launchpad && now_ms >= board->guise_ms))
		return SIM_LAUNCHPAD;
	return sim_image_board(sim_board_family(board, now_ms));
}

const struct wipy_fingerprint *sim_board_shows(
	const struct sim_board *board, int64_t now_ms)
{
	if (now_ms < board->stranger_ms)
		return &board->stranger;
	return &board->running->fp[sim_board_family(board, now_ms)];
}

static const struct sim_slot *pending_slot(const struct sim_board *board)
{
	const struct sim_record *r = &board->record;

	if (!r->there || !r->check)
		return NULL;
	if (board->family == WIPY_FAMILY_PYCOM)
		return &board->slot[r->active == 1 ? 1 : 0];
	return &board->slot[r->active];
}

bool sim_board_is_dirty(const struct sim_board *board)
{
	const struct sim_slot *slot = pending_slot(board);

	return slot && slot->content != SIM_WHOLE;
}

bool sim_board_is_armed(const struct sim_board *board)
{
	struct sim_board next = *board;

	sim_board_boot(&next);
	return !sim_board_is_dirty(board) && next.running != board->running;
}
