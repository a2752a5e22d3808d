//! STS: who the caller is, and `AssumeRole`. An access key id carries its account, so any key can be placed.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::call::{Call, Caller, Request};
use super::faults::expired;
use super::protocol::{Answer, Failure, Protocol};
use super::session_policy::SessionPolicy;
use super::world::World;

const LONGEST_POLICY: usize = 2048;

/// Keys that the fake knows.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
}

/// A session that `AssumeRole` gave out.
#[derive(Clone, Debug)]
pub struct Session {
    pub account: String,
    /// With its path, if it has one.
    pub role: String,
    pub name: String,
    pub duration: Duration,
    pub external_id: Option<String>,
    /// The text of the session policy as it was sent.
    pub policy: Option<String>,
    parsed: Option<SessionPolicy>,
    expires: SystemTime,
}

#[derive(Default)]
pub struct Sessions(BTreeMap<String, Session>);

impl Sessions {
    pub fn list(&self) -> Vec<Session> {
        self.0.values().cloned().collect()
    }

    /// Whether the key's session policy, if it has one, lets the action through.
    pub fn allow(&self, access_key_id: &str, action: &str) -> bool {
        let policy = self.0.get(access_key_id).and_then(|session| session.parsed.as_ref());
        policy.is_none_or(|policy| policy.allows(action))
    }

    /// The caller behind a request's credentials.
    pub fn caller(&self, world: &World, request: &Request) -> Result<Caller, Failure> {
        let protocol = Protocol::of(request.service);
        let key = request.access_key_id.as_deref().ok_or_else(|| Failure::unsigned(protocol))?;
        let unknown = || Failure::unrecognized_client(protocol);
        let account =
            account_of(key).filter(|account| world.accounts.contains_key(*account)).ok_or_else(unknown)?;
        if key.starts_with("AKIA") {
            return Ok(Caller {
                account: account.to_owned(),
                arn: format!("arn:{}:iam::{account}:user/administrator", world.partition),
                user_id: format!("AIDA{account}USER"),
            });
        }
        let session = self.0.get(key).ok_or_else(unknown)?;
        if request.session_token.as_deref() != Some(session_token(key).as_str()) {
            return Err(unknown());
        }
        if session.expires <= SystemTime::now() {
            return Err(expired(protocol));
        }
        let role = role_name(&session.role);
        Ok(Caller {
            account: account.to_owned(),
            arn: format!("arn:{}:sts::{account}:assumed-role/{role}/{}", world.partition, session.name),
            user_id: format!("AROA{account}ROLE:{}", session.name),
        })
    }

    fn open(&mut self, session: Session) -> Credentials {
        let access_key_id = format!("ASIA{}{}", session.account, base36(self.0.len()));
        let credentials = Credentials {
            secret_access_key: secret(&access_key_id),
            session_token: Some(session_token(&access_key_id)),
            access_key_id: access_key_id.clone(),
        };
        self.0.insert(access_key_id, session);
        credentials
    }
}

pub fn user_credentials(account: &str) -> Credentials {
    let access_key_id = format!("AKIA{account}0000");
    Credentials { secret_access_key: secret(&access_key_id), access_key_id, session_token: None }
}

/// The account of the role in a role's ARN: an `AssumeRole` is counted there.
pub fn role_account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

pub fn answer(sessions: &mut Sessions, world: &World, call: &Call) -> Result<Answer, Failure> {
    match call.key.operation.as_str() {
        "GetCallerIdentity" => Ok(Answer::Members(json!({
            "Arn": call.caller.arn, "UserId": call.caller.user_id, "Account": call.caller.account,
        }))),
        "AssumeRole" => assume_role(sessions, world, call),
        other => Err(Failure::not_implemented("sts", other)),
    }
}

fn assume_role(sessions: &mut Sessions, world: &World, call: &Call) -> Result<Answer, Failure> {
    let invalid = |message: String| Failure::new(400, "ValidationError", message);
    let arn = call.text("RoleArn").unwrap_or_default();
    let name = call.text("RoleSessionName").unwrap_or_default();
    let seconds = call.number("DurationSeconds").unwrap_or(3600);
    let policy = call.text("Policy");
    let role = arn
        .strip_prefix(&format!("arn:{}:iam::", world.partition))
        .and_then(|rest| rest.split_once(":role/"))
        .map(|(_, role)| role)
        .ok_or_else(|| invalid(format!("{arn} is invalid")))?;
    if !(2..=64).contains(&name.len())
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
    {
        return Err(invalid(format!("Value '{name}' at 'roleSessionName' failed to satisfy constraint")));
    }
    if !(900..=43_200).contains(&seconds) {
        return Err(invalid(format!("Value '{seconds}' at 'durationSeconds' failed to satisfy constraint")));
    }
    if seconds > 3600 && call.access_key_id.starts_with("ASIA") {
        return Err(invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining".to_owned()));
    }
    if policy.is_some_and(|policy| policy.len() > LONGEST_POLICY) {
        return Err(invalid(format!(
            "Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {LONGEST_POLICY}"
        )));
    }
    let parsed = match policy {
        Some(policy) => Some(SessionPolicy::parse(policy).ok_or_else(|| {
            Failure::new(400, "MalformedPolicyDocument", "The policy is not in the valid JSON format")
        })?),
        None => None,
    };
    let account = world.accounts.get(&call.key.account);
    let trusted = account.is_some_and(|account| account.assumable && account.status == "ACTIVE")
        && world.role_names.contains(role)
        && world.external_id.as_deref().is_none_or(|wanted| call.text("ExternalId") == Some(wanted));
    if !trusted {
        let message = format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            call.caller.arn
        );
        return Err(Failure::new(403, "AccessDenied", message));
    }
    let duration = Duration::from_secs(u64::try_from(seconds).expect("at most 43,200"));
    let expires = SystemTime::now() + world.session_lifetime.unwrap_or(duration);
    let given = match &world.credentials_mixed_up {
        Some((asked, given)) if *asked == call.key.account => given,
        _ => &call.key.account,
    };
    let session = Session {
        account: given.clone(),
        role: role.to_owned(),
        name: name.to_owned(),
        duration,
        external_id: call.text("ExternalId").map(str::to_owned),
        policy: policy.map(str::to_owned),
        parsed,
        expires,
    };
    let expiration = timestamp(expires);
    let credentials = sessions.open(session);
    let account = &call.key.account;
    Ok(Answer::Members(json!({
        "Credentials": {
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "SessionToken": credentials.session_token,
            "Expiration": expiration,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("AROA{account}ROLE:{name}"),
            "Arn": format!("arn:{}:sts::{account}:assumed-role/{}/{name}", world.partition, role_name(role)),
        },
        "PackedPolicySize": policy.map_or(0, |policy| policy.len() * 100 / LONGEST_POLICY),
    })))
}

fn role_name(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

fn account_of(access_key_id: &str) -> Option<&str> {
    let rest = access_key_id.strip_prefix("AKIA").or_else(|| access_key_id.strip_prefix("ASIA"))?;
    rest.get(..12).filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()))
}

fn session_token(access_key_id: &str) -> String {
    format!("session-token-of-{access_key_id}")
}

fn secret(access_key_id: &str) -> String {
    format!("secret-of-{access_key_id}")
}

fn base36(mut number: usize) -> String {
    let mut digits = Vec::new();
    for _ in 0..4 {
        let digit = u32::try_from(number % 36).expect("less than 36");
        digits.push(char::from_digit(digit, 36).expect("less than 36").to_ascii_uppercase());
        number /= 36;
    }
    digits.iter().rev().collect()
}

/// ISO 8601 in UTC, as the XML services write it.
pub fn timestamp(time: SystemTime) -> String {
    chrono::DateTime::<chrono::Utc>::from(time).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
