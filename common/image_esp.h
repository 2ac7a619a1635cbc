/* SPDX-License-Identifier: MIT
 *
 * What an image of the ESP families says about itself (WIRE.md 5.3, 5.4). Private to
 * the inspection.
 */
#ifndef WIPY_COMMON_IMAGE_ESP_H
#define WIPY_COMMON_IMAGE_ESP_H

#include "common/image.h"

/* Family and kind by the first bytes and the texts; false: no image of these. */
bool wipy_image_esp_classify(const uint8_t *data, size_t len,
	enum wipy_family *ret_family, const char **ret_kind);

/* Fills info->esp. For a file that was classified as one of these; its MD5 trailer is left
 * to the caller. */
void wipy_image_esp_read(const uint8_t *data, size_t len, struct wipy_image_info *info);

/* Mode, size or frequency of the flash are none that is known. */
bool wipy_image_esp_is_odd(const struct wipy_image_esp *facts);

/* How far from the start the proofs within the image speak for it; 0: its end could not be
 * found. */
size_t wipy_image_esp_proven(const struct wipy_image_esp *facts);

/* 0, or what is wrong with the file's structure and its proofs. `data` is the whole file. */
int wipy_image_esp_judge(const uint8_t *data, const struct wipy_image_info *info);

#endif
