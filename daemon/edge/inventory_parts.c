/* SPDX-License-Identifier: MIT
 *
 * The parts of an inventory: see the header. What is said of a board comes from its own
 * entry, else its type, else its site, else the defaults, else the facts of its family.
 * Keys that the design knows but this daemon does not keep to are refused: nobody may
 * believe in a limit that is not kept.
 */
#include "config.h"

#include "daemon/edge/inventory_parts.h"

#include <stdio.h>
#include <string.h>

#include "daemon/edge/inventory_domain.h"
#include "daemon/edge/inventory_accept.h"
#include "daemon/edge/inventory_probes.h"
#include "daemon/edge/inventory_range.h"
#include "daemon/edge/inventory_window.h"

#define LABELS_MAX      32
#define LABEL_VALUE_MAX 255
#define TEXT_MAX        320 /* a name or an address with its range */
#define PORT_MAX        65535
#define PUSHES_MAX      4096
#define EVERY_MIN_MS    1000
#define EVERY_MAX_MS    (24 * 60 * 60 * (int64_t)1000)

/* ---- the keys of the file -------------------------------------------------------- */

struct type_keys {
	char family[NAME_MAX_LEN];
	char release[NAME_MAX_LEN];
	const yaml_node_t *accept, *probes;
};
struct site_keys {
	char release[NAME_MAX_LEN];
	int64_t max_pushes, bandwidth;
	struct inventory_window_keys window;
};
struct poll_keys {
	int64_t every_ms;
	char method[NAME_MAX_LEN];
};

#define COMMON(field) offsetof(struct inventory_common_keys, field)
#define PORTS(field)  offsetof(struct inventory_ports, field)
#define POLL(field)   offsetof(struct poll_keys, field)
#define TYPE(field)   offsetof(struct type_keys, field)
#define SITE(field)   offsetof(struct site_keys, field)
#define BOARD(field)  offsetof(struct inventory_board_keys, field)

static const struct yaml_key defaults_table[] = {
	{"family", YAML_KEY_NAME, COMMON(family), 0, 0, false},
	{"release", YAML_KEY_NAME, COMMON(release), 0, 0, false},
	{"interrupt", YAML_KEY_BOOL, COMMON(interrupt), 0, 0, false},
	{"login", YAML_KEY_NODE, COMMON(login), 0, 0, false},
	{"poll", YAML_KEY_NODE, COMMON(poll), 0, 0, false},
	{"ports", YAML_KEY_NODE, COMMON(ports), 0, 0, false},
	{"probes", YAML_KEY_NODE, COMMON(probes), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key type_table[] = {
	{"family", YAML_KEY_NAME, TYPE(family), 0, 0, false},
	{"release", YAML_KEY_NAME, TYPE(release), 0, 0, false},
	{"accept", YAML_KEY_NODE, TYPE(accept), 0, 0, false},
	{"probes", YAML_KEY_NODE, TYPE(probes), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key site_table[] = {
	{"release", YAML_KEY_NAME, SITE(release), 0, 0, false},
	{"max-pushes", YAML_KEY_INT, SITE(max_pushes), 1, PUSHES_MAX, false},
	{"timezone", YAML_KEY_NODE, SITE(window.timezone), 0, 0, false},
	{"windows", YAML_KEY_NODE, SITE(window.windows), 0, 0, false},
	{"blackout", YAML_KEY_NODE, SITE(window.blackout), 0, 0, false},
	{"bandwidth", YAML_KEY_BYTES, SITE(bandwidth), INVENTORY_RATE_MIN,
		INVENTORY_RATE_MAX, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key board_table[] = {
	{"family", YAML_KEY_NAME, COMMON(family), 0, 0, false},
	{"release", YAML_KEY_NAME, COMMON(release), 0, 0, false},
	{"interrupt", YAML_KEY_BOOL, COMMON(interrupt), 0, 0, false},
	{"login", YAML_KEY_NODE, COMMON(login), 0, 0, false},
	{"poll", YAML_KEY_NODE, COMMON(poll), 0, 0, false},
	{"ports", YAML_KEY_NODE, COMMON(ports), 0, 0, false},
	{"probes", YAML_KEY_NODE, COMMON(probes), 0, 0, false},
	{"name", YAML_KEY_STRING, BOARD(name), 1, TEXT_MAX, true},
	{"address", YAML_KEY_STRING, BOARD(address), 1, TEXT_MAX, true},
	{"type", YAML_KEY_NAME, BOARD(type), 0, 0, false},
	{"site", YAML_KEY_NAME, BOARD(site), 0, 0, false},
	{"access-point", YAML_KEY_NAME, BOARD(access_point), 0, 0, false},
	{"labels", YAML_KEY_NODE, BOARD(labels), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key poll_table[] = {
	{"every", YAML_KEY_DURATION, POLL(every_ms), EVERY_MIN_MS, EVERY_MAX_MS, false},
	{"method", YAML_KEY_NAME, POLL(method), 0, 0, false},
	{NULL, 0, 0, 0, 0, false},
};
static const struct yaml_key ports_table[] = {
	{"telnet", YAML_KEY_INT, PORTS(telnet), 1, PORT_MAX, false},
	{"ftp", YAML_KEY_INT, PORTS(ftp), 1, PORT_MAX, false},
	{"data", YAML_KEY_INT, PORTS(data), 1, PORT_MAX, false},
	{NULL, 0, 0, 0, 0, false},
};

/* ---- nodes ----------------------------------------------------------------------- */

/* Whether there were faults is counted once, at the end of the file. */
static bool check(struct inventory_reading *r, const yaml_node_t *node,
	const struct yaml_key *keys, void *target)
{
	return yaml_check_mapping(&r->file, node, keys, target);
}

bool inventory_node_is_empty(const yaml_node_t *node)
{
	return !node ||
	       (node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
		       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
}

static const char *text_of(const yaml_node_t *node)
{
	return (const char *)node->data.scalar.value;
}

static const yaml_node_pair_t *pair_of(
	struct inventory_reading *r, const yaml_node_t *mapping, const char *key)
{
	const yaml_node_pair_t *pair;

	if (mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = mapping->data.mapping.pairs.start;
		pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *node = yaml_file_node(&r->file, pair->key);

		if (node->type == YAML_SCALAR_NODE && strcmp(text_of(node), key) == 0)
			return pair;
	}
	return NULL;
}

const yaml_node_t *inventory_value_of(
	struct inventory_reading *r, const yaml_node_t *mapping, const char *key)
{
	const yaml_node_pair_t *pair = pair_of(r, mapping, key);

	return pair ? yaml_file_node(&r->file, pair->value) : NULL;
}

/* ---- mappings from names to anything --------------------------------------------- */

static int named_order(const void *a, const void *b)
{
	const struct inventory_named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->key->start_mark.index < y->key->start_mark.index ? -1 : 1;
}

static size_t drop_repeated(
	struct inventory_reading *r, struct inventory_named *list, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && strcmp(list[kept - 1].name, list[i].name) == 0)
			yaml_problem(&r->file, list[i].key,
				"repeated key '%s': the first one is in line %zu",
				list[i].name, list[kept - 1].key->start_mark.line + 1);
		else
			list[kept++] = list[i];
	}
	return kept;
}

struct inventory_named *inventory_named_read(struct inventory_reading *r,
	const yaml_node_t *node, const char *what, size_t *ret_count)
{
	const yaml_node_pair_t *pair = NULL, *end = NULL;
	struct inventory_named *list;
	size_t count = 0, most = 0;

	if (!inventory_node_is_empty(node) && node->type == YAML_MAPPING_NODE) {
		pair = node->data.mapping.pairs.start;
		end = node->data.mapping.pairs.top;
		most = (size_t)(end - pair);
	} else if (!inventory_node_is_empty(node)) {
		yaml_problem(&r->file, node,
			"'%s': expected keys with values (key: value)", what);
	}
	list = inventory_array(most, sizeof(*list));
	for (; pair != end; pair++) {
		const yaml_node_t *key = yaml_file_node(&r->file, pair->key);

		if (key->type != YAML_SCALAR_NODE ||
			!inventory_name_valid(text_of(key)) ||
			strlen(text_of(key)) != key->data.scalar.length)
			yaml_problem(&r->file, key,
				"'%s': a key must be a name of letters, digits, '-', "
				"'_' and '.', at most 63",
				what);
		else
			list[count++] = (struct inventory_named){text_of(key), key,
				yaml_file_node(&r->file, pair->value)};
	}
	qsort(list, count, sizeof(*list), named_order);
	*ret_count = drop_repeated(r, list, count);
	return list;
}

/* ---- what defaults and boards share ---------------------------------------------- */

/* `name` is what a table took from the mapping's key 'family': "" if there is none. */
static void read_family(struct inventory_reading *r, const yaml_node_t *mapping,
	const char *name, enum wipy_family *family)
{
	const yaml_node_t *value = inventory_value_of(r, mapping, "family");
	enum wipy_family found = wipy_family_by_name(name);
	char known[128] = "";

	if (!value)
		return;
	*family = found != WIPY_FAMILY_UNKNOWN ? found : INVENTORY_FAMILY_WRONG;
	if (found != WIPY_FAMILY_UNKNOWN || !*name)
		return;
	for (int i = WIPY_FAMILY_UNKNOWN + 1; i < WIPY_FAMILY_COUNT; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			*known ? ", " : "", wipy_family_facts(i)->name);
	yaml_problem(&r->file, value,
		"'family': unknown family '%s', the known ones are %s", name, known);
}

static void read_poll(struct inventory_reading *r, const yaml_node_t *node,
	struct inventory_manner *manner)
{
	struct poll_keys keys = {.every_ms = manner->poll_every_ms};

	if (!node)
		return;
	(void)check(r, node, poll_table, &keys);
	manner->poll_every_ms = keys.every_ms;
	if (strcmp(keys.method, "banner") == 0)
		manner->poll_method = POLL_BANNER;
	else if (strcmp(keys.method, "uname") == 0)
		manner->poll_method = POLL_UNAME;
	else if (*keys.method)
		yaml_problem(&r->file, inventory_value_of(r, node, "method"),
			"'method': expected banner or uname, found '%s'", keys.method);
}

/* The inventory keeps every list; boards borrow them. */
static const struct probe_list *read_probes(
	struct inventory_reading *r, const yaml_node_t *node)
{
	struct probe_list *list = inventory_probes_read(&r->file, node);
	struct inventory *inventory = r->inventory;

	if (!list)
		return NULL;
	inventory->probes = inventory_need(realloc(inventory->probes,
		(inventory->probes_count + 1) * sizeof(struct probe_list *)));
	inventory->probes[inventory->probes_count++] = list;
	return list;
}

static const struct fit_rules *read_accept(
	struct inventory_reading *r, const yaml_node_t *node)
{
	struct fit_rules *rules = inventory_accept_read(&r->file, node);
	struct inventory *inventory = r->inventory;

	if (!rules)
		return NULL;
	inventory->accept = inventory_need(realloc(inventory->accept,
		(inventory->accept_count + 1) * sizeof(struct fit_rules *)));
	inventory->accept[inventory->accept_count++] = rules;
	return rules;
}

/* On entry the manner is what holds where the keys are silent. */
static void read_manner(struct inventory_reading *r, const yaml_node_t *mapping,
	const struct inventory_common_keys *keys, struct inventory_manner *manner)
{
	read_family(r, mapping, keys->family, &manner->family);
	if (*keys->release)
		memcpy(manner->release, keys->release, NAME_MAX_LEN);
	manner->may_interrupt = keys->interrupt;
	if (keys->ports && !check(r, keys->ports, ports_table, &manner->ports))
		manner->ports_known = false;
	read_poll(r, keys->poll, manner);
	if (keys->probes)
		manner->probes = read_probes(r, keys->probes);
	if (keys->login)
		(void)!inventory_login_read(
			&r->file, keys->login, &r->secrets, &manner->login);
}

static void read_defaults(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory_common_keys keys = {.interrupt = r->defaults.may_interrupt};

	if (!node)
		return;
	(void)check(r, node, defaults_table, &keys);
	read_manner(r, node, &keys, &r->defaults);
}

/* ---- types and sites ------------------------------------------------------------- */

static void read_types(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory_named *list =
		inventory_named_read(r, node, "types", &r->type_count);

	r->type = inventory_array(r->type_count, sizeof(*r->type));
	for (size_t i = 0; i < r->type_count; i++) {
		struct type_keys keys = {.family = ""};

		(void)check(r, list[i].value, type_table, &keys);
		r->type[i].accept = read_accept(r, keys.accept);
		r->type[i].probes = read_probes(r, keys.probes);
		strcpy(r->type[i].name, list[i].name);
		strcpy(r->type[i].release, keys.release);
		read_family(r, list[i].value, keys.family, &r->type[i].family);
	}
	free(list);
}

static void read_sites(struct inventory_reading *r, const yaml_node_t *node)
{
	struct inventory *inventory = r->inventory;
	struct inventory_named *list =
		inventory_named_read(r, node, "sites", &inventory->site_count);

	inventory->site =
		inventory_array(inventory->site_count, sizeof(*inventory->site));
	r->site_release =
		inventory_array(inventory->site_count, sizeof(*r->site_release));
	for (size_t i = 0; i < inventory->site_count; i++) {
		const yaml_node_t *site = list[i].value;
		struct site_keys keys = {.release = ""};

		(void)check(r, site, site_table, &keys);
		strcpy(inventory->site[i].name, list[i].name);
		inventory->site[i].max_pushes = (int)keys.max_pushes;
		inventory->site[i].bandwidth = keys.bandwidth;
		inventory->site[i].windows =
			inventory_windows_read(&r->file, &keys.window);
		strcpy(r->site_release[i].name, keys.release);
	}
	free(list);
}

/* Types, sites and boards all begin with their name. */
static int name_order(const void *name, const void *row)
{
	return strcmp(name, row);
}

void inventory_parts_read(struct inventory_reading *r, const yaml_node_t *defaults,
	const yaml_node_t *types, const yaml_node_t *sites)
{
	read_defaults(r, defaults);
	read_types(r, types);
	read_sites(r, sites);
}

void inventory_parts_done(struct inventory_reading *r)
{
	free(r->type);
	free(r->site_release);
	explicit_bzero(&r->defaults, sizeof(r->defaults));
}

/* ---- boards ---------------------------------------------------------------------- */

/* The first that says one has it. */
static void take_release(
	struct board_spec *spec, const char *release, enum target_from from)
{
	if (*spec->release || !*release)
		return;
	strcpy(spec->release, release);
	spec->release_from = from;
}

static void read_type(struct inventory_reading *r, const yaml_node_t *node,
	const struct inventory_board_keys *keys, struct board_spec *spec)
{
	const struct inventory_type *type;

	if (!*keys->type)
		return;
	type = bsearch(keys->type, r->type, r->type_count, sizeof(*type), name_order);
	if (!type) {
		yaml_problem(&r->file, inventory_value_of(r, node, "type"),
			"unknown type '%s': there is no such key under 'types'",
			keys->type);
		if (spec->family == WIPY_FAMILY_UNKNOWN)
			spec->family = INVENTORY_FAMILY_WRONG;
		return;
	}
	strcpy(spec->type, type->name);
	spec->accept = type->accept;
	if (!spec->probes)
		spec->probes = type->probes;
	if (spec->family == WIPY_FAMILY_UNKNOWN)
		spec->family = type->family;
	take_release(spec, type->release, TARGET_TYPE);
}

static void read_site(struct inventory_reading *r, const yaml_node_t *node,
	const struct inventory_board_keys *keys, struct board_spec *spec)
{
	const struct inventory *inventory = r->inventory;
	const struct site *site;

	if (!*keys->site)
		return;
	site = bsearch(keys->site, inventory->site, inventory->site_count,
		sizeof(*site), name_order);
	if (!site) {
		yaml_problem(&r->file, inventory_value_of(r, node, "site"),
			"unknown site '%s': there is no such key under 'sites'",
			keys->site);
		return;
	}
	spec->site = (int)(site - inventory->site);
	spec->windows = site->windows;
	take_release(spec, r->site_release[spec->site].name, TARGET_SITE);
}

static void read_access_point(struct inventory_reading *r, const yaml_node_t *node,
	const struct inventory_board_keys *keys, struct board_spec *spec)
{
	bool known = !r->access_points_named || !*keys->access_point;

	for (size_t i = 0; i < r->inventory->access_point_count && !known; i++)
		known = strcmp(r->inventory->access_point[i].name,
				keys->access_point) == 0;
	strcpy(spec->access_point, keys->access_point);
	if (!known)
		yaml_problem(&r->file, inventory_value_of(r, node, "access-point"),
			"unknown access point '%s': there is no such key under "
			"'access-points'",
			keys->access_point);
}

static bool label_value_valid(const yaml_node_t *node)
{
	size_t len = node->data.scalar.length;

	if (node->type != YAML_SCALAR_NODE || len == 0 || len > LABEL_VALUE_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (node->data.scalar.value[i] < 0x20 ||
			node->data.scalar.value[i] == 0x7f)
			return false;
	return true;
}

struct inventory_named *inventory_labels_read(
	struct inventory_reading *r, const yaml_node_t *node, size_t *ret_count)
{
	struct inventory_named *list =
		inventory_named_read(r, node, "labels", ret_count);

	if (*ret_count > LABELS_MAX)
		yaml_problem(&r->file, node, "%zu labels, a board can have %d",
			*ret_count, LABELS_MAX);
	for (size_t i = 0; i < *ret_count; i++)
		if (!label_value_valid(list[i].value))
			yaml_problem(&r->file, list[i].value,
				"label '%s': expected a text of 1 to %d characters in "
				"one line",
				list[i].name, LABEL_VALUE_MAX);
	return list;
}

static void pick_login(const struct inventory_login *login, struct board_spec *spec)
{
	const struct wipy_family_facts *facts = wipy_family_facts(spec->family);

	snprintf(spec->user, CREDENTIAL_MAX, "%s",
		*login->user ? login->user : facts->user);
	snprintf(spec->password, CREDENTIAL_MAX, "%s",
		*login->password ? login->password : facts->password);
}

static void pick_ports(const struct inventory_manner *manner, struct board_spec *spec)
{
	const struct wipy_family_facts *facts = wipy_family_facts(spec->family);
	const struct inventory_ports *ports = &manner->ports;

	if (!manner->ports_known)
		return;
	spec->telnet_port =
		ports->telnet ? (uint16_t)ports->telnet : facts->telnet_port;
	spec->ftp_port = ports->ftp ? (uint16_t)ports->ftp : facts->ftp_port;
	spec->data_port = (uint16_t)ports->data;
}

void inventory_board_keys_read(struct inventory_reading *r, const yaml_node_t *node,
	struct inventory_board_keys *keys)
{
	*keys = (struct inventory_board_keys){
		.common.interrupt = r->defaults.may_interrupt};
	(void)check(r, node, board_table, keys);
}

void inventory_spec_read(struct inventory_reading *r, const yaml_node_t *node,
	const struct inventory_board_keys *keys, struct board_spec *spec)
{
	struct inventory_manner manner = r->defaults;

	manner.family = WIPY_FAMILY_UNKNOWN;
	manner.probes = NULL;
	manner.release[0] = '\0';
	read_manner(r, node, &keys->common, &manner);
	*spec = (struct board_spec){
		.family = manner.family,
		.site = -1,
		.poll_method = manner.poll_method,
		.poll_every_ms = manner.poll_every_ms,
		.may_interrupt = manner.may_interrupt,
		.probes = manner.probes,
	};
	take_release(spec, manner.release, TARGET_BOARD);
	read_type(r, node, keys, spec);
	read_site(r, node, keys, spec);
	read_access_point(r, node, keys, spec);
	if (spec->family == WIPY_FAMILY_UNKNOWN)
		spec->family = r->defaults.family;
	if (!spec->probes)
		spec->probes = r->defaults.probes;
	take_release(spec, r->defaults.release, TARGET_DEFAULTS);
	if (spec->family == WIPY_FAMILY_UNKNOWN)
		yaml_problem(&r->file, node,
			"no family: write 'family' here, at the board's type or under "
			"'defaults'");
	pick_login(&manner.login, spec);
	pick_ports(&manner, spec);
	explicit_bzero(&manner, sizeof(manner));
}
