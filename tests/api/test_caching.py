"""Answers that are asked for again: what has not changed is not sent, the rest is compressed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.api.caching import same
from tests.api.shown import Shown, invented, shown

JSON = ("/api/alerts", "/api/picture", "/api/assets", "/api/openapi.json", "/ogc/collections/alerts/items")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour."""
    nmea, assets = invented(tmp_path_factory.mktemp("written"))
    with shown(tmp_path_factory.mktemp("store"), [nmea], assets) as found:
        yield found


@pytest.mark.parametrize("path", JSON)
def test_who_has_an_answer_is_told_that_it_holds(web: Shown, path: str) -> None:
    """304 with the tag and no body (RFC 9110, 15.4.5); another tag gives the answer again."""
    first = web.request("GET", path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = web.request("GET", path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in again.headers
    other = web.request("GET", path, headers={"If-None-Match": '"else"'})
    assert (other.status_code, other.headers["etag"]) == (200, tag)


def test_an_answer_that_changes_has_another_tag(web: Shown) -> None:
    """What an operator asked for shows in the alert, and in its tag."""
    alert_id = web.get("/api/alerts?status=open")["alerts"][0]["alert_id"]
    before = web.request("GET", f"/api/alerts/{alert_id}").headers["etag"]
    told = web.command(f"/api/alerts/{alert_id}/acknowledge", who="duty officer", why="seen")
    assert told["state"] == "done"
    after = web.request("GET", f"/api/alerts/{alert_id}", headers={"If-None-Match": before})
    assert (after.status_code, after.headers["etag"] != before) == (200, True)


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_health_is_never_kept(web: Shown, path: str) -> None:
    """An old answer would say that all is well."""
    answer = web.request("GET", path)
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_what_is_not_there_has_no_tag(web: Shown) -> None:
    """A problem is told anew each time."""
    assert "etag" not in web.request("GET", "/api/alerts/none").headers


@pytest.mark.parametrize("path", [*JSON, "/api/trails", "/", "/static/app.js"])
def test_what_is_long_is_compressed_where_that_is_understood(web: Shown, path: str) -> None:
    """The same bytes, fewer of them; plain for who does not say that he can read it."""
    plain = web.request("GET", path, headers={"Accept-Encoding": "identity"})
    packed = web.request("GET", path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert packed.status_code == plain.status_code == 200
    assert packed.content == plain.content or path.startswith("/ogc")  # which says when it was given
    assert int(packed.headers["content-length"]) <= len(gzip.compress(plain.content, 1))


def test_both_forms_of_an_answer_have_one_tag(web: Shown) -> None:
    """It is weak for that: who has one need not have the other."""
    tags = {
        web.request("GET", "/api/assets", headers={"Accept-Encoding": how}).headers["etag"]
        for how in ("identity", "gzip")
    }
    assert len(tags) == 1
    assert tags.pop().startswith('W/"')


@given(st.lists(st.text("abc", min_size=1, max_size=3), max_size=4), st.text("abc", min_size=1, max_size=3))
def test_a_tag_is_found_among_others(known: list[str], tag: str) -> None:
    """Weak or strong, with or without spaces (RFC 9110, 13.1.2)."""
    text = ", ".join(f'"{one}"' if i % 2 else f'W/"{one}"' for i, one in enumerate(known))
    assert same(text, f'W/"{tag}"') is (tag in known)
