#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Talk to the server of src/http/test_websocket.c with Debian's node-ws:
//
//     websocket_peer.js URL [CA-FILE]        prints "ok" or exits 1
'use strict';

const assert = require('assert');
const fs = require('fs');
// Where Debian keeps it; node from elsewhere does not look there.
const WebSocket = require('/usr/share/nodejs/ws');

const [base, ca] = process.argv.slice(2);
// Some releases of node do not find "::1" in a certificate.
const options = ca ? { ca: fs.readFileSync(ca),
    checkServerIdentity: () => undefined } : {};

const open = (path, protocols) => new Promise((resolve, reject) => {
	const ws = new WebSocket(base + path, protocols || [], options);

	ws.queue = [];
	ws.on('message', (data, isBinary) => {
		ws.queue.push({ data, isBinary });
		ws.emit('queued');
	});
	ws.on('open', () => resolve(ws));
	ws.on('error', reject);
});

const next = async (ws) => {
	while (ws.queue.length === 0)
		await new Promise((r) => ws.once('queued', r));
	return ws.queue.shift();
};

const closed = (ws) => new Promise((resolve) => {
	ws.on('close', (code, reason) => resolve([code, String(reason)]));
});

const main = async () => {
	let ws = await open('/echo', ['two', 'one']);
	let m;

	assert.strictEqual(ws.protocol, 'two');
	assert.strictEqual(ws.extensions, '');
	for (const n of [0, 1, 125, 126, 65535, 65536, 1 << 20]) {
		const data = Buffer.alloc(n, 'x' + n);

		ws.send(data);
		m = await next(ws);
		assert.ok(m.isBinary && m.data.equals(data), 'binary of ' + n);
	}
	ws.send('\u20ac\u{1f600}');
	m = await next(ws);
	assert.ok(!m.isBinary);
	assert.strictEqual(String(m.data), '\u20ac\u{1f600}');
	ws.send('a', { fin: false });
	ws.send('b', { fin: false });
	ws.send('c');
	assert.strictEqual(String((await next(ws)).data), 'abc');
	ws.ping('hello');
	await new Promise((r) => ws.once('pong', (data) => {
		assert.strictEqual(String(data), 'hello');
		r();
	}));
	const end = closed(ws);
	ws.close(3999, 'done');
	assert.deepStrictEqual(await end, [3999, 'done']);

	ws = await open('/bye');
	assert.deepStrictEqual(await closed(ws), [4001, 'replaced']);
	assert.strictEqual(ws.queue.length, 2);

	ws = await open('/echo');
	ws.send(Buffer.alloc((1 << 20) + 1));
	assert.strictEqual((await closed(ws))[0], 1009);

	// Answers pings, so it is not taken for dead.
	ws = await open('/quiet');
	await new Promise((r) => setTimeout(r, 4000));
	ws.send('still here');
	assert.strictEqual(String((await next(ws)).data), 'still here');
	ws.terminate();

	await assert.rejects(open('/denied'), /401/);
	console.log('ok');
};

main().catch((e) => {
	console.log(e);
	process.exit(1);
});
