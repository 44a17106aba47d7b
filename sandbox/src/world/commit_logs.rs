//! The histories of the commits that were listed last. A history never changes, so each page of it, and the next commit
//! on top of it, finds it here.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use super::state::State;
use crate::object::Oid;

/// So many are kept.
const MOST: usize = 16;

#[derive(Clone, Debug, Default)]
pub(crate) struct CommitLogs {
    known: BTreeMap<Oid, Arc<[Oid]>>,
    /// The oldest first.
    order: VecDeque<Oid>,
}

impl CommitLogs {
    fn keep(&mut self, tip: Oid, log: Arc<[Oid]>) {
        if self.known.insert(tip, log).is_none() {
            self.order.push_back(tip);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

impl State {
    /// The commits of a tip, newest first, never a parent before its child.
    pub(crate) fn log(&mut self, tip: Oid) -> Arc<[Oid]> {
        if let Some(known) = self.commit_logs.known.get(&tip) {
            return Arc::clone(known);
        }
        let log: Arc<[Oid]> = self.new_log(tip).into();
        self.commit_logs.keep(tip, Arc::clone(&log));
        log
    }

    /// What has one parent stands before all of the parent's history, so a history that is known is only added to.
    fn new_log(&self, tip: Oid) -> Vec<Oid> {
        let (mut log, mut at) = (Vec::new(), tip);
        loop {
            if let Some(known) = self.commit_logs.known.get(&at) {
                log.extend_from_slice(known);
                return log;
            }
            match self.objects.commit(at).map(|commit| commit.parents.as_slice()) {
                Some([parent]) => {
                    log.push(at);
                    at = *parent;
                }
                _ => {
                    log.extend(self.objects.log(at, &[]));
                    return log;
                }
            }
        }
    }
}
