# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/fuzz/replay_manifest
tests_fuzz_replay_manifest_SOURCES = tests/fuzz/fuzz_manifest.c tests/fuzz/replay.c
tests_fuzz_replay_manifest_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_replay_manifest_LDADD = libwipyedge.a libwipycore.a libwipycommon.a \
	$(EDGE_LIBS)

if ENABLE_FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_manifest
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c
tests_fuzz_fuzz_manifest_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_fuzz_manifest_LDADD = libwipyedge.a libwipycore.a libwipycommon.a \
	$(EDGE_LIBS)
tests_fuzz_fuzz_manifest_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
