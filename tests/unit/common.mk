# SPDX-License-Identifier: MIT
check_PROGRAMS += \
	tests/unit/test_err \
	tests/unit/test_esp_image \
	tests/unit/test_family \
	tests/unit/test_fingerprint \
	tests/unit/test_ftp_client \
	tests/unit/test_image \
	tests/unit/test_image_esp \
	tests/unit/test_image_real \
	tests/unit/test_ledger \
	tests/unit/test_ledger_tables \
	tests/unit/test_ledger_walk \
	tests/unit/test_md5 \
	tests/unit/test_sha256 \
	tests/unit/test_telnet_client \
	tests/unit/test_telnet_codec \
	tests/unit/test_telnet_requests \
	tests/unit/test_text \
	tests/unit/test_utc
tests_unit_test_err_SOURCES = tests/unit/test_err.c
tests_unit_test_err_LDADD = libwipycommon.a
tests_unit_test_esp_image_SOURCES = tests/unit/test_esp_image.c \
	tests/unit/esp_fixture.h
tests_unit_test_esp_image_LDADD = libwipycommon.a
tests_unit_test_family_SOURCES = tests/unit/test_family.c
tests_unit_test_family_LDADD = libwipycommon.a
tests_unit_test_fingerprint_SOURCES = tests/unit/test_fingerprint.c
tests_unit_test_fingerprint_LDADD = libwipycommon.a
tests_unit_test_ftp_client_SOURCES = tests/unit/test_ftp_client.c
tests_unit_test_ftp_client_LDADD = libwipycommon.a
tests_unit_test_image_SOURCES = tests/unit/test_image.c
tests_unit_test_image_LDADD = libwipycommon.a
tests_unit_test_image_esp_SOURCES = tests/unit/test_image_esp.c
tests_unit_test_image_esp_LDADD = libwipycommon.a
tests_unit_test_image_real_SOURCES = tests/unit/test_image_real.c
tests_unit_test_image_real_LDADD = libwipycommon.a
tests_unit_test_ledger_SOURCES = tests/unit/test_ledger.c
tests_unit_test_ledger_LDADD = libwipycommon.a
tests_unit_test_ledger_tables_SOURCES = tests/unit/test_ledger_tables.c
tests_unit_test_ledger_tables_LDADD = libwipycommon.a
tests_unit_test_ledger_walk_SOURCES = tests/unit/test_ledger_walk.c
tests_unit_test_ledger_walk_LDADD = libwipycommon.a
tests_unit_test_md5_SOURCES = tests/unit/test_md5.c
tests_unit_test_md5_LDADD = libwipycommon.a
tests_unit_test_sha256_SOURCES = tests/unit/test_sha256.c
tests_unit_test_sha256_LDADD = libwipycommon.a
tests_unit_test_telnet_client_SOURCES = tests/unit/test_telnet_client.c
tests_unit_test_telnet_client_LDADD = libwipycommon.a
tests_unit_test_telnet_requests_SOURCES = tests/unit/test_telnet_requests.c
tests_unit_test_telnet_requests_LDADD = libwipycommon.a
tests_unit_test_telnet_codec_SOURCES = tests/unit/test_telnet_codec.c
tests_unit_test_telnet_codec_LDADD = libwipycommon.a
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_LDADD = libwipycommon.a
tests_unit_test_utc_SOURCES = tests/unit/test_utc.c
tests_unit_test_utc_LDADD = libwipycommon.a
