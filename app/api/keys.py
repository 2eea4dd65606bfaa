"""API keys: issued once, listed without their tokens, revoked at once."""

from datetime import datetime

from fastapi import APIRouter, status

from app.api.deps import KitDep, Owner
from app.api.shapes import Body, Cursor, Id, Limit, Listing, Shape
from app.core.text import Name
from app.domain.access import service
from app.domain.access.states import Role
from app.flows import sign_in

router = APIRouter(prefix="/keys", tags=["keys"])


class NewKey(Body):
    name: Name
    role: Role


class Key(Shape):
    """A key without its token. `public_id` is the part of the token between the two underscores."""

    id: str
    name: str
    role: Role
    public_id: str
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None


class IssuedKey(Key):
    """A key with its token: the only time the token is shown."""

    token: str


class SignInLink(Shape):
    """A link that signs one browser in with a key, once, until `expires_at`. Its address is shown this once."""

    url: str
    expires_at: datetime


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Owner, body: NewKey) -> IssuedKey:
    """A new key of this center. Keep the token: it is shown once."""
    async with kit.db.write() as tx:
        issued = await service.create_key(tx, caller.center_id, name=body.name, role=body.role, actor=caller.actor)
    return IssuedKey(**Key.model_validate(issued.key).model_dump(), token=issued.token)


@router.get("")
async def keys(kit: KitDep, caller: Owner, limit: Limit = 50, cursor: Cursor = None) -> Listing[Key]:
    """This center's keys, revoked ones too, oldest first."""
    async with kit.db.read() as tx:
        page = await service.list_keys(tx, caller.center_id, limit=limit, cursor=cursor)
    return Listing(items=[Key.model_validate(key) for key in page.items], next_cursor=page.next_cursor)


@router.post("/{key_id}/sign-in", status_code=status.HTTP_201_CREATED)
async def invite(kit: KitDep, caller: Owner, key_id: Id) -> SignInLink:
    """A one-time link by which a person signs in to the pages with this key, without ever seeing it."""
    async with kit.db.write() as tx:
        made = await sign_in.invite(tx, caller.center_id, key_id, actor=caller.actor, base_url=kit.settings.base_url)
    return SignInLink(url=made.url, expires_at=made.expires_at)


@router.delete("/{key_id}", status_code=status.HTTP_204_NO_CONTENT)
async def revoke(kit: KitDep, caller: Owner, key_id: Id) -> None:
    """Revoke a key; the next request with it is refused. The last owner key stays: 409."""
    async with kit.db.write() as tx:
        await service.revoke_key(tx, caller.center_id, key_id, actor=caller.actor)
