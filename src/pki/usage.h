/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PKI_USAGE_H
#define PKI_USAGE_H

/* keyUsage bits, numbered as in RFC 5280 section 4.2.1.3. */
enum pki_key_usage {
	PKI_KU_DIGITAL_SIGNATURE = 1 << 0,
	PKI_KU_CERT_SIGN = 1 << 5,
	PKI_KU_CRL_SIGN = 1 << 6
};

/* extendedKeyUsage purposes; OTHER stands for any purpose not named. */
enum pki_eku {
	PKI_EKU_SERVER = 1 << 0,
	PKI_EKU_CLIENT = 1 << 1,
	PKI_EKU_OCSP = 1 << 2,
	PKI_EKU_OTHER = 1 << 3
};

#endif
