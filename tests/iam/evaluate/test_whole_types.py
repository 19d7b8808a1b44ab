"""Looking up the resource types that begin like an entry finds what trying every type finds."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from iamaudit.iam.actions import SENSITIVE, load_catalogue
from iamaudit.iam.actions.reference import resource_forms
from iamaudit.iam.evaluate import EveryResource
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.evaluate.whole_types import Home, left_whole, whole_types
from iamaudit.iam.policy import parse_document

CATALOGUE = load_catalogue()
HOME = Home("aws", "111122223333")
EVERY = EveryResource.of(SENSITIVE, CATALOGUE, HOME)
OF_ONE_TYPE = {action: resource_forms(action) for action in SENSITIVE if len(resource_forms(action)) == 1}
TEMPLATES = sorted(CATALOGUE.resource_types)


@st.composite
def entries(draw):
    """A resource type's ARN with stars for its variables, of which a part may be another wildcard or gone."""
    text = draw(st.sampled_from(TEMPLATES)).replace(
        "${Partition}", draw(st.sampled_from(["aws", "*", "aws-cn"]))
    )
    text = text.replace("${Account}", draw(st.sampled_from(["111122223333", "444455556666", "*"])))
    text = re.sub(r"\$\{\w+\}", "*", text)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 6, len(text))))
    return text[:start] + draw(st.sampled_from(["*", "?", "", text[start:end]])) + text[end:]


def by_trying_every_type(entry, home=None):
    if entry.strip("*") == "":
        return CATALOGUE.everything if entry else 0
    parts = entry.split(":", 5)
    if "*" not in entry or len(parts) < 2:
        return 0
    partition = "aws" if re.search("[*?]", parts[1]) else parts[1]
    account = parts[4] if len(parts) > 4 and parts[4].isdigit() else "111122223333"
    partition, account = home or (partition, account)
    matches = resource_regex(entry, Context({}), has_variables=False).fullmatch
    found = 0
    for template, actions in CATALOGUE.resource_types.items():
        plain = template.replace("${Partition}", partition).replace("${Account}", account)
        suffix = "-a1B2c3" if plain.endswith(":secret:${SecretId}") else ""
        if all(matches(re.sub(r"\$\{\w+\}", name, plain) + suffix) for name in ("k7q", "W/Zq-9.x" * 5)):
            found |= actions
    return found


@settings(deadline=None)
@given(entries())
def test_an_entry_finds_the_types_that_trying_every_one_finds(entry):
    assert whole_types([entry]) == by_trying_every_type(entry)
    assert whole_types([entry], HOME) == by_trying_every_type(entry, HOME)


@st.composite
def patterns(draw):
    """A resource type of a sensitive action with wildcards and names for what varies."""
    (form,) = draw(st.sampled_from(sorted(OF_ONE_TYPE.values())))
    home = {"${Partition}": ["aws", "*", "aws-cn"], "${Account}": ["111122223333", "444455556666", "*", "1*"]}
    text = form
    for variable, values in home.items():
        text = text.replace(variable, draw(st.sampled_from(values)))
    names = st.sampled_from(["*", "?*", "*?", "???*", "????*", "*-??????", "app-*", "*-*", "app", "?", "*:*"])
    return re.sub(r"\$\{\w+\}", lambda _: draw(names), text)


@settings(max_examples=300, deadline=None)
@given(st.lists(patterns() | st.sampled_from(["*", "arn:*", "arn:aws:iam::*:*"]), min_size=1, max_size=2))
def test_what_covers_a_whole_type_covers_every_resource_of_the_type(entries):
    """One question asked in two ways: of a type, and of a resource that nobody names (rules G1 to G3, G7)."""
    for element in ("Resource", "NotResource"):
        made = {"Effect": "Allow", "Action": "*", element: entries}
        (statement,) = parse_document({"Version": "2012-10-17", "Statement": made}).statements
        reached = EVERY.reached(statement, has_variables=True)
        whole = (whole_types if element == "Resource" else left_whole)(entries, HOME)
        for action in OF_ONE_TYPE:
            bit = CATALOGUE.expand_pattern(action)
            assert bool(reached & bit) == bool(whole & bit), action
