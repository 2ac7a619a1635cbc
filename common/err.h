/* SPDX-License-Identifier: MIT
 *
 * The project's error numbers and their texts.
 *
 * A fallible function returns 0 or a negative number: a negated errno value (libuv
 * speaks them too) or one of the WIPY_E_* codes below, which start at -1000. Texts
 * are for people: they say what happened. What was being done, to which board or
 * file, is added by the caller in a struct errtext.
 */
#ifndef WIPY_COMMON_ERR_H
#define WIPY_COMMON_ERR_H

#define WARN_UNUSED __attribute__((warn_unused_result))

/* X(symbol, number, stable code word, sentence) */
#define WIPY_ERRORS(X)                                                                 \
	X(WIPY_E_NO_BANNER, -1000, "no-banner", "the board did not show its banner")   \
	X(WIPY_E_REFUSED, -1001, "refused", "the board refused the connection")        \
	X(WIPY_E_TELNET_BUSY, -1002, "telnet-busy",                                    \
		"another client holds the board's only telnet line")                   \
	X(WIPY_E_LOGIN_REFUSED, -1003, "login-refused",                                \
		"the board refused the user name or the password")                     \
	X(WIPY_E_BUSY_PROGRAM, -1004, "busy-program",                                  \
		"a program runs on the board and the prompt did not appear")           \
	X(WIPY_E_NO_ANSWER, -1005, "no-answer", "the board did not answer in time")    \
	X(WIPY_E_CLOSED, -1006, "closed", "the board closed the connection")           \
	X(WIPY_E_GARBAGE, -1007, "garbage", "the board sent bytes that make no sense") \
	X(WIPY_E_TOO_LONG, -1008, "too-long", "the board sent more than is allowed")   \
	X(WIPY_E_FTP_BUSY, -1009, "ftp-busy",                                          \
		"another client holds the board's only FTP session")                   \
	X(WIPY_E_FTP_REPLY, -1010, "ftp-reply", "the board's FTP server refused")      \
	X(WIPY_E_FTP_STALLED, -1011, "ftp-stalled",                                    \
		"the board took no more bytes of the image")                           \
	X(WIPY_E_FTP_BROKEN, -1012, "ftp-broken",                                      \
		"the connection broke while the image was being sent")                 \
	X(WIPY_E_IMAGE_EMPTY, -1020, "image-empty", "the image is empty or too short") \
	X(WIPY_E_IMAGE_TOO_BIG, -1021, "image-too-big",                                \
		"the image is larger than the board's slot")                           \
	X(WIPY_E_IMAGE_MD5, -1022, "image-md5",                                        \
		"the MD5 trailer does not match the image")                            \
	X(WIPY_E_IMAGE_NO_MD5, -1023, "image-no-md5",                                  \
		"the image does not end in an MD5 trailer of 32 lower-case hex "       \
		"digits")                                                              \
	X(WIPY_E_IMAGE_FAMILY, -1024, "image-family",                                  \
		"the image belongs to another family of boards")                       \
	X(WIPY_E_IMAGE_VECTORS, -1025, "image-vectors",                                \
		"the image's stack pointer or reset vector lies outside CC3200 "       \
		"memory")                                                              \
	X(WIPY_E_IMAGE_NO_VERSION, -1026, "image-no-version",                          \
		"the image holds no version text that a board could show")             \
	X(WIPY_E_IMAGE_KIND, -1027, "image-kind", "the file is not a firmware image")  \
	X(WIPY_E_IMAGE_CUT, -1028, "image-cut",                                        \
		"the image is cut short: its end is missing")                          \
	X(WIPY_E_IMAGE_HEADER, -1029, "image-header",                                  \
		"the image has a header that the boot loader does not take")           \
	X(WIPY_E_IMAGE_CHIP, -1030, "image-chip",                                      \
		"the image is for another chip than the boards of any family have")    \
	X(WIPY_E_IMAGE_CHECKSUM, -1031, "image-checksum",                              \
		"the checksum does not match the image's segments")                    \
	X(WIPY_E_IMAGE_SHA256, -1032, "image-sha256",                                  \
		"the SHA-256 behind the image does not match it")                      \
	X(WIPY_E_IMAGE_NO_SHA256, -1033, "image-no-sha256",                            \
		"the image has no SHA-256, which the boot loader asks for")            \
	X(WIPY_E_IMAGE_TAIL, -1034, "image-tail",                                      \
		"bytes follow the image that do not belong to it")                     \
	X(WIPY_E_IMAGE_BOOTLOADER, -1035, "image-bootloader",                          \
		"the file begins with a boot loader, not with the firmware")           \
	X(WIPY_E_IMAGE_NO_ENDPOINTS, -1036, "no-endpoints",                            \
		"the image does not carry the mark of this project's firmware: a "     \
		"board that runs it has no telnet and no FTP")                         \
	X(WIPY_E_STALE, -1040, "stale",                                                \
		"another owner has taken over: this write was refused")                \
	X(WIPY_E_CORRUPT, -1041, "corrupt", "the stored state is damaged")             \
	X(WIPY_E_FULL, -1042, "disk-full", "the disk is full")                         \
	X(WIPY_E_LOCKED, -1043, "locked", "another wipyd uses this state folder")      \
	X(WIPY_E_CONFIG, -1044, "config", "the configuration has errors")              \
	X(WIPY_E_GONE, -1045, "state-gone",                                            \
		"the stored state was removed or replaced while wipyd runs")           \
	X(WIPY_E_PRUNED, -1046, "pruned", "what was then has been pruned")             \
	X(WIPY_E_RELEASE_MANIFEST, -1050, "release-manifest",                          \
		"the release's manifest has errors")                                   \
	X(WIPY_E_RELEASE_UNTRUSTED, -1051, "release-untrusted",                        \
		"too few trusted keys have signed the release")                        \
	X(WIPY_E_RELEASE_TAMPERED, -1052, "release-tampered",                          \
		"the release was changed after it was signed")                         \
	X(WIPY_E_RELEASE_EXPIRED, -1053, "release-expired",                            \
		"the release's manifest has expired")                                  \
	X(WIPY_E_RELEASE_OLDER, -1054, "release-older",                                \
		"the release's serial is not newer than one that is known")            \
	X(WIPY_E_RELEASE_MISMATCH, -1055, "release-mismatch",                          \
		"an image is not what the release's manifest says of it")

enum wipy_error {
#define WIPY_ERROR_ENUM(symbol, number, word, sentence) symbol = number,
	WIPY_ERRORS(WIPY_ERROR_ENUM)
#undef WIPY_ERROR_ENUM
};

/* A sentence for a person, written by whoever knows what failed, where, and what to
 * try next. Always NUL-terminated; longer text is cut. */
struct errtext {
	char text[320];
};

/* The sentence for one of our codes or for a negated errno value that the project
 * meets; never NULL. For an unknown number: "unknown error". Static storage. */
const char *wipy_strerror(int code);

/* The stable code word ("login-refused", "disk-full", ...); for anything that is not
 * one of ours "system-error". Static storage. */
const char *wipy_errcode(int code);

#endif
