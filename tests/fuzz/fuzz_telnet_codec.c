/* SPDX-License-Identifier: MIT
 *
 * The telnet codec: byte by byte, in two halves and in place must all give what the
 * whole gives.
 */
#include <string.h>

#include "common/telnet_codec.h"
#include "tests/fuzz/fuzz.h"

struct run {
	struct telnet_codec codec;
	uint8_t *out;
	size_t len;
};

static void run_start(struct run *run, size_t size)
{
	telnet_codec_init(&run->codec);
	run->out = malloc(size > 0 ? size : 1);
	run->len = 0;
	FUZZ_CHECK(run->out != NULL);
}

static void run_feed(struct run *run, const uint8_t *data, size_t size)
{
	size_t got = telnet_codec_decode(&run->codec, data, size, run->out + run->len);

	FUZZ_CHECK(got <= size);
	run->len += got;
}

static void run_end_same(struct run *run, const struct run *whole)
{
	FUZZ_CHECK(run->codec.state == whole->codec.state);
	FUZZ_CHECK(run->codec.options == whole->codec.options);
	FUZZ_CHECK(run->len == whole->len);
	FUZZ_CHECK(memcmp(run->out, whole->out, whole->len) == 0);
	free(run->out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run whole, bytes, halves, in_place;

	run_start(&whole, size);
	run_feed(&whole, data, size);
	FUZZ_CHECK(whole.codec.options <= size / 3);

	run_start(&bytes, size);
	for (size_t i = 0; i < size; i++)
		run_feed(&bytes, data + i, 1);
	run_end_same(&bytes, &whole);

	run_start(&halves, size);
	run_feed(&halves, data, size / 2);
	run_feed(&halves, data + size / 2, size - size / 2);
	run_end_same(&halves, &whole);

	run_start(&in_place, size);
	memcpy(in_place.out, data, size);
	in_place.len =
		telnet_codec_decode(&in_place.codec, in_place.out, size, in_place.out);
	run_end_same(&in_place, &whole);
	free(whole.out);
	return 0;
}
