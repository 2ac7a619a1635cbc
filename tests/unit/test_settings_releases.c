/* SPDX-License-Identifier: MIT
 *
 * The trusted keys of wipyd.yaml: where they may stand, and what is a fault and must never
 * leave a daemon that trusts fewer people, or more, than its owner believes.
 */
#include "config.h"

#include "daemon/edge/settings.h"
#include "tests/tap.h"
#include "tests/unit/config_fixture.h"

#define KEY_A "RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yku"
#define KEY_B "RWQBAQEBAQEBAVuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yku"

static const struct {
	const char *yaml;
	enum signature_policy policy;
	size_t threshold, keys;
} good[] = {
	{"", SIGNATURES_WARN, 1, 0},
	{"releases: {}", SIGNATURES_WARN, 1, 0},
	{"releases: {signatures: off}", SIGNATURES_OFF, 1, 0},
	{"releases: {trusted-keys: []}", SIGNATURES_WARN, 1, 0},
	{"releases: {signatures: required, trusted-keys: [" KEY_A "]}",
		SIGNATURES_REQUIRED, 1, 1},
	{"releases: {signatures: required, trusted-keys: [a.pub]}", SIGNATURES_REQUIRED,
		1, 1},
	{"releases: {threshold: 2, trusted-keys: [a.pub, " KEY_B "]}", SIGNATURES_WARN,
		2, 2},
	{"releases: {signatures: off, threshold: 3}", SIGNATURES_OFF, 3, 0},
};

static const struct {
	const char *name, *yaml, *says;
} bad[] = {
	{"a word that is none", "releases: {signatures: yes}",
		"F:1:11: 'signatures': expected required, warn or off, found 'yes'"},
	{"nobody to sign", "releases: {signatures: required}",
		"'threshold': 1 trusted keys have to sign, and there are 0"},
	{"more than there are",
		"releases: {signatures: required, threshold: 2, trusted-keys: "
		"[" KEY_A "]}",
		"'threshold': 2 trusted keys have to sign, and there are 1"},
	{"more than there are, a warning",
		"releases: {threshold: 2, trusted-keys: [" KEY_A "]}",
		"and there are 1"},
	{"nobody at all", "releases: {threshold: 0}", "between 1 and 32"},
	{"a file that is not there", "releases: {trusted-keys: [b.pub]}",
		"'b.pub' is no key, and no file that can be read (No such file"},
	{"a file that is no key", "releases: {trusted-keys: [c.pub]}",
		"c.pub: this is not a public key of minisign"},
	{"a letter wrong",
		"releases: {trusted-keys: "
		"[RWQzq0xbqfuu5FuNXrWMRdfdpkmALgmB+Y20FBiHZVjz4C4QNVWn5yk!]}",
		"is no key, and no file"},
	{"a key twice", "releases: {trusted-keys: [a.pub, " KEY_A "]}",
		"the key E4AEFBA95B4CAB33 stands here twice"},
	{"a key that is a list", "releases: {trusted-keys: [[" KEY_A "]]}",
		"a trusted key is the second line"},
	{"no authorities", "releases: {ca-file: ca.pem}", "'ca-file': '"},
	{"keys that are no list", "releases: {trusted-keys: " KEY_A "}",
		"'trusted-keys': expected a list"},
};

static const struct {
	const char *name, *yaml, *says; /* says: a fault, or NULL */
} channels[] = {
	{"one", "channels: {a: {url: 'https://b/c', every: 1m}}", NULL},
	{"two", "channels: {a: {url: 'https://b/c'}, d: {url: 'https://e/f'}}", NULL},
	{"none", "channels: {}", NULL},
	{"no URL", "channels: {a: {every: 6h}}", "missing key 'url'"},
	{"too often", "channels: {a: {url: 'https://b/c', every: 59s}}",
		"'every' must be between 1m and 30d"},
	{"twice", "channels: {a: {url: 'https://b/c'}, a: {url: 'https://b/d'}}",
		"repeated channel 'a'"},
	{"a name that is none", "channels: {'a b': {url: 'https://b/c'}}",
		"a channel is named by"},
	{"a list", "channels: [https://b/c]", "'channels': expected names"},
	{"an unknown key", "channels: {a: {uri: 'https://b/c'}}",
		"(did you mean 'url'?)"},
};

static struct settings *read_text(
	struct fixture *fixture, const char *yaml, char **ret_faults)
{
	const char *path = fixture_write(fixture, "wipyd.yaml", yaml, strlen(yaml));
	struct settings *settings = NULL;
	struct yaml_problems problems;

	yaml_problems_init(&problems);
	if (settings_read(path, &problems, &settings) < 0)
		settings = NULL;
	*ret_faults = fixture_faults(&problems, path);
	yaml_problems_done(&problems);
	return settings;
}

static void test_good(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct settings *settings;
		char *faults;

		settings = read_text(fixture, good[i].yaml, &faults);
		EQ_STR(faults, "", good[i].yaml);
		free(faults);
		if (!settings)
			continue;
		EQ_INT(settings->trust.policy, good[i].policy, good[i].yaml);
		EQ_INT(settings->trust.threshold, good[i].threshold, good[i].yaml);
		EQ_INT(settings->trust.key_count, good[i].keys, good[i].yaml);
		settings_free(settings);
	}
}

static void test_bad(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct settings *settings;
		char *faults;

		settings = read_text(fixture, bad[i].yaml, &faults);
		OK(settings == NULL, bad[i].name);
		if (!OK(strstr(faults, bad[i].says) != NULL, bad[i].name))
			printf("# said: %s\n", faults);
		settings_free(settings);
		free(faults);
	}
}

static void test_channels(struct fixture *fixture)
{
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		const char *says = channels[i].says;
		struct settings *settings;
		char *faults;

		settings = read_text(fixture, channels[i].yaml, &faults);
		OK(!settings == (says != NULL), channels[i].name);
		if (!OK(strstr(faults, says ? says : "") != NULL, channels[i].name))
			printf("# said: %s\n", faults);
		for (size_t k = 0; settings && k < settings->channel_count; k++)
			OK(strncmp(settings->channel[k].url, "https://", 8) == 0 &&
					settings->channel[k].every_ms >= 60000,
				settings->channel[k].name);
		settings_free(settings);
		free(faults);
	}
}

int main(void)
{
	static const char key_file[] = "untrusted comment: a\n" KEY_A "\n";
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_write(&fixture, "a.pub", key_file, strlen(key_file));
	fixture_write(&fixture, "c.pub", "rubbish\n", 8);
	test_good(&fixture);
	test_bad(&fixture);
	test_channels(&fixture);
	fixture_done(&fixture);
	return tap_done();
}
