// SPDX-License-Identifier: Apache-2.0
/** Names behind the numbers of assembly/integrity.ts. */

/** Kernels by number, and what their invariants are called. A new kernel is one row. */
export const KERNELS = [
  { kernel: 'arena', prefix: 'ARENA' },
  { kernel: 'pool', prefix: 'KV' },
  { kernel: 'radix', prefix: 'RX' },
  { kernel: 'heap', prefix: 'HEAP' },
  { kernel: 'mgr', prefix: 'KM' },
  { kernel: 'router', prefix: 'ROUTER' },
  { kernel: 'tier', prefix: 'TIER' },
] as const;

/** Answer of `Core.checkIntegrity`. */
export type Integrity =
  | { readonly ok: true }
  | {
    readonly ok: false;
    /** Prefix of the exports of the kernel that the broken object belongs to. */
    readonly kernel: string;
    /** As in docs/invariants.md: `KV-2`. */
    readonly invariant: string;
    /** The object; 0 when the arena itself is broken. */
    readonly handle: number;
  };

/** What `check_integrity` said. */
export function integrityOf(code: number, handle: number): Integrity {
  if (code === 0) return { ok: true };
  const { kernel, prefix } = KERNELS[code >> 8] ?? { kernel: `kernel ${code >> 8}`, prefix: '?' };
  return { ok: false, kernel, invariant: `${prefix}-${code & 255}`, handle };
}
