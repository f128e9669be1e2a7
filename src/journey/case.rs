//! Orders, tickets, contracts: what belongs together within a customer's journey.

/// A case's place in its log: dense, from 0, in order of first appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
pub struct CaseIndex(pub(super) u32);

impl CaseIndex {
    /// The number, for use as an index into columns by case.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One way to sort cases into groups: by region, by category, by seller.
#[derive(Clone, Debug)]
pub struct Segmentation {
    pub(super) name: Box<str>,
    pub(super) labels: Vec<Box<str>>,
    /// Label of each case, or [`NONE`](super::names::NONE).
    pub(super) of_case: Vec<u32>,
}

impl Segmentation {
    /// By what cases are sorted.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The groups, in order of first appearance.
    #[must_use]
    pub fn labels(&self) -> &[Box<str>] {
        &self.labels
    }

    /// The group of a case as an index into [`labels`](Self::labels); `None` if it has none.
    #[must_use]
    pub fn group_of(&self, case: CaseIndex) -> Option<usize> {
        self.of_case
            .get(case.index())
            .map(|&group| group as usize)
            .filter(|&group| group < self.labels.len())
    }

    /// The label of a case; `None` if it has none.
    #[must_use]
    pub fn label_of(&self, case: CaseIndex) -> Option<&str> {
        self.group_of(case)
            .and_then(|group| self.labels.get(group))
            .map(AsRef::as_ref)
    }
}
