//! The roles behind sessions: a session's ARN tells the role's name and not its path. See [`super`].

use std::collections::BTreeSet;

use crate::arn::{Arn, is_account_id, name_of, segment};
use crate::condition::Condition;
use crate::context::ContextValue;
use crate::document::Document;
use crate::glob::{Glob, Language};
use crate::pattern::Pattern;
use crate::request::Request;

/// Where the roles of IAM Identity Center are, with or without a region below: `aws-reserved/sso.amazonaws.com/` in the
/// Region us-east-1, with the region elsewhere ("Referencing permission sets in resource policies", IAM Identity Center
/// User Guide, read 2026-11-28). IAM takes no other role of such a name.
const IDENTITY_CENTER: &str = "role/aws-reserved/sso.amazonaws.com/";

/// How long the name of a region may be (from `us-east-1`): too short to hold the name of another such role, so that
/// `*AWSReservedSSO_Admin_*` is not taken to match in the place of the region.
const REGION_LENGTHS: std::ops::RangeInclusive<usize> = 9..=16;

/// How the names of those roles begin.
const IDENTITY_CENTER_NAME: &str = "AWSReservedSSO_";

/// How the names of service-linked roles begin ("Service-linked roles", IAM User Guide).
const SERVICE_LINKED_NAME: &str = "AWSServiceRoleFor";

/// A session of a role whose path nothing tells.
#[derive(Debug)]
pub(super) struct Session<'a> {
    partition: &'a str,
    account: &'a str,
    role: &'a str,
}

impl<'a> Session<'a> {
    /// The session that makes a concrete request; `None` for other callers, and where the request tells the role.
    pub(super) fn of(request: &'a Request) -> Option<Self> {
        let told = request.context.mentioned("aws:principalarn").is_some();
        if told || *request.context.others() == ContextValue::Unknown {
            return None;
        }
        let arn = Arn::parse(request.principal.arn()?).filter(|arn| is_account_id(arn.account_id))?;
        let (role, _) = arn.resource.strip_prefix("assumed-role/")?.split_once('/')?;
        Some(Self { partition: arn.partition, account: arn.account_id, role })
    }

    /// A role of IAM Identity Center, which is under its path alone.
    pub(super) fn is_reserved(&self) -> bool {
        self.role.starts_with(IDENTITY_CENTER_NAME)
    }

    /// `aws:PrincipalArn` as far as the role's name tells, one without a path where it may have any.
    pub(super) fn role(&self) -> ContextValue {
        let Self { partition, account, role } = self;
        let under = |path: &str| Glob::arn(&format!("arn:{partition}:iam::{account}:{path}{role}"));
        if self.is_reserved() {
            let regional = REGION_LENGTHS.map(|length| format!("{IDENTITY_CENTER}{}/", "?".repeat(length)));
            let paths = std::iter::once(IDENTITY_CENTER.to_owned()).chain(regional);
            return ContextValue::Like(Language::any_of(paths.map(|path| under(&path)).collect()));
        }
        ContextValue::one(format!("arn:{partition}:iam::{account}:role/{role}"))
    }

    /// ARNs of the role under the paths that the policies name and that it may have.
    pub(super) fn elsewhere<'d>(&self, documents: impl Iterator<Item = &'d Document>) -> BTreeSet<String> {
        let conditions =
            documents.flat_map(|document| &document.statements).flat_map(|statement| &statement.conditions);
        let of_role = conditions.filter(|condition| condition.lowercase_key() == "aws:principalarn");
        let patterns = of_role.flat_map(Condition::values);
        patterns.filter_map(|pattern| self.under_path_of(pattern)).chain(self.service_linked()).collect()
    }

    /// The role as a service-linked one, where its name may be that of one: the path alone tells.
    fn service_linked(&self) -> Option<String> {
        let Self { partition, account, role } = self;
        role.starts_with(SERVICE_LINKED_NAME)
            .then(|| format!("arn:{partition}:iam::{account}:role/aws-service-role/x.amazonaws.com/{role}"))
    }

    /// The role under the path that the pattern names; `None` where it names none that the role may have.
    fn under_path_of(&self, pattern: &Pattern) -> Option<String> {
        let resource = segment(pattern.text(), 5)?.strip_prefix("role/")?;
        let path = resource.strip_suffix(name_of(resource)).filter(|path| !path.is_empty())?;
        let reserved = ["aws-service-role/", "aws-reserved/"].iter().any(|start| path.starts_with(start));
        if reserved || path.contains("${") {
            return None;
        }
        let Self { partition, account, role } = self;
        let path = path.replace(['*', '?'], "x");
        Some(format!("arn:{partition}:iam::{account}:role/{path}{role}"))
    }
}
