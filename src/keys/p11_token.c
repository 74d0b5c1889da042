/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keys/p11_internal.h"
#include "keys/p11_token_internal.h"
#include "keys/p11_uri.h"

/* Fields of CK_TOKEN_INFO are padded with blanks and not terminated. */
static void
trim(const CK_UTF8CHAR *field, size_t len, char *out)
{
	while (len > 0 && (field[len - 1] == ' ' || field[len - 1] == '\0'))
		len--;
	memcpy(out, field, len);
	out[len] = '\0';
}

/* Whether ${info} is the token that ${uri} names. */
static bool
is_meant(const CK_TOKEN_INFO *info, const struct keys_p11_uri *uri)
{
	char label[KEYS_P11_LABEL_MAX + 1], number[KEYS_P11_SERIAL_MAX + 1];

	trim(info->label, sizeof(info->label), label);
	trim(info->serialNumber, sizeof(info->serialNumber), number);
	return strcmp(label, uri->label) == 0 &&
	       (uri->serial[0] == '\0' || strcmp(number, uri->serial) == 0);
}

/* One slot: count it in if it is the one. */
static int
look(struct keys_p11 *m, const struct keys_p11_uri *uri, CK_SLOT_ID slot,
    struct keys_p11_token *t, unsigned *found, struct fault *f)
{
	CK_TOKEN_INFO info;
	CK_RV rv;

	memset(&info, 0, sizeof(info));
	rv = m->f->C_GetTokenInfo(slot, &info);
	/* Pulled out since the list was made, or a reader of another kind. */
	if (rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_TOKEN_NOT_RECOGNIZED ||
	    rv == CKR_DEVICE_REMOVED)
		return 0;
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_GetTokenInfo");
	if ((info.flags & CKF_TOKEN_INITIALIZED) == 0 || !is_meant(&info, uri))
		return 0;
	t->slot = slot;
	t->flags = info.flags;
	++*found;
	return 0;
}

static int
find(struct keys_p11 *m, const struct keys_p11_uri *uri,
    struct keys_p11_token *t, struct fault *f)
{
	CK_SLOT_ID slots[KEYS_P11_SLOTS_MAX];
	CK_ULONG n = KEYS_P11_SLOTS_MAX;
	unsigned found = 0;
	int rc = 0;
	CK_RV rv;

	rv = m->f->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv == CKR_BUFFER_TOO_SMALL)
		return base_fault_set(f, ERR_SYS_LIMIT,
		    "more than %d tokens", KEYS_P11_SLOTS_MAX);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_GetSlotList");
	if (n > KEYS_P11_SLOTS_MAX)
		n = KEYS_P11_SLOTS_MAX;
	for (CK_ULONG i = 0; i < n && rc == 0; i++)
		rc = look(m, uri, slots[i], t, &found, f);
	if (rc != 0)
		return rc;
	if (found == 0)
		return base_fault_set(f, ERR_SYS_TOKEN,
		    "token %s%s%s is not there; fix: plug it in, or start its "
		    "service",
		    uri->label, uri->serial[0] != '\0' ? " serial " : "",
		    uri->serial);
	if (found > 1)
		return base_fault_set(f, ERR_STATE_CONFLICT,
		    "%u tokens are labelled %s; fix: add ;serial= to the key's "
		    "URI",
		    found, uri->label);
	return 0;
}

int
keys_p11_token_open(struct keys_p11 *m, const struct keys_p11_uri *uri,
    bool write, struct keys_p11_token *ret, struct fault *f)
{
	CK_FLAGS flags = CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0);
	struct keys_p11_token t = { .m = m };
	CK_RV rv;
	int rc;

	rc = find(m, uri, &t, f);
	if (rc != 0)
		return rc;
	memcpy(t.label, uri->label, sizeof(t.label));
	rv = m->f->C_OpenSession(t.slot, flags, NULL, NULL, &t.session);
	if (rv != CKR_OK)
		return keys_p11_fault(f, rv, "C_OpenSession");
	*ret = t;
	return 0;
}

int
keys_p11_token_login(struct keys_p11_token *t, const uint8_t *pin, size_t len,
    struct fault *f)
{
	CK_RV rv;

	if ((t->flags & CKF_LOGIN_REQUIRED) == 0)
		return 0;
	if ((t->flags & CKF_USER_PIN_LOCKED) != 0)
		return keys_p11_fault(f, CKR_PIN_LOCKED, t->label);
	if ((t->flags & CKF_USER_PIN_FINAL_TRY) != 0)
		return base_fault_set(f, ERR_SYS_PIN,
		    "token %s: one more wrong PIN locks it; fix: log in once "
		    "by hand (pkcs11-tool --login), then reload",
		    t->label);
	rv = t->m->f->C_Login(t->session, CKU_USER,
	    (CK_UTF8CHAR *)(uintptr_t)pin, (CK_ULONG)len);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return 0;
	return keys_p11_fault(f, rv, "C_Login");
}

void
keys_p11_token_close(struct keys_p11_token *t)
{
	if (t->m != NULL)
		(void)t->m->f->C_CloseSession(t->session);
	t->m = NULL;
}

int
keys_p11_token_can(const struct keys_p11_token *t, CK_MECHANISM_TYPE mechanism,
    CK_FLAGS flag, struct fault *f)
{
	CK_MECHANISM_INFO info;
	CK_RV rv;

	memset(&info, 0, sizeof(info));
	rv = t->m->f->C_GetMechanismInfo(t->slot, mechanism, &info);
	if (rv != CKR_OK && rv != CKR_MECHANISM_INVALID)
		return keys_p11_fault(f, rv, "C_GetMechanismInfo");
	if (rv == CKR_OK && (info.flags & flag) == flag)
		return 0;
	return base_fault_set(f, ERR_PEER_UNSUPPORTED,
	    "token %s lacks mechanism 0x%lx; fix: use a key type that it has",
	    t->label, mechanism);
}
