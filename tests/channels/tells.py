"""What platforms tell by themselves: requests as each platform makes them, and what each means."""

from datetime import UTC, datetime

from app.channels.adapters.feishu_app import FeishuApp
from app.channels.adapters.slack_app import SlackApp
from app.channels.adapters.telegram import Telegram
from app.channels.adapters.webhook import Webhook
from app.channels.adapters.wecom_app import WeComApp
from app.channels.inbound import Call, Matter, Told
from tests.channels.callers import STAMP, Case, at, feishu_plain, feishu_sealed, slack, telegram, webhook, wecom
from tests.channels.harness import CANARY

M = Matter
TELEGRAM, SLACK, FEISHU, WECOM, WEBHOOK = Telegram(), SlackApp(), FeishuApp(), WeComApp(), Webhook()
CHAT = {"id": -1001, "type": "supergroup", "title": "East"}


def _standing(status: str, **more: object) -> Call:
    change = {"chat": CHAT, "from": {"id": 7}, "date": STAMP, "old_chat_member": {}}
    return telegram({"update_id": 5, "my_chat_member": {**change, "new_chat_member": {"status": status, **more}}})


def _member(matter: Matter, code: str) -> tuple[Told, ...]:
    return (Told(matter, "5", ("-1001",), code=code, person="7", at=at()),)


def _message(**fields: object) -> Call:
    return telegram({"update_id": 6, "message": {"message_id": 9, "date": STAMP, "chat": CHAT, **fields}})


def _slack(**event: object) -> Call:
    own = [{"user_id": "UBOT", "is_bot": True}]
    said = {"type": "event_callback", "event_id": "Ev1", "event_time": STAMP, "authorizations": own, "event": event}
    return slack(said)


def feishu_event(kind: str, *, token: str = "vt", **event: object) -> dict[str, object]:
    header = {"event_id": "e1", "event_type": kind, "create_time": str(STAMP * 1000), "token": token}
    return {"schema": "2.0", "header": header, "event": event}


_FEISHU_SAID = {
    "sender": {"sender_id": {"open_id": "ou_1"}, "sender_type": "user"},
    "message": {
        "message_id": "om_1",
        "parent_id": "om_0",
        "chat_id": "oc_1",
        "create_time": str(STAMP * 1000),
        "content": '{"text":"收到"}',
    },
}
_WECOM_SAID = (
    "<xml><FromUserName><![CDATA[wang]]></FromUserName><CreateTime>{stamp}</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[hello]]></Content><MsgId>45</MsgId></xml>"
)


def webhook_event(kind: str, **facts: object) -> Call:
    return webhook({"type": kind, "timestamp": "2026-03-02T08:59:59Z", "data": facts})


_SAID_AT = datetime(2026, 3, 2, 8, 59, 59, tzinfo=UTC)

TELLS = (
    Case("kicked", TELEGRAM, _standing("kicked"), _member(M.GONE, "kicked"), signed_at=None),
    Case("left", TELEGRAM, _standing("left"), _member(M.GONE, "left"), signed_at=None),
    Case(
        "made mute", TELEGRAM, _standing("restricted", can_send_messages=False), _member(M.GONE, "restricted"), "", None
    ),
    Case("added", TELEGRAM, _standing("administrator"), _member(M.BACK, "administrator"), signed_at=None),
    Case("a standing nobody knows", TELEGRAM, _standing("honoured"), signed_at=None),
    Case(
        "moved, said in the old chat",
        TELEGRAM,
        _message(migrate_to_chat_id=-100777),
        (Told(M.MOVED, "6", ("-1001",), moved_to="-100777", at=at()),),
        signed_at=None,
    ),
    Case(
        "moved, said in the new chat",
        TELEGRAM,
        _message(migrate_from_chat_id=-55),
        (Told(M.MOVED, "6", ("-55",), moved_to="-1001", at=at()),),
        signed_at=None,
    ),
    Case(
        "a reply in a public channel",
        TELEGRAM,
        telegram(
            {
                "update_id": 6,
                "message": {
                    "message_id": 9,
                    "date": STAMP,
                    "chat": {**CHAT, "username": "east"},
                    "from": {"id": 7},
                    "text": "done",
                    "reply_to_message": {"message_id": 3},
                },
            }
        ),
        (Told(M.SAID, "6", ("-1001", "@east"), "", "", "7", "done", "9", "3", at=at()),),
        signed_at=None,
    ),
    Case("a bot's message", TELEGRAM, _message(**{"from": {"id": 8, "is_bot": True}, "text": "x"}), signed_at=None),
    Case("an update of another kind", TELEGRAM, telegram({"update_id": 6, "poll": {}}), signed_at=None),
    Case("not an update at all", TELEGRAM, telegram([1, 2]), signed_at=None),
    Case("the challenge", SLACK, slack({"type": "url_verification", "challenge": "3eZb"}), answer="3eZb"),
    Case(
        "archived",
        SLACK,
        _slack(type="channel_archive", channel="C1", user="U1"),
        (Told(M.GONE, "Ev1", ("C1",), code="channel_archive", at=at()),),
    ),
    Case(
        "the app left",
        SLACK,
        _slack(type="member_left_channel", channel="C1", user="UBOT"),
        (Told(M.GONE, "Ev1", ("C1",), code="member_left_channel", at=at()),),
    ),
    Case("somebody else left", SLACK, _slack(type="member_left_channel", channel="C1", user="U1")),
    Case(
        "renumbered",
        SLACK,
        _slack(type="channel_id_changed", old_channel_id="C1", new_channel_id="C2"),
        (Told(M.MOVED, "Ev1", ("C1",), moved_to="C2", at=at()),),
    ),
    Case(
        "a word in a thread",
        SLACK,
        _slack(type="message", channel="C1", user="U1", text="done", ts=f"{STAMP}.0", thread_ts="1.0"),
        (Told(M.SAID, "Ev1", ("C1",), "", "", "U1", "done", f"{STAMP}.0", "1.0", at=at()),),
    ),
    Case("our own word", SLACK, _slack(type="message", channel="C1", bot_id="B1", text="x", ts="1.0")),
    Case(
        "the challenge, by token",
        FEISHU,
        feishu_plain({"type": "url_verification", "token": CANARY, "challenge": "aj"}),
        answer='{"challenge": "aj"}',
        signed_at=None,
    ),
    Case(
        "the challenge, sealed",
        FEISHU,
        feishu_sealed({"type": "url_verification", "token": "vt", "challenge": "aj"}),
        answer='{"challenge": "aj"}',
        signed_at=None,
    ),
    Case(
        "bot deleted",
        FEISHU,
        feishu_sealed(feishu_event("im.chat.member.bot.deleted_v1", chat_id="oc_1")),
        (Told(M.GONE, "e1", ("oc_1",), code="im.chat.member.bot.deleted_v1", at=at()),),
    ),
    Case(
        "bot added, by token",
        FEISHU,
        feishu_plain(feishu_event("im.chat.member.bot.added_v1", token=CANARY, chat_id="oc_1")),
        (Told(M.BACK, "e1", ("oc_1",), code="im.chat.member.bot.added_v1", at=at()),),
        signed_at=None,
    ),
    Case(
        "a word",
        FEISHU,
        feishu_sealed(feishu_event("im.message.receive_v1", **_FEISHU_SAID)),
        (Told(M.SAID, "e1", ("oc_1",), "", "", "ou_1", "收到", "om_1", "om_0", at=at()),),
    ),
    Case("an event of another kind", FEISHU, feishu_sealed(feishu_event("contact.user.created_v3"))),
    Case("the address is proven", WECOM, wecom("4711", method="GET"), answer="4711"),
    Case(
        "a word to the app",
        WECOM,
        wecom(_WECOM_SAID.format(stamp=STAMP)),
        (Told(M.SAID, "45", ("wang",), person="wang", text="hello", message_id="45", at=at()),),
    ),
    Case("XML with a DTD", WECOM, wecom("<!DOCTYPE a [<!ENTITY b 'c'>]><xml/>")),
    Case("half of its XML", WECOM, wecom("<xml><MsgType>")),
    Case(
        "delivered",
        WEBHOOK,
        webhook_event("delivery.delivered", delivery="dlv_1"),
        (Told(M.DELIVERED, "msg_1", delivery="dlv_1", at=_SAID_AT),),
    ),
    Case(
        "failed",
        WEBHOOK,
        webhook_event("delivery.failed", delivery="dlv_1", reason="no such room"),
        (Told(M.FAILED, "msg_1", code="no such room", delivery="dlv_1", at=_SAID_AT),),
    ),
    Case(
        "gone",
        WEBHOOK,
        webhook_event("group.gone", address="https://a.example/x"),
        (Told(M.GONE, "msg_1", ("https://a.example/x",), at=_SAID_AT),),
    ),
    Case("about nothing", WEBHOOK, webhook_event("delivery.delivered")),
    Case("of another kind", WEBHOOK, webhook_event("user.created", delivery="dlv_1")),
)
