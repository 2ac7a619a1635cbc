# SPDX-License-Identifier: MIT
"""What is played to the daemon (test_daemon_replay.py), what it has to make of it and
why, and the recordings that it can never meet. Every recording of the shared folder is in
here; W is WIRE.md there. Gaps are played as recorded, but for one: that of
telnet_idle_300s, in which nothing happens, is as long as the first look takes."""

from typing import NamedTuple


class Look(NamedTuple):
    """A poll with a login, and what wipyctl says then."""

    name: str
    talk: int  # which of its telnet connections; None: the port is closed
    status: str
    access: str
    tag: str
    why: str
    ftp: bool = True
    typed: bytes = b""  # what the client before typed there, and still runs
    freed: int = None  # closed at first, then this connection: "ok" at a second look


class Push(NamedTuple):
    """An update, its end, and what is left on the board."""

    name: str
    state: str
    code: str
    pushes: int  # uploads that the board saw
    conditions: list
    why: str
    first: object = 0  # the first of its uploads, by number or by its answer
    verb: bytes = b"STOR"  # or what the recorded client sent instead
    then: str = ""  # whose upload comes behind its own; "": its last one again
    ftp: int = 0  # which of its FTP connections
    lives: tuple = ()  # telnet at first and behind each reset: (recording, connection,
    #                    what still runs there); (): its own, else those of an update
    trouble: str = ""  # see PlayedBoard


LOST = ["dirty", "needs-hands"]
AFTER = ("update_complete", -1)  # the new image, behind a reset
OLD_AFTER = ("update_bad_md5", -1)

LOOKS = (
    Look("telnet_login_ok", 0, "ok", "login-ok", "v1.8.7", "W 1.3"),
    Look("telnet_login_ok_cr", 0, "ok", "login-ok", "v1.8.7", "W 1.4: a bare CR"),
    Look("telnet_password_after_200ms", 0, "ok", "login-ok", "v1.8.7", "W 1.3"),
    Look("telnet_banner_only", 0, "ok", "login-ok", "v1.8.7", "W 1.12.2"),
    Look("telnet_banner_poll_fast", 3, "ok", "login-ok", "v1.8.7", "W 1.12.2"),
    Look("telnet_wrong_password_3x", 0, "login-refused", "login-refused", "v1.8.7",
         "W 1.12.5: one try, the banner stands"),
    Look("telnet_wrong_then_right", 0, "login-refused", "login-refused", "v1.8.7",
         "W 1.12.5: one try, though a second would do"),
    Look("telnet_long_user_31", 0, "login-refused", "login-refused", "v1.8.7",
         "W 1.4: the longest name that is not refused for its length"),
    Look("telnet_raw_left_on", 1, "ok", "login-ok", "v1.8.7",
         "W 1.5: no prompt; one Ctrl-B leaves raw mode"),
    Look("telnet_login_halfline", 1, "ok", "login-ok", "v1.8.7",
         "W 1.5: the preset erases it"),
    Look("telnet_login_block_open", 1, "ok", "login-ok", "v1.8.7",
         "W 0.4 on 1.5: a SyntaxError in front of the prompt"),
    Look("telnet_login_paste_open", 1, "busy-program", "login-ok", "v1.8.7",
         "W 0.4 on 1.5: paste mode takes Ctrl-B as text, and a poll sends no Ctrl-C"),
    Look("telnet_login_while_running", 1, "busy-program", "login-ok", "v1.8.7",
         "W 7 #8, DESIGN.md 1.2: no poll interrupts a program"),
    Look("telnet_ctrl_c_loop", 0, "busy-program", "login-ok", "v1.8.7", "W 7 #8",
         typed=b"\r"),
    Look("telnet_ctrl_c_sleep", 0, "busy-program", "login-ok", "v1.8.7", "W 7 #8",
         typed=b"time.sleep(3)\r"),
    Look("telnet_ctrl_c_caught", 0, "busy-program", "login-ok", "v1.8.7", "W 7 #9",
         typed=b"f()\r"),
    Look("telnet_ring_full", 0, "busy-program", "login-ok", "v1.8.7", "W 7 #13",
         typed=b"\r"),
    Look("telnet_raw_interrupt", 0, "busy-program", "login-ok", "v1.8.7",
         "W 1.9: a program in raw mode; Ctrl-B waits in the queue",
         typed=b"while True:\n    pass\n\x04"),
    Look("telnet_idle_5s_output_does_not_count", 0, "busy-program", "login-ok", "v1.8.7",
         "W 7 #33: gone after 4 s, before the board cuts it", typed=b"\r"),
    Look("telnet_second_client", None, "telnet-busy", "busy", None, "W 1.2, 7 #1",
         freed=1),
    Look("telnet_ftp_while_busy", None, "telnet-busy", "busy", None, "W 1.2, 7 #1"),
    Look("telnet_idle_300s", None, "telnet-busy", "busy", None,
         "W 7 #1: a ghost; the board cuts it, and its telnet is back", freed=0),
    Look("telnet_server_deinit", None, "refused", "open", None, "W 7 #4", ftp=False),
    Look("telnet_python_uname", 0, "ok", "login-ok", "v1.8.6", "W 4.2"),
    Look("fault_silent", 0, "no-banner", "open", None, "DESIGN.md 1.2", ftp=False),
    Look("fault_wrong_banner", 0, "ok", "login-ok", "v1.4.6-9-g0badbad", "W 4.1"),
    Look("fault_refuse_login", 0, "login-refused", "login-refused", "v1.8.6", "W 7 #6"),
    Look("fault_stall_login", 0, "ok", "login-ok", "v1.8.6", "W 1.3"),
    Look("fault_eat_interrupt", 0, "busy-program", "login-ok", "v1.8.6", "W 7 #9"),
    Look("telnet_no_uname", 0, "ok", "login-ok", "v1.22.0", "W 7 #30"),
    Look("telnet_in_pieces", 0, "ok", "login-ok", "v1.8.6", "segments of any length"),
    Look("telnet_other_server", 0, "garbage", "open", None, "W 1.13"),
    Look("telnet_closes_early", 0, "telnet-busy", "busy", None, "DESIGN.md 1.2"),
    Look("telnet_half_banner", 0, "no-banner", "open", None, "DESIGN.md 1.2", ftp=False),
)
NO_UNAME = ("telnet_no_uname",)

PUSHES = (
    # ---- the upload
    Push("update_complete", "confirmed", "", 1, [], "W 8"),
    Push("update_gap_4s", "confirmed", "", 1, [], "W 2.7: below the 5 s"),
    Push("ftp_stor_half_close", "confirmed", "", 1, [],
         "W 2.11: our own way to end the data"),
    Push("update_stall", "confirmed", "", 2, [],
         "W 7 #16: 426, then a complete one before any reset"),
    Push("ftp_stor_stall", "failed", "push-not-repaired", 2, LOST,
         "W 7 #16: 426 each time; the board may be flipped and is not reset"),
    Push("update_bad_md5", "fell-back", "fell-back", 1, [], "W 7 #20"),
    Push("update_fin_midway", "fell-back", "fell-back", 1, [],
         "W 7 #17: the board missed half, says 226, and its loader finds out"),
    Push("update_oversize", "failed", "push-not-repaired", 2, LOST, "W 7 #19: 451",
         first=1),
    Push("ftp_stor_flash_full", "failed", "push-not-repaired", 2, LOST,
         "W 7 #39: 451 and a reset data connection"),
    Push("ftp_stor_retr", "failed", "push-refused", 2, [],
         "W 2.11: 550, nothing was opened", first="550"),
    Push("update_rst_midway", "failed", "push-not-repaired", 2, LOST,
         "W 2.11: 226 for a connection that was reset on the way"),
    Push("update_rst_with_data_in_flight", "confirmed", "", 2, [],
         "W 2.11: the same, and 226 comes late; then a complete one",
         then="update_complete"),
    Push("update_wlan_event_midway", "failed", "push-not-repaired", 2, LOST, "W 7 #15"),
    Push("update_power_cut", "confirmed", "", 2, [],
         "W 7 #21: the slot is garbage until the next complete one", first=1,
         then="update_complete", trouble="boots",
         lives=(("update_power_cut", 1), ("update_power_cut", 1), AFTER)),
    Push("update_server_deinit_midway", "lost", "lost-in-update", 1, LOST,
         "W 7 #4: nobody can reach it any more; its next reset springs the trap",
         trouble="stops"),
    Push("update_after_safe_boot", "failed", "foreign-image", 1, [],
         "W 3.2: a pin chose the image before; the reset starts a third one",
         lives=(("update_after_safe_boot", 0), ("update_after_safe_boot", 1))),
    Push("update_second_before_reset", "failed", "foreign-image", 1, [],
         "W 3.2 row 10: somebody's own upload came between ours and the reset"),
    Push("fault_drop_after", "failed", "push-not-repaired", 2, LOST, "W 7 #17"),
    Push("fault_rst_after", "failed", "push-not-repaired", 2, LOST, "W 7 #17"),
    Push("ftp_closes_in_data", "failed", "push-not-repaired", 2, LOST, "W 7 #15"),
    # ---- the trap of an upload without a data connection: a new session cures it
    Push("update_without_data_close", "confirmed", "", 2, [], "W 2.11",
         then="update_complete"),
    Push("update_without_data_quit", "confirmed", "", 2, [],
         "W 2.11 (a): we close without QUIT", then="update_complete"),
    Push("update_without_data_550", "confirmed", "", 2, [],
         "W 2.11 (a): no command that fails follows", then="update_complete"),
    Push("update_without_data_second", "confirmed", "", 2, [],
         "W 2.11 (c): never a second STOR in the session", then="update_complete"),
    Push("update_without_data_second_cert", "confirmed", "", 2, [],
         "W 2.11 (c), another special name", then="update_complete"),
    Push("update_without_data_plain_stor", "confirmed", "", 2, [],
         "W 0.4 on 2.11 (b)", then="update_complete"),
    Push("ftp_pasv_idle_data", "failed", "push-not-repaired", 2, LOST,
         "W 2.7: data closed 5 s after PASV, the late STOR finds none", verb=b"LIST"),
    Push("update_pasv_timeout_then_stor", "failed", "push-refused", 0, [],
         "W 7 #18: no data connection, so no STOR", trouble="no-data"),
    # ---- in front of the upload
    Push("ftp_login", "confirmed", "", 1, [], "W 2.4"),
    Push("ftp_simple_commands", "confirmed", "", 1, [], "W 2.4: TYPE I"),
    Push("ftp_pasv_address_zero", "confirmed", "", 1, [], "W 2.6, 7 #43"),
    Push("ftp_wrong_password", "failed", "login-refused", 0, [], "W 7 #6"),
    Push("vendor_wrong_password", "failed", "login-refused", 0, [], "W 7 #6"),
    Push("ftp_second_client", "confirmed", "", 1, [],
         "W 2.2: the 220 comes after 6 s, when the first client leaves", ftp=1),
    Push("ftp_three_clients", "confirmed", "", 1, [], "W 2.2: the second of three",
         ftp=1),
    Push("ftp_client_drop", "confirmed", "", 1, [],
         "W 2.2: the data timer of the client before holds the 220 back for 5 s", ftp=1),
    Push("vendor_ftp_busy", "deferred", "ftp-busy", 0, [], "W 7 #5: no 220 at all"),
    Push("ftp_idle_timeout_5s", "failed", "push-refused", 0, [],
         "W 2.7: 221 out of nothing"),
    Push("fault_refuse_login", "failed", "login-refused", 0, [], "W 7 #6"),
    Push("ftp_device_busy", "deferred", "ftp-busy", 0, [], "W 7 #38"),
    Push("ftp_closes_early", "failed", "push-refused", 0, [], "W 7 #15"),
    Push("ftp_long_reply", "failed", "login-refused", 0, [], "a cap on every reply"),
    # ---- the reset: what somebody left on telnet, or still runs there
    Push("telnet_machine_reset", "fell-back", "fell-back", 1, [],
         "W 1.10: its recorded board starts the old image"),
    Push("telnet_raw_left_on", "confirmed", "", 1, [], "W 7 #10",
         lives=(("telnet_raw_left_on", 1), AFTER)),
    Push("telnet_login_paste_open", "confirmed", "", 1, [], "W 7 #11: Ctrl-C cancels",
         lives=(("telnet_login_paste_open", 1), AFTER)),
    Push("telnet_login_while_running", "confirmed", "", 1, [], "W 7 #8",
         lives=(("telnet_login_while_running", 1), AFTER)),
    Push("telnet_ctrl_c_loop", "confirmed", "", 1, [], "W 7 #8",
         lives=(("telnet_ctrl_c_loop", 0, b"\r"), AFTER)),
    Push("telnet_ctrl_c_sleep", "confirmed", "", 1, [],
         "W 0.4 on 1.8: Ctrl-C acts when the sleep ends",
         lives=(("telnet_ctrl_c_sleep", 0, b"time.sleep(3)\r"), AFTER)),
    Push("telnet_ctrl_c_caught", "failed", "reset-failed", 1, ["armed"],
         "W 7 #9: a reason, not a hang",
         lives=(("telnet_ctrl_c_caught", 0, b"f()\r"), AFTER)),
    Push("telnet_ring_full", "confirmed", "", 1, [],
         "W 7 #13: Ctrl-C behind a full ring is lost; the program ends within 10 s",
         lives=(("telnet_ring_full", 0, b"\r"), AFTER)),
    Push("telnet_raw_interrupt", "confirmed", "", 1, [], "W 1.9: Ctrl-C, then Ctrl-B",
         lives=(("telnet_raw_interrupt", 0, b"while True:\n    pass\n\x04"), AFTER)),
    Push("update_while_telnet_open", "confirmed", "", 1, [],
         "W 7 #1: refused, but 21 answers; the other client leaves, the next try does it",
         trouble="taken-once"),
    # ---- the vendor's script: its FTP; telnet is recorded as its library read it, not
    # as it came, and is played from the recordings of the same states
    Push("vendor_ok", "confirmed", "", 1, [], "W 8"),
    Push("vendor_wrong_tag", "confirmed", "", 1, [],
         "W 8: complete strings, not the tag that somebody typed"),
    Push("vendor_truncated_image", "fell-back", "fell-back", 1, [], "W 7 #20",
         lives=(("update_complete", 2), OLD_AFTER)),
    Push("vendor_raw_mode_left", "confirmed", "", 1, [], "W 7 #10",
         lives=(("telnet_raw_left_on", 1), AFTER)),
    Push("vendor_user_program_running", "confirmed", "", 1, [], "W 7 #8",
         lives=(("telnet_login_while_running", 1), AFTER)),
    Push("vendor_telnet_busy", "failed", "telnet-busy", 1, ["armed"],
         "W 0.4: a good upload, then telnet is taken for good", trouble="taken-later"),
)

# Why | which. The daemon says one banner's worth, one login, its own lines, and in FTP
# nothing but USER, PASS, TYPE, PASV, STOR, QUIT.
NEVER = (
    ("a table, compared by test_ledger_tables, test_boot_tables and the simulation",
     "boot_pin_check boot_pin_led boot_rows boot_table update_table"),
    ("it sends SIZE, LIST, RETR, CWD, PWD, MKD, RNFR ... to nobody: W 2.13.5",
     "ftp_550_kills_data ftp_dirs_rename ftp_list ftp_list_august ftp_list_dates_later "
     "ftp_list_without_pasv ftp_listener_left_open ftp_odd_params ftp_retr_big "
     "ftp_retr_slow"),
    ("its first command is USER, and nothing but PASS follows a 331: W 2.4",
     "ftp_before_login"),
    ("one command is one send, one at a time: W 2.2", "ftp_framing"),
    ("one PASV a session, and STOR when the data connection stands: W 2.2",
     "ftp_pasv_twice"),
    ("it holds no session without an upload: W 2.7", "ftp_idle_300s_noop"),
    ("the path comes from the family's row and from nobody else: W 2.10",
     "update_wrong_names"),
    ("it says nothing before the prompt and its options: W 1.3",
     "telnet_user_before_prompt telnet_password_early telnet_pipelined_user_password"),
    ("name and password go out once, each in one send with its CR, without "
     "backspaces, 31 characters at most: W 1.4",
     "telnet_login_backspace telnet_login_charwise telnet_login_lf_only telnet_name255 "
     "telnet_long_user_32 telnet_long_user_200 telnet_long_user_255 "
     "telnet_long_user_256 telnet_long_user_300 telnet_long_user_dribbled"),
    ("it answers no option and sends none: W 1.6, 1.12.3",
     "telnet_options_answered telnet_options_inline telnet_iac_ayt telnet_iac_do_will "
     "telnet_high_bytes"),
    ("it is never silent on telnet for 5 s but behind a Ctrl-C: W 1.10",
     "telnet_idle_5s_before_login telnet_idle_5s_keepalive telnet_idle_5s_logged_in"),
    ("it types no such lines, edits none, and uses no raw mode: W 1.8, 1.9",
     "telnet_help telnet_line_editing telnet_long_line_300 telnet_long_line_3000 "
     "telnet_multiline_def telnet_raw_one_segment telnet_raw_repl telnet_raw_repl_big "
     "telnet_repl_errors"),
    ("it reads at once; no bytes are recorded", "telnet_slow_reader"),
)
