//! The kinds of subjects: what each is called, where it is listed, and what other formats call it, as one declaration. See
//! [`super`]. Its facts are in a room of [`crate::facts`], where [`crate::facts::variables`] gives them their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who lists subjects of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedBy {
    /// The organization, whichever account holds them.
    Organization,
    /// The account that they are in.
    Account,
    /// Nobody: what other subjects say of where logs go names them, whoever owns them.
    Others,
}

/// Makes [`SubjectKind`] and what follows from a row: the documentation of a kind, its variant, the word of rules and
/// reports, the name of its facts in an expression, what could not be listed in words, the service in its address, who lists
/// it, its type in OCSF (as in `CloudFormation`) and in the AWS Security Finding Format.
macro_rules! subjects {
    ($(
        #[doc = $doc:literal]
        $kind:ident {
            word: $word:literal, variable: $variable:literal, unlisted: $unlisted:literal, service: $service:literal,
            listed_by: $listed_by:ident, ocsf: $ocsf:literal, asff: $asff:literal $(,)?
        }
    )*) => {
        /// What a rule can be about.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum SubjectKind {
            $(#[doc = $doc] $kind,)*
        }

        impl SubjectKind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The word that rules and reports use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)* }
            }

            /// The name of the subject's facts in an expression.
            pub fn variable(self) -> &'static str {
                match self { $(Self::$kind => $variable,)* }
            }

            /// What could not be listed, where that is so.
            pub fn unlisted(self) -> &'static str {
                match self { $(Self::$kind => $unlisted,)* }
            }

            /// The service part of a subject's address, as in ARNs.
            pub fn service(self) -> &'static str {
                match self { $(Self::$kind => $service,)* }
            }

            /// Who lists such subjects.
            pub fn listed_by(self) -> ListedBy {
                match self { $(Self::$kind => ListedBy::$listed_by,)* }
            }

            /// Its resource type in OCSF.
            pub fn ocsf_type(self) -> &'static str {
                match self { $(Self::$kind => $ocsf,)* }
            }

            /// Its resource type in the AWS Security Finding Format.
            pub fn asff_type(self) -> &'static str {
                match self { $(Self::$kind => $asff,)* }
            }
        }
    };
}

subjects! {
    /// The organization.
    Organization {
        word: "organization", variable: "organization", unlisted: "the organization", service: "organizations",
        listed_by: Organization, ocsf: "AWS::Organizations::Organization", asff: "Other",
    }
    /// The root or an organizational unit.
    OrganizationalUnit {
        word: "organizational_unit", variable: "unit", unlisted: "the units of the organization",
        service: "organizations", listed_by: Organization, ocsf: "AWS::Organizations::OrganizationalUnit",
        asff: "Other",
    }
    /// A service control or resource control policy.
    Policy {
        word: "policy", variable: "policy", unlisted: "the policies of the organization", service: "organizations",
        listed_by: Organization, ocsf: "AWS::Organizations::Policy", asff: "Other",
    }
    /// An account.
    Account {
        word: "account", variable: "account", unlisted: "the account", service: "organizations",
        listed_by: Account, ocsf: "AWS::Organizations::Account", asff: "AwsAccount",
    }
    /// A region of an account.
    Region {
        word: "region", variable: "region", unlisted: "the regions of the account", service: "organizations",
        listed_by: Account, ocsf: "AWS::Account::Region", asff: "AwsAccount",
    }
    /// A CloudTrail trail.
    Trail {
        word: "trail", variable: "trail", unlisted: "the trails of the account", service: "cloudtrail",
        listed_by: Account, ocsf: "AWS::CloudTrail::Trail", asff: "AwsCloudTrailTrail",
    }
    /// A bucket that receives logs.
    Bucket {
        word: "bucket", variable: "bucket", unlisted: "the buckets that receive logs", service: "s3",
        listed_by: Others, ocsf: "AWS::S3::Bucket", asff: "AwsS3Bucket",
    }
    /// A KMS key that encrypts logs.
    Key {
        word: "key", variable: "key", unlisted: "the keys that encrypt logs", service: "kms",
        listed_by: Others, ocsf: "AWS::KMS::Key", asff: "AwsKmsKey",
    }
    /// A Kinesis data stream that log events go to.
    Stream {
        word: "stream", variable: "stream", unlisted: "the data streams that log events go to", service: "kinesis",
        listed_by: Others, ocsf: "AWS::Kinesis::Stream", asff: "AwsKinesisStream",
    }
    /// A Firehose delivery stream that log events go to.
    DeliveryStream {
        word: "delivery_stream", variable: "delivery_stream",
        unlisted: "the delivery streams that log events go to", service: "firehose", listed_by: Others,
        ocsf: "AWS::KinesisFirehose::DeliveryStream", asff: "Other",
    }
    /// A CloudWatch Logs log group.
    LogGroup {
        word: "log_group", variable: "log_group", unlisted: "the log groups of the account", service: "logs",
        listed_by: Account, ocsf: "AWS::Logs::LogGroup", asff: "Other",
    }
    /// A CloudWatch Logs destination.
    Destination {
        word: "destination", variable: "destination", unlisted: "the destinations of the account", service: "logs",
        listed_by: Account, ocsf: "AWS::Logs::Destination", asff: "Other",
    }
    /// A CloudTrail Lake event data store.
    EventDataStore {
        word: "event_data_store", variable: "event_data_store", unlisted: "the event data stores of the account",
        service: "cloudtrail", listed_by: Account, ocsf: "AWS::CloudTrail::EventDataStore", asff: "Other",
    }
}

impl SubjectKind {
    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }

    /// About the organization rather than about an account of it, whichever account holds it.
    pub fn is_organizational(self) -> bool {
        self.listed_by() == ListedBy::Organization
    }
}
