// SPDX-License-Identifier: Apache-2.0
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RunRecords } from '../metrics/records.js';

/** A running SHA-256. A host that has a faster one than JavaScript can bring it. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  /** 32 bytes. */
  digest(): Uint8Array;
}

/**
 * Fingerprint of a run: SHA-256 over its config, its workload's name and every recorded column.
 * Two runs with the same digest recorded the same bytes. Columns are hashed in the order of their
 * names, each behind its name, in little-endian order.
 */
export function runDigest(
  spec: unknown,
  workload: string,
  records: RunRecords,
  hash: Sha256 = sha256.create(),
): string {
  hash.update(utf8ToBytes(`${JSON.stringify(spec)}\n${workload}\n`));
  for (const group of ['requests', 'sessions', 'replicas'] as const) {
    const columns = Object.entries(records[group]).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, column] of columns) {
      hash.update(utf8ToBytes(`${group}.${name}\n`));
      hash.update(ArrayBuffer.isView(column) ? littleEndian(column) : utf8ToBytes(`${column}\n`));
    }
  }
  return bytesToHex(hash.digest());
}

/** The machines that run JavaScript today are little-endian; refuse to print another digest. */
function littleEndian(view: ArrayBufferView): Uint8Array {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new Error('digest: big-endian machines are not supported');
  }
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
