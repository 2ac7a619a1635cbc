/* SPDX-License-Identifier: MIT
 *
 * Faults that a test can give a virtual board. They sit between the core and the
 * machine, so the core behaves as it would on a board that has them.
 */
#ifndef WIPY_PORT_LINUX_FAULTS_H
#define WIPY_PORT_LINUX_FAULTS_H

#include "firmware/ports/linux/port.h"

/* Arms the fault that `word` names ("silent", "drop-after=1000", "clear", ...).
 * -EINVAL: there is no such fault. */
int faults_arm(struct hal *hal, const char *word) WARN_UNUSED;

/* The name of one fault, for status; NULL behind the last one. */
const char *faults_name(int index, enum fault *ret_fault);

/* True if nobody may listen there now. */
bool faults_refuse(const struct hal *hal, uint16_t port);
/* True if a fault keeps the accepted connection for itself. */
bool faults_take_client(struct hal *hal, uint16_t port, int fd);
/* How much of `len` the core may receive. */
size_t faults_limit(const struct hal *hal, const struct handle *handle, size_t len);
/* Bytes have been received. */
void faults_received(struct hal *hal, const struct handle *handle);
/* Power has gone or come: what a fault held open is closed. */
void faults_close(struct hal *hal);

#endif
