"""Reads findings as batch-import-findings takes them through botocore's model of Security Hub; then holds them against
the lengths that the API reference writes in words, where botocore's model has none.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
"""

import json
import sys

import botocore.session
from botocore.validate import ParamValidator

ENUMS = {
    "ComplianceStatus": lambda it: it["Compliance"]["Status"],
    "RecordState": lambda it: it["RecordState"],
    "SeverityLabel": lambda it: it["Severity"]["Label"],
    "WorkflowStatus": lambda it: it["Workflow"]["Status"],
    "Partition": lambda it: it["Resources"][0]["Partition"],
}
LONGEST = {
    "Id": 512, "ProductArn": 2048, "ProductName": 128, "CompanyName": 128, "GeneratorId": 512, "AwsAccountId": 12,
    "Title": 256, "Description": 1024,
}


def texts(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def units(text):
    return len(text.encode("utf-16-le")) // 2


def unknown(shape, value, path=""):
    """Members that the model does not know: botocore refuses them, but only in structures."""
    if shape.type_name == "structure":
        for name, each in value.items():
            assert name in shape.members, f"{path}.{name} is no member"
            unknown(shape.members[name], each, f"{path}.{name}")
    elif shape.type_name == "list":
        for each in value:
            unknown(shape.member, each, path)


service = botocore.session.get_session().get_service_model("securityhub")
shape = service.operation_model("BatchImportFindings").input_shape
with open(sys.argv[1], encoding="utf-8") as file:
    findings = json.load(file)
ids = set()
for start in range(0, len(findings), 100):
    batch = {"Findings": findings[start : start + 100]}
    problems = ParamValidator().validate(batch, shape)
    assert not problems.has_errors(), problems.generate_report()
    unknown(shape, batch)
for finding in findings:
    for name, get in ENUMS.items():
        assert get(finding) in service.shape_for(name).enum, f"{name}: {get(finding)}"
    for name, longest in LONGEST.items():
        assert units(finding[name]) <= longest, f"{name} is too long: {finding[name]!r}"
    assert finding["SchemaVersion"] == "2018-10-08"
    assert len(finding["Types"]) <= 50
    assert len(finding["Resources"]) == 1 and units(finding["Resources"][0].get("Region", "")) <= 16
    assert len(finding["ProductFields"]) <= 50
    for name, value in finding["ProductFields"].items():
        assert units(name) <= 128 and units(value) <= 2048, name
    assert len(finding["Compliance"].get("RelatedRequirements", [])) <= 32
    assert units(finding["Severity"]["Original"]) <= 64
    if "Remediation" in finding:
        assert units(finding["Remediation"]["Recommendation"]["Text"]) <= 512
    if "Note" in finding:
        assert units(finding["Note"]["Text"]) <= 512
    for text in texts(finding):
        assert text.strip(), f"blank text in {finding['Id']}"
    assert len(json.dumps(finding).encode()) <= 240 * 1024, finding["Id"]
    assert finding["Id"] not in ids, finding["Id"]
    ids.add(finding["Id"])
print(len(findings))
