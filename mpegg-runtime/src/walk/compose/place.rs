//! Where in the JSON the writing stands.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::error::{Error, ErrorKind, Result};
use crate::walk::names::Member;

/// A place in the JSON.
pub(crate) enum Place<'j> {
    /// In an object.
    Object { members: &'j Map<String, Json>, used: HashSet<String> },
    /// In an array, between its elements.
    Array {
        elements: &'j [Json],
        /// Whether the elements are objects.
        of_objects: bool,
    },
    /// In an element that is a value or an array.
    Round { number: u64, value: Option<&'j Json> },
}

impl<'j> Place<'j> {
    /// In this object.
    pub(crate) fn object(json: &'j Json) -> Result<Place<'j>> {
        match json {
            Json::Object(members) => Ok(Place::Object { members, used: HashSet::new() }),
            _ => Err(Error::without_position(ErrorKind::Malformed, "an object is expected")),
        }
    }
}

/// The stack of places.
#[derive(Default)]
pub(crate) struct Places<'j>(pub Vec<Place<'j>>);

impl<'j> Places<'j> {
    pub(crate) fn push(&mut self, place: Place<'j>) {
        self.0.push(place);
    }

    pub(crate) fn pop(&mut self) -> Option<Place<'j>> {
        self.0.pop()
    }

    /// The value of a member, or of the element in which the writing stands.
    pub(crate) fn value(&mut self, member: &str) -> Option<&'j Json> {
        match self.0.last_mut()? {
            Place::Object { members, used } => {
                let value = members.get(member)?;
                used.insert(member.to_owned());
                Some(value)
            }
            Place::Round { value, .. } => value.filter(|value| !value.is_null()),
            Place::Array { .. } => None,
        }
    }

    /// The same for a row that may be a column.
    pub(crate) fn element(&mut self, member: &Member) -> Option<&'j Json> {
        let Some(index) = &member.column else {
            return self.value(&member.name);
        };
        let index = if index.is_empty() { self.rounds() } else { index.clone() };
        let (members, used) = self.inner()?;
        let mut value = members.get(&member.name)?;
        used.insert(member.name.clone());
        for at in index {
            value = value.get(usize::try_from(at).ok()?)?;
        }
        Some(value).filter(|value| !value.is_null())
    }

    /// A member of the innermost object for what stands beside arrays.
    pub(crate) fn beside(&mut self, member: &str) -> Option<&'j Json> {
        let mut name = member.to_owned();
        for round in self.rounds() {
            name.push_str(&format!("[{round}]"));
        }
        let (members, used) = self.inner()?;
        let value = members.get(&name)?;
        used.insert(name);
        Some(value)
    }

    /// The array, or element of it, that corresponds to the round in which the writing stands.
    pub(crate) fn parallel(&mut self, member: &str) -> Option<&'j Json> {
        let rounds = self.rounds();
        let (members, _) = self.inner()?;
        let mut value = members.get(member)?;
        for round in rounds {
            value = value.get(usize::try_from(round).ok()?)?;
        }
        Some(value)
    }

    /// Whether the innermost object has a member, or the element a value.
    pub(crate) fn has(&self, member: &str) -> bool {
        match self.0.last() {
            Some(Place::Object { members, .. }) => members.contains_key(member),
            Some(Place::Round { value, .. }) => value.is_some_and(|value| !value.is_null()),
            _ => false,
        }
    }

    fn inner(&mut self) -> Option<(&'j Map<String, Json>, &mut HashSet<String>)> {
        self.0.iter_mut().rev().find_map(|place| match place {
            Place::Object { members, used } => Some((*members, used)),
            _ => None,
        })
    }

    /// The numbers of the rounds since the innermost object.
    fn rounds(&self) -> Vec<u64> {
        let inner = self.0.iter().rposition(|place| matches!(place, Place::Object { .. })).unwrap_or(0);
        let rounds = self.0.iter().skip(inner).filter_map(|place| match place {
            Place::Round { number, .. } => Some(*number),
            _ => None,
        });
        rounds.collect()
    }
}
