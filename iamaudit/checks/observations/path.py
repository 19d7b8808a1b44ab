"""An escalation path in a sentence, with the last use of the roles on it."""

from collections.abc import Iterable
from typing import NamedTuple

from iamaudit.checks.observations.facts import Facts, Row
from iamaudit.checks.observations.story import counted, listing


class Reaching(NamedTuple):
    """Who becomes an administrator by several paths: surely, and only if something else holds."""

    sure: list[str]
    perhaps: list[str]

    @classmethod
    def by(cls, paths: Iterable[Row], facts: Facts) -> "Reaching":
        """Return the names of those whose paths these are, apart by how sure the surest of each is."""
        verdicts = [(facts.name(path["principal"]), path["verdict"]) for path in paths]
        sure = {name for name, verdict in verdicts if verdict == "certain"}
        return cls(sorted(sure), sorted({name for name, _ in verdicts} - sure))

    @property
    def why(self) -> str:
        """How surely the paths end at an administrator."""
        sure, perhaps = len(self.sure), len(self.perhaps)
        said = []
        if sure:
            ends = (
                "The path of 1 principal surely ends"
                if sure == 1
                else f"The paths of {sure:,} principals surely end"
            )
            said.append(f"{ends} at an administrator.")
        if perhaps and sure:
            said.append(
                f"{counted(perhaps, 'other path needs', 'other paths need')} a condition or a live resource."
            )
        elif perhaps:
            ends = (
                "The path of 1 principal may end"
                if perhaps == 1
                else f"The paths of {perhaps:,} principals may end"
            )
            said.append(f"{ends} at an administrator: a condition must hold, or a live resource exist.")
        return " ".join(said)

    @property
    def effect(self) -> str:
        """What they can do, or somebody who steals from them."""
        who = listing(self.sure or self.perhaps, 3)
        can = "can" if self.sure else "may be able to"
        return f"{who}, or anyone who steals their credentials, {can} take full control of the account."


def path_sentence(path: Row, facts: Facts) -> str:
    """Return who can become what by which steps, and what must hold for it."""
    name = facts.name(path["principal"])
    end = "an administrator" if path["end"] == "administrator" else f"somebody who reads {path['end']}"
    said = f"{name} {'can' if path['verdict'] == 'certain' else 'may'} become {end}: {path['path']}"
    if path["conditions"]:
        said += f", if {' and '.join(path['conditions'])}"
    if isinstance(path["needs"], str):
        said += f"; it takes {path['needs']}"
    return f"{said}."


def last_use(path: Row, facts: Facts) -> str:
    """Return when the first role on the way was last used: a path over roles in use surely works."""
    for node in path["nodes"][1:]:
        used = facts.last_used(facts.principal(node))
        if used:
            return f"The role {node.removeprefix('role/')} on that path was " + (
                "never used." if used == "never" else f"last used on {used}."
            )
    return ""
