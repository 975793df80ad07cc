// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frontend wrote in xenstore, from text to a checked value. Pure: the
 * reading is in negotiate.c.
 */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "xenbus/xenbus.h"

/* Enough to recognise a value by; a guest's text may be 4 KiB long. */
#define SHOWN 24

static int parse_word(const struct xbe_key *key, const char *text, u32 *value,
		      char *why, size_t size)
{
	const struct xbe_choice *c;
	int at;

	for (c = key->choices; c->word; c++) {
		if (strcmp(c->word, text))
			continue;
		*value = c->value;
		return 0;
	}
	at = scnprintf(why, size, "%s is \"%*pE\", not one of:", key->name,
		       (int)min_t(size_t, strlen(text), SHOWN), text);
	for (c = key->choices; c->word; c++)
		at += scnprintf(why + at, size - at, " %s", c->word);
	return -EINVAL;
}

static int parse_number(const struct xbe_key *key, const char *text, u32 *value,
			char *why, size_t size)
{
	unsigned long long number = 0;
	int err;

	/* kstrtoull() alone would take a sign and a newline. */
	err = isdigit(text[0]) && isdigit(text[strlen(text) - 1]) ?
		      kstrtoull(text, 10, &number) :
		      -EINVAL;
	if (!err && number >= key->min && number <= key->max) {
		*value = number;
		return 0;
	}
	scnprintf(why, size, "%s is \"%*pE\", allowed is %u to %u", key->name,
		  (int)min_t(size_t, strlen(text), SHOWN), text, key->min,
		  key->max);
	return err == -EINVAL ? -EINVAL : -ERANGE;
}

/**
 * xbe_key_parse() - check the text of one key
 * @key: what is allowed
 * @text: what the frontend wrote, or NULL when the node is missing; an empty
 *	node counts as a missing one, as xenstore's own tools write it
 * @value: set on success only
 * @why: filled with key, value and allowed range on failure
 * @size: room in @why, 1 or more
 *
 * Context: any; pure.
 * Return: 0, -ENOENT (missing), -EINVAL (neither number nor known word) or
 * -ERANGE.
 */
int xbe_key_parse(const struct xbe_key *key, const char *text, u32 *value,
		  char *why, size_t size)
{
	if (text && *text)
		return key->choices ? parse_word(key, text, value, why, size) :
				      parse_number(key, text, value, why, size);
	if (key->required) {
		scnprintf(why, size, "%s is missing", key->name);
		return -ENOENT;
	}
	*value = key->def;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(xbe_key_parse, XEN_BACKENDS);

/**
 * xbe_refs_distinct() - whether no page is named twice
 * @refs: grant references
 * @nr: how many, at most XENBUS_MAX_RING_GRANTS
 *
 * Context: any; pure.
 * Return: 0, or -EINVAL.
 */
int xbe_refs_distinct(const grant_ref_t *refs, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < nr; i++)
		for (j = 0; j < i; j++)
			if (refs[i] == refs[j])
				return -EINVAL;
	return 0;
}
