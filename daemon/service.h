/* SPDX-License-Identifier: MIT
 *
 * The daemon as a process: opening store, catalogue, engine and API on one loop, signals,
 * the service manager's watchdog, and the orderly end.
 */
#ifndef WIPY_SERVICE_H
#define WIPY_SERVICE_H

#include "daemon/edge/inventory.h"
#include "daemon/edge/settings.h"

enum exit_code { EXIT_DONE = 0, EXIT_INTERNAL = 1, EXIT_USAGE = 2 };

/* Runs until SIGTERM or SIGINT; SIGHUP reads the inventory anew, and of the settings, which
 * it borrows, roles and tokens, which it changes then;
 * takes *inventory (and sets it to NULL) unless it fails before the engine has it.
 * Returns the exit code; what failed has been logged. */
int service_run(struct settings *settings, struct inventory **inventory);

#endif
