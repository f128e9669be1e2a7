//! Who trusts whom, read from a file or made, and who of them is dissatisfied.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tillit::word_of_mouth::network::{EdgeList, Network, Person};

use crate::Outcome;
use crate::assumptions::Assumptions;
use crate::chance::Chance;
use crate::words::whole;

/// Persons of the made network.
const MADE: u32 = 6_000;

/// A network with words about where it comes from.
pub(crate) struct Trust {
    pub(crate) network: Network,
    pub(crate) title: String,
    pub(crate) origin: String,
    distrust: usize,
    /// Lines of the file with more than truster, trustee and sign.
    with_more: usize,
}

impl Trust {
    pub(crate) fn find(it: &Assumptions) -> Outcome<Self> {
        let at_hand =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/soc-sign-epinions.txt.gz");
        match &it.file {
            Some(file) => {
                Self::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
            }
            None if at_hand.exists() => Self::read(&at_hand),
            None => Self::made(it.seed),
        }
    }

    /// Keeps trust and leaves distrust out: nobody is moved by whom they distrust.
    fn read(file: &Path) -> Outcome<Self> {
        let mut reader = BufReader::new(File::open(file)?);
        let packed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let mut text = String::new();
        if packed {
            MultiGzDecoder::new(reader).read_to_string(&mut text)?;
        } else {
            reader.read_to_string(&mut text)?;
        }
        let (mut kept, mut distrust, mut with_more) = (String::with_capacity(text.len()), 0, 0);
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut fields = line.split([' ', ',', '\t', ';']).filter(|f| !f.is_empty());
            let (Some(truster), Some(trustee)) = (fields.next(), fields.next()) else {
                return Err(
                    format!("line {}: two persons expected, not {line:?}", number + 1).into(),
                );
            };
            let sign = match fields.next().map(str::parse::<f64>) {
                None => 1.0,
                Some(Ok(sign)) if sign.is_finite() => sign,
                Some(_) => {
                    return Err(format!(
                        "line {}: a number expected as sign in {line:?}",
                        number + 1
                    )
                    .into());
                }
            };
            // A date, mostly.
            with_more += usize::from(fields.next().is_some());
            if sign > 0.0 {
                writeln!(kept, "{truster} {trustee}")?;
            } else {
                distrust += 1;
            }
        }
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            network: EdgeList::new().reversed().merging().read(kept.as_bytes())?,
            title: name.clone(),
            origin: format!("read from {name}"),
            distrust,
            with_more,
        })
    }

    /// Persons arrive one by one. Each trusts a few of those who are there (three, five, seldom dozens): half the time somebody
    /// whom one of the trusted trusts, else in proportion to how many trust them already, and one in five is trusted back.
    fn made(seed: u64) -> Outcome<Self> {
        let mut chance = Chance(seed);
        let mut trusts: Vec<Vec<Person>> = vec![Vec::new()];
        // Each person once, and once more for each who trusts them.
        let mut known: Vec<Person> = vec![0];
        let mut text = String::new();
        for newcomer in 1..MADE {
            trusts.push(Vec::new());
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            // A small number above 0.
            let wanted = (3.0 / chance.share().powf(0.6)).min(60.0) as usize;
            for _ in 0..wanted {
                let friends = &trusts[newcomer as usize];
                let through = friends.get(chance.below(friends.len().max(1)));
                let of_friend = through.map(|&friend| &trusts[friend as usize]);
                let trustee = match of_friend.filter(|of| !of.is_empty()) {
                    Some(of) if chance.share() < 0.5 => of[chance.below(of.len())],
                    _ => known[chance.below(known.len())],
                };
                if trustee == newcomer || trusts[newcomer as usize].contains(&trustee) {
                    continue;
                }
                trusts[newcomer as usize].push(trustee);
                known.push(trustee);
                writeln!(text, "{newcomer} {trustee}")?;
                if chance.share() < 0.2 {
                    trusts[trustee as usize].push(newcomer);
                    known.push(newcomer);
                    writeln!(text, "{trustee} {newcomer}")?;
                }
            }
            known.push(newcomer);
        }
        Ok(Self {
            network: EdgeList::new().reversed().merging().read(text.as_bytes())?,
            title: "A made trust network".into(),
            origin: format!(
                "made with seed {seed}: newcomers trust whom their friends trust or whom many trust already, so that few are heard by very many"
            ),
            distrust: 0,
            with_more: 0,
        })
    }

    pub(crate) fn size(&self) -> String {
        let network = &self.network;
        let widest = network.most_connected(1);
        let widest = widest
            .first()
            .map_or(0, |&person| network.hearers(person).len());
        format!(
            "{} persons, {} arcs along which word travels, the best heard has {} hearers",
            whole(network.persons()),
            whole(network.arcs()),
            whole(widest)
        )
    }

    pub(crate) fn left_out(&self) -> String {
        let more = match self.with_more {
            0 => String::new(),
            lines => format!(
                " Columns after the third, in {} lines, are not used.",
                whole(lines)
            ),
        };
        format!(
            "Left out: {} arcs of distrust, {} of persons to themselves, {} named twice.{more}",
            whole(self.distrust),
            self.network.self_loops_dropped(),
            self.network.arcs_merged()
        )
    }
}

/// Each person listens to `attention` of the voices they trust on average: each of d voices with probability attention / d.
pub(crate) fn listening(network: &Network, attention: f64) -> Vec<f64> {
    let persons = (0..).take(network.persons());
    let heads = persons.flat_map(|person: Person| network.hearers(person));
    heads
        .map(|&head| (attention / f64::from(network.arcs_in()[head as usize])).min(1.0))
        .collect()
}

/// So many different persons, by their number of hearers.
pub(crate) fn draw_detractors(
    network: &Network,
    count: usize,
    chance: &mut Chance,
) -> Outcome<Vec<Person>> {
    let mut tickets: Vec<Person> = Vec::with_capacity(network.arcs());
    for person in (0..).take(network.persons()) {
        tickets.extend(std::iter::repeat_n(person, network.hearers(person).len()));
    }
    chance.shuffle(&mut tickets);
    let mut seen = HashSet::new();
    tickets.retain(|&person| seen.insert(person));
    tickets.truncate(count);
    if tickets.is_empty() {
        return Err("nobody trusts anybody in this network, so no word travels".into());
    }
    Ok(tickets)
}
