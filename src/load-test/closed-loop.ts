// SPDX-License-Identifier: Apache-2.0
import { type PoolPlan, type SchedulerKind, Simulation } from '../cluster/index.js';
import { type Core, loadCore } from '../core/index.js';
import type { StepModel } from '../cost/index.js';
import { listedRequests, type RequestLengths } from '../workload/index.js';

/** Users who each wait for an answer before they ask again, on one replica. */
export interface ClosedLoop {
  readonly users: number;
  /** Every request in the order of sending; the first ones are there at once, one a user. */
  readonly requests: readonly RequestLengths[];
  /** KV tokens that the replica holds; it always has room for one request. */
  readonly kvTokens: number;
  readonly scheduler: SchedulerKind;
  /** See `PoolPlan.reservedOutput`. */
  readonly reservedOutput: number;
  /** Tokens a step computes at most. */
  readonly maxBatchedTokens: number;
  readonly stepModel: StepModel;
}

/** Means over the requests of a closed loop, in simulated time. */
export interface LoopTimes {
  /** (last - first token) / (tokens - 1); requests of one token have none. */
  readonly tpotMs: number;
  /** From arrival at the engine to the first token. */
  readonly ttftMs: number;
  readonly preemptions: number;
}

const BLOCK_SIZE = 16;
const NS_PER_MS = 1e6;

/** Runs closed loops one after the other on one core, which is empty before each. */
export class ClosedLoopRunner {
  readonly #empty: Uint8Array;

  constructor(private readonly core: Core = loadCore()) {
    this.#empty = core.snapshot();
  }

  /**
   * Simulates every request to its end.
   * @throws RangeError for a loop without a user or a request.
   */
  run(loop: ClosedLoop): LoopTimes {
    const { users, requests } = loop;
    if (!(Number.isInteger(users) && users > 0 && requests.length > 0)) {
      const got = `${users} users and ${requests.length} requests`;
      throw new RangeError(`closed loop: needs a user and a request, got ${got}`);
    }
    this.core.restore(this.#empty);
    const simulation = new Simulation(this.core, {
      workload: listedRequests(requests),
      pools: [poolOf(loop)],
      poolOfModel: [0],
      timing: { mode: 'closed-loop', lanes: users, maxGapNs: Infinity, sessionsPerSecond: null },
    });
    simulation.advance();
    return timesOf(simulation);
  }
}

function poolOf(loop: ClosedLoop): PoolPlan {
  const { users, requests, kvTokens, scheduler, reservedOutput, maxBatchedTokens } = loop;
  let largest = 1;
  for (const { inputTokens, outputTokens } of requests) {
    largest = Math.max(largest, Math.ceil((inputTokens + outputTokens) / BLOCK_SIZE));
  }
  // No more than all users can fill: fewer blocks, or no reserve, are the same run sooner.
  const room = Math.floor(kvTokens / BLOCK_SIZE);
  const held = Math.min(room, users * largest);
  return {
    name: 'loop', replicas: 1, router: 'round-robin', overlapWeight: 1,
    stepModel: loop.stepModel, blockSize: BLOCK_SIZE,
    numGpuBlocks: Math.max(held, largest) + 1,
    maxSequences: users, maxBatchedTokens, prefixCaching: false, reserveFullPrompt: true,
    scheduler, reservedOutput: held < room ? 0 : reservedOutput,
  };
}

function timesOf({ turns, plan }: Simulation): LoopTimes {
  const { count } = plan.workload.turns;
  let [tpotNs, ttftNs, preemptions, timed] = [0, 0, 0, 0];
  for (let t = 0; t < count; t++) {
    ttftNs += turns.firstTokenNs[t] - turns.readyNs[t];
    preemptions += turns.preemptions[t];
    const tokens = turns.generated[t];
    if (tokens < 2) continue;
    tpotNs += (turns.finishNs[t] - turns.firstTokenNs[t]) / (tokens - 1);
    timed++;
  }
  const tpotMs = timed === 0 ? 0 : tpotNs / timed / NS_PER_MS;
  return { tpotMs, ttftMs: ttftNs / count / NS_PER_MS, preemptions };
}
