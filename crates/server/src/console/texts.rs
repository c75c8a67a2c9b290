//! Texts of the pages, from the Fluent files that the web build shares.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use crate::error::ServiceError;

type Bundle = FluentBundle<FluentResource>;

/// The files of one language, one for each part of the console.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!("../../../../texts/", $language, "/common.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/desk.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/console.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/auth.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/audit.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/geo.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/people.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/cases.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/exchange.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/doctor.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/record.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/rules.ftl")),
            include_str!(concat!("../../../../texts/", $language, "/venues.ftl")),
        ]
    };
}

static VIETNAMESE: LazyLock<Bundle> = LazyLock::new(|| bundle("vi", &files!("vi")));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", &files!("en")));

/// Language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// The default.
    #[default]
    Vietnamese,
    /// Complete as well.
    English,
}

impl Language {
    /// Returns the language's code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    /// Reads a code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        [Self::Vietnamese, Self::English]
            .into_iter()
            .find(|language| language.code() == code)
    }
}

/// Texts in one language, as templates use them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts(pub(crate) Language);

impl Texts {
    /// Returns the text of an id; the id itself when there is none, which a test forbids.
    pub(crate) fn get(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// Returns the text of an id with one variable filled in.
    pub(crate) fn with(&self, id: &str, name: &str, value: &str) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), value.to_owned());
        self.format(id, Some(&args))
    }

    /// Returns the text of an id with several variables filled in.
    pub(crate) fn fill(&self, id: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), (*value).to_owned());
        }
        self.format(id, Some(&args))
    }

    /// Returns the code of the language, for `lang`.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code()
    }

    /// Returns the code of the other language, for the switch.
    pub(crate) fn other(&self) -> &'static str {
        match self.0 {
            Language::Vietnamese => "en",
            Language::English => "vi",
        }
    }

    /// Returns the word by which a sign of a code is read out.
    pub(crate) fn spelling(&self, sign: &char) -> String {
        self.get(&format!("desk-spell-{}", sign.to_ascii_lowercase()))
    }

    /// Returns what a person is told about a refusal.
    pub(crate) fn refusal(&self, error: &ServiceError) -> String {
        match error {
            ServiceError::Invalid { field, .. } => self.get(match *field {
                "label" => "desk-wrong-label",
                "test_date" => "desk-wrong-test-date",
                "onset_date" => "desk-wrong-onset-date",
                _ => "desk-wrong-form",
            }),
            ServiceError::Conflict { .. } => self.get("desk-label-taken"),
            ServiceError::NotFound { .. } => self.get("desk-not-found"),
            ServiceError::Forbidden => self.get("desk-stale-form"),
            ServiceError::NotAllowed => self.get("auth-not-allowed"),
            ServiceError::StepUpNeeded => self.get("auth-step-up-needed"),
            ServiceError::TooMany { retry_after_seconds } => {
                self.with("desk-too-many", "seconds", &retry_after_seconds.to_string())
            }
            _ => self.get("desk-failed"),
        }
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle: &Bundle = match self.0 {
            Language::Vietnamese => &VIETNAMESE,
            Language::English => &ENGLISH,
        };
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        bundle.format_pattern(pattern, args, &mut errors).into_owned()
    }
}

fn bundle(language: &str, files: &[&str]) -> Bundle {
    let id: LanguageIdentifier = language.parse().expect("a language of ours");
    let mut bundle = Bundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned()).expect("our texts parse: a test loads them");
        bundle
            .add_resource(resource)
            .expect("ids are unique: a test loads them");
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(files: &[&'static str]) -> Vec<&'static str> {
        files
            .iter()
            .flat_map(|text| text.lines())
            .filter(|l| l.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|l| l.split(" =").next())
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_texts() {
        let (vietnamese, english) = (ids(&files!("vi")), ids(&files!("en")));
        assert!(vietnamese.len() > 40);
        assert_eq!(vietnamese, english);
    }

    /// Every `texts.get("…")` and `texts.with("…", …)` of the templates and of the server's source names a text.
    #[test]
    fn every_text_that_is_asked_for_exists() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut asked = std::collections::BTreeSet::new();
        let mut folders = vec![root.join("templates"), root.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                if path.ends_with("texts.rs") {
                    continue;
                }
                let source = std::fs::read_to_string(&path).expect("text");
                for call in ["texts.get(\"", "texts.with(\"", "texts.fill(\""] {
                    for part in source.split(call).skip(1) {
                        asked.extend(part.split('"').next().map(str::to_owned));
                    }
                }
            }
        }
        assert!(asked.len() > 40);
        for language in [Language::Vietnamese, Language::English] {
            let texts = Texts(language);
            for id in asked.iter().filter(|id| !id.ends_with('-') && !id.contains('{')) {
                assert_ne!(&texts.get(id), id, "{}", language.code());
            }
            for sign in protocol::code::ALPHABET {
                let word = texts.spelling(&char::from(*sign));
                assert!(!word.starts_with("desk-"), "{word}");
            }
        }
    }
}
