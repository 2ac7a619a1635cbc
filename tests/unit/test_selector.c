/* SPDX-License-Identifier: MIT
 *
 * Selectors: what can be written, and which boards it means.
 */
#include <errno.h>

#include "daemon/core/selector.h"
#include "tests/tap.h"

/* One board for all rows; it has no type. */
static const struct {
	const char *key, *value;
} board[] = {
	{"name", "lab-07"},
	{"site", "berlin"},
	{"family", "wipy"},
	{"reach", "online"},
	{"version", "in-sync"},
	{"room", "b12"},
	{"note", "a=b"},
	{"empty", ""},
	{"long", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"},
};

static const char *value_of(void *arg, const char *key)
{
	int *asked = arg;

	++*asked;
	for (size_t i = 0; i < sizeof(board) / sizeof(board[0]); i++)
		if (strcmp(board[i].key, key) == 0)
			return board[i].value;
	return NULL;
}

static const struct {
	const char *text;
	bool match;
} matches[] = {
	{"", true},
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
	{"name=lab-07,site=berlin,family=wipy,reach=online,version=in-sync", true},
	/* A key that the board does not have. */
	{"type=phat", false},
	{"type!=phat", true},
	{"type=", false},
	{"type=*", false},
	{"type!=*", true},
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
};

static const struct {
	const char *name, *text, *in_error;
} faults[] = {
	{"no equals sign", "berlin", "'berlin'"},
	{"no key", "=berlin", "'=berlin'"},
	{"no key, negated", "!=berlin", "'!=berlin'"},
	{"a lone equals sign", "=", "'='"},
	{"an empty term in front", ",site=berlin", "found ',site=berlin';"},
	{"an empty term between", "site=berlin,,room=b12",
		"found 'site=berlin,,room=b12';"},
	{"a comma at the end", "site=berlin,room=b12,",
		"found 'site=berlin,room=b12,';"},
	{"the term alone is shown", "site=paris,berlin,room=b12", "found 'berlin';"},
	{"the whole term is shown", "site=paris,!=berlin,room=b12",
		"found '!=berlin';"},
	{"a lone comma", ",", "key=value"},
	{"the second term is named", "site=berlin,room", "'room'"},
	{"17 terms",
		"a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,b=2",
		"16 terms, found 'b=2';"},
	{"18 terms",
		"a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,b!=2,"
		"c=3",
		"16 terms, found 'b!=2';"},
};

static bool parses(const char *text, struct selector *ret_selector)
{
	struct errtext error = {""};
	bool ok = selector_parse(text, ret_selector, &error) == 0;

	if (!ok)
		printf("# %s\n", error.text);
	return ok;
}

static void test_limits(void)
{
	char text[SELECTOR_MAX + 1];
	struct errtext error;
	struct selector selector;

	memset(text, 'x', sizeof(text));
	memcpy(text, "name=", 5);
	text[SELECTOR_MAX - 1] = '\0';
	OK(parses(text, &selector), "255 characters fit");
	text[SELECTOR_MAX - 1] = 'x';
	text[SELECTOR_MAX] = '\0';
	EQ_INT(selector_parse(text, &selector, &error), -EINVAL,
		"256 characters do not");
	OK(parses("a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1,a=1",
		   &selector) &&
			selector.count == SELECTOR_TERMS,
		"16 terms fit");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		struct selector selector;
		int asked = 0;

		OK(parses(matches[i].text, &selector), matches[i].text);
		EQ_INT(selector_match(&selector, value_of, &asked), matches[i].match,
			matches[i].text);
		OK(asked <= selector.count, matches[i].text);
	}
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct selector selector;
		struct errtext error = {""};

		EQ_INT(selector_parse(faults[i].text, &selector, &error), -EINVAL,
			faults[i].name);
		if (!OK(strstr(error.text, faults[i].in_error) &&
				    strncmp(error.text, "selector: ", 10) == 0,
			    faults[i].name))
			printf("# %s\n", error.text);
	}
	test_limits();
	return tap_done();
}
