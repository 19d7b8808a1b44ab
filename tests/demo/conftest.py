"""One demo account for all tests of this room: starting it is most of their time."""

import pytest

from iamaudit.demo import demo_account


@pytest.fixture(scope="session")
def account():
    with demo_account() as running:
        yield running


@pytest.fixture(scope="session")
def iam(account):
    client = account.session.client("iam")
    yield client
    client.close()


@pytest.fixture(scope="session")
def details(iam):
    return iam.get_account_authorization_details()


@pytest.fixture(scope="session")
def users(details):
    return {user["UserName"]: user for user in details["UserDetailList"]}


@pytest.fixture(scope="session")
def groups(details):
    return {group["GroupName"]: group for group in details["GroupDetailList"]}


@pytest.fixture(scope="session")
def roles(details):
    return {role["RoleName"]: role for role in details["RoleDetailList"]}


@pytest.fixture(scope="session")
def policies(details):
    return {policy["PolicyName"]: policy for policy in details["Policies"]}


@pytest.fixture(scope="session")
def statements(policies):
    """The statements in force of each managed policy."""
    found = {}
    for name, policy in policies.items():
        (version,) = [item for item in policy["PolicyVersionList"] if item["IsDefaultVersion"]]
        found[name] = version["Document"]["Statement"]
    return found


@pytest.fixture(scope="session")
def report(iam):
    iam.generate_credential_report()
    return iam.get_credential_report()
