"""An escalation path in a sentence, with the last use of the roles on it."""

from iamaudit.checks.observations.facts import Facts, Row


def path_sentence(path: Row, facts: Facts) -> str:
    """Return who can become what by which steps, and what must hold for it."""
    name = facts.name(path["principal"])
    end = "an administrator" if path["end"] == "administrator" else f"somebody who reads {path['end']}"
    said = f"{name} can become {end}: {path['path']}"
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
