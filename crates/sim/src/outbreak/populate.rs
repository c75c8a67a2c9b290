//! Carries a plan out at the desks, through the operations that pages call: audit and history are what they would be.

use std::collections::BTreeMap;

use protocol::time::UnixSeconds;
use server::{
    AuthorityApp, ServiceError,
    auth::Session,
    cases::{
        contacts::{self, Conversion, NewContact},
        files::{self, NewCaseFile, Subject},
        follow,
        model::{CaseState, Outcome},
        queue, timeline,
    },
    civil::CivilDate,
    clock::VirtualClock,
    codes::Finding,
    people::PersonId,
    records,
};
use tokio::task::JoinSet;

use super::{
    officers::{LEAD, TOWN, seat_all},
    people::Population,
    plan::{Act, Batch, ContactNo, Opened, Plan, Seat, Told, What},
};
use crate::world::{LocalDay, Named};

/// Calls that are recorded at the same time.
const CALLS_AT_ONCE: usize = 12;

/// What was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Populated {
    /// Ids of the cases, by number.
    pub cases: Vec<Option<String>>,
    /// Ids of the contacts, by number.
    pub contacts: Vec<Option<String>>,
}

/// Carries the plan out on an empty desk. The clock is left at the plan's present.
///
/// * `progress`: is told acts done and acts in all
///
/// # Errors
///
/// [`ServiceError`] of the first act that fails: the plan and the desk's rules disagree.
pub async fn populate(
    app: &AuthorityApp,
    plan: &Plan,
    clock: &VirtualClock,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Populated, ServiceError> {
    clock.set(plan.begin);
    let mut scribe = Scribe {
        app,
        plan,
        sessions: seat_all(app, plan.seed).await?,
        done: Populated {
            cases: vec![None; plan.cases as usize],
            contacts: vec![None; plan.contacts as usize],
        },
    };
    let mut finished = 0;
    for acts in plan.acts.chunk_by(|one, next| one.at == next.at) {
        clock.set(acts[0].at);
        scribe.carry_out(acts).await?;
        finished += acts.len();
        progress(finished, plan.acts.len());
    }
    clock.set(plan.now);
    Ok(scribe.done)
}

/// Somebody of the story whom the vault knows.
#[derive(Clone, Debug)]
pub struct StoryPerson {
    /// Pseudonym.
    pub person: PersonId,
    /// Opens the list of who looked at this person: what the desk sends by text message.
    pub record_key: String,
}

/// Returns who of the story is in the vault, as a contact of somebody.
///
/// # Errors
///
/// [`ServiceError`] when a contact cannot be read.
pub async fn story_people(
    app: &AuthorityApp,
    plan: &Plan,
    done: &Populated,
) -> Result<BTreeMap<Named, StoryPerson>, ServiceError> {
    let lead = server::auth::session_of(app, LEAD).await?;
    let mut found = BTreeMap::new();
    let batches = plan.acts.iter().filter_map(|act| match &act.what {
        What::Enter(batch) => Some(batch),
        _ => None,
    });
    for (contact, met) in batches.flat_map(|batch| (batch.first as usize..).zip(&batch.met)) {
        let named = Named::ALL
            .into_iter()
            .find(|named| Population::named(*named) == met.person);
        if let (Some(named), Some(id)) = (named, done.contacts.get(contact).cloned().flatten()) {
            let person = contacts::load_contact(app, &lead, &id).await?.person;
            // Sent by text message after the first call, as the desk does it.
            let record_key = records::issue(app, &lead, person).await?.secret;
            found.insert(named, StoryPerson { person, record_key });
        }
    }
    Ok(found)
}

struct Scribe<'a> {
    app: &'a AuthorityApp,
    plan: &'a Plan,
    sessions: BTreeMap<String, Session>,
    done: Populated,
}

impl Scribe<'_> {
    /// Carries out what happens at one moment; calls go side by side, as officers work.
    async fn carry_out(&mut self, acts: &[Act]) -> Result<(), ServiceError> {
        let mut calls = Vec::new();
        for act in acts {
            match &act.what {
                What::Call(contact, outcome) => calls.push((act.seat, *contact, *outcome)),
                _ => self.act(act).await?,
            }
        }
        for calls in calls.chunks(CALLS_AT_ONCE) {
            let mut going = JoinSet::new();
            for (seat, contact, outcome) in calls {
                let Some(id) = self.contact(*contact) else { continue };
                let (app, by, id) = (self.app.clone(), self.session(*seat)?.clone(), id.to_owned());
                going.spawn(call(app, by, id, *outcome));
            }
            while let Some(called) = going.join_next().await {
                called.map_err(|_| ServiceError::Internal("a call was cut off"))??;
            }
        }
        Ok(())
    }

    async fn act(&mut self, act: &Act) -> Result<(), ServiceError> {
        match &act.what {
            What::Open(opened) => self.open(act.seat, opened).await,
            What::Enter(batch) => self.enter(act.seat, batch).await,
            What::Tell(told) => self.tell(act.seat, told).await,
            What::Convert {
                contact,
                case,
                test,
                onset,
            } => {
                let Some(id) = self.contact(*contact) else {
                    return Ok(());
                };
                let facts = Conversion {
                    finding: Finding::Confirmed,
                    test_date: date(*test)?,
                    onset_date: onset.map(date).transpose()?,
                };
                let case_file = contacts::convert(self.app, self.session(act.seat)?, id, &facts).await?;
                self.done.cases[*case as usize] = Some(case_file.case_id);
                Ok(())
            }
            What::Settle(case, state) => {
                let Some(id) = &self.done.cases[*case as usize] else {
                    return Ok(());
                };
                files::set_state(self.app, self.session(act.seat)?, id, *state).await?;
                Ok(())
            }
            What::Call(contact, outcome) => match self.contact(*contact) {
                Some(id) => {
                    call(
                        self.app.clone(),
                        self.session(act.seat)?.clone(),
                        id.to_owned(),
                        *outcome,
                    )
                    .await
                }
                None => Ok(()),
            },
            What::Sheet(day, entries) => {
                let entries = entries.iter();
                let entries = entries.filter_map(|(contact, state)| Some((self.contact(*contact)?.to_owned(), *state)));
                let entries: Vec<_> = entries.collect();
                follow::put_sheet(self.app, self.session(act.seat)?, date(*day)?, &entries).await
            }
            What::Night => {
                follow::finish(self.app).await?;
                self.app.run_due_jobs().await?;
                Ok(())
            }
        }
    }

    async fn open(&mut self, seat: Seat, opened: &Opened) -> Result<(), ServiceError> {
        let population = &self.plan.population;
        let new = NewCaseFile {
            subject: Subject::New(Box::new(population.identity(opened.person))),
            label: None,
            state: if opened.suspected {
                CaseState::Suspected
            } else {
                CaseState::Confirmed
            },
            finding: if opened.suspected {
                Finding::Likely
            } else {
                Finding::Confirmed
            },
            test_date: date(opened.test)?,
            onset_date: opened.onset.map(date).transpose()?,
            unit: population.commune(opened.person).id,
            is_listed: false,
        };
        let case = files::open_case(self.app, self.session(seat)?, new).await?;
        self.done.cases[opened.case as usize] = Some(case.case_id);
        Ok(())
    }

    async fn enter(&mut self, seat: Seat, batch: &Batch) -> Result<(), ServiceError> {
        let Some(case_id) = self.done.cases[batch.case as usize].clone() else {
            return Ok(());
        };
        let population = &self.plan.population;
        let place = batch.setting.place(population);
        let mut new = Vec::with_capacity(batch.met.len());
        for met in &batch.met {
            new.push(NewContact {
                subject: Subject::New(Box::new(population.identity(met.person))),
                exposed_on: date(met.day)?,
                minutes: met.minutes.map(i64::from),
                place: place.clone(),
                relation: batch.setting.relation().into(),
                level: met.level,
                unit: population.commune(met.person).id,
                origin: batch.setting.origin(),
            });
        }
        let batch_of = contacts::Batch {
            case_id,
            of_contact: batch.of.and_then(|of| self.contact(of)).map(str::to_owned),
            entry_seconds: Some(20 + 9 * i64::try_from(new.len()).unwrap_or(0)),
            contacts: new,
        };
        let entered = contacts::add_contacts(self.app, self.session(seat)?, batch_of).await?;
        for (at, entered) in (batch.first as usize..).zip(entered) {
            if let contacts::Entered::New(id) = entered {
                self.done.contacts[at] = Some(id);
            }
        }
        Ok(())
    }

    async fn tell(&self, seat: Seat, told: &Told) -> Result<(), ServiceError> {
        let Some(id) = &self.done.cases[told.case as usize] else {
            return Ok(());
        };
        let (from, to) = told.hours;
        let day = date(told.day)?.local();
        let line = format!("{day} {from}h-{to}h30 {}", told.setting.place(&self.plan.population));
        timeline::add_milestone(self.app, self.session(seat)?, id, &line, told.confidence, told.source).await?;
        Ok(())
    }

    fn contact(&self, contact: ContactNo) -> Option<&str> {
        self.done.contacts[contact as usize].as_deref()
    }

    fn session(&self, seat: Seat) -> Result<&Session, ServiceError> {
        let login = match seat {
            Seat::Commune | Seat::Night => "xa".to_owned(),
            Seat::DistrictOf(commune) => {
                let district = &self.plan.population.communes()[usize::from(commune)].district;
                if district == TOWN {
                    "truyvet".to_owned()
                } else {
                    format!("truyvet{district}")
                }
            }
        };
        let missing = ServiceError::Internal("a district of the plan has no tracer");
        self.sessions.get(&login).ok_or(missing)
    }
}

async fn call(app: AuthorityApp, by: Session, contact_id: String, outcome: Outcome) -> Result<(), ServiceError> {
    queue::take(&app, &by, &contact_id).await?;
    let began = UnixSeconds(app.clock.now().0 - 150);
    queue::record_call(&app, &by, &contact_id, outcome, began).await?;
    Ok(())
}

fn date(day: LocalDay) -> Result<CivilDate, ServiceError> {
    CivilDate::from_number(day.0).ok_or(ServiceError::Internal("a day of the plan is no date"))
}
