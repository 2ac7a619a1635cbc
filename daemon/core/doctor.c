/* SPDX-License-Identifier: MIT
 *
 * The rules of the doctor.
 */
#include "daemon/core/doctor.h"

#include <string.h>

#include "common/text.h"

#define MIB           ((uint64_t)1024 * 1024)
#define DISK_BAD      (64 * MIB)
#define DISK_WARN     (512 * MIB)
#define YEAR_2024_S   1704067200 /* no clock that is set shows less */
#define CLOCK_SLACK_S 60
#define ONLINE_OF     4 /* a quarter of a site away is worth a word */

const char *doctor_grade_name(enum doctor_grade grade)
{
	static const char *const names[DOCTOR_GRADE_COUNT] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_WARN] = "warn",
		[DOCTOR_BAD] = "bad",
	};

	return names[grade];
}

/* Pieces of text up to a NULL. */
static void join(char ret_text[DOCTOR_TEXT_MAX], const char *const *pieces)
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, DOCTOR_TEXT_MAX);
	for (; *pieces; pieces++)
		wipy_text_str(&text, *pieces);
}

#define SAY(to, ...) join((to), (const char *const[]){__VA_ARGS__, NULL})

static void begin(struct doctor_finding *finding, const char *check)
{
	finding->check = check;
	finding->grade = DOCTOR_OK;
	finding->text[0] = '\0';
	finding->hint[0] = '\0';
}

#define NUMBER_MAX 24

static const char *number(uint64_t value, char ret_text[NUMBER_MAX])
{
	struct wipy_text text;

	wipy_text_init(&text, ret_text, NUMBER_MAX);
	wipy_text_int(&text, (int64_t)value);
	return ret_text;
}

/* ---- files --------------------------------------------------------------------------- */

void doctor_yaml(const struct doctor_yaml *facts, struct doctor_finding *finding)
{
	char count[NUMBER_MAX];

	begin(finding, facts->check);
	if (!facts->path) {
		SAY(finding->text, "there is no file of ", facts->check,
			": the built-in values hold");
	} else if (facts->faults == 0) {
		SAY(finding->text, facts->path, " has no faults");
	} else {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, facts->path, " has ", number(facts->faults, count),
			facts->faults == 1 ? " fault: " : " faults, the first: ",
			facts->fault);
		SAY(finding->hint,
			"wipyd -t lists all of them; until they are mended wipyd goes "
			"on with what it has read before, and does not start again");
	}
}

static void octal(unsigned int mode, char ret_text[8])
{
	for (int i = 0; i < 4; i++)
		ret_text[i] = (char)('0' + (mode >> (9 - 3 * i) & 7));
	ret_text[4] = '\0';
}

void doctor_file(const struct doctor_file *facts, struct doctor_finding *finding)
{
	char has[8], good[8];

	begin(finding, facts->check);
	octal(facts->mode & 07777u, has);
	octal(facts->mode & 07777u & ~facts->forbidden, good);
	if (facts->fault) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, facts->path, ": ", facts->fault);
		SAY(finding->hint, "has it been removed or renamed while wipyd runs?");
	} else if (!facts->ours) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, facts->path,
			" belongs to another user than wipyd's");
		SAY(finding->hint, "that user can change it: chown it");
	} else if (facts->mode & facts->forbidden) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, facts->path,
			" is open to users who should not get at it (mode ", has, ")");
		SAY(finding->hint, "chmod ", good, " ", facts->path);
	} else {
		SAY(finding->text, facts->path, " is as it should be (mode ", has, ")");
	}
}

/* ---- the machine --------------------------------------------------------------------- */

void doctor_disk(const struct doctor_disk *facts, struct doctor_finding *finding)
{
	char room[NUMBER_MAX], total[NUMBER_MAX];

	begin(finding, "disk");
	number(facts->free_bytes / MIB, room);
	number(facts->total_bytes / MIB, total);
	if (facts->store_fault || facts->fault || facts->read_only) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, facts->path, ": ",
			facts->store_fault ? facts->store_fault
			: facts->fault     ? facts->fault
					   : "the file system is read-only");
		SAY(finding->hint,
			"no rollout begins until the state can be written: look at the "
			"disk, and for room there");
		return;
	}
	SAY(finding->text, facts->path, " has ", room, " of ", total, " MiB free");
	if (facts->free_bytes >= DISK_WARN)
		return;
	finding->grade = facts->free_bytes < DISK_BAD ? DOCTOR_BAD : DOCTOR_WARN;
	SAY(finding->hint,
		"make room: wipyctl release gc removes images that nobody needs, "
		"wipyctl events prune old events");
}

void doctor_clock(const struct doctor_clock *facts, struct doctor_finding *finding)
{
	begin(finding, "clock");
	if (facts->now_s < YEAR_2024_S) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, "the clock of the daemon's machine is not set");
	} else if (facts->latest_s > facts->now_s + CLOCK_SLACK_S) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text,
			"the clock of the daemon's machine has gone back: boards were "
			"seen at times that are still to come");
	} else {
		SAY(finding->text, "the clock of the daemon's machine is set");
		return;
	}
	SAY(finding->hint,
		"windows, back-offs and expiry go by it: let the machine take its time "
		"from the network (timedatectl set-ntp true)");
}

void doctor_zones(const struct doctor_zones *facts, struct doctor_finding *finding)
{
	char sites[NUMBER_MAX], zoned[NUMBER_MAX];

	begin(finding, "time-zones");
	number(facts->sites, sites);
	number(facts->zoned, zoned);
	if (facts->fault) {
		finding->grade = facts->zoned ? DOCTOR_BAD : DOCTOR_WARN;
		SAY(finding->text, "time zones cannot be read: ", facts->fault);
		SAY(finding->hint, "install the package tzdata");
	} else if (facts->sites == 0) {
		SAY(finding->text, "there are no sites: boards may be updated at any "
				   "time");
	} else {
		SAY(finding->text, zoned, " of ", sites,
			facts->sites == 1 ? " site has" : " sites have",
			" a time zone, by which windows go");
	}
}

void doctor_signatures(
	const struct doctor_signatures *facts, struct doctor_finding *finding)
{
	char keys[NUMBER_MAX], threshold[NUMBER_MAX];

	begin(finding, "signatures");
	number(facts->keys, keys);
	number(facts->threshold, threshold);
	if (facts->policy != SIGNATURES_OFF && facts->keys >= facts->threshold &&
		facts->keys > 0) {
		SAY(finding->text,
			facts->policy == SIGNATURES_REQUIRED
				? "releases are taken only if "
				: "it is said of releases whether ",
			threshold, " of ", keys, " trusted keys signed them");
		return;
	}
	if (facts->policy == SIGNATURES_REQUIRED) {
		finding->grade = DOCTOR_BAD;
		SAY(finding->text, "signatures of ", threshold,
			" trusted keys are required, and ", keys,
			" are known: no release can be taken");
	} else {
		/* Who fetches by himself takes what others put there. */
		finding->grade = facts->channels ? DOCTOR_BAD : DOCTOR_WARN;
		SAY(finding->text,
			facts->channels ? "releases are fetched from channels, and "
					: "",
			"nobody has to sign a release");
	}
	SAY(finding->hint,
		"name 'trusted-keys' under 'releases' in wipyd.yaml, and 'signatures: "
		"required'");
}

/* ---- sites --------------------------------------------------------------------------- */

static void site_hint(const struct doctor_site *facts, struct doctor_finding *finding)
{
	if (facts->wrong_board)
		SAY(finding->hint,
			"wipyctl boards --select access=wrong-board shows where other "
			"boards answer");
	else if (facts->login_refused)
		SAY(finding->hint, "wipyctl boards --select access=login-refused: "
				   "is their password in the inventory?");
	else if (facts->online == 0)
		SAY(finding->hint,
			"is the way there open, telnet and FTP? try: wipyctl "
			"inventory scan CIDR");
	else
		SAY(finding->hint, "wipyctl boards --select reach!=online");
}

void doctor_site(const struct doctor_site *facts, struct doctor_finding *finding)
{
	char boards[NUMBER_MAX], online[NUMBER_MAX], never[NUMBER_MAX];
	char refused[NUMBER_MAX], wrong[NUMBER_MAX];
	size_t away = facts->boards - facts->online;

	begin(finding, "boards");
	number(facts->login_refused, refused);
	number(facts->wrong_board, wrong);
	number(facts->never_seen, never);
	SAY(finding->text, facts->name[0] ? "site " : "without a site", facts->name,
		": ", number(facts->online, online), " of ",
		number(facts->boards, boards),
		facts->boards == 1 ? " board answers" : " boards answer",
		facts->never_seen ? ", never seen: " : "",
		facts->never_seen ? never : "",
		facts->login_refused ? ", login refused: " : "",
		facts->login_refused ? refused : "",
		facts->wrong_board ? ", wrong board: " : "",
		facts->wrong_board ? wrong : "");
	if ((facts->online == 0 && facts->boards > 0) || facts->wrong_board)
		finding->grade = DOCTOR_BAD;
	else if (away * ONLINE_OF > facts->boards || facts->login_refused)
		finding->grade = DOCTOR_WARN;
	if (finding->grade != DOCTOR_OK)
		site_hint(facts, finding);
}
