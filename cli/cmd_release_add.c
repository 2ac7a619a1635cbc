/* SPDX-License-Identifier: MIT
 *
 * `wipyctl release add`. Images are checked here before the first byte is uploaded, so that
 * a bad one among several leaves nothing behind. What a file is, is told by its name: a
 * manifest, signatures, else an image.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/cmd_release.h"
#include "cli/file.h"
#include "cli/image_file.h"
#include "cli/shape.h"

#define UPLOAD_TIMEOUT_S 60
#define FILES_MAX        32
#define TEXT_MAX         65536 /* bytes of a manifest, or of all signatures */

static const char signature_suffix[] = ".minisig";

struct text_file {
	char *text; /* owned; NULL: none */
	size_t len;
};

/* What is to become a release. */
struct offer {
	struct image_file image[FILES_MAX];
	size_t images;
	const char *manifest_path; /* NULL: no manifest */
	struct text_file manifest, signatures;
};

static bool ends_in(const char *path, const char *suffix)
{
	size_t len = strlen(path), suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(path + len - suffix_len, suffix) == 0;
}

/* ---- the files -------------------------------------------------------------------- */

static int release_check(struct cli *cli, const struct image_file *file)
{
	struct errtext why;

	if (wipy_image_may_be_kept(&file->info))
		return 0;
	image_file_explain(file, &why);
	return cli_fail(cli, EXIT_CODE_REFUSED,
		"nothing was uploaded; see: wipyctl image info", "%s: %s", file->path,
		why.text);
}

static int load_image(struct cli *cli, const char *path, struct offer *offer)
{
	struct image_file *file = &offer->image[offer->images];
	int code = image_file_load(cli, path, file);

	if (code == 0)
		offer->images++;
	return code == 0 ? release_check(cli, file) : code;
}

/* Appends the file to the text. */
static int load_text(struct cli *cli, const char *path, struct text_file *file)
{
	uint8_t *data;
	size_t len;
	int err = file_read(path, TEXT_MAX - file->len, &data, &len);

	if (err == -EFBIG)
		return cli_fail(cli, EXIT_CODE_REFUSED, NULL,
			"%s is longer than 64 KiB: that is no manifest and no "
			"signature",
			path);
	if (err < 0)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL, "cannot read %s: %s", path,
			wipy_strerror(err));
	file->text = realloc(file->text, file->len + len + 1);
	if (!file->text)
		abort();
	memcpy(file->text + file->len, data, len);
	file->len += len;
	file->text[file->len] = '\0';
	free(data);
	return 0;
}

static int load_word(struct cli *cli, const char *path, struct offer *offer)
{
	if (ends_in(path, signature_suffix))
		return load_text(cli, path, &offer->signatures);
	if (!ends_in(path, ".yaml") && !ends_in(path, ".yml"))
		return load_image(cli, path, offer);
	if (offer->manifest_path)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"%s and %s are two manifests: a release has one",
			offer->manifest_path, path);
	offer->manifest_path = path;
	return load_text(cli, path, &offer->manifest);
}

/* The signatures beside the manifest, where none were named. */
static int load_beside(struct cli *cli, struct offer *offer)
{
	char *path;
	int code = 0;

	if (!offer->manifest_path || offer->signatures.text)
		return 0;
	if (asprintf(&path, "%s%s", offer->manifest_path, signature_suffix) < 0)
		abort();
	if (access(path, F_OK) == 0)
		code = load_text(cli, path, &offer->signatures);
	free(path);
	return code;
}

static int check_offer(struct cli *cli, const struct offer *offer)
{
	if (offer->manifest_path && args_option(cli->args, "name"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--name and a manifest: the manifest names its release");
	if (!offer->manifest_path && offer->signatures.text)
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"there are signatures and no manifest (a .yaml file) that they "
			"are of");
	if (!offer->manifest_path && args_option(cli->args, "allow-downgrade"))
		return cli_fail(cli, EXIT_CODE_USAGE, NULL,
			"--allow-downgrade is for manifests: other releases have no "
			"serial");
	return 0;
}

static int load_offer(struct cli *cli, struct offer *offer)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < cli->args->count; i++)
		code = load_word(cli, cli->args->words[i], offer);
	if (code == 0)
		code = load_beside(cli, offer);
	return code == 0 ? check_offer(cli, offer) : code;
}

/* ---- to the daemon ---------------------------------------------------------------- */

/* Uploads one image and appends its SHA-256 to the list. */
static int release_upload(struct cli *cli, const struct image_file *file, json_t *sums)
{
	struct failure failure, named;
	json_t *answer;
	const char *sum;
	int code = 0;

	if (client_call(cli->client,
		    &(struct client_request){.method = "POST",
			    .path = "/v1/images",
			    .content_type = "application/octet-stream",
			    .body = file->data,
			    .body_len = file->len,
			    .timeout_s = UPLOAD_TIMEOUT_S},
		    &answer, &failure) < 0) {
		(void)failure_set(&named, failure.exit_code, failure.hint, "%s: %s",
			file->path, failure.text);
		failure_done(&failure);
		return cli_show(cli, &named);
	}
	sum = shape_text(answer, "sha256");
	if (sum[0] == '\0')
		code = cli_fail(cli, EXIT_CODE_INTERNAL, NULL,
			"the daemon at %s took %s, but did not name its SHA-256",
			cli->socket_path, file->path);
	else
		(void)json_array_append_new(sums, json_string(sum));
	json_decref(answer);
	return code;
}

/* The whole request; NULL after a failure was printed. */
static json_t *release_body(struct cli *cli, const struct offer *offer, json_t *sums)
{
	const char *name = args_option(cli->args, "name");
	const char *reason = args_option(cli->args, "allow-downgrade");
	const char *slash;
	json_t *body;

	if (!offer->manifest_path)
		return json_pack(
			"{s:s, s:O}", "name", name ? name : "", "images", sums);
	slash = strrchr(offer->manifest_path, '/');
	body = json_pack("{s:s%, s:s, s:s%}", "manifest", offer->manifest.text,
		offer->manifest.len, "manifest_name",
		slash ? slash + 1 : offer->manifest_path, "signatures",
		offer->signatures.text ? offer->signatures.text : "",
		offer->signatures.len);
	if (body && reason)
		(void)json_object_set_new(body, "allow_downgrade", json_string(reason));
	if (!body)
		(void)cli_fail(cli, EXIT_CODE_REFUSED, NULL,
			"%s: manifest and signatures are text in UTF-8, these are not",
			offer->manifest_path);
	return body;
}

static int release_make(struct cli *cli, const struct offer *offer, json_t *sums)
{
	json_t *body = release_body(cli, offer, sums), *answer;
	int code;

	if (!body)
		return EXIT_CODE_REFUSED;
	code = cli_post(cli, "/v1/releases", body, 0, &answer);
	return code == 0 ? release_show_added(cli, answer) : code;
}

static bool is_url(const char *word)
{
	return strncmp(word, "https://", 8) == 0 || strncmp(word, "http://", 7) == 0;
}

int cmd_release_add(struct cli *cli)
{
	struct offer offer = {.images = 0};
	json_t *sums;
	int code;

	if (is_url(cli->args->words[0]))
		return release_fetch(cli);
	sums = json_array();
	code = load_offer(cli, &offer);
	for (size_t i = 0; code == 0 && i < offer.images; i++)
		code = release_upload(cli, &offer.image[i], sums);
	if (code == 0)
		code = release_make(cli, &offer, sums);
	for (size_t i = 0; i < offer.images; i++)
		image_file_done(&offer.image[i]);
	free(offer.manifest.text);
	free(offer.signatures.text);
	json_decref(sums);
	return code;
}
