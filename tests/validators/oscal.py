"""Reads assessment results with compliance-trestle's models of OSCAL, runs all its validators over them, and follows
each reference inside the document.
"""

import json
import pathlib
import sys

from trestle.core.validator_factory import validator_factory
from trestle.oscal import OSCAL_VERSION
from trestle.oscal.assessment_results import AssessmentResults

path = pathlib.Path(sys.argv[1])
with path.open(encoding="utf-8") as file:
    document = json.load(file)
written = document["assessment-results"]
assert written["metadata"]["oscal-version"] == "1.2.1"
if OSCAL_VERSION != "1.2.1":
    # The last release for Python 3.9 knows OSCAL 1.1.3, whose assessment results are the same in all that is used.
    assert sys.version_info < (3, 10), OSCAL_VERSION
    written["metadata"]["oscal-version"] = OSCAL_VERSION
    path = path.with_name("older.json")
    path.write_text(json.dumps(document), encoding="utf-8")
results = AssessmentResults.oscal_read(path)
assert results is not None, "it is not read"
# A model knows each field or refuses the document; that each is kept is seen by their number.
kept = json.loads(results.oscal_serialize_json())["assessment-results"]


def fields(value):
    if isinstance(value, dict):
        return len(value) + sum(map(fields, value.values()))
    return sum(map(fields, value)) if isinstance(value, list) else 0


assert fields(kept) == fields(written), (fields(kept), fields(written))
for validator in validator_factory.get_all():
    assert validator.model_is_valid(results, True), validator.error_msg()


def uuids(value):
    if isinstance(value, dict):
        if "uuid" in value:
            yield value["uuid"]
        for each in value.values():
            yield from uuids(each)
    elif isinstance(value, list):
        for each in value:
            yield from uuids(each)


[of_rules, of_controls] = written["results"]
every = list(uuids(written))
assert len(every) == len(set(every)), "an identity stands for two things"
items = {each["uuid"] for each in of_rules["local-definitions"].get("inventory-items", [])}
plan = written["import-ap"]["href"].removeprefix("#")
assert plan in {each["uuid"] for each in written["back-matter"]["resources"]}
objectives = {
    part["id"] for each in written["local-definitions"]["objectives-and-methods"] for part in each["parts"]
}
for result in (of_rules, of_controls):
    observations = {each["uuid"] for each in result.get("observations", [])}
    risks = {each["uuid"] for each in result.get("risks", [])}
    statements = {
        f"{control['control-id']}_smt"
        for selection in result["reviewed-controls"]["control-selections"]
        for control in selection["include-controls"]
    }
    for observation in result.get("observations", []):
        assert {subject["subject-uuid"] for subject in observation.get("subjects", [])} <= items
    for risk in result.get("risks", []):
        assert {each["observation-uuid"] for each in risk["related-observations"]} <= observations
    for finding in result.get("findings", []):
        assert finding["related-observations"], "a finding rests on something"
        assert {each["observation-uuid"] for each in finding["related-observations"]} <= observations
        related = {each["risk-uuid"] for each in finding.get("related-risks", [])}
        assert related <= risks
        target, status = finding["target"], finding["target"]["status"]
        known = {"objective-id": objectives, "statement-id": statements}[target["type"]]
        assert target["target-id"] in known, target
        assert (target["type"] == "objective-id") == (result is of_rules)
        assert status["state"] in ("satisfied", "not-satisfied")
        # What fails is a risk, in either result.
        assert bool(related) or status["reason"] != "fail", finding["title"]
counts = {each["name"]: int(each["value"]) for each in of_rules["props"] if each["name"].startswith("count-")}
unsatisfied = [each for each in of_rules["findings"] if each["target"]["status"]["state"] == "not-satisfied"]
assert len(unsatisfied) == counts["count-fail"] + counts["count-unknown"], "findings are those of the report"
print(len(of_rules.get("observations", [])))
