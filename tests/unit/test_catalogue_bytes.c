/* SPDX-License-Identifier: MIT
 *
 * The bytes of the catalogue's images: read, held once, damaged; and a disk that fails.
 * fsync() is the test's, so that a disk can be full at a chosen moment; so is read(), which
 * counts what is read of images.
 */
#include "config.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/unit/catalogue_fixture.h"

/* The fsync() that fails, counted down (0: none), and how. */
static atomic_int fsync_fails, fsync_error;

/* In place of the C library's. */
int fsync(int fd)
{
	if (fsync_fails > 0 && --fsync_fails == 0) {
		errno = fsync_error;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

/* The bytes that have been read in pieces of an image's size. */
static atomic_long image_bytes_read;

ssize_t read(int fd, void *buf, size_t len)
{
	ssize_t n = syscall(SYS_read, fd, buf, len);

	if (n >= IMAGE_LEN)
		image_bytes_read += n;
	return n;
}

struct got {
	int status, calls;
	const struct catalogue_bytes *bytes;
	struct errtext error;
	enum { KEEP, RELEASE, ASK_AGAIN } then;
	const char *sha256;
};

static void on_bytes(void *arg, int status, const struct catalogue_bytes *bytes,
	const struct errtext *error)
{
	struct got *got = arg;

	got->status = status;
	got->bytes = bytes;
	got->error = *error;
	got->calls++;
	if (got->then == KEEP)
		return;
	if (status == 0)
		catalogue_release_bytes(catalogue, bytes);
	got->bytes = NULL;
	if (got->then == ASK_AGAIN) {
		got->then = KEEP;
		catalogue_get_bytes(catalogue, got->sha256, on_bytes, got);
	}
}

static struct got get(const char *sha256)
{
	struct got got = {.status = 1};

	catalogue_get_bytes(catalogue, sha256, on_bytes, &got);
	run();
	return got;
}

static void damage(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char byte;

	if (pread(fd, &byte, 1, at) != 1)
		abort();
	byte ^= 1;
	if (pwrite(fd, &byte, 1, at) != 1)
		abort();
	close(fd);
}

/* As for a wave of a thousand boards, at once and one after the other. */
static void test_cost(void)
{
	enum { BOARDS = 1000 };
	struct added image = add_image(FP("v4.1"), 9);
	struct got *board = calloc(BOARDS, sizeof(*board)), one;
	int same = 0;

	image_bytes_read = 0;
	for (int i = 0; i < BOARDS; i++) {
		catalogue_get_bytes(catalogue, image.sha256, on_bytes, &board[i]);
		if (i >= BOARDS / 2)
			run();
	}
	for (int i = 0; i < BOARDS; i++)
		same += board[i].calls == 1 && board[i].status == 0 &&
			board[i].bytes->data == board[0].bytes->data;
	EQ_INT(same, BOARDS, "a thousand boards hold the same bytes");
	EQ_INT(image_bytes_read, IMAGE_LEN, "which were read once");
	for (int i = 0; i < BOARDS; i++)
		catalogue_release_bytes(catalogue, board[i].bytes);
	one = get(image.sha256);
	EQ_INT(image_bytes_read, 2 * IMAGE_LEN, "dropped with the last, and read anew");
	catalogue_release_bytes(catalogue, one.bytes);
	free(board);
}

/* A rollout holds it between its waves. */
static void test_held(void)
{
	struct added image = add_image(FP("v4.2"), 11);
	struct got one = get(image.sha256), two;

	image_bytes_read = 0;
	catalogue_hold_bytes(catalogue, one.bytes);
	catalogue_release_bytes(catalogue, one.bytes);
	two = get(image.sha256);
	OK(two.status == 0 && two.bytes == one.bytes && image_bytes_read == 0,
		"held once more: not read again");
	catalogue_release_bytes(catalogue, two.bytes);
	catalogue_release_bytes(catalogue, one.bytes);
	two = get(image.sha256);
	EQ_INT(image_bytes_read, IMAGE_LEN, "given back: dropped");
	catalogue_release_bytes(catalogue, two.bytes);
}

/* What was hashed when it came is not hashed again for its release. */
static void test_fresh(void)
{
	struct added image = add_image(FP("v4.3"), 12);
	uint8_t *bytes = make_image(FP("v4.3"), 12, IMAGE_LEN);
	const char *path = in_dir("images", image.sha256, ".bin");
	int fd;

	image_bytes_read = 0;
	EQ_INT(add_release("fresh", image.sha256).status, 0, "a release of it");
	EQ_INT(image_bytes_read, 0, "without reading it again");
	/* Another file of its name, with the same bytes. */
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (write(fd, bytes, IMAGE_LEN) != IMAGE_LEN)
		abort();
	close(fd);
	EQ_INT(add_release("again", image.sha256).status, 0, "of a file put there");
	EQ_INT(image_bytes_read, IMAGE_LEN, "which is read");
	unlink(path);
	EQ_INT(add_release("gone", image.sha256).status, -ENOENT, "of none");
	free(bytes);
}

struct checked {
	int status, calls;
	struct errtext error;
};

static void on_checked(void *arg, int status, const struct errtext *error)
{
	struct checked *checked = arg;

	checked->status = status;
	checked->error = *error;
	checked->calls++;
}

static int check(const char *sha256, struct errtext *ret_error)
{
	struct checked checked = {.status = 1};

	catalogue_check_image(catalogue, sha256, on_checked, &checked);
	OK(checked.calls == 0, "never called from within the call");
	run();
	*ret_error = checked.error;
	return checked.calls == 1 ? checked.status : 1;
}

/* Uploaded, planned twice, started, pushed: hashed when it came, read for the push alone. */
static void test_read_once(void)
{
	struct added image = add_image(FP("v4.4"), 13);
	struct errtext error;
	struct got push;

	image_bytes_read = 0;
	EQ_INT(add_release("once", image.sha256).status, 0, "a release of it");
	EQ_INT(check(image.sha256, &error), 0, "a plan");
	EQ_INT(check(image.sha256, &error), 0, "the plan again, which begins");
	EQ_INT(image_bytes_read, 0, "nothing is read for them");
	push = get(image.sha256);
	EQ_INT(image_bytes_read, IMAGE_LEN, "the push reads it");
	EQ_INT(check(image.sha256, &error), 0, "another plan");
	catalogue_release_bytes(catalogue, push.bytes);
	EQ_INT(check(image.sha256, &error), 0, "and one later");
	EQ_INT(image_bytes_read, IMAGE_LEN, "and that was all");
}

/* What a start of the daemon finds is read once, by whoever comes first. */
static void test_read_once_after_start(void)
{
	struct added image = add_image(FP("v4.5"), 14),
		     other = add_image(FP("v5.5"), 15);
	struct errtext error;

	reopen();
	image_bytes_read = 0;
	EQ_INT(check(image.sha256, &error), 0, "a plan");
	EQ_INT(check(image.sha256, &error), 0, "another one");
	EQ_INT(image_bytes_read, IMAGE_LEN, "one of them read it");
	EQ_INT(add_release("start", image.sha256).status, 0, "a release of it");
	EQ_INT(image_bytes_read, IMAGE_LEN, "without reading it again");
	catalogue_release_bytes(catalogue, get(other.sha256).bytes);
	EQ_INT(image_bytes_read, 2 * IMAGE_LEN, "a push of another one");
	EQ_INT(check(other.sha256, &error), 0, "and a plan");
	EQ_INT(image_bytes_read, 2 * IMAGE_LEN, "without reading it again");
}

static void test_checked(void)
{
	struct added image = add_image(FP("v4.6"), 16);
	const char *path = in_dir("images", image.sha256, ".bin");
	struct got push = get(image.sha256);
	struct errtext error;

	damage(path, 200);
	EQ_INT(check(image.sha256, &error), WIPY_E_CORRUPT,
		"damaged, though it is still held");
	OK(strstr(error.text, path) && strstr(error.text, "add its file again"),
		"says what to do");
	EQ_INT(check(image.sha256, &error), WIPY_E_CORRUPT, "and still damaged");
	catalogue_release_bytes(catalogue, push.bytes);
	EQ_INT(add_image(FP("v4.6"), 16).status, 0, "added again");
	image_bytes_read = 0;
	EQ_INT(check(image.sha256, &error), 0, "it is whole");
	EQ_INT(image_bytes_read, 0, "and was not read");
	unlink(path);
	EQ_INT(check(image.sha256, &error), -ENOENT, "gone");
	EQ_INT(check("../releases/x", &error), -EINVAL, "no SHA-256");
	OK(strstr(error.text, "64 lower-case hex digits"), "says what is one");
}

/* More images than are remembered: the oldest is read once more. */
static void test_remembered(void)
{
	enum { MANY = 2 * RELEASE_IMAGES_MAX };
	struct added first = add_image(FP("v4.7"), 17), image;
	struct errtext error;
	int good = 0;

	for (int i = 0; i < MANY; i++) {
		image = add_image(FP("v4.8"), (uint8_t)(20 + i));
		good += image.status == 0;
	}
	EQ_INT(good, MANY, "many images");
	image_bytes_read = 0;
	EQ_INT(check(image.sha256, &error), 0, "the latest");
	EQ_INT(image_bytes_read, 0, "is remembered");
	EQ_INT(check(first.sha256, &error), 0, "the first");
	EQ_INT(image_bytes_read, IMAGE_LEN, "is read");
}

static void test_bytes(void)
{
	struct added image = add_image(FP("v4.0"), 7);
	uint8_t *wanted = make_image(FP("v4.0"), 7, IMAGE_LEN);
	struct got a = get(image.sha256), b, many[5] = {{.status = 1}};
	const char *path = in_dir("images", image.sha256, ".bin");
	int good = 0;

	OK(a.status == 0 && a.bytes->len == IMAGE_LEN &&
			memcmp(a.bytes->data, wanted, IMAGE_LEN) == 0,
		"the bytes");
	damage(path, 100);
	b = get(image.sha256);
	OK(b.status == 0 && b.bytes->data == a.bytes->data,
		"held once, not read again");
	catalogue_release_bytes(catalogue, a.bytes);
	OK(memcmp(b.bytes->data, wanted, IMAGE_LEN) == 0,
		"held until the last is done");
	catalogue_release_bytes(catalogue, b.bytes);

	a = get(image.sha256);
	EQ_INT(a.status, WIPY_E_CORRUPT, "dropped, read again, found damaged");
	OK(!a.bytes && strstr(a.error.text, path) &&
			strstr(a.error.text, "add its file again"),
		"says what to do");
	EQ_INT(add_release("x", image.sha256).status, WIPY_E_CORRUPT,
		"a release of it is refused");
	EQ_INT(add_image(FP("v4.0"), 7).status, 0, "adding it again");
	a = get(image.sha256);
	EQ_INT(a.status, 0, "heals it");
	catalogue_release_bytes(catalogue, a.bytes);
	if (truncate(path, IMAGE_LEN - 1) < 0)
		abort();
	EQ_INT(get(image.sha256).status, WIPY_E_CORRUPT, "cut");
	if (truncate(path, CATALOGUE_IMAGE_MAX + 1) < 0)
		abort();
	EQ_INT(get(image.sha256).status, WIPY_E_CORRUPT, "too long");
	unlink(path);
	EQ_INT(get(image.sha256).status, -ENOENT, "gone");
	EQ_INT(get("../releases/x").status, -EINVAL, "no SHA-256");

	(void)add_bytes(wanted, IMAGE_LEN);
	image_bytes_read = 0;
	for (int i = 0; i < 5; i++) {
		many[i] = (struct got){.then = i % 3, .sha256 = image.sha256};
		catalogue_get_bytes(catalogue, image.sha256, on_bytes, &many[i]);
	}
	EQ_INT(many[0].calls, 0, "never called from within the call");
	run();
	for (int i = 0; i < 5; i++)
		good += many[i].status == 0 &&
			many[i].calls == (i % 3 == ASK_AGAIN ? 2 : 1);
	EQ_INT(good, 5, "kept, released and asked again from callbacks");
	EQ_INT(image_bytes_read, IMAGE_LEN, "the image was read once for all of them");
	for (int i = 0; i < 5; i++)
		if (many[i].bytes)
			catalogue_release_bytes(catalogue, many[i].bytes);
	unlink(path);
	EQ_INT(get(image.sha256).status, -ENOENT, "and dropped after the last");

	many[0] = (struct got){.then = ASK_AGAIN, .sha256 = image.sha256};
	many[1] = (struct got){.then = KEEP};
	catalogue_get_bytes(catalogue, image.sha256, on_bytes, &many[0]);
	catalogue_get_bytes(catalogue, image.sha256, on_bytes, &many[1]);
	run();
	OK(many[0].calls == 2 && many[0].status == -ENOENT && many[1].status == -ENOENT,
		"asked again after a failure");
}

/* ---- a disk that fails ------------------------------------------------------------- */

static const struct {
	const char *name;
	int at, error, status;
	const char *words;
} disk_faults[] = {
	{"full when the file is synced", 1, ENOSPC, WIPY_E_FULL, "the disk is full"},
	{"full when the folder is synced", 2, ENOSPC, WIPY_E_FULL, "the disk is full"},
	{"quota", 1, EDQUOT, WIPY_E_FULL, "make room"},
	{"error", 1, EIO, -EIO, "cannot write"},
	{"read-only", 1, EROFS, -EROFS, "read-only"},
};

static void test_disk_faults(void)
{
	struct rlimit before, small = {100, RLIM_INFINITY};
	struct added image, refused;
	struct made made;

	for (size_t i = 0; i < sizeof(disk_faults) / sizeof(disk_faults[0]); i++) {
		fsync_error = disk_faults[i].error;
		fsync_fails = disk_faults[i].at;
		image = add_image(FP("v5.0"), (uint8_t)(10 + i));
		EQ_INT(image.status, disk_faults[i].status, disk_faults[i].name);
		OK(strstr(image.error.text, disk_faults[i].words) &&
				strstr(image.error.text, dir),
			"an image: the sentence");
		image = add_image(FP("v5.0"), (uint8_t)(10 + i));
		fsync_fails = disk_faults[i].at;
		made = add_release("r", image.sha256);
		fsync_fails = 0;
		OK(made.status == disk_faults[i].status && !made.release,
			"a release: the status");
		OK(catalogue_count(catalogue) == 0 && count_files("releases") == 0,
			"and it is nowhere");
	}
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	refused = add_image(FP("v5.0"), 99);
	setrlimit(RLIMIT_FSIZE, &before);
	EQ_INT(refused.status, -EFBIG, "larger than the process may write");
	OK(strstr(refused.error.text, "LimitFSIZE"), "says what to do");
	EQ_INT(add_image(FP("v5.0"), 99).status, 0, "and works again");
	EQ_INT(count_files("images"), 6, "no broken file is left");
	EQ_INT(add_release("r", image.sha256).status, 0, "a release works again");
}

int main(void)
{
	begin();
	in_fresh_folder(test_cost);
	in_fresh_folder(test_held);
	in_fresh_folder(test_fresh);
	in_fresh_folder(test_read_once);
	in_fresh_folder(test_read_once_after_start);
	in_fresh_folder(test_checked);
	in_fresh_folder(test_remembered);
	in_fresh_folder(test_bytes);
	in_fresh_folder(test_disk_faults);
	return end();
}
