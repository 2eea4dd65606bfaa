"""A page of what the practice platform received, for human eyes: each chat as its members see it, what broke a limit,
and which faults are in force. In Chinese for a browser that asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from app.simulator.receipts import Receipt

SHOWN = 500
LONGEST = 600

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#888;--bad:#c5221f;--said:#8882}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1.5rem 1rem;overflow-wrap:anywhere}
h1{margin:0}h2{margin:2rem 0 .6rem;font-size:1.1rem;border-bottom:1px solid var(--line)}
dl{display:flex;flex-wrap:wrap;gap:.4rem 2rem;margin:1rem 0}dl div{display:flex;gap:.5rem;align-items:baseline}
dt{color:var(--soft)}dd{margin:0;font-weight:600;font-size:1.2rem}
.bad,.bad dd{color:var(--bad)}.chats{display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr))}
.chat{border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem}
h3{margin:0 0 .4rem;font-size:.9rem;font-weight:600}p{margin:.3rem 0}
.said{background:var(--said);border-radius:.4rem;padding:.35rem .6rem;white-space:pre-wrap}
small,.not{color:var(--soft);font-size:.85rem}.not.bad{color:var(--bad)}
"""
_EN = {
    "title": "Practice platform",
    "about": "No real group is behind it. The newest {shown} calls; all of them are under /_sim/receipts.",
    "accepted": "messages stand",
    "duplicates": "said twice, shown once",
    "violations": "limits broken",
    "broken": "Limits broken",
    "faults": "Faults in force",
    "left": "{kind} for {platform}, {target}: struck {struck} times, to come: {left}",
    "endless": "no end",
    "again": "the same once more",
    "empty": "Nobody has said anything yet.",
}
_ZH = {
    "title": "演练平台",
    "about": "背后没有真实的群。显示最近 {shown} 次调用，全部记录在 /_sim/receipts。",
    "accepted": "条消息已送达",
    "duplicates": "次重复，只显示一次",
    "violations": "次超出限制",
    "broken": "超出限制的调用",
    "faults": "正在生效的故障",
    "left": "{platform} {target}：{kind}，已触发 {struck} 次，剩余次数：{left}",
    "endless": "不限",
    "again": "同一条又来了一次",
    "empty": "还没有人说话。",
}


def page(
    counts: Mapping[str, object],
    latest: Sequence[Receipt],
    *,
    broken: Sequence[Mapping[str, object]],
    faults: Sequence[Mapping[str, object]],
    language: str = "en",
) -> str:
    """`latest` are receipts, the newest first; everything in them is hostile text. `language` is what a browser asks
    for, as it asks."""
    words = _ZH if language.lower().startswith("zh") else _EN
    tongue = "zh-CN" if words is _ZH else "en"
    body = "".join(
        (
            f"<h1>{words['title']}</h1><small>{words['about'].format(shown=SHOWN)}</small>",
            _totals(counts, words),
            _listed(words["broken"], (_breach(one) for one in broken), "bad"),
            _listed(words["faults"], (_fault(one, words) for one in faults if one["left"] != 0), ""),
            "".join(_platforms(latest, words)) or f"<p>{words['empty']}</p>",
        )
    )
    return (
        f'<!doctype html><html lang="{tongue}"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        f'<meta name="viewport" content="width=device-width"><title>{words["title"]}</title>'
        f"<style>{_STYLE}</style>{body}</html>"
    )


def _totals(counts: Mapping[str, object], words: Mapping[str, str]) -> str:
    cells = (
        f"<div{' class=bad' if name == 'violations' and counts[name] else ''}>"
        f"<dd>{escape(str(counts[name]))}</dd><dt>{words[name]}</dt></div>"
        for name in ("accepted", "duplicates", "violations")
    )
    return f"<dl>{''.join(cells)}</dl>"


def _listed(title: str, lines: Iterator[str], kind: str) -> str:
    shown = "".join(f'<p class="{kind}">{escape(line)}</p>' for line in lines)
    return f"<h2>{title}</h2>{shown}" if shown else ""


def _breach(one: Mapping[str, object]) -> str:
    return f"{str(one['wall'])[11:19]} {one['platform']} {one['target']}: {one['violation']}"


def _fault(one: Mapping[str, object], words: Mapping[str, str]) -> str:
    return words["left"].format_map({**one, "left": words["endless"] if one["left"] is None else one["left"]})


def _platforms(latest: Sequence[Receipt], words: Mapping[str, str]) -> Iterator[str]:
    """A section for each platform, the chats in it by the newest call."""
    chats: dict[str, dict[str, list[Receipt]]] = {}
    for receipt in latest:
        chats.setdefault(receipt.platform, {}).setdefault(receipt.target, []).append(receipt)
    for platform, held in sorted(chats.items()):
        cards = "".join(_chat(target, receipts, words) for target, receipts in held.items())
        yield f'<h2>{escape(platform)}</h2><div class="chats">{cards}</div>'


def _chat(target: str, receipts: Sequence[Receipt], words: Mapping[str, str]) -> str:
    lines = "".join(_line(receipt, words) for receipt in reversed(receipts))
    return f'<section class="chat"><h3>{escape(target)}</h3>{lines}</section>'


def _line(receipt: Receipt, words: Mapping[str, str]) -> str:
    """A message as it stands in the chat, or in small letters why none does."""
    at = receipt.wall[11:19]
    if receipt.accepted:
        return f'<p class="said">{escape(receipt.text[:LONGEST])} <small>{at}</small></p>'
    why = receipt.violation or (words["again"] if receipt.duplicate else receipt.answer)
    return f'<p class="not{" bad" if receipt.violation else ""}">{at} {escape(why)}</p>'
