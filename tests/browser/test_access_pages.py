"""Signing in, settings and the audit trail, as people use them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from seavigil.api.access import AccessParams
from seavigil.api.serve import Wire
from seavigil.runners.settings_shown import settings_shown
from seavigil.runners.settings_tables import ChannelTable, Settings
from tests.api.house import PASSWORD, House
from tests.api.shown import invented, shown
from tests.api.test_access_wire import served
from tests.browser.conftest import Open
from tests.browser.screen import Screen


@dataclass(frozen=True)
class Doors:
    """A console that asks who comes in."""

    url: str

    def code(self, token: str) -> int:
        """Give what a program with a token is answered."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.url}/api/alerts", headers=headers).status_code

    def role(self, user: str) -> str | None:
        """Give the role of somebody who signs in with the usual password, None for nobody."""
        asked = {"user": user, "password": PASSWORD}
        role: str | None = httpx.post(f"{self.url}/api/session", json=asked).json().get("role")
        return role


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Show the invented hour to an admin, an operator and a viewer who sign in."""
    folder = tmp_path_factory.mktemp("doors")
    nmea, assets = invented(folder)
    hook = ChannelTable(kind="webhook", url="https://hooks.example/s3cret", secret="env:HOOK")
    with shown(folder / "store", [nmea], assets) as found:
        settings = settings_shown(Settings(channels={"duty": hook}))
        params = AccessParams(required=True)
        house = House(found.recorded, found.recorded.database, params=params, settings=settings)
        house.clock.at_s = datetime.now(UTC).timestamp() - house.clock.now_us() / 1e6
        for name, role in (("ada", "admin"), ("otto", "operator"), ("vera", "viewer")):
            house.user(name, role)
        with served(house, Wire()) as port:
            yield Doors(f"http://127.0.0.1:{port}")


def sign_in(screen: Screen, user: str, password: str = PASSWORD) -> None:
    """Type name and password."""
    screen.find("input[name=user]").fill(user)
    screen.find("input[name=password]").fill(password)
    screen.page.get_by_role("button", name="Sign in", exact=True).first.click()


def trail(screen: Screen) -> list[str]:
    """Wait for the audit trail, and give its rows."""
    script = "() => [...document.querySelectorAll('.audit tbody tr')].map((row) => row.innerText)"
    rows: list[str] = screen.until(f"() => {{ const rows = ({script})(); return rows.length && rows; }}")
    return rows


def accessible(screen: Screen) -> None:
    """Nothing that axe looks for is wrong, in light and dark."""
    for theme in ("light", "dark"):
        screen.ask("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        found = Axe().run(screen.page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_one_signs_in_where_one_wanted_to_go(doors: Doors, look: Open) -> None:
    """Nothing is shown before; a wrong password is told in place; afterwards it is the page asked for."""
    screen = look(doors, "#/ships?z=7,59.8,25")
    screen.forgive("401")
    screen.find(".sign-in").wait_for()
    assert screen.find("#rail a").count() == 0
    accessible(screen)
    screen.shot("signin")
    sign_in(screen, "otto", "not the right one")
    screen.find(".sign-in .error").wait_for()
    assert screen.text(".sign-in .error") == "Wrong user, password or token."
    assert screen.ask("document.activeElement.name") == "password"
    sign_in(screen, "otto")
    screen.find("#rail a").first.wait_for()
    assert screen.ask("location.hash").startswith("#/ships")
    assert screen.ask("document.cookie") == ""


def test_roles_see_what_is_theirs(doors: Doors, look: Open) -> None:
    """A viewer has no trail and no users; an operator the own trail; and everybody signs out."""
    screen = look(doors, "#/settings")
    screen.forgive("401")
    sign_in(screen, "vera")
    screen.find("#tokens table, #tokens .empty").first.wait_for()
    assert screen.find("#rail a[data-view=audit]").count() == 0
    assert screen.find("#users").count() == 0
    assert screen.find("#tokens select option").all_inner_texts() == ["viewer"]
    screen.page.get_by_role("button", name="Sign out").click()
    screen.find(".sign-in").wait_for()
    sign_in(screen, "otto")
    screen.find("#rail a[data-view=audit]").click()
    assert all("otto" in row for row in trail(screen))


def test_an_admin_makes_and_revokes_a_token(doors: Doors, look: Open) -> None:
    """It is shown once, comes in, and after two presses comes in no more; the trail has it all."""
    screen = look(doors, "#/settings")
    screen.forgive("401")
    sign_in(screen, "ada")
    screen.find("#tokens input[name=name]").fill("grafana")
    screen.page.get_by_role("button", name="Make it").click()
    text = screen.find(".new-token input").input_value()
    screen.shot("settings")
    assert doors.code(text) == 200
    assert "hooks.example/***" in screen.text("#service")
    assert "s3cret" not in screen.find("body").inner_text()
    accessible(screen)
    screen.page.get_by_role("button", name="Done").click()
    assert screen.find(".new-token").count() == 0
    revoke = screen.page.get_by_role("button", name="Revoke grafana")
    revoke.click()
    assert doors.code(text) == 200
    revoke.click()
    screen.until("!document.querySelector('#tokens td button')")
    assert doors.code(text) == 401
    screen.go("#/audit")
    told = trail(screen)
    assert any("token" in row and "made" in row for row in told)
    assert any("token" in row and "revoked" in row for row in told)
    accessible(screen)
    screen.shot("audit")


def test_an_admin_looks_after_users(doors: Doors, look: Open) -> None:
    """Adds one, and gives another a role."""
    assert doors.role("otto") == "operator"
    screen = look(doors, "#/settings")
    screen.forgive("401")
    sign_in(screen, "ada")
    form = screen.page.get_by_role("form", name="New user")
    form.get_by_label("New user").fill("<b>nina</b>")
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Add").click()
    screen.forgive("400")
    screen.page.get_by_text("a name is 1 to 64 letters").wait_for()
    form.get_by_label("New user").fill("Nina")
    form.get_by_role("button", name="Add").click()
    screen.page.get_by_text("Nina can sign in.").wait_for()
    assert doors.role("nina") == "viewer"
    screen.page.get_by_label("Role of otto", exact=True).select_option("viewer")
    screen.page.get_by_role("button", name="Set the role of otto").click()
    screen.page.get_by_text("otto: has another role").wait_for()
    assert doors.role("otto") == "viewer"
