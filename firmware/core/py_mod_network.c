/* SPDX-License-Identifier: MIT
 *
 * network: the servers' login and idle limit (WIRE.md 6.1), the radio (WIRE.md 6.2).
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

#define SSID_MAX 32
#define KEY_MAX  64

static int new_plain(struct wipy_board *board, int type, struct py_value *ret_value)
{
	struct py_object *object = py_new_object(board, type, 0);

	if (!object)
		return -ENOMEM;
	*ret_value = py_reference(board, object);
	return 0;
}

static int raise_value(struct wipy_board *board)
{
	return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
}

/* The two elements of a tuple, both texts. */
static int two_texts(
	struct wipy_board *board, struct py_value v, const char *text[2], size_t len[2])
{
	size_t count;
	const struct py_value *items = py_elements(board, v, &count);
	int r = 0;

	if (count != 2)
		return raise_value(board);
	for (int i = 0; i < 2 && r == 0; i++)
		r = py_get_str(board, items[i], &text[i], &len[i]);
	/* a NUL would end the credential for those who compare it */
	for (int i = 0; i < 2 && r == 0; i++)
		if (memchr(text[i], '\0', len[i]))
			r = raise_value(board);
	return r;
}

/* There is one of each, number 0. */
static int check_id(struct wipy_board *board, const struct py_call *call)
{
	int32_t id = 0;
	int r = py_int_argument(board, call, 0, "id", &id);

	if (r < 0 || id == 0)
		return r;
	return py_raise(board, PY_OS_ERROR, PY_TEXT_RESOURCE);
}

/* ---- Server ------------------------------------------------------------------------- */

/* Whatever is not given goes back to its default. The login counts even where the
 * time-out behind it is refused (WIRE.md 6.1). */
static int setup_server(struct wipy_board *board, const struct py_call *call, int first)
{
	const char *text[2];
	size_t len[2];
	struct py_value v;
	int32_t timeout_s = SERVERS_TIMEOUT_S;
	bool has_login = py_argument(board, call, first, "login", &v) && !py_is_none(v);
	int r = py_int_argument(board, call, first + 1, "timeout", &timeout_s);

	if (r == 0 && has_login)
		r = two_texts(board, v, text, len);
	if (r < 0)
		return r;
	if (has_login &&
		(len[0] > SERVERS_CREDENTIAL_MAX || len[1] > SERVERS_CREDENTIAL_MAX))
		return raise_value(board);
	servers_set_defaults(board);
	if (has_login)
		r = servers_set_login(board, text[0], len[0], text[1], len[1]);
	if (r == 0)
		r = servers_set_timeout(board, timeout_s);
	if (r < 0)
		return raise_value(board);
	servers_want(board, true);
	return 0;
}

static int make_server(PY_NATIVE_ARGS)
{
	int r = check_id(board, call);

	if (r < 0)
		return r;
	r = new_plain(board, PY_TYPE_SERVER, ret_value);
	return r < 0 ? r : setup_server(board, call, 1);
}

static int server_init(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return setup_server(board, call, 1);
}

static int server_deinit(PY_NATIVE_ARGS)
{
	(void)call;
	(void)ret_value;
	servers_want(board, false);
	board->py.pause = true;
	return 0;
}

static int server_timeout(PY_NATIVE_ARGS)
{
	int32_t timeout_s;
	int r;

	if (call->count == 1) {
		*ret_value = PY_INT((int32_t)(board->servers.timeout_ms / 1000));
		return 0;
	}
	r = py_get_int(board, call->args[1], &timeout_s);
	if (r < 0)
		return r;
	return servers_set_timeout(board, timeout_s) < 0 ? raise_value(board) : 0;
}

static int server_isrunning(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_BOOL(board->servers.wanted);
	return 0;
}

static const struct py_row server_rows[] = {
	PY_ROW_KEYWORDS("init", server_init, 1, 3, "login timeout"),
	PY_ROW_FN("deinit", server_deinit, 1, 1),
	PY_ROW_FN("timeout", server_timeout, 1, 2),
	PY_ROW_FN("isrunning", server_isrunning, 1, 1),
	PY_ROW_END,
};

const struct py_type py_type_server = {
	.name = "Server",
	.rows = server_rows,
	.make = PY_ROW_KEYWORDS("Server", make_server, 0, 3, "id login timeout"),
};

/* ---- WLAN --------------------------------------------------------------------------- */

/* The numbers of the boards. */
enum { ROLE_STA = 0, ROLE_AP = 2 };
enum { SEC_WEP = 1, SEC_WPA = 2 };
enum { ANTENNA_INT, ANTENNA_EXT };

static struct hal_wlan state_of(struct wipy_board *board)
{
	struct hal_wlan wlan;

	hal_wlan_state(board->hal, &wlan);
	return wlan;
}

/* A text of an argument, NUL-terminated; ValueError where it is too long. */
static int copy_text(struct wipy_board *board, struct py_value v, char *buf, size_t cap)
{
	const char *text;
	size_t len;
	int r = py_get_text(board, v, &text, &len);

	if (r < 0)
		return r;
	return len == 0 || !wipy_text_copy(buf, cap, text, len) ? raise_value(board)
								: 0;
}

/* The key of auth=(WLAN.WPA2, 'key'). None: open. */
static int copy_key(
	struct wipy_board *board, struct py_value auth, char key[KEY_MAX + 1])
{
	size_t count;
	const struct py_value *items = py_elements(board, auth, &count);

	if (py_is_none(auth))
		return 0;
	return count != 2 ? raise_value(board)
			  : copy_text(board, items[1], key, KEY_MAX + 1);
}

/* The network to join or to be. Servers are started anew (WIRE.md 1.10). */
static int start_wlan(struct wipy_board *board, enum hal_wlan_mode mode,
	struct py_value ssid_value, struct py_value auth)
{
	char ssid[SSID_MAX + 1], key[KEY_MAX + 1] = "";
	bool has_ssid = !py_is_none(ssid_value);
	int r = copy_key(board, auth, key);

	if (r == 0 && has_ssid)
		r = copy_text(board, ssid_value, ssid, sizeof(ssid));
	if (r < 0)
		return r;
	r = hal_wlan_start(
		board->hal, mode, has_ssid ? ssid : NULL, key[0] ? key : NULL);
	if (r < 0)
		return py_raise_os(board, r);
	board->py.state[PY_STATE_SSID] = has_ssid ? ssid_value : PY_NO_VALUE;
	servers_restart(board);
	board->py.pause = true;
	return 0;
}

static int setup_wlan(struct wipy_board *board, const struct py_call *call, int first)
{
	int32_t mode = ROLE_STA;
	struct py_value ssid = PY_NONE, auth = PY_NONE;
	int r = py_int_argument(board, call, first, "mode", &mode);

	if (r < 0)
		return r;
	if (mode != ROLE_STA && mode != ROLE_AP)
		return raise_value(board);
	(void)py_argument(board, call, -1, "ssid", &ssid);
	(void)py_argument(board, call, -1, "auth", &auth);
	return start_wlan(
		board, mode == ROLE_AP ? HAL_WLAN_AP : HAL_WLAN_STA, ssid, auth);
}

/* WLAN() and WLAN(0) only give what is there. */
static int make_wlan(PY_NATIVE_ARGS)
{
	int r = check_id(board, call);

	if (r < 0)
		return r;
	r = new_plain(board, PY_TYPE_WLAN, ret_value);
	if (r < 0 || (call->count < 2 && call->named_count == 0))
		return r;
	return setup_wlan(board, call, 1);
}

static int wlan_init(PY_NATIVE_ARGS)
{
	(void)ret_value;
	return setup_wlan(board, call, 1);
}

/* connect(ssid, auth=, bssid=, timeout=): begins; isconnected() tells the rest. */
static int wlan_connect(PY_NATIVE_ARGS)
{
	struct py_value ssid = PY_NONE, auth = PY_NONE;

	(void)ret_value;
	if (state_of(board).mode == HAL_WLAN_AP)
		return py_raise(board, PY_OS_ERROR, PY_TEXT_POSSIBLE);
	if (!py_argument(board, call, 1, "ssid", &ssid))
		return py_raise(board, PY_TYPE_ERROR, PY_TEXT_MISMATCH);
	(void)py_argument(board, call, 2, "auth", &auth);
	return start_wlan(board, HAL_WLAN_STA, ssid, auth);
}

static int wlan_disconnect(PY_NATIVE_ARGS)
{
	int r = 0;

	(void)call;
	(void)ret_value;
	if (state_of(board).mode == HAL_WLAN_STA)
		r = hal_wlan_start(board->hal, HAL_WLAN_OFF, NULL, NULL);
	return py_check_os(board, r);
}

static int wlan_isconnected(PY_NATIVE_ARGS)
{
	(void)call;
	*ret_value = PY_BOOL(state_of(board).connected);
	return 0;
}

static int wlan_mode(PY_NATIVE_ARGS)
{
	if (call->count > 1)
		return setup_wlan(board, call, 1);
	*ret_value = PY_INT(state_of(board).mode == HAL_WLAN_AP ? ROLE_AP : ROLE_STA);
	return 0;
}

/* As set by a program, else the board's own: its name and the end of its address. */
static int wlan_ssid(PY_NATIVE_ARGS)
{
	struct py_value kept = board->py.state[PY_STATE_SSID];
	char buf[SSID_MAX + 1];
	uint8_t id[6];
	struct wipy_text text;

	(void)call;
	if (kept.bits) {
		*ret_value = kept;
		return 0;
	}
	hal_unique_id(board->hal, id);
	wipy_text_init(&text, buf, sizeof(buf));
	wipy_text_str(&text, board->personality->name);
	wipy_text_str(&text, "-wlan");
	if (!board->first_boot) {
		wipy_text_char(&text, '-');
		wipy_text_hex(&text, (uint64_t)id[4] << 8 | id[5], 4);
	}
	return py_str(board, buf, text.len, ret_value);
}

static int address(
	struct wipy_board *board, const uint8_t bytes[4], struct py_value *ret_value)
{
	char buf[16];
	struct wipy_text text;

	wipy_text_init(&text, buf, sizeof(buf));
	for (int i = 0; i < 4; i++) {
		wipy_text_str(&text, i > 0 ? "." : "");
		wipy_text_int(&text, bytes[i]);
	}
	return py_str(board, buf, text.len, ret_value);
}

/* The name server is the gateway. A program's own addresses are taken and ignored. */
static int wlan_ifconfig(PY_NATIVE_ARGS)
{
	struct hal_wlan wlan = state_of(board);
	const uint8_t *const parts[] = {
		wlan.address, wlan.netmask, wlan.gateway, wlan.gateway};
	struct py_tuple *tuple;
	struct py_value v;
	int r = 0;

	if (py_argument(board, call, 2, "config", &v))
		return 0;
	tuple = py_new_tuple(board, 4);
	if (!tuple)
		return -ENOMEM;
	*ret_value = py_reference(board, tuple);
	for (int i = 0; i < 4 && r == 0; i++)
		r = address(board, parts[i], &tuple->at[i]);
	return r;
}

static int wlan_mac(PY_NATIVE_ARGS)
{
	uint8_t id[6];

	(void)call;
	hal_unique_id(board->hal, id);
	return py_text_value(board, PY_BYTES, (const char *)id, sizeof(id), ret_value);
}

#define WLAN_KEYWORDS "mode ssid auth channel antenna"

static const struct py_row wlan_rows[] = {
	PY_ROW_KEYWORDS("init", wlan_init, 1, 2, WLAN_KEYWORDS),
	PY_ROW_KEYWORDS("connect", wlan_connect, 1, 3, "ssid auth bssid timeout"),
	PY_ROW_FN("disconnect", wlan_disconnect, 1, 1),
	PY_ROW_FN("isconnected", wlan_isconnected, 1, 1),
	PY_ROW_KEYWORDS("ifconfig", wlan_ifconfig, 1, 3, "id config"),
	PY_ROW_FN("mode", wlan_mode, 1, 2),
	PY_ROW_FN("ssid", wlan_ssid, 1, 1),
	PY_ROW_FN("mac", wlan_mac, 1, 1),
	PY_ROW_INT("STA", ROLE_STA),
	PY_ROW_INT("AP", ROLE_AP),
	PY_ROW_INT("WEP", SEC_WEP),
	PY_ROW_INT("WPA", SEC_WPA),
	PY_ROW_INT("WPA2", SEC_WPA),
	PY_ROW_INT("INT_ANT", ANTENNA_INT),
	PY_ROW_INT("EXT_ANT", ANTENNA_EXT),
	PY_ROW_END,
};

const struct py_type py_type_wlan = {
	.name = "WLAN",
	.rows = wlan_rows,
	.make = PY_ROW_KEYWORDS("WLAN", make_wlan, 0, 2, "id " WLAN_KEYWORDS),
};

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "network"),
	PY_ROW_IMMEDIATE("WLAN", PY_TYPE, PY_TYPE_WLAN),
	PY_ROW_IMMEDIATE("Server", PY_TYPE, PY_TYPE_SERVER),
	PY_ROW_END,
};

const struct py_module py_module_network = {"network", rows};
