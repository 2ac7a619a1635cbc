# SPDX-License-Identifier: MIT
# Bare file lists, read by automake (virtual board) and by cross builds. Paths are
# relative to the top of the tree.

fw_core_c = \
	firmware/core/aux_store.c \
	firmware/core/board.c \
	firmware/core/boot.c \
	firmware/core/boot_classic.c \
	firmware/core/boot_info.c \
	firmware/core/boot_pycom.c \
	firmware/core/boot_record.c \
	firmware/core/boot_select.c \
	firmware/core/boot_trial.c \
	firmware/core/boot_trial_select.c \
	firmware/core/crc32.c \
	firmware/core/family_esp.c \
	firmware/core/family_pycom.c \
	firmware/core/family_wipy.c \
	firmware/core/files.c \
	firmware/core/files_check.c \
	firmware/core/files_list.c \
	firmware/core/files_name.c \
	firmware/core/files_node.c \
	firmware/core/files_sectors.c \
	firmware/core/files_store.c \
	firmware/core/files_tree.c \
	firmware/core/ftp_command.c \
	firmware/core/ftp_list.c \
	firmware/core/ftp_path.c \
	firmware/core/ftp_srv.c \
	firmware/core/ftp_transfer.c \
	firmware/core/led.c \
	firmware/core/personality.c \
	firmware/core/py_attr.c \
	firmware/core/py_block.c \
	firmware/core/py_builtin.c \
	firmware/core/py_call.c \
	firmware/core/py_compile.c \
	firmware/core/py_compile_block.c \
	firmware/core/py_compile_expr.c \
	firmware/core/py_compile_stmt.c \
	firmware/core/py_compile_target.c \
	firmware/core/py_complete.c \
	firmware/core/py_error.c \
	firmware/core/py_find.c \
	firmware/core/py_format.c \
	firmware/core/py_heap.c \
	firmware/core/py_import.c \
	firmware/core/py_item.c \
	firmware/core/py_lex.c \
	firmware/core/py_mod_file.c \
	firmware/core/py_mod_machine.c \
	firmware/core/py_mod_network.c \
	firmware/core/py_mod_os.c \
	firmware/core/py_mod_sys.c \
	firmware/core/py_mod_time.c \
	firmware/core/py_mod_pycom.c \
	firmware/core/py_mod_wipy.c \
	firmware/core/py_op.c \
	firmware/core/py_run.c \
	firmware/core/py_tables.c \
	firmware/core/py_text.c \
	firmware/core/py_type_int.c \
	firmware/core/py_type_iter.c \
	firmware/core/py_type_list.c \
	firmware/core/py_type_str.c \
	firmware/core/py_value.c \
	firmware/core/py_vm.c \
	firmware/core/readline.c \
	firmware/core/readline_tab.c \
	firmware/core/repl.c \
	firmware/core/repl_more.c \
	firmware/core/ring.c \
	firmware/core/servers.c \
	firmware/core/slot.c \
	firmware/core/slot_check.c \
	firmware/core/telnet_filter.c \
	firmware/core/telnet_srv.c \
	firmware/core/updater.c

fw_core_h = \
	firmware/core/aux_store.h \
	firmware/core/board.h \
	firmware/core/boot.h \
	firmware/core/boot_info.h \
	firmware/core/boot_record.h \
	firmware/core/boot_select.h \
	firmware/core/boot_trial.h \
	firmware/core/crc32.h \
	firmware/core/files.h \
	firmware/core/files_check.h \
	firmware/core/files_layout.h \
	firmware/core/files_list.h \
	firmware/core/files_name.h \
	firmware/core/files_node.h \
	firmware/core/files_sectors.h \
	firmware/core/files_store.h \
	firmware/core/files_tree.h \
	firmware/core/ftp_list.h \
	firmware/core/ftp_path.h \
	firmware/core/ftp_srv.h \
	firmware/core/led.h \
	firmware/core/personality.h \
	firmware/core/py.h \
	firmware/core/py_code.h \
	firmware/core/py_compile.h \
	firmware/core/py_lex.h \
	firmware/core/py_native.h \
	firmware/core/py_object.h \
	firmware/core/readline.h \
	firmware/core/repl.h \
	firmware/core/ring.h \
	firmware/core/servers.h \
	firmware/core/slot.h \
	firmware/core/slot_check.h \
	firmware/core/telnet_filter.h \
	firmware/core/telnet_srv.h \
	firmware/core/updater.h \
	firmware/include/hal.h

# What of common/ a board needs.
fw_common_c = \
	common/err.c \
	common/esp_image.c \
	common/family.c \
	common/fingerprint.c \
	common/image_fingerprint.c \
	common/md5.c \
	common/sha256.c \
	common/text.c
