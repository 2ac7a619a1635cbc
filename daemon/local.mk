# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwipycore.a libwipyedge.a libwipyengine.a
sbin_PROGRAMS += wipyd

libwipycore_a_SOURCES = \
	%D%/core/brakes.c %D%/core/brakes.h \
	%D%/core/due_heap.c %D%/core/due_heap.h \
	%D%/core/model.c %D%/core/model.h \
	%D%/core/poll_plan.c %D%/core/poll_plan.h \
	%D%/core/reason.c %D%/core/reason.h \
	%D%/core/rollout_plan.c %D%/core/rollout_plan.h \
	%D%/core/selector.c %D%/core/selector.h \
	%D%/core/task_fsm.c %D%/core/task_fsm.h \
	%D%/core/waves.c %D%/core/waves.h

EDGE_CFLAGS = $(AM_CFLAGS) $(UV_CFLAGS) $(SQLITE_CFLAGS) $(YAML_CFLAGS) \
	$(JANSSON_CFLAGS) $(LWS_CFLAGS) $(SODIUM_CFLAGS)
EDGE_LIBS = $(LWS_LIBS) $(UV_LIBS) $(SQLITE_LIBS) $(YAML_LIBS) $(JANSSON_LIBS) \
	$(SODIUM_LIBS)

libwipyedge_a_CFLAGS = $(EDGE_CFLAGS)
libwipyedge_a_SOURCES = \
	%D%/edge/board_link.c %D%/edge/board_link.h \
	%D%/edge/catalogue.c %D%/edge/catalogue.h \
	%D%/edge/catalogue_cache.c %D%/edge/catalogue_cache.h \
	%D%/edge/catalogue_disk.c %D%/edge/catalogue_disk.h \
	%D%/edge/catalogue_json.c %D%/edge/catalogue_json.h \
	%D%/edge/clock.c %D%/edge/clock.h \
	%D%/edge/ftp_push.c %D%/edge/ftp_push.h \
	%D%/edge/http_listen.c %D%/edge/http_listen.h \
	%D%/edge/http_message.c %D%/edge/http_message.h \
	%D%/edge/http_server.c %D%/edge/http_server.h \
	%D%/edge/inventory.c %D%/edge/inventory.h \
	%D%/edge/inventory_login.c %D%/edge/inventory_login.h \
	%D%/edge/inventory_parts.c %D%/edge/inventory_parts.h \
	%D%/edge/inventory_range.c %D%/edge/inventory_range.h \
	%D%/edge/inventory_unique.c %D%/edge/inventory_unique.h \
	%D%/edge/log.c %D%/edge/log.h \
	%D%/edge/notify.c %D%/edge/notify.h \
	%D%/edge/settings.c %D%/edge/settings.h \
	%D%/edge/store.c %D%/edge/store.h \
	%D%/edge/store_backend.h \
	%D%/edge/store_db.c %D%/edge/store_db.h \
	%D%/edge/store_folder.c %D%/edge/store_folder.h \
	%D%/edge/store_memory.c \
	%D%/edge/store_rows.c %D%/edge/store_rows.h \
	%D%/edge/store_schema.c %D%/edge/store_schema.h \
	%D%/edge/store_sqlite.c \
	%D%/edge/tcp.c %D%/edge/tcp.h \
	%D%/edge/yaml_check.c %D%/edge/yaml_check.h \
	%D%/edge/yaml_load.c %D%/edge/yaml_load.h

libwipyengine_a_CFLAGS = $(EDGE_CFLAGS)
libwipyengine_a_SOURCES = \
	%D%/api.c %D%/api.h %D%/api_private.h \
	%D%/api_answer.c \
	%D%/api_fleet.c \
	%D%/api_json.c %D%/api_json.h \
	%D%/api_poll.c \
	%D%/api_release.c \
	%D%/api_report.c \
	%D%/api_rollout.c \
	%D%/engine.c %D%/engine.h %D%/engine_private.h \
	%D%/engine_action.c \
	%D%/engine_board.c \
	%D%/engine_plan.c \
	%D%/engine_poll.c \
	%D%/engine_reload.c \
	%D%/engine_rollout.c \
	%D%/engine_task.c \
	%D%/service.c %D%/service.h

wipyd_CFLAGS = $(EDGE_CFLAGS)
wipyd_SOURCES = %D%/main.c
wipyd_LDADD = libwipyengine.a libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
