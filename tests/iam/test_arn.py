import pytest

from iamaudit.iam.arn import Arn, account_of, parse_arn


def test_an_arn_has_five_parts_and_the_last_may_hold_colons():
    arn = parse_arn("arn:aws:lambda:eu-west-1:111122223333:function:f:1")
    assert arn == Arn("aws", "lambda", "eu-west-1", "111122223333", "function:f:1")


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("arn:aws-cn:iam::111122223333:user/ann", "111122223333"),
        ("arn:aws:s3:::example", None),
        ("arn:aws:s3", None),
        ("111122223333", None),
        ("a:b:c:d:e:f", None),
    ],
)
def test_the_account_of_an_arn_that_names_one(text, account):
    assert account_of(text) == account
