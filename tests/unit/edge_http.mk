# SPDX-License-Identifier: MIT
check_PROGRAMS += \
	tests/unit/test_catalogue \
	tests/unit/test_catalogue_bytes \
	tests/unit/test_catalogue_families \
	tests/unit/test_http_guard \
	tests/unit/test_http_listen \
	tests/unit/test_catalogue_manifest \
	tests/unit/test_catalogue_trust \
	tests/unit/test_catalogue_upkeep \
	tests/unit/test_download \
	tests/unit/test_http_server \
	tests/unit/test_http_stream \
	tests/unit/test_log \
	tests/unit/test_minisign \
	tests/unit/test_notify
noinst_HEADERS += tests/unit/catalogue_fixture.h tests/unit/http_clock.h \
	tests/unit/http_fixture.h
noinst_HEADERS += tests/unit/catalogue_fixture.h tests/unit/http_fixture.h \
	tests/unit/manifest_fixture.h

tests_unit_test_catalogue_bytes_SOURCES = tests/unit/test_catalogue_bytes.c
tests_unit_test_catalogue_bytes_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_bytes_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_catalogue_families_SOURCES = tests/unit/test_catalogue_families.c \
	tests/unit/esp_fixture.h
tests_unit_test_catalogue_families_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_families_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_catalogue_manifest_SOURCES = tests/unit/test_catalogue_manifest.c \
	tests/unit/esp_fixture.h tests/unit/signer.h
tests_unit_test_catalogue_manifest_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_manifest_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_catalogue_trust_SOURCES = tests/unit/test_catalogue_trust.c \
	tests/unit/esp_fixture.h tests/unit/signer.h
tests_unit_test_catalogue_trust_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_trust_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_catalogue_upkeep_SOURCES = tests/unit/test_catalogue_upkeep.c \
	tests/unit/signer.h
tests_unit_test_catalogue_upkeep_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_upkeep_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_catalogue_SOURCES = tests/unit/test_catalogue.c
tests_unit_test_catalogue_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_catalogue_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_http_guard_SOURCES = tests/unit/test_http_guard.c
tests_unit_test_http_guard_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_http_guard_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_http_listen_SOURCES = tests/unit/test_http_listen.c
tests_unit_test_http_listen_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_http_listen_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_download_SOURCES = tests/unit/test_download.c
tests_unit_test_download_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_download_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_http_server_SOURCES = tests/unit/test_http_server.c
tests_unit_test_http_server_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_http_server_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_http_stream_SOURCES = tests/unit/test_http_stream.c
tests_unit_test_http_stream_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_http_stream_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_log_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
tests_unit_test_minisign_SOURCES = tests/unit/test_minisign.c \
	tests/unit/signer.h
tests_unit_test_minisign_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_minisign_LDADD = libwipyedge.a libwipycommon.a $(SODIUM_LIBS)
tests_unit_test_notify_SOURCES = tests/unit/test_notify.c
tests_unit_test_notify_CFLAGS = $(EDGE_CFLAGS)
tests_unit_test_notify_LDADD = libwipyedge.a libwipycore.a libwipycommon.a $(EDGE_LIBS)
