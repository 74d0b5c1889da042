/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the fields of a header are. */
enum {
	NAME = 0,
	NAME_LEN = 100,
	MODE = 100,
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
};

/* The sum of the octets, with spaces where the sum is. */
static uint32_t
sum_of(const uint8_t *block)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < AUDIT_TAR_BLOCK; i++)
		sum += i >= SUM && i < SUM + SUM_LEN ? ' ' : block[i];
	return sum;
}

int
audit_tar_encode(const char *name, uint64_t size, uint8_t ret[AUDIT_TAR_BLOCK])
{
	char text[16];

	if (strlen(name) > NAME_LEN || size > AUDIT_TAR_SIZE_MAX)
		return ERR_SYS_LIMIT;
	memset(ret, 0, AUDIT_TAR_BLOCK);
	memcpy(ret + NAME, name, strlen(name));
	memcpy(ret + MODE, "0000644", 7);
	memcpy(ret + UID, "0000000", 7);
	memcpy(ret + GID, "0000000", 7);
	(void)snprintf(text, sizeof(text), "%011" PRIo64, size);
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

int
audit_tar_parse(const uint8_t block[AUDIT_TAR_BLOCK],
    char name[AUDIT_TAR_NAME_MAX], uint64_t *ret_size)
{
	uint64_t sum, size;
	size_t i;

	for (i = 0; i < AUDIT_TAR_BLOCK && block[i] == 0; i++)
		;
	if (i == AUDIT_TAR_BLOCK)
		return ERR_STATE_NOT_FOUND;
	if (memcmp(block + MAGIC, "ustar", 5) != 0 ||
	    take_octal(block + SUM, SUM_LEN, &sum) != 0 ||
	    sum != sum_of(block) ||
	    take_octal(block + SIZE, SIZE_LEN, &size) != 0)
		return ERR_PEER_MALFORMED;
	if ((block[TYPE] != '0' && block[TYPE] != '\0') ||
	    block[PREFIX] != '\0' || block[NAME] == '\0' ||
	    size > AUDIT_TAR_SIZE_MAX)
		return ERR_PEER_UNSUPPORTED;
	memcpy(name, block + NAME, NAME_LEN);
	name[NAME_LEN] = '\0';
	*ret_size = size;
	return 0;
}
