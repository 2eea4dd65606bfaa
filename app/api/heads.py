"""How the process speaks HTTP: through httptools, whose parser is written in C and keeps a head of any length. Here a
head, or a trailer, that does not come to an end is refused."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
"""Of a head, or of what follows a body: as many as h11 allows."""


class Bounded(HttpToolsProtocol):
    """One connection. Only what the parser has to keep is counted: what came since it last had something to say."""

    def __init__(self, *about: Any, **named: Any) -> None:
        super().__init__(*about, **named)
        self._kept = 0
        self._went_on = False

    def data_received(self, data: bytes) -> None:
        self._went_on = False
        super().data_received(data)
        self._kept = 0 if self._went_on else self._kept + len(data)
        if self._kept > MOST_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of this request is too long.")

    def on_headers_complete(self) -> None:
        self._went_on = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._went_on = True
        super().on_body(body)

    def on_chunk_header(self) -> None:
        self._went_on = True

    def on_message_complete(self) -> None:
        self._went_on = True
        super().on_message_complete()
