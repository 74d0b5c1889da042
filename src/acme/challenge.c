/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/challenge.h"

#include <string.h>

#include "acme/problem.h"
#include "base/ct.h"
#include "base/str.h"

#define WELL_KNOWN "/.well-known/acme-challenge/"

int
acme_challenge_keyauth(const char *token, const char *thumbprint,
    char out[ACME_CHALLENGE_KEYAUTH_LEN + 1])
{
	if (strlen(token) + 1 + strlen(thumbprint) !=
	    ACME_CHALLENGE_KEYAUTH_LEN)
		return ERR_SYS_LIMIT;
	return base_str_format(
	    out, ACME_CHALLENGE_KEYAUTH_LEN + 1, "%s.%s", token, thumbprint);
}

int
acme_challenge_http(const char *host, uint16_t port, const char *token,
    struct acme_challenge_target *ret)
{
	int rc;

	memset(ret, 0, sizeof(*ret));
	ret->port = port;
	rc = base_str_copy(ret->host, sizeof(ret->host), host);
	if (rc == 0)
		rc = base_str_format(
		    ret->path, sizeof(ret->path), WELL_KNOWN "%s", token);
	return rc;
}

int
acme_challenge_response(int status, const char *body, size_t len,
    const char *keyauth, struct acme_problem *problem)
{
	size_t want = strlen(keyauth);

	if (status != 200)
		return acme_problem_set(problem,
		    ACME_PROBLEM_INCORRECT_RESPONSE,
		    "RFC 8555 section 8.3: the response has status %d", status);
	/* Section 8.3: white space at the end is ignored. */
	while (len > 0 && strchr(" \t\r\n", body[len - 1]) != NULL &&
	       body[len - 1] != '\0')
		len--;
	if (len > ACME_CHALLENGE_BODY_MAX)
		return acme_problem_set(problem, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 8.3: the response is longer than %d "
		    "octets",
		    ACME_CHALLENGE_BODY_MAX);
	if (len != want || !base_ct_equal(body, keyauth, want))
		return acme_problem_set(problem, ACME_PROBLEM_UNAUTHORIZED,
		    "RFC 8555 section 8.3: the response is not the key "
		    "authorization");
	return 0;
}

static int
refuse(struct acme_problem *p, const char *what)
{
	return acme_problem_set(
	    p, ACME_PROBLEM_INCORRECT_RESPONSE, "redirect: %s", what);
}

/* Split "host[:port]" or "[v6][:port]" of len bytes; port 0 when absent. */
static int
authority(const char *s, size_t len, struct acme_challenge_target *ret)
{
	const char *host = s, *end = s + len, *colon;
	size_t host_len;
	uint64_t port;

	if (len > 0 && s[0] == '[') {
		const char *close = memchr(s, ']', len);

		if (close == NULL)
			return ERR_PEER_MALFORMED;
		host = s + 1;
		host_len = (size_t)(close - host);
		colon = close + 1 < end ? close + 1 : NULL;
		if (colon != NULL && *colon != ':')
			return ERR_PEER_MALFORMED;
	} else {
		colon = memchr(s, ':', len);
		host_len = colon == NULL ? len : (size_t)(colon - s);
	}
	if (host_len == 0 || host_len >= sizeof(ret->host))
		return ERR_PEER_MALFORMED;
	memcpy(ret->host, host, host_len);
	ret->host[host_len] = '\0';
	ret->port = 0;
	if (colon == NULL)
		return 0;
	if (base_str_u64(colon + 1, (size_t)(end - colon - 1), &port) != 0 ||
	    port == 0 || port > 65535)
		return ERR_PEER_MALFORMED;
	ret->port = (uint16_t)port;
	return 0;
}

/* Hosts are names or addresses; anything else is not looked up. */
static bool
host_ok(char *host)
{
	char *p;

	for (p = host; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
			*p == '-' || *p == '.' || *p == ':' || *p == '_'))
			return false;
	}
	return true;
}

static int
absolute(const char *rest, const uint16_t ports[2],
    struct acme_challenge_target *ret, struct acme_problem *problem)
{
	size_t len = strcspn(rest, "/?#");

	if (memchr(rest, '@', len) != NULL)
		return refuse(problem, "user information is not taken");
	if (authority(rest, len, ret) != 0 || !host_ok(ret->host))
		return refuse(problem, "the host is malformed");
	/* Without a port the scheme's, that is our port for it. */
	if (ret->port == 0)
		ret->port = ports[ret->tls];
	if (ret->port != ports[ret->tls])
		return refuse(problem, "the port is not a validation port");
	if (base_str_format(ret->path, sizeof(ret->path), "%s%s",
		rest[len] == '/' ? "" : "/", rest + len) != 0)
		return refuse(problem, "the location is too long");
	return 0;
}

int
acme_challenge_redirect(const struct acme_challenge_target *from,
    const char *location, const uint16_t ports[2],
    struct acme_challenge_target *ret, struct acme_problem *problem)
{
	const char *p;
	int rc;

	memset(ret, 0, sizeof(*ret));
	for (p = location; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return refuse(problem, "the location is malformed");
	if (base_str_starts(location, "http://")) {
		rc = absolute(location + 7, ports, ret, problem);
	} else if (base_str_starts(location, "https://")) {
		ret->tls = true;
		rc = absolute(location + 8, ports, ret, problem);
	} else if (base_str_starts(location, "//")) {
		ret->tls = from->tls;
		rc = absolute(location + 2, ports, ret, problem);
	} else if (location[0] == '/') {
		*ret = *from;
		rc = base_str_copy(ret->path, sizeof(ret->path), location);
		if (rc != 0)
			rc = refuse(problem, "the location is too long");
	} else {
		rc = refuse(problem, "the location is neither http nor https");
	}
	if (rc == 0)
		ret->path[strcspn(ret->path, "#")] = '\0';
	return rc;
}
