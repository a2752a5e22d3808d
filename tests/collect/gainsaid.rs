//! Answers that gainsay the question, themselves or each other: they are no facts, and asking them ends.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use trailproof::model::{GapReason, Observed, Organization};

use crate::collect_support::{Collected, collected, settings};
use crate::fake_aws::healthy::MANAGEMENT;
use crate::fake_aws::{Call, FakeAws, Misbehaviour};
use crate::world;

/// A scan in which every good answer to an operation of Organizations is changed so.
fn with(operation: &'static str, change: fn(&Call, &mut Value)) -> Collected {
    let fake = FakeAws::start(world());
    fake.tamper(move |exchange| {
        let key = &exchange.call.key;
        let is_meant =
            exchange.reply.status == 200 && key.service == "organizations" && key.operation == operation;
        is_meant.then(|| {
            let mut reply = exchange.reply.clone();
            let mut body: Value = serde_json::from_str(&reply.body).unwrap();
            change(exchange.call, &mut body);
            reply.body = body.to_string();
            Misbehaviour::Answer(reply)
        })
    });
    collected(&fake, &settings(&fake, MANAGEMENT))
}

fn organization(found: &Collected) -> &Organization {
    let Observed::Known(organization) = &found.header.organization else { panic!("no organization") };
    organization
}

/// What is said of the answers that were changed.
fn said(found: &Collected, operation: &str) -> String {
    let gaps = found.gaps();
    let of_operation = gaps.iter().filter(|gap| gap.operation == operation);
    let details: Vec<&str> = of_operation
        .inspect(|gap| assert_eq!(gap.reason, GapReason::MalformedResponse, "{gap:?}"))
        .map(|gap| gap.detail.as_str())
        .collect();
    details.join("\n")
}

isolated! {
    fn another_policys_document_is_not_the_one_that_was_asked_for() {
        let found = with("DescribePolicy", |_, body| {
            body["Policy"]["PolicySummary"]["Id"] = json!("p-anotherpolicy");
        });
        let policies = organization(&found).service_control_policies.list().unwrap();
        assert!(!policies.is_empty());
        for policy in policies {
            assert!(matches!(policy.content, Observed::Unavailable(_)), "{policy:?}");
        }
        assert!(said(&found, "DescribePolicy").contains("the policy that was asked for"));
    }

    fn a_policy_of_another_kind_is_not_listed_among_those_that_were_asked_for() {
        let found = with("ListPolicies", |_, body| {
            for policy in body["Policies"].as_array_mut().unwrap() {
                policy["Type"] = json!("TAG_POLICY");
            }
        });
        assert!(matches!(organization(&found).service_control_policies, Observed::Unavailable(_)));
        assert!(said(&found, "ListPolicies").contains("Type that was asked for"));
    }

    fn accounts_that_a_page_of_the_tree_leaves_out_are_in_the_flat_list() {
        let found = with("ListAccountsForParent", |_, body| body["Accounts"] = json!([]));
        let accounts = organization(&found).accounts.list().unwrap();
        assert_eq!(accounts.len(), 5, "none is lost");
        for account in accounts {
            assert!(matches!(account.parent_id, Observed::Unavailable(_)), "nobody knows where it hangs: {account:?}");
        }
        assert_eq!(found.header.accounts.len(), 5);
    }

    fn accounts_that_are_listed_twice_count_once() {
        let found = with("ListAccounts", |_, body| {
            let once = body["Accounts"].as_array().unwrap().clone();
            body["Accounts"] = json!([once.clone(), once].concat());
        });
        assert_eq!(organization(&found).accounts.list().unwrap().len(), 5);
        assert_eq!(found.header.accounts.len(), 5);
        assert_eq!(found.gaps(), Vec::new());
    }

    fn an_account_in_two_places_hangs_nowhere_known() {
        let found = with("ListAccountsForParent", |_, body| {
            body["Accounts"] = json!([{
                "Id": MANAGEMENT, "Arn": "arn:aws:organizations::1:account/o-1/1", "Email": "a@example.org",
                "Name": "management", "Status": "ACTIVE", "State": "ACTIVE", "JoinedMethod": "INVITED",
                "JoinedTimestamp": 1_600_000_000,
            }]);
        });
        let accounts = organization(&found).accounts.list().unwrap();
        let management = accounts.iter().find(|account| account.id == MANAGEMENT).unwrap();
        assert!(matches!(management.parent_id, Observed::Unavailable(_)), "{management:?}");
        assert!(said(&found, "ListAccountsForParent").contains("is in two places"));
    }

    fn a_unit_in_itself_is_no_tree_and_comes_to_an_end() {
        let found = with("ListOrganizationalUnitsForParent", |call, body| {
            let parent = call.text("ParentId").unwrap();
            if parent.starts_with("ou-") {
                let arn = format!("arn:aws:organizations::{MANAGEMENT}:ou/o-1/{parent}");
                body["OrganizationalUnits"] = json!([{ "Id": parent, "Arn": arn, "Name": "Itself" }]);
            }
        });
        assert!(matches!(organization(&found).organizational_units, Observed::Unavailable(_)));
        assert!(said(&found, "ListOrganizationalUnitsForParent").contains("is in two places"));
    }

    fn pages_that_go_round_come_to_an_end() {
        for operation in ["ListAccounts", "ListPolicies", "ListRoots", "ListTargetsForPolicy"] {
            let fake = FakeAws::start(world());
            fake.tamper(move |exchange| {
                (exchange.call.key.operation == operation).then(|| {
                    let mut first = exchange.call.clone();
                    first.parameters.as_object_mut().unwrap().remove("NextToken");
                    let mut reply = (exchange.ask)(&first);
                    let mut body: Value = serde_json::from_str(&reply.body).unwrap();
                    body["NextToken"] = json!("again");
                    reply.body = body.to_string();
                    Misbehaviour::Answer(reply)
                })
            });
            let found = collected(&fake, &settings(&fake, MANAGEMENT));
            assert!(said(&found, operation).contains("the pages go round in a circle"), "{operation}");
        }
    }
}
