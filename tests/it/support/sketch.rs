//! A small plan around one policy: an existing key and trail, judged through the library.

use keytrail::model::Model;
use keytrail::report::Finding;
use keytrail::resolve::{Loaded, Options};
use keytrail::rules::{self, Gate, Selection};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use keytrail::{plan, resolve};
use serde_json::{Value, json};

/// The id of the key of every sketch, as AWS's examples write it.
pub const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// What is sketched.
pub struct Sketch {
    policy: String,
    account: String,
    trail: Value,
    key: Value,
    more: Vec<Value>,
    blocks: Vec<Value>,
    beside: Vec<String>,
    options: Options,
}

/// What came of it.
pub struct Judged {
    pub model: Model,
    pub findings: Vec<Finding>,
    pub sources: SourceMap,
}

impl Sketch {
    /// A key of account 111122223333 in us-east-1 with that policy, and the trail `main` that uses it.
    pub fn new(policy: impl Into<String>) -> Self {
        Sketch {
            policy: policy.into(),
            account: "111122223333".to_owned(),
            trail: json!({}),
            key: json!({}),
            more: Vec::new(),
            blocks: Vec::new(),
            beside: Vec::new(),
            options: Options::default(),
        }
    }

    /// The account of the key; the trail is in the same one unless [`Sketch::trail`] says otherwise.
    pub fn account(mut self, account: &str) -> Self {
        account.clone_into(&mut self.account);
        self
    }

    /// Attributes of the trail.
    pub fn trail(mut self, attributes: Value) -> Self {
        self.trail = attributes;
        self
    }

    /// Attributes of the key.
    pub fn key(mut self, attributes: Value) -> Self {
        self.key = attributes;
        self
    }

    /// A further resource that exists and does not change.
    pub fn with(mut self, address: &str, attributes: &Value) -> Self {
        self.more.push(change(address, attributes));
        self
    }

    /// A further resource that the plan creates.
    pub fn creates(mut self, address: &str, attributes: &Value) -> Self {
        let mut change = change(address, attributes);
        change["change"]["actions"] = json!(["create"]);
        change["change"]["before"] = Value::Null;
        self.more.push(change);
        self
    }

    /// A further resource that the plan destroys.
    pub fn destroys(mut self, address: &str, attributes: &Value) -> Self {
        let mut change = change(address, attributes);
        change["change"]["actions"] = json!(["delete"]);
        change["change"]["after"] = Value::Null;
        self.more.push(change);
        self
    }

    /// A further resource that Terraform lets go of (`removed` with `destroy = false`).
    pub fn forgets(mut self, address: &str, attributes: &Value) -> Self {
        self = self.destroys(address, attributes);
        if let Some(last) = self.more.last_mut() {
            last["change"]["actions"] = json!(["forget"]);
        }
        self
    }

    /// A resource that the plan creates, of which some attributes are known after the apply: each with what its expression refers to.
    pub fn later(mut self, address: &str, attributes: &Value, unknown: &[(&str, &[&str])]) -> Self {
        let mut change = change(address, attributes);
        change["change"]["actions"] = json!([if change["mode"] == "data" {
            "read"
        } else {
            "create"
        }]);
        change["change"]["before"] = Value::Null;
        let mut expressions = json!({});
        for (name, references) in unknown {
            change["change"]["after_unknown"][*name] = json!(true);
            if !references.is_empty() {
                expressions[*name] = json!({"references": references});
            }
        }
        let block = |name: &str| change[name].clone();
        let bare = address.split('[').next().unwrap();
        self.blocks.push(json!({"address": bare, "mode": block("mode"), "type": block("type"), "name": block("name"),
            "provider_config_key": "aws", "expressions": expressions, "schema_version": 0}));
        self.more.push(change);
        self
    }

    /// A resource with sensitive attributes that the plan creates.
    pub fn hides(mut self, address: &str, attributes: &Value, sensitive: &Value) -> Self {
        self = self.creates(address, attributes);
        if let Some(last) = self.more.last_mut() {
            last["change"]["after_sensitive"] = sensitive.clone();
        }
        self
    }

    /// A reader with its way.
    pub fn declares(mut self, reader: keytrail::resolve::Reader) -> Self {
        self.options.readers.push(reader);
        self
    }

    pub fn reader(mut self, arn: &str) -> Self {
        self.options
            .readers
            .push(keytrail::resolve::Reader::new(arn));
        self
    }

    /// `--control-tower KEY`
    pub fn control_tower(mut self, key: &str) -> Self {
        self.options.control_tower.push(key.to_owned());
        self
    }

    pub fn reader_context(mut self, key: &str, value: &str) -> Self {
        self.options
            .reader_context
            .push((key.to_owned(), value.to_owned()));
        self
    }

    /// The plan's text.
    pub fn plan(&self) -> String {
        let arn = format!("arn:aws:kms:us-east-1:{}:key/{KEY_ID}", self.account);
        let mut key = json!({"arn": arn, "key_id": KEY_ID, "id": KEY_ID, "policy": self.policy, "is_enabled": true,
            "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT", "multi_region": false});
        merge(&mut key, &self.key);
        let trail_arn = format!("arn:aws:cloudtrail:us-east-1:{}:trail/main", self.account);
        let mut trail = json!({"name": "main", "arn": trail_arn, "home_region": "us-east-1", "kms_key_id": arn,
            "s3_bucket_name": "logs", "is_organization_trail": false});
        merge(&mut trail, &self.trail);
        let mut changes = vec![
            change("aws_cloudtrail.main", &trail),
            change("aws_kms_key.trail", &key),
        ];
        changes.extend(self.more.iter().cloned());
        let mut configuration = json!({"root_module": {}});
        if !self.blocks.is_empty() {
            let aws = json!({"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"});
            configuration =
                json!({"provider_config": {"aws": aws}, "root_module": {"resources": self.blocks}});
        }
        json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": changes, "configuration": configuration, "complete": true, "errored": false})
        .to_string()
    }

    /// A further input: the plan of another account's root, which creates these resources.
    pub fn beside(mut self, account: &str, resources: &[(&str, Value)]) -> Self {
        let identity = json!({"account_id": account, "id": account, "arn": format!("arn:aws:iam::{account}:user/ci")});
        let mut changes = vec![change("data.aws_caller_identity.current", &identity)];
        for (address, attributes) in resources {
            let mut change = change(address, attributes);
            change["change"]["actions"] = json!(["create"]);
            change["change"]["before"] = Value::Null;
            changes.push(change);
        }
        let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": changes, "configuration": {"root_module": {}}, "complete": true, "errored": false});
        self.beside.push(plan.to_string());
        self
    }

    pub fn judge(&self) -> Judged {
        let texts: Vec<String> = std::iter::once(self.plan())
            .chain(self.beside.iter().cloned())
            .collect();
        judge_all(&texts, &self.options)
    }
}

/// Judges the text of a plan.
pub fn judge(text: &str, options: &Options) -> Judged {
    judge_all(&[text.to_owned()], options)
}

/// Judges the texts of plans together.
pub fn judge_all(texts: &[String], options: &Options) -> Judged {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let mut loaded = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let path = if at == 0 {
            "plan.json".to_owned()
        } else {
            format!("plan{at}.json")
        };
        let id = format!("in{at}");
        let document = plan::load(text.as_bytes(), &path, &id, &mut sources, &mut symbols).unwrap();
        loaded.push(Loaded { path, document });
    }
    let model = resolve::model(&loaded, symbols, &mut sources, options);
    let findings = rules::check(&model, Gate::default(), &Selection::default());
    Judged {
        model,
        findings,
        sources,
    }
}

fn merge(into: &mut Value, more: &Value) {
    for (key, value) in more.as_object().unwrap() {
        into[key] = value.clone();
    }
}

fn change(address: &str, after: &Value) -> Value {
    let data = address.starts_with("data.");
    let mut parts = address.trim_start_matches("data.").split(['.', '[']);
    let (kind, name) = (parts.next().unwrap(), parts.next().unwrap());
    let mut change = json!({"address": address, "mode": if data { "data" } else { "managed" }, "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["no-op"], "before": after, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {}}});
    let index = address
        .split_once('[')
        .map(|(_, index)| index.trim_end_matches(']'));
    if let Some(index) = index {
        change["index"] = serde_json::from_str(index).unwrap();
    }
    change
}

impl Judged {
    /// The verdict of a requirement of the first subject that has it, for anybody or for a named reader.
    pub fn verdict(&self, id: &str, reader: Option<&str>) -> &'static str {
        let mut all = self
            .model
            .subjects
            .iter()
            .flat_map(|subject| &subject.requirements);
        let found = all.find(|it| it.id == id && (it.reader.as_deref() == reader));
        found.map_or("not asked", |it| it.verdict.word())
    }

    /// `encrypt describe read` in one line.
    pub fn line(&self) -> String {
        let word = |id| self.verdict(id, None);
        format!(
            "{} {} {}",
            word("cloudtrail-encrypt"),
            word("cloudtrail-describe"),
            word("reader-decrypt")
        )
    }

    /// The first finding of a rule.
    pub fn finding(&self, rule: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.rule == rule)
    }

    /// The text that the first finding of a rule underlines.
    pub fn underlined(&self, rule: &str) -> String {
        let labels = self
            .finding(rule)
            .map(|finding| finding.labels.as_slice())
            .unwrap_or_default();
        let primary = labels.iter().find(|label| label.primary);
        primary.map_or_else(String::new, |label| self.sources.location(label.span).text)
    }

    /// The rules that raised something, each once, in the order of the findings.
    pub fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = Vec::new();
        for finding in &self.findings {
            if !rules.contains(&finding.rule.as_ref()) {
                rules.push(&finding.rule);
            }
        }
        rules
    }
}
