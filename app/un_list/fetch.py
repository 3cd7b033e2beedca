"""Download of a consolidated list: limited in size and time, and never redirected to another scheme."""

import time

import httpx

from app.un_list.xml import MOST_BYTES, ConsolidatedList, UnreadableListError, parse_list

SCHEMES = ("http", "https")
MOST_REDIRECTS = 5
MOST_SECONDS = 120.0
"""Longest time that a whole download may take, in seconds."""
IDLE_SECONDS = 20.0
"""Longest time without a byte, in seconds."""


def is_url(text: str) -> bool:
    """Say whether a text is a URL and not a path: it has a scheme of its own."""
    return "://" in text


def fetch_list(url: str, most_seconds: float = MOST_SECONDS) -> ConsolidatedList:
    """Download a consolidated list and parse it.

    Args:
        url: an http or https URL.
        most_seconds: longest time that the download may take.

    Raises:
        UnreadableListError: the URL has another scheme or redirects to one, the server does not answer 200 in time, the
            answer is too large, or ``parse_list`` refuses it.
    """
    try:
        content = _download(httpx.URL(url), time.monotonic() + most_seconds)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnreadableListError(f"{url}: {error or type(error).__name__}") from None
    except UnreadableListError as error:
        raise UnreadableListError(f"{url}: {error}") from None
    return parse_list(content, url)


def _download(url: httpx.URL, deadline: float) -> bytes:
    if url.scheme not in SCHEMES or not url.host:
        raise UnreadableListError(f"only {' and '.join(SCHEMES)} URLs are fetched")
    # Without compression the limit holds for what is sent, too.
    with httpx.Client(timeout=IDLE_SECONDS, headers={"Accept-Encoding": "identity"}) as client:
        for _ in range(MOST_REDIRECTS + 1):
            with client.stream("GET", url) as response:
                if response.next_request is None:
                    return _body(response, deadline)
                target = response.next_request.url
            if target.scheme != url.scheme:
                raise UnreadableListError(f"it redirects from {url.scheme} to {target.scheme}; refused")
            _check_time(deadline)
            url = target
    raise UnreadableListError(f"it redirects more than {MOST_REDIRECTS} times")


def _body(response: httpx.Response, deadline: float) -> bytes:
    if response.status_code != httpx.codes.OK:
        raise UnreadableListError(f"the server answers {response.status_code} {response.reason_phrase}".rstrip())
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnreadableListError("the server sends it compressed, although asked not to")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        _check_time(deadline)
        if len(body) > MOST_BYTES:
            raise UnreadableListError(f"the answer is larger than {MOST_BYTES} bytes, which no list is")
    expected = response.headers.get("Content-Length")
    if expected is not None and expected.isdigit() and int(expected) != len(body):
        raise UnreadableListError(f"{len(body)} of {expected} bytes were sent")
    return bytes(body)


def _check_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise UnreadableListError("the download takes too long")
