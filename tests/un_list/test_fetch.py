"""Lists that are fetched by URL, from a server on this machine."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree.ElementTree import tostring

import pytest

from app.fields.dates import parse_day
from app.un_list.fetch import fetch_list, is_url
from app.un_list.xml import MOST_BYTES, ListedParty, UnreadableListError
from app.vocabularies import PartyKind
from tests.un_list.un_list_file import list_element

PARTY = ListedParty(
    reference_number="KPe.001",
    kind=PartyKind.ENTITY,
    name="A TRADING COMPANY",
    listed_on=parse_day("2009-04-24"),
    gender=None,
    aliases=(),
    nationalities=(),
    positions=(),
    birth_dates=(),
    birth_places=(),
    documents=(),
    addresses=(),
    amended_on=(),
    narrative_sha256=None,
)
CONTENT = tostring(list_element([PARTY]))

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Serves one answer on a free port of this machine, and gives the URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                try:
                    answer(self)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/list.xml"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_a_list_is_fetched(serve: Callable[[Answer], str]) -> None:
    assert list(fetch_list(serve(lambda handler: send(handler, CONTENT))).parties) == ["KPe.001"]


def test_a_redirect_to_the_same_scheme_is_followed(serve: Callable[[Answer], str]) -> None:
    target = serve(lambda handler: send(handler, CONTENT))
    first = serve(lambda handler: send(handler, b"", 302, Location=target))
    assert list(fetch_list(first).parties) == ["KPe.001"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda handler: send(handler, b"", 302, Location="https://127.0.0.1:1/list.xml"), "from http to https"),
        (lambda handler: send(handler, b"", 302, Location="file:///etc/passwd"), "file"),
        (lambda handler: send(handler, b"", 302, Location="/list.xml"), "redirects more than"),
        (lambda handler: send(handler, b"gone", 404), "answers 404"),
        (lambda handler: send(handler, b"", 204), "answers 204"),
        (lambda handler: send(handler, b""), "the file is empty"),
        (lambda handler: send(handler, b"<html/>"), "no consolidated list"),
        (lambda handler: send(handler, CONTENT[:200]), "list.xml"),
        (lambda handler: send(handler, CONTENT, Content_Length=str(len(CONTENT) + 9)), "list.xml"),
        (lambda handler: send(handler, CONTENT, Content_Encoding="gzip"), "compressed"),
        (lambda handler: send(handler, b"<" * (MOST_BYTES + 1)), "larger than"),
    ],
)
def test_what_is_refused(serve: Callable[[Answer], str], answer: Answer, message: str) -> None:
    with pytest.raises(UnreadableListError, match=message):
        fetch_list(serve(answer))


def test_a_server_that_sends_for_ever_is_left(serve: Callable[[Answer], str]) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b"<")
            time.sleep(0.05)

    with pytest.raises(UnreadableListError, match="too long"):
        fetch_list(serve(drip), most_seconds=0.5)


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/list.xml", "file:///etc/passwd", "http:///list.xml", "://", "http://["]
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(UnreadableListError):
        fetch_list(url)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(UnreadableListError):
        fetch_list("http://127.0.0.1:1/list.xml")


@pytest.mark.parametrize(
    ("text", "answer"), [("list.xml", False), ("./a:b.xml", False), ("https://a.example/x", True), ("ftp://a/x", True)]
)
def test_urls_and_paths(text: str, answer: bool) -> None:
    assert is_url(text) is answer
