/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "crypto/sha2.h"
#include "store/file.h"
#include "trustchain/ca_cli.h"
#include "trustchain/ca_config.h"
#include "trustchain/ca_record.h"
#include "wire/hex.h"
#include "wire/json.h"
#include "wire/pem.h"

#define ROOTS_MAX 262144

/* How each client is told to trust a root in a file (%s). */
static const struct {
	const char *client, *how;
} clients[] = {
	{ "system", "install -m 0644 %s /usr/local/share/ca-certificates/"
		    "trustchain-root.crt && update-ca-certificates" },
	{ "curl", "curl --cacert %s URL" },
	{ "OpenSSL", "openssl s_client -CAfile %s -connect HOST:PORT" },
	{ "NSS", "certutil -A -d sql:$HOME/.pki/nssdb -n TrustChain "
		 "-t C,, -i %s" },
	{ "certbot", "REQUESTS_CA_BUNDLE=%s certbot ..." },
	{ "lego", "LEGO_CA_CERTIFICATES=%s lego ..." },
	{ "acme.sh", "acme.sh --ca-bundle %s ..." },
	{ "Node", "NODE_EXTRA_CA_CERTS=%s node ..." },
	{ "Java", "keytool -importcert -noprompt -alias trustchain -file %s "
		  "-cacerts" },
};
#define NCLIENTS (sizeof(clients) / sizeof(clients[0]))

static int
print_text(const char *path, const char *pem, const char *hex)
{
	size_t i;

	(void)printf("%ssha256:%s\n\n", pem, hex);
	for (i = 0; i < NCLIENTS; i++) {
		(void)printf("%-8s  ", clients[i].client);
		/* The one %s of each line stands for the path. */
		const char *at = clients[i].how;

		for (; *at != '\0'; at++) {
			if (at[0] == '%' && at[1] == 's') {
				(void)fputs(path, stdout);
				at++;
			} else {
				(void)putchar(*at);
			}
		}
		(void)printf("\n");
	}
	return OPS_EXIT_OK;
}

static int
print_json(const char *path, const char *pem, const char *hex)
{
	json_t *o = json_pack(
	    "{s:s, s:s, s:s}", "root", pem, "sha256", hex, "path", path);
	char *text = o == NULL ? NULL : wire_json_dump(o, NULL);

	json_decref(o);
	if (text == NULL)
		return OPS_EXIT_FAILED;
	(void)printf("%s\n", text);
	free(text);
	return OPS_EXIT_OK;
}

static int
print_root(const struct ops_cli *cli, const char *path, const uint8_t *text,
    size_t len)
{
	uint8_t digest[CRYPTO_SHA256_LEN];
	char hex[2 * CRYPTO_SHA256_LEN + 1], *pem;
	struct buf der;
	size_t pos = 0;
	int code;

	base_buf_init(&der, 65536);
	if (wire_pem_next((const char *)text, len, &pos, "CERTIFICATE", &der) !=
		0 ||
	    (pem = ca_record_pem(der.data, der.len)) == NULL) {
		base_buf_free(&der);
		ops_cli_error("%s holds no certificate", path);
		return OPS_EXIT_FAILED;
	}
	crypto_sha2_256(der.data, der.len, digest);
	wire_hex_encode(digest, sizeof(digest), hex);
	code =
	    cli->json ? print_json(path, pem, hex) : print_text(path, pem, hex);
	free(pem);
	base_buf_free(&der);
	return code;
}

int
ca_cli_root(const struct ops_cli *cli, const void *opts, char **args, int n)
{
	struct ca_config *conf;
	struct fault f = { 0 };
	uint8_t *text = NULL;
	size_t len;
	int rc, code;

	(void)opts;
	(void)args;
	(void)n;
	if ((rc = ca_config_load(cli->config, cli->root, &conf, &f)) != 0) {
		ops_cli_error("%s", f.msg);
		return OPS_EXIT_USAGE;
	}
	if ((rc = store_file_load(
		 conf->server.roots, ROOTS_MAX, &text, &len)) != 0) {
		ops_cli_error("%s: %s; fix: run `trustchain-ca init-ca "
			      "--generate-if-missing'",
		    conf->server.roots, base_err_text(rc));
		code = OPS_EXIT_FAILED;
	} else {
		code = print_root(cli, conf->server.roots, text, len);
	}
	free(text);
	ca_config_free(conf);
	return code;
}
