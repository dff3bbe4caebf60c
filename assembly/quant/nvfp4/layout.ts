// SPDX-License-Identifier: Apache-2.0
/**
 * Places of block scales: row by row, or in the 128x4 tiles that tensor cores read.
 *
 * ```
 *  tile of 128 rows x 4 scales, 512 bytes; tiles row by row of tiles
 *  byte   (row % 32) * 16 + (row % 128 / 32) * 4 + scale % 4      unused bytes are 0
 * ```
 */
import { inMemory } from "../../arena";
import { BAD_ARGUMENT, OK } from "../../status";
import { apart } from "../codec";

/** Bytes of rows x blocks scales. */
export function layoutBytes(rows: u32, blocks: u32, swizzled: bool): u64 {
  if (!swizzled) return <u64>rows * blocks;
  return ((<u64>rows + 127) & ~127) * ((<u64>blocks + 3) & ~3);
}

/** Offset of scale (row, block) in 128x4 tiles. */
// @ts-ignore: decorator
@inline
export function swizzledAt(row: u32, block: u32, blocks: u32): usize {
  const tile = (row >> 7) * ((blocks + 3) >> 2) + (block >> 2);
  const inside = ((row & 31) << 4) + (((row & 127) >> 5) << 2) + (block & 3);
  return (<usize>tile << 9) + <usize>inside;
}

/** Copies rows x blocks scales from linear to 128x4 order, or with `back` the other way. */
export function nvfp4_swizzle(from: usize, rows: u32, blocks: u32, to: usize, back: u32): i32 {
  const bytes = layoutBytes(rows, blocks, back != 0);
  const outBytes = layoutBytes(rows, blocks, back == 0);
  if (!inMemory(from, bytes) || !inMemory(to, outBytes)) return BAD_ARGUMENT;
  if (!apart(from, bytes, to, outBytes)) return BAD_ARGUMENT;
  if (outBytes == 0) return OK;
  if (!back) memory.fill(to, 0, <usize>outBytes);
  for (let row: u32 = 0; row < rows; row++) {
    for (let block: u32 = 0; block < blocks; block++) {
      const linear = <usize>(row * blocks + block);
      const tiled = swizzledAt(row, block, blocks);
      if (back) store<u8>(to + linear, load<u8>(from + tiled));
      else store<u8>(to + tiled, load<u8>(from + linear));
    }
  }
  return OK;
}
