//! Work on many things at once, in an order that does not depend on chance.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Fewer things are not worth another thread.
const FEW: usize = 4;

/// The result of `work` for each item, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_with(items, || (), |(), item| work(item))
}

/// The same for items of which each is worth a thread.
#[cfg(feature = "cli")]
pub(crate) fn map_large<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_on(items.len(), items, || (), |(), item| work(item))
}

/// The same with something that each thread has of its own.
pub(crate) fn map_with<T: Sync, R: Send, W>(
    items: &[T],
    own: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &T) -> R + Sync,
) -> Vec<R> {
    map_on(items.len() / FEW, items, own, work)
}

/// The same on so many threads at most.
fn map_on<T: Sync, R: Send, W>(
    most: usize,
    items: &[T],
    own: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, &T) -> R + Sync,
) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(most);
    if threads <= 1 {
        let mut own = own();
        return items.iter().map(|item| work(&mut own, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let one_thread = || {
        let (mut done, mut own) = (Vec::new(), own());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else {
                return done;
            };
            done.push((at, work(&mut own, item)));
        }
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(one_thread)).collect();
        let mut results = one_thread();
        for other in others {
            match other.join() {
                Ok(done) => results.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        let twice = super::map(&items, |it| it * 2);
        assert!(twice.iter().enumerate().all(|(at, it)| *it == at * 2));
        assert_eq!(super::map(&items[..3], |it| it + 1), [1, 2, 3]);
        assert_eq!(
            super::map_on(3, &items[..3], || (), |(), it| it + 1),
            [1, 2, 3]
        );
    }
}
