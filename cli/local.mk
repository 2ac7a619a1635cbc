# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwipycli.a
bin_PROGRAMS += wipyctl

libwipycli_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
libwipycli_a_SOURCES = \
	%D%/args.c %D%/args.h \
	%D%/cli.c %D%/cli.h \
	%D%/client.c %D%/client.h \
	%D%/cmd.h \
	%D%/cmd_boards.c \
	%D%/cmd_events.c \
	%D%/cmd_image.c \
	%D%/cmd_inventory.c \
	%D%/cmd_known_bad.c \
	%D%/cmd_poll.c \
	%D%/cmd_release.c \
	%D%/cmd_report.c \
	%D%/cmd_rescue.c \
	%D%/cmd_rollout.c \
	%D%/cmd_status.c \
	%D%/commands.c %D%/commands.h \
	%D%/failure.c %D%/failure.h \
	%D%/file.c %D%/file.h \
	%D%/glyph.c %D%/glyph.h \
	%D%/help.c %D%/help.h \
	%D%/image_file.c %D%/image_file.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/progress.c %D%/progress.h \
	%D%/shape.c %D%/shape.h \
	%D%/table.c %D%/table.h \
	%D%/watch.c %D%/watch.h \
	%D%/watch_draw.c %D%/watch_draw.h \
	%D%/when.c %D%/when.h \
	%D%/writer.c %D%/writer.h

CLI_LIBS = libwipycli.a libwipycommon.a $(CURL_LIBS) $(JANSSON_LIBS)
wipyctl_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
wipyctl_SOURCES = %D%/main.c
wipyctl_LDADD = $(CLI_LIBS)
