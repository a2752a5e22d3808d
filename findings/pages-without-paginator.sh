#!/usr/bin/env bash
# An operation whose answer has a next token may have no paginator, and boto3 then gives its first page.
#
# Package:  boto3 1.44.8 with botocore 1.44.8 (PyPI)
# Expected: what answers in pages can be paginated; a tool that takes the paginator where `can_paginate` is true, and
#           the plain call where it is false, reads everything.
# Seen:     CloudWatch Logs' DescribeAccountPolicies and ListLogGroups, CloudTrail's ListEventDataStores and
#           ListChannels, and S3's lists of a bucket's inventory, analytics and metrics configurations take a token and
#           give one back, but `can_paginate` is false. The plain call reads the first page, and nothing tells.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check boto3==1.44.8 botocore==1.44.8

"$folder/venv/bin/python" - <<'PYTHON'
import boto3
import botocore

print("boto3", boto3.__version__, "botocore", botocore.__version__)
session = boto3.Session("example", "example", region_name="eu-west-1")
tokens = {"nexttoken", "nextcontinuationtoken"}
for service, operations in {
    "logs": ["DescribeAccountPolicies", "ListLogGroups"],
    "cloudtrail": ["ListEventDataStores", "ListChannels"],
    "s3": [
        "ListBucketInventoryConfigurations",
        "ListBucketAnalyticsConfigurations",
        "ListBucketMetricsConfigurations",
    ],
}.items():
    client = session.client(service)
    for operation in operations:
        model = client.meta.service_model.operation_model(operation)
        given = {name for name in model.output_shape.members if name.lower() in tokens}
        method = botocore.xform_name(operation)
        print(f"{service}:{operation}: answers {sorted(given)}, can_paginate {client.can_paginate(method)}")
        assert given, "it has no pages by now"
        assert not client.can_paginate(method), "it has a paginator by now"
PYTHON
