"""The form of the search: one name that stays out of the address, and lists of names, none of them kept."""

import pytest

from app.screening.batch import MOST_BYTES, MOST_QUERIES
from tests.conftest import Client
from tests.pages.conftest import CHROME

AS_PAGE = {"Accept": CHROME}


def test_a_name_by_post_stays_out_of_every_address(pages: Client) -> None:
    response = pages.request("POST", "/search", data={"q": "Jin Teng", "as_of": "2016-03-10"}, headers=AS_PAGE)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert "etag" not in response.headers
    assert "link" not in response.headers
    assert "Jin+Teng" not in response.text
    assert 'href="/vessels/9163166' in response.text
    assert "Not a clearance." in response.text
    assert "10 March 2016" in response.text


def test_the_agreeing_parts_of_a_name_are_marked_and_explained(pages: Client) -> None:
    page = pages.get("/search?q=Jin+Teng", headers=AS_PAGE).text
    assert "<mark>JIN</mark> <mark>TENG</mark>" in page
    answer = pages.json("/search?q=Jin+Teng")
    assert answer["statement"] in page
    for text in (answer["matcher"], answer["dataset"]["version"], str(answer["compared"]["names"])):
        assert text in page


def test_no_hit_is_no_clearance(pages: Client) -> None:
    page = pages.get("/search?q=Qqqzzz+Vvvwww", headers=AS_PAGE).text
    assert "0 subjects are alike.</strong> Not a clearance." in page


def test_a_list_of_names_is_answered_as_a_table(pages: Client) -> None:
    response = pages.request(
        "POST",
        "/search",
        files={"names": (None, "Jin Teng\r\n\r\nQqqzzz Vvvwww\r\n<b>x</b>"), "q": (None, "")},
        headers=AS_PAGE,
    )
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert "<h1>3 names compared</h1>" in response.text
    assert 'href="/vessels/9163166"' in response.text
    assert "&lt;b&gt;x&lt;/b&gt;" in response.text
    assert "Nothing of this was stored" in response.text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("names.csv", b"name,ref\nJin Teng,1\n"),
        ("NAMES.TXT", b"\xef\xbb\xbfJin Teng\n"),
        ("names", b"name\nJin Teng\n"),
    ],
)
def test_a_file_of_names_is_read(pages: Client, name: str, content: bytes) -> None:
    response = pages.request("POST", "/search", files={"file": (name, content)}, headers=AS_PAGE)
    assert response.status_code == 200, response.text
    assert "<h1>1 name compared</h1>" in response.text
    assert 'href="/vessels/9163166"' in response.text


@pytest.mark.parametrize(
    ("files", "status", "says"),
    [
        ({"names": (None, " \r\n ")}, 422, "there is no name"),
        ({"names": (None, "x\n" * (MOST_QUERIES + 1))}, 422, str(MOST_QUERIES)),
        ({"names": (None, "x" * (MOST_BYTES + 30_000))}, 413, str(MOST_BYTES)),
        ({"file": ("a.csv", b"ref\n1\n")}, 422, "column"),
        ({"file": ("a.txt", b"\xff\xfe\x00")}, 422, "UTF-8"),
    ],
    ids=["no name", "too many names", "too many bytes", "no column of names", "no UTF-8"],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_reason(
    pages: Client, files: dict[str, object], status: int, says: str
) -> None:
    response = pages.request("POST", "/search", files=files, headers=AS_PAGE)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    assert says in response.text


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=x", "multipart/form-data; boundary="]
)
def test_a_broken_form_is_refused(pages: Client, content_type: str) -> None:
    headers = AS_PAGE | {"Content-Type": content_type}
    response = pages.request("POST", "/search", content=b"--y\r\nnonsense", headers=headers)
    assert response.status_code == 422
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_a_form_of_a_program_is_refused_as_ever(pages: Client) -> None:
    response = pages.request("POST", "/search", data={"q": "Jin Teng"})
    assert (response.status_code, response.headers["content-type"]) == (415, "application/problem+json")
