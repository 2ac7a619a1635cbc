/* SPDX-License-Identifier: MIT
 *
 * What of the records on flash makes files and folders.
 */
#ifndef WIPY_FIRMWARE_FILES_CHECK_H
#define WIPY_FIRMWARE_FILES_CHECK_H

#include "firmware/core/files.h"

/* After the store is mounted: forgets what cannot be reached from /flash, and says
 * whether the contents are a fresh board's. */
void files_check(struct files *files);

#endif
