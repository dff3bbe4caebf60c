// SPDX-License-Identifier: Apache-2.0
/** Routing of DeepSeek-V3 (expert-router), expert-layout and expert-placement. */
import type { NumericCore } from '../../numeric/index.js';
import { expectStatus } from '../case.js';
import type { BenchTask } from '../case.js';
import type { NumericCase } from './case.js';
import { bytesOf, checksumOf, Floats, place, SEED } from './inputs.js';

const { fround } = Math;
const EXPERTS = 256;
const TOP = 8;
const GROUPS = 8;
const KEPT = 4;
const GROUPED = 3;
const RENORMALISE = 1;
/** Scorings: of logits, or scores as given. */
const SIGMOID = 0;
const GIVEN = 3;

const idle = (): void => {};

function route(core: NumericCore, scoring: number, tokens: number): BenchTask {
  const floats = new Floats(SEED);
  const draw = scoring === GIVEN ? () => floats.uniform() : () => fround(floats.normal() * 1.5);
  const rows = place(core, Float32Array.from({ length: tokens * EXPERTS }, draw));
  const tenth = fround(0.1);
  const noise = Float32Array.from({ length: EXPERTS }, () => fround(floats.normal() * tenth));
  const bias = place(core, noise);
  const ids = core.take(tokens * TOP * 4);
  const weights = core.take(tokens * TOP * 4);
  const { moe_route } = core.exports;
  const run = (): void => {
    const status = moe_route(
      GROUPED, scoring, rows, tokens, EXPERTS, TOP, bias, GROUPS, KEPT, 2.5, RENORMALISE, 0, 1,
      ids, weights, 0, 0,
    );
    expectStatus('moe_route', status);
  };
  const bytes = tokens * TOP * 4;
  const check = (): number =>
    checksumOf(bytesOf(core, ids, bytes), bytesOf(core, weights, bytes));
  return { units: tokens, setup: idle, run, check };
}

/** Slots of 512 tokens brought into blocks of 64 an expert. */
function align(core: NumericCore, tokens: number, block: number): BenchTask {
  const floats = new Floats(SEED);
  const slots = tokens * TOP;
  const ids = Int32Array.from({ length: slots }, () => floats.random.below(EXPERTS));
  const at = place(core, ids);
  const { moe_align_cap, moe_align } = core.exports;
  const cap = moe_align_cap(tokens, TOP, EXPERTS, block, 0) >>> 0;
  const sorted = core.take(cap * 4);
  const owners = core.take(Math.ceil(cap / block) * 4);
  core.reserve(1 << 20);
  const run = (): void => {
    const used = moe_align(at, tokens, TOP, EXPERTS, block, 0, 0, sorted, owners);
    expectStatus('moe_align', used);
  };
  const check = (): number => checksumOf(bytesOf(core, sorted, cap * 4));
  return { units: tokens, setup: idle, run, check };
}

const SLOTS = 288;
const NODES = 4;
const GPUS = 32;

function place288(core: NumericCore, layers: number): BenchTask {
  const floats = new Floats(SEED);
  const hundredth = fround(0.01);
  const load = (): number => fround(1 / fround(floats.uniform() + hundredth));
  const weights = place(core, Float32Array.from({ length: layers * EXPERTS }, load));
  const sizes = [SLOTS * 4, SLOTS * 4, EXPERTS * 4];
  const outs = Array.from({ length: layers }, () => sizes.map((bytes) => core.take(bytes)));
  const { eplb_rebalance } = core.exports;
  core.reserve(1 << 20);
  const run = (): void => {
    outs.forEach(([phy2log, ranks, counts], layer) => {
      const at = weights + layer * EXPERTS * 4;
      const status = eplb_rebalance(
        at, EXPERTS, SLOTS, GROUPS, NODES, GPUS, phy2log, ranks, counts,
      );
      expectStatus('eplb_rebalance', status);
    });
  };
  const check = (): number =>
    checksumOf(...outs.flatMap((at) => at.map((from, i) => bytesOf(core, from, sizes[i]))));
  return { units: layers, setup: idle, run, check };
}

const NONE = { bytes: null, bars: [] } as const;
const TOKENS = 1024;
const LAYERS = 8;

export const moeCases: readonly NumericCase[] = [
  {
    ...NONE, id: 'moe.route', kernel: 'expert-router',
    title: 'top 8 of 256, 4 of 8 groups, scores given', unit: 'token',
    native: { name: 'moe.route', sides: ['native', 'avx2'] }, parameters: { tokens: TOKENS },
    prepare: (core) => route(core, GIVEN, TOKENS),
    bars: [{ against: 'native', least: 1 }],
  },
  {
    ...NONE, id: 'moe.route-sigmoid', kernel: 'expert-router', title: 'the same from logits',
    unit: 'token', parameters: {}, prepare: (core) => route(core, SIGMOID, TOKENS),
    quoted: 'torch 0.214, numpy 0.179',
  },
  {
    ...NONE, id: 'moe.align', kernel: 'expert-layout', title: '512 tokens, blocks of 64',
    unit: 'token', parameters: {}, prepare: (core) => align(core, 512, 64),
  },
  {
    ...NONE, id: 'moe.eplb', kernel: 'expert-placement',
    title: '256 experts, 288 slots, 32 GPUs on 4 nodes', unit: 'layer',
    native: { name: 'moe.eplb', sides: ['native'] }, parameters: { layers: LAYERS },
    prepare: (core) => place288(core, LAYERS),
  },
];
