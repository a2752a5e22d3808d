"""Reads OCSF events, one a line, through py-ocsf-models; says what the models refuse, and what they do not know.

The models ignore fields that they lack: a misspelt one would go unnoticed. So what comes out of a model must be what
went in, but for fields of OCSF 1.5.0 that the package leaves out.
"""

import json
import sys

from py_ocsf_models import OCSF_VERSION
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.objects.cloud import Cloud

# https://schema.ocsf.io/1.5.0/objects/compliance has it, and the profile "cloud" adds `cloud` to each class;
# py-ocsf-models 0.10.0 has neither here.
NOT_MODELLED = {"compliance.status", "cloud"}


def lost(before, after, path=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            here = f"{path}.{key}".lstrip(".")
            if key not in after:
                yield here
            else:
                yield from lost(value, after[key], here)
    elif isinstance(before, list) and isinstance(after, list):
        for old, new in zip(before, after):
            yield from lost(old, new, path)
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


assert OCSF_VERSION == "1.5.0", OCSF_VERSION
events = 0
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        event = json.loads(line)
        model = ComplianceFinding.model_validate(event)
        after = json.loads(model.model_dump_json(exclude_unset=True))
        wrong = set(lost(event, after)) - NOT_MODELLED
        cloud = json.loads(Cloud.model_validate(event["cloud"]).model_dump_json(exclude_unset=True))
        wrong |= set(lost(event["cloud"], cloud, "cloud"))
        assert not wrong, f"line {events + 1}: {sorted(wrong)}"
        assert event["metadata"]["profiles"] == ["cloud"]
        assert event["metadata"]["version"] == OCSF_VERSION
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        events += 1
print(events)
