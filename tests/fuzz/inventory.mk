# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/fuzz/replay_inventory
tests_fuzz_replay_inventory_SOURCES = tests/fuzz/fuzz_inventory.c tests/fuzz/replay.c
tests_fuzz_replay_inventory_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_replay_inventory_LDADD = $(EDGE_CONFIG_LIBS)

if ENABLE_FUZZ
noinst_PROGRAMS += tests/fuzz/fuzz_inventory
tests_fuzz_fuzz_inventory_SOURCES = tests/fuzz/fuzz_inventory.c
tests_fuzz_fuzz_inventory_CFLAGS = $(EDGE_CFLAGS)
tests_fuzz_fuzz_inventory_LDADD = $(EDGE_CONFIG_LIBS)
tests_fuzz_fuzz_inventory_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
