//! An allocator that counts, for each thread by itself, because tests run side by side.
//!
//! A binary that wants to measure says `#[global_allocator] static ALLOCATOR: Counting = Counting;`.

// The trait of the standard library is unsafe; nothing is done here but to hand on to the system's allocator.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator with a counter.
pub struct Counting;

fn change(by: isize) {
    // While a thread ends its cells are gone; nobody measures then.
    let _ = NOW.try_with(|now| {
        now.set(now.get().wrapping_add(by));
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(now.get())));
    });
}

fn size(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}

// SAFETY: everything is handed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        change(size(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        change(size(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        change(-size(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        change(size(new_size));
        change(-size(layout.size()));
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

/// The most memory that was taken on this thread at any time while `run` ran, on top of what was taken before.
pub fn peak<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = NOW.with(Cell::get);
    PEAK.with(|peak| peak.set(before));
    let result = run();
    let most = PEAK.with(Cell::get).saturating_sub(before);
    (result, usize::try_from(most).unwrap_or(0))
}

/// What reading an input of so many bytes may take at the most.
pub fn allowed(bytes: usize) -> usize {
    bytes.saturating_mul(64).saturating_add(2 << 20)
}
