"""What all documents of a principal say of an action together; whoever hears the same shares it."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from iamaudit.escalation.documents import About, Documents
from iamaudit.iam.policy import Document


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What a principal's own documents, its boundary and those above it say of an action.

    ``keys`` are the condition keys that any of it tests, in lower case, ``${`` among them where a text holds
    a variable. ``regions`` are those that it names. ``is_personal`` says that it may tell two users, or two
    roles, apart; ``allows`` that own documents allow the action on something; ``is_unlimited`` that nothing
    denies or limits it; ``is_free`` that it is allowed on everything, however asked.
    """

    keys: frozenset[str]
    regions: frozenset[str]
    is_personal: bool
    allows: bool
    is_unlimited: bool
    is_free: bool


class Hearing:
    """Keeps one ``Said`` for all principals that hear the same."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._found: dict[Hashable, Said] = {}

    def said(
        self, action: str, own: Sequence[Document], limits: Sequence[Document], *, is_readable: bool
    ) -> Said:
        """Return what own documents and limits say; not all own ones ``is_readable`` in full."""
        about = self._documents.about
        held = frozenset([about(document, action) for document in own])
        above = tuple([(about(document, action), document.is_complete) for document in limits])
        key = action, held, above, is_readable
        found = self._found.get(key)
        if found is None:
            every = (*held, *(each for each, _ in above))
            found = self._found[key] = _said(held, every, is_readable=is_readable)
        return found


def _said(own: frozenset[About], every: Sequence[About], *, is_readable: bool) -> Said:
    keys, regions, is_personal = set[str](), set[str](), False
    for about in every:
        keys |= about.keys
        keys |= {"${"} if about.has_variables else set()
        regions |= about.regions
        is_personal = is_personal or about.is_personal
    is_unlimited = is_readable and len(every) == len(own) and not any(about.denies for about in own)
    return Said(
        keys=frozenset(keys),
        regions=frozenset(regions),
        is_personal=is_personal,
        allows=any(about.allows for about in own),
        is_unlimited=is_unlimited,
        is_free=is_unlimited and any(about.is_full for about in own),
    )
