/* SPDX-License-Identifier: MIT
 *
 * Each call reads the record, changes one thing in it and writes it back.
 */
#include "firmware/core/boot_trial.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"
#include "firmware/core/board.h"

enum window { WINDOW_LATEST = 1, WINDOW_PREVIOUS = 2, WINDOW_FACTORY = 3 };

static bool has_trial(const struct wipy_board *board)
{
	return board->personality->boot == WIPY_BOOT_TRIAL;
}

int boot_trial_confirm(struct wipy_board *board)
{
	struct boot_record record;
	int err;

	if (!has_trial(board))
		return -ENOSYS;
	err = boot_record_read(board->hal, &record);
	if (err < 0)
		return err;
	/* a record that speaks of another image is none of this one's business */
	if (record.status != BOOT_TRIAL ||
		boot_record_slot(record.active) != board->running)
		return 0;
	record.status = BOOT_READY;
	return boot_record_write(board->hal, &record);
}

int boot_trial_confirm_text(struct wipy_board *board, const char *text, size_t len)
{
	char running[WIPY_FINGERPRINT_MAX];

	if (!has_trial(board))
		return -ENOSYS;
	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == '\n'))
		len--;
	wipy_fingerprint_format(&board->fingerprint, running);
	if (len != strlen(running) || memcmp(text, running, len) != 0)
		return -EINVAL;
	return boot_trial_confirm(board);
}

int boot_trial_safeboot(struct wipy_board *board, int window, bool safe)
{
	struct boot_record record;
	enum boot_slot slot = BOOT_FACTORY;
	int err;

	if (!has_trial(board))
		return -ENOSYS;
	if (window < WINDOW_LATEST || window > WINDOW_FACTORY)
		return -EINVAL;
	err = boot_record_read(board->hal, &record);
	if (err < 0)
		return err;
	if (window != WINDOW_FACTORY)
		slot = boot_record_slot(
			window == WINDOW_LATEST ? record.active : record.previous);
	if (slot_state(board->hal, boot_record_area(slot), NULL) != SLOT_WHOLE)
		return -ENOENT;
	record.extra = (uint8_t)((slot + 1) | (safe ? 0 : BOOT_WISH_PLAIN));
	return boot_record_write(board->hal, &record);
}

/* ---- what the slots hold --------------------------------------------------------- */

/* The next piece of this slot's image: first its check, then its name. */
static enum boot_verdict look_into(struct wipy_board *board, enum boot_slot slot)
{
	struct boot_survey *survey = &board->survey;
	struct slot_check *check = &board->boot.check;
	enum hal_area area = boot_record_area(slot);
	struct wipy_fingerprint fp;
	int err;

	if (!survey->checking) {
		survey->checking = slot_check_start(
			check, board->hal, area, board->personality->proof);
		survey->checked = false;
		return survey->checking ? BOOT_UNKNOWN : BOOT_BAD;
	}
	err = survey->checked
		      ? slot_search(board->hal, area, &survey->name_at[slot], &fp)
		      : slot_check_step(check, board->hal);
	if (err == -EAGAIN)
		return BOOT_UNKNOWN;
	if (err == 0 && !survey->checked) {
		survey->checked = true;
		return BOOT_UNKNOWN;
	}
	survey->checking = false;
	return err == 0 ? BOOT_NAMED : BOOT_BAD;
}

int boot_trial_survey(struct wipy_board *board)
{
	struct boot_survey *survey = &board->survey;

	if (!has_trial(board))
		return -ENOSYS;
	if (!survey->begun || survey->uploads != board->stats.stors)
		*survey = (struct boot_survey){
			.begun = true, .uploads = board->stats.stors};
	for (int i = 0; i < BOOT_SLOT_COUNT; i++) {
		enum boot_slot slot = (enum boot_slot)i;

		/* an upload that goes on has nothing to show yet */
		if (survey->verdicts[i] != BOOT_UNKNOWN ||
			slot_state(board->hal, boot_record_area(slot), NULL) !=
				SLOT_WHOLE)
			continue;
		survey->verdicts[i] = look_into(board, slot);
		return -EAGAIN;
	}
	return 0;
}

void boot_trial_survey_end(struct wipy_board *board)
{
	board->survey.begun = false;
}

static void name_image(
	struct wipy_board *board, int slot, char ret_text[WIPY_FINGERPRINT_MAX])
{
	static const char bad[] = "bad";
	enum hal_area area = boot_record_area((enum boot_slot)slot);
	struct boot_survey *survey = &board->survey;
	struct wipy_fingerprint fp;

	if (survey->verdicts[slot] == BOOT_NAMED &&
		slot_search(board->hal, area, &survey->name_at[slot], &fp) == 0)
		wipy_fingerprint_format(&fp, ret_text);
	else
		memcpy(ret_text, bad, sizeof(bad));
}

int boot_trial_slots(struct wipy_board *board, int slot, char *buf, size_t cap)
{
	static const char *const states[] = {[SLOT_ABSENT] = "empty",
		[SLOT_TORN] = "torn",
		[SLOT_UNREADABLE] = "bad"};
	char text[WIPY_FINGERPRINT_MAX];
	enum slot_state state;
	size_t len;

	if (!has_trial(board))
		return -ENOSYS;
	if (slot < 0 || slot >= BOOT_SLOT_COUNT)
		return -EINVAL;
	state = slot_state(board->hal, boot_record_area((enum boot_slot)slot), NULL);
	if (state == SLOT_WHOLE)
		name_image(board, slot, text);
	else
		wipy_text_copy(
			text, sizeof(text), states[state], strlen(states[state]));
	len = strlen(text);
	return wipy_text_copy(buf, cap, text, len) ? (int)len : -ENOSPC;
}
