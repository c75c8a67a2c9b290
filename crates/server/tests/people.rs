//! The vault of people: what is stored tells nothing, what is erased is gone from backups too, rotations survive anything.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;
mod vault;

use server::ServiceError;
use server::people::{
    self, Birth, Cursor, Document, DocumentKind, Follower, Identity, LegalBasis, NewPerson, Person, PersonId, Sex, Step,
};
use std::sync::{Arc, Mutex};
use vault::{World, number};

/// A person whose every text is a needle that a search for leaks can find.
fn planted() -> NewPerson {
    NewPerson {
        identity: Identity {
            name: "Trịnh Thị Ngọc Khuê".into(),
            birth: Some(Birth::Year(1948)),
            sex: Some(Sex::Female),
            phones: vec!["+84 912 345 678".into()],
            address: "17 ấp Cây Trôm".into(),
            documents: vec![Document {
                kind: DocumentKind::Identity,
                number: "082148001234".into(),
            }],
            ..Identity::default()
        },
        commune: Some(28_303),
        legal_basis: LegalBasis::Law,
    }
}

const NEEDLES: [&str; 7] = [
    "Trịnh Thị Ngọc Khuê",
    "Khuê",
    "trinh thi ngoc khue",
    "0912345678",
    "912345678",
    "Cây Trôm",
    "082148001234",
];

fn named(name: &str) -> NewPerson {
    let mut person = planted();
    person.identity.name = name.into();
    person
}

/// Names that differ in letters, since digits alone are no name.
fn crowd(count: usize) -> Vec<NewPerson> {
    (0..count).map(|at| named(&format!("Người {at}"))).collect()
}

on_each_database! {
    async fn a_person_is_read_back_as_entered(world) {
        let app = world.open().await;
        let mut child = named("Lê Văn Út");
        let household = people::new_household(&app);
        child.identity.household = Some(household.clone());
        let mut elder = planted();
        elder.identity.household = Some(household.clone());
        elder.legal_basis = LegalBasis::Consent;
        let ids = people::create(&app, vec![elder, named("Người ngoài"), child]).await.unwrap();
        let nobody = PersonId([7; 16]);
        let asked = [ids[2], nobody, ids[0], ids[1]];
        let found = people::load(&app, &asked).await.unwrap();
        assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [ids[2], ids[0], ids[1]]);
        let elder = &found[1].1;
        assert_eq!(elder.identity.name, "Trịnh Thị Ngọc Khuê");
        assert_eq!(elder.identity.phones, ["0912345678"]);
        assert_eq!(elder.identity.documents[0].number, "082148001234");
        assert_eq!((elder.identity.birth, elder.identity.sex), (Some(Birth::Year(1948)), Some(Sex::Female)));
        assert_eq!((elder.commune, elder.version, elder.legal_basis), (Some(28_303), 1, LegalBasis::Consent));
        assert_eq!((elder.created_at, elder.changed_at), (common::START, common::START));
        let mut together = [ids[0], ids[2]];
        together.sort_unstable();
        assert_eq!(people::same_household(&app, ids[0]).await.unwrap(), together);
        assert_eq!(people::same_household(&app, ids[1]).await.unwrap(), []);
        let reopened = world.reopen(app).await;
        assert_eq!(people::load(&reopened, &asked).await.unwrap(), found);
        world.end(reopened).await;
    }

    async fn lists_of_every_size_are_read_whole(world) {
        let app = world.open().await;
        let ids = people::create(&app, crowd(1203)).await.unwrap();
        for size in [0, 1, 2, 16, 17, 100, 101, 499, 500, 501, 1203] {
            let found = people::load(&app, &ids[..size]).await.unwrap();
            assert_eq!(found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), &ids[..size]);
            for (at, (_, person)) in found.iter().enumerate() {
                assert_eq!(person.identity.name, format!("Người {at}"));
            }
        }
        let walked: std::sync::Arc<std::sync::Mutex<Vec<(PersonId, Person)>>> = std::sync::Arc::default();
        let kept = std::sync::Arc::clone(&walked);
        let total = people::for_each(&app, move |chunk| kept.lock().unwrap().extend(chunk)).await.unwrap();
        let walked = walked.lock().unwrap().clone();
        assert_eq!((total.opened, total.erased, total.damaged), (1203, 0, 0));
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        assert_eq!(walked.iter().map(|(id, _)| *id).collect::<Vec<_>>(), sorted);
        assert_eq!(people::count(&app).await.unwrap(), 1203);
        world.end(app).await;
    }

    async fn nothing_stored_tells_who_anybody_is(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted()]).await.unwrap();
        let mut changed = planted();
        changed.identity.sex = Some(Sex::Male);
        people::change(&app, ids[0], 1, changed).await.unwrap();
        people::rotate(&app).await.unwrap();
        // The searches must be able to find something: a leak is planted in both databases first.
        let leak = "Rò Rỉ Thử";
        for db in [&app.db, app.people.keyring()] {
            db.execute_for_test("CREATE TABLE scratch (leak TEXT NOT NULL)").await.unwrap();
            db.execute_for_test(&format!("INSERT INTO scratch VALUES ('{leak}')")).await.unwrap();
        }
        let dumps = vault::dumps(&app).await;
        let sealed = vault::cell(&app, "person", "person_id", ids[0], "sealed").await.unwrap();
        assert_eq!((sealed.len() / 2 - 1 - 24 - 16) % 64, 0, "the length tells how long a name is");
        assert_eq!(vault::tables_with(&dumps, leak), ["scratch", "scratch"]);
        assert!(world.files_with(leak).await.len() >= 2);
        for needle in NEEDLES {
            assert_eq!(vault::tables_with(&dumps, needle), Vec::<String>::new(), "{needle}");
            assert_eq!(world.files_with(needle).await, Vec::<String>::new(), "{needle}");
        }
        let app = world.reopen(app).await;
        for needle in NEEDLES {
            assert_eq!(world.files_with(needle).await, Vec::<String>::new(), "{needle} after a restart");
        }
        assert_eq!(people::load(&app, &ids).await.unwrap()[0].1.identity.name, NEEDLES[0]);
        world.end(app).await;
    }

    async fn an_erased_person_is_gone_from_older_backups_too(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted(), named("Người ở lại")]).await.unwrap();
        let wrapped = vault::cell(&app, "person_key", "person_id", ids[0], "wrapped").await.unwrap();
        let app = world.back_up(app).await;
        people::erase(&app, ids[0]).await.unwrap();
        assert_eq!(vault::cell(&app, "person", "person_id", ids[0], "sealed").await, None);
        assert_eq!(vault::cell(&app, "person_key", "person_id", ids[0], "wrapped").await, None);
        assert_eq!(people::load(&app, &ids).await.unwrap().len(), 1);
        assert_eq!(people::erased_among(&app, &ids).await.unwrap(), [ids[0]]);
        people::erase(&app, ids[0]).await.unwrap();
        let never = people::erase(&app, PersonId([3; 16])).await;
        assert!(matches!(never, Err(ServiceError::NotFound { .. })));
        world.assert_no_remnant(&wrapped).await;
        // The vault as it was before, with the keyring of now.
        let old = world.restore(app).await;
        assert!(vault::cell(&old, "person", "person_id", ids[0], "sealed").await.is_some());
        let found = people::load(&old, &ids).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.identity.name, "Người ở lại");
        let walked = people::for_each(&old, |_| ()).await.unwrap();
        assert_eq!((walked.opened, walked.erased, walked.damaged), (1, 1, 0));
        world.end(old).await;
    }

    async fn an_erasure_cut_off_is_finished_by_the_job(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted()]).await.unwrap();
        // As after a crash between the row's transaction and the key's.
        let hex = ids[0].hex();
        let id = world.bytes(&hex);
        app.db.execute_for_test(&format!("DELETE FROM person WHERE person_id = {id}")).await.unwrap();
        app.db.execute_for_test(&format!("INSERT INTO erased_person VALUES ({id}, 5, 0)")).await.unwrap();
        assert!(vault::cell(&app, "person_key", "person_id", ids[0], "wrapped").await.is_some());
        app.run_due_jobs().await.unwrap();
        assert!(vault::cell(&app, "person_key", "person_id", ids[0], "wrapped").await.is_none());
        assert_eq!(vault::cell(&app, "erased_person", "person_id", ids[0], "key_destroyed").await.unwrap(), "1");
        world.end(app).await;
    }

    async fn a_rotation_cut_off_anywhere_goes_on(world) {
        let app = world.open().await;
        let count = 4100; // three chunks
        let ids = people::create(&app, crowd(count)).await.unwrap();
        let first = world.kek_file();
        let link = world.kek_path().with_extension("link");
        std::fs::hard_link(world.kek_path(), &link).unwrap();
        let mut app = Some(app);
        let mut seen = Vec::new();
        for steps in 1..=7 {
            let now = app.take().unwrap();
            // Killed after each number of steps: what a step knew is lost.
            let (mut cursor, mut start) = (Cursor::default(), true);
            for _ in 0..steps {
                let step = now.people.step(start, &mut cursor, now.clock.now(), &now.entropy).await.unwrap();
                seen.push(step);
                start = false;
            }
            let restarted = world.reopen(now).await;
            let sample = [ids[0], ids[count / 2], ids[count - 1]];
            assert_eq!(people::load(&restarted, &sample).await.unwrap().len(), 3, "after {steps} steps");
            people::erase(&restarted, ids[steps]).await.unwrap();
            let born = people::create(&restarted, vec![planted()]).await.unwrap();
            people::rotate(&restarted).await.unwrap();
            assert_eq!(people::load(&restarted, &born).await.unwrap().len(), 1);
            assert_eq!(world.kek_file().lines().count(), 1, "after {steps} steps");
            app = Some(restarted);
        }
        for step in [Step::KeyMade, Step::Begun, Step::Rewrapped(2000), Step::Rewrapped(100), Step::Ended, Step::Done] {
            let found = seen.iter().any(|s| *s == step || matches!((s, step), (Step::Rewrapped(1..2000), Step::Rewrapped(100))));
            assert!(found, "{step:?} in {seen:?}");
        }
        let app = app.unwrap();
        let kek = first.trim().split(' ').nth(1).unwrap().to_owned();
        assert_ne!(world.kek_file(), first);
        assert!(!world.kek_file().contains(&kek));
        // Where the first file lay on the disk, it was overwritten.
        assert!(std::fs::read(link).unwrap().iter().all(|byte| *byte == 0));
        let found = people::load(&app, &ids).await.unwrap();
        assert_eq!(found.len(), count - 7);
        for (id, person) in found {
            let at = ids.iter().position(|other| *other == id).unwrap();
            assert_eq!(person.identity.name, format!("Người {at}"));
        }
        world.end(app).await;
    }

    async fn a_key_stored_while_another_process_rotates_is_not_lost(world) {
        let one = world.open().await;
        let other = world.open().await;
        let mut ids = people::create(&one, vec![planted()]).await.unwrap();
        people::rotate(&other).await.unwrap();
        // `one` still holds the key of an epoch that is over.
        ids.extend(people::create(&one, vec![named("Người mới")]).await.unwrap());
        assert_eq!(people::load(&one, &ids).await.unwrap().len(), 2);
        assert_eq!(people::load(&other, &ids).await.unwrap().len(), 2);
        let mut cursor = Cursor::default();
        let step = one.people.step(true, &mut cursor, one.clock.now(), &one.entropy).await.unwrap();
        assert_eq!(step, Step::KeyMade);
        // `other` does not begin a second one.
        people::rotate(&other).await.unwrap();
        assert_eq!(one.people.step(false, &mut cursor, one.clock.now(), &one.entropy).await.unwrap(), Step::Done);
        assert_eq!(people::load(&one, &ids).await.unwrap().len(), 2);
        world.end(other).await;
        world.end(one).await;
    }

    async fn people_entered_while_the_keyring_rotates_are_not_lost(world) {
        let app = world.open().await;
        let other = world.open().await;
        let enter = async {
            let mut ids = Vec::new();
            for _ in 0..40 {
                ids.extend(people::create(&app, crowd(20)).await.unwrap());
            }
            ids
        };
        let turn = async {
            for _ in 0..20 {
                people::rotate(&other).await.unwrap();
            }
        };
        let look = async {
            for _ in 0..40 {
                let walked = people::for_each(&app, |_| ()).await.unwrap();
                assert_eq!((walked.erased, walked.damaged), (0, 0));
            }
        };
        let (ids, (), ()) = tokio::join!(enter, turn, look);
        assert_eq!(people::load(&app, &ids).await.unwrap().len(), 800);
        world.end(other).await;
        world.end(app).await;
    }

    async fn a_key_of_an_epoch_that_nobody_holds_is_looked_for_and_said(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted()]).await.unwrap();
        people::rotate(&app).await.unwrap();
        // As a reader sees it whose rows are older than the key file: it must look again, not call the person damaged.
        for text in [
            format!("INSERT INTO keyring_epoch VALUES (1, {}, 0)", world.bytes("00")),
            "UPDATE person_key SET epoch = 1".into(),
        ] {
            app.people.keyring().execute_for_test(&text).await.unwrap();
        }
        let said = people::load(&app, &ids).await;
        assert!(matches!(said, Err(ServiceError::Unavailable { what: "the keyring" })), "{said:?}");
        app.people.keyring().execute_for_test("UPDATE person_key SET epoch = 2").await.unwrap();
        assert_eq!(people::load(&app, &ids).await.unwrap().len(), 1);
        world.end(app).await;
    }

    async fn a_new_keyring_in_the_place_of_a_lost_one_is_refused(world) {
        let app = world.open().await;
        people::create(&app, vec![planted()]).await.unwrap();
        world.clock.advance(60);
        let app = world.lose_keyring(app).await;
        assert!(app.contains("the keyring of the people in the vault"), "{app}");
    }

    async fn the_job_rotates_daily_and_sweeps_keys_without_people(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted()]).await.unwrap();
        let unused = people::prepare(&app, vec![named("Người bỏ dở")]).await.unwrap();
        let orphan = unused[0].person();
        app.run_due_jobs().await.unwrap();
        assert!(world.kek_file().starts_with("1 "));
        assert_eq!(people::sweep(&app, app.clock.now()).await.unwrap(), 0, "its entry may be under way");
        world.clock.advance(23 * 3600);
        app.run_due_jobs().await.unwrap();
        assert!(world.kek_file().starts_with("1 "));
        assert!(vault::cell(&app, "person_key", "person_id", orphan, "wrapped").await.is_some());
        world.clock.advance(3601);
        app.run_due_jobs().await.unwrap();
        assert!(world.kek_file().starts_with("2 "));
        assert!(vault::cell(&app, "person_key", "person_id", orphan, "wrapped").await.is_none());
        assert_eq!(people::load(&app, &ids).await.unwrap().len(), 1);
        world.end(app).await;
    }

    async fn many_keys_without_people_are_left(world) {
        let app = world.open().await;
        people::prepare(&app, crowd(1001)).await.unwrap();
        world.clock.advance(2 * 86_400);
        assert_eq!(people::sweep(&app, app.clock.now()).await.unwrap(), 0);
        assert_eq!(vault::rows(&app, "person_key").await, 1001);
        let one = "DELETE FROM person_key WHERE person_id = (SELECT person_id FROM person_key LIMIT 1)";
        app.people.keyring().execute_for_test(one).await.unwrap();
        assert_eq!(people::sweep(&app, app.clock.now()).await.unwrap(), 1000);
        assert_eq!(vault::rows(&app, "person_key").await, 0);
        world.end(app).await;
    }

    async fn the_second_of_two_changes_is_refused(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted()]).await.unwrap();
        world.clock.advance(60);
        assert_eq!(people::change(&app, ids[0], 1, named("Tên mới")).await.unwrap(), 2);
        let second = people::change(&app, ids[0], 1, named("Tên khác")).await;
        assert!(matches!(second, Err(ServiceError::Conflict { .. })));
        let (_, person) = people::load(&app, &ids).await.unwrap().remove(0);
        assert_eq!((person.identity.name.as_str(), person.version), ("Tên mới", 2));
        assert_eq!(person.changed_at.0 - person.created_at.0, 60);
        let nobody = people::change(&app, PersonId([9; 16]), 1, planted()).await;
        assert!(matches!(nobody, Err(ServiceError::NotFound { .. })));
        // Both prepared over the same version: the database lets one through.
        let (a, b) = tokio::join!(
            people::change(&app, ids[0], 2, named("Cùng lúc A")),
            people::change(&app, ids[0], 2, named("Cùng lúc B")),
        );
        assert_eq!([&a, &b].iter().filter(|result| result.is_ok()).count(), 1, "{a:?} {b:?}");
        world.end(app).await;
    }

    async fn rows_that_were_tampered_with_do_not_open(world) {
        let app = world.open().await;
        let ids = people::create(&app, vec![planted(), named("Người kia")]).await.unwrap();
        let sealed: Vec<String> = vec![
            vault::cell(&app, "person", "person_id", ids[0], "sealed").await.unwrap(),
            vault::cell(&app, "person", "person_id", ids[1], "sealed").await.unwrap(),
        ];
        let wrapped = vault::cell(&app, "person_key", "person_id", ids[0], "wrapped").await.unwrap();
        let set = async |column: &str, at: usize, value: &str| {
            let id = world.bytes(&ids[at].hex());
            let text = format!("UPDATE person SET {column} = {value} WHERE person_id = {id}");
            app.db.execute_for_test(&text).await.unwrap();
        };
        let opens = async || people::load(&app, &ids).await.is_ok();
        assert!(opens().await);
        // The row of one and even the key of one for the other.
        set("sealed", 1, &world.bytes(&sealed[0])).await;
        assert!(!opens().await);
        let id = world.bytes(&ids[1].hex());
        let before = vault::cell(&app, "person_key", "person_id", ids[1], "wrapped").await.unwrap();
        let swap = |value: &str| format!("UPDATE person_key SET wrapped = {} WHERE person_id = {id}", world.bytes(value));
        app.people.keyring().execute_for_test(&swap(&wrapped)).await.unwrap();
        assert!(!opens().await);
        let walked = people::for_each(&app, |_| ()).await.unwrap();
        assert_eq!((walked.opened, walked.damaged), (1, 1));
        app.people.keyring().execute_for_test(&swap(&before)).await.unwrap();
        set("sealed", 1, &world.bytes(&sealed[1])).await;
        assert!(opens().await);
        set("version", 0, "2").await;
        assert!(!opens().await);
        world.end(app).await;
    }

    async fn followers_hear_what_is_committed(world) {
        #[derive(Default)]
        struct Ear(Mutex<Vec<String>>);
        impl Follower for Ear {
            fn keep(&self, _: PersonId, known: &Person) {
                self.0.lock().unwrap().push(format!("{} {}", known.identity.name, known.version));
            }
            fn forget(&self, _: PersonId) {
                self.0.lock().unwrap().push("forgotten".into());
            }
        }
        let app = world.open().await;
        let ear = Arc::new(Ear::default());
        app.people.follow(Arc::clone(&ear) as Arc<dyn Follower>);
        let ids = people::create(&app, vec![named("A"), named("B")]).await.unwrap();
        people::change(&app, ids[1], 1, named("C")).await.unwrap();
        people::change(&app, ids[1], 1, named("D")).await.unwrap_err();
        people::erase(&app, ids[0]).await.unwrap();
        assert_eq!(*ear.0.lock().unwrap(), ["A 1", "B 1", "C 2", "forgotten"]);
        let changes = people::changes_since(&app, common::START).await.unwrap();
        assert_eq!((changes.stored, changes.erased), (vec![(ids[1], 2)], vec![ids[0]]));
        let later = people::changes_since(&app, common::START.plus(1)).await.unwrap();
        assert_eq!(later, people::Changes::default());
        world.end(app).await;
    }

    async fn bad_people_are_refused_and_none_is_entered(world) {
        let app = world.open().await;
        let mut bad = planted();
        bad.identity.phones = vec!["113".into()];
        let refused = people::create(&app, vec![planted(), bad]).await;
        assert!(matches!(refused, Err(ServiceError::Invalid { field: "phones", .. })), "{refused:?}");
        assert_eq!((vault::rows(&app, "person").await, vault::rows(&app, "person_key").await), (0, 0));
        world.end(app).await;
    }

    async fn ten_thousand_people_are_entered_and_walked_over(world) {
        let count = number("VUNGLAM_PEOPLE", 10_000);
        let app = world.open().await;
        let list = crowd(count);
        let begun = tokio::time::Instant::now();
        let mut ids = Vec::new();
        for chunk in list.chunks(10_000) {
            ids.extend(people::create(&app, chunk.to_vec()).await.unwrap());
        }
        let entered = begun.elapsed();
        let begun = tokio::time::Instant::now();
        let walked = people::for_each(&app, |_| ()).await.unwrap();
        let walk = begun.elapsed();
        let begun = tokio::time::Instant::now();
        assert_eq!(people::load(&app, &ids[..10_000.min(count)]).await.unwrap().len(), 10_000.min(count));
        let loaded = begun.elapsed();
        let begun = tokio::time::Instant::now();
        assert_eq!(people::rotate(&app).await.unwrap(), count);
        let rotated = begun.elapsed();
        eprintln!("{:?} {count} people: entered {entered:?}, walked over {walk:?}, 10,000 loaded {loaded:?}, rotated {rotated:?}", app.db.dialect());
        assert_eq!((walked.opened, walked.damaged), (count, 0));
        world.end(app).await;
    }
}

#[tokio::test]
async fn a_key_file_that_is_missing_or_foreign_is_said_and_not_made_again() {
    let world = World::in_memory().await;
    let app = world.open().await;
    let ids = people::create(&app, vec![planted()]).await.unwrap();
    world.end(app).await;
    let file = world.kek_path();
    let kept = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(world.refusal().await.contains("is missing"));
    assert!(!file.exists());
    vault::write(&file, &format!("1 {}\n", "ab".repeat(32)));
    assert!(world.refusal().await.contains("does not fit"));
    vault::write(&file, &kept.replacen('1', "2", 1));
    assert!(world.refusal().await.contains("does not fit"));
    vault::write(&file, "nonsense");
    assert!(world.refusal().await.contains("does not hold a key"));
    vault::write(&file, &kept);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(world.refusal().await.contains("everybody may read"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let app = world.open().await;
    assert_eq!(people::load(&app, &ids).await.unwrap().len(), 1);
    world.end(app).await;
}

#[test]
fn debug_prints_nothing_of_anybody() {
    let text = format!("{:?}", planted());
    assert!(NEEDLES.iter().all(|needle| !text.contains(needle)), "{text}");
}
