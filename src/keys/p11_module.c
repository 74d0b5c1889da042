/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "keys/p11_internal.h"

#define VERSION_MAJOR 2

static int
initialise(struct keys_p11 *m, struct fault *f)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = m->f->C_Initialize(&args);

	if (rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return 0;
	return keys_p11_fault(f, rv, "C_Initialize");
}

static int
find_functions(struct keys_p11 *m, struct fault *f)
{
	CK_C_GetFunctionList get;
	void *symbol;
	CK_RV rv;

	/* Modules stay mapped: some leave threads or exit handlers behind. */
	m->object = dlopen(m->path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (m->object == NULL)
		return base_fault_set(
		    f, ERR_STATE_CONFIG, "pkcs11_module %.200s", dlerror());
	symbol = dlsym(m->object, "C_GetFunctionList");
	if (symbol == NULL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "pkcs11_module %.120s: not a PKCS #11 module", m->path);
	memcpy(&get, &symbol, sizeof(get));
	rv = get(&m->f);
	if (rv != CKR_OK || m->f == NULL)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "pkcs11_module %.120s: no function list", m->path);
	if (m->f->version.major < VERSION_MAJOR)
		return base_fault_set(f, ERR_STATE_CONFIG,
		    "pkcs11_module %.120s: PKCS #11 v%d is too old", m->path,
		    m->f->version.major);
	return 0;
}

static void
discard(struct keys_p11 *m)
{
	if (m->object != NULL)
		(void)dlclose(m->object);
	free(m->path);
	free(m);
}

int
keys_p11_load(const char *path, struct keys_p11 **ret, struct fault *f)
{
	struct keys_p11 *m = calloc(1, sizeof(*m));
	int rc;

	if (m == NULL || (m->path = strdup(path)) == NULL) {
		free(m);
		return base_fault_set(f, ERR_SYS_NOMEM, "out of memory");
	}
	rc = find_functions(m, f);
	if (rc == 0)
		rc = initialise(m, f);
	if (rc != 0) {
		discard(m);
		return rc;
	}
	*ret = m;
	return 0;
}

int
keys_p11_reset(struct keys_p11 *m, struct fault *f)
{
	/* Whatever it says, what counts is whether it starts again. */
	(void)m->f->C_Finalize(NULL);
	return initialise(m, f);
}

void
keys_p11_unload(struct keys_p11 *m)
{
	if (m == NULL)
		return;
	(void)m->f->C_Finalize(NULL);
	discard(m);
}
