"""The server both sides of the comparison post to: it answers 200 to everything, as fast as it can or so many seconds
after (`python -m bench.receiver 0.1`); to `GET /seen`, how many posts it received, and when the first and the last one
by the machine's monotonic clock."""

import asyncio
import json
import sys
import time

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'


class Receiver(asyncio.Protocol):
    """Just enough HTTP/1.1: a head, a body of Content-Length, an answer, keep-alive."""

    answer_s = 0.0
    received = 0
    first = last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            if head.startswith(b"GET /seen"):
                self._tell()
                return
            Receiver.received += 1
            Receiver.last = time.monotonic()
            Receiver.first = Receiver.first or Receiver.last
            if self.answer_s:
                asyncio.get_running_loop().call_later(self.answer_s, self._transport.write, ANSWER)
            else:
                self._transport.write(ANSWER)

    def _tell(self) -> None:
        told = {"received": Receiver.received, "first": Receiver.first, "last": Receiver.last}
        seen = json.dumps(told).encode()
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(seen), seen))
        self._transport.close()


async def main(answer_s: float) -> None:
    Receiver.answer_s = answer_s
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
