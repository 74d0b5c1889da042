// SPDX-License-Identifier: Apache-2.0
// Compares our primitives with the @noble packages on random inputs:
//
//	node compare.mjs PEER [SEED]
//
// PEER is the program of peer.c.  The seed is printed; the same seed gives
// the same inputs.  The last line says how many comparisons there were.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { gcm } from '@noble/ciphers/aes';
import { chacha20poly1305 } from '@noble/ciphers/chacha';
import { ed25519, x25519 } from '@noble/curves/ed25519';
import { argon2id } from '@noble/hashes/argon2';
import { blake2b } from '@noble/hashes/blake2';
import { blake3 } from '@noble/hashes/blake3';
import { hkdf } from '@noble/hashes/hkdf';
import { hmac } from '@noble/hashes/hmac';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2';
import { sha3_256 } from '@noble/hashes/sha3';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils';
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa';
import { ml_kem1024, ml_kem768 } from '@noble/post-quantum/ml-kem';
import { Random } from './random.mjs';
import { hybridDecaps, hybridEncaps, hybridPublic, xeddsaSign,
	xeddsaVerify } from './troth.mjs';

const seed = process.argv[3] ?? bytesToHex(randomBytes(16));
console.log(`seed ${seed}`);
const random = new Random(seed);

class Peer {
	constructor(program) {
		this.child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
		this.lines = createInterface({ input: this.child.stdout })[
			Symbol.asyncIterator]();
	}
	// Returns the answer's bytes, or throws an Error named like the code.
	async ask(name, ...args) {
		const words = args.map((a) => typeof a === 'number'
			? a.toString(16).padStart(8, '0') : bytesToHex(a) || '-');
		this.child.stdin.write([name, ...words].join(' ') + '\n');
		const { value, done } = await this.lines.next();
		if (done)
			throw new Error('our program ended');
		if (!value.startsWith('ok '))
			throw new Error(value);
		return hexToBytes(value.slice(3));
	}
}

const peer = new Peer(process.argv[2]);
let compared = 0;

async function same(want, name, ...args) {
	let got;
	try {
		got = bytesToHex(await peer.ask(name, ...args));
	} catch (e) {
		got = e.message;
	}
	want = typeof want === 'string' ? want : bytesToHex(want);
	if (got !== want) {
		console.log(`FAIL ${name}`);
		for (const a of args)
			console.log(`  ${typeof a === 'number' ? a : bytesToHex(a)}`);
		console.log(`  ours  ${got}\n  noble ${want}`);
		process.exit(1);
	}
	compared++;
}

const flipped = (bytes) => {
	const b = Uint8Array.from(bytes);
	b[random.upTo(b.length - 1)] ^= 1 << random.upTo(7);
	return b;
};
const message = (max = 5000) => random.bytes(random.upTo(max));
const hashes = { 256: sha256, 384: sha384, 512: sha512 };

async function symmetric() {
	for (const size of [256, 384, 512]) {
		const m = message(), key = message(300);
		await same(hashes[size](m), 'sha2', size, m);
		await same(hmac(hashes[size], key, m), 'hmac', size, key, m);
		const salt = message(100), info = message(200);
		const length = 1 + random.upTo(1000);
		await same(hkdf(hashes[size], m, salt, info, length), 'hkdf', size,
			salt, m, info, length);
	}
	const m = message();
	await same(sha3_256(m), 'sha3', m);
	const dkLen = 1 + random.upTo(63), key = random.bytes(random.upTo(64));
	await same(blake2b(m, { dkLen, key: key.length ? key : undefined }),
		'blake2b', dkLen, key, m);
}

async function blake3All() {
	// Every small length, and sizes about the chunks of 1024 bytes.
	const n = random.upTo(1) ? random.upTo(130)
		: Math.max(0, 1024 * random.upTo(24) + random.upTo(2) - 1);
	const m = random.bytes(n), dkLen = 1 + random.upTo(300);
	const none = new Uint8Array(0), key = random.bytes(32);
	const context = Uint8Array.from(random.bytes(1 + random.upTo(100)),
		(b) => 32 + b % 95);
	await same(blake3(m, { dkLen }), 'blake3', dkLen, none, none, m);
	await same(blake3(m, { dkLen, key }), 'blake3', dkLen, key, none, m);
	await same(blake3(m, { dkLen, context }), 'blake3', dkLen, none,
		context, m);
}

async function passwords() {
	const p = 1 + random.upTo(3), t = 1 + random.upTo(2);
	const m = 8 * p + random.upTo(100);
	const pass = message(100), salt = random.bytes(8 + random.upTo(56));
	await same(argon2id(pass, salt, { t, m, p, dkLen: 32 }), 'argon2id',
		pass, salt, m, t, p);
}

async function aead() {
	for (const [alg, cipher] of [[1, gcm], [2, chacha20poly1305]]) {
		const key = random.bytes(32), nonce = random.bytes(12);
		const aad = message(100), m = message(3000);
		const sealed = cipher(key, nonce, aad).encrypt(m);
		await same(sealed, 'aead_seal', alg, key, nonce, aad, m);
		await same(m, 'aead_open', alg, key, nonce, aad, sealed);
		await same('ERR_PEER_DECRYPT', 'aead_open', alg, key, nonce, aad,
			flipped(sealed));
		const number = random.upTo(300), n = Uint8Array.from(nonce);
		n[11] ^= number & 255;
		n[10] ^= number >> 8;
		await same(cipher(key, n, aad).encrypt(m), 'packet', alg, key,
			nonce, aad, m, number + 1);
	}
}

async function curves() {
	const secret = random.bytes(32), other = random.bytes(32);
	const pub = x25519.getPublicKey(other), m = message();
	await same(x25519.getPublicKey(secret), 'x25519_public', secret);
	await same(x25519.getSharedSecret(secret, pub), 'x25519', secret, pub);
	const edPub = ed25519.getPublicKey(secret), sig = ed25519.sign(m, secret);
	await same(sig, 'ed25519_sign', secret, m);
	await same('', 'ed25519_verify', edPub, m, sig);
	await same('ERR_PEER_SIGNATURE', 'ed25519_verify', edPub, m,
		flipped(sig));
	const nonce = random.bytes(64), xsig = xeddsaSign(other, m, nonce);
	await same(xsig, 'xeddsa_sign', other, m, nonce);
	await same('', 'xeddsa_verify', pub, m, xsig);
	for (const bad of [flipped(xsig), random.bytes(64)]) {
		if (xeddsaVerify(pub, m, bad))
			throw new Error('noble accepts a forgery');
		await same('ERR_PEER_SIGNATURE', 'xeddsa_verify', pub, m, bad);
	}
}

async function kems() {
	for (const [size, kem] of [[768, ml_kem768], [1024, ml_kem1024]]) {
		const s = random.bytes(64), m = random.bytes(32);
		const { publicKey, secretKey } = kem.keygen(s);
		await same(publicKey, 'mlkem_public', size, s);
		const { cipherText, sharedSecret } = kem.encapsulate(publicKey, m);
		await same(concatBytes(cipherText, sharedSecret), 'mlkem_encaps',
			size, publicKey, m);
		await same(sharedSecret, 'mlkem_decaps', size, s, cipherText);
		const bad = flipped(cipherText);
		await same(kem.decapsulate(bad, secretKey), 'mlkem_decaps', size, s,
			bad);

		const hs = random.bytes(96), e = random.bytes(32);
		const label = message(40), pub = hybridPublic(size, hs);
		await same(pub, 'hybrid_public', size, hs);
		const { ct, secret } = hybridEncaps(size, label, pub, e, m);
		await same(concatBytes(ct, secret), 'hybrid_encaps', size, label,
			pub, e, m);
		await same(secret, 'hybrid_decaps', size, label, hs, ct);
		const other = flipped(ct);
		await same(hybridDecaps(size, label, hs, other), 'hybrid_decaps',
			size, label, hs, other);
	}
}

async function mldsa() {
	for (const [set, dsa] of [[44, ml_dsa44], [65, ml_dsa65],
		[87, ml_dsa87]]) {
		const s = random.bytes(32), context = random.bytes(random.upTo(255));
		const m = message(), rnd = random.bytes(32 * random.upTo(1));
		const { publicKey, secretKey } = dsa.keygen(s);
		const sig = dsa.sign(secretKey, m, context,
			rnd.length ? rnd : undefined);
		await same(concatBytes(publicKey, sig), 'mldsa_sign', set, s,
			context, m, rnd);
		await same('', 'mldsa_verify', set, publicKey, context, m, sig);
		await same('ERR_PEER_SIGNATURE', 'mldsa_verify', set, publicKey,
			context, m, flipped(sig));
	}
}

for (let i = 0; i < 60; i++) {
	await symmetric();
	await blake3All();
	await aead();
}
for (let i = 0; i < 15; i++) {
	await passwords();
	await curves();
	await kems();
}
for (let i = 0; i < 4; i++)
	await mldsa();
peer.child.stdin.end();
console.log(`${compared} comparisons agree`);
