//! All tests in one binary: linking is what costs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod all {
    mod diagnostics;
    mod language;
    mod ranges;
}
