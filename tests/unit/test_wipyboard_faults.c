/* SPDX-License-Identifier: MIT
 *
 * What faults of virtual boards rest on: phases told from bytes, bytes on their way,
 * draws that are the same again.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "firmware/ports/linux/faults.h"
#include "tests/tap.h"

/* The draws are tested without a fleet. */
int faults_arm(struct hal *hal, const char *word, struct errtext *ret_error)
{
	(void)hal;
	(void)word;
	(void)ret_error;
	return -EINVAL;
}

void faults_disarm(struct hal *hal, const char *word)
{
	(void)hal;
	(void)word;
}

void fleet_power_on(struct hal *hal)
{
	(void)hal;
}

/* ---- phases ------------------------------------------------------------------- */

/* What is sent, in pieces divided by "|"; what comes of it: each run as its phase's
 * first letter and its bytes, "-" for bytes kept back. */
static const struct out_row {
	const char *name;
	enum wire_kind kind;
	const char *pieces;
	const char *runs;
} out_rows[] = {
	{"reply", WIRE_KIND_FTP, "220 hello\n", "o[220 hello\n]"},
	{"226", WIRE_KIND_FTP, "226 \n", "2[226 \n]"},
	{"226 in a line", WIRE_KIND_FTP, "150 226 \n", "o[150 226 \n]"},
	{"two lines", WIRE_KIND_FTP, "226 \n200 \n", "2[226 \n]o[200 \n]"},
	{"the other way round", WIRE_KIND_FTP, "200 \n226 x\n", "o[200 \n]2[226 x\n]"},
	{"cut within the line", WIRE_KIND_FTP, "226 o|k\n200 \n",
		"2[226 o]2[k\n]o[200 \n]"},
	{"cut within the number", WIRE_KIND_FTP, "22|6 \n", "-2[(22)6 \n]"},
	{"another number", WIRE_KIND_FTP, "22|1 \n", "-o[(22)1 \n]"},
	{"cut three times", WIRE_KIND_FTP, "2|2|6| \n|226 \n",
		"---2[(226) \n]2[226 \n]"},
	{"cut behind the number", WIRE_KIND_FTP, "226|\n", "-o[(226)\n]"},
	{"empty line", WIRE_KIND_FTP, "\n226 \n", "o[\n]2[226 \n]"},
	{"data is nothing", WIRE_KIND_DATA, "226 \n", "o[226 \n]"},
	{"banner", WIRE_KIND_TELNET, "Micro|Python\nab", "b[Micro]b[Python\n]l[ab]"},
	{"greeting", WIRE_KIND_TELNET, "x\nLogin as: Login succeeded!\r\nhelp\nL",
		"b[x\n]l[Login as: Login succeeded!\r\n]r[help\nL]"},
	{"greeting cut in two", WIRE_KIND_TELNET, "x\nLogin suc|ceeded!\r\nhelp",
		"b[x\n]l[Login suc]l[ceeded!\r\n]r[help]"},
	{"a greeting that begins twice", WIRE_KIND_TELNET, "x\nLLogin succeeded!\r\n|y",
		"b[x\n]l[LLogin succeeded!\r\n]r[y]"},
};

static void feed(struct wire *wire, const char *bytes, size_t len, char *runs)
{
	while (len > 0) {
		struct wire_run run = wire_out(wire, (const uint8_t *)bytes, len);
		const char *name = wire_phase_name(run.phase);

		runs += strlen(runs);
		if (run.undecided)
			strcpy(runs, "-");
		else if (run.prefix > 0)
			sprintf(runs, "%c[(%.*s)%.*s]", name ? name[0] : 'o',
				(int)run.prefix, WIRE_226_TEXT, (int)run.len, bytes);
		else
			sprintf(runs, "%c[%.*s]", name ? name[0] : 'o', (int)run.len,
				bytes);
		bytes += run.len;
		len -= run.len;
	}
}

static void test_out(void)
{
	for (size_t i = 0; i < sizeof(out_rows) / sizeof(out_rows[0]); i++) {
		const struct out_row *row = &out_rows[i];
		struct wire wire = {.kind = row->kind};
		const char *at = row->pieces;
		char runs[200] = "";

		while (*at) {
			size_t len = strcspn(at, "|");

			feed(&wire, at, len, runs);
			at += len + (at[len] == '|');
		}
		EQ_STR(runs, row->runs, row->name);
	}
}

static const struct in_row {
	const char *name;
	enum wire_kind kind;
	enum wire_phase so_far;
	const char *bytes;
	enum wire_phase phase;
	const char *spoilt;
} in_rows[] = {
	{"name", WIRE_KIND_TELNET, WIRE_LOGIN, "micro\r\n", WIRE_LOGIN, "?????\r\n"},
	{"question marks", WIRE_KIND_TELNET, WIRE_LOGIN, "??\r", WIRE_LOGIN, "!!\r"},
	{"options", WIRE_KIND_TELNET, WIRE_LOGIN, "\xff\xfd\x03", WIRE_LOGIN,
		"\xff\xfd\x03"},
	{"early bird", WIRE_KIND_TELNET, WIRE_BANNER, "a", WIRE_LOGIN, "?"},
	{"prompt", WIRE_KIND_TELNET, WIRE_REPL, "1+1\r", WIRE_REPL, "1+1\r"},
	{"user", WIRE_KIND_FTP, WIRE_OTHER, "USER a\r\n", WIRE_USER, "USER a\r\n"},
	{"pass", WIRE_KIND_FTP, WIRE_OTHER, "pass ab\r\n", WIRE_PASS, "pass ??\r\n"},
	{"pasv", WIRE_KIND_FTP, WIRE_OTHER, "PASV\r\n", WIRE_PASV, "PASV\r\n"},
	{"stor", WIRE_KIND_FTP, WIRE_OTHER, "Stor x", WIRE_STOR, "Stor x"},
	{"quit", WIRE_KIND_FTP, WIRE_OTHER, "QUIT", WIRE_QUIT, "QUIT"},
	{"half a word", WIRE_KIND_FTP, WIRE_OTHER, "QUI", WIRE_OTHER, "QUI"},
	{"another", WIRE_KIND_FTP, WIRE_OTHER, "NOOP QUIT", WIRE_OTHER, "NOOP QUIT"},
	{"data", WIRE_KIND_DATA, WIRE_OTHER, "PASS x", WIRE_DATA, "PASS x"},
};

static void test_in(void)
{
	for (size_t i = 0; i < sizeof(in_rows) / sizeof(in_rows[0]); i++) {
		const struct in_row *row = &in_rows[i];
		struct wire wire = {.kind = row->kind, .phase = row->so_far};
		uint8_t bytes[40] = "";
		size_t len = strlen(row->bytes);

		memcpy(bytes, row->bytes, len);
		EQ_INT(wire_in(&wire, bytes, len), row->phase, row->name);
		wire_spoil(&wire, bytes, len);
		EQ_STR((char *)bytes, row->spoilt, row->name);
	}
}

/* ---- parcels ------------------------------------------------------------------ */

static void test_parcels(void)
{
	struct parcels parcels = {.first = NULL};
	uint8_t got[20] = "";

	EQ_INT(parcels_take(&parcels, 99, got, 9), -EAGAIN, "nothing");
	OK(parcels_due_ms(&parcels) == INT64_MAX, "nothing is due");
	OK(parcels_put(&parcels, 10, (const uint8_t *)"abc", 3, 0), "put");
	OK(parcels_put(&parcels, 5, (const uint8_t *)"de", 2, 0), "put");
	EQ_INT(parcels.len, 5, "length");
	EQ_INT(parcels_take(&parcels, 9, got, 9), -EAGAIN, "not yet");
	EQ_INT(parcels_take(&parcels, 10, got, 2), 2, "a part of one");
	EQ_INT(parcels_take(&parcels, 10, got + 2, 9), 1, "never of two");
	EQ_INT(parcels_due_ms(&parcels), 10, "none overtakes");
	EQ_INT(parcels_take(&parcels, 10, got + 3, 9), 2, "the other");
	EQ_STR((char *)got, "abcde", "in order");
	OK(!parcels_ended(&parcels), "no end");
	OK(parcels_put(&parcels, 20, NULL, 0, 1), "an end");
	OK(parcels_ended(&parcels), "end");
	EQ_INT(parcels_take(&parcels, 19, got, 9), -EAGAIN, "the end is on its way");
	parcels_hurry(&parcels, 19);
	EQ_INT(parcels_take(&parcels, 19, got, 9), 0, "end of file");
	EQ_INT(parcels_take(&parcels, 19, got, 9), 0, "and again");
	parcels_drop(&parcels);
	OK(parcels_put(&parcels, 1, NULL, 0, -ECONNRESET), "a reset");
	EQ_INT(parcels_take(&parcels, 1, got, 9), -ECONNRESET, "reset");
	parcels_drop(&parcels);
	EQ_INT(parcels.len, 0, "empty");
}

/* ---- draws -------------------------------------------------------------------- */

static void test_draws(void)
{
	char word[FAULT_WORD_MAX], again[FAULT_WORD_MAX];
	int64_t sum_ms = 0;
	int same = 0, changes = 0;

	for (int board = 1; board <= 100; board++) {
		char before[FAULT_WORD_MAX] = "";

		for (uint32_t i = 0; i < 20; i++) {
			int64_t gap = faults_nth(7, board, i, 2000, word);

			sum_ms += gap;
			same += gap == faults_nth(7, board, i, 2000, again) &&
				strcmp(word, again) == 0;
			changes += strcmp(word, before) != 0;
			strcpy(before, word);
		}
	}
	EQ_INT(same, 2000, "the same again");
	OK(changes > 1700, "not the same all the time");
	/* two an hour */
	OK(sum_ms / 2000 > 1700000 && sum_ms / 2000 < 1900000, "the rate");
	faults_nth(8, 1, 0, 2000, word);
	faults_nth(7, 1, 0, 2000, again);
	OK(faults_nth(8, 1, 0, 2000, word) != faults_nth(7, 1, 0, 2000, again),
		"another seed, another day");
}

int main(void)
{
	test_out();
	test_in();
	test_parcels();
	test_draws();
	return tap_done();
}
