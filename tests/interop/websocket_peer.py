#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Talk to the server of src/http/test_websocket.c with python3-websockets, and
be a server for its client.

    websocket_peer.py URL [CA-FILE]          prints "ok" or exits 1
    websocket_peer.py --serve CERT KEY|-     prints its port, serves /echo,
                                             /close, /big, /redirect, ...
"""

import asyncio
import http
import ssl
import sys
import warnings

# Newer releases have another interface too, without raw frames.
warnings.simplefilter("ignore", DeprecationWarning)
from websockets.exceptions import ConnectionClosed, InvalidStatusCode
from websockets.legacy.client import connect
from websockets.legacy.server import serve


def check(what, got, wanted):
    if got != wanted:
        print("%s: got %r, wanted %r" % (what, got, wanted))
        sys.exit(1)


async def closed_with(ws):
    try:
        while True:
            await asyncio.wait_for(ws.recv(), 10)
    except ConnectionClosed as e:
        return e.code


async def refused(url, options, status, **more):
    try:
        async with connect(url, **options, **more):
            check(url, "accepted", status)
    except InvalidStatusCode as e:
        check(url, e.status_code, status)


async def echoes(base, options):
    async with connect(base + "/echo", subprotocols=["x", "one"],
                                  max_size=1 << 22, **options) as ws:
        check("subprotocol", ws.subprotocol, "one")
        # They offer permessage-deflate; nobody takes it.
        check("extensions", ws.response_headers.get("Sec-WebSocket-Extensions"),
              None)
        for n in (0, 1, 125, 126, 127, 4096, 16384, 16385, 65535, 65536,
                  200000, 1 << 20):
            data = bytes(i * 7 & 255 for i in range(n))
            await ws.send(data)
            check("binary of %d" % n, await ws.recv(), data)
        text = "gr\u00fc\u00dfe \u20ac \U0001f600" * 999
        await ws.send(text)
        check("text", await ws.recv(), text)
        await ws.send("")
        check("empty text", await ws.recv(), "")
        await ws.send([b"ab", b"", b"c" * 70000, b"d"])
        check("fragments", await ws.recv(), b"ab" + b"c" * 70000 + b"d")
        # Fragments that cut characters.
        raw = text.encode()
        await ws.write_frame(False, 1, raw[:5])
        await ws.ping(b"between")
        await ws.write_frame(False, 0, raw[5:7])
        await ws.write_frame(True, 0, raw[7:])
        check("cut text", await ws.recv(), text)
        for i in range(3):
            await asyncio.wait_for(await ws.ping(b"p%d" % i), 10)
        for i in range(500):
            await ws.send(b"%d" % i)
        for i in range(500):
            check("order", await ws.recv(), b"%d" % i)
        await ws.close(4321, "enough")
        check("close", ws.close_code, 4321)


async def endings(base, options):
    async with connect(base + "/echo", **options) as ws:
        check("no subprotocol", ws.subprotocol, None)
        await ws.send(b"x" * ((1 << 20) + 1))
        check("too big", await closed_with(ws), 1009)
    async with connect(base + "/echo", **options) as ws:
        for i in range(65):
            await ws.write_frame(False, 0 if i else 2, b"x")
        check("too many frames", await closed_with(ws), 1008)
    async with connect(base + "/bye", **options) as ws:
        check("first", await ws.recv(), "one")
        check("second", await ws.recv(), b"two")
        check("their close", await closed_with(ws), 4001)
        check("their reason", ws.close_reason, "replaced")
    async with connect(base + "/stall", max_queue=1, **options) as ws:
        await asyncio.sleep(4)  # its queue is full: it does not read
        check("stalled", await closed_with(ws) in (1006, 1013), True)
    await refused(base + "/denied", options, 401)
    await refused(base + "/nothing", options, 404)
    await refused(base + "/echo", options, 400, subprotocols=["x", "y"])
    await refused(base + "/echo", options, 403, origin="https://evil.example")
    async with connect(base + "/echo", origin="https://good.example",
                                  **options) as ws:
        await ws.send("hello")
        check("origin", await ws.recv(), "hello")


async def client(base, ca):
    options = {}
    if ca is not None:
        options["ssl"] = ssl.create_default_context(cafile=ca)
    await echoes(base, options)
    await endings(base, options)
    many = [await connect(base + "/echo", **options)
            for _ in range(40)]
    await asyncio.gather(*(ws.send("m%d" % i) for i, ws in enumerate(many)))
    got = await asyncio.gather(*(ws.recv() for ws in many))
    check("many", got, ["m%d" % i for i in range(40)])
    await asyncio.gather(*(ws.close() for ws in many))
    print("ok")


async def serve_one(ws, path):
    if path == "/close":
        await ws.close(4444, "their reason")
        return
    if path == "/pieces":
        await ws.send(["one ", "", "two ", "three"])
    if path == "/big":
        await ws.send(b"z" * 300000)
    if path == "/bad":
        await ws.write_frame(True, 1, b"\xc3\x28")
    if path == "/drop":
        ws.transport.abort()
        return
    if path == "/headers":
        await ws.send(ws.request_headers.get("X-Token", "-") + " " +
                      ws.request_headers.get("Origin", "-") + " " +
                      ws.request_headers.get("Host", "-"))
    try:
        async for message in ws:
            await ws.send(message)
    except ConnectionClosed:
        pass


async def answer(path, _headers):
    if path == "/redirect":
        return http.HTTPStatus.FOUND, [("Location", "/echo")], b""
    if path == "/denied":
        return http.HTTPStatus.UNAUTHORIZED, [], b"no"
    return None


async def server(cert, key):
    context = None
    if key != "-":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
    async with serve(serve_one, "::1", 0, ssl=context,
                                subprotocols=["one"], process_request=answer,
                                max_size=1 << 22) as s:
        print(s.sockets[0].getsockname()[1], flush=True)
        # The test closes our input when it is done.
        await asyncio.get_running_loop().run_in_executor(
            None, sys.stdin.buffer.read)


if sys.argv[1] == "--serve":
    asyncio.run(server(sys.argv[2], sys.argv[3]))
else:
    asyncio.run(client(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
