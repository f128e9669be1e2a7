//! Columns in chunks of fixed size, on as many threads as there are, results in order.

use super::Precision;

/// Rows per chunk: small enough to share out, large enough that sums of chunks cost nothing. Fixed, so that sums do not
/// depend on the number of threads.
pub(super) const CHUNK: usize = 16_384;

/// `work` on each chunk number, results in order.
pub(super) fn each_chunk<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if count > 1 && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        return (0..count).into_par_iter().map(work).collect();
    }
    (0..count).map(work).collect()
}

/// `work` on each chunk of `out` with its number, results in order.
pub(super) fn each_chunk_of<T: Precision, R: Send>(
    out: &mut [T],
    work: impl Fn(usize, &mut [T]) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if out.len() > CHUNK && rayon::current_num_threads() > 1 {
        use rayon::prelude::*;
        return out
            .par_chunks_mut(CHUNK)
            .enumerate()
            .map(|(chunk, out)| work(chunk, out))
            .collect();
    }
    out.chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, out)| work(chunk, out))
        .collect()
}
