//! Kinds of callers, and the values that each can give the condition keys.
//!
//! A caller can choose some keys (a user agent, a prefix, TLS or not), cannot choose others (its organization, its
//! account), and is an outsider with respect to everything that a policy names in full. That is the sense in which
//! "The meaning of public" (Blocking public access to your Amazon S3 storage) speaks of fixed values: a condition
//! on a fixed organization, account, ARN, VPC or address range keeps outsiders out, one on a wildcard does not. What
//! each key is, [`crate::condition_keys`] says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::mentions::{Candidates, FILLER, Mention};
use crate::arn::{account_of, has_segments, segment};
use crate::condition::compare::Range;
use crate::condition_keys::{Nature, nature};
use crate::context::{Context, ContextValue};
use crate::glob::Glob;
use crate::pattern::Lookup;
use crate::request::Principal;

/// A kind of caller.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) context: Context,
    /// The account that acts, or on whose behalf a service acts.
    pub(super) account: String,
    pub(super) organization: Organization,
    /// An outsider has no value that the policy names in full.
    pub(super) outsider: bool,
    /// The one ARN on whose behalf a service acts, where that is asked about.
    pub(super) source_arn: Option<String>,
    /// Its place in the organization is what it is, and not to be chosen.
    placed: bool,
}

/// The organization of a caller's account.
#[derive(Debug, Clone)]
pub(super) enum Organization {
    /// None, or one that the policy does not name.
    Foreign,
    /// This one.
    Member(String),
    /// None, a foreign one or one of these.
    AnyOf(Vec<String>),
}

impl Caller {
    pub(super) fn anonymous(account: &str) -> Self {
        Self::outsider(Principal::Anonymous, account)
    }

    /// Any principal of an account that the policy does not know.
    pub(super) fn customer(account: &str) -> Self {
        Self::outsider(Principal::AnyOfAccount(account.to_owned()), account)
    }

    /// A service acting for an account that the policy does not know.
    pub(super) fn service_for_outsider(name: &str, account: &str) -> Self {
        Self::outsider(Principal::Service(name.to_owned()), account)
    }

    fn outsider(principal: Principal, account: &str) -> Self {
        Self {
            principal,
            context: Context::open(),
            account: account.to_owned(),
            organization: Organization::Foreign,
            outsider: true,
            source_arn: None,
            placed: false,
        }
    }

    /// The same caller, of this organization and with the values that the policy names within reach.
    pub(super) fn in_organization(mut self, organization: &str) -> Self {
        self.organization = Organization::Member(organization.to_owned());
        self.outsider = false;
        self
    }

    /// The same member of the organization at this path (`o-.../r-.../ou-.../`), or at one that is not known: whoever
    /// asks of one account asks of a place that it cannot choose.
    pub(super) fn placed(mut self, organization: &str, path: Option<&str>) -> Self {
        let path = match path {
            Some(path) => ContextValue::one(path),
            None => ContextValue::like(Glob::wildcard(&format!("{organization}/*"))),
        };
        self.context.set("aws:principalorgpaths", path);
        self.placed = true;
        self
    }

    /// The same caller with the values that the policy names within reach, in no organization that it names.
    pub(super) fn in_no_named_organization(mut self) -> Self {
        self.organization = Organization::Foreign;
        self.outsider = false;
        self
    }

    /// The same caller with the values that the policy names within reach, in one of these organizations or none.
    pub(super) fn possibly_in(mut self, organizations: &[String]) -> Self {
        self.organization = Organization::AnyOf(organizations.to_vec());
        self.outsider = false;
        self
    }

    /// The values of a key that this caller can have and that make a difference; `None` where that is not known.
    pub(super) fn candidates(
        &self,
        key: &str,
        mentions: &[Mention<'_>],
        lookup: &Lookup<'_>,
    ) -> Option<Candidates> {
        let by_service = matches!(self.principal, Principal::Service(_));
        if by_service && is_of_principal(key) {
            return service_identity(key);
        }
        if self.placed && key == "aws:principalorgpaths" {
            return None;
        }
        let nature = nature(key, by_service)?;
        let globs: Vec<Glob> = mentions.iter().filter_map(|mention| mention.glob(lookup)).collect();
        let (values, can_be_absent) = match nature {
            Nature::OrganizationId => {
                (self.organizations(&globs), !self.is_member() || key.contains("source"))
            }
            Nature::OrganizationPath => (self.paths(&globs), !self.is_member() || key.contains("source")),
            Nature::Arn | Nature::AccessPointArn => (self.arns(key, &globs), key != "aws:principalarn"),
            // Anyone can make an access point of their own for a bucket.
            Nature::Account | Nature::AccessPointAccount => (vec![self.account.clone()], true),
            Nature::Fixed => (self.fixed(&globs), true),
            Nature::UserId => (self.user_ids(&globs), false),
            // Whence an account's callers come is not what it can choose: they may be elsewhere.
            Nature::Address => (addresses(mentions, self.outsider || self.placed), true),
            // Anyone can have a private network of their own with any private address in it.
            Nature::PrivateAddress => (addresses(mentions, false), true),
            Nature::Free => (free(&globs, mentions), true),
            Nature::Choice(choices) => {
                let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
                (choices, key == "aws:multifactorauthpresent")
            }
        };
        let wildcards = globs.iter().filter(|glob| glob.as_literal().is_none()).count();
        let plain = mentions.iter().all(|mention| mention.condition.is_plain());
        let single = mentions.iter().all(|mention| {
            mentions.first().is_some_and(|first| std::ptr::eq(first.condition, mention.condition))
        });
        let numbers = mentions.iter().any(|mention| mention.condition.compares_numbers());
        let exhaustive = match nature {
            Nature::Address | Nature::Fixed if self.placed => false,
            Nature::Choice(_) | Nature::Account => true,
            // Whom the access points of other accounts let in, their own policies say.
            Nature::Address | Nature::AccessPointAccount => self.outsider,
            Nature::AccessPointArn if !self.outsider => false,
            // Two patterns may have texts in common that neither example shows; several values, or several
            // spellings of one, may meet two conditions that no single value meets.
            Nature::OrganizationPath => {
                let near = globs.iter().filter(|glob| glob.as_literal().is_none() && self.may_be_in(glob));
                near.count() <= 1
            }
            _ => wildcards <= 1 && !numbers && (plain || single),
        };
        let mut values: Vec<ContextValue> = values.into_iter().map(ContextValue::one).collect();
        if can_be_absent {
            values.push(ContextValue::Absent);
        }
        values.dedup();
        Some(Candidates { values, exhaustive })
    }

    /// Whether a path that the pattern describes may be the caller's, by the organization that it begins with.
    fn may_be_in(&self, path: &Glob) -> bool {
        let example = path.example(FILLER);
        let organization = example.split('/').next().unwrap_or_default();
        match &self.organization {
            _ if organization.contains(FILLER) => true,
            Organization::Member(member) => member == organization,
            Organization::Foreign => false,
            Organization::AnyOf(_) => true,
        }
    }

    fn is_member(&self) -> bool {
        matches!(self.organization, Organization::Member(_))
    }

    fn organizations(&self, globs: &[Glob]) -> Vec<String> {
        match &self.organization {
            Organization::Member(organization) => vec![organization.clone()],
            Organization::Foreign => foreign_organizations(globs),
            Organization::AnyOf(known) => {
                let mut all = foreign_organizations(globs);
                all.extend(known.iter().cloned());
                all
            }
        }
    }

    fn paths(&self, globs: &[Glob]) -> Vec<String> {
        let belongs = |path: &String| {
            let organization = path.split('/').next().unwrap_or_default();
            match &self.organization {
                Organization::Member(member) => organization == member,
                Organization::Foreign => organization.contains(FILLER),
                Organization::AnyOf(_) => true,
            }
        };
        let mut paths: Vec<String> = examples(globs).filter(belongs).collect();
        if let Organization::Member(member) = &self.organization {
            // A pattern whose organization is open can be met by a member too.
            paths.extend(
                globs
                    .iter()
                    .map(|glob| glob.example(FILLER).replacen(&format!("o-{FILLER}"), member, 1))
                    .filter(belongs),
            );
            paths.push(format!("{member}/r-{FILLER}/ou-{FILLER}/"));
        } else {
            paths.push(format!("o-{FILLER}/r-{FILLER}/ou-{FILLER}/"));
        }
        paths
    }

    /// ARNs of the caller's account, and for a caller that is no outsider those without an account that are named.
    fn arns(&self, key: &str, globs: &[Glob]) -> Vec<String> {
        if let Some(arn) = self.source_arn.as_ref().filter(|_| key != "aws:principalarn") {
            return vec![arn.clone()];
        }
        let account = &self.account;
        let mut arns = vec![if key == "aws:principalarn" {
            format!("arn:aws:iam::{account}:role/{FILLER}")
        } else {
            format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{FILLER}")
        }];
        for glob in globs {
            let literal = glob.as_literal();
            let example = glob.example(FILLER);
            let example = match segment(&example, 4) {
                Some(open) if open.contains(FILLER) => {
                    example.replacen(&format!(":{open}:"), &format!(":{account}:"), 1)
                }
                _ => example,
            };
            let reachable = match account_of(&example) {
                Some(owner) => owner == account,
                None => literal.is_none() && has_segments(&example),
            };
            if reachable && glob.matches(&example) {
                arns.push(example);
            }
        }
        arns
    }

    fn fixed(&self, globs: &[Glob]) -> Vec<String> {
        let mut values = vec![FILLER.to_owned()];
        values.extend(
            globs
                .iter()
                .filter(|glob| !(self.outsider || self.placed) || glob.as_literal().is_none())
                .map(|glob| glob.example(FILLER)),
        );
        values
    }

    /// The part before the colon is the unique id of a role or user, which nobody can choose.
    fn user_ids(&self, globs: &[Glob]) -> Vec<String> {
        let mut values = vec![format!("AROA{}:{FILLER}", FILLER.to_uppercase())];
        values.extend(examples(globs).filter(|id| {
            !self.outsider || id.split(':').next().is_some_and(|unique| unique.contains(FILLER))
        }));
        values
    }
}

/// An address of each range within reach, and of each family one that no range has.
fn addresses(mentions: &[Mention<'_>], outsider: bool) -> Vec<String> {
    let ranges: Vec<Range> = mentions
        .iter()
        .filter(|mention| mention.condition.compares_addresses())
        .filter_map(|mention| Range::parse(mention.pattern.text()))
        .collect();
    let mut values: Vec<IpAddr> =
        ranges.iter().filter(|range| !outsider || range.is_broad()).map(|range| range.base()).collect();
    // An address of each family that no named range has, as long as a range is not the whole Internet.
    let fresh_v4 = (1..=223).map(|first| IpAddr::V4(Ipv4Addr::new(first, 77, 55, 33)));
    let fresh_v6 =
        (0..16).map(|second| IpAddr::V6(Ipv6Addr::new(0x2a00 + second, 0x77, 0, 0, 0, 0, 0, 0x55)));
    let unnamed = |address: &IpAddr| !ranges.iter().any(|range| range.contains(*address));
    values.extend(fresh_v4.clone().find(unnamed));
    values.extend(fresh_v6.clone().find(unnamed));
    values.iter().map(ToString::to_string).collect()
}

fn examples(globs: &[Glob]) -> impl Iterator<Item = String> {
    globs.iter().map(|glob| glob.example(FILLER))
}

fn foreign_organizations(globs: &[Glob]) -> Vec<String> {
    let mut organizations = vec![format!("o-{FILLER}")];
    let open = globs.iter().filter(|glob| glob.as_literal().is_none());
    organizations.extend(open.map(|glob| glob.example(FILLER)));
    organizations
}

fn free(globs: &[Glob], mentions: &[Mention<'_>]) -> Vec<String> {
    let mut values = vec![FILLER.to_owned()];
    values.extend(examples(globs));
    for mention in mentions.iter().filter(|mention| mention.condition.compares_numbers()) {
        if let Ok(number) = mention.pattern.text().trim().parse::<i64>() {
            values.extend([number.saturating_sub(1).to_string(), number.saturating_add(1).to_string()]);
        } else if let Ok(number) = mention.pattern.text().trim().parse::<f64>() {
            values.extend([(number - 0.1).to_string(), (number + 0.1).to_string()]);
        }
    }
    values
}

fn is_of_principal(key: &str) -> bool {
    key.starts_with("aws:principal") || key == "kms:calleraccount" || key == "aws:userid"
}

/// What a service's own requests say of their principal is not documented, but it is none that a policy names.
fn service_identity(key: &str) -> Option<Candidates> {
    let values = vec![ContextValue::one(FILLER), ContextValue::Absent];
    matches!(key, "aws:principalaccount" | "aws:principalarn" | "aws:userid" | "kms:calleraccount")
        .then_some(Candidates { values, exhaustive: true })
}
