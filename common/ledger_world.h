/* SPDX-License-Identifier: MIT
 *
 * One world of the ledger: what a boot and an upload make of a boot record and its
 * slots, kind by kind (WIRE.md 3.2-3.5; docs/decisions/0010). For the ledger's own files
 * and its tests.
 */
#ifndef WIPY_COMMON_LEDGER_WORLD_H
#define WIPY_COMMON_LEDGER_WORLD_H

#include "common/ledger.h"

struct ledger_start {
	struct ledger_world after;
	uint8_t slot; /* that the loader tries to start */
	bool alive;   /* there is an image in it that works */
};
/* A bit in `works` beyond those of the slots: a Pycom loader from before v1.20.0.rc9. */
#define LEDGER_OLD_LOADER (1u << LEDGER_SLOTS)

/* `works`: bit of each slot whose image passes its check and runs. Slots that the loader
 * finds to be bad are empty or broken afterwards. */
void ledger_world_boot(enum ledger_kind kind, const struct ledger_world *world,
	unsigned works, enum ledger_pick pick, struct ledger_start *ret_start);

/* Whether it can be that these images work and the others not. */
bool ledger_world_may(
	enum ledger_kind kind, const struct ledger_world *world, unsigned works);

/* Told to start another slot: our own firmware what the window of that number would
 * start, Pycom (0) the other partition. False: not from this world, or it has no such
 * call. */
#define LEDGER_SWITCH_MAX 3
bool ledger_world_switch(enum ledger_kind kind, const struct ledger_world *world,
	uint8_t number, struct ledger_world *ret_after);

#define LEDGER_WRITES_MAX 3
struct ledger_write {
	struct ledger_world after; /* the record as the upload's end leaves it; contents
				    * as before */
	uint8_t slot;
	bool kills; /* it may execute from there */
};
/* What an upload may do; the number of ways. 0: the board refuses it. */
size_t ledger_world_push(enum ledger_kind kind, const struct ledger_world *world,
	struct ledger_write ret_writes[LEDGER_WRITES_MAX]);

#endif
