"""The city before anybody goes anywhere: units, people, projects with plans, milestones, links, reports,
claims, questions.
"""

from datetime import date, datetime, time
from random import Random

from fieldapp import ballot
from fieldapp.demo.book import Row, data, read
from fieldapp.demo.curve import permille, plan_of, reported_percent
from fieldapp.demo.ledger import Ledger
from fieldapp.demo.shift import ANCHOR, Shift, month_index

ARCHIVIST = "d04"
FIRST_MONTH = date(2026, 4, 1)
BEFORE = datetime(2026, 3, 30, 9, 0)


def months() -> list[date]:
    """Return the first days of the months the demo tells of, up to the anchor's."""
    count = month_index(ANCHOR) - month_index(FIRST_MONTH) + 1
    return [date(2026, FIRST_MONTH.month + step, 1) for step in range(count)]


class City:
    """The city's master data in the ledger; maps the data's ids to entities."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.shift: Shift = ledger.shift
        self.entity: dict[str, str] = {}
        self.projects: dict[str, Row] = {project["id"]: project for project in data()["projects"]}
        self.milestones: dict[str, list[Row]] = {}
        for milestone in data()["milestones"]:
            self.milestones.setdefault(milestone["project"], []).append(milestone)
        self.teams: dict[str, Row] = {team["id"]: team for team in data()["teams"]}
        self.avoided = {(case["inspector"], case["project"]) for case in data()["avoidance"]}
        self.checklists: dict[str, Row] = {sheet["id"]: sheet for sheet in read("checklists")["checklists"]}

    def stream(self, code: str) -> str:
        """Return the stream of a project (`P001`), unit (`U25`) or team (`T1`)."""
        noun = {"P": "project", "U": "unit", "S": "unit", "T": "team"}[code[0]]
        return f"{noun}:{self.entity[code]}"

    def inspectors(self, project: str | None, team: str) -> list[str]:
        """Return the members of a team that need not keep away from a project, leader first."""
        members = [member["id"] for member in self.teams[team]["members"]]
        return [member.lower() for member in members if (member, project) not in self.avoided]

    def enter(self) -> None:
        """Enter everything there is before the first visit."""
        for step in (
            self._units,
            self._officials,
            self._people,
            self._checklists,
            self._ballots,
            self._types,
        ):
            step()
        for project in self.projects.values():
            self._project(project)
        for step in (self._sources, self._indicators, self._assignments):
            step()

    def _common(self, kind: str, code: str, body: Row, stream: str = "commons") -> str:
        entity = self.ledger.enter(kind, stream, body, ARCHIVIST, BEFORE, code)
        self.entity.setdefault(code, entity)
        return entity

    def _units(self) -> None:
        districts = {district["id"]: district for district in data()["districts"]}
        groups = {unit: group for group in data()["peer_groups"] for unit in group["units"]}
        for unit in (*data()["units"], *data()["support_units"]):
            group, district = groups.get(unit["id"], {}), districts.get(unit.get("district", ""), {})
            body = {
                "code": unit["id"].lower(),
                "name": unit["zh"],
                "name_en": unit["en"],
                "sort": unit.get("kind", "support"),
                "district": district.get("zh", ""),
                "is_lead": unit["id"].startswith("U"),
                "peer_group": group.get("zh", ""),
                "peer_group_en": group.get("en", ""),
            }
            self._common("unit", unit["id"], body)

    def _officials(self) -> None:
        for official in data()["officials"]:
            body = {"code": official["id"].lower(), "name": official["zh"], "name_en": official["en"]}
            self._common("official", official["id"], body)
            for number, tenure in enumerate(official["tenures"]):
                self._tenure(official["id"], number, tenure)
        for team in data()["leadership_teams"]:
            body = {
                "unit": self.entity[team["unit"]],
                "name": team["zh"],
                "name_en": team["en"],
                "head": self.entity[team["head"]],
                **self._span(team),
            }
            self._common("leadership", team["id"], body)

    def _tenure(self, official: str, number: int, tenure: Row) -> None:
        body = {
            "official": self.entity[official],
            "unit": self.entity.get(tenure["unit"]),
            "post": tenure["post_zh"],
            "post_en": tenure["post_en"],
            **self._span(tenure),
        }
        self._common("tenure", f"{official}-{number}", body)

    def _span(self, row: Row) -> Row:
        to_on = self.shift.text_day(row["to"]) if row["to"] else None
        return {"from_on": self.shift.text_day(row["from"]), "to_on": to_on}

    def _people(self) -> None:
        for desk in data()["desk"]:
            body = {"role": desk["role"], "post": desk["post_zh"], "post_en": desk["post_en"]}
            self._person(desk, body)
        units = {unit["zh"]: unit["id"] for unit in data()["units"]}
        for team in data()["teams"]:
            for member in team["members"]:
                home = units.get(member["home_zh"].removesuffix("（抽调）"))
                body = {"role": "inspector", "home": member["home_zh"], "home_en": member["home_en"]}
                self._person(member, {**body, "home_unit": self.entity[home] if home else None})
            body = {
                "code": team["id"].lower(),
                "name": team["zh"],
                "name_en": team["en"],
                "members": [{"person": one["id"].lower(), "part": one["part"]} for one in team["members"]],
                "units": [self.entity[unit] for unit in team["units"]],
            }
            self._common("team", team["id"], body)

    def _person(self, row: Row, body: Row) -> None:
        names = {"person": row["id"].lower(), "name": row["zh"], "name_en": row["en"]}
        self._common("person", row["id"], {**names, **body})

    def _checklists(self) -> None:
        choices = read("checklists")["choices"]
        for sheet in self.checklists.values():
            kinds = [item["type"].split() for group in sheet["groups"] for item in group["items"]]
            named = sorted({kind[1] for kind in kinds if len(kind) > 1 and kind[1] in choices})
            body = {
                "code": sheet["id"],
                "edition": sheet["version"],
                "name": sheet["zh"],
                "name_en": sheet["en"],
                "purposes": sheet.get("for_purpose") or sheet.get("adds_to", []),
                "types": sheet.get("for_type", []),
                "rotation": sheet.get("rotation", {}).get("per_visit"),
                "groups": sheet["groups"],
                "choices": {name: choices[name] for name in named},
            }
            self._common("checklist", sheet["id"], body)

    def _ballots(self) -> None:
        for body in ballot.read():
            self._common("ballot_form", body["code"], body)

    def _types(self) -> None:
        for sort in data()["project_types"]:
            body = {
                "code": sort["id"],
                "name": sort["zh"],
                "name_en": sort["en"],
                "front": sort["front"],
                "measure": sort["quantity_unit"]["zh"],
                "measure_en": sort["quantity_unit"]["en"],
            }
            self._common("project_type", sort["id"], body)

    def _project(self, project: Row) -> None:
        # A project's stream is named after its first record, so the id is needed before the body can be
        # entered.
        code = project["id"]
        entity = self.ledger.id_of(f"project {code}", self.shift.instant(BEFORE))
        self.entity[code] = entity
        self._common("project", code, self._project_body(project), f"project:{entity}")
        for milestone in self.milestones[code]:
            self._milestone(milestone)
        for number, link in enumerate(project["links"]):
            body = {
                "project": entity,
                "official": self.entity[link["official"]],
                "role": link["role"],
                "inherits_from": self.entity.get(link.get("inherits_from") or ""),
                **self._span(link),
            }
            self._common("link", f"{code}-L{number}", body, self.stream(code))
        self._reports(project)

    def _project_body(self, project: Row) -> Row:
        district = next(row for row in data()["districts"] if row["id"] == project["district"])
        reason, cadence = project["state_reason"] or {}, project["cadence"]
        words = {name: self.shift.words(reason.get(name, "")) for name in ("zh", "en")}
        return {
            "code": project["id"].lower(),
            "name": project["zh"],
            "name_en": project["en"],
            "type": project["type"],
            "front": project["front"],
            "unit": self.entity[project["unit"]],
            "team": self.entity[project["team"]],
            "district": district["zh"],
            "district_en": district["en"],
            "level": project["level"],
            "start_on": self.shift.text_day(project["start"]),
            "end_on": self.shift.text_day(project["end"]),
            "investment_wan": round(project["investment_wan"]),
            "year_plan_wan": round(project["year_plan_wan"]),
            "quantity": str(project["quantity"]),
            "measure": project["quantity_unit"]["zh"],
            "measure_en": project["quantity_unit"]["en"],
            "state": project["state"],
            "state_reason": words["zh"],
            "state_reason_en": words["en"],
            "site": _site(project["site"]),
            "support": [self.entity[unit] for unit in project["support"]],
            **{
                f"{role}{end}": project[role][language]
                for role in ("contractor", "supervision")
                for end, language in (("", "zh"), ("_en", "en"))
                if project[role]
            },
            "plan": plan_of(project, self.shift),
            "coverage": {
                "per_month": cadence["per_month"],
                "days_before_milestone": cadence["milestone_window_days"][0],
                "days_after_milestone": cadence["milestone_window_days"][1],
                "suspended_months": [self.shift.text_month(month) for month in cadence["suspended_months"]],
            },
        }

    def _milestone(self, milestone: Row) -> None:
        is_reported, quantity = milestone["reported"], milestone["planned_quantity"]
        body = {
            "project": self.entity[milestone["project"]],
            "name": milestone["zh"],
            "name_en": milestone["en"],
            "planned_on": self.shift.text_day(milestone["planned"]),
            "reported_on": self.shift.text_day(is_reported) if is_reported else None,
            "planned_quantity": str(quantity) if quantity is not None else None,
            "reported_quantity": str(quantity) if is_reported and quantity is not None else None,
            "key_part": milestone["key_part"]["zh"],
            "key_part_en": milestone["key_part"]["en"],
            "proof": milestone["proof"]["zh"],
            "proof_en": milestone["proof"]["en"],
        }
        self._common("milestone", milestone["id"], body, self.stream(milestone["project"]))

    def _reports(self, project: Row) -> None:
        code = project["id"]
        for first in months():
            if first < date.fromisoformat(project["start"]):
                continue
            figure = reported_percent(project, first)
            body = {
                "project": self.entity[code],
                "month": f"{self.shift.day(first):%Y-%m}",
                "reported_on": self.shift.day(first).isoformat(),
                "reported_permille": permille(figure),
                "spent_wan": round(project["year_plan_wan"] * first.month / 12 * figure / 100),
            }
            at = datetime.combine(first, time(9, 30))
            self.ledger.enter("progress_report", self.stream(code), body, ARCHIVIST, at, f"{code} {first}")

    def _sources(self) -> None:
        for number, source in enumerate(data()["sources"]):
            at = datetime(2026, 4 + number % 6, 3 + number, 10, 0)
            body = {
                "sort": source["kind"],
                "what": self.shift.words(source["zh"]),
                "what_en": self.shift.words(source["en"]),
                "stance": source["stance"],
                "dated_on": self.shift.day(at.date()).isoformat(),
            }
            stream = self.stream(source["project"])
            self.entity[source["id"]] = self.ledger.enter("source", stream, body, ARCHIVIST, at, source["id"])

    def _indicators(self) -> None:
        """Enter what units say of their own indicators as claims, and what checking them came to."""
        by_id = {indicator["id"]: indicator for indicator in data()["indicators"]}
        for number, value in enumerate(data()["indicator_values"]):
            indicator, at = by_id[value["indicator"]], datetime(2026, 10, 9, 9, number)
            measure, said = indicator["unit_of_measure"], value["self_reported"]
            body = {
                "origin": "indicator",
                "what": f"{indicator['zh']}：自评{said}{measure}，目标{value['target']}{measure}",
                "what_en": f"{indicator['en']}: self-assessed {said} {measure}, target {value['target']} {measure}",
                "claimed_by": next(unit["zh"] for unit in data()["units"] if unit["id"] == value["unit"]),
                "claimed_on": self.shift.day(at.date()).isoformat(),
            }
            stream, name = self.stream(value["unit"]), f"{value['unit']} {indicator['id']}"
            claim = self.ledger.enter("claim", stream, body, ARCHIVIST, at, name)
            outcome = {
                "about": claim,
                "outcome": "true" if value["verified"] == said else "partly_true",
                "known_by": "documented",
                "what": f"现场核验{value['verified']}{measure}",
            }
            team = next(team for team in data()["teams"] if value["unit"] in team["units"])
            checked_at = datetime(2026, 10, 21, 15, number)
            author = self.inspectors(None, team["id"])[1]
            self.ledger.enter("outcome", stream, outcome, author, checked_at, name)

    def _assignments(self) -> None:
        at = datetime(2026, 11, 1, 8, 30)
        for code, project in self.projects.items():
            if f"{ANCHOR:%Y-%m}" in project["cadence"]["suspended_months"]:
                continue
            near = next((row for row in self.milestones[code] if _is_near(row)), None)
            chance = Random(f"manner {code}").random()
            manner = "covert" if chance < 0.06 else "announced" if chance < 0.4 else "unannounced"
            body = {
                "project": self.entity[code],
                "month": f"{self.shift.day(at.date()):%Y-%m}",
                "milestone": self.entity[near["id"]] if near else None,
                "manner": manner,
                "note": "节点临近，先对节点后对进度。" if near else "",
            }
            self.ledger.enter("assignment", self.stream(project["team"]), body, ARCHIVIST, at, code)


def _is_near(milestone: Row) -> bool:
    gap = (date.fromisoformat(milestone["planned"]) - ANCHOR).days
    return not milestone["observed"] and -7 <= gap <= 7


def _site(site: Row) -> Row:
    places = [{"name": place["zh"], "name_en": place["en"], **point(place)} for place in site["places"]]
    return {**point(site), "radius_m": site["radius_m"], "shape": site["shape"], "places": places}


def point(place: Row) -> Row:
    """Return a place's coordinates as records have them."""
    return {"lat_e7": round(place["lat"] * 10**7), "lon_e7": round(place["lon"] * 10**7)}
