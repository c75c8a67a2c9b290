//! web-core
