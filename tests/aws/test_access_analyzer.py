"""Access Analyzer by region: one that does not tell is named, and is never a region without findings."""

from contextlib import contextmanager

import boto3
import pytest
from botocore.exceptions import ClientError

from iamaudit.aws.access_analyzer import collect_access_analyzer
from iamaudit.aws.answers import UnreadableAnswerError
from tests.aws.recorded import ANALYZER, FINDING, answer_access_analyzer


@contextmanager
def connect(region):
    """Give a client that answers as AWS documents, but for one region, which refuses."""
    client = answer_access_analyzer(boto3.client("accessanalyzer", region_name=region))

    def refuse(**_):
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListAnalyzers")

    if region == "eu-west-1":
        client.meta.events.register_first("before-call.accessanalyzer.ListAnalyzers", refuse)
    yield client
    client.close()


def test_analyzers_and_findings_say_their_region():
    result = collect_access_analyzer(connect, ["us-east-1", "eu-central-1"])
    assert result.rows == {"Regions": 2, "Analyzers": 2, "Findings": 2}
    assert result.content["Analyzers"][1] == {**ANALYZER, "Region": "eu-central-1"}
    assert result.content["Findings"][0] == {
        **FINDING,
        "AnalyzerArn": ANALYZER["arn"],
        "Region": "us-east-1",
    }
    assert result.reason is None


def test_a_region_that_refuses_is_named_beside_those_that_told():
    result = collect_access_analyzer(connect, ["us-east-1", "eu-west-1"])
    assert result.content["Regions"] == ["us-east-1"]
    assert result.content["RegionsNotCollected"] == [
        {"Region": "eu-west-1", "Reason": "AccessDeniedException: no"}
    ]
    assert result.reason == "no answer from: eu-west-1 (AccessDeniedException: no)"


def test_when_all_regions_refuse_the_source_is_refused():
    with pytest.raises(ClientError, match="AccessDenied"):
        collect_access_analyzer(connect, ["eu-west-1"])


def test_without_a_region_nothing_is_known():
    with pytest.raises(UnreadableAnswerError, match="no region to ask"):
        collect_access_analyzer(connect, [])
