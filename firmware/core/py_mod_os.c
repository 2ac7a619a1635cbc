/* SPDX-License-Identifier: MIT
 *
 * os: the name of the firmware (WIRE.md 4.2) and the names in /flash. Errors of the file
 * system are plain numbers, as on the boards.
 */
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"
#include "firmware/core/py_native.h"

#define ROOT        "/flash"
#define MODE_FOLDER 0x4000
#define MODE_FILE   0x8000

static const char *const uname_fields[] = {
	"sysname", "nodename", "release", "version", "machine", NULL};
static const char *const implementation_fields[] = {"name", "version", NULL};

const char *const *const py_fields[] = {uname_fields, implementation_fields};

/* ---- paths ------------------------------------------------------------------------ */

static void drop_part(struct wipy_text *path)
{
	while (path->len > 0 && path->at[path->len - 1] != '/')
		path->len--;
	if (path->len > 1)
		path->len--;
	path->at[path->len] = '\0';
}

static void add_part(struct wipy_text *path, const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.'))
		return;
	if (len == 2 && memcmp(part, "..", 2) == 0) {
		drop_part(path);
		return;
	}
	if (path->len > 1)
		wipy_text_char(path, '/');
	wipy_text_bytes(path, part, len);
}

int py_path(
	struct wipy_board *board, const char *name, size_t len, char *buf, size_t cap)
{
	struct py_value cwd = board->py.state[PY_STATE_CWD];
	struct wipy_text path;
	size_t at = 0;

	wipy_text_init(&path, buf, cap);
	if (len > 0 && name[0] == '/') {
		wipy_text_char(&path, '/');
	} else if (cwd.bits) {
		const struct py_bytes *text = py_at(board, cwd);

		wipy_text_bytes(&path, text->at, text->len);
	} else {
		wipy_text_str(&path, ROOT);
	}
	while (at < len) {
		const char *slash = memchr(name + at, '/', len - at);
		size_t end = slash ? (size_t)(slash - name) : len;

		add_part(&path, name + at, end - at);
		at = end + 1;
	}
	return path.cut || memchr(name, '\0', len) ? -ENOENT : 0;
}

/* The path in an argument; where there is none the current folder. */
static int path_argument(struct wipy_board *board, const struct py_call *call,
	int index, char path[FILES_PATH_MAX])
{
	const char *name = "";
	size_t len = 0;
	int r = 0;

	if (index < call->count)
		r = py_get_text(board, call->args[index], &name, &len);
	return r < 0 ? r
		     : py_check_os(
			       board, py_path(board, name, len, path, FILES_PATH_MAX));
}

/* ---- os.uname() --------------------------------------------------------------------- */

static int make_texts(struct wipy_board *board, struct py_tuple *tuple,
	const char *const texts[], int count)
{
	for (int i = 0; i < count; i++) {
		int r = py_str(board, texts[i], strlen(texts[i]), &tuple->at[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

static int os_uname(PY_NATIVE_ARGS)
{
	const struct wipy_fingerprint *fp = &board->fingerprint;
	const struct wipy_personality *personality = board->personality;
	char version[sizeof(fp->tag) + sizeof(fp->date) + 8];
	char machine[sizeof(fp->board) + sizeof(fp->mcu) + 8];
	const char *const texts[] = {personality->sysname, personality->sysname,
		personality->release, version, machine};
	struct py_tuple *tuple = py_new_tuple(board, 5);
	struct wipy_text text;

	(void)call;
	if (!tuple)
		return -ENOMEM;
	wipy_text_init(&text, version, sizeof(version));
	wipy_text_str(&text, fp->tag);
	wipy_text_str(&text, " on ");
	wipy_text_str(&text, fp->date);
	wipy_text_init(&text, machine, sizeof(machine));
	wipy_text_str(&text, fp->board);
	wipy_text_str(&text, " with ");
	wipy_text_str(&text, fp->mcu);
	tuple->fields = PY_FIELDS_UNAME;
	*ret_value = py_reference(board, tuple);
	return make_texts(board, tuple, texts, 5);
}

/* ---- names in /flash ---------------------------------------------------------------- */

static int append_name(struct wipy_board *board, struct py_list *list, const char *name)
{
	struct py_value v;
	int r = py_str(board, name, strlen(name), &v);

	return r < 0 ? r : py_append(board, list, v);
}

static int os_listdir(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	struct files_walk walk;
	struct files_entry entry;
	struct py_list *list;
	int r = path_argument(board, call, 0, path);

	if (r < 0)
		return r;
	list = py_new_list(board, 0);
	if (!list)
		return -ENOMEM;
	*ret_value = py_reference(board, list);
	if (strcmp(path, "/") == 0)
		return append_name(board, list, &ROOT[1]);
	r = py_check_os(board, files_walk_start(&board->files, path, &walk));
	while (r == 0 && files_walk_next(&board->files, &walk, &entry))
		r = append_name(board, list, entry.name);
	return r;
}

static int os_chdir(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	struct files_entry entry;
	struct py_value cwd;
	int r = path_argument(board, call, 0, path);

	(void)ret_value;
	if (r == 0)
		r = py_check_os(board, files_stat(&board->files, path, &entry));
	if (r == 0 && !entry.is_folder)
		r = py_raise_os(board, ENOENT);
	if (r == 0)
		r = py_str(board, path, strlen(path), &cwd);
	if (r == 0)
		board->py.state[PY_STATE_CWD] = cwd;
	return r;
}

static int os_getcwd(PY_NATIVE_ARGS)
{
	struct py_value cwd = board->py.state[PY_STATE_CWD];

	(void)call;
	*ret_value = cwd;
	return cwd.bits ? 0 : py_str(board, ROOT, strlen(ROOT), ret_value);
}

static int os_mkdir(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	int r = path_argument(board, call, 0, path);

	(void)ret_value;
	return r < 0 ? r : py_check_os(board, files_mkdir(&board->files, path));
}

static int os_remove(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	int r = path_argument(board, call, 0, path);

	(void)ret_value;
	return r < 0 ? r : py_check_os(board, files_remove(&board->files, path));
}

static int os_rename(PY_NATIVE_ARGS)
{
	char from[FILES_PATH_MAX], to[FILES_PATH_MAX];
	int r = path_argument(board, call, 0, from);

	(void)ret_value;
	if (r == 0)
		r = path_argument(board, call, 1, to);
	return r < 0 ? r : py_check_os(board, files_rename(&board->files, from, to));
}

static struct py_tuple *new_numbers(
	struct wipy_board *board, size_t len, struct py_value *ret_value)
{
	struct py_tuple *tuple = py_new_tuple(board, len);

	for (size_t i = 0; tuple && i < len; i++)
		tuple->at[i] = PY_INT(0);
	if (tuple)
		*ret_value = py_reference(board, tuple);
	return tuple;
}

static int os_stat(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	struct files_entry entry;
	struct py_tuple *tuple;
	int r = path_argument(board, call, 0, path);

	if (r == 0)
		r = py_check_os(board, files_stat(&board->files, path, &entry));
	if (r < 0)
		return r;
	tuple = new_numbers(board, 10, ret_value);
	if (!tuple)
		return -ENOMEM;
	tuple->at[0] = PY_INT(entry.is_folder ? MODE_FOLDER : MODE_FILE);
	tuple->at[6] = PY_INT((int32_t)entry.size);
	for (int i = 7; i < 10; i++) {
		r = py_int(board, entry.modified_s, &tuple->at[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Not on boards with v1.8.7 (WIRE.md 0.4); later ones have it. */
static int os_statvfs(PY_NATIVE_ARGS)
{
	char path[FILES_PATH_MAX];
	uint32_t left, total;
	struct py_tuple *tuple;
	int r = path_argument(board, call, 0, path);

	if (r < 0)
		return r;
	tuple = new_numbers(board, 10, ret_value);
	if (!tuple)
		return -ENOMEM;
	files_space(&board->files, &left, &total);
	tuple->at[0] = tuple->at[1] = PY_INT(FILES_CLUSTER);
	tuple->at[2] = PY_INT((int32_t)(total / FILES_CLUSTER));
	tuple->at[3] = tuple->at[4] = PY_INT((int32_t)(left / FILES_CLUSTER));
	tuple->at[9] = PY_INT(FILES_NAME_MAX);
	return 0;
}

/* Every change of a name is on flash at once; what is written is when a file closes. */
static int os_sync(PY_NATIVE_ARGS)
{
	(void)board;
	(void)call;
	(void)ret_value;
	return 0;
}

static int os_mkfs(PY_NATIVE_ARGS)
{
	const char *name;
	size_t len;
	int r = py_get_text(board, call->args[0], &name, &len);

	(void)ret_value;
	if (r < 0)
		return r;
	if (len != strlen(ROOT) || memcmp(name, ROOT, len) != 0)
		return py_raise(board, PY_VALUE_ERROR, PY_TEXT_VALUE);
	return py_check_os(board, files_format(&board->files));
}

static const struct py_row rows[] = {
	PY_ROW_STR("__name__", "uos"),
	PY_ROW_FN("uname", os_uname, 0, 0),
	PY_ROW_FN("chdir", os_chdir, 1, 1),
	PY_ROW_FN("getcwd", os_getcwd, 0, 0),
	PY_ROW_FN("listdir", os_listdir, 0, 1),
	PY_ROW_FN("mkdir", os_mkdir, 1, 1),
	PY_ROW_FN("rename", os_rename, 2, 2),
	PY_ROW_FN("remove", os_remove, 1, 1),
	PY_ROW_FN("rmdir", os_remove, 1, 1),
	PY_ROW_FN("stat", os_stat, 1, 1),
	PY_ROW_FN("statvfs", os_statvfs, 1, 1),
	PY_ROW_FN("unlink", os_remove, 1, 1),
	PY_ROW_FN("sync", os_sync, 0, 0),
	PY_ROW_FN("mkfs", os_mkfs, 1, 1),
	/* the serial line shows the REPL anyway */
	PY_ROW_FN("dupterm", os_sync, 0, 1),
	PY_ROW_STR("sep", "/"),
	PY_ROW_END,
};

const struct py_module py_module_os = {"os", rows};
