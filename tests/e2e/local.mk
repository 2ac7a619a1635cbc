# SPDX-License-Identifier: MIT
# The long ones first: the others run beside them.
e2e_tests = \
	%D%/test_undo.py \
	%D%/test_commit_esp32.py \
	%D%/test_commit_esp8266.py \
	%D%/test_commit_points.py \
	%D%/test_commit_pycom.py \
	%D%/test_wire_families.py \
	%D%/test_wire_faults.py \
	%D%/test_daemon_replay.py \
	%D%/test_conditions.py \
	%D%/test_catch_up.py \
	%D%/test_rescue.py \
	%D%/test_bench.py \
	%D%/test_limits.py \
	%D%/test_manuals.py \
	%D%/test_abort_modes.py \
	%D%/test_api.py \
	%D%/test_bad_input.py \
	%D%/test_board_control.py \
	%D%/test_board_faults.py \
	%D%/test_board_machine.py \
	%D%/test_clients.py \
	%D%/test_esptool.py \
	%D%/test_doctor.py \
	%D%/test_events.py \
	%D%/test_evidence.py \
	%D%/test_identity.py \
	%D%/test_images.py \
	%D%/test_openapi.py \
	%D%/test_plan.py \
	%D%/test_poll.py \
	%D%/test_probes.py \
	%D%/test_releases.py \
	%D%/test_releases_web.py \
	%D%/test_replay.py \
	%D%/test_report.py \
	%D%/test_restart.py \
	%D%/test_scan.py \
	%D%/test_select.py \
	%D%/test_rollout.py \
	%D%/test_service.py \
	%D%/test_two_daemons.py \
	%D%/test_windows.py \
	%D%/test_wire_card.py
TESTS += $(e2e_tests)
EXTRA_DIST += $(e2e_tests) %D%/fleet.py %D%/boards.py %D%/sse.py %D%/tmux.py \
	%D%/board_bench.py %D%/deviations.py \
	%D%/esp_image.py %D%/links.py %D%/measure_board.py \
	%D%/played_rows.py %D%/played_server.py \
	%D%/replay.py %D%/replay_record.py %D%/replay_setup.py %D%/taken.py %D%/transcript.py \
	%D%/web_server.py %D%/signed.py docs/deviations.md tests/data
include tests/e2e/openapi.mk
include tests/e2e/cli.mk

# Signs the manifests of signed.py.
noinst_PROGRAMS += tests/e2e/sign_manifest
tests_e2e_sign_manifest_SOURCES = tests/e2e/sign_manifest.c tests/unit/signer.h
tests_e2e_sign_manifest_CFLAGS = $(EDGE_CFLAGS)
tests_e2e_sign_manifest_LDADD = libwipyedge.a libwipycommon.a $(SODIUM_LIBS)
