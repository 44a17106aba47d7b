//! The base branch, and our own ones.

use bus::commit::Oid;
use serde_json::json;

use super::{Found, Look, Question};
use crate::github::json::Json;

/// How our own branches begin.
const OURS: &str = "rig/";

/// A branch and its commit.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    name: String,
    commit: Oid,
}

impl Look<'_> {
    pub(super) fn ask_for_branches(&mut self) {
        let base = escaped(&self.base);
        self.ask_list(Question::Base, &format!("git/matching-refs/heads/{base}"));
        self.ask_list(Question::OurBranches, &format!("git/matching-refs/heads/{OURS}"));
    }

    pub(super) fn hear_base(&mut self, list: Json<'_>) {
        let base = list.items().filter_map(tip).filter(|tip| tip.name == self.base);
        self.tips.extend(base);
    }

    pub(super) fn hear_our_branches(&mut self, list: Json<'_>) {
        self.tips.extend(list.items().filter_map(tip));
    }

    /// Only of a branch that moved since it was last told.
    pub(super) fn ask_for_tips(&mut self) {
        let is_news = |tip: &&Tip| self.memory.tips.get(&tip.name) != Some(&tip.commit);
        let moved: Vec<Tip> = self.tips.iter().filter(is_news).cloned().collect();
        for tip in moved {
            let path = format!("git/commits/{}", tip.commit);
            self.ask_at(Question::Tip(tip), &path);
        }
    }

    pub(super) fn tip(&self, Tip { name, commit }: &Tip, answer: Json<'_>) -> Found {
        let [tree, message] = answer.pick(["tree", "message"]);
        let tree = tree.and_then(|tree| tree.field("sha")).and_then(Json::text);
        let head = json!({"id": commit, "tree_id": tree, "message": message.and_then(Json::text)});
        let reference = json!(format!("refs/heads/{name}"));
        self.found("push", &format!("\"ref\":{reference},\"after\":\"{commit}\",\"head_commit\":{head}"))
    }

    /// All of them are told.
    pub(super) fn remember_tips(&mut self) {
        self.memory.tips = std::mem::take(&mut self.tips).into_iter().map(|tip| (tip.name, tip.commit)).collect();
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
