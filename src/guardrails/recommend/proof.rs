//! The evaluation of what was open, with the recommended policies attached. See [`super`].

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::open::{ACCOUNT, Item, Opened};
use super::{NotClosed, ProofSummary, RecommendedPolicy, type_name};
use crate::facts::Facts;
use crate::facts::guardrail::Effective;
use crate::guardrails::evaluator;
use crate::guardrails::places::Places;
use crate::policy::{
    AttachedPolicy, Callers, ContextValue, DefaultCaller, Document, Hierarchy, Level, PolicyKind, Question,
    Target, Verdict,
};

const ALLOW_EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A recommended policy as the evaluator reads it.
struct Attached {
    kind: &'static str,
    policy: AttachedPolicy,
    targets: BTreeSet<String>,
}

/// Counts what is open before and after, and names what stays open.
pub(super) fn prove(
    facts: &Facts,
    opened: &Opened,
    policies: &[RecommendedPolicy],
) -> (ProofSummary, Vec<NotClosed>) {
    let attached: Vec<Attached> = policies.iter().filter_map(Attached::of).collect();
    let places = Places::of(facts);
    let mut summary = ProofSummary { accounts_before: opened.accounts().len(), ..ProofSummary::default() };
    let mut still_open = BTreeSet::new();
    let mut not_closed = Vec::new();
    for item in &opened.items {
        let mut known: HashMap<(*const Effective, Vec<bool>), bool> = HashMap::new();
        let mut open = 0;
        for (account, set) in &item.accounts {
            let way = places.way(account);
            let bound: Vec<bool> =
                attached.iter().map(|one| way.iter().any(|step| one.targets.contains(*step))).collect();
            let closed = *known
                .entry((Arc::as_ptr(set), bound))
                .or_insert_with(|| closed(facts, item, account, set, &attached, &way));
            if !closed {
                open += 1;
                still_open.insert(account.as_str());
            }
        }
        summary.open_before += item.accounts.len();
        summary.open_after += open;
        let recommended = policies.iter().any(|policy| policy.kind == type_name(item.kind()));
        if open > 0 && recommended {
            not_closed.push(NotClosed {
                what: Opened::sentence(item, open),
                why: "the evaluation with the policies attached finds it open all the same".to_owned(),
            });
        }
    }
    summary.accounts_after = still_open.len();
    (summary, not_closed)
}

impl Attached {
    fn of(policy: &RecommendedPolicy) -> Option<Self> {
        let document = Document::parse(&policy.document.to_string()).ok()?;
        Some(Self {
            kind: policy.kind,
            policy: AttachedPolicy { id: policy.name.clone(), document: Arc::new(document) },
            targets: policy.targets.iter().map(|target| target.id.clone()).collect(),
        })
    }
}

fn closed(
    facts: &Facts,
    item: &Item,
    account: &str,
    set: &Effective,
    attached: &[Attached],
    way: &[&str],
) -> bool {
    let with = |kind: PolicyKind, base: Option<&Hierarchy>| {
        let mut hierarchy = base.cloned();
        let further = attached.iter().filter(|one| one.kind == type_name(kind));
        for one in further {
            let levels = &mut hierarchy.get_or_insert_with(|| newly_enabled(kind, way, set.account())).levels;
            let last = levels.len().saturating_sub(1);
            for (place, level) in levels.iter_mut().enumerate() {
                // The last level is that of the account that stands for all with the same policies.
                let id = if place == last { account } else { level.id.as_str() };
                if one.targets.contains(id) {
                    level.policies.push(one.policy.clone());
                }
            }
        }
        hierarchy
    };
    let service_control = with(PolicyKind::ServiceControl, set.service_control());
    let resource_control = with(PolicyKind::ResourceControl, set.resource_control());
    let inside = !item.outside;
    let guardrails = evaluator::guardrails(
        facts,
        set.account(),
        service_control.as_ref().filter(|_| inside),
        resource_control.as_ref(),
    );
    let callers = if inside {
        evaluator::callers(facts, set)
    } else {
        Callers {
            account: None,
            organization_path: None,
            partition: facts.guardrails.partition().to_owned(),
            facts: vec![("aws:PrincipalIsAWSService".to_owned(), ContextValue::one("false"))],
        }
    };
    let denied = |resource: &str| {
        let resource = match resource {
            "*" => Target::no_resource(),
            resource => Target::resources(&resource.replace(ACCOUNT, set.account())),
        };
        let question = Question {
            callers: &callers,
            action: item.action.name,
            resource: &resource,
            designated: facts.guardrails.designated(),
        };
        let proof = guardrails.prove(&question);
        let denied = matches!(proof.verdict, Verdict::DeniedForAll { .. } | Verdict::DeniedExcept { .. });
        denied && proof.default_caller == DefaultCaller::Denied
    };
    // What the account holds is what must be denied; the pattern stands for it while nothing denies any of it.
    if item.held.is_empty() { denied(&item.resource) } else { item.held.iter().all(|held| denied(held)) }
}

/// The levels as they are once the policy type is enabled: AWS attaches a policy that allows everything to each.
fn newly_enabled(kind: PolicyKind, way: &[&str], account: &str) -> Hierarchy {
    let everything = (kind == PolicyKind::ServiceControl)
        .then(|| Document::parse(ALLOW_EVERYTHING).ok())
        .flatten()
        .map(|document| AttachedPolicy { id: "FullAWSAccess".to_owned(), document: Arc::new(document) });
    let last = way.len().saturating_sub(1);
    let level = |(place, id): (usize, &&str)| Level {
        id: if place == last { account.to_owned() } else { (*id).to_owned() },
        policies: everything.iter().cloned().collect(),
        unread: false,
    };
    Hierarchy { levels: way.iter().enumerate().map(level).collect() }
}
