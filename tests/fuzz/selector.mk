# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/fuzz/replay_selector
tests_fuzz_replay_selector_SOURCES = tests/fuzz/fuzz_selector.c tests/fuzz/replay.c
tests_fuzz_replay_selector_LDADD = libwipycore.a libwipycommon.a

if ENABLE_FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_selector
tests_fuzz_fuzz_selector_SOURCES = tests/fuzz/fuzz_selector.c
tests_fuzz_fuzz_selector_LDADD = libwipycore.a libwipycommon.a
tests_fuzz_fuzz_selector_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
