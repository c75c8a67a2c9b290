//! A table of everything that somebody with the database, but without the key, could do to the audit. Each is found
//! by our check and by the independent one, on both databases; undone, both are content again.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

mod common;
#[path = "common/audit.rs"]
mod scene;

use common::{World, execute};
use protocol::signature::{SecretKey, digest};
use scene::{Folder, export, key_pem, record, restarted, verify};
use server::audit::{self, FlawKind, RootCopy};
use server::db::Dialect;

const TABLES: [&str; 5] = [
    "audit_entry",
    "audit_object",
    "audit_chain",
    "audit_pruned",
    "audit_root",
];
/// The last line of each chain.
const LAST: &str = "seq = (SELECT length FROM audit_chain c WHERE c.writer = audit_entry.writer)";
const COLUMNS: &str = "at_s, actor, action, outcome, line, hash";

/// What is done, the statements that do it, and what our check calls it.
type Tampering = (&'static str, Vec<String>, FlawKind);

/// Two processes, three signed roots, an unsigned rest; copies of all tables, and of the heads at an earlier time.
async fn set_scene(world: &World) -> Vec<RootCopy> {
    let app = &world.both.authority;
    let again = restarted(world, 8).await;
    for hour in 0..3 {
        for number in 0..12 {
            record(app, "lan", &[number, number + 1, 40]).await;
            record(&again, "nam", &[number, 50 + hour]).await;
        }
        if hour == 1 {
            execute(&app.db, "CREATE TABLE earlier AS SELECT * FROM audit_chain").await;
            record(app, "lan", &[1]).await;
            record(&again, "nam", &[1]).await;
        }
        world.both.run_due_jobs().await.unwrap();
        world.clock.advance(3600);
    }
    record(app, "lan", &[3]).await;
    record(&again, "nam", &[4]).await;
    for table in TABLES {
        execute(&app.db, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let folder = Folder::new();
    app.audit.copy_roots_to(folder.file("roots"));
    // All roots are signed; this only copies them.
    execute(&app.db, "UPDATE job SET due_at_s = 0 WHERE kind = 'sign_audit_root'").await;
    world.clock.advance(-3600);
    world.both.run_due_jobs().await.unwrap();
    let copies = std::fs::read_to_string(folder.file("roots")).unwrap();
    audit::read_copies(&copies).unwrap()
}

async fn restore(world: &World) {
    for table in TABLES {
        execute(&world.both.authority.db, &format!("DELETE FROM {table}")).await;
        execute(
            &world.both.authority.db,
            &format!("INSERT INTO {table} SELECT * FROM kept_{table}"),
        )
        .await;
    }
}

fn tamperings() -> Vec<Tampering> {
    let mut table = lines();
    table.extend(ends());
    table.extend(indexes());
    table.extend(roots());
    table
}

fn lines() -> Vec<Tampering> {
    use FlawKind::*;
    let all = |statements: &[&str]| statements.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    vec![
        ("an actor is replaced, column and line", all(&[
            "UPDATE audit_entry SET line = REPLACE(line, 'officer:lan', 'officer:hai'), actor = 'officer:hai' WHERE seq = 5"]), EntryChanged),
        ("one sign of a line is changed", all(&["UPDATE audit_entry SET line = REPLACE(line, '\"count\":3', '\"count\":2') WHERE seq = 5"]), EntryChanged),
        ("a space is put into a line", all(&["UPDATE audit_entry SET line = REPLACE(line, ',\"at\"', ', \"at\"') WHERE seq = 5"]), EntryChanged),
        ("a hash is replaced", all(&["UPDATE audit_entry SET hash = (SELECT head FROM audit_chain LIMIT 1) WHERE seq = 5"]), EntryChanged),
        ("a line is deleted with its rows", all(&["DELETE FROM audit_entry WHERE seq = 5", "DELETE FROM audit_object WHERE seq = 5"]), EntryMissing),
        ("the first line is deleted", all(&["DELETE FROM audit_entry WHERE seq = 1", "DELETE FROM audit_object WHERE seq = 1"]), EntryMissing),
        ("a line is deleted and the later ones move up", all(&[
            "DELETE FROM audit_entry WHERE seq = 5", "DELETE FROM audit_object WHERE seq = 5",
            "UPDATE audit_entry SET seq = seq + 999999 WHERE seq > 5",
            "UPDATE audit_entry SET seq = seq - 1000000 WHERE seq > 999999",
            "UPDATE audit_object SET seq = seq + 999999 WHERE seq > 5",
            "UPDATE audit_object SET seq = seq - 1000000 WHERE seq > 999999"]), EntryChanged),
        ("two lines change places with their hashes and rows", all(&[
            "UPDATE audit_entry SET seq = 900 WHERE seq = 5", "UPDATE audit_entry SET seq = 5 WHERE seq = 6", "UPDATE audit_entry SET seq = 6 WHERE seq = 900",
            "UPDATE audit_object SET seq = 900 WHERE seq = 5", "UPDATE audit_object SET seq = 5 WHERE seq = 6", "UPDATE audit_object SET seq = 6 WHERE seq = 900"]), EntryChanged),
        ("a line stands twice", vec![
            "UPDATE audit_entry SET seq = seq + 1000001 WHERE seq > 5".into(), "UPDATE audit_entry SET seq = seq - 1000000 WHERE seq > 1000000".into(),
            "UPDATE audit_object SET seq = seq + 1000001 WHERE seq > 5".into(), "UPDATE audit_object SET seq = seq - 1000000 WHERE seq > 1000000".into(),
            format!("INSERT INTO audit_entry (writer, seq, {COLUMNS}) SELECT writer, 6, {COLUMNS} FROM audit_entry WHERE seq = 5"),
            "INSERT INTO audit_object SELECT writer, 6, object_hmac, at_s FROM audit_object WHERE seq = 5".into(),
            "UPDATE audit_chain SET length = length + 1".into()], EntryChanged),
        ("a line moves to the other chain", vec![
            format!("UPDATE audit_entry SET {} WHERE seq = 5", COLUMNS.split(", ").map(|c| format!(
                "{c} = (SELECT k.{c} FROM kept_audit_entry k WHERE k.seq = 5 AND k.writer <> audit_entry.writer)")).collect::<Vec<_>>().join(", "))], EntryChanged),
        ("a line is put in after the end", vec![
            format!("INSERT INTO audit_entry (writer, seq, {COLUMNS}) SELECT writer, seq + 1, {COLUMNS} FROM audit_entry WHERE {LAST}")], EntryExtra),
        ("a chain of nobody's appears", vec![
            format!("INSERT INTO audit_entry (writer, seq, {COLUMNS}) SELECT object_hmac, 1, {} FROM audit_entry e JOIN audit_object o \
                     ON o.writer = e.writer AND o.seq = e.seq WHERE e.seq = 1 LIMIT 1", COLUMNS.split(", ").map(|c| format!("e.{c}")).collect::<Vec<_>>().join(", "))], ChainMissing),
        ("old lines are deleted under a copied signature", vec![
            "INSERT INTO audit_pruned SELECT e.writer, e.seq, e.hash, c.signature FROM audit_entry e JOIN audit_chain c ON c.writer = e.writer WHERE e.seq = 5".into(),
            "DELETE FROM audit_entry WHERE seq <= 5".into(), "DELETE FROM audit_object WHERE seq <= 5".into()], PrunedForged),
    ]
}

fn ends() -> Vec<Tampering> {
    use FlawKind::*;
    let cut = |more: &[&str]| {
        let objects = format!(
            "DELETE FROM audit_object WHERE {}",
            LAST.replace("audit_entry", "audit_object")
        );
        let mut statements = vec![objects, format!("DELETE FROM audit_entry WHERE {LAST}")];
        statements.extend(more.iter().map(|s| (*s).to_owned()));
        statements
    };
    let shorter = "UPDATE audit_chain SET length = length - 1, head = \
                   (SELECT hash FROM audit_entry e WHERE e.writer = audit_chain.writer AND e.seq = audit_chain.length - 1)";
    let back = |table: &str| {
        format!("DELETE FROM {table} WHERE seq > (SELECT length FROM earlier s WHERE s.writer = {table}.writer)")
    };
    let first = "writer = (SELECT writer FROM kept_audit_chain ORDER BY writer LIMIT 1)";
    vec![
        ("the last line is deleted", cut(&[]), ChainShort),
        ("the last line is deleted and the head set back", cut(&[shorter]), ChainForged),
        ("both chains go back to an earlier signed head", vec![
            back("audit_entry"), back("audit_object"), "DELETE FROM audit_chain".into(), "INSERT INTO audit_chain SELECT * FROM earlier".into()], ChainShort),
        ("only the head goes back", vec!["DELETE FROM audit_chain".into(), "INSERT INTO audit_chain SELECT * FROM earlier".into()], EntryExtra),
        ("the signed heads are deleted", vec!["DELETE FROM audit_chain".into()], ChainMissing),
        ("the signatures of two chains are exchanged", vec![
            "UPDATE audit_chain SET signature = (SELECT k.signature FROM kept_audit_chain k WHERE k.writer <> audit_chain.writer)".into()], ChainForged),
        ("a whole chain vanishes", ["audit_entry", "audit_object", "audit_chain"].map(|t| format!("DELETE FROM {t} WHERE {first}")).to_vec(), ChainMissing),
        ("everything but the roots vanishes", ["audit_entry", "audit_object", "audit_chain"].map(|t| format!("DELETE FROM {t}")).to_vec(), ChainMissing),
    ]
}

fn indexes() -> Vec<Tampering> {
    use FlawKind::*;
    let one = |statement: &str| vec![statement.to_owned()];
    vec![
        (
            "a look is taken off a person's list",
            one("DELETE FROM audit_object WHERE seq = 5"),
            ObjectMissing,
        ),
        (
            "a look is put on another person's list",
            one(
                "INSERT INTO audit_object SELECT writer, 6, object_hmac, at_s FROM audit_object o WHERE seq = 9 AND NOT EXISTS \
             (SELECT 1 FROM audit_object x WHERE x.writer = o.writer AND x.seq = 6 AND x.object_hmac = o.object_hmac)",
            ),
            ObjectExtra,
        ),
        (
            "a row of a person's list belongs to no line",
            one("INSERT INTO audit_object SELECT writer, 5000, object_hmac, at_s FROM audit_object WHERE seq = 5"),
            ObjectExtra,
        ),
        (
            "a look gets another time on a person's list",
            one("UPDATE audit_object SET at_s = at_s - 90000 WHERE seq = 5"),
            ObjectMissing,
        ),
        (
            "a line is listed under another time",
            one("UPDATE audit_entry SET at_s = at_s + 1 WHERE seq = 5"),
            ColumnsDiffer,
        ),
        (
            "a line is listed under another officer",
            one("UPDATE audit_entry SET actor = 'officer:hai' WHERE seq = 5"),
            ColumnsDiffer,
        ),
        (
            "a line is listed under another action",
            one("UPDATE audit_entry SET action = 'person.list' WHERE seq = 5"),
            ColumnsDiffer,
        ),
        (
            "a line is listed as refused",
            one("UPDATE audit_entry SET outcome = 'denied' WHERE seq = 5"),
            ColumnsDiffer,
        ),
    ]
}

fn roots() -> Vec<Tampering> {
    use FlawKind::*;
    let one = |statement: &str| vec![statement.to_owned()];
    vec![
        (
            "a root is changed",
            one("UPDATE audit_root SET line = REPLACE(line, '\"length\":', '\"length\":1') WHERE number = 2"),
            RootForged,
        ),
        (
            "the hash of a root is changed",
            one("UPDATE audit_root SET hash = (SELECT head FROM audit_chain LIMIT 1) WHERE number = 2"),
            RootForged,
        ),
        (
            "a root gets another's signature",
            one(
                "UPDATE audit_root SET signature = (SELECT k.signature FROM kept_audit_root k WHERE k.number = 1) WHERE number = 2",
            ),
            RootForged,
        ),
        (
            "a root in the middle is deleted",
            one("DELETE FROM audit_root WHERE number = 2"),
            RootMissing,
        ),
        (
            "a root is deleted and the later ones move up",
            vec![
                "DELETE FROM audit_root WHERE number = 2".into(),
                "UPDATE audit_root SET number = 2 WHERE number = 3".into(),
            ],
            RootForged,
        ),
        (
            "the first root is deleted",
            one("DELETE FROM audit_root WHERE number = 1"),
            RootMissing,
        ),
        (
            "the newest root is deleted",
            one("DELETE FROM audit_root WHERE number = 3"),
            RootMissing,
        ),
        ("all roots are deleted", one("DELETE FROM audit_root"), RootMissing),
    ]
}

/// Writes every chain anew with officer `hai` instead of `lan`, as a program that knows the rules and lacks the key.
async fn rewrite(world: &World, key: &SecretKey) {
    let db = &world.both.authority.db;
    let bytes = |hex: &str| match db.dialect() {
        Dialect::Sqlite => format!("X'{hex}'"),
        Dialect::Postgres => format!("'\\x{hex}'::bytea"),
    };
    let mut out = Vec::new();
    audit::export(db, &world.both.authority.secrets.audit, None, &mut out)
        .await
        .unwrap();
    let stored = String::from_utf8(out).unwrap();
    let stored = stored
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let (mut writer, mut hash) = (String::new(), [0; 32]);
    for entry in stored.filter(|line| line["kind"] == "entry") {
        let (of, seq) = (
            entry["writer"].as_str().unwrap().to_owned(),
            entry["seq"].as_i64().unwrap(),
        );
        if of != writer {
            hash = digest(&[b"vunglam audit chain".to_vec(), hex::decode(&of).unwrap()].concat());
            writer = of;
        }
        let line = entry["line"].as_str().unwrap().replace("officer:lan", "officer:hai");
        hash = digest(&[hash.to_vec(), line.as_bytes().to_vec()].concat());
        let (id, link) = (bytes(&writer), bytes(&hex::encode(hash)));
        execute(db, &format!("UPDATE audit_entry SET line = '{line}', hash = {link}, actor = REPLACE(actor, 'lan', 'hai') WHERE writer = {id} AND seq = {seq}")).await;
        let head = [
            b"vunglam audit head".to_vec(),
            hex::decode(&writer).unwrap(),
            seq.to_be_bytes().to_vec(),
            hash.to_vec(),
        ]
        .concat();
        let signature = bytes(&hex::encode(key.sign_digest(&digest(&head))));
        execute(
            db,
            &format!("UPDATE audit_chain SET head = {link}, signature = {signature} WHERE writer = {id}"),
        )
        .await;
    }
}

on_each_database! {
    async fn every_tampering_is_found_by_us_and_by_the_independent_checker(world) {
        set_scene(world).await;
        let folder = Folder::new();
        let mut files = Vec::new();
        let tamperings = tamperings();
        for (number, (name, statements, kind)) in tamperings.iter().enumerate() {
            let before = verify(world, &[]).await;
            assert!(before.is_whole(), "before {name}: {before:?}");
            for statement in statements {
                execute(&world.both.authority.db, statement).await;
            }
            let report = verify(world, &[]).await;
            assert!(report.told.iter().any(|flaw| flaw.kind == *kind), "{name}: {report:?}");
            files.push(folder.file(&format!("{number}.jsonl")));
            export(world, &files[number]).await;
            restore(world).await;
        }
        assert!(files.len() > 30);
        files.push(folder.file("whole"));
        export(world, &folder.file("whole")).await;
        if let Some(mut verdicts) = scene::check(&files, &key_pem(world), None) {
            let whole = verdicts.pop().unwrap();
            assert!(whole.whole && whole.counts["entry"] > 70, "{whole:?}");
            for ((name, ..), verdict) in tamperings.iter().zip(verdicts) {
                assert!(!verdict.whole && !verdict.wrong.is_empty(), "{name}: {verdict:?}");
            }
        }
    }

    async fn a_history_written_anew_without_the_key_is_found(world) {
        set_scene(world).await;
        let strange = SecretKey::from_bytes(&[5; 32]).unwrap();
        rewrite(world, &strange).await;
        let report = verify(world, &[]).await;
        let kinds: Vec<FlawKind> = report.told.iter().map(|flaw| flaw.kind).collect();
        // consistent in itself: only signatures and roots tell
        assert!(!kinds.contains(&FlawKind::EntryChanged), "{kinds:?}");
        assert!(kinds.contains(&FlawKind::ChainForged) && kinds.contains(&FlawKind::RootDisagrees), "{kinds:?}");
        let folder = Folder::new();
        export(world, &folder.file("export")).await;
        if let Some(verdicts) = scene::check(&[folder.file("export")], &key_pem(world), None) {
            assert!(!verdicts[0].whole);
        }
    }

    async fn a_history_written_anew_with_the_key_is_found_by_roots_kept_elsewhere(world) {
        let copies = set_scene(world).await;
        assert_eq!(copies.len(), 3);
        let secrets = &world.both.authority.secrets;
        rewrite(world, &secrets.audit).await;
        execute(&world.both.authority.db, "DELETE FROM audit_root").await;
        let report = verify(world, &copies).await;
        let kinds: Vec<FlawKind> = report.told.iter().map(|flaw| flaw.kind).collect();
        assert!(kinds.contains(&FlawKind::RootDisagrees) && !kinds.contains(&FlawKind::ChainForged), "{kinds:?}");
        let folder = Folder::new();
        export(world, &folder.file("export")).await;
        let text: String = copies.iter().map(|copy| copy.json() + "\n").collect();
        std::fs::write(folder.file("roots"), text).unwrap();
        if let Some(verdicts) = scene::check(&[folder.file("export")], &key_pem(world), Some(&folder.file("roots"))) {
            assert!(verdicts[0].wrong.iter().any(|wrong| wrong.contains("a root signed another line")), "{verdicts:?}");
        }
    }

    async fn whoever_lacks_the_statement_of_erasure_cannot_erase(world) {
        let app = &world.both.authority;
        for number in 0..10 {
            record(app, "lan", &[number]).await;
        }
        world.clock.advance(audit::RETENTION_SECONDS + 1);
        record(app, "lan", &[1]).await;
        world.both.run_due_jobs().await.unwrap();
        assert!(verify(world, &[]).await.is_whole());
        assert_eq!(verify(world, &[]).await.pruned, 10);
        let folder = Folder::new();
        let mut files = Vec::new();
        execute(&app.db, "CREATE TABLE kept AS SELECT * FROM audit_pruned").await;
        for (name, statement, kind) in [
            ("gone", "DELETE FROM audit_pruned", FlawKind::EntryMissing),
            ("further", "UPDATE audit_pruned SET seq = 11, hash = (SELECT hash FROM audit_entry WHERE seq = 11)", FlawKind::PrunedForged),
        ] {
            execute(&app.db, statement).await;
            let report = verify(world, &[]).await;
            assert!(report.told.iter().any(|flaw| flaw.kind == kind), "{name}: {report:?}");
            files.push(folder.file(name));
            export(world, &folder.file(name)).await;
            execute(&app.db, "DELETE FROM audit_pruned").await;
            execute(&app.db, "INSERT INTO audit_pruned SELECT * FROM kept").await;
        }
        assert!(verify(world, &[]).await.is_whole());
        if let Some(verdicts) = scene::check(&files, &key_pem(world), None) {
            assert!(verdicts.iter().all(|verdict| !verdict.whole), "{verdicts:?}");
        }
    }
}
