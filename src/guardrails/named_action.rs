//! An action that a user names: whether AWS has it, and what may have been meant.

use crate::nearest::nearest;
use crate::policy::Arn;
use crate::policy::reference::{self, Name};

/// Refuses what is no action, with the one that may have been meant; a note on one of which not all is known.
pub(super) fn check(action: &str) -> Result<Option<String>, String> {
    let of = reference::date_of_actions();
    let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
    match reference::look_up(action) {
        Name::Action(_) => Ok(None),
        Name::Unlisted => Ok(Some(format!(
            "{action} is a call of a service that AWS's list of actions of {of} lacks: on what it is asked is not known"
        ))),
        Name::Call { action: granting } => Err(format!(
            "{action:?} is a call, but no action; did you mean {prefix}:{granting}, which grants it?"
        )),
        Name::Unknown => {
            let names = reference::actions(prefix);
            let meant = nearest(name, names).map(|name| format!("; did you mean {prefix}:{name}?"));
            Err(format!(
                "{action:?} is no action of {prefix}, by AWS's list of {of}{}",
                meant.unwrap_or_default()
            ))
        }
        Name::UnknownService => match reference::right_prefix(prefix).or_else(|| near_service(prefix)) {
            Some(meant) => Err(format!(
                "{action:?} is no action: no service has the prefix {prefix}, by AWS's list of {of}; did you mean \
                 {meant}:{name}?"
            )),
            None => Ok(Some(format!(
                "no service has the prefix {prefix} in AWS's list of {of}: whether there is such an action, on what it is \
                 asked, and whether resource control policies bind it is not known"
            ))),
        },
    }
}

/// What is to be said where the action is never asked on the resource, so that no request is like the question.
pub(super) fn resource_note(action: &str, resource: &str) -> Option<String> {
    let Name::Action(known) = reference::look_up(action) else { return None };
    if known.resources.is_empty() {
        let other = format!(
            "{action} is asked on no resource, so that only statements about every resource (*) count, whatever \
             `resource` is"
        );
        return (resource != "*").then_some(other);
    }
    let fits = resource == "*" || known.is_asked_on(resource);
    (!fits).then(|| {
        format!(
            "{action} is never asked on {resource}, but on {}: no request is like this",
            known.resources_in_words()
        )
    })
}

/// The ARN of a log group in the form in which the action is asked on it, where the given one is the other form.
///
/// Most actions are asked on the form with `:*` after the name; `TagResource`, `UntagResource` and `ListTagsForResource` on
/// the one without ("`LogGroup`", Amazon CloudWatch Logs API Reference, read 2026-11-29).
pub(super) fn log_group_as_asked(action: &str, resource: &str) -> Option<String> {
    let Name::Action(known) = reference::look_up(action) else { return None };
    let (service, _) = action.split_once(':')?;
    let is_about_groups = known.resources.iter().any(|kind| kind.name == "log-group");
    let group = Arn::parse(resource)?.resource.strip_prefix("log-group:")?;
    if !service.eq_ignore_ascii_case("logs") || !is_about_groups {
        return None;
    }
    let by_name_alone = ["TagResource", "UntagResource", "ListTagsForResource"].contains(&known.name);
    match group.strip_suffix(":*") {
        Some(name) if by_name_alone && !name.contains(':') => resource.strip_suffix(":*").map(str::to_owned),
        // A pattern that ends so takes in what comes after the name.
        None if !by_name_alone && !group.contains(':') && !group.ends_with('*') => {
            Some(format!("{resource}:*"))
        }
        _ => None,
    }
}

/// What is said where the form was the other one.
pub(super) fn log_group_note(action: &str, asked: &str) -> String {
    format!("{action} is asked on the log group's ARN as {asked}, so that this is what was looked at")
}

fn near_service(prefix: &str) -> Option<&'static str> {
    // Prefixes are short and many: two slips in one make another.
    let near = nearest(prefix, reference::services())?;
    let slip = strsim::damerau_levenshtein(&prefix.to_lowercase(), near) <= 1 || prefix.len() > 8;
    slip.then_some(near)
}

#[cfg(test)]
mod tests {
    use super::{check, log_group_as_asked};

    #[test]
    fn log_groups_are_asked_about_in_the_form_of_the_action() {
        let group = "arn:aws:logs:eu-west-1:111111111111:log-group:/aws/a";
        let (whole, stream) = (format!("{group}:*"), format!("{group}:log-stream:s"));
        for action in ["logs:DeleteLogGroup", "LOGS:putretentionpolicy", "logs:PutSubscriptionFilter"] {
            assert_eq!(log_group_as_asked(action, group), Some(whole.clone()), "{action}");
            assert_eq!(log_group_as_asked(action, &whole), None);
            assert_eq!(log_group_as_asked(action, &stream), None);
            assert_eq!(log_group_as_asked(action, "arn:aws:logs:*:*:log-group:/aws/*"), None);
        }
        for action in ["logs:TagResource", "logs:UntagResource", "logs:ListTagsForResource"] {
            assert_eq!(log_group_as_asked(action, &whole), Some(group.to_owned()), "{action}");
            assert_eq!(log_group_as_asked(action, group), None);
        }
        // Neither is about log groups.
        assert_eq!(log_group_as_asked("logs:PutLogEvents", group), None);
        assert_eq!(log_group_as_asked("s3:GetObject", group), None);
        assert_eq!(log_group_as_asked("logs:DeleteDestination", "arn:aws:logs:*:1:destination:d"), None);
    }

    #[test]
    fn what_may_have_been_meant_is_said() {
        for (action, meant) in [
            ("cloudtrail:StopLoging", "did you mean cloudtrail:StopLogging?"),
            ("S3:putbucketpolcy", "did you mean S3:PutBucketPolicy?"),
            ("guardduty:DeleteDetectors", "did you mean guardduty:DeleteDetector?"),
            ("s3:PutBucketEncryption", "did you mean s3:PutEncryptionConfiguration, which grants it?"),
            ("lambda:Invoke", "did you mean lambda:InvokeFunction, which grants it?"),
            ("cloudtrial:StopLogging", "did you mean cloudtrail:StopLogging?"),
            ("cloudwatchlogs:DeleteLogGroup", "did you mean logs:DeleteLogGroup?"),
        ] {
            let refusal = check(action).unwrap_err();
            assert!(refusal.ends_with(meant), "{refusal}");
        }
        let refusal = check("s3:Xyzzy").unwrap_err();
        assert!(refusal.starts_with("\"s3:Xyzzy\" is no action of s3, by AWS's list of 20"), "{refusal}");
        assert!(!refusal.contains("did you mean"), "{refusal}");
    }

    #[test]
    fn what_aws_may_have_added_since_is_no_mistake() {
        assert_eq!(check("cloudtrail:StopLogging"), Ok(None));
        let note = check("newservice2030:Do").unwrap().unwrap();
        assert!(note.contains("no service has the prefix newservice2030"), "{note}");
        let note = check("kinesis:CreateQueue").unwrap().unwrap();
        assert!(note.contains("is a call of a service that AWS's list"), "{note}");
    }
}
