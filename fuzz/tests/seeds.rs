//! The laws, over the seeds: what libFuzzer begins with holds.

use keytrail_fuzz::{address, differential, hcl, json, plan, policy, seeds, template};

fn over(target: &str, run: fn(&[u8])) {
    let seeds = seeds::of(target);
    assert!(seeds.len() >= 80, "{target}: {} seeds", seeds.len());
    for seed in seeds {
        let held = std::panic::catch_unwind(|| run(&seed));
        assert!(held.is_ok(), "{target}: {}", String::from_utf8_lossy(&seed));
    }
}

#[test]
fn addresses() {
    over("address", address::run);
}

#[test]
fn json() {
    over("json", json::run);
}

#[test]
fn plans() {
    over("plan", plan::run);
}

#[test]
fn sources() {
    over("hcl", hcl::run);
}

#[test]
fn policies() {
    over("policy", policy::run);
}

#[test]
fn hidden_values() {
    over("differential", differential::run);
}

#[test]
fn expressions() {
    over("template", template::run);
}
