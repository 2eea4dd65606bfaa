"""A small page of what the practice platform received, for human eyes."""

from collections.abc import Sequence
from html import escape

from app.simulator.receipts import Receipt

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem}
tr{border-bottom:1px solid #ddd}td:last-child{white-space:pre-wrap;overflow-wrap:anywhere}
.bad{background:#fdecea}.again{color:#777}
"""


def page(counts: dict[str, object], receipts: Sequence[Receipt]) -> str:
    """The newest receipts first, each a row; everything received is hostile text."""
    rows = "\n".join(_row(receipt) for receipt in receipts)
    summary = " · ".join(f"{escape(str(counts[name]))} {name}" for name in ("accepted", "duplicates", "violations"))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        f"<title>Practice platform</title><style>{_STYLE}</style><h1>Practice platform</h1>"
        f"<p>No real group is behind it. {summary}</p>"
        "<table><tr><th>#</th><th>Time (UTC)</th><th>Chat</th><th>Answer</th><th>Text</th></tr>"
        f"{rows}</table></html>"
    )


def _row(receipt: Receipt) -> str:
    kind = "bad" if receipt.violation else "" if receipt.accepted else "again"
    note = receipt.violation or ("seen before" if receipt.duplicate else receipt.answer)
    cells = (
        str(receipt.seq),
        receipt.wall[11:19],
        f"{receipt.platform} {receipt.target}",
        note,
        receipt.text[:600],
    )
    return f'<tr class="{kind}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
