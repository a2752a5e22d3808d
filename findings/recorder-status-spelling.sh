#!/usr/bin/env bash
# AWS Config's model spells its statuses in another way than the examples of the same release do.
#
# Packages: botocore 1.44.8 and awscli 1.46.3 (PyPI)
# Expected: the `lastStatus` that the examples of `describe-configuration-recorder-status` and
#           `describe-delivery-channel-status` show is a value of the model's enumeration.
# Seen:     the examples answer `SUCCESS`; the enumerations are Pending, Success, Failure, NotApplicable (recorder) and
#           Success, Failure, Not_Applicable (delivery), so "not applicable" has two spellings of its own. A check that
#           compares with the model's `Failure` lets a `FAILURE` through as anything but a failure: compare without
#           case and without `_`, and take what is neither for unknown.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check awscli==1.46.3 botocore==1.44.8

"$folder/venv/bin/python" - <<'PYTHON'
import re
from importlib.util import find_spec
from pathlib import Path

import botocore.session

model = botocore.session.get_session().get_service_model("config")
examples = Path(find_spec("awscli").origin).parent / "examples/configservice"
for command, shape in [
    ("describe-configuration-recorder-status", "RecorderStatus"),
    ("describe-delivery-channel-status", "DeliveryStatus"),
]:
    shown = set(re.findall(r'"lastStatus": "(\w+)"', (examples / f"{command}.rst").read_text()))
    values = set(model.shape_for(shape).enum)
    print(f"{command} shows {sorted(shown)}; {shape} is one of {sorted(values)}")
    assert shown and not shown & values, "they agree by now"
assert "NotApplicable" in model.shape_for("RecorderStatus").enum
assert "Not_Applicable" in model.shape_for("DeliveryStatus").enum
PYTHON
