"""A watch that is stored and taken up again goes on as if nothing had been."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from seavigil.behaviours import CATALOGUE, Behaviour, loitering
from seavigil.behaviours.areas import AREA_CATALOGUE
from seavigil.behaviours.stored import named
from seavigil.records import Decoded
from tests.contract.test_cut_anywhere import SCENE, notified, told, traffic


def test_a_watch_stored_between_pieces_gives_the_same_alerts() -> None:
    """Pickled and read back after every piece, it tells what an unbroken watch tells."""
    reports = traffic([SCENE[0], SCENE[4], SCENE[8]])
    third = reports.num_rows // 3
    pieces = told([reports.slice(0, third), reports.slice(third, third), reports.slice(2 * third)])
    unbroken, stored = notified(), notified()
    alerts: list[str] = []
    for piece in [*pieces, None]:
        decoded, final = piece or Decoded(), piece is None
        one, other = (watch.take(decoded, final=final).alerts for watch in (unbroken, stored))
        stored = pickle.loads(pickle.dumps(stored))
        assert list(map(repr, one)) == list(map(repr, other))
        alerts += map(repr, one)
    assert alerts


@pytest.mark.parametrize("behaviour", [*CATALOGUE, *AREA_CATALOGUE], ids=lambda b: b.name)
def test_a_behaviour_is_stored_as_its_name_and_parameters(behaviour: Behaviour) -> None:
    """Read back it is the very one of the catalogue, functions and all."""
    assert pickle.loads(pickle.dumps(behaviour)) is behaviour


def test_other_parameters_are_stored_too() -> None:
    """A behaviour tuned by the user keeps her parameters."""
    tuned = replace(loitering.BEHAVIOUR, params=replace(loitering.BEHAVIOUR.params, max_sog_kn=3.0))
    assert pickle.loads(pickle.dumps(tuned)) == tuned


def test_a_name_that_is_gone_is_said() -> None:
    """What was stored by another version is refused with the name it asks for."""
    with pytest.raises(ValueError, match="no behaviour is called witchcraft"):
        named(Behaviour, "witchcraft", None)


def test_what_is_worked_out_again_is_not_stored() -> None:
    """What behaviours keep beside the log, to do it once for every bin, is no part of what is stored."""
    watch = notified()
    watch.take(Decoded(traffic([SCENE[0]])))
    log = watch.surroundings.log
    assert log.memo
    assert not pickle.loads(pickle.dumps(log)).memo
