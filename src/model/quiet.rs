//! The `{:?}` of what may hold texts of a sensitive policy: without them.

use std::fmt::{Debug, Formatter, Result};

use super::{Assumption, Key, Need};

impl Debug for Key {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let mut shown = f.debug_struct("Key");
        shown
            .field("id", &self.id)
            .field("address", &self.address)
            .field("arn", &self.arn)
            .field("account", &self.account)
            .field("region", &self.region)
            .field("state", &self.state)
            .field("sensitive", &self.sensitive)
            .field("policy", &self.policy)
            .field("issues", &self.issues);
        if !self.sensitive {
            shown.field("broken", &self.broken);
        }
        shown.finish_non_exhaustive()
    }
}

impl Debug for Assumption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Assumption")
            .field("symbol", &self.symbol)
            .field("verdicts", &self.verdicts)
            .finish_non_exhaustive()
    }
}

impl Debug for Need {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Need")
            .field("subject", &self.subject)
            .field("requirement", &self.requirement)
            .finish_non_exhaustive()
    }
}
