// SPDX-License-Identifier: Apache-2.0
import type { PointParts } from './point-parts.js';
import type { ServingScales, Tpot } from './tpot.js';

/** HTTP, tokeniser and scheduler before a prompt runs, us: docs/validation.md, TTFT. */
const FRONT_US: Readonly<Record<PointParts['engine'], number>> = {
  vllm: 10_000, trtllm: 80_000, sglang: 180_000,
};
/** Launches of a prefill outside of graphs, us a layer and chunk: 800 to 1,200 there. */
const EAGER_US = 1000;
/** Rounds that every user of the public benchmark goes through; the first is a burst. */
export const ROUNDS = 10;

/** One prompt, us. */
function promptUs({ prefill }: PointParts, scales: ServingScales): number {
  const { gemm, attention, experts, comm, glue, fixed } = prefill;
  return scales.prefill * (gemm + attention + experts + comm + glue + fixed);
}

/** What a first token waits for beside the steps of a simulation: front end, eager launches, us. */
export function unsimulatedUs(parts: PointParts, scales: ServingScales): number {
  const { engine, chunks, layers } = parts;
  const eager = Math.max(0, EAGER_US * layers * chunks - promptUs(parts, scales));
  return FRONT_US[engine] + eager;
}

/**
 * Mean time to the first token, us; an order of magnitude. Front end, half a step that runs, the
 * own prompt, prompts that came at the same time (the burst of the first of ten rounds), and, for
 * users above the KV cap, the queue by Little's law.
 */
export function ttft(parts: PointParts, scales: ServingScales, { us, decodeUs }: Tpot): number {
  const { engine, chunks, layers, resident, wanted, osl } = parts;
  const work = promptUs(parts, scales);
  const prompt = Math.max(work, EAGER_US * layers * chunks);
  const burst = ((resident - 1) * work) / 2 / ROUNDS;
  const life = prompt + osl * us;
  const queue = ((wanted - resident) / resident) * life;
  return FRONT_US[engine] + decodeUs / 2 + prompt + burst + queue;
}
