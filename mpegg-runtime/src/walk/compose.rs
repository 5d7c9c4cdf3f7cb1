//! The rows run backwards.
