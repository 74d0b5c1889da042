/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_REPORT_INTERNAL_H
#define KEYS_REPORT_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct keys_supervisor;

/**
 * keys_report_packet(s, msg, len), keys_report_pin(s, msg, len),
 * keys_report_pins(s, fd):
 * Pass on what a key process reports; remember a refused PIN; tell a new key
 * process of all that were.
 */
void keys_report_packet(
    struct keys_supervisor *s, const uint8_t *msg, size_t len);
void keys_report_pin(
    struct keys_supervisor *s, const uint8_t *msg, size_t len);
void keys_report_pins(const struct keys_supervisor *s, int fd);

#endif
