//! `rate-limit-overview`.

use serde::Serialize;

use crate::world::limits::Window;

#[derive(Serialize)]
pub(crate) struct Overview {
    resources: Resources,
    rate: Limit,
}

#[derive(Serialize)]
struct Resources {
    core: Limit,
    search: Limit,
}

#[derive(Clone, Copy, Serialize)]
struct Limit {
    limit: u64,
    used: u64,
    remaining: u64,
    reset: i64,
}

impl Overview {
    pub(crate) fn of(core: Window, search: Window) -> Self {
        let (core, search) = (Limit::of(core), Limit::of(search));
        Self { resources: Resources { core, search }, rate: core }
    }
}

impl Limit {
    const fn of(window: Window) -> Self {
        Self { limit: window.limit, used: window.used, remaining: window.remaining(), reset: window.reset.seconds() }
    }
}
