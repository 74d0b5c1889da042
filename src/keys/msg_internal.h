/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_MSG_INTERNAL_H
#define KEYS_MSG_INTERNAL_H

/*
 * Packets between the supervisor and its children start with one of these
 * letters, those about a slot with its number in second place.
 */
#define KEYS_MSG_MAX 65536
enum keys_msg {
	KEYS_MSG_READY = 'R',	/* keys: loaded, waiting for go */
	KEYS_MSG_FAILED = 'F',	/* keys: class digit, text */
	KEYS_MSG_REFUSED = 'D', /* keys: op, slot, name, NUL, text */
	KEYS_MSG_STATE = 'S',	/* both: slot, state */
	KEYS_MSG_KEY = 'K',	/* keys: slot, encrypted PEM */
	KEYS_MSG_DEVICE = 'T',	/* keys: slot, '+' or '-', name, NUL, text */
	KEYS_MSG_PIN = 'P',	/* both: digest of a refused PIN */
	KEYS_MSG_RETIRED = 'Q', /* keys: every state was sent */
	KEYS_MSG_RETIRE = 'q',	/* supervisor to keys */
	KEYS_MSG_GO = 'G',	/* supervisor to keys */
	KEYS_MSG_SOCKET = 'N',	/* supervisor to main, with a descriptor */
	KEYS_MSG_CONFIG = 'C',	/* supervisor to main, with a descriptor */
};

/* Main's fixed-size commands. */
#define KEYS_COMMAND_LEN 8
#define KEYS_COMMAND_RELOAD 1

#endif
