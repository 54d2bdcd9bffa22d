//! Every vector of `testdata/iam/vectors.jsonl` through the line format: the verdict and whether a Deny gave it.

use keytrail::policy::wire::Line;

const VECTORS: &str = include_str!("../../testdata/iam/vectors.jsonl");

#[test]
fn all_vectors_give_their_verdicts() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for text in VECTORS.lines() {
        let line = Line::read(text).unwrap();
        let answer = line.answer().unwrap();
        let expect = line.expect.as_deref().unwrap();
        let explicit = line.explicit_deny.unwrap_or(answer.explicit_deny);
        if answer.verdict != expect || answer.explicit_deny != explicit {
            wrong.push(format!(
                "{}: {} explicit {} where {expect} {explicit} is expected",
                line.id, answer.verdict, answer.explicit_deny
            ));
        }
        count += 1;
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert_eq!(count, 2959);
}
