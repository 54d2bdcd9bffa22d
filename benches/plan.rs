//! Throughput of the plan reader beside a bare pass of `serde_json` over the same bytes, and how both grow.
//!
//! Run with `cargo bench --bench plan`. Sizes are resources; one in 25 is a key or a trail, as in a large account's plan. `keys_only` grows
//! in what is ours alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use keytrail::resolve::{Loaded, Options};
use keytrail::rules::{self, Gate, Selection};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use keytrail::{plan, resolve};
use serde::de::IgnoredAny;

const SIZES: &[usize] = &[100, 1_000, 10_000];

/// Memory beside time: allocations and their bytes of each pass, besides the input itself.
#[global_allocator]
static MEMORY: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES)]
fn bare_pass(bencher: Bencher<'_, '_>, resources: usize) {
    let bytes = document(resources, 25);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| serde_json::from_slice::<IgnoredAny>(black_box(&bytes)).unwrap());
}

#[divan::bench(args = SIZES)]
fn load(bencher: Bencher<'_, '_>, resources: usize) {
    let bytes = document(resources, 25);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| read(&bytes));
}

/// From bytes to findings: what `keytrail check` does between reading the file and writing the report.
#[divan::bench(args = SIZES)]
fn check(bencher: Bencher<'_, '_>, resources: usize) {
    let bytes = document(resources, 25);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| {
            let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
            let plan = plan::load(&bytes, "plan.json", "in0", &mut sources, &mut symbols).unwrap();
            let loaded = [Loaded {
                path: "plan.json".to_owned(),
                document: plan,
            }];
            let model = resolve::model(&loaded, symbols, &mut sources, &Options::default());
            rules::check(&model, Gate::default(), &Selection::default()).len()
        });
}

#[divan::bench(args = SIZES)]
fn keys_only(bencher: Bencher<'_, '_>, resources: usize) {
    let bytes = document(resources, 1);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| read(&bytes));
}

fn read(bytes: &[u8]) -> keytrail::input::Document {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    plan::load(black_box(bytes), "plan.json", "in0", &mut map, &mut symbols).unwrap()
}

/// A plan of so many resources, every `ours`-th of them a key and the next one a trail that uses it.
fn document(resources: usize, ours: usize) -> Vec<u8> {
    let mut changes = String::new();
    let mut values = String::new();
    for at in 0..resources {
        let (kind, after, unknown) = if at % ours == 0 {
            ("aws_kms_key", key(at), r#"{"multi_region":true}"#)
        } else if at % ours == 1 {
            ("aws_cloudtrail", trail(at), r#"{"id":true}"#)
        } else {
            ("aws_instance", instance(at), r#"{"id":true}"#)
        };
        let comma = if at == 0 { "" } else { "," };
        let head = format!(
            r#"{comma}{{"address":"{kind}.r[{at}]","mode":"managed","type":"{kind}","name":"r","index":{at},"provider_name":"registry.terraform.io/hashicorp/aws""#
        );
        write!(
            changes,
            r#"{head},"change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{unknown},"before_sensitive":false,"after_sensitive":{{}}}}}}"#
        )
        .unwrap();
        write!(
            values,
            r#"{head},"schema_version":0,"values":{after},"sensitive_values":{{}}}}"#
        )
        .unwrap();
    }
    format!(
        r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{{"root_module":{{"resources":[{values}]}}}},"resource_changes":[{changes}],"configuration":{{"root_module":{{}}}}}}"#
    )
    .into_bytes()
}

fn key(at: usize) -> String {
    let mut policy = String::from(r#"{\"Version\":\"2012-10-17\",\"Statement\":["#);
    for statement in 0..8 {
        let comma = if statement == 0 { "" } else { "," };
        write!(
            policy,
            r#"{comma}{{\"Sid\":\"S{statement}\",\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"arn:aws:iam::{at:012}:root\"}},\"Action\":\"kms:*\",\"Resource\":\"*\"}}"#
        )
        .unwrap();
    }
    policy.push_str("]}");
    let arn = key_arn(at);
    format!(
        r#"{{"arn":"{arn}","description":"key {at}","enable_key_rotation":true,"is_enabled":true,"key_usage":"ENCRYPT_DECRYPT","policy":"{policy}","tags":{{"Name":"{at}"}}}}"#
    )
}

fn key_arn(at: usize) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{at:036}")
}

/// A trail that uses the key before it.
fn trail(at: usize) -> String {
    let key = key_arn(at - 1);
    format!(
        r#"{{"arn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t{at}","name":"t{at}","kms_key_id":"{key}","s3_bucket_name":"logs","is_organization_trail":false}}"#
    )
}

fn instance(at: usize) -> String {
    let mut tags = String::from(r#""Name":"plain""#);
    for tag in 0..40 {
        write!(
            tags,
            r#","acme:cost/{tag}":"équipe – \"données\" {at} of the platform""#
        )
        .unwrap();
    }
    format!(
        r#"{{"ami":"ami-{at:017x}","associate_public_ip_address":false,"cpu_core_count":2,"ebs_block_device":[{{"iops":3000,"encrypted":true}}],"user_data":null,"tags":{{{tags}}},"tags_all":{{{tags}}}}}"#
    )
}
