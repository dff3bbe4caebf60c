// SPDX-License-Identifier: Apache-2.0
/** `kvloom conform` on numeric vectors: ours, the shared ones, other shapes, broken ones. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCore } from '../src/core/index.js';
import { conform, type ConformReport, type ConformTotals } from '../src/node/conform.js';
import { referenceEncodeBits } from '../src/numeric/reference/codec.js';
import { sharedData } from './support/data.js';

const ours = fileURLToPath(new URL('conformance/golden-num', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'kvloom-numeric-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Result extends ConformTotals {
  readonly reports: ConformReport[];
  readonly differences: string[];
}

async function run(folder: string, simd: 'on' | 'off' = 'on'): Promise<Result> {
  const checks = conform([folder], loadCore({ simd }));
  const reports: ConformReport[] = [];
  for (;;) {
    const next = await checks.next();
    if (next.done === true) {
      const differences = reports.flatMap(({ part, outcome }) =>
        outcome.status === 'failed'
          ? [`${part}: ${outcome.difference.what}: ` +
             `${outcome.difference.expected} | ${outcome.difference.got}`]
          : []);
      return { ...next.value, reports, differences };
    }
    reports.push(next.value);
  }
}

interface Entry {
  name: string;
  dtype: string;
  shape: unknown;
  offset: unknown;
  bytes?: unknown;
}
interface Manifest {
  endian?: string;
  files: Record<string, Entry[]>;
}

let folders = 0;

/** A copy of our vectors with the manifest changed, and files by name. */
function copyWith(
  change: (manifest: Manifest) => void,
  files: (read: (name: string) => Buffer) => Record<string, Uint8Array | null> = () => ({}),
): string {
  const folder = join(scratch, String(folders++));
  cpSync(ours, folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(ours, 'manifest.json'), 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const changed = files((name) => readFileSync(join(ours, name)));
  for (const [name, bytes] of Object.entries(changed)) {
    if (bytes === null) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** A folder with these arrays alone, in the order given and with gaps between. */
function folderOf(
  file: string,
  arrays: Record<string, { shape: number[]; data: Uint8Array | Float32Array }>,
): string {
  const folder = join(scratch, String(folders++));
  mkdirSync(folder);
  const entries: Entry[] = [];
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    const dtype = data instanceof Uint8Array ? 'uint8' : 'float32';
    entries.push({ name, dtype, shape, offset, bytes: data.byteLength });
    const room = Math.ceil((data.byteLength + 1) / 8) * 8;
    const part = Buffer.alloc(room, 0xee);
    part.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    parts.push(part);
    offset += room;
  }
  writeFileSync(join(folder, file), Buffer.concat(parts));
  const manifest: Manifest = { endian: 'little', files: { [file]: entries } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return folder;
}

const entry = (manifest: Manifest, file: string, name: string): Entry =>
  manifest.files[file].find((candidate) => candidate.name === name)!;

describe('numeric vectors', () => {
  it.each(['on', 'off'] as const)('ours, SIMD %s', async (simd) => {
    const { differences, passed, reports } = await run(ours, simd);
    expect(differences).toEqual([]);
    const parts = reports.filter(({ outcome }) => outcome.status === 'passed')
      .map(({ part }) => part);
    const manifest = JSON.parse(readFileSync(join(ours, 'manifest.json'), 'utf8')) as Manifest;
    for (const { name } of manifest.files['nvfp4.bin']) {
      expect(parts).toContain(`nvfp4.bin ${name.split('/')[0]}`);
    }
    for (const name of ['e4m3_satfinite', 'e4m3_mldtypes', 'e2m1_cuda', 'e2m1_te', 'ue4m3_ggml',
      'e2m1_mldtypes', 'e4m3_decode', 'e2m1_decode', 'sr_e2m1']) {
      expect(parts).toContain(`codec.bin ${name}`);
    }
    expect(parts.filter((part) => part.startsWith('kv.bin')).sort()).toEqual(
      ['affine4', 'affine8', 'fp8', 'ggml_nvfp4', 'mxfp4b16'].map((name) => `kv.bin ${name}`));
    expect(passed).toBeGreaterThanOrEqual(40);
  });

  const shared = sharedData('golden-num');
  it.skipIf(shared === null)('the shared ones', async () => {
    const { differences, passed } = await run(shared!);
    expect(differences).toEqual([]);
    expect(passed).toBeGreaterThanOrEqual(40);
  });

  it('codes of input_f32, of another count than bf16 has patterns', async () => {
    const bits = Uint32Array.from({ length: 70_001 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
    const codes = Uint8Array.from(bits, (word) => referenceEncodeBits(word, 'e2m1'));
    const input = new Float32Array(bits.buffer);
    const good = folderOf('codec.bin', {
      e2m1_cuda: { shape: [codes.length], data: codes },
      input_f32: { shape: [codes.length], data: input },
    });
    expect(await run(good)).toMatchObject({ passed: 1, failed: 0, skipped: 0 });
    const without = folderOf('codec.bin', { e2m1_cuda: { shape: [codes.length], data: codes } });
    expect((await run(without)).differences[0]).toMatch(/more codes than bf16 patterns/);
    const short = folderOf('codec.bin', {
      e2m1_cuda: { shape: [codes.length], data: codes },
      input_f32: { shape: [3], data: input.slice(0, 3) },
    });
    expect((await run(short)).differences[0]).toMatch(/70001 elements \| 3 elements/);
  });

  it('other shapes: an affine row, an empty tensor, another fp8 scale', async () => {
    const x = Float32Array.of(1, 2, 3, 4);
    const folder = folderOf('kv.bin', {
      'affine/x': { shape: [1, 4], data: x },
      'affine8/zero': { shape: [1], data: Float32Array.of(-85) },
      'affine8/scale': { shape: [1], data: Float32Array.of(3 / 255) },
      'affine8/q': { shape: [1, 4], data: Uint8Array.of(0, 85, 170, 255) },
      'fp8/q_scale0.5': { shape: [1, 4], data: Uint8Array.of(0x40, 0x48, 0x4c, 0x50) },
      'int3/q': { shape: [0], data: new Uint8Array(0) },
    });
    const { differences, passed, skipped } = await run(folder);
    expect(differences).toEqual([]);
    expect([passed, skipped]).toEqual([2, 1]);
  });

  it('a file of no kernel is skipped, another manifest is none of ours', async () => {
    const folder = folderOf('optimizer.bin', { m: { shape: [0], data: new Uint8Array(0) } });
    expect(await run(folder)).toMatchObject({ passed: 0, failed: 0, skipped: 1 });
    writeFileSync(join(folder, 'manifest.json'), '{"files":{"a.js":"sha256-0"}}');
    expect(await run(folder)).toMatchObject({ passed: 0, failed: 0, skipped: 0 });
  });
});

describe('a difference names case, array, index, expected and got', () => {
  it('codes', async () => {
    const folder = copyWith(() => {}, (read) => {
      const bytes = read('codec.bin');
      bytes[1000] ^= 1;
      return { 'codec.bin': bytes };
    });
    const { differences } = await run(folder);
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatch(/^codec\.bin e4m3_satfinite: e4m3_satfinite\[1000\]: \d+ \| /);
  });

  it('packed codes, scales, values and maxima of a tensor', async () => {
    const fields = ['packed', 'scale_linear', 'scale_128x4', 'dequant_te_f32', 's_enc'];
    for (const field of fields) {
      const folder = copyWith(() => {}, (read) => {
        const manifest = JSON.parse(read('manifest.json').toString()) as Manifest;
        const bytes = read('nvfp4.bin');
        bytes[Number(entry(manifest, 'nvfp4.bin', `te1d_rand_f32/${field}`).offset)] ^= 5;
        return { 'nvfp4.bin': bytes };
      });
      const { differences } = await run(folder);
      expect(differences).toHaveLength(1);
      expect(differences[0]).toMatch(new RegExp(`^nvfp4.bin te1d_rand_f32: ${field}\\[0\\]: `));
    }
  });
});

describe('broken folders fail with the place', () => {
  const cases: readonly [string, () => string, RegExp][] = [
    ['a cut file', () => copyWith(() => {}, (read) =>
      ({ 'kv.bin': read('kv.bin').subarray(0, 20_000) })), /kv\.bin: cut: .* ends at byte/],
    ['a missing file', () => copyWith(() => {}, () => ({ 'kv.bin': null })),
      /kv\.bin: no such file beside the manifest/],
    ['an unknown dtype', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine8/q').dtype = 'float16';
    }), /files\.kv\.bin\[\d+\]\.dtype: does not fit, got "float16" \(allowed: uint8/],
    ['another dtype', () => copyWith((manifest) => {
      Object.assign(entry(manifest, 'kv.bin', 'affine8/scale'), { dtype: 'int32' });
    }), /affine8\/scale: array of another type, got "int32"/],
    ['a negative offset', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine8/q').offset = -8;
    }), /offset: does not fit, got -8/],
    ['an offset beyond the end', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine8/q').offset = 2 ** 40;
    }), /cut: affine8\/q ends at byte/],
    ['a shape that is none', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine8/q').shape = [-1, 4];
    }), /shape: does not fit, got a list of 2/],
    ['bytes of another shape', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine8/q').bytes = 7;
    }), /bytes: does not fit, got 7 \(allowed: 4096 for shape 32 x 128\)/],
    ['a vector for a matrix', () => copyWith((manifest) => {
      entry(manifest, 'kv.bin', 'affine/x').shape = [4096];
    }), /affine\/x: must be a matrix, got "1 dimensions"/],
    ['a shape that no kernel takes', () => copyWith((manifest) => {
      Object.assign(entry(manifest, 'kv.bin', 'affine/x'), { shape: [4, 3], bytes: 48 });
    }), /cols: must be even with 4 bits/],
    ['an array that is missing', () => copyWith((manifest) => {
      const list = manifest.files['kv.bin'];
      list.splice(list.indexOf(entry(manifest, 'kv.bin', 'affine8/zero')), 1);
    }), /affine8\/zero: array is missing/],
    ['big endian', () => copyWith((manifest) => {
      manifest.endian = 'big';
    }), /endian: unknown byte order, got "big"/],
    ['a file elsewhere', () => copyWith((manifest) => {
      manifest.files['../kv.bin'] = manifest.files['kv.bin'];
      delete manifest.files['kv.bin'];
    }), /^$/],
  ];
  it.each(cases)('%s', async (_name, make, message) => {
    const { differences, skipped } = await run(make());
    if (message.source === '^$') {
      expect([differences, skipped > 0]).toEqual([[], true]);
      return;
    }
    expect(differences.join('\n')).toMatch(message);
  });

  it('a cut manifest', async () => {
    const folder = copyWith(() => {});
    writeFileSync(join(folder, 'manifest.json'), '{"endian":"little",\n"files":');
    expect((await run(folder)).differences[0]).toMatch(/cut or broken file/);
  });
});
