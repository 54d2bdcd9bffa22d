//! Makes plans like those of large accounts: modules inside modules, resources that are no key and no trail by the thousand, each of them
//! among the planned values, the changes, the prior state and the blocks. The same arguments give the same bytes.

use std::fmt::Write as _;
use std::io::{self, Write};

/// What a plan holds.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// So many bytes, about, with what is no key and no trail.
    pub(crate) bytes: usize,
    pub(crate) keys: usize,
    /// Each uses a key of its own; there are as many keys at least.
    pub(crate) trails: usize,
    /// Of each key's policy, beside those for CloudTrail.
    pub(crate) statements: usize,
    /// True where none of what is no key and no trail is of a type that is read: otherwise every fifth is a bucket.
    pub(crate) foreign: bool,
}

const ACCOUNT: &str = "111122223333";
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";
const WORDS: &[&str] = &[
    "api", "web", "batch", "ingest", "billing", "auth", "search", "cache", "edge", "core", "data",
];
const TEAMS: &[&str] = &[
    "équipe-données",
    "プラットフォーム",
    "Größe \\u0026 Co",
    "plain",
];

/// Numbers that look like chance and are the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap()
    }

    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 20
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            write!(text, "{:011x}", self.next()).unwrap();
        }
        text.truncate(digits);
        text
    }

    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}

/// The forms of one resource in a plan.
struct Forms {
    values: String,
    change: String,
    state: Option<String>,
    block: String,
}

/// A module, with the forms of its resources.
struct Module {
    address: String,
    name: String,
    resources: Vec<Forms>,
    inside: Vec<Module>,
}

impl Module {
    fn new(outer: &str, name: String) -> Self {
        let dot = if outer.is_empty() { "" } else { "." };
        Module {
            address: format!("{outer}{dot}module.{name}"),
            name,
            resources: Vec::new(),
            inside: Vec::new(),
        }
    }
}

/// Writes a plan in one line, as Terraform does.
pub(crate) fn write(size: Size, out: &mut impl Write) -> io::Result<()> {
    let root = root(size);
    write!(
        out,
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","variables":{{"team":{{"value":"équipe \u003ccore\u003e"}}}},"planned_values":{{"root_module":"#
    )?;
    state(&root, &|it| Some(&it.values), out)?;
    write!(out, r#"}},"resource_changes":["#)?;
    let mut first = true;
    changes(&root, &mut first, out)?;
    write!(
        out,
        r#"],"output_changes":{{}},"prior_state":{{"format_version":"1.0","terraform_version":"1.11.4","values":{{"root_module":"#
    )?;
    state(&root, &|it| it.state.as_deref(), out)?;
    write!(
        out,
        r#"}}}},"configuration":{{"provider_config":{{"aws":{{"name":"aws","full_name":"{PROVIDER}","expressions":{{"region":{{"constant_value":"eu-west-1"}}}}}}}},"root_module":"#
    )?;
    blocks(&root, out)?;
    writeln!(
        out,
        r#"}},"relevant_attributes":[],"timestamp":"2026-01-01T00:00:00Z","applyable":true,"complete":true,"errored":false}}"#
    )
}

fn state<'f>(
    module: &'f Module,
    form: &dyn Fn(&'f Forms) -> Option<&'f str>,
    out: &mut impl Write,
) -> io::Result<()> {
    let resources: Vec<&str> = module.resources.iter().filter_map(form).collect();
    write!(out, r#"{{"resources":[{}]"#, resources.join(","))?;
    if !module.address.is_empty() {
        write!(out, r#","address":"{}""#, module.address)?;
    }
    for (at, inside) in module.inside.iter().enumerate() {
        let comma = if at == 0 {
            r#","child_modules":["#
        } else {
            ","
        };
        write!(out, "{comma}")?;
        state(inside, form, out)?;
    }
    let end = if module.inside.is_empty() { "}" } else { "]}" };
    write!(out, "{end}")
}

fn changes(module: &Module, first: &mut bool, out: &mut impl Write) -> io::Result<()> {
    for it in &module.resources {
        let comma = if std::mem::take(first) { "" } else { "," };
        write!(out, "{comma}{}", it.change)?;
    }
    module
        .inside
        .iter()
        .try_for_each(|it| changes(it, first, out))
}

fn blocks(module: &Module, out: &mut impl Write) -> io::Result<()> {
    let resources: Vec<&str> = module
        .resources
        .iter()
        .map(|it| it.block.as_str())
        .collect();
    write!(
        out,
        r#"{{"resources":[{}],"module_calls":{{"#,
        resources.join(",")
    )?;
    for (at, inside) in module.inside.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(
            out,
            r#"{comma}"{0}":{{"source":"./modules/{0}","expressions":{{"team":{{"references":["var.team"]}}}},"module":"#,
            inside.name
        )?;
        blocks(inside, out)?;
        write!(out, "}}")?;
    }
    write!(out, r#"}},"variables":{{"team":{{"default":"core"}}}}}}"#)
}

/// What a plan is made of so far.
struct Maker {
    size: Size,
    chance: Chance,
    bytes: usize,
    keys: usize,
    others: usize,
}

fn root(size: Size) -> Module {
    let mut maker = Maker {
        size: Size {
            keys: size.keys.max(size.trails),
            ..size
        },
        chance: Chance(7),
        bytes: 0,
        keys: 0,
        others: 0,
    };
    let mut root = Module {
        address: String::new(),
        name: String::new(),
        resources: Vec::new(),
        inside: Vec::new(),
    };
    while maker.wants_more() {
        let mut stage = Module::new("", format!("stage_{}", root.inside.len()));
        for at in 0..20 {
            let name = format!("{}_{at}", maker.chance.of(WORDS));
            let mut module = Module::new(&stage.address, name);
            maker.fill(&mut module);
            stage.inside.push(module);
            if !maker.wants_more() {
                break;
            }
        }
        root.inside.push(stage);
    }
    root
}

impl Maker {
    fn wants_more(&self) -> bool {
        self.keys < self.size.keys || self.bytes < self.size.bytes
    }

    /// Twenty resources that are no keys, if any are wanted, and the keys that are due among them.
    fn fill(&mut self, module: &mut Module) {
        for _ in 0..20 {
            if self.bytes < self.size.bytes {
                let name = format!("{}_{}", self.chance.of(WORDS), self.others);
                let create = self.chance.below(8) == 0;
                let (kind, values) = filler(&name, self.size.foreign, &mut self.chance);
                self.add(
                    module,
                    &Resource {
                        kind,
                        name,
                        values,
                        create,
                        block: SOMETHING,
                    },
                );
                self.others += 1;
            }
            let due = self.bytes >= self.size.bytes
                || self.keys * self.size.bytes < self.size.keys * self.bytes;
            if due && self.keys < self.size.keys {
                self.key(module);
            }
        }
    }

    /// A key, and a trail that uses it while there are to be any.
    fn key(&mut self, module: &mut Module) {
        let (number, create) = (self.keys, self.keys % 3 == 2);
        let id = uuid(&mut self.chance);
        let arn = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{id}");
        let key = Resource {
            kind: "aws_kms_key",
            name: format!("key_{number}"),
            values: key_values(&arn, &policy(number, self.size.statements), create),
            create,
            block: r#"{"enable_key_rotation":{"constant_value":true},"policy":{"references":["data.aws_iam_policy_document.this.json","data.aws_iam_policy_document.this"]}}"#,
        };
        self.add(module, &key);
        if number < self.size.trails {
            let name = format!("trail_{number}");
            let block = format!(
                r#"{{"name":{{"constant_value":"{name}"}},"kms_key_id":{{"references":["aws_kms_key.key_{number}.arn","aws_kms_key.key_{number}"]}}}}"#
            );
            let values = trail_values(&name, &arn, create);
            let kind = "aws_cloudtrail";
            self.add(
                module,
                &Resource {
                    kind,
                    name,
                    values,
                    create,
                    block: &block,
                },
            );
        }
        self.keys += 1;
    }

    fn add(&mut self, module: &mut Module, of: &Resource<'_>) {
        let forms = of.forms(&module.address);
        let state = forms.state.as_ref().map_or(0, String::len);
        self.bytes += forms.values.len() + forms.change.len() + forms.block.len() + state;
        module.resources.push(forms);
    }
}

/// A resource: its values as JSON, and the expressions of its block.
struct Resource<'r> {
    kind: &'r str,
    name: String,
    values: String,
    create: bool,
    block: &'r str,
}

impl Resource<'_> {
    fn forms(&self, module: &str) -> Forms {
        let Resource {
            kind,
            name,
            values,
            create,
            block,
        } = self;
        let head = format!(
            r#"{{"address":"{module}.{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","provider_name":"{PROVIDER}""#
        );
        let changed = head.replace(
            r#","mode""#,
            &format!(r#","module_address":"{module}","mode""#),
        );
        let state = format!(
            r#"{head},"schema_version":1,"values":{values},"sensitive_values":{{"tags":{{}},"tags_all":{{}}}}}}"#
        );
        let change = if *create {
            format!(
                r#""actions":["create"],"before":null,"after":{values},"after_unknown":{{"arn":true,"id":true,"key_id":true,"kms_key_id":true}},"before_sensitive":false"#
            )
        } else {
            format!(
                r#""actions":["no-op"],"before":{values},"after":{values},"after_unknown":{{}},"before_sensitive":{{"tags":{{}},"tags_all":{{}}}}"#
            )
        };
        Forms {
            change: format!(
                r#"{changed},"change":{{{change},"after_sensitive":{{"tags":{{}},"tags_all":{{}}}}}}}}"#
            ),
            state: (!create).then(|| state.clone()),
            values: state,
            block: format!(
                r#"{{"address":"{kind}.{name}","mode":"managed","type":"{kind}","name":"{name}","provider_config_key":"aws","expressions":{block},"schema_version":1}}"#
            ),
        }
    }
}

/// The expressions of a block that is no key and no trail.
const SOMETHING: &str = r#"{"name":{"constant_value":"n"},"tags":{"references":["local.tags","var.team"]},"vpc_id":{"references":["module.network.vpc_id","module.network"]},"count":{"constant_value":2},"policy":{"references":["data.aws_iam_policy_document.this.json","data.aws_iam_policy_document.this"]}}"#;

fn uuid(chance: &mut Chance) -> String {
    let lengths = [8, 4, 4, 4, 12];
    lengths.map(|digits| chance.hex(digits)).join("-")
}

fn key_values(arn: &str, policy: &str, create: bool) -> String {
    let id = arn.rsplit('/').next().unwrap();
    let known = format!(r#""arn":"{arn}","id":"{id}","key_id":"{id}","#);
    let known = if create { "" } else { &known };
    format!(
        r#"{{{known}"bypass_policy_lockout_safety_check":false,"custom_key_store_id":"","customer_master_key_spec":"SYMMETRIC_DEFAULT","deletion_window_in_days":30,"description":"Key of équipe","enable_key_rotation":true,"is_enabled":true,"key_usage":"ENCRYPT_DECRYPT","multi_region":false,"policy":"{policy}","rotation_period_in_days":365,"tags":{{"Name":"logs"}},"tags_all":{{"Name":"logs"}},"timeouts":null,"xks_key_id":""}}"#
    )
}

fn trail_values(name: &str, key: &str, create: bool) -> String {
    let arn = arn_of(name);
    let known =
        format!(r#""arn":"{arn}","id":"{name}","home_region":"eu-west-1","kms_key_id":"{key}","#);
    let known = if create { "" } else { &known };
    format!(
        r#"{{{known}"advanced_event_selector":[],"cloud_watch_logs_group_arn":"","enable_log_file_validation":true,"enable_logging":true,"event_selector":[],"include_global_service_events":true,"insight_selector":[],"is_multi_region_trail":true,"is_organization_trail":false,"name":"{name}","s3_bucket_name":"logs-of-{name}","s3_key_prefix":"","tags":{{}},"tags_all":{{}}}}"#
    )
}

fn arn_of(trail: &str) -> String {
    format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/{trail}")
}

/// The policy of a key as a string of JSON. Of four, one is right, one does not let CloudTrail describe the key, one does not let it encrypt,
/// and one is bound to another trail.
fn policy(number: usize, more: usize) -> String {
    let trail = format!("trail_{number}");
    let source = arn_of(&if number % 4 == 3 {
        format!("{trail}-old")
    } else {
        trail
    });
    let mut statements = vec![format!(
        r#"{{"Sid":"EnableRoot","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}},"Action":"kms:*","Resource":"*"}}"#
    )];
    let cloudtrail = |sid: &str, action: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"{action}","Resource":"*","Condition":{{"StringEquals":{{"aws:SourceArn":"{source}"}}}}}}"#
        )
    };
    if number % 4 != 2 {
        statements.push(cloudtrail("Encrypt", "kms:GenerateDataKey*"));
    }
    if number % 4 != 1 {
        statements.push(cloudtrail("Describe", "kms:DescribeKey"));
    }
    statements.push(format!(
        r#"{{"Sid":"Decrypt","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Decrypt","kms:ReEncryptFrom"],"Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"{ACCOUNT}"}},"StringLike":{{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*"}}}}}}"#
    ));
    for at in 0..more {
        statements.push(format!(
            r#"{{"Sid":"Role{at}","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:role/reader-{at}"}},"Action":"kms:Decrypt","Resource":"*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"t{at}"}}}}}}"#
        ));
    }
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    );
    text.replace('"', "\\\"")
}

/// A resource that is no key and no trail: its type and its values.
fn filler(name: &str, foreign: bool, chance: &mut Chance) -> (&'static str, String) {
    let mut tags = format!(r#"{{"Name":"{name}","Team":"{}""#, chance.of(TEAMS));
    for at in 0..chance.below(6) {
        write!(
            tags,
            r#","acme:{}/{at}":"{} {}""#,
            chance.of(WORDS),
            chance.of(TEAMS),
            chance.hex(8)
        )
        .unwrap();
    }
    tags.push('}');
    let common = format!(
        r#""id":"{}","tags":{tags},"tags_all":{tags},"timeouts":null"#,
        chance.hex(17)
    );
    match chance.below(5) {
        0 => ("aws_instance", instance(&common, chance)),
        1 => ("aws_iam_role", role(name, &common, chance)),
        2 => ("aws_security_group", group(name, &common, chance)),
        3 if !foreign => ("aws_s3_bucket", bucket(name, &common, chance)),
        _ => ("aws_lambda_function", function(name, &common, chance)),
    }
}

fn instance(common: &str, chance: &mut Chance) -> String {
    format!(
        r##"{{{common},"ami":"ami-{0}","arn":"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-{0}","associate_public_ip_address":false,"availability_zone":"eu-west-1a","capacity_reservation_specification":[{{"capacity_reservation_preference":"open","capacity_reservation_target":[]}}],"cpu_options":[{{"amd_sev_snp":"","core_count":2,"threads_per_core":1}}],"disable_api_stop":false,"ebs_block_device":[],"ebs_optimized":false,"ephemeral_block_device":[],"hibernation":null,"iam_instance_profile":"profile","instance_state":"running","instance_type":"m5.large","ipv6_addresses":[],"metadata_options":[{{"http_endpoint":"enabled","http_put_response_hop_limit":2,"http_tokens":"required"}}],"monitoring":false,"private_dns":"ip-10-0-1-1.eu-west-1.compute.internal","private_ip":"10.0.{1}.{2}","root_block_device":[{{"delete_on_termination":true,"device_name":"/dev/xvda","encrypted":true,"iops":3000,"kms_key_id":"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{0}","tags":{{}},"throughput":125,"volume_id":"vol-{0}","volume_size":{1},"volume_type":"gp3"}}],"secondary_private_ips":[],"subnet_id":"subnet-{0}","tenancy":"default","user_data":"#!/bin/bash\nset -euo pipefail\necho \"équipe\" > /etc/motd\nyum install -y \\\n  amazon-cloudwatch-agent \u0026\u0026 systctl \"x\"\n","user_data_replace_on_change":false,"vpc_security_group_ids":["sg-{0}","sg-{3}"]}}"##,
        chance.hex(17),
        chance.below(255),
        chance.below(255),
        chance.hex(17)
    )
}

fn role(name: &str, common: &str, chance: &mut Chance) -> String {
    let statements = statements(chance);
    format!(
        r#"{{{common},"arn":"arn:aws:iam::{ACCOUNT}:role/{name}","assume_role_policy":"{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"ec2.amazonaws.com\"}},\"Action\":\"sts:AssumeRole\"}}]}}","create_date":"2024-01-11T09:12:33Z","description":"Role for plain","force_detach_policies":false,"inline_policy":[{{"name":"inline","policy":"{statements}"}}],"managed_policy_arns":["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],"max_session_duration":3600,"name":"{name}","name_prefix":"","path":"/","permissions_boundary":"","unique_id":"AROA{}"}}"#,
        chance.hex(16)
    )
}

fn statements(chance: &mut Chance) -> String {
    let mut all = Vec::new();
    for at in 0..=chance.below(4) {
        all.push(format!(
            r#"{{\n      \"Sid\": \"S{at}\",\n      \"Effect\": \"Allow\",\n      \"Action\": [\"s3:GetObject\", \"sqs:SendMessage\", \"logs:PutLogEvents\"],\n      \"Resource\": \"arn:aws:s3:::{}-{}/*\"\n    }}"#,
            chance.of(WORDS), chance.hex(6)
        ));
    }
    format!(
        r#"{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{}]\n}}"#,
        all.join(", ")
    )
}

fn group(name: &str, common: &str, chance: &mut Chance) -> String {
    let mut rules = Vec::new();
    for _ in 0..=chance.below(6) {
        rules.push(format!(
            r#"{{"cidr_blocks":["10.{}.0.0/16"],"description":"{}","from_port":{},"ipv6_cidr_blocks":[],"prefix_list_ids":[],"protocol":"tcp","security_groups":[],"self":false,"to_port":9443}}"#,
            chance.below(255), chance.of(TEAMS), chance.below(9000)
        ));
    }
    format!(
        r#"{{{common},"arn":"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-{0}","description":"Managed by Terraform","egress":[],"ingress":[{1}],"name":"{name}","name_prefix":"","owner_id":"{ACCOUNT}","revoke_rules_on_delete":false,"vpc_id":"vpc-{0}"}}"#,
        chance.hex(17),
        rules.join(",")
    )
}

fn bucket(name: &str, common: &str, chance: &mut Chance) -> String {
    let statements = statements(chance);
    format!(
        r#"{{{common},"acceleration_status":"","acl":null,"arn":"arn:aws:s3:::{name}","bucket":"{name}","bucket_domain_name":"{name}.s3.amazonaws.com","bucket_prefix":"","cors_rule":[],"force_destroy":false,"grant":[{{"id":"{}","permissions":["FULL_CONTROL"],"type":"CanonicalUser","uri":""}}],"hosted_zone_id":"Z1BKCTXD74EZPE","lifecycle_rule":[{{"abort_incomplete_multipart_upload_days":7,"enabled":true,"expiration":[],"id":"abort","prefix":"","tags":{{}},"transition":[{{"date":"","days":30,"storage_class":"STANDARD_IA"}}]}}],"logging":[],"object_lock_enabled":false,"policy":"{statements}","region":"eu-west-1","replication_configuration":[],"request_payer":"BucketOwner","server_side_encryption_configuration":[{{"rule":[{{"apply_server_side_encryption_by_default":[{{"kms_master_key_id":"","sse_algorithm":"AES256"}}],"bucket_key_enabled":false}}]}}],"versioning":[{{"enabled":true,"mfa_delete":false}}],"website":[]}}"#,
        chance.hex(64)
    )
}

fn function(name: &str, common: &str, chance: &mut Chance) -> String {
    format!(
        r#"{{{common},"architectures":["x86_64"],"arn":"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}","code_signing_config_arn":"","dead_letter_config":[],"description":"plain","environment":[{{"variables":{{"CONFIG":"{{\"feature\": {{\"a\": 0.25, \"b\": [1, 2, 3]}}, \"url\": \"https://x.example/?a=1\u0026b=2\"}}","LOG_LEVEL":"info","TABLE":"{name}-table"}}}}],"ephemeral_storage":[{{"size":512}}],"filename":null,"function_name":"{name}","handler":"index.handler","image_uri":"","invoke_arn":"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{name}/invocations","kms_key_arn":"","last_modified":"2025-01-01T00:00:00.000+0000","layers":[],"memory_size":512,"package_type":"Zip","publish":false,"reserved_concurrent_executions":-1,"role":"arn:aws:iam::{ACCOUNT}:role/{name}","runtime":"python3.12","s3_bucket":"artifacts","s3_key":"{name}/build.zip","source_code_hash":"{}","source_code_size":{},"timeout":30,"tracing_config":[{{"mode":"Active"}}],"version":"$LATEST","vpc_config":[{{"security_group_ids":["sg-{}"],"subnet_ids":["subnet-{}"],"vpc_id":"vpc-1"}}]}}"#,
        chance.hex(43),
        chance.below(9_000_000),
        chance.hex(17),
        chance.hex(17)
    )
}
