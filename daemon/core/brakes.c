/* SPDX-License-Identifier: MIT
 *
 * Brakes.
 */
#include "daemon/core/brakes.h"

#include "common/text.h"

static bool trips(const struct brake_budget *budget, int count, int attempted)
{
	int64_t allowed = attempted * budget->value / 100;

	if (!budget->percent)
		return count >= budget->value;
	if (allowed < BRAKE_SAMPLE_GUARD)
		allowed = BRAKE_SAMPLE_GUARD;
	return count > allowed;
}

enum reason brakes_check(
	const struct brake_limits *limits, const struct brake_counts *counts)
{
	if (trips(&limits->lost, counts->lost, counts->attempted))
		return REASON_BRAKE_LOST;
	if (counts->canary_hurt > 0)
		return REASON_BRAKE_CANARY;
	if (trips(&limits->fell_back, counts->fell_back, counts->attempted))
		return REASON_BRAKE_FELL_BACK;
	if (trips(&limits->failed, counts->failed, counts->attempted))
		return REASON_BRAKE_FAILED;
	if (trips(&limits->probe, counts->probe, counts->attempted))
		return REASON_BRAKE_PROBE;
	return REASON_NONE;
}

static void say(const struct brake_counts *counts, int count, const char *what,
	const struct brake_budget *budget, char *ret_text)
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, BRAKES_TEXT_MAX);
	wipy_text_int(&text, count);
	wipy_text_str(&text, " of ");
	wipy_text_int(&text, counts->attempted);
	wipy_text_str(&text, " attempted ");
	wipy_text_str(&text, what);
	wipy_text_str(&text, ", budget ");
	wipy_text_int(&text, budget->value);
	wipy_text_str(&text, budget->percent      ? " %"
			     : budget->value == 1 ? " board"
						  : " boards");
}

void brakes_say(const struct brake_limits *limits, const struct brake_counts *counts,
	enum reason brake, char ret_text[BRAKES_TEXT_MAX])
{
	static const struct brake_budget none = {1, false};

	ret_text[0] = '\0';
	if (brake == REASON_BRAKE_LOST)
		say(counts, counts->lost, counts->lost == 1 ? "is lost" : "are lost",
			&limits->lost, ret_text);
	if (brake == REASON_BRAKE_CANARY)
		say(counts, counts->canary_hurt,
			"fell back or failed in the first wave", &none, ret_text);
	if (brake == REASON_BRAKE_FELL_BACK)
		say(counts, counts->fell_back, "fell back", &limits->fell_back,
			ret_text);
	if (brake == REASON_BRAKE_FAILED)
		say(counts, counts->failed, "failed", &limits->failed, ret_text);
	if (brake == REASON_BRAKE_PROBE)
		say(counts, counts->probe, "failed their probes", &limits->probe,
			ret_text);
}
