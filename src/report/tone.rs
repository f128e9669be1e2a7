//! Whether a number or state is good or bad news.

/// Good or bad news, shown by colour *and* by a sign or pattern, never by colour alone.
///
/// The colours are blue, amber, vermilion and grey, which stay apart for the common kinds of colour blindness
/// (after Okabe and Ito's palette).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tone {
    /// Neither.
    #[default]
    Neutral,
    /// Good news: kept, on time, growing.
    Good,
    /// Not bad yet: late, at risk.
    Caution,
    /// Bad news: broken, lost.
    Bad,
}

impl Tone {
    /// Name of the CSS classes.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Caution => "caution",
            Self::Bad => "bad",
        }
    }

    /// The sign beside a number and the word that a screen reader says; none for neutral.
    pub(super) fn sign(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Neutral => None,
            Self::Good => Some(("✓", "good")),
            Self::Caution => Some(("!", "watch")),
            Self::Bad => Some(("✕", "bad")),
        }
    }
}
