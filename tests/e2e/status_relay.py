#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Listen on 127.0.0.1 and pass everything to the same port of ::1, for
verifiers that read no address in brackets (NSS).  While the file MARK exists, OCSP answers on
their way back are changed: they promise to hold a year longer.

    status_relay.py PORT MARK
"""

import asyncio
import os
import sys

NEXT_UPDATE = b"\xa0\x11\x18\x0f20"


def changed(data, mark):
    at = data.find(NEXT_UPDATE)
    if at < 0 or not os.path.exists(mark):
        return data
    year = at + len(NEXT_UPDATE) + 1
    return data[:year] + bytes([data[year] + 1]) + data[year + 1:]


async def pipe(reader, writer, mark):
    try:
        while data := await reader.read(65536):
            writer.write(changed(data, mark))
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    port, mark = int(sys.argv[1]), sys.argv[2]

    async def serve(reader, writer):
        from_ca, to_ca = await asyncio.open_connection("::1", port)
        await asyncio.gather(pipe(reader, to_ca, ""),
                             pipe(from_ca, writer, mark))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main())
