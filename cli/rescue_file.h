/* SPDX-License-Identifier: MIT
 *
 * The two files of a bench: the card that goes there and the receipt that comes back. Each
 * is one JSON document with a SHA-256 over what it says, so that a file that was cut or
 * edited is found out here; what proves a receipt is its code, which the daemon made.
 */
#ifndef WIPY_CLI_RESCUE_FILE_H
#define WIPY_CLI_RESCUE_FILE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

#define RESCUE_FILE_MAX ((size_t)256 * 1024)

enum rescue_file {
	RESCUE_CARD,
	RESCUE_RECEIPT,
};

/* The document, malloc'ed, or NULL where there is no memory. Borrows. */
char *rescue_file_seal(enum rescue_file kind, const json_t *object);
/* What it says, owned; NULL: *ret_fault is a sentence without the file's name. */
json_t *rescue_file_open(
	enum rescue_file kind, const char *text, size_t len, struct errtext *ret_fault);

/* The same of files; both return 0 or an exit code after the failure was printed. Nothing
 * is written over. */
int rescue_file_write(struct cli *cli, enum rescue_file kind, const char *path,
	const json_t *object) WARN_UNUSED;
int rescue_file_read(struct cli *cli, enum rescue_file kind, const char *path,
	json_t **ret_object) WARN_UNUSED;

/* Nothing has that name yet, and a file can be made there. Returns 0 or an exit code after the failure was printed. */
int rescue_is_free(struct cli *cli, const char *path) WARN_UNUSED;
/* Bytes into a new file that `mode` lets people read; one that could not be written whole
 * is not left behind. Returns 0 or an exit code after the failure was printed. */
int rescue_save_bytes(struct cli *cli, const char *path, unsigned int mode,
	const void *data, size_t len) WARN_UNUSED;
/* An image of the daemon's, by its SHA-256 and size; the same. */
int rescue_save_image(struct cli *cli, const char *sha256, long long size,
	const char *path) WARN_UNUSED;

/* 64 hex digits and NUL. */
#define RESCUE_SUM_MAX 65
void rescue_sum(const void *data, size_t len, char ret_hex[RESCUE_SUM_MAX]);

#endif
