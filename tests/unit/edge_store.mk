# SPDX-License-Identifier: MIT
check_PROGRAMS += \
	tests/unit/test_store \
	tests/unit/test_store_crash \
	tests/unit/test_store_events \
	tests/unit/test_store_faults \
	tests/unit/test_store_prune \
	tests/unit/test_store_read \
	tests/unit/test_store_sqlite \
	tests/unit/test_store_walk
noinst_HEADERS += tests/unit/store_fixture.h tests/unit/store_kinds.h

tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_crash_SOURCES = tests/unit/test_store_crash.c
tests_unit_test_store_crash_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_crash_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_faults_SOURCES = tests/unit/test_store_faults.c
tests_unit_test_store_faults_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_faults_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_sqlite_SOURCES = tests/unit/test_store_sqlite.c
tests_unit_test_store_sqlite_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_sqlite_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_events_SOURCES = tests/unit/test_store_events.c
tests_unit_test_store_events_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_events_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_read_SOURCES = tests/unit/test_store_read.c
tests_unit_test_store_read_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_read_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_prune_SOURCES = tests/unit/test_store_prune.c
tests_unit_test_store_prune_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_prune_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_store_walk_SOURCES = tests/unit/test_store_walk.c
tests_unit_test_store_walk_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_store_walk_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
