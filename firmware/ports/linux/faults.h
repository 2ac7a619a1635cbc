/* SPDX-License-Identifier: MIT
 *
 * Faults that a test can give a virtual board. They sit between the core and the
 * machine, so the core behaves as it would on a board that has them. The words and what
 * each does stand in docs/wipyboard.md.
 */
#ifndef WIPY_PORT_LINUX_FAULTS_H
#define WIPY_PORT_LINUX_FAULTS_H

#include "firmware/ports/linux/port.h"

#define FAULT_WORD_MAX 40

/* ---- faults.c: words ---------------------------------------------------------- */

/* Arms the fault that `word` names ("silent", "drop-after=1000", "clear", ...). What is
 * wrong with it is said in ret_error. */
int faults_arm(
	struct hal *hal, const char *word, struct errtext *ret_error) WARN_UNUSED;
/* Takes the one fault back that `word` armed. */
void faults_disarm(struct hal *hal, const char *word);
/* Tells each fault that is armed, as the word that arms it. */
void faults_each(const struct hal *hal, void (*tell)(void *context, const char *word),
	void *context);

/* ---- fault_net.c: what they do to connections --------------------------------- */

/* True if nobody may listen there now. */
bool faults_refuse(const struct hal *hal, uint16_t port);
/* True if the next client is one that does not exist. */
bool faults_hold_line(const struct hal *hal, uint16_t port);
/* These clients leave. */
void faults_free_line(struct hal *hal);
/* True if a fault keeps the accepted connection for itself. */
bool faults_take_client(struct hal *hal, uint16_t port, int fd);
/* How much of `len` the core may receive. */
size_t faults_limit(const struct hal *hal, const struct handle *handle, size_t len);
/* `n` bytes have been received. Returns what the core sees of them, or -EAGAIN. */
int faults_received(struct hal *hal, struct handle *handle, void *buf, int n);
/* Bytes of this phase are never sent. */
bool faults_swallow(const struct hal *hal, enum wire_phase phase);
/* What is sent in place of this phase; NULL: nothing else. */
const char *faults_other_text(const struct hal *hal, enum wire_phase phase);
/* For how long this phase of the connection is held up: once, 0 from then on. */
int64_t faults_stall_ms(struct handle *handle, enum wire_phase phase);
/* Power has gone, or a reset: what a fault held open is closed. */
void faults_machine_off(struct hal *hal);
/* The board is no more. */
void faults_end(struct hal *hal);

/* ---- fault_board.c: what they do to the machine ------------------------------- */

/* Counts an operation of the flash. True: power fails in the middle of it. */
bool faults_cut_power(struct hal *hal);
/* True: the radio never joins. */
bool faults_keep_offline(const struct hal *hal);
/* The radio has joined. */
void faults_joined(struct hal *hal);
/* The core has been stepped. */
void faults_stepped(struct hal *hal);
/* Somebody unplugs the board and plugs in the other one. */
void faults_swap(struct hal *hal);
void faults_move(struct hal *hal, struct in_addr to);
/* Puts a program in the place of the board's main.py, which is kept, and starts it.
 * `program` is borrowed for good. */
int faults_run_program(struct hal *hal, const char *program) WARN_UNUSED;
/* The board gets its own main.py back, or none where it had none; not where somebody has
 * replaced the program since. Does nothing where no program was put. */
int faults_end_program(struct hal *hal) WARN_UNUSED;

/* ---- fault_draw.c: faults that come by themselves ----------------------------- */

/* The fault number `index` of a board, and how long after the one before it comes.
 * Depends on nothing else; `rate`: thousandths an hour. */
int64_t faults_nth(uint32_t seed, int board, uint32_t index, uint32_t rate,
	char ret_word[FAULT_WORD_MAX]);
/* The board starts for the first time. */
void faults_begin(struct hal *hal);
/* The next one is due, or the latest has lasted long enough. */
void faults_draw(struct hal *hal);

#endif
