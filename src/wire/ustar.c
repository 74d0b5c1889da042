/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/ustar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the fields of a header are. */
enum {
	NAME = 0,
	NAME_LEN = 100,
	MODE = 100,
	MODE_LEN = 8,
	UID = 108,
	GID = 116,
	SIZE = 124,
	SIZE_LEN = 12,
	MTIME = 136,
	SUM = 148,
	SUM_LEN = 8,
	TYPE = 156,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_LEN = 155,
};

/* The sum of the octets, with spaces where the sum is. */
static uint32_t
sum_of(const uint8_t *block)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < WIRE_USTAR_BLOCK; i++)
		sum += i >= SUM && i < SUM + SUM_LEN ? ' ' : block[i];
	return sum;
}

/* A long name is the prefix, a slash that is not written, and the rest. */
static int
put_name(const char *name, uint8_t *block)
{
	size_t len = strlen(name), i;

	if (len <= NAME_LEN) {
		memcpy(block + NAME, name, len);
		return 0;
	}
	for (i = len - NAME_LEN - 1; i < len - 1 && i <= PREFIX_LEN; i++)
		if (name[i] == '/' && i > 0) {
			memcpy(block + PREFIX, name, i);
			memcpy(block + NAME, name + i + 1, len - i - 1);
			return 0;
		}
	return ERR_SYS_LIMIT;
}

int
wire_ustar_encode(const struct wire_ustar *m, uint8_t ret[WIRE_USTAR_BLOCK])
{
	char text[16];

	memset(ret, 0, WIRE_USTAR_BLOCK);
	if (m->size > WIRE_USTAR_SIZE_MAX || put_name(m->name, ret) != 0)
		return ERR_SYS_LIMIT;
	(void)snprintf(text, sizeof(text), "%07o", m->mode & 0777);
	memcpy(ret + MODE, text, 7);
	memcpy(ret + UID, "0000000", 7);
	memcpy(ret + GID, "0000000", 7);
	(void)snprintf(text, sizeof(text), "%011" PRIo64, m->size);
	memcpy(ret + SIZE, text, 11);
	memcpy(ret + MTIME, "00000000000", 11);
	ret[TYPE] = '0';
	memcpy(ret + MAGIC,
	    "ustar\0"
	    "00",
	    8);
	(void)snprintf(text, sizeof(text), "%06" PRIo32, sum_of(ret));
	memcpy(ret + SUM, text, 7);
	ret[SUM + 7] = ' ';
	return 0;
}

/* Octal digits, ended by a zero or a space or the field's end. */
static int
take_octal(const uint8_t *field, size_t len, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0');
	if (i == 0 || (i < len && field[i] != '\0' && field[i] != ' '))
		return ERR_PEER_MALFORMED;
	*ret = v;
	return 0;
}

static void
take_name(const uint8_t *block, char *out)
{
	size_t prefix = strnlen((const char *)block + PREFIX, PREFIX_LEN);
	size_t name = strnlen((const char *)block + NAME, NAME_LEN);

	if (prefix > 0) {
		memcpy(out, block + PREFIX, prefix);
		out[prefix++] = '/';
	}
	memcpy(out + prefix, block + NAME, name);
	out[prefix + name] = '\0';
}

int
wire_ustar_parse(const uint8_t block[WIRE_USTAR_BLOCK], struct wire_ustar *ret)
{
	uint64_t sum, size, mode;
	size_t i;

	for (i = 0; i < WIRE_USTAR_BLOCK && block[i] == 0; i++)
		;
	if (i == WIRE_USTAR_BLOCK)
		return ERR_STATE_NOT_FOUND;
	if (memcmp(block + MAGIC, "ustar", 5) != 0 ||
	    take_octal(block + SUM, SUM_LEN, &sum) != 0 ||
	    sum != sum_of(block) ||
	    take_octal(block + MODE, MODE_LEN, &mode) != 0 ||
	    take_octal(block + SIZE, SIZE_LEN, &size) != 0)
		return ERR_PEER_MALFORMED;
	if ((block[TYPE] != '0' && block[TYPE] != '\0') ||
	    block[NAME] == '\0' || size > WIRE_USTAR_SIZE_MAX)
		return ERR_PEER_UNSUPPORTED;
	take_name(block, ret->name);
	ret->size = size;
	ret->mode = (unsigned)mode & 0777;
	return 0;
}

size_t
wire_ustar_padding(uint64_t size)
{
	return (size_t)(-size & (WIRE_USTAR_BLOCK - 1));
}
