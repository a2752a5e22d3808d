//! Which statements speak of an action: what they let pass is worked out once for all of which the same ones speak. See
//! [`super::ways`].

use super::Question;
use super::caller_context::{CallerContext, any_principal};
use crate::evaluate::{Reading, View};
use crate::hierarchy::Guardrails;
use crate::pattern::Lookup;
use crate::request::Target;
use crate::truth::Truth;

/// Which statements speak of an action on a resource. Of the same callers the same ones let the same pass, unless they look
/// at the tags that a request gives.
#[derive(Default)]
pub(super) struct Signature {
    /// Their places, and how far they are about the resource.
    pub(super) about: Vec<(usize, Truth)>,
    /// Some look at the tags that a request gives.
    pub(super) of_tags: bool,
    /// The number of statements that were looked at.
    pub(super) work: usize,
}

impl Guardrails<'_> {
    /// Which statements speak of the action on the resource, and how far.
    pub(super) fn signature(&self, question: &Question<'_>) -> Signature {
        let principal = any_principal(question.callers);
        let known = CallerContext::new(self, question);
        let action = Target::exact(question.action);
        let of_all: &Lookup<'_> = &|key| known.of_all(key);
        let resource = Self::asked_on(question.action, question.resource);
        let view = View::new(&action, &principal, &resource, of_all).read_as(Reading::Weakest);
        let unbound = self.unbound(&principal, None);
        let layers = self.layers(unbound, question.action, question.resource);
        let policies = layers.iter().flat_map(|layer| &layer.level.policies);
        let mut signature = Signature::default();
        for statement in policies.flat_map(|policy| &policy.document.statements) {
            signature.work += 1;
            if !statement.lists_action(&view).is_true() {
                continue;
            }
            let covered = statement.covers_view(&view);
            if !covered.is_false() {
                signature.about.push((signature.work, covered));
                signature.of_tags |=
                    statement.looks_at(|key| key.starts_with("aws:requesttag/") || key == "aws:tagkeys");
            }
        }
        signature
    }
}
