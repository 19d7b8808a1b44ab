import json
import tracemalloc
from types import SimpleNamespace

import pandas as pd
import pytest

from iamaudit.errors import ParameterError
from iamaudit.frames import build_frame
from iamaudit.report.exports import MAX_JSON_FINDINGS, Export, chosen_exports, plain_findings, write_export
from iamaudit.report.parameters import EXPORTS, check_parameters, requested_exports
from tests.accounts import AS_OF


def findings(number):
    rows = [
        {"check": "x", "severity": "low", "title": "T", "resource": f"arn:aws:iam::111122223333:user/{n}"}
        for n in range(number)
    ]
    return build_frame("findings", rows)


def an_audit(number):
    return SimpleNamespace(
        findings=findings(number), account_id="111122223333", account_name="example", as_of=AS_OF
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [("", ()), (" , ", ()), ("ocsf", ("ocsf",)), ("ocsf, asff", ("ocsf", "asff")), ("ASFF,asff", ("asff",))],
)
def test_formats_are_named_separated_by_commas(text, names):
    assert requested_exports(text) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("oscf", "`exports` names `oscf`: did you mean `ocsf`?"),
        ("ocsf, sarif", "`exports` names `sarif`: use one of asff, json, ocsf"),
    ],
)
def test_an_unknown_format_is_refused_before_anything_runs(text, message):
    with pytest.raises(ParameterError) as caught:
        check_parameters({"exports": text}, {})
    assert str(caught.value) == message


def test_the_parameter_is_of_the_run_and_of_no_notebook():
    given = check_parameters({"exports": "ocsf", "snapshot": "x"}, {"snapshot": str})
    assert (given.run, given.notebook, given.collection) == ({"exports": "ocsf"}, {"snapshot": "x"}, {})
    assert given.everything == {"exports": "ocsf", "snapshot": "x"}
    with pytest.raises(ParameterError, match="`exports` is `3`, a int, and must be a str"):
        check_parameters({"exports": 3}, {})


def test_findings_are_written_unless_they_are_many_and_other_formats_when_they_are_named():
    assert [export.file for export in chosen_exports((), MAX_JSON_FINDINGS)] == ["findings.json"]
    assert chosen_exports((), MAX_JSON_FINDINGS + 1) == []
    assert [export.file for export in chosen_exports(("json",), 10**6)] == ["findings.json"]
    assert [export.file for export in chosen_exports(EXPORTS, 3)] == [
        "findings.json",
        "findings.asff.json",
        "findings.ocsf.json",
    ]


@pytest.mark.parametrize("number", [0, 1, 3])
@pytest.mark.parametrize("name", EXPORTS)
def test_a_file_is_a_json_array_with_a_finding_a_line(tmp_path, number, name):
    audit = an_audit(number)
    for export in chosen_exports((name,), 3):
        write_export(export, audit, tmp_path)
        text = (tmp_path / export.file).read_text()
        assert json.loads(text) == json.loads(json.dumps(list(export.items(audit))))
        assert text.count("\n") == (number + 2 if number else 1)


def test_an_export_never_has_all_findings_in_memory(tmp_path):
    items = ({"text": "x" * 1000, "number": n} for n in range(20_000))
    export = Export("x.json", "", lambda _: items)
    tracemalloc.start()
    write_export(export, None, tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "x.json").stat().st_size > 20_000_000
    assert peak < 2_000_000


def test_what_is_missing_is_null():
    (row,) = json.loads(json.dumps(list(plain_findings(findings(1)))))
    assert (row["check"], row["waiver"]) == ("x", None)
    assert not pd.isna(row["resource"])
