/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KEYS_P11_SHIM_TEST_H
#define KEYS_P11_SHIM_TEST_H

#include <p11-kit/pkcs11.h>

/*
 * For tests: a PKCS #11 module that passes every call on to the one whose
 * path is in TROTH_SHIM_MODULE, but fails those that the test wants to fail.
 * The test finds keys_p11_shim by dlsym in the loaded module.
 */
struct p11_shim {
	long left;	 /* calls until one fails; below 0: none */
	CK_RV rv;	 /* what it returns */
	int all;	 /* every later call fails too */
	CK_FLAGS flags;	 /* added to those of every token */
	long calls;	 /* ever */
	long logins;	 /* calls of C_Login that were passed on */
	const char *last; /* the name of the call that failed */
	int sessions;	 /* how many may be opened; 0: any number */
	void (*around)(int on); /* on the way into the module and out */
	int meet;	 /* C_Sign waits until so many are in it, or 10 s */
	int nap_ms;	 /* and then sleeps as long */
	int inside, most; /* calls of C_Sign now; at the same time, ever */
};

/**
 * keys_p11_shim():
 * Return what decides which call fails.
 */
struct p11_shim *keys_p11_shim(void);

#endif
