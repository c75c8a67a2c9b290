//! The radio port: what a device wants on the air, and what it heard.
//!
//! A device never calls the radio. Its host asks for a [`RadioPlan`], sets address and payload together with scanning
//! stopped (a controller refuses a new address otherwise), scans when the plan says so and hands over the packets.

use protocol::{advertisement, time::UnixSeconds};

/// Advertising interval in milliseconds; every host uses the same so that it tells nothing of the device.
pub const ADVERTISING_INTERVAL_MS: u32 = 250;

/// What to advertise: non-connectable, non-scannable, legacy PDU.
///
/// Address and payload are one value because they change together, always (docs/spec/proximity.md; a device whose
/// address outlives its identifier can be followed).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Non-resolvable private address, most significant byte first; the two top bits are 00.
    pub address: [u8; 6],
    /// Advertising data.
    pub payload: [u8; advertisement::LENGTH],
}

/// What the radio does until `rotate_at`. Times are the host's clock, the one it passed as `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RadioPlan {
    /// What to advertise; `None` while the person has paused the device.
    pub advertise: Option<Advert>,
    /// When to ask for the next plan.
    pub rotate_at: UnixSeconds,
    /// When to scan next; now or in the past means at once. Nothing is scanned while paused.
    pub next_scan_at: UnixSeconds,
    /// Length of the scan in seconds.
    pub scan_seconds: u32,
}

/// One advertisement heard during a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Advertising data as received. The sender's address is not taken: nothing may depend on it.
    pub payload: &'a [u8],
    /// Received signal strength in dBm.
    pub rssi_dbm: i8,
}

/// Bluetooth hardware as a host implements it; `device` itself never calls it.
pub trait Radio {
    /// Stops scanning, then sets address and payload in one go, or stops advertising.
    ///
    /// # Errors
    ///
    /// [`RadioFailed`] when the controller refuses; the old advertisement must not stay on the air then.
    fn advertise(&mut self, advert: Option<&Advert>) -> Result<(), RadioFailed>;

    /// Listens passively for `seconds` and hands every advertisement to `heard`.
    ///
    /// # Errors
    ///
    /// [`RadioFailed`] when the controller refuses.
    fn scan(&mut self, seconds: u32, heard: &mut dyn FnMut(Packet<'_>)) -> Result<(), RadioFailed>;
}

/// The radio refused; the text is the controller's and holds no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the radio refused: {0}")]
pub struct RadioFailed(pub String);
