//! The parts of the standard: which items belong to which, and what a part sees.

use crate::ast::{File, Item, ItemKind, Name};
use crate::diagnostic::Diagnostic;
use crate::ir::Part;
use std::collections::{BTreeMap, HashMap};

/// The part of the items in front of which no `part` stands in their file.
pub const FIRST: usize = 0;

/// All parts, and all items with the numbers of their parts.
pub struct Parts<'a> {
    /// The parts; the first one has no name.
    pub parts: Vec<Part>,
    /// The items in order.
    pub items: Vec<(usize, &'a Item)>,
}

impl<'a> Parts<'a> {
    /// Goes through all files.
    pub fn of(files: &'a [File], diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut parts = Parts { parts: vec![Part::default()], items: vec![] };
        for file in files {
            let mut part = FIRST;
            for item in &file.items {
                if let ItemKind::Part { name, title } = &item.kind {
                    part = parts.part(item, name, title, diagnostics);
                }
                parts.items.push((part, item));
            }
        }
        parts
    }

    /// The number of a part; several files may hold items of it.
    fn part(&mut self, item: &Item, name: &Name, title: &Name, diagnostics: &mut Vec<Diagnostic>) -> usize {
        let known = self.parts.iter().skip(1).position(|part| part.name == name.text || part.title == title.text);
        let Some(number) = known.map(|number| number + 1) else {
            self.parts.push(Part { name: name.text.clone(), title: title.text.clone(), doc: item.doc.clone() });
            return self.parts.len() - 1;
        };
        if let Some(part) = self.parts.get(number).filter(|part| part.name != name.text || part.title != title.text) {
            let message = format!("this part is `{}` \"{}\" elsewhere", part.name, part.title);
            diagnostics.push(Diagnostic::new("MG049", &name.span, message, "another name or title"));
        }
        number
    }
}

/// Things by name. A part sees its own names, then those of the items without a part.
pub struct Names<T>(HashMap<String, BTreeMap<usize, T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names(HashMap::new())
    }
}

impl<T> Names<T> {
    /// What a name stands for in a part.
    pub fn get(&self, part: usize, name: &str) -> Option<&T> {
        self.find(part, name).map(|(_, found)| found)
    }

    /// The same, with the part that has it.
    pub fn find(&self, part: usize, name: &str) -> Option<(usize, &T)> {
        let named = self.0.get(name)?;
        let of = |part: usize| named.get(&part).map(|found| (part, found));
        of(part).or_else(|| of(FIRST))
    }

    /// The place of a name in a part, to be filled.
    pub fn entry(&mut self, part: usize, name: &str) -> std::collections::btree_map::Entry<'_, usize, T> {
        self.0.entry(name.to_owned()).or_default().entry(part)
    }

    /// What a name stands for in a part from now on.
    pub fn insert(&mut self, part: usize, name: &str, value: T) {
        self.0.entry(name.to_owned()).or_default().insert(part, value);
    }

    /// All of them in order.
    pub fn all(&self) -> Vec<(usize, &str, &T)> {
        let mut all: Vec<(usize, &str, &T)> = self.0.iter().flat_map(|(name, named)| named.iter().map(|(part, found)| (*part, name.as_str(), found))).collect();
        all.sort_by_key(|(part, name, _)| (*part, *name));
        all
    }
}
