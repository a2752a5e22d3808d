//! What is wrong with a bucket, for the messages of rules. See [`super`].

use crate::facts::view::{Derived, Prose, Says};
use crate::facts::words::{and, clauses, days, problems};

type Text = Derived<Option<String>>;

/// How access to it is logged, after its name.
pub(super) fn access_logging(name: &str, target: &Text) -> Derived<String> {
    target.clone().map(|target| match target {
        None => "has no server access logging".to_owned(),
        Some(target) if target == name => "sends its server access logs to itself".to_owned(),
        Some(target) => format!("sends its server access logs to {target}"),
    })
}

/// Settings of a public access block that are off.
pub(super) fn settings_off(off: &Derived<Vec<String>>) -> Derived<String> {
    const ALL: usize = 4;
    off.clone().map(|off| if off.len() == ALL { "all four settings".to_owned() } else { and(&off) })
}

/// Public access that nothing takes back.
pub(super) fn public_access(
    statements: &Derived<Vec<String>>,
    served: &Derived<Vec<String>>,
    restricted: &Derived<bool>,
    acl_grants: &Derived<Vec<String>>,
    ignored: &Derived<bool>,
) -> Text {
    let effective = |grants: &Derived<Vec<String>>, without_effect: &Derived<bool>| match without_effect {
        Ok(true) => Ok(None),
        Ok(false) => grants.as_ref().map(|grants| clauses(grants)).map_err(Clone::clone),
        Err(unknown) => match grants {
            Ok(grants) if grants.is_empty() => Ok(None),
            Ok(_) | Err(_) => Err(unknown.clone()),
        },
    };
    problems([
        effective(statements, restricted),
        effective(served, &Ok(false)),
        effective(acl_grants, ignored),
    ])
}

/// Default encryption, after its name.
pub(super) fn default_encryption(
    algorithm: &Derived<String>,
    key_id: &Text,
    customer_managed: &Derived<bool>,
) -> Derived<String> {
    let algorithm = algorithm.clone()?;
    if algorithm == "none" {
        return Ok("has no default encryption".to_owned());
    }
    if !algorithm.starts_with("aws:kms") {
        return Ok(format!("encrypts by default with S3's own keys ({algorithm})"));
    }
    let Some(key) = key_id.clone()? else {
        return Ok("encrypts by default with the AWS managed key aws/s3".to_owned());
    };
    Ok(if customer_managed.clone()? {
        format!("encrypts by default with {key}")
    } else {
        format!("encrypts by default with {key}, which is no customer managed key that KMS knows")
    })
}

/// Default Object Lock retention, after its name.
pub(super) fn default_retention(mode: &Derived<String>, count: &Derived<i64>) -> Derived<String> {
    Ok(match (mode.clone()?.as_str(), count.clone()?) {
        ("none", _) => "has no default Object Lock retention".to_owned(),
        (mode, count) => {
            format!("has a default Object Lock retention of {} in {mode} mode", days(count))
        }
    })
}

/// What its lifecycle rules leave undone.
pub(super) fn lifecycle_problem(tiers_old_logs: &Derived<bool>, ends_uploads: &Derived<bool>) -> Text {
    let lacking =
        |done: &Derived<bool>, what: &str| done.clone().map(|done| (!done).then(|| what.to_owned()));
    problems([
        lacking(tiers_old_logs, "no lifecycle rule moves old logs to a cheaper class"),
        lacking(ends_uploads, "no lifecycle rule ends incomplete uploads of every key"),
    ])
}

/// The state of versioning, after the word.
pub(super) fn versioning_state(versioning: &Derived<String>) -> Derived<String> {
    versioning.clone().map(|status| match status.as_str() {
        "never enabled" => "was never enabled".to_owned(),
        status => format!("is {}", status.to_lowercase()),
    })
}

pub(super) const VERSIONING_STATE: Prose = Prose {
    from: &["versioning"],
    says: Says::Text(|facts| versioning_state(&facts.word("versioning")).map(Some)),
};

pub(super) const DEFAULT_RETENTION: Prose = Prose {
    from: &["object_lock_mode", "object_lock_days"],
    says: Says::Text(|facts| {
        let days = facts.number("object_lock_days").map(Option::unwrap_or_default);
        default_retention(&facts.word("object_lock_mode"), &days).map(Some)
    }),
};

pub(super) const EARLIEST_EXPIRY: Prose = Prose {
    from: &["earliest_expiry_days"],
    says: Says::NothingIf(|facts| Ok(facts.number("earliest_expiry_days")?.is_none())),
};

pub(super) const LIFECYCLE_PROBLEM: Prose = Prose {
    from: &["tiers_old_logs", "ends_incomplete_uploads"],
    says: Says::Text(|facts| {
        lifecycle_problem(&facts.truth("tiers_old_logs"), &facts.truth("ends_incomplete_uploads"))
    }),
};

pub(super) const SETTINGS_OFF: Prose = Prose {
    from: &["public_access_block_off"],
    says: Says::Text(|facts| settings_off(&facts.texts("public_access_block_off")).map(Some)),
};

pub(super) const ACCOUNT_SETTINGS_OFF: Prose = Prose {
    from: &["account_public_access_block_off"],
    says: Says::Text(|facts| settings_off(&facts.texts("account_public_access_block_off")).map(Some)),
};

pub(super) const PUBLIC_ACCESS: Prose = Prose {
    from: &[
        "public_statements",
        "served_to_everyone",
        "restricts_public_policies",
        "public_acl_grants",
        "ignores_public_acls",
    ],
    says: Says::Text(|facts| {
        public_access(
            &facts.texts("public_statements"),
            &facts.texts("served_to_everyone"),
            &facts.truth("restricts_public_policies"),
            &facts.texts("public_acl_grants"),
            &facts.truth("ignores_public_acls"),
        )
    }),
};

pub(super) const TLS_PROBLEM: Prose = Prose {
    from: &["tls_missing"],
    says: Says::NothingIf(|facts| Ok(facts.texts("tls_missing")?.is_empty())),
};

pub(super) const DEFAULT_ENCRYPTION: Prose = Prose {
    from: &["encryption", "kms_key_id", "customer_managed_key"],
    says: Says::Text(|facts| {
        let managed = facts.truth("customer_managed_key");
        default_encryption(&facts.word("encryption"), &facts.text("kms_key_id"), &managed).map(Some)
    }),
};

pub(super) const ACCESS_LOGGING: Prose = Prose {
    from: &["name", "access_log_target"],
    says: Says::Text(|facts| {
        access_logging(&facts.word("name")?, &facts.text("access_log_target")).map(Some)
    }),
};
