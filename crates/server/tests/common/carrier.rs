//! A carrier that keeps what it was given, and may be told to take nothing.
#![allow(clippy::unwrap_used)] // helpers of tests are outside the functions the lint exempts

use std::sync::{Arc, Mutex};

use server::messages::{Carrier, HandOver, NotTaken, Outgoing};

use super::World;

/// What was handed over.
#[derive(Default)]
pub struct Telephones {
    taken: Mutex<Vec<Outgoing>>,
    refuses: Mutex<Option<NotTaken>>,
}

impl Telephones {
    /// Has all messages of a world end here.
    pub fn of(world: &World) -> Arc<Self> {
        let telephones = Arc::new(Self::default());
        world.both.authority.outbox.through(telephones.clone());
        telephones
    }

    pub fn refuse(&self, why: Option<NotTaken>) {
        *self.refuses.lock().unwrap() = why;
    }

    pub fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }

    /// Returns the digits of the last message to a number.
    pub fn digits(&self, number: &str) -> String {
        let taken = self.taken.lock().unwrap();
        let last = taken.iter().rfind(|message| message.to == number).unwrap();
        last.text
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| part.len() == 6)
            .unwrap()
            .to_owned()
    }
}

impl Carrier for Telephones {
    fn hand_over<'a>(&'a self, message: &'a Outgoing) -> HandOver<'a> {
        Box::pin(async move {
            if let Some(why) = *self.refuses.lock().unwrap() {
                return Err(why);
            }
            self.taken.lock().unwrap().push(message.clone());
            Ok(())
        })
    }
}
