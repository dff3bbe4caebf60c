// SPDX-License-Identifier: Apache-2.0
/** Long runs of the fuzzer: shares, breaks, threads, and bugs found with sparse comparison. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BlockPool, loadCore } from '../../src/core/index.js';
import {
  Campaign, decodeProgram, fromHex, FUZZ_KINDS, parseState, poolTarget, PROGRAM_OPERATIONS, replay,
  runSpan, sharesOf, stateText,
} from '../../src/fuzz/index.js';
import type {
  CampaignSettings, FuzzFailure, FuzzKind, FuzzTarget, KindRecord,
} from '../../src/fuzz/index.js';
import { firstMissing, isRanges, sizeOf, withRange } from '../../src/fuzz/ranges.js';
import {
  kernelsDigest, localRunner, makeTargets, openRunner, readState, runCampaign, saveFailure,
} from '../../src/node/fuzz-campaign.js';
import type { CampaignOptions } from '../../src/node/fuzz-campaign.js';

const folder = mkdtempSync(join(tmpdir(), 'kvloom-campaign-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings: CampaignSettings = {
  kind: 'all', seed: 5, every: 64, strictOperations: 256, build: 'simd',
  kernels: kernelsDigest('simd'),
};
const data = { settings, build: settings.build };
const campaign = (
  operations: number,
  records: Record<string, KindRecord> = {},
  given = settings,
): Campaign => new Campaign(given, sharesOf(given.kind), operations, records);

function run(of: Campaign, options: Partial<CampaignOptions> = {}): Promise<void> {
  return runCampaign(of, {
    runners: [localRunner(data)],
    seconds: Infinity,
    state: null,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onFailure: () => undefined,
    ...options,
  });
}

describe('a campaign', () => {
  it('gives each kind its share, in whole programs', () => {
    const shared = campaign(1_000_000);
    expect(shared.operations).toBe(Math.ceil(1e6 / PROGRAM_OPERATIONS) * PROGRAM_OPERATIONS);
    const given = new Map<FuzzKind, number>();
    for (let job = shared.next(); job !== null; job = shared.next()) {
      given.set(job.kind, (given.get(job.kind) ?? 0) + job.to - job.from);
    }
    expect([...given.keys()].sort()).toEqual([...FUZZ_KINDS].sort());
    const unit = given.get('heap')! / sharesOf('all').heap!;
    for (const [kind, programs] of given) {
      expect(Math.abs(programs / sharesOf('all')[kind]! - unit)).toBeLessThan(1);
    }
    // However few operations, nobody goes without.
    expect(campaign(1).operations).toBe(FUZZ_KINDS.length * PROGRAM_OPERATIONS);
    expect(campaign(0).next()).toBeNull();
  });

  it('in parts comes to what one run comes to', async () => {
    const whole = campaign(30_000);
    await run(whole);
    expect(whole.done).toBe(whole.operations);
    const state = join(folder, 'parts.json');
    // A part that ends early, one that is interrupted, and the rest.
    await run(campaign(8_000), { state });
    const stop = new AbortController();
    const second = campaign(30_000, readState(state, settings));
    await run(second, { state, signal: stop.signal, onProgress: () => stop.abort() });
    expect(second.doneNow).toBeGreaterThan(0);
    expect(second.done).toBeLessThan(whole.done);
    const last = campaign(30_000, readState(state, settings));
    await run(last, { state });
    expect(last.doneNow).toBe(whole.done - second.done);
    expect(last.digest).toBe(whole.digest);
    expect(last.results().map(({ variants }) => variants))
      .toEqual(whole.results().map(({ variants }) => variants));
    expect(parseState(readFileSync(state, 'utf8'), state, settings)).toEqual(last.records());
  }, 60_000);

  it('on two threads comes to what one thread comes to', async () => {
    const [one, two] = [campaign(30_000), campaign(30_000)];
    await run(one);
    await run(two, { runners: [openRunner(data), openRunner(data)] });
    expect(two.digest).toBe(one.digest);
    expect(two.done).toBe(one.done);
  }, 60_000);

  it('every policy of the tree gets its turn', async () => {
    const radix = campaign(18 * PROGRAM_OPERATIONS, {}, { ...settings, kind: 'radix' });
    await run(radix);
    const counts = Object.values(radix.results()[0].variants);
    expect(counts).toEqual(Array<number>(9).fill(2 * PROGRAM_OPERATIONS));
  });
});

/** Forgets a touch now and then: nothing shows before the block is wanted again. */
class ForgetfulPool extends BlockPool {
  override touch(ids: ArrayLike<number>): void {
    if (ids.length !== 3 || ids[0] % 5 !== 2) super.touch(ids);
  }
}

const forgetful = (): FuzzTarget =>
  poolTarget(loadCore(), (core, options) => new ForgetfulPool(core, options));

describe('sparse comparison', () => {
  const find = (every: number): FuzzFailure => {
    const { failure } = runSpan(forgetful(), { seed: 1, every, strictOperations: 0 }, 0, 1000);
    expect(failure).not.toBeNull();
    return failure!;
  };

  it('finds what strict comparison finds, and shrinks it to the same program', () => {
    const strict = find(1);
    expect(find(64)).toEqual(strict);
    expect(find(1000)).toEqual(strict);
    expect(strict.operations).toBeLessThanOrEqual(6);
    // The last operation is the one that went wrong, not the one where it showed later.
    expect(strict.message).toContain(`operation ${strict.operations}: references of block`);
    const { body } = decodeProgram(fromHex(strict.program)!);
    expect(replay(forgetful(), body)?.message).toBe(strict.message);
  }, 60_000);

  it('a failure ends its kind, the others go on; it is saved as a program', async () => {
    const targets = makeTargets('simd');
    const make = (kind: FuzzKind): FuzzTarget => (kind === 'pool' ? forgetful() : targets(kind));
    const broken = campaign(40_000);
    const failures: [FuzzKind, FuzzFailure][] = [];
    await run(broken, {
      runners: [localRunner(data, make)],
      onFailure: (kind, failure) => failures.push([kind, failure]),
    });
    expect(failures.map(([kind]) => kind)).toEqual(['pool']);
    const [, failure] = failures[0];
    for (const { kind, failure: found, operations } of broken.results()) {
      expect(found, kind).toEqual(kind === 'pool' ? failure : null);
      if (kind !== 'pool') expect(operations).toBeGreaterThan(0);
    }
    const file = saveFailure(folder, settings, 'pool', failure);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      kind: 'pool', seed: 5, build: 'simd', every: 1, program: failure.program,
      message: failure.message,
    });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    // The program that failed is not done: another call comes upon it again.
    const again = campaign(40_000, broken.records());
    await run(again, { runners: [localRunner(data, make)] });
    expect(again.results()[0].failure).toEqual(failure);
  }, 60_000);
});

describe('the state of a campaign', () => {
  it('is read back as it was written, and refused for other settings', () => {
    const text = stateText(settings, campaign(1).records());
    expect(parseState(text, 'f', settings)).toEqual(campaign(1).records());
    expect(() => parseState(text, 'f', { ...settings, kernels: '00' }))
      .toThrow(/^f: settings\.kernels: .*other settings.*got "[0-9a-f]{16}" \(allowed: 00\)/);
    expect(() => parseState(text.slice(0, -9), 'f', settings)).toThrow('f: broken state');
  });

  it('keeps programs as runs', () => {
    expect(withRange([[0, 4], [8, 9]], [4, 8])).toEqual([[0, 9]]);
    expect(withRange([[5, 6]], [0, 2])).toEqual([[0, 2], [5, 6]]);
    expect(sizeOf([[0, 2], [5, 6]])).toBe(3);
    expect(firstMissing([[0, 2], [5, 6]], 0, 10, 32)).toEqual([2, 5]);
    expect(firstMissing([[0, 2], [5, 6]], 0, 10, 2)).toEqual([2, 4]);
    expect(firstMissing([[0, 2]], 0, 2, 32)).toBeNull();
    expect(firstMissing([], 0, Infinity, 32)).toEqual([0, 32]);
    expect(isRanges([[0, 2], [5, 6]])).toBe(true);
    for (const bad of [7, [[2, 2]], [[0, 5], [4, 6]], [[0, 1.5]], [[0]], ['x']]) {
      expect(isRanges(bad)).toBe(false);
    }
  });
});
