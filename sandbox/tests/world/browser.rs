//! A page as a browser reads it, and the rules that every page keeps: it says that it is played, it can be read by eye,
//! ear and keyboard, and it has nothing that runs but one script of ours.

use std::collections::BTreeSet;

use html5ever::{ParseOpts, parse_document, tendril::TendrilSink};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use sandbox::world::Answer;

const SCRIPT: &str = include_str!("../../src/page/live.js");

/// What stands on a page.
#[derive(Default)]
pub struct Page {
    pub status: u16,
    pub title: String,
    /// All words of the content.
    pub text: String,
    pub ids: BTreeSet<String>,
    pub links: Vec<String>,
    called: Vec<(String, String)>,
    /// Of forms, with their values.
    pub fields: Vec<(String, String)>,
    rows: Vec<Vec<String>>,
    elements: Vec<String>,
    labelled: BTreeSet<String>,
}

impl Page {
    /// Reads an answer, and fails where it breaks a rule.
    pub fn read(answer: &Answer) -> Self {
        let headers = answer.headers();
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
        assert_eq!([&headers["x-content-type-options"], &headers["referrer-policy"]], ["nosniff", "no-referrer"]);
        assert!(
            headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; style-src 'sha256-")
        );
        let parsed =
            parse_document(RcDom::default(), ParseOpts::default()).one(std::str::from_utf8(answer.body()).unwrap());
        assert!(parsed.errors.borrow().is_empty(), "{:?}", parsed.errors.borrow());
        let mut page = Self { status: answer.status().as_u16(), ..Self::default() };
        page.walk(&parsed.document, false);
        page.judge(&words(&parsed.document));
        page
    }

    /// One column of all tables' rows.
    pub fn cells(&self, column: usize) -> Vec<&str> {
        self.rows.iter().filter_map(|row| row.get(column)).map(String::as_str).collect()
    }

    /// Where the link leads whose words have these among them.
    pub fn leads_on(&self, words: &str) -> Option<String> {
        self.called.iter().find(|(called, _)| called.contains(words)).map(|(_, link)| link.clone())
    }

    fn walk(&mut self, node: &Handle, in_main: bool) {
        let mut in_main = in_main;
        match &node.data {
            NodeData::Text { contents } if in_main => self.text.push_str(&contents.borrow()),
            NodeData::Element { name, attrs, .. } => {
                let name = name.local.to_string();
                in_main |= name == "main";
                let attributes: Vec<(String, String)> =
                    attrs.borrow().iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string())).collect();
                self.element(&name, &attributes, node);
                self.elements.push(name);
            }
            _ => {}
        }
        node.children.borrow().iter().for_each(|child| self.walk(child, in_main));
    }

    fn element(&mut self, name: &str, attributes: &[(String, String)], node: &Handle) {
        let said = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let runs = attributes.iter().find(|(key, _)| key.starts_with("on") || key == "style" || key == "srcdoc");
        assert!(runs.is_none(), "{name} has {runs:?}");
        if let Some(id) = said("id") {
            assert!(self.ids.insert(id.clone()), "{id} is there twice");
        }
        match name {
            "html" => assert_eq!(said("lang").as_deref(), Some("en")),
            "title" => self.title = words(node),
            "script" => assert!(attributes.is_empty() && words(node) == SCRIPT),
            "a" => {
                let link = said("href").unwrap();
                assert!(["/", "#", "http://", "https://"].iter().any(|start| link.starts_with(start)), "{link}");
                assert!(!words(node).trim().is_empty(), "a link to {link} without words");
                self.called.push((words(node), link.clone()));
                self.links.push(link);
            }
            "img" => assert!(said("alt").is_some()),
            "input" => {
                assert_eq!(said("type").as_deref(), Some("hidden"));
                self.fields.push((said("name").unwrap(), said("value").unwrap()));
            }
            "select" => {
                assert!(self.labelled.contains(&said("id").unwrap()));
                let first = words(node.children.borrow().first().unwrap());
                self.fields.push((said("name").unwrap(), first));
            }
            "label" => {
                self.labelled.insert(said("for").unwrap());
            }
            "tr" => {
                let cells = node.children.borrow();
                let is_cell =
                    |cell: &&Handle| matches!(&cell.data, NodeData::Element { name, .. } if &*name.local == "td");
                self.rows.push(cells.iter().filter(is_cell).map(words).collect());
            }
            _ => {}
        }
    }

    fn judge(&self, all: &str) {
        assert!(all.contains("This GitHub is played"), "{all}");
        assert!(!self.title.is_empty() && self.ids.contains("main") && self.links[0] == "#main");
        let count = |name: &str| self.elements.iter().filter(|element| *element == name).count();
        assert_eq!([count("iframe"), count("object"), count("embed"), count("base")], [0; 4]);
        assert!(count("script") <= 1);
        assert_eq!([count("main"), count("header"), count("footer"), count("h1")], [1; 4]);
        let mut level = 1;
        for heading in self.elements.iter().filter_map(|name| name.strip_prefix('h')?.parse::<u8>().ok()) {
            assert!(heading <= level + 1, "h{heading} after h{level}");
            level = heading;
        }
    }
}

fn words(node: &Handle) -> String {
    match &node.data {
        NodeData::Text { contents } => contents.borrow().to_string(),
        _ => node.children.borrow().iter().map(words).collect(),
    }
}
