/* SPDX-License-Identifier: MIT
 *
 * The catalogue on a folder of its own. fsync() is the test's, so that a disk can be full
 * at a chosen moment; images are made here, as small as the inspection allows.
 */
#include "config.h"

#include "daemon/edge/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/md5.h"
#include "daemon/edge/log.h"
#include "tests/tap.h"

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

#define PATH_LEN 512

static char top[200], dir[256];
static uv_loop_t loop;
static struct catalogue *catalogue;

static void run(void)
{
	uv_run(&loop, UV_RUN_DEFAULT);
}

/* Nobody's signature is asked for: test_catalogue_manifest.c does. */
static const struct minisign_trust nobody = {.policy = SIGNATURES_OFF};

static void must_open(void)
{
	struct errtext error = {""};

	if (catalogue_open(&loop, dir, &nobody, &catalogue, &error) < 0) {
		printf("Bail out! %s\n", error.text);
		exit(99);
	}
}

static void reopen(void)
{
	catalogue = catalogue_free(catalogue);
	must_open();
}

static const char *in_dir(const char *folder, const char *name, const char *suffix)
{
	static char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s/%s%s", dir, folder, name, suffix);
	return path;
}

static int count_files(const char *folder)
{
	DIR *open_dir = opendir(in_dir(folder, "", ""));
	struct dirent *entry;
	int count = 0;

	while (open_dir && (entry = readdir(open_dir)))
		count += entry->d_name[0] != '.';
	if (open_dir)
		closedir(open_dir);
	return count;
}

static void put_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static void remove_all(const char *folder)
{
	DIR *open_dir = opendir(in_dir(folder, "", ""));
	struct dirent *entry;

	while (open_dir && (entry = readdir(open_dir)))
		if (entry->d_name[0] != '.' || entry->d_name[1] != '.')
			unlinkat(dirfd(open_dir), entry->d_name, 0);
	if (open_dir)
		closedir(open_dir);
	rmdir(in_dir(folder, "", ""));
}

/* ---- images ----------------------------------------------------------------------- */

#define IMAGE_LEN 300

static void put_u32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void put_trailer(uint8_t *image, size_t len)
{
	uint8_t digest[WIPY_MD5_LEN];
	char hex[WIPY_MD5_HEX_LEN + 1];
	struct wipy_md5 md5;

	wipy_md5_init(&md5);
	wipy_md5_update(&md5, image, len - WIPY_MD5_HEX_LEN);
	wipy_md5_final(&md5, digest);
	wipy_md5_hex(digest, hex);
	memcpy(image + len - WIPY_MD5_HEX_LEN, hex, WIPY_MD5_HEX_LEN);
}

/* A whole image that shows this fingerprint; `filler` tells two of one text apart. */
static uint8_t *make_image(const char *fingerprint, uint8_t filler, size_t len)
{
	uint8_t *image = malloc(len);

	memset(image, filler, len);
	put_u32(image, 0x20040000);
	put_u32(image + 4, 0x20004101);
	snprintf((char *)image + 16, 200, "MicroPython %s\r\n", fingerprint);
	put_trailer(image, len);
	return image;
}

struct added {
	int status;
	int calls;
	char sha256[SHA256_HEX_MAX];
	struct wipy_image_info info;
	struct errtext error;
};

static void on_image(void *arg, int status, const struct wipy_image_info *info,
	const char *sha256, const struct errtext *error)
{
	struct added *added = arg;

	added->status = status;
	added->calls++;
	added->info = *info;
	added->error = *error;
	snprintf(added->sha256, sizeof(added->sha256), "%s", sha256);
}

static struct added add_bytes(uint8_t *data, size_t len)
{
	struct added added = {.status = 1};

	catalogue_add_image(catalogue, data, len, on_image, &added);
	run();
	return added;
}

static struct added add_image(const char *fingerprint, uint8_t filler)
{
	return add_bytes(make_image(fingerprint, filler, IMAGE_LEN), IMAGE_LEN);
}

#define FP(tag) tag " on 2016-11-18; WiPy with CC3200"

static void test_images(void)
{
	struct added added = add_image(FP("v1.8.6"), 1);
	uint8_t sum[32], bytes[IMAGE_LEN];
	char hex[SHA256_HEX_MAX];
	int fd;

	EQ_INT(added.status, 0, "a good image");
	EQ_STR(added.info.fingerprint.tag, "v1.8.6", "its tag");
	EQ_INT(added.info.size, IMAGE_LEN, "its size");
	fd = open(in_dir("images", added.sha256, ".bin"), O_RDONLY);
	EQ_INT(read(fd, bytes, sizeof(bytes)), IMAGE_LEN, "stored under its SHA-256");
	close(fd);
	crypto_hash_sha256(sum, bytes, sizeof(bytes));
	sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
	EQ_STR(hex, added.sha256, "which it has");
	EQ_INT(add_image(FP("v1.8.6"), 1).status, 0, "again");
	EQ_INT(count_files("images"), 1, "is one file");
}

static const struct {
	const char *name;
	int at; /* the byte that is changed; -1 none */
	size_t len;
	const char *fingerprint;
	int status;
	const char *words;
} bad_images[] = {
	{"empty", -1, 0, FP("v1"), WIPY_E_IMAGE_EMPTY, "it has 0 bytes"},
	{"a flipped bit", 250, IMAGE_LEN, FP("v1.8.6"), WIPY_E_IMAGE_MD5,
		"the trailer says"},
	{"no trailer", IMAGE_LEN - 1, IMAGE_LEN, FP("v1.8.6"), WIPY_E_IMAGE_NO_MD5,
		"mcuimg.bin"},
	{"too large", -1, 196612, FP("v1.8.6"), WIPY_E_IMAGE_TOO_BIG,
		"it has 196612 bytes, a wipy board takes 196608"},
	{"larger than anything", -1, CATALOGUE_IMAGE_MAX + 4, FP("v1.8.6"),
		WIPY_E_IMAGE_TOO_BIG, "196608"},
	{"no version", -1, IMAGE_LEN, "no tag here", WIPY_E_IMAGE_NO_VERSION,
		"version"},
	{"another board's", -1, IMAGE_LEN, "v1.8.6 on 2016-11-18; X with ESP8266",
		WIPY_E_IMAGE_FAMILY, "another family"},
};

static void test_bad_images(void)
{
	uint8_t *image;
	struct added added;
	int before = count_files("images");

	for (size_t i = 0; i < sizeof(bad_images) / sizeof(bad_images[0]); i++) {
		size_t made =
			bad_images[i].len > IMAGE_LEN ? bad_images[i].len : IMAGE_LEN;

		image = make_image(bad_images[i].fingerprint, 0, made);
		if (bad_images[i].at >= 0)
			image[bad_images[i].at] ^= 0x40;
		added = add_bytes(image, bad_images[i].len);
		EQ_INT(added.status, bad_images[i].status, bad_images[i].name);
		if (!OK(strstr(added.error.text, bad_images[i].words),
			    bad_images[i].name))
			printf("# %s\n", added.error.text);
	}

	added = add_bytes((uint8_t *)strdup("\x7f"
					    "ELF, says the file, and more of it "
					    "behind that, until it is long enough"),
		70);
	EQ_INT(added.status, WIPY_E_IMAGE_KIND, "an ELF file");
	OK(strstr(added.error.text, "ELF file"), "is called one");

	image = make_image(FP("v1.8.6"), 0, IMAGE_LEN);
	put_u32(image, 0x10000000);
	put_trailer(image, IMAGE_LEN);
	added = add_bytes(image, IMAGE_LEN);
	EQ_INT(added.status, WIPY_E_IMAGE_VECTORS, "stack pointer outside the memory");
	OK(strstr(added.error.text, "0x10000000"), "which is shown");
	EQ_INT(count_files("images"), before, "none of them was stored");
}

/* ---- releases --------------------------------------------------------------------- */

struct made {
	int status;
	const struct release *release;
	char warning[320];
	struct errtext error;
};

static void on_release(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	struct made *made = arg;

	made->status = status;
	made->release = release;
	made->error = *error;
	snprintf(made->warning, sizeof(made->warning), "%s", warning);
}

static void offer_release(const char *name, const char *const *sha256, size_t count,
	catalogue_release_fn done, void *arg)
{
	struct catalogue_offer offer = {
		.name = name, .sha256 = sha256, .count = count, .now_s = 1700000000};

	catalogue_add_release(catalogue, &offer, done, arg);
}

static struct made add_release(const char *name, const char *sha256)
{
	struct made made = {.status = 1};

	offer_release(name, &sha256, 1, on_release, &made);
	run();
	return made;
}

static struct made make_release(
	const char *name, const char *fingerprint, uint8_t filler)
{
	struct added added = add_image(fingerprint, filler);

	return add_release(name, added.sha256);
}

#define NAME_63 "n23456789012345678901234567890123456789012345678901234567890123"

static const struct {
	const char *name, *given;
	int status;
} names[] = {
	{"plain", "v1.8.6-lab_2", 0},
	{"of 63 characters", NAME_63, 0},
	{"of 64 characters", NAME_63 "4", -EINVAL},
	{"a dot at the front", ".hidden", -EINVAL},
	{"two dots", "..", -EINVAL},
	{"a slash", "a/b", -EINVAL},
	{"a blank", "a b", -EINVAL},
	{"an umlaut", "\xc3\xbc", -EINVAL},
	{"a line feed", "a\n", -EINVAL},
};

static void test_releases(void)
{
	const char *two[RELEASE_IMAGES_MAX + 1];
	struct added a = add_image(FP("v1.8.6"), 1), b = add_image(FP("v1.8.6"), 2);
	struct made made = add_release("", a.sha256), again;
	const struct release *first;

	EQ_INT(made.status, 0, "named by its tag");
	EQ_STR(made.release->name, "v1.8.6", "its name");
	EQ_STR(made.warning, "", "no warning");
	EQ_INT(made.release->image_count, 1, "its images");
	EQ_STR(made.release->image[0].sha256, a.sha256, "the image");
	EQ_INT(made.release->image[0].size, IMAGE_LEN, "its size");
	EQ_INT(made.release->image[0].family, WIPY_FAMILY_WIPY, "its family");
	EQ_INT(made.release->added_s, 1700000000, "when it was added");
	first = made.release;

	again = add_release("v1.8.6", a.sha256);
	OK(again.status == 0 && again.release == first, "the same once more");
	again = add_release("v1.8.6", b.sha256);
	EQ_INT(again.status, -EEXIST, "the name with another image");
	OK(!again.release && strstr(again.error.text, "v1.8.6"), "says so");
	again = add_release("v1.8.6-b", b.sha256);
	EQ_INT(again.status, 0, "other bytes with the same fingerprint");
	OK(strstr(again.warning, "release v1.8.6 holds other bytes"), "warn");

	for (size_t i = 0; i <= RELEASE_IMAGES_MAX; i++)
		two[i] = i % 2 ? b.sha256 : a.sha256;
	offer_release("x", two, 2, on_release, &made);
	run();
	EQ_INT(made.status, -EINVAL, "two images of one family");
	OK(strstr(made.error.text, "wipy boards"), "names the family");
	offer_release("x", two, 0, on_release, &made);
	run();
	EQ_INT(made.status, -EINVAL, "no image");
	offer_release("x", two, RELEASE_IMAGES_MAX + 1, on_release, &made);
	run();
	EQ_INT(made.status, -EINVAL, "one image too many");
	made = add_release("x",
		"0000000000000000000000000000000000000000000000000000000000000000");
	EQ_INT(made.status, -ENOENT, "an image that is not stored");
	OK(strstr(made.error.text, "add its file first"), "says what to do");
	made = add_release("x", "../../../etc/passwd");
	EQ_INT(made.status, -EINVAL, "no SHA-256");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EQ_INT(add_release(names[i].given, a.sha256).status, names[i].status,
			names[i].name);
	EQ_INT(catalogue_count(catalogue), 4, "all that were taken");
	OK(catalogue_at(catalogue, 0) == first, "the first is where it was");
	EQ_INT(count_files("releases"), 4, "a file each");
}

static const struct {
	const char *asked;
	int status;
	const char *found; /* or words of the sentence */
} finds[] = {
	{"v1.8.6", 0, "v1.8.6"},
	{"v1.8.7", 0, "spring"},
	{"v1.8.7-219-g0c821f7-dirty", 0, "spring"},
	{"spring", 0, "spring"},
	{"v1.9", -ENOTUNIQ, "fits 2 releases, name one of them: nine-b, nine-a"},
	{"v1.8", -ENOENT,
		"there is no release 'v1.8'; there are: nine-b, nine-a, spring"},
	{"spr", -ENOENT, "and 1 more"},
	{"", -ENOENT, "there is no release ''"},
	{"V1.8.6", -ENOENT, "no release"},
};

static void check_finds(const char *when)
{
	const struct release *release;
	struct errtext error;

	for (size_t i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		int r;

		release = NULL;
		error.text[0] = '\0';
		r = catalogue_find(catalogue, finds[i].asked, &release, &error);
		EQ_INT(r, finds[i].status, finds[i].asked);
		if (!OK(r < 0 ? !release && strstr(error.text, finds[i].found)
			      : release && strcmp(release->name, finds[i].found) == 0,
			    when))
			printf("# %s\n", error.text);
	}
}

static void test_find(void)
{
	struct errtext error = {""};
	const struct release *release = NULL;

	EQ_INT(catalogue_find(catalogue, "v1", &release, &error), -ENOENT, "empty");
	OK(strstr(error.text, "wipyctl release add"), "says what to do");
	(void)make_release("oldest", FP("v1.7"), 1);
	(void)make_release("v1.8.6-63", FP("v1.8.6-63-gc28fed6"), 1);
	(void)make_release("v1.8.6", FP("v1.8.6"), 1);
	(void)make_release("spring", FP("v1.8.7-219-g0c821f7-dirty"), 1);
	(void)make_release("nine-a", FP("v1.9"), 1);
	(void)make_release("nine-b", FP("v1.9-3-g0123456"), 1);
	check_finds("find");
}

static void test_reopen(void)
{
	static const struct {
		const char *name, *text;
	} damaged[] = {
		{"empty", ""},
		{"cut", "{\"version\": 1, \"name\": \"cut\", \"add"},
		{"list", "[]"},
		{"later", "{\"version\": 2, \"name\": \"later\", \"added_s\": 1, "
			  "\"images\": []}"},
		{"none", "{\"version\": 1, \"name\": \"none\", \"added_s\": 1, "
			 "\"images\": []}"},
		{"other", "{\"version\": 1, \"name\": \"../x\", \"added_s\": 1, "
			  "\"images\": [1]}"},
		{"typed", "{\"version\": 1, \"name\": 7, \"added_s\": 1, \"images\": "
			  "[1]}"},
		{"image", "{\"version\": 1, \"name\": \"image\", \"added_s\": 1, "
			  "\"images\": [{}]}"},
		{"twice", "{\"version\": 1, \"version\": 1}"},
	};
	struct added image = add_image(FP("v2.0-dirty"), 3);
	struct release before;
	struct made made = add_release("kept", image.sha256);
	char text[2000];
	FILE *file;
	size_t len;

	EQ_INT(made.status, 0, "kept");
	before = *made.release;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		put_text(in_dir("releases", damaged[i].name, ".json"), damaged[i].text);
	file = fopen(in_dir("releases", "kept", ".json"), "r");
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	put_text(in_dir("releases", "renamed", ".json"), text);
	put_text(in_dir("releases", "kept.json", ".00000000.tmp"), "half");
	put_text(in_dir("images", "half", ".tmp"), "half");
	put_text(in_dir("images", "README", ""), "not ours");
	if (mkdir(in_dir("releases", "folder", ".json"), 0700) < 0)
		abort();
	reopen();
	EQ_INT(catalogue_count(catalogue), 1, "damaged files are skipped");
	OK(memcmp(catalogue_at(catalogue, 0), &before, sizeof(before)) == 0 &&
			before.image[0].warnings != 0,
		"the other is as it was");
	OK(access(in_dir("releases", "kept.json", ".00000000.tmp"), F_OK) < 0 &&
			access(in_dir("images", "half", ".tmp"), F_OK) < 0,
		"leftovers are removed");
	EQ_INT(access(in_dir("images", "README", ""), F_OK), 0, "and nothing else");
	EQ_INT(add_release("cut", image.sha256).status, 0,
		"a damaged one is made anew");
	reopen();
	EQ_INT(catalogue_count(catalogue), 2, "and is there");
	rmdir(in_dir("releases", "folder", ".json"));
}

static void test_open_faults(void)
{
	struct catalogue *other = NULL;
	struct errtext error = {""};
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/no/catalogue", top);
	EQ_INT(catalogue_open(&loop, path, &nobody, &other, &error), -ENOENT,
		"no folder above");
	OK(!other && strstr(error.text, path) && strstr(error.text, "create it"),
		"says what to do");
	snprintf(path, sizeof(path), "%s/file", top);
	put_text(path, "");
	EQ_INT(catalogue_open(&loop, path, &nobody, &other, &error), -ENOTDIR,
		"a file");
	OK(strstr(error.text, path), "is named");
	unlink(path);
}

/* ---- at once ---------------------------------------------------------------------- */

#define MANY 20

static void test_at_once(void)
{
	static struct added added[MANY];
	static struct made made[MANY];
	struct added other;
	const char *sha256;
	int good = 0;

	memset(added, 0, sizeof(added));
	for (int i = 0; i < MANY; i++)
		catalogue_add_image(catalogue, make_image(FP("v3.0"), 1, IMAGE_LEN),
			IMAGE_LEN, on_image, &added[i]);
	OK(added[0].calls == 0, "never called from within the call");
	run();
	for (int i = 0; i < MANY; i++)
		good += added[i].status == 0 && added[i].calls == 1;
	EQ_INT(good, MANY, "one image, many times at once");
	EQ_INT(count_files("images"), 1, "one file");

	sha256 = added[0].sha256;
	for (int i = 0; i < MANY; i++)
		offer_release("same", &sha256, 1, on_release, &made[i]);
	run();
	good = 0;
	for (int i = 0; i < MANY; i++)
		good += made[i].status == 0 && made[i].release == made[0].release;
	EQ_INT(good, MANY, "one release, many times at once");
	EQ_INT(catalogue_count(catalogue), 1, "one release");

	other = add_image(FP("v3.0"), 2);
	for (int i = 0; i < 2; i++) {
		sha256 = i ? other.sha256 : added[0].sha256;
		offer_release("race", &sha256, 1, on_release, &made[i]);
	}
	run();
	OK(made[0].status == 0 && made[1].status == -EEXIST,
		"two of one name: the first wins");
	for (int i = 0; i < 2; i++) {
		sha256 = i ? other.sha256 : added[0].sha256;
		offer_release(i ? "w2" : "w1", &sha256, 1, on_release, &made[i]);
	}
	run();
	OK(made[0].status == 0 && made[1].status == 0 && *made[1].warning,
		"two twins: the second warns");
}

static void add_another(void *arg, int status, const struct release *release,
	const char *warning, const struct errtext *error)
{
	const char *sha256 = release ? release->image[0].sha256 : "";

	(void)status;
	(void)warning;
	(void)error;
	offer_release("second", &sha256, 1, on_release, arg);
}

static void test_from_a_callback(void)
{
	struct added image = add_image(FP("v3.0"), 1);
	const char *sha256 = image.sha256;
	struct made made = {.status = 1};

	offer_release("first", &sha256, 1, add_another, &made);
	run();
	OK(made.status == 0 && catalogue_count(catalogue) == 2,
		"a release added from the callback of another");
}

/* ---- the bytes -------------------------------------------------------------------- */

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

/* ---- all of it -------------------------------------------------------------------- */

static void in_fresh_folder(void (*test)(void))
{
	snprintf(dir, sizeof(dir), "%s/catalogue", top);
	must_open();
	test();
	catalogue = catalogue_free(catalogue);
	remove_all("images");
	remove_all("releases");
	rmdir(dir);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");

	log_init(LOG_LEVEL_ERROR, false);
	snprintf(top, sizeof(top), "%.150s/wipy-catalogue-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(top) || uv_loop_init(&loop) < 0)
		abort();
	in_fresh_folder(test_images);
	in_fresh_folder(test_bad_images);
	in_fresh_folder(test_releases);
	in_fresh_folder(test_find);
	in_fresh_folder(test_reopen);
	in_fresh_folder(test_open_faults);
	in_fresh_folder(test_at_once);
	in_fresh_folder(test_from_a_callback);
	in_fresh_folder(test_bytes);
	in_fresh_folder(test_disk_faults);
	EQ_INT(uv_loop_close(&loop), 0, "no handle is left");
	EQ_INT(rmdir(top), 0, "no file is left");
	return tap_done();
}
