/* SPDX-License-Identifier: MIT
 *
 * The logins of an inventory: user names stand in the YAML, passwords in files of their
 * own, which others on the machine must not be able to read.
 */
#ifndef WIPY_EDGE_INVENTORY_LOGIN_H
#define WIPY_EDGE_INVENTORY_LOGIN_H

#include "common/err.h"
#include "daemon/edge/inventory.h"
#include "daemon/edge/yaml_check.h"

struct inventory_login {
	char user[CREDENTIAL_MAX];     /* "": the family's own */
	char password[CREDENTIAL_MAX]; /* to be wiped by its holder */
};

/* Where password files are looked for. */
struct inventory_secrets {
	const char *secrets_dir; /* first, for names without a slash; NULL: none */
	const char *folder;      /* of the inventory */
};

/* Reads a `login:` mapping and its password file. Returns 0, or WIPY_E_CONFIG with the
 * faults added: they name files, never what is in them. */
int inventory_login_read(struct yaml_file *file, const yaml_node_t *node,
	const struct inventory_secrets *secrets,
	struct inventory_login *ret_login) WARN_UNUSED;

#endif
