//! Pseudonyms for customers.

/// A short pseudonym for a customer's key: `c-` and eight letters or digits, the same for the same key on every
/// machine and in every release.
///
/// It carries 40 bits of a hash of the key and nothing of the key itself, so that a page can be passed round without
/// names or addresses on it, while somebody who holds the keys can find the case again. It is a *pseudonym*, not
/// anonymity: who has a list of all keys can mask each of them and compare. Two of 10,000 customers share a pseudonym
/// with a chance of about 1 in 20,000.
///
/// ```
/// use tillit::journey::mask;
///
/// let shown = mask("anna@example.org");
/// assert_eq!(shown.len(), 10);
/// assert_eq!(shown, mask("anna@example.org"));
/// assert_ne!(shown, mask("anna@example.com"));
/// ```
#[must_use]
pub fn mask(id: &str) -> String {
    // FNV-1a, then the finishing steps of SplitMix64 so that keys that differ in one digit share no prefix.
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    // Without i, l, o, u: nothing to misread on the telephone.
    let letters = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut shown = String::from("c-");
    for place in 0..8 {
        let [.., low] = (hash >> (5 * place)).to_be_bytes();
        shown.push(char::from(letters[usize::from(low & 31)]));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::mask;
    use std::collections::BTreeSet;

    #[test]
    fn neighbouring_keys_get_different_pseudonyms_that_hide_the_key() {
        let masked: BTreeSet<_> = (0..20_000).map(|id| mask(&id.to_string())).collect();
        assert_eq!(masked.len(), 20_000);
        assert!(masked.iter().all(|m| m.len() == 10 && m.starts_with("c-")));
    }

    #[test]
    fn pseudonyms_do_not_change_between_releases() {
        assert_eq!(mask("42"), "c-2rechrha");
    }
}
