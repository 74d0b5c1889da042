/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_MAX_H
#define KEYS_MAX_H

/* Slots of one key process, and characters of a slot's name. */
#define KEYS_SLOTS_MAX 255
#define KEYS_SLOT_NAME_MAX 63

/* Keys of files are in one process, those on devices in another. */
enum keys_process_index { KEYS_FILES, KEYS_TOKENS, KEYS_PROCESSES };

#endif
