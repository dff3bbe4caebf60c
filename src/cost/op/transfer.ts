// SPDX-License-Identifier: Apache-2.0
/** A link or storage path, one direction. */
export interface Path {
  /** Time before the first byte, us. */
  readonly latencyUs: number;
  /** Peak, bytes/s. */
  readonly bytesPerS: number;
  /** Share of the peak that large transfers reach, 0..1. */
  readonly share: number;
  /** Transfers that the path carries at a time; latencies of those overlap. */
  readonly inFlight: number;
}

function check(name: string, value: number, least: number): void {
  if (!(value >= least && value < Infinity)) {
    throw new RangeError(`${name} must be >= ${least}, got ${value}`);
  }
}

/**
 * Moves `bytes` in `pieces` (KV blocks, layers), us: `latency*ceil(pieces/inFlight) + bytes/rate`.
 * No bytes take no time.
 * @throws RangeError for negative or infinite sizes.
 */
export function transferUs(path: Path, bytes: number, pieces = 1): number {
  check('bytes', bytes, 0);
  check('pieces', pieces, 1);
  check('inFlight', path.inFlight, 1);
  if (bytes === 0) return 0;
  const rounds = Math.ceil(pieces / path.inFlight);
  return path.latencyUs * rounds + bytes / (path.bytesPerS * path.share * 1e-6);
}

/** What moves a prompt's KV cache from a prefill to a decode replica. */
export interface KvTransfer {
  readonly path: Path;
  /** Tokens whose KV moves. */
  readonly tokens: number;
  readonly bytesPerToken: number;
  readonly layers: number;
  /** Time that prefill takes for a layer, us: a layer's KV leaves while the next one computes. */
  readonly layerUs: number;
}

/**
 * Time that the transfer adds behind prefill, us. Sent layer by layer, only the last layer is never
 * hidden; the others are as far as the path keeps up with prefill.
 */
export function kvTransferUs(transfer: KvTransfer): number {
  const { path, tokens, bytesPerToken, layers, layerUs } = transfer;
  check('layers', layers, 1);
  const one = transferUs(path, (tokens * bytesPerToken) / layers);
  return one + Math.max(0, one - layerUs) * (layers - 1);
}

/** Reads cached blocks from a tier below HBM, us: every block is a request of its own. */
export function tierReadUs(path: Path, blocks: number, blockBytes: number): number {
  if (blocks === 0) return 0;
  return transferUs(path, blocks * blockBytes, blocks);
}
