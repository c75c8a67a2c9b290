//! The audit on both databases: what was recorded stays, is found, and can be checked.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;
#[path = "common/audit.rs"]
mod scene;

use common::{START, World, execute};
use protocol::time::UnixSeconds;
use scene::{Folder, entry, export, key_pem, person, record, restarted, verify};
use server::ServiceError;
use server::audit::{self, Action, Actor, Entry, ExportError, Filter, Object, Outcome, Purpose, Within};

on_each_database! {
    async fn two_thousand_records_of_fifty_callers_leave_no_gap(world) {
        let callers: Vec<_> = (0..50u16)
            .map(|caller| {
                let app = world.both.authority.clone();
                tokio::spawn(async move {
                    for number in 0..40 {
                        record(&app, &format!("officer-{caller}"), &[caller, 100 + number]).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        let mut numbers: Vec<i64> = common::cells(world, "audit_entry", "seq").await.iter().map(|n| n.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=2000).collect::<Vec<_>>());
        let report = verify(world, &[]).await;
        assert!(report.is_whole(), "{report:?}");
        assert_eq!((report.chains, report.entries, report.objects), (1, 2000, 4000));
        let of_one = Filter { actor: Some(Actor::Officer("officer-7".into())), ..Filter::default() };
        assert_eq!(audit::list(&world.both.authority, &of_one, 500).await.unwrap().entries.len(), 40);
    }

    async fn after_a_restart_a_new_chain_begins_and_all_is_whole(world) {
        record(&world.both.authority, "lan", &[1]).await;
        world.both.run_due_jobs().await.unwrap();
        let again = restarted(world, 8).await;
        record(&again, "lan", &[1, 2]).await;
        record(&world.both.authority, "lan", &[3]).await;
        world.clock.advance(3600);
        world.both.run_due_jobs().await.unwrap();
        let report = verify(world, &[]).await;
        assert!(report.is_whole(), "{report:?}");
        // three records and two of roots
        assert_eq!((report.chains, report.entries, report.roots), (2, 5, 2));
        assert_eq!(report.newest_root, Some(START.0 + 3600));
    }

    async fn what_cannot_be_recorded_is_refused_and_nothing_is_lost_when_it_can_again(world) {
        let (app, people) = (&world.both.authority, [person(1)]);
        record(app, "lan", &[1]).await;
        execute(&app.db, "ALTER TABLE audit_object RENAME TO elsewhere").await;
        for _ in 0..2 {
            let refused = app.audit.record(entry("lan", &people)).await;
            assert!(matches!(refused, Err(ServiceError::Unavailable { .. })), "{refused:?}");
        }
        execute(&app.db, "ALTER TABLE elsewhere RENAME TO audit_object").await;
        record(app, "lan", &[1]).await;
        let report = verify(world, &[]).await;
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(report.entries, 2);
    }

    async fn a_chain_that_another_hand_touched_is_not_continued(world) {
        let (app, people) = (&world.both.authority, [person(1)]);
        record(app, "lan", &[1]).await;
        execute(&app.db, "CREATE TABLE saved AS SELECT * FROM audit_chain").await;
        record(app, "lan", &[2]).await;
        for statement in ["DELETE FROM audit_chain", "INSERT INTO audit_chain SELECT * FROM saved",
            "DELETE FROM audit_object WHERE seq = 2", "DELETE FROM audit_entry WHERE seq = 2"] {
            execute(&app.db, statement).await;
        }
        assert!(verify(world, &[]).await.is_whole(), "an earlier state is whole by itself");
        for _ in 0..2 {
            let refused = app.audit.record(entry("lan", &people)).await;
            assert!(matches!(refused, Err(ServiceError::Unavailable { .. })), "{refused:?}");
        }
        record(&restarted(world, 8).await, "lan", &[2]).await;
    }

    async fn whoever_was_waiting_is_written_when_the_log_closes(world) {
        let app = &world.both.authority;
        let callers: Vec<_> = (0..300)
            .map(|number| {
                let app = app.clone();
                tokio::spawn(async move { app.audit.record(entry("lan", &[person(number)])).await })
            })
            .collect();
        tokio::task::yield_now().await;
        app.audit.close().await;
        let mut written = 0;
        for caller in callers {
            written += i64::from(caller.await.unwrap().is_ok());
        }
        assert!(written > 0);
        assert_eq!(world.rows("authority.audit_entry").await, written);
        let refused = app.audit.record(entry("lan", &[person(1)])).await;
        assert!(matches!(refused, Err(ServiceError::Unavailable { .. })), "{refused:?}");
    }

    async fn a_person_sees_who_looked_by_role_and_never_by_name(world) {
        let app = &world.both.authority;
        record(app, "lan", &[1, 2]).await;
        world.clock.advance(60);
        let people = [person(1)];
        let denied = Entry { outcome: Outcome::Denied, ..entry("officer-77", &people) };
        app.audit.record(denied).await.unwrap();
        record(app, "lan", &[2]).await;
        let looks = audit::looks_at(app, person(1), 10).await.unwrap();
        let told: Vec<_> = looks.iter().map(|look| (look.at.0 - START.0, look.allowed)).collect();
        assert_eq!(told, [(60, false), (0, true)]);
        assert_eq!(looks[1].role, "commune_tracer");
        assert_eq!((looks[1].purpose.as_str(), looks[1].action.as_str()), ("tracing", "person.read"));
        assert_eq!((looks[1].fields.join(" "), looks[1].reason.as_deref()), ("name phone".into(), Some("called_back")));
        assert!(!format!("{looks:?}").contains("77"), "{looks:?}");
        assert_eq!(audit::looks_at(app, person(2), 1).await.unwrap().len(), 1);
        assert!(audit::looks_at(app, person(9), 10).await.unwrap().is_empty());
    }

    async fn no_table_holds_the_id_of_a_person(world) {
        record(&world.both.authority, "lan", &[1, 2]).await;
        let dump = format!("{:?}", world.both.dump().await.unwrap());
        assert!(dump.contains("officer:lan"));
        for number in [1, 2] {
            let Object(id) = person(number);
            assert!(!dump.contains(&hex::encode(id)));
            assert!(!dump.contains(&hex::encode(id).to_uppercase()));
        }
        assert_eq!(format!("{:?}", person(1)), "Object(…)");
    }

    async fn the_auditor_pages_through_everything_once_and_filters(world) {
        let app = &world.both.authority;
        let again = restarted(world, 8).await;
        for number in 0..30 {
            record(if number % 3 == 0 { &again } else { app }, if number % 2 == 0 { "lan" } else { "nam" }, &[number % 5]).await;
            if number % 4 == 0 {
                world.clock.advance(10);
            }
        }
        let denied = Entry { outcome: Outcome::Denied, ..Entry::new(Actor::System, "system", Purpose::Oversight, Action::DENIED) };
        app.audit.record(denied).await.unwrap();
        let all = audit::list(app, &Filter::default(), 500).await.unwrap();
        assert_eq!((all.entries.len(), all.next), (31, None));
        assert!(all.entries.is_sorted_by_key(|e| std::cmp::Reverse(e.at)));
        let (mut paged, mut filter) = (Vec::new(), Filter::default());
        loop {
            let page = audit::list(app, &filter, 7).await.unwrap();
            paged.extend(page.entries);
            match page.next {
                Some(next) => filter.after = audit::Cursor::parse(&next.text()),
                None => break,
            }
        }
        assert_eq!(paged, all.entries);
        let count = async |filter: Filter| audit::list(app, &filter, 500).await.unwrap().entries.len();
        assert_eq!(count(Filter { actor: Some(Actor::Officer("lan".into())), ..Filter::default() }).await, 15);
        assert_eq!(count(Filter { object: Some(person(4)), ..Filter::default() }).await, 6);
        assert_eq!(count(Filter { outcome: Some(Outcome::Denied), ..Filter::default() }).await, 1);
        assert_eq!(count(Filter { outcome: Some(Outcome::Allowed), action: Some(Action::PERSON_READ), ..Filter::default() }).await, 30);
        // the first entry stands alone in its second, the next four in theirs
        let (from, until) = (Some(UnixSeconds(START.0 + 10)), Some(UnixSeconds(START.0 + 20)));
        assert_eq!(count(Filter { from, until, ..Filter::default() }).await, 4);
        let both = Filter { object: Some(person(4)), actor: Some(Actor::Officer("nam".into())), from, ..Filter::default() };
        assert_eq!(count(both).await, 3);
    }

    async fn what_is_older_than_two_years_goes_and_the_rest_still_verifies(world) {
        let app = &world.both.authority;
        for number in 0..1500 {
            let people = [person(number)];
            app.audit.record(entry("lan", &people)).await.unwrap();
        }
        world.clock.advance(86_400);
        record(app, "nam", &[1]).await;
        world.both.run_due_jobs().await.unwrap();
        world.clock.advance(audit::RETENTION_SECONDS - 86_400);
        world.both.run_due_jobs().await.unwrap();
        assert_eq!(verify(world, &[]).await.pruned, 0, "not a day too early");
        world.clock.advance(3600);
        world.both.run_due_jobs().await.unwrap();
        let report = verify(world, &[]).await;
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(report.pruned, 1500);
        assert!(audit::looks_at(app, person(700), 9).await.unwrap().is_empty());
        assert_eq!(audit::looks_at(app, person(1), 9).await.unwrap().len(), 1);
        record(app, "nam", &[1]).await;
        assert!(verify(world, &[]).await.is_whole());
        let folder = Folder::new();
        export(world, &folder.file("export")).await;
        if let Some(verdicts) = scene::check(&[folder.file("export")], &key_pem(world), None) {
            assert!(verdicts[0].whole, "{verdicts:?}");
        }
    }

    async fn an_export_of_some_days_verifies_by_itself(world) {
        let app = &world.both.authority;
        for day in 0..4 {
            for number in 0..5 {
                record(app, "lan", &[day * 10 + number]).await;
            }
            world.clock.advance(86_400);
            world.both.run_due_jobs().await.unwrap();
        }
        let within = Within { from: START.plus(86_400 - 60), until: START.plus(2 * 86_400 + 60) };
        let mut out = Vec::new();
        let exported = audit::export(&app.db, &app.secrets.audit, Some(within), &mut out).await.unwrap();
        // ten looks and the roots of two days
        assert_eq!((exported.entries, exported.objects, exported.chains), (12, 10, 1));
        let folder = Folder::new();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let without = |kind: &str| {
            let at = lines.iter().rposition(|line| line.contains(&format!("\"kind\":\"{kind}\""))).unwrap();
            let mut left = lines.clone();
            left.remove(at);
            left.join("\n")
        };
        let variants = [text.clone(), without("entry"), without("range"), without("object"), text.replace("nam", "lan").replace("lan", "nam")];
        let files: Vec<_> = (0..variants.len()).map(|n| folder.file(&n.to_string())).collect();
        for (file, variant) in files.iter().zip(&variants) {
            std::fs::write(file, variant).unwrap();
        }
        if let Some(verdicts) = scene::check(&files, &key_pem(world), None) {
            let whole: Vec<bool> = verdicts.iter().map(|verdict| verdict.whole).collect();
            assert_eq!(whole, [true, false, false, false, false], "{verdicts:?}");
            assert_eq!(verdicts[0].counts["entry"], 12);
        }
        execute(&app.db, "DELETE FROM audit_object WHERE seq = 1").await;
        let refused = audit::export(&app.db, &app.secrets.audit, Some(within), &mut Vec::new()).await;
        assert!(matches!(refused, Err(ExportError::Broken(_))), "{refused:?}");
    }

    async fn roots_are_copied_to_a_file_once_each(world) {
        let (app, folder) = (&world.both.authority, Folder::new());
        let file = folder.file("audit-roots.jsonl");
        world.both.run_due_jobs().await.unwrap();
        app.audit.copy_roots_to(file.clone());
        for number in 1..4 {
            record(app, "lan", &[number]).await;
            world.clock.advance(3600);
            world.both.run_due_jobs().await.unwrap();
            if number == 2 {
                // a crash in the middle of a line
                let mut text = std::fs::read_to_string(&file).unwrap();
                text += "{\"hash\":\"00";
                std::fs::write(&file, text).unwrap();
            }
        }
        let copies = audit::read_copies(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(copies.iter().map(|root| root.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(audit::newest_root(&app.db).await.unwrap().as_ref(), copies.last());
        let report = verify(world, &copies).await;
        assert!(report.is_whole() && report.copies == 4, "{report:?}");
        assert_eq!(audit::read_copies("{}"), Err(1));
    }
}
