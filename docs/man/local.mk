# SPDX-License-Identifier: MIT
# The manuals. That of wipyctl is made: its commands stand in their table.
man_sources = %D%/wipyd.8 %D%/wipyd.yaml.5 %D%/wipyd-inventory.5 %D%/wipyboard.1
dist_man_MANS = $(man_sources)
nodist_man_MANS = %D%/wipyctl.1
EXTRA_DIST += %D%/wipyctl.in

noinst_PROGRAMS += cli/print_manual
cli_print_manual_SOURCES = cli/print_manual.c
cli_print_manual_LDADD = $(CLI_LIBS)

%D%/wipyctl.1: %D%/wipyctl.in cli/print_manual$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D% && \
		cli/print_manual$(EXEEXT) <$(srcdir)/%D%/wipyctl.in >$@.tmp && mv $@.tmp $@
CLEANFILES += %D%/wipyctl.1

TESTS += tests/check_manuals.py
EXTRA_DIST += tests/check_manuals.py
