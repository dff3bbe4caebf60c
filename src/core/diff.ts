// SPDX-License-Identifier: Apache-2.0
/** What changed between two snapshots: which objects, and which of their bytes. */
import { KERNELS } from './integrity.js';

/** Bytes [from, to), as offsets in the memory of the instance. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

export interface ObjectChange {
  /** `pool`, `radix`, ...; `arena`: its header; `other`: buffers and free pieces. */
  readonly kernel: string;
  /** 0 for the arena and for what belongs to no object. */
  readonly handle: number;
  readonly change: 'made' | 'destroyed' | 'changed';
  /** Bytes that differ; those of a made or destroyed object are not counted. */
  readonly bytes: number;
  readonly ranges: readonly ByteRange[];
}

export interface SnapshotDiff {
  readonly equal: boolean;
  /** Bytes that differ in all, those by which one is longer included. */
  readonly bytes: number;
  /** In order of handles; the arena first, the rest last. */
  readonly objects: readonly ObjectChange[];
}

/** Where the words of a header lead: offsets of the fields, from the layouts in assembly/. */
interface Part {
  readonly at: number;
  /** Bytes, from the header. */
  readonly size: (field: (at: number) => number) => number;
}

interface Layout {
  readonly kernel: string;
  readonly header: number;
  readonly parts: readonly Part[];
}

/** Kernels whose parts are known. Of another one only the first 64 bytes are told apart. */
const LAYOUTS: Readonly<Record<number, Layout>> = {
  0x6b760102: {
    kernel: 'pool',
    header: 64,
    parts: [
      { at: 28, size: (field) => (field(8) + 1) * 16 },
      { at: 32, size: (field) => (field(20) === 0xffffffff ? (field(8) + 1) * 8 : 32) },
      { at: 36, size: (field) => (field(24) + 1) * 12 },
      { at: 40, size: (field) => field(44) * 32 },
    ],
  },
  0x6b760201: {
    kernel: 'radix',
    header: 164,
    parts: [
      { at: 16, size: (field) => field(20) * 64 },
      { at: 36, size: (field) => field(20) * 16 },
      { at: 44, size: (field) => field(20) * 16 },
      { at: 120, size: (field) => (field(120) === 0 ? 0 : field(20) * 40) },
      { at: 128, size: (field) => (field(128) === 0 ? 0 : field(20) * 4) },
      { at: 140, size: (field) => field(144) * 4 },
    ],
  },
  0x6b760601: {
    kernel: 'tier',
    header: 312,
    parts: [
      { at: 16, size: (field) => field(20) * 88 },
      { at: 40, size: (field) => field(20) * 8 },
      { at: 48, size: (field) => field(20) * 20 },
      { at: 52, size: (field) => field(56) * 24 },
      { at: 88, size: (field) => field(92) * 32 },
    ],
  },
  0x65766801: {
    kernel: 'heap',
    header: 48,
    parts: [{ at: 16, size: (field) => field(8) * 24 }],
  },
};

const ARENA_HEADER = 24 + 128 * 4;
const LIMIT_AT = 12;

/** A run of bytes that belongs to an object. */
interface Owned extends ByteRange {
  readonly handle: number;
}

/** One snapshot, read as words; offsets are those of the memory. */
class Image {
  readonly words: DataView;
  /** Handle -> kernel. */
  readonly objects = new Map<number, string>();
  readonly owned: Owned[] = [];

  constructor(bytes: Uint8Array, private readonly base: number) {
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const most = bytes.length >>> 5;
    let handle = this.word(base + 16);
    for (let i = 0; i < most && this.holds(handle, 8); i++) {
      if (this.objects.has(handle)) break;
      this.#add(handle);
      handle = this.word(handle + 4);
    }
    this.owned.sort((a, b) => a.from - b.from);
  }

  word(at: number): number {
    return this.words.getUint32(at - this.base, true);
  }

  holds(at: number, bytes: number): boolean {
    return at >= this.base && at + bytes <= this.base + this.words.byteLength;
  }

  #add(handle: number): void {
    const layout = LAYOUTS[this.word(handle)];
    const kind = (this.word(handle) >>> 8) & 255;
    this.objects.set(handle, layout?.kernel ?? KERNELS[kind]?.kernel ?? 'unknown');
    this.#own(handle, handle, layout?.header ?? 64);
    const field = (at: number): number => this.word(handle + at);
    for (const { at, size } of layout?.parts ?? []) {
      if (this.holds(handle, layout.header)) this.#own(handle, field(at), size(field));
    }
  }

  #own(handle: number, from: number, bytes: number): void {
    if (bytes > 0 && this.holds(from, bytes)) this.owned.push({ handle, from, to: from + bytes });
  }
}

/** Both must have been verified. */
export function diffSnapshots(a: Uint8Array, b: Uint8Array, base: number): SnapshotDiff {
  const before = new Image(a, base);
  const after = new Image(b, base);
  const changed = new Map<number, { bytes: number; ranges: ByteRange[] }>();
  let bytes = Math.abs(a.length - b.length);
  for (const range of differences(a, b, base)) {
    bytes += range.to - range.from;
    for (const piece of split(range, after.owned, base)) {
      const entry = changed.get(piece.handle) ?? { bytes: 0, ranges: [] };
      entry.bytes += piece.to - piece.from;
      entry.ranges.push({ from: piece.from, to: piece.to });
      changed.set(piece.handle, entry);
    }
  }
  const objects: ObjectChange[] = [];
  const handles = new Set([...before.objects.keys(), ...after.objects.keys()]);
  for (const handle of [...handles].sort((x, y) => x - y)) {
    const [was, is] = [before.objects.get(handle), after.objects.get(handle)];
    const entry = changed.get(handle);
    if (was !== undefined && was !== is) objects.push(gone(was, handle, 'destroyed'));
    if (is !== undefined && was !== is) objects.push(gone(is, handle, 'made'));
    else if (is !== undefined && entry !== undefined) {
      objects.push({ kernel: is, handle, change: 'changed', ...entry });
    }
  }
  const rest = (key: number, kernel: string): ObjectChange[] => {
    const entry = changed.get(key);
    return entry === undefined ? [] : [{ kernel, handle: 0, change: 'changed', ...entry }];
  };
  const all = [...rest(ARENA, 'arena'), ...objects, ...rest(OTHER, 'other')];
  return { equal: bytes === 0, bytes, objects: all };
}

const ARENA = -1;
const OTHER = -2;

function gone(kernel: string, handle: number, change: 'made' | 'destroyed'): ObjectChange {
  return { kernel, handle, change, bytes: 0, ranges: [] };
}

/** Runs of words that differ in the common part; `limit` is no state. */
function* differences(a: Uint8Array, b: Uint8Array, base: number): Generator<ByteRange> {
  const length = Math.min(a.length, b.length);
  let from = -1;
  for (let at = 0; at < length; at += 4) {
    const same = a[at] === b[at] && a[at + 1] === b[at + 1] && a[at + 2] === b[at + 2] &&
      a[at + 3] === b[at + 3];
    if (same || at === LIMIT_AT) {
      if (from >= 0) yield { from: base + from, to: base + at };
      from = -1;
    } else if (from < 0) from = at;
  }
  if (from >= 0) yield { from: base + from, to: base + length };
}

/** Cuts a range where owners change. `owned` is sorted and free of overlaps in a sound state. */
function* split(range: ByteRange, owned: readonly Owned[], base: number): Generator<Owned> {
  let { from } = range;
  const header = base + ARENA_HEADER;
  if (from < header) {
    const to = Math.min(range.to, header);
    yield { handle: ARENA, from, to };
    from = to;
  }
  let low = 0;
  let high = owned.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (owned[middle].to <= from) low = middle + 1;
    else high = middle;
  }
  for (let i = low; from < range.to; i++) {
    const next = owned[i];
    const start = Math.min(next?.from ?? range.to, range.to);
    if (from < start) {
      yield { handle: OTHER, from, to: start };
      from = start;
    }
    if (next === undefined || from >= range.to) continue;
    const to = Math.min(next.to, range.to);
    if (to > from) yield { handle: next.handle, from, to };
    from = Math.max(from, to);
  }
}
