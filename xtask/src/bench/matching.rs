//! Diagnosis keys against observed identifiers, on one core.

use super::{json_of, number, release_example, thousands};
use crate::shell::{Outcome, capture, cmd};
use crate::{peers, setup};

const KEYS: &str = "200000";
const OBSERVED: [&str; 2] = ["10000", "100000"];
const ROUNDS: usize = 5;
/// Python is far slower and no less steady: fewer rounds.
const PEER_ROUNDS: usize = 3;

/// Measures ours and both forms of the peer in turn, process time, the best of some rounds of each.
pub(super) fn keys_a_second() -> Outcome<String> {
    let python = peers::python()?;
    let mut text = "| observed identifiers | ours, keys/s | peer, plain | ratio | peer, tight | ratio |\n|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for observed in OBSERVED {
        let (mut ours, mut plain, mut tight) = (0_f64, 0_f64, 0_f64);
        for round in 0..ROUNDS {
            ours = ours.max(speed(&mut release_example("device", "match_bench")?, observed, &[])?);
            if round < PEER_ROUNDS {
                plain = plain.max(speed(&mut peer(&python), observed, &[])?);
                tight = tight.max(speed(&mut peer(&python), observed, &["--tight"])?);
            }
        }
        text.push_str(&format!(
            "| {} | {} | {} | {:.1} | {} | {:.1} |\n",
            thousands(observed.parse().unwrap_or(0.0)),
            thousands(ours),
            thousands(plain),
            ours / plain,
            thousands(tight),
            ours / tight
        ));
    }
    text.push_str(&format!(
        "\n{KEYS} keys of 144 identifiers; process CPU time; best of {ROUNDS} (peer: {PEER_ROUNDS}), alternating."
    ));
    Ok(text)
}

fn peer(python: &std::path::Path) -> std::process::Command {
    let mut peer = cmd(python);
    peer.arg("examples/peers/match_cryptography.py");
    peer
}

fn speed(command: &mut std::process::Command, observed: &str, options: &[&str]) -> Outcome<f64> {
    let measured = json_of(command.args([KEYS, observed]).args(options))?;
    if number(&measured, "hits")? != 20.0 {
        return Err(format!("20 planted hits, found {}", measured["hits"]).into());
    }
    Ok(number(&measured, "keys")? / number(&measured, "cpu_seconds")?)
}

/// Counts instructions a key at 10,000 observed identifiers: the difference of two runs leaves the preparation out.
pub(super) fn instructions() -> Outcome<String> {
    setup::need(&[setup::VALGRIND])?;
    let few = instructions_of("2000")?;
    let many = instructions_of("12000")?;
    let each = (many - few) / 10_000.0;
    Ok(format!(
        "{} instructions a key at 10,000 observed identifiers (callgrind, which hides SHA-NI, VAES and AVX-512: an older path).",
        thousands(each)
    ))
}

fn instructions_of(keys: &str) -> Outcome<f64> {
    let example = release_example("device", "match_bench")?;
    let text = capture(
        cmd("sh")
            .args([
                "-c",
                "valgrind --tool=callgrind --callgrind-out-file=/dev/null \"$@\" 2>&1",
                "sh",
            ])
            .arg(example.get_program())
            .args([keys, OBSERVED[0]]),
    )?;
    let counted = text
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .map(|(_, count)| count.trim());
    counted
        .and_then(|count| count.parse().ok())
        .ok_or_else(|| format!("callgrind counted nothing:\n{text}").into())
}
