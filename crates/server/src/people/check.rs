//! What a person's fields must look like. Pure: no I/O, no clock.

use unicode_normalization::UnicodeNormalization;

use super::model::{
    Birth, Document, DocumentKind, FIRST_BIRTH_YEAR, Identity, MAX_ADDRESS, MAX_DOCUMENTS, MAX_NAME, MAX_PHONES,
    NewPerson, PersonId, phone,
};
use crate::civil::CivilDate;
use crate::error::ServiceError;

/// Returns a person with every field in its one form.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names the field.
pub fn check(person: NewPerson, today: CivilDate) -> Result<NewPerson, ServiceError> {
    let given = person.identity;
    let name = line(&given.name, MAX_NAME, "name")?;
    if !name.chars().any(char::is_alphabetic) {
        return Err(invalid("name", "must have a letter"));
    }
    let identity = Identity {
        name,
        birth: given.birth.map(|birth| check_birth(birth, today)).transpose()?,
        sex: given.sex,
        phones: check_phones(&given.phones)?,
        address: line(&given.address, MAX_ADDRESS, "address")?,
        documents: check_documents(given.documents)?,
        household: check_id(given.household, "household")?,
        guardian: check_id(given.guardian, "guardian")?,
    };
    let commune = person.commune;
    if commune.is_some_and(|unit| unit <= 0) {
        return Err(invalid("commune", "must be a unit's number"));
    }
    Ok(NewPerson {
        identity,
        commune,
        legal_basis: person.legal_basis,
    })
}

fn invalid(field: &'static str, why: &'static str) -> ServiceError {
    ServiceError::Invalid { field, why }
}

/// Returns a text composed (NFC), on one line, with single spaces and nothing invisible.
///
/// # Errors
///
/// [`ServiceError::Invalid`] names `field`.
pub(crate) fn line(text: &str, longest: usize, field: &'static str) -> Result<String, ServiceError> {
    // A letter has at most a few marks: what is much longer than allowed is not even composed.
    if text.len() > longest * 16 {
        return Err(invalid(field, "is too long"));
    }
    if text.chars().any(is_invisible) {
        return Err(invalid(field, "must not have control characters"));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let composed: String = words.join(" ").nfc().collect();
    if composed.chars().count() > longest {
        return Err(invalid(field, "is too long"));
    }
    Ok(composed)
}

/// Control characters, and those that hide or turn around what is beside them (Unicode UAX #9, categories Cc and Cf).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn check_birth(birth: Birth, today: CivilDate) -> Result<Birth, ServiceError> {
    let fits = match birth {
        Birth::Year(year) => (FIRST_BIRTH_YEAR..=today.year()).contains(&year),
        Birth::Day(_) => birth
            .date()
            .is_some_and(|date| date.year() >= FIRST_BIRTH_YEAR && date <= today),
    };
    if fits {
        Ok(birth)
    } else {
        Err(invalid("birth", "must lie between 1900 and today"))
    }
}

fn check_phones(given: &[String]) -> Result<Vec<String>, ServiceError> {
    if given.len() > MAX_PHONES {
        return Err(invalid("phones", "are too many"));
    }
    let mut phones = Vec::with_capacity(given.len());
    for text in given {
        let number = Some(text)
            .filter(|text| text.len() <= 40)
            .and_then(|text| phone(text))
            .ok_or_else(|| invalid("phones", "must be Vietnamese telephone numbers"))?;
        if !phones.contains(&number) {
            phones.push(number);
        }
    }
    Ok(phones)
}

fn check_documents(given: Vec<Document>) -> Result<Vec<Document>, ServiceError> {
    if given.len() > MAX_DOCUMENTS {
        return Err(invalid("documents", "are too many"));
    }
    let mut documents = Vec::with_capacity(given.len());
    for document in given {
        let number = document_number(document.kind, &document.number)
            .ok_or_else(|| invalid("documents", "must be numbers of their kind"))?;
        let document = Document { number, ..document };
        if !documents.contains(&document) {
            documents.push(document);
        }
    }
    Ok(documents)
}

/// Returns a document's number in upper case without spaces, dots and hyphens, when it can be one of its kind.
fn document_number(kind: DocumentKind, text: &str) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let number: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let bytes = number.as_bytes();
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let fits = match kind {
        // chip card and personal number; the card before it
        DocumentKind::Identity => matches!(bytes.len(), 9 | 12) && digits(bytes),
        // the social insurance number; the card: two letters of the group and 13 digits (Decision 1351/QĐ-BHXH of 2015)
        DocumentKind::Insurance => match bytes.len() {
            10 => digits(bytes),
            15 => bytes[..2].iter().all(u8::is_ascii_uppercase) && digits(&bytes[2..]),
            _ => false,
        },
        // nine characters at most (ICAO 9303-4)
        DocumentKind::Passport => {
            (6..=9).contains(&bytes.len())
                && bytes.iter().all(u8::is_ascii_alphanumeric)
                && bytes.iter().any(u8::is_ascii_digit)
        }
    };
    fits.then_some(number)
}

fn check_id(given: Option<String>, field: &'static str) -> Result<Option<String>, ServiceError> {
    given
        .map(|text| {
            PersonId::parse(&text)
                .map(|id| id.hex())
                .ok_or_else(|| invalid(field, "must be 32 hexadecimal digits"))
        })
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::super::model::LegalBasis;
    use super::*;

    fn today() -> CivilDate {
        CivilDate::parse("2021-07-12").unwrap()
    }

    fn with(change: impl FnOnce(&mut Identity)) -> Result<Identity, &'static str> {
        let mut identity = Identity {
            name: "Nguyễn Văn Mười".into(),
            ..Identity::default()
        };
        change(&mut identity);
        let person = NewPerson {
            identity,
            commune: None,
            legal_basis: LegalBasis::Law,
        };
        match check(person, today()) {
            Ok(person) => Ok(person.identity),
            Err(ServiceError::Invalid { field, .. }) => Err(field),
            Err(other) => panic!("{other}"),
        }
    }

    fn document(kind: DocumentKind, number: &str) -> Result<String, &'static str> {
        let document = Document {
            kind,
            number: number.into(),
        };
        with(|p| p.documents = vec![document]).map(|p| p.documents[0].number.clone())
    }

    #[test]
    fn fields_take_their_one_form() {
        let name = with(|p| p.name = "  Nguye\u{302}\u{303}n   Va\u{306}n Mu\u{31b}o\u{31b}\u{300}i ".into());
        assert_eq!(name.unwrap().name, "Nguyễn Văn Mười");
        let phones = with(|p| p.phones = vec!["+84 912.345.678".into(), "0912345678".into()]);
        assert_eq!(phones.unwrap().phones, ["0912345678"]);
        assert_eq!(
            document(DocumentKind::Identity, "082 090 001 234").unwrap(),
            "082090001234"
        );
        assert_eq!(
            document(DocumentKind::Insurance, "gd4-01-2345678901").unwrap(),
            "GD4012345678901"
        );
        assert_eq!(document(DocumentKind::Passport, "b1234567").unwrap(), "B1234567");
        let household = with(|p| p.household = Some("AB".repeat(16)));
        assert_eq!(household.unwrap().household.unwrap(), "ab".repeat(16));
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let long = "ă".repeat(MAX_NAME + 1);
        for name in [
            "",
            "  ",
            "12",
            "A\u{0}",
            "A\nB",
            "A\u{202e}B",
            "A\u{200b}B",
            long.as_str(),
            &"x".repeat(5000),
        ] {
            assert_eq!(with(|p| p.name = name.into()).err(), Some("name"), "{name:?}");
        }
        assert!(with(|p| p.name = "ă".repeat(MAX_NAME)).is_ok());
        assert_eq!(with(|p| p.address = "x".repeat(MAX_ADDRESS + 1)).err(), Some("address"));
        for number in ["12345", "không có", &"0".repeat(50)] {
            assert_eq!(
                with(|p| p.phones = vec![number.into()]).err(),
                Some("phones"),
                "{number}"
            );
        }
        assert_eq!(with(|p| p.phones = vec!["0912345678".into(); 6]).err(), Some("phones"));
        for (kind, number) in [
            (DocumentKind::Identity, "12345678"),
            (DocumentKind::Identity, "08209000123A"),
            (DocumentKind::Insurance, "G14012345678901"),
            (DocumentKind::Insurance, "123456789"),
            (DocumentKind::Passport, "ABCDEFG"),
            (DocumentKind::Passport, "B123456789"),
            (DocumentKind::Passport, "B12345é"),
        ] {
            assert_eq!(document(kind, number).err(), Some("documents"), "{number}");
        }
        let number = today().number() as i32;
        for birth in [
            Birth::Year(1899),
            Birth::Year(2022),
            Birth::Day(number + 1),
            Birth::Day(i32::MAX),
            Birth::Day(-25_568),
        ] {
            assert_eq!(with(|p| p.birth = Some(birth)).err(), Some("birth"), "{birth:?}");
        }
        for birth in [
            Birth::Year(1900),
            Birth::Year(2021),
            Birth::Day(number),
            Birth::Day(-25_567),
        ] {
            assert!(with(|p| p.birth = Some(birth)).is_ok(), "{birth:?}");
        }
        assert_eq!(with(|p| p.household = Some("12".into())).err(), Some("household"));
        assert_eq!(with(|p| p.guardian = Some("g".repeat(32))).err(), Some("guardian"));
    }
}
