#!/usr/bin/env bash
# Security Hub's finding format spells partitions differently from every ARN.
#
# Package:  botocore 1.44.8 (PyPI)
# Expected: `Resource.Partition` of the AWS Security Finding Format takes the second part of the resource's own ARN.
# Seen:     of the eight partitions that the package lists, three are in the enumeration. The isolated partitions stand
#           there as aws-us-iso and aws-us-iso-b, where ARNs say aws-iso and aws-iso-b; aws-iso-e, aws-iso-f and
#           aws-eusc are not there at all; AzureCloud, which no ARN has, is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.8

"$folder/venv/bin/python" - <<'PYTHON'
import json
from pathlib import Path

import botocore
from botocore.loaders import Loader

print("botocore", botocore.__version__)
enumeration = set(Loader().load_service_model("securityhub", "service-2")["shapes"]["Partition"]["enum"])
partitions = json.loads((Path(botocore.__path__[0]) / "data" / "partitions.json").read_text())["partitions"]
names = {each["id"] for each in partitions}
print("Security Hub only:", sorted(enumeration - names))
print("ARNs only:", sorted(names - enumeration))
assert enumeration - names == {"aws-us-iso", "aws-us-iso-b", "AzureCloud"}
assert names - enumeration == {"aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"}
PYTHON
