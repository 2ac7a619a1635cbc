# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwipycli.a
bin_PROGRAMS += wipyctl

libwipycli_a_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS)
libwipycli_a_SOURCES = \
	%D%/args.c %D%/args.h \
	%D%/cli.c %D%/cli.h \
	%D%/board_push.c \
	%D%/board_talk.c \
	%D%/board_wire.c %D%/board_wire.h \
	%D%/client.c %D%/client.h \
	%D%/cmd.h \
	%D%/cmd_bench.c \
	%D%/cmd_boards.c \
	%D%/cmd_doctor.c \
	%D%/cmd_events.c %D%/cmd_events.h \
	%D%/cmd_events_file.c \
	%D%/events_file.c %D%/events_file.h \
	%D%/cmd_explain.c \
	%D%/cmd_follow.c \
	%D%/cmd_history.c \
	%D%/cmd_image.c \
	%D%/cmd_inventory.c \
	%D%/cmd_known_bad.c \
	%D%/cmd_plan.c \
	%D%/cmd_poll.c \
	%D%/cmd_release.c %D%/cmd_release.h \
	%D%/cmd_release_add.c \
	%D%/cmd_release_fetch.c \
	%D%/cmd_release_manifest.c \
	%D%/cmd_release_upkeep.c \
	%D%/cmd_report.c \
	%D%/cmd_rescue.c %D%/cmd_rescue.h \
	%D%/cmd_rollout.c \
	%D%/cmd_rollout_start.c \
	%D%/cmd_scan.c \
	%D%/cmd_status.c \
	%D%/cmd_select.c %D%/cmd_select.h \
	%D%/cmd_steer.c \
	%D%/cmd_token.c \
	%D%/cmd_why.c \
	%D%/cmd_wire.c \
	%D%/commands.c %D%/commands.h \
	%D%/complete.c %D%/complete.h \
	%D%/complete_select.c \
	%D%/completion.c \
	%D%/csv.c %D%/csv.h \
	%D%/explain.c %D%/explain.h \
	%D%/failure.c %D%/failure.h \
	%D%/file.c %D%/file.h \
	%D%/form.c %D%/form.h \
	%D%/glyph.c %D%/glyph.h \
	%D%/help.c %D%/help.h \
	%D%/image_file.c %D%/image_file.h \
	%D%/image_fit.c %D%/image_fit.h \
	%D%/page.c %D%/page.h \
	%D%/pages.c %D%/pages.h \
	%D%/plan_file.c %D%/plan_file.h \
	%D%/plan_print.c %D%/plan_print.h \
	%D%/progress.c %D%/progress.h \
	%D%/report.c %D%/report.h \
	%D%/report_bars.c \
	%D%/report_cells.c %D%/report_cells.h \
	%D%/report_csv.c \
	%D%/report_html.c %D%/report_style.c %D%/report_style.h \
	%D%/report_junit.c \
	%D%/report_text.c \
	%D%/markup.c %D%/markup.h \
	%D%/rescue_bench.c %D%/rescue_bench.h \
	%D%/rescue_file.c %D%/rescue_file.h \
	%D%/rescue_html.c \
	%D%/rescue_pin.c %D%/rescue_pin.h \
	%D%/rescue_run.c \
	%D%/rescue_show.c \
	%D%/rollout_order.c %D%/rollout_order.h \
	%D%/scan_known.c %D%/scan_known.h \
	%D%/scan_range.c %D%/scan_range.h \
	%D%/scan_wire.c %D%/scan_wire.h \
	%D%/scan_yaml.c %D%/scan_yaml.h \
	%D%/shape.c %D%/shape.h \
	%D%/sse.c %D%/sse.h \
	%D%/status_needs.c %D%/status_needs.h \
	%D%/table.c %D%/table.h \
	%D%/view.c %D%/view.h \
	%D%/watch.c %D%/watch.h \
	%D%/watch_draw.c %D%/watch_draw.h \
	%D%/watch_lines.c %D%/watch_lines.h \
	%D%/watch_wake.c %D%/watch_wake.h \
	%D%/when.c %D%/when.h \
	%D%/wipyd.c %D%/wipyd.h \
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

# Completion for the shells, printed by wipyctl itself; where they look for it.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
bashcompletion_DATA = %D%/bash/wipyctl
zshcompletion_DATA = %D%/zsh/_wipyctl
fishcompletion_DATA = %D%/fish/wipyctl.fish
completions = $(bashcompletion_DATA) $(zshcompletion_DATA) $(fishcompletion_DATA)
$(completions): wipyctl$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		./wipyctl$(EXEEXT) completion `basename $(@D)` >$@.tmp && mv $@.tmp $@
CLEANFILES += $(completions)
