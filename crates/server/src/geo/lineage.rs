//! What became of a unit: its successors and their shares, and figures of then told for the units of now.

use std::collections::BTreeMap;

use super::Catalogue;
use super::model::{GeoError, UnitId};
use super::share::{Share, apportion};
use crate::civil::CivilDate;

/// How it is known that one unit became another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The source names both codes.
    Stated,
    /// The source has it as a former name of a unit that was stated: it joined that one before the reform.
    FormerName,
    /// Judged by name and place.
    Judged,
    /// An imported unit took the place of one with the same code.
    SameCode,
    /// From the communes of a unit that has no line of its own, each counted equally.
    Communes,
}

/// One step from a unit to a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The successor.
    pub unit: UnitId,
    /// Which part went there.
    pub share: Share,
    /// Whether most of the unit is said to have gone there.
    pub is_default: bool,
    /// Whether the share or the step is assumed, not published.
    pub assumed: bool,
    /// Whether the source itself doubts the step. Such a step has no share.
    pub suspect: bool,
    /// How the step is known.
    pub basis: Basis,
}

/// A step with its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The unit that ended.
    pub from: UnitId,
    /// What it became.
    pub to: Succession,
}

impl Link {
    /// Appends the steps from one unit to its successors, the default first.
    ///
    /// No source publishes shares, so the successors that are not suspect get equal ones, marked as assumed. A suspect
    /// step carries nothing: those links name communes of the same name in another province.
    pub(super) fn divide(from: UnitId, targets: &[(UnitId, bool)], basis: Basis, links: &mut Vec<Self>) {
        let sound = targets.iter().filter(|(_, suspect)| !suspect).count();
        let equal = u64::try_from(sound).ok().and_then(|sound| Share::new(1, sound));
        for (at, (unit, suspect)) in targets.iter().enumerate() {
            let share = if *suspect {
                Share::NONE
            } else {
                equal.unwrap_or(Share::NONE)
            };
            let to = Succession {
                unit: *unit,
                share,
                is_default: at == 0,
                assumed: targets.len() > 1 || basis != Basis::Stated,
                suspect: *suspect,
                basis,
            };
            links.push(Self { from, to });
        }
    }
}

impl Catalogue {
    /// Returns what a unit became, the default first; nothing while it is valid.
    ///
    /// A district of 2021 has no line of its own: its communes tell, each counted equally.
    pub fn successors(&self, id: UnitId) -> Vec<Succession> {
        let own = self.links_from(id);
        if !own.is_empty() {
            return own.iter().map(|link| link.to).collect();
        }
        if self.unit(id).is_none_or(|unit| unit.valid_to.is_none()) {
            return Vec::new();
        }
        self.successors_of_children(id)
    }

    fn successors_of_children(&self, id: UnitId) -> Vec<Succession> {
        let children = self.children(id);
        let Some(each) = u64::try_from(children.len()).ok().and_then(|n| Share::new(1, n)) else {
            return Vec::new();
        };
        let mut shares: BTreeMap<UnitId, Share> = BTreeMap::new();
        for child in children {
            for step in self.successors(child.id).iter().filter(|step| !step.suspect) {
                let sum = shares.entry(step.unit).or_insert(Share::NONE);
                *sum = sum.plus(step.share.times(each));
            }
        }
        let mut steps: Vec<Succession> = shares
            .into_iter()
            .map(|(unit, share)| Succession {
                unit,
                share,
                is_default: false,
                assumed: true,
                suspect: false,
                basis: Basis::Communes,
            })
            .collect();
        steps.sort_by(|a, b| b.share.value().total_cmp(&a.share.value()).then(a.unit.cmp(&b.unit)));
        if let Some(first) = steps.first_mut() {
            first.is_default = true;
        }
        steps
    }

    /// Returns which units became this one, each with its step.
    pub fn predecessors(&self, id: UnitId) -> Vec<Link> {
        self.links_to(id)
    }

    /// Returns every step that the source itself doubts: 27 in the shipped facts.
    pub fn suspects(&self) -> Vec<Link> {
        self.links().filter(|link| link.to.suspect).copied().collect()
    }

    /// Returns the units that hold this unit's territory on `today`, the default first, with shares that sum to 1.
    ///
    /// Steps that are suspect are left out.
    ///
    /// # Errors
    ///
    /// [`GeoError::NoUnit`]; [`GeoError::NoSuccessor`] when a unit ended and no step leads on.
    pub fn as_now(&self, id: UnitId, today: CivilDate) -> Result<Vec<(UnitId, Share)>, GeoError> {
        let mut parts = Vec::new();
        self.follow(id, Share::WHOLE, today, &mut parts)?;
        Ok(parts)
    }

    fn follow(
        &self,
        id: UnitId,
        share: Share,
        today: CivilDate,
        parts: &mut Vec<(UnitId, Share)>,
    ) -> Result<(), GeoError> {
        let unit = self.unit(id).ok_or(GeoError::NoUnit(id))?;
        // a unit of tomorrow stands for itself: there is nothing later to tell it by
        if unit.valid_to.is_none_or(|last| today <= last) {
            match parts.iter_mut().find(|(known, _)| *known == id) {
                Some((_, sum)) => *sum = sum.plus(share),
                None => parts.push((id, share)),
            }
            return Ok(());
        }
        let steps = self.successors(id);
        let sound: Vec<&Succession> = steps.iter().filter(|step| !step.suspect && step.unit > id).collect();
        if sound.is_empty() {
            return Err(GeoError::NoSuccessor(id));
        }
        for step in sound {
            self.follow(step.unit, share.times(step.share), today, parts)?;
        }
        Ok(())
    }

    /// Tells figures of units of any time for the units of `today`. The sum stays exactly the same: each figure is
    /// divided in whole numbers, largest remainder first, the default successor first among equals.
    ///
    /// # Errors
    ///
    /// As [`Self::as_now`]: a figure that leads nowhere is refused, never dropped.
    pub fn sum_as_now(
        &self,
        figures: &BTreeMap<UnitId, u64>,
        today: CivilDate,
    ) -> Result<BTreeMap<UnitId, u64>, GeoError> {
        let mut sums = BTreeMap::new();
        for (id, figure) in figures {
            let (units, shares): (Vec<UnitId>, Vec<Share>) = self.as_now(*id, today)?.into_iter().unzip();
            for (unit, part) in units.into_iter().zip(apportion(*figure, &shares)) {
                if part > 0 {
                    *sums.entry(unit).or_insert(0) += part;
                }
            }
        }
        Ok(sums)
    }
}
