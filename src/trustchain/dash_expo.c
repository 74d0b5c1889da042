/* SPDX-License-Identifier: Apache-2.0 */
#include "trustchain/dash_expo.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/cursor.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NUMBER_MAX 40

/* The rest of one line. */
struct line {
	const char *at;
	size_t left;
};

static void
skip_blanks(struct line *l)
{
	while (l->left > 0 && (*l->at == ' ' || *l->at == '\t')) {
		l->at++;
		l->left--;
	}
}

static bool
take(struct line *l, char c)
{
	if (l->left == 0 || *l->at != c)
		return false;
	l->at++;
	l->left--;
	return true;
}

/* A name of letters, digits, '_' and ${also}, not beginning with a digit. */
static int
name(struct line *l, const char *also, char out[DASH_EXPO_NAME_MAX + 1])
{
	size_t n = 0;
	char c;

	for (; n < l->left; n++) {
		c = l->at[n];
		if (c == '\0' ||
		    (strchr(LETTERS "_", c) == NULL &&
			strchr(also, c) == NULL &&
			(n == 0 || strchr("0123456789", c) == NULL)))
			break;
		if (n == DASH_EXPO_NAME_MAX)
			return ERR_PEER_TOO_LARGE;
		out[n] = c;
	}
	out[n] = '\0';
	l->at += n;
	l->left -= n;
	return n > 0 ? 0 : ERR_PEER_MALFORMED;
}

/* A label's value behind its opening quote. */
static int
value(struct line *l, char out[DASH_EXPO_VALUE_MAX + 1])
{
	size_t n = 0;
	char c;

	while (!take(l, '"')) {
		if (l->left == 0 || *l->at == '\0')
			return ERR_PEER_MALFORMED;
		c = *l->at++;
		l->left--;
		if (c == '\\') {
			if (l->left == 0 || *l->at == '\0' ||
			    strchr("\\\"n", *l->at) == NULL)
				return ERR_PEER_MALFORMED;
			c = *l->at == 'n' ? '\n' : *l->at;
			l->at++;
			l->left--;
		}
		if (n == DASH_EXPO_VALUE_MAX)
			return ERR_PEER_TOO_LARGE;
		out[n++] = c;
	}
	out[n] = '\0';
	return 0;
}

static int
labels(struct line *l, struct dash_expo_sample *s)
{
	struct dash_expo_label *out;
	int rc;

	for (;;) {
		skip_blanks(l);
		if (take(l, '}'))
			return 0;
		if (s->nlabels == DASH_EXPO_LABELS_MAX)
			return ERR_PEER_TOO_LARGE;
		out = &s->label[s->nlabels];
		if ((rc = name(l, "", out->name)) != 0)
			return rc;
		skip_blanks(l);
		if (!take(l, '='))
			return ERR_PEER_MALFORMED;
		skip_blanks(l);
		if (!take(l, '"'))
			return ERR_PEER_MALFORMED;
		if ((rc = value(l, out->value)) != 0)
			return rc;
		s->nlabels++;
		skip_blanks(l);
		if (!take(l, ',')) {
			skip_blanks(l);
			return take(l, '}') ? 0 : ERR_PEER_MALFORMED;
		}
	}
}

static int
number(struct line *l, double *ret)
{
	static const struct {
		const char *text;
		double value;
	} words[] = { { "NaN", NAN }, { "+Inf", INFINITY },
		{ "-Inf", -INFINITY }, { "Inf", INFINITY } };
	char text[NUMBER_MAX + 1], *end;
	size_t n = 0, i;

	for (; n < l->left && l->at[n] != ' ' && l->at[n] != '\t'; n++) {
		if (n == NUMBER_MAX)
			return ERR_PEER_MALFORMED;
		text[n] = l->at[n];
	}
	text[n] = '\0';
	l->at += n;
	l->left -= n;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i].text) == 0) {
			*ret = words[i].value;
			return 0;
		}
	/* Not what else strtod takes: hexadecimal, "infinity". */
	if (n == 0 || strspn(text, "0123456789.eE+-") != n)
		return ERR_PEER_MALFORMED;
	*ret = strtod(text, &end);
	return *end == '\0' ? 0 : ERR_PEER_MALFORMED;
}

static int
sample(struct line *l, struct dash_expo_sample *s)
{
	double when;
	int rc;

	s->nlabels = 0;
	if ((rc = name(l, ":", s->name)) != 0)
		return rc;
	if (l->left > 0 && *l->at != '{' && *l->at != ' ' && *l->at != '\t')
		return ERR_PEER_MALFORMED;
	skip_blanks(l);
	if (take(l, '{') && (rc = labels(l, s)) != 0)
		return rc;
	skip_blanks(l);
	if ((rc = number(l, &s->value)) != 0)
		return rc;
	skip_blanks(l);
	/* A time may follow, which the time of the scrape stands in for. */
	if (l->left > 0 && (rc = number(l, &when)) != 0)
		return rc;
	skip_blanks(l);
	return l->left == 0 ? 0 : ERR_PEER_MALFORMED;
}

int
dash_expo_parse(
    const void *text, size_t len, dash_expo_fn *fn, void *ctx, size_t *ret_line)
{
	struct dash_expo_sample s;
	size_t lines = 0, samples = 0;
	struct cursor c;
	struct line l;
	int rc = len > DASH_EXPO_BYTES_MAX ? ERR_PEER_TOO_LARGE : 0;

	wire_cursor_init(&c, text, len);
	while (rc == 0 && wire_cursor_left(&c) > 0) {
		lines++;
		l.at = (const char *)wire_cursor_line(&c, &l.left);
		if (l.at == NULL) {
			rc = c.rc;
			break;
		}
		skip_blanks(&l);
		if (l.left == 0 || *l.at == '#')
			continue;
		if (++samples > DASH_EXPO_SAMPLES_MAX)
			rc = ERR_PEER_TOO_LARGE;
		else if ((rc = sample(&l, &s)) == 0)
			rc = fn(ctx, &s);
	}
	if (ret_line != NULL)
		*ret_line = lines;
	return rc;
}

const char *
dash_expo_label(const struct dash_expo_sample *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nlabels; i++)
		if (strcmp(s->label[i].name, name) == 0)
			return s->label[i].value;
	return "";
}
