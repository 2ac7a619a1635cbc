# SPDX-License-Identifier: MIT
FW_TEST_MACHINE = tests/unit/fw_machine.c tests/unit/fw_machine.h
FW_TEST_LIBS = libfwcore.a libwipycommon.a
FTP_TEST_SESSION = tests/unit/ftp_session.c tests/unit/ftp_session.h $(FW_TEST_MACHINE)

check_PROGRAMS += \
	tests/unit/test_boot \
	tests/unit/test_boot_record \
	tests/unit/test_files \
	tests/unit/test_files_cuts \
	tests/unit/test_files_walk \
	tests/unit/test_ftp_data \
	tests/unit/test_ftp_path \
	tests/unit/test_ftp_srv \
	tests/unit/test_ftp_update \
	tests/unit/test_repl \
	tests/unit/test_telnet_srv \
	tests/unit/test_updater \
	tests/unit/test_wipyboard_options
tests_unit_test_boot_SOURCES = tests/unit/test_boot.c $(FW_TEST_MACHINE)
tests_unit_test_boot_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_record_SOURCES = tests/unit/test_boot_record.c $(FW_TEST_MACHINE)
tests_unit_test_boot_record_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_SOURCES = tests/unit/test_files.c tests/unit/files_model.h \
	$(FW_TEST_MACHINE)
tests_unit_test_files_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_cuts_SOURCES = tests/unit/test_files_cuts.c \
	tests/unit/files_model.h $(FW_TEST_MACHINE)
tests_unit_test_files_cuts_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_walk_SOURCES = tests/unit/test_files_walk.c \
	tests/unit/files_model.h $(FW_TEST_MACHINE)
tests_unit_test_files_walk_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_data_SOURCES = tests/unit/test_ftp_data.c $(FTP_TEST_SESSION)
tests_unit_test_ftp_data_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_path_SOURCES = tests/unit/test_ftp_path.c
tests_unit_test_ftp_path_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_srv_SOURCES = tests/unit/test_ftp_srv.c $(FTP_TEST_SESSION)
tests_unit_test_ftp_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_update_SOURCES = tests/unit/test_ftp_update.c $(FTP_TEST_SESSION)
tests_unit_test_ftp_update_LDADD = $(FW_TEST_LIBS)
tests_unit_test_repl_SOURCES = tests/unit/test_repl.c $(FW_TEST_MACHINE)
tests_unit_test_repl_LDADD = $(FW_TEST_LIBS)
tests_unit_test_telnet_srv_SOURCES = tests/unit/test_telnet_srv.c $(FW_TEST_MACHINE)
tests_unit_test_telnet_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_updater_SOURCES = tests/unit/test_updater.c $(FW_TEST_MACHINE)
tests_unit_test_updater_LDADD = $(FW_TEST_LIBS)
tests_unit_test_wipyboard_options_SOURCES = tests/unit/test_wipyboard_options.c \
	firmware/ports/linux/options.c firmware/ports/linux/options.h
tests_unit_test_wipyboard_options_LDADD = libwipycommon.a
