//! The module's allocator: a free list for each power of two. It is the only unsafe code here, and it is here because the
//! smallest allocators on offer cost a kilobyte more, which every reader would pay.
//!
//! The heap holds a few hundred short texts and one view. A block is as long as the next power of two and goes back to
//! the list it came from, so nothing is lost but what rounding takes, and memory grows no further than the most that was
//! ever in use of each size. Blocks are aligned to 16 bytes, more than any type here asks for.

#![allow(unsafe_code, reason = "GlobalAlloc is an unsafe trait, and its methods deal in raw addresses")]

use core::arch::wasm32::memory_grow;
use core::cell::Cell;
use core::ptr::null_mut;
use std::alloc::{GlobalAlloc, Layout};

/// The shortest block, 16 bytes, as a power of two.
const SHORTEST: u32 = 4;
/// A page of WebAssembly's memory, as a power of two.
const PAGE: u32 = 16;

/// Free blocks by the logarithm of their length. A free block begins with the address of the next one, null at the last.
pub(super) struct Pools {
    free: [Cell<*mut u8>; 32],
    /// Memory that was never in use, from `at` to `end`.
    at: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for Pools {}

impl Pools {
    pub(super) const fn new() -> Pools {
        Pools { free: [const { Cell::new(null_mut()) }; 32], at: Cell::new(0), end: Cell::new(0) }
    }

    /// The list for a layout, and the logarithm of its blocks' length. There always is one: no layout is longer than half
    /// of the address space.
    fn of(&self, layout: Layout) -> Option<(&Cell<*mut u8>, u32)> {
        let bits = layout.size().saturating_sub(1).checked_ilog2().map_or(0, |bits| bits.wrapping_add(1));
        let bits = if bits < SHORTEST { SHORTEST } else { bits };
        Some((self.free.get(bits as usize)?, bits))
    }
}

// SAFETY: a block is as long as its list says, which is no shorter than the layout; it is on its list or in use, never
// both; fresh blocks come from memory that only `memory_grow` gives out. Nothing here can unwind.
unsafe impl GlobalAlloc for Pools {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((list, bits)) = self.of(layout) else { return null_mut() };
        let block = list.get();
        if !block.is_null() {
            // SAFETY: a free block begins with the address of the next.
            list.set(unsafe { *block.cast() });
            return block;
        }
        let length = 1_usize << bits;
        if self.end.get().wrapping_sub(self.at.get()) < length {
            let pages = (length >> PAGE).wrapping_add(1);
            let grown = memory_grow::<0>(pages);
            if grown == usize::MAX {
                return null_mut();
            }
            // What was left is lost: less than the block that was asked for.
            self.at.set(grown << PAGE);
            self.end.set(grown.wrapping_add(pages) << PAGE);
        }
        let at = self.at.get();
        self.at.set(at.wrapping_add(length));
        at as *mut u8
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some((list, _)) = self.of(layout) {
            // SAFETY: the block is ours and free from now on.
            unsafe { *block.cast() = list.get() };
            list.set(block);
        }
    }
}
