# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/unit/test_board_link tests/unit/test_ftp_push \
	tests/unit/test_probe_run

tests_unit_test_board_link_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_board_link_SOURCES = tests/unit/test_board_link.c \
	tests/unit/scripted_peer.h
tests_unit_test_board_link_LDADD = libwipyedge.a libwipycore.a libwipycommon.a \
	$(EDGE_LIBS)

tests_unit_test_ftp_push_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_ftp_push_SOURCES = tests/unit/test_ftp_push.c \
	tests/unit/scripted_peer.h
tests_unit_test_ftp_push_LDADD = libwipyedge.a libwipycore.a libwipycommon.a \
	$(EDGE_LIBS)

tests_unit_test_probe_run_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_probe_run_SOURCES = tests/unit/test_probe_run.c \
	tests/unit/scripted_peer.h
tests_unit_test_probe_run_LDADD = libwipyedge.a libwipycore.a libwipycommon.a \
	$(EDGE_LIBS)
