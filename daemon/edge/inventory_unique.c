/* SPDX-License-Identifier: MIT
 *
 * Two hash tables with open addressing, one of names and one of (address, port). A slot
 * holds a number that says which board, and which of its ports, came first.
 */
#include "config.h"

#include "daemon/edge/inventory_unique.h"

#include <stdlib.h>
#include <string.h>

#define HASH_START 14695981039346656037u /* FNV-1a, 64 bits */
#define HASH_PRIME 1099511628211u

enum port_kind { PORT_TELNET, PORT_FTP, PORT_KINDS };

struct table {
	uint32_t *slot; /* 0: free, else key + 1 */
	size_t mask;
};

/* At most half full. */
static struct table table_new(size_t keys)
{
	size_t size = 16;
	struct table table;

	while (size < 2 * keys)
		size *= 2;
	table.slot = calloc(size, sizeof(*table.slot));
	if (!table.slot)
		abort();
	table.mask = size - 1;
	return table;
}

static uint64_t hash(const char *text, uint64_t port)
{
	uint64_t h = (HASH_START ^ port) * HASH_PRIME;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * HASH_PRIME;
	return h ^ h >> 32;
}

static size_t line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

static void check_names(struct yaml_file *file, const struct board_spec *board,
	const yaml_node_t *const *origin, size_t count)
{
	struct table table = table_new(count);

	for (size_t i = 0; i < count; i++) {
		size_t at = hash(board[i].name, 0) & table.mask;

		while (table.slot[at] &&
			strcmp(board[table.slot[at] - 1].name, board[i].name) != 0)
			at = (at + 1) & table.mask;
		if (table.slot[at])
			yaml_problem(file, origin[i],
				"board '%s' is there already, in line %zu",
				board[i].name, line_of(origin[table.slot[at] - 1]));
		else
			table.slot[at] = (uint32_t)i + 1;
	}
	free(table.slot);
}

static uint16_t port_of(const struct board_spec *board, enum port_kind kind)
{
	return kind == PORT_TELNET ? board->telnet_port : board->ftp_port;
}

/* The key under which (address, port) was seen first, or `key` itself. */
static size_t first_with_port(
	struct table *table, const struct board_spec *board, size_t key)
{
	const struct board_spec *self = &board[key / PORT_KINDS];
	uint16_t port = port_of(self, key % PORT_KINDS);
	size_t at = hash(self->address, port) & table->mask;

	for (; table->slot[at]; at = (at + 1) & table->mask) {
		size_t other = table->slot[at] - 1;

		if (port_of(&board[other / PORT_KINDS], other % PORT_KINDS) == port &&
			strcmp(board[other / PORT_KINDS].address, self->address) == 0)
			return other;
	}
	table->slot[at] = (uint32_t)key + 1;
	return key;
}

static void tell_port(struct yaml_file *file, const struct board_spec *board,
	const yaml_node_t *const *origin, size_t later, size_t earlier)
{
	static const char *const word[] = {"telnet", "FTP"};
	const struct board_spec *self = &board[later / PORT_KINDS];
	size_t other = earlier / PORT_KINDS;

	yaml_problem(file, origin[later / PORT_KINDS],
		"board '%s': %s port %u at %s is the %s port of board '%s' in line %zu",
		self->name, word[later % PORT_KINDS], port_of(self, later % PORT_KINDS),
		self->address, word[earlier % PORT_KINDS], board[other].name,
		line_of(origin[other]));
}

static void check_ports(struct yaml_file *file, const struct board_spec *board,
	const yaml_node_t *const *origin, size_t count)
{
	struct table table = table_new(count * PORT_KINDS);
	size_t telnet_first = 0;

	for (size_t key = 0; key < count * PORT_KINDS; key++) {
		enum port_kind kind = key % PORT_KINDS;
		size_t first = key;

		if (port_of(&board[key / PORT_KINDS], kind))
			first = first_with_port(&table, board, key);
		/* Two boards at one address share both ports, as a rule: told once. */
		if (first != key && (kind == PORT_TELNET || first != telnet_first + 1))
			tell_port(file, board, origin, key, first);
		if (kind == PORT_TELNET)
			telnet_first = first == key ? key : first;
	}
	free(table.slot);
}

void inventory_check_unique(struct yaml_file *file, const struct board_spec *board,
	const yaml_node_t *const *origin, size_t count)
{
	check_names(file, board, origin, count);
	check_ports(file, board, origin, count);
}
