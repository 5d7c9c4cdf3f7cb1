//! A path as a user writes it: keys, structures and fields with their numbers, which may be left out.

use mpegg_runtime::{Error, ErrorKind};
use std::str::FromStr;

/// A path to compare others with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: String,
    numbers: Vec<u64>,
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts: Option<Vec<Part>> = text.split('.').map(part).collect();
        let message = format!("`{text}` is not a path such as dgcn[0].dtcn[1].dthd.clid[2]");
        parts.filter(|parts| !parts.is_empty()).map(Selector).ok_or_else(|| Error::without_position(ErrorKind::Malformed, message))
    }
}

fn part(text: &str) -> Option<Part> {
    let (name, rest) = text.split_once('[').map_or((text, ""), |(name, rest)| (name, rest));
    let numbers: Option<Vec<u64>> = match rest {
        "" => Some(vec![]),
        _ => rest.strip_suffix(']')?.split("][").map(|number| number.parse().ok()).collect(),
    };
    (!name.is_empty()).then_some(Part { name: name.to_owned(), numbers: numbers? })
}

impl Selector {
    /// Whether a path stands at or below this one. A number that is left out stands for any.
    pub fn covers(&self, path: &str) -> bool {
        let mut theirs = path.split('.');
        self.0.iter().all(|part| theirs.next().and_then(self::part).is_some_and(|their| part.matches(&their)))
    }

    /// Whether this path is exactly the one; a number that is left out stands for 0.
    pub fn is(&self, path: &str) -> bool {
        let theirs: Option<Vec<Part>> = path.split('.').map(self::part).collect();
        theirs.is_some_and(|theirs| {
            theirs.len() == self.0.len()
                && self.0.iter().zip(&theirs).all(|(part, their)| {
                    let zeros = part.numbers.is_empty() && their.numbers.iter().all(|number| *number == 0);
                    let same = part.numbers == their.numbers || their.numbers.is_empty() && part.numbers.iter().all(|number| *number == 0);
                    part.name == their.name && (zeros || same)
                })
        })
    }
}

impl Selector {
    /// What stands around; of one part the part itself.
    pub fn parent(&self) -> Selector {
        match self.0.split_last() {
            Some((_, around)) if !around.is_empty() => Selector(around.to_vec()),
            _ => self.clone(),
        }
    }

    /// Whether this path is the one as it is written, with no more numbers than it has.
    pub fn names(&self, path: &str) -> bool {
        self.is(path)
            && path.split('.').map(self::part).zip(&self.0).all(|(their, part)| their.is_some_and(|their| !their.numbers.is_empty() || part.numbers.is_empty()))
    }
}

impl Part {
    fn matches(&self, their: &Part) -> bool {
        let zero = their.numbers.is_empty() && self.numbers.iter().all(|number| *number == 0);
        self.name == their.name && (zero || their.numbers.starts_with(&self.numbers))
    }
}
