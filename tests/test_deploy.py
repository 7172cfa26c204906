"""What lies in deploy/ is true: the unit loads, the image can be built, the alarms name real figures."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from seavigil.runners.metrics import exposition
from seavigil.runners.settings import NAME, Settings
from seavigil.runners.supervised import STUCK_S
from tests.runners.statuses import WELL

ROOT = Path(__file__).resolve().parents[1]
UNIT = ROOT / "deploy/seavigil.service"
RULES = ROOT / "deploy/prometheus-rules.yml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def instructions() -> list[tuple[str, str]]:
    """Give what the Containerfile says, one instruction each: its name and the rest."""
    text = (ROOT / "deploy/Containerfile").read_text()
    lines = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ").splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def said(name: str) -> list[str]:
    """Give the rests of all instructions of one name."""
    return [rest for found, rest in instructions() if found == name]


def copied() -> list[str]:
    """Give the paths of the checkout that the image is built of."""
    return [path for rest in said("COPY") if "--from" not in rest for path in shlex.split(rest)[:-1]]


# --- systemd ----------------------------------------------------------------------------------


@pytest.fixture
def unit() -> configparser.ConfigParser:
    """Give the unit: systemd's syntax, as far as it is used here, is that of ini files."""
    found = configparser.ConfigParser(strict=True, interpolation=None, comment_prefixes=("#",))
    found.optionxform = str  # type: ignore[assignment,method-assign]  # names are told apart by case
    found.read(UNIT)
    return found


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """No section, key or value that systemd would pass over with a warning."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    text = re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text())
    copy = tmp_path / UNIT.name
    copy.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if UNIT.name in line]) == (0, [])


def test_the_unit_runs_the_command(unit: configparser.ConfigParser) -> None:
    """It starts a command that there is, in the folder that systemd makes, and waits for what we tell."""
    service = unit["Service"]
    program, command, *options = shlex.split(service["ExecStart"])
    assert Path(program).name in PROJECT["scripts"]
    assert (command, options) == ("serve", ["--folder", f"/var/lib/{service['StateDirectory']}"])
    assert service["Type"] == "notify"
    assert 0 < float(service["WatchdogSec"]) <= STUCK_S


# --- container --------------------------------------------------------------------------------


def test_what_the_image_copies_is_there() -> None:
    """Each path lies in the checkout, and everything that the build asks for is among them."""
    assert [path for path in copied() if not (ROOT / path).exists()] == []
    needed = {
        PROJECT["readme"],
        *PROJECT["license-files"],
        "pyproject.toml",
        "hatch_build.py",
        "constraints.txt",
        "src",
    }
    assert needed <= set(copied())


def test_what_the_image_runs_is_there() -> None:
    """Its extras are extras, its Python is one that we take, its command is ours."""
    install = next(rest for rest in said("RUN") if "pip install" in rest)
    assert set(re.findall(r"\.\[([\w,]+)\]", install)[0].split(",")) <= set(PROJECT["optional-dependencies"])
    assert {re.search(r"python:(3\.\d+)", rest)[1] for rest in said("FROM")} == {"3.13"}  # type: ignore[index]
    assert f"Programming Language :: Python :: {'3.13'}" in PROJECT["classifiers"]
    assert json.loads(said("ENTRYPOINT")[0]) == ["seavigil"]
    assert json.loads(said("CMD")[0]) == ["serve", "--folder", said("VOLUME")[0]]


def test_the_image_asks_where_we_answer() -> None:
    """Its health check asks the web interface at the default place for whether only a restart helps."""
    asked = json.loads(said("HEALTHCHECK")[0].partition("CMD ")[2])
    assert asked[:2] == ["python", "-c"]
    compile(asked[2], "health check", "exec")
    api = Settings().api
    assert f"http://{api.host}:{api.port}/livez" in asked[2]


def test_a_wheel_of_what_is_copied_is_whole(tmp_path: Path) -> None:
    """Built of nothing but that, it has every module, and the files that are no modules."""
    pytest.importorskip("hatchling", reason="hatchling is not installed here")
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "made"]
    done = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    wheel = next((tmp_path / "made").glob("*.whl"))
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = (p for p in (tmp_path / "src").rglob("*") if p.is_file())
    assert {str(path.relative_to(tmp_path / "src")) for path in wanted} - names == set()
    assert any(name.startswith("seavigil/store/migrations/versions/") for name in names)


# --- Prometheus -------------------------------------------------------------------------------


def test_alarms_name_real_figures() -> None:
    """Every metric in a rule is one that a service gives; each rule says what it is about."""
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with mkdocs (make docs)")
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    given = set(re.findall(r"(?m)^(seavigil_\w+)", exposition(lambda: WELL).decode()))
    named = {name for rule in rules for name in re.findall(r"seavigil_\w+", rule["expr"])}
    assert named - given == set()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)


def test_settings_lie_where_the_pages_say() -> None:
    """The comments name the file that the service reads."""
    assert f"/var/lib/seavigil/{NAME}" in UNIT.read_text()
