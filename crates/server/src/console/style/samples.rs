//! Made-up data for the style page: no real person, place or number.

use protocol::time::UnixSeconds;

use super::super::{
    Action, Avatar, Choice, Confirm, Deed, Due, Event, Facts, Field, Generation, Icon, Identity, Level, Mark, Metric,
    Notice, Reveal, Shape, Tabs, Texts, Timeline, Tone, Way,
};
use super::HERE;
use super::list::{IDS, OFFICERS, level, mark};

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
        deed: None,
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
