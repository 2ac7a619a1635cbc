/* SPDX-License-Identifier: MIT
 *
 * Texts for error numbers. The C library's strerror() is not used: it may consult the
 * locale, it is not there on a board, and its words are not the project's.
 */
#include "common/err.h"

#include <errno.h>
#include <stddef.h>

struct error_row {
	int code;
	const char *word;
	const char *sentence;
};

static const struct error_row own_errors[] = {
#define WIPY_ERROR_ROW(symbol, number, word, sentence) {number, word, sentence},
	WIPY_ERRORS(WIPY_ERROR_ROW)
#undef WIPY_ERROR_ROW
};

/* libuv's numbers outside errno; common/ must not include its header. */
enum {
	UV_CODE_EOF = -4095,
	UV_CODE_NAME_AGAIN = -3001,
	UV_CODE_NAME_UNKNOWN = -3008,
};

static const struct error_row system_errors[] = {
	{-EPERM, NULL, "this is not permitted"},
	{-ENOENT, NULL, "there is no such file or entry"},
	{-EINTR, NULL, "a signal interrupted the call"},
	{-EIO, NULL, "reading or writing failed"},
	{-EBADF, NULL, "the descriptor is closed"},
	{-EAGAIN, NULL, "not possible right now"},
	{-ENOMEM, NULL, "there is not enough memory"},
	{-EACCES, NULL, "access is denied"},
	{-EBUSY, NULL, "it is in use"},
	{-EEXIST, NULL, "it exists already"},
	{-ENODEV, NULL, "there is no such device"},
	{-ENOTDIR, NULL, "a part of the path is not a folder"},
	{-EISDIR, NULL, "it is a folder"},
	{-EINVAL, NULL, "an argument is not valid"},
	{-ENFILE, NULL, "the system has too many open files"},
	{-EMFILE, NULL, "this process has too many open files"},
	{-EFBIG, NULL, "the file is too large"},
	{-ENOSPC, NULL, "no space is left on the disk"},
	{-EROFS, NULL, "the file system is read-only"},
	{-EPIPE, NULL, "the other side has closed the connection"},
	{-ERANGE, NULL, "the number is out of range"},
	{-ENAMETOOLONG, NULL, "the name is too long"},
	{-ENOTEMPTY, NULL, "the folder is not empty"},
	{-ELOOP, NULL, "there are too many symbolic links"},
	{-EPROTO, NULL, "the other side does not keep to the protocol"},
	{-EOVERFLOW, NULL, "the value is too large"},
	{-EMSGSIZE, NULL, "the message is too long"},
	{-ENOTSUP, NULL, "this is not supported"},
	{-EADDRINUSE, NULL, "the address is in use"},
	{-EADDRNOTAVAIL, NULL,
		"the name does not resolve, or this machine cannot use the address"},
	{-ENETDOWN, NULL, "the network is down"},
	{-ENETUNREACH, NULL, "the network cannot be reached"},
	{-EHOSTUNREACH, NULL, "there is no way to the host"},
	{-ECONNABORTED, NULL, "the connection was aborted"},
	{-ECONNRESET, NULL, "the other side reset the connection"},
	{-ECONNREFUSED, NULL, "the connection was refused"},
	{-ENOTCONN, NULL, "there is no connection"},
	{-ETIMEDOUT, NULL, "there was no answer in time"},
	{-EALREADY, NULL, "it is already under way"},
	{-ECANCELED, NULL, "it was cancelled"},
	{UV_CODE_EOF, NULL, "the other side has ended the connection"},
	{UV_CODE_NAME_AGAIN, NULL, "the name service did not answer"},
	{UV_CODE_NAME_UNKNOWN, NULL, "the host name is not known"},
};

static const struct error_row *error_find(
	const struct error_row *rows, size_t count, int code)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

static const struct error_row *error_find_own(int code)
{
	return error_find(own_errors, sizeof(own_errors) / sizeof(own_errors[0]), code);
}

const char *wipy_strerror(int code)
{
	const struct error_row *row = error_find_own(code);

	if (row == NULL)
		row = error_find(system_errors,
			sizeof(system_errors) / sizeof(system_errors[0]), code);
	if (row == NULL)
		return code == 0 ? "no error" : "unknown error";
	return row->sentence;
}

const char *wipy_errcode(int code)
{
	const struct error_row *row = error_find_own(code);

	return row == NULL ? "system-error" : row->word;
}
