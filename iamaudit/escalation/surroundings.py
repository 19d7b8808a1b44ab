"""What is worked out once an account, and asked about every principal."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from iamaudit.account import Account, Actor
from iamaudit.escalation.decider import Decider
from iamaudit.escalation.granting import Granting
from iamaudit.escalation.own_resources import OwnResources
from iamaudit.escalation.rules import ASSUME_ROLE, Rule, load_raises, load_rules
from iamaudit.escalation.targets import Targets
from iamaudit.escalation.trusting import Trusting
from iamaudit.escalation.versions import Versions


@dataclass(frozen=True)
class Surroundings:
    """What is worked out once an account, and asked about every principal."""

    account: Account
    actors: list[Actor]
    decider: Decider
    targets: Targets
    standing: Versions
    granting: Granting
    trusting: Trusting
    own_resources: OwnResources

    @cached_property
    def rules(self) -> list[tuple[Rule, int]]:
        """Every rule with the actions that it needs."""
        catalogue = self.account.catalogue
        return [(rule, catalogue.expand_patterns(rule.permissions)) for rule in load_rules().values()]

    @cached_property
    def raises(self) -> list[tuple[Rule, int]]:
        """What makes an administrator of somebody else, with the actions that it needs."""
        catalogue = self.account.catalogue
        return [(rule, catalogue.expand_patterns(rule.permissions)) for rule in load_raises().values()]

    @cached_property
    def needed(self) -> int:
        """The actions that any rule needs."""
        needed = self.always
        for _, actions in (*self.rules, *self.raises):
            needed |= actions
        return needed

    @cached_property
    def by_provider(self) -> dict[tuple[str, ...], dict[tuple[str, int], list[str]]]:
        """The roles that trust each identity provider and how surely, by kinds; filled when asked for."""
        return {}

    @cached_property
    def administrators(self) -> int:
        """Who surely is an administrator."""
        found = self.account.administrators.items()
        return self.decider.universe.bits(arn for arn, verdict in found if verdict == "yes")

    @cached_property
    def members(self) -> Mapping[str, int]:
        """The users in each group."""
        return self.decider.universe.parts(
            (group, actor.arn) for actor in self.actors for group in actor.member_of
        )

    @cached_property
    def always(self) -> int:
        """Whoever is named in a trust policy needs no permission to assume the role (rule B7)."""
        return self.account.catalogue.expand_pattern(ASSUME_ROLE)
