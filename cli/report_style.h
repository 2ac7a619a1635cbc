/* SPDX-License-Identifier: MIT
 *
 * The style sheet of the report in HTML.
 */
#ifndef WIPY_CLI_REPORT_STYLE_H
#define WIPY_CLI_REPORT_STYLE_H

/* Its lines; NULL behind the last one. */
extern const char *const report_style[];

#endif
