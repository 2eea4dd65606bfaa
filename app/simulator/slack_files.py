"""The practice Slack's files: a place to put the bytes, a word that they are all there, and blocks that show them."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.simulator.images import is_image, mark


@dataclass
class _File:
    token: str
    picture: str = ""
    complete: bool = False


class Files:
    """A file is its app's alone until a message shows it."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}

    def begin(self, token: str, base: str, said: Mapping[str, object]) -> dict[str, object] | str:
        """`files.getUploadURLExternal`: where the bytes go, or what is wrong."""
        if not said.get("filename") or not str(said.get("length") or "").isdecimal():
            return "invalid_arguments"
        number = f"F0PRACTICE{len(self._files) + 1}"
        self._files[number] = _File(token)
        return {"upload_url": f"{base}upload/v1/{number}", "file_id": number}

    async def take(self, request: Request) -> Response:
        """The bytes themselves; the address is the credential."""
        file, content = self._files.get(request.path_params["file"]), await request.body()
        if file is None or not content:
            return PlainTextResponse("no such upload", 404)
        file.picture = mark(content) if is_image(content) else ""
        return PlainTextResponse(f"OK - {len(content)}")

    def complete(self, token: str, said: Mapping[str, object]) -> dict[str, object] | str:
        """`files.completeUploadExternal`, for files that no channel is told of."""
        given = said.get("files")
        numbers = [str(one.get("id")) for one in given if isinstance(one, dict)] if isinstance(given, list) else []
        files = [self._files.get(number) for number in numbers]
        if not files or any(file is None or file.token != token or not file.picture for file in files):
            return "file_not_found"
        for file in filter(None, files):
            file.complete = True
        return {"files": [{"id": number, "title": "picture"} for number in numbers]}

    def shown(self, token: str, said: Mapping[str, object]) -> tuple[str, str, str]:
        """What a message with blocks shows: its words, its picture, and what is wrong with it."""
        text, picture, blocks = "", "", said.get("blocks")
        for block in blocks if isinstance(blocks, list) else ():
            if block.get("type") == "section":
                text += str(block["text"]["text"])
            file = self._files.get(str(block.get("slack_file", {}).get("id")))
            if block.get("type") == "image":
                if file is None or file.token != token or not file.complete or not block.get("alt_text"):
                    return "", "", "invalid_blocks"
                picture = file.picture
        return text, picture, "msg_blocks_too_long" if len(text) > LONGEST_SECTION else ""


LONGEST_SECTION = 3_000
