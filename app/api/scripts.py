"""The script library: prepared messages, their immutable versions, and how each platform would show them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status
from pydantic import Field

from app.api.deps import KitDep, Operator, Reader
from app.api.shapes import Body, Count, Cursor, Limit, Listing, Shape
from app.core.markdown import Format
from app.core.text import Line, Message, Name
from app.domain.scripts import service
from app.domain.scripts.rules import Version
from app.domain.scripts.states import Kind, Origin
from app.flows.preview_script import preview_script

router = APIRouter(prefix="/scripts", tags=["scripts"])

Slug = Annotated[str, Path(max_length=64, pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Filter = Annotated[Line | None, Query(max_length=200)]
Word = Annotated[str, Field(max_length=64)]


class Declaration(Body):
    """A variable. `example` is one string, or one for each language: `{"zh": "小鹿", "en": "Maya"}`."""

    name: Word
    description: Line
    example: Message | dict[Word, Message]
    type: Kind = Kind.TEXT
    default: Message | None = None
    choices: Annotated[tuple[Name, ...], Field(max_length=50)] = ()


class NewScript(Body):
    """`texts` maps `zh`, `zh/wecom`, `/wecom` or `""` (for everybody) to a text with `{variable}` places."""

    slug: Word
    title: Name
    category: Name
    texts: Annotated[dict[Word, Message], Field(min_length=1, max_length=200)]
    variables: Annotated[tuple[Declaration, ...], Field(max_length=50)] = ()
    format: Format = Format.PLAIN


class DeclaredVariable(Shape):
    name: str
    type: Kind
    description: str
    example: dict[str, str]
    default: str | None
    choices: list[str]


class Script(Shape):
    """One version of a script; in the list of scripts, the newest."""

    slug: str
    version: int
    title: str
    category: str
    languages: list[str]
    origin: Origin
    variables: list[DeclaredVariable]
    texts: dict[str, str]
    format: Format
    created_at: datetime

    @classmethod
    def of(cls, version: Version) -> "Script":
        content = version.content
        return cls(
            slug=content.slug,
            version=version.version,
            title=content.title,
            category=content.category,
            languages=list(content.languages),
            origin=version.origin,
            variables=[DeclaredVariable.model_validate(variable) for variable in content.variables],
            texts=dict(content.texts),
            format=content.format,
            created_at=version.created_at,
        )


class PreviewWanted(Body):
    """Without `variables`, the declared examples stand in; without `language` or `platform`, all are shown."""

    variables: Annotated[dict[Word, Message], Field(max_length=50)] | None = None
    version: Count | None = None
    language: Annotated[Line, Field(max_length=35)] | None = None
    platform: Annotated[Line, Field(max_length=32)] | None = None


class Text(Shape):
    """`size` and `limit` are counted in `unit`; `limit` is null where none is known."""

    platform: str
    language: str
    text: str
    size: int
    limit: int | None
    unit: str
    fits: bool


class PreviewShown(Shape):
    slug: str
    version: int
    texts: list[Text]


@router.get("")
async def scripts(
    kit: KitDep, caller: Reader, category: Filter = None, q: Filter = None, limit: Limit = 50, cursor: Cursor = None
) -> Listing[Script]:
    """This center's scripts in their newest version; `q` is looked for in slug, title and category."""
    async with kit.db.read() as tx:
        page = await service.library(tx, caller.center_id, category=category, q=q, limit=limit, cursor=cursor)
    return Listing(items=[Script.of(version) for version in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create(kit: KitDep, caller: Operator, body: NewScript, response: Response) -> Script:
    """A script of your own, or the next version of the one with this slug. The same content again changes nothing and
    answers 200 with the version that stands."""
    given: Mapping[str, object] = body.model_dump(mode="json")
    async with kit.db.write() as tx:
        version, is_new = await service.create(tx, caller.center_id, given, actor=caller.actor)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return Script.of(version)


@router.get("/{slug}/versions")
async def versions(
    kit: KitDep, caller: Reader, slug: Slug, limit: Limit = 50, cursor: Cursor = None
) -> Listing[Script]:
    """Every version of a script, the newest first."""
    async with kit.db.read() as tx:
        page = await service.versions(tx, caller.center_id, slug, limit=limit, cursor=cursor)
    return Listing(items=[Script.of(version) for version in page.items], next_cursor=page.next_cursor)


@router.post("/{slug}/preview")
async def preview(kit: KitDep, caller: Reader, slug: Slug, body: PreviewWanted) -> PreviewShown:
    """The finished text as each platform would get it, its size in that platform's unit, and whether it fits."""
    async with kit.db.read() as tx:
        shown = await preview_script(
            tx,
            kit.channels,
            caller.center_id,
            slug,
            version=body.version,
            values=body.variables,
            language=body.language,
            platform=body.platform,
            examples=body.variables is None,
        )
    texts = [Text.model_validate(text) for text in shown.texts]
    return PreviewShown(slug=slug, version=shown.version.version, texts=texts)
