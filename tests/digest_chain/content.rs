//! What stands in a log: events with the regularity and the randomness of real ones, so that they compress alike,
//! about ten to one.

use std::fmt::Write as _;

const EVENTS: [(&str, &str); 6] = [
    ("s3.amazonaws.com", "GetObject"),
    ("kms.amazonaws.com", "Decrypt"),
    ("sts.amazonaws.com", "AssumeRole"),
    ("ec2.amazonaws.com", "DescribeInstances"),
    ("logs.amazonaws.com", "CreateLogStream"),
    ("dynamodb.amazonaws.com", "DescribeTable"),
];

/// A log of about `bytes` bytes.
pub fn records(bytes: usize, account_id: &str, region: &str, seed: &str) -> Vec<u8> {
    let seed = seed.bytes().fold(1, |seed: u64, byte| seed.wrapping_mul(131).wrapping_add(byte.into()));
    let mut random = fastrand::Rng::with_seed(seed);
    let mut text = String::with_capacity(bytes + 2000);
    text.push_str("{\"Records\":[");
    loop {
        event(&mut text, account_id, region, &mut random);
        if text.len() + 2 >= bytes {
            break;
        }
        text.push(',');
    }
    text.push_str("]}");
    text.into_bytes()
}

fn event(text: &mut String, account_id: &str, region: &str, random: &mut fastrand::Rng) {
    let (source, name) = EVENTS[random.usize(..EVENTS.len())];
    let role = random.u8(..7);
    let mut hex = |digits: usize| (0..digits).map(|_| random.digit(16)).collect::<String>();
    let principal = hex(16).to_uppercase();
    let (access_key, folder, object) = (hex(16).to_uppercase(), hex(6), hex(20));
    let mut uuid = || format!("{}-{}-{}-{}-{}", hex(8), hex(4), hex(4), hex(4), hex(12));
    let (request, event) = (uuid(), uuid());
    let (hour, minute, second) = (random.u8(..24), random.u8(..60), random.u8(..60));
    let address = format!("10.{}.{}.{}", random.u8(..), random.u8(..), random.u8(..));
    let _ = write!(
        text,
        concat!(
            r#"{{"eventVersion":"1.09","userIdentity":{{"type":"AssumedRole","principalId":"AROA{principal}:session-{role}","#,
            r#""arn":"arn:aws:sts::{account}:assumed-role/service-role-{role}/session-{role}","accountId":"{account}","#,
            r#""accessKeyId":"ASIA{access_key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{principal}","#,
            r#""arn":"arn:aws:iam::{account}:role/service-role-{role}","accountId":"{account}","userName":"service-role-{role}"}},"#,
            r#""attributes":{{"creationDate":"2026-11-01T{hour:02}:00:00Z","mfaAuthenticated":"false"}}}}}},"#,
            r#""eventTime":"2026-11-01T{hour:02}:{minute:02}:{second:02}Z","eventSource":"{source}","eventName":"{name}","#,
            r#""awsRegion":"{region}","sourceIPAddress":"{address}","userAgent":"aws-sdk-rust/1.3 os/linux lang/rust/1.95","#,
            r#""requestParameters":{{"bucketName":"data-{role}","key":"objects/{folder}/{object}"}},"responseElements":null,"#,
            r#""requestID":"{request}","eventID":"{event}","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"#,
            r#""recipientAccountId":"{account}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","#,
            r#""cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{source}"}}}}"#,
        ),
        account = account_id,
        principal = principal,
        role = role,
        access_key = access_key,
        hour = hour,
        minute = minute,
        second = second,
        source = source,
        name = name,
        region = region,
        address = address,
        folder = folder,
        object = object,
        request = request,
        event = event,
    );
}
