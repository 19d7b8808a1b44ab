"""Trust policies of every kind: services, accounts, federated identities, everybody, the deleted."""

from tests.reperformance.generated_policies import one_or_list

SERVICES = (
    *("ec2.amazonaws.com", "lambda.amazonaws.com", "cloudformation.amazonaws.com", "ecs-tasks.amazonaws.com"),
    *("config.amazonaws.com", "states.amazonaws.com", "unheard-of.amazonaws.com"),
)
CONDITIONS = (
    {"StringEquals": {"sts:ExternalId": "NA"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"NumericLessThan": {"AWS:MultiFactorAuthAge": "3600"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}},
    {"StringEquals": {"aws:SourceAccount": "111122223333"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:config:*:111122223333:*"}},
    {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringNotEquals": {"sts:ExternalId": "NA"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-0123456789"}},
    {"StringNotEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
    {"StringLike": {"sts:ExternalId": ["NA", "*"]}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-*/r-*/*"}},
    {"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}},
    {"Null": {"aws:MultiFactorAuthAge": "false"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:*"}},
    {"StringLike": {"aws:SourceAccount": "*"}},
)
SUBJECTS = (
    *("repo:example/app:ref:refs/heads/main", "repo:example/app:*", "repo:example/*", "repo:*", "*"),
    *("system:serviceaccount:apps:worker", "project_path:example/app:ref_type:branch:ref:main"),
)


def trust_policy(account, *, service=None, center=False):
    rng = account.rng
    if service:
        statements = [_statement({"Service": service})]
    elif center:
        provider = {"Federated": f"{account.iam}:saml-provider/AWSSSO_0123_DO_NOT_DELETE"}
        audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
        statements = [_statement(provider, ["sts:AssumeRoleWithSAML", "sts:TagSession"], audience)]
    else:
        statements = [_drawn(account) for _ in range(rng.choice([1, 1, 2]))]
    return {"Version": "2012-10-17", "Statement": statements[0] if len(statements) == 1 else statements}


def _drawn(account):
    rng = account.rng
    make = rng.choice(
        [_service, _service, _own, _own, _external, _external, _web, _web, _saml, _anyone, _deleted]
    )
    made = make(account)
    if rng.random() < 0.08:
        made["Effect"] = "Deny"
    if rng.random() < 0.15:
        made["Action"] = rng.choice(
            [
                made["Action"].lower(),
                [made["Action"], "sts:TagSession"],
                "sts:*",
                "sts:TagSession",
                "sts:Assume*",
            ]
        )
    return made


def _statement(principal, action="sts:AssumeRole", condition=None):
    made = {"Effect": "Allow", "Principal": principal, "Action": action}
    return made if condition is None else {**made, "Condition": condition}


def _maybe_condition(rng):
    return rng.choice([None, None, None, {}, *CONDITIONS])


def _service(account):
    ending = ".com.cn" if account.partition == "aws-cn" else ".com"
    services = [
        name.replace(".com", ending) for name in account.rng.sample(SERVICES, account.rng.choice([1, 1, 2]))
    ]
    return _statement(
        {"Service": one_or_list(account.rng, services)}, condition=_maybe_condition(account.rng)
    )


def _own(account):
    who = [
        *(f"{account.iam}:root", "111122223333", f"{account.iam}:user/ann", f"{account.iam}:role/app"),
        account.iam.replace(":iam:", ":sts:") + ":assumed-role/app/session",
    ]
    chosen = account.rng.sample(who, account.rng.choice([1, 1, 2]))
    return _statement({"AWS": one_or_list(account.rng, chosen)}, condition=_maybe_condition(account.rng))


def _external(account):
    far = account.iam.replace("111122223333", "444455556666")
    who = [f"{far}:root", "444455556666", f"{far}:user/NA", f"{far}:role/x", "777788889999"]
    chosen = account.rng.sample(who, account.rng.choice([1, 1, 2]))
    return _statement({"AWS": one_or_list(account.rng, chosen)}, condition=_maybe_condition(account.rng))


def _web(account):
    rng = account.rng
    host = rng.choice(["token.actions.githubusercontent.com", "gitlab.com", "oidc.eks.example/id/NA"])
    principal = {"Federated": f"{account.iam}:oidc-provider/{host}"}
    if rng.random() < 0.15:
        host = "cognito-identity.amazonaws.com"
        principal = {"Federated": host}
    condition = {}
    if rng.random() < 0.8:
        subjects = rng.sample(SUBJECTS, rng.choice([1, 1, 2]))
        operator = rng.choice(["StringLike", "StringLike", "ForAnyValue:StringLike", "StringNotLike"])
        condition[operator] = {f"{host}:{rng.choice(['sub', 'SUB'])}": one_or_list(rng, subjects)}
    if rng.random() < 0.7:
        condition["StringEquals"] = {f"{host}:aud": rng.choice(["sts.amazonaws.com", "x"])}
    return _statement(principal, "sts:AssumeRoleWithWebIdentity", condition or None)


def _saml(account):
    condition = account.rng.choice(
        [None, {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}]
    )
    return _statement({"Federated": f"{account.iam}:saml-provider/Okta"}, "sts:AssumeRoleWithSAML", condition)


def _anyone(account):
    return _statement(account.rng.choice(["*", {"AWS": "*"}]), condition=_maybe_condition(account.rng))


def _deleted(account):
    return _statement(
        {"AWS": account.rng.choice(["AIDA0000000000000001", ["AROA0000000000000002", f"{account.iam}:root"]])}
    )
