import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iamaudit.iam.evaluate.conditions import conditions_hold, parse_operator
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.operators import OPERATORS
from iamaudit.iam.evaluate.resources import covers_resource, resource_regex
from iamaudit.iam.evaluate.variables import substitute
from iamaudit.iam.policy import parse_document

CASES = Path(__file__).parent / "cases"


def rows(name):
    return [
        pytest.param(*row[:-1], id=f"{rule}: {row[-1]}")
        for rule, table in json.loads((CASES / name).read_text()).items()
        for row in table
    ]


def statement(**fields):
    document = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", **fields},
    }
    return parse_document(document).statements[0]


def holds(condition, context, *, is_complete=True, has_variables=True):
    return conditions_hold(
        statement(Condition=condition).conditions,
        Context.of(context, is_complete=is_complete),
        has_variables=has_variables,
    )


@pytest.mark.parametrize(("condition", "context", "expected"), rows("conditions.json"))
def test_condition(condition, context, expected):
    assert holds(condition, context) is expected


@pytest.mark.parametrize(("entry", "resource", "expected"), rows("resources.json"))
def test_resource(entry, resource, expected):
    context = Context.of({"aws:username": "ann"})
    asked = ("x:Act", resource, context)
    assert covers_resource(statement(Resource=entry), *asked, has_variables=True) is expected
    opposite = None if expected is None else not expected
    document = {"Statement": {"Effect": "Allow", "Action": "*", "NotResource": entry}}
    (complement,) = parse_document(document).statements
    assert covers_resource(complement, *asked, has_variables=True) is opposite


def test_before_2012_a_variable_is_text():
    """Rule H8: the braces are text, and a star in them is a wildcard still."""
    assert holds(
        {"StringEquals": {"a:k": "${aws:username}"}}, {"a:k": "${aws:username}"}, has_variables=False
    )
    assert holds({"StringLike": {"a:k": "${*}"}}, {"a:k": "${anything}"}, has_variables=False)
    context = Context.of({"aws:username": "ann"})
    entry = statement(Resource="arn:aws:s3:::${aws:username}")
    assert covers_resource(entry, "x:Act", "arn:aws:s3:::ann", context, has_variables=False) is False


def test_an_action_without_resource_level_support_matches_the_bare_star_only():
    """Rule F4."""
    scoped, everything = statement(Resource="arn:aws:s3:::*"), statement(Resource=["arn:aws:s3:::x", "*"])
    asked = ("s3:ListAllMyBuckets", "arn:aws:s3:::example", Context({}))
    assert covers_resource(scoped, *asked, has_variables=True) is False
    assert covers_resource(everything, *asked, has_variables=True) is True


@pytest.mark.parametrize(
    "name", ["Equals", "stringequals", "ForSomeValues:StringEquals", "NullIfExists", "Bool:"]
)
def test_what_is_no_operator_is_not_read_as_one(name):
    assert parse_operator(name) is None
    assert holds({name: {"a:k": "x"}}, {"a:k": "x"}) is None


@pytest.mark.parametrize("base", OPERATORS)
def test_every_operator_has_its_if_exists_and_set_forms(base):
    assert parse_operator(f"{base}IfExists").if_exists
    assert parse_operator(f"ForAllValues:{base}").set_prefix == "ForAllValues"
    assert holds({f"{base}IfExists": {"a:k": "x"}}, {}) is True
    assert holds({f"ForAllValues:{base}": {"a:k": "x"}}, {}) is True
    assert holds({f"ForAnyValue:{base}": {"a:k": "x"}}, {}) is False


@pytest.mark.parametrize("base", OPERATORS)
def test_without_the_key_an_operator_holds_exactly_when_it_is_negated(base):
    assert holds({base: {"a:k": "x"}}, {}) is OPERATORS[base].is_negated


@pytest.mark.parametrize(
    "operator", [*OPERATORS, "Null", "StringEqualsIfExists", "ForAllValues:StringEquals"]
)
def test_a_key_that_nobody_knows_leaves_the_condition_open(operator):
    assert holds({operator: {"a:k": "true"}}, {}, is_complete=False) is None


WORDS = st.sampled_from(
    [
        *("x", "*", "5", "true", "2026-11-01", "10.0.0.1", "arn:aws:s3:::x", "", "X-x", "x-?", "x-*"),
        *("${a:v}", "x-${a:v}", "${a:v}-X", "arn:aws:s3:::${a:v}", "arn:aws:${a:v}:::x"),
    ]
)
NAMES = st.builds(
    lambda prefix, base, suffix: prefix + base + suffix,
    st.sampled_from(["", "ForAllValues:", "ForAnyValue:"]),
    st.sampled_from([*OPERATORS]),
    st.sampled_from(["", "IfExists"]),
)
VALUES = st.dictionaries(st.sampled_from(["a:k", "a:v"]), WORDS | st.lists(WORDS, max_size=3), max_size=2)


@given(st.lists(WORDS, max_size=3), VALUES)
def test_a_plain_operator_and_its_negation_are_opposites(values, context):
    pairs = {"Equals": "NotEquals", "Like": "NotLike", "EqualsIgnoreCase": "NotEqualsIgnoreCase"}
    for family in ("String", "Arn"):
        for positive, negative in pairs.items():
            if f"{family}{positive}" in OPERATORS:
                first = holds({f"{family}{positive}": {"a:k": values}}, context)
                second = holds({f"{family}{negative}": {"a:k": values}}, context)
                assert (first is None) is (second is None)
                assert first is None or first is not second


@given(NAMES, st.lists(WORDS, max_size=3), VALUES, VALUES)
def test_what_is_decided_with_unknown_keys_stays_so_once_they_are_known(name, values, known, more):
    condition = {name: {"a:k": values}}
    before = holds(condition, known, is_complete=False)
    assert before is None or holds(condition, {**more, **known}) in (before, None)


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "may"),
    [
        ("StringEquals", "team-${a:v}", "team-x", True),
        ("StringEquals", "team-${a:v}", "crew-x", False),
        ("StringEquals", "*-${a:v}", "team-x", False),
        ("StringEquals", "*-${a:v}", "*-x", True),
        ("StringEquals", "${a:v}-${a:w}", "-", True),
        ("StringEqualsIgnoreCase", "Team-${a:v}", "tEAM-x", True),
        ("StringEqualsIgnoreCase", "Team-${a:v}", "crew-x", False),
        ("StringLike", "t*-${a:v}/?", "team-x/1", True),
        ("StringLike", "t*-${a:v}/?", "team-x/12", False),
        ("ArnLike", "arn:aws:iam::1:role/${a:v}", "arn:aws:iam::1:role/x", True),
        ("ArnEquals", "arn:aws:iam::1:role/${a:v}", "arn:aws:iam::1:user/x", False),
        ("ArnEquals", "arn:aws:iam::1:role/${a:v}", "x", True),
        ("ArnLike", "${a:v}", "arn:aws:iam::1:user/x", True),
    ],
)
def test_a_variable_that_nobody_knows_leaves_open_only_what_it_could_match(operator, wanted, actual, may):
    negated = operator.replace("Equals", "NotEquals").replace("Like", "NotLike")
    asked = {"a:k": actual}
    assert holds({operator: {"a:k": wanted}}, asked, is_complete=False) is (None if may else False)
    assert holds({negated: {"a:k": wanted}}, asked, is_complete=False) is (None if may else True)


@pytest.mark.parametrize(
    "entry",
    [
        "arn:aws:s3:::${a:${aws:username}",
        "arn:aws:s3:::${aws:username}${a:",
        "arn:aws:s3:::${}${aws:username}",
    ],
)
def test_a_variable_that_is_not_well_formed_leaves_open_what_it_could_cover(entry):
    """Rule H9: AWS does not say what it means."""
    asked = ("s3:ListBucket", "arn:aws:s3:::x-ann", Context.of({"aws:username": "ann"}))
    assert covers_resource(statement(Resource=entry), *asked, has_variables=True) is None
    elsewhere = ("s3:ListBucket", "arn:aws:sqs:::x-ann", Context.of({"aws:username": "ann"}))
    assert covers_resource(statement(Resource=entry), *elsewhere, has_variables=True) is False


@pytest.mark.parametrize("operator", ["Bool", "NumericEquals"])
def test_an_operator_without_variables_takes_them_for_text(operator):
    assert holds({operator: {"a:k": "${a:v}"}}, {"a:k": "5"}, is_complete=False) is not True


@pytest.mark.parametrize(("wanted", "expected"), [("true", False), ("false", True)])
def test_a_key_that_is_there_with_an_unknown_value_is_no_absent_one(wanted, expected):
    context = Context.of({}, is_complete=False, present=("aws:tokenissuetime",))
    condition = {"Null": {"aws:TokenIssueTime": wanted}}
    assert conditions_hold(statement(Condition=condition).conditions, context, has_variables=True) is expected
    later = {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01"}}
    assert conditions_hold(statement(Condition=later).conditions, context, has_variables=True) is None


@pytest.mark.parametrize(
    ("entry", "has_variables", "matches"),
    [
        ("arn:aws:iam::1:user/a*", True, "arn:aws:iam::1:user/ann"),
        ("arn:aws:iam::1:user/${aws:username}", True, "arn:aws:iam::1:user/ann"),
        ("arn:aws:iam::1:user/${aws:username}", False, "arn:aws:iam::1:user/${aws:username}"),
        ("arn:aws:iam::1:user/${aws:PrincipalTag/team}", True, None),
    ],
)
def test_an_entry_is_an_expression_unless_it_hangs_on_the_unknown(entry, has_variables, matches):
    regex = resource_regex(
        entry, Context.of({"aws:username": "ann"}, is_complete=False), has_variables=has_variables
    )
    assert (regex is None) == (matches is None)
    if regex is not None:
        assert regex.fullmatch(matches)


@pytest.mark.parametrize(
    ("key", "is_unknown"),
    [
        ("aws:username", False),
        ("aws:PrincipalTag/team", False),
        ("aws:principaltag/x", False),
        ("aws:PrincipalTags", True),
        ("sts:ExternalId", False),
        ("sts:ExternalIds", True),
    ],
)
def test_a_key_that_is_named_absent_is_not_unknown(key, is_unknown):
    context = Context.of(
        {"aws:username": "ann"}, is_complete=False, absent=("aws:principaltag/", "sts:externalid")
    )
    assert context.is_unknown(key) is is_unknown


ENDINGS = ["".join(text) for length in (1, 2, 3) for text in product("ab:", repeat=length)]


@given(
    wanted=st.text("ab:*?", max_size=6),
    begins=st.text("ab:", min_size=1, max_size=3),
    name=st.sampled_from(["StringLike", "StringEquals", "StringEqualsIgnoreCase"]),
)
@example(wanted="a*", begins="a", name="StringLike")
@example(wanted="a", begins="a", name="StringLike")
@example(wanted="?a*b", begins="ba", name="StringLike")
def test_what_is_said_of_a_beginning_is_said_of_every_value_that_begins_so(wanted, begins, name):
    operator, pattern = OPERATORS[name], substitute(wanted, Context({}), has_variables=False)
    said = operator.compare_beginning(pattern, begins)
    each = {operator.compare(pattern, begins + ending) for ending in ENDINGS}
    assert said is None or each == {said}
