/* SPDX-License-Identifier: MIT
 *
 * The handlers behind the table of commands. Each prints its result, or the failure, and
 * returns the exit code.
 */
#ifndef WIPY_CLI_CMD_H
#define WIPY_CLI_CMD_H

struct cli;

int cmd_board(struct cli *cli);
int cmd_boards(struct cli *cli);
int cmd_boards_accept(struct cli *cli);
int cmd_boards_sets(struct cli *cli);
int cmd_complete(struct cli *cli);
int cmd_completion(struct cli *cli);
int cmd_doctor(struct cli *cli);
int cmd_events(struct cli *cli);
int cmd_events_export(struct cli *cli);
int cmd_events_prune(struct cli *cli);
int cmd_events_verify(struct cli *cli);
int cmd_explain(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_image_info(struct cli *cli);
int cmd_inventory_check(struct cli *cli);
int cmd_inventory_diff(struct cli *cli);
int cmd_inventory_reload(struct cli *cli);
int cmd_inventory_scan(struct cli *cli);
int cmd_known_bad_add(struct cli *cli);
int cmd_known_bad_clear(struct cli *cli);
int cmd_known_bad_list(struct cli *cli);
int cmd_plan(struct cli *cli);
int cmd_poll(struct cli *cli);
int cmd_release_add(struct cli *cli);
int cmd_release_cancel(struct cli *cli);
int cmd_release_channels(struct cli *cli);
int cmd_release_gc(struct cli *cli);
int cmd_release_list(struct cli *cli);
int cmd_release_manifest(struct cli *cli);
int cmd_release_retire(struct cli *cli);
int cmd_release_show(struct cli *cli);
int cmd_release_verify(struct cli *cli);
int cmd_report(struct cli *cli);
int cmd_rescue_card(struct cli *cli);
int cmd_rescue_close(struct cli *cli);
int cmd_rescue_run(struct cli *cli);
int cmd_rescue_wire(struct cli *cli);
int cmd_rescue_list(struct cli *cli);
int cmd_rollout_abort(struct cli *cli);
int cmd_rollout_approve(struct cli *cli);
int cmd_rollout_undo(struct cli *cli);
int cmd_rollout_history(struct cli *cli);
int cmd_rollout_pause(struct cli *cli);
int cmd_rollout_resume(struct cli *cli);
int cmd_rollout_start(struct cli *cli);
int cmd_rollout_status(struct cli *cli);
int cmd_rollout_watch(struct cli *cli);
int cmd_status(struct cli *cli);
int cmd_token(struct cli *cli);
int cmd_why(struct cli *cli);

#endif
