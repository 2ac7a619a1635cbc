/* SPDX-License-Identifier: MIT
 *
 * The commands of the FTP server: a table of verbs, and how a board reads names and
 * finds its way through folders (WIRE.md 2.4, 2.5).
 */
#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

#define VERB_MAX                                                                       \
	5 /* letters; a board crashes on more (WIRE.md 2.2), this one does not */

struct verb {
	const char *name;
	bool before_login;
	void (*run)(struct wipy_board *board, const char *parameter, int64_t now_ms);
};

/* ---- folders ------------------------------------------------------------------ */

/* The path that `name` means from here. One slash at the end is dropped, "." and ".."
 * are names like others. False: too long for the board. */
static bool join(const struct ftp_srv *srv, const char *name, char path[FILES_PATH_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, path, FILES_PATH_MAX);
	if (name[0] != '/') {
		wipy_text_str(&text, srv->folder);
		if (strcmp(srv->folder, "/") != 0)
			wipy_text_char(&text, '/');
	}
	wipy_text_str(&text, name);
	if (text.len > 1 && path[text.len - 1] == '/')
		path[text.len - 1] = '\0';
	return !text.cut;
}

static void strip_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
}

/* Commands that name a file return to the folder by cutting the name off again; of an
 * absolute name nothing is left. */
static void leave(struct ftp_srv *srv, const char *name)
{
	if (name[0] == '/')
		wipy_text_copy(srv->folder, sizeof(srv->folder), "/", 1);
}

static bool is_folder(struct wipy_board *board, const char *path)
{
	struct files_entry entry;
	size_t len = strlen(path);

	if (strcmp(path, "/") == 0)
		return true;
	/* a folder's ".." is an entry of the file system and can be entered */
	if (len > 3 && strcmp(path + len - 3, "/..") == 0) {
		char parent[FILES_PATH_MAX];

		wipy_text_copy(parent, sizeof(parent), path, len - 3);
		return is_folder(board, parent);
	}
	return files_find(&board->files, path, &entry) == 0 && entry.is_folder;
}

static void run_cwd(struct wipy_board *board, const char *name, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	char path[FILES_PATH_MAX];

	(void)now_ms;
	if (name[0] == '\0') {
		ftp_srv_reply(board, 250, "");
		return;
	}
	if (!join(srv, name, path)) {
		ftp_srv_fail(board, 550);
		return;
	}
	wipy_text_copy(srv->folder, sizeof(srv->folder), path, strlen(path));
	if (is_folder(board, path)) {
		ftp_srv_reply(board, 250, "");
		return;
	}
	/* only the last part is taken back, even if the rest is wrong as well */
	strip_last(srv->folder);
	ftp_srv_fail(board, 550);
}

static void run_cdup(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)name;
	(void)now_ms;
	strip_last(board->ftp.folder);
	ftp_srv_reply(board, 250, "");
}

static void run_pwd(struct wipy_board *board, const char *name, int64_t now_ms)
{
	char line[FILES_PATH_MAX + 2];
	struct wipy_text text;
	bool quoted = board->personality->pwd_quoted;

	(void)name;
	(void)now_ms;
	wipy_text_init(&text, line, sizeof(line));
	wipy_text_str(&text, quoted ? "\"" : "");
	wipy_text_str(&text, board->ftp.folder);
	wipy_text_str(&text, quoted ? "\"" : "");
	ftp_srv_reply(board, 257, line);
}

static bool find_file(
	struct wipy_board *board, const char *name, struct files_entry *ret_entry)
{
	char path[FILES_PATH_MAX];
	bool found = join(&board->ftp, name, path) && name[0] != '\0' &&
		     strcmp(path, "/flash") != 0 &&
		     files_find(&board->files, path, ret_entry) == 0;

	leave(&board->ftp, name);
	return found;
}

static void run_size(struct wipy_board *board, const char *name, int64_t now_ms)
{
	struct files_entry entry;
	char number[24];
	struct wipy_text text;

	(void)now_ms;
	if (!find_file(board, name, &entry)) {
		ftp_srv_fail(board, 550);
		return;
	}
	wipy_text_init(&text, number, sizeof(number));
	wipy_text_int(&text, entry.size);
	ftp_srv_reply(board, 213, number);
}

static void run_mdtm(struct wipy_board *board, const char *name, int64_t now_ms)
{
	struct files_entry entry;

	(void)now_ms;
	/* the clock of a board starts there, and files are as old as the board */
	if (find_file(board, name, &entry))
		ftp_srv_reply(board, 213, "20150101000000");
	else
		ftp_srv_fail(board, 550);
}

/* ---- transfers ---------------------------------------------------------------- */

static void run_pasv(struct wipy_board *board, const char *name, int64_t now_ms)
{
	char line[40];
	struct wipy_text text;
	uint16_t port = board->settings.pasv_port;

	(void)name;
	if (ftp_srv_passive(board, now_ms) < 0) {
		ftp_srv_reply(board, 425, "");
		return;
	}
	wipy_text_init(&text, line, sizeof(line));
	wipy_text_char(&text, '(');
	for (int i = 0; i < 4; i++) {
		wipy_text_int(&text, board->settings.address[i]);
		wipy_text_char(&text, ',');
	}
	wipy_text_int(&text, port >> 8);
	wipy_text_char(&text, ',');
	wipy_text_int(&text, port & 0xFF);
	wipy_text_char(&text, ')');
	ftp_srv_reply(board, 227, line);
}

/* 150, and on the data connection if there is one; without one that is all. */
static void begin(
	struct wipy_board *board, enum ftp_srv_transfer transfer, int64_t data_due_ms)
{
	struct ftp_srv *srv = &board->ftp;

	ftp_srv_reply(board, 150, "");
	if (srv->data_state != FTP_SRV_DATA_READY)
		return;
	srv->transfer = transfer;
	srv->data_due_ms = data_due_ms;
}

static void run_list(struct wipy_board *board, const char *name, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;

	(void)name;
	if (!is_folder(board, srv->folder)) {
		ftp_srv_fail(board, 550);
		return;
	}
	srv->list_index = 0;
	srv->stall_ms = now_ms;
	begin(board, FTP_SRV_LIST, WIPY_NEVER);
}

static int open_target(struct wipy_board *board, const char *path)
{
	const struct wipy_special *special =
		wipy_personality_special(board->personality, path);

	if (special && special->kind == WIPY_SPECIAL_IMAGE) {
		board->stats.stors++;
		return updater_start(&board->updater, board->hal, special->max);
	}
	board->ftp.file = files_create(&board->files, path);
	return board->ftp.file < 0 ? board->ftp.file : 0;
}

static void run_stor(struct wipy_board *board, const char *name, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	char path[FILES_PATH_MAX];
	int err;

	/* The path check takes a lock that an open update holds: the task that serves
	 * telnet and FTP waits for itself, for good (WIRE.md 0.4 on 2.11). */
	if (board->updater.open) {
		board->servers_dead = true;
		return;
	}
	err = name[0] != '\0' && join(srv, name, path) ? open_target(board, path)
						       : -ENOENT;
	leave(srv, name);
	if (err < 0) {
		ftp_srv_fail(board, 550);
		return;
	}
	srv->rate_from_ms = now_ms;
	srv->rate_taken = 0;
	begin(board, FTP_SRV_STOR, now_ms + FTP_SRV_DATA_MS);
}

/* ---- session ------------------------------------------------------------------ */

static void run_user(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)now_ms;
	if (strcmp(name, board->servers.user) == 0)
		board->ftp.user_right = true;
	ftp_srv_reply(board, 331, "");
}

static void run_pass(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)now_ms;
	if (board->ftp.user_right && strcmp(name, board->servers.password) == 0) {
		board->ftp.logged_in = true;
		ftp_srv_reply(board, 230, "");
	} else {
		ftp_srv_reply(board, 530, "");
	}
}

static void run_quit(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)name;
	(void)now_ms;
	ftp_srv_reply(board, 221, "");
	board->ftp.closing = true;
}

static void run_ok(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)name;
	(void)now_ms;
	ftp_srv_reply(board, 200, "");
}

static void run_syst(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)name;
	(void)now_ms;
	ftp_srv_reply(board, 215, "UNIX Type: L8");
}

static void run_feat(struct wipy_board *board, const char *name, int64_t now_ms)
{
	(void)name;
	(void)now_ms;
	ftp_srv_reply(board, 211, "no-features");
}

static const struct verb verbs[] = {
	{"USER", true, run_user},
	{"PASS", true, run_pass},
	{"QUIT", true, run_quit},
	{"CDUP", false, run_cdup},
	{"CWD", false, run_cwd},
	{"FEAT", false, run_feat},
	{"LIST", false, run_list},
	{"MDTM", false, run_mdtm},
	{"NOOP", false, run_ok},
	{"PASV", false, run_pasv},
	{"PWD", false, run_pwd},
	{"SIZE", false, run_size},
	{"STOR", false, run_stor},
	{"SYST", false, run_syst},
	{"TYPE", false, run_ok},
	{"XPWD", false, run_pwd},
};

static bool ends_word(char c)
{
	return c == '\0' || c == ' ' || c == '\r' || c == '\n';
}

/* Takes the word at *at, in capitals if asked; one blank behind it is eaten. */
static void take_word(const char **at, bool capitals, char *word, size_t cap)
{
	size_t len = 0;

	while (!ends_word(**at)) {
		char c = *(*at)++;

		if (capitals && c >= 'a' && c <= 'z')
			c = (char)(c - ('a' - 'A'));
		if (len + 1 < cap)
			word[len++] = c;
	}
	word[len] = '\0';
	if (**at == ' ')
		(*at)++;
}

static const struct verb *find_verb(const char *word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(word, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

void ftp_srv_command(struct wipy_board *board, int64_t now_ms)
{
	struct ftp_srv *srv = &board->ftp;
	const char *at = srv->command;
	char word[VERB_MAX + 2]; /* one more, so that a longer word is no verb */
	char parameter[FTP_SRV_COMMAND + 1];
	const struct verb *verb;

	take_word(&at, true, word, sizeof(word));
	take_word(&at, false, parameter, sizeof(parameter));
	verb = find_verb(word);
	if (!srv->logged_in && !(verb && verb->before_login))
		ftp_srv_reply(board, 332, "");
	else if (verb)
		verb->run(board, parameter, now_ms);
	else
		ftp_srv_reply(board, 502, "");
	memset(parameter, 0, sizeof(parameter));
}
