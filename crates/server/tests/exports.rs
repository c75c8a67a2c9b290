//! Cutting export files: embargo, padding, order, and a process that dies at any point.

mod common;

use std::collections::HashMap;

use common::{World, decode, encode, post, uploaded_keys};
use object_store::{ObjectStoreExt, PutPayload};
use protocol::export::Export;
use protocol::message::UploadedKey;

async fn publish(world: &World, keys: &[UploadedKey]) {
    let answer = post(&world.keys, "/v1/publish", &world.certified_upload(keys).await).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// In how many listed files each key stands.
async fn exported(world: &World) -> HashMap<[u8; 16], u32> {
    let mut found = HashMap::new();
    for name in world.index().await {
        let zip = world.file(&name).await;
        let export = Export::open(&zip).expect("a listed file is whole");
        export
            .verify_any(&world.both.keys.secrets.export.public_key())
            .expect("signed");
        let mut last = [0; 16];
        export
            .for_each_key(|key| {
                assert!(last < key.key.key, "keys are sorted");
                last = key.key.key;
                *found.entry(key.key.key).or_default() += 1;
            })
            .expect("intact");
    }
    found
}

on_each_database! {
    async fn an_embargoed_key_is_not_exported(world) {
        let today = world.clock.now().day().first_interval().0;
        let key = UploadedKey { rolling_start_number: today, ..uploaded_keys(world, 1).remove(0) };
        publish(world, std::slice::from_ref(&key)).await;
        let end = (i64::from(today) + 144) * 600;
        world.clock.set(protocol::time::UnixSeconds(end + 2 * 3600 - 1));
        world.both.run_due_jobs().await.expect("jobs");
        assert_eq!(world.index().await, Vec::<String>::new());
        world.clock.advance(1);
        world.both.run_due_jobs().await.expect("jobs");
        world.clock.advance(60);
        world.both.run_due_jobs().await.expect("jobs");
        assert_eq!(exported(world).await.get(&decode(&key.key)), Some(&1));
    }

    async fn an_empty_period_gets_no_file_and_a_key_is_exported_once(world) {
        publish(world, &uploaded_keys(world, 2)).await;
        for _ in 0..30 {
            world.clock.advance(3600);
            world.both.run_due_jobs().await.expect("jobs");
        }
        assert_eq!(world.index().await.len(), 1);
        let found = exported(world).await;
        assert_eq!(found.len(), 100, "two keys and their padding");
        assert!(found.values().all(|files| *files == 1));
    }

    async fn padding_copies_the_metadata_of_real_keys(world) {
        let mut keys = uploaded_keys(world, 2);
        keys[1].rolling_period = 77;
        publish(world, &keys).await;
        world.clock.advance(7200);
        world.both.run_due_jobs().await.expect("jobs");
        let zip = world.file(&world.index().await[0]).await;
        let mut kinds = HashMap::new();
        Export::open(&zip).expect("whole").for_each_key(|k| {
            *kinds.entry((k.key.rolling_start.0, k.key.rolling_period.intervals())).or_insert(0) += 1;
        }).expect("intact");
        assert_eq!(kinds.len(), 2);
        assert!(kinds[&(keys[1].rolling_start_number, 77)] > 20, "{kinds:?}");
    }

    async fn files_and_keys_are_erased_after_fourteen_days(world) {
        publish(world, &uploaded_keys(world, 2)).await;
        world.clock.advance(7200);
        world.both.run_due_jobs().await.expect("jobs");
        let name = world.index().await.remove(0);
        world.clock.advance(14 * 86_400 + 7200);
        world.both.run_due_jobs().await.expect("jobs");
        assert_eq!(world.index().await, Vec::<String>::new());
        assert_eq!(world.rows("keys.diagnosis_key").await, 0);
        assert_eq!(world.rows("keys.certificate_use").await, 0);
        assert_eq!(common::get(&world.keys, &format!("/v1/exports/82/{name}")).await.status, 404);
        let path = object_store::path::Path::from(format!("exports/82/{name}"));
        assert!(world.both.keys.files.head(&path).await.is_err(), "the file itself is gone");
    }

    async fn keys_that_a_dead_export_claimed_are_exported_by_the_next(world) {
        publish(world, &uploaded_keys(world, 3)).await;
        world.clock.advance(7200);
        // What a process leaves behind that dies after writing its file and before listing it.
        let app = &world.both.keys;
        common::execute(&app.db, "INSERT INTO export_attempt (number, started_at_s) VALUES (1, 0)").await;
        common::execute(&app.db, "UPDATE diagnosis_key SET claimed_by = 1").await;
        let litter = object_store::path::Path::from("exports/82/1-2-00001.zip");
        app.files.put(&litter, PutPayload::from_static(b"half a file")).await.expect("stored");
        assert_eq!(common::get(&world.keys, "/v1/exports/82/1-2-00001.zip").await.status, 404, "unlisted files are not given out");
        world.both.run_due_jobs().await.expect("jobs");
        let found = exported(world).await;
        for key in uploaded_keys(world, 3) {
            assert_eq!(found.get(&decode(&key.key)), Some(&1));
        }
        world.clock.advance(2 * 86_400);
        world.both.run_due_jobs().await.expect("jobs");
        assert!(app.files.head(&litter).await.is_err(), "litter is swept");
        assert_eq!(exported(world).await.len(), found.len());
    }

    async fn two_workers_never_export_a_key_twice(world) {
        for n in 0..4u8 {
            let keys: Vec<_> = uploaded_keys(world, 3)
                .into_iter()
                .enumerate()
                .map(|(at, key)| UploadedKey { key: encode(&[n * 16 + u8::try_from(at).expect("few") + 1; 16]), ..key })
                .collect();
            publish(world, &keys).await;
        }
        world.clock.advance(7200);
        let app = &world.both.keys;
        let cuts = tokio::join!(server::keys::cut_exports(app), server::keys::cut_exports(app));
        assert!(cuts.0.is_ok() || cuts.1.is_ok(), "{cuts:?}");
        server::keys::cut_exports(app).await.expect("a quiet run");
        let found = exported(world).await;
        for n in 0..4u8 {
            for at in 1..=3u8 {
                assert_eq!(found.get(&[n * 16 + at; 16]), Some(&1));
            }
        }
    }
}
