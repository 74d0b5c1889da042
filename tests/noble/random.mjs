// SPDX-License-Identifier: Apache-2.0
// Random inputs that a seed reproduces.
import { shake256 } from '@noble/hashes/sha3';

export class Random {
	constructor(seed) {
		this.xof = shake256.create({ dkLen: 32 }).update(seed);
	}
	bytes(n) {
		return n > 0 ? this.xof.xof(n) : new Uint8Array(0);
	}
	// An integer from 0 to max.
	upTo(max) {
		const b = this.bytes(4);
		return ((b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) >>> 0) % (max + 1);
	}
}
