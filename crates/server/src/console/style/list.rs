//! A made-up list: its declaration, its rows and what a store would answer.

use protocol::time::UnixSeconds;

use super::super::{
    Accepts, Avatar, Choice, Column, Due, Filter, Filters, Generation, Level, ListPage, ListQuery, ListSpec, Mark,
    Seek, Segments, Shape, SortKey, Texts, Token, Way,
};

/// Ids of the made-up people.
pub(super) const IDS: [&str; 13] = [
    "7K2M-41", "7K2M-44", "P9QD-02", "P9QD-03", "X4RT-17", "X4RT-18", "7K2M-52", "B2NW-06", "B2NW-07", "C8HS-11",
    "C8HS-12", "D5JL-30", "D5JL-31",
];

/// Made-up officers.
pub(super) const OFFICERS: [&str; 3] = ["Lê Thị Ánh", "Hồ Ngọc", "Trần Phú"];

const COLUMNS: &[Column] = &[
    column("gen", "console-sample-col-gen", true, false),
    column("person", "console-sample-col-person", true, false),
    column("place", "console-sample-col-place", false, false),
    column("time", "console-sample-col-time", false, true),
    column("level", "console-sample-col-level", false, false),
    column("state", "console-sample-col-state", false, false),
    column("due", "console-sample-col-due", true, false),
    column("who", "console-sample-col-who", false, false),
];

/// The made-up list.
pub(super) static LIST: ListSpec = ListSpec {
    columns: COLUMNS,
    filters: &[
        Filter {
            key: "gen",
            accepts: Accepts::Some(&["f1", "f2"]),
        },
        Filter {
            key: "view",
            accepts: Accepts::One(&["mine", "free"]),
        },
        Filter {
            key: "due",
            accepts: Accepts::One(&["over", "soon"]),
        },
    ],
    usual: ("due", false),
    rows: 9,
};

const fn column(key: &'static str, label: &'static str, sortable: bool, numeric: bool) -> Column {
    Column {
        key,
        label,
        sortable,
        numeric,
    }
}

/// A row of the made-up list.
pub(super) struct Row {
    pub(super) generation: Generation,
    pub(super) id: &'static str,
    pub(super) select: String,
    pub(super) about: String,
    pub(super) place: &'static str,
    pub(super) source: &'static str,
    pub(super) source_form: &'static str,
    pub(super) time: String,
    pub(super) day: &'static str,
    pub(super) level: Level,
    pub(super) mark: Mark,
    pub(super) due: Due,
    pub(super) officer: Option<Avatar>,
    pub(super) is_open: bool,
    due_minutes: i64,
}

/// Generation, masked name and age, place, source, minutes together, day, level, state, minutes left, officer.
type Made = (
    u8,
    &'static str,
    u8,
    &'static str,
    &'static str,
    i64,
    &'static str,
    u8,
    u8,
    i64,
    &'static str,
);

const MADE: [Made; 13] = [
    (
        1,
        "N. T. H. T***",
        34,
        "Xưởng may A2, ca sáng",
        "BN-0418",
        340,
        "23/11",
        4,
        0,
        -130,
        "",
    ),
    (
        1,
        "T. V. P***",
        41,
        "Xe đưa đón tuyến 03",
        "BN-0418",
        48,
        "23/11",
        4,
        1,
        -45,
        "Hồ Ngọc",
    ),
    (
        1,
        "L. M. K***",
        8,
        "Lớp 3/2, TH Mẫu",
        "BN-0421",
        185,
        "24/11",
        3,
        0,
        25,
        "",
    ),
    (
        1,
        "N. G. B***",
        8,
        "Lớp 3/2, TH Mẫu",
        "BN-0421",
        185,
        "24/11",
        3,
        1,
        25,
        "Lê Thị Ánh",
    ),
    (
        1,
        "Đ. T. M***",
        62,
        "Chợ Mẫu, sạp cá",
        "BN-0415",
        35,
        "22/11",
        3,
        2,
        80,
        "Hồ Ngọc",
    ),
    (
        1,
        "P. H. L***",
        57,
        "Chợ Mẫu, sạp cá",
        "BN-0415",
        20,
        "22/11",
        2,
        2,
        80,
        "Hồ Ngọc",
    ),
    (
        1,
        "H. Q. D***",
        29,
        "Căng tin khu B",
        "BN-0418",
        15,
        "23/11",
        2,
        0,
        180,
        "",
    ),
    (
        2,
        "V. T. N***",
        36,
        "Nhà 12, ấp Mẫu",
        "7K2M-41",
        1500,
        "23/11",
        3,
        3,
        300,
        "Lê Thị Ánh",
    ),
    (
        2,
        "V. M. A***",
        6,
        "Nhà 12, ấp Mẫu",
        "7K2M-41",
        1500,
        "23/11",
        3,
        3,
        300,
        "Lê Thị Ánh",
    ),
    (
        1,
        "T. K. O***",
        45,
        "Quán cơm Mẫu",
        "BN-0409",
        40,
        "20/11",
        2,
        3,
        360,
        "Trần Phú",
    ),
    (
        1,
        "N. V. S***",
        50,
        "Quán cơm Mẫu",
        "BN-0409",
        40,
        "20/11",
        2,
        4,
        360,
        "Trần Phú",
    ),
    (
        2,
        "B. T. C***",
        27,
        "Xe khách mẫu 01",
        "X4RT-17",
        70,
        "22/11",
        1,
        0,
        540,
        "",
    ),
    (
        2,
        "L. Q. V***",
        33,
        "Xe khách mẫu 01",
        "X4RT-17",
        70,
        "22/11",
        1,
        0,
        540,
        "",
    ),
];

fn row(texts: Texts, at: usize) -> Row {
    let (generation, name, age, place, source, minutes, day, bars, state, due, officer) = MADE[at];
    let now = UnixSeconds(1_795_591_920);
    Row {
        generation: Generation(generation),
        id: IDS[at],
        select: texts.with("console-sample-select", "id", IDS[at]),
        about: format!("{name}, {}", texts.with("console-sample-age", "n", &age.to_string())),
        place,
        source,
        source_form: if generation == 1 { "f0" } else { "f1" },
        time: texts.span(minutes),
        day,
        level: level(texts, bars),
        mark: mark(texts, state),
        due: Due::at(texts, now, UnixSeconds(now.0 + due * 60)),
        officer: (!officer.is_empty()).then(|| Avatar::new(officer)),
        is_open: at == 0,
        due_minutes: due,
    }
}

pub(super) fn level(texts: Texts, bars: u8) -> Level {
    Level {
        bars,
        words: texts.with("console-sample-level", "n", &bars.to_string()),
    }
}

pub(super) fn mark(texts: Texts, state: u8) -> Mark {
    match state {
        0 => Mark::new(Shape::Ring, texts.get("console-sample-todo")),
        1 => Mark::new(Shape::Half, texts.get("console-sample-doing")),
        2 => Mark::new(Shape::Half, texts.get("console-sample-sampling")),
        3 => Mark::new(Shape::Disc, texts.get("console-sample-done")),
        _ => Mark::new(Shape::Diamond, texts.get("console-sample-refused")),
    }
}

/// What a store would answer.
pub(super) fn page(texts: Texts, query: &ListQuery) -> ListPage<Row> {
    let mut rows: Vec<Row> = (0..IDS.len()).map(|at| row(texts, at)).collect();
    let place = |row: &Row| match query.sort().column {
        "gen" => (SortKey::Number(i64::from(row.generation.0)), row.id.to_owned()),
        "person" => (SortKey::Text(row.id.to_owned()), row.id.to_owned()),
        _ => (SortKey::Number(row.due_minutes), row.id.to_owned()),
    };
    let order = |row: &Row| match place(row) {
        (SortKey::Number(number), id) => (number, id),
        (SortKey::Text(text), _) => (0, text),
    };
    rows.sort_by_key(order);
    if query.reads_descending() {
        rows.reverse();
    }
    let beyond = |row: &Row| match query.seek() {
        Seek::Start => true,
        Seek::After(cursor) | Seek::Before(cursor) => {
            let (key, id) = (cursor.key.clone(), cursor.id.clone());
            let at = match key {
                SortKey::Number(number) => (number, id),
                SortKey::Text(text) => (0, text),
            };
            if query.reads_descending() {
                order(row) < at
            } else {
                order(row) > at
            }
        }
    };
    rows.retain(|row| beyond(row));
    rows.truncate(query.limit() as usize);
    ListPage::of(query, rows, place)
}

/// The row above the list.
pub(super) fn filters(texts: Texts, query: &ListQuery) -> Filters {
    let view = query.filter("view").first().map(String::as_str);
    let way = |value: Option<&str>, label, count: &str| Way {
        href: match value {
            Some(value) => query.with_filter("view", value).to_string(),
            None => query.without_filter("view").to_string(),
        },
        label,
        count: Some(count.to_owned()),
        current: view == value,
    };
    let segments = Segments {
        label: texts.get("console-sample-views"),
        ways: vec![
            way(None, texts.get("console-sample-whole"), "38"),
            way(Some("mine"), texts.get("console-sample-mine"), "9"),
            way(Some("free"), texts.get("console-sample-free"), "14"),
        ],
    };
    let generations = [Choice::new("f1", "F1"), Choice::new("f2", "F2")];
    let terms = [
        Choice::new("over", texts.get("console-sample-overdue")),
        Choice::new("soon", texts.with("console-due-left", "time", &texts.span(60))),
    ];
    let tokens = vec![
        Token::of(
            texts,
            query,
            "gen",
            texts.get("console-sample-col-gen"),
            &generations,
            true,
        ),
        Token::of(
            texts,
            query,
            "due",
            texts.get("console-sample-due-filter"),
            &terms,
            false,
        ),
    ];
    Filters::of(texts, query, Some(segments), tokens, true)
}
