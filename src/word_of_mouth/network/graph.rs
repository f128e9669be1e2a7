//! Who talks to whom: a directed graph in compressed sparse rows, with the caller's ids.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// Number of a person inside a [`Network`], counted from 0 without gaps.
pub type Person = u32;

/// A directed graph in compressed sparse rows: for each person the persons whom their word reaches directly.
///
/// Arcs are kept sorted by tail, then head. Parallel arcs are kept unless the edge list merged them: each is a trial of
/// its own. Memory: 4 bytes per arc (12 where weights are kept) and 8 per person, plus the ids where they are names:
/// [`memory`](Self::memory).
///
/// ```
/// use tillit::word_of_mouth::network::Network;
///
/// let network = Network::from_arcs(3, [(0, 1), (1, 2), (1, 1)])?;
/// assert_eq!((network.persons(), network.arcs(), network.self_loops_dropped()), (3, 2, 1));
/// assert_eq!(network.hearers(1), [2]);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Network {
    /// Where each tail's arcs begin; one more entry than persons.
    starts: Vec<u32>,
    heads: Vec<Person>,
    arcs_in: Vec<u32>,
    weights: Option<Vec<f64>>,
    names: Names,
    self_loops_dropped: u64,
    arcs_merged: u64,
}

/// How persons are called outside.
#[derive(Clone, Debug)]
pub(super) enum Names {
    /// The numbers themselves.
    Numbers,
    /// Any text, in order of first appearance.
    Text {
        of: Vec<Box<str>>,
        numbers: HashMap<Box<str>, Person>,
    },
}

/// One arc as it was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    pub(super) tail: Person,
    pub(super) head: Person,
    pub(super) weight: f64,
}

impl Network {
    /// A network of `persons` persons from arcs (teller, hearer). Self-loops are dropped and counted, parallel arcs kept.
    ///
    /// For files, other ids, weights and both directions see [`EdgeList`](super::EdgeList).
    ///
    /// # Errors
    /// [`Error::Empty`] without persons, [`Error::BadColumnValue`] with the row of an arc whose end is not a person, and
    /// [`Error::Overflow`] with 2³² arcs or more.
    pub fn from_arcs(
        persons: Person,
        arcs: impl IntoIterator<Item = (Person, Person)>,
    ) -> Result<Self> {
        let mut kept = Vec::new();
        let mut loops = 0;
        for (row, (tail, head)) in arcs.into_iter().enumerate() {
            for end in [tail, head] {
                if end >= persons {
                    return Err(Error::BadColumnValue {
                        column: "persons of the arcs".into(),
                        row,
                        found: f64::from(end),
                        allowed: format!("lie below the number of persons, {persons}").into(),
                    });
                }
            }
            if tail == head {
                loops += 1;
            } else {
                kept.push(Arc {
                    tail,
                    head,
                    weight: 1.0,
                });
            }
        }
        Self::build(persons, kept, false, Names::Numbers, loops, 0)
    }

    /// The count as 32 bits, with which persons and arcs are numbered.
    pub(super) fn numbered(count: usize, what: &'static str) -> Result<u32> {
        u32::try_from(count).map_err(|_| Error::Overflow { what: what.into() })
    }

    /// Sorts the arcs into rows; their ends are persons.
    pub(super) fn build(
        persons: Person,
        mut arcs: Vec<Arc>,
        weighted: bool,
        names: Names,
        self_loops_dropped: u64,
        arcs_merged: u64,
    ) -> Result<Self> {
        if persons == 0 {
            return Err(Error::Empty {
                what: "the network".into(),
                remedy: "give at least one person".into(),
            });
        }
        Self::numbered(arcs.len(), "the number of arcs")?;
        // Stable, so that the weights of parallel arcs keep the file's order.
        arcs.sort_by_key(|arc| (arc.tail, arc.head));
        let mut starts = vec![0_u32; persons as usize + 1];
        let mut arcs_in = vec![0_u32; persons as usize];
        for arc in &arcs {
            starts[arc.tail as usize + 1] += 1;
            arcs_in[arc.head as usize] += 1;
        }
        for person in 0..persons as usize {
            starts[person + 1] += starts[person];
        }
        Ok(Self {
            starts,
            arcs_in,
            weights: weighted.then(|| arcs.iter().map(|arc| arc.weight).collect()),
            // By reference: to collect in place would keep the room of the whole arcs.
            heads: arcs.iter().map(|arc| arc.head).collect(),
            names,
            self_loops_dropped,
            arcs_merged,
        })
    }

    /// How many persons there are.
    #[must_use]
    pub fn persons(&self) -> usize {
        self.arcs_in.len()
    }

    /// How many arcs there are, parallel ones counted each.
    #[must_use]
    pub fn arcs(&self) -> usize {
        self.heads.len()
    }

    /// Bytes that the network holds: 4 per arc (12 where weights are kept), 8 per person and 4 more; where ids are names, also
    /// their letters twice and 40 to 90 bytes per person to find them by.
    ///
    /// ```
    /// use tillit::word_of_mouth::network::Network;
    ///
    /// let network = Network::from_arcs(3, [(0, 1), (1, 2), (1, 0)])?;
    /// assert_eq!(network.memory(), 4 * 3 + 8 * 3 + 4);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    #[must_use]
    pub fn memory(&self) -> usize {
        let weights = self.weights.as_ref().map_or(0, Vec::capacity);
        let names = match &self.names {
            Names::Numbers => 0,
            Names::Text { of, numbers } => {
                let letters: usize = of.iter().map(|name| name.len()).sum();
                // Each name stands in the list and in the table, which keeps a byte beside each of its places.
                2 * letters
                    + of.capacity() * size_of::<Box<str>>()
                    + numbers.capacity() * (size_of::<(Box<str>, Person)>() + 1)
            }
        };
        (self.starts.capacity() + self.arcs_in.capacity()) * size_of::<u32>()
            + self.heads.capacity() * size_of::<Person>()
            + weights * size_of::<f64>()
            + names
    }

    /// Arcs from a person to themselves that were left out: nobody turns themselves away.
    #[must_use]
    pub fn self_loops_dropped(&self) -> u64 {
        self.self_loops_dropped
    }

    /// Arcs that were merged into an earlier one of the same direction.
    #[must_use]
    pub fn arcs_merged(&self) -> u64 {
        self.arcs_merged
    }

    /// Whom this person's word reaches directly, ascending; nobody for a person who is not in the network.
    #[must_use]
    pub fn hearers(&self, person: Person) -> &[Person] {
        if (person as usize) < self.persons() {
            &self.heads[self.arcs_of(person)]
        } else {
            &[]
        }
    }

    /// How many arcs lead to each person.
    #[must_use]
    pub fn arcs_in(&self) -> &[u32] {
        &self.arcs_in
    }

    /// The weight of each arc (sorted by tail, then head), where the edge list was read with weights.
    #[must_use]
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The person with this id, if there is one.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<Person> {
        match &self.names {
            Names::Numbers => id
                .parse::<Person>()
                .ok()
                .filter(|&person| (person as usize) < self.persons()),
            Names::Text { numbers, .. } => numbers.get(id).copied(),
        }
    }

    /// The id of a person as it was read; `None` for a person who is not in the network.
    #[must_use]
    pub fn id(&self, person: Person) -> Option<String> {
        if (person as usize) >= self.persons() {
            return None;
        }
        Some(match &self.names {
            Names::Numbers => person.to_string(),
            Names::Text { of, .. } => of[person as usize].to_string(),
        })
    }

    /// The persons with most hearers, ties to the smaller number: the usual first guess at whom to win back.
    #[must_use]
    pub fn most_connected(&self, count: usize) -> Vec<Person> {
        let mut order: Vec<Person> = (0..).take(self.persons()).collect();
        order.sort_by_key(|&person| (std::cmp::Reverse(self.arcs_of(person).len()), person));
        order.truncate(count);
        order
    }

    /// The numbers of this person's arcs.
    pub(super) fn arcs_of(&self, person: Person) -> std::ops::Range<usize> {
        let person = person as usize;
        self.starts[person] as usize..self.starts[person + 1] as usize
    }

    pub(super) fn heads(&self) -> &[Person] {
        &self.heads
    }

    /// The tail of each arc.
    pub(super) fn tails(&self) -> Vec<Person> {
        let mut tails = Vec::with_capacity(self.arcs());
        for person in (0..).take(self.persons()) {
            tails.extend(std::iter::repeat_n(person, self.arcs_of(person).len()));
        }
        tails
    }

    /// Refuses persons who are not in the network, and drops those named twice; ascending.
    pub(super) fn checked(&self, what: &'static str, persons: &[Person]) -> Result<Vec<Person>> {
        for (row, &person) in persons.iter().enumerate() {
            if person as usize >= self.persons() {
                return Err(Error::BadColumnValue {
                    column: what.into(),
                    row,
                    found: f64::from(person),
                    allowed: format!("lie below the number of persons, {}", self.persons()).into(),
                });
            }
        }
        let mut set = persons.to_vec();
        set.sort_unstable();
        set.dedup();
        Ok(set)
    }

    /// Refuses a column of values that is not one finite number per person, or whose sum is too large.
    pub(super) fn checked_values(&self, values: &[f64]) -> Result<()> {
        if values.len() != self.persons() {
            return Err(Error::UnequalLengths {
                left: "the network",
                left_len: self.persons(),
                right: "the values of its persons",
                right_len: values.len(),
            });
        }
        match values.iter().position(|value| !value.is_finite()) {
            Some(row) => Err(Error::BadColumnValue {
                column: "values of the persons".into(),
                row,
                found: values[row],
                allowed: "be finite".into(),
            }),
            // Variances are sums of squares.
            None if !values
                .iter()
                .map(|value| value.abs())
                .sum::<f64>()
                .powi(2)
                .is_finite() =>
            {
                Err(Error::Overflow {
                    what: "the value of all persons, squared".into(),
                })
            }
            None => Ok(()),
        }
    }
}

#[cfg(all(test, target_pointer_width = "64"))]
mod tests {
    use super::Network;
    use crate::error::Error;

    #[test]
    fn counts_beyond_32_bits_are_refused() {
        assert_eq!(Network::numbered(0xffff_ffff, "arcs").unwrap(), u32::MAX);
        for count in [1_usize << 32, (1 << 32) + 5, usize::MAX] {
            assert!(matches!(
                Network::numbered(count, "arcs"),
                Err(Error::Overflow { .. })
            ));
        }
    }
}
