//! Reading a network: one arc per line, in the shapes in which networks are handed around.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::error::{Error, Result};

use super::graph::{Arc, Names, Network, Person};

/// What to do with a second arc between the same two persons in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum ParallelArcs {
    /// Keep each: they are independent trials, so two arcs with probability p reach with 1 − (1 − p)².
    #[default]
    Keep,
    /// Keep one; weights are added up. In a list read both ways, `a b` and `b a` are the same edge then.
    Merge,
}

/// What ids in the file mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Ids {
    /// Any text, customer keys and 64-bit numbers alike; persons are numbered in order of first appearance.
    #[default]
    Text,
    /// Whole numbers below this number of persons, taken as they are; persons without an arc exist too.
    NumbersBelow(Person),
}

/// What to do with columns that no option speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum FurtherColumns {
    /// Refuse them: a weight or a sign of distrust must not be lost unseen.
    #[default]
    Refuse,
    /// Leave them out, whatever they hold.
    Ignore,
}

/// How to read an edge list: one arc per line, `teller hearer` with an optional weight, separated by a comma or by white
/// space, of which any amount separates once; empty lines and lines that begin with `#` are skipped.
///
/// | option | default | meaning | source |
/// | --- | --- | --- | --- |
/// | ids | text | [`Ids`] | convention |
/// | both ways | no | each line stands for an arc in both directions | convention |
/// | reversed | no | the file names the hearer first | convention |
/// | weighted | no | the third column is a finite weight of at least 0 | convention |
/// | parallel arcs | keep | [`ParallelArcs`] | independent trials: Kempe, Kleinberg & Tardos 2003, section 2 |
/// | further columns | refuse | [`FurtherColumns`]: those after the second, with weights after the third | convention |
///
/// Arcs from a person to themselves are dropped and counted.
///
/// ```
/// use tillit::word_of_mouth::network::EdgeList;
///
/// let text = "# who reads whom\nAda, Bo\nBo Cy\nAda Bo\n";
/// let network = EdgeList::new().both_ways().merging().read(text.as_bytes())?;
/// assert_eq!((network.persons(), network.arcs(), network.arcs_merged()), (3, 4, 2));
/// assert_eq!(network.id(2).as_deref(), Some("Cy"));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct EdgeList {
    ids: Ids,
    both_ways: bool,
    reversed: bool,
    weighted: bool,
    parallel_arcs: ParallelArcs,
    #[cfg_attr(feature = "serde", serde(default))]
    further_columns: FurtherColumns,
}

impl EdgeList {
    /// The defaults of the table above.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With ids of this kind.
    #[must_use]
    pub fn with_ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    /// Each line stands for both directions.
    #[must_use]
    pub fn both_ways(mut self) -> Self {
        self.both_ways = true;
        self
    }

    /// Lines name the hearer first, as lists of "who follows whom" and "who trusts whom" do.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reversed = true;
        self
    }

    /// The third column is a weight.
    #[must_use]
    pub fn weighted(mut self) -> Self {
        self.weighted = true;
        self
    }

    /// One arc per pair and direction ([`ParallelArcs::Merge`]).
    #[must_use]
    pub fn merging(mut self) -> Self {
        self.parallel_arcs = ParallelArcs::Merge;
        self
    }

    /// Leaves out the columns after the second, with weights those after the third ([`FurtherColumns::Ignore`]).
    ///
    /// ```
    /// use tillit::word_of_mouth::network::EdgeList;
    ///
    /// let trust = "Ada,Bo,10,1289241911\nBo,Cy,-3,1289241942\n";
    /// let refused = EdgeList::new().read(trust.as_bytes()).unwrap_err();
    /// assert!(refused.to_string().contains("column 3 \"10\""));
    /// let rated = EdgeList::new().ignoring_further_columns().read(trust.as_bytes())?;
    /// assert_eq!(rated.arcs(), 2);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    #[must_use]
    pub fn ignoring_further_columns(mut self) -> Self {
        self.further_columns = FurtherColumns::Ignore;
        self
    }

    /// Reads a file, gzip or plain (recognised by its first two bytes).
    ///
    /// # Errors
    /// As [`read`](Self::read); [`Error::MissingFeature`] for gzip without the feature `csv`.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Network> {
        let path = path.as_ref();
        let failed = |source: std::io::Error| Error::Read {
            what: path.display().to_string(),
            line: None,
            source: Box::new(source),
        };
        let mut file = BufReader::new(std::fs::File::open(path).map_err(failed)?);
        let packed = file.fill_buf().map_err(failed)?.starts_with(&[0x1f, 0x8b]);
        if packed {
            self.read_packed(file)
        } else {
            self.read(file)
        }
    }

    #[cfg(feature = "csv")]
    fn read_packed(&self, file: impl Read) -> Result<Network> {
        self.read(flate2::read::MultiGzDecoder::new(file))
    }

    #[cfg(not(feature = "csv"))]
    #[allow(clippy::unused_self)] // The twin with the feature needs it.
    fn read_packed(&self, _file: impl Read) -> Result<Network> {
        Err(Error::MissingFeature {
            what: "reading gzip".into(),
            feature: "csv",
        })
    }

    /// Reads an edge list.
    ///
    /// # Errors
    /// [`Error::Read`] with the line where something is wrong: a missing or empty column, one too many, an id out of range, a
    /// weight that is not a finite number of at least 0; [`Error::Overflow`] with 2³² persons or arcs, or merged weights without a sum; [`Error::Empty`] without persons.
    pub fn read(&self, source: impl Read) -> Result<Network> {
        let mut list = Lines {
            rule: self,
            of: Vec::new(),
            numbers: HashMap::new(),
            arcs: Vec::new(),
            self_loops: 0,
        };
        let mut reader = BufReader::new(source);
        let mut text = String::new();
        let mut line = 0;
        loop {
            line += 1;
            text.clear();
            let at = |source: Box<dyn std::error::Error + Send + Sync>| Error::Read {
                what: "the edge list".into(),
                line: Some(line),
                source,
            };
            if reader.read_line(&mut text).map_err(|e| at(Box::new(e)))? == 0 {
                break;
            }
            // Some programs put a mark of byte order in front of a table.
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            list.take(text).map_err(|e| at(Box::new(e)))?;
        }
        list.finish()
    }
}

/// The columns of a line. Nothing between two commas is a column too, or the next one would be taken for it.
fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').flat_map(|between| {
        let empty = between.trim().is_empty().then_some("");
        empty.into_iter().chain(between.split_whitespace())
    })
}

/// The list while it is being read.
struct Lines<'a> {
    rule: &'a EdgeList,
    of: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Person>,
    arcs: Vec<Arc>,
    self_loops: u64,
}

impl Lines<'_> {
    fn take(&mut self, text: &str) -> Result<()> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let mut fields = fields(text);
        let missing = |expected: &'static str| Error::InvalidText {
            what: "line".into(),
            found: text.into(),
            expected: expected.into(),
        };
        let (Some(first), Some(second)) = (fields.next(), fields.next()) else {
            return Err(missing("two persons"));
        };
        if first.is_empty() || second.is_empty() {
            return Err(missing("two persons"));
        }
        let weight = if self.rule.weighted {
            let field = fields
                .next()
                .ok_or_else(|| missing("two persons and a weight"))?;
            let weight = field
                .parse::<f64>()
                .map_err(|_| missing("a number as weight"))?;
            Error::unless(
                weight >= 0.0 && weight.is_finite(),
                "weight",
                weight,
                "be finite and at least 0",
            )?;
            weight
        } else {
            1.0
        };
        self.nothing_further(fields)?;
        let (mut tail, mut head) = (self.person(first)?, self.person(second)?);
        if self.rule.reversed {
            std::mem::swap(&mut tail, &mut head);
        }
        if tail == head {
            self.self_loops += 1;
            return Ok(());
        }
        self.arcs.push(Arc { tail, head, weight });
        if self.rule.both_ways {
            self.arcs.push(Arc {
                tail: head,
                head: tail,
                weight,
            });
        }
        Ok(())
    }

    /// Refuses a column that nobody asked for, unless it is empty.
    fn nothing_further<'t>(&self, fields: impl Iterator<Item = &'t str>) -> Result<()> {
        if self.rule.further_columns == FurtherColumns::Ignore {
            return Ok(());
        }
        let known = if self.rule.weighted { 3 } else { 2 };
        match (known + 1..).zip(fields).find(|(_, field)| !field.is_empty()) {
            Some((column, field)) => Err(Error::InvalidText {
                what: format!("column {column}").into(),
                found: field.into(),
                expected: if self.rule.weighted {
                    "the line to end after two persons and a weight: where further columns are of no concern, say \
                     EdgeList::ignoring_further_columns"
                } else {
                    "the line to end after two persons: where column 3 is a weight, say EdgeList::weighted; where \
                     further columns are of no concern, EdgeList::ignoring_further_columns"
                }
                .into(),
            }),
            None => Ok(()),
        }
    }

    fn person(&mut self, id: &str) -> Result<Person> {
        match self.rule.ids {
            Ids::NumbersBelow(persons) => {
                let number = id.parse::<u64>().map_err(|_| Error::InvalidText {
                    what: "person".into(),
                    found: id.into(),
                    expected: "a whole number".into(),
                })?;
                match Person::try_from(number) {
                    Ok(person) if person < persons => Ok(person),
                    _ => Err(Error::OutOfRange {
                        what: "person".into(),
                        found: number as f64,
                        allowed: format!("lie below the number of persons, {persons}").into(),
                    }),
                }
            }
            Ids::Text => {
                if let Some(&person) = self.numbers.get(id) {
                    return Ok(person);
                }
                // Their number has to fit too, so the last of the 32 bits' numbers stays free.
                Network::numbered(self.of.len() + 1, "the number of persons")?;
                let person = Network::numbered(self.of.len(), "the number of persons")?;
                self.of.push(id.into());
                self.numbers.insert(id.into(), person);
                Ok(person)
            }
        }
    }

    fn finish(mut self) -> Result<Network> {
        let mut merged = 0;
        if self.rule.parallel_arcs == ParallelArcs::Merge {
            self.arcs.sort_by_key(|arc| (arc.tail, arc.head));
            let before = self.arcs.len();
            self.arcs.dedup_by(|later, kept| {
                let same = (later.tail, later.head) == (kept.tail, kept.head);
                if same {
                    kept.weight += later.weight;
                }
                same
            });
            merged = (before - self.arcs.len()) as u64;
            if self.arcs.iter().any(|arc| !arc.weight.is_finite()) {
                return Err(Error::Overflow {
                    what: "the sum of the weights of merged arcs".into(),
                });
            }
        }
        let (persons, names) = match self.rule.ids {
            Ids::NumbersBelow(persons) => (persons, Names::Numbers),
            Ids::Text => {
                let persons = Network::numbered(self.of.len(), "the number of persons")?;
                let names = Names::Text {
                    of: self.of,
                    numbers: self.numbers,
                };
                (persons, names)
            }
        };
        Network::build(
            persons,
            self.arcs,
            self.rule.weighted,
            names,
            self.self_loops,
            merged,
        )
    }
}
