/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/p11_shim_test.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern CK_RV C_GetFunctionList(CK_FUNCTION_LIST **ret);

static struct p11_shim p11_shim = { .left = -1 };
static CK_FUNCTION_LIST *real, list;
static int opened; /* while there is a limit */

struct p11_shim *
keys_p11_shim(void)
{
	return &p11_shim;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t met = PTHREAD_COND_INITIALIZER;

static int
fails(const char *name)
{
	int failed = 0;

	(void)pthread_mutex_lock(&lock);
	p11_shim.calls++;
	if (p11_shim.left >= 0 && p11_shim.left-- == 0) {
		if (p11_shim.all)
			p11_shim.left = 0;
		p11_shim.last = name;
		failed = 1;
	}
	(void)pthread_mutex_unlock(&lock);
	return failed;
}

/* Into C_Sign: wait for company. */
static void
enter(void)
{
	struct timespec nap = { p11_shim.nap_ms / 1000,
		p11_shim.nap_ms % 1000 * 1000000L };
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 10;
	(void)pthread_mutex_lock(&lock);
	if (++p11_shim.inside > p11_shim.most)
		p11_shim.most = p11_shim.inside;
	(void)pthread_cond_broadcast(&met);
	while (p11_shim.most < p11_shim.meet &&
	       pthread_cond_timedwait(&met, &lock, &end) == 0)
		continue;
	(void)pthread_mutex_unlock(&lock);
	(void)nanosleep(&nap, NULL);
}

static void
leave(void)
{
	(void)pthread_mutex_lock(&lock);
	p11_shim.inside--;
	(void)pthread_mutex_unlock(&lock);
}

/* Of the leak sanitizer, if the test has it. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

/* What happens between these is the module's.  SoftHSM 2.6.1 leaks in
 * C_SignInit with an Ed25519 key. */
static void
theirs(int on)
{
	if (p11_shim.around != NULL)
		p11_shim.around(on);
	if (on && __lsan_disable != NULL)
		__lsan_disable();
	else if (!on && __lsan_enable != NULL)
		__lsan_enable();
}

#define PASS_ON(name, params, args)                                            \
	static CK_RV shim_##name params                                        \
	{                                                                      \
		CK_RV rv;                                                      \
                                                                               \
		if (fails(#name))                                              \
			return p11_shim.rv;                                    \
		theirs(1);                                           \
		rv = real->name args;                                          \
		theirs(0);                                           \
		return rv;                                                     \
	}

PASS_ON(C_Initialize, (void *a),
    (a))
PASS_ON(C_GetSlotList, (unsigned char a, CK_SLOT_ID *b, unsigned long *c),
    (a, b, c))
PASS_ON(C_GetMechanismInfo, (CK_SLOT_ID a, CK_MECHANISM_TYPE b, CK_MECHANISM_INFO *c),
    (a, b, c))
PASS_ON(C_FindObjectsInit, (CK_SESSION_HANDLE a, CK_ATTRIBUTE *b, unsigned long c),
    (a, b, c))
PASS_ON(C_FindObjects, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE *b,
    unsigned long c, unsigned long *d),
    (a, b, c, d))
PASS_ON(C_FindObjectsFinal, (CK_SESSION_HANDLE a),
    (a))
PASS_ON(C_GetAttributeValue, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c,
    unsigned long d),
    (a, b, c, d))
PASS_ON(C_SignInit, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c),
    (a, b, c))
PASS_ON(C_GenerateKeyPair, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_ATTRIBUTE *c,
    unsigned long d, CK_ATTRIBUTE *e, unsigned long f,
    CK_OBJECT_HANDLE *g, CK_OBJECT_HANDLE *h),
    (a, b, c, d, e, f, g, h))
PASS_ON(C_CreateObject, (CK_SESSION_HANDLE a, CK_ATTRIBUTE *b, unsigned long c,
    CK_OBJECT_HANDLE *d),
    (a, b, c, d))
PASS_ON(C_DestroyObject, (CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b),
    (a, b))
PASS_ON(C_WrapKey, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c,
    CK_OBJECT_HANDLE d, unsigned char *e, unsigned long *f),
    (a, b, c, d, e, f))
PASS_ON(C_UnwrapKey, (CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c,
    unsigned char *d, unsigned long e, CK_ATTRIBUTE *f, unsigned long g,
    CK_OBJECT_HANDLE *h),
    (a, b, c, d, e, f, g, h))

static CK_RV
shim_C_OpenSession(CK_SLOT_ID a, CK_FLAGS b, void *c, CK_NOTIFY d,
    CK_SESSION_HANDLE *e)
{
	CK_RV rv;

	if (fails("C_OpenSession"))
		return p11_shim.rv;
	if (p11_shim.sessions > 0 && opened++ >= p11_shim.sessions)
		return CKR_SESSION_COUNT;
	theirs(1);
	rv = real->C_OpenSession(a, b, c, d, e);
	theirs(0);
	return rv;
}

static CK_RV
shim_C_Sign(CK_SESSION_HANDLE a, unsigned char *b, unsigned long c,
    unsigned char *d, unsigned long *e)
{
	CK_RV rv = p11_shim.rv;

	enter();
	if (!fails("C_Sign")) {
		theirs(1);
		rv = real->C_Sign(a, b, c, d, e);
		theirs(0);
	}
	leave();
	return rv;
}

static CK_RV
shim_C_Login(CK_SESSION_HANDLE a, CK_USER_TYPE b, unsigned char *c,
    unsigned long d)
{
	CK_RV rv;

	if (fails("C_Login"))
		return p11_shim.rv;
	p11_shim.logins++;
	theirs(1);
	rv = real->C_Login(a, b, c, d);
	theirs(0);
	return rv;
}

/* These two do not fail. */
static CK_RV
shim_C_CloseSession(CK_SESSION_HANDLE a)
{
	CK_RV rv;

	theirs(1);
	rv = real->C_CloseSession(a);
	theirs(0);
	return rv;
}

static CK_RV
shim_C_Finalize(void *a)
{
	CK_RV rv;

	theirs(1);
	rv = real->C_Finalize(a);
	theirs(0);
	return rv;
}

static CK_RV
shim_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv;

	if (fails("C_GetTokenInfo"))
		return p11_shim.rv;
	theirs(1);
	rv = real->C_GetTokenInfo(slot, info);
	theirs(0);
	if (rv == CKR_OK)
		info->flags |= p11_shim.flags;
	return rv;
}

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **ret)
{
	CK_C_GetFunctionList get;
	void *object, *symbol;
	const char *path = getenv("TROTH_SHIM_MODULE");

	theirs(1);
	object = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_NODELETE);
	symbol = object == NULL ? NULL : dlsym(object, "C_GetFunctionList");
	theirs(0);
	if (symbol == NULL)
		return CKR_GENERAL_ERROR;
	memcpy(&get, &symbol, sizeof(get));
	if (get(&real) != CKR_OK)
		return CKR_GENERAL_ERROR;
	list = *real;
#define TAKE(name) list.name = shim_##name
	TAKE(C_Initialize);
	TAKE(C_GetSlotList);
	TAKE(C_OpenSession);
	TAKE(C_GetMechanismInfo);
	TAKE(C_FindObjectsInit);
	TAKE(C_FindObjects);
	TAKE(C_FindObjectsFinal);
	TAKE(C_GetAttributeValue);
	TAKE(C_SignInit);
	TAKE(C_Sign);
	TAKE(C_GenerateKeyPair);
	TAKE(C_CreateObject);
	TAKE(C_DestroyObject);
	TAKE(C_WrapKey);
	TAKE(C_UnwrapKey);
	TAKE(C_Login);
	TAKE(C_CloseSession);
	TAKE(C_Finalize);
	TAKE(C_GetTokenInfo);
	*ret = &list;
	return CKR_OK;
}
