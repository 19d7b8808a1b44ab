"""The scorecard of docs/evaluation.md: every own case counted and decided anew."""

import json
from collections import Counter
from pathlib import Path

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate import Context, document_grants, effective_permissions, simulate
from iamaudit.iam.evaluate.conditions import conditions_hold
from iamaudit.iam.evaluate.resources import covers_resource
from iamaudit.iam.policy import parse_document

HERE = Path(__file__).parent
DOCS = HERE.parents[2] / "docs" / "evaluation.md"
CATALOGUE = load_catalogue()
SECTIONS = {
    "A": "Order of decision",
    "B": "Same account",
    "C": "Across accounts",
    "D": "Organizations",
    "E": "Principals",
    "F": "Actions",
    "G": "Resources",
    "H": "Conditions",
    "I": "Grammar",
}


def read(name):
    return json.loads((HERE / "cases" / name).read_text())


def decisions():
    for case in read("decisions.json"):
        yield f"decisions, {SECTIONS[case['rule'][0]]}", simulate(case["query"]) == case["verdict"]


def statement(**fields):
    base = {"Effect": "Allow", "Action": "*", "Resource": "*", **fields}
    return parse_document({"Version": "2012-10-17", "Statement": base}).statements[0]


def conditions():
    for table in read("conditions.json").values():
        for condition, context, expected, _ in table:
            found = conditions_hold(
                statement(Condition=condition).conditions, Context.of(context), has_variables=True
            )
            yield "conditions", found is expected


def resources():
    context = Context.of({"aws:username": "ann"})
    for table in read("resources.json").values():
        for entry, resource, expected, _ in table:
            found = covers_resource(statement(Resource=entry), "x:Act", resource, context, has_variables=True)
            yield "resources", found is expected


def grants(statements):
    document = parse_document({"Version": "2012-10-17", "Statement": statements})
    return document_grants(document, CATALOGUE)


def sets():
    for case in read("effective.json"):
        boundary = grants(case["boundary"]) if case.get("boundary") else None
        found = effective_permissions([grants(policy) for policy in case["identity"]], boundary)
        certain, possible = CATALOGUE.names_of(found.certain), CATALOGUE.names_of(found.possible)
        yield (
            "effective permissions as sets",
            case.get("certain", certain) == certain
            and case.get("possible", possible) == possible
            and set(case.get("has_certain", ())) <= set(certain)
            and not set(case.get("lacks_possible", ())) & set(possible),
        )


def scorecard():
    total, wrong = Counter(), Counter()
    for name, is_right in (*decisions(), *conditions(), *resources(), *sets()):
        total[name] += 1
        wrong[name] += not is_right
    rows = [f"| {name} | {count} | {wrong[name]} |" for name, count in total.items()]
    return [*rows, f"| all | {total.total()} | {wrong.total()} |"]


def test_the_scorecard_of_the_documentation_is_what_the_cases_give():
    rows = scorecard()
    assert rows[-1].endswith("| 0 |")
    assert int(rows[-1].split("|")[2]) >= 600
    assert DOCS.read_text().rstrip().endswith("\n".join(rows)), "\n".join(rows)
