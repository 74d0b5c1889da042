#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Read server-sent events as WHATWG HTML section 9.2.6 says, leave, and come
// back with the last id:
//
//     event_reader.js URL                    prints "ok" or exits 1
'use strict';

const assert = require('assert');
const http = require('http');

// Read events until wanted(event); return all of them and the retry time.
const read = (url, headers, wanted) => new Promise((resolve, reject) => {
	const req = http.get(url, { headers }, (res) => {
		const events = [];
		let rest = '', event = { type: '', data: [] }, id = '', retry = 0;

		assert.strictEqual(res.headers['content-type'],
		    'text/event-stream');
		res.setEncoding('utf8');
		res.on('data', (text) => {
			const lines = (rest + text).split(/\r\n|\n|\r/);

			rest = lines.pop();
			for (const line of lines) {
				const [, field, value] =
				    /^([^:]*):? ?(.*)$/.exec(line);

				if (line === '' && event.data.length > 0) {
					events.push({ type: event.type,
					    data: event.data.join('\n'), id });
					if (wanted(events[events.length - 1])) {
						req.destroy();
						resolve({ events, retry });
						return;
					}
				}
				if (line === '')
					event = { type: '', data: [] };
				else if (field === 'data')
					event.data.push(value);
				else if (field === 'event')
					event.type = value;
				else if (field === 'id')
					id = value;
				else if (field === 'retry')
					retry = Number(value);
				else
					assert.strictEqual(field, '');
			}
		});
	});

	req.on('error', reject);
});

const main = async () => {
	const url = process.argv[2];
	const a = await read(url, {}, (e) => e.id === '5');

	assert.strictEqual(a.retry, 1234);
	assert.deepStrictEqual(a.events[0],
	    { type: '', data: 'first\nsecond\nthird', id: '7' });
	assert.deepStrictEqual(a.events[1], { type: '', data: '', id: '7' });
	assert.deepStrictEqual(a.events[6],
	    { type: 'tick', data: '\u20ac', id: '5' });
	await new Promise((r) => setTimeout(r, 200));
	await read(url, { 'Last-Event-ID': '5' }, (e) => e.id === '2');
	console.log('ok');
};

main().catch((e) => {
	console.log(e);
	process.exit(1);
});
