/* SPDX-License-Identifier: MIT
 *
 * The API: which types of boards would refuse an image, and which others look like it,
 * before it is added. The bytes stay with who asks: their facts are enough.
 */
#include "config.h"

#include <string.h>

#include "daemon/api_json.h"
#include "daemon/api_private.h"
#include "daemon/core/reason.h"

/* NULL, or what is wrong with it. */
static const char *read_image(const json_t *body, struct release_image *ret_image)
{
	const char *sha256 = api_text(body, "sha256");
	const char *fingerprint = api_text(body, "fingerprint");
	const json_t *entry = json_object_get(body, "entry_point");
	json_int_t size = json_integer_value(json_object_get(body, "size"));

	ret_image->family = wipy_family_by_name(api_text(body, "family"));
	if (ret_image->family == WIPY_FAMILY_UNKNOWN)
		return "family must be wipy, pycom, esp32 or esp8266";
	if (strlen(sha256) != SHA256_HEX_MAX - 1 ||
		strspn(sha256, "0123456789abcdef") != SHA256_HEX_MAX - 1)
		return "sha256 must be 64 lower-case hex digits";
	memcpy(ret_image->sha256, sha256, SHA256_HEX_MAX);
	if (wipy_fingerprint_parse_banner(
		    fingerprint, strlen(fingerprint), &ret_image->fingerprint) < 0)
		return "fingerprint must be 'TAG on YYYY-MM-DD; BOARD with MCU'";
	if (!entry || json_integer_value(entry) > UINT32_MAX)
		return "entry_point must be an address of 32 bits";
	if (size == 0)
		return "size must be the bytes of the file";
	ret_image->size = size;
	ret_image->entry_point = (uint32_t)json_integer_value(entry);
	if (json_is_true(json_object_get(body, "one_way")))
		ret_image->warnings |= WIPY_IMAGE_WARN_ONE_WAY;
	return NULL;
}

static json_t *json_board_type(
	const struct engine_board *board, const struct release_image *image)
{
	enum reason reason = engine_type_forbids(board, image);
	bool fits = reason == REASON_NONE;

	return json_pack("{s:s, s:i, s:o, s:o}", "type", engine_board_type(board),
		"boards", 0, "code",
		fits ? json_null() : json_string(reason_code(reason)), "why",
		fits ? json_null() : json_string(reason_what(reason)));
}

/* The types of the image's family, as their first board comes. */
static json_t *json_types(
	const struct engine *engine, const struct release_image *image)
{
	json_t *by_name = json_object(), *list = json_array(), *entry;

	for (size_t i = 0; i < engine_board_count(engine); i++) {
		const struct engine_board *board = engine_board_at(engine, i);
		const char *name = board->spec->type;
		json_t *count;

		if (board->spec->family != image->family)
			continue;
		entry = json_object_get(by_name, name);
		if (!entry) {
			entry = json_board_type(board, image);
			json_object_set_new(by_name, name, entry);
			json_array_append(list, entry);
		}
		count = json_object_get(entry, "boards");
		json_integer_set(count, json_integer_value(count) + 1);
	}
	json_decref(by_name);
	return list;
}

/* Other bytes that a board would show as the same. */
static json_t *json_alike(
	const struct catalogue *catalogue, const struct release_image *image)
{
	json_t *list = json_array();

	for (size_t i = 0; i < catalogue_count(catalogue); i++) {
		const struct release *release = catalogue_at(catalogue, i);

		for (size_t k = 0; k < release->image_count; k++) {
			const struct release_image *other = &release->image[k];

			if (other->family == image->family &&
				wipy_fingerprint_equal(
					&other->fingerprint, &image->fingerprint) &&
				strcmp(other->sha256, image->sha256) != 0)
				json_array_append_new(
					list, json_pack("{s:s, s:s}", "release",
						      release->name, "sha256",
						      other->sha256));
		}
	}
	return list;
}

void api_post_fit(struct api *api, struct http_request *request, const char *name)
{
	static const struct api_field fields[] = {{"family", API_TEXT},
		{"fingerprint", API_TEXT}, {"sha256", API_TEXT}, {"size", API_COUNT},
		{"entry_point", API_COUNT}, {"one_way", API_BOOL}};
	json_t *body = api_body(request, fields, sizeof(fields) / sizeof(fields[0]));
	struct release_image image = {0};
	const char *wrong;

	(void)name;
	if (!body)
		return;
	wrong = read_image(body, &image);
	json_decref(body);
	if (wrong)
		api_problem(request, 400, "usage", "", "%s", wrong);
	else
		api_answer(request, 200,
			json_pack("{s:o, s:o}", "types",
				json_types(api->engine, &image), "same_fingerprint",
				json_alike(engine_catalogue(api->engine), &image)));
}
