"""What documents say about every resource of a type: asked about one that no policy singles out.

Whoever may use a key, role or secret with a name that nobody could guess may use every one, whether the
statement says ``*``, ``arn:aws:kms:*:*:key/*`` or ``NotResource``; who is denied that one may use those at
most that a policy names. The answers are action sets like those of ``document_grants`` and are combined by
``effective_permissions`` (rules A2 to A6, B3, B5): a scoped Deny of something else takes nothing away.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Literal

from iamaudit.iam.actions import Catalogue, without
from iamaudit.iam.actions.reference import resource_forms
from iamaudit.iam.evaluate.context import Context
from iamaudit.iam.evaluate.grants import UNREADABLE, Case, Grants, united
from iamaudit.iam.evaluate.request import Level
from iamaudit.iam.evaluate.resources import covers_resource
from iamaudit.iam.evaluate.statement_grants import as_asked, level_grants, statement_actions
from iamaudit.iam.evaluate.whole_types import Home, unguessable
from iamaudit.iam.policy import Document, Statement

_UNKNOWN = Context({}, is_complete=False)


@dataclass(frozen=True, slots=True)
class EveryResource:
    """The question what some actions may do on every resource of the account, of the plainest type they take.

    ``resources`` maps the action that stands for a type to its unguessable ARNs, ``actions`` to the set of
    all that take it, ``everything`` is the set of all actions that are asked about.
    """

    catalogue: Catalogue
    resources: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, int]
    everything: int
    _reached: dict[object, int] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, actions: Iterable[str], catalogue: Catalogue, home: Home) -> "EveryResource":
        """Return the question about these actions, by their names."""
        first: dict[str, str] = {}
        sets: dict[str, int] = {}
        for action in actions:
            # what takes no resource is covered by the bare star alone (rule F4)
            form = min(resource_forms(action), key=lambda each: each.count("${"), default="*")
            name = first.setdefault(form, action)
            sets[name] = sets.get(name, 0) | catalogue.expand_pattern(action)
        arns = {name: unguessable(form, home) for form, name in first.items()}
        return cls(catalogue, arns, sets, reduce(or_, sets.values(), 0))

    def level(self, level: Level, kind: Literal["scp", "rcp"]) -> Grants:
        """Return what the documents of one level of an organization say about every resource."""
        return level_grants(level, self.catalogue, kind, self.grants)

    def grants(self, document: Document) -> Grants:
        """Return what a document says about every resource; a condition may be settled by who asks."""
        said = [] if document.is_complete else [UNREADABLE]
        has_variables = document.version == "2012-10-17"  # rule H8
        iam = self.catalogue.service_mask("iam")
        for statement in document.statements:
            covered = self.covered(statement, has_variables=has_variables)
            for actions, conditions in as_asked(statement, covered, has_variables=has_variables):
                if not conditions:
                    said.append(_said(statement, actions, is_sure=True))
                    continue
                cases = (
                    Case(
                        conditions,
                        has_variables,
                        is_of_iam,
                        _said(statement, some, is_sure=True),
                        _said(statement, some, is_sure=False),
                    )
                    for is_of_iam, some in ((False, without(actions, iam)), (True, actions & iam))
                    if some
                )
                said.append(Grants(cases=tuple(cases)))
        return united(said)

    def covered(self, statement: Statement, *, has_variables: bool) -> int:
        """Return the actions of a statement whose every resource it covers (rules F1 to F4, G1 to G7).

        A variable stands for one name, so an entry with a variable covers no resource that has no name in
        any policy (rule G6).
        """
        actions = statement_actions(statement, self.catalogue)
        return actions & self.reached(statement, has_variables=has_variables) if actions else 0

    def reached(self, statement: Statement, *, has_variables: bool) -> int:
        """Return the actions whose every resource ``Resource`` or ``NotResource`` covers."""
        if statement.is_all_resources:
            return self.everything
        if statement.resources is None and statement.not_resources is None:
            return 0  # a trust policy is about its role
        key = statement.resources, statement.not_resources, has_variables
        found = self._reached.get(key)
        if found is None:
            own = (own for name, own in self.actions.items() if self._reaches(statement, name, has_variables))
            found = self._reached[key] = reduce(or_, own, 0)
        return found

    def _reaches(self, statement: Statement, name: str, has_variables: bool) -> bool:
        is_not = statement.resources is None
        found = (
            covers_resource(statement, name, arn, _UNKNOWN, has_variables=has_variables)
            for arn in self.resources[name]
        )
        return all(is_not if each is None else each for each in found)


def _said(statement: Statement, covered: int, *, is_sure: bool) -> Grants:
    sure = covered if is_sure else 0
    if statement.effect == "Allow":
        return Grants(certain=sure, everywhere=covered, broad=sure, broadly=covered, possible=covered)
    return Grants(
        denied=sure,
        denied_broadly=sure,
        maybe_denied_broadly=covered,
        denied_on_some=sure,
        denied_somewhere=covered,
    )
