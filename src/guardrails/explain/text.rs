//! A proof for people. See [`super`].

use std::io::{self, Write};

use super::Explanation;
use super::proved::{ProvedLevel, ProvedStatement, ProvedVerdict, ResourceProof};
use crate::policy::ExemptionKind;
use crate::report::table::{Layout, Paint, Tone, paragraph};
use crate::report::text::escape;

/// Writes the explanation.
pub fn render(explanation: &Explanation, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(layout.color);
    let account = match &explanation.account_name {
        Some(name) => format!("{} ({name})", explanation.account_id),
        None => explanation.account_id.clone(),
    };
    let title = format!("{} in account {account}", explanation.action);
    writeln!(out, "{}", paint.text(Tone::Bold, &escape(&title)))?;
    let notes = explanation.notes.iter().map(String::as_str);
    for note in explanation.unbound.map(|why| format!("Exempt: {why}.")).as_deref().into_iter().chain(notes) {
        wrapped(layout, 2, &escape(note), out)?;
    }
    let mut alike = explanation.proofs.chunk_by(ResourceProof::is_like);
    alike.try_for_each(|proofs| render_proofs(proofs, layout, paint, out))
}

/// Proofs that differ in their resources alone.
fn render_proofs(
    proofs: &[ResourceProof],
    layout: Layout,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    for proof in proofs {
        match proof.resource.as_str() {
            "*" => writeln!(out, "Without a resource")?,
            resource => writeln!(out, "On {}", escape(resource))?,
        }
    }
    let Some(proof) = proofs.first() else { return Ok(()) };
    let (mark, tone) = match proof.verdict {
        ProvedVerdict::Denied => ("DENIED", Tone::Good),
        ProvedVerdict::DeniedExcept if proof.exemption_kind == Some(ExemptionKind::SelfService.name()) => {
            ("DENIED, BUT ADMINISTRATORS OF THE ACCOUNT GET THROUGH", Tone::Bad)
        }
        ProvedVerdict::DeniedExcept => ("DENIED, WITH AN EXEMPTION", Tone::Warning),
        ProvedVerdict::Unknown => ("UNKNOWN", Tone::Warning),
        ProvedVerdict::NotDenied => ("NOT DENIED", Tone::Bad),
    };
    writeln!(out, "  {}", paint.text(tone, mark))?;
    let kind = proof.exemption_kind.map(|kind| format!(" ({kind})")).unwrap_or_default();
    let conclusion = match (proof.verdict, &proof.exemption) {
        (ProvedVerdict::Denied, Some(exemption)) => {
            format!("to every caller: nobody can meet the exemption {exemption}{kind}")
        }
        (ProvedVerdict::Denied, None) => "to every caller that policies bind".to_owned(),
        (ProvedVerdict::NotDenied, Some(exemption)) => format!("to whoever meets {exemption}"),
        (ProvedVerdict::NotDenied, None) => "to anyone whom the account's own policies allow it".to_owned(),
        (ProvedVerdict::Unknown, _) => format!("what decides is not known: {}", proof.why.join("; ")),
        (ProvedVerdict::DeniedExcept, exemption) => {
            format!("to all but whoever meets {}{kind}", exemption.as_deref().unwrap_or_default())
        }
    };
    wrapped(layout, 4, &escape(&conclusion), out)?;
    ways(proof, layout, out)?;
    let mut kind = "";
    for (place, level) in proof.levels.iter().enumerate() {
        if level.policy_type != kind {
            kind = &level.policy_type;
            let bind = match kind {
                "SCP" => "Service control policies: every level must allow, none may deny",
                "RCP" => "Resource control policies: none may deny",
                _ => "The resource's own policy: it must not deny",
            };
            writeln!(out, "\n  {}", paint.text(Tone::Bold, bind))?;
        }
        render_level(place + 1, level, layout, paint, out)?;
    }
    if !proof.levels.is_empty() {
        writeln!(out)?;
        let why =
            proof.default_caller_passes.as_ref().map(|why| format!(", since {why}")).unwrap_or_default();
        let text = format!(
            "The default caller, a fresh role without tags and MFA, from a public address: {}{why}.",
            proof.default_caller
        );
        wrapped(layout, 2, &escape(&text), out)?;
    }
    if let Some(statement) = &proof.closing_statement {
        writeln!(
            out,
            "\n  The smallest statement of a service control policy that closes it, proved by the same evaluation:"
        )?;
        let text = serde_json::to_string_pretty(statement)?;
        text.lines().try_for_each(|line| writeln!(out, "    {}", escape(line)))?;
    }
    Ok(())
}

/// How the exemption is had.
fn ways(proof: &ResourceProof, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    if !proof.exemption_steps.is_empty() {
        wrapped(layout, 4, "How, by the account's own administrators:", out)?;
    }
    for (number, step) in proof.exemption_steps.iter().enumerate() {
        wrapped(layout, 6, &escape(&format!("{}. {step}", number + 1)), out)?;
    }
    for role in &proof.passable_roles {
        let text = format!(
            "One step away: iam:PassRole on {role} is open. If its trust policy lets in a service such as Lambda or EC2, whoever administers the account acts as it there. Trust policies are not read: look at it."
        );
        wrapped(layout, 4, &escape(&text), out)?;
    }
    Ok(())
}

fn render_level(
    number: usize,
    level: &ProvedLevel,
    layout: Layout,
    paint: Paint,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = if level.name == level.level {
        escape(&level.level).into_owned()
    } else {
        escape(&format!("{} ({})", level.name, level.level)).into_owned()
    };
    writeln!(out, "  {number}. {name}")?;
    if level.unread {
        wrapped(layout, 7, "not all policies could be read here", out)?;
    }
    if level.binding_unknown {
        wrapped(layout, 7, "whether these policies bind the action is not known", out)?;
    }
    for statement in &level.statements {
        wrapped(layout, 7, &escape(&sentence(statement)), out)?;
    }
    let (tone, conclusion) =
        match (level.passes.passes, &level.passes.condition, level.unread || level.binding_unknown) {
            (_, _, true) => (Tone::Warning, "not known".to_owned()),
            ("always", ..) => (Tone::Bold, "everyone passes".to_owned()),
            ("never", ..) if level.statements.iter().any(|statement| statement.effect == "deny") => {
                (Tone::Good, "nobody passes".to_owned())
            }
            ("never", ..) => (Tone::Good, "nobody passes, since nothing allows it".to_owned()),
            (_, condition, _) => {
                let condition = condition.as_deref().unwrap_or_default();
                (Tone::Warning, format!("passes whoever meets {}", escape(condition)))
            }
        };
    let lines = set_in(layout, 7, &format!("-> {conclusion}"));
    for (at, line) in lines.iter().enumerate() {
        if at == 0 {
            writeln!(out, "{}", line.replacen("->", &paint.text(tone, "->"), 1))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn sentence(statement: &ProvedStatement) -> String {
    let sid = statement.sid.as_deref().filter(|sid| !sid.is_empty());
    let sid = sid.map(|sid| format!(" ({sid})")).unwrap_or_default();
    let verb = if statement.effect == "allow" { "allows" } else { "denies" };
    let condition = match (statement.effect, statement.passes.passes, &statement.passes.condition) {
        ("allow", "if", Some(condition)) => format!(", if {condition}"),
        ("deny", "if", Some(condition)) => format!(", unless {condition}"),
        ("allow", "never", _) | ("deny", "always", _) => ", but never applies".to_owned(),
        _ => String::new(),
    };
    format!("{}, statement {}{sid}: {verb}{condition}", statement.policy_name, statement.statement)
}

fn wrapped(layout: Layout, margin: usize, text: &str, out: &mut dyn Write) -> io::Result<()> {
    set_in(layout, margin, text).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// Lines of the text inside a margin.
fn set_in(layout: Layout, margin: usize, text: &str) -> Vec<String> {
    let narrower = Layout { width: layout.width.saturating_sub(margin.saturating_sub(2)), ..layout };
    let indent = " ".repeat(margin.saturating_sub(2));
    paragraph(narrower, text).into_iter().map(|line| format!("{indent}{line}")).collect()
}
