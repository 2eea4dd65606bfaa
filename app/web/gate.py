"""Who may knock: no posts from other websites, and no endless guessing of links."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request

from app.core.errors import AppError

_FOREIGN = {"cross-site", "same-site"}


class TooMany(AppError):
    """Too many links that do not exist were asked for from one address."""

    status = 429


def foreign(request: Request, base_url: str) -> bool:
    """Whether another website made the browser send this.

    `Sec-Fetch-Site` decides where a browser sends it. Older browsers are judged by `Origin`, where `null` says
    nothing: our own pages send it too, for their referrer policy is `no-referrer` (Fetch standard, "append a request
    Origin header"). Neither header means an old in-app browser or a program; the token in the path is the key."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site.strip().lower() in _FOREIGN
    origin = request.headers.get("origin", "null")
    if origin == "null":
        return False
    here = urlsplit(base_url)
    return origin != f"{here.scheme}://{here.netloc}" and urlsplit(origin).netloc != request.headers.get("host", "")


class Noise:
    """Counts unknown links or keys per address over a sliding window. It bounds noise; 256 bits are what bounds
    guessing. Remembers a bounded number of addresses, the longest silent one is forgotten first."""

    def __init__(self, *, most: int = 10, per: timedelta = timedelta(minutes=1), remembered: int = 10_000) -> None:
        self._most = most
        self._per = per
        self._remembered = remembered
        self._heard: OrderedDict[str, deque[datetime]] = OrderedDict()

    def too_much(self, address: str, now: datetime) -> bool:
        """Note one unknown link from this address; True when it had its share for now."""
        times = self._heard.setdefault(address, deque(maxlen=self._most))
        self._heard.move_to_end(address)
        while len(self._heard) > self._remembered:
            self._heard.popitem(last=False)
        if len(times) == self._most and now - times[0] < self._per:
            return True
        times.append(now)
        return False

    def __len__(self) -> int:
        return len(self._heard)
