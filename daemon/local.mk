# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwipycore.a libwipyedge.a libwipyengine.a
sbin_PROGRAMS += wipyd

libwipycore_a_SOURCES = \
	%D%/core/access.c %D%/core/access.h \
	%D%/core/axes.c %D%/core/axes.h \
	%D%/core/brakes.c %D%/core/brakes.h \
	%D%/core/bucket.c %D%/core/bucket.h \
	%D%/core/card.c %D%/core/card.h \
	%D%/core/card_bench.c %D%/core/card_bench.h \
	%D%/core/card_line.c %D%/core/card_line.h \
	%D%/core/card_wire.c %D%/core/card_wire.h \
	%D%/core/domain.h \
	%D%/core/due_heap.c %D%/core/due_heap.h \
	%D%/core/fit.c %D%/core/fit.h \
	%D%/core/doctor.c %D%/core/doctor.h \
	%D%/core/fleet_text.c %D%/core/fleet_text.h \
	%D%/core/forecast.c %D%/core/forecast.h \
	%D%/core/fsm.h \
	%D%/core/identity.c %D%/core/identity.h \
	%D%/core/known_bad.c %D%/core/known_bad.h \
	%D%/core/machines.c %D%/core/machines.h \
	%D%/core/model.c %D%/core/model.h \
	%D%/core/pattern.c %D%/core/pattern.h \
	%D%/core/pace.c %D%/core/pace.h \
	%D%/core/remains.c %D%/core/remains.h \
	%D%/core/plan_diff.c %D%/core/plan_diff.h \
	%D%/core/poll_plan.c %D%/core/poll_plan.h \
	%D%/core/reason.c %D%/core/reason.h \
	%D%/core/release_rule.c %D%/core/release_rule.h \
	%D%/core/probe.c %D%/core/probe.h \
	%D%/core/push_rule.c %D%/core/push_rule.h \
	%D%/core/rollout_fsm.c %D%/core/rollout_fsm.h \
	%D%/core/rollout_places.c %D%/core/rollout_places.h \
	%D%/core/rollout_plan.c %D%/core/rollout_plan.h \
	%D%/core/selector.c %D%/core/selector.h %D%/core/selector_parse.c \
	%D%/core/selector_fault.c %D%/core/selector_private.h \
	%D%/core/tally.c %D%/core/tally.h \
	%D%/core/task_fsm.c %D%/core/task_fsm.h \
	%D%/core/task_record.c %D%/core/task_record.h \
	%D%/core/undo_plan.c %D%/core/undo_plan.h \
	%D%/core/verdict.c %D%/core/verdict.h \
	%D%/core/version_range.c %D%/core/version_range.h \
	%D%/core/waves.c %D%/core/waves.h \
	%D%/core/wait_text.c %D%/core/wait_text.h \
	%D%/core/waits.c %D%/core/waits.h \
	%D%/core/why.c %D%/core/why.h \
	%D%/core/why_hold.c %D%/core/why_private.h \
	%D%/core/why_step.c \
	%D%/core/window.c %D%/core/window.h \
	%D%/core/zone.c %D%/core/zone.h \
	%D%/core/zone_tzif.c %D%/core/zone_tzif.h

EDGE_CFLAGS = $(AM_CFLAGS) $(UV_CFLAGS) $(SQLITE_CFLAGS) $(YAML_CFLAGS) \
	$(JANSSON_CFLAGS) $(LWS_CFLAGS) $(SODIUM_CFLAGS) $(CURL_CFLAGS)
EDGE_LIBS = $(LWS_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(YAML_LIBS) $(JANSSON_LIBS) \
	$(SODIUM_LIBS) $(CURL_LIBS)

libwipyedge_a_CFLAGS = $(EDGE_CFLAGS)
libwipyedge_a_SOURCES = \
	%D%/edge/board_link.c %D%/edge/board_link.h \
	%D%/edge/catalogue.c %D%/edge/catalogue.h \
	%D%/edge/catalogue_add.c \
	%D%/edge/catalogue_cache.c %D%/edge/catalogue_cache.h \
	%D%/edge/catalogue_disk.c %D%/edge/catalogue_disk.h \
	%D%/edge/catalogue_image.c \
	%D%/edge/catalogue_json.c %D%/edge/catalogue_json.h \
	%D%/edge/catalogue_judge.c \
	%D%/edge/catalogue_known.c %D%/edge/catalogue_known.h \
	%D%/edge/catalogue_private.h \
	%D%/edge/catalogue_manifest.c %D%/edge/catalogue_manifest.h \
	%D%/edge/catalogue_upkeep.c \
	%D%/edge/clock.c %D%/edge/clock.h \
	%D%/edge/download.c %D%/edge/download.h \
	%D%/edge/examine.c %D%/edge/examine.h \
	%D%/edge/ftp_push.c %D%/edge/ftp_push.h \
	%D%/edge/http_door.c \
	%D%/edge/http_guard.c \
	%D%/edge/http_listen.c %D%/edge/http_listen.h \
	%D%/edge/http_message.c %D%/edge/http_message.h \
	%D%/edge/http_private.h \
	%D%/edge/http_server.c %D%/edge/http_server.h \
	%D%/edge/http_stream.c \
	%D%/edge/inventory.c %D%/edge/inventory.h \
	%D%/edge/inventory_accept.c %D%/edge/inventory_accept.h \
	%D%/edge/inventory_domain.c %D%/edge/inventory_domain.h \
	%D%/edge/inventory_login.c %D%/edge/inventory_login.h \
	%D%/edge/inventory_parts.c %D%/edge/inventory_parts.h \
	%D%/edge/inventory_probes.c %D%/edge/inventory_probes.h \
	%D%/edge/inventory_range.c %D%/edge/inventory_range.h \
	%D%/edge/inventory_sets.c %D%/edge/inventory_sets.h \
	%D%/edge/inventory_unique.c %D%/edge/inventory_unique.h \
	%D%/edge/inventory_window.c %D%/edge/inventory_window.h \
	%D%/edge/inventory_zone.c %D%/edge/inventory_zone.h \
	%D%/edge/log.c %D%/edge/log.h \
	%D%/edge/loop_gap.c %D%/edge/loop_gap.h \
	%D%/edge/minisign.c %D%/edge/minisign.h \
	%D%/edge/notify.c %D%/edge/notify.h \
	%D%/edge/probe_run.c %D%/edge/probe_run.h %D%/edge/probe_private.h \
	%D%/edge/probe_command.c \
	%D%/edge/probe_http.c \
	%D%/edge/probe_tcp.c \
	%D%/edge/settings.c %D%/edge/settings.h \
	%D%/edge/settings_api.c %D%/edge/settings_api.h \
	%D%/edge/settings_channels.c \
	%D%/edge/settings_tokens.c \
	%D%/edge/settings_releases.c %D%/edge/settings_releases.h \
	%D%/edge/store.c %D%/edge/store.h \
	%D%/edge/store_backend.h \
	%D%/edge/store_chain.c %D%/edge/store_chain.h \
	%D%/edge/store_db.c %D%/edge/store_db.h \
	%D%/edge/store_events.c %D%/edge/store_events.h \
	%D%/edge/store_folder.c %D%/edge/store_folder.h \
	%D%/edge/store_history.c %D%/edge/store_history.h \
	%D%/edge/store_job.h \
	%D%/edge/store_memory.c \
	%D%/edge/store_past.c %D%/edge/store_past.h \
	%D%/edge/store_prune.c %D%/edge/store_prune.h \
	%D%/edge/store_read.c \
	%D%/edge/store_record.c %D%/edge/store_record.h \
	%D%/edge/store_rows.c %D%/edge/store_rows.h \
	%D%/edge/store_schema.c %D%/edge/store_schema.h \
	%D%/edge/store_sqlite.c \
	%D%/edge/tcp.c %D%/edge/tcp.h \
	%D%/edge/web.c %D%/edge/web.h \
	%D%/edge/yaml_check.c %D%/edge/yaml_check.h \
	%D%/edge/yaml_load.c %D%/edge/yaml_load.h

libwipyengine_a_CFLAGS = $(EDGE_CFLAGS)
libwipyengine_a_SOURCES = \
	%D%/api.c %D%/api.h %D%/api_private.h \
	%D%/api_answer.c \
	%D%/api_card.c \
	%D%/api_fleet.c \
	%D%/api_known_bad.c \
	%D%/api_history.c \
	%D%/api_json.c %D%/api_json.h \
	%D%/api_events.c \
	%D%/api_events_select.c \
	%D%/api_doctor.c \
	%D%/api_download.c \
	%D%/api_export.c \
	%D%/api_fit.c \
	%D%/api_metrics.c \
	%D%/api_past.c \
	%D%/api_plan.c \
	%D%/api_plan_saved.c \
	%D%/api_poll.c \
	%D%/api_probe.c \
	%D%/api_release.c \
	%D%/api_report.c \
	%D%/api_select.c \
	%D%/api_report_ask.c \
	%D%/api_rollout.c \
	%D%/api_stream.c \
	%D%/api_status.c \
	%D%/api_undo.c \
	%D%/api_wait.c \
	%D%/api_bench.c \
	%D%/api_wire.c \
	%D%/api_why.c \
	%D%/api_window.c \
	%D%/engine.c %D%/engine.h %D%/engine_private.h \
	%D%/engine_action.c \
	%D%/engine_board.c \
	%D%/engine_doctor.c \
	%D%/engine_events.c \
	%D%/engine_catch_up.c \
	%D%/engine_identity.c \
	%D%/engine_intent.c \
	%D%/engine_known_bad.c \
	%D%/engine_limits.c \
	%D%/engine_ledger.c \
	%D%/engine_line.c \
	%D%/engine_outlook.c \
	%D%/engine_pace.c \
	%D%/engine_images.c \
	%D%/engine_plan.c \
	%D%/engine_progress.c \
	%D%/engine_plan_saved.c \
	%D%/engine_poll.c \
	%D%/engine_probe.c \
	%D%/engine_push.c \
	%D%/engine_channel.c \
	%D%/engine_fetch.c \
	%D%/engine_release.c \
	%D%/engine_reload.c \
	%D%/engine_receipt.c \
	%D%/engine_rescue.c \
	%D%/engine_rollout.c \
	%D%/engine_select.c \
	%D%/engine_task.c \
	%D%/engine_undo.c \
	%D%/engine_why.c \
	%D%/engine_window.c \
	%D%/engine_wish.c \
	%D%/service.c %D%/service.h \
	%D%/service_access.c %D%/service_access.h

wipyd_CFLAGS = $(EDGE_CFLAGS)
wipyd_SOURCES = %D%/main.c
wipyd_LDADD = libwipyengine.a libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
