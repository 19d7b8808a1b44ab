"""Common mistakes in a notebook: one line that says what is wrong, and nothing unknown is answered."""

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

import iamaudit
from iamaudit.errors import ParameterError, UnknownNameError
from tests.accounts import allow, details, policy, role, snapshot, user

MISTAKES = {
    "audit.usres": "did you mean `users`?",
    "audit.frames['acces_keys']": "did you mean `access_keys`?",
    "audit.workpapers['root-mf']": "did you mean `root-mfa`?",
    "audit.workpapers['xyz']": "use one of",
    "audit.explain('ann', 's3:GetObjct')": "did you mean `s3:GetObject`?",
    "audit.explain('ann', 'foo:Bar')": "AWS has no service prefix `foo`",
    "audit.explain('ann', 'iam:AssumeRole')": "but `sts:AssumeRole` is",
    "audit.explain('ann', 'GetObject')": "write it like s3:GetObject",
    "audit.explain('ann', 's3:Get*')": "write it like s3:GetObject",
    "audit.explain('anne', 's3:GetObject')": "did you mean `ann`?",
    "audit.explain('ann', 's3:GetObject', context={'aws:MFAPresent': '1'})": "did you mean `aws:",
    "audit.who_can('s3:GetObject', context={'SourceIp': '10.0.0.1'})": "did you mean `aws:sourceip`?",
    "audit.explain('ann', 's3:GetObject', 5)": "of type int, not a text: give an ARN",
    "audit.who_can(None)": "of type NoneType, not a text: write it like s3:GetObject",
    "audit.account(444455556666)": "`444455556666` is of type int, not a text: give 12 digits in quotes",
    "audit.principal(0)": "give an ARN, user/name or role/name",
    "audit.group(0)": "give the ARN or the name of a group",
    "audit.policy(['p'])": "give the ARN, or the name of a policy",
    "audit.show(0)": "give a name or an ARN in quotes",
    "audit.permissions_of(['ann'])": "give an ARN, user/name or role/name",
    "audit.what_if(0, {})": "give its ARN, or PRINCIPAL_ARN#NAME",
    "audit.evaluate('root-mfa')": "write `audit.workpapers[...]` with the id of one",
    "audit.explain('ann', 's3:GetObject', 'bucket/key')": "give an ARN",
    "audit.who_can('iam:PassRol')": "did you mean `iam:PassRole`?",
    "audit.decide('role/ap', 'iam:PassRole')": "did you mean `role/app`?",
    "audit.reach(['iam:PassRol'])": "did you mean `iam:PassRole`?",
    "audit.permissions_of('role/ap')": "did you mean `role/app`?",
    "audit.separators('nobody')": "give an ARN, user/name or role/name",
    "audit.what_if('arn:aws:iam::111122223333:policy/pp', {})": "policy/p`?",
    "iamaudit.open_snapshot(folder, max_key_age_dayz=3)": "did you mean `max_key_age_days`?",
    "iamaudit.open_snapshot(folder, as_of='yesterday')": "write it like",
    "iamaudit.open_snapshot(folder, as_of='9999-12-31T23:00:00-02:00')": "write it like",
    "iamaudit.open_snapshot(folder, max_idle_days=10**30)": "from 0 to 1,000,000,000",
    "iamaudit.open_snapshot(folder, break_glass='role/ap')": "did you mean `role/app`?",
    "iamaudit.open_snapshot(folder, trusted_accounts='４４４４５５５５６６６６')": "give 12 digits each",
    "iamaudit.open_snapshot('nowhere')": "nowhere",
    "iamaudit.open_notebook({'snapshot': folder, 'max_key_age_dayz': 3})": "did you mean `max_key_age_days`?",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return snapshot(
        tmp_path_factory.mktemp("account"),
        authorization_details=details(
            users=[user("ann")], roles=[role("app")], policies=[policy("p", allow("s3:*"))]
        ),
    )


@pytest.fixture(scope="module")
def shell(folder):
    shell = InteractiveShell()
    shell.user_ns.update(iamaudit=iamaudit, folder=folder, audit=iamaudit.open_snapshot(folder))
    return shell


@pytest.mark.parametrize(("mistake", "cure"), MISTAKES.items())
def test_a_mistake_is_answered_in_one_line_that_names_the_cure(shell, mistake, cure, monkeypatch):
    shown = []
    monkeypatch.setattr(shell, "_showtraceback", lambda _kind, _error, lines: shown.extend(lines))
    result = shell.run_cell(mistake)
    assert not result.success
    assert len("\n".join(shown).splitlines()) == 1
    assert cure in shown[0]


def test_the_whole_traceback_of_a_mistake_is_one_call_away(shell, monkeypatch, capsys):
    monkeypatch.delattr(sys, "last_value", raising=False)
    iamaudit.traceback()
    assert capsys.readouterr().out == "no error was raised in this session\n"
    monkeypatch.setattr(shell, "_showtraceback", lambda *_: None)
    shell.run_cell("audit.permissions_of('role/ap')")
    iamaudit.traceback()
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "Traceback (most recent call last):"
    assert any(line.strip().startswith("raise ParameterError(") for line in shown)
    assert shown[-1].endswith("did you mean `role/app`?")


def test_a_name_that_is_nearly_a_parameter_is_refused_and_another_variable_is_not(folder):
    with pytest.raises(
        ParameterError, match="unknown parameter `trusted_acounts`: did you mean `trusted_accounts`"
    ):
        iamaudit.open_notebook({"snapshot": str(folder), "trusted_acounts": "111122223333"})
    mine = {"snapshot": str(folder), "my_table": 3, "_": "", "max_key_age_days": 30}
    assert iamaudit.open_notebook(mine).settings.max_key_age_days == 30


def test_what_an_audit_lacks_is_missing_as_attribute_and_as_key(folder):
    audit = iamaudit.open_snapshot(folder)
    assert not hasattr(audit, "usres")
    assert "acces_keys" not in audit.frames
    assert audit.frames.get("acces_keys") is None
    with pytest.raises(UnknownNameError):
        audit.frames["acces_keys"]


def test_completion_offers_names_and_help_lists_them(folder):
    audit = iamaudit.open_snapshot(folder)
    assert "root-mfa" in audit.workpapers._ipython_key_completions_()
    assert "open_snapshot" in dir(iamaudit)
    assert "import_module" not in dir(iamaudit)
    asked = audit.help().set_index("ask").answer
    assert asked["audit.access_keys"] == "A row per access key slot in use, root's included."
    assert asked["audit.who_can(...)"].startswith("Return a row per principal that is allowed")


def test_an_audit_and_an_answer_are_shown_as_in_the_report(folder):
    shell = InteractiveShell.instance()
    shell.user_ns["audit"] = audit = iamaudit.open_snapshot(folder)
    assert repr(audit).startswith("Audit of example-prod (111122223333) as of ")
    assert "<dd>example-prod (111122223333)" in audit._repr_html_()
    shell.run_cell("import iamaudit; live = iamaudit.open_notebook({'snapshot': str(audit.snapshot.path)})")
    answer = audit.explain("ann", "s3:GetObject", "arn:aws:s3:::example/key")
    InteractiveShell.clear_instance()
    formats, _ = shell.display_formatter.format(answer)
    assert "<code>user/ann: s3:GetObject on arn:aws:s3:::example/key</code>" in formats["text/html"]
    assert formats["text/plain"].startswith(
        "user/ann: s3:GetObject on arn:aws:s3:::example/key implicit deny"
    )
