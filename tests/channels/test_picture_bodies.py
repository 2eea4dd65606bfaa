"""Pictures on the wire: the bodies of the fact sheet, and that a line lost over a picture alone has posted nothing."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping
from email import message_from_bytes, policy

import pytest

from app.channels.port import Outcome, Picture, Post, Verdict
from app.channels.registry import channels
from app.core.addresses import Guard
from app.core.http import HttpClient
from tests.builders.images import PNG
from tests.channels.harness import posted_by
from tests.channels.platform import Act, Heard, answer, platform, reset
from tests.conftest import T0

V = Verdict
POSTER = Picture("pic_1", "image/png", "picture.png", PNG)
WORDS = "集合：周六 9 点"
ADDRESS = {
    "discord": "{base}/api/webhooks/112233445566778899/abc-DEF_123",
    "discord_bot": "197038439483310086",
    "feishu_app": "oc_practice",
    "matrix": "!one:localhost",
    "mattermost_app": "c" * 26,
    "slack_app": "C024BE91L",
    "telegram": "-1001234567890",
    "wecom": "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa",
    "zulip": "42:announcements",
}
SECRET = {
    "discord_bot": {"bot_token": "token-of-a-bot"},
    "feishu_app": {"app_id": "cli_1", "app_secret": "secret-of-an-app"},
    "matrix": {"access_token": "syt_Ym90_a_b"},
    "mattermost_app": {"access_token": "token-of-a-bot"},
    "slack_app": {"bot_token": "xoxb-1-2-abc"},
    "telegram": {"bot_token": "4242:token-of-a-bot"},
    "zulip": {"email": "bot@example.org", "api_key": "key-of-a-bot"},
}
TOKEN = {"code": 0, "tenant_access_token": "t-1", "expire": 7200}
LAID: dict[str, list[Mapping[str, object]]] = {
    "feishu_app": [TOKEN, {"code": 0, "data": {"image_key": "img_v3_1"}}],
    "matrix": [{"content_uri": "mxc://hs/abc"}],
    "mattermost_app": [{"file_infos": [{"id": "f" * 26}]}],
    "slack_app": [
        {"ok": True, "upload_url": "{base}/upload/v1/F1", "file_id": "F1"},
        {},
        {"ok": True, "files": [{"id": "F1"}]},
    ],
    "zulip": [{"result": "success", "uri": "/user_uploads/2/ab/picture.png"}],
}
"""What a platform says to a picture, call by call, before there is a message."""


async def said(channel: str, *, last: Act, words: str = WORDS, laid: int | None = None) -> tuple[Outcome, list[Heard]]:
    """One post with the picture: after so many of its good answers (all by default), the platform acts like this."""
    async with platform(reset) as there:
        script = [json.dumps(one).replace("{base}", there.base).encode() for one in LAID.get(channel, [])][:laid]
        acts = iter([*(answer(200, {}, body) for body in script), last])

        async def act(writer: asyncio.StreamWriter) -> None:
            await next(acts)(writer)

        there.act = act
        http, address = HttpClient(Guard(there.hosts)), ADDRESS[channel].replace("{base}", there.base)
        post = Post("dlv_1", words, T0, address, SECRET.get(channel, {}), there.base, picture=POSTER)
        try:
            return await posted_by(channels()[channel], post, http), there.heard
        finally:
            await http.close()


def form(heard: Heard) -> dict[str, tuple[str | None, bytes]]:
    """The fields of a multipart form: (filename, content) by name."""
    head = f"Content-Type: {heard.headers['content-type']}\r\n\r\n".encode()
    parts = message_from_bytes(head + heard.body, policy=policy.HTTP).iter_parts()
    return {
        str(part.get_param("name", header="content-disposition")): (part.get_filename(), part.get_payload(decode=True))
        for part in parts
    }  # type: ignore[misc]


@pytest.mark.parametrize("channel", ADDRESS)
async def test_a_line_lost_over_the_message_itself_leaves_a_doubt(channel: str) -> None:
    outcome, heard = await said(channel, last=reset)
    assert (outcome.verdict, len(heard)) == (V.AMBIGUOUS, len(LAID.get(channel, [])) + 1)


@pytest.mark.parametrize(
    ("channel", "laid"), [(name, place) for name, calls in LAID.items() for place in range(len(calls))]
)
@pytest.mark.parametrize(
    "broken", [reset, answer(502, {}, b"<html>"), answer(200, {}, b"{}")], ids=["reset", "502", "{}"]
)
async def test_a_line_lost_over_the_picture_alone_has_posted_nothing(channel: str, laid: int, broken: Act) -> None:
    outcome, heard = await said(channel, last=broken, laid=laid)
    if channel == "slack_app" and laid == 1 and len(heard) > 2:
        return  # any 200 is Slack's yes to the bytes; what became of them is said by the next call
    assert (outcome.verdict, len(heard)) == (V.NOT_SENT, laid + 1), outcome


@pytest.mark.parametrize(
    ("channel", "laid", "no", "verdict"),
    [
        ("feishu_app", 1, {"code": 99991672, "msg": "scope required: [im:resource]"}, V.CONTENT_REFUSED),
        ("feishu_app", 1, {"code": 99991662, "msg": "app is not in use"}, V.CREDENTIAL_REFUSED),
        ("slack_app", 0, {"ok": False, "error": "missing_scope", "needed": "files:write"}, V.CONTENT_REFUSED),
        ("slack_app", 0, {"ok": False, "error": "token_revoked"}, V.CREDENTIAL_REFUSED),
    ],
)
async def test_an_app_that_may_show_no_pictures_may_post_all_the_same(
    channel: str, laid: int, no: Mapping[str, object], verdict: Verdict
) -> None:
    outcome, heard = await said(channel, last=answer(200, {}, json.dumps(no).encode()), laid=laid)
    assert (outcome.verdict, len(heard)) == (verdict, laid + 1)


async def test_wecom_gets_the_vector_of_the_sheet() -> None:
    _, [heard] = await said("wecom", last=reset, words="")
    image = {"base64": b64encode(PNG).decode(), "md5": "f829b914fc47cfc9c0747c119c27cf1b"}
    assert heard.json == {"msgtype": "image", "image": image}


async def test_telegram_gets_the_picture_and_its_caption_in_a_form() -> None:
    _, [heard] = await said("telegram", last=reset)
    fields = form(heard)
    assert heard.path.endswith("/sendPhoto")
    assert fields["photo"] == ("picture.png", PNG)
    assert (fields["chat_id"][1], fields["caption"][1].decode()) == (b"-1001234567890", WORDS)


@pytest.mark.parametrize("channel", ["discord", "discord_bot"])
async def test_discord_gets_the_message_beside_its_first_file(channel: str) -> None:
    _, [heard] = await said(channel, last=reset)
    fields = form(heard)
    assert fields["files[0]"] == ("picture.png", PNG)
    message = json.loads(fields["payload_json"][1])
    assert (message["content"], message["allowed_mentions"]) == (WORDS, {"parse": []})


async def test_matrix_names_what_lies_on_the_homeserver() -> None:
    _, [upload, event] = await said("matrix", last=reset, words="")
    assert (upload.path, upload.body) == ("/_matrix/media/v3/upload?filename=picture.png", PNG)
    assert upload.headers["content-type"] == "image/png"
    info = {"mimetype": "image/png", "size": len(PNG)}
    named = {"msgtype": "m.image", "body": "picture.png", "url": "mxc://hs/abc", "info": info, "m.mentions": {}}
    assert event.json == named


async def test_feishu_names_the_key_it_gave() -> None:
    _, [_, upload, message] = await said("feishu_app", last=reset, words="")
    assert form(upload)["image_type"][1] == b"message"
    assert form(upload)["image"] == ("picture.png", PNG)
    assert (message.json["msg_type"], message.json["content"]) == ("image", '{"image_key": "img_v3_1"}')


async def test_slack_shows_the_file_in_a_block_above_the_words() -> None:
    _, [_, upload, done, message] = await said("slack_app", last=reset)
    assert (upload.path, upload.body, "authorization" in upload.headers) == ("/upload/v1/F1", PNG, False)
    assert done.json == {"files": [{"id": "F1"}]}
    image = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "picture.png"}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": WORDS}}
    assert (message.json["blocks"], message.json["text"]) == ([image, section], WORDS)


async def test_slack_is_asked_again_where_it_has_not_looked_at_the_file_yet() -> None:
    told = {
        "ok": False,
        "error": "invalid_blocks",
        "errors": ["invalid slack file [json-pointer:/blocks/0/slack_file]"],
    }
    outcome, _ = await said("slack_app", last=answer(200, {}, json.dumps(told).encode()))
    assert (outcome.verdict, outcome.wait_s) == (V.NOT_SENT, None)
    told["errors"] = ["missing required field"]
    outcome, _ = await said("slack_app", last=answer(200, {}, json.dumps(told).encode()))
    assert outcome.verdict is V.CONTENT_REFUSED


async def test_slack_sends_a_picture_to_no_strangers_host() -> None:
    elsewhere = {"ok": True, "upload_url": "https://files.slack.com.example.org/x", "file_id": "F1"}
    outcome, heard = await said("slack_app", last=answer(200, {}, json.dumps(elsewhere).encode()), laid=0)
    assert (outcome.verdict, len(heard)) == (V.NOT_SENT, 1)


async def test_mattermost_lays_the_file_in_the_channel_and_zulip_names_its_place() -> None:
    _, [upload, post] = await said("mattermost_app", last=reset)
    assert upload.path == f"/api/v4/files?channel_id={'c' * 26}&filename=picture.png"
    assert (upload.body, post.json["file_ids"], post.json["message"]) == (PNG, ["f" * 26], WORDS)
    _, [upload, message] = await said("zulip", last=reset)
    assert (upload.path, form(upload)["file"]) == ("/api/v1/user_uploads", ("picture.png", PNG))
    assert b"content=%5Bpicture.png%5D%28%2Fuser_uploads%2F2%2Fab%2Fpicture.png%29%0A" in message.body


async def test_telegram_gets_the_picture_at_the_next_try_where_it_forgot_its_name() -> None:
    """Not at once: a stop may have come while it answered."""
    good = {"ok": True, "result": {"message_id": 1, "photo": [{"file_id": "small"}, {"file_id": "large"}]}}
    lost = {"ok": False, "error_code": 400, "description": "Bad Request: wrong file identifier/HTTP URL specified"}
    channel, acts = channels()["telegram"], []
    async with platform(reset) as there:

        async def act(writer: asyncio.StreamWriter) -> None:
            await answer(*acts.pop(0))(writer)

        there.act = act
        http = HttpClient(Guard(there.hosts))
        acts += [(200, {}, json.dumps(good).encode())] * 2
        acts += [(400, {}, json.dumps(lost).encode()), (200, {}, json.dumps(good).encode())]
        outcomes = []
        for key in ("dlv_1", "dlv_2", "dlv_3", "dlv_3"):
            post = Post(key, WORDS, T0, ADDRESS["telegram"], SECRET["telegram"], there.base, picture=POSTER)
            outcomes.append(await channel.post(post, http))
        await http.close()
    assert [(one.verdict, one.wait_s) for one in outcomes] == [(V.SENT, None)] * 2 + [(V.NOT_SENT, 0), (V.SENT, None)]
    kinds = [one.headers["content-type"].partition(";")[0] for one in there.heard]
    assert kinds == ["multipart/form-data", "application/json", "application/json", "multipart/form-data"]
    assert there.heard[1].json == {"chat_id": -1001234567890, "photo": "large", "caption": WORDS}
