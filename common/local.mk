# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libwipycommon.a
libwipycommon_a_SOURCES = \
	%D%/chain.c %D%/chain.h \
	%D%/err.c %D%/err.h \
	%D%/esp_image.c %D%/esp_image.h \
	%D%/family.c %D%/family.h \
	%D%/fingerprint.c %D%/fingerprint.h \
	%D%/ftp_client.c %D%/ftp_client.h \
	%D%/image.c %D%/image.h \
	%D%/image_esp.c %D%/image_esp.h \
	%D%/image_fingerprint.c \
	%D%/ledger.c %D%/ledger.h \
	%D%/ledger_predict.c \
	%D%/ledger_text.c \
	%D%/ledger_world.c %D%/ledger_world.h \
	%D%/md5.c %D%/md5.h \
	%D%/nearest.c %D%/nearest.h \
	%D%/sha256.c %D%/sha256.h \
	%D%/telnet_answer.c %D%/telnet_answer.h \
	%D%/telnet_client.c %D%/telnet_client.h \
	%D%/telnet_codec.c %D%/telnet_codec.h \
	%D%/text.c %D%/text.h \
	%D%/utc.c %D%/utc.h \
	%D%/utf8.c %D%/utf8.h
