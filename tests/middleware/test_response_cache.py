"""Answers that are kept: the same as without keeping them, asked for once, within a bound."""

import asyncio
import gzip
import itertools
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import brotli
import httpx
import pytest
import zstandard
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from app.database import POLL_INTERVAL, version_file
from app.main import create_app
from app.middleware.response_cache import OVERHEAD, ResponseCacheMiddleware
from app.publish import publish
from app.settings import Settings
from tests.conftest import BASE, edit

TAGGED = [(b"etag", b'"tag"'), (b"content-type", b"text/plain")]


class Application:
    """An application that counts what it is asked, and answers what it was told to."""

    def __init__(self, status: int = 200, body: bytes = b"x" * 2000, headers: Any = TAGGED, delay: float = 0) -> None:
        self.status, self.body, self.headers, self.delay = status, body, headers, delay
        self.asked: list[tuple[str, bytes]] = []
        self.failures = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append((scope["method"], scope["query_string"]))
        assert (await receive())["type"] == "http.request"
        await asyncio.sleep(self.delay)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("failed")
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body[:10], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[10:]})


class Dataset:
    """A published file that can be told to be another."""

    def __init__(self) -> None:
        self.number = 1

    def identity(self) -> int:
        return self.number

    def current(self) -> Any:
        return SimpleNamespace(version=f"v{self.number}")


def layer(app: Any, most_bytes: int = 1_000_000, dataset: Dataset | None = None) -> ResponseCacheMiddleware:
    return ResponseCacheMiddleware(app, dataset or Dataset(), most_bytes, {"flag"}, 1000, look_every=0)  # type: ignore[arg-type]  # as far as it is asked


async def ask(app: Any, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        client.headers.clear()
        return await client.request(method, url, headers={name.replace("_", "-"): headers[name] for name in headers})


def run(made: Any) -> Any:
    return asyncio.run(made)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ("/x?a=1&b=2", "/x?b=2&a=1", True),
        ("/x?a=%31", "/x?a=1", True),
        ("/x?a=b+c", "/x?a=b%20c", True),
        ("/x?flag=KP&flag=MN", "/x?flag=MN&flag=KP&flag=MN", True),
        ("/x?a=1", "/x?a=1&a=1", False),
        ("/x?a=1", "/x?a=2", False),
        ("/x?a=1", "/y?a=1", False),
        ("/x?a", "/x?b", False),
    ],
)
def test_the_spellings_of_one_question_share_an_answer(first: str, second: str, shared: bool) -> None:
    app = Application()
    kept = layer(app)
    run(ask(kept, first))
    run(ask(kept, second))
    run(ask(kept, second))
    assert len(app.asked) == (1 if shared else 2)


def test_head_conditions_and_codings_are_answered_from_what_is_kept() -> None:
    app = Application()
    kept = layer(app)
    first = run(ask(kept, "/x", accept_encoding="br"))
    assert first.headers["etag"] == '"tag-br"'
    assert first.headers["content-encoding"] == "br"
    head = run(ask(kept, "/x", "HEAD", accept_encoding="gzip"))
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", '"tag-gzip"')
    for condition in ('"tag-zstd"', 'W/"tag-zstd"', '"other", "tag-zstd"', "*"):
        response = run(ask(kept, "/x", accept_encoding="zstd", if_none_match=condition))
        assert (response.status_code, response.content) == (304, b"")
    assert run(ask(kept, "/x", accept_encoding="br", if_none_match='"tag"')).status_code == 200
    assert app.asked == [("GET", b"")]


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (404, TAGGED),
        (300, TAGGED),
        (500, TAGGED),
        (200, [(b"content-type", b"text/plain")]),
        (200, [*TAGGED, (b"dataset-version", b"v0")]),
    ],
)
def test_only_whole_answers_of_the_published_dataset_are_kept(status: int, headers: Any) -> None:
    app = Application(status, headers=headers)
    kept = layer(app)
    for _ in range(2):
        response = run(ask(kept, "/x"))
        assert (response.status_code, response.content) == (status, app.body)
    assert len(app.asked) == 2


def test_other_methods_and_what_is_not_utf8_pass_through() -> None:
    app = Application()
    kept = layer(app)
    for _ in range(2):
        assert run(ask(kept, "/x", "POST")).content == app.body
        assert run(ask(kept, "/x?a=%FF")).content == app.body
    assert [method for method, _ in app.asked] == ["POST", "GET", "POST", "GET"]


def test_another_dataset_or_another_day_drops_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    app, dataset, seconds = Application(), Dataset(), 0.0
    monkeypatch.setattr("app.middleware.response_cache.time.time", lambda: seconds)
    kept = layer(app, dataset=dataset)
    for asked, (number, seconds) in enumerate([(1, 1.0), (2, 1.0), (2, 86_401.0)], 1):  # noqa: B007  # read by time
        dataset.number = number
        run(ask(kept, "/x"))
        run(ask(kept, "/x"))
        assert len(app.asked) == asked


def test_what_is_answered_while_another_dataset_comes_is_not_kept() -> None:
    dataset = Dataset()

    class Publishing(Application):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await super().__call__(scope, receive, send)
            dataset.number = 2

    app = Publishing()
    kept = layer(app, dataset=dataset)
    run(ask(kept, "/x"))
    dataset.number = 1
    run(ask(kept, "/x"))
    assert len(app.asked) == 2


def test_simultaneous_questions_are_answered_by_one_computation() -> None:
    app = Application(delay=0.05)
    kept = layer(app)

    async def ask_many() -> list[httpx.Response]:
        codings = ("br", "gzip", "", "identity")
        return await asyncio.gather(
            *(ask(kept, f"/x?a=1&b={n % 2}", accept_encoding=codings[n % 4]) for n in range(40))
        )

    responses = run(ask_many())
    assert all(response.content == app.body for response in responses)
    assert len(app.asked) == 2


def test_who_waits_takes_over_where_the_first_fails_or_goes_away() -> None:
    app = Application(delay=0.05)
    app.failures = 1
    kept = layer(app)

    async def ask_many() -> list[Any]:
        first = asyncio.create_task(ask(kept, "/x"))
        others = [asyncio.create_task(ask(kept, "/x")) for _ in range(5)]
        cancelled = asyncio.create_task(ask(kept, "/y"))
        waiting = asyncio.create_task(ask(kept, "/y"))
        await asyncio.sleep(0.01)
        cancelled.cancel()
        return await asyncio.gather(first, *others, cancelled, waiting, return_exceptions=True)

    first, *others, cancelled, waiting = run(ask_many())
    assert isinstance(first, RuntimeError)
    assert all(response.content == app.body for response in [*others, waiting])
    assert isinstance(cancelled, asyncio.CancelledError)
    assert len(app.asked) == 4


def test_after_a_failure_all_that_is_kept_is_counted_once() -> None:
    app = Application()
    app.failures = 1
    kept = layer(app)
    waits = asyncio.Event()

    async def slow_at_first(scope: Any, receive: Any, send: Any) -> None:
        if app.failures:
            await waits.wait()
        await app(scope, receive, send)

    async def ask_many() -> None:
        kept.app = slow_at_first
        asking = [asyncio.create_task(ask(kept, "/x")) for _ in range(4)]
        await asyncio.sleep(0.01)
        waits.set()
        await asyncio.gather(*asking, return_exceptions=True)

    run(ask_many())
    shelf = kept._generation
    assert len(app.asked) == 2
    assert shelf._bytes == sum(answer.size for answer in shelf.responses.values())


def test_a_form_is_counted_once_for_all_who_waited_for_it() -> None:
    app = Application(body=os.urandom(1000) * 300)
    kept = layer(app, most_bytes=10_000_000)

    async def ask_many() -> None:
        await asyncio.gather(*(ask(kept, "/x", accept_encoding="gzip") for _ in range(20)))

    run(ask_many())
    assert kept._generation._bytes < 2 * len(app.body)


def test_only_a_200_is_answered_with_a_304() -> None:
    response = run(ask(layer(Application(300)), "/x", if_none_match="*"))
    assert (response.status_code, response.content) == (300, b"x" * 2000)


def test_a_failure_is_raised_behind_its_answer() -> None:
    class Failing(Application):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await super().__call__(scope, receive, send)
            raise RuntimeError("for the log")

    with pytest.raises(RuntimeError, match="for the log"):
        run(ask(layer(Failing(500)), "/x"))


def test_no_more_is_kept_than_the_bound_allows() -> None:
    app = Application(body=b"x" * 10_000)
    kept = layer(app, most_bytes=5 * (10_000 + 3 * OVERHEAD))
    for number in range(50):
        run(ask(kept, f"/x?a={number}"))
        run(ask(kept, "/x?a=often"))
        run(ask(kept, f"/x?a={number}", accept_encoding="br", accept=f"text/{number}"))
    assert app.asked.count(("GET", b"a=often")) < 5  # what is used stays; what is not goes
    run(ask(kept, "/x?a=0"))
    assert app.asked.count(("GET", b"a=0")) == 3
    shelf = kept._generation
    assert sum(answer.size for answer in shelf.responses.values()) <= 5 * (10_000 + 3 * OVERHEAD)
    assert {wording for answer in shelf.responses.values() for wording in answer.raw_keys} == set(shelf.encoded)
    big = layer(app, most_bytes=40_000)
    assert run(ask(big, "/x")).content == app.body
    assert not big._generation.responses


def test_a_bound_of_nothing_keeps_nothing() -> None:
    app = Application()
    kept = layer(app, most_bytes=0)
    for asked in (1, 2):
        assert run(ask(kept, "/x")).content == app.body
        assert len(app.asked) == asked


def test_a_large_body_is_compressed_all_the_same() -> None:
    app = Application(body=os.urandom(1000) * 300)
    assert gzip.decompress(_raw(layer(app), "gzip")) == app.body


def _raw(app: Any, coding: str) -> bytes:
    parts: list[bytes] = []

    async def send(message: Any) -> None:
        parts.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "raw_path": b"/x", "path": "/x", "query_string": b""}
    asyncio.run(app(scope | {"headers": [(b"accept-encoding", coding.encode())]}, None, send))
    return b"".join(parts)


# With and without the layer


GROUPS = [
    [
        "/vessels?listed=true",
        "/vessels?flag=KP&flag=MN&listed=true",
        "/vessels?listed=true&flag=MN&flag=KP",
        "/vessels?listed=true&listed=true",
    ],
    ["/vessels?name=%EF%BF%BD", "/vessels?name=%FF", "/vessels?name=jin+teng", "/vessels?name=jin%20teng&limit=50"],
    ["/vessels?limit=2", "/vessels?as_of=2016-03-20&limit=2", "/vessels?as_of=2999-01-01", "/vessels?limit=2&as_of="],
    ["/vessels/9163166", "/vessels/9163160", "/resolutions/2016-03-02", "/nowhere"],
    ["/changes?format=atom&subject=9163166", "/changes?subject=9163166&format=atom", "/search?q=jin+teng"],
    ["/dataset", "/dataset/versions", "/", "/docs"],
    ["/vessels?limit=3", "/vessels?limit=3" + 9000 * "&"],
    ["/measures?limit=3&hs_code=27", "/measures?" + 101 * "hs_code=27&" + "limit=3"],
    ["/sources?limit=2", "/sources?limit=2&dataset={A}", "/sources?limit=2&dataset={B}&as_of=2016-03-20"],
]
"""Questions that could be taken for one another, or whose answers change together."""

Request = st.tuples(
    st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST"]),
    st.sampled_from(["*/*", "*/*", "*/*", "text/csv", "image/png"]),
    st.sampled_from(["", "br", "gzip", "zstd;q=0.5, gzip;q=0.4", "identity", "br;q=0"]),
    st.sampled_from([None, None, "*", "its own", '"other"']),
)
Swap = st.sampled_from(["publish A", "publish B", "drop A", "drop B"])


@st.composite
def some_steps(draw: st.DrawFn) -> list[Any]:
    """Requests for questions of one group, with publications between them."""
    questions = st.sampled_from(draw(st.sampled_from(GROUPS)))
    asked = st.tuples(questions, Request)
    return draw(st.lists(st.one_of(asked, asked, asked, Swap), min_size=5, max_size=25))


@pytest.fixture(scope="module")
def two_versions(small: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two published datasets, as files to be swapped in."""
    folder = tmp_path_factory.mktemp("versions")
    seed = folder / "seed"
    shutil.copytree(small / "seed", seed)
    found: dict[str, Path] = {}
    for name in ("A", "B"):
        version = publish(seed, folder / "unlisted.db").version
        found[name] = folder / f"{version}.db"
        shutil.copyfile(folder / "unlisted.db", found[name])
        edit(seed, "sources", lambda rows: rows[0].update(title="Another title"))
    return found


class Published:
    """A published file, with and without the layer over the application that reads it."""

    def __init__(self, folder: Path, versions: dict[str, Path]) -> None:
        self.database, self._versions = folder / "unlisted.db", versions
        self._names = (folder / str(number) for number in itertools.count())
        self.do("publish A")
        self.kept = create_app(Settings(database=self.database))
        self._inner = self.kept.build_middleware_stack().app  # type: ignore[attr-defined]  # of the response cache

    async def plain(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as the application does inside of the response cache."""
        await self._inner(scope | {"app": self.kept}, receive, send)

    def do(self, step: str) -> None:
        """Swap a dataset in, as publishing does, or drop a version that is kept."""
        what, name = step.split()
        file = version_file(self.database, self._versions[name].stem)
        file.parent.mkdir(exist_ok=True)
        if what == "drop":
            file.unlink(missing_ok=True)
            return
        for place in (file, self.database):
            draft = next(self._names)
            shutil.copyfile(self._versions[name], draft)
            draft.replace(place)
        time.sleep(2 * POLL_INTERVAL)


GET = ("GET", "*/*", "", None)


# Not shrunk: a step takes milliseconds, and the steps are few.
@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=some_steps())
@example(steps=[("/vessels?listed=true", GET), ("/vessels?listed=true&listed=true", GET)])
@example(steps=[("/vessels?name=%EF%BF%BD", GET), ("/vessels?name=%FF", GET)])
@example(steps=["publish B", ("/sources?limit=2&dataset={A}", GET), "drop A", ("/sources?limit=2&dataset={A}", GET)])
@example(steps=[("/sources?limit=2", GET), "publish B", ("/sources?limit=2", GET)])
@example(steps=[("/vessels?limit=3", GET), ("/vessels?limit=3" + 9000 * "&", GET)])
@example(steps=[("/measures?hs_code=27", GET), ("/measures?" + 101 * "&hs_code=27", GET)])
def test_with_and_without_the_layer_the_answers_are_the_same(
    two_versions: dict[str, Path], tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    published = Published(tmp_path_factory.mktemp("swap"), two_versions)
    patched = pytest.MonkeyPatch()
    patched.setattr("app.api.envelope.seconds_of_today", lambda: 1000)  # a second may pass between two answers
    pinned = {name: file.stem for name, file in two_versions.items()}
    loop = asyncio.new_event_loop()
    try:
        for step in steps:
            if isinstance(step, str):
                published.do(step)
                continue
            url, (method, accept, coding, condition) = step
            url = url.replace("{A}", pinned["A"]).replace("{B}", pinned["B"])
            loop.run_until_complete(_compare(published, url, method, accept, coding, condition))
    finally:
        patched.undo()
        published.kept.state.datasets.close()
        loop.close()


async def _compare(
    published: Published, url: str, method: str, accept: str, coding: str, condition: str | None
) -> None:
    safe = method in ("GET", "HEAD")
    plain = await ask(published.plain, url, "GET" if safe else method, accept=accept)
    asked = {"accept": accept, "accept_encoding": coding}
    again = await ask(published.kept, url, "GET", **asked) if condition == "its own" and safe else None
    if again is not None:
        condition = again.headers.get("etag")
    found = await ask(published.kept, url, method, **asked, **({"if_none_match": condition} if condition else {}))
    tag = plain.headers.get("etag")
    if safe and tag and plain.status_code == 200 and condition not in (None, '"other"'):
        assert (found.status_code, found.content) == (304, b"")
        assert found.headers["etag"].startswith(tag[:-1])
        of_body = ("content-type", "content-length", "etag")
        assert _without(found, of_body) == _without(plain, of_body)
        return
    assert found.status_code == plain.status_code
    assert found.content == (b"" if method == "HEAD" else plain.content)
    of_coding = ("content-encoding", "content-length", "etag")
    assert _without(found, of_coding) == _without(plain, of_coding)
    used = found.headers.get("content-encoding")
    assert found.headers.get("etag") == (f'{tag[:-1]}-{used}"' if used and tag else tag)
    assert used in (None, *(part.partition(";")[0] for part in coding.split(", ")))


def _without(response: httpx.Response, names: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in (*names, "x-request-id")}


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
    "gzip": gzip.decompress,
}


@pytest.mark.parametrize("coding", DECODERS)
def test_each_coding_holds_the_body(coding: str) -> None:
    app = Application(body=b"some words " * 500)
    body = _raw(layer(app), coding)
    assert len(body) < len(app.body) / 5
    assert DECODERS[coding](body) == app.body


@pytest.fixture(autouse=True)
def no_loop_is_left() -> Iterator[None]:
    """Leave the policy of event loops as it was: asyncio.run sets it to none."""
    yield
    asyncio.set_event_loop_policy(None)
