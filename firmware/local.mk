# SPDX-License-Identifier: MIT
include firmware/sources.mk

EXTRA_DIST += docs/porting.md %D%/Makefile.cross %D%/cross_report.sh

noinst_LIBRARIES += libfwcore.a
libfwcore_a_SOURCES = $(fw_core_c) $(fw_core_h)

bin_PROGRAMS += wipyboard
wipyboard_SOURCES = \
	%D%/ports/linux/arena.c \
	%D%/ports/linux/clock.c %D%/ports/linux/clock.h \
	%D%/ports/linux/commands.c %D%/ports/linux/commands.h \
	%D%/ports/linux/control.c %D%/ports/linux/control.h \
	%D%/ports/linux/ctl.c %D%/ports/linux/ctl.h \
	%D%/ports/linux/farewell.c \
	%D%/ports/linux/fault_board.c %D%/ports/linux/fault_draw.c \
	%D%/ports/linux/fault_net.c \
	%D%/ports/linux/faults.c %D%/ports/linux/faults.h \
	%D%/ports/linux/fleet.c %D%/ports/linux/fleet.h \
	%D%/ports/linux/flash.c %D%/ports/linux/flash.h \
	%D%/ports/linux/flash_folder.c %D%/ports/linux/flash_hand.c \
	%D%/ports/linux/hal.c %D%/ports/linux/hurt.h %D%/ports/linux/port.h \
	%D%/ports/linux/life.c \
	%D%/ports/linux/main.c \
	%D%/ports/linux/mkimage.c %D%/ports/linux/mkimage.h \
	%D%/ports/linux/net.c \
	%D%/ports/linux/net_delay.c %D%/ports/linux/net_delay.h \
	%D%/ports/linux/options.c %D%/ports/linux/options.h \
	%D%/ports/linux/parcel.c %D%/ports/linux/parcel.h \
	%D%/ports/linux/profile.c %D%/ports/linux/profile.h \
	%D%/ports/linux/schedule.c %D%/ports/linux/schedule.h \
	%D%/ports/linux/status.c %D%/ports/linux/status.h \
	%D%/ports/linux/wire.c %D%/ports/linux/wire.h \
	%D%/ports/linux/wlan.c
wipyboard_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(YAML_CFLAGS)
wipyboard_LDADD = libfwcore.a libwipycommon.a $(JANSSON_LIBS) $(YAML_LIBS)
