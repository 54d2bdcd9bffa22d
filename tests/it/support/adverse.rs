//! Models that try to make a report say what it must not, or do what it must not.

use keytrail::model::PolicyState;
use keytrail::policy::{Blocker, Decision};
use keytrail::report::{Finding, Severity, Suggestion};

use super::world::{Made, POLICY, finding, here, known, label, made, policy, span_of, word};

/// What must be printed nowhere.
pub const CANARY: &str = "hunter2-canary";

/// A key whose policy is sensitive: its Sids, condition values, cases and text hold the canary.
pub fn sensitive() -> Made {
    let mut made = made();
    let text = POLICY.replace("mian", CANARY);
    let file = made
        .sources
        .add_part(
            "plan.json",
            "aws_kms_key.trail › policy (sensitive)",
            text,
            true,
        )
        .unwrap();
    let span = span_of(&made.sources, file, CANARY);
    made.findings = vec![finding(
        "trail-key-denies-encrypt",
        Severity::Error,
        vec![label(span, "statement 1", true)],
    )];
    let key = &mut made.model.keys[0];
    key.sensitive = true;
    key.state = PolicyState::Sensitive;
    key.policy = Some(policy(&[(CANARY, "Deny")]));
    for subject in &mut made.model.subjects {
        subject.arn = known(CANARY).into_sensitive();
        for requirement in &mut subject.requirements {
            requirement
                .request
                .context
                .set("aws:SourceAccount", known(CANARY).into_sensitive());
            hide_in(&mut requirement.decision);
        }
    }
    made.model.assumptions[0].within = vec![word(CANARY)];
    made.model.assumptions[0].not_in = vec![word(CANARY)];
    made
}

fn hide_in(decision: &mut Decision) {
    for case in &mut decision.cases {
        case.when[0].within = vec![word(CANARY)];
        case.when[0].not_in = vec![word(CANARY)];
    }
    decision.blocked_by.push(Blocker {
        symbol: None,
        reason: format!("until {CANARY}"),
        at: here(),
    });
    for outcome in &mut decision.statements {
        if let Some(failed) = &mut outcome.failed {
            failed.policy = vec![known(CANARY)];
            failed.key = Some(CANARY.to_owned());
        }
    }
}

/// Names, messages, lines and labels that try to drive a terminal or a CI runner; one line is very long, one label very tall.
pub fn findings_of_a_hostile_plan() -> Made {
    let mut made = made();
    let evil = "\u{1b}[2J\r\n::error file=x::y\u{202e}\0\u{9b}31m##[error]z\u{200b}\u{e0041}\
        ]]></failure><!-- --> </details> `` ``` @team #123 GH-1 [a](https://a.example) www.b.example <script>alert(1)</script> ##vso[task.x]y \
        %%{init: {}}%% $$x$$ &quot; \\| a|b\\|c end\"] --> z :tada: ```\n~~~\n# title\n- [ ] box\u{fffe}\u{b}";
    let long = format!(
        "{}{evil}needle{}\u{1b}\n",
        "a".repeat(90_000),
        "b".repeat(90_000)
    );
    let file = made.sources.add(format!("evil{evil}.json"), long).unwrap();
    let needle = span_of(&made.sources, file, "needle");
    let tall = made.sources.add("tall.tf", "x {\n".repeat(5_000)).unwrap();
    let end = made.sources.add("end.tf", "a\u{1b}b\n\n").unwrap();
    made.findings = vec![Finding {
        message: format!("`{evil}` is evil"),
        help: Some(format!("do not print {evil}")),
        instances: vec![evil.to_owned()],
        suggestion: Some(Suggestion {
            title: evil.to_owned(),
            text: format!("::stop-commands::{evil}\r\n{evil}"),
        }),
        ..finding(
            "policy-invalid",
            Severity::Error,
            vec![
                label(needle, evil, true),
                label(made.sources.whole(tall), "all of it", false),
                label(made.sources.span(end, 4..4), "the end", false),
                label(made.sources.span(end, 5..5), "the very end", false),
            ],
        )
    }];
    made.model.subjects[0].address = format!("a{evil}");
    made.model.subjects[2].link.reason = Some(evil.to_owned());
    made.model.subjects[0].requirements[2].reader = Some(evil.to_owned());
    made.model.keys[0].address = format!("k{evil}");
    made.model.inputs[0].notes = vec![evil.to_owned()];
    made.model.not_seen = vec![evil.to_owned()];
    made
}
