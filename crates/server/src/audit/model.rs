//! What is recorded, and the line of text it is recorded as (docs/spec/audit.md A1–A8). Pure.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use protocol::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::error::ServiceError;

/// Most objects of one line; an entry with more is written as several (A7).
pub(super) const OBJECTS_OF_A_LINE: usize = 500;
/// Most objects of one entry.
pub const OBJECTS_OF_AN_ENTRY: usize = 100_000;
/// Most field names of one entry.
const MAX_FIELDS: usize = 64;
/// Longest word or id, in bytes.
const MAX_WORD: usize = 64;
/// Version of the line's form.
const VERSION: u32 = 1;

/// A person as the audit is told of one: the 128-bit pseudonym. It is stored only as a keyed hash (A6).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Object(pub [u8; 16]);

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Object(…)")
    }
}

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An officer's account, by its id.
    Officer(String),
    /// A program, by the id of its key.
    ApiKey(String),
    /// A person who looks at their own record; the object says who.
    Citizen,
    /// The service itself.
    System,
}

impl Actor {
    /// Returns the actor as it stands in a line: `officer:ID`, `api_key:ID`, `citizen` or `system`.
    pub fn text(&self) -> String {
        match self {
            Self::Officer(id) => format!("officer:{id}"),
            Self::ApiKey(id) => format!("api_key:{id}"),
            Self::Citizen => "citizen".to_owned(),
            Self::System => "system".to_owned(),
        }
    }
}

/// Makes an enum whose values have stable words, which are stored and translated.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $value,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$value,)*];

            /// Returns the stored word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            /// Reads a stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

words! {
    /// What an act was for. Personal data is only used for one of these.
    Purpose {
        /// Finding who met a case.
        Tracing = "tracing",
        /// Following a contact or a case.
        FollowUp = "follow_up",
        /// Issuing a verification code.
        CodeIssue = "code_issue",
        /// Correcting what is wrong.
        Correction = "correction",
        /// Erasing what a person or a rule asks to be erased.
        Erasure = "erasure",
        /// Checking how others used the system.
        Oversight = "oversight",
        /// Bringing in a list.
        Import = "import",
        /// Taking out a list.
        Export = "export",
        /// Running the system.
        Administration = "administration",
        /// A person's own record.
        OwnRecord = "own_record",
    }
}

words! {
    /// Whether the act was allowed.
    Outcome {
        /// It was done.
        Allowed = "allowed",
        /// It was refused.
        Denied = "denied",
    }
}

/// A stable word for what was done, such as `person.read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Action(&'static str);

macro_rules! actions {
    ($($name:ident = $word:literal,)*) => {
        #[allow(missing_docs, reason = "the words say it")]
        impl Action {
            $(pub const $name: Self = Self::new($word);)*
            /// Every action that has a name here; each has a text.
            pub const KNOWN: &[Self] = &[$(Self::$name,)*];
        }
    };
}

actions! {
    PERSON_READ = "person.read",
    PERSON_REVEAL = "person.reveal",
    PERSON_LIST = "person.list",
    PERSON_SEARCH = "person.search",
    PERSON_CREATE = "person.create",
    PERSON_CHANGE = "person.change",
    PERSON_MERGE = "person.merge",
    PERSON_ERASE = "person.erase",
    CASE_READ = "case.read",
    CASE_LIST = "case.list",
    CASE_CREATE = "case.create",
    CASE_CHANGE = "case.change",
    CASE_CLOSE = "case.close",
    CONTACT_READ = "contact.read",
    CONTACT_LIST = "contact.list",
    CONTACT_CREATE = "contact.create",
    CONTACT_CHANGE = "contact.change",
    CONTACT_CLOSE = "contact.close",
    CODE_ISSUE = "code.issue",
    VISIT_READ = "visit.read",
    COMPANY_LIST = "company.list",
    TRACE_RUN = "trace.run",
    IMPORT = "import",
    EXPORT = "export",
    PRINT = "print",
    SIGN_IN = "sign_in",
    SIGN_IN_FAILED = "sign_in.failed",
    SIGN_OUT = "sign_out",
    STEP_UP = "step_up",
    DENIED = "denied",
    BREAK_GLASS = "break_glass",
    ROLE_ASK = "role.ask",
    ROLE_CHANGE = "role.change",
    APPROVAL_GRANT = "approval.grant",
    APPROVAL_REFUSE = "approval.refuse",
    KEY_CREATE = "key.create",
    KEY_REVOKE = "key.revoke",
    RECORD_ISSUE = "record.issue",
    USER_CREATE = "user.create",
    USER_ACCEPT = "user.accept",
    USER_CHANGE = "user.change",
    USER_DISABLE = "user.disable",
    CONFIGURATION = "configuration",
    AUDIT_LIST = "audit.list",
    AUDIT_EXPORT = "audit.export",
    AUDIT_VERIFY = "audit.verify",
    AUDIT_ROOT = "audit.root",
    AUDIT_ROOT_READ = "audit.root_read",
    AUDIT_PRUNE = "audit.prune",
}

impl Action {
    /// Makes an action of a word of lower-case letters, digits, `_` and `.`; anything else does not compile in a
    /// constant.
    pub const fn new(word: &'static str) -> Self {
        let bytes = word.as_bytes();
        assert!(
            !bytes.is_empty() && bytes.len() <= MAX_WORD,
            "an action is a short word"
        );
        let mut at = 0;
        while at < bytes.len() {
            let fits = matches!(bytes[at], b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.');
            assert!(fits, "an action is lower-case letters, digits, _ and .");
            at += 1;
        }
        Self(word)
    }

    /// Returns the stored word.
    pub fn word(self) -> &'static str {
        self.0
    }

    /// Reads the word of a known action.
    pub fn parse(word: &str) -> Option<Self> {
        Self::KNOWN.iter().copied().find(|action| action.0 == word)
    }
}

/// One act, as its feature describes it. Make it with [`Entry::new`] and fill in what applies.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Who.
    pub actor: Actor,
    /// In which role.
    pub role: &'a str,
    /// For what.
    pub purpose: Purpose,
    /// What was done.
    pub action: Action,
    /// Whose data; at most [`OBJECTS_OF_AN_ENTRY`].
    pub objects: &'a [Object],
    /// Id of a case, contact or other record that is not personal data.
    pub record: Option<&'a str>,
    /// Names of the fields seen or changed, never their values.
    pub fields: &'a [&'static str],
    /// How many results there were.
    pub count: u32,
    /// Code of the reason given.
    pub reason: Option<&'static str>,
    /// Administrative unit within which the actor was allowed to act.
    pub scope: Option<i64>,
    /// Whether it was allowed.
    pub outcome: Outcome,
}

impl<'a> Entry<'a> {
    /// Describes an allowed act without objects, fields or results.
    pub fn new(actor: Actor, role: &'a str, purpose: Purpose, action: Action) -> Self {
        Self {
            actor,
            role,
            purpose,
            action,
            objects: &[],
            record: None,
            fields: &[],
            count: 0,
            reason: None,
            scope: None,
            outcome: Outcome::Allowed,
        }
    }

    /// Checks the words and returns the lines of this entry, hashing its objects under `key` (A3–A8).
    pub(super) fn lines(&self, key: &[u8; 32], at: UnixSeconds) -> Result<Vec<Line>, ServiceError> {
        self.check()?;
        let mut objects: Vec<String> = self.objects.iter().map(|o| hex::encode(object_hmac(key, o))).collect();
        objects.sort_unstable();
        objects.dedup();
        let mut lines = vec![self.line(at)];
        let parts = objects.len().div_ceil(OBJECTS_OF_A_LINE);
        if parts > 1 {
            lines = vec![self.line(at); parts];
            for (line, part) in lines.iter_mut().zip(1u32..) {
                (line.part, line.parts) = (Some(part), u32::try_from(parts).ok());
            }
        }
        for (line, chunk) in lines.iter_mut().zip(objects.chunks(OBJECTS_OF_A_LINE)) {
            line.objects = chunk.to_vec();
        }
        Ok(lines)
    }

    fn check(&self) -> Result<(), ServiceError> {
        let invalid = |field, why| Err(ServiceError::Invalid { field, why });
        if let Actor::Officer(id) | Actor::ApiKey(id) = &self.actor
            && !is_id(id)
        {
            return invalid("actor", "an id is 1 to 64 letters, digits and - _ . : @");
        }
        if !is_id(self.role) || !self.fields.iter().all(|field| is_id(field)) || !self.reason.is_none_or(is_id) {
            return invalid("entry", "role, fields and reason are words");
        }
        if !self.record.is_none_or(is_id) {
            return invalid("record", "an id is 1 to 64 letters, digits and - _ . : @");
        }
        if self.objects.len() > OBJECTS_OF_AN_ENTRY || self.fields.len() > MAX_FIELDS {
            return invalid("entry", "too many objects or fields for one entry");
        }
        Ok(())
    }

    fn line(&self, at: UnixSeconds) -> Line {
        Line {
            action: self.action.word().to_owned(),
            actor: self.actor.text(),
            at: at.0,
            count: self.count,
            fields: self.fields.iter().map(|&field| field.to_owned()).collect(),
            objects: Vec::new(),
            outcome: self.outcome.word().to_owned(),
            part: None,
            parts: None,
            purpose: self.purpose.word().to_owned(),
            reason: self.reason.map(str::to_owned),
            record: self.record.map(str::to_owned),
            role: self.role.to_owned(),
            scope: self.scope,
            v: VERSION,
        }
    }
}

/// One line of a chain (A4): canonical JSON. The fields stand in alphabetical order, as they are written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// What was done.
    pub(super) action: String,
    /// Who, as [`Actor::text`] writes it.
    pub(super) actor: String,
    /// When, in Unix seconds.
    pub(super) at: i64,
    /// How many results.
    pub(super) count: u32,
    /// Names of fields.
    pub(super) fields: Vec<String>,
    /// Keyed hashes of people, in hexadecimal, sorted.
    pub(super) objects: Vec<String>,
    /// `allowed` or `denied`.
    pub(super) outcome: String,
    /// Which line of an entry that needed several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<u32>,
    /// How many lines the entry needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parts: Option<u32>,
    /// For what.
    pub(super) purpose: String,
    /// Code of the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Id of a record that is not personal data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) record: Option<String>,
    /// In which role.
    pub(super) role: String,
    /// Administrative unit of the permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<i64>,
    /// Version of this form.
    pub(super) v: u32,
}

impl Line {
    /// Writes the line.
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).expect("strings and integers always serialise")
    }

    /// Reads a line; `None` unless it is exactly what [`Line::write`] gives.
    pub(super) fn read(text: &str) -> Option<Self> {
        let line: Self = serde_json::from_str(text).ok()?;
        (line.v == VERSION && line.write() == text).then_some(line)
    }

    /// Returns the objects as bytes; `None` when one is not 32 hexadecimal digits.
    pub(super) fn object_hmacs(&self) -> Option<Vec<[u8; 16]>> {
        let mut out = Vec::with_capacity(self.objects.len());
        for object in &self.objects {
            out.push(hex::decode(object).ok()?.try_into().ok()?);
        }
        Some(out)
    }
}

/// Returns what stands for a person in the audit (A6): the first 16 bytes of HMAC-SHA-256 under the audit's key.
pub(super) fn object_hmac(key: &[u8; 32], object: &Object) -> [u8; 16] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&object.0);
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut out = [0; 16];
    out.copy_from_slice(&whole[..16]);
    out
}

/// Ids and words: what needs no escape in JSON and cannot hold a name with marks.
fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:@".contains(&b);
    (1..=MAX_WORD).contains(&text.len()) && text.bytes().all(fits)
}

/// Returns the id of the text of a word: `action`, `person.read` → `audit-action-person-read`. Kinds are `action`,
/// `purpose`, `outcome`, `field`, `flaw` and `role`.
pub fn text_id(kind: &str, word: &str) -> String {
    format!("audit-{kind}-{}", word.replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::FlawKind;
    use crate::console::{Language, Texts};

    fn entry(objects: &[Object]) -> Entry<'_> {
        Entry {
            objects,
            record: Some("BN-0001"),
            fields: &["name", "phone"],
            count: 2,
            scope: Some(82),
            ..Entry::new(
                Actor::Officer("lan".into()),
                "tracer",
                Purpose::Tracing,
                Action::PERSON_READ,
            )
        }
    }

    #[test]
    fn a_line_is_canonical_json_with_sorted_keys() {
        let lines = entry(&[Object([1; 16])]).lines(&[2; 32], UnixSeconds(5)).unwrap();
        let hmac = hex::encode(object_hmac(&[2; 32], &Object([1; 16])));
        let expected = format!(
            "{{\"action\":\"person.read\",\"actor\":\"officer:lan\",\"at\":5,\"count\":2,\"fields\":[\"name\",\"phone\"],\
             \"objects\":[\"{hmac}\"],\"outcome\":\"allowed\",\"purpose\":\"tracing\",\"record\":\"BN-0001\",\
             \"role\":\"tracer\",\"scope\":82,\"v\":1}}"
        );
        assert_eq!(lines[0].write(), expected);
        assert_eq!(Line::read(&expected), Some(lines[0].clone()));
        assert_eq!(Line::read(&expected.replace(",\"v\"", ", \"v\"")), None);
        assert_eq!(Line::read(&expected.replace("\"v\":1", "\"v\":2")), None);
    }

    #[test]
    fn an_entry_of_many_people_is_split_and_none_is_lost() {
        let objects: Vec<Object> = (0..1001u128).map(|n| Object(n.to_be_bytes())).collect();
        let lines = entry(&objects).lines(&[2; 32], UnixSeconds(5)).unwrap();
        let sizes: Vec<_> = lines.iter().map(|l| (l.objects.len(), l.part, l.parts)).collect();
        let expected = [(500, 1), (500, 2), (1, 3)].map(|(size, part)| (size, Some(part), Some(3)));
        assert_eq!(sizes, expected);
        let mut seen: Vec<_> = lines.iter().flat_map(|l| l.object_hmacs().unwrap()).collect();
        seen.dedup();
        assert_eq!(seen.len(), 1001);
        let too_many = vec![Object([0; 16]); OBJECTS_OF_AN_ENTRY + 1];
        assert!(entry(&too_many).lines(&[2; 32], UnixSeconds(5)).is_err());
    }

    #[test]
    fn text_that_is_no_id_is_refused() {
        for wrong in ["", "Nguyễn", "a b", "a\"b", &"x".repeat(65)] {
            let actor = Entry {
                actor: Actor::Officer(wrong.into()),
                ..entry(&[])
            };
            let role = Entry {
                role: wrong,
                ..entry(&[])
            };
            let record = Entry {
                record: Some(wrong),
                ..entry(&[])
            };
            for entry in [actor, role, record] {
                assert!(entry.lines(&[2; 32], UnixSeconds(5)).is_err(), "{wrong}");
            }
        }
    }

    #[test]
    fn every_word_has_a_text_in_both_languages() {
        let actions = Action::KNOWN.iter().map(|a| ("action", a.word()));
        let purposes = Purpose::ALL.iter().map(|p| ("purpose", p.word()));
        let outcomes = Outcome::ALL.iter().map(|o| ("outcome", o.word()));
        let flaws = FlawKind::ALL.map(|flaw| text_id("flaw", &flaw.word()));
        let ids: Vec<String> = actions
            .chain(purposes)
            .chain(outcomes)
            .map(|(k, w)| text_id(k, w))
            .chain(flaws)
            .collect();
        for language in [Language::Vietnamese, Language::English] {
            for id in &ids {
                assert_ne!(&Texts(language).get(id), id, "{}", language.code());
            }
        }
    }
}
