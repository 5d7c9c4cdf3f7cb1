//! Where the next value goes while JSON is built.

use serde_json::{Map, Value as Json};

use super::counts::without_counts;
use crate::walk::names::Member;

/// Elements of an array that subscripts address at the most.
const LONGEST: u64 = 1 << 24;

/// Members that count others of the same object, each with the member that it counts.
type Counts = Vec<(String, String)>;

/// A part of the JSON that is not complete yet.
#[derive(Debug)]
pub(super) enum Place {
    Object {
        members: Map<String, Json>,
        /// What this object becomes in the object or array around it.
        target: Member,
        /// Members that count others of this object, with the member that they count.
        counts: Counts,
    },
    Array {
        elements: Vec<Json>,
        /// `None` where the fields of the loop are columns, or where it has none.
        member: Option<String>,
        /// Whether a loop with a name makes it: then its elements are objects.
        of_objects: bool,
        /// Whether it may be left out where all its elements are.
        optional: bool,
    },
    Round {
        number: u64,
        value: Option<Json>,
    },
}

/// The parts that are not complete, each in the one before.
#[derive(Debug, Default)]
pub(super) struct Places(pub Vec<Place>);

impl Places {
    /// An object begins.
    pub(super) fn open(&mut self, target: Member) {
        self.0.push(Place::Object { members: Map::new(), target, counts: Vec::new() });
    }

    /// The object ends.
    pub(super) fn close(&mut self) -> Option<(Member, Json)> {
        match self.0.pop() {
            Some(Place::Object { members, target, counts }) => Some((target, Json::Object(without_counts(members, counts)))),
            _ => None,
        }
    }

    /// Puts a value where the walk stands; `false` where a subscript is too great.
    pub(super) fn put(&mut self, target: Member, value: Json) -> bool {
        if let Some(index) = target.column {
            let index = if index.is_empty() { self.rounds() } else { index };
            let Some((members, _)) = self.object() else {
                return true;
            };
            return put_at(members.entry(target.name).or_insert(Json::Null), &index, value);
        }
        match self.0.last_mut() {
            Some(Place::Object { members, .. }) => {
                members.insert(target.name, value);
            }
            Some(Place::Round { value: place, .. }) => *place = Some(value),
            _ => {}
        }
        true
    }

    /// Puts a value beside the array in which the walk stands, under a name that says the round.
    pub(super) fn put_beside(&mut self, member: &str, value: Json) {
        let mut name = member.to_owned();
        for round in self.rounds() {
            name.push_str(&format!("[{round}]"));
        }
        if let Some((members, _)) = self.object() {
            members.insert(name, value);
        }
    }

    /// Notes that a member counts another one.
    pub(super) fn note_count(&mut self, member: String, counted: String) {
        if let Some((_, counts)) = self.object()
            && !counts.iter().any(|known| known.0 == member)
        {
            counts.push((member, counted));
        }
    }

    /// The innermost object.
    fn object(&mut self) -> Option<(&mut Map<String, Json>, &mut Counts)> {
        self.0.iter_mut().rev().find_map(|place| match place {
            Place::Object { members, counts, .. } => Some((members, counts)),
            _ => None,
        })
    }

    /// The numbers of the rounds between the innermost object and the place where the walk stands.
    fn rounds(&self) -> Vec<u64> {
        let inner = self.0.iter().rposition(|place| matches!(place, Place::Object { .. })).unwrap_or(0);
        let rounds = self.0.iter().skip(inner).filter_map(|place| match place {
            Place::Round { number, .. } => Some(*number),
            _ => None,
        });
        rounds.collect()
    }
}

fn put_at(place: &mut Json, index: &[u64], value: Json) -> bool {
    let Some((first, rest)) = index.split_first() else {
        *place = value;
        return true;
    };
    if *first >= LONGEST {
        return false;
    }
    if !place.is_array() {
        *place = Json::Array(Vec::new());
    }
    let Json::Array(elements) = place else {
        return true;
    };
    let at = *first as usize;
    if elements.len() <= at {
        elements.resize(at.saturating_add(1), Json::Null);
    }
    elements.get_mut(at).is_none_or(|place| put_at(place, rest, value))
}
