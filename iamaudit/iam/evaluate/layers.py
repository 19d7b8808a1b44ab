"""What one layer of policies says of a request: a Deny, an Allow, or neither."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from iamaudit.iam.evaluate.conditions import conditions_hold
from iamaudit.iam.evaluate.principals import Named, Naming, is_excepted, namings
from iamaudit.iam.evaluate.request import Request
from iamaudit.iam.evaluate.resources import covers_resource
from iamaudit.iam.evaluate.ternary import Ternary, all_of, any_of, negated
from iamaudit.iam.policy import Document, PolicyKind, Statement


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that applies to a request, or that may: then ``applies`` is ``None``.

    ``named`` is how the statement's ``Principal`` names the caller, where it has one.
    """

    layer: str
    document: Document
    statement: Statement
    applies: Ternary
    named: Named | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The statements of one layer that apply or may apply, by effect.

    ``unreadable`` are the documents that hold a statement which nobody could read.
    """

    name: str
    allows: tuple[Match, ...] = ()
    denies: tuple[Match, ...] = ()
    allowed: Ternary = field(default=False)
    denied: Ternary = field(default=False)
    unreadable: tuple[Document, ...] = ()

    def unknown(self) -> "Layer":
        """Return this layer with a policy in it whose text nobody has; a Deny that is known stays one."""
        return replace(self, allowed=None, denied=self.denied or None)


def evaluate_layer(name: str, documents: Sequence[Document], kind: PolicyKind, request: Request) -> Layer:
    """Return what ``documents`` say; one that could not be read in full may allow and may deny."""
    if not documents:
        return Layer(name)
    allows: list[Match] = []
    denies: list[Match] = []
    action, resource, context = request.action.lower(), request.resource, request.context
    for document in documents:
        has_variables = document.version == "2012-10-17"  # rule H8
        for statement in document.about(action):
            covered = covers_resource(statement, action, resource, context, has_variables=has_variables)
            if covered is False:
                continue  # as of most statements
            matches = _matches(name, document, statement, request, kind, covered)
            if statement.effect == "Deny":
                denies += matches
            else:
                allows += matches
    layer = Layer(
        name,
        tuple(allows),
        tuple(denies),
        any_of(match.applies for match in allows),
        any_of(match.applies for match in denies),
        tuple(document for document in documents if not document.is_complete),
    )
    return layer.unknown() if layer.unreadable else layer


def _matches(
    layer: str,
    document: Document,
    statement: Statement,
    request: Request,
    kind: PolicyKind,
    covered: Ternary,
) -> Iterator[Match]:
    applies = covered
    if statement.conditions:
        has_variables = document.version == "2012-10-17"  # rule H8
        held = conditions_hold(statement.conditions, request.context, has_variables=has_variables)
        if held is False:
            return
        applies = all_of((covered, held))
    if kind not in ("resource", "trust", "rcp"):
        yield Match(layer, document, statement, applies)
    elif statement.not_principals is not None:
        named = negated(is_excepted(statement, request.principal))
        if request.boundary is not None and statement.effect == "Deny":
            named = True  # rule E5
        if named is not False:
            everyone = Named(Naming.EVERYONE)
            yield Match(layer, document, statement, all_of((applies, named)), everyone)
    else:
        for one in namings(statement, request.principal):
            yield Match(layer, document, statement, applies if one.is_certain else None, one)
