# SPDX-License-Identifier: MIT
FW_TEST_MACHINE = tests/unit/fw_machine.c tests/unit/fw_machine.h
FW_TEST_LIBS = libfwcore.a libwipycommon.a

check_PROGRAMS += \
	tests/unit/test_boot \
	tests/unit/test_boot_record \
	tests/unit/test_ftp_srv \
	tests/unit/test_py_modules \
	tests/unit/test_py_core \
	tests/unit/test_readline \
	tests/unit/test_repl \
	tests/unit/test_telnet_srv \
	tests/unit/test_updater \
	tests/unit/test_wipyboard_options
tests_unit_test_boot_SOURCES = tests/unit/test_boot.c $(FW_TEST_MACHINE)
tests_unit_test_boot_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_record_SOURCES = tests/unit/test_boot_record.c $(FW_TEST_MACHINE)
tests_unit_test_boot_record_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_srv_SOURCES = tests/unit/test_ftp_srv.c $(FW_TEST_MACHINE)
tests_unit_test_ftp_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_py_modules_SOURCES = tests/unit/test_py_modules.c
tests_unit_test_py_modules_LDADD = $(FW_TEST_LIBS)
tests_unit_test_readline_SOURCES = tests/unit/test_readline.c \
	tests/unit/repl_session.h $(FW_TEST_MACHINE)
tests_unit_test_readline_LDADD = $(FW_TEST_LIBS)
tests_unit_test_repl_SOURCES = tests/unit/test_repl.c tests/unit/repl_session.h \
	$(FW_TEST_MACHINE)
tests_unit_test_repl_LDADD = $(FW_TEST_LIBS)
tests_unit_test_telnet_srv_SOURCES = tests/unit/test_telnet_srv.c $(FW_TEST_MACHINE)
tests_unit_test_telnet_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_updater_SOURCES = tests/unit/test_updater.c $(FW_TEST_MACHINE)
tests_unit_test_updater_LDADD = $(FW_TEST_LIBS)
tests_unit_test_wipyboard_options_SOURCES = tests/unit/test_wipyboard_options.c \
	firmware/ports/linux/options.c firmware/ports/linux/options.h
tests_unit_test_wipyboard_options_LDADD = libwipycommon.a
tests_unit_test_py_core_SOURCES = tests/unit/test_py_core.c \
	tests/unit/py_host.h $(FW_TEST_MACHINE)
tests_unit_test_py_core_LDADD = $(FW_TEST_LIBS)
# Not a test by itself: test_py_random.sh feeds it.
noinst_PROGRAMS += tests/unit/run_py
tests_unit_run_py_SOURCES = tests/unit/run_py.c tests/unit/py_host.h $(FW_TEST_MACHINE)
tests_unit_run_py_LDADD = $(FW_TEST_LIBS)
EXTRA_DIST += tests/unit/py_random.py tests/unit/test_py_random.sh
TESTS += tests/unit/test_py_random.sh
