//! Made-up data for the style page: no real person, place or number.

mod made;

use protocol::time::UnixSeconds;

use super::super::{
    Accepts, Action, Avatar, Banded, Bars, Choice, Column, Confirm, Deed, Due, Event, Facts, Field, Filter, Filters,
    Generation, Html, Icon, Identity, Ink, Level, Line, ListPage, ListQuery, ListSpec, Mark, Metric, Notice, Reveal,
    Segments, Series, Shape, Size, SortKey, Tabs, Texts, Timeline, Token, Tone, Way,
};
use super::HERE;
use made::{MADE, Made};

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

fn level(texts: Texts, bars: u8) -> Level {
    Level {
        bars,
        words: texts.with("console-sample-level", "n", &bars.to_string()),
    }
}

fn mark(texts: Texts, state: u8) -> Mark {
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
        super::super::Seek::Start => true,
        super::super::Seek::After(cursor) | super::super::Seek::Before(cursor) => {
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

fn metric(texts: Texts, id: &str, numerator: i64, source: String) -> Metric {
    Metric {
        label: texts.get(id),
        value: texts.number(numerator),
        definition: texts.get(&format!("{id}-means")),
        numerator: texts.with("console-sample-people", "n", &texts.number(numerator)),
        source,
        as_of: "14:32, 25/11/2026".to_owned(),
        rows_href: Some(HERE.to_owned()),
        ..Metric::default()
    }
}

fn of_people(texts: Texts, whole: i64) -> Option<String> {
    Some(texts.with("console-sample-of", "n", &texts.number(whole)))
}

/// Figures that are shares or may not be shown.
pub(super) fn withheld(texts: Texts) -> Vec<Metric> {
    let contacts = texts.get("console-sample-from-contacts");
    vec![
        Metric {
            value: texts.percent(84, 112).unwrap_or_default(),
            denominator: of_people(texts, 112),
            ..metric(texts, "console-sample-rate", 84, contacts.clone())
        },
        Metric {
            suppressed: Some(texts.get("console-sample-held-why")),
            ..metric(texts, "console-sample-held", 4, contacts)
        },
    ]
}

/// Figures with all that stands behind them.
pub(super) fn metrics(texts: Texts) -> Vec<Metric> {
    let of = |whole| of_people(texts, whole);
    let contacts = || texts.get("console-sample-from-contacts");
    vec![
        Metric {
            denominator: of(380),
            trend: Some(vec![2.0, 3.0, 1.0, 4.0, 3.0, 5.0, 6.0]),
            hot: true,
            ..metric(texts, "console-sample-overdue", 6, contacts())
        },
        Metric {
            denominator: of(380),
            trend: Some(vec![22.0, 19.0, 25.0, 18.0, 17.0, 15.0, 14.0]),
            ..metric(texts, "console-sample-uncalled", 14, contacts())
        },
        Metric {
            trend: Some(vec![71.0, 78.0, 83.0, 92.0, 98.0, 107.0, 112.0]),
            ..metric(
                texts,
                "console-sample-home",
                112,
                texts.get("console-sample-from-orders"),
            )
        },
        Metric {
            value: texts.span(258),
            unit: Some(texts.get("console-sample-speed-unit")),
            denominator: of(41),
            ..metric(
                texts,
                "console-sample-speed",
                41,
                texts.get("console-sample-from-calls"),
            )
        },
    ]
}

/// What the open row shows.
pub(super) struct Panel {
    pub(super) generation: Generation,
    pub(super) id: &'static str,
    pub(super) late: Notice,
    pub(super) reveal: Reveal,
    pub(super) step: Field,
}

pub(super) fn panel(texts: Texts, token: &str) -> Panel {
    let steps = vec![
        Choice::new("sample", texts.get("console-sample-step-sample")),
        Choice::new("home", texts.get("console-sample-step-home")),
    ];
    let mut reveal = reveals(texts, token).swap_remove(0);
    if let Identity::Masked { fields, .. } = &mut reveal.identity {
        *fields = vec![reason(texts, "panel_reason")];
    }
    Panel {
        generation: Generation(1),
        id: IDS[0],
        late: Notice::new(Tone::Bad, texts.get("console-sample-late")),
        reveal,
        step: Field::select(texts, "step", texts.get("console-sample-next-step"), steps)
            .value("sample")
            .required(),
    }
}

/// Signs in all their forms.
pub(super) struct Marks {
    pub(super) states: Vec<Mark>,
    pub(super) levels: Vec<Level>,
    pub(super) terms: Vec<Due>,
    pub(super) officers: Vec<Avatar>,
}

pub(super) fn marks(texts: Texts) -> Marks {
    let now = UnixSeconds(1_000_000);
    let due = |minutes: i64| Due::at(texts, now, UnixSeconds(now.0 + minutes * 60));
    Marks {
        states: (0..5).map(|state| mark(texts, state)).collect(),
        levels: (0..5).map(|bars| level(texts, bars)).collect(),
        terms: vec![due(-130), due(25), due(300), due(3000)],
        officers: OFFICERS.map(Avatar::new).to_vec(),
    }
}

pub(super) fn actions(texts: Texts, token: &str) -> Vec<Action> {
    let send = Deed::Send {
        action: HERE.to_owned(),
        form_token: token.to_owned(),
    };
    vec![
        Action::open(texts.get("console-sample-next"), HERE).main().key("t"),
        Action::open(texts.get("console-sample-export"), HERE).icon(Icon::Download),
        Action::open(texts.get("console-sample-plain"), HERE).key("c"),
        Action::new(texts.get("console-sample-grave"), send).grave(),
    ]
}

pub(super) fn notices(texts: Texts) -> Vec<Notice> {
    let again = Action::open(texts.get("console-sample-reopen"), HERE);
    vec![
        Notice::new(Tone::Good, texts.get("console-sample-good")),
        Notice::new(Tone::Warn, texts.get("console-sample-warn")),
        Notice::new(Tone::Bad, texts.get("console-sample-bad")).action(again),
        Notice::new(Tone::Info, texts.get("console-sample-info")),
    ]
}

/// Fields of every kind, some of them wrong.
pub(super) fn fields(texts: Texts) -> Vec<Field> {
    let bases = vec![
        Choice {
            note: Some(texts.get("console-sample-basis-test-note")),
            ..Choice::new("test", texts.get("console-sample-basis-test"))
        },
        Choice::new("doctor", texts.get("console-sample-basis-doctor")),
    ];
    let units = vec![Choice::new("1", "Xã Mẫu Đông"), Choice::new("2", "Xã Mẫu Tây")];
    let wrong = |id: &str| Some(texts.get(id));
    vec![
        Field::text(texts, "full_name", texts.get("console-sample-name"))
            .help(texts.get("console-sample-name-help"))
            .value("Nguyễn Thị Mẫu")
            .required(),
        Field::phone(texts, "phone", texts.get("console-sample-phone"))
            .value("091234567")
            .error(wrong("console-sample-phone-wrong"))
            .required(),
        Field::day(texts, "onset", texts.get("console-sample-onset"))
            .value("31/11/2026")
            .error(wrong("console-sample-onset-wrong")),
        Field::radios(texts, "basis", texts.get("console-sample-basis"), bases)
            .error(wrong("console-sample-basis-wrong"))
            .required(),
        Field::select(texts, "unit", texts.get("console-sample-unit"), units).required(),
        Field::area(texts, "note", texts.get("console-sample-note"), 3),
        Field::check(texts, "agree", texts.get("console-sample-agree"))
            .help(texts.get("console-sample-agree-help"))
            .required(),
    ]
}

fn days(first: u32, count: u32) -> Vec<String> {
    (0..count)
        .map(|n| first + n)
        .map(|day| {
            if day <= 30 {
                format!("{day}/11")
            } else {
                format!("{}/12", day - 30)
            }
        })
        .collect()
}

pub(super) fn epicurve(texts: Texts) -> Html {
    let series = |name: &str, generation: u8, counts: &[u32]| Series {
        name: texts.get(name),
        ink: Ink::Generation(generation),
        counts: counts.to_vec(),
    };
    Bars {
        title: texts.get("console-sample-epicurve"),
        labels: days(12, 14),
        series: vec![
            series(
                "console-sample-series-f0",
                0,
                &[1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 3, 2, 2, 1],
            ),
            series(
                "console-sample-series-f1",
                1,
                &[0, 0, 0, 1, 2, 4, 3, 6, 5, 8, 7, 5, 3, 2],
            ),
            series(
                "console-sample-series-f2",
                2,
                &[0, 0, 0, 0, 0, 1, 2, 2, 4, 3, 5, 4, 4, 3],
            ),
        ],
        size: Size::Half,
    }
    .draw(texts)
}

pub(super) fn estimate(texts: Texts) -> Html {
    let mids = [1.9, 1.8, 1.8, 1.6, 1.5, 1.5, 1.3, 1.2, 1.1, 1.0, 0.9, 0.9, 0.8, 0.8];
    let points = mids.iter().zip(1..).map(|(mid, day)| {
        let wide = 0.6 - f64::from(day) * 0.02;
        (day != 6).then_some(Banded {
            low: mid - wide,
            mid: *mid,
            high: mid + wide,
        })
    });
    Line {
        title: texts.get("console-sample-rt"),
        name: texts.get("console-sample-rt-name"),
        labels: days(12, 14),
        points: points.collect(),
        goal: Some((1.0, texts.get("console-sample-rt-goal"))),
        size: Size::Half,
    }
    .draw(texts)
}

pub(super) fn long_curve(texts: Texts) -> Html {
    let counts = |step: u32, top: u32| (0..49).map(|day: u32| day * step * (49 - day) % top).collect();
    let series = |name: &str, ink: u8, counts| Series {
        name: texts.get(name),
        ink: Ink::Plain(ink),
        counts,
    };
    Bars {
        title: texts.get("console-sample-epicurve"),
        labels: days(1, 49),
        series: vec![
            series("console-sample-uncalled", 0, counts(3, 23)),
            series("console-sample-home", 1, counts(7, 17)),
        ],
        size: Size::Wide,
    }
    .draw(texts)
}

pub(super) fn tabs(texts: Texts) -> Tabs {
    let way = |id: &str, count: Option<&str>, current| Way {
        href: HERE.to_owned(),
        label: texts.get(id),
        count: count.map(str::to_owned),
        current,
    };
    Tabs {
        label: texts.get("console-sample-tabs"),
        ways: vec![
            way("console-sample-tab-facts", None, false),
            way("console-sample-tab-contacts", Some("14"), true),
            way("console-sample-tab-log", None, false),
        ],
    }
}

pub(super) fn facts(texts: Texts) -> Facts {
    let get = |id: &str| texts.get(id);
    Facts {
        texts,
        rows: vec![
            (
                get("console-sample-fact-sex"),
                Some(get("console-sample-fact-sex-value")),
            ),
            (get("console-sample-fact-birth"), Some("1992".to_owned())),
            (get("console-sample-fact-job"), None),
            (get("console-sample-fact-shots"), Some("2".to_owned())),
        ],
    }
}

pub(super) fn timeline(texts: Texts) -> Timeline {
    let event = |at: &str, id: &str| Event {
        at: at.to_owned(),
        title: texts.get(id),
        text: None,
        mark: None,
        by: None,
        href: None,
        gap: None,
    };
    Timeline {
        events: vec![
            Event {
                text: Some(texts.get("console-sample-event-work-text")),
                by: Some(texts.get("console-sample-by")),
                href: Some(HERE.to_owned()),
                ..event("23/11 06:00", "console-sample-event-work")
            },
            Event {
                mark: Some(Mark::new(Shape::Half, texts.get("console-sample-event-waiting"))),
                gap: Some(texts.get("console-sample-event-gap")),
                ..event("23/11 17:10", "console-sample-event-test")
            },
        ],
    }
}

/// The question before an outbreak is closed.
pub(super) fn confirm(texts: Texts, token: &str) -> Confirm {
    Confirm {
        texts,
        id: "sample-close",
        title: texts.get("console-sample-ask-title"),
        effects: (1..4).map(|n| texts.get(&format!("console-sample-ask-{n}"))).collect(),
        action: HERE.to_owned(),
        form_token: token.to_owned(),
        hidden: Vec::new(),
        fields: vec![Field::text(texts, "close_reason", texts.get("console-sample-reason")).required()],
        button: texts.get("console-sample-grave"),
        grave: true,
        back: HERE.to_owned(),
    }
}

fn reason(texts: Texts, name: &'static str) -> Field {
    let reasons = vec![
        Choice::new("call", texts.get("console-sample-reason-call")),
        Choice::new("order", texts.get("console-sample-reason-order")),
    ];
    Field::select(texts, name, texts.get("console-sample-reason"), reasons).required()
}

/// An identity hidden, shown and barred.
pub(super) fn reveals(texts: Texts, token: &str) -> Vec<Reveal> {
    let reveal = |name: &str, identity| Reveal {
        texts,
        name: name.to_owned(),
        about: texts.get("console-sample-about"),
        identity,
    };
    let masked = Identity::Masked {
        action: HERE.to_owned(),
        form_token: token.to_owned(),
        fields: vec![reason(texts, "reveal_reason")],
    };
    vec![
        reveal("N. T. H. T***", masked),
        reveal(
            "Nguyễn Thị Hồng Thắm",
            Identity::Shown {
                until: "14:47".to_owned(),
            },
        ),
        reveal(
            "N. T. H. T***",
            Identity::Barred {
                why: texts.get("console-sample-barred"),
            },
        ),
    ]
}
