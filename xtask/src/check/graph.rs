//! The packages that cargo resolved, as far as the checks need them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shell::{Doing, Outcome, capture, cargo};

/// A package of the workspace or of the registry.
#[derive(Clone, Debug, Default)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: String,
    pub(super) is_ours: bool,
    /// Ids of the packages it uses when built (normal and build dependencies).
    pub(super) uses: BTreeSet<String>,
    /// Ids of the packages only its tests, examples and benchmarks use.
    pub(super) tests_use: BTreeSet<String>,
}

/// All packages by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph(pub(super) BTreeMap<String, Package>);

impl Graph {
    /// Asks cargo for the graph of the whole workspace.
    pub(super) fn load() -> Outcome<Self> {
        let host = "x86_64-unknown-linux-gnu";
        let text = capture(&mut cargo(&[
            "metadata",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ]))?;
        Ok(Self::parse(
            &serde_json::from_str(&text).doing("reading cargo metadata")?,
        ))
    }

    /// Reads what `cargo metadata` printed.
    pub(super) fn parse(metadata: &Value) -> Self {
        let members: BTreeSet<&str> = texts(&metadata["workspace_members"]).collect();
        let mut packages = BTreeMap::new();
        for package in metadata["packages"].as_array().into_iter().flatten() {
            let text = |field: &str| package[field].as_str().unwrap_or_default().to_owned();
            let is_ours = members.contains(text("id").as_str());
            let (name, version, licence) = (text("name"), text("version"), text("license"));
            packages.insert(
                text("id"),
                Package {
                    name,
                    version,
                    licence,
                    is_ours,
                    ..Package::default()
                },
            );
        }
        for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
            let Some(package) = node["id"].as_str().and_then(|id| packages.get_mut(id)) else {
                continue;
            };
            for dependency in node["deps"].as_array().into_iter().flatten() {
                let id = dependency["pkg"].as_str().unwrap_or_default().to_owned();
                let kinds = dependency["dep_kinds"].as_array();
                let only_tests = kinds.is_some_and(|kinds| kinds.iter().all(|kind| kind["kind"] == "dev"));
                if only_tests {
                    &mut package.tests_use
                } else {
                    &mut package.uses
                }
                .insert(id);
            }
        }
        Self(packages)
    }

    /// Returns our own packages.
    pub(super) fn ours(&self) -> impl Iterator<Item = &Package> {
        self.0.values().filter(|package| package.is_ours)
    }

    /// Returns the packages with these ids.
    pub(super) fn named<'a>(&'a self, ids: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Package> {
        ids.iter().filter_map(|id| self.0.get(id))
    }

    /// Returns everything that building `roots` takes, `roots` included.
    pub(super) fn tree(&self, roots: &[&str]) -> Vec<&Package> {
        let ours = self
            .0
            .iter()
            .filter(|(_, p)| p.is_ours && roots.contains(&p.name.as_str()));
        let mut open: Vec<&String> = ours.map(|(id, _)| id).collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if let (true, Some(package)) = (seen.insert(id), self.0.get(id)) {
                open.extend(&package.uses);
            }
        }
        seen.into_iter().filter_map(|id| self.0.get(id)).collect()
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
pub(super) fn example(edges: &[(&str, &[&str])], ours: &[&str]) -> Graph {
    let mut graph = Graph::default();
    for (name, uses) in edges {
        for name in std::iter::once(name).chain(*uses) {
            graph.0.entry((*name).to_owned()).or_insert_with(|| Package {
                name: name.split('@').next().unwrap_or_default().to_owned(),
                version: name.split('@').nth(1).unwrap_or("1.0.0").to_owned(),
                licence: "MIT".to_owned(),
                is_ours: ours.contains(name),
                ..Package::default()
            });
        }
        let package = graph.0.get_mut(*name).expect("entered above");
        package.uses.extend(uses.iter().map(|name| (*name).to_owned()));
    }
    graph
}
