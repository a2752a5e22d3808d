use super::*;

fn control(framework: &str, control: &str) -> RuleControl {
    RuleControl {
        framework: framework.to_owned(),
        name: framework.to_uppercase(),
        version: "1".to_owned(),
        control: control.to_owned(),
    }
}

#[test]
fn too_many_requirements_leave_no_framework_out() {
    let mut controls: Vec<RuleControl> = (0..60).map(|number| control("long", &number.to_string())).collect();
    controls.extend([control("short", "a"), control("short", "b")]);
    let related = related_requirements(&controls);
    assert_eq!(related.len(), RELATED_REQUIREMENTS);
    assert_eq!(related.first().map(String::as_str), Some("LONG 1/0"));
    assert!(related.ends_with(&["SHORT 1/a".to_owned(), "SHORT 1/b".to_owned()]), "{related:?}");
}

#[test]
fn reasons_are_words_of_their_own() {
    assert_eq!(reason_code(crate::model::GapReason::RoleNotAssumable), "ROLE_NOT_ASSUMABLE");
}

#[test]
fn the_product_is_the_accounts_default_one() {
    let product = Product {
        partition: "aws-us-gov".to_owned(),
        region: "us-gov-west-1".to_owned(),
        account_id: "123456789012".to_owned(),
    };
    assert_eq!(
        product.arn(),
        "arn:aws-us-gov:securityhub:us-gov-west-1:123456789012:product/123456789012/default"
    );
}

/// Security Hub refuses a finding with a partition that is not of its enumeration.
#[test]
fn a_partition_is_one_that_security_hub_knows_or_is_left_out() {
    for (id, known) in [
        ("aws", Some("aws")),
        ("aws-cn", Some("aws-cn")),
        ("aws-us-gov", Some("aws-us-gov")),
        ("aws-iso", Some("aws-us-iso")),
        ("aws-iso-b", Some("aws-us-iso-b")),
        ("aws-iso-e", None),
        ("aws-iso-f", None),
        ("aws-eusc", None),
        ("aws-new", None),
    ] {
        assert_eq!(partition(id), known, "{id}");
    }
}
