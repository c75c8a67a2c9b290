//! Lists read from addresses, friendly and hostile, and pages walked forwards and back.

use super::*;
use crate::console::Language;

static SPEC: ListSpec = ListSpec {
    columns: &[
        Column {
            key: "id",
            label: "console-none",
            sortable: true,
            numeric: false,
        },
        Column {
            key: "due",
            label: "console-none",
            sortable: true,
            numeric: true,
        },
        Column {
            key: "secret",
            label: "console-none",
            sortable: false,
            numeric: false,
        },
    ],
    filters: &[
        Filter {
            key: "gen",
            accepts: Accepts::Some(&["f1", "f2", "f3"]),
        },
        Filter {
            key: "mine",
            accepts: Accepts::One(&["yes"]),
        },
        Filter {
            key: "unit",
            accepts: Accepts::Code,
        },
        Filter {
            key: "day",
            accepts: Accepts::Day,
        },
    ],
    usual: ("due", false),
    rows: 3,
};

fn read(query: &str) -> Result<ListQuery, ServiceError> {
    SPEC.read(&Address::read("/desk/queue", query))
}

fn good(query: &str) -> ListQuery {
    read(query).expect("allowed")
}

fn refused(query: &str) -> &'static str {
    match read(query) {
        Err(ServiceError::Invalid { field, .. }) => field,
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn what_a_link_asks_for_is_read() {
    let query = good("sort=-due&gen=f1,f2&q=+b%E1%BA%BFn+&unit=82-817&day=2021-07-12&utm_source=zalo");
    assert_eq!(
        query.sort(),
        Sort {
            column: "due",
            descending: true
        }
    );
    assert_eq!(query.filter("gen"), ["f1", "f2"]);
    assert_eq!(query.filter("mine"), [""; 0]);
    assert_eq!(query.search(), Some("bến"));
    assert!(query.is_narrowed() && !good("utm=1").is_narrowed());
    let link = query.with_filter("gen", "f3").to_string();
    assert!(
        link.contains("sort=-due") && link.contains("gen=f3") && link.contains("unit=82-817"),
        "{link}"
    );
    assert!(!link.contains("utm"), "{link}");
    assert_eq!(query.unfiltered().to_string(), "/desk/queue?sort=-due");
}

#[test]
fn only_listed_columns_and_values_are_let_through() {
    assert_eq!(refused("sort=secret"), "sort");
    assert_eq!(refused("sort=--due"), "sort");
    assert_eq!(refused("sort=due;DROP+TABLE+cases"), "sort");
    assert_eq!(refused("sort=due%27--"), "sort");
    assert_eq!(refused("gen=f1,f9"), "gen");
    assert_eq!(refused("gen=f1,"), "gen");
    assert_eq!(refused("mine=yes,yes"), "mine");
    assert_eq!(refused("unit=82%27+OR+1%3D1"), "unit");
    assert_eq!(refused("day=2021-02-30"), "day");
    assert_eq!(refused(&format!("unit={}", "a".repeat(MAX_VALUE + 1))), "unit");
    assert_eq!(refused(&format!("q={}", "a".repeat(MAX_VALUE + 1))), "q");
    assert_eq!(refused("q=a%00b"), "q");
    assert!(read(&format!("unit={}", "a".repeat(MAX_VALUE))).is_ok());
}

#[test]
fn a_cursor_is_read_as_it_was_written_and_only_in_its_order() {
    let sort = Sort {
        column: "due",
        descending: false,
    };
    for key in [
        SortKey::Number(i64::MIN),
        SortKey::Number(7),
        SortKey::Text("Bến & Tre".into()),
        SortKey::Text(String::new()),
    ] {
        let cursor = Cursor {
            key,
            id: "01J-x_9".into(),
            rank: 50,
        };
        let text = SPEC.seal(sort, &cursor);
        assert_eq!(SPEC.open(sort, &text), Some(cursor));
        assert_eq!(
            good(&format!("after={text}")).seek(),
            &Seek::After(SPEC.open(sort, &text).expect("a cursor"))
        );
        assert_eq!(refused(&format!("sort=-due&after={text}")), "after");
        assert_eq!(refused(&format!("sort=id&before={text}")), "before");
        assert_eq!(refused(&format!("after={text}&before={text}")), "before");
        for end in 0..text.len() {
            // A cut cursor is refused or at least stays within its limits; it never panics.
            if let Some(cut) = SPEC.open(sort, &text[..end]) {
                assert!(cut.id.len() < 7, "{cut:?}");
            }
        }
    }
}

#[test]
fn hostile_cursors_are_refused() {
    let sort = Sort {
        column: "due",
        descending: false,
    };
    let seal = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let head = |kind: u8| vec![CURSOR_VERSION, 2, 0, 0, 0, 1, kind];
    let with = |kind: u8, rest: &[u8]| seal(&[head(kind), rest.to_vec()].concat());
    assert!(SPEC.open(sort, &with(b'n', &[0, 0, 0, 0, 0, 0, 0, 7, b'a'])).is_some());
    for (text, why) in [
        (String::new(), "empty"),
        ("%%%".into(), "no base64"),
        ("A".repeat(MAX_CURSOR + 1), "too long"),
        (seal(&[CURSOR_VERSION, 2, 0]), "too short"),
        (with(b'x', b"12345678a"), "unknown kind"),
        (with(b'n', b"1234567"), "number cut"),
        (with(b'n', b"12345678"), "no id"),
        (with(b'n', b"12345678' OR 1=1"), "an id with signs"),
        (with(b't', &[255, b'a']), "length beyond the end"),
        (with(b't', &[2, 0xff, 0xfe, b'a']), "no text"),
        (with(b't', &[[200].as_slice(), &[b'a'; 220]].concat()), "key too long"),
        (with(b'n', &[[0; 8].as_slice(), &[b'a'; 65]].concat()), "id too long"),
    ] {
        assert_eq!(SPEC.open(sort, &text), None, "{why}");
    }
    let other = seal(&[9, 2, 0, 0, 0, 1, b'n', 0, 0, 0, 0, 0, 0, 0, 7, b'a']);
    assert_eq!(SPEC.open(sort, &other), None, "another release");
}

/// The store of this test: numbers with ids, several of them equal.
fn answer(query: &ListQuery, all: &[(i64, String)]) -> Vec<(i64, String)> {
    let mut rows = all.to_vec();
    rows.sort();
    if query.reads_descending() {
        rows.reverse();
    }
    let is_beyond = |row: &(i64, String)| match query.seek() {
        Seek::Start => true,
        Seek::After(cursor) | Seek::Before(cursor) => {
            let SortKey::Number(key) = cursor.key else { return false };
            let at = (key, cursor.id.clone());
            if query.reads_descending() { *row < at } else { *row > at }
        }
    };
    rows.into_iter()
        .filter(is_beyond)
        .take(query.limit() as usize)
        .collect()
}

fn walk(sort: &str) {
    let all: Vec<(i64, String)> = (0..11).map(|n| (n / 3, format!("r{n:02}"))).collect();
    let mut expected = all.clone();
    expected.sort();
    if sort.starts_with('-') {
        expected.reverse();
    }
    let page = |link: &str| {
        let query = good(link);
        let page = ListPage::of(&query, answer(&query, &all), |row| {
            (SortKey::Number(row.0), row.1.clone())
        });
        let foot = ListFoot::of(Texts(Language::English), &query, &page, Some(11));
        (page.rows, foot)
    };
    let query_of = |link: &Option<String>| {
        link.as_ref()
            .and_then(|link| link.split_once('?'))
            .map(|(_, q)| q.to_owned())
    };
    let (mut seen, mut link, mut back) = (Vec::new(), format!("sort={sort}"), None);
    let mut ranges = Vec::new();
    loop {
        let (rows, foot) = page(&link);
        assert_eq!(foot.before.is_none(), seen.is_empty());
        seen.extend(rows);
        ranges.push(foot.range.clone());
        match query_of(&foot.after) {
            Some(next) => link = next,
            None => {
                back = query_of(&foot.before).or(back);
                break;
            }
        }
    }
    assert_eq!(seen, expected, "every row once, in order");
    assert_eq!(ranges, ["1–3 of 11", "4–6 of 11", "7–9 of 11", "10–11 of 11"]);
    let mut backwards = Vec::new();
    let mut ranges = Vec::new();
    while let Some(link) = back {
        let (rows, foot) = page(&link);
        ranges.push(foot.range.clone());
        backwards.splice(0..0, rows);
        assert!(foot.after.is_some());
        back = query_of(&foot.before);
    }
    assert_eq!(backwards, expected[..9], "the same rows on the way back");
    assert_eq!(ranges, ["7–9 of 11", "4–6 of 11", "1–3 of 11"]);
}

#[test]
fn pages_walked_forwards_and_back_show_every_row_once() {
    walk("due");
    walk("-due");
}

#[test]
fn a_click_on_a_head_sorts_and_a_second_one_turns_around() {
    let head = |query: &str| ListHead::of(Texts(Language::English), &good(query), true).to_string();
    let usual = head("gen=f1");
    assert!(usual.contains(r#"aria-sort="ascending""#), "{usual}");
    assert!(usual.contains("/desk/queue?gen=f1&#38;sort=-due"), "{usual}");
    assert!(usual.contains("sort=id"));
    assert!(!usual.contains("sort=secret"));
    assert!(head("sort=-due").contains(r#"aria-sort="descending""#));
}
