//! The record of every look at a person: append-only hash chains, one for each writing process, joined by signed roots.
