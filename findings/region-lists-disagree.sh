#!/usr/bin/env bash
# boto3 has two lists of regions, and they disagree.
#
# Package:  boto3 1.44.8 with botocore 1.44.8 (PyPI)
# Expected: `Session.get_available_regions(service)` names every region of the partition that the service is in; a
#           region that the same package assigns to the partition `aws` is among them for IAM-like basics such as STS,
#           Organizations, CloudTrail and Config.
# Seen:     the list behind `get_available_regions` (endpoints.json) lacks me-west-1 and sa-west-1 for every service,
#           while the list behind `get_partition_for_region` and the endpoint rules (partitions.json) has both. An
#           inventory that loops over `get_available_regions` never asks the two newest regions, without any error.
#           Ask `account:ListRegions` instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8

"$folder/venv/bin/python" - <<'PYTHON'
import json
from pathlib import Path

import boto3
import botocore

session = boto3.Session(aws_access_key_id="example", aws_secret_access_key="example")
print("boto3", boto3.__version__, "botocore", botocore.__version__)
new = {"me-west-1", "sa-west-1"}

partitions = json.loads((Path(botocore.__path__[0]) / "data" / "partitions.json").read_text())["partitions"]
listed = next(set(each["regions"]) for each in partitions if each["id"] == "aws")
print("in partitions.json:", sorted(new & listed))
assert new <= listed, "partitions.json no longer has them"

for region in sorted(new):
    print(region, "is of partition", session.get_partition_for_region(region))
    assert session.get_partition_for_region(region) == "aws"

for service in session.get_available_services():
    assert not new & set(session.get_available_regions(service)), f"{service} is listed there by now"
print("in get_available_regions:", "of none of", len(session.get_available_services()), "services")
PYTHON
