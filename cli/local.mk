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
	%D%/cmd_events.c %D%/cmd_events.h \
	%D%/cmd_events_file.c \
	%D%/events_file.c %D%/events_file.h \
	%D%/cmd_explain.c \
	%D%/cmd_image.c \
	%D%/cmd_inventory.c \
	%D%/cmd_known_bad.c \
	%D%/cmd_poll.c \
	%D%/cmd_release.c %D%/cmd_release.h \
	%D%/cmd_release_add.c \
	%D%/cmd_release_fetch.c \
	%D%/cmd_release_manifest.c \
	%D%/cmd_release_upkeep.c \
	%D%/cmd_report.c \
	%D%/cmd_rescue.c %D%/cmd_rescue.h \
	%D%/cmd_rollout.c \
	%D%/cmd_status.c \
	%D%/cmd_steer.c \
	%D%/cmd_wire.c \
	%D%/commands.c %D%/commands.h \
	%D%/explain.c %D%/explain.h \
	%D%/failure.c %D%/failure.h \
	%D%/file.c %D%/file.h \
	%D%/glyph.c %D%/glyph.h \
	%D%/help.c %D%/help.h \
	%D%/image_file.c %D%/image_file.h \
	%D%/image_fit.c %D%/image_fit.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/progress.c %D%/progress.h \
	%D%/shape.c %D%/shape.h \
	%D%/table.c %D%/table.h \
	%D%/watch.c %D%/watch.h \
	%D%/watch_draw.c %D%/watch_draw.h \
	%D%/when.c %D%/when.h \
	%D%/writer.c %D%/writer.h

# What the daemon's tables say, for `wipyctl explain`: made, since it must not link daemon/.
nodist_libwipycli_a_SOURCES = %D%/explain_words.c
%D%/explain_words.c: tests/print_fsm$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D% && tests/print_fsm$(EXEEXT) --explain >$@.tmp && \
		mv $@.tmp $@
CLEANFILES += %D%/explain_words.c

CLI_LIBS = libwipycli.a libwipycommon.a $(CURL_LIBS) $(JANSSON_LIBS)
wipyctl_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
wipyctl_SOURCES = %D%/main.c
wipyctl_LDADD = $(CLI_LIBS)
