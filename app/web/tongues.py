"""Speaking: a phrase of the catalogue with its places filled, in the language the reader gets."""

from app.web.words import WORDS, Tongue


def say(tongue: Tongue, key: str, **values: object) -> str:
    """One phrase of the catalogue with its places filled. The phrase is ours; only the values are customers' words."""
    phrase = WORDS[tongue][key]
    return phrase.format_map(values) if values else phrase


def say_or(tongue: Tongue, key: str, fallback: str) -> str:
    """The phrase for this key, or `fallback` where the catalogue has none."""
    return WORDS[tongue].get(key, fallback)


def tongue_for(*, chosen: str | None, language: str | None, accepted: str) -> Tongue:
    """Chosen on the page, else the leader's own language, else the browser's, else Chinese."""
    for wish in (chosen, language, *_by_weight(accepted)):
        head = (wish or "").strip().lower().replace("_", "-").split("-")[0]
        if head == "zh":
            return "zh"
        if head == "en":
            return "en"
    return "zh"


def _by_weight(accepted: str) -> list[str]:
    """The languages of an Accept-Language header, the most wanted first; what cannot be read weighs nothing."""
    weighed: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        name, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight) if weight else 1.0, name))
        except ValueError:
            continue
    return [name for weight, name in sorted(weighed, key=lambda item: -item[0]) if weight > 0]
