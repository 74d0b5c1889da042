// SPDX-License-Identifier: Apache-2.0
// What the specifications of Troth build from primitives, a second time, from
// the @noble packages: XEdDSA and the hybrid KEM.
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { hkdf } from '@noble/hashes/hkdf';
import { sha512 } from '@noble/hashes/sha2';
import { concatBytes as cat } from '@noble/hashes/utils';
import { ml_kem1024, ml_kem768 } from '@noble/post-quantum/ml-kem';

const Point = ed25519.ExtendedPoint;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;

const toInt = (b) => b.reduceRight((n, x) => (n << 8n) | BigInt(x), 0n);
const toBytes = (n) => Uint8Array.from({ length: 32 },
	(_, i) => Number((n >> BigInt(8 * i)) & 0xffn));
const mod = (a, m) => ((a % m) + m) % m;

function power(base, exponent) {
	let r = 1n;
	for (let b = base; exponent > 0n; exponent >>= 1n, b = (b * b) % P)
		if (exponent & 1n)
			r = (r * b) % P;
	return r;
}

// "The XEdDSA and VXEdDSA Signature Schemes", revision 1, section 2.3.  Like
// libxeddsa and Signal's own code, a private key that need not be negated is
// hashed as it is clamped, not reduced modulo the group's order.
function keyPair(secret) {
	const k = Uint8Array.from(secret);
	k[0] &= 248;
	k[31] = (k[31] & 127) | 64;
	const E = Point.BASE.multiply(mod(toInt(k), L));
	const negative = (E.toAffine().x & 1n) === 1n;
	const a = negative ? toBytes(mod(-toInt(k), L)) : k;
	return { A: (negative ? E.negate() : E).toRawBytes(), a };
}

export function xeddsaSign(secret, msg, Z) {
	const { A, a } = keyPair(secret);
	const prefix = new Uint8Array(32).fill(0xff);
	prefix[0] = 0xfe;
	const r = mod(toInt(sha512(cat(prefix, a, msg, Z))), L);
	const R = Point.BASE.multiply(r).toRawBytes();
	const h = mod(toInt(sha512(cat(R, A, msg))), L);
	return cat(R, toBytes(mod(r + h * toInt(a), L)));
}

export function xeddsaVerify(pub, msg, sig) {
	const u = toInt(pub);
	if (u >= P)
		return false;
	// y = (u - 1) / (u + 1), RFC 7748 section 4.1; the sign bit is 0.
	const A = toBytes((mod(u - 1n, P) * power(mod(u + 1n, P), P - 2n)) % P);
	try {
		return ed25519.verify(sig, msg, A, { zip215: false });
	} catch {
		return false;
	}
}

// The hybrid KEM of src/crypto/hybrid.h.
const kems = { 768: ml_kem768, 1024: ml_kem1024 };

function combine(label, pub, ct, dh, ss) {
	const info = sha512(cat(pub.subarray(0, 32), ct.subarray(0, 32),
		pub.subarray(32), ct.subarray(32)));
	return hkdf(sha512, cat(dh, ss), label, info, 64);
}

export function hybridPublic(size, seed) {
	const { publicKey } = kems[size].keygen(seed.slice(32));
	return cat(x25519.getPublicKey(seed.slice(0, 32)), publicKey);
}

export function hybridEncaps(size, label, pub, ephemeral, m) {
	const kem = kems[size].encapsulate(pub.slice(32), m);
	const ct = cat(x25519.getPublicKey(ephemeral), kem.cipherText);
	const dh = x25519.getSharedSecret(ephemeral, pub.slice(0, 32));
	return { ct, secret: combine(label, pub, ct, dh, kem.sharedSecret) };
}

export function hybridDecaps(size, label, seed, ct) {
	const kem = kems[size];
	const ss = kem.decapsulate(ct.slice(32),
		kem.keygen(seed.slice(32)).secretKey);
	const dh = x25519.getSharedSecret(seed.slice(0, 32), ct.slice(0, 32));
	return combine(label, hybridPublic(size, seed), ct, dh, ss);
}
