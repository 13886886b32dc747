"""Streams are what people have: by team for inspectors, all but officials' for desks."""

from pathlib import Path

import pytest
from flask import Flask

from fieldapp.access import may_read, streams_for
from fieldapp.login import Who
from sync.archive import Draft
from tests.fieldapp.desk_city import City, build, make_app, services


def streams(app: Flask, person: str, role: str) -> set[str]:
    with app.app_context(), services(app).database.reading() as session:
        return streams_for(session, Who(person, person, role, person))  # type: ignore[arg-type]


def test_inspectors_have_what_their_teams_look_after(app: Flask, city: City) -> None:
    assert streams(app, "i05", "inspector") == {
        "keys",
        "commons",
        f"team:{city.teams['t1']}",
        f"project:{city.projects['p017']}",
        f"unit:{city.unit}",
    }
    assert streams(app, "i09", "inspector") == {
        "keys",
        "commons",
        f"team:{city.teams['t2']}",
        f"project:{city.projects['p018']}",
    }


def test_somebody_without_a_team_has_what_everybody_has(app: Flask, city: City) -> None:
    assert streams(app, "i99", "inspector") == {"keys", "commons"}


def test_what_is_assigned_to_a_team_comes_with_it(app: Flask, city: City) -> None:
    body = {"project": city.projects["p017"], "month": "2026-11", "manner": "unannounced"}
    services(app).archive.seal([Draft("assignment", f"team:{city.teams['t2']}", body, "d04")])
    assert f"project:{city.projects['p017']}" in streams(app, "i09", "inspector")


@pytest.mark.parametrize("role", ["supervisor", "administrator"])
def test_desks_have_officials_streams_only_where_the_setting_allows(tmp_path: Path, role: str) -> None:
    found = []
    for allowed in (False, True):
        app = make_app(tmp_path / str(allowed), official_streams=allowed)
        city, archive = build(app), services(app).archive
        official = archive.new_id()
        body = {"sort": "audit", "what": "审计", "stance": "neutral", "dated_on": "2026-11-01"}
        archive.seal([Draft("source", f"official:{official}", body, "d04")])
        have = streams(app, "d01", role)
        assert {f"project:{one}" for one in city.projects.values()} < have
        found.append(f"official:{official}" in have)
        services(app).database.close()
    assert found == [False, True]


def test_one_stream_is_asked_for_alike(app: Flask, city: City) -> None:
    who = Who("i05", "i05", "inspector", "I05")
    with app.app_context(), services(app).database.reading() as session:
        assert may_read(session, who, f"project:{city.projects['p017']}")
        assert not may_read(session, who, f"project:{city.projects['p018']}")
