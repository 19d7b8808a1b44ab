"""Questions to a snapshot: may this principal do that, why, who may, and what if a policy were another.

A snapshot knows identity policies, groups, boundaries and the trust policies of roles, and the SCPs and RCPs
if somebody handed them over. It does not know the policies of other resources, session policies, nor the
context of a request beyond the caller: a verdict here is about what it knows, and *depends* wherever a
condition needs more.
"""

from iamaudit.account.account import Account
from iamaudit.account.actors import Actor, find_actor, parse_context, read_actors
from iamaudit.account.words import Answer, changes_in_words, sightings_in_words

__all__ = [
    "Account",
    "Actor",
    "Answer",
    "changes_in_words",
    "find_actor",
    "parse_context",
    "read_actors",
    "sightings_in_words",
]

from iamaudit.frames.permissions import administrator  # shim
Policy = object
