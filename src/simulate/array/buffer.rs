//! Large buffers that are used again: memory that has never been touched is slow.

use std::sync::PoisonError;

use super::real::Real;

/// Buffers that nobody uses, in bytes at most.
const MOST: usize = 1 << 30;

/// Smaller buffers are left to the allocator, which keeps them itself.
const LEAST: usize = 1 << 16;

/// A buffer of so many numbers, whichever they are.
pub(crate) fn any<R: Real>(length: usize) -> Vec<R> {
    let mut buffer = taken(length).unwrap_or_default();
    buffer.truncate(length);
    buffer.reserve_exact(length - buffer.len());
    buffer.resize(length, R::zero());
    buffer
}

/// A buffer of zeros.
pub(crate) fn zeros<R: Real>(length: usize) -> Vec<R> {
    match taken(length) {
        Some(mut buffer) => {
            buffer.clear();
            buffer.resize(length, R::zero());
            buffer
        }
        None => vec![R::zero(); length],
    }
}

/// An empty buffer that has room for so many numbers.
pub(crate) fn empty<R: Real>(length: usize) -> Vec<R> {
    match taken(length) {
        Some(mut buffer) => {
            buffer.clear();
            buffer
        }
        None => Vec::with_capacity(length),
    }
}

/// A copy of numbers.
pub(crate) fn copy<R: Real>(numbers: &[R]) -> Vec<R> {
    let mut buffer = empty(numbers.len());
    buffer.extend_from_slice(numbers);
    buffer
}

/// The smallest unused buffer that has room, if there is one that is not much too large.
fn taken<R: Real>(length: usize) -> Option<Vec<R>> {
    if length * size_of::<R>() < LEAST {
        return None;
    }
    let mut pool = R::pool().0.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |buffer: &&Vec<R>| (length..=2 * length).contains(&buffer.capacity());
    let best = pool.iter().filter(fits).map(Vec::capacity).min()?;
    let place = pool.iter().position(|buffer| buffer.capacity() == best)?;
    Some(pool.swap_remove(place))
}

/// Leaves a buffer to others.
pub(crate) fn give<R: Real>(buffer: Vec<R>) {
    let bytes = |buffer: &Vec<R>| buffer.capacity() * size_of::<R>();
    if bytes(&buffer) < LEAST || bytes(&buffer) > MOST {
        return;
    }
    let mut pool = R::pool().0.lock().unwrap_or_else(PoisonError::into_inner);
    pool.push(buffer);
    while pool.iter().map(bytes).sum::<usize>() > MOST {
        drop(pool.remove(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_have_the_length_asked_for_whatever_was_in_them() {
        for length in [3, 20_000, 30_000, 20_001] {
            assert_eq!(zeros::<f64>(length), vec![0.0; length]);
            let mut buffer = any::<f64>(length);
            assert_eq!(buffer.len(), length);
            buffer.fill(1.0);
            give(buffer);
            assert!(empty::<f64>(length).is_empty());
            assert_eq!(copy(&[2.0_f64; 9000]), [2.0; 9000]);
        }
    }
}
