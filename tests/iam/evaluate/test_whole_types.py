"""Looking up the resource types that begin like an entry finds what trying every type finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from iamaudit.iam.actions import load_catalogue
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.resources import resource_regex
from iamaudit.iam.evaluate.whole_types import whole_types

CATALOGUE = load_catalogue()
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


def by_trying_every_type(entry):
    if entry.strip("*") == "":
        return CATALOGUE.everything if entry else 0
    parts = entry.split(":", 5)
    if "*" not in entry or len(parts) < 2:
        return 0
    partition = "aws" if re.search("[*?]", parts[1]) else parts[1]
    account = parts[4] if len(parts) > 4 and parts[4].isdigit() else "111122223333"
    matches = resource_regex(entry, Context({}), has_variables=False).fullmatch
    found = 0
    for template, actions in CATALOGUE.resource_types.items():
        plain = template.replace("${Partition}", partition).replace("${Account}", account)
        if all(matches(re.sub(r"\$\{\w+\}", name, plain)) for name in ("k7", "W/Zq-9.x")):
            found |= actions
    return found


@given(entries())
def test_an_entry_finds_the_types_that_trying_every_one_finds(entry):
    assert whole_types([entry]) == by_trying_every_type(entry)
