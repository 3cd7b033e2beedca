"""HTML: the environment of the templates, and the filters with which they write values."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from app.fields.dates import long_date, parse_day

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC = Path(__file__).with_name("static")
TEMPLATES = Path(__file__).with_name("templates")

_MONTHS = [long_date(date(2000, month, 1)).split()[1] for month in range(1, 13)]
_EDTF = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?([~?%]?)")
_HANGUL, _HAN, _KANA = "ᄀ-ᇿ㄰-㆏가-힣", "㐀-鿿豈-﫿", "぀-ヿ"
_SCRIPTS = re.compile(f"[{_HANGUL}{_HAN}{_KANA}](?:[{_HANGUL}{_HAN}{_KANA}\\s·・]*[{_HANGUL}{_HAN}{_KANA}])?")
_QUALIFIERS = {"": "", "~": "about ", "?": "perhaps ", "%": "perhaps about "}

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page: nothing in it is inline, nothing comes from elsewhere.

The scripts of pages connect to nothing; ``connect-src`` lets an auditing browser (Lighthouse) read robots.txt.
"""

ACRONYMS = {
    **{word: word.upper() for word in ("un", "dprk", "imo", "hs", "swift", "url", "mmsi")},
    **{word: word.upper() for word in ("ofac", "sdn", "eu", "uk", "ofsi", "ch", "seco")},
    "opensanctions": "OpenSanctions",
    "wikidata": "Wikidata",
}
"""Parts of keys that are not written as words are."""


@cache
def environment(*folders: Path) -> "Environment":
    """Build the environment of templates, which escape every value.

    Args:
        folders: folders of templates, besides those that all pages share.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=FileSystemLoader([TEMPLATES, *folders]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"day": day, "edtf": edtf, "words": words, "scripts": scripts, "sentence": sentence}
    made.filters |= {"since": since, "codes": codes, "amount": amount}
    made.globals |= {"asset": asset, "lang_of": lang_of}
    return made


@lru_cache(maxsize=4096)
def day(text: str | None) -> str:
    """Write an ISO day in words: 2 March 2016."""
    return long_date(parse_day(text)) if text else ""


@lru_cache(maxsize=4096)
def edtf(text: str | None) -> str:
    """Write a partly known date in words: "July 2016", "between 1964 and 1966", "by 1 June 2017", "about 1965".

    Args:
        text: the date in EDTF (ISO 8601-2).
    """
    if not text:
        return "not known"
    first, slash, last = text.partition("/")
    if not slash:
        return _edtf_date(text)
    if first in ("", ".."):
        return f"by {_edtf_date(last)}"
    if last in ("", ".."):
        return f"{_edtf_date(first)} or later"
    return f"between {_edtf_date(first)} and {_edtf_date(last)}"


def since(text: str) -> str:
    """Write the first day of something in words: "since 1 June 2017", "by 1 June 2017" where it may have been before.

    Args:
        text: the day in EDTF.
    """
    words_of_it = edtf(text)
    return words_of_it if words_of_it.startswith("by ") else f"since {words_of_it}"


def codes(text: str) -> Markup:
    """Escape a description and write what is between backticks as code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _edtf_date(text: str) -> str:
    match = _EDTF.fullmatch(text)
    if match is None:
        return text
    year, month, day_of_month, qualifier = match.groups()
    parts = [str(int(day_of_month))] if day_of_month else []
    parts += [_MONTHS[int(month) - 1]] if month else []
    return _QUALIFIERS[qualifier] + " ".join([*parts, year])


@lru_cache(maxsize=4096)
def words(key: object) -> str:
    """Write a key or a member of an enumeration in words: ``un_list`` as "UN list"."""
    return " ".join(ACRONYMS.get(word, word) for word in str(key).replace("-", "_").split("_"))


def amount(number: str) -> str:
    """Write a decimal number with its thousands apart: 400,870,018."""
    whole, point, fraction = str(number).partition(".")
    return (f"{int(whole):,}" if whole.isdecimal() else whole) + point + fraction


def sentence(text: str) -> str:
    """Write the first letter large."""
    return text[:1].upper() + text[1:]


def lang_of(text: str) -> str | None:
    """Return the language (BCP 47) of a text in Hangul, Chinese characters or kana; None for any other."""
    if re.search(f"[{_HANGUL}]", text):
        return "ko"
    if re.search(f"[{_KANA}]", text):
        return "ja"
    return "zh" if re.search(f"[{_HAN}]", text) else None


def scripts(text: object) -> Markup:
    """Escape a text and mark the language of what is in Korean, Chinese or Japanese script (WCAG 2.2, 3.1.2)."""
    plain = str(text)
    if plain.isascii():
        return escape(plain)
    parts, end = [], 0
    for match in _SCRIPTS.finditer(plain):
        parts.append(escape(plain[end : match.start()]))
        parts.append(Markup('<span lang="{}">{}</span>').format(lang_of(match[0]), match[0]))
        end = match.end()
    return Markup("").join([*parts, escape(plain[end:])])


@cache
def asset(name: str) -> str:
    """Return the path of a static file, with a digest of its content in its name, so that it can be kept for ever."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:8]
    stem, _, suffix = name.rpartition(".")
    return f"/static/{stem}.{digest}.{suffix}"


@cache
def hashed_assets() -> Mapping[str, str]:
    """Return the static files by the names that `asset` gives them."""
    return {asset(path.name).removeprefix("/static/"): path.name for path in STATIC.iterdir()}


def path_prefix(base: str) -> str:
    """Return the path that the public address begins with; empty where it has none."""
    return urlsplit(base).path.rstrip("/")


def site_values(base: str, path: str, **values: Any) -> dict[str, Any]:
    """Return the values that the layout of every page takes.

    Args:
        base: the beginning of absolute links.
        path: the path of the page.
        values: values that replace those of the layout, or add to them.
    """
    return {
        "root": path_prefix(base),
        "base": base,
        "path": path,
        "canonical": base + path,
        "noindex": False,
        "asked_day": None,
        "today_url": None,
        "q": "",
        **values,
    }


def render_page(folders: Sequence[Path], template: str, values: Mapping[str, Any]) -> bytes:
    """Render a template to a page."""
    return environment(*folders).get_template(template).render(values).encode()
