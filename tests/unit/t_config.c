/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hyp/vm/config: a guest's boot arguments, every key, every refusal by its words.
 */
#include "hyp/vm/config.h"

#include "hyp/vm/feature.h"
#include "lib/fmt.h"
#include "lib/str.h"
#include "s2/geometry.h"
#include "tests/harness/tap.h"

static struct config c;
static char why[CONFIG_WHY];

static enum err parse(const char *text)
{
	memset(why, 0, sizeof(why));
	return config_parse(text, &c, why);
}

/* Refused with e, and each of the words stands in the message. */
static void refused(const char *text, enum err e, const char *word, const char *rule)
{
	EXPECT_EQ(parse(text), e);
	if (!strstr(why, word) || !strstr(why, rule))
		tap_note("`%s` gives `%s`", text, why);
	EXPECT(strstr(why, word) && strstr(why, rule));
}

static void expect_defaults(void)
{
	EXPECT_STR(c.name, "");
	EXPECT_EQ(c.mem, 128UL << 20);
	EXPECT_EQ(c.cpus, 1);
	EXPECT_EQ(c.leaf, 2UL << 20);
	EXPECT(!c.eager && !c.has_pmu && !c.has_ramdisk && !c.has_disk);
	EXPECT(c.granule_shift == 12 && c.ipa_bits == 0 && c.without == 0 && c.required == 0);
}

static void without_ours_all_is_the_guests(void)
{
	static const char *const texts[] = {
		"",         "quiet",      "console=ttyAMA0 root=/dev/vda",
		"a=b -- c", "atf.mem=4M", "x=tf.mem=4M",
		"--x",      "-"
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		EXPECT_EQ(parse(texts[i]), OK);
		EXPECT_STR(c.args, texts[i]);
		expect_defaults();
	}
}

static void every_key(void)
{
	EXPECT_EQ(parse("tf.name=small tf.mem=256M tf.cpus=1 tf.leaf=4k tf.populate=eager "
			"tf.pmu=direct tf.ramdisk=0x48000000 tf.disk=1234 "
			"-- console=x  y tf.mem=1"),
		  OK);
	EXPECT_STR(c.name, "small");
	EXPECT_EQ(c.mem, 256UL << 20);
	EXPECT_EQ(c.cpus, 1);
	EXPECT_EQ(c.leaf, 4096);
	EXPECT(c.eager && c.has_pmu && c.has_ramdisk && c.has_disk);
	EXPECT_EQ(c.ramdisk, 0x48000000);
	EXPECT_EQ(c.disk, 1234);
	EXPECT_STR(c.args, "console=x  y tf.mem=1");
}

static void each_key_alone(void)
{
	EXPECT_EQ(parse("tf.leaf=2m"), OK);
	expect_defaults();
	EXPECT_STR(c.args, "");
	EXPECT_EQ(parse("tf.leaf=1G --"), OK);
	EXPECT_EQ(c.leaf, 1UL << 30);
	EXPECT_EQ(parse("tf.leaf=512m tf.granule=64K"), OK);
	EXPECT_EQ(c.leaf, 1UL << 29);
	EXPECT_EQ(c.granule_shift, 16);
	EXPECT_EQ(parse("tf.granule=16384 tf.ipa=52"), OK);
	EXPECT_EQ(c.granule_shift, 14);
	EXPECT_EQ(c.ipa_bits, 52);
	EXPECT_EQ(parse("tf.features=-fwb,-haf"), OK);
	EXPECT_EQ(c.without, S2_FWB | S2_HW_AF);
	EXPECT_EQ(c.required, 0);
	EXPECT_EQ(parse("tf.features=+hd-xnx-ttl,-range+bbm"), OK);
	EXPECT_EQ(c.without, S2_XNX | S2_TTL | S2_TLBI_RANGE);
	EXPECT_EQ(c.required, S2_HW_DIRTY | S2_BBM2);
	EXPECT_EQ(parse("tf.populate=demand"), OK);
	expect_defaults();
	EXPECT_EQ(parse("tf.pmu=hidden"), OK);
	expect_defaults();
	EXPECT(!c.eager);
	EXPECT_EQ(parse("tf.mem=4194304"), OK);
	EXPECT_EQ(c.mem, 4UL << 20);
	EXPECT_EQ(parse("tf.mem=64T"), OK);
	EXPECT_EQ(c.mem, 1UL << 46);
	EXPECT_EQ(parse("tf.name=a"), OK);
	EXPECT_STR(c.name, "a");
	EXPECT_EQ(parse("tf.name=A-b_c0123456789"), OK);
	EXPECT_STR(c.name, "A-b_c0123456789");
	EXPECT_EQ(parse("tf.ramdisk=0"), OK);
	EXPECT(c.has_ramdisk && c.ramdisk == 0);
	EXPECT_EQ(parse("tf.disk=0xffffffffffffffff"), OK);
	EXPECT_EQ(c.disk, ~0UL);
	EXPECT_EQ(c.disk_size, 0);
	EXPECT_EQ(parse("tf.disk=4K tf.disk-access=ro"), OK);
	EXPECT(c.has_disk && c.disk_read_only && c.disk_size == 4096);
	EXPECT_EQ(parse("tf.disk=512g tf.disk-access=rw"), OK);
	EXPECT(c.has_disk && !c.disk_read_only && c.disk_size == 1UL << 39);
}

/* The first `--` word ends ours, wherever spaces stand; what follows is passed on as it is. */
static void the_separator(void)
{
	EXPECT_EQ(parse("--"), OK);
	EXPECT_STR(c.args, "");
	EXPECT_EQ(parse("-- "), OK);
	EXPECT_STR(c.args, "");
	EXPECT_EQ(parse("-- a -- b"), OK);
	EXPECT_STR(c.args, "a -- b");
	EXPECT_EQ(parse("  tf.mem=8M   --   a  b "), OK);
	EXPECT_EQ(c.mem, 8UL << 20);
	EXPECT_STR(c.args, "a  b ");
	EXPECT_EQ(parse("-- tf.nonsense=1"), OK);
	EXPECT_STR(c.args, "tf.nonsense=1");
	expect_defaults();
	EXPECT_EQ(parse("tf.cpus=1 ---"), ERR_FORMAT);
	EXPECT_EQ(parse("tf.cpus=1 --x"), ERR_FORMAT);
}

static void bad_names(void)
{
	static const char *const names[] = { "1",   "12",   "-",   "a b",  "a.b",
					     "a/b", "a'b",  "a%n", "\x80", "a\xc3\xa4",
					     "a;b", "a\tb", "_",   "a=b" };
	char text[80];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		fmt(text, sizeof(text), "tf.name=%s", names[i]);
		EXPECT_EQ(parse(text), ERR_FORMAT);
		EXPECT(strlen(why) > 0);
	}
	refused("tf.name=", ERR_RANGE, "tf.name=", "1 to 15");
	refused("tf.name=a234567890123456", ERR_RANGE, "a234567890123456", "1 to 15");
	refused("tf.name=7", ERR_FORMAT, "tf.name=7", "a letter among them");
}

static void bad_sizes(void)
{
	refused("tf.mem=", ERR_FORMAT, "tf.mem=", "4M to 64T");
	refused("tf.mem=0", ERR_RANGE, "tf.mem=0", "4M to 64T");
	refused("tf.mem=4190208", ERR_RANGE, "4190208", "4M to 64T");
	refused("tf.mem=4194305", ERR_ALIGN, "4194305", "a multiple of 4K");
	refused("tf.mem=70368744181760", ERR_RANGE, "70368744181760", "4M to 64T");
	refused("tf.mem=18446744073709551616", ERR_RANGE, "18446744073709551616", "4M to 64T");
	refused("tf.mem=18446744073709551615", ERR_RANGE, "18446744073709551615", "4M to 64T");
	refused("tf.mem=16777216T", ERR_RANGE, "16777216T", "4M to 64T");
	refused("tf.mem=-4M", ERR_FORMAT, "-4M", "4M to 64T");
	refused("tf.mem=4MB", ERR_FORMAT, "4MB", "4M to 64T");
	refused("tf.mem=lots", ERR_FORMAT, "lots", "4M to 64T");
	refused("tf.mem=64M,", ERR_FORMAT, "64M,", "4M to 64T");
}

static void bad_values(void)
{
	refused("tf.cpus=9", ERR_RANGE, "tf.cpus=9", "1 to 8");
	refused("tf.cpus=0", ERR_RANGE, "tf.cpus=0", "1 to 8");
	refused("tf.cpus=one", ERR_FORMAT, "tf.cpus=one", "1 to 8");
	refused("tf.leaf=8k", ERR_RANGE, "tf.leaf=8k", "4k, 16k, 64k, 2m, 32m, 512m or 1g");
	refused("tf.leaf=0", ERR_RANGE, "tf.leaf=0", "4k, 16k, 64k, 2m, 32m, 512m or 1g");
	refused("tf.leaf=", ERR_FORMAT, "tf.leaf=", "4k, 16k, 64k, 2m, 32m, 512m or 1g");
	refused("tf.granule=8k", ERR_RANGE, "granule=8k", "4k, 16k or 64k");
	refused("tf.granule=4x", ERR_FORMAT, "granule=4x", "4k, 16k or 64k");
	refused("tf.ipa=31", ERR_RANGE, "tf.ipa=31", "32 to 52 bits");
	refused("tf.ipa=53", ERR_RANGE, "tf.ipa=53", "32 to 52 bits");
	refused("tf.ipa=4k", ERR_FORMAT, "tf.ipa=4k", "32 to 52 bits");
	refused("tf.features=", ERR_FORMAT, "tf.features=", "before each of haf");
	refused("tf.features=fwb", ERR_FORMAT, "=fwb", "before each of haf");
	refused("tf.features=-fwb,", ERR_FORMAT, "-fwb,", "before each of haf");
	refused("tf.features=-fw", ERR_FORMAT, "-fw", "before each of haf");
	refused("tf.features=-fwb,-", ERR_FORMAT, "-fwb,-", "before each of haf");
	refused("tf.features=-hd+hd", ERR_EXISTS, "-hd+hd", "before each of haf");
	refused("tf.populate=Eager", ERR_FORMAT, "Eager", "demand or eager");
	refused("tf.pmu=yes", ERR_FORMAT, "yes", "hidden or direct");
	refused("tf.populate=", ERR_FORMAT, "tf.populate=", "demand or eager");
	refused("tf.ramdisk=here", ERR_FORMAT, "here", "the address of a module");
	refused("tf.ramdisk=0x10000000000000000", ERR_RANGE, "0x1000", "the address of a module");
	refused("tf.disk=", ERR_FORMAT, "tf.disk=", "the address of a module");
	refused("tf.disk=0x10000000000000000", ERR_RANGE, "0x1000", "the address of a module");
	refused("tf.disk=64MB", ERR_FORMAT, "64MB", "or a size, 4K to 512G");
	refused("tf.disk=0K", ERR_RANGE, "0K", "or a size, 4K to 512G");
	refused("tf.disk=513G", ERR_RANGE, "513G", "or a size, 4K to 512G");
	refused("tf.disk-access=r", ERR_FORMAT, "access=r", "rw or ro");
}

static void weight_and_pins(void)
{
	EXPECT_EQ(parse("tf.mem=4M"), OK);
	EXPECT_EQ(c.weight, 100);
	EXPECT_EQ(c.pins, 0);
	EXPECT_EQ(parse("tf.weight=1"), OK);
	EXPECT_EQ(c.weight, 1);
	EXPECT_EQ(parse("tf.weight=1000 tf.pin=3"), OK);
	EXPECT_EQ(c.weight, 1000);
	EXPECT_EQ(c.pins, 8);
	EXPECT_EQ(parse("tf.pin=0,2-3"), OK);
	EXPECT_EQ(c.pins, 0xd);
	EXPECT_EQ(parse("tf.pin=7,0-1,1"), OK);
	EXPECT_EQ(c.pins, 0x83);
	EXPECT_EQ(parse("tf.pin=0-63"), OK);
	EXPECT_EQ(c.pins, ~0UL);
	EXPECT_EQ(parse("tf.pin=0x8000000000000001"), OK);
	EXPECT_EQ(c.pins, 1UL << 63 | 1);
	refused("tf.weight=0", ERR_RANGE, "tf.weight=0", "1 to 1000");
	refused("tf.weight=1001", ERR_RANGE, "tf.weight=1001", "1 to 1000");
	refused("tf.weight=x", ERR_FORMAT, "tf.weight=x", "1 to 1000");
	refused("tf.pin=", ERR_FORMAT, "tf.pin=", "a list");
	refused("tf.pin=64", ERR_RANGE, "tf.pin=64", "a list");
	refused("tf.pin=100", ERR_FORMAT, "tf.pin=100", "a list");
	refused("tf.pin=1,", ERR_FORMAT, "tf.pin=1,", "a list");
	refused("tf.pin=,1", ERR_FORMAT, "tf.pin=,1", "a list");
	refused("tf.pin=1-", ERR_FORMAT, "tf.pin=1-", "a list");
	refused("tf.pin=2-1", ERR_RANGE, "tf.pin=2-1", "a list");
	refused("tf.pin=1;2", ERR_FORMAT, "tf.pin=1;2", "a list");
	refused("tf.pin=0x0", ERR_RANGE, "tf.pin=0x0", "a mask");
	refused("tf.pin=0x10000000000000000", ERR_RANGE, "0x1000", "a mask");
	refused("tf.pin=0xg", ERR_FORMAT, "0xg", "a mask");
}

static void unknown_and_stray_words(void)
{
	refused("tf.memory=4M", ERR_FORMAT, "tf.memory=4M", "tf.mem, ");
	refused("tf.", ERR_FORMAT, "tf.", "unknown");
	refused("tf.mem", ERR_FORMAT, "tf.mem", "unknown");
	refused("tf.Mem=4M", ERR_FORMAT, "tf.Mem=4M", "unknown");
	refused("tf.mem=8M quiet", ERR_FORMAT, "quiet", "before --");
	refused("tf.mem=8M quiet -- x", ERR_FORMAT, "quiet", "before --");
	refused("quiet tf.mem=8M -- x", ERR_FORMAT, "quiet", "before --");
	refused("quiet tf.mem=8M", ERR_FORMAT, "quiet", "before --");
}

static void each_key_once(void)
{
	static const char *const words[] = { "tf.name=a",          "tf.mem=8M",
					     "tf.cpus=1",          "tf.leaf=2m",
					     "tf.populate=eager",  "tf.ramdisk=0x48000000",
					     "tf.disk=0x48000000", "tf.disk-access=ro",
					     "tf.granule=16k",     "tf.ipa=40",
					     "tf.features=-fwb",   "tf.weight=7",
					     "tf.pin=1,3" };
	char text[128];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		fmt(text, sizeof(text), "%s %s --", words[i], words[i]);
		refused(text, ERR_EXISTS, words[i], "given twice");
		fmt(text, sizeof(text), "%s %s -- %s", words[i], words[(i + 1) % ARRAY_SIZE(words)],
		    words[i]);
		EXPECT_EQ(parse(text), OK);
		EXPECT_STR(c.args, words[i]);
	}
}

/* Words of every length: 63 bytes are looked at, more are too long; the message always ends. */
static void long_words(void)
{
	static char text[2000];

	for (size_t n = 4; n < 300; n++) {
		memcpy(text, "tf.", 3);
		memset(text + 3, 'x', n - 3);
		text[n] = '\0';
		EXPECT_EQ(parse(text), n < 64 ? ERR_FORMAT : ERR_RANGE);
		EXPECT(strlen(why) > 0 && strlen(why) < CONFIG_WHY);
		EXPECT(strstr(why, n < 64 ? "unknown" : "too long"));
	}
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	EXPECT_EQ(parse(text), OK);
	EXPECT_STR(c.args, text);
	memcpy(text, "tf.cpus=1 -- ", 13);
	EXPECT_EQ(parse(text), OK);
	EXPECT_EQ(strlen(c.args), sizeof(text) - 1 - 13);
}

/* What looks like a format is text, in values and in messages. */
static void percent_signs(void)
{
	refused("tf.mem=%n", ERR_FORMAT, "tf.mem=%n", "4M");
	refused("tf.%s%s%s%n", ERR_FORMAT, "tf.%s%s%s%n", "unknown");
	refused("tf.leaf=%9999999d", ERR_FORMAT, "%9999999d", "4k");
	EXPECT_EQ(parse("tf.cpus=1 -- %n%s"), OK);
	EXPECT_STR(c.args, "%n%s");
}

/* Features by name, in the order of the table, and back. */
static void names_of_features(void)
{
	char text[FEATURE_TEXT];

	features_text(text, 0);
	EXPECT_STR(text, "none");
	features_text(text, S2_FWB | S2_HW_AF);
	EXPECT_STR(text, "haf fwb");
	features_text(text, ~0u);
	EXPECT_STR(text, "haf hd xnx fwb ttl range bbm");
}

TESTS(T(without_ours_all_is_the_guests), T(every_key), T(each_key_alone), T(the_separator),
      T(bad_names), T(bad_sizes), T(bad_values), T(weight_and_pins), T(unknown_and_stray_words),
      T(each_key_once), T(long_words), T(percent_signs), T(names_of_features))
