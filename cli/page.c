/* SPDX-License-Identifier: MIT
 *
 * The head and the foot of a page.
 */
#include "config.h"

#include "cli/page.h"

#include <stddef.h>

#include "cli/markup.h"
#include "cli/report_style.h"

static void style_lines(struct writer *writer, const char *const *style)
{
	for (size_t i = 0; style != NULL && style[i] != NULL; i++)
		markup_line(writer, style[i]);
}

void page_begin(struct writer *writer, const char *title, const char *const *style)
{
	markup_line(writer, "<!DOCTYPE html>");
	markup_line(writer, "<html lang=\"en\"><head><meta charset=\"utf-8\">");
	markup_line(writer, "<meta name=\"viewport\" "
			    "content=\"width=device-width,initial-scale=1\">");
	markup_line(writer,
		"<meta http-equiv=\"Content-Security-Policy\" "
		"content=\"default-src 'none'; style-src 'unsafe-inline'\">");
	markup_element(writer, "title", "", title);
	writer_end(writer);
	markup_line(writer, "<style>");
	style_lines(writer, report_style);
	style_lines(writer, style);
	markup_line(writer, "</style></head><body>");
}

void page_end(struct writer *writer)
{
	markup_line(writer, "<footer>wipyctl " PACKAGE_VERSION "</footer>");
	markup_line(writer, "</body></html>");
}
