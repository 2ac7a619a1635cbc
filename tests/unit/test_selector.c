/* SPDX-License-Identifier: MIT
 *
 * Selectors: what can be written, and which boards it means; random ones are held against
 * the tree that they were written from.
 */
#include <errno.h>

#include "daemon/core/pattern.h"
#include "daemon/core/selector.h"
#include "tests/tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One board for all rows; it has no type. */
static const struct {
	const char *key, *value;
} board[] = {
	{"name", "lab-07"},
	{"site", "berlin"},
	{"family", "wipy"},
	{"type", ""},
	{"reach", "online"},
	{"access", "open"},
	{"version", "v1.8.7-219-g0c821f7"},
	{"version", "spring"},
	{"version-state", "behind"},
	{"state", "online"},
	{"state", "open"},
	{"state", "behind"},
	{"state", "lost"},
	{"state", "dirty"},
	{"room", "b12"},
	{"note", "a=b"},
	{"text", "a b"},
	{"signs", "(x) [1] *"},
	{"not", "5"},
	{"empty", ""},
	{"long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},
};

static const char *value_of(
	void *arg, enum selector_key key, const char *label, size_t index)
{
	const char *name = key == SELECTOR_LABEL ? label : selector_key_name(key);

	(void)arg;
	for (size_t i = 0; i < COUNT(board); i++)
		if (strcmp(board[i].key, name) == 0 && index-- == 0)
			return board[i].value;
	return NULL;
}

/* "a" is the board, "b" is not; "both" and "deep" are made of others. */
static struct selector_set sets[] = {
	{"a", (char[]){"site=berlin, room=b12"}},
	{"b", (char[]){"site=paris | reach=offline"}},
	{"both", (char[]){"@a ! @b"}},
	{"deep", (char[]){"(@both)"}},
	{"loop", (char[]){"site=berlin | @pool"}},
	{"pool", (char[]){"not @loop"}},
	{"wrong", (char[]){"site=berlin,room"}},
	{"nothing", (char[]){" "}},
};
static const char *const labels[] = {"room", "note", "rack-row"};

static const struct {
	const char *text;
	bool match;
} matches[] = {
	{"", true},
	{"  ", true},
	{"name=lab-07", true},
	{"name=lab-08", false},
	{"name=lab", false},
	{"name=lab-070", false},
	{"name=LAB-07", false},
	{"name!=lab-07", false},
	{"name!=lab-08", true},
	{"site=berlin,room=b12", true},
	{"site=berlin,room=b13", false},
	{"site=paris,room=b12", false},
	{"site=berlin,room!=b13", true},
	{"site=berlin,room!=b12", false},
	{"name=lab-07,site=berlin,family=wipy,reach=online", true},
	/* A key that the board does not have. */
	{"type=phat", false},
	{"type!=phat", true},
	{"type=", true},
	{"rack=", false},
	{"rack=*", false},
	{"rack!=*", true},
	{"rack in (a, b)", false},
	{"rack not in (a, b)", true},
	/* Text with stars. */
	{"name=*", true},
	{"name=lab-*", true},
	{"name=*07", true},
	{"name=*b-*", true},
	{"name=l*7", true},
	{"name=l**7", true},
	{"name=lab-07*", true},
	{"name=*lab-07", true},
	{"name=lab-08*", false},
	{"name=*x*", false},
	{"name=l*8", false},
	{"name=*-*-*", false},
	{"name!=lab-*", false},
	{"name!=roof*", true},
	{"empty=", true},
	{"empty=*", true},
	{"empty=x", false},
	{"name=", false},
	{"name!=", true},
	{"long=*a*a*a*a*a*a*a*a*a*a*a*a*c", false},
	{"long=*a*a*a*a*a*a*a*a*a*a*a*a*b", true},
	/* Only the first '=' cuts. */
	{"note=a=b", true},
	{"note!=a=b", false},
	{"name==lab-07", false},
	/* Blanks. */
	{" site = berlin , room = b12 ", true},
	{"site != paris", true},
	{"text=a b", true},
	{"text=a b,room=b12", true},
	{"text = a b | room=x", true},
	{"text=a  b", false},
	{"room= ,text=a b", false},
	{"empty= | room=x", true},
	{"empty= or room=x", true},
	/* Quotes: nothing in them means anything. */
	{"text=\"a b\"", true},
	{"signs=\"(x) [1] *\"", true},
	{"signs=\"*\"", false},
	{"signs=(x)*", true},
	{"room=\"b*\"", false},
	{"empty=\"\"", true},
	{"room in (\"b,12\", \"b12\")", true},
	/* Ranges. */
	{"name=lab-[01:12]", true},
	{"name=lab-[07:07]", true},
	{"name=lab-[08:12]", false},
	{"name=lab-[1:12]", false},
	{"name=lab-[001:012]", false},
	{"name=lab-0[1:9]", true},
	{"name=lab-0[1:9]*", true},
	{"name=*-[01:12]", true},
	{"name=*[7:7]", true},
	{"name!=lab-[01:12]", false},
	{"room=b[1:20]", true},
	{"room=b[1:1]2", true},
	{"room=b[1:2]", false},
	{"room=[1:99]", false},
	/* Lists. */
	{"room in (b11,b12)", true},
	{"room in(b11 , b12 )", true},
	{"room not in (b11, b12)", false},
	{"room not in (b11, b13)", true},
	{"name in (roof, lab-[01:12])", true},
	{"state in (dirty,lost)", true},
	{"state in (armed, failed)", false},
	{"state not in (armed, failed)", true},
	{"state=behind,state=dirty", true},
	{"state!=behind", false},
	/* Versions: the whole tag, its base, a release. */
	{"version=v1.8.7", true},
	{"version=v1.8", false},
	{"version=v1.8.7-219-g0c821f7", true},
	{"version=v1.8.6", false},
	{"version!=v1.8.7", false},
	{"version=v1.8.*", true},
	{"version=spring", true},
	{"version in (v1.8.5, v1.8.7)", true},
	{"version-state=behind", true},
	/* Or, not, and, parentheses. */
	{"site=paris | room=b12", true},
	{"site=paris or room=b12", true},
	{"site=paris | room=b13", false},
	{"site=paris, site=berlin | room=b12", true},
	{"room=b12 | site=paris, site=berlin", true},
	{"(room=b12 | site=paris), site=rome", false},
	{"site=berlin and room=b12", true},
	{"!site=paris", true},
	{"! site=paris", true},
	{"not site=berlin", false},
	{"not not site=berlin", true},
	{"site=berlin ! room=b12", false},
	{"site=berlin !room=b13", true},
	{"site=berlin not room=b13", true},
	{"not (site=paris | room=b13)", true},
	{"((site=berlin))", true},
	{"!site=paris|site=paris", true},
	/* Words of the grammar as keys. */
	{"not=5", true},
	{"not = 5", true},
	{"not!=5", false},
	{"site=berlin,not=5", true},
	{"site=or", false},
	/* Saved ones. */
	{"@a", true},
	{"@b", false},
	{"@a | site=paris", true},
	{"@b | site=berlin", true},
	{"@a ! @b", true},
	{"@a ! @a", false},
	{"@both", true},
	{"@deep, @deep, @both", true},
	{"!@b", true},
};

static const struct {
	const char *name, *text, *in_error;
} faults[] = {
	{"no equals sign", "berlin",
		"column 7: expected '=', '!=' or 'in', found the end"},
	{"no key", "=berlin", "column 1: expected a term such as site=berlin"},
	{"no key, negated", "!=berlin", "column 2: expected a term"},
	{"a lone equals sign", "=", "found '='"},
	{"an empty term in front", ",site=berlin", "column 1: expected a term"},
	{"an empty term between", "site=berlin,,room=b12",
		"column 13: expected a term"},
	{"a comma at the end", "site=berlin,room=b12,",
		"column 22: expected a term such as site=berlin, found the end"},
	{"a lone comma", ",", "found ','"},
	{"a missing comma", "site=berlin room=b12",
		"column 13: expected ',', '|', '!' or the end, found 'room=b12'"},
	{"a missing comma before in", "site=berlin room in (b12)", "column 13:"},
	{"characters count, not bytes", "note=k\303\266ln,room", "column 15:"},
	{"nothing behind or", "room=b12 |", "column 11: expected a term"},
	{"nothing behind not", "not", "column 4: expected a term"},
	{"an open parenthesis", "(room=b12",
		"column 10: expected ',', '|', '!' or ')'"},
	{"a closing parenthesis", "room=b12)", "column 9: expected"},
	{"no list", "room in b12", "column 9: expected '(' and values"},
	{"an empty list", "room in ()", "column 10: expected a value"},
	{"a gap in a list", "room in (a,,b)", "column 12: expected a value"},
	{"an open list", "room in (a", "column 11: expected ',' or ')'"},
	{"not without in", "room not b12", "column 10: expected 'in'"},
	{"a quotation mark", "note=\"a", "column 6: a quotation mark"},
	{"a parenthesis in a value", "note=f(a", "'f(a': a parenthesis without"},
	{"a range backwards", "name=lab-[12:01]", "column 6: 'lab-[12:01]': the range"},
	{"a range without colon", "name=lab-[12]", "with a colon"},
	{"a range without end", "name=lab-[1:2", "a bracket without its partner"},
	{"a range without beginning", "name=lab-1:2]", "a bracket without its partner"},
	{"two ranges", "name=[1:2]-[1:2]", "only one range"},
	{"a range of words", "name=lab-[a:b]", "two numbers"},
	{"zeros at one end", "name=lab-[01:100]", "the same number of digits"},
	{"an unknown reach", "reach=onlin",
		"column 7: no board can have the value 'onlin' (did you mean "
		"'online'?)"},
	{"an unknown state", "state in (dirty, lots)",
		"column 18: no board can have the value 'lots' (did you mean 'lost'?)"},
	{"an unknown family", "family=arduino", "'arduino'"},
	{"no star fits", "access=x*", "'x*'"},
	{"an unknown label", "romo=b12",
		"column 1: no board has a label 'romo' (did you mean 'room'?)"},
	{"nearly a key", "sit=berlin", "(did you mean 'site'?)"},
	{"near nothing", "colour=red", "no board has a label 'colour'"},
	{"a long key",
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk=1",
		"at most 63"},
	{"no such set", "@aa | @bot", "column 2: there is no saved selector 'aa'"},
	{"nearly a set", "@bot", "(did you mean 'both'?)"},
	{"a set without name", "@ a", "expected the name of a saved selector"},
	{"a set that contains itself", "@loop",
		"in @pool, column 6: 'loop': a saved selector contains itself"},
	{"a fault in a set", "site=paris | @wrong",
		"in @wrong, column 17: expected '='"},
	{"an empty set", "@nothing", "in @nothing, column 2: expected a term"},
};

static bool parses(const char *text, struct selector *ret_selector)
{
	const struct selector_words words = {.set = sets, .set_count = COUNT(sets)};
	struct errtext error = {""};
	bool ok = selector_parse(text, &words, ret_selector, &error) == 0;

	if (!ok)
		printf("# %s\n", error.text);
	return ok;
}

static void repeat(char *text, size_t cap, const char *part, int times, const char *end)
{
	text[0] = '\0';
	for (int i = 0; i < times; i++)
		snprintf(text + strlen(text), cap - strlen(text), "%s", part);
	snprintf(text + strlen(text), cap - strlen(text), "%s", end);
}

static void test_limits(void)
{
	struct {
		const char *part;
		int fit;
		const char *end, *in_error;
	} rows[] = {
		{"x", SELECTOR_MAX - 1, "", "expected '='"},
		{"a=,", SELECTOR_TERMS - 1, "a=", "at most 128 terms"},
		{"!", SELECTOR_DEPTH - 1, "a=", "at most 16 levels"},
		{"(", SELECTOR_DEPTH - 1, "a=)))))))))))))))", "at most 16 levels"},
	};
	char text[SELECTOR_MAX + 64];
	struct selector selector;
	struct errtext error;

	memset(text, 'x', SELECTOR_MAX);
	memcpy(text, "name=", 5);
	text[SELECTOR_MAX - 1] = '\0';
	OK(parses(text, &selector), "1023 characters fit");
	text[SELECTOR_MAX - 1] = 'x';
	text[SELECTOR_MAX] = '\0';
	OK(selector_parse(text, NULL, &selector, &error) == -EINVAL &&
			strstr(error.text, "at most 1023 characters"),
		"1024 characters do not");
	for (size_t i = 1; i < COUNT(rows); i++) {
		repeat(text, sizeof(text), rows[i].part, rows[i].fit, rows[i].end);
		OK(parses(text, &selector), rows[i].in_error);
		repeat(text, sizeof(text), rows[i].part, rows[i].fit + 1, rows[i].end);
		OK(selector_parse(text, NULL, &selector, &error) == -EINVAL &&
				strstr(error.text, rows[i].in_error),
			rows[i].in_error);
	}
	repeat(text, sizeof(text), "a in (b,b,b,b), ", 40, "a in (b,b)");
	OK(parses(text, &selector) && selector.value_count == 162, "162 values fit");
	repeat(text, sizeof(text), ",b", 256, ")");
	memcpy(text, "a in (b", 0);
	{
		char list[SELECTOR_MAX + 64] = "a in (b";

		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s", text);
		OK(selector_parse(list, NULL, &selector, &error) == -EINVAL &&
				strstr(error.text, "at most 256 values"),
			"257 values do not");
	}
}

/* Saved ones that double with each step reach the limit of the whole text. */
static void test_growing_sets(void)
{
	struct selector_set growing[9];
	struct selector_words words = {.set = growing, .set_count = COUNT(growing)};
	char text[COUNT(growing)][64];
	struct selector selector;
	struct errtext error = {""};

	for (size_t i = 0; i < COUNT(growing); i++) {
		snprintf(growing[i].name, sizeof(growing[i].name), "s%zu", i);
		snprintf(text[i], sizeof(text[i]), i ? "@s%zu | @s%zu" : "site=berlin",
			i - 1, i - 1);
		growing[i].text = text[i];
	}
	EQ_INT(selector_parse("@s4", &words, &selector, &error), 0, "16 times");
	EQ_INT(selector_match(&selector, value_of, NULL), true, "... and read right");
	EQ_INT(selector_parse("@s8", &words, &selector, &error), -EINVAL, "256 times");
	OK(strstr(error.text, "it is too long") || strstr(error.text, "128 terms"),
		error.text);
}

static void test_labels(void)
{
	const struct selector_words words = {
		.label = labels, .label_count = COUNT(labels)};
	struct selector selector;
	struct errtext error;

	EQ_INT(selector_parse("room=b12, rack-row in (1, 2), site=x", &words, &selector,
		       &error),
		0, "labels that boards have");
	EQ_INT(selector_parse("rack=1", &words, &selector, &error), -EINVAL,
		"a label that no board has");
}

static void test_writing(void)
{
	static const struct {
		const char *text, *written;
	} rows[] = {
		{"", ""},
		{" site = berlin,room!=b12", "site=berlin, room!=b12"},
		{"a=1 or b=2 and not c=3", "a=1 | b=2, not c=3"},
		{"a=1,(b=2|c=3)!d=4", "a=1, (b=2 | c=3), not d=4"},
		{"!(a=1,b=2)", "not (a=1, b=2)"},
		{"(a=1,(b=2,c=3))", "a=1, b=2, c=3"},
		{"@a | site=rome", "site=berlin, room=b12 | site=rome"},
		{"@deep", "site=berlin, room=b12, not (site=paris | reach=offline)"},
		{"a in (b=c,or)", "a in (b=c,or)"},
		{"a not in(x,\"y,z\")", "a not in (x,\"y,z\")"},
	};
	char written[SELECTOR_MAX];
	struct selector selector;

	for (size_t i = 0; i < COUNT(rows); i++) {
		OK(parses(rows[i].text, &selector) &&
				selector_format(&selector, written, sizeof(written)) ==
					0,
			rows[i].text);
		EQ_STR(written, rows[i].written, rows[i].text);
	}
	EQ_INT(selector_format(&selector, written, 8), -EMSGSIZE, "too small");
}

/* ---- random ones ------------------------------------------------------------------- */

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525u + 1013904223u;
	return (random_state >> 8) % limit;
}

static void put(char *text, size_t cap, const char *part)
{
	snprintf(text + strlen(text), cap - strlen(text), "%s", part);
}

static const char *one_of(const char *const *words, uint32_t count)
{
	return words[random_below(count)];
}

static const char *blanks(void)
{
	static const char *const some[] = {"", "", " ", "  "};

	return one_of(some, COUNT(some));
}

/* Writes a term and returns what it is of a board with bits 0 to 3 set or not: label `k`
 * has the value "1" where bit k is set, "0" where it is not; of bit 3 also no value. */
static bool random_term(char *text, size_t cap, unsigned bits)
{
	static const char *const names[] = {"a", "b", "c", "or"};
	static const char *const values[] = {"0", "1", "*", "[0:1]", "\"1\"", "2"};
	uint32_t key = random_below(4), value = random_below(6), form = random_below(4);
	bool set = bits >> key & 1, there = key != 3 || set;
	bool holds = there &&
		     (value == 2 || value == 3 || (value < 2 && set == (value == 1)) ||
			     (value == 4 && set));

	put(text, cap, names[key]);
	put(text, cap, blanks());
	if (form < 2) {
		put(text, cap, form ? "!=" : "=");
		put(text, cap, blanks());
		put(text, cap, values[value]);
	} else {
		put(text, cap, form == 3 ? " not in" : " in");
		put(text, cap, blanks());
		put(text, cap, "(2,");
		put(text, cap, values[value]);
		put(text, cap, blanks());
		put(text, cap, ")");
	}
	return holds != (form == 1 || form == 3);
}

static bool random_choice(char *text, size_t cap, unsigned bits, int depth);

static bool random_item(char *text, size_t cap, unsigned bits, int depth)
{
	bool holds;

	if (depth == 0 || random_below(3) == 0)
		return random_term(text, cap, bits);
	if (random_below(3) == 0) {
		put(text, cap, random_below(2) ? "!" : " not ");
		return !random_item(text, cap, bits, depth - 1);
	}
	put(text, cap, "(");
	put(text, cap, blanks());
	holds = random_choice(text, cap, bits, depth - 1);
	put(text, cap, blanks());
	put(text, cap, ")");
	return holds;
}

static bool random_both(char *text, size_t cap, unsigned bits, int depth)
{
	static const char *const ands[] = {",", " , ", " and "};
	bool holds = random_item(text, cap, bits, depth);

	while (random_below(3) == 0) {
		bool less = random_below(4) == 0, more;

		if (less)
			put(text, cap, random_below(2) ? " ! " : " not ");
		else
			put(text, cap, one_of(ands, COUNT(ands)));
		more = random_item(text, cap, bits, depth);
		holds = holds && more != less;
	}
	return holds;
}

static bool random_choice(char *text, size_t cap, unsigned bits, int depth)
{
	static const char *const ors[] = {"|", " | ", " or "};
	bool holds = random_both(text, cap, bits, depth);

	while (random_below(3) == 0) {
		bool more;

		put(text, cap, one_of(ors, COUNT(ors)));
		more = random_both(text, cap, bits, depth);
		holds = holds || more;
	}
	return holds;
}

static const char *bit_of(
	void *arg, enum selector_key key, const char *label, size_t index)
{
	unsigned bits = *(const unsigned *)arg;

	if (key != SELECTOR_LABEL || index > 0)
		return NULL;
	if (strcmp(label, "or") == 0)
		return bits & 8 ? "1" : NULL;
	return bits >> (label[0] - 'a') & 1 ? "1" : "0";
}

/* The same numbers write the same text for each board; written anew it means the same. */
static bool same_for_all(uint32_t seed, char *text, size_t cap)
{
	static struct selector selector, again;
	static bool each[SELECTOR_NODES];
	struct errtext error = {""};
	char written[4 * SELECTOR_MAX];

	for (unsigned bits = 0; bits < 16; bits++) {
		bool holds;

		random_state = seed;
		text[0] = '\0';
		holds = random_choice(text, cap, bits, 4);
		if (strlen(text) >= SELECTOR_MAX)
			return true;
		if (selector_parse(text, NULL, &selector, &error) < 0 ||
			selector_format(&selector, written, sizeof(written)) < 0)
			break;
		if (strlen(written) >= SELECTOR_MAX)
			return true;
		if (selector_parse(written, NULL, &again, &error) < 0)
			break;
		selector_match_each(&selector, bit_of, &bits, each);
		if (selector_match(&selector, bit_of, &bits) != holds ||
			selector_match(&again, bit_of, &bits) != holds ||
			each[selector.count - 1] != holds)
			break;
		if (bits == 15)
			return true;
	}
	printf("# seed %u: %s (%s)\n", (unsigned)seed, text, error.text);
	return false;
}

static void test_random(void)
{
	static char text[65536];
	uint32_t seed = 1;

	while (seed <= 3000 && same_for_all(seed, text, sizeof(text)))
		seed++;
	EQ_INT((int)seed, 3001, "3000 random selectors mean what they were made of");
}

/* A range is the names that it stands for. */
static void test_ranges(void)
{
	char pattern[64], value[64];
	bool same = true;

	for (int first = 0; first < 12; first++)
		for (int last = first; last < 14; last++)
			for (int number = 0; number < 120; number++) {
				snprintf(pattern, sizeof(pattern), "b[%d:%d]x", first,
					last);
				snprintf(value, sizeof(value), "b%dx", number);
				same = same &&
				       pattern_match(pattern, strlen(pattern), value) ==
					       (number >= first && number <= last);
				snprintf(pattern, sizeof(pattern), "[%03d:%03d]", first,
					last);
				snprintf(value, sizeof(value), "%03d", number);
				same = same &&
				       pattern_match(pattern, strlen(pattern), value) ==
					       (number >= first && number <= last);
			}
	OK(same, "ranges with and without zeros");
}

int main(void)
{
	static const struct selector_words words = {.set = sets,
		.set_count = COUNT(sets),
		.label = labels,
		.label_count = COUNT(labels)};
	struct selector selector;

	for (size_t i = 0; i < COUNT(matches); i++) {
		OK(parses(matches[i].text, &selector), matches[i].text);
		EQ_INT(selector_match(&selector, value_of, NULL), matches[i].match,
			matches[i].text);
	}
	for (size_t i = 0; i < COUNT(faults); i++) {
		struct errtext error = {""};

		EQ_INT(selector_parse(faults[i].text, &words, &selector, &error),
			-EINVAL, faults[i].name);
		if (!OK(strstr(error.text, faults[i].in_error) &&
				    strncmp(error.text, "selector: ", 10) == 0,
			    faults[i].name))
			printf("# %s\n", error.text);
	}
	test_limits();
	test_growing_sets();
	test_labels();
	test_writing();
	test_ranges();
	test_random();
	return tap_done();
}
