import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamaudit.iam.policy import Condition, parse_document, statement_place, write_document

GOOD = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "ReadOne",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::example/*", "arn:aws:s3:::other/*"],
            "Condition": {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": 10}},
        }
    ],
}


def problems(source, kind="identity"):
    return [(problem.path, problem.message) for problem in parse_document(source, kind=kind).problems]


def with_statement(**changes):
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"} | changes
    return {
        "Version": "2012-10-17",
        "Statement": [{key: value for key, value in statement.items() if value is not None}],
    }


@pytest.mark.parametrize("form", [lambda d: d, json.dumps, lambda d: quote(json.dumps(d))])
def test_a_document_reads_the_same_as_object_as_text_and_url_encoded(form):
    document = parse_document(form(GOOD))
    assert document.problems == ()
    assert document.version == "2012-10-17"
    (statement,) = document.statements
    assert (statement.index, statement.sid, statement.effect) == (0, "ReadOne", "Allow")
    assert statement.actions == ("s3:GetObject",)
    assert statement.not_actions is None
    assert statement.resources == ("arn:aws:s3:::example/*", "arn:aws:s3:::other/*")
    assert statement.conditions == (
        Condition("Bool", "aws:SecureTransport", ("true",)),
        Condition("NumericLessThan", "s3:max-keys", ("10",)),
    )


def test_a_single_statement_needs_no_list():
    document = parse_document({"Statement": GOOD["Statement"][0]})
    assert [statement.sid for statement in document.statements] == ["ReadOne"]


def test_json_text_with_a_percent_sign_is_not_decoded():
    text = json.dumps(with_statement(Resource="arn:aws:s3:::example/%7Euser"))
    assert parse_document(text).statements[0].resources == ("arn:aws:s3:::example/%7Euser",)


@pytest.mark.parametrize(
    ("condition", "is_conditional"),
    [({}, False), ({"StringEquals": {}}, False), ({"StringEquals": {"aws:x": []}}, True)],
)
def test_a_condition_without_a_key_tests_nothing(condition, is_conditional):
    (statement,) = parse_document(with_statement(Condition=condition)).statements
    assert statement.is_conditional is is_conditional


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", (("AWS", "*"),)),
        ({"AWS": "*"}, (("AWS", "*"),)),
        ({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
         (("Service", "ec2.amazonaws.com"), ("Service", "lambda.amazonaws.com"))),
    ],
)  # fmt: skip
def test_a_trust_policy_has_principals_and_no_resource(principal, expected):
    document = parse_document(
        with_statement(Action="sts:AssumeRole", Principal=principal, Resource=None), kind="trust"
    )
    assert document.problems == ()
    assert document.statements[0].principals == expected


@pytest.mark.parametrize(
    ("source", "path", "word"),
    [
        (None, "", "not nothing"),
        ([], "", "not a list"),
        (7, "", "not a number"),
        ("{", "", "is not JSON"),
        ({}, "Statement", "at least one"),
        ({"Statement": []}, "Statement", "at least one"),
        ({"Statement": "Allow"}, "Statement", "at least one"),
        ({"Statement": ["x"]}, "Statement[0]", "not a text"),
        ({**with_statement(), "Version": "2020-01-01"}, "Version", "2012-10-17"),
        ({**with_statement(), "Comment": "x"}, "Comment", "not an element of a policy"),
        (with_statement(Effect="allow"), "Statement[0].Effect", "exactly Allow or Deny"),
        (with_statement(Effect=None), "Statement[0].Effect", "exactly Allow or Deny"),
        (with_statement(Action=None), "Statement[0].Action", "is required"),
        (with_statement(NotAction="iam:*"), "Statement[0].Action", "exclude each other"),
        (with_statement(Action=[]), "Statement[0].Action", "no effect"),
        (with_statement(Resource=[]), "Statement[0].Resource", "no effect"),
        (with_statement(NotAction=[], Action=None), "Statement[0].NotAction", "at least one text"),
        (with_statement(Action=["s3:*", 3]), "Statement[0].Action", "at least one text"),
        (with_statement(Resource=None), "Statement[0].Resource", "is required"),
        (with_statement(Principal="*"), "Statement[0].Principal", "no place"),
        (with_statement(Sid="two words"), "Statement[0].Sid", "letters and digits"),
        (with_statement(Comment="x"), "Statement[0].Comment", "not an element of a statement"),
        (with_statement(Condition=[]), "Statement[0].Condition", "not a list"),
        (with_statement(Condition={"Bool": "x"}), "Statement[0].Condition.Bool", "not a text"),
        (with_statement(Condition={"Bool": {"a:b": {}}}), "Statement[0].Condition.Bool.a:b", "list of texts"),
        ('{"Statement": [], "Statement": []}', "Statement", "stands twice"),
        (
            with_statement(Action=["s3:*", "${"], Condition={"Bool": {"a:b": None}}),
            "Statement[0].Condition.Bool.a:b",
            "list of texts",
        ),
    ],
)
def test_what_aws_would_refuse_is_a_problem_with_its_path(source, path, word):
    found = problems(source)
    assert any(where == path and word in message for where, message in found), found


@pytest.mark.parametrize(
    ("fields", "path", "word"),
    [
        ({"Principal": "*", "NotPrincipal": "*"}, "Statement[0].Principal", "exclude each other"),
        ({"Principal": {"AWS": 7}}, "Statement[0].Principal.AWS", "list of texts"),
        ({"Principal": []}, "Statement[0].Principal", 'must be "*"'),
    ],
)
def test_what_aws_would_refuse_of_a_principal(fields, path, word):
    found = problems(with_statement(**fields), kind="resource")
    assert any(where == path and word in message for where, message in found), found


TEXT = st.text(max_size=6)
TEXTS = st.lists(TEXT, min_size=1, max_size=3)
ONE_OF_TWO = st.sampled_from([("Action", "Resource"), ("NotAction", "Resource"), ("Action", "NotResource")])
ACCEPTED = st.builds(
    lambda names, sid, effect, first, second, principal, condition: {
        **({} if sid is None else {"Sid": sid}),
        "Effect": effect,
        names[0]: first,
        names[1]: second,
        **principal,
        **({} if condition is None else {"Condition": condition}),
    },
    ONE_OF_TWO,
    st.none() | st.sampled_from(["", "Read", "Write"]),
    st.sampled_from(["Allow", "Deny"]),
    TEXT | TEXTS,
    TEXT | TEXTS,
    st.dictionaries(
        st.sampled_from(["Principal", "NotPrincipal"]),
        st.just("*") | st.dictionaries(st.sampled_from(["AWS", "Service"]), TEXT | TEXTS, min_size=1),
        min_size=1,
        max_size=1,
    ),
    st.none()
    | st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT | TEXTS | st.booleans(), max_size=2), max_size=2),
)


@given(
    st.lists(ACCEPTED, min_size=1, max_size=3) | ACCEPTED,
    st.sampled_from([None, "2012-10-17", "2008-10-17"]),
)
def test_parse_and_write_are_inverse(statements, version):
    source = {"Statement": statements} | ({} if version is None else {"Version": version})
    document = parse_document(source, kind="resource")
    assert document.problems == ()
    written = write_document(document)
    assert parse_document(written, kind="resource") == document
    assert write_document(parse_document(json.dumps(written), kind="resource")) == written


@pytest.mark.parametrize(
    "fields",
    [{"Principal": "*"}, {"Sid": "two words"}, {"Sid": 7}, {"Comment": "x"}],
)
def test_a_statement_with_a_problem_that_changes_nothing_is_kept(fields):
    """Rule I2: AWS stored it, so it is in force; the problem is for lint."""
    document = parse_document(with_statement(**fields))
    assert len(document.problems) == 1
    assert (len(document.statements), document.is_complete) == (1, True)


@pytest.mark.parametrize(
    "source",
    [
        None,
        "{",
        {},
        {"Statement": "Allow"},
        {"Statement": ["x"]},
        with_statement(Effect="allow"),
        with_statement(Action=None),
        with_statement(NotAction="iam:*"),
        with_statement(Resource=[7]),
        with_statement(Condition={"Bool": "x"}),
        json.dumps(with_statement()).replace('"Effect"', '"Effect": "Deny", "Effect"'),
    ],
)
def test_a_document_of_which_a_statement_cannot_be_read_is_not_complete(source):
    """Rules I1, I2: what it allows or denies is unknown, never nothing."""
    document = parse_document(source)
    assert document.problems
    assert not document.is_complete


@pytest.mark.parametrize(
    ("fields", "is_complete"),
    [
        ({"Principal": "*"}, True),
        ({}, False),
        ({"Principal": {"AWS": 7}}, False),
        ({"Principal": "*", "NotPrincipal": "*"}, False),
    ],
)
def test_a_resource_policy_is_complete_when_its_principals_can_be_read(fields, is_complete):
    assert parse_document(with_statement(**fields), kind="resource").is_complete is is_complete


def test_no_statement_at_all_is_read_completely():
    assert parse_document({"Version": "2012-10-17", "Statement": []}).is_complete


def test_a_document_without_a_statement_keeps_the_others_and_their_places():
    two = parse_document({"Statement": [*with_statement()["Statement"], *with_statement()["Statement"]]})
    assert [s.index for s in two.without_statement(0).statements] == [1]
    assert len(two.statements) == 2


def test_a_place_names_policy_version_statement_element_and_sid():
    place = statement_place(2, "Action", policy="p", version="v2", sid="Read")
    assert place == "p v2 Statement[2].Action (Read)"
    assert statement_place(0) == "Statement[0]"


def test_a_condition_reads_as_a_policy_writes_it():
    assert str(Condition("StringLike", "aws:username", ("a*", "b"))) == "StringLike aws:username a*, b"


def test_all_problems_come_at_once():
    document = {"Version": "x", "Statement": [{"Effect": "allow"}, with_statement()["Statement"][0]]}
    paths = [path for path, _ in problems(document)]
    assert paths == ["Version", "Statement[0].Effect", "Statement[0].Action", "Statement[0].Resource"]
    assert [statement.index for statement in parse_document(document).statements] == [1]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Version", "Statement", "Effect", "Action", "Resource", "Condition", "Principal", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["identity", "trust", "resource", "scp"]))
def test_no_json_value_makes_the_parser_raise(value, kind):
    document = parse_document(value, kind=kind)
    assert document.statements or document.problems


@given(st.text())
def test_no_text_makes_the_parser_raise(text):
    assert parse_document(text).problems
