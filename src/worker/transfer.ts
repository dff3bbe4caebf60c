// SPDX-License-Identifier: Apache-2.0
import { transfer } from 'comlink';

/**
 * Buffers of all typed arrays in `value`, each once: what can be moved instead of copied.
 *
 * Shared buffers are left out. Views of wasm memory must be sliced beforehand, since that memory
 * can be neither moved nor cloned in part.
 */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const pending = [value];
  while (pending.length > 0) {
    const item = pending.pop();
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    seen.add(item);
    if (item instanceof ArrayBuffer) buffers.add(item);
    else if (ArrayBuffer.isView(item)) {
      if (item.buffer instanceof ArrayBuffer) buffers.add(item.buffer);
    } else if (item instanceof Map) pending.push(...item.keys(), ...item.values());
    else if (item instanceof Set) pending.push(...item);
    else pending.push(...Object.values(item));
  }
  return [...buffers];
}

/** Marks `result` so that comlink moves its buffers; they are detached on this side. */
export function transferResult<Result>(result: Result): Result {
  return transfer(result, buffersOf(result));
}
