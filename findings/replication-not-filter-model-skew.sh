#!/usr/bin/env bash
# Two of AWS's own SDKs, each the newest of the day, disagree on what a replication filter can hold.
#
# Packages: botocore 1.44.8 (PyPI), aws-sdk-s3 1.157.0 (crates.io), newest on 2026-11-28
# Expected: SDKs that are generated from the same models know the same members of `ReplicationRuleFilter`.
# Seen:     botocore has Prefix, Tag, And and Not; the Rust crate lacks Not, although it has `DefaultEventHold`, which is
#           as new. What an unknown element says is dropped when the answer is read: a filter that leaves objects out
#           looks like one that takes all of them. Whoever reads such answers has to look at the elements themselves.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.8
"$folder/venv/bin/python" - <<'PYTHON'
from botocore import __version__
from botocore.loaders import Loader

shapes = Loader().load_service_model("s3", "service-2")["shapes"]
print("botocore", __version__, list(shapes["ReplicationRuleFilter"]["members"]))
print("botocore", __version__, list(shapes["DefaultRetention"]["members"]))
assert "Not" in shapes["ReplicationRuleFilter"]["members"]
assert "DefaultEventHold" in shapes["DefaultRetention"]["members"]
PYTHON

cd "$folder"
cargo init --quiet --vcs none --lib --name skew
cargo add --quiet aws-sdk-s3@=1.157.0
cargo vendor --quiet vendored >/dev/null
types=vendored/aws-sdk-s3/src/types
members() {
  sed -n "/^pub struct $1 /,/^}/s/^    pub \([a-z_]*\):.*/\1/p" "$types/$2" | tr '\n' ' '
}
filter=$(members ReplicationRuleFilter _replication_rule_filter.rs)
retention=$(members DefaultRetention _default_retention.rs)
echo "aws-sdk-s3 1.157.0 $filter"
echo "aws-sdk-s3 1.157.0 $retention"
[ "$filter" = "prefix tag and " ] && [ "$retention" = "mode days years default_event_hold " ]
