"""What one statement allows as a whole, beside the other statements of its document."""

from dataclasses import replace

from iamaudit.iam.actions import Catalogue, without
from iamaudit.iam.evaluate.grants import Grants, settled
from iamaudit.iam.evaluate.statement_grants import statement_actions, statement_grants
from iamaudit.iam.policy import Document, Statement, has_wildcard


def left_of(statement: Statement, document: Document, grants: Grants, catalogue: Catalogue) -> int:
    """Return the actions of a statement that reach a resource, less those that its document surely denies.

    ``grants`` are those of the document. Only an unconditional Deny on every resource counts (rule A2).
    """
    one = statement if statement.effect == "Allow" else replace(statement, effect="Allow")
    alone = statement_grants(one, catalogue, has_variables=document.version == "2012-10-17")
    return without(settled(alone).possible, grants.denied if one is statement else 0)


def whole_services(statement: Statement, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the services of which a statement covers every action.

    Where a service has one action only, naming it is a choice: there it takes a wildcard or ``NotAction``.
    """
    if statement.actions is None:
        return catalogue.whole_services(statement_actions(statement, catalogue))
    named = {pattern.partition(":")[0].lower() for pattern in statement.actions}
    among = None if any(map(has_wildcard, named)) else tuple(sorted(named & catalogue.services.keys()))
    wild = catalogue.expand_patterns(filter(has_wildcard, statement.actions))
    return tuple(
        service
        for service in catalogue.whole_services(statement_actions(statement, catalogue), among)
        if len(catalogue.services[service]) > 1 or catalogue.service_mask(service) & wild
    )
