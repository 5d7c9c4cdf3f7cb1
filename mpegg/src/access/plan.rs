//! What would be read for a selection, and why.
