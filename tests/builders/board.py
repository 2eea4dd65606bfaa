"""A browser at the operator's pages, as an HTTP client: signed in with a key of its own."""

import re
from dataclasses import dataclass

import httpx

from app.domain.access import service as access
from app.domain.access.states import Role
from app.flows.kit import Kit

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{40})"')


async def key_of(kit: Kit, center_id: str, role: Role = Role.OWNER, name: str = "head") -> str:
    async with kit.db.write() as tx:
        return (await access.create_key(tx, center_id, name=name, role=role, actor="test")).token


@dataclass
class Operator:
    """Somebody who clicks: pages as they come, forms with the token of the page they stand on."""

    client: httpx.AsyncClient
    form_token: str = ""

    async def sign_in(self, key: str) -> None:
        answer = await self.client.post("/signin", data={"key": key}, headers=HTML)
        assert answer.status_code == 303, answer.text
        self.form_token = _TOKEN.findall(await self.page("/"))[0]

    async def look(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**HTML, **headers})

    async def page(self, path: str) -> str:
        answer = await self.look(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.text

    async def press(self, path: str, **fields: str) -> httpx.Response:
        data = {"form_token": self.form_token, **fields}
        return await self.client.post(path, data=data, headers=HTML)
