//! Recommended policies as Terraform. See [`super`].

use std::io::{self, Write};

use super::{Recommendation, RecommendedPolicy};

/// Writes the policies and their attachments.
pub fn terraform(recommendation: &Recommendation, out: &mut dyn Write) -> io::Result<()> {
    for kind in &recommendation.enable {
        writeln!(out, "# {kind} must be among enabled_policy_types of aws_organizations_organization.")?;
    }
    for (place, policy) in recommendation.policies.iter().enumerate() {
        if place > 0 || !recommendation.enable.is_empty() {
            writeln!(out)?;
        }
        one(policy, out)?;
    }
    if recommendation.policies.is_empty() {
        writeln!(out, "# Nothing is open that policies can close.")?;
    }
    for open in &recommendation.not_closed {
        let line = format!("Stays open: {}: {}", open.what, open.why);
        writeln!(out, "# {}", crate::report::text::escape(&line))?;
    }
    Ok(())
}

fn one(policy: &RecommendedPolicy, out: &mut dyn Write) -> io::Result<()> {
    let label = policy.name.replace('-', "_");
    writeln!(out, "resource \"aws_organizations_policy\" \"{label}\" {{")?;
    writeln!(out, "  name = \"{}\"", policy.name)?;
    writeln!(out, "  type = \"{}\"", policy.kind)?;
    // Policies have variables of their own, which are written as Terraform's are.
    let document = policy.document.to_json().replace("${", "$${").replace("%{", "%%{");
    writeln!(out, "  content = chomp(<<-JSON\n    {document}\n  JSON\n  )\n}}")?;
    for target in &policy.targets {
        let of = target.id.replace('-', "_");
        writeln!(out, "\nresource \"aws_organizations_policy_attachment\" \"{label}_{of}\" {{")?;
        writeln!(out, "  policy_id = aws_organizations_policy.{label}.id")?;
        writeln!(out, "  target_id = \"{}\"\n}}", target.id)?;
    }
    Ok(())
}
