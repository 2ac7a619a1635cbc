/* SPDX-License-Identifier: MIT
 *
 * How the FTP server of a board shows entries and times (WIRE.md 2.4, 2.8): text alone.
 * Times are seconds since 2000-01-01.
 */
#ifndef WIPY_FIRMWARE_FTP_LIST_H
#define WIPY_FIRMWARE_FTP_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "common/text.h"
#include "firmware/core/files.h"

#define FTP_LIST_LINE_MAX (64 + FILES_NAME_MAX) /* with CR LF and NUL */

/* One line of LIST with its CR LF. The hour of a file's time is shown for 180 days, its
 * year later, and also where the board's clock is before it. */
void ftp_list_line(
	struct wipy_text *text, const struct files_entry *entry, int64_t now_s);

/* YYYYMMDDhhmmss; the file system counts in steps of two seconds. */
void ftp_list_stamp(struct wipy_text *text, int64_t time_s);

#endif
