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

/* Fills info->esp. For a file that was classified as one of these. */
void wipy_image_esp_read(const uint8_t *data, size_t len, struct wipy_image_info *info);

/* 0, or what is wrong with the file's structure and its proofs. */
int wipy_image_esp_judge(const struct wipy_image_info *info);

#endif
