use super::*;

#[test]
fn the_session_policy_fits_and_allows_reading_alone() {
    let policy = session_policy();
    assert!(policy.len() <= LONGEST_SESSION_POLICY, "{} characters", policy.len());
    for call in TABLE.iter().filter(|call| call.is_made_in_accounts()) {
        assert!(!call.actions.is_empty(), "{} needs a permission", call.operation);
        for action in call.actions {
            assert!(policy.contains(&format!("\"{action}\"")), "{action}");
            let (_, verb) = action.split_once(':').unwrap();
            assert!(["Get", "List", "Describe"].iter().any(|start| verb.starts_with(start)), "{action}");
            assert!(!action.contains('*'), "{action}");
        }
    }
    assert!(!policy.contains("sts:AssumeRole") && !policy.contains("organizations:"));
}

#[test]
fn rows_are_unique_and_have_a_rate() {
    for (at, call) in TABLE.iter().enumerate() {
        assert!(call.per_second > 0);
        let same =
            |other: &&&Call| (other.sdk_service, other.operation) == (call.sdk_service, call.operation);
        assert_eq!(TABLE.iter().filter(same).count(), 1, "row {at}: {}", call.operation);
    }
}

#[test]
fn the_printed_policies_are_the_tables() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&audit_role_policy()).unwrap());
    insta::assert_snapshot!(serde_json::to_string_pretty(&caller_policy("TrailproofAudit")).unwrap());
    insta::assert_snapshot!(terraform("TrailproofAudit", "111111111111", false).unwrap());
    let template = stack_set_template("TrailproofAudit", "111111111111", false);
    insta::assert_snapshot!(serde_json::to_string_pretty(&template).unwrap());
}

#[test]
fn an_external_id_is_demanded_but_not_written_down() {
    let template = stack_set_template("TrailproofAudit", "111111111111", true);
    let demanded = template.pointer(
        "/Resources/AuditRole/Properties/AssumeRolePolicyDocument/Statement/0/Condition/StringEquals/sts:ExternalId",
    );
    assert_eq!(demanded, Some(&json!({ "Ref": "ExternalId" })));
    assert_eq!(template.pointer("/Parameters/ExternalId/NoEcho"), Some(&json!(true)));
    let terraform = terraform("TrailproofAudit", "111111111111", true).unwrap();
    assert!(terraform.starts_with("variable \"external_id\" {"), "{terraform}");
    assert!(terraform.contains("\"sts:ExternalId\": \"${var.external_id}\""), "{terraform}");
}
