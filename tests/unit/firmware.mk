# SPDX-License-Identifier: MIT
PY_TEST_BENCH = tests/unit/py_bench.c tests/unit/py_bench.h
FW_TEST_MACHINE = tests/unit/fw_machine.c tests/unit/fw_machine.h
FW_TEST_LIBS = libfwcore.a libwipycommon.a
FTP_TEST_SESSION = tests/unit/ftp_session.c tests/unit/ftp_session.h $(FW_TEST_MACHINE)

EXTRA_DIST += \
	tests/data/boot_pin_check.txt \
	tests/data/boot_pin_led.txt \
	tests/data/boot_rows.txt \
	tests/data/boot_table.txt \
	tests/data/update_table.txt

check_PROGRAMS += \
	tests/unit/test_aux_store \
	tests/unit/test_boot \
	tests/unit/test_boot_kinds \
	tests/unit/test_boot_record \
	tests/unit/test_boot_tables \
	tests/unit/test_boot_trial \
	tests/unit/test_led \
	tests/unit/test_mkimage \
	tests/unit/test_image_defects \
	tests/unit/test_files \
	tests/unit/test_files_cuts \
	tests/unit/test_files_room \
	tests/unit/test_files_walk \
	tests/unit/test_ftp_data \
	tests/unit/test_ftp_path \
	tests/unit/test_ftp_srv \
	tests/unit/test_ftp_update \
	tests/unit/test_py_builtins \
	tests/unit/test_py_import \
	tests/unit/test_py_modules \
	tests/unit/test_py_core \
	tests/unit/test_py_errors \
	tests/unit/test_readline \
	tests/unit/test_repl \
	tests/unit/test_slot \
	tests/unit/test_telnet_srv \
	tests/unit/test_updater \
	tests/unit/test_wipyboard_faults \
	tests/unit/test_wipyboard_options \
	tests/unit/test_wipyboard_profile \
	tests/unit/test_wipyboard_wlan
tests_unit_test_aux_store_SOURCES = tests/unit/test_aux_store.c $(FTP_TEST_SESSION)
tests_unit_test_aux_store_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_SOURCES = tests/unit/test_boot.c $(FW_TEST_MACHINE)
tests_unit_test_boot_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_kinds_SOURCES = tests/unit/test_boot_kinds.c \
	tests/unit/boot_lives.h tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_unit_test_boot_kinds_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_trial_SOURCES = tests/unit/test_boot_trial.c \
	tests/unit/boot_lives.h tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_unit_test_boot_trial_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_record_SOURCES = tests/unit/test_boot_record.c $(FW_TEST_MACHINE)
tests_unit_test_boot_record_LDADD = $(FW_TEST_LIBS)
tests_unit_test_boot_tables_SOURCES = tests/unit/test_boot_tables.c \
	tests/unit/boot_table_file.h $(FW_TEST_MACHINE)
tests_unit_test_boot_tables_LDADD = $(FW_TEST_LIBS)
tests_unit_test_led_SOURCES = tests/unit/test_led.c $(FW_TEST_MACHINE)
tests_unit_test_led_LDADD = $(FW_TEST_LIBS)
tests_unit_test_mkimage_SOURCES = tests/unit/test_mkimage.c \
	firmware/ports/linux/mkimage.c firmware/ports/linux/mkimage.h $(FW_TEST_MACHINE)
tests_unit_test_mkimage_LDADD = $(FW_TEST_LIBS)
tests_unit_test_image_defects_SOURCES = tests/unit/test_image_defects.c \
	firmware/ports/linux/mkimage.c firmware/ports/linux/mkimage.h
tests_unit_test_image_defects_LDADD = libwipycommon.a
tests_unit_test_files_SOURCES = tests/unit/test_files.c tests/unit/files_model.h \
	$(FW_TEST_MACHINE)
tests_unit_test_files_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_cuts_SOURCES = tests/unit/test_files_cuts.c \
	tests/unit/files_model.h $(FW_TEST_MACHINE)
tests_unit_test_files_cuts_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_room_SOURCES = tests/unit/test_files_room.c \
	tests/unit/files_model.h $(FW_TEST_MACHINE)
tests_unit_test_files_room_LDADD = $(FW_TEST_LIBS)
tests_unit_test_files_walk_SOURCES = tests/unit/test_files_walk.c \
	tests/unit/files_model.h $(FW_TEST_MACHINE)
tests_unit_test_files_walk_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_data_SOURCES = tests/unit/test_ftp_data.c $(FTP_TEST_SESSION)
tests_unit_test_ftp_data_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_path_SOURCES = tests/unit/test_ftp_path.c
tests_unit_test_ftp_path_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_srv_SOURCES = tests/unit/test_ftp_srv.c $(FTP_TEST_SESSION)
tests_unit_test_ftp_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_ftp_update_SOURCES = tests/unit/test_ftp_update.c \
	tests/unit/esp_fixture.h $(FTP_TEST_SESSION)
tests_unit_test_ftp_update_LDADD = $(FW_TEST_LIBS)
tests_unit_test_py_builtins_SOURCES = tests/unit/test_py_builtins.c $(PY_TEST_BENCH)
tests_unit_test_py_builtins_LDADD = $(FW_TEST_LIBS)
tests_unit_test_py_import_SOURCES = tests/unit/test_py_import.c $(PY_TEST_BENCH)
tests_unit_test_py_import_LDADD = $(FW_TEST_LIBS)
tests_unit_test_py_modules_SOURCES = tests/unit/test_py_modules.c $(PY_TEST_BENCH)
tests_unit_test_py_modules_LDADD = $(FW_TEST_LIBS)
tests_unit_test_readline_SOURCES = tests/unit/test_readline.c \
	tests/unit/repl_session.h $(FW_TEST_MACHINE)
tests_unit_test_readline_LDADD = $(FW_TEST_LIBS)
tests_unit_test_repl_SOURCES = tests/unit/test_repl.c tests/unit/repl_session.h \
	$(FW_TEST_MACHINE)
tests_unit_test_repl_LDADD = $(FW_TEST_LIBS)
tests_unit_test_slot_SOURCES = tests/unit/test_slot.c \
	tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_unit_test_slot_LDADD = $(FW_TEST_LIBS)
tests_unit_test_telnet_srv_SOURCES = tests/unit/test_telnet_srv.c $(FW_TEST_MACHINE)
tests_unit_test_telnet_srv_LDADD = $(FW_TEST_LIBS)
tests_unit_test_updater_SOURCES = tests/unit/test_updater.c \
	tests/unit/esp_fixture.h $(FW_TEST_MACHINE)
tests_unit_test_updater_LDADD = $(FW_TEST_LIBS)
tests_unit_test_wipyboard_faults_SOURCES = tests/unit/test_wipyboard_faults.c \
	firmware/ports/linux/fault_draw.c firmware/ports/linux/faults.h \
	firmware/ports/linux/parcel.c firmware/ports/linux/parcel.h \
	firmware/ports/linux/wire.c firmware/ports/linux/wire.h
tests_unit_test_wipyboard_faults_LDADD = libwipycommon.a
tests_unit_test_wipyboard_options_SOURCES = tests/unit/test_wipyboard_options.c \
	firmware/ports/linux/options.c firmware/ports/linux/options.h \
	firmware/ports/linux/profile.c firmware/ports/linux/profile.h
tests_unit_test_wipyboard_options_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
tests_unit_test_wipyboard_options_LDADD = libfwcore.a libwipycommon.a $(YAML_LIBS)
tests_unit_test_wipyboard_profile_SOURCES = tests/unit/test_wipyboard_profile.c \
	firmware/ports/linux/profile.c firmware/ports/linux/profile.h
tests_unit_test_wipyboard_profile_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
tests_unit_test_wipyboard_profile_LDADD = libfwcore.a libwipycommon.a $(YAML_LIBS)
tests_unit_test_wipyboard_wlan_SOURCES = tests/unit/test_wipyboard_wlan.c \
	firmware/ports/linux/port.h firmware/ports/linux/wlan.c
tests_unit_test_wipyboard_wlan_LDADD = libwipycommon.a
PY_TEST_ROWS = tests/unit/py_rows.h tests/unit/py_host.h $(FW_TEST_MACHINE)
tests_unit_test_py_core_SOURCES = tests/unit/test_py_core.c $(PY_TEST_ROWS)
tests_unit_test_py_core_LDADD = $(FW_TEST_LIBS)
tests_unit_test_py_errors_SOURCES = tests/unit/test_py_errors.c $(PY_TEST_ROWS)
tests_unit_test_py_errors_LDADD = $(FW_TEST_LIBS)
# Not a test by itself: test_py_random.sh feeds it.
noinst_PROGRAMS += tests/unit/run_py
tests_unit_run_py_SOURCES = tests/unit/run_py.c tests/unit/py_host.h $(FW_TEST_MACHINE)
tests_unit_run_py_LDADD = $(FW_TEST_LIBS)
EXTRA_DIST += tests/unit/py_random.py tests/unit/test_py_random.sh \
	tests/unit/test_slow_net.sh
TESTS += tests/unit/test_py_random.sh tests/unit/test_slow_net.sh
