//! Long lists, a page at a time.

use http::{HeaderValue, header::LINK};
use serde::{Deserialize, Serialize};

use super::{
    answer::{self, Answer},
    call::Call,
    refusal::Refusal,
};

/// Which page.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
struct Asked {
    page: usize,
    per_page: usize,
}

impl Default for Asked {
    fn default() -> Self {
        Self { page: 1, per_page: 30 }
    }
}

/// GitHub gives a hundred at most.
const MOST: usize = 100;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) total: usize,
    link: Option<HeaderValue>,
}

impl<T> Page<T> {
    /// The page that the call asks for.
    pub(crate) fn of(call: &Call<'_>, all: impl Iterator<Item = T>) -> Result<Self, Refusal> {
        let asked: Asked = call.query()?;
        let size = asked.per_page.clamp(1, MOST);
        let number = asked.page.max(1);
        let skipped = number.saturating_sub(1).saturating_mul(size);
        let (mut total, mut items) = (0, Vec::new());
        for item in all {
            if total >= skipped && items.len() < size {
                items.push(item);
            }
            total += 1;
        }
        let last = total.div_ceil(size).max(1);
        Ok(Self { items, total, link: link(call, number, last) })
    }

    /// Each rendered.
    pub(crate) fn answer<R: Serialize>(self, render: impl FnMut(T) -> R) -> Answer {
        let link = self.link;
        let rendered: Vec<R> = self.items.into_iter().map(render).collect();
        linked(answer::ok(&rendered), link)
    }

    /// Inside an object of the resource's own.
    pub(crate) fn enclosed<R: Serialize>(self, render: impl FnOnce(Vec<T>) -> R) -> Answer {
        linked(answer::ok(&render(self.items)), self.link)
    }

    /// Inside an object that counts them.
    pub(crate) fn counted<R: Serialize>(self, name: &'static str, render: impl FnMut(T) -> R) -> Answer {
        let (link, total) = (self.link, self.total);
        let items = self.items.into_iter().map(render).collect();
        linked(answer::ok(&Counted { total, name, items }), link)
    }
}

struct Counted<R> {
    total: usize,
    name: &'static str,
    items: Vec<R>,
}

impl<R: Serialize> Serialize for Counted<R> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("total_count", &self.total)?;
        map.serialize_entry(self.name, &self.items)?;
        map.end()
    }
}

fn linked(mut answer: Answer, link: Option<HeaderValue>) -> Answer {
    if let Some(link) = link {
        answer.headers_mut().insert(LINK, link);
    }
    answer
}

fn link(call: &Call<'_>, number: usize, last: usize) -> Option<HeaderValue> {
    if last <= 1 {
        return None;
    }
    let uri = call.request.uri();
    let kept: Vec<&str> = uri.query().unwrap_or("").split('&').filter(|pair| is_kept(pair)).collect();
    let to = |page: usize, rel: &str| {
        let mut query = kept.join("&");
        if !query.is_empty() {
            query.push('&');
        }
        format!("<{}{}?{query}page={page}>; rel=\"{rel}\"", call.state.addresses.api, uri.path())
    };
    let mut links = Vec::new();
    if number > 1 {
        links.push(to(number - 1, "prev"));
    }
    if number < last {
        links.push(to(number + 1, "next"));
        links.push(to(last, "last"));
    }
    if number > 1 {
        links.push(to(1, "first"));
    }
    HeaderValue::from_str(&links.join(", ")).ok()
}

fn is_kept(pair: &str) -> bool {
    !pair.is_empty() && pair != "page" && !pair.starts_with("page=")
}
