//! Recommended policies for people. See [`super`].

use std::io::{self, Write};

use super::{POLICY_LIMIT, PolicyType, Recommendation};
use crate::report::table::{Layout, Paint, Tone, paragraph};
use crate::report::text::{count, escape, grouped};

/// Writes what to attach where, with the proof.
pub fn render(recommendation: &Recommendation, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(layout.color);
    let proof = recommendation.proof;
    let say = |text: &str, out: &mut dyn Write| {
        paragraph(layout, &escape(text)).iter().try_for_each(|line| writeln!(out, "{line}"))
    };
    writeln!(out, "{}", paint.text(Tone::Bold, "Proof"))?;
    let before =
        format!("{} open in {}", count(proof.open_before, "action"), count(proof.accounts_before, "account"));
    writeln!(out, "  now    {before}, counted in each account and for each resource")?;
    if recommendation.policies.is_empty() {
        writeln!(out, "\nNothing is open that policies can close.")?;
    } else {
        let after = format!(
            "{} open in {}",
            count(proof.open_after, "action"),
            count(proof.accounts_after, "account")
        );
        let tone = if proof.open_after == 0 { Tone::Good } else { Tone::Bad };
        writeln!(out, "  after  {}, by the same evaluation", paint.text(tone, &after))?;
    }
    if recommendation.unknown_accounts > 0 {
        say(
            &format!(
                "In {} something could not be read: there may be more that is open.",
                count(recommendation.unknown_accounts, "account")
            ),
            out,
        )?;
    }
    for kind in &recommendation.enable {
        say(
            &format!(
                "First enable the policy type {kind} on the root; AWS then attaches a policy that allows everything to each level."
            ),
            out,
        )?;
    }
    for policy in &recommendation.policies {
        let of = match policy.kind {
            PolicyType::ServiceControl => "service control policy",
            PolicyType::ResourceControl => "resource control policy",
        };
        let title = format!("Attach the {of} {}", policy.name);
        writeln!(out, "\n{}", paint.text(Tone::Bold, &title))?;
        for target in &policy.targets {
            say(
                &format!(
                    "to {} ({}), which carries {}",
                    target.name,
                    target.id,
                    count(target.attached, "policy").replace("policys", "policies")
                ),
                out,
            )?;
        }
        let pretty = serde_json::to_string_pretty(&policy.document)?;
        writeln!(out)?;
        pretty.lines().try_for_each(|line| writeln!(out, "    {}", escape(line)))?;
        writeln!(
            out,
            "\n  {} of {} characters without white space",
            grouped(policy.characters),
            grouped(POLICY_LIMIT)
        )?;
    }
    if !recommendation.policies.is_empty() {
        writeln!(out, "\n{}", paint.text(Tone::Bold, "Exempt"))?;
        if recommendation.exempt.is_empty() {
            say(
                "Nobody: no break-glass roles are designated. Name them as break_glass_roles under [organization] of the configuration, or every change takes the policies off first.",
                out,
            )?;
        }
        for role in &recommendation.exempt {
            say(role, out)?;
        }
        say("Service-linked roles and AWS services are not bound.", out)?;
    }
    if !recommendation.not_closed.is_empty() {
        writeln!(out, "\n{}", paint.text(Tone::Bold, "Stays open"))?;
        for open in &recommendation.not_closed {
            say(&format!("{}: {}", open.what, open.why), out)?;
        }
    }
    if !recommendation.policies.is_empty() {
        writeln!(out, "\n{}", paint.text(Tone::Bold, "Next"))?;
        writeln!(out, "  trailproof guardrails recommend --format terraform")?;
    }
    Ok(())
}
