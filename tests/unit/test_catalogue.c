/* SPDX-License-Identifier: MIT
 *
 * The catalogue's images and releases, on a folder of its own.
 */
#include "config.h"

#include <sodium.h>
#include <sys/stat.h>

#include "tests/unit/catalogue_fixture.h"

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
	EQ_STR(made.warning,
		"nobody has signed this release: it was made of the files as they are",
		"says that it is unsigned");
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

/* What would be typed in a command. */
#define IMAGE_WITH_FLASH(name, mode)                                                   \
	"{\"version\": 2, \"name\": \"" name "\", \"added_s\": 1, \"images\": "        \
	"[{\"family\": \"esp8266\", \"sha256\": \"0123456789abcdef0123456789abcdef"    \
	"0123456789abcdef0123456789abcdef\", \"size\": 9, \"fingerprint\": "           \
	"\"MicroPython v1 on 2017-01-01; A with ESP8266\", \"warnings\": [], "         \
	"\"flash\": {\"mode\": \"" mode "\"}}]}"

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
		{"flash", IMAGE_WITH_FLASH("flash", "dio; reboot")},
		{"long", IMAGE_WITH_FLASH("long", "dioooooo")},
		{"option", IMAGE_WITH_FLASH("option", "-z")},
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
	EQ_STR(catalogue_damaged(catalogue, sizeof(damaged) / sizeof(damaged[0]) + 1)
			? "named"
			: "",
		"named",
		"each damaged one is named, the renamed one and the folder too");
	OK(!catalogue_damaged(catalogue, sizeof(damaged) / sizeof(damaged[0]) + 2),
		"and no more");
	made = add_release("cut", image.sha256);
	EQ_INT(made.status, 0, "a damaged one is made anew");
	OK(strstr(made.warning, "serial is forgotten") != NULL, "which it says");
	OK(!catalogue_damaged(catalogue, sizeof(damaged) / sizeof(damaged[0]) + 1),
		"it is damaged no more");
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
			IMAGE_LEN, NULL, on_image, &added[i]);
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

int main(void)
{
	begin();
	in_fresh_folder(test_images);
	in_fresh_folder(test_bad_images);
	in_fresh_folder(test_releases);
	in_fresh_folder(test_find);
	in_fresh_folder(test_reopen);
	in_fresh_folder(test_open_faults);
	in_fresh_folder(test_at_once);
	in_fresh_folder(test_from_a_callback);
	return end();
}
