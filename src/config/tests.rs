use super::*;

/// Reads a text; problems as `line: message (help)`.
fn read(text: &str) -> (Config, Vec<String>) {
    let mut sources = SourceMap::new();
    let file = sources.add(FILE, text).unwrap();
    let (config, problems) = parse(&sources, file, &["trail-unencrypted", "reader-denied"]);
    let shown = problems.iter().map(|it| {
        let place = sources.location(it.span);
        let help = it
            .help
            .as_ref()
            .map_or(String::new(), |it| format!(" ({it})"));
        format!(
            "{} `{}`: {}{help}",
            place.start.line, place.text, it.message
        )
    });
    let shown = shown.collect();
    (config, shown)
}

fn problems(text: &str) -> Vec<String> {
    read(text).1
}

#[test]
fn whom_the_user_trusts_is_read() {
    let text = "[check]\ntrusted-account = [\"444455556666\"]\ntrusted-organization = [\"o-abcd123456\"]\n";
    let (config, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(config.settings.trusted_accounts, ["444455556666"]);
    assert_eq!(config.settings.trusted_organizations, ["o-abcd123456"]);
    for bad in [
        "trusted-account = [\"44445555666\"]",
        "trusted-organization = [\"abcd123456\"]",
    ] {
        let found = self::problems(&format!("[check]\n{bad}\n"));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
    }
}

#[test]
fn settings_are_read() {
    let text = "[check]\nfail-on = \"warning\"\nundecided = \"allow\"\nstrict = true\naccount-id = { aws = \"111122223333\" }\nregion = \"eu-central-1\"\n[[reader]]\narn = \"arn:aws:iam::111122223333:role/a\"\n[rules]\ntrail-unencrypted = \"off\"\n";
    let (config, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    let settings = config.settings;
    for good in [
        "AWSReservedSSO_Audit_*",
        "arn:aws:iam::111122223333:role/a/b_*",
    ] {
        let text = format!("[[reader]]\narn = \"{good}\"\nvia = \"athena\"\n");
        let (config, problems) = read(&text);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(config.settings.readers[0].athena, Some(true));
    }
    for bad in [
        "arn:aws:iam::*:role/a",
        "arn:aws:iam::111122223333:user/*",
        "Audit_*",
    ] {
        let found = self::problems(&format!("[[reader]]\narn = \"{bad}\"\n"));
        assert_eq!(found.len(), 1, "{bad}: {found:?}");
    }
    assert_eq!(settings.fail_on, Some(crate::report::Severity::Warning));
    assert_eq!(settings.undecided, Some(Worth(None)));
    assert_eq!(settings.strict, Some(true));
    let account = (Some("aws".to_owned()), "111122223333".to_owned());
    assert_eq!(settings.accounts, [account]);
    assert_eq!(settings.regions, [(None, "eu-central-1".to_owned())]);
    let arns: Vec<&str> = settings.readers.iter().map(|it| it.arn.as_str()).collect();
    assert_eq!(arns, ["arn:aws:iam::111122223333:role/a"]);
    assert_eq!(
        config.levels,
        [("trail-unencrypted".to_owned(), Level::Off)]
    );
}

#[test]
fn a_reader_has_a_way_a_role_and_perhaps_a_pattern() {
    let text = "[[reader]]\narn = \"AWSReservedSSO_Audit_*\"\nvia = \"athena\"\n[[reader]]\narn = \"arn:aws:iam::222222222222:user/a\"\nthrough = \"arn:aws:iam::111111111111:role/r\"\n";
    let (config, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    let told: Vec<_> = config
        .settings
        .readers
        .iter()
        .map(|it| (it.athena, it.through.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(true), None),
            (None, Some("arn:aws:iam::111111111111:role/r"))
        ]
    );
    for wrong in [
        "arn = \"AWSReservedSSO_*/x\"",
        "arn = \"arn:aws:iam::*:role/a\"",
        "arn = \"arn:aws:iam::111122223333:user/*\"",
        "arn = \"*\"",
        "arn = \"arn:aws:iam::111122223333:role/a\"\nvia = \"glue\"",
        "arn = \"arn:aws:iam::111122223333:role/a\"\nthrough = \"arn:aws:iam::111122223333:user/b\"",
    ] {
        let (_, problems) = read(&format!("[[reader]]\n{wrong}\n"));
        assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
    }
}

#[test]
fn mistakes_are_told_at_their_lines_all_of_them() {
    let text = "[check]\nfail_on = \"error\"\nundecided = \"never\"\nstrict = \"yes\"\naccount-id = \"1111\"\n[rules]\ntrail-unencryptd = \"off\"\n[exepct]\n";
    assert_eq!(
        problems(text),
        [
            "2 `fail_on`: there is no setting `fail_on` (there is `fail-on`)",
            "3 `never`: `undecided` is `allow`, `note`, `warning` or `error`, and not `never`",
            "4 `\"yes\"`: `strict` is `true` or `false`, and this is a text",
            "5 `1111`: an account id has 12 digits, this has 4 characters",
            "7 `trail-unencryptd`: there is no rule `trail-unencryptd` (there is `trail-unencrypted`; `keytrail rules` lists all)",
            "8 `exepct`: there is no section `exepct` (there is `expect`)",
        ]
    );
    let broken = problems("[check]\nfail-on = \nstrict = tru\n");
    assert!(
        broken.len() >= 2 && broken[0].starts_with("2 "),
        "{broken:?}"
    );
}

#[test]
fn the_severity_of_an_own_rule_stands_with_it() {
    let rule = "[[rule]]\nid = \"our-logs\"\nmessage = \"m\"\nselect = \"$\"\n";
    assert_eq!(
        problems(&format!("[rules]\nour-logs = \"note\"\n{rule}"))[0],
        "2 `our-logs`: `our-logs` is a rule of this file (its `severity` stands in its `[[rule]]`; without the `[[rule]]` it is off)"
    );
    assert_eq!(
        problems("[rules]\nour-logs = \"note\"\n"),
        ["2 `our-logs`: there is no rule `our-logs` (`keytrail rules` lists them)"]
    );
}

#[test]
fn an_expectation_says_whom_it_means() {
    let expect = |request: &str| {
        problems(&format!(
            "[[expect]]\nkey = \"aws_kms_key.a\"\nallow = [ {request} ]\n"
        ))
    };
    let none: [&str; 0] = [];
    for good in [
        "{ principal = \"*\", action = \"kms:Decrypt\" }",
        "{ principal = [\"111122223333\", \"arn:aws:iam::{account}:role/a\"], action = \"kms:Decrypt\", context = { \"aws:SourceArn\" = \"{aws_cloudtrail.main}\", \"aws:TagKeys\" = [\"a\"] } }",
        "{ as = \"cloudtrail-encrypt\", subject = \"aws_cloudtrail.main\" }",
        "{ as = \"reader-decrypt\", principal = \"arn:aws:iam::{account}:role/a\" }",
    ] {
        assert_eq!(expect(good), none, "{good}");
    }
    for (bad, why) in [
        ("{ action = \"kms:Decrypt\" }", "has no `principal`"),
        ("{ principal = \"*\" }", "has no `action`"),
        (
            "{ principal = \"bob\", action = \"kms:Decrypt\" }",
            "`bob` is no principal",
        ),
        (
            "{ principal = \"*.amazonaws.com\", action = \"kms:Decrypt\" }",
            "is no principal",
        ),
        (
            "{ principal = \"*\", action = \"kms:*\" }",
            "is no action of KMS",
        ),
        (
            "{ principal = \"*\", action = \"kms:Decrypt\", contxt = {} }",
            "there is `context`",
        ),
        (
            "{ principal = \"arn:aws:iam::${account}:role/a\", action = \"kms:Decrypt\" }",
            "write `{account}`",
        ),
        (
            "{ principal = \"arn:aws:iam::{acount}:role/a\", action = \"kms:Decrypt\" }",
            "stands for nothing",
        ),
        (
            "{ as = \"cloudtrail-encrpyt\" }",
            "there is `cloudtrail-encrypt`",
        ),
        (
            "{ as = \"cloudtrail-encrypt\", action = \"kms:Decrypt\" }",
            "says the action already",
        ),
        ("{ as = \"reader-decrypt\" }", "has no `principal`"),
        ("{ as = \"config-encrypt\" }", "cannot be taken"),
        (
            "{ principal = \"*\", action = \"kms:Decrypt\", subject = \"aws_cloudtrail.a\" }",
            "no `as`",
        ),
    ] {
        let found = expect(bad);
        assert!(
            found.len() == 1 && found[0].contains(why),
            "{bad}: {found:?}"
        );
    }
    let many = format!("[{}]", "\"kms:Decrypt\",".repeat(1_001));
    let found = expect(&format!(
        "{{ principal = [\"*\", \"*\"], action = {many} }}"
    ));
    assert!(
        found.len() == 1 && found[0].contains("more than 2000 requests"),
        "{found:?}"
    );
    let nothing = problems("[[expect]]\nkey = \"aws_kms_key.a\"\n");
    assert!(nothing[0].contains("expects nothing"), "{nothing:?}");
    let keyless = problems("[[expect]]\ndeny = []\n");
    assert_eq!(keyless.len(), 2, "{keyless:?}");
}

#[test]
fn a_rule_of_ones_own_is_checked_before_it_runs() {
    let rule = |more: &str| {
        problems(&format!(
            "[[rule]]\nid = \"a-b\"\nmessage = \"m\"\nselect = \"$.resources[?@.type == 'aws_kms_key']\"\n{more}\n"
        ))
    };
    let none: [&str; 0] = [];
    assert_eq!(
        rule("require = { path = \"$.values.a\", equals = true }"),
        none
    );
    assert_eq!(
        rule("forbid = [ { path = \"$.values.a\", matches = \"^x\" }, {} ]"),
        none
    );
    for (bad, why) in [
        ("", "neither requires nor forbids"),
        (
            "require = { path = \"$.[\", equals = 1 }",
            "it is no JSONPath",
        ),
        (
            "require = { matches = \"(\" }",
            "it is no regular expression",
        ),
        (
            "require = { equals = 1, matches = \"a\" }",
            "a check is one of",
        ),
        ("require = { exists = false }", "`exists` is `true`"),
        ("require = { path = \"$..a..b..c\" }", "it descends"),
        ("forbid = {}\nseverity = \"fatal\"", "`severity` is"),
        (
            "require = { path = \"$.values.a\", equals = 2026-01-01 }",
            "write it as text: `\"2026-01-01\"`",
        ),
        (
            "require = { path = \"$.values.a\", one-of = [1, [07:32:00]] }",
            "holds no date",
        ),
        (
            "require = { path = \"$.values.a\", equals = { b = nan } }",
            "holds no such number",
        ),
        (
            "require = { path = \"$.values.a\", equals = 99999999999999999999 }",
            "no number of that size",
        ),
        ("forbid = { one-of = [] }", "`one-of` is an empty list"),
        ("forbid = { matches = \"\" }", "is found in every text"),
        (
            "require = { path = \"$.enable_key_rotation\", equals = true }",
            "`values.enable_key_rotation`",
        ),
    ] {
        let found = rule(bad);
        assert!(
            found.len() == 1 && found[0].contains(why),
            "{bad}: {found:?}"
        );
    }
    let taken = problems(
        "[[rule]]\nid = \"reader-denied\"\nmessage = \"m\"\nselect = \"$\"\nforbid = {}\n",
    );
    assert!(taken[0].contains("already"), "{taken:?}");
    let lost = problems(
        "[[rule]]\nid = \"a\"\nmessage = \"m\"\nselect = \"$.resource_changes[*]\"\nforbid = {}\n",
    );
    assert_eq!(
        lost,
        [
            "4 `$.resource_changes[*]`: the document of a rule has no member `resource_changes` (there are `resources` and `deleted`, as in `$.resources[?@.type == 'aws_kms_key']`; `keytrail explain custom-rules` says what there is)"
        ]
    );
    let mute = problems("[[rule]]\nid = \"a\"\nmessage = \" \"\nselect = \"$\"\nforbid = {}\n");
    assert_eq!(mute, ["3 ` `: `message` is empty"]);
}

#[test]
fn a_principal_has_a_name() {
    for (wrong, why) in [
        ("arn:aws:iam::111122223333:role/", "it names no role"),
        ("arn:aws:iam::111122223333:user/", "it names no user"),
        ("arn:aws:iam::111122223333:role/a//b", "it names no role"),
        ("arn:aws:iam::111122223333:role", "it names no role"),
        (
            "arn:aws:sts::111122223333:federated-user/",
            "it names no federated user",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/a",
            "`assumed-role/ROLE/SESSION`",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role//b",
            "`assumed-role/ROLE/SESSION`",
        ),
        ("arn:aws:iam::111122223333:root/a", "it is a user, a role"),
        ("arn:awz:iam::111122223333:role/a", "no partition `awz`"),
        ("arn:aws:iam::1:role/a", "this has 1 character"),
        ("arn:aws:iam:::role/a", "this is empty"),
        (
            "arn:aws:iam::11112222333x:role/a",
            "12 digits and nothing else",
        ),
    ] {
        let said = principal(wrong).unwrap_err();
        assert!(
            said.contains(why) && !said.contains("1 characters"),
            "{wrong}: {said}"
        );
    }
    for right in [
        "arn:aws:iam::111122223333:root",
        "arn:aws-us-gov:iam::111122223333:role/a/b/c",
        "arn:aws:sts::111122223333:assumed-role/a/b",
    ] {
        assert_eq!(principal(right), Ok(()));
    }
}

#[test]
fn what_init_writes_is_read_as_it_stands_and_with_every_line_of_it() {
    assert_eq!(problems(TEMPLATE), Vec::<String>::new());
    let lines = TEMPLATE.lines().map(|line| match line.strip_prefix("# ") {
        // A line that is a key, a section or a part of one; the rest is prose.
        Some(rest) if is_toml(rest) => rest,
        _ => line,
    });
    let all: Vec<&str> = lines.collect();
    let (config, problems) = read(&all.join("\n"));
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(config.expectations.len(), 1);
    assert_eq!(config.rules.len(), 1);
    let named = |key: &str| {
        let last = key.rsplit('.').next().unwrap();
        all.iter()
            .any(|line| !line.starts_with('#') && line.contains(last))
    };
    let missing: Vec<String> = keys().into_iter().filter(|key| !named(key)).collect();
    assert_eq!(missing, ["rules.RULE"]);
}

fn is_toml(line: &str) -> bool {
    let start = line.trim_start();
    start.starts_with(['[', '{', ']'])
        || start.split_once(" = ").is_some_and(|(key, _)| {
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
}

/// The file with every key, cut short anywhere and without any of its letters: read or refused, never worse.
#[test]
fn a_file_that_is_cut_or_garbled_is_told_of() {
    let lines = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if is_toml(rest) => rest,
            None if !line.starts_with('#') => line,
            _ => "",
        })
        .filter(|line| !line.is_empty());
    let whole = lines.collect::<Vec<_>>().join("\n");
    let (mut right, mut wrong) = (0, 0);
    for (at, letter) in whole.char_indices() {
        let (before, rest) = whole.split_at(at);
        let without = format!(
            "{before}{}",
            rest.get(letter.len_utf8()..).unwrap_or_default()
        );
        for text in [before, &without] {
            let (config, problems) = read(text);
            if problems.is_empty() {
                right += 1;
                assert!(config.expectations.iter().all(|it| !it.requests.is_empty()));
            } else {
                wrong += 1;
            }
        }
    }
    assert!(right > 100 && wrong > 100, "{right} {wrong}");
}

#[test]
fn an_expectation_names_what_there_is() {
    let problems = |request: &str| {
        let text = format!("[[expect]]\nkey = \"aws_kms_key.k\"\ndeny = [{request}]\n");
        problems(&text)
    };
    let right = "{ principal = \"*\", action = \"kms:decrypt\", context = { \"aws:PrincipalTag/a\" = \"b\" } }";
    assert_eq!(problems(right), Vec::<String>::new());
    for (wrong, near) in [
        (right.replace("decrypt", "decryptt"), "kms:Decrypt"),
        (
            right.replace("aws:PrincipalTag/a", "aws:SourceArnn"),
            "aws:SourceArn",
        ),
    ] {
        let found = problems(&wrong);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(near), "{found:?}");
    }
}

#[test]
fn what_is_odd_is_told_once_and_shortly() {
    let rule = |rest: &str| format!("[[rule]]\nid = \"a\"\nmessage = \"m\"\n{rest}\n");
    let all = "select = \"$.resources[*]\"\n";
    for (text, why) in [
        ("check:\n".to_owned(), "the file is no TOML: key with no value"),
        ("[check]\nstrict = true\nstrict = true\n".to_owned(), "a second time (put both into one)"),
        (format!("a = {}\n", "[".repeat(300)), "too deep inside each other"),
        (format!("[check]\nfail-on = \"{}\"\n", "e".repeat(5_000)), "eee…"),
        ("[check]\naccount-id = { \"\" = \"111122223333\" }\n".to_owned(), "provider configuration is empty"),
        ("[rules]\nreader-denied = true\n".to_owned(), "`note` or `off`, and this is `true` or `false`"),
        (
            "[[reader]]\narn = \"AWSReservedSSO_A_*\"\ncontext = { \"aws:PrincipalTga/team\" = \"a\" }\n".to_owned(),
            "no request carries `aws:PrincipalTga/team`",
        ),
        ("[check]\nreader-context = { aws.SourceIp = \"1\" }\n".to_owned(), "put the key in quotes"),
        ("[check]\nreader-context = { \"\" = \"1\" }\n".to_owned(), "no request carries ``"),
        (rule("select = \"resources[0]\"\nforbid = {}"), "a JSONPath starts with `$`"),
        (rule("select = \"$.resources[?foo(@.type)]\"\nforbid = {}"), "no JSONPath from `"),
        (rule("select = \"$.resources[?@.type == 'a'\"\nforbid = {}"), "no JSONPath"),
        (rule("select = \"$.resources[?match(@.type, '(')]\"\nforbid = {}"), "`(` is no regular expression"),
        (rule(&format!("{all}require = []")), "`require` is an empty list"),
    ] {
        let found = problems(&text);
        assert!(
            found.len() == 1 && found[0].contains(why) && found[0].len() < 9_000,
            "{why}: {found:?}"
        );
    }
    let context = "context = { \"sts:ExternalId\" = \"a\", \"aws:PrincipalTag/team\" = \"b\" }";
    let right = format!("[[reader]]\narn = \"AWSReservedSSO_A_*\"\n{context}\n");
    assert_eq!(problems(&right), Vec::<String>::new());
}
