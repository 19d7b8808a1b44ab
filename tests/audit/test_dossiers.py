"""One screen about one principal, group, policy, action or account: its values, and no other answer."""

import json
import re
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import iamaudit
from iamaudit.audit.completion import offer_names
from iamaudit.audit.dossiers import words
from iamaudit.errors import ParameterError, UnknownNameError
from iamaudit.escalation import load_rules
from iamaudit.escalation.way import LEVELS
from iamaudit.frames import COLUMNS
from iamaudit.frames.columns import ANSWERS
from iamaudit.report.notebook import read_cells
from iamaudit.report.pages import page_problems
from iamaudit.snapshot import SourceResult
from tests.accounts import allow, attached, deny, details, group, inline, key, report, snapshot, user
from tests.escalation.slow import slow_ways
from tests.hostile import NAMES, SCRIPT, TEXT, hostile_snapshot

IAM = "arn:aws:iam::111122223333"


@pytest.fixture(scope="module")
def audit():
    return iamaudit.open_snapshot("demo")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return iamaudit.open_snapshot(hostile_snapshot(tmp_path_factory.mktemp("hostile")))


def labels(frame):
    return dict(zip(frame.principal_type + "/" + frame.principal_name, frame.verdict, strict=True))


def test_a_user_on_one_screen(audit):
    alice = audit.principal("alice.moreau")
    facts = dict(alice.facts)
    assert (alice.title, alice.arn) == ("user/alice.moreau", f"{IAM}:user/alice.moreau")
    assert facts["Sign-in"] == "password, last used 2026-10-30; MFA"
    assert facts["Access keys"] == "2 active, the oldest is 243 days old"
    assert (facts["Groups"], facts["Boundary"]) == ("Developers", "none")
    assert facts["Last use"] == "2026-10-30, 1 day before"
    assert facts["Owner"] == "Application development"
    assert facts["Administrator"] == "not by its own permissions; it may become one (needs a live resource)"
    assert alice.access_keys.age_days.tolist() == [243, 40]
    assert alice.mfa_devices.serial.tolist() == [f"{IAM}:mfa/alice.moreau"]
    assert dict(zip(alice.policies.policy_name, alice.policies.via, strict=True)) == dict.fromkeys(
        ("GuardRails", "ProtectSecurityTeam", "DeveloperAccess", "RequireMfa"), "Developers"
    )
    assert labels(alice.becomes)["role/support-engineer"] == "conditional"
    assert labels(alice.becomes)["end/administrator"] == "needs a live resource"
    assert alice.paths.end.tolist() == ["administrator"]
    assert alice.last_accessed.service[0] == "dynamodb"
    assert "principal-secrets" in set(alice.findings.check)
    assert set(alice.findings.resource) == {alice.arn}
    assert set(alice.observations.id) == set(alice.findings.observation)
    assert alice.unseen[:2] == [
        "Root features of the organization: not available.",
        "Policies of the organization: not handed over.",
    ]


def test_a_role_and_a_session_of_it_on_one_screen(audit):
    role = audit.role("support-engineer")
    assert dict(role.facts)["Can be taken over"] == "by 10 besides administrators, the surest is conditional"
    assert role.trust.words.tolist() == ["with MFA"]
    assert labels(role.become_by)["user/helen.park"] == "conditional"
    assert len(role.becomes) == 0
    session = audit.principal("arn:aws:sts::111122223333:assumed-role/support-engineer/bob")
    assert (session.arn, dict(session.facts)["Session"]) == (role.arn, "bob")
    assert session.unseen[0].startswith("The session bob: a session policy may allow it less")
    assert session.become_by.equals(role.become_by)


def test_root_and_an_administrator_can_become_anybody(audit):
    assert dict(audit.principal("root").facts)["Can become"] == "anybody, as an administrator"
    assert dict(audit.principal("ops-automation").facts)["Can become"] == "anybody, as an administrator"
    assert "Root may do everything." in repr(audit.principal("root"))


def test_a_group_on_one_screen(audit):
    developers = audit.group("Developers")
    facts = dict(developers.facts)
    assert (developers.title, developers.arn) == ("group/Developers", f"{IAM}:group/Developers")
    assert facts["Kind"] == "group, created 2024-11-12"
    assert facts["Members"] == "4 users, 0 of them administrators"
    assert developers.members.principal_name.tolist() == [
        *("alice.moreau", "ben.carter", "dmitri.volkov", "emeka.obi")
    ]
    assert sorted(developers.policies.policy_name) == [
        *("DeveloperAccess", "GuardRails", "ProtectSecurityTeam", "RequireMfa")
    ]
    assert set(developers.findings.check) == {"group-inline-policy", "group-deny-reach"}
    may_add = audit.who_can("iam:AddUserToGroup", developers.arn)
    assert facts["Add a user to it"] == "7 principals may; for 0 more it depends"
    assert developers.joined_by.equals(may_add)
    assert set(developers.joined_by.principal_name) >= {"root", "BreakGlassAdmin", "helen.park"}
    administrators = audit.group(f"{IAM}:group/Administrators")
    assert dict(administrators.facts)["Members"] == "2 users, 2 of them administrators"
    assert dict(administrators.facts)["Allows"].startswith("22,321 of 22,321 actions in 457 services")
    empty = audit.group("group/LegacyDeployers")
    assert dict(empty.facts)["Members"] == "0 users, 0 of them administrators"
    assert "Nobody is in it." in repr(empty)


def test_a_group_allows_what_its_policies_allow_less_what_they_deny(tmp_path):
    taken = snapshot(
        tmp_path,
        authorization_details=details(
            groups=[
                group("ops", **inline("Group", "all", allow("sqs:*"), deny("sqs:DeleteQueue"))),
                group("lost", **attached("gone")),
            ],
            users=[
                user("ann", GroupList=["ops", "lost"], **inline("User", "own", allow("sns:*"))),
                user("ops", **inline("User", "joins", allow("iam:AddUserToGroup", f"{IAM}:group/ops"))),
            ],
        ),
    )
    audit = iamaudit.open_snapshot(taken)
    ops = audit.group("ops")
    everything = [name for name in audit.catalogue.names if name.startswith("sqs:")]
    assert int(ops.permissions.actions_certain.sum()) == len(everything) - 1
    assert ops.services.service.tolist() == ["sqs"]
    assert ops.members.principal_name.tolist() == ["ann"]
    assert int(ops.members.actions_possible.iloc[0]) > len(everything) - 1  # by her own policy, too
    may_add = dict(zip(ops.joined_by.principal_name, ops.joined_by.verdict, strict=True))
    assert may_add == {"root": "allowed", "ops": "allowed", "ann": "depends"}  # on the lost policy
    assert dict(ops.facts)["Add a user to it"] == "2 principals may; for 1 more it depends"
    assert audit.group("lost").unseen[0] == f"The policy {IAM}:policy/gone: its document was not collected."
    assert audit.show("group/ops").title == "group/ops"
    assert audit.show("lost").title == "group/lost"
    with pytest.raises(ParameterError, match="`ops` is a principal and a group: say user/, role/, group/"):
        audit.show("ops")
    with pytest.raises(
        ParameterError, match="`group/opz` is not a group of the snapshot: did you mean `ops`"
    ):
        audit.show("group/opz")


def test_a_customer_managed_policy_on_one_screen(audit):
    policy = audit.policy("NetworkReadOnly")
    facts = dict(policy.facts)
    assert (facts["Kind"], facts["Version"]) == ("customer managed", "v3 of 4 versions")
    assert facts["Attached to"] == "1 user, role or group"
    assert policy.attachments.principal_name.tolist() == ["network-inspector"]
    assert policy.statements.actions.tolist() == [
        ["ec2:Describe*", "ec2:Get*", "elasticloadbalancing:Describe*"]
    ]
    assert policy.services.service.tolist() == ["ec2", "elasticloadbalancing"]
    versions = policy.versions.set_index("version")
    assert versions.index.tolist() == ["v3", "v4", "v2", "v1"]
    assert versions.is_default.tolist() == [True, False, False, False]
    assert versions.actions_more["v2"] == 1
    assert versions.more["v2"] == ["ec2:CreateFlowLogs"]
    assert json.loads(policy.document)["Version"] == "2012-10-17"
    deploy = audit.policy("DeployAnything")
    assert "policy-all-actions" in set(deploy.findings.check)
    assert dict(deploy.facts)["Allows"].startswith("22,321 of 22,321 actions")


def test_an_aws_managed_an_inline_and_a_trust_policy_on_one_screen(audit):
    managed = audit.policy("ReadOnlyAccess")
    assert managed.policy == "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert managed.attachments.principal_name.tolist() == ["ComplianceScannerRole", "support-engineer"]
    assert len(managed.statements) == 3
    inline = audit.policy("user/test-reader#ListTestReports")
    assert inline.policy == f"{IAM}:user/test-reader#ListTestReports"
    assert inline.services.service.tolist() == ["s3"]
    trust = audit.policy("role/vendor-billing@trust")
    assert trust.statements.principals.tolist() == [["AWS: arn:aws:iam::444455556666:root"]]
    assert (len(trust.services), len(trust.versions)) == (0, 0)


def test_an_action_on_one_screen(audit):
    action = audit.action("s3:getobject")
    facts = dict(action.facts)
    assert (action.title, facts["Access level"]) == ("s3:GetObject", "Read")
    assert facts["Possible for"] == "26 of 61 principals, certain for 15; root is not counted"
    who = action.principals.set_index("principal_name")
    assert who.verdict.value_counts().to_dict() == {"certain": 15, "possible": 11}
    assert who.resources["release-bot"] == ["arn:aws:s3:::example-release-notes/*"]
    assert who.denied_by["alice.moreau"] == [f"{IAM}:policy/RequireMfa v1 Statement[0]"]
    denies = action.statements[action.statements.effect == "Deny"].set_index("policy_name")
    assert denies.conditions["RequireMfa"] == ["without MFA (if the request says)"]
    notes = audit.action("s3:GetObject", "arn:aws:s3:::example-release-notes/1.txt")
    assert notes.title == "s3:GetObject on arn:aws:s3:::example-release-notes/1.txt"
    assert "user/release-bot" in labels(notes.who_can)
    assert "Who can on arn:aws:s3:::example-release-notes/1.txt" in repr(notes)


def test_an_outside_account_on_one_screen(audit):
    vendor = audit.account("444455556666")
    roles = vendor.roles.set_index("role_name")
    assert roles.verdict.to_dict() == {"vendor-billing": "certain", "vendor-monitoring": "conditional"}
    assert roles.conditions["vendor-monitoring"] == "with external id example-prod-7d41"
    assert vendor.permissions.principal_name.tolist() == ["vendor-monitoring", "vendor-billing"]
    assert vendor.findings.check.tolist() == ["trust-external-id"]
    assert dict(vendor.facts)["May enter"] == "2 roles, 1 without a condition"
    stranger = audit.account("999988887777")
    assert dict(stranger.facts)["Named by"] == "no trust policy; those here name 444455556666"
    assert len(stranger.roles) == 0
    assert audit.account("arn:aws:iam::444455556666:root").roles.equals(vendor.roles)


def test_who_can_become_a_role_is_what_the_frames_say(audit):
    for row in audit.role_access.to_dict("records"):
        by = audit.role(row["role"]).become_by
        inside = by[by.principal_type.isin(["user", "role"]) & by.rules.map(lambda r: "sts-assume-role" in r)]
        found = labels(inside)
        sure = {who for who, verdict in found.items() if verdict == "certain"}
        assert set(row["assumed_by"]) <= sure
        assert set(row["perhaps_by"]) - set(found) <= set(labels(by))
        assert set(found) <= {*row["assumed_by"], *row["perhaps_by"]}


def test_whom_it_can_become_and_who_can_become_it_are_one_relation(audit):
    actors = [
        a for a in audit.access.actors.values() if a.type != "root" and not a.principal.is_service_linked
    ]
    forth, back = {}, {}
    for actor in actors:
        dossier = audit.principal(actor.arn)
        to = dossier.becomes[dossier.becomes.principal_type.isin(["user", "role"])]
        by = dossier.become_by[dossier.become_by.principal_type != "outsider"]
        forth |= {(actor.arn, other): v for other, v in zip(to.principal, to.verdict, strict=True)}
        back |= {(other, actor.arn): v for other, v in zip(by.principal, by.verdict, strict=True)}
    assert forth == back
    assert len(forth) > 100


def test_a_judged_account_is_not_searched_again_for_one_principal(audit, monkeypatch):
    judged = iamaudit.open_snapshot("demo")
    judged.judge(progress=False)
    again = iamaudit.open_snapshot("demo")
    monkeypatch.setattr("iamaudit.escalation.escalation.find_ways", None)
    for name in ("ops-automation", "support-engineer", "vendor-billing"):
        assert again.role(name).become_by.equals(judged.role(name).become_by)
        assert again.role(name).become_by.equals(audit.role(name).become_by)


@pytest.mark.parametrize("name", ["user/ci-deployer", "role/release-manager", "user/emeka.obi"])
def test_whom_it_can_become_is_what_every_single_request_says(audit, name):
    dossier, gives = audit.principal(name), {rule.id: rule.gives for rule in load_rules().values()}
    slow = {}
    for (rule, target), verdict in slow_ways(audit.escalation, audit.access.actors[dossier.arn]).items():
        if verdict != "blocked" and gives.get(rule, "target").startswith("target"):
            slow[target] = min(slow.get(target, verdict), verdict, key=LEVELS.index)
    slow.pop(dossier.arn, None)
    found = dossier.becomes[dossier.becomes.principal_type.isin(["user", "role"])]
    assert dict(zip(found.principal, found.verdict, strict=True)) == slow


def test_answers_are_those_of_the_audit(audit):
    alice = audit.principal("user/alice.moreau")
    assert alice.permissions.equals(audit.permissions_of("alice.moreau"))
    assert (
        alice.services.actions_possible.sum()
        == audit.breadth.set_index("principal").actions_possible[alice.arn]
    )
    assert audit.action("iam:PassRole").who_can.equals(audit.who_can("iam:PassRole"))
    reach = audit.reach(["iam:PassRole"]).iloc[0]
    who = audit.action("iam:PassRole").principals
    assert sorted(labels(who)) == reach.principals
    assert (who.verdict == "certain").sum() == reach.certain


def test_every_frame_of_a_dossier_is_declared(audit):
    known = {**COLUMNS, **ANSWERS}
    for answer in (
        audit.principal("alice.moreau"),
        audit.role("ops-automation"),
        audit.action("s3:GetObject"),
    ):
        for section in answer.sections:
            assert any(set(section.frame.columns) == set(columns) for columns in known.values()), section.name
            assert section.frame is getattr(answer, section.name)


def test_show_recognises_what_it_was_given(audit):
    given = {
        "alice.moreau": "user/alice.moreau",
        "role/ops-automation": "role/ops-automation",
        f"{IAM}:user/alice.moreau": "user/alice.moreau",
        "DeployAnything": "policy DeployAnything",
        "policy/DeployAnything": "policy DeployAnything",
        "arn:aws:iam::aws:policy/ReadOnlyAccess": "policy ReadOnlyAccess",
        "user/test-reader#ListTestReports": "policy ListTestReports",
        "role/vendor-billing@trust": "trust policy of vendor-billing",
        "s3:GetObject": "s3:GetObject",
        "444455556666": "account 444455556666",
        "arn:aws:iam::444455556666:root": "account 444455556666",
        f"{IAM}:root": "root",
    }
    assert {name: audit.show(name).title for name in given} == given


@pytest.mark.parametrize(
    ("ask", "name", "cure"),
    [
        ("show", "alicemoreau", "did you mean `alice.moreau`?"),
        ("show", "DeployAnythin", "did you mean `DeployAnything`?"),
        ("principal", "alice", "did you mean `alice.moreau`?"),
        ("role", "alice.moreau", "is not a user or role of the snapshot"),
        ("role", "ops-automaton", "did you mean `ops-automation`?"),
        ("policy", "ReadOnlyAcces", "did you mean `ReadOnlyAccess`?"),
        ("action", "s3:GetObjct", "did you mean `s3:GetObject`?"),
        ("account", "44445555666", "did you mean `444455556666`?"),
        ("account", "111122223333", "is the account of the snapshot"),
        ("principal", "arn:aws:sts::444455556666:assumed-role/x/y", "is of account 444455556666"),
        ("show", "", "give a principal, a group, a policy, an action or an account"),
    ],
)
def test_what_is_misspelt_is_refused(audit, ask, name, cure):
    with pytest.raises(ParameterError) as caught:
        getattr(audit, ask)(name)
    assert cure in str(caught.value)


def test_a_misspelt_attribute_is_refused(audit):
    with pytest.raises(UnknownNameError, match="did you mean `access_keys`"):
        audit.principal("alice.moreau").acces_keys  # noqa: B018 - asking is the test


def test_names_are_offered_and_help_lists_the_questions(audit):
    assert "alice.moreau" in audit.principal._ipython_key_completions_()
    assert "alice.moreau" not in audit.role.names()
    assert "ops-automation" in audit.role.names()
    assert {"DeployAnything", "ListTestReports", "role/vendor-billing@trust"} <= set(audit.policy.names())
    assert "s3:GetObject" in audit.action.names()
    assert audit.account.names() == ["444455556666"]
    assert audit.principal["alice.moreau"].title == "user/alice.moreau"
    asked = audit.help().set_index("ask").answer
    assert asked["audit.principal(...)"] == "Return all that is known of one user or role on one screen."
    assert {f"audit.{name}(...)" for name in ("role", "group", "policy", "action", "account", "show")} <= set(
        asked.index
    )


@pytest.mark.parametrize(
    ("begun", "offered"),
    [
        ("audit.principal('alice", ["alice.moreau"]),
        ('audit.role("ops-', ["ops-automation"]),
        ("audit.policy('network", ["NetworkReadOnly"]),
        ("audit.group('dev", ["Developers"]),
        ("audit.action('s3:GetObjectAt", ["s3:GetObjectAttributes"]),
        ("audit.account('4", ["444455556666"]),
        ("audit.explain('alice", ["alice.moreau"]),
        ("audit.who_can('iam:passr", ["iam:PassRole"]),
        ("audit.show('DeployA", ["DeployAnything"]),
        ("audit.table('alice", []),
        ("other.principal('alice", []),
    ],
)
def test_tab_offers_names_between_the_quotes(audit, begun, offered):
    shell = InteractiveShell()
    shell.user_ns.update(audit=audit, other=7)
    offer_names(shell)
    offer_names(shell)  # a notebook that is run again offers them once
    with provisionalcompleter():
        found = [each.text for each in shell.Completer.completions(begun, len(begun)) if each.type == "name"]
    assert found == offered


def test_every_policy_is_found_by_the_name_that_is_offered(audit):
    assert {audit.policy(name).policy for name in audit.policy.names()} == set(audit.access.policies)


def test_a_dossier_is_for_programs_too(audit):
    rows = json.loads(json.dumps(audit.principal("alice.moreau").as_dict()))
    assert rows["facts"]["Groups"] == "Developers"
    assert len(rows["services"]) == 454
    assert rows["access_keys"][0]["access_key_id"].startswith("AKIA…")


def test_a_dossier_of_hostile_names_runs_nothing(hostile):
    answers = [hostile.principal(f"user/{name}") for name in NAMES]
    answers += [
        hostile.role(TEXT),
        hostile.role(SCRIPT),
        hostile.policy("=All"),
        hostile.group("@Group"),
        hostile.action("s3:GetObject"),
    ]
    answers += [hostile.account("444455556666"), hostile.policy(f"role/{SCRIPT}@trust")]
    for answer in answers:
        body = answer._repr_html_()
        assert page_problems(body) == []
        assert "<script" not in body
        assert "<img" not in body
    assert TEXT in repr(hostile.principal(f"user/{TEXT}"))


def test_what_would_control_a_terminal_stands_as_its_code(tmp_path):
    taken = snapshot(tmp_path, credential_report=report({"user": "ann\x1b[31m", **key(1, age=5)}))
    shown = repr(iamaudit.open_snapshot(taken).principal("ann\x1b[31m"))
    assert "\x1b" not in shown
    assert shown.startswith("user/ann\\x1b[31m\n")


def test_what_was_not_collected_is_not_known_and_never_nothing(tmp_path):
    taken = snapshot(
        tmp_path,
        credential_report=report({"user": "ann", **key(1, age=5)}),
        authorization_details=SourceResult("denied", reason="AccessDenied"),
    )
    audit = iamaudit.open_snapshot(taken)
    ann, why = audit.principal("ann"), "not known: account authorization details: denied (AccessDenied)"
    assert dict(ann.facts)["Access keys"] == "1 active, 5 days old"
    empty = {section.name: section.empty for section in ann.sections}
    assert {empty[name] for name in ("policies", "services", "becomes", "become_by", "paths")} == {why}
    assert "Account authorization details: denied." in ann.unseen
    assert dict(audit.account("444455556666").facts)["May enter"] == why
    assert dict(audit.action("s3:GetObject").facts)["Possible for"] == why


@pytest.mark.parametrize(
    "ask",
    [
        lambda audit: audit.explain("ann", "s3:GetObject"),
        lambda audit: audit.right_size("ann"),
        lambda audit: audit.what_if("arn:aws:iam::111122223333:policy/p", {}),
        lambda audit: audit.group("Developers"),
        lambda audit: audit.policy("p"),
    ],
)
def test_where_nobody_was_collected_the_cure_is_to_collect_and_not_another_name(tmp_path, ask):
    audit = iamaudit.open_snapshot(snapshot(tmp_path, credential_report=report({"user": "ann"})))
    with pytest.raises(ParameterError, match="tells of none: collect or import the authorization"):
        ask(audit)


def test_the_page_of_a_user_whom_only_the_report_knows_denies_nothing(tmp_path):
    taken = snapshot(tmp_path, credential_report=report({"user": "ann"}))
    cells = read_cells(Path(iamaudit.__file__).parents[1] / "notebooks" / "10_principal.ipynb")
    shell = InteractiveShell.instance()
    shown = []
    for cell in cells:
        given = f"snapshot, principal = {str(taken)!r}, 'ann'\n" if "parameters" in cell.tags else ""
        done = shell.run_cell(cell.source + "\n" + given) if cell.kind == "code" else None
        shown.append(done.result._repr_html_() if done and hasattr(done.result, "_repr_html_") else "")
        assert done is None or done.success, cell.source
    InteractiveShell.clear_instance()
    page = "".join(filter(None, shown))
    assert "not known: account authorization details: missing from this snapshot" in page
    assert not re.search("No action is possible|is certain[.]|Nobody", page)


def test_keys_that_no_report_tells_of_are_not_known(tmp_path):
    given = {"authorization_details": details(users=[user("ann")])}
    ann = iamaudit.open_snapshot(snapshot(tmp_path / "without", **given)).principal("ann")
    why = "not known: credential report: missing from this snapshot"
    assert dict(ann.facts)["Access keys"] == why
    assert {section.name: section.empty for section in ann.sections}["access_keys"] == why
    given["credential_report"] = report({"user": "ann"})
    ann = iamaudit.open_snapshot(snapshot(tmp_path / "with", **given)).principal("ann")
    assert dict(ann.facts)["Access keys"] == "none"


def test_one_of_a_thing_is_told_in_the_singular():
    row = {"actions_possible": 1, "actions_certain": 1, "services": 1}
    assert words.actions_of(row, 9) == "1 of 9 actions is possible, in 1 service; 1 is certain"
    assert words.actions_of({**row, "actions_possible": 4}, 9).startswith("4 of 9 actions are possible")
    assert words.worst(["low"]) == "1, low"
    assert words.worst(["low", "high"]) == "2, the gravest is high"
