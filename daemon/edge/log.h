/* SPDX-License-Identifier: MIT
 *
 * The log: lines on stderr, `<N>` priorities when systemd reads them, otherwise a level
 * word. `log_warn(TAG, "sentence key=value", ...)`. No secret ever goes in here.
 */
#ifndef WIPY_EDGE_LOG_H
#define WIPY_EDGE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Once at start; `journal` writes <N> prefixes (JOURNAL_STREAM is set). */
void log_init(enum log_level level, bool journal);
/* Control characters in the text are shown as '?', so that a board cannot forge lines. */
void log_write(enum log_level level, const char *tag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(tag, ...) log_write(LOG_LEVEL_ERROR, tag, __VA_ARGS__)
#define log_warn(tag, ...)  log_write(LOG_LEVEL_WARN, tag, __VA_ARGS__)
#define log_info(tag, ...)  log_write(LOG_LEVEL_INFO, tag, __VA_ARGS__)
#define log_debug(tag, ...) log_write(LOG_LEVEL_DEBUG, tag, __VA_ARGS__)

#endif
