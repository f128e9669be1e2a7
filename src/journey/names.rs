//! Texts kept once and called by number.

use std::collections::HashMap;

/// Texts in order of first appearance, each with a dense number.
#[derive(Debug, Default)]
pub(super) struct Interner {
    numbers: HashMap<Box<str>, u32>,
}

impl Interner {
    /// The number of `text` if it was seen before.
    pub(super) fn known(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The number of `text`, a new one if it was not seen before; `None` once the numbers are used up.
    pub(super) fn number_of(&mut self, text: &str) -> Option<u32> {
        if let Some(number) = self.known(text) {
            return Some(number);
        }
        let number = u32::try_from(self.numbers.len())
            .ok()
            .filter(|&number| number < NONE)?;
        self.numbers.insert(text.into(), number);
        Some(number)
    }

    /// The texts by number.
    pub(super) fn into_texts(self) -> Vec<Box<str>> {
        let mut pairs: Vec<_> = self.numbers.into_iter().collect();
        pairs.sort_unstable_by_key(|&(_, number)| number);
        pairs.into_iter().map(|(text, _)| text).collect()
    }
}

/// Stands for "no text" in a column of numbers.
pub(super) const NONE: u32 = u32::MAX;
