//! The index as a whole: what is found, what is taken for one person, what is left when somebody is taken out.

use super::*;
use crate::civil::CivilDate;
use crate::people::{Birth, Document, DocumentKind, Identity, Sex};

fn id(number: u8) -> PersonId {
    PersonId([number; 16])
}

fn day(text: &str) -> Option<Birth> {
    let number = CivilDate::parse(text).expect("tests write dates").number();
    Some(Birth::Day(
        i32::try_from(number).expect("tests write dates of this age"),
    ))
}

fn muoi() -> Identity {
    Identity {
        name: "Nguyễn Văn Mười".into(),
        birth: day("1961-03-05"),
        sex: Some(Sex::Male),
        phones: vec!["0391234567".into()],
        address: "Số 12, ấp Bình Tạo".into(),
        documents: vec![Document {
            kind: DocumentKind::Identity,
            number: "082061911190".into(),
        }],
        ..Identity::default()
    }
}

fn named(name: &str) -> Identity {
    Identity {
        name: name.into(),
        ..Identity::default()
    }
}

/// An index with Mười as number 1 and a crowd of others from number 2 on.
fn village() -> SearchIndex {
    let mut index = SearchIndex::new();
    index.insert(id(1), &muoi(), Some(28_249));
    let others = [
        ("Nguyễn Thị Hương", Some(Birth::Year(1961))),
        ("Nguyễn Thị Hường", day("1985-12-07")),
        ("Trần Văn Hùng", day("1961-03-05")),
        ("Lê Hoàng Minh", day("1990-01-01")),
        ("Lê Minh Hoàng", day("1991-02-03")),
        ("Đỗ Thị Mỹ Ý", None),
        ("Nguyen V. Tam", day("1950-10-10")),
        ("Nguyễn Văn Mường", Some(Birth::Year(1975))),
    ];
    for (number, (name, birth)) in (2..).zip(others) {
        let identity = Identity {
            birth,
            phones: vec![format!("09{:08}", u64::from(number) * 71_993_807 % 100_000_000)],
            ..named(name)
        };
        index.insert(id(number), &identity, None);
    }
    index
}

fn found(index: &SearchIndex, text: &str) -> Vec<u8> {
    index.find(text, 10).iter().map(|hit| hit.person.0[0]).collect()
}

#[test]
fn a_person_is_found_as_one_types() {
    let index = village();
    for text in [
        "Nguyễn Văn Mười",
        "nguyen van muoi",
        "NGUYEN VAN MUOI",
        "Mười Nguyễn Văn",
        "Nguyen V. Muoi",
        "NV Mười",
        "N.V.Mười",
        "nguyen van muo",
        "muoi",
        "nguyen van muoi 1961",
        "nguyen van muoi 61",
        "muoi 5/3/1961",
        "muoi 5/3",
        "5/3/1961 muoi",
        "0391234567",
        "+84 391 234 567",
        "0169 123 4567",
        "4567",
        "03912",
        "0169123",
        "082061911190",
        "082 061 911 190",
        "Nguyeenx Vawn Muwowif",
        "Nguye\u{302}\u{303}n Va\u{306}n Mu\u{31b}o\u{31b}\u{300}i",
    ] {
        assert_eq!(found(&index, text).first(), Some(&1), "{text}");
    }
    assert_eq!(
        found(&index, "tam nguyen van"),
        [8],
        "the index abbreviates what is typed in full"
    );
    assert_eq!(found(&index, "do thi my y"), [7]);
}

#[test]
fn a_misspelt_word_and_a_wrong_year_still_find_the_person_and_say_so() {
    let index = village();
    let hits = index.find("nguyen van muoi 1962", 10);
    assert_eq!(hits[0].person, id(1));
    assert!(!hits[0].matched.contains(&Matched::BirthYear) && hits[0].score < 0.8);
    let hits = index.find("nguyen van muopi", 10);
    assert!(
        hits[0].person == id(1) && hits[0].matched.contains(&Matched::NameError),
        "{hits:?}"
    );
    assert_eq!(found(&index, "không phải ai"), [0; 0]);
}

#[test]
fn marks_that_were_typed_put_exact_hits_first() {
    let index = village();
    assert_eq!(found(&index, "Nguyễn Thị Hường"), [3, 2]);
    assert_eq!(found(&index, "Nguyễn Thị Hương"), [2, 3]);
    let hits = index.find("Nguyễn Thị Hường", 10);
    assert!(hits[0].matched.contains(&Matched::NameWithMarks) && hits[0].score > hits[1].score);
    let plain = index.find("nguyen thi huong", 10);
    assert_eq!(plain[0].score, plain[1].score);
}

#[test]
fn the_order_that_was_typed_comes_first() {
    let index = village();
    assert_eq!(found(&index, "le minh hoang"), [6, 5]);
    let hits = index.find("le minh hoang", 10);
    assert!(hits[1].matched.contains(&Matched::NameOrder) && !hits[0].matched.contains(&Matched::NameOrder));
}

#[test]
fn a_whole_word_comes_before_the_beginning_of_another() {
    let index = village();
    assert_eq!(found(&index, "nguyen van muo"), [1, 9]);
    assert_eq!(found(&index, "nguyen van muon"), [9]);
    let hits = index.find("lê min", 10);
    assert!(
        hits.iter().all(|hit| hit.matched.contains(&Matched::NameBeginning)),
        "{hits:?}"
    );
}

#[test]
fn who_is_taken_out_is_found_no_more_and_leaves_nothing() {
    let mut index = village();
    index.remove(id(1));
    for text in ["muoi", "0391234567", "4567", "082061911190", "5/3/1961 muoi"] {
        assert!(!found(&index, text).contains(&1), "{text}");
    }
    assert!(
        index
            .duplicates(&muoi(), 10)
            .iter()
            .all(|candidate| candidate.person != id(1))
    );
    assert!(!index.contains(id(1)) && index.len() == 8);
    assert!(index.words.find_syllable("muoi").is_none() && index.words.find_syllable("van").is_some());
    index.remove(id(1));
    for number in 2..=9 {
        index.remove(id(number));
    }
    assert!(index.is_blank() && index.is_empty());
}

#[test]
fn who_is_put_in_again_is_known_by_the_new_name_only() {
    let mut index = village();
    index.insert(id(1), &named("Phạm Quang Vinh"), None);
    assert_eq!(index.len(), 9);
    assert_eq!(found(&index, "vinh"), [1]);
    assert!(found(&index, "0391234567").is_empty());
    assert!(!found(&index, "nguyen van muoi").contains(&1));
}

#[test]
fn an_index_changed_at_random_answers_like_one_filled_afresh() {
    let names = [
        "Nguyễn Văn An",
        "Trần Thị Bé",
        "Lê Út Em",
        "Nguyễn An",
        "Bé Bé Bé",
        "Võ Thị Ngọc Ánh",
    ];
    let (mut index, mut kept) = (SearchIndex::new(), std::collections::BTreeMap::new());
    let mut draw = 7u64;
    for _ in 0..4_000 {
        draw = draw
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let number = (draw >> 33) as u8;
        if draw >> 60 < 6 {
            index.remove(id(number));
            kept.remove(&number);
        } else {
            let mut identity = named(names[(draw >> 45) as usize % names.len()]);
            identity.phones = vec![format!("0912{:06}", (draw >> 50) % 90)];
            identity.birth = Some(Birth::Year(1950 + (draw >> 55) as i16 % 50));
            index.insert(id(number), &identity, Some((draw >> 57) as i64));
            kept.insert(number, (identity, (draw >> 57) as i64));
        }
    }
    let mut fresh = SearchIndex::new();
    kept.iter()
        .for_each(|(number, (identity, commune))| fresh.insert(id(*number), identity, Some(*commune)));
    assert_eq!(index.len(), fresh.len());
    let sorted = |mut numbers: Vec<u8>| {
        numbers.sort_unstable();
        numbers
    };
    let all =
        |index: &SearchIndex, text: &str| sorted(index.find(text, 200).iter().map(|hit| hit.person.0[0]).collect());
    for text in [
        "nguyen",
        "an",
        "be",
        "e",
        "1960",
        "0005",
        "09120000",
        "vo anh",
        "nguyen van an 1960",
    ] {
        assert_eq!(all(&index, text), all(&fresh, text), "{text}");
    }
    for (number, (identity, commune)) in &kept {
        let likely = |index: &SearchIndex| {
            let found = index.duplicates_in(identity, Some(*commune), 200);
            sorted(found.iter().map(|candidate| candidate.person.0[0]).collect())
        };
        assert_eq!(likely(&index), likely(&fresh), "{number}");
    }
    kept.keys().for_each(|number| index.remove(id(*number)));
    assert!(index.is_blank());
}

#[test]
fn hostile_questions_are_answered_within_bounds() {
    let mut index = village();
    let long = "nguyen ".repeat(2_000);
    let digits = "9".repeat(10_000);
    for text in [
        "",
        " ",
        "\u{0}",
        "'; DROP TABLE people; --",
        "%_*",
        "🎉🎉",
        "\u{301}\u{301}",
        "0",
        "00",
        "1",
        "/",
        "0/0/0",
        "-",
        "+",
        "99/99/9999",
    ] {
        assert!(index.find(text, 10).len() <= 10, "{text}");
    }
    assert!(index.find(&long, usize::MAX).len() <= MAX_ANSWERS);
    assert!(index.find(&digits, 10).is_empty());
    assert!(index.find(&"ễ".repeat(10_000), 10).is_empty());
    assert!(index.find("nguyen", 0).is_empty());
    let hostile = Identity {
        name: "Ă ".repeat(5_000),
        address: "x1 ".repeat(50_000),
        phones: vec!["0912345678".into(); 1_000],
        documents: vec![
            Document {
                kind: DocumentKind::Passport,
                number: "Z".repeat(100_000)
            };
            100
        ],
        household: Some("h".repeat(100_000)),
        birth: Some(Birth::Year(i16::MIN)),
        ..Identity::default()
    };
    index.insert(id(100), &hostile, Some(i64::MIN));
    assert_eq!(index.find("0912345678", 10).len(), 1);
    assert_eq!(index.duplicates_in(&hostile, Some(i64::MIN), 10)[0].person, id(100));
    for birth in [
        Birth::Day(i32::MAX),
        Birth::Day(i32::MIN),
        Birth::Year(0),
        Birth::Year(i16::MAX),
    ] {
        let odd = Identity {
            birth: Some(birth),
            ..hostile.clone()
        };
        index.insert(id(101), &odd, None);
        assert!(index.duplicates(&odd, usize::MAX).len() <= MAX_ANSWERS);
    }
    index.insert(id(102), &Identity::default(), None);
    assert!(index.duplicates(&Identity::default(), 10).is_empty());
}

fn best(index: &SearchIndex, identity: &Identity) -> Option<Candidate> {
    index
        .duplicates(identity, 10)
        .into_iter()
        .find(|candidate| candidate.person == id(1))
}

#[test]
fn a_duplicate_is_found_with_its_reasons() {
    let index = village();
    let cases: [(Identity, &[Reason]); 6] = [
        (
            muoi(),
            &[
                Reason::SameDocument,
                Reason::SameName,
                Reason::SameBirthDay,
                Reason::SamePhone,
                Reason::SameAddress,
            ],
        ),
        (
            Identity {
                name: "Muoi Nguyen Van".into(),
                documents: vec![],
                ..muoi()
            },
            &[Reason::NameOrder, Reason::SameBirthDay, Reason::SamePhone],
        ),
        (
            Identity {
                name: "NV Mười".into(),
                birth: Some(Birth::Year(1961)),
                phones: vec!["01691234567".into()],
                documents: vec![],
                ..muoi()
            },
            &[Reason::NameShort, Reason::SameBirthYear, Reason::SamePhone],
        ),
        (
            Identity {
                birth: day("1961-05-03"),
                phones: vec!["0391234561".into()],
                documents: vec![],
                ..muoi()
            },
            &[Reason::SameName, Reason::DayMonthSwapped, Reason::NearPhone],
        ),
        (
            Identity {
                name: "Nguyen Van Mui".into(),
                documents: vec![],
                ..muoi()
            },
            &[Reason::NameError, Reason::SameBirthDay, Reason::SamePhone],
        ),
        (
            Identity {
                documents: vec![Document {
                    kind: DocumentKind::Identity,
                    number: "082061911191".into(),
                }],
                birth: None,
                ..muoi()
            },
            &[Reason::NearDocument, Reason::SameName, Reason::SamePhone],
        ),
    ];
    for (identity, reasons) in cases {
        let candidate = best(&index, &identity).expect(&identity.name);
        assert!(candidate.probability >= DUPLICATE, "{} {candidate:?}", identity.name);
        assert!(
            reasons.iter().all(|reason| candidate.reasons.contains(reason)),
            "{} {candidate:?}",
            identity.name
        );
    }
}

/// Two words of the name are wrong, so that each of these is found by the one thing named.
#[test]
fn a_number_or_a_day_alone_leads_to_the_person() {
    let index = village();
    let wrong = Identity {
        name: "Nguyne Vam Mười".into(),
        birth: None,
        phones: vec![],
        documents: vec![],
        ..muoi()
    };
    let paper = |number: &str| {
        vec![Document {
            kind: DocumentKind::Identity,
            number: number.into(),
        }]
    };
    assert_eq!(best(&index, &wrong), None);
    let with = |change: fn(&mut Identity)| {
        let mut identity = wrong.clone();
        change(&mut identity);
        best(&index, &identity).map_or(Vec::new(), |candidate| candidate.reasons)
    };
    assert!(with(|identity| identity.birth = day("1961-03-05")).contains(&Reason::SameBirthDay));
    assert!(with(|identity| identity.birth = day("1961-05-03")).contains(&Reason::DayMonthSwapped));
    assert!(with(|identity| identity.phones = vec!["0391234567".into()]).contains(&Reason::SamePhone));
    assert!(with(|identity| identity.phones = vec!["0391234576".into()]).contains(&Reason::NearPhone));
    for (number, reason) in [
        ("082061911190", Reason::SameDocument),
        ("082061911197", Reason::NearDocument),
    ] {
        let identity = Identity {
            documents: paper(number),
            ..wrong.clone()
        };
        assert!(
            best(&index, &identity).is_some_and(|candidate| candidate.reasons.contains(&reason)),
            "{number}"
        );
    }
}

/// Of all who may be the person, those with the same number and no others.
#[test]
fn who_shares_a_number_is_found_without_looking_at_names() {
    let index = village();
    let shares = |candidate: &Candidate| {
        let same = |reason: &Reason| matches!(reason, Reason::SamePhone | Reason::SameDocument);
        candidate.reasons.iter().any(same)
    };
    let (mut asked, mut found) = (vec![muoi(), named("Nguyễn Văn Mười")], 0);
    asked.push(Identity {
        phones: vec!["0391234567".into()],
        ..named("Nguyễn Văn Mường")
    });
    asked.push(Identity {
        documents: muoi().documents,
        ..named("Nguyễn Văn Mười")
    });
    for identity in asked {
        let mut wanted = index.duplicates(&identity, 9);
        wanted.retain(shares);
        found += wanted.len();
        assert_eq!(index.sharing_number(&identity, 9), wanted, "{identity:?}");
    }
    // Sharing a telephone with another name is a family.
    assert_eq!(found, 2);
}

#[test]
fn what_families_share_makes_no_duplicate() {
    let index = village();
    let family = |name: &str, birth, sex| Identity {
        name: name.into(),
        birth,
        sex: Some(sex),
        documents: vec![],
        ..muoi()
    };
    for other in [
        family("Nguyễn Văn Tài", day("1985-07-01"), Sex::Male),
        family("Trần Thị Sáu", day("1964-09-11"), Sex::Female),
        family("Nguyễn Văn Chín", day("1961-03-05"), Sex::Male),
        family("Nguyễn Văn Mười", day("1990-03-07"), Sex::Male),
        family("", None, Sex::Male),
    ] {
        let probability = best(&index, &other).map_or(0.0, |candidate| candidate.probability);
        assert!(probability < DUPLICATE, "{} {probability}", other.name);
    }
    let twin = index.duplicates(&family("Nguyễn Văn Chín", day("1961-03-05"), Sex::Male), 10);
    assert!(
        twin.iter()
            .all(|candidate| candidate.reasons.contains(&Reason::OtherName))
    );
}

#[test]
fn what_speaks_against_lowers_the_probability() {
    let index = village();
    let plain = Identity {
        documents: vec![],
        ..muoi()
    };
    let before = best(&index, &plain).expect("the same person").probability;
    let against = [
        Identity {
            sex: Some(Sex::Female),
            ..plain.clone()
        },
        Identity {
            birth: day("1983-11-20"),
            ..plain.clone()
        },
        Identity {
            documents: vec![Document {
                kind: DocumentKind::Identity,
                number: "082061755204".into(),
            }],
            ..plain.clone()
        },
    ];
    for (other, reason) in against
        .iter()
        .zip([Reason::OtherSex, Reason::OtherBirth, Reason::OtherDocument])
    {
        let candidate = best(&index, other);
        assert!(candidate.as_ref().is_none_or(|c| c.probability < before), "{reason:?}");
        assert!(candidate.is_none_or(|c| c.reasons.contains(&reason)) && reason.speaks_against());
    }
    assert!(!Reason::SamePhone.speaks_against());
}

#[test]
fn a_common_name_says_less_than_a_rare_one() {
    let mut index = SearchIndex::new();
    for number in 0..200u8 {
        let identity = Identity {
            birth: Some(Birth::Year(1900 + i16::from(number) % 100)),
            ..named(if number < 199 {
                "Nguyễn Văn Hùng"
            } else {
                "Mạc Khắc Trạng"
            })
        };
        index.insert(id(number), &identity, Some(i64::from(number) % 3));
    }
    let probability = |name: &str| {
        let identity = Identity {
            birth: Some(Birth::Year(1999)),
            ..named(name)
        };
        index
            .duplicates(&identity, 1)
            .first()
            .map_or(0.0, |candidate| candidate.probability)
    };
    let (rare, common) = (probability("Mạc Khắc Trạng"), probability("Nguyễn Văn Hùng"));
    assert!(rare > DUPLICATE && common < DUPLICATE, "{rare} {common}");
}

#[test]
fn duplicates_of_a_person_do_not_hold_the_person() {
    let mut index = village();
    assert!(index.duplicates_of(id(1), 10).is_empty());
    index.insert(id(50), &muoi(), None);
    let found = index.duplicates_of(id(1), 10);
    assert!(found.len() == 1 && found[0].person == id(50));
    assert!(index.duplicates_of(id(99), 10).is_empty());
}

#[test]
fn all_pairs_are_found_in_one_pass() {
    let mut index = village();
    let mut again = muoi();
    again.name = "Muoi Nguyen Van".into();
    index.insert(id(50), &again, Some(28_249));
    let mut by_year = muoi();
    (by_year.birth, by_year.documents) = (Some(Birth::Year(1961)), vec![]);
    index.insert(id(51), &by_year, Some(28_249));
    // with the surname misspelt nothing but the day, its parts changed over, puts these two together
    let turned = |name: &str, birth: &str| Identity {
        birth: day(birth),
        address: "Số 7, ấp Long Hưng".into(),
        ..named(name)
    };
    index.insert(id(60), &turned("Huỳnh Kim Thắm", "1970-02-11"), Some(28_249));
    index.insert(id(61), &turned("Hùynnh Kim Thắm", "1970-11-02"), Some(28_249));
    let mut pairs: Vec<(u8, u8)> = index.pairs(100).iter().map(|p| (p.first.0[0], p.second.0[0])).collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [(1, 50), (1, 51), (50, 51), (60, 61)]);
    assert_eq!(index.pairs(1).len(), 1);
}

#[test]
fn reasons_have_one_name_each() {
    let codes: std::collections::BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    assert_eq!(codes.len(), Reason::ALL.len());
    assert!(
        Reason::ALL
            .iter()
            .enumerate()
            .all(|(at, reason)| *reason as usize == at)
    );
}
