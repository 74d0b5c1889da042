/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_internal.h"

/* What went wrong, and the way out. */
static const char absent[] = "the token is not there; fix: plug it in, or "
			     "start its service";
static const char fails[] = "the token fails; fix: look into the module's own "
			    "log";
static const char lost[] = "the session with the token was lost; it is opened "
			   "again";
static const char wrong[] = "wrong PIN; fix: correct pass_file, then reload; "
			    "this PIN is not tried again";
static const char locked[] = "the PIN is locked; fix: have the security "
			     "officer set a new one";
static const char unset[] = "the token has no user PIN yet, or it expired; "
			    "fix: set one";
static const char cannot[] = "the token cannot do this; fix: use another key "
			     "type or token";
static const char memory[] = "out of memory, here or on the token";

#define RV(rv, code, text)                                                     \
	{                                                                      \
		rv, #rv, code, text                                            \
	}

static const struct {
	CK_RV rv;
	const char *name;
	int code;
	const char *text;
} faults[] = {
	RV(CKR_TOKEN_NOT_PRESENT, ERR_SYS_TOKEN, absent),
	RV(CKR_TOKEN_NOT_RECOGNIZED, ERR_SYS_TOKEN, absent),
	RV(CKR_DEVICE_REMOVED, ERR_SYS_TOKEN, absent),
	RV(CKR_SLOT_ID_INVALID, ERR_SYS_TOKEN, absent),
	RV(CKR_GENERAL_ERROR, ERR_SYS_TOKEN, fails),
	RV(CKR_FUNCTION_FAILED, ERR_SYS_TOKEN, fails),
	RV(CKR_FUNCTION_CANCELED, ERR_SYS_TOKEN, fails),
	RV(CKR_DEVICE_ERROR, ERR_SYS_TOKEN, fails),
	RV(CKR_SESSION_COUNT, ERR_SYS_TOKEN,
	    "too many sessions; fix: end other users of the token"),
	RV(CKR_SESSION_CLOSED, ERR_SYS_TOKEN, lost),
	RV(CKR_SESSION_HANDLE_INVALID, ERR_SYS_TOKEN, lost),
	RV(CKR_KEY_HANDLE_INVALID, ERR_SYS_TOKEN, lost),
	RV(CKR_OBJECT_HANDLE_INVALID, ERR_SYS_TOKEN, lost),
	RV(CKR_USER_NOT_LOGGED_IN, ERR_SYS_TOKEN, lost),
	RV(CKR_CRYPTOKI_NOT_INITIALIZED, ERR_SYS_TOKEN, lost),
	RV(CKR_PIN_INCORRECT, ERR_SYS_PIN, wrong),
	RV(CKR_PIN_INVALID, ERR_SYS_PIN, wrong),
	RV(CKR_PIN_LEN_RANGE, ERR_SYS_PIN, wrong),
	RV(CKR_PIN_EXPIRED, ERR_SYS_PIN, unset),
	RV(CKR_USER_PIN_NOT_INITIALIZED, ERR_SYS_PIN, unset),
	RV(CKR_PIN_LOCKED, ERR_SYS_PIN_LOCKED, locked),
	RV(CKR_MECHANISM_INVALID, ERR_PEER_UNSUPPORTED, cannot),
	RV(CKR_MECHANISM_PARAM_INVALID, ERR_PEER_UNSUPPORTED, cannot),
	RV(CKR_KEY_TYPE_INCONSISTENT, ERR_PEER_UNSUPPORTED, cannot),
	RV(CKR_KEY_FUNCTION_NOT_PERMITTED, ERR_PEER_UNSUPPORTED,
	    "the key's attributes forbid it; fix: make a key for this use"),
	RV(CKR_FUNCTION_NOT_SUPPORTED, ERR_PEER_UNSUPPORTED, cannot),
	RV(CKR_TOKEN_WRITE_PROTECTED, ERR_SYS_TOKEN,
	    "the token is write-protected"),
	RV(CKR_WRAPPED_KEY_INVALID, ERR_PEER_DECRYPT,
	    "not wrapped under this key"),
	RV(CKR_WRAPPED_KEY_LEN_RANGE, ERR_PEER_DECRYPT,
	    "not wrapped under this key"),
	RV(CKR_HOST_MEMORY, ERR_SYS_NOMEM, memory),
	RV(CKR_DEVICE_MEMORY, ERR_SYS_NOMEM, memory),
};

int
keys_p11_fault(struct fault *f, CK_RV rv, const char *what)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (faults[i].rv == rv)
			return base_fault_set(f, faults[i].code,
			    "%s (%s): %s", what, faults[i].name,
			    faults[i].text);
	return base_fault_set(
	    f, ERR_SYS_TOKEN, "%s (0x%lx): %s", what, rv, fails);
}
