/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_TAG_H
#define PKI_TAG_H

/* Identifier octets of DER (X.690), class and form included. */
enum pki_tag {
	PKI_TAG_BOOLEAN = 0x01,
	PKI_TAG_INTEGER = 0x02,
	PKI_TAG_BIT_STRING = 0x03,
	PKI_TAG_OCTET_STRING = 0x04,
	PKI_TAG_NULL = 0x05,
	PKI_TAG_OID = 0x06,
	PKI_TAG_ENUMERATED = 0x0a,
	PKI_TAG_UTF8 = 0x0c,
	PKI_TAG_PRINTABLE = 0x13,
	PKI_TAG_IA5 = 0x16,
	PKI_TAG_UTC_TIME = 0x17,
	PKI_TAG_GENERALIZED_TIME = 0x18,
	PKI_TAG_SEQUENCE = 0x30,
	PKI_TAG_SET = 0x31,
	PKI_TAG_CONTEXT = 0x80,	 /* | number, primitive */
	PKI_TAG_CONTEXT_C = 0xa0 /* | number, constructed */
};
enum { PKI_TAG_DEPTH_MAX = 16 };

#endif
