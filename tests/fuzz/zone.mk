# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/fuzz/replay_zone
tests_fuzz_replay_zone_SOURCES = tests/fuzz/fuzz_zone.c tests/fuzz/replay.c
tests_fuzz_replay_zone_LDADD = libwipycore.a libwipycommon.a

if ENABLE_FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_zone
tests_fuzz_fuzz_zone_SOURCES = tests/fuzz/fuzz_zone.c
tests_fuzz_fuzz_zone_LDADD = libwipycore.a libwipycommon.a
tests_fuzz_fuzz_zone_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
