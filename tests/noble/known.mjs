// SPDX-License-Identifier: Apache-2.0
// Prints tests/vectors/noble/known.json: known answers for what no published
// vectors exist.
import { bytesToHex as hex } from '@noble/hashes/utils';
import { x25519 } from '@noble/curves/ed25519';
import { Random } from './random.mjs';
import { hybridDecaps, hybridEncaps, hybridPublic, xeddsaSign,
	xeddsaVerify } from './troth.mjs';

const random = new Random('troth known answers 1');
const xeddsa = [], hybrid = [];
for (const length of [0, 1, 31, 32, 64, 111, 112, 127, 128, 129, 1000, 4096]) {
	const secret = random.bytes(32), msg = random.bytes(length);
	const nonce = random.bytes(64), pub = x25519.getPublicKey(secret);
	const sig = xeddsaSign(secret, msg, nonce);
	if (!xeddsaVerify(pub, msg, sig))
		throw new Error('does not verify');
	xeddsa.push({ secret: hex(secret), nonce: hex(nonce), msg: hex(msg),
		pub: hex(pub), sig: hex(sig) });
}
for (const size of [768, 1024, 1024]) {
	const seed = random.bytes(96), ephemeral = random.bytes(32);
	const m = random.bytes(32);
	const label = new TextEncoder().encode('B4AE-v2-hybrid-kex');
	const pub = hybridPublic(size, seed);
	const { ct, secret } = hybridEncaps(size, label, pub, ephemeral, m);
	if (hex(hybridDecaps(size, label, seed, ct)) !== hex(secret))
		throw new Error('decapsulates to something else');
	const other = Uint8Array.from(ct);
	other[500] ^= 1;
	hybrid.push({ size, label: hex(label), seed: hex(seed),
		ephemeral: hex(ephemeral), m: hex(m), pub: hex(pub), ct: hex(ct),
		secret: hex(secret),
		rejected: hex(hybridDecaps(size, label, seed, other)) });
}
console.log(JSON.stringify({ xeddsa, hybrid }, null, 1));
