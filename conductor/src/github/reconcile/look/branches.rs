//! The base branch, and our own ones.

use bus::commit::Oid;
use serde_json::json;

use super::Look;

use crate::github::{json::Json, reconcile::Halt};

/// How our own branches begin.
const OURS: &str = "rig/";

/// A branch and its commit.
struct Tip {
    name: String,
    commit: Oid,
}

impl Look<'_> {
    /// Tells where the base branch and our own ones are.
    pub(super) async fn branches(&mut self) -> Result<(), Halt> {
        let base = self.base.clone();
        let mut tips = self.matching(&base).await?;
        tips.retain(|tip| tip.name == base);
        tips.extend(self.matching(OURS).await?);
        for tip in &tips {
            if self.memory.tips.get(&tip.name) != Some(&tip.commit) {
                self.branch(tip).await?;
            }
        }
        self.memory.tips = tips.into_iter().map(|tip| (tip.name, tip.commit)).collect();
        Ok(())
    }

    /// The branches whose names begin so.
    async fn matching(&mut self, start: &str) -> Result<Vec<Tip>, Halt> {
        let mut pages = self.list(&format!("git/matching-refs/heads/{}", escaped(start)));
        let mut tips = Vec::new();
        while let Some(page) = pages.next(&mut self.asker()).await? {
            tips.extend(page.json()?.items().filter_map(tip));
        }
        Ok(tips)
    }

    async fn branch(&mut self, Tip { name, commit }: &Tip) -> Result<(), Halt> {
        let path = self.at(&format!("git/commits/{commit}"));
        let page = self.asker().page(&path).await?;
        let [tree, message] = page.json()?.pick(["tree", "message"]);
        let tree = tree.and_then(|tree| tree.field("sha")).and_then(Json::text);
        let head = json!({"id": commit, "tree_id": tree, "message": message.and_then(Json::text)});
        let reference = json!(format!("refs/heads/{name}"));
        self.tell("push", &format!("\"ref\":{reference},\"after\":\"{commit}\",\"head_commit\":{head}")).await
    }
}

fn tip(reference: Json<'_>) -> Option<Tip> {
    let [name, object] = reference.pick(["ref", "object"]);
    let name = name?.text()?.strip_prefix("refs/heads/")?.to_owned();
    let commit = object?.field("sha")?.name()?.parse().ok()?;
    Some(Tip { name, commit })
}

/// A branch's name in an address.
fn escaped(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
