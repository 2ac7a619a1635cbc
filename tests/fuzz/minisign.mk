# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/fuzz/replay_minisign
tests_fuzz_replay_minisign_SOURCES = tests/fuzz/fuzz_minisign.c tests/fuzz/replay.c
tests_fuzz_replay_minisign_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_replay_minisign_LDADD = libwipyedge.a libwipycommon.a $(SODIUM_LIBS)

if ENABLE_FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_minisign
tests_fuzz_fuzz_minisign_SOURCES = tests/fuzz/fuzz_minisign.c
tests_fuzz_fuzz_minisign_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_fuzz_minisign_LDADD = libwipyedge.a libwipycommon.a $(SODIUM_LIBS)
tests_fuzz_fuzz_minisign_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
