//! A description of which only what is asked for is parsed and compiled: the whole would take a test's first second.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json, value::RawValue};

use super::{dialect::Dialect, schema::Schema};

pub struct Document {
    /// By pointer.
    parts: BTreeMap<String, Box<RawValue>>,
    parsed: Mutex<HashMap<String, Arc<Value>>>,
    dialect: Dialect,
    compiled: Mutex<HashMap<String, Arc<Schema>>>,
}

impl Document {
    /// Reads a file of the folder `.cache`.
    pub fn open(name: &str, dialect: Dialect) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache").join(name);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make tools`", path.display()));
        Self { parts: parts(&text), parsed: Mutex::default(), dialect, compiled: Mutex::default() }
    }

    /// The parts whose pointer begins so, with the rest of the pointer.
    pub fn parts<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a RawValue)> {
        let from = self.parts.range(prefix.to_owned()..);
        from.map_while(move |(pointer, part)| Some((pointer.strip_prefix(prefix)?, &**part)))
    }

    /// The value at a pointer, behind any references.
    pub fn at(&self, pointer: &str) -> Option<Value> {
        self.value(&self.resolved(pointer)?)
    }

    /// The pointer behind any references.
    pub fn resolved(&self, pointer: &str) -> Option<String> {
        match reference(&self.value(pointer)?) {
            Some(further) => self.resolved(further),
            None => Some(pointer.to_owned()),
        }
    }

    fn value(&self, pointer: &str) -> Option<Value> {
        let (part, inner) = divided(pointer);
        let mut parsed = self.parsed.lock().unwrap();
        if !parsed.contains_key(part) {
            let mut value = parse(self.parts.get(part)?);
            mend(part, &mut value);
            parsed.insert(part.to_owned(), Arc::new(value));
        }
        parsed.get(part)?.pointer(inner).cloned()
    }

    /// The schema at a pointer, compiled once.
    pub fn schema(&self, pointer: &str) -> Arc<Schema> {
        let pointer = self.named(pointer);
        let mut compiled = self.compiled.lock().unwrap();
        let schema = compiled.entry(pointer).or_insert_with_key(|pointer| Arc::new(self.compile(pointer)));
        Arc::clone(schema)
    }

    /// The pointer to the named schema, if this one only refers to it: many do to the same.
    fn named(&self, pointer: &str) -> String {
        let schema = self.value(pointer);
        let referring = schema.as_ref().and_then(Value::as_object).filter(|schema| schema.len() == 1);
        let further = referring.and_then(|_| self.resolved(pointer));
        further.unwrap_or_else(|| pointer.to_owned())
    }

    fn compile(&self, pointer: &str) -> Schema {
        let schema = self.value(pointer).unwrap_or_else(|| panic!("no schema at {pointer}"));
        let Value::Object(mut whole) = self.dialect.translate(&schema) else { panic!("{pointer} is no schema") };
        let mut named = Map::new();
        self.add_named(&schema, &mut named);
        whole.extend(at_home(self.dialect.home(), named));
        Schema::compile(&whole.into())
    }

    /// Adds the named schemas that this one needs. A piece is small; to compile the whole takes seconds.
    fn add_named(&self, schema: &Value, named: &mut Map<String, Value>) {
        for name in self.names_in(schema) {
            if !named.contains_key(&name) {
                let pointer = format!("{}/{name}", self.dialect.home());
                let schema = self.value(&pointer).unwrap_or_else(|| panic!("no schema at {pointer}"));
                named.insert(name, self.dialect.translate(&schema));
                self.add_named(&schema, named);
            }
        }
    }

    fn names_in(&self, schema: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        collect(schema, &mut |found| {
            let place = found.strip_prefix(self.dialect.home()).and_then(|rest| rest.strip_prefix('/'));
            let name = place.unwrap_or_else(|| panic!("{found} refers to no named schema"));
            names.insert(name.split('/').next().unwrap_or_default().to_owned());
        });
        names
    }
}

/// What GitHub's document says otherwise than GitHub does. In the list of an App's installations it has a stale copy of
/// what it describes everywhere else by name, and wants an account there to be a person and an enterprise at once. A
/// pull request whose fork is gone has no head repository; GitHub's description of webhooks says so, this one does not.
fn mend(part: &str, value: &mut Value) {
    const ITEMS: &str = "/get/responses/200/content/application~1json/schema/items";
    const HEAD: &str = "/properties/head/properties/repo";
    let mended = match part {
        "/paths/~1app~1installations" => (ITEMS, json!({ "$ref": "#/components/schemas/installation" })),
        "/components/schemas/pull-request" | "/components/schemas/pull-request-simple" => {
            (HEAD, json!({ "anyOf": [{ "$ref": "#/components/schemas/repository" }, { "enum": [null] }] }))
        }
        _ => return,
    };
    if let Some(place) = value.pointer_mut(mended.0) {
        *place = mended.1;
    }
}

/// A pointer's part for this key.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

pub fn parse<T: DeserializeOwned>(part: &RawValue) -> T {
    serde_json::from_str(part.get()).unwrap()
}

/// A document's paths, webhooks and definitions one by one, and its components one by one of each kind.
fn parts(text: &str) -> BTreeMap<String, Box<RawValue>> {
    type Section<'a> = BTreeMap<String, &'a RawValue>;
    #[derive(Deserialize)]
    struct Whole<'a> {
        #[serde(borrow, default)]
        paths: Section<'a>,
        #[serde(borrow, default)]
        webhooks: Section<'a>,
        #[serde(borrow, default)]
        definitions: Section<'a>,
        #[serde(borrow, default)]
        components: BTreeMap<String, Section<'a>>,
    }
    let Whole { paths, webhooks, definitions, components } = serde_json::from_str(text).unwrap();
    let plain = [("paths", paths), ("webhooks", webhooks), ("definitions", definitions)];
    let plain = plain.map(|(name, section)| (name.to_owned(), section));
    let components = components.into_iter().map(|(kind, section)| (format!("components/{kind}"), section));
    let of = |(place, section): (String, Section<'_>)| {
        section
            .into_iter()
            .map(move |(name, part)| (format!("/{place}/{}", escaped(&name)), part.to_owned()))
            .collect::<Vec<_>>()
    };
    plain.into_iter().chain(components).flat_map(of).collect()
}

fn depth(pointer: &str) -> usize {
    if pointer.starts_with("/components") { 3 } else { 2 }
}

/// A pointer to a part, and the pointer within.
fn divided(pointer: &str) -> (&str, &str) {
    let end = pointer.match_indices('/').nth(depth(pointer)).map_or(pointer.len(), |(end, _)| end);
    pointer.split_at(end)
}

fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix('#')
}

fn collect(schema: &Value, found: &mut impl FnMut(&str)) {
    reference(schema).into_iter().for_each(&mut *found);
    match schema {
        Value::Object(parts) => parts.values().for_each(|part| collect(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| collect(part, found)),
        _ => {}
    }
}

/// The named schemas, under the keys of the pointer to their home.
fn at_home(home: &str, named: Map<String, Value>) -> Map<String, Value> {
    let mut keys = home.split('/').skip(1).collect::<Vec<_>>();
    let first = keys.remove(0);
    let inner =
        keys.into_iter().rev().fold(Value::from(named), |inner, key| Map::from_iter([(key.to_owned(), inner)]).into());
    Map::from_iter([(first.to_owned(), inner)])
}
