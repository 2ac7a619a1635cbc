# SPDX-License-Identifier: MIT
# The daemon's engine and core against simulated boards: its own files stand in for the
# adapters that reach out of the process.
check_PROGRAMS += tests/sim/test_sim
tests_sim_test_sim_CFLAGS = $(EDGE_CFLAGS)
tests_sim_test_sim_SOURCES = \
	tests/sim/test_sim.c \
	tests/sim/sim.c tests/sim/sim.h \
	tests/sim/sim_ambush.c \
	tests/sim/sim_board.c tests/sim/sim_board.h \
	tests/sim/sim_board_check.c \
	tests/sim/sim_calendar.c \
	tests/sim/sim_cover.c tests/sim/sim_cover.h \
	tests/sim/sim_daemon.c \
	tests/sim/sim_edge.c \
	tests/sim/sim_fleet.c tests/sim/sim_fleet.h \
	tests/sim/sim_image.c \
	tests/sim/sim_link.c \
	tests/sim/sim_nature.c \
	tests/sim/sim_people.c \
	tests/sim/sim_polls.c \
	tests/sim/sim_probe.c \
	tests/sim/sim_same_end.c \
	tests/sim/sim_store.c \
	tests/sim/sim_watch.c \
	tests/sim/sim_watch_end.c \
	tests/sim/sim_watch_start.c \
	tests/sim/sim_watch_type.c \
	tests/sim/sim_world.c
tests_sim_test_sim_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=task_fsm_step,--wrap=rollout_fsm_step,--wrap=wave_fsm_step \
	-Wl,--wrap=uv_queue_work,--wrap=engine_poll_due,--wrap=inventory_free
tests_sim_test_sim_LDADD = libwipyengine.a libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)

# What check_mutations.sh builds its mutants with.
print-sim-compile:
	@echo '$(COMPILE) $(EDGE_CFLAGS)'
print-sim-link:
	@echo '$(tests_sim_test_sim_LINK)'
print-sim-libs:
	@echo '$(tests_sim_test_sim_LDADD) $(LIBS)'
.PHONY: print-sim-compile print-sim-link print-sim-libs
TESTS += tests/sim/check_mutations.sh
EXTRA_DIST += tests/sim/check_mutations.sh tests/sim/complaints.awk tests/sim/mutations.txt

# A month of five thousand boards; polls each hour, so that what changes nothing is few.
sim-long: tests/sim/test_sim
	$(AM_TESTS_ENVIRONMENT) tests/sim/test_sim --seeds 10 --boards 5000 --days 30 --poll 60 \
		--budget 600
# What `make check` runs, held to its budget: on a machine that has a core to spare.
sim-bench: tests/sim/test_sim
	$(AM_TESTS_ENVIRONMENT) tests/sim/test_sim --budget 60
.PHONY: sim-long sim-bench
