/* SPDX-License-Identifier: MIT
 *
 * The commands of the FTP server: a table of verbs, and how a board takes a command
 * apart (WIRE.md 2.2, 2.4).
 */
#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"
#include "firmware/core/ftp_list.h"
#include "firmware/core/ftp_path.h"

/* Letters of a verb; a board crashes on more (WIRE.md 2.2), this one does not. */
#define VERB_MAX 5

enum verb_login { LOGIN_NEEDED, LOGIN_NOT_NEEDED, LOGIN_BY_FAMILY };
enum verb_parameter { PARAMETER_PATH, PARAMETER_WORD };

/* A row without `run` is answered with `code` and `text`. */
struct verb {
	const char *name;
	enum verb_login login;
	enum verb_parameter parameter;
	void (*run)(struct wipy_board *board, const char *parameter);
	int code;
	const char *text;
};

static void answer(struct wipy_board *board, bool ok, int code)
{
	if (ok)
		ftp_srv_reply(board, code, "");
	else
		ftp_srv_fail(board, 550);
}

/* A text that passes through the block, as on the boards: it is not kept for RNTO. */
static void start_text(struct wipy_board *board, struct wipy_text *ret_text)
{
	wipy_text_init(ret_text, (char *)board->ftp.block, sizeof(board->ftp.block));
}

/* ---- folders ------------------------------------------------------------------ */

static bool is_folder(struct wipy_board *board, const char *name)
{
	struct files_entry entry;
	char path[FILES_PATH_MAX];

	ftp_path_resolve(name, path);
	return ftp_path_is_root(path) ||
	       (files_stat(&board->files, path, &entry) == 0 && entry.is_folder);
}

static void run_cwd(struct wipy_board *board, const char *name)
{
	struct ftp_srv *srv = &board->ftp;
	char path[FILES_PATH_MAX];
	bool ok = ftp_path_join(srv->folder, name, path);

	if (ok) {
		wipy_text_copy(srv->folder, sizeof(srv->folder), path, strlen(path));
		ok = is_folder(board, path);
		/* only the last part is taken back, even if the rest is wrong too */
		if (!ok)
			ftp_path_up(srv->folder);
	}
	answer(board, ok, 250);
}

static void run_cdup(struct wipy_board *board, const char *name)
{
	(void)name;
	ftp_path_up(board->ftp.folder);
	ftp_srv_reply(board, 250, "");
}

static void run_pwd(struct wipy_board *board, const char *name)
{
	char line[FILES_PATH_MAX + 2];
	struct wipy_text text;
	bool quoted = board->personality->pwd_quoted;

	(void)name;
	wipy_text_init(&text, line, sizeof(line));
	wipy_text_str(&text, quoted ? "\"" : "");
	wipy_text_str(&text, board->ftp.folder);
	wipy_text_str(&text, quoted ? "\"" : "");
	ftp_srv_reply(board, 257, line);
}

/* ---- names -------------------------------------------------------------------- */

/* What the file system is to work on. False: too long, or a folder that has no entry
 * of its own. The working folder is what a command with a name leaves behind. */
static bool take_path(
	struct wipy_board *board, const char *name, char path[FILES_PATH_MAX])
{
	char joined[FILES_PATH_MAX];
	bool ok = ftp_path_join(board->ftp.folder, name, joined);

	ftp_path_leave(board->ftp.folder, name);
	if (!ok)
		return false;
	ftp_path_resolve(joined, path);
	return !ftp_path_is_root(path);
}

static bool find(
	struct wipy_board *board, const char *name, struct files_entry *ret_entry)
{
	char path[FILES_PATH_MAX];

	return take_path(board, name, path) &&
	       files_stat(&board->files, path, ret_entry) == 0;
}

static void run_size(struct wipy_board *board, const char *name)
{
	struct files_entry entry;
	struct wipy_text text;

	if (!find(board, name, &entry)) {
		ftp_srv_fail(board, 550);
		return;
	}
	start_text(board, &text);
	wipy_text_int(&text, entry.size);
	ftp_srv_reply(board, 213, text.at);
}

static void run_mdtm(struct wipy_board *board, const char *name)
{
	struct files_entry entry;
	struct wipy_text text;

	if (!find(board, name, &entry)) {
		ftp_srv_fail(board, 550);
		return;
	}
	start_text(board, &text);
	ftp_list_stamp(&text, entry.modified_s);
	ftp_srv_reply(board, 213, text.at);
}

static void run_dele(struct wipy_board *board, const char *name)
{
	char path[FILES_PATH_MAX];

	answer(board,
		take_path(board, name, path) && files_remove(&board->files, path) == 0,
		250);
}

static void run_mkd(struct wipy_board *board, const char *name)
{
	char path[FILES_PATH_MAX];

	answer(board,
		take_path(board, name, path) && files_mkdir(&board->files, path) == 0,
		250);
}

static void run_rnfr(struct wipy_board *board, const char *name)
{
	struct files_entry entry;
	struct wipy_text text;
	char path[FILES_PATH_MAX];
	bool ok = take_path(board, name, path) &&
		  files_stat(&board->files, path, &entry) == 0;

	if (ok) {
		start_text(board, &text);
		wipy_text_str(&text, path);
	}
	answer(board, ok, 350);
}

/* The old name is whatever the block begins with: RNFR's, if nothing else used it. */
static void run_rnto(struct wipy_board *board, const char *name)
{
	const char *from = (const char *)board->ftp.block;
	bool is_name = memchr(from, '\0', FILES_PATH_MAX) != NULL;
	char path[FILES_PATH_MAX];

	answer(board,
		take_path(board, name, path) && is_name &&
			files_rename(&board->files, from, path) == 0,
		250);
}

/* ---- transfers ---------------------------------------------------------------- */

static void run_pasv(struct wipy_board *board, const char *name)
{
	struct wipy_text text;
	uint16_t port = board->settings.pasv_port;

	(void)name;
	if (ftp_srv_passive(board) < 0) {
		ftp_srv_reply(board, 425, "");
		return;
	}
	start_text(board, &text);
	wipy_text_char(&text, '(');
	for (int i = 0; i < 4; i++) {
		wipy_text_int(&text, board->settings.address[i]);
		wipy_text_char(&text, ',');
	}
	wipy_text_int(&text, port >> 8);
	wipy_text_char(&text, ',');
	wipy_text_int(&text, port & 0xFF);
	wipy_text_char(&text, ')');
	ftp_srv_reply(board, 227, text.at);
}

static void run_list(struct wipy_board *board, const char *name)
{
	(void)name;
	ftp_transfer_list(board);
}

static void run_retr(struct wipy_board *board, const char *name)
{
	char path[FILES_PATH_MAX];
	bool ok = ftp_path_join(board->ftp.folder, name, path);

	ftp_path_leave(board->ftp.folder, name);
	if (ok)
		ftp_transfer_retr(board, path);
	else
		ftp_srv_fail_transfer(board, 550);
}

static void run_stor(struct wipy_board *board, const char *name)
{
	char path[FILES_PATH_MAX];
	bool ok = ftp_path_join(board->ftp.folder, name, path);

	ftp_path_leave(board->ftp.folder, name);
	if (ok)
		ftp_transfer_stor(board, path);
	else
		ftp_srv_fail_transfer(board, 550);
}

/* ---- session ------------------------------------------------------------------ */

static void run_user(struct wipy_board *board, const char *name)
{
	if (strcmp(name, board->servers.user) == 0)
		board->ftp.user_right = true;
	ftp_srv_reply(board, 331, "");
}

static void run_pass(struct wipy_board *board, const char *name)
{
	if (board->ftp.user_right && strcmp(name, board->servers.password) == 0) {
		board->ftp.logged_in = true;
		ftp_srv_reply(board, 230, "");
	} else {
		ftp_srv_reply(board, 530, "");
	}
}

static void run_quit(struct wipy_board *board, const char *name)
{
	(void)name;
	ftp_srv_reply(board, 221, "");
	board->ftp.closing = true;
}

static const struct verb verbs[] = {
	{"USER", LOGIN_NOT_NEEDED, PARAMETER_WORD, run_user, 0, NULL},
	{"PASS", LOGIN_NOT_NEEDED, PARAMETER_WORD, run_pass, 0, NULL},
	{"QUIT", LOGIN_NOT_NEEDED, PARAMETER_WORD, run_quit, 0, NULL},
	{"CDUP", LOGIN_NEEDED, PARAMETER_PATH, run_cdup, 0, NULL},
	{"CWD", LOGIN_NEEDED, PARAMETER_PATH, run_cwd, 0, NULL},
	{"DELE", LOGIN_NEEDED, PARAMETER_PATH, run_dele, 0, NULL},
	{"FEAT", LOGIN_BY_FAMILY, PARAMETER_WORD, NULL, 211, "no-features"},
	{"LIST", LOGIN_NEEDED, PARAMETER_PATH, run_list, 0, NULL},
	{"MDTM", LOGIN_NEEDED, PARAMETER_PATH, run_mdtm, 0, NULL},
	{"MKD", LOGIN_NEEDED, PARAMETER_PATH, run_mkd, 0, NULL},
	{"NOOP", LOGIN_NEEDED, PARAMETER_WORD, NULL, 200, ""},
	{"PASV", LOGIN_NEEDED, PARAMETER_WORD, run_pasv, 0, NULL},
	{"PWD", LOGIN_NEEDED, PARAMETER_WORD, run_pwd, 0, NULL},
	{"RETR", LOGIN_NEEDED, PARAMETER_PATH, run_retr, 0, NULL},
	/* one primitive: each removes files and empty folders */
	{"RMD", LOGIN_NEEDED, PARAMETER_PATH, run_dele, 0, NULL},
	{"RNFR", LOGIN_NEEDED, PARAMETER_PATH, run_rnfr, 0, NULL},
	{"RNTO", LOGIN_NEEDED, PARAMETER_PATH, run_rnto, 0, NULL},
	{"SIZE", LOGIN_NEEDED, PARAMETER_PATH, run_size, 0, NULL},
	{"STOR", LOGIN_NEEDED, PARAMETER_PATH, run_stor, 0, NULL},
	{"SYST", LOGIN_NEEDED, PARAMETER_WORD, NULL, 215, "UNIX Type: L8"},
	{"TYPE", LOGIN_NEEDED, PARAMETER_WORD, NULL, 200, ""},
	{"XPWD", LOGIN_NEEDED, PARAMETER_WORD, run_pwd, 0, NULL},
};

/* ---- taking a command apart ----------------------------------------------------- */

/* Takes the text at *at up to the line's end, and up to a blank unless those are
 * kept. */
static void take_text(const char **at, bool blanks, char *text, size_t cap)
{
	size_t len = strcspn(*at, blanks ? "\r\n" : " \r\n");

	wipy_text_copy(text, cap, *at, len);
	*at += len;
}

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(word, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

static const struct verb *take_verb(const char **at)
{
	char word[VERB_MAX + 2]; /* one more, so that a longer word is no verb */

	take_text(at, false, word, sizeof(word));
	for (char *c = word; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - ('a' - 'A'));
	*at += **at == ' ';
	return find_verb(word);
}

static bool is_allowed(const struct wipy_board *board, const struct verb *verb)
{
	if (board->ftp.logged_in)
		return true;
	return verb && (verb->login == LOGIN_NOT_NEEDED ||
			       (verb->login == LOGIN_BY_FAMILY &&
				       board->personality->feat_before_login));
}

void ftp_srv_command(struct wipy_board *board)
{
	const char *at = board->ftp.command;
	const struct verb *verb = take_verb(&at);
	char parameter[FTP_SRV_COMMAND + 1];

	if (!is_allowed(board, verb)) {
		ftp_srv_reply(board, 332, "");
	} else if (!verb) {
		ftp_srv_reply(board, 502, "");
	} else if (!verb->run) {
		ftp_srv_reply(board, verb->code, verb->text);
	} else {
		bool blanks = verb->parameter == PARAMETER_PATH &&
			      board->personality->names_with_blanks;

		take_text(&at, blanks, parameter, sizeof(parameter));
		verb->run(board, parameter);
		memset(parameter, 0, sizeof(parameter)); /* it may be the password */
	}
}
