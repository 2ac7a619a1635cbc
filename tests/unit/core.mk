# SPDX-License-Identifier: MIT
CORE_TEST_LIBS = libwipycore.a libwipycommon.a

check_PROGRAMS += \
	tests/unit/test_access \
	tests/unit/test_axes \
	tests/unit/test_brakes \
	tests/unit/test_bucket \
	tests/unit/test_card \
	tests/unit/test_card_wire \
	tests/unit/test_doctor \
	tests/unit/test_due_heap \
	tests/unit/test_fleet_text \
	tests/unit/test_forecast \
	tests/unit/test_identity \
	tests/unit/test_known_bad \
	tests/unit/test_push_rule \
	tests/unit/test_machines \
	tests/unit/test_model \
	tests/unit/test_pace \
	tests/unit/test_plan_diff \
	tests/unit/test_poll_plan \
	tests/unit/test_probe \
	tests/unit/test_reason \
	tests/unit/test_rollout_fsm \
	tests/unit/test_rollout_plan \
	tests/unit/test_rollout_rules \
	tests/unit/test_rollout_walk \
	tests/unit/test_selector \
	tests/unit/test_task_fsm \
	tests/unit/test_task_paths \
	tests/unit/test_task_records \
	tests/unit/test_task_seen \
	tests/unit/test_task_stops \
	tests/unit/test_task_traps \
	tests/unit/test_undo_plan \
	tests/unit/test_waits \
	tests/unit/test_fit \
	tests/unit/test_release_rule \
	tests/unit/test_remains \
	tests/unit/test_verdict \
	tests/unit/test_tally \
	tests/unit/test_version_range \
	tests/unit/test_waves \
	tests/unit/test_why \
	tests/unit/test_window \
	tests/unit/test_zone
noinst_HEADERS += tests/unit/fleet_model.h tests/unit/rollout_monitor.h \
	tests/unit/plan_scene.h tests/unit/task_driver.h tests/unit/task_paths.h tests/unit/zone_fixture.h

tests_unit_test_access_SOURCES = tests/unit/test_access.c
tests_unit_test_access_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_axes_SOURCES = tests/unit/test_axes.c
tests_unit_test_axes_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_brakes_SOURCES = tests/unit/test_brakes.c
tests_unit_test_brakes_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_bucket_SOURCES = tests/unit/test_bucket.c
tests_unit_test_bucket_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_card_SOURCES = tests/unit/test_card.c
tests_unit_test_card_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_card_wire_SOURCES = tests/unit/test_card_wire.c
tests_unit_test_card_wire_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_due_heap_SOURCES = tests/unit/test_due_heap.c
tests_unit_test_due_heap_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_doctor_SOURCES = tests/unit/test_doctor.c
tests_unit_test_doctor_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_fleet_text_SOURCES = tests/unit/test_fleet_text.c
tests_unit_test_fleet_text_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_forecast_SOURCES = tests/unit/test_forecast.c
tests_unit_test_forecast_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_remains_SOURCES = tests/unit/test_remains.c
tests_unit_test_remains_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_plan_diff_SOURCES = tests/unit/test_plan_diff.c
tests_unit_test_plan_diff_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_verdict_SOURCES = tests/unit/test_verdict.c
tests_unit_test_verdict_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_identity_SOURCES = tests/unit/test_identity.c
tests_unit_test_identity_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_known_bad_SOURCES = tests/unit/test_known_bad.c
tests_unit_test_known_bad_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_push_rule_SOURCES = tests/unit/test_push_rule.c
tests_unit_test_push_rule_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_machines_SOURCES = tests/unit/test_machines.c
tests_unit_test_machines_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_model_SOURCES = tests/unit/test_model.c
tests_unit_test_model_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_poll_plan_SOURCES = tests/unit/test_poll_plan.c
tests_unit_test_poll_plan_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_probe_SOURCES = tests/unit/test_probe.c
tests_unit_test_probe_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_reason_SOURCES = tests/unit/test_reason.c
tests_unit_test_reason_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_rollout_fsm_SOURCES = tests/unit/test_rollout_fsm.c
tests_unit_test_rollout_fsm_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_rollout_plan_SOURCES = tests/unit/test_rollout_plan.c
tests_unit_test_rollout_plan_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_rollout_rules_SOURCES = tests/unit/test_rollout_rules.c
tests_unit_test_rollout_rules_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_rollout_walk_SOURCES = tests/unit/test_rollout_walk.c
tests_unit_test_rollout_walk_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_selector_SOURCES = tests/unit/test_selector.c
tests_unit_test_selector_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_fsm_SOURCES = tests/unit/test_task_fsm.c
tests_unit_test_task_fsm_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_paths_SOURCES = tests/unit/test_task_paths.c
tests_unit_test_task_paths_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_records_SOURCES = tests/unit/test_task_records.c
tests_unit_test_task_records_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_seen_SOURCES = tests/unit/test_task_seen.c
tests_unit_test_task_seen_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_stops_SOURCES = tests/unit/test_task_stops.c
tests_unit_test_task_stops_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_task_traps_SOURCES = tests/unit/test_task_traps.c
tests_unit_test_task_traps_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_undo_plan_SOURCES = tests/unit/test_undo_plan.c
tests_unit_test_undo_plan_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_waits_SOURCES = tests/unit/test_waits.c
tests_unit_test_waits_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_why_SOURCES = tests/unit/test_why.c
tests_unit_test_why_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_fit_SOURCES = tests/unit/test_fit.c
tests_unit_test_fit_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_release_rule_SOURCES = tests/unit/test_release_rule.c
tests_unit_test_release_rule_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_tally_SOURCES = tests/unit/test_tally.c
tests_unit_test_tally_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_version_range_SOURCES = tests/unit/test_version_range.c
tests_unit_test_version_range_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_waves_SOURCES = tests/unit/test_waves.c
tests_unit_test_waves_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_window_SOURCES = tests/unit/test_window.c
tests_unit_test_window_LDADD = $(CORE_TEST_LIBS)
tests_unit_test_zone_SOURCES = tests/unit/test_zone.c
tests_unit_test_zone_LDADD = $(CORE_TEST_LIBS)

# The machines as a document: docs/fsm.md is what this program prints.
noinst_PROGRAMS += tests/print_fsm
tests_print_fsm_SOURCES = tests/print_fsm.c
tests_print_fsm_LDADD = $(CORE_TEST_LIBS)
TESTS += tests/check_fsm.sh
EXTRA_DIST += tests/check_fsm.sh docs/fsm.md
