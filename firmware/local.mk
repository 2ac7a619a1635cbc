# SPDX-License-Identifier: MIT
include firmware/sources.mk

EXTRA_DIST += docs/porting.md %D%/Makefile.cross %D%/cross_report.sh

noinst_LIBRARIES += libfwcore.a
libfwcore_a_SOURCES = $(fw_core_c) $(fw_core_h)

bin_PROGRAMS += wipyboard
wipyboard_SOURCES = \
	%D%/ports/linux/control.c %D%/ports/linux/control.h \
	%D%/ports/linux/ctl.c %D%/ports/linux/ctl.h \
	%D%/ports/linux/faults.c %D%/ports/linux/faults.h \
	%D%/ports/linux/fleet.c %D%/ports/linux/fleet.h \
	%D%/ports/linux/flash.c %D%/ports/linux/flash.h \
	%D%/ports/linux/hal.c %D%/ports/linux/port.h \
	%D%/ports/linux/main.c \
	%D%/ports/linux/mkimage.c %D%/ports/linux/mkimage.h \
	%D%/ports/linux/net.c \
	%D%/ports/linux/options.c %D%/ports/linux/options.h \
	%D%/ports/linux/status.c %D%/ports/linux/status.h
wipyboard_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
wipyboard_LDADD = libfwcore.a libwipycommon.a $(JANSSON_LIBS)
