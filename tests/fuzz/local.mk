# SPDX-License-Identifier: MIT
# Every fuzz target is replayed over its corpus by `make check`; with --enable-fuzz it
# is also built as a fuzzer, to be run by hand:
#     tests/fuzz/fuzz_image -max_len=8192 NEW-FOLDER tests/fuzz/corpus/image
noinst_HEADERS += tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/corpus

check_PROGRAMS += \
	tests/fuzz/replay_boot_record \
	tests/fuzz/replay_files \
	tests/fuzz/replay_fingerprint \
	tests/fuzz/replay_ftp_client \
	tests/fuzz/replay_ftp_srv \
	tests/fuzz/replay_image \
	tests/fuzz/replay_py \
	tests/fuzz/replay_telnet_client \
	tests/fuzz/replay_telnet_codec \
	tests/fuzz/replay_telnet_srv
tests_fuzz_replay_boot_record_SOURCES = tests/fuzz/fuzz_boot_record.c \
	tests/fuzz/replay.c tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_fuzz_replay_boot_record_LDADD = $(FW_TEST_LIBS)
tests_fuzz_replay_files_SOURCES = tests/fuzz/fuzz_files.c tests/fuzz/replay.c \
	$(FW_TEST_MACHINE)
tests_fuzz_replay_files_LDADD = $(FW_TEST_LIBS)
tests_fuzz_replay_fingerprint_SOURCES = tests/fuzz/fuzz_fingerprint.c \
	tests/fuzz/replay.c
tests_fuzz_replay_fingerprint_LDADD = libwipycommon.a
tests_fuzz_replay_ftp_client_SOURCES = tests/fuzz/fuzz_ftp_client.c \
	tests/fuzz/replay.c
tests_fuzz_replay_ftp_client_LDADD = libwipycommon.a
tests_fuzz_replay_ftp_srv_SOURCES = tests/fuzz/fuzz_ftp_srv.c tests/fuzz/replay.c \
	$(FW_TEST_MACHINE)
tests_fuzz_replay_ftp_srv_LDADD = $(FW_TEST_LIBS)
tests_fuzz_replay_image_SOURCES = tests/fuzz/fuzz_image.c tests/fuzz/replay.c
tests_fuzz_replay_image_LDADD = libwipycommon.a
tests_fuzz_replay_py_SOURCES = tests/fuzz/fuzz_py.c tests/fuzz/replay.c \
	tests/unit/py_host.h $(FW_TEST_MACHINE)
tests_fuzz_replay_py_LDADD = $(FW_TEST_LIBS)
tests_fuzz_replay_telnet_client_SOURCES = tests/fuzz/fuzz_telnet_client.c \
	tests/fuzz/replay.c
tests_fuzz_replay_telnet_client_LDADD = libwipycommon.a
tests_fuzz_replay_telnet_codec_SOURCES = tests/fuzz/fuzz_telnet_codec.c \
	tests/fuzz/replay.c
tests_fuzz_replay_telnet_codec_LDADD = libwipycommon.a
tests_fuzz_replay_telnet_srv_SOURCES = tests/fuzz/fuzz_telnet_srv.c \
	tests/fuzz/replay.c tests/unit/repl_session.h $(FW_TEST_MACHINE)
tests_fuzz_replay_telnet_srv_LDADD = $(FW_TEST_LIBS)

if ENABLE_FUZZ
WIPY_FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
noinst_PROGRAMS += \
	tests/fuzz/fuzz_boot_record \
	tests/fuzz/fuzz_files \
	tests/fuzz/fuzz_fingerprint \
	tests/fuzz/fuzz_ftp_client \
	tests/fuzz/fuzz_ftp_srv \
	tests/fuzz/fuzz_image \
	tests/fuzz/fuzz_py \
	tests/fuzz/fuzz_telnet_client \
	tests/fuzz/fuzz_telnet_codec \
	tests/fuzz/fuzz_telnet_srv
tests_fuzz_fuzz_boot_record_SOURCES = tests/fuzz/fuzz_boot_record.c \
	tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_fuzz_fuzz_boot_record_LDADD = $(FW_TEST_LIBS)
tests_fuzz_fuzz_boot_record_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_files_SOURCES = tests/fuzz/fuzz_files.c $(FW_TEST_MACHINE)
tests_fuzz_fuzz_files_LDADD = $(FW_TEST_LIBS)
tests_fuzz_fuzz_files_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_fingerprint_SOURCES = tests/fuzz/fuzz_fingerprint.c
tests_fuzz_fuzz_fingerprint_LDADD = libwipycommon.a
tests_fuzz_fuzz_fingerprint_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_ftp_client_SOURCES = tests/fuzz/fuzz_ftp_client.c
tests_fuzz_fuzz_ftp_client_LDADD = libwipycommon.a
tests_fuzz_fuzz_ftp_client_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_ftp_srv_SOURCES = tests/fuzz/fuzz_ftp_srv.c $(FW_TEST_MACHINE)
tests_fuzz_fuzz_ftp_srv_LDADD = $(FW_TEST_LIBS)
tests_fuzz_fuzz_ftp_srv_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c
tests_fuzz_fuzz_image_LDADD = libwipycommon.a
tests_fuzz_fuzz_image_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_py_SOURCES = tests/fuzz/fuzz_py.c tests/unit/py_host.h \
	$(FW_TEST_MACHINE)
tests_fuzz_fuzz_py_LDADD = $(FW_TEST_LIBS)
tests_fuzz_fuzz_py_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_telnet_client_SOURCES = tests/fuzz/fuzz_telnet_client.c
tests_fuzz_fuzz_telnet_client_LDADD = libwipycommon.a
tests_fuzz_fuzz_telnet_client_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_telnet_codec_SOURCES = tests/fuzz/fuzz_telnet_codec.c
tests_fuzz_fuzz_telnet_codec_LDADD = libwipycommon.a
tests_fuzz_fuzz_telnet_codec_LDFLAGS = $(WIPY_FUZZ_LINK)
tests_fuzz_fuzz_telnet_srv_SOURCES = tests/fuzz/fuzz_telnet_srv.c \
	tests/unit/repl_session.h $(FW_TEST_MACHINE)
tests_fuzz_fuzz_telnet_srv_LDADD = $(FW_TEST_LIBS)
tests_fuzz_fuzz_telnet_srv_LDFLAGS = $(WIPY_FUZZ_LINK)
endif
