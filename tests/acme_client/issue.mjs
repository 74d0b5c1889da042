// SPDX-License-Identifier: Apache-2.0
// The npm package acme-client obtains a certificate by one kind of challenge:
//   node issue.mjs DIRECTORY CHALLENGE OUT ADDRESS NAME...
// LAB_DNS_HOOK set|del NAME VALUE changes a TXT record; servers listen on
// ADDRESS.  OUT gets the chain.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import tls from 'node:tls';
import acme from 'acme-client';

const [directoryUrl, type, out, address, ...names] = process.argv.slice(2);
const proofs = new Map();

const web = http.createServer((request, response) => {
  const key = proofs.get(request.url.split('/').pop());
  response.writeHead(key ? 200 : 404);
  response.end(key);
});

const alpn = tls.createServer({
  ALPNProtocols: ['acme-tls/1'],
  SNICallback: (name, done) => {
    const found = proofs.get(name);
    done(found ? null : new Error(`no proof for ${name}`), found);
  },
});

const dnsName = (authz) => `_acme-challenge.${authz.identifier.value}`;
const dns = (verb, authz, value) =>
  execFileSync(process.env.LAB_DNS_HOOK, [verb, dnsName(authz), value]);

const create = {
  'http-01': (authz, challenge, key) => proofs.set(challenge.token, key),
  'dns-01': (authz, challenge, key) => dns('set', authz, key),
  'tls-alpn-01': async (authz, challenge, key) => {
    const [certKey, cert] = await acme.crypto.createAlpnCertificate(
      authz, key);
    proofs.set(authz.identifier.value,
      tls.createSecureContext({ key: certKey, cert }));
  },
};

const listen = (server, port) =>
  new Promise((done) => server.listen(port, address, done));

if (type === 'http-01') await listen(web, 80);
if (type === 'tls-alpn-01') await listen(alpn, 443);
const client = new acme.Client({
  directoryUrl,
  accountKey: await acme.crypto.createPrivateEcdsaKey(),
  backoffMin: 200,
  backoffMax: 1000,
});
const [, csr] = await acme.crypto.createCsr(
  { altNames: names }, await acme.crypto.createPrivateEcdsaKey());
writeFileSync(out, await client.auto({
  csr,
  email: 'admin@npm.lab',
  termsOfServiceAgreed: true,
  challengePriority: [type],
  skipChallengeVerification: true,
  challengeCreateFn: (authz, challenge, key) =>
    create[challenge.type](authz, challenge, key),
  challengeRemoveFn: (authz, challenge, key) =>
    challenge.type === 'dns-01' ? dns('del', authz, key) : undefined,
}));
web.close();
alpn.close();
