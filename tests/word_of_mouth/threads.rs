//! The same question on so many threads.

#[cfg(feature = "parallel")]
pub(crate) fn in_threads(count: usize, answer: &(dyn Fn() -> String + Sync)) -> String {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
    pool.unwrap().install(answer)
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn in_threads(_count: usize, answer: &(dyn Fn() -> String + Sync)) -> String {
    answer()
}
