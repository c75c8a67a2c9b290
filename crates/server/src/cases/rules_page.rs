//! `/desk/rules`: the rule tables with dates and sources, as they apply on a day.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::milestone::parse_day;
use super::rules::{Dated, RULES, on};
use crate::app::AuthorityApp;
use crate::auth::Permission;
use crate::auth::access::{Access, Route, page as route};
use crate::civil::CivilDate;
use crate::console::{Desk, Field, Frame, Generation, Mark, PageHead, Shape, Texts, page, page_with};

const HERE: &str = "/desk/rules";

#[derive(Template)]
#[template(path = "rules/tables.html")]
struct RulesPage {
    frame: Frame,
    texts: Texts,
    head: PageHead,
    on: Field,
    tables: Vec<Table>,
}

/// The rules of one kind, newest first.
struct Table {
    id: &'static str,
    title: String,
    help: String,
    rows: Vec<Row>,
}

/// A rule as a table shows it.
struct Row {
    generation: Option<Generation>,
    value: String,
    detail: Option<String>,
    from: String,
    until: Option<String>,
    source: String,
    /// Whether the value was read in the source itself.
    sure: Mark,
    applies: Option<Mark>,
}

/// The route of this file.
pub(crate) fn routes() -> Vec<Route> {
    vec![route(HERE, Access::Needs(Permission::RuleRead), show)]
}

async fn show(State(app): State<AuthorityApp>, desk: Desk) -> Response {
    let today = CivilDate::today(app.clock.now());
    let typed = desk.here.value("on").map(str::trim).unwrap_or_default().to_owned();
    let asked = CivilDate::parse(&typed).or_else(|| parse_day(&typed, today));
    let is_wrong = asked.is_none() && !typed.is_empty();
    let rules = rules_page(&desk, asked.unwrap_or(today), is_wrong.then_some(typed));
    let status = if is_wrong {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    if is_wrong {
        page_with(status, &rules)
    } else {
        page(&rules)
    }
}

fn rules_page(desk: &Desk, day: CivilDate, wrong: Option<String>) -> RulesPage {
    let texts = desk.texts;
    let title = texts.get("console-nav-rules");
    let error = wrong.as_ref().map(|_| texts.get("rules-wrong-day"));
    let shown = wrong.unwrap_or_else(|| day.local());
    RulesPage {
        frame: desk.frame().titled(title.clone()),
        head: PageHead::new(title).lead(texts.get("rules-lead")),
        on: Field::day(texts, "on", texts.get("rules-on"))
            .value(shown)
            .required()
            .error(error),
        tables: tables(texts, day),
        texts,
    }
}

fn tables(texts: Texts, day: CivilDate) -> Vec<Table> {
    let table = |id: &'static str, rows| Table {
        id,
        title: texts.get(&format!("rules-{id}")),
        help: texts.get(&format!("rules-{id}-help")),
        rows,
    };
    let days = |id: &str, days: i64| texts.with(id, "days", &texts.number(days));
    let call = |rule: &super::rules::Call| {
        let hours = rule.hours.map(|hours| texts.number(hours));
        let level = [
            ("one", &*hours[0]),
            ("two", &*hours[1]),
            ("three", &*hours[2]),
            ("four", &*hours[3]),
        ];
        texts.fill("rules-call-value", &level)
    };
    let tries = |rule: &super::rules::Call| {
        let (tries, pause) = (rule.tries.to_string(), rule.pause_hours.to_string());
        texts.fill("rules-call-tries", &[("tries", &tries), ("pause", &pause)])
    };
    let contact = |rule: &super::rules::Contact| {
        let (metres, minutes) = (rule.metres.to_string(), rule.minutes.to_string());
        let id = if rule.minutes == 0 {
            "rules-contact-any"
        } else {
            "rules-contact-value"
        };
        texts.fill(id, &[("metres", &metres), ("minutes", &minutes)])
    };
    let row = |kind: &'static str| Rows { texts, day, kind };
    vec![
        table(
            "contact",
            row("contact").of(
                &RULES.contact,
                |_| None,
                contact,
                |rule, from| Some(known(texts, &format!("rules-contact-{from}"), &rule.text)),
            ),
        ),
        table(
            "infectious",
            row("infectious").of(
                &RULES.infectious,
                |_| None,
                |rule| days("rules-infectious-value", rule.days_before),
                |_, _| None,
            ),
        ),
        table(
            "follow",
            row("follow").of(
                &RULES.follow,
                |rule| Some(rule.generation),
                |rule| days("rules-days", rule.days),
                |_, _| None,
            ),
        ),
        table(
            "call",
            row("call").of(&RULES.call, |_| None, call, |rule, _| Some(tries(rule))),
        ),
        table(
            "expiry",
            row("expiry").of(
                &RULES.expiry,
                |_| None,
                |rule| days("rules-days", rule.days),
                |_, _| None,
            ),
        ),
    ]
}

/// Returns the text of an id, or what the table itself says.
fn known(texts: Texts, id: &str, own: &str) -> String {
    let text = texts.get(id);
    if text == id { own.to_owned() } else { text }
}

/// Makes the rows of one table.
struct Rows {
    texts: Texts,
    day: CivilDate,
    kind: &'static str,
}

impl Rows {
    /// Rules of one generation follow each other; `value` and `detail` say what a rule is.
    fn of<T: Clone>(
        &self,
        table: &[Dated<T>],
        generation: impl Fn(&T) -> Option<u8>,
        value: impl Fn(&T) -> String,
        detail: impl Fn(&T, &str) -> Option<String>,
    ) -> Vec<Row> {
        let texts = self.texts;
        let mut sorted: Vec<&Dated<T>> = table.iter().collect();
        sorted.sort_by(|a, b| {
            let by_age = b.valid_from.cmp(&a.valid_from);
            generation(&a.rule).cmp(&generation(&b.rule)).then(by_age)
        });
        let row = |dated: &Dated<T>| {
            let own = generation(&dated.rule);
            let kin: Vec<Dated<T>> = table
                .iter()
                .filter(|other| generation(&other.rule) == own)
                .cloned()
                .collect();
            let next = kin
                .iter()
                .map(|other| &other.valid_from)
                .filter(|from| **from > dated.valid_from)
                .min();
            let applies = on(&kin, self.day).valid_from == dated.valid_from;
            let (shape, sure) = if dated.sure {
                (Shape::Disc, "rules-sure")
            } else {
                (Shape::Half, "rules-unsure")
            };
            let place = own.map(|own| format!("-{own}")).unwrap_or_default();
            let source = format!("rules-source-{}-{}{place}", self.kind, dated.valid_from);
            Row {
                generation: own.map(Generation),
                value: value(&dated.rule),
                detail: detail(&dated.rule, &dated.valid_from),
                from: local(&dated.valid_from),
                until: next.and_then(|next| day_before(next)),
                source: known(texts, &source, &dated.source),
                sure: Mark::new(shape, texts.get(sure)),
                applies: applies.then(|| Mark::new(Shape::Disc, texts.get("rules-applies"))),
            }
        };
        sorted.into_iter().map(row).collect()
    }
}

fn local(iso: &str) -> String {
    CivilDate::parse(iso).map_or_else(|| iso.to_owned(), CivilDate::local)
}

fn day_before(iso: &str) -> Option<String> {
    Some(CivilDate::from_number(CivilDate::parse(iso)?.number() - 1)?.local())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Language;

    fn applying(table: &str, day: &str) -> Vec<String> {
        let tables = tables(Texts(Language::English), CivilDate::parse(day).expect("a day"));
        let table = tables.into_iter().find(|found| found.id == table).expect("a table");
        let rows = table.rows.into_iter().filter(|row| row.applies.is_some());
        rows.map(|row| format!("{} {}–{}", row.value, row.from, row.until.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn one_rule_of_each_kind_and_generation_applies() {
        assert_eq!(
            applying("infectious", "2021-12-28"),
            ["3 days before 8/10/2020–28/12/2021"]
        );
        assert_eq!(applying("infectious", "2021-12-29"), ["2 days before 29/12/2021–"]);
        assert_eq!(
            applying("follow", "2021-07-13"),
            ["21 days 8/10/2020–13/7/2021", "14 days 8/10/2020–"]
        );
        assert_eq!(
            applying("follow", "2021-07-14"),
            ["28 days 14/7/2021–", "14 days 8/10/2020–"]
        );
        assert_eq!(applying("follow", "2019-01-01").len(), 2, "before all rules the oldest");
    }

    /// What is said in words in the tables is English: each has a text of its own.
    #[test]
    fn every_sentence_of_the_tables_has_a_text_in_both_languages() {
        for language in [Language::Vietnamese, Language::English] {
            let has = |id: String| assert_ne!(Texts(language).get(&id), id);
            RULES
                .contact
                .iter()
                .for_each(|rule| has(format!("rules-contact-{}", rule.valid_from)));
            RULES
                .call
                .iter()
                .for_each(|rule| has(format!("rules-source-call-{}", rule.valid_from)));
            RULES
                .expiry
                .iter()
                .for_each(|rule| has(format!("rules-source-expiry-{}", rule.valid_from)));
            for rule in &RULES.follow {
                has(format!(
                    "rules-source-follow-{}-{}",
                    rule.valid_from, rule.rule.generation
                ));
            }
        }
    }
}
