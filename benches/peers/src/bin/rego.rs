//! Asks regorus of a plan which trails use a key whose policy does not let CloudTrail encrypt. It sees the keys that a trail names by ARN, and
//! no condition: less than keytrail, in the same time.

use regorus::{Engine, Value};

const POLICY: &str = r#"
package trails

import rego.v1

keys := [key | some key in input.resource_changes; key.type == "aws_kms_key"]

list(it) := it if is_array(it)

list(it) := [it] if not is_array(it)

allows(key) if {
    policy := json.unmarshal(key.change.after.policy)
    some statement in policy.Statement
    statement.Effect == "Allow"
    some service in list(statement.Principal.Service)
    service == "cloudtrail.amazonaws.com"
    some action in list(statement.Action)
    startswith(action, "kms:GenerateDataKey")
}

denied contains trail.address if {
    some trail in input.resource_changes
    trail.type == "aws_cloudtrail"
    some key in keys
    key.change.after.arn == trail.change.after.kms_key_id
    not allows(key)
}
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give a plan")?;
    let mut engine = Engine::new();
    engine.add_policy("trails.rego".to_owned(), POLICY.to_owned())?;
    engine.set_input(Value::from_json_file(&path)?);
    println!("{}", engine.eval_rule("data.trails.denied".to_owned())?);
    Ok(())
}
