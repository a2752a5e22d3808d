#!/usr/bin/env bash
# moto keeps an organization trail in the account that made it: no member account shows it, and nothing refuses.
#
# Packages: moto 5.2.1 and boto3 1.44.8 (PyPI)
# Expected: an organization trail stands in the trails of each member account, under the same ARN, as AWS does ("Creating a
#           trail for an organization", AWS CloudTrail user guide). In a member that does not show it, it records nothing.
# Seen:     `DescribeTrails` with shadow trails in another region of the management account shows the trail; in a member, in
#           the trail's own region, it answers an empty list. A check of coverage that is tried on the emulator alone must
#           either believe the owner's word, and then passes in AWS for members that joined without the trail, or fail here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[cloudtrail,organizations,s3,sts]==5.2.1' boto3==1.44.8

AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true \
  "$folder/venv/bin/python" - <<'PYTHON'
import boto3
from moto import mock_aws

with mock_aws():
    organizations = boto3.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    status = organizations.create_account(Email="member@example.org", AccountName="member")["CreateAccountStatus"]
    boto3.client("s3").create_bucket(Bucket="example-organization-logs")
    made = boto3.client("cloudtrail").create_trail(
        Name="organization", S3BucketName="example-organization-logs", IsMultiRegionTrail=True, IsOrganizationTrail=True
    )
    assert made["IsOrganizationTrail"], made
    elsewhere = boto3.client("cloudtrail", region_name="eu-west-1").describe_trails(includeShadowTrails=True)
    role = f"arn:aws:iam::{status['AccountId']}:role/OrganizationAccountAccessRole"
    entered = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
    member = boto3.client(
        "cloudtrail",
        aws_access_key_id=entered["AccessKeyId"],
        aws_secret_access_key=entered["SecretAccessKey"],
        aws_session_token=entered["SessionToken"],
    )
    shown = member.describe_trails(includeShadowTrails=True)["trailList"]
    arns = [trail["TrailARN"] for trail in elsewhere["trailList"]]
    print("management account, another region:", arns)
    print("member account:", [trail["TrailARN"] for trail in shown])
    assert arns == [made["TrailARN"]] and shown == [], "the behaviour has changed"
PYTHON
