"""Appraisals of the demo: ballots are drawn, counted as the phone counts them, and thrown away."""

from collections import Counter
from datetime import datetime, time
from random import Random
from typing import Any

from fieldapp.ballot import read
from fieldapp.demo.book import Row, data
from fieldapp.demo.visit import Writing

SHARE_OF_VISITS = 0.3
FEWEST, MOST = 3, 14
LEAST = 5
WEIGHTS = {"good": 9, "fair": 6, "middling": 3, "poor": 1, "unknown": 3}
MOST_TARGETS = 3


def appraise(writing: Writing) -> None:
    """Hold an appraisal on some of the visits at milestones: what it is about are the officials tied to the project that day."""
    occasion = writing.occasion
    random = Random(f"appraisal {writing.name}")
    if occasion.purpose != "milestone" or occasion.manner == "covert" or random.random() > SHARE_OF_VISITS:
        return
    targets = [_target(writing, official) for official in _officials(writing)][:MOST_TARGETS]
    if targets:
        form = next(body for body in read() if body["code"] == "key_project")
        ballots = [_ballot(form, targets, random) for _ in range(random.randint(FEWEST, MOST))]
        body = _body(writing, form, targets, ballots) | {"issued": len(ballots) + random.randint(0, 3)}
        day = datetime.combine(occasion.on, time())
        name = f"{writing.name} appraisal"
        writing.parts.append(
            writing.ledger.enter("appraisal", writing.stream, body, writing.team[0], day, name)
        )


def _officials(writing: Writing) -> list[str]:
    assert writing.project
    on = str(writing.occasion.on)
    present = [
        link
        for link in writing.project["links"]
        if link["from"] <= on and (not link["to"] or on < link["to"])
    ]
    return list(dict.fromkeys(link["official"] for link in present))


def _target(writing: Writing, code: str) -> Row:
    official = next(one for one in data()["officials"] if one["id"] == code)
    on = str(writing.occasion.on)
    held = [one for one in official["tenures"] if one["from"] <= on and (not one["to"] or on < one["to"])]
    posts, posts_en = (
        comma.join(one[name] for one in held) for comma, name in (("、", "post_zh"), (", ", "post_en"))
    )
    return {
        "noun": "official",
        "entity": writing.city.entity[code],
        "name": f"{official['zh']}（{posts}）" if posts else official["zh"],
        "name_en": f"{official['en']} ({posts_en})" if posts_en else official["en"],
    }


def _ballot(form: Row, targets: list[Row], random: Random) -> dict[tuple[str, str], str]:
    """Return what one rater marked, by target and question."""
    return {
        (target["entity"], question["id"]): random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        for target in targets
        for question in form["questions"]
    }


def _body(
    writing: Writing, form: Row, targets: list[Row], ballots: list[dict[tuple[str, str], str]]
) -> dict[str, Any]:
    counts = []
    if len(ballots) >= LEAST:
        for target in targets:
            for question in form["questions"]:
                found = Counter(ballot[target["entity"], question["id"]] for ballot in ballots)
                marks = [found[option["id"]] for option in form["options"]]
                counts.append(
                    {"target": target["entity"], "question": question["id"], "group": "all", "marks": marks}
                )
    return {
        "visit": writing.id,
        "held_on": writing.shift.day(writing.occasion.on).isoformat(),
        "form": writing.city.entity[form["code"]],
        "title": form["name"],
        "title_en": form["name_en"],
        "targets": targets,
        **{name: form[name] for name in ("relations", "contacts", "options")},
        "questions": [
            {name: question[name] for name in ("id", "zh", "en")} for question in form["questions"]
        ],
        "returned": len(ballots),
        "valid": len(ballots),
        "counts": counts,
    }
