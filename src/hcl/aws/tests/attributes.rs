use super::fake::Bench;

/// Lines of `TYPE.ATTRIBUTE { ARGUMENTS } => SHOWN`.
fn check(bench: &mut Bench, rows: &str) {
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let (asked, expected) = row.trim().split_once(" =>").unwrap();
        let (attribute, arguments) = asked.split_once(' ').unwrap();
        let (kind, name) = attribute.rsplit_once('.').unwrap();
        assert_eq!(
            bench.show(kind, arguments, name),
            expected.trim(),
            "{asked}"
        );
    }
}

#[test]
fn arns_are_made_of_account_region_and_name() {
    let rows = r#"
        aws_kms_key.arn {} => arn:aws:kms:us-east-1:111122223333:key/${aws_kms_key.x.key_id}
        aws_kms_key.id {} => ${aws_kms_key.x.key_id}
        aws_kms_key.arn { region = "cn-north-1" } => arn:aws-cn:kms:cn-north-1:111122223333:key/${aws_kms_key.x.key_id}
        aws_kms_alias.arn { name = "alias/a" } => arn:aws:kms:us-east-1:111122223333:alias/a
        aws_kms_alias.arn { name_prefix = "alias/a" } => arn:aws:kms:us-east-1:111122223333:${aws_kms_alias.x.name}
        aws_cloudtrail.arn { name = "t" } => arn:aws:cloudtrail:us-east-1:111122223333:trail/t
        aws_cloudtrail.home_region { name = "t" } => us-east-1
        aws_iam_role.arn { name = "r" } => arn:aws:iam::111122223333:role/r
        aws_iam_role.arn { name = "r", path = "/a/" } => arn:aws:iam::111122223333:role/a/r
        aws_iam_role.arn { name_prefix = "r" } => arn:aws:iam::111122223333:role/${aws_iam_role.x.name}
        aws_iam_role.id { name = "r" } => r
        aws_iam_policy.id { name = "p" } => arn:aws:iam::111122223333:policy/p
        aws_iam_user.arn { name = "u", region = "eu-west-1" } => arn:aws:iam::111122223333:user/u
        aws_s3_bucket.arn { bucket = "b" } => arn:aws:s3:::b
        aws_s3_bucket.id { bucket_prefix = "b" } => ${aws_s3_bucket.x.bucket}
        aws_s3_bucket.arn { bucket = null } => arn:aws:s3:::${aws_s3_bucket.x.bucket}
        aws_s3_bucket.bucket_domain_name { bucket = "b" } => b.s3.amazonaws.com
        aws_ssm_parameter.arn { name = "/a/b" } => arn:aws:ssm:us-east-1:111122223333:parameter/a/b
        aws_ssm_parameter.arn { name = "a" } => arn:aws:ssm:us-east-1:111122223333:parameter/a
        aws_iam_openid_connect_provider.arn { url = "https://t.example" } => arn:aws:iam::111122223333:oidc-provider/t.example
        aws_unheard_of.arn {} => ${aws_unheard_of.x.arn}
    "#;
    check(&mut Bench::known(), rows);
}

#[test]
fn what_is_not_known_keeps_the_names_of_the_provider() {
    let rows = r#"
        aws_kms_key.arn {} => arn:${partition(aws)}:kms:${region(aws)}:${account(aws)}:key/${aws_kms_key.x.key_id}
        aws_kms_key.arn { region = "eu-west-1" } => arn:aws:kms:eu-west-1:${account(aws)}:key/${aws_kms_key.x.key_id}
        aws_kms_key.arn { region = var.r } => arn:${partition(aws)}:kms:${var.r}:${account(aws)}:key/${aws_kms_key.x.key_id}
        aws_kms_key.arn { region = "eu-${var.r}" } => arn:${partition(aws)}:kms:${aws_kms_key.x.region}:${account(aws)}:key/${aws_kms_key.x.key_id}
        data.aws_caller_identity.account_id {} => ${account(aws)}
        data.aws_region.name {} => ${region(aws)}
        data.aws_region.id { name = "eu-west-1" } => eu-west-1
        data.aws_partition.dns_suffix {} => ${DNS suffix of partition(aws)}
        data.aws_service_principal.name { service_name = "cloudtrail" } => cloudtrail.amazonaws.com
        data.aws_service_principal.name { service_name = "logs" } => logs.${suffix of a service principal of partition(aws)}
        data.aws_organizations_organization.id {} => ${organization of account ${account(aws)}}
        data.aws_organizations_organization.master_account_id {} => ${management account}
    "#;
    check(&mut Bench::default(), rows);
}

#[test]
fn an_organization_trail_belongs_to_the_management_account() {
    let mut bench = Bench::known();
    let arn = |bench: &mut Bench, flag: &str| {
        let arguments = format!("{{ name = \"t\", is_organization_trail = {flag} }}");
        bench.show("aws_cloudtrail", &arguments, "arn")
    };
    let own = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t";
    let organization = "arn:aws:cloudtrail:us-east-1:${management account}:trail/t";
    assert_eq!(arn(&mut bench, "false"), own);
    assert_eq!(arn(&mut bench, "\"false\""), own);
    assert_eq!(arn(&mut bench, "true"), organization);
    assert_eq!(arn(&mut bench, "var.flag"), organization);
    bench.given.management_account = Some("999999999999".to_owned());
    assert_eq!(
        arn(&mut bench, "true"),
        "arn:aws:cloudtrail:us-east-1:999999999999:trail/t"
    );
}

#[test]
fn keys_refer_to_each_other_by_id() {
    let rows = r#"
        aws_kms_replica_key.key_id { primary_key_arn = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => mrk-1
        aws_kms_replica_key.arn { primary_key_arn = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => arn:aws:kms:us-east-1:111122223333:key/mrk-1
        aws_kms_replica_key.id { primary_key_arn = var.arn } => ${aws_kms_replica_key.x.key_id}
        aws_kms_alias.target_key_arn { target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab" } => arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        aws_kms_alias.target_key_arn { target_key_id = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => arn:aws:kms:eu-west-1:444455556666:key/mrk-1
        aws_kms_alias.target_key_arn { target_key_id = var.arn } => ${var.arn}
        aws_kms_alias.target_key_arn { target_key_id = var.x } => ${aws_kms_alias.x.target_key_arn}
        data.aws_kms_key.arn { key_id = "1234abcd-12ab-34cd-56ef-1234567890ab" } => arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
        data.aws_kms_key.arn { key_id = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => arn:aws:kms:eu-west-1:444455556666:key/mrk-1
        data.aws_kms_key.id { key_id = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => mrk-1
        data.aws_kms_key.aws_account_id { key_id = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1" } => 444455556666
        data.aws_kms_key.arn { key_id = "alias/a" } => arn:aws:kms:us-east-1:111122223333:key/${data.aws_kms_key.x.id}
        data.aws_kms_key.arn { key_id = "arn:aws:kms:eu-west-1:444455556666:alias/a" } => arn:aws:kms:eu-west-1:444455556666:key/${data.aws_kms_key.x.id}
        data.aws_kms_key.arn { key_id = var.x } => ${data.aws_kms_key.x.arn}
        data.aws_kms_alias.target_key_arn { name = "alias/a" } => arn:aws:kms:us-east-1:111122223333:key/${data.aws_kms_alias.x.target_key_id}
    "#;
    check(&mut Bench::known(), rows);
}

#[test]
fn a_session_has_its_role_for_issuer() {
    let rows = r#"
        data.aws_iam_session_context.issuer_arn { arn = "arn:aws:iam::111122223333:user/a/jane" } => arn:aws:iam::111122223333:user/a/jane
        data.aws_iam_session_context.session_name { arn = "arn:aws:iam::111122223333:user/a/jane" } =>
        data.aws_iam_session_context.issuer_arn { arn = "arn:aws:sts::111122223333:assumed-role/audit/jane" } => ${data.aws_iam_session_context.x.issuer_arn}
        data.aws_iam_session_context.issuer_name { arn = "arn:aws:sts::111122223333:assumed-role/audit/jane" } => audit
        data.aws_iam_session_context.session_name { arn = "arn:aws:sts::111122223333:assumed-role/audit/jane" } => jane
        data.aws_iam_session_context.issuer_arn { arn = var.arn } => ${data.aws_iam_session_context.x.issuer_arn}
        data.aws_arn.account { arn = "arn:aws:sts::111122223333:assumed-role/audit/jane" } => 111122223333
        data.aws_arn.resource { arn = "arn:aws:sts::111122223333:assumed-role/audit/jane" } => assumed-role/audit/jane
        data.aws_arn.region { arn = var.arn } => ${data.aws_arn.x.region}
        data.aws_arn.region { arn = "no" } => error: this is no ARN
    "#;
    check(&mut Bench::known(), rows);
}

#[test]
fn small_providers_pass_values_on() {
    let rows = r#"
        data.template_file.rendered { template = "$${role}!", vars = { role = 7 } } => 7!
        data.template_file.rendered { template = file("a.tpl"), vars = { role = var.r } } => role is ${var.r}
        data.template_file.rendered { template = "$${other}" } => error: the template's variables do not contain `other`
        data.template_file.rendered { template = var.t } => ${data.template_file.x.rendered}
        data.local_file.content { filename = "a.tpl" } => role is ${role}
        data.local_file.content { filename = var.f } => ${data.local_file.x.content}
        data.local_sensitive_file.content { filename = "secret" } => (sensitive)
        data.null_data_source.outputs { inputs = { a = "b" } } => {"a": "b"}
        terraform_data.output { input = "a" } => a
        terraform_data.output {} => null
        random_password.result {} => (sensitive)
    "#;
    check(&mut Bench::known(), rows);
}

#[test]
fn a_secret_argument_stays_secret_in_what_is_made_of_it() {
    let mut bench = Bench::known();
    let name = "{ name = sensitive(\"t\") }";
    assert_eq!(bench.show("aws_cloudtrail", name, "arn"), "(sensitive)");
    let region = "{ region = sensitive(\"eu-west-1\") }";
    assert_eq!(bench.show("aws_kms_key", region, "arn"), "(sensitive)");
}
