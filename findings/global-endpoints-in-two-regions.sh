#!/usr/bin/env bash
# The one endpoint of a global service is in another region of China for one service than for another, and a service that is
# asked with FIPS in GovCloud keeps its plain name where its neighbour does not.
#
# Packages: botocore 1.44.8 (PyPI)
# Expected: a partition has one region for its global services, so that who asks one of them without its own rules signs for the
#           same region as for another; and an endpoint with FIPS is `SERVICE-fips`, as the rules of most services have it.
# Seen:     for every region of `aws-cn`, IAM resolves to and signs for cn-north-1, Account Management cn-northwest-1, which is
#           also what the partition data call the implicit global region. In `aws-us-gov` with FIPS, Firehose is
#           `firehose-fips.REGION`, Kinesis the plain `kinesis.REGION`, but `kinesis-fips` again with dual stack besides.
#           A signature for the other region, or a host that does not exist, reads as a refusal or as no network.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.8

"$folder/venv/bin/python" - <<'PYTHON'
import botocore.session
from botocore.endpoint_provider import EndpointProvider

loader = botocore.session.get_session().get_component("data_loader")
partitions = loader.load_data("partitions")


def resolved(service, region, fips=False, dual=False):
    rules = loader.load_service_model(service, "endpoint-rule-set-1")
    endpoint = EndpointProvider(rules, partitions).resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual)
    schemes = endpoint.properties.get("authSchemes") or [{}]
    return endpoint.url, schemes[0].get("signingRegion")


for service in ("iam", "account"):
    found = {resolved(service, region) for region in ("aws-cn-global", "cn-north-1", "cn-northwest-1")}
    print(service, sorted(found))
    expected = {"iam": "cn-north-1", "account": "cn-northwest-1"}[service]
    assert {region for _, region in found} == {expected}, "the behaviour has changed"

hosts = [
    resolved("firehose", "us-gov-west-1", fips=True)[0],
    resolved("kinesis", "us-gov-west-1", fips=True)[0],
    resolved("kinesis", "us-gov-west-1", fips=True, dual=True)[0],
]
print(hosts)
assert hosts == [
    "https://firehose-fips.us-gov-west-1.amazonaws.com",
    "https://kinesis.us-gov-west-1.amazonaws.com",
    "https://kinesis-fips.us-gov-west-1.api.aws",
], "the behaviour has changed"
PYTHON
