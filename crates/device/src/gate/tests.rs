use super::*;
use protocol::gate::Sealed;
use protocol::gate::rules::unhex;
use protocol::gate::{Opener, rules};
use protocol::pass::{Pass, print_card};

const NOW: i64 = 1_626_048_000;
const ID: [u8; 16] = [3; 16];

fn key(byte: u8) -> SecretKey {
    SecretKey::from_bytes(&[byte; 32]).expect("in range")
}

fn rules(change: impl FnOnce(&mut Rules)) -> String {
    let mut rules = Rules {
        gate: to_hex(&ID),
        name: "Cổng A".into(),
        venue: "Chợ Mỹ Tho".into(),
        kind: 5,
        from: NOW - 100,
        until: NOW + 100,
        way: Way::Both,
        takes: Kind::ALL.to_vec(),
        guards: vec![],
        revoked_cards: vec![to_hex(&[9; 16])],
        code_keys: vec![to_hex(&key(1).public_key().to_point())],
        seal_key: to_hex(&key(2).public_key().to_point()),
    };
    change(&mut rules);
    rules.sign(&key(1))
}

fn gate() -> Gate {
    let mut gate = Gate::new(ID, key(1).public_key(), [7; 32]);
    gate.take_rules(&rules(|_| ())).expect("signed for it");
    gate
}

fn moment(now: i64) -> Moment {
    Moment {
        at: now,
        known: None,
        run: 1,
        guard: "guard_1".into(),
        way: None,
    }
}

const END: End = End {
    counter: 0,
    before: [0; 32],
};

fn pass(now: i64, person: u8) -> String {
    let day = day_of(now);
    let minute = u32::try_from(now / 60).expect("in range");
    Pass::issue(day, &[person; 16], &key(4).public_key(), &key(1)).show(minute, &key(4))
}

fn opened(sealed: &SealedRecord) -> Record {
    let bytes = (0..sealed.sealed.len() / 2).map(|at| sealed.sealed[2 * at..2 * at + 2].to_owned());
    let bytes: Vec<u8> = bytes
        .map(|pair| u8::from_str_radix(&pair, 16).expect("digits"))
        .collect();
    let point = PublicKey::from_point(&unhex::<POINT_BYTES>(&sealed.point).expect("a point")).expect("a point");
    let sealed = Sealed {
        number: sealed.number,
        bytes,
    };
    let plain = Opener::new(&key(2), &point).open(&ID, &sealed).expect("opens");
    Record::read(&plain).expect("a record")
}

#[test]
fn what_a_telephone_shows_is_taken_sealed_and_goes_out_by_turns() {
    let mut gate = gate();
    let code = pass(NOW, 5);
    let taken = gate.scan(&moment(NOW), END, &code).expect("good");
    assert_eq!((taken.direction, taken.kind), (Direction::In, Kind::Pass));
    let sealed = taken.sealed.expect("kept");
    let record = opened(&sealed);
    assert_eq!(record.who, Evidence::Scanned(code.clone()));
    assert_eq!((record.at, record.run, record.direction), (NOW, 1, Direction::In));
    assert_eq!(gate.inside(NOW), 1);
    // Scanned again at once: the same scan.
    let again = gate.scan(&moment(NOW + 30), END, &code).expect("good");
    assert_eq!((again.direction, again.sealed), (Direction::In, None));
    // An hour later it is the way out.
    let out = gate.scan(&moment(NOW + 90), END, &pass(NOW + 90, 6)).expect("good");
    assert_eq!(out.direction, Direction::In);
    let out = gate.scan(&moment(NOW + 200), END, &pass(NOW + 200, 5)).expect("good");
    assert_eq!(out.direction, Direction::Out);
    assert_eq!(gate.inside(NOW + 200), 1);
}

#[test]
fn the_guard_chooses_the_way() {
    let mut gate = gate();
    let out = Moment {
        way: Some(Way::Out),
        ..moment(NOW)
    };
    let taken = gate.scan(&out, END, &pass(NOW, 5)).expect("good");
    assert_eq!(taken.direction, Direction::Out);
}

#[test]
fn pictures_forgeries_and_foreign_codes_are_refused() {
    let mut gate = gate();
    let mut scan = |now: i64, text: &str| gate.scan(&moment(now), END, text).map(|_| ());
    assert_eq!(scan(NOW + 120, &pass(NOW, 5)), Err(Refusal::Stale));
    assert_eq!(scan(NOW - 120, &pass(NOW, 5)), Err(Refusal::Stale));
    let forged = Pass::issue(day_of(NOW), &[5; 16], &key(4).public_key(), &key(8)).show((NOW / 60) as u32, &key(4));
    assert_eq!(scan(NOW, &forged), Err(Refusal::Forged));
    assert_eq!(scan(NOW, &print_card(&[9; 16], &key(1))), Err(Refusal::Revoked));
    assert_eq!(scan(NOW, &print_card(&[8; 16], &key(1))), Ok(()));
    assert_eq!(scan(NOW, &print_card(&[8; 16], &key(8))), Err(Refusal::Forged));
    let venue = VenueCode {
        kind: protocol::venue::VenueKind::Market,
        secret: [1; 16],
    };
    assert_eq!(scan(NOW, &venue.sign(&key(1))), Err(Refusal::Venue));
    assert_eq!(scan(NOW, &venue.sign(&key(8))), Err(Refusal::Forged));
    for text in ["", "https://example.com", &"1".repeat(1 << 20)] {
        assert_eq!(scan(NOW, text), Err(Refusal::Unknown), "{}", text.len());
    }
}

#[test]
fn a_clock_that_nobody_can_set_decides_whether_a_code_is_of_now() {
    let mut gate = gate();
    // The clock on the wall is three hours ahead.
    let wrong = Moment {
        known: Some(NOW),
        ..moment(NOW + 3 * 3600)
    };
    let taken = gate.scan(&wrong, END, &pass(NOW, 5)).expect("good");
    let record = opened(&taken.sealed.expect("kept"));
    assert_eq!((record.at, record.known), (NOW + 3 * 3600, Some(NOW)));
}

#[test]
fn papers_are_taken_where_the_rules_say_so() {
    let card = "082099001234|310123456|Nguyễn Văn Mười|05071990|Nam|Mỹ Tho|10052021";
    let mut open = gate();
    let taken = open.scan(&moment(NOW), END, card).expect("good");
    assert_eq!(taken.kind, Kind::Paper);
    assert_eq!(open.scan(&moment(NOW + 5), END, card).expect("good").sealed, None);
    open.take_rules(&rules(|rules| {
        rules.takes = vec![Kind::Pass];
        rules.from = NOW;
    }))
    .expect("later ones");
    assert_eq!(open.scan(&moment(NOW + 300), END, card), Err(Refusal::NotTaken));
    let typed = open.typed(&moment(NOW + 300), END, "Lan", "0912345678");
    assert_eq!(typed, Err(Refusal::NotTaken));
}

#[test]
fn somebody_without_a_code_is_typed() {
    let mut gate = gate();
    let taken = gate
        .typed(&moment(NOW), END, " Trần  Thị Lan ", "0912 345 678")
        .expect("good");
    let record = opened(&taken.sealed.expect("kept"));
    let expected = Evidence::Typed {
        name: "Trần Thị Lan".into(),
        phone: "0912 345 678".into(),
    };
    assert_eq!(record.who, expected);
    let long = "A".repeat(1 << 20);
    for (name, phone) in [
        ("", "0912345678"),
        ("-", "0912345678"),
        ("Lan", "12"),
        (&long, "0912345678"),
    ] {
        assert_eq!(
            gate.typed(&moment(NOW), END, name, phone),
            Err(Refusal::Typed),
            "{}",
            name.len()
        );
    }
}

#[test]
fn forged_and_older_rules_change_nothing() {
    let mut gate = gate();
    let older = rules(|rules| {
        rules.from = NOW - 200;
        rules.takes = vec![];
    });
    assert_eq!(gate.take_rules(&older).expect("signed").takes.len(), 4);
    let forged = {
        let text = rules(|rules| rules.from = NOW + 50);
        let (body, _) = text.rsplit_once('.').expect("three parts");
        format!("{body}.{}", "A".repeat(86))
    };
    assert!(gate.take_rules(&forged).is_err());
    assert!(gate.scan(&moment(NOW), END, &pass(NOW, 5)).is_ok());
    let mut fresh = Gate::new(ID, key(1).public_key(), [7; 32]);
    assert_eq!(fresh.scan(&moment(NOW), END, &pass(NOW, 5)), Err(Refusal::NoRules));
}

#[test]
fn old_rules_let_people_through_and_say_so() {
    let mut gate = gate();
    let later = NOW + 101;
    let taken = gate.scan(&moment(later), END, &pass(later, 5)).expect("good");
    assert!(taken.rules_are_old && taken.sealed.is_some());
}

#[test]
fn a_new_session_begins_after_a_thousand_records() {
    let mut gate = gate();
    let mut points = std::collections::HashSet::new();
    let mut end = END;
    for number in 0..1_001u32 {
        let id = [&number.to_be_bytes()[..], &[0; 12]].concat();
        let card = print_card(&id.try_into().expect("16 bytes"), &key(1));
        let sealed = gate.scan(&moment(NOW), end, &card).expect("good").sealed.expect("kept");
        points.insert(sealed.point.clone());
        assert_eq!(sealed.counter, end.counter);
        end = End {
            counter: end.counter + 1,
            before: rules::unhex(&sealed.link).expect("32 bytes"),
        };
    }
    assert_eq!(points.len(), 2);
}
