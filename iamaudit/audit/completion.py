"""Names that Tab offers between the quotes of a question, as in ``audit.principal("al``."""

import re
from collections.abc import Iterator
from typing import Any

from iamaudit.audit.audit import Audit
from iamaudit.audit.dossiers import Asked

_BEGUN = re.compile(r"""(?P<owner>\w+)\.(?P<question>\w+)\(\s*(?P<quote>["'])(?P<begun>[^"']*)$""")
_OFFERED = 500
"""How many names are offered at a time."""
_NAMED_AS = {
    **dict.fromkeys(("explain", "decide", "permissions_of", "separators", "right_size"), "principal"),
    "who_can": "action",
    "what_if": "policy",
}
"""What the first argument of other questions names."""


def offer_names(shell: Any) -> None:
    """Let a shell of IPython offer the names of principals, groups, policies, actions and accounts.

    Without a shell nothing is done.
    """
    if shell is None:
        return
    from IPython.core.completer import SimpleCompletion, context_matcher  # noqa: PLC0415 - a notebook has it

    @context_matcher()  # type: ignore[untyped-decorator]
    def names_of_a_question(context: Any) -> dict[str, Any]:
        begun = _BEGUN.search(context.text_until_cursor)
        found = list(_names(shell.user_ns, begun)) if begun else []
        return {
            "completions": [SimpleCompletion(name, type="name") for name in found[:_OFFERED]],
            "matched_fragment": begun["begun"] if begun else "",
            "suppress": bool(found),
        }

    others = [each for each in shell.Completer.custom_matchers if each.__name__ != "names_of_a_question"]
    shell.Completer.custom_matchers[:] = [*others, names_of_a_question]


def _names(namespace: dict[str, Any], begun: re.Match[str]) -> Iterator[str]:
    audit, question = namespace.get(begun["owner"]), begun["question"]
    if not isinstance(audit, Audit):
        return
    asked = getattr(audit, _NAMED_AS.get(question, question), None)
    if question == "show":
        asks = (audit.principal, audit.group, audit.policy, audit.account)
        known = [name for each in asks for name in each.names()]
    else:
        known = asked.names() if isinstance(asked, Asked) else []
    lower = begun["begun"].lower()
    yield from (name for name in known if name.lower().startswith(lower))
