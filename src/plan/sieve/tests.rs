use std::io::{self, Cursor, Read};
use std::time::Duration;

use super::bytes::WINDOW;
use super::{sift, sift_large};
use crate::plan::load;
use crate::source::SourceMap;
use crate::value::Symbols;

/// Gives so many bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(self.1);
        (&self.0[..self.0.len().min(most)])
            .read(into)
            .inspect(|read| self.0 = &self.0[*read..])
    }
}

const KEY: &str = r#""mode":"managed","type":"aws_kms_key","name":"k""#;
const OTHER: &str = r#""mode":"managed","type":"aws_instance","name":"i""#;

/// A plan with all parts that are looked into, in each a key and something else.
fn plan() -> String {
    let change = |head: &str| {
        format!(
            r#"{{"address":"a",{head},"change":{{"actions":["no-op"],"before":{{"policy":"{{\"a\\u0041\":\"\u00e9\"}}","tags":{{"a":1}}}},"after":null,"replace_paths":[[1]]}}}}"#
        )
    };
    let values = |head: &str| {
        format!(
            r#"{{"address":"a",{head},"schema_version":0,"values":{{"arn":"é","tags":{{}}}},"sensitive_values":{{"tags":{{}}}}}}"#
        )
    };
    let block = |head: &str| {
        format!(
            r#"{{"address":"a",{head},"expressions":{{"policy":{{"references":["x"]}},"tags":{{}}}},"depends_on":["y"]}}"#
        )
    };
    let pair = |of: &dyn Fn(&str) -> String| format!("[{}, {},{}]", of(OTHER), of(KEY), of(OTHER));
    format!(
        r#" {{"format_version":"1.2", "variables":{{"v":{{"value":1}}}},"planned_values":{{"root_module":{{"resources":{values}}}}},
"resource_drift":[1.5e+3,-0.25,true,false,null,"",[],{{}},[[{{"a":{{}}}}]]],"resource_changes":{changes},"output_changes":{{"o":{{}}}},
"prior_state":{{"format_version":"1.0","values":{{"outputs":{{}},"root_module":{{"resources":{values},"child_modules":[{{"address":"module.m","resources":{values},"child_modules":[]}}]}}}}}},
"configuration":{{"provider_config":{{"aws":{{}}}},"root_module":{{"outputs":{{}},"resources":{blocks},"module_calls":{{"m":{{"source":"./m","version_constraint":"1","module":{{"resources":{blocks},"variables":{{}}}}}}}}}}}},
"deferred_changes":[],"relevant_attributes":[{{"resource":"aws_kms_key.k","attribute":["a",0],"more":1}}],"timestamp":"now","complete":true}}
"#,
        values = pair(&values),
        changes = pair(&change),
        blocks = pair(&block),
    )
}

fn sifted(text: &str) -> Option<String> {
    let text = sift(text.as_bytes(), true).unwrap();
    text.map(|text| String::from_utf8(text).unwrap())
}

#[test]
fn what_nobody_asks_for_is_left_out() {
    let change = r#"{"address":"a","mode":"managed","type":"aws_kms_key","name":"k","change":{"actions":["no-op"],"before":{"policy":"{\"a\\u0041\":\"\u00e9\"}"},"after":null}}"#;
    let values = r#"{"address":"a","mode":"managed","type":"aws_kms_key","name":"k","schema_version":0,"values":{"arn":"é"},"sensitive_values":{}}"#;
    let block = r#"{"address":"a","mode":"managed","type":"aws_kms_key","name":"k","expressions":{"policy":{"references":["x"]}},"depends_on":["y"]}"#;
    let wanted = [
        r#"{"format_version":"1.2","variables":{"v":{"value":1}},"planned_values":null,"resource_drift":null,"resource_changes":["#,
        change,
        r#"],"output_changes":null,"prior_state":{"values":{"root_module":{"resources":["#,
        values,
        r#"],"child_modules":[{"address":"module.m","resources":["#,
        values,
        r#"],"child_modules":[]}]}}},"configuration":{"provider_config":{"aws":{}},"root_module":{"outputs":{},"resources":["#,
        block,
        r#"],"module_calls":{"m":{"source":"./m","module":{"resources":["#,
        block,
        r#"],"variables":{}}}}}},"deferred_changes":[],"relevant_attributes":[{"resource":"aws_kms_key.k","attribute":["a",0]}],"timestamp":null,"complete":true}"#,
    ];
    assert_eq!(sifted(&plan()).unwrap(), wanted.concat());
}

#[test]
fn it_does_not_matter_how_the_file_comes_in() {
    let plan = plan();
    let whole = sifted(&plan);
    for most in [1, 2, 3, 5, 7, 8, 9, 64, 1000] {
        let read = sift(Slow(plan.as_bytes(), most), true).unwrap();
        assert_eq!(read.map(|it| String::from_utf8(it).unwrap()), whole);
    }
}

#[test]
fn a_plan_that_ends_early_is_left_to_the_reader() {
    let plan = plan();
    for length in 0..plan.trim_end().len() {
        assert_eq!(
            sift(&plan.as_bytes()[..length], true).unwrap(),
            None,
            "{length}"
        );
    }
}

/// Each is broken, or of a form that the sieve does not know, in a place that it would pass over.
#[test]
fn what_is_not_sure_is_left_to_the_reader() {
    let inside = [
        r#""a" 1"#,
        "\"a\n\"",
        r#""\x""#,
        r#""\u00g0""#,
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "tru",
        "nul",
        "True",
        "[1,]",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{1:2}",
        "{,}",
        "[,]",
        "",
        ",",
        "}",
        "'a'",
        "NaN",
        "1 1",
    ];
    let deep = format!("{}{}", "[".repeat(110), "]".repeat(110));
    for it in inside.into_iter().chain([deep.as_str()]) {
        let plan = format!(r#"{{"format_version":"1.2","resource_changes":[],"timestamp":{it}}}"#);
        assert_eq!(sifted(&plan), None, "{plan}");
        let plan = format!(
            r#"{{"format_version":"1.2","resource_changes":[{{"address":"a",{OTHER},"change":{it}}}]}}"#
        );
        assert_eq!(sifted(&plan), None, "{plan}");
    }
    let whole = [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "PK\u{3}\u{4}",
        "\u{feff}{\"format_version\":\"1.2\"}",
        r#"{"keytrail_snapshot":1,"format_version":"1.2"}"#,
        // Nothing but these says what is planned.
        r#"{"format_version":"1.2","planned_values":{}}"#,
        r#"{"format_version":"1.2","resource_changes":[]} {}"#,
        r#"{"format_version":"1.2","resource_changes":[]}x"#,
        // The names are the same, and the bytes are not.
        r#"{"format_version":"1.2","resource\u005fchanges":[]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_kms\u005fkey"}]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"type":"aws_instance","mode":"managed"}]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_kms_key","type":"aws_instance"}]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","mode":"data","type":"aws_kms_key"}]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":1,"type":"aws_kms_key"}]}"#,
        r#"{"format_version":"1.2","plan":{"format_version":"1.2","resource_changes":[]}}"#,
        r#"{"format_version":"1.2","resource_changes":[],"deferred_changes":[{}]}"#,
        // The reader says what it should be.
        r#"{"format_version":"1.2","resource_changes":[1]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_kms_key","change":{"after":1e999}}]}"#,
        r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_kms_key","change":"x"}]}"#,
        r#"{"format_version":"1.2","resource_changes":{}}"#,
        r#"{"format_version":"1.2","prior_state":{"values":{"root_module":{"child_modules":[{"child_modules":3}]}}}}"#,
    ];
    for plan in whole {
        assert_eq!(sifted(plan), None, "{plan}");
    }
    let mut deep = r#"{"format_version":"1.2","configuration":{"root_module":"#.to_owned();
    deep.push_str(&r#"{"module_calls":{"m":{"module":"#.repeat(1_000_000));
    assert_eq!(sifted(&deep), None);
}

#[test]
fn what_is_no_text_is_left_to_the_reader_also_where_it_is_not_kept() {
    let plan = |key: &str, value: &[u8]| {
        let start =
            format!("{{\"format_version\":\"1.2\",\"resource_changes\":[],\n\"{key}\":{{\"v\":\"");
        [start.as_bytes(), value, b"\"}}"].concat()
    };
    let fill = vec![b'x'; WINDOW];
    for key in ["variables", "checks"] {
        // Where windows end inside of it.
        for before in WINDOW - 80..WINDOW {
            let fill = &fill[..before];
            for value in ["é", "€", "😀", "é😀"] {
                let plan = plan(key, &[fill, value.as_bytes()].concat());
                assert!(sift(&plan[..], true).unwrap().is_some(), "{before}");
            }
            for value in [
                &b"\xff"[..],
                b"\xc3",
                b"\xe2\x82",
                b"\xf0\x9f\x98x",
                b"\x80",
            ] {
                let plan = plan(key, &[fill, value].concat());
                assert_eq!(sift(&plan[..], true).unwrap(), None, "{before}");
            }
        }
        let error = read(&plan(key, b"\xff")).unwrap_err();
        assert!(error.contains("is not UTF-8"), "{error}");
    }
}

#[test]
fn a_reader_that_fails_is_an_error() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let start = br#"{"format_version":"#.as_slice();
    let error = sift(start.chain(Failing), true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
}

/// What the reader makes of a text: the document, or the error.
fn read(text: &[u8]) -> Result<String, String> {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    match load(text, "plan.json", "in0", &mut map, &mut symbols) {
        Ok(document) => Ok(format!("{document:?}")),
        Err(error) => Err(error.message),
    }
}

/// Whatever a plan is mutilated to: where the sieve leaves something, the reader reads the same of it.
#[test]
fn what_is_left_reads_as_the_whole_does() {
    let plan = plan().into_bytes();
    assert!(read(&plan).is_ok());
    let mut left = 0;
    for at in 0..plan.len() {
        for by in [
            None,
            Some(b'"'),
            Some(b'1'),
            Some(b'{'),
            Some(b']'),
            Some(b','),
            Some(b' '),
            Some(b'\\'),
            Some(0xc3),
            Some(0xff),
        ] {
            let mut other = plan.clone();
            other.splice(at..=at, by);
            if let Some(text) = sift(&other[..], true).unwrap() {
                let whole = read(&other);
                assert_eq!(read(&text), whole, "{}", String::from_utf8_lossy(&other));
                left += 1;
            }
        }
    }
    assert!(left > plan.len(), "{left}");
}

#[test]
fn identities_are_left_out_unless_they_are_asked_for() {
    let plan = r#"{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_iam_role","name":"r"},{"mode":"data","type":"aws_iam_policy_document","name":"d"}]}"#;
    let with = sift(plan.as_bytes(), true).unwrap().unwrap();
    assert_eq!(String::from_utf8(with).unwrap(), plan);
    let without = sift(plan.as_bytes(), false).unwrap().unwrap();
    let wanted = plan.replace(
        r#"{"mode":"managed","type":"aws_iam_role","name":"r"},"#,
        "",
    );
    assert_eq!(String::from_utf8(without).unwrap(), wanted);
}

/// Gives nothing before another thread had the time for everything.
struct Late<'a>(&'a [u8]);

impl Read for Late<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        std::thread::sleep(Duration::from_millis(20));
        self.0.read(into)
    }
}

/// What two sieves leave, where the second one is ready first.
fn sifted_large(text: &str) -> Option<String> {
    let length = text.len() as u64;
    let text = sift_large(Late(text.as_bytes()), Cursor::new(text), length, true).unwrap();
    text.map(|text| String::from_utf8(text).unwrap())
}

#[test]
fn two_sieves_leave_what_one_leaves() {
    let plan = plan().replace('\n', "");
    assert_eq!(sifted_large(&plan), sifted(&plan));
    // The second one begins behind some of it.
    let fill = "x".repeat(WINDOW * 2 - 5);
    let filled = plan.replace("\"now\"", &format!("\"{fill}\""));
    for more in 0..40 {
        let first = format!(
            r#"{{"format_version":"1.2","checks":"{}{fill}","#,
            "y".repeat(more)
        );
        let other = filled.replacen(r#"{"format_version":"1.2", "#, &first, 1);
        let left = sifted_large(&other);
        assert!(left.is_some());
        assert_eq!(left, sifted(&other), "{more}");
    }
}

#[test]
fn a_key_that_is_not_the_documents_own_ends_no_sieve() {
    let inner = r#"{"a":[0,"resource_changes":["#;
    let plans = [
        r#"{"format_version":"1.2","checks":{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","prior_state":{"a":1}},"resource_changes":[]}"#.to_owned(),
        r#"{"format_version":"1.2","checks":{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","prior_state":{}},"resource_changes":[],"b":{"c":{}}}"#.to_owned(),
        r#"{"format_version":"1.2","resource_changes":[],"checks":{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","prior_state":{}}}"#.to_owned(),
        // What follows would be whole for the second alone.
        r#"{"format_version":"1.2","resource_changes":[],"checks":{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","prior_state":{}}"#.to_owned(),
        format!(r#"{{"format_version":"1.2","checks":"{inner}","resource_changes":[]}}"#),
        r#"{"format_version":"1.2","a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","resource_changes":[],"prior_state":{},}"#.to_owned(),
    ];
    for plan in plans {
        assert_eq!(sifted_large(&plan), sifted(&plan), "{plan}");
    }
}

/// A plan of so many changes that nobody asks for on either side of the middle, with more of the text in between.
fn changes(before: &[&str], after: &[&str]) -> String {
    let change = |head: &str, fill: usize| {
        format!(
            r#"{{"address":"a[\"{}\"]",{head},"change":{{"actions":["no-op"],"before":{{"policy":"p","nodes":[{{"address":"n"}},{{"address":"m","port":1}}]}}}}}}"#,
            "x".repeat(fill)
        )
    };
    let few =
        |heads: &[&str]| -> Vec<String> { heads.iter().map(|head| change(head, 3)).collect() };
    let mut all = few(before);
    all.push(change(OTHER, WINDOW * 3));
    all.push(change(OTHER, 9));
    all.push(change(OTHER, WINDOW * 3 / 2));
    all.append(&mut few(after));
    format!(
        r#"{{"format_version":"1.2","resource_changes":[{}],"timestamp":"t","complete":true}}"#,
        all.join(",")
    )
}

#[test]
fn two_sieves_share_the_changes() {
    for before in [&[][..], &[KEY], &[KEY, OTHER, KEY]] {
        for after in [&[][..], &[KEY], &[OTHER, KEY, KEY]] {
            let plan = changes(before, after);
            let length = plan.len() as u64;
            let mut first = Late(plan.as_bytes());
            let left = sift_large(&mut first, Cursor::new(&plan), length, true).unwrap();
            assert_eq!(left.map(|it| String::from_utf8(it).unwrap()), sifted(&plan));
            // The first one has left the other half to the second.
            assert!(!first.0.is_empty());
        }
    }
}

#[test]
fn what_only_looks_like_a_change_ends_no_sieve() {
    let fill = "x".repeat(400);
    let change = format!(
        r#"{{"address":"a",{OTHER},"change":{{"actions":["no-op"],"before":{{"a":"{fill}"}}}}}}"#
    );
    let twice = format!("[{change},{change}]");
    let plans = [
        // Drift is passed over, and changes inside of other things are none.
        format!(r#"{{"format_version":"1.2","resource_drift":{twice},"resource_changes":[]}}"#),
        format!(r#"{{"format_version":"1.2","checks":[{twice}],"resource_changes":[]}}"#),
        format!(
            r#"{{"format_version":"1.2","resource_changes":[],"relevant_attributes":{twice}}}"#
        ),
        format!(
            r#"{{"format_version":"1.2","resource_changes":[],"prior_state":{{"values":{{"root_module":{{"resources":{twice}}}}}}}}}"#
        ),
        // What follows would be whole for the second alone.
        format!(r#"{{"format_version":"1.2","resource_changes":[[{change},{change}]}}"#),
        format!(r#"{{"format_version":"1.2","resource_changes":{twice}"#),
        format!(r#"{{"format_version":"1.2","resource_changes":{twice}}}}}"#),
        format!(r#"{{"format_version":"1.2","resource_changes":{twice}]}}"#),
        format!(
            r#"{{"format_version":"1.2","resource_changes":[{fill},"prior_state":{{"values":{{}}}}}}"#,
            fill = change.replace("\"change\"", "\"was\"")
        ),
    ];
    for plan in plans {
        assert_eq!(sifted_large(&plan), sifted(&plan), "{plan}");
    }
}
